"""Comments and approvals in whole runs: what they leave out, until when, and what a change adds of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import repositories
from repositories import BROKEN, GONE, PATH, USER, Done, Repo, clean, in_ci, init

CONFIG = "lint: {use: [BASIC]}\n"
NAMED = "FIELD_LOWER_SNAKE_CASE"
TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
DELETED = ["FIELD_NO_DELETE_UNLESS_NAME_RESERVED", "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"]
APPROVALS = "schemactl-approvals.yaml"
OLD = USER.replace("string mail", "string eMail")


def ignoring(comment: str, text: str = OLD) -> str:
    """With the comment above the second field."""
    return text.replace("  string eMail", f"  // schemactl:ignore {comment}\n  string eMail")


REASONED = ignoring(f"{NAMED} until=2027-01-31 -- the partner's name")


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def in_pull_request(monkeypatch: pytest.MonkeyPatch) -> None:
    in_ci(monkeypatch)


def pull_request(tmp_path: Path, base: Mapping[str, str | None], change: Mapping[str, str | None]) -> Repo:
    return repositories.pull_request(tmp_path / "r", {"schemactl.yaml": CONFIG, **base}, change)


def told(done: Done) -> list[tuple[str, str]]:
    return [(each["rule"], each["severity"]) for each in done.report["findings"]]


def test_what_a_comment_suppresses_does_not_fail_and_is_counted(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: REASONED, "schemactl.yaml": CONFIG})
    done = repo.run("lint", "--today", "2026-06-01")
    assert (done.code, done.rules, done.report["summary"]["suppressed"]) == (0, [], 1)
    (shown,) = repo.run("lint", "--today", "2026-06-01", "--show-suppressed").report["findings"]
    assert shown["suppressed"] == "schemactl:ignore until 2027-01-31: the partner's name"


def test_a_day_decides_whatever_is_cached(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: REASONED, "schemactl.yaml": CONFIG})
    days = {
        "2027-01-16": [],
        "2027-01-17": [("SUPPRESSION_EXPIRES", "info")],
        "2027-01-31": [("SUPPRESSION_EXPIRES", "info")],
        "2027-02-01": [(NAMED, "error")],
        "2026-11-23": [],
    }
    assert {day: told(repo.run("lint", "--today", day)) for day in days} == days
    (back,) = repo.run("lint", "--today", "2027-02-01").report["findings"]
    assert f"its suppression at {PATH}:5 ended on 2027-01-31" in back["help"]


def test_a_reason_is_required_unless_the_configuration_says_otherwise(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: ignoring(NAMED), "schemactl.yaml": CONFIG})
    assert told(repo.run("lint")) == [("SUPPRESSION_INVALID", "error"), (NAMED, "error")]
    repo.write({"schemactl.yaml": CONFIG + "suppress: {reason: optional}\n"})
    assert told(repo.run("lint")) == []
    repo.write({"schemactl.yaml": CONFIG + "suppress: {comments: false}\n"})
    assert told(repo.run("lint")) == [(NAMED, "error")]


def test_a_suppression_without_use_is_a_warning_where_its_rule_ran(tmp_path: Path) -> None:
    both = USER.replace("  string mail", f"  // schemactl:ignore {NAMED}, {TYPE} -- x\n  string mail")
    repo = init(tmp_path / "r", {PATH: both, "schemactl.yaml": CONFIG})
    assert told(repo.run("lint")) == [("SUPPRESSION_UNUSED", "warning")]
    assert told(repo.run("lint", "--select", "ENUM_PASCAL_CASE")) == []
    assert told(repo.run("breaking", "--against", "HEAD")) == []
    repo.write({"schemactl.yaml": CONFIG + "rules: {SUPPRESSION_UNUSED: error}\n"})
    assert repo.run("lint").code == 1


def test_only_what_this_change_adds_is_new(tmp_path: Path) -> None:
    idle = USER.replace("  string mail", f"  // schemactl:ignore {NAMED} -- x\n  string mail")
    repo = init(tmp_path / "r", {PATH: idle, "schemactl.yaml": CONFIG}, {PATH: idle + "message Other {}\n"})
    assert told(repo.run("lint", "--new", "--against", "HEAD^1")) == []
    repo.write({PATH: idle.replace("  string name", f"  // schemactl:ignore {NAMED} -- y\n  string name")})
    assert told(repo.run("lint", "--new", "--against", "HEAD^1")) == [("SUPPRESSION_UNUSED", "warning")]


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("command", ["lint", "check"])
def test_a_suppression_that_a_change_adds_is_told_first(tmp_path: Path, command: str) -> None:
    repo = pull_request(tmp_path, {PATH: USER.replace("  string mail = 2;\n", "")}, {PATH: REASONED})
    done = repo.run(command, "--today", "2026-06-01")
    assert (done.code, told(done)) == (0, [("SUPPRESSION_ADDED", "info")])
    (found,) = done.report["findings"]
    assert (found["path"], found["line"]) == (PATH, 6)
    assert "the partner's name" in found["message"]
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit({PATH: REASONED + "message Other {}\n"})
    assert told(repo.run(command, "--today", "2026-06-01")) == []


@pytest.mark.usefixtures("in_pull_request")
def test_a_change_that_suppresses_without_a_reason_is_red(tmp_path: Path) -> None:
    repo = pull_request(tmp_path, {PATH: GONE}, {PATH: ignoring(NAMED)})
    assert told(repo.run("lint")) == [("SUPPRESSION_INVALID", "error"), (NAMED, "error")]
    relaxed = {"schemactl.yaml": CONFIG + "suppress: {reason: optional}\n"}
    repo.commit(relaxed)
    assert told(repo.run("lint"))[0] == ("POLICY_CHANGED", "warning")
    assert repo.run("lint").code == 1


APPROVED = BROKEN.replace("  int32 mail", f"  // schemactl:ignore {TYPE} -- nobody reads it\n  int32 mail")


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("command", ["breaking", "check"])
def test_a_break_is_approved_where_it_is_and_listed_first(tmp_path: Path, command: str) -> None:
    repo = pull_request(tmp_path, {PATH: USER}, {PATH: APPROVED})
    done = repo.run(command)
    assert (done.code, told(done)) == (0, [("BREAK_APPROVED", "info")])
    assert "nobody reads it" in done.report["findings"][0]["message"]


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("command", ["breaking", "check"])
def test_in_strict_mode_an_approval_counts_once_the_base_has_it(tmp_path: Path, command: str) -> None:
    strict = {"schemactl.yaml": CONFIG + "approvals: base\n"}
    repo = pull_request(tmp_path, {PATH: USER, **strict}, {PATH: APPROVED})
    done = repo.run(command)
    assert (done.code, told(done)) == (1, [(TYPE, "error")])
    assert "does not count before it is in the base" in done.report["findings"][0]["help"]
    entry = f"approvals:\n  - {{rule: {TYPE}, element: acme.v1.User.mail, reason: agreed}}\n"
    repo.commit({PATH: BROKEN, APPROVALS: entry})
    assert repo.run(command).code == 1
    repo.commit({PATH: USER})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit({PATH: BROKEN})
    assert (repo.run(command).code, repo.run(command).rules) == (0, ["BREAK_APPROVED"])


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("rules", [f"{TYPE} NO_SUCH_RULE", f"{TYPE} until=tomorrow"])
def test_in_strict_mode_what_counted_for_nothing_in_the_base_approves_nothing(tmp_path: Path, rules: str) -> None:
    wrong = USER.replace("  string mail", f"  // schemactl:ignore {rules} -- nobody reads it\n  string mail")
    repo = pull_request(tmp_path, {PATH: wrong, "schemactl.yaml": CONFIG + "approvals: base\n"}, {PATH: APPROVED})
    assert (repo.run("breaking").code, repo.run("breaking").rules) == (1, [TYPE])


@pytest.mark.parametrize("approved", ["FIELD_SAME_JSON_NAME", TYPE])
def test_what_is_not_approved_of_a_change_still_says_what_it_does(tmp_path: Path, approved: str) -> None:
    changed = OLD.replace("string eMail", "bytes eMailHash")
    repo = init(tmp_path / "r", {PATH: OLD}, {PATH: changed})
    whole = repo.run("breaking", format="text").out
    effects = [line for line in whole.splitlines() if " = effect: " in line]
    assert effects
    repo.write({PATH: changed.replace("  bytes", f"  // schemactl:ignore {approved} -- nobody reads it yet\n  bytes")})
    done = repo.run("breaking", "--against", "HEAD^1", format="text")
    assert (done.code, f"error {approved}" in done.out) == (1, False)
    assert [line for line in done.out.splitlines() if " = effect: " in line] == effects


@pytest.mark.usefixtures("in_pull_request")
def test_a_deleted_field_is_approved_on_its_message(tmp_path: Path) -> None:
    approved = GONE.replace("message User", f"// schemactl:ignore {' '.join(DELETED)} -- never sent\nmessage User")
    done = pull_request(tmp_path, {PATH: USER}, {PATH: approved}).run("breaking")
    assert (done.code, done.rules) == (0, ["BREAK_APPROVED"])


@pytest.mark.usefixtures("in_pull_request")
def test_a_deleted_file_is_approved_in_the_file_of_approvals(tmp_path: Path) -> None:
    other = USER.replace("acme.v1", "acme.other.v1")
    repo = pull_request(tmp_path, {PATH: USER, "acme/other/v1/user.proto": other}, {"acme/other/v1/user.proto": None})
    (found,) = repo.run("breaking").report["findings"]
    assert (found["rule"], found["element"]) == ("PACKAGE_NO_DELETE", "acme.other.v1")
    entry = f"approvals:\n  - fingerprint: {found['fingerprint']}\n    reason: it moved to another repository\n"
    repo.commit({APPROVALS: entry})
    done = repo.run("breaking")
    assert (done.code, done.rules) == (0, ["BREAK_APPROVED"])
    assert f"{APPROVALS}: it moved" in done.report["findings"][0]["message"]
    for element in ("acme.other.v1", "acme/other/v1/user.proto"):
        entry = f"approvals:\n  - {{rule: PACKAGE_NO_DELETE, element: {element}, reason: moved}}\n"
        repo.commit({APPROVALS: entry})
        assert repo.run("breaking").code == 0


@pytest.mark.usefixtures("in_pull_request")
def test_an_approval_covers_its_change_and_no_other(tmp_path: Path) -> None:
    entry = f"approvals:\n  - {{rule: {TYPE}, element: acme.v1.User.mail, until: 2027-01-31, reason: agreed}}\n"
    both = BROKEN.replace("string name", "int32 name")
    repo = pull_request(tmp_path, {PATH: USER}, {PATH: both, APPROVALS: entry})
    done = repo.run("breaking", "--today", "2027-01-01")
    assert (done.code, done.rules) == (1, ["BREAK_APPROVED", TYPE])
    assert repo.run("breaking", "--today", "2027-02-01").rules == [TYPE, TYPE]


@pytest.mark.usefixtures("in_pull_request")
def test_an_approval_that_is_not_needed_is_told_while_it_is_new(tmp_path: Path) -> None:
    entry = f"approvals:\n  - {{rule: {TYPE}, element: acme.v1.User.mail, reason: agreed}}\n"
    repo = pull_request(tmp_path, {PATH: USER}, {APPROVALS: entry})
    assert told(repo.run("breaking")) == [("APPROVAL_UNUSED", "warning")]
    assert told(repo.run("lint")) == []
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit({PATH: USER + "message Other {}\n"})
    assert told(repo.run("breaking")) == []


@pytest.mark.usefixtures("in_pull_request")
def test_mistakes_in_the_file_of_approvals_give_no_verdict(tmp_path: Path) -> None:
    repo = pull_request(tmp_path, {PATH: USER}, {APPROVALS: "approvals:\n  - {rule: FIELD_NO_DELET, element: x}\n"})
    done = repo.run("breaking")
    assert (done.code, done.out) == (2, "")
    assert f"{APPROVALS}:2:" in done.err
    assert "did you mean `FIELD_NO_DELETE`" in done.err


@pytest.mark.usefixtures("in_pull_request")
def test_comments_count_in_breaking_alone_as_in_check(tmp_path: Path) -> None:
    """`breaking` does not judge all files: the comments are read where they can matter."""
    unneeded = USER.replace("  string mail", f"  // schemactl:ignore {TYPE} -- x\n  string mail")
    repo = pull_request(tmp_path, {PATH: USER}, {PATH: unneeded})
    assert told(repo.run("breaking")) == told(repo.run("check")) == [("SUPPRESSION_UNUSED", "warning")]


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("command", ["lint", "check"])
@pytest.mark.parametrize("config", [{"schemactl.yaml": "lint: {use: [BASIC]}\n"}, {}], ids=["configured", "bare"])
def test_a_comment_of_bufs_kind_that_a_change_adds_is_told(
    tmp_path: Path, command: str, config: dict[str, str | None]
) -> None:
    silenced = OLD.replace("  string eMail", f"  // buf:lint:ignore {NAMED}\n  string eMail")
    repo = init(tmp_path / "r", {PATH: GONE, **config})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit({PATH: silenced})
    done = repo.run(command)
    assert (done.code, done.rules) == (0, ["SUPPRESSION_ADDED"])


@pytest.mark.usefixtures("in_pull_request")
def test_what_an_old_comment_lets_pass_anew_is_told(tmp_path: Path) -> None:
    around = OLD.replace("message User", f"// schemactl:ignore {NAMED} -- the partner's\nmessage User")
    repo = pull_request(tmp_path, {PATH: around}, {PATH: around.replace("string name", "string userName")})
    (found,) = repo.run("lint").report["findings"]
    assert (found["rule"], found["element"]) == ("SUPPRESSION_ADDED", "acme.v1.User.userName")


@pytest.mark.usefixtures("in_pull_request")
def test_what_stands_in_the_line_of_an_old_comment_is_told(tmp_path: Path) -> None:
    line = "  string eMail = 2; // schemactl:ignore FIELD_LOWER_SNAKE_CASE -- the partner's\n"
    text = OLD.replace("  string eMail = 2;\n", line)
    repo = pull_request(
        tmp_path, {PATH: text}, {PATH: text.replace("string eMail", "string worseName = 3; string eMail")}
    )
    (found,) = repo.run("check").report["findings"]
    assert (found["rule"], found["element"]) == ("SUPPRESSION_ADDED", "acme.v1.User.worseName")


@pytest.mark.usefixtures("in_pull_request")
def test_a_break_that_an_old_comment_approves_is_told(tmp_path: Path) -> None:
    commented = USER.replace("  string mail", f"  // schemactl:ignore {TYPE} -- agreed\n  string mail")
    repo = pull_request(tmp_path, {PATH: commented}, {PATH: commented.replace("string mail", "bytes mail")})
    assert repo.run("breaking").rules == ["BREAK_APPROVED"]


@pytest.mark.usefixtures("in_pull_request")
def test_what_passes_is_told_whatever_paths_are_asked_for(tmp_path: Path) -> None:
    repo = pull_request(tmp_path, {PATH: USER, "acme/v2/o.proto": USER.replace("v1", "v2")}, {PATH: APPROVED})
    assert repo.run("check", "acme/v2").rules == ["BREAK_APPROVED"]


@pytest.mark.usefixtures("in_pull_request")
def test_a_policy_that_changed_comes_before_any_number_of_suppressions(tmp_path: Path) -> None:
    fields = "".join(f"  // schemactl:ignore {NAMED} -- {n}\n  string eMail{n} = {n};\n" for n in range(3, 9))
    change = {
        PATH: APPROVED.replace("}\n", fields + "}\n"),
        "schemactl.yaml": CONFIG + "rules: {ENUM_PASCAL_CASE: off}\n",
    }
    rules = pull_request(tmp_path, {PATH: USER}, change).run("check").rules
    assert rules[:3] == ["POLICY_CHANGED", "BREAK_APPROVED", "SUPPRESSION_ADDED"]


def test_an_end_is_an_end_for_new_findings_too(tmp_path: Path) -> None:
    """The base has the comment as well, and so did not count the finding."""
    repo = init(tmp_path / "r", {PATH: REASONED, "schemactl.yaml": CONFIG}, {"README.md": "x"})
    assert repo.run("lint", "--new", "--against", "HEAD^1", "--today", "2027-01-01").rules == []
    assert repo.run("lint", "--new", "--against", "HEAD^1", "--today", "2027-03-01").rules == [NAMED]


@pytest.mark.usefixtures("in_pull_request")
def test_in_strict_mode_a_comment_behind_a_line_approves_nothing(tmp_path: Path) -> None:
    """Whatever the change puts into that line would be approved, too."""
    behind = f"  string mail = 2; // schemactl:ignore {TYPE} -- agreed\n"
    base = USER.replace("  string mail = 2;\n", behind)
    head = base.replace("  string name = 1;\n", "").replace("  string mail", "  int32 name = 1; string mail")
    done = pull_request(tmp_path, {PATH: base, "schemactl.yaml": "approvals: base\n"}, {PATH: head}).run("breaking")
    assert (done.code, done.rules) == (1, [TYPE])
    assert "counts only above the element" in done.report["findings"][0]["help"]


@pytest.mark.usefixtures("in_pull_request")
def test_in_strict_mode_an_approval_goes_where_its_element_goes(tmp_path: Path) -> None:
    strict = {"schemactl.yaml": "approvals: base\n"}
    commented = USER.replace("  string mail", f"  // schemactl:ignore {TYPE} -- agreed\n  string mail")
    change = {PATH: None, "acme/v1/person.proto": commented.replace("string mail", "bytes mail")}
    done = pull_request(tmp_path, {PATH: commented, **strict}, change).run("breaking")
    assert (done.code, done.rules) == (0, ["BREAK_APPROVED"])
