"""Runs rules over the examples that stand in rules: whole files, compiled as any other, with the wrong lines marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp

from schemactl import lint, module, scan, shard
from schemactl.build import build
from schemactl.errors import ConfigError
from schemactl.finding import Finding
from schemactl.judged import Judged
from schemactl.module import Schema
from schemactl.rule import Rule
from schemactl.texts import Sources
from schemactl.tree.flaw import unsafe
from schemactl.wellknown import provide

Provide = Callable[[str], bytes | None]
NAME = "acme/example/v1/example.proto"
_MARK = re.compile(r"[ \t]*//[ \t]*error[ \t]*\r?$", re.MULTILINE)
_FILE = re.compile(r"^// file: (\S+)\n", re.MULTILINE)


def split(example: str) -> dict[str, str]:
    """The files of an example by their path: what stands before the first `// file: PATH` is one of its own."""
    first, *rest = _FILE.split(example)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    if bad := [path for path in files if unsafe(path)]:
        raise ConfigError(f"an example calls a file `{bad[0]}`", "give it a path like `acme/users/v1/user.proto`")
    return {NAME: first, **files} if first.strip() else files


def line_of(example: str, path: str, line: int) -> int:
    """Where in the example a line of one of its files stands."""
    start = next((found.end() for found in _FILE.finditer(example) if found[1] == path), 0)
    return example.count("\n", 0, start) + line


def marked(files: Mapping[str, str]) -> set[tuple[str, int]]:
    """The lines, by path and number, that end in `// error`."""
    lines = ((path, n, line) for path, text in files.items() for n, line in enumerate(text.split("\n"), 1))
    return {(path, n) for path, n, line in lines if _MARK.search(line)}


def compiled(files: Mapping[str, str], workspace: Path, more: Provide = provide) -> Judged:
    """The files with their imports, of what comes with the tool and what `more` finds; or what is wrong with them."""
    texts = {path: _MARK.sub("", text).encode("utf-8", "surrogateescape") for path, text in files.items()}
    imports: dict[str, bytes] = {}
    pending = [name for text in texts.values() for name in scan.imports(text)]
    while pending:
        name = pending.pop()
        found = None if name in texts or name in imports else provide(name) or more(name)
        if found is not None:
            imports[name] = found
            pending += scan.imports(found)
    sources = Sources(texts, imports, {name: name for name in (*texts, *imports)})
    built = build(sources, Path(mkdtemp(dir=workspace)))
    if built.problems:
        return Judged(problems=built.problems)
    records = {name: shard.decoded(record) for name, record in built.records.items()}
    return Judged(Schema(sorted(texts), sources, lambda names: built.image), records)


def judge(done: Judged, rules: Iterable[Rule]) -> list[Finding]:
    """What the rules find in a schema that compiles."""
    rules = list(rules)
    alone = [rule for rule in rules if rule.check and rule.scope == "all"]
    outlines = {name: record.outline for name, record in done.records.items()}
    over_files = [rule for rule in rules if rule.files_check]
    return [
        *(finding for file in done.schema.image(()).files() for finding in lint.judge_file(file, alone)),
        *module.judge_files(outlines, done.schema.targets, lambda path: 0, [over_files]),
        *module.judge_events(done.schema, rules),
    ]
