"""DIRECTORY_SAME_PACKAGE: a directory holds one package."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.outline import Files
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import directory, grouped, listed, quoted

_HELP = "move the files of each package to a directory of its own, and change the imports of them"


def check(files: Files, context: Context) -> Iterator[FileHit]:
    for where, group in grouped(files.judged, directory).items():
        packages = {file.package for file in group}
        if len(packages) > 1:
            held = listed([name for name in packages if name], *(["files without one"] if "" in packages else []))
            message = f"directory {quoted(where)} should hold one package, not {held}"
            yield from (FileHit(file, message, file.package_at, _HELP) for file in group)


RULE = Rule(
    id="DIRECTORY_SAME_PACKAGE",
    target="files",
    categories=("MINIMAL", "BASIC", "STANDARD"),
    files_check=check,
    title="A directory holds one package",
    why=(
        "Generated Go code of one directory is one Go package: with two packages in it, their code is mixed or does "
        "not compile. And where a directory is a package, everybody finds the files of one."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.accounts.v1;  // error

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
// file: acme/accounts/v1/account.proto
syntax = "proto3";
package acme.accounts.v1;

message Account {
  string id = 1;
}
""",
)
