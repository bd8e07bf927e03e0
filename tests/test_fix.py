"""Fixes do what they should and nothing else, and files are written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import threading
from pathlib import Path

import pytest

from fixing import fixed, texts, tree
from schemactl.errors import ToolError
from schemactl.fix import disk, engine, table
from schemactl.fix.disk import Change
from schemactl.fix.edit import Edit, Fix
from schemactl.fix.patch import patch
from shell import git
from trees import left_over, refused, schemactl, write

PATH = "acme/v1/user.proto"
HEAD = 'syntax = "proto3";\npackage acme.v1;\n'
USER = HEAD + "message User {\n  string userId = 1;\n}\n"


def proposing(monkeypatch: pytest.MonkeyPatch, *fixes: Fix) -> None:
    """One fix for each finding of a rule, in their order."""
    of_next = iter(fixes)
    monkeypatch.setattr(engine, "UNASKED", ())
    monkeypatch.setattr(table, "_FAMILIES", ({"MESSAGE_PASCAL_CASE": lambda finding, view: next(of_next, None)},))


def replacing(source: str, old: str, new: str, **more: object) -> Fix:
    at = source.index(old)
    return Fix(f"{old} → {new}", (Edit(PATH, at, at + len(old), new.encode()),), True, **more)  # type: ignore[arg-type]


BAD = HEAD + "message user_one { int32 a = 1; }\nmessage user_two { user_one b = 1; }\nmessage One {}\n"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "message user_one",
            "message UserOne",
            'it would not compile: "user_one" is not defined. (acme/v1/user.proto:4)',
        ),
        ("int32 a = 1", "int32 a = 2", "MESSAGE_PASCAL_CASE would still find: message `user_one` should be `UserOne`"),
        ("message One", "message one", "MESSAGE_PASCAL_CASE would still find: message `user_one` should be `UserOne`"),
    ],
)
def test_what_a_fixer_proposes_is_not_believed(
    old: str, new: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposing(monkeypatch, replacing(BAD, old, new))
    result = fixed(tree(tmp_path, {PATH: BAD}), "MESSAGE_PASCAL_CASE")
    assert result.changes == {}
    assert result.notes == (f"{PATH}:3: left out: {old} → {new} (MESSAGE_PASCAL_CASE): {reason}",)


def test_a_fix_that_changes_what_it_does_not_say_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = BAD.replace("user_two { user_one b", "UserTwo { One b")
    old, new = "message user_one { int32 a = 1; }", "message UserOne { int32 a = 2; }"
    renames = {"acme.v1.user_one": "UserOne"}
    root = tree(tmp_path, {PATH: source})
    proposing(monkeypatch, replacing(source, old, new, renames=renames))
    (note,) = fixed(root, "MESSAGE_PASCAL_CASE").notes
    assert note.endswith("(MESSAGE_PASCAL_CASE): `acme.v1.UserOne.a` would mean something else")
    touches = frozenset({"acme.v1.user_one.a"})
    proposing(monkeypatch, replacing(source, old, new, renames=renames, touches=touches))
    assert texts(fixed(root, "MESSAGE_PASCAL_CASE")) == {PATH: source.replace(old, new)}


def test_one_wrong_fix_does_not_keep_others_from_being_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"user_{letter}" for letter in "abcdefgh"]
    source = HEAD + "".join(f"message {name} {{}}\n" for name in names)
    right = {name: f"User{name[-1].upper()}" for name in names} | {"user_d": "UserD {", "user_g": "UserA"}
    fixes = [replacing(source, old, new, renames={f"acme.v1.{old}": new}) for old, new in right.items()]
    proposing(monkeypatch, *fixes)
    result = fixed(tree(tmp_path, {PATH: source}), "MESSAGE_PASCAL_CASE")
    assert re.findall(r"message (\w+)", texts(result)[PATH]) == [
        name if name in ("user_d", "user_g") else right[name] for name in names
    ]
    assert result.summary == "fixed 6 findings in 1 file; 2 have no fix"
    assert [note.split(":")[1] for note in result.notes] == ["6", "9"]


def test_many_wrong_fixes_do_not_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"user_{number}" for number in range(64)]
    source = HEAD + "".join(f"message {name} {{}}\n" for name in names) + "message Taken {}\n"
    right = {name: f"User{number}" if number % 4 else "Taken" for number, name in enumerate(names)}
    fixes = [
        replacing(source, f"message {old} ", f"message {new} ", renames={f"acme.v1.{old}": new})
        for old, new in right.items()
    ]
    proposing(monkeypatch, *fixes)
    result = fixed(tree(tmp_path, {PATH: source}), "MESSAGE_PASCAL_CASE")
    assert result.summary == "fixed 48 findings in 1 file; 16 have no fix"
    assert all("already defined" in note for note in result.notes)


def test_fixes_of_the_same_place_wait_for_each_other(tmp_path: Path) -> None:
    source = HEAD + "enum user_kind { noneAtAll = 0; KIND_a = 1; }\n"
    result = fixed(tree(tmp_path, {PATH: source}), unsafe=True)
    assert texts(result)[PATH] == HEAD + "enum UserKind { USER_KIND_NONE_AT_ALL = 0; USER_KIND_A = 1; }\n"


def test_a_suppressed_finding_is_not_fixed(tmp_path: Path) -> None:
    source = USER.replace("  string", "  // buf:lint:ignore FIELD_LOWER_SNAKE_CASE\n  string")
    assert fixed(tree(tmp_path, {PATH: source}), unsafe=True).changes == {}


def test_the_findings_after_it_are_those_of_the_fixed_files(tmp_path: Path) -> None:
    source = USER + "enum Kind { KIND_ADMIN = 0; }\n"
    result = fixed(tree(tmp_path, {PATH: source}), unsafe=True)
    assert [finding.rule for finding in result.findings] == ["ENUM_ZERO_VALUE_SUFFIX"]
    assert result.summary == "fixed 1 finding in 1 file; 1 has no fix"


def changes(**texts: tuple[str, str]) -> dict[str, Change]:
    return {f"{name}.proto": Change(old.encode(), new.encode()) for name, (old, new) in texts.items()}


def test_files_are_written_with_their_permissions_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": "a", "b.proto": "b"})
    (tmp_path / "a.proto").chmod(0o754)
    disk.write(tmp_path, changes(a=("a", "A"), b=("b", "B")))
    assert [(tmp_path / name).read_text() for name in ("a.proto", "b.proto")] == ["A", "B"]
    assert (tmp_path / "a.proto").stat().st_mode & 0o777 == 0o754
    assert left_over(tmp_path) == ["a.proto", "b.proto"]


def _changed(path: Path) -> None:
    path.write_text("meanwhile")


def _longer(path: Path) -> None:
    path.write_text("b and more")


def _read_only(path: Path) -> None:
    path.chmod(0o444)


def _linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _in_the_way(path: Path) -> None:
    path.with_name(f".{path.name}.{os.getpid()}.tmp").mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (Path.unlink, "`b.proto` is gone: nothing was written"),
        (_changed, "`b.proto` changed while it was being fixed: nothing was written"),
        (_longer, "`b.proto` changed while it was being fixed: nothing was written"),
        (_read_only, "`b.proto` is read-only: nothing was written"),
        (_linked, "`b.proto` is no longer a regular file: nothing was written"),
        (_in_the_way, "cannot be written: File exists: nothing was written"),
    ],
)
def test_all_files_stay_when_one_cannot_be_written(spoil: object, message: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": "a", "b.proto": "b", "c.proto": "c"})
    assert callable(spoil)
    spoil(tmp_path / "b.proto")
    before = {name: (tmp_path / name).lstat() for name in left_over(tmp_path)}
    with pytest.raises(ToolError, match=re.escape(message)):
        disk.write(tmp_path, changes(a=("a", "A"), b=("b", "B"), c=("c", "C")))
    assert {name: (tmp_path / name).lstat() for name in left_over(tmp_path)} == before


def test_what_is_written_already_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.proto": "a", "b.proto": "b"})
    replace = Path.replace

    def failing(draft: Path, target: Path) -> Path:
        if target.name == "b.proto":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(target))
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(ToolError, match=r"`b.proto` cannot be written: .*: nothing was written"):
        disk.write(tmp_path, changes(a=("a", "A"), b=("b", "B")))
    assert [(tmp_path / name).read_text() for name in left_over(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_ended_while_it_writes_leaves_all_as_it_was(
    ending: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.proto": "a", "b.proto": "b"})
    replace = Path.replace

    def interrupted(draft: Path, target: Path) -> Path:
        done = replace(draft, target)
        if target.read_text() == "A":
            raise ending
        return done

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(ending):
        disk.write(tmp_path, changes(a=("a", "A"), b=("b", "B")))
    assert [(tmp_path / name).read_text() for name in left_over(tmp_path)] == ["a", "b"]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be held back there")
def test_a_signal_waits_until_all_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.proto": "a", "b.proto": "b"})
    replace = Path.replace

    def signalled(draft: Path, target: Path) -> Path:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # no thread of pytest-xdist's
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", signalled)
    with pytest.raises(KeyboardInterrupt):
        disk.write(tmp_path, changes(a=("a", "A"), b=("b", "B")))
    assert [(tmp_path / name).read_text() for name in left_over(tmp_path)] == ["A", "B"]


def test_a_full_disk_is_told_with_the_file_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.proto": "a"})

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ToolError, match=r"`a.proto` cannot be written: No space") as failure:
        disk.write(tmp_path, changes(a=("a", "A")))
    assert failure.value.hint == "free some disk space, and run again"
    assert left_over(tmp_path) == ["a.proto"]


def test_a_patch_is_what_git_applies(tmp_path: Path) -> None:
    old = b"\xef\xbb\xbfone\r\ntwo\n\tthree\x0c\rx \xff\x1b[2J\nfour"
    new = b"\xef\xbb\xbfone\r\nTWO\r\n\tthree\x0c\rx \xff\x1b[2J\nFOUR"
    write(tmp_path, {"a.proto": old, "d/b.proto": "b\n"})
    assert git(tmp_path, "init", "--quiet").returncode == 0
    changed = {"a.proto": Change(old, new), "d/b.proto": Change(b"b\n", b"")}
    (tmp_path / "p.diff").write_bytes(patch(changed, raw=True))
    done = git(tmp_path, "apply", "--whitespace=nowarn", "p.diff")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.proto").read_bytes() == new


def test_a_patch_shows_what_a_terminal_would_obey() -> None:
    shown = patch({"a.proto": Change(b"\x1b[2J\n::error::x\na\x0bb\rc\n", b"##[error]\xff\n")}, color=True)
    assert shown.decode() == (
        "\x1b[1m--- a/a.proto\x1b[0m\n\x1b[1m+++ b/a.proto\x1b[0m\n\x1b[36m@@ -1,3 +1 @@\x1b[0m\n"
        "\x1b[31m-\\x1b[2J\x1b[0m\n\x1b[31m-\\x3a:error::x\x1b[0m\n\x1b[31m-a\\x0bb\\x0dc\x1b[0m\n"
        "\x1b[32m+\\x23#[error]\\xff\x1b[0m\n"
    )


def test_a_diff_changes_nothing_and_fixing_changes_what_it_shows(tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: USER, "acme/v1/other.proto": HEAD}, {"acme/v1/other.proto": HEAD})
    shown = schemactl("lint", "--fix", "--diff", "-C", root)
    assert (root / PATH).read_text() == USER
    assert shown.out == (
        f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,5 +1,5 @@\n"
        ' syntax = "proto3";\n package acme.v1;\n message User {\n-  string userId = 1;\n+  string user_id = 1;\n }\n'
    )
    assert shown.err == "not written: fixed 1 finding in 1 file\n"
    done = schemactl("lint", "--fix", "-C", root)
    assert (root / PATH).read_text() == USER.replace("userId", "user_id")
    assert (done.code, "fixed 1 finding in 1 file" in done.out) == (0, True), done


@pytest.mark.parametrize("option", ["--staged", "--rev=HEAD"])
def test_only_the_working_tree_is_fixed(option: str, tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: USER}, {PATH: USER})
    assert option.partition("=")[0] in refused("lint", "--fix", "-C", root, option)
    assert (root / PATH).read_text() == USER


def test_only_what_stands_at_a_given_path_is_fixed_also_where_others_refer_to_it(tmp_path: Path) -> None:
    user, order = HEAD + "message user_data {}\n", "acme/v1/order.proto"
    other = f'{HEAD}import "{PATH}";\nmessage new_order {{ user_data user = 1; }}\n'
    root = tree(tmp_path, {PATH: user, order: other})
    schemactl("lint", "--fix", "--unsafe-fixes", "-C", root, root / PATH)
    assert (root / PATH).read_text() == user.replace("user_data", "UserData")
    assert (root / order).read_text() == other.replace("user_data", "UserData")


def test_safe_fixes_do_not_change_what_is_breaking(tmp_path: Path) -> None:
    base = "message User {\n  string userId = 1;\n  string mail = 2;\n}\nenum kind { NONE = 0; }\n"
    now = (
        "message User {\n  int32 userId = 1;\n  string homeTown = 3;\n  new_one one = 4;\n}\n"
        "message new_one { kind kind_of = 1; }\nenum kind { NONE = 0; admin = 1; }\nenum other_kind { UNKNOWN = 0; }\n"
    )
    root = tree(tmp_path, {PATH: HEAD + now}, {PATH: HEAD + base})
    before = {each["message"] for each in report(root, "breaking")}
    schemactl("lint", "--fix", "-C", root)
    text = (root / PATH).read_text()
    assert [word in text for word in ("userId", "home_town", "NewOne", "KIND_ADMIN", "OTHER_KIND_UNSPECIFIED")] == [
        True
    ] * 5
    assert {each["message"] for each in report(root, "breaking")} <= before
    assert len(before) > 1


def report(root: Path, command: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(schemactl(command, "-C", root, "--format", "json").out)["findings"]
    return found


def test_a_finding_that_is_hidden_stays_so_when_what_holds_it_gets_another_name(tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: HEAD + "message user_data { string userId = 1; }\n"})
    found = fixed(root, unsafe=True, hidden="acme.v1.user_data.userId")
    assert texts(found) == {PATH: HEAD + "message UserData { string userId = 1; }\n"}


def test_what_has_no_fix_is_still_the_same_when_what_holds_it_gets_another_name(tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: HEAD + "message user_data { string userId = 1; message user_id {} }\n"})
    result = fixed(
        root, "MESSAGE_PASCAL_CASE", "FIELD_LOWER_SNAKE_CASE", unsafe=True, hidden="acme.v1.user_data.user_id"
    )
    assert texts(result) == {PATH: HEAD + "message UserData { string userId = 1; message user_id {} }\n"}
    assert result.summary == "fixed 1 finding in 1 file; 1 has no fix"
