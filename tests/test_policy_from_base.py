"""Pull requests that try to weaken what judges them: the base's policy rules, and what was tried is told first."""

from __future__ import annotations

from pathlib import Path

import pytest

from repositories import BROKEN, GONE, HEAD, PATH, USER, Done, clean, in_ci, init, pull_request

WRONG_NAME = USER.replace("string mail", "string eMail")
NAMED = "FIELD_LOWER_SNAKE_CASE"
STRICT = "lint: {use: [BASIC]}\n"
PACK = """
name: acme
rules:
  - id: ACME_NO_MAIL
    target: field
    title: No field is called mail
    why: Nobody may keep it.
    require: field.name != 'mail'
    message: "'no mail'"
    bad: 'syntax = "proto3"; message M { string mail = 1; } // error'
    good: 'syntax = "proto3"; message M { string post = 1; }'
"""
PACKED = "packs: [rules.yaml]\nlint: {use: [acme]}\n"


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def in_pull_request(monkeypatch: pytest.MonkeyPatch) -> None:
    in_ci(monkeypatch)


def first(done: Done) -> str:
    return str(done.report["findings"][0]["rule"])


WEAKER_LINT = {
    "off": "lint: {use: [BASIC]}\nrules: {FIELD_LOWER_SNAKE_CASE: off}\n",
    "warning": "lint: {use: [BASIC]}\nrules: {FIELD_LOWER_SNAKE_CASE: {severity: warning}}\n",
    "override": "lint: {use: [BASIC]}\noverrides: [{paths: [acme], rules: {FIELD_LOWER_SNAKE_CASE: off}}]\n",
    "except": "lint: {use: [BASIC], except: [FIELD_LOWER_SNAKE_CASE]}\n",
    "other rules": "lint: {use: [events]}\n",
    "ignored": "lint: {use: [BASIC], ignore: [acme]}\n",
    "ignored for the rule": "lint: {use: [BASIC], ignore_only: {FIELD_LOWER_SNAKE_CASE: [acme/v1]}}\n",
}


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("command", ["lint", "check"])
@pytest.mark.parametrize("weaker", WEAKER_LINT.values(), ids=WEAKER_LINT)
def test_a_weaker_lint_policy_does_not_judge_its_own_change(tmp_path: Path, weaker: str, command: str) -> None:
    change = {PATH: WRONG_NAME, "schemactl.yaml": weaker}
    repo = pull_request(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT}, change)
    done = repo.run(command)
    assert (done.code, first(done)) == (1, "POLICY_CHANGED")
    (found,) = [each for each in done.report["findings"] if each["rule"] == NAMED]
    assert found["severity"] == "error"


WEAKENED = {PATH: WRONG_NAME, "schemactl.yaml": WEAKER_LINT["off"]}


@pytest.mark.usefixtures("in_pull_request")
def test_the_policy_of_the_head_rules_where_it_is_asked_for(tmp_path: Path) -> None:
    repo = pull_request(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT}, WEAKENED)
    assert (repo.run("lint").code, repo.run("lint", "--policy", "head").code) == (1, 0)
    assert repo.run("lint", "--config", str(repo.root / "schemactl.yaml")).code == 0


def test_outside_of_a_pull_request_the_head_rules_unless_the_base_is_asked_for(tmp_path: Path) -> None:
    repo = pull_request(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT}, WEAKENED)
    assert repo.run("lint").code == 0
    assert repo.run("lint", "--policy", "base", "--against", "HEAD^1").code == 1
    assert repo.run("lint", "--policy", "base").code == 1


WEAKER_BREAKING = {
    "off": "rules: {FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED: off, FIELD_NO_DELETE_UNLESS_NAME_RESERVED: off}\n",
    "except": "breaking: {except: [WIRE_JSON]}\n",
    "ignored": "breaking: {ignore: [acme]}\n",
    "buf": None,
}


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("weaker", WEAKER_BREAKING.values(), ids=WEAKER_BREAKING)
def test_a_weaker_breaking_policy_does_not_judge_its_own_change(tmp_path: Path, weaker: str | None) -> None:
    base = {PATH: USER, "schemactl.yaml": "breaking: {profile: json}\n"}
    change = {PATH: GONE, "schemactl.yaml": weaker}
    if weaker is None:
        change["buf.yaml"] = "version: v2\nbreaking: {use: [PACKAGE_NO_DELETE]}\n"
    done = pull_request(tmp_path / "r", base, change).run("breaking")
    assert (done.code, first(done)) == (1, "POLICY_CHANGED")
    assert "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED" in done.rules


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("edited", [PACK.replace("field.name != 'mail'", "true"), None], ids=["emptied", "deleted"])
def test_a_pack_of_the_base_judges(tmp_path: Path, edited: str | None) -> None:
    base = {PATH: GONE, "schemactl.yaml": PACKED, "rules.yaml": PACK}
    change = {PATH: USER, "rules.yaml": edited, "schemactl.yaml": PACKED if edited else "lint: {use: [BASIC]}\n"}
    done = pull_request(tmp_path / "r", base, change).run("lint")
    assert (done.code, done.rules[0], done.rules[-1]) == (1, "POLICY_CHANGED", "ACME_NO_MAIL")


NARROWER = {
    "roots": ("roots: [proto]\n", "roots: [proto/acme]\n"),
    "excludes": ("roots: [proto]\n", "roots: [proto]\nexcludes: [proto/other]\n"),
    "excludes without roots": ("lint: {use: [BASIC]}\n", "lint: {use: [BASIC]}\nexcludes: [proto/other]\n"),
}


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize(("wide", "narrow"), NARROWER.values(), ids=NARROWER)
def test_a_file_that_the_change_leaves_out_is_named_first(tmp_path: Path, wide: str, narrow: str) -> None:
    bad = 'syntax = "proto3";\npackage other;\nmessage bad { string eMail = 1; }\n'
    base = {"proto/acme/user.proto": USER, "schemactl.yaml": wide}
    repo = pull_request(tmp_path / "r", base, {"proto/other/bad.proto": bad, "schemactl.yaml": narrow})
    for command in ("lint", "check"):
        found = repo.run(command).report["findings"][0]
        assert (found["rule"], found["severity"]) == ("FILES_LEFT_OUT", "warning")
        assert "`proto/other/bad.proto`" in found["message"]


@pytest.mark.usefixtures("in_pull_request")
def test_deleting_the_configuration_frees_from_nothing(tmp_path: Path) -> None:
    base = {PATH: USER, "schemactl.yaml": PACKED, "rules.yaml": PACK}
    repo = pull_request(tmp_path / "r", base, {"schemactl.yaml": None, "rules.yaml": None})
    done = repo.run("lint")
    assert (done.code, first(done)) == (1, "POLICY_CHANGED")
    assert "ACME_NO_MAIL" in done.rules


@pytest.mark.usefixtures("in_pull_request")
def test_another_option_schema_is_an_error(tmp_path: Path) -> None:
    own = Path(__file__).parents[1] / "schemactl/protos/schemactl/v1/options.proto"
    other = own.read_text().replace("51374", "51375")
    done = pull_request(tmp_path / "r", {PATH: USER}, {"schemactl/v1/options.proto": other}).run("lint")
    assert (done.code, done.rules) == (1, ["OPTIONS_FILE_CHANGED"])


@pytest.mark.usefixtures("in_pull_request")
def test_git_attributes_hide_nothing(tmp_path: Path) -> None:
    attributes = "*.proto export-ignore -diff binary filter=none\nacme export-ignore\n"
    repo = pull_request(tmp_path / "r", {PATH: USER}, {PATH: BROKEN, ".gitattributes": attributes})
    done = repo.run("check", "--rev", "HEAD")
    assert done.code == 1
    assert "FIELD_WIRE_JSON_COMPATIBLE_TYPE" in done.rules


@pytest.mark.usefixtures("in_pull_request")
def test_a_module_that_moves_takes_its_rules_along(tmp_path: Path) -> None:
    """Else the base's policy for it would be about nothing, and the default one weaker than both."""
    strict = "lint: {use: [COMMENTS]}"
    repo = pull_request(
        tmp_path / "r",
        {f"p/{PATH}": USER, "buf.yaml": f"version: v2\nmodules: [{{path: p}}]\n{strict}\n"},
        {f"p/{PATH}": None, f"q/{PATH}": USER, "buf.yaml": f"version: v2\nmodules: [{{path: q}}]\n{strict}\n"},
    )
    assert "COMMENT_MESSAGE" in repo.run("lint").rules


@pytest.mark.usefixtures("in_pull_request")
def test_a_base_whose_configuration_is_broken_cannot_judge_and_is_told(tmp_path: Path) -> None:
    repo = pull_request(tmp_path / "r", {PATH: USER, "schemactl.yaml": "lint: [\n"}, {"schemactl.yaml": STRICT})
    done = repo.run("lint")
    assert (done.code, done.rules) == (0, ["POLICY_CHANGED"])
    assert "cannot be read" in done.report["findings"][0]["message"]


@pytest.mark.usefixtures("in_pull_request")
def test_a_first_configuration_says_what_it_leaves_out(tmp_path: Path) -> None:
    repo = pull_request(tmp_path / "r", {PATH: USER, "old/x.proto": HEAD}, {"schemactl.yaml": "roots: [acme]\n"})
    found = repo.run("lint").report["findings"][0]
    assert found["rule"] == "POLICY_INTRODUCED"
    assert "it leaves out `old/x.proto`" in found["message"]


@pytest.mark.usefixtures("in_pull_request")
def test_a_clone_without_the_base_has_no_verdict(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT}, WEAKENED)
    done = repo.run("lint")
    assert (done.code, done.out) == (2, "")
    assert "the base of this pull request, is not in this clone" in done.err
    assert repo.run("lint", "--against", "HEAD^1").code == 1


UNUSABLE = {
    "unknown rule": {"schemactl.yaml": "rules: {NO_RULE: off}\n"},
    "unknown category": {"schemactl.yaml": "lint: {use: [NOTHING]}\n"},
    "no pack": {"schemactl.yaml": "packs: [nope.yaml]\nlint: {use: [BASIC]}\n"},
    "broken pack": {"schemactl.yaml": PACKED, "rules.yaml": "name: [\n"},
}


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("files", UNUSABLE.values(), ids=UNUSABLE)
def test_a_policy_that_nobody_could_be_judged_by_is_not_let_in(tmp_path: Path, files: dict[str, str | None]) -> None:
    done = pull_request(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT}, files).run("lint")
    assert (done.code, done.out) == (2, "")


@pytest.mark.usefixtures("in_pull_request")
@pytest.mark.parametrize("files", UNUSABLE.values(), ids=UNUSABLE)
def test_who_repairs_such_a_policy_is_not_stopped_by_it(tmp_path: Path, files: dict[str, str | None]) -> None:
    repo = pull_request(tmp_path / "r", {PATH: USER, **files}, {"schemactl.yaml": STRICT, "rules.yaml": PACK})
    done = repo.run("lint")
    assert (done.code, done.rules) == (0, ["POLICY_CHANGED"])
    assert "cannot be read" in done.report["findings"][0]["message"]


@pytest.mark.usefixtures("in_pull_request")
def test_a_baseline_alone_is_a_policy(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: WRONG_NAME})
    repo.run("lint", "--write-baseline", "--policy", "head")
    repo.commit({})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.write({PATH: WRONG_NAME.replace("string name", "string firstName")})
    repo.run("lint", "--write-baseline", "--policy", "head")
    repo.commit({})
    done = repo.run("lint")
    assert (done.code, done.rules[0]) == (1, "POLICY_CHANGED")
    assert NAMED in done.rules


@pytest.mark.usefixtures("in_pull_request")
def test_where_a_change_branched_off_does_not_choose_its_policy(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: GONE})
    start = repo.git("rev-parse", "HEAD")
    repo.git("update-ref", "refs/remotes/origin/main", repo.commit({"schemactl.yaml": "lint: {use: [COMMENTS]}\n"}))
    repo.git("checkout", "--quiet", start)
    repo.commit({PATH: USER})
    done = repo.run("lint")
    assert (done.code, set(done.rules)) == (1, {"COMMENT_FIELD", "COMMENT_MESSAGE"})


@pytest.mark.usefixtures("in_pull_request")
def test_a_file_takes_its_readers_along_into_a_directory_that_is_left_out(tmp_path: Path) -> None:
    config = "breaking: {ignore: [sandbox]}\noverrides: [{paths: [play], rules: {FIELD_SAME_NAME: off}}]\n"
    for place in ("sandbox", "play"):
        base: dict[str, str | None] = {PATH: USER, "schemactl.yaml": config}
        repo = pull_request(tmp_path / place, base, {PATH: None, f"{place}/v1/user.proto": BROKEN})
        assert "FIELD_WIRE_JSON_COMPATIBLE_TYPE" in repo.run("breaking").rules


@pytest.mark.usefixtures("in_pull_request")
def test_a_new_module_does_not_choose_the_weakest_policy_there_is(tmp_path: Path) -> None:
    module = "  - path: {}\n    lint: {{use: [PACKAGE_DEFINED]}}\n"
    base = "version: v2\nmodules:\n" + module.format("legacy")
    bad = 'syntax = "proto3";\npackage other;\nmessage bad {}\n'
    change: dict[str, str | None] = {"q/bad.proto": bad, "buf.yaml": base + module.format("q")}
    done = pull_request(tmp_path / "r", {"legacy/user.proto": USER, "buf.yaml": base}, change).run("lint")
    assert (done.code, first(done)) == (1, "POLICY_CHANGED")
    assert "MESSAGE_PASCAL_CASE" in done.rules


@pytest.mark.usefixtures("in_pull_request")
def test_what_a_change_grew_from_need_not_be_a_policy(tmp_path: Path) -> None:
    """The base branch has repaired its baseline since: nobody has to rebase for that."""
    repo = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": STRICT, "schemactl-baseline.json": "{"})
    start = repo.git("rev-parse", "HEAD")
    repaired: dict[str, str | None] = {"schemactl-baseline.json": None}
    repo.git("update-ref", "refs/remotes/origin/main", repo.commit(repaired))
    repo.git("checkout", "--quiet", start)
    repo.commit({PATH: WRONG_NAME, **repaired})
    done = repo.run("lint")
    assert (done.code, done.rules) == (1, [NAMED])
