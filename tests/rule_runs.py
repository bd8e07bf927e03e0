"""Runs rules over examples: files as they stand in a rule, compiled and judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from schemactl import catalogue, lint, module, shard
from schemactl.build import build
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.judged import Judged
from schemactl.module import Schema
from schemactl.rule import Rule
from schemactl.texts import Sources
from schemactl.wellknown import provide

RULES = catalogue.catalogue()
EVENTS = [rule for rule in RULES.values() if "events" in rule.categories]
MARKER = re.compile(r"[ \t]*// error$", re.MULTILINE)
FILE = re.compile(r"^// file: (\S+)\n", re.MULTILINE)
OPTIONS = 'import "schemactl/v1/options.proto";'


def split(example: str) -> dict[str, str]:
    """The files of an example by their path."""
    first, *rest = FILE.split(example)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    return {"acme/example/v1/example.proto": first, **files} if first.strip() else files


def marked(files: Mapping[str, str]) -> set[tuple[str, int]]:
    lines = ((path, n, line) for path, text in files.items() for n, line in enumerate(text.split("\n"), 1))
    return {(path, n) for path, n, line in lines if MARKER.search(line)}


def compiled(files: Mapping[str, str], workspace: Path) -> Image:
    return schema(files, workspace).schema.image(())


def schema(files: Mapping[str, str], workspace: Path) -> Judged:
    texts = {path: MARKER.sub("", text).encode() for path, text in files.items()}
    imports: dict[str, bytes] = {}
    pending = [name for text in files.values() for name in re.findall(r'^import "(.*)";$', text, re.MULTILINE)]
    while pending:
        name = pending.pop()
        if name not in texts and name not in imports:
            imports[name] = text = provide(name) or b""
            pending += re.findall(r'^import "(.*)";$', text.decode(), re.MULTILINE)
    sources = Sources(texts, imports, {name: name for name in (*texts, *imports)})
    built = build(sources, Path(mkdtemp(dir=workspace)))
    assert not built.problems, built.problems
    return Judged(
        Schema(sorted(texts), sources, lambda names: built.image),
        {name: shard.decoded(record) for name, record in built.records.items()},
    )


def judge(done: Judged, rules: Iterable[Rule]) -> list[Finding]:
    rules = list(rules)
    alone = [rule for rule in rules if rule.check and rule.scope == "all"]
    outlines = {name: record.outline for name, record in done.records.items()}
    return [
        *(finding for file in done.schema.image(()).files() for finding in lint.judge_file(file, alone)),
        *module.judge_files(
            outlines, done.schema.targets, lambda path: 0, [[rule for rule in rules if rule.files_check]]
        ),
        *module.judge_events(done.schema, rules),
    ]


def found(example: str, workspace: Path, *rules: Rule) -> list[Finding]:
    return judge(schema(split(example), workspace), rules or EVENTS)


def one(example: str, workspace: Path, rule: str, **params: Any) -> Finding:
    chosen = catalogue.with_params(RULES[rule], params, "params")
    (finding,) = found(example, workspace, chosen)
    return finding


def places(findings: list[Finding]) -> set[tuple[str, int]]:
    return {(finding.location.path, finding.location.line) for finding in findings if finding.location}


SHARED = """
// file: shared/event_type.proto
syntax = "proto3";
package shared;
enum EventType { EVENT_TYPE_UNSPECIFIED = 0; }
"""


def envelope(*fields: str, package: str = "users", head: str = "", before: str = "", name: str = "UserEnvelope") -> str:
    return (
        "\n".join(
            [
                'syntax = "proto3";',
                f"package {package};" if package else "",
                'import "google/protobuf/timestamp.proto";',
                'import "shared/event_type.proto";',
                OPTIONS,
                before,
                "message User { string id = 1; Address address = 2; repeated string tags = 3; bool active = 4;",
                "  map<string, string> labels = 5; shared.EventType last = 6; double score = 7; }",
                "message Address { string zip_code = 1; }",
                f"message {name} {{",
                head,
                *fields,
                "}",
            ]
        )
        + SHARED
    )


FIELDS = {
    "event_uuid": "string event_uuid = 1;",
    "occurred_at": "google.protobuf.Timestamp occurred_at = 2;",
    "event_type": "shared.EventType event_type = 3;",
    "payload": "User payload = 4;",
    "prev_payload": "User prev_payload = 5;",
}


def standard(**changes: str) -> list[str]:
    return list({**FIELDS, **changes}.values())


def topic(name: str, key: str = "", package: str = "acme.users.v1") -> str:
    option = f'option (schemactl.v1.topic) = {{name: "{name}" key: "{key}"}};'
    return envelope(*standard(), head=option, package=package)


def topics(*names: str, package: str = "acme.things.v1") -> str:
    options = "\n".join(
        f'message M{n} {{}} message M{n}Envelope {{ option (schemactl.v1.topic).name = "{name}"; M{n} payload = 4; }}'
        for n, name in enumerate(names)
    )
    return f'syntax = "proto3"; package {package};\n{OPTIONS}\n{options}'
