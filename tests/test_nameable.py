"""Paths and imports that Python or Go cannot have: told for packages of that language, with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_products import USER, planned, told, trivial, trivials
from trees import proto

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
    python, go = ["a/internal/x.proto", "a/_b/y.proto"], ["class/a-b.proto", "class/a_b.proto", "a+b/x_windows.proto"]
    (first := tmp_path / "python").mkdir()
    (second := tmp_path / "go").mkdir()
    assert planned(first, trivials(*python))[1] == []
    text = "roots: [.]\npackages: [{name: acme, languages: [go], go: {module: x.org/acme}}]\n"
    assert planned(second, trivials(*go), text)[1] == []


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
