"""STABLE_PACKAGE_NO_IMPORT_UNSTABLE: a stable package does not depend on one that may still change."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.outline import Files
from schemactl.packageversion import stability
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import lasting, quoted

_HELP = "import a stable version of it, or have types of your own for what you need of it"


def check(files: Files, context: Context) -> Iterator[FileHit]:
    # As for Buf, only files of the same module count: what others promise is theirs to say.
    unstable = {file.name: file.package for file in files.judged if stability(file.package) == "unstable"}
    stable = [file for file in files.judged if stability(file.package) == "stable"] if unstable else []
    for file in stable:
        for each in file.imports:
            if each.name in unstable:
                package = f"unstable package {quoted(unstable[each.name])}"
                message = f"stable package {quoted(file.package)} should not import `{each.name}` of {package}"
                yield FileHit(file, message, each.at, _HELP, key=lasting(each.name, files.known.get(each.name)))


RULE = Rule(
    id="STABLE_PACKAGE_NO_IMPORT_UNSTABLE",
    target="files",
    files_check=check,
    title="A stable package does not import an unstable one",
    why=(
        "`v1` promises that nothing in it breaks. What it takes from `v1beta1` may break at any time, and the promise "
        "with it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;
import "acme/users/v1beta1/user.proto";  // error

message Account {
  acme.users.v1beta1.User owner = 1;
}
// file: acme/users/v1beta1/user.proto
syntax = "proto3";
package acme.users.v1beta1;

message User {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;
import "acme/users/v1/user.proto";

message Account {
  acme.users.v1.User owner = 1;
}
// file: acme/users/v1/user.proto
syntax = "proto3";
package acme.users.v1;

message User {
  string id = 1;
}
""",
)
