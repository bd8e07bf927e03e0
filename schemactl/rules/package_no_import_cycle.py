"""PACKAGE_NO_IMPORT_CYCLE: packages do not import each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from schemactl.outline import Files
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import lasting, quoted
from schemactl.rules._package_graph import circles, graph, way

_HELP = "move what both use to a package of its own, or make them one"
_TOLD = 8


def check(files: Files, context: Context) -> Iterator[FileHit]:
    packages = graph(files)
    circle = circles(packages)

    @cache
    def message(importer: str, imported: str) -> str:
        return _message(importer, [imported, *way(packages, imported, importer, circle)[1:]])

    for file in files.judged:
        if file.package not in circle:
            continue
        for each in file.imports:
            other = files.known.get(each.name)
            if other and other.package != file.package and circle.get(other.package) == circle[file.package]:
                yield FileHit(file, message(file.package, other.package), each.at, _HELP, key=lasting(each.name, other))


def _message(importer: str, rest: list[str]) -> str:
    known = rest[-1] == importer
    if known and len(rest) <= _TOLD:
        path = [importer, *rest]
        return f"packages should not import each other: {' → '.join(map(quoted, path))}"
    path = [importer, *rest[: _TOLD - 2]]
    return f"packages should not import each other: {' → '.join(map(quoted, path))} → … → {quoted(importer)}"


RULE = Rule(
    id="PACKAGE_NO_IMPORT_CYCLE",
    target="files",
    categories=("MINIMAL", "BASIC", "STANDARD"),
    files_check=check,
    title="Packages do not import each other in a circle",
    why=(
        "The files may well compile: no file imports itself. But Go refuses packages that import each other, so they "
        "get no code; and neither can be built, versioned or deleted without the other."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;
import "acme/users/v1/user.proto";  // error

message Account {
  acme.users.v1.User owner = 1;
}
// file: acme/example/v1/address.proto
syntax = "proto3";
package acme.example.v1;

message Address {
  string city = 1;
}
// file: acme/users/v1/user.proto
syntax = "proto3";
package acme.users.v1;
import "acme/example/v1/address.proto";  // error

message User {
  acme.example.v1.Address address = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;
import "acme/users/v1/user.proto";

message Account {
  acme.users.v1.User owner = 1;
}
// file: acme/addresses/v1/address.proto
syntax = "proto3";
package acme.addresses.v1;

message Address {
  string city = 1;
}
// file: acme/users/v1/user.proto
syntax = "proto3";
package acme.users.v1;
import "acme/addresses/v1/address.proto";

message User {
  acme.addresses.v1.Address address = 1;
}
""",
)
