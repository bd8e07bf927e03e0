"""Imports that lead to nobody who is known to provide them: what is told, and the lines to paste."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_products import COMMON, ORDER, USER, files, planned, told, trivial, trivials

VALIDATE = {
    "vendor/buf/validate/validate.proto": 'syntax = "proto3"; package buf.validate; '
    'import "buf/deep/deep.proto"; option go_package = "github.com/buf/gen/validate;validate"; message V {}',
    "vendor/buf/deep/deep.proto": 'syntax = "proto3"; package buf.deep; message D {}',
}
IMPORTS = trivial(USER, "google/protobuf/any.proto", "buf/validate/validate.proto")
IMPORTS |= trivial("acme/users/v.proto", "buf/validate/validate.proto")
ROOTS = "roots: [.]\nexcludes: [vendor]\nincludes: [vendor]\n"


def test_an_import_that_nobody_provides_is_told_with_the_lines_to_paste(tmp_path: Path) -> None:
    found, findings = planned(tmp_path, IMPORTS | VALIDATE, ROOTS)
    assert told(findings) == [
        f"{USER}:4 IMPORT_UNMAPPED `buf/validate/validate.proto` is imported here and in 1 more file: nobody is known "
        "to provide its generated code for Python"
    ]
    assert findings[0].help is not None
    assert 'third_party:\n  - paths: [buf/validate]\n    python: "<distribution>>=1.0,<2"' in findings[0].help
    assert set(found.providers) == {"google/protobuf/any.proto"}


def test_go_needs_the_whole_closure(tmp_path: Path) -> None:
    text = ROOTS + "packages: [{name: acme, paths: [acme], go: {module: x.org/acme}}]\n"
    text += "third_party: [{paths: [buf/validate], python: 'validate>=1'}]\n"
    _, findings = planned(tmp_path, IMPORTS | VALIDATE, text)
    direct, deep = told(findings)
    assert direct.endswith("1 more file: nobody is known to provide its generated code for Go")
    assert deep == (
        f"{USER}:4 IMPORT_UNMAPPED `buf/validate/validate.proto` leads to `buf/deep/deep.proto`: nobody is known to "
        "provide its generated code for Go"
    )
    go = "package: github.com/buf/gen/validate, module: <module>, version: <version>"
    assert f"    python: validate>=1\n    go: {{{go}}}" in (findings[0].help or "")


def test_what_is_pasted_is_enough_once_it_is_filled_in(tmp_path: Path) -> None:
    text = ROOTS + "packages: [{name: acme, paths: [acme], go: {module: x.org/acme}}]\n"
    _, findings = planned(tmp_path, IMPORTS | VALIDATE, text)
    pasted = [line for each in findings for line in (each.help or "").split("\n") if line.startswith("  ")]
    filled = "\n".join(["third_party:", *pasted, ""]).replace("<module>", "github.com/buf/gen")
    filled = filled.replace("<distribution>", "x").replace("<package>", "github.com/buf/gen/x")
    (again := tmp_path / "again").mkdir()
    found, findings = planned(again, IMPORTS | VALIDATE, text + filled.replace("<version>", "v1.2.0"))
    assert findings == []
    assert found.providers["buf/deep/deep.proto"].go_module == "github.com/buf/gen"


@pytest.mark.parametrize(
    ("configuration", "buf", "where", "lines"),
    [
        (ROOTS, "", "`vendor` of `excludes` at schemactl.yaml:2:12", ["roots: [., vendor]", "excludes: [vendor]"]),
        (
            "packages: [{name: a}]\n",
            "[acme/old, buf, acme/new]",
            "`buf` of `excludes` in buf.yaml",
            ["roots: [.]", "excludes: [acme/new, acme/old]"],
        ),
    ],
)
def test_an_import_of_an_excluded_file_says_what_excludes_it_and_how_to_own_it(
    tmp_path: Path, configuration: str, buf: str, where: str, lines: list[str]
) -> None:
    name = "buf/validate/validate.proto"
    tree = IMPORTS | ({"buf.yaml": f"version: v1\nbuild:\n  excludes: {buf}\n"} if buf else {})
    tree |= {path.removeprefix("vendor/") if buf else path: text for path, text in VALIDATE.items()}
    tree |= trivial("buf/deep/deep.proto") if buf else {}
    _, findings = planned(tmp_path, tree, configuration)
    help = (findings[0].help or "").split("\n")
    assert [line for line in help if where in line]
    assert help[-2:] == lines
    (again := tmp_path / "again").mkdir()
    found, findings = planned(again, tree, "\n".join([*lines, ""]))
    assert name in files(found)["tree-schemas"]


def test_a_directory_is_proposed_only_if_no_known_file_stands_in_it(tmp_path: Path) -> None:
    tree = trivial(USER, "google/api/mine.proto", "opentelemetry/mine.proto", "google/cloud/x/v1/x.proto")
    vendor = ("google/api/mine.proto", "opentelemetry/mine.proto", "google/cloud/x/v1/x.proto")
    tree |= {f"vendor/{path}": text for path, text in trivials(*vendor).items()}
    _, findings = planned(tmp_path, tree, ROOTS)
    paths = {line for each in findings for line in (each.help or "").split("\n") if "paths:" in line}
    assert paths == {f"  - paths: [{path}]" for path in (*vendor[:2], "google/cloud/x/v1")}


def test_options_for_go_need_no_python_or_edition_2024(tmp_path: Path) -> None:
    features = "google/protobuf/go_features.proto"
    text = "roots: [.]\npackages: [{name: acme, go: {module: x.org/acme}}]\n"
    _, findings = planned(tmp_path, trivial(USER, features), text)
    assert told(findings)[0].endswith(
        f"`{features}` is imported here: nobody is known to provide its generated code for Python"
    )
    assert "`import option`" in (findings[0].help or "")
    assert "`languages: [go]`" in (findings[0].help or "")
    assert "third_party" not in (findings[0].help or "")
    newer = f'edition = "2024"; package acme; import option "{features}"; message A {{}}'
    for number, (path, configured) in enumerate(
        [(trivial(USER, features), text.replace("go:", "languages: [go], go:")), ({USER: newer}, text)]
    ):
        (again := tmp_path / str(number)).mkdir()
        assert planned(again, path, configured)[1] == []


def test_operations_are_found_under_their_name(tmp_path: Path) -> None:
    found, findings = planned(tmp_path, trivial(USER, "google/longrunning/operations.proto"))
    assert findings == []
    assert found.providers["google/longrunning/operations.proto"].requirement == COMMON


def test_an_import_of_a_file_in_no_package_says_which_path_is_missing(tmp_path: Path) -> None:
    text = "roots: [.]\npackages: [{name: users, paths: [acme/users]}]\n"
    _, findings = planned(tmp_path, trivial(USER, ORDER) | trivial(ORDER), text)
    assert told(findings) == [f"{USER}:3 IMPORT_UNMAPPED `{ORDER}` is in no package, and `users` imports it"]
    assert (findings[0].help or "").endswith(f"  - name: users\n    paths: [acme/users, {ORDER}]")


def test_a_package_that_is_not_made_for_go_cannot_be_imported_by_one_that_is(tmp_path: Path) -> None:
    text = "roots: [.]\npackages:\n- {name: users, paths: [acme/users], go: {module: x.org/u}}\n"
    text += "- {name: orders, paths: [acme/orders]}\n"
    found, findings = planned(tmp_path, trivial(USER, ORDER) | trivial(ORDER), text)
    assert told(findings) == [
        f"{USER}:3 IMPORT_UNMAPPED `{ORDER}` is of the package `orders`, which is not made for Go"
    ]
    assert "  - name: orders\n    languages: [python, go]\n    go: {module: " in (findings[0].help or "")
    assert found.owners[ORDER].name == "orders"
