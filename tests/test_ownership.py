"""Files and names of somebody else that a package takes."""

from __future__ import annotations

from pathlib import Path

from test_products import HTTP, USER, files, planned, told, trivial, trivials


def test_files_of_others_that_nobody_distributes_are_packed_with_a_warning(tmp_path: Path) -> None:
    vendored = trivials("buf/validate/validate.proto", "buf/validate/expression.proto", "google/pubsub/v1/x.proto")
    found, findings = planned(tmp_path, trivial(USER) | vendored)
    assert len(files(found)["tree-schemas"]) == 4
    assert [each.severity for each in findings] == ["warning", "warning"]
    first, second = told(findings)
    assert first == (
        "buf/validate/expression.proto:1 PACKAGE_FOREIGN `buf/validate/expression.proto` and 1 more are of "
        "protovalidate, and packed here into `tree-schemas`, which clashes with any other package that has them: say "
        "under `third_party` who provides them, or name them among the `paths`"
    )
    assert second.startswith("google/pubsub/v1/x.proto:1 PACKAGE_FOREIGN `google/pubsub/v1/x.proto` is of googleapis")
    pasted = [line for each in findings for line in (each.help or "").split("\n") if line.startswith("  ")]
    assert pasted[::2] == ["  - paths: [buf/validate]", "  - paths: [google/pubsub/v1]"]
    filled = "\n".join(["roots: [.]", "third_party:", *pasted, ""]).replace("<distribution>", "x")
    (again := tmp_path / "again").mkdir()
    found, findings = planned(again, trivial(USER) | vendored, filled)
    assert (files(found), findings) == ({"tree-schemas": (USER,)}, [])


def test_files_of_others_that_a_path_names_are_packed_on_purpose(tmp_path: Path) -> None:
    text = "roots: [.]\npackages: [{name: acme, paths: [acme, buf/validate]}]\n"
    assert planned(tmp_path, trivials(USER, "buf/validate/validate.proto"), text)[1] == []


def test_a_tree_of_nothing_but_one_owner_is_the_owners(tmp_path: Path) -> None:
    assert planned(tmp_path, trivials("buf/validate/validate.proto", "buf/validate/expression.proto"))[1] == []


def test_a_package_cannot_be_called_like_who_provides_its_imports(tmp_path: Path) -> None:
    text = "roots: [.]\npackages:\n- name: acme\n  paths: [acme]\n  python: {distribution: Googleapis_Common.Protos}\n"
    text += "  go: {module: google.golang.org/genproto/googleapis/api}\n"
    _, findings = planned(tmp_path, trivial(USER, HTTP), text)
    assert told(findings) == [
        "schemactl.yaml:3 PYTHON_COLLISION `Googleapis_Common.Protos`, the distribution of `acme`, is also who "
        f"provides `{HTTP}`, an import",
        f"schemactl.yaml:3 GO_COLLISION `google.golang.org/genproto/googleapis/api`, the module of `acme`, is also who "
        f"provides `{HTTP}`, an import",
    ]
