"""The check of a declared rule on packages: its expressions on what is kept of a package's files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemactl.celtext import stand_in
from schemactl.declaredcheck import Expressions, Places, Texts, Verdict
from schemactl.outline import Files, Outline
from schemactl.rule import Context, FileHit, FilesCheck
from schemactl.schema import schema

_FILE = "schemactl.File"


def of_package(texts: Texts, places: Places) -> FilesCheck:
    expressions = Expressions("package", texts, places)

    def check(files: Files, context: Context) -> Iterable[FileHit]:
        packages: dict[str, list[Outline]] = {}
        for outline in files.judged:
            packages.setdefault(outline.package, []).append(outline)
        hits: dict[tuple[str, str], FileHit] = {}
        for package, outlines in packages.items():
            seen = [_seen(outline) for outline in outlines]
            values = {stand_in("package"): package, "full_name": package, "files": seen, "params": dict(context.params)}
            for verdict in expressions.verdicts(values):
                hit = _hit(package, outlines, verdict, "each" in texts)
                hits.setdefault((hit.file.path, hit.message), hit)
        return hits.values()

    return check


def _hit(package: str, outlines: list[Outline], verdict: Verdict, each: bool) -> FileHit:
    """At the package statement of the first file; of the file that the item is, if it is one."""
    name = verdict.item.path if _is_file(verdict.item) else ""
    file = next((outline for outline in outlines if outline.path == name), outlines[0])
    key = f"{file.path.rpartition('/')[2]}\0{verdict.message}" if name else verdict.message if each else ""
    return FileHit(file, verdict.message, file.package_at, verdict.help, package, key)


def _is_file(item: Any) -> bool:
    descriptor = getattr(item, "DESCRIPTOR", None)
    return descriptor is not None and descriptor.full_name == _FILE


def _seen(outline: Outline) -> Any:
    """What is kept of a file, as expressions see it."""
    file = schema().message(_FILE)(
        name=outline.name,
        path=outline.path,
        imports=[each.name for each in outline.imports],
        declares=[symbol for symbol in outline.symbols if not symbol.startswith("+")],
    )
    for name, option in outline.options.items():
        field = file.options.DESCRIPTOR.fields_by_name[name]
        setattr(file.options, name, option.value == "true" if field.type == field.TYPE_BOOL else option.value)
    return file
