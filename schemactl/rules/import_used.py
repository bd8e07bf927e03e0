"""IMPORT_USED: an import is there for something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemactl.outline import Files, Import, Outline
from schemactl.references import DESCRIPTOR
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import lasting


def check(files: Files, context: Context) -> Iterator[FileHit]:
    declaring = _Declaring(files.known)
    for file in files.judged:
        imports = file.imports if file.references is None else _imports(file, declaring)
        for each in imports:
            if each.unused:
                message = f"`{each.name}` is imported and never used"
                yield FileHit(
                    file, message, each.at, "delete the import", key=lasting(each.name, files.known.get(each.name))
                )


def _imports(file: Outline, declaring: _Declaring) -> Iterator[Import]:
    """The file's imports, with a verdict of our own on those that protoc never calls unused.

    These are imports of a file that hands on others, and of descriptor.proto where the file sets any option.
    """
    used = declaring.used(file)
    for each in file.imports:
        imported = declaring.known.get(each.name)
        if imported is None or not (imported.public or each.name == DESCRIPTOR):
            yield each
        elif each.name not in file.public and each.name not in used:
            yield Import(each.name, each.at, True)


class _Declaring:
    """Which file declares a name, of those that some file sees; read when somebody asks."""

    def __init__(self, known: Mapping[str, Outline]) -> None:
        self.known = known
        self._files: set[str] = set()
        self._symbols: dict[str, str] = {}

    def used(self, file: Outline) -> set[str]:
        """The imports through which the file sees what it names."""
        seen_through = self._seen_through(file)
        self._read(seen_through)
        return {seen_through[name] for each in file.references or () if (name := self._file(each)) in seen_through}

    def _seen_through(self, file: Outline) -> dict[str, str]:
        """The import that counts for each file that can be seen: itself, else the first that hands it on."""
        names = [each.name for each in file.imports]
        through = {name: name for name in names}
        reached: set[str] = set()
        for first in sorted(names, key=lambda name: name not in file.public):
            pending = [first]
            while pending:
                imported = self.known.get(pending.pop())
                fresh = [name for name in imported.public if name not in reached] if imported else []
                reached.update(fresh)
                pending += fresh
                for name in fresh:
                    through.setdefault(name, first)
        return through

    def _read(self, files: Mapping[str, str]) -> None:
        for name in files:
            if name not in self._files and name in self.known:
                self._files.add(name)
                self._symbols.update(dict.fromkeys(self.known[name].symbols, name))

    def _file(self, name: str) -> str:
        """Of a nested name, the file of what it is nested in."""
        while name and name not in self._symbols:
            name = name.rpartition(".")[0]
        return self._symbols.get(name, "")


RULE = Rule(
    id="IMPORT_USED",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=check,
    title="Every import is used",
    why=(
        "An import that nothing needs still ties the file to another: it is compiled again whenever that one changes, "
        "generated code loads it, and a package cannot be split or deleted because of it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;
import "acme/example/v1/address.proto";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/address.proto
syntax = "proto3";
package acme.example.v1;

message Address {
  string city = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;
import "acme/example/v1/address.proto";

message User {
  string id = 1;
  Address address = 2;
}
// file: acme/example/v1/address.proto
syntax = "proto3";
package acme.example.v1;

message Address {
  string city = 1;
}
""",
)
