"""The next release of each package, by what changed since the last one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from repositories import GONE, HEAD, PATH, USER, WRONG, Repo, clean, init
from schemactl import packing
from schemactl.errors import Rejected, ToolError
from schemactl.product import GoTarget, Plan, Product, Provider, PythonTarget
from schemactl.redeclared import reasons
from schemactl.upcoming import Step
from schemactl.version import LEVELS, Level, Number, Semantic, compatible_python

ONE = "packages: [{name: acme-users}]\n"
MORE = USER.replace("}", "  string nick = 3;\n}")
MONEY, ORDER, NOTE = "acme/shared/v1/money.proto", "acme/orders/v1/order.proto", "acme/notes/v1/note.proto"
SHARED = 'syntax = "proto3";\npackage acme.shared.v1;\nmessage Money {\n  int64 amount = 1;\n}\n'
BROKE = SHARED.replace("int64", "string")
ORDERS = (
    f'syntax = "proto3";\npackage acme.orders.v1;\nimport "{MONEY}";\n'
    "message Order {\n  acme.shared.v1.Money total = 1;\n}\n"
)
NOTES = (
    f'syntax = "proto3";\npackage acme.notes.v1;\nimport "{ORDER}";\n'
    "message Note {\n  acme.orders.v1.Order order = 1;\n}\n"
)
THREE = """
packages:
  - {name: acme-notes, paths: [acme/notes]}
  - {name: acme-orders, paths: [acme/orders]}
  - {name: acme-shared, paths: [acme/shared]}
"""
CHAIN = {MONEY: SHARED, ORDER: ORDERS, NOTE: NOTES, "schemactl.yaml": THREE}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", {PATH: USER, "schemactl.yaml": ONE})


@pytest.fixture
def chain(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", CHAIN)


def steps(repo: Repo, version: str | None = None, rev: str | None = None, *, allow: bool = False) -> tuple[Step, ...]:
    request = packing.Request(repo.root, rev, version=version, release=True, allow_breaking=allow)
    return tuple(packing.planned(request).steps)


def step(repo: Repo, version: str | None = None, *, allow: bool = False) -> Step:
    (only,) = steps(repo, version, allow=allow)
    return only


def nexts(repo: Repo, *, allow: bool = False) -> dict[str, str]:
    """The tags of what is released, what others need first."""
    return {each.name: each.tag for each in steps(repo, allow=allow) if each.next}


def tagged(repo: Repo, *tags: str) -> None:
    for tag in tags:
        repo.git("tag", tag)


def test_the_first_release_is_0_1_0(repo: Repo) -> None:
    found = step(repo)
    assert (found.last, found.was, found.next and found.next.python, found.tag) == (None, "", "0.1.0", "v0.1.0")
    assert (found.why, found.changes, found.breaking, found.tagged) == (("first release",), "", False, False)


@pytest.mark.parametrize(
    ("last", "text", "next", "level"),
    [
        ("v0.3.1", MORE, "0.3.2", "minor"),
        ("v0.3.1", GONE, "0.4.0", "major"),
        ("v1.2.3", MORE, "1.3.0", "minor"),
        ("v1.2.3", USER.replace("string mail = 2", "string mail = 2 [json_name = 'mail']"), None, "none"),
    ],
)
def test_the_next_version_is_what_the_change_asks_for(
    repo: Repo, last: str, text: str, next: str | None, level: Level
) -> None:
    tagged(repo, last)
    repo.commit({PATH: text})
    found = step(repo)
    assert (found.last, found.was, found.next and found.next.semantic, found.level) == (last, last[1:], next, level)
    assert found.breaking == (level == "major")
    assert found.tag == (f"v{next}" if next else "")


def test_the_reasons_and_what_changed_are_told(repo: Repo) -> None:
    tagged(repo, "v0.3.1")
    repo.commit({PATH: GONE.replace("}", "  string nick = 3;\n}")})
    found = step(repo)
    assert found.why == ("`User.mail` is gone (FIELD_NO_DELETE_UNLESS_NAME_RESERVED)",)
    assert found.changes.startswith("### `acme.v1`\n")
    assert "- field `User.nick` = 3: `string`" in found.changes


def test_what_did_not_change_is_not_released(repo: Repo) -> None:
    tagged(repo, "v1.2.0")
    repo.commit({"README.md": "Users.\n"})
    found = step(repo)
    assert (found.level, found.next, found.tag, found.why) == ("none", None, "", ("unchanged since `v1.2.0`",))


def test_a_comment_is_a_patch_and_blanks_are_nothing(repo: Repo) -> None:
    tagged(repo, "v1.2.0")
    repo.commit({PATH: USER.replace("message", "\n\nmessage")})
    assert step(repo).next is None
    repo.commit({PATH: USER.replace("message", "\n\n// Somebody.\nmessage")})
    found = step(repo)
    assert (found.tag, found.why) == ("v1.2.1", (f"comments changed in `{PATH}`",))


def test_from_1_0_on_a_break_is_refused_unless_it_is_allowed(repo: Repo) -> None:
    repo.commit({"schemactl.yaml": "packages: [{name: acme-users, go: {module: example.com/acme/users}}]\n"})
    tagged(repo, "v1.2.0")
    repo.commit({PATH: HEAD + "message User {\n}\nmessage New {}\n"})
    with pytest.raises(Rejected) as refused:
        step(repo)
    assert "`acme-users` 1.2.0: `User.name` is gone (FIELD_NO_DELETE" in refused.value.message
    assert "`User.mail` is gone" in refused.value.message
    assert "`acme.v2`" in refused.value.hint
    assert "`--allow-breaking` makes it 2.0.0, and no program can use its Go module `example.com/acme/users/v2`" in (
        refused.value.hint
    )
    found = step(repo, allow=True)
    assert (found.next and found.next.go, found.tag, found.breaking) == ("v2.0.0", "v2.0.0", True)
    notes = packing.planned(packing.Request(repo.root, release=True, allow_breaking=True)).notes
    assert any(note.startswith("the Go module is `example.com/acme/users/v2`: a program that") for note in notes)


def test_many_reasons_are_counted(repo: Repo) -> None:
    fields = "".join(f"  string field_{number} = {number};\n" for number in range(1, 8))
    repo.commit({PATH: HEAD + f"message User {{\n{fields}}}\n"})
    tagged(repo, "v1.0.0")
    repo.commit({PATH: HEAD + "message User {\n}\n"})
    with pytest.raises(Rejected, match=r" and 4 more$"):
        step(repo)


def test_after_a_release_that_is_no_schema_nothing_is_safe(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: HEAD + "message User {\n  strin name = 1;\n}\n", "schemactl.yaml": ONE})
    tagged(repo, "v0.2.0")
    repo.commit({PATH: USER})
    with pytest.raises(Rejected, match=r"what changed since `v0\.2\.0` cannot be told \(.*strin"):
        step(repo)
    found = step(repo, allow=True)
    assert (found.level, found.breaking, found.tag) == (None, True, "v0.3.0")


# What the tag of the commit says.


@pytest.mark.parametrize(
    ("last", "text", "tag", "why"),
    [
        ("v1.2.0", MORE, "v1.2.1", "the tag `v1.2.1` of `acme-users` is too low: what changed since `v1.2.0` asks for "
         "1.3.0: `User.nick` is new"),
        ("v1.2.0", GONE, "v1.3.0", "asks for 2.0.0: `User.mail` is gone"),
        ("v0.2.0", GONE, "v0.2.1", "asks for 0.3.0: `User.mail` is gone"),
        ("v1.2.0", MORE, "v1.1.0", "is not higher than `v1.2.0`"),
        ("v1.2.0", MORE, "v1.2.1-rc.1", "asks for 1.3.0"),
        ("v1.3.0-rc.2", MORE, "v1.3.0-rc.1", "is not higher than `v1.3.0-rc.2`"),
    ],
)  # fmt: skip
def test_a_tag_that_says_too_little_is_refused(repo: Repo, last: str, text: str, tag: str, why: str) -> None:
    tagged(repo, last)
    repo.commit({PATH: text})
    tagged(repo, tag)
    with pytest.raises(Rejected) as refused:
        step(repo)
    assert why in refused.value.message


@pytest.mark.parametrize(
    ("before", "text", "tag"),
    [
        (["v1.2.0"], MORE, "v1.3.0"),
        (["v0.4.2"], USER, "v1.0.0"),
        (["v1.2.0"], GONE, "v2.0.0"),
        (["v1.2.0", "v1.3.0-rc.1"], MORE, "v1.3.0-rc.2"),
        (["v1.2.0"], GONE, "v2.0.0-beta.1"),
        ([], USER, "v3.1.4"),
    ],
)
def test_a_tag_that_says_enough_is_the_version(repo: Repo, before: list[str], text: str, tag: str) -> None:
    tagged(repo, *before)
    repo.commit({PATH: text})
    tagged(repo, tag)
    found = step(repo)
    assert (found.tag, found.tagged, found.next and found.next.semantic) == (tag, True, tag[1:])


@pytest.mark.parametrize("allow", [False, True])
def test_a_break_under_a_tag_of_the_same_major_is_refused_whoever_allows_breaks(repo: Repo, allow: bool) -> None:
    tagged(repo, "v1.2.0")
    repo.commit({PATH: GONE})
    tagged(repo, "v1.3.0")
    with pytest.raises(Rejected, match=r"too low.*asks for 2\.0\.0"):
        step(repo, allow=allow)


def test_a_tag_after_a_release_that_cannot_be_compared_is_somebodys_word(repo: Repo) -> None:
    repo.commit({PATH: WRONG})
    tagged(repo, "v1.2.0")
    repo.commit({PATH: USER})
    tagged(repo, "v1.3.0")
    with pytest.raises(Rejected, match="unless nothing broke") as refused:
        step(repo)
    assert "--allow-breaking" in refused.value.hint
    assert step(repo, allow=True).tag == "v1.3.0"


def test_a_version_that_is_given_is_checked_like_a_tag(repo: Repo) -> None:
    tagged(repo, "v1.2.0")
    repo.commit({PATH: MORE})
    with pytest.raises(Rejected, match=r"the version 1\.2\.1 of `acme-users` is too low"):
        step(repo, "1.2.1")
    with pytest.raises(Rejected, match=r"is not higher than `v1\.2\.0`") as refused:
        step(repo, "1.2.0")
    assert "from 1.3.0 on" in refused.value.hint
    with pytest.raises(Rejected, match="is not the version of a release"):
        step(repo, "1.3.0-dev.1")
    found = step(repo, "1.4.0-rc.1")
    assert (found.tag, found.tagged) == ("v1.4.0-rc.1", False)
    tagged(repo, "v1.4.0-rc.1")
    assert step(repo, "1.4.0-rc.1").tagged


def test_a_pre_release_is_never_proposed_and_what_follows_it_is_not_lower(repo: Repo) -> None:
    tagged(repo, "v0.4.0")
    repo.commit({PATH: MORE})
    tagged(repo, "v1.0.0-rc.1")
    repo.commit({PATH: MORE.replace("nick", "alias").replace("3;", "4;") + "message New {}\n"})
    assert step(repo).tag == "v1.0.0"


def test_a_tag_that_is_taken_elsewhere_is_refused(repo: Repo) -> None:
    tagged(repo, "v1.2.0")
    repo.git("checkout", "--quiet", "-b", "other")
    other = repo.commit({PATH: MORE})
    tagged(repo, "v1.3.0")
    repo.git("checkout", "--quiet", "main")
    repo.commit({PATH: MORE.replace("nick", "alias")})
    with pytest.raises(Rejected, match=rf"the tag `v1\.3\.0` is at commit {other[:12]}") as refused:
        step(repo)
    assert "merge that first" in refused.value.hint


# What tags are called.


@pytest.mark.parametrize(
    ("pattern", "tags", "last", "next"),
    [
        ("protos/v{version}", ["v9.0.0", "protos/v1.2.0"], "protos/v1.2.0", "protos/v1.3.0"),
        ("{name}-{version}", ["acme-users-1.2.0", "acme-users-v1.9.0"], "acme-users-1.2.0", "acme-users-1.3.0"),
        ("v{version}", ["1.9.0", "v1.2.0", "v1.2", "v01.3.0"], "v1.2.0", "v1.3.0"),
        (None, ["acme-users/v1.2.0", "v3.0.0"], "acme-users/v1.2.0", "acme-users/v1.3.0"),
        (None, ["acme/v1.2.0", "v3.0.0"], "acme/v1.2.0", "acme/v1.3.0"),
        (None, ["1.2.0"], "1.2.0", "1.3.0"),
    ],
)  # fmt: skip
def test_releases_are_called_as_the_pattern_says_else_like_the_last(
    repo: Repo, pattern: str | None, tags: list[str], last: str, next: str
) -> None:
    repo.commit({"schemactl.yaml": ONE + (f"release: {{tag: '{pattern}'}}\n" if pattern else "")})
    tagged(repo, *tags)
    repo.commit({PATH: MORE})
    found = step(repo)
    assert (found.last, found.tag) == (last, next)


def test_a_package_that_is_split_off_is_new_though_its_files_had_another_name(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {**CHAIN, "schemactl.yaml": "packages: [{name: acme-notes}]\n"})
    tagged(repo, "v0.2.0")
    repo.commit({"schemactl.yaml": THREE})
    found = {each.name: each for each in steps(repo)}
    assert found["acme-shared"].why == ("it was no declared package before",)
    assert found["acme-notes"].breaking
    assert [each.tag for each in found.values()] == ["acme-shared/v0.2.1", "acme-orders/v0.2.1", "acme-notes/v0.3.0"]


def test_packages_that_shared_their_tags_get_tags_of_their_own(chain: Repo) -> None:
    assert nexts(chain) == {name: f"{name}/v0.1.0" for name in ("acme-shared", "acme-orders", "acme-notes")}
    tagged(chain, "v1.2.0")
    chain.commit({NOTE: NOTES.replace("}\n", "  string text = 2;\n}\n")})
    assert nexts(chain) == {"acme-notes": "acme-notes/v1.3.0"}


def test_a_shallow_clone_and_a_dirty_tree_say_what_to_do(repo: Repo, tmp_path: Path) -> None:
    repo.commit({PATH: MORE})
    repo.git("clone", "--quiet", "--depth=1", repo.root.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(ToolError, match="shallow") as error:
        step(Repo(tmp_path / "shallow"))
    assert "git fetch --unshallow --tags" in error.value.hint
    repo.write({PATH: GONE})
    with pytest.raises(ToolError, match="uncommitted changes") as error:
        step(repo)
    assert "commit them" in error.value.hint


# What needs what.


def test_who_needs_a_package_that_breaks_is_released_too_and_all_that_need_it(chain: Repo) -> None:
    tagged(chain, "acme-shared/v0.3.0", "acme-orders/v0.5.1", "acme-notes/v0.1.0")
    chain.commit({MONEY: BROKE})
    found = {each.name: each for each in steps(chain)}
    assert list(found) == ["acme-shared", "acme-orders", "acme-notes"]
    assert [each.tag for each in found.values()] == ["acme-shared/v0.4.0", "acme-orders/v0.6.0", "acme-notes/v0.2.0"]
    assert found["acme-orders"].why == ("needs `acme-shared` 0.4.0, which breaks",)
    assert found["acme-notes"].why == ("needs `acme-orders` 0.6.0, which breaks",)
    assert all(each.breaking for each in found.values())
    tagged(chain, "acme-shared/v0.4.0", "acme-orders/v0.5.2")
    with pytest.raises(Rejected, match=r"asks for 0\.6\.0: needs `acme-shared` 0\.4\.0, which breaks"):
        steps(chain)


def test_a_break_of_what_a_stable_package_needs_is_one_of_its_own(chain: Repo) -> None:
    tagged(chain, "acme-shared/v0.3.0", "acme-orders/v1.5.1", "acme-notes/v0.1.0")
    chain.commit({MONEY: BROKE})
    with pytest.raises(Rejected, match=r"`acme-orders` 1\.5\.1: needs `acme-shared` 0\.4\.0, which breaks"):
        steps(chain)
    assert nexts(chain, allow=True)["acme-orders"] == "acme-orders/v2.0.0"


def test_who_needs_a_package_that_only_grows_is_not_released(chain: Repo) -> None:
    tagged(chain, "acme-shared/v1.3.0", "acme-orders/v1.5.1", "acme-notes/v0.1.0")
    chain.commit({MONEY: SHARED.replace("}\n", "  string code = 2;\n}\n")})
    assert nexts(chain) == {"acme-shared": "acme-shared/v1.4.0"}


def test_who_was_left_behind_by_a_version_that_breaks_nothing_follows_without_a_break(chain: Repo) -> None:
    tagged(chain, "acme-shared/v0.3.0", "acme-orders/v1.5.1", "acme-notes/v1.0.0")
    chain.commit({})
    tagged(chain, "acme-shared/v1.0.0")
    chain.commit({})
    found = {each.name: each for each in steps(chain)}
    assert (found["acme-orders"].tag, found["acme-orders"].why) == (
        "acme-orders/v1.5.2",
        ("needs `acme-shared` 1.0.0",),
    )
    assert (found["acme-shared"].next, found["acme-notes"].next) == (None, None)


def test_packages_that_need_each_other_are_released_together(tmp_path: Path) -> None:
    a, b, c = "acme/a/v1/a.proto", "acme/b/v1/b.proto", "acme/a/v1/c.proto"
    head = 'syntax = "proto3";\npackage acme.{}.v1;\n'
    files = {
        a: head.format("a") + "message A {\n  string id = 1;\n}\n",
        b: head.format("b") + f'import "{a}";\nmessage B {{\n  acme.a.v1.A a = 1;\n}}\n',
        c: head.format("a") + f'import "{b}";\nmessage C {{\n  acme.b.v1.B b = 1;\n}}\n',
        "schemactl.yaml": "packages: [{name: acme-a, paths: [acme/a]}, {name: acme-b, paths: [acme/b]}]\n",
    }
    repo = init(tmp_path / "r", files)
    tagged(repo, "acme-a/v0.1.0", "acme-b/v0.1.0")
    repo.commit({a: files[a].replace("string", "int32")})
    assert nexts(repo) == {"acme-a": "acme-a/v0.2.0", "acme-b": "acme-b/v0.2.0"}


def test_a_commit_with_tags_is_a_release_of_what_they_are_of(chain: Repo) -> None:
    tagged(chain, "acme-shared/v1.0.0", "acme-orders/v1.0.0", "acme-notes/v1.0.0")
    text = NOTES.replace("}\n", "  string text = 2;\n}\n")
    chain.commit({NOTE: text, ORDER: ORDERS.replace("}\n", "  string text = 2;\n}\n")})
    tagged(chain, "acme-orders/v1.1.0")
    found = {each.name: each for each in steps(chain)}
    assert {name: each.tag for name, each in found.items() if each.next} == {"acme-orders": "acme-orders/v1.1.0"}
    assert found["acme-notes"].why == ("this commit carries no release tag of it",)
    chain.git("tag", "--delete", "acme-orders/v1.1.0")
    tagged(chain, "acme-notes/v1.1.0")
    with pytest.raises(Rejected, match="`acme-orders`, which a released package needs, has changes"):
        steps(chain)


def test_packages_of_one_protobuf_package_are_released_by_their_own_files(tmp_path: Path) -> None:
    other = "acme/v1/order.proto"
    declared = f"packages: [{{name: acme-users, paths: [{PATH}]}}, {{name: acme-orders, paths: [{other}]}}]\n"
    repo = init(tmp_path / "r", {PATH: USER, other: HEAD + "message Order {}\n", "schemactl.yaml": declared})
    tagged(repo, "acme-users/v1.0.0", "acme-orders/v1.0.0")
    repo.commit({PATH: MORE})
    assert nexts(repo) == {"acme-users": "acme-users/v1.1.0"}


# What the schema does not show.


def test_a_file_that_moves_to_another_package_breaks_both_since_nobody_can_have_it_twice(tmp_path: Path) -> None:
    other, stays = "acme/v1/order.proto", "acme/v1/note.proto"
    files = {PATH: USER, other: HEAD + "message Order {}\n", stays: HEAD + "message Note {}\n"}
    declared = "packages: [{{name: acme-a, paths: [{}]}}, {{name: acme-b, paths: [{}]}}]\n"
    before, after = declared.format(f"{PATH}, {other}", stays), declared.format(PATH, f"{other}, {stays}")
    repo = init(tmp_path / "r", files | {"schemactl.yaml": before})
    tagged(repo, "acme-a/v0.2.0", "acme-b/v1.2.0")
    repo.commit({"schemactl.yaml": after})
    with pytest.raises(Rejected, match="breaks `acme-b`"):
        steps(repo)
    found = {each.name: each for each in steps(repo, allow=True)}
    assert (found["acme-a"].tag, found["acme-a"].why) == (
        "acme-a/v0.3.0", ("`acme/v1/order.proto` is in the package `acme-b` now",),
    )  # fmt: skip
    assert (found["acme-b"].tag, found["acme-b"].why) == (
        "acme-b/v2.0.0",
        ("`acme/v1/order.proto` came here from a release of the package `acme-a`, which has it, too",),
    )  # fmt: skip


def test_a_distribution_that_is_renamed_breaks_though_the_schema_stays(repo: Repo) -> None:
    tagged(repo, "v1.2.0")
    repo.commit({"schemactl.yaml": "packages: [{name: acme-users, python: {distribution: acme-u}}]\n"})
    with pytest.raises(Rejected, match="the Python distribution `acme-users` is called `acme-u` now"):
        step(repo)


PYTHON = PythonTarget("acme-users", "", "1.80.1")
WAS = Product("acme-users", (PATH, "acme/v1/b.proto"), PYTHON, GoTarget("example.com/u"), "Users", "Apache-2.0")


@pytest.mark.parametrize(
    ("now", "level", "why"),
    [
        (WAS, None, ""),
        ({"python": PythonTarget("acme-u", "", "1.80.1")}, "major", "the Python distribution `acme-users` is called"),
        ({"python": PythonTarget("acme-users", "acme.events", "1.80.1")}, "major",
         "the Python module `acme.v1.user_pb2` is `acme.events.acme.v1.user_pb2` now, like 1 more"),
        ({"python": PythonTarget("acme-users", "acme", "1.80.1")}, None, ""),
        ({"python": PythonTarget("acme-users")}, "patch", "the Python code is written by the grpcio-tools that is"),
        ({"python": None}, "major", "it is no longer made for Python"),
        ({"go": GoTarget("example.com/v")}, "major", "the Go module `example.com/u` is called `example.com/v` now"),
        ({"go": GoTarget("example.com/u", required=False)}, None, ""),
        ({"go": None}, "major", "it is no longer made for Go"),
        ({"license": "MIT"}, "patch", "its license has changed"),
        ({"description": "All users"}, "patch", "its description has changed"),
        ({"files": (PATH,)}, "major", "`acme/v1/b.proto` is in no package now"),
        ({"files": (*WAS.files, "acme/v1/c.proto")}, "minor", "`acme/v1/c.proto` joined it"),
        ({"python": PythonTarget("Acme_Users", "", "1.80.1")}, "patch", "the Python distribution `acme-users` is"),
        ({"go": GoTarget("example.com/u/v2")}, None, ""),
    ],
)  # fmt: skip
def test_a_declaration_asks_for_what_users_notice_of_it(now: dict[str, object], level: Level | None, why: str) -> None:
    product = now if isinstance(now, Product) else replace(WAS, **now)
    found = reasons(Plan((WAS,)), Plan((product,)), product, WAS.files, ())
    assert [each[0] for each in found] == ([level] if level else [])
    assert all(text.startswith(why) for _, text in found)
    back = reasons(Plan((product,)), Plan((WAS,)), WAS, WAS.files, ())
    if product.go is None or product.python is None:
        assert [each[0] for each in back] == ["minor"]


def test_what_nobody_had_declared_was_not_released(repo: Repo) -> None:
    repo.commit({"schemactl.yaml": None})
    tagged(repo, "v1.2.0")
    repo.commit({"schemactl.yaml": ONE})
    found = step(repo)
    assert (found.tag, found.why) == ("v1.3.0", ("it was no declared package before",))


def test_a_package_that_is_renamed_is_compared_with_what_it_was(repo: Repo) -> None:
    tagged(repo, "v0.2.0")
    repo.commit({"schemactl.yaml": ONE.replace("acme-users", "acme-people")})
    assert step(repo).why == ("the Python distribution `acme-users` is called `acme-people` now",)


def test_a_package_whose_files_are_all_others_now_has_lost_them(tmp_path: Path) -> None:
    """The files that are gone stood nearer to the other package."""
    gone, own = "acme/orders/old/v1/order.proto", "acme/users/v1/user.proto"
    files = {gone: HEAD.replace("acme", "acme.old") + "message Order {}\n", own: USER, ORDER: ORDERS, MONEY: SHARED}
    declared = "packages: [{{name: acme-a, paths: [{}]}}, {{name: acme-b, paths: [acme/orders/v1, acme/shared]}}]\n"
    repo = init(tmp_path / "r", files | {"schemactl.yaml": declared.format("acme/users, acme/orders/old")})
    tagged(repo, "acme-a/v0.1.0", "acme-b/v0.1.0")
    repo.commit({gone: None, "schemactl.yaml": declared.format("acme/users")})
    assert nexts(repo) == {"acme-a": "acme-a/v0.2.0"}


# The law of all versions: what requires the last release takes the next one if, and only if, it breaks nothing.


@given(
    st.builds(Number, st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)),
    st.sampled_from(LEVELS[:-1]),
)
def test_who_requires_a_release_gets_the_next_one_unless_that_breaks(last: Number, level: Level) -> None:
    following = Semantic(last.following(level))
    assert following.key > Semantic(last).key
    takes = SpecifierSet(compatible_python(Semantic(last).names))
    assert takes.contains(following.python) == (level != "major")


# What of others is noticed: who provides what is imported, and in which version.

AUDIT = "aud/audit.proto"
GO = ("example.com/audit/v1", "example.com/audit")


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (Provider("acme-audit>=1.4,<2"), Provider("acme-audit>=2.0,<3"), "major"),
        (Provider("acme-audit>=2.0,<3"), Provider("acme-audit>=1.4,<2"), "major"),
        (Provider("acme-audit>=1.4"), Provider("acme-audit>=2"), "major"),
        (Provider("acme-audit>=0.4"), Provider("acme-audit>=0.5"), "major"),
        (Provider("acme-audit>1.4,<2"), Provider("acme-audit>=1.2,<2"), "patch"),
        (Provider("acme-audit"), Provider("acme-audit<2"), "patch"),
        (Provider("acme-audit==1.*"), Provider("Acme.Audit>=1.6rc1"), "patch"),
        (Provider("acme-audit>=1"), Provider("acme-trail>=1"), "major"),
        (Provider(), Provider("acme-audit>=1"), "patch"),
        (Provider("", *GO, "v1.4.0"), Provider("", *GO, "v1.6.2"), "patch"),
        (Provider("", *GO, "v1.4.0"), Provider("", *GO, "v0.9.0"), "major"),
        (Provider("", *GO, "v0.4.0"), Provider("", *GO, "v0.5.0"), "major"),
        (Provider("", *GO, ""), Provider("", *GO, "v0.5.0"), "patch"),
        (Provider("", *GO), Provider("", "example.com/trail/v1", "example.com/trail"), "major"),
    ],
)
def test_another_provider_of_an_import_breaks_who_has_the_one(old: Provider, new: Provider, level: Level) -> None:
    found = reasons(Plan((WAS,), {AUDIT: old}), Plan((WAS,), {AUDIT: new}), WAS, WAS.files, (AUDIT,))
    assert [each[0] for each in found] == [level]
    alone = replace(WAS, python=None) if old.requirement or new.requirement else replace(WAS, go=None)
    assert reasons(Plan((alone,), {AUDIT: old}), Plan((alone,), {AUDIT: new}), alone, WAS.files, (AUDIT,)) == []


def test_an_import_that_another_package_of_ours_has_now_breaks_who_needs_it() -> None:
    one, other = (Product(name, (AUDIT,), PythonTarget(name)) for name in ("acme-audit", "acme-trail"))
    (found,) = reasons(Plan((WAS, one)), Plan((WAS, other)), WAS, (*WAS.files, AUDIT), (AUDIT,))
    assert found == ("major", f"needs `acme-trail` for `{AUDIT}` now, and needed `acme-audit`")


def test_a_file_of_somebody_elses_that_is_made_here_now_breaks_who_has_it_from_there() -> None:
    now = replace(WAS, files=(*WAS.files, AUDIT))
    (found,) = reasons(Plan((WAS,), {AUDIT: Provider("acme-audit>=1")}), Plan((now,)), now, now.files, (AUDIT,))
    assert found == ("major", f"`{AUDIT}` came here from `acme-audit>=1`, which has it, too")


def test_a_file_that_joins_a_package_is_released_with_it(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", CHAIN | {"schemactl.yaml": "packages: [{name: acme-shared, paths: [acme/shared]}]\n"})
    tagged(repo, "v1.0.0")
    repo.commit({"schemactl.yaml": "packages: [{name: acme-shared, paths: [acme/shared, acme/orders]}]\n"})
    assert (step(repo).tag, step(repo).why) == ("v1.1.0", (f"`{ORDER}` joined it",))


def test_a_message_that_moves_between_packages_breaks_both_since_nobody_can_have_it_twice(tmp_path: Path) -> None:
    """Python refuses the second file with `duplicate symbol`, Go stops."""
    other = "acme/v1/order.proto"
    declared = f"packages: [{{name: acme-users, paths: [{PATH}]}}, {{name: acme-orders, paths: [{other}]}}]\n"
    more = "message Order {}\n"
    repo = init(tmp_path / "r", {PATH: USER + more, other: HEAD + "message Note {}\n", "schemactl.yaml": declared})
    tagged(repo, "acme-users/v0.1.0", "acme-orders/v0.1.0")
    repo.commit({PATH: USER, other: HEAD + "message Note {}\n" + more})
    assert nexts(repo) == {"acme-users": "acme-users/v0.2.0", "acme-orders": "acme-orders/v0.2.0"}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [(None, "MIT\n", "is new"), ("MIT\n", "Apache\n", "is another one"), ("MIT\n", None, "is gone")],
)
def test_a_license_file_is_in_every_artifact(repo: Repo, before: str | None, after: str | None, why: str) -> None:
    if before:
        repo.commit({"LICENSE": before})
    tagged(repo, "v1.2.0")
    repo.commit({"LICENSE": after})
    assert (step(repo).tag, step(repo).why) == ("v1.2.1", (f"`LICENSE` {why}",))


def test_a_tag_that_comes_later_to_the_same_commit_was_not_required(chain: Repo) -> None:
    tagged(chain, "acme-shared/v0.1.0", "acme-orders/v0.1.0", "acme-notes/v0.1.0", "acme-shared/v1.0.0")
    chain.commit({})
    found = {each.name: each for each in steps(chain)}
    assert nexts(chain) == {"acme-orders": "acme-orders/v0.1.1"}
    assert found["acme-orders"].why == ("needs `acme-shared` 1.0.0",)
    tagged(chain, "acme-orders/v0.1.1")
    chain.commit({})
    assert nexts(chain) == {}


def test_a_version_2_of_a_need_is_another_module_of_go(tmp_path: Path) -> None:
    go = THREE.replace("}", ", go: {module: example.com/NAME}}")
    for name in ("notes", "orders", "shared"):
        go = go.replace("NAME", name, 1)
    repo = init(tmp_path / "r", CHAIN | {"schemactl.yaml": go})
    tagged(repo, "acme-shared/v1.4.0", "acme-orders/v0.3.0", "acme-notes/v0.1.0")
    repo.commit({})
    tagged(repo, "acme-shared/v2.0.0")
    repo.commit({})
    found = {each.name: each for each in steps(repo)}
    assert (found["acme-orders"].tag, found["acme-orders"].why) == (
        "acme-orders/v0.4.0", ("needs `acme-shared` 2.0.0, another module of Go",),
    )  # fmt: skip


def test_a_need_that_stays_behind_takes_what_is_released_beside_it_or_is_released_too(chain: Repo) -> None:
    tagged(chain, "acme-shared/v0.1.0", "acme-orders/v0.1.0", "acme-notes/v0.1.0")
    chain.commit({MONEY: BROKE})
    tagged(chain, "acme-shared/v0.2.0", "acme-notes/v0.2.0")
    with pytest.raises(
        Rejected, match=r"`acme-orders/v0\.1\.0`, which.*does not take `acme-shared` 0\.2\.0"
    ) as refused:
        steps(chain)
    assert "release `acme-orders`, too" in refused.value.hint
    tagged(chain, "acme-orders/v0.2.0")
    assert {each.tag for each in steps(chain)} == {"acme-shared/v0.2.0", "acme-orders/v0.2.0", "acme-notes/v0.2.0"}


def test_a_major_version_in_a_go_module_is_no_part_of_its_name(repo: Repo) -> None:
    config = "packages: [{{name: acme-users, go: {{module: example.com/u{}}}}}]\n"
    repo.commit({"schemactl.yaml": config.format("/v2")})
    tagged(repo, "v2.3.0")
    repo.commit({"schemactl.yaml": config.format("")})
    assert step(repo).next is None
    for written in ("", "/v2"):
        repo.commit({"schemactl.yaml": config.format(written), PATH: GONE})
        with pytest.raises(Rejected) as refused:
            step(repo)
        assert "no program can use its Go module `example.com/u/v3` beside `example.com/u/v2`" in refused.value.hint
