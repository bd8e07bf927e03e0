"""Paths and imports that Python or Go cannot have: told for packages of that language, with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_products import USER, planned, told, trivial, trivials
from trees import proto

DESCRIPTOR = 'import "google/protobuf/descriptor.proto";'
GO = "roots: [.]\npackages: [{name: acme, go: {module: x.org/acme}}]\n"


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["class/v1/a.proto"], "class/v1/a.proto:1 PYTHON_PATH `class` in the path of `class/v1/a.proto`"),
        (
            ["acme/2fa/a.proto", "acme/2fa/b.proto"],
            "acme/2fa/a.proto:1 PYTHON_PATH `2fa` in the path of `acme/2fa/a.proto` and 1 more",
        ),
        (["acme/a+b.proto"], "acme/a+b.proto:1 PYTHON_PATH `a+b_pb2` in the path of"),
        (["types/a.proto"], "types/a.proto:1 PYTHON_PATH `types/a.proto` would be imported from `types`: Python"),
        (["google/protobuf/mine.proto"], "google/protobuf/mine.proto:1 PYTHON_PATH `google/protobuf/mine.proto`"),
        (["grpc/a.proto"], "grpc/a.proto:1 PYTHON_PATH `grpc/a.proto` would be imported from `grpc`: that"),
        (["Google/Protobuf/a.proto"], "Google/Protobuf/a.proto:1 PYTHON_PATH `Google/Protobuf/a.proto`"),
        (["a-b.proto", "a_b.proto"], "a_b.proto:1 PYTHON_COLLISION `a_b.proto` and `a-b.proto` are one module"),
        (["a.b.proto", "a/b.proto"], "a/b.proto:1 PYTHON_COLLISION `a/b.proto` and `a.b.proto` are one module"),
        (["x/B.proto", "x/b.proto"], "x/b.proto:1 PYTHON_COLLISION `x/b.proto` and `x/B.proto` differ in Python"),
        (
            ["X/a.proto", "x/b.proto", "x/c.proto"],
            "x/b.proto:1 PYTHON_COLLISION `x/b.proto` and `X/a.proto` differ in Python",
        ),
        (
            ["a/u.proto", "a/u_pb2/x.proto"],
            "a/u_pb2/x.proto:1 PYTHON_COLLISION `a.u_pb2` is a module of Python and a directory",
        ),
    ],
)
def test_what_python_cannot_import_is_told(tmp_path: Path, paths: list[str], message: str) -> None:
    _, findings = planned(tmp_path, trivials(*paths))
    (line,) = told(findings)
    assert line.startswith(message)


def test_a_root_ends_what_is_taken_and_no_word_of_python(tmp_path: Path) -> None:
    text = "roots: [.]\npackages: [{name: acme, python: {root: acme.events}}]\n"
    _, findings = planned(tmp_path, trivials("types/a.proto", "grpc/lambda/b.proto"), text)
    (line,) = told(findings)
    assert line.startswith("grpc/lambda/b.proto:1 PYTHON_PATH `lambda`")


def test_files_on_both_sides_of_a_root_are_told_with_both_ways_out(tmp_path: Path) -> None:
    text = "roots: [.]\npackages: [{name: acme, python: {root: acme}}]\n"
    _, findings = planned(tmp_path, trivials("acme/a.proto", "other/b.proto", "other/c.proto"), text)
    (line,) = told(findings)
    assert line == (
        "other/b.proto:1 PYTHON_PATH `other/b.proto` and 1 more do not stand below `acme/`, the root of `acme`, and "
        "`acme/a.proto` does: all modules would move, that one to `acme.acme.a_pb2`"
    )
    assert (findings[0].help or "").split("\n") == [
        "to import the modules as the files lie: move `other/b.proto` below `acme/`, or leave it out by `paths`",
        "to move them all: choose a root that no file lies below, like `python: {root: acme_schemas}`",
    ]


@pytest.mark.parametrize("paths", [["acme/a.proto", "acme/b/c.proto"], ["other/a.proto", "b.proto"]])
def test_files_on_one_side_of_a_root_are_fine(tmp_path: Path, paths: list[str]) -> None:
    text = "roots: [.]\npackages: [{name: acme, python: {root: acme}}]\n"
    assert planned(tmp_path, trivials(*paths), text)[1] == []


def test_what_is_one_module_is_told_before_what_differs_by_capitals(tmp_path: Path) -> None:
    _, findings = planned(tmp_path, trivials("c-d.proto", "c_d.proto", "C_d.proto"))
    assert [line.partition("PYTHON_COLLISION ")[2] for line in told(findings)] == [
        "`c_d.proto` and `c-d.proto` are one module in Python: `c_d_pb2`",
        "`c-d.proto` and `C_d.proto` differ in Python by capitals alone: `c_d_pb2` and `C_d_pb2`",
    ]


def test_a_directory_in_capitals_does_not_hide_one_module(tmp_path: Path) -> None:
    _, findings = planned(tmp_path, trivials("X/a.proto", "x/c-d.proto", "x/c_d.proto"))
    assert [line.partition(" PYTHON_COLLISION ")[0] for line in told(findings)] == ["x/c_d.proto:1", "x/c-d.proto:1"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a/internal/x.proto"], "a/internal/x.proto:1 GO_PATH `a/internal/x.proto` cannot be in a Go module: Go lets"),
        (
            ["vendor/a.proto", "vendor/b/c.proto"],
            "vendor/a.proto:1 GO_PATH `vendor/a.proto` and 1 more cannot be in a Go module",
        ),
        (
            ["testdata/x.proto"],
            "testdata/x.proto:1 GO_PATH `testdata/x.proto` cannot be in a Go module: Go passes over",
        ),
        (
            ["_a/x.proto"],
            "_a/x.proto:1 GO_PATH `_a/x.proto` cannot be in a Go module: Go passes over directories that start",
        ),
        (
            ["a/aux/x.proto"],
            "a/aux/x.proto:1 GO_PATH `a/aux/x.proto` cannot be in a Go module: the directory `aux` should not hold",
        ),
        (
            ["Users/x.proto", "users/y.proto", "users/z.proto"],
            "users/y.proto:1 GO_COLLISION the directories `users` and `Users` differ",
        ),
    ],
)
def test_what_go_cannot_hold_is_told(tmp_path: Path, paths: list[str], message: str) -> None:
    text = "roots: [.]\npackages: [{name: acme, languages: [go], go: {module: x.org/acme}}]\n"
    _, findings = planned(tmp_path, trivials(*paths), text)
    (line,) = told(findings)
    assert line.startswith(message)


def test_each_language_takes_what_only_the_other_refuses(tmp_path: Path) -> None:
    python, go = (
        ["a/internal/x.proto", "a/_b/y.proto"],
        ["class/a.proto", "x/a.b.proto", "x/a/b.proto", "a+b/x_js.proto"],
    )
    (first := tmp_path / "python").mkdir()
    (second := tmp_path / "go").mkdir()
    assert planned(first, trivials(*python))[1] == []
    text = "roots: [.]\npackages: [{name: acme, languages: [go], go: {module: x.org/acme}}]\n"
    assert planned(second, trivials(*go), text)[1] == []


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("message A { message B {} }", "message A { message B {} }", "`q.A` and `p.A` of `x/a.proto` both declare `A`"),
        (
            "message Foo { enum Bar { X = 0; } }",
            "message Foo_Bar {}",
            "`q.Foo_Bar` and `p.Foo.Bar` of `x/a.proto` both",
        ),
        ("message foo_bar {}", "enum FooBar { Y = 0; }", "`q.FooBar` and `p.foo_bar` of `x/a.proto` both"),
        ("service User {}", "message UserClient {}", "`p.User` and `q.UserClient`"),
        ("enum Kind { ONE = 0; }", "message Kind_ONE {}", "`p.ONE` and `q.Kind_ONE`"),
        (
            f"{DESCRIPTOR} message Z {{ extend google.protobuf.FieldOptions {{ string x_y = 50001; }} }}",
            "message E_Z_XY {}",
            "`q.E_Z_XY` and `p.Z.x_y` of `x/a.proto` both",
        ),
        ("message A { oneof k { string b = 1; } }", "message A_B {}", "`q.A_B` and `p.A.b` of `x/a.proto` both"),
    ],
)
def test_two_files_of_a_go_package_cannot_declare_one_name(
    tmp_path: Path, first: str, second: str, message: str
) -> None:
    tree = {"x/a.proto": proto(first, package="p"), "x/b.proto": proto(second, package="q")}
    _, findings = planned(tmp_path, tree, GO)
    (line,) = told(findings)
    if message.startswith("`p."):
        message = " and ".join(reversed(message.split(" and "))) + " of `x/a.proto` both"
    assert line.startswith(f"x/b.proto:3 GO_COLLISION {message}")
    assert line.endswith(" in the Go package `x.org/acme/x`")
    assert findings[0].element == message.split("`")[1]


def test_one_file_cannot_declare_a_go_name_twice(tmp_path: Path) -> None:
    _, findings = planned(tmp_path, {"x/a.proto": proto("message A { message B {} }\nmessage A_B {}", package="p")}, GO)
    assert told(findings) == [
        "x/a.proto:4 GO_COLLISION `p.A_B` and `p.A.B` both declare `A_B` in the Go package `x.org/acme/x`"
    ]


def test_names_of_files_that_go_cannot_tell_apart_are_told(tmp_path: Path) -> None:
    text = "roots: [.]\npackages: [{name: acme, languages: [go], go: {module: x.org/acme}}]\n"
    _, findings = planned(tmp_path, trivials("x/a-b.proto", "x/a_b.proto"), text)
    assert told(findings) == [
        "x/a_b.proto:1 GO_COLLISION `x/a_b.proto` and `x/a-b.proto` both declare `File_x_a_b_proto` in the Go package "
        "`x.org/acme/x`"
    ]


def test_what_go_can_tell_apart_is_no_collision(tmp_path: Path) -> None:
    body = "message A { message B {} oneof k { string b = 1; string reset = 2; } optional string c = 3; }"
    tree = {
        "x/a.proto": proto(f"{body}\nservice S {{}}\nenum E {{ ONE = 0; }}", package="p"),
        "x/b.proto": proto("message S {}\nmessage A_C {}\nmessage A_Reset {}\nmessage ONE {}", package="q"),
        "y/a.proto": proto("message A {}", package="r"),
    }
    assert planned(tmp_path, tree, GO)[1] == []


def test_two_modules_cannot_have_one_package(tmp_path: Path) -> None:
    text = "roots: [.]\npackages:\n- {name: one, paths: [users], languages: [go], go: {module: x.org/a}}\n"
    text += "- {name: two, paths: [top.proto], languages: [go], go: {module: x.org/a/users}}\n"
    _, findings = planned(tmp_path, trivials("users/a.proto", "top.proto"), text)
    assert told(findings) == [
        "top.proto:1 GO_COLLISION `top.proto` and `users/a.proto`, of two Go modules, are both in the package "
        "`x.org/a/users`"
    ]


CIRCLE = trivial("a/one.proto", "b/two.proto") | trivial("b/two.proto", "c/three.proto")
CIRCLE |= trivial("c/three.proto", "a/four.proto") | trivial("a/four.proto") | trivial("d/x.proto", "a/one.proto")


def test_a_circle_of_go_packages_is_told_with_its_files(tmp_path: Path) -> None:
    _, findings = planned(tmp_path, CIRCLE, GO)
    assert told(findings) == [
        "a/one.proto:3 GO_IMPORT_CYCLE Go packages import each other in a circle: "
        "`x.org/acme/a` → `x.org/acme/b` → `x.org/acme/c` → `x.org/acme/a`"
    ]
    assert (findings[0].help or "").endswith(
        "`a/one.proto` imports `b/two.proto`\n`b/two.proto` imports `c/three.proto`\n"
        "`c/three.proto` imports `a/four.proto`"
    )


def test_python_has_no_circles(tmp_path: Path) -> None:
    assert planned(tmp_path, CIRCLE)[1] == []


def test_our_options_are_for_options_only(tmp_path: Path) -> None:
    body = (
        'message M { option (schemactl.v1.topic).name = "acme";\n  message N {\n repeated schemactl.v1.Topic t = 1; } }'
    )
    body += "\n// .schemactl.v1.Topic\nmessage Topic { Topic mine = 1; }"
    _, findings = planned(tmp_path, {USER: proto(body, "schemactl/v1/options.proto", package="acme")})
    assert told(findings) == [
        f"{USER}:6 OPTIONS_USED `acme.M.N.t` uses a type of `schemactl/v1/options.proto`, which is for options only "
        "and in no package"
    ]
    assert findings[0].element == "acme.M.N.t"
