"""`lint --write-baseline` and `--prune`: a repository with old findings, from its first day with the tool on."""

from __future__ import annotations

from pathlib import Path

import pytest

from repositories import PATH, USER, Repo, clean, in_ci, init

BASELINE = "schemactl-baseline.json"
CONFIG = "lint: {use: [BASIC]}\n"
OLD = USER.replace("string mail", "string eMail")
MORE = OLD.replace("string name", "string userName")
NAMED = "FIELD_LOWER_SNAKE_CASE"


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """With one finding of a field and one of a file, both in the baseline."""
    repo = init(tmp_path / "r", {PATH: OLD, "old/Thing.proto": OLD.replace("acme", "old"), "schemactl.yaml": CONFIG})
    assert repo.run("lint").code == 1
    assert repo.run("lint", "--write-baseline").code == 0
    return repo


def test_what_is_in_the_baseline_does_not_fail_and_what_is_new_does(repo: Repo) -> None:
    done = repo.run("lint")
    assert (done.code, done.rules, done.report["summary"]["baseline"]) == (0, [], {"remaining": 3, "fixed": 0})
    repo.write({PATH: MORE})
    done = repo.run("lint")
    assert (done.code, [each["element"] for each in done.report["findings"]]) == (1, ["acme.v1.User.userName"])


def test_it_says_how_many_remain(repo: Repo) -> None:
    assert repo.run("lint", format="text").out == "2 files, no findings · 3 in the baseline\n"
    repo.write({PATH: USER})
    told = repo.run("lint", format="text").out
    assert told == "2 files, no findings · 2 in the baseline (1 more fixed: `schemactl lint --prune` drops them)\n"
    listed = repo.run("lint", "--show-suppressed").report["findings"]
    assert {each["suppressed"] for each in listed} == {"baseline"}


@pytest.mark.parametrize("arguments", [("--new", "--against", "HEAD"), ("acme",)])
def test_what_is_not_reported_counts_as_in_the_baseline_all_the_same(repo: Repo, arguments: tuple[str, ...]) -> None:
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "-m", "the baseline")
    told = repo.run("lint", *arguments, format="text").out
    assert told.startswith("2 files, no findings · 3 in the baseline")


def test_files_that_move_or_are_called_otherwise_bring_nothing_back(repo: Repo) -> None:
    (repo.root / "new/place").mkdir(parents=True)
    repo.git("add", "--all")
    repo.git("mv", "old/Thing.proto", "new/place/OtherThing.proto")
    repo.git("mv", PATH, "acme/v1/person.proto")
    assert repo.run("lint").rules == []


def test_a_copy_is_not_covered(repo: Repo) -> None:
    repo.write({"acme/v1/other.proto": OLD.replace("User", "Person")})
    assert repo.run("lint").rules == [NAMED]


def test_prune_drops_what_is_fixed_for_good(repo: Repo) -> None:
    repo.write({PATH: USER})
    done = repo.run("lint", "--prune", format="text")
    assert "note: schemactl-baseline.json: dropped 1, 2 left" in done.out
    repo.write({PATH: OLD})
    assert repo.run("lint").rules == [NAMED]


def test_a_rule_that_did_not_run_keeps_its_entries(repo: Repo) -> None:
    before = (repo.root / BASELINE).read_bytes()
    told = repo.run("lint", "--prune", "--select", "ENUM_PASCAL_CASE", format="text").out
    assert "dropped 0, 3 left, 3 of them of rules or files that are off in this run" in told
    assert (repo.root / BASELINE).read_bytes() == before
    repo.run("lint", "--write-baseline", "--ignore", NAMED)
    assert (repo.root / BASELINE).read_bytes() == before


@pytest.mark.parametrize(
    "off",
    [
        "lint: {use: [PACKAGE_DEFINED]}\n",
        CONFIG + "rules: {FIELD_LOWER_SNAKE_CASE: off}\n",
        CONFIG.replace("]}", "], ignore: [acme, old]}"),
        CONFIG.replace("]}", f"], ignore_only: {{{NAMED}: [acme, old]}}}}"),
        CONFIG + f"overrides: [{{paths: [acme, old], rules: {{{NAMED}: off}}}}]\n",
        CONFIG + f"overrides: [{{packages: [acme, old], rules: {{{NAMED}: off}}}}]\n",
    ],
)
def test_what_is_off_is_not_fixed_and_stays_in_the_baseline(repo: Repo, off: str) -> None:
    """Of fields the file is not written there: what declares them says where they are."""
    before = (repo.root / BASELINE).read_bytes()
    repo.write({"schemactl.yaml": off})
    assert repo.run("lint").report["summary"]["baseline"]["fixed"] == 0
    told = repo.run("lint", "--prune", format="text").out
    assert "dropped 0, 3 left, " in told
    assert "of them of rules or files that are off in this run" in told
    assert (repo.root / BASELINE).read_bytes() == before


def test_what_is_gone_from_where_a_rule_is_off_is_fixed(repo: Repo) -> None:
    repo.write({"schemactl.yaml": CONFIG.replace("]}", "], ignore: [old]}"), "old/Thing.proto": None, PATH: USER})
    assert repo.run("lint").report["summary"]["baseline"] == {"remaining": 0, "fixed": 3}


def test_pruning_where_there_is_none_says_so(tmp_path: Path) -> None:
    done = init(tmp_path / "r", {PATH: USER}).run("lint", "--prune")
    assert (done.code, done.out) == (2, "")
    assert "there is no schemactl-baseline.json to prune" in done.err


@pytest.mark.parametrize("more", [["--rev", "HEAD"], ["--staged"], ["--new"], ["acme"]])
def test_a_baseline_is_of_the_whole_working_tree(repo: Repo, more: list[str]) -> None:
    done = repo.run("lint", "--write-baseline", *more)
    assert (done.code, done.out) == (2, "")


def test_nothing_is_written_of_what_does_not_compile(repo: Repo) -> None:
    before = (repo.root / BASELINE).read_bytes()
    repo.write({PATH: USER + "message {"})
    assert repo.run("lint", "--write-baseline").code == 1
    assert (repo.root / BASELINE).read_bytes() == before


def test_a_change_does_not_add_to_the_baseline_it_is_judged_by(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.write({PATH: MORE})
    repo.run("lint", "--write-baseline")
    repo.commit({})
    assert repo.run("lint").code == 0
    in_ci(monkeypatch)
    done = repo.run("lint")
    assert (done.code, done.rules) == (1, ["POLICY_CHANGED", NAMED])
    assert "baseline" in done.report["findings"][0]["message"]


def test_an_entry_that_is_turned_on_another_file_is_a_weaker_policy(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever renames a file is believed by what the file declares: what an entry says of that is policy, too."""
    repo.commit({})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    before = (repo.root / BASELINE).read_text()
    repo.commit({BASELINE: before.replace("old.v1.User in ", "acme.v1.Other in ")})
    assert (repo.root / BASELINE).read_text() != before
    in_ci(monkeypatch)
    assert repo.run("lint").rules == ["POLICY_CHANGED"]


def test_a_change_that_prunes_is_no_weaker_policy(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.write({PATH: USER})
    repo.run("lint", "--prune")
    repo.commit({})
    in_ci(monkeypatch)
    assert repo.run("lint").rules == []


@pytest.mark.parametrize("damaged", [b'{"schema_version": 7, "findings": {}}', b"<<<<<<< HEAD\n", b"\xff"])
def test_a_baseline_that_is_none_gives_no_verdict_and_is_written_anew(repo: Repo, damaged: bytes) -> None:
    before = (repo.root / BASELINE).read_bytes()
    (repo.root / BASELINE).write_bytes(damaged)
    for more in ([], ["--prune"], ["--write-baseline", "--select", NAMED]):
        done = repo.run("lint", *more)
        assert (done.code, done.out) == (2, "")
        assert BASELINE in done.err
    assert (repo.root / BASELINE).read_bytes() == damaged
    assert repo.run("lint", "--write-baseline").code == 0
    assert (repo.root / BASELINE).read_bytes() == before


def test_a_topic_that_is_called_otherwise_is_another_finding(tmp_path: Path) -> None:
    event = (
        'syntax = "proto3";\npackage acme.v1;\nimport "schemactl/v1/options.proto";\nmessage User {}\n'
        'message UserEnvelope {\n  option (schemactl.v1.topic).name = "one";\n  User payload = 4;\n}\n'
    )
    repo = init(tmp_path / "r", {PATH: event, "schemactl.yaml": "lint: {use: [TOPIC_NAME_PATTERN]}\n"})
    repo.run("lint", "--write-baseline")
    assert repo.run("lint").rules == []
    repo.write({PATH: event.replace('"one"', '"two"')})
    assert repo.run("lint").rules == ["TOPIC_NAME_PATTERN"]
