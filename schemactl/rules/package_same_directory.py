"""PACKAGE_SAME_DIRECTORY: a package is in one directory."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.outline import Files
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import directory, grouped, listed, package, quoted

_HELP = "move them together, and change the imports of them; to change a package is to rename every type in it"


def check(files: Files, context: Context) -> Iterator[FileHit]:
    for name, group in grouped(files.judged, package).items():
        directories = {directory(file) for file in group}
        if len(directories) > 1:
            what = f"package {quoted(name)}" if name else "files without a package"
            message = f"{what} should be in one directory, not in {listed(directories)}"
            yield from (FileHit(file, message, file.package_at, _HELP) for file in group)


RULE = Rule(
    id="PACKAGE_SAME_DIRECTORY",
    target="files",
    categories=("MINIMAL", "BASIC", "STANDARD"),
    files_check=check,
    title="A package is in one directory",
    why=(
        "Who looks for a type of a package looks in one place. And some generators, Go's first, make a package of each "
        "directory: the types of one that is in two of them fall apart."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;  // error

message User {
  string id = 1;
}
// file: acme/example/v1/accounts/account.proto
syntax = "proto3";
package acme.example.v1;  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

message Account {
  string id = 1;
}
""",
)
