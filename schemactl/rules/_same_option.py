"""The check of rules that want one value of a file option in all files of a package."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemactl.outline import Files, Option, Outline, Statement
from schemactl.rule import Context, FileHit, FilesCheck
from schemactl.rules._groups import grouped, listed, package, quoted

_UNSET = Option("", Statement())


def same(option: str, moves: str) -> FilesCheck:
    """`moves` is what becomes different in the code of a file whose value changes."""

    def check(files: Files, context: Context) -> Iterator[FileHit]:
        for name, group in grouped(files.judged, package).items():
            values = {file.options.get(option, _UNSET).value for file in group}
            if len(values) > 1:
                where = f"of package {quoted(name)}" if name else "without a package"
                message = f"all files {where} should have the same `{option}`, not {_values(values)}"
                help = f"set one value in all of them; where it changes, so {moves}"
                yield from (FileHit(file, message, _at(file, option), help) for file in group)

    return check


def _values(values: Collection[str]) -> str:
    return listed([value for value in values if value], *(["no value"] if "" in values else []))


def _at(file: Outline, option: str) -> Statement:
    return file.options.get(option, _UNSET).at
