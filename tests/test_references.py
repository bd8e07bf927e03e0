from __future__ import annotations

from pathlib import Path

import pytest

from rule_runs import compiled, split
from schemactl import outline, references
from schemactl.file import File

FAR = """
// file: acme/far.proto
syntax = "proto2";
package acme.far;
import "google/protobuf/any.proto";
import "google/protobuf/descriptor.proto";
message Far {
  extensions 100 to max;
  optional string name = 1;
  optional google.protobuf.Any any = 2;
  message Near {
    extend Far { optional string inner = 101; }
  }
}
enum Size { SMALL = 0; }
extend Far { optional string outer = 100; }
extend google.protobuf.FieldOptions { optional Far far = 50000; repeated Far fars = 50001; }
extend google.protobuf.FileOptions { optional string owner = 50000; }
"""


def read(text: str, workspace: Path) -> File:
    return compiled(split(text + FAR), workspace).file("acme/example/v1/example.proto")


def named(text: str, workspace: Path) -> set[str]:
    return references.of(read(text, workspace))


def test_types_are_named_by_fields_maps_methods_and_extensions(tmp_path: Path) -> None:
    text = """\
syntax = "proto2";
package acme.near;
import "acme/far.proto";
message Outer {
  message Inner { optional acme.far.Size size = 1; }
  map<string, acme.far.Far> fars = 1;
  optional string plain = 2;
  extend far.Far { optional Inner inner = 500; }
}
service Service { rpc Call(acme.far.Far) returns (stream Outer); }
"""
    assert named(text, tmp_path) == {
        "acme.far.Size",
        "acme.far.Far",
        "acme.near.Outer.FarsEntry",
        "acme.near.Outer.Inner",
        "acme.near.Outer",
    }


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("[(acme.far.far).name = 'x']", "acme.far.far"),
        ("[(.acme.far.far).name = 'x']", "acme.far.far"),
        ("[(far.far).name = 'x']", "acme.far.far"),
        ("[( acme . /* why */ far // so\n . far ).name = 'x']", "acme.far.far"),
        ("[deprecated = true, (acme.far.fars) = {name: 'x'}]", "acme.far.fars"),
        ("[(acme.far.far).(acme.far.outer) = 'x']", "acme.far.outer"),
        ("[(acme.far.far).(acme.far.Far.Near.inner) = 'x']", "acme.far.Far.Near.inner"),
        ("[(acme.far.far) = {[acme.far.outer]: 'x'}]", "acme.far.outer"),
        ("[(acme.far.far) = {any {[type.googleapis.com/acme.far.Far] {name: 'x'}}}]", "acme.far.Far"),
    ],
)
def test_options_name_extensions_and_types_wherever_they_stand(options: str, name: str, tmp_path: Path) -> None:
    text = f'syntax = "proto3";\npackage acme.near;\nimport "acme/far.proto";\nmessage M {{ string a = 1 {options}; }}'
    assert name in named(text, tmp_path)


def test_an_option_of_the_file_counts(tmp_path: Path) -> None:
    text = 'syntax = "proto3";\npackage acme.near;\nimport "acme/far.proto";\noption (acme.far.owner) = "us";'
    assert named(text, tmp_path) == {"acme.far.owner", "acme.acme.far.owner", "acme.near.acme.far.owner"}


def test_comments_and_strings_name_nothing(tmp_path: Path) -> None:
    text = """\
syntax = "proto3";
package acme.near;
import "acme/far.proto";
// option (acme.far.owner) = "x";
/* [(acme.far.fars) = {}] */
message M { string a = 1 [json_name = "x, (acme.far.fars) = 1", (acme.far.far).name = '\\'// [(acme.far.fars)']; }
"""
    assert {name for name in named(text, tmp_path) if "owner" in name or "fars" in name} == set()


def test_only_files_with_imports_that_protoc_never_warns_of_are_read_for_references(tmp_path: Path) -> None:
    text = 'syntax = "proto3";\npackage acme.near;\nimport "acme/far.proto";\nmessage M { acme.far.Far far = 1; }'
    file = read(text, tmp_path)
    assert outline.of(file).references is None
    assert outline.of(file, passed_on=frozenset({"acme/far.proto"})).references == ("acme.far.Far",)
    image = compiled(split(FAR), tmp_path)
    assert "google.protobuf.FieldOptions" in (outline.of(image.file("acme/far.proto")).references or ())


def test_declared_are_names_beside_which_no_other_file_may_declare_one(tmp_path: Path) -> None:
    image = compiled(split(FAR), tmp_path)
    assert list(references.declared(image.file("acme/far.proto"))) == [
        "acme.far.Far",
        "acme.far.Size",
        "acme.far.outer",
        "acme.far.far",
        "acme.far.fars",
        "acme.far.owner",
        "acme.far.SMALL",
        "+.acme.far.Far:100",
        "+.google.protobuf.FieldOptions:50000",
        "+.google.protobuf.FieldOptions:50001",
        "+.google.protobuf.FileOptions:50000",
        "+.acme.far.Far:101",
    ]


def test_an_outline_holds_statements_with_places_in_code_points(tmp_path: Path) -> None:
    text = """\
syntax = "proto3";
/* ü\t*/ package acme.near;
import "acme/far.proto";
option java_multiple_files = true;
option go_package = "";
service S { rpc Call(acme.far.Far) returns (acme.far.Far); }
"""
    found = outline.of(read(text, tmp_path), {"acme/far.proto"})
    assert found.package_at == outline.Statement(b"\x02", bytes([1, 8, 1, 26]))
    assert [(each.name, each.at.span, each.unused) for each in found.imports] == [
        ("acme/far.proto", bytes([2, 0, 2, 24]), True)
    ]
    assert {name: option.value for name, option in found.options.items()} == {
        "java_multiple_files": "true",
        "go_package": "",
    }
    assert [(each.full_name, each.input, each.at.path) for each in found.methods] == [
        ("acme.near.S.Call", "acme.far.Far", bytes([6, 0, 2, 0]))
    ]


def test_the_outline_of_a_file_that_is_only_imported_has_no_places(tmp_path: Path) -> None:
    text = 'syntax = "proto3";\npackage acme.near;\nimport "acme/far.proto";\noption go_package = "x";\nmessage M {}'
    found = outline.of(read(text, tmp_path), judged=False)
    assert (found.package, found.symbols) == ("acme.near", ("acme.near.M",))
    assert [(each.name, each.at) for each in found.imports] == [("acme/far.proto", outline.Statement())]
    assert (found.options, found.package_at) == ({}, outline.Statement())
