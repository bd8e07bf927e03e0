"""Runs rules over examples: files as they stand in a rule, compiled and judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemactl import catalogue
from schemactl.examples import compiled as built
from schemactl.examples import judge, marked, split
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.judged import Judged
from schemactl.rule import Rule

__all__ = ["EVENTS", "OPTIONS", "RULES", "compiled", "found", "judge", "marked", "one", "places", "schema", "split"]

RULES = catalogue.catalogue()
EVENTS = [rule for rule in RULES.values() if "events" in rule.categories]
OPTIONS = 'import "schemactl/v1/options.proto";'


def compiled(files: Mapping[str, str], workspace: Path) -> Image:
    return schema(files, workspace).schema.image(())


def schema(files: Mapping[str, str], workspace: Path) -> Judged:
    done = built(files, workspace)
    assert not done.problems, done.problems
    return done


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
