"""Module roots inferred from the imports, on hand-made trees and on real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import git, roots, scan
from schemactl.errors import ConfigError
from schemactl.tree import Directory
from trees import judged, problems, proto, refused, write


def inferred(files: dict[str, str]) -> tuple[str, ...]:
    """The roots of a tree, as the command infers them."""
    texts = {path: text.encode() for path, text in files.items()}
    return roots.infer(
        {path: scan.imports(text) for path, text in texts.items()}, lambda path: scan.package(texts[path])
    )


USERS, ORDERS = proto(package="acme.users.v1"), proto("", "acme/users/v1/user.proto", package="acme.orders.v1")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"user.proto": proto()}, (".",)),
        ({"a/b/user.proto": proto()}, (".",)),
        ({"acme/users/v1/user.proto": USERS}, (".",)),
        ({"proto/acme/users/v1/user.proto": USERS}, ("proto",)),
        ({"proto/acme/users/v1/user.proto": USERS, "proto/acme/orders/v1/order.proto": ORDERS}, ("proto",)),
        ({"proto/user.proto": proto(), "proto/order.proto": proto("", "user.proto")}, ("proto",)),
        ({"proto/a.proto": proto("", "proto/b.proto"), "proto/b.proto": proto()}, (".",)),
        (
            {"users/proto/acme/users/v1/user.proto": USERS, "orders/proto/acme/orders/v1/order.proto": ORDERS},
            ("orders/proto", "users/proto"),
        ),
        (
            {
                "acme/v1/a.proto": proto("", "acme/v1/b.proto", "rpc/status.proto"),
                "acme/v1/b.proto": proto(),
                "third_party/status/rpc/status.proto": proto(),
            },
            (".", "third_party/status"),
        ),
        ({"proto/acme/users/v1/user.proto": USERS, "docs/example.proto": proto()}, ("docs", "proto")),
        ({"proto/acme/users/v1/user.proto": USERS, "example.proto": proto()}, (".", "proto")),
        ({"a.proto": '// import "b.proto";\n/*\nimport "b.proto";\n*/', "x/b.proto": proto(), "y/b.proto": ""}, (".",)),
        ({"a.proto": proto("", "google/protobuf/any.proto", "not/here.proto")}, (".",)),
    ],
    ids=[
        "a single file", "a single file without package", "packages are directories", "proto/", "proto/ with imports",
        "files beside each other", "imports from the top", "two roots", "nested", "a root beside it", "a root inside",
        "imports in comments", "imports from elsewhere",
    ],
)  # fmt: skip
def test_roots_are_the_directories_from_which_every_import_resolves(
    files: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert inferred(files) == expected


def test_two_answers_are_an_error_with_lines_that_solve_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/shared.proto": proto("message S {}"),
            "b/shared.proto": proto("message S {}"),
            "c/user.proto": proto("message U {}", "shared.proto"),
        },
    )
    words = refused("lint", "-C", tmp_path)
    assert "import `shared.proto` is found below 2 directories: `a`, `b`" in words
    lines = [part.strip("`") for part in words.split("`") if part.startswith("roots: ")]
    assert lines == ["roots: [a, c]", "roots: [b, c]"]
    write(tmp_path, {"schemactl.yaml": lines[0]})
    assert judged(tmp_path) == 2


def test_another_import_can_decide_between_two_answers() -> None:
    files = {
        "a/shared.proto": proto(),
        "a/base.proto": proto(),
        "old/shared.proto": proto(),
        "a/user.proto": proto("", "shared.proto", "base.proto"),
    }
    assert inferred(files) == ("a", "old")


def test_many_answers_are_not_all_listed() -> None:
    files = {f"copy{n}/shared.proto": proto() for n in range(50)} | {"user.proto": proto("", "shared.proto")}
    with pytest.raises(ConfigError, match=r"below 50 directories.* and 46 more") as caught:
        inferred(files)
    assert caught.value.hint == "leave copies out by `excludes:` in schemactl.yaml"


def test_an_answer_inside_another_root_can_be_pasted_too(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "user.proto": proto("message U { S s = 1; }", "shared.proto"),
            "a/shared.proto": proto("message S {}"),
            "b/shared.proto": proto("message S {}"),
        },
    )
    words = refused("lint", "-C", tmp_path)
    lines = [part for part in words.split("`") if part.startswith("{roots: ")]
    assert lines == ["{roots: [., a], excludes: [a, b]}", "{roots: [., b], excludes: [a, b]}"]
    for line in lines:
        write(tmp_path, {"schemactl.yaml": line})
        assert judged(tmp_path) == 2


def test_a_root_inside_another_gives_each_file_one_import_path(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "acme/v1/a.proto": proto("message A { rpc.Status s = 1; }", "rpc/status.proto", "acme/v1/b.proto"),
            "acme/v1/b.proto": proto("message B {}"),
            "third_party/status/rpc/status.proto": proto("message Status {}", package="rpc"),
        },
    )
    assert judged(tmp_path) == 3


def test_two_roots_with_the_same_file_are_a_finding_on_both(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/x.proto": proto("message X {}"),
            "b/x.proto": proto("message X {}"),
            "schemactl.yaml": "roots: [a, b]",
        },
    )
    found = problems(tmp_path)
    assert [(each["path"], each["rule"]) for each in found] == [
        ("a/x.proto", "DUPLICATE_FILE"),
        ("b/x.proto", "DUPLICATE_FILE"),
    ]
    assert found[0]["message"] == "`x.proto` is also `b/x.proto`: two roots hold one import path"
    assert len({each["fingerprint"] for each in found}) == 2


def test_a_configured_root_wins_over_what_could_be_inferred(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"proto/acme/a.proto": proto("message A {}"), "other/b.proto": "not proto", "schemactl.yaml": "roots: [proto]"},
    )
    assert judged(tmp_path) == 1


def test_a_buf_yaml_in_a_subdirectory_says_the_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "svc/api/buf.yaml": "version: v1\n",
            "svc/api/acme/a.proto": proto("message A {}"),
            "svc/api/acme/b.proto": proto("message B { A a = 1; }", "acme/a.proto"),
        },
    )
    assert judged(tmp_path) == 2
    assert judged(tmp_path / "svc") == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [("googleapis-protos", (".",)), ("opentelemetry-proto", (".",)), ("temporal-api", (".",))],
)
def test_the_roots_of_real_repositories_are_found(corpora: Path, name: str, expected: tuple[str, ...]) -> None:
    top = corpora / name
    repository = git.discover(top)
    tree = Directory(top, repository)
    paths = [path for path in tree.paths if path.endswith(".proto")]
    texts = {path: text for path, text in tree.read_many(paths, 1 << 22).items() if isinstance(text, bytes)}
    found = roots.infer(
        {path: scan.imports(text) for path, text in texts.items()}, lambda path: scan.package(texts[path])
    )
    assert found == expected
