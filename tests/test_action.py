"""The GitHub action: every step of it run for real, in shallow checkouts of pull requests and pushes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from forge import Forge, forge, runner
from report_runs import workflow_commands
from repositories import BROKEN, GONE, HEAD, PATH, USER
from workflow_actions import Place
from workflows import ROOT, Ran

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the executor of workflows knows Linux and macOS")

EXAMPLE: str
TWICE: str
EXAMPLE, TWICE, *_ = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
CONFIG = {"schemactl.yaml": "lint: {use: [BASIC]}\nbreaking: {profile: json}\n", PATH: USER}
APPROVED = BROKEN.replace(
    "  int32 mail", "  // schemactl:ignore FIELD_WIRE_JSON_COMPATIBLE_TYPE -- never written by anybody\n  int32 mail"
)
MORE = USER.replace("}", "  string nick_name = 3;\n}")


def using(**inputs: str) -> str:
    """The workflow of the documentation, with these inputs."""
    given = "".join(f"          {name.replace('_', '-')}: {json.dumps(value)}\n" for name, value in inputs.items())
    return EXAMPLE.rstrip() + "\n" + (f"        with:\n{given}" if inputs else "")


def example(place: Place, **inputs: str) -> Ran:
    return runner(place).job(using(**inputs) + "        id: schemas\n", "schemas")


def check(place: Place, **inputs: str) -> Ran:
    """Without the advice, which takes as long as the check."""
    return example(place, advice="false", **inputs)


def verdict(ran: Ran) -> tuple[str, str]:
    return ran.result, ran.step("Verdict").outcome


@pytest.fixture
def acme(tmp_path: Path) -> Forge:
    return forge(tmp_path, CONFIG)


def commands(ran: Ran) -> list[tuple[str, str, str]]:
    """What GitHub shows beside the lines: kind, file, rule."""
    found = [(name, told.get("file", ""), told.get("title", "")) for name, told, _ in workflow_commands(ran.log)]
    return [each for each in found if each[0] in ("error", "warning", "notice")]


def test_a_breaking_change_is_red_and_says_where_and_why(acme: Forge) -> None:
    ran = example(acme.pull_request({PATH: BROKEN}))
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "findings")
    assert ("error", PATH, "FIELD_WIRE_JSON_COMPATIBLE_TYPE") in commands(ran)
    assert "FIELD_WIRE_JSON_COMPATIBLE_TYPE" in ran.summary
    assert "Version: major (minor below 1.0)" in ran.summary
    assert Path(ran.of["schemas"]["summary"]).read_text() == ran.summary
    (sarif,) = json.loads(Path(ran.of["schemas"]["sarif"]).read_text())["runs"]
    assert [result["ruleId"] for result in sarif["results"]] == ["FIELD_WIRE_JSON_COMPATIBLE_TYPE"]


def test_a_change_that_breaks_nothing_is_green_and_its_advice_is_told(acme: Forge) -> None:
    ran = example(acme.pull_request({PATH: MORE}))
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("success", "clean")
    assert commands(ran) == []
    assert "field `User.nick_name` = 3" in ran.summary


def test_an_approval_is_the_first_thing_that_the_summary_of_its_change_says(acme: Forge) -> None:
    ran = example(acme.pull_request({PATH: APPROVED}))
    assert ran.result == "success"
    assert ran.summary.index("never written by anybody") < ran.summary.index("Version: major")
    assert ("notice", PATH, "BREAK_APPROVED") in commands(ran)


def test_a_push_is_compared_with_what_was_there_before_it(acme: Forge) -> None:
    ran = check(acme.push({PATH: BROKEN}, {"README.md": "acme"}))
    assert ran.result == "failure"
    assert ("error", PATH, "FIELD_WIRE_JSON_COMPATIBLE_TYPE") in commands(ran)
    assert "before the push" in ran.summary


def test_a_merge_queue_is_judged_by_its_base(acme: Forge) -> None:
    base = acme.author.git("rev-parse", "main")
    pushed = acme.push(
        {PATH: BROKEN, "schemactl.yaml": "lint: {use: [BASIC]}\nbreaking: {except: [WIRE_JSON, COMPAT]}\n"}
    )
    queued = acme.place("merge_group", "refs/heads/main", pushed.sha, {"merge_group": {"base_sha": base}})
    ran = check(queued)
    assert ran.result == "failure"
    assert {rule for _, _, rule in commands(ran)} >= {"POLICY_CHANGED", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"}


def test_what_the_base_has_wrong_already_is_no_matter_of_the_change(acme: Forge) -> None:
    acme.push({"acme/v1/old.proto": HEAD + "message old {}\n"})
    change = {"acme/v1/new.proto": HEAD + "message new {}\n"}
    assert {path for _, path, _ in commands(check(acme.pull_request(change)))} == {"acme/v1/new.proto"}
    every = check(acme.pull_request(change), new="false")
    assert {path for _, path, _ in commands(every)} == {"acme/v1/old.proto", "acme/v1/new.proto"}


def test_a_base_without_a_configuration_lets_the_first_one_judge_and_says_so(tmp_path: Path) -> None:
    ran = check(forge(tmp_path, {PATH: USER}).pull_request({**CONFIG, PATH: BROKEN}))
    assert ran.result == "failure"
    assert {rule for _, _, rule in commands(ran)} >= {"POLICY_INTRODUCED", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"}


def test_with_the_whole_history_the_advice_knows_the_next_version(acme: Forge) -> None:
    acme.author.git("tag", "v1.2.0")
    acme.author.git("push", "--quiet", "origin", "v1.2.0")
    whole = EXAMPLE.replace("{persist-credentials: false}", "{persist-credentials: false, fetch-depth: 0}")
    ran = runner(acme.pull_request({PATH: BROKEN})).job(whole, "schemas")
    assert "Version: 2.0.0 (major: was 1.2.0)" in ran.summary


def test_a_run_by_hand_on_a_branch_is_compared_with_where_it_left_the_default_branch(acme: Forge) -> None:
    acme.author.git("branch", "feature")
    acme.push({"README.md": "acme"})
    pushed = acme.push({PATH: BROKEN}, {"docs.md": "acme"}, branch="feature")
    ran = check(acme.place("workflow_dispatch", "refs/heads/feature", pushed.sha, {}))
    assert ran.result == "failure"
    assert "compared with origin/main" in ran.log


def test_it_fails_for_what_is_configured(acme: Forge) -> None:
    place = acme.pull_request({PATH: GONE.replace("string name", "string Name")})
    assert check(place, fail_on="never").result == "success"


def test_no_verdict_is_no_finding_and_says_what_to_do(acme: Forge) -> None:
    ran = check(acme.pull_request({PATH: BROKEN}), profile="xml")
    assert (ran.result, ran.of["schemas"]["verdict"], ran.of["schemas"]["sarif"]) == ("failure", "none", "")
    ((kind, file, title),) = commands(ran)
    assert (kind, file, title) == ("error", "", "schemactl: no verdict")
    assert re.search(r"(?s)^::stop-commands::(\S+)\n.*cannot be `xml`.*\n::\1::$", ran.step("Check").log, re.MULTILINE)
    assert "cannot be `xml`" in ran.step("Verdict").log
    assert "no report" in ran.summary
    assert "cannot be `xml`" in ran.summary


def test_a_schema_that_does_not_compile_is_a_finding_and_told_once(acme: Forge) -> None:
    ran = example(acme.pull_request({PATH: USER.replace("string name", "strin name")}))
    assert (ran.result, "no verdict" in ran.log) == ("failure", False)
    assert ran.summary.count("strin") == ran.summary.split("## What changed")[0].count("strin") > 0


def test_arguments_are_lines_and_win_over_inputs(acme: Forge) -> None:
    ran = check(acme.pull_request({PATH: BROKEN}), args="--fail-on\nnever\n\n--statistics\n")
    assert ran.result == "success"
    assert "### By rule" in ran.summary


def test_a_directory_below_the_top_is_checked_alone(tmp_path: Path) -> None:
    rooted = {PATH: USER, "schemactl.yaml": "roots: [.]\nlint: {use: [BASIC]}\n"}
    acme = forge(tmp_path, {f"{top}/{path}": text for top in ("a", "b") for path, text in rooted.items()})
    place = acme.pull_request({f"a/{PATH}": MORE, f"b/{PATH}": BROKEN})
    ran = check(place, directory="a")
    assert ran.result == "success", ran.log


def test_two_directories_are_two_verdicts_of_one_job(tmp_path: Path) -> None:
    files = {PATH: USER, "schemactl.yaml": "roots: [.]\nlint: {use: [BASIC]}\n"}
    acme = forge(tmp_path, {f"{top}/{path}": text for top in ("orders", "payments") for path, text in files.items()})
    place = acme.pull_request({f"{top}/{PATH}": BROKEN for top in ("orders", "payments")})
    ran = runner(place).job(EXAMPLE[: EXAMPLE.index("      - uses: acme/schemactl")] + TWICE, "schemas")
    assert [file for kind, file, _ in commands(ran) if kind == "error"] == [f"orders/{PATH}", f"payments/{PATH}"]
    assert [each.outcome for each in ran.steps if each.name == "Verdict"] == ["failure", "failure"]
    assert ran.summary.count("## ❌") == 2
    assert "evidence: " in ran.summary


def test_only_a_push_to_the_default_branch_keeps_its_results(acme: Forge) -> None:
    kept = acme.root / "kept" / "caches"
    check(acme.pull_request({PATH: MORE}))
    # Its reference is the default branch, its rights are those of a push, and what is checked may be anybody's.
    target = acme.place(
        "pull_request_target", "refs/heads/main", acme.author.git("rev-parse", "main"), {}, base_ref="main"
    )
    check(target)
    acme.author.git("branch", "feature-2")
    check(acme.push({PATH: MORE}, branch="feature-2"))
    assert not kept.exists()
    pushed = acme.push({PATH: MORE})
    check(pushed)
    (cache,) = kept.iterdir()
    assert cache.name.endswith(pushed.sha)
    assert list(cache.iterdir())
    restored = check(acme.push({"README.md": "acme"}))
    assert [step.outcome for step in restored.steps if "cache/" in step.name] == ["success", "success"]


def test_code_scanning_gets_the_report_if_it_is_asked_to_and_from_a_fork_it_says_why_not(acme: Forge) -> None:
    scanned = acme.root / "kept" / "scanned"
    check(acme.pull_request({PATH: MORE}))
    forked = check(acme.pull_request({PATH: MORE}, owner="mallory"), upload_sarif="true")
    assert not scanned.exists()
    assert "from a fork only reads" in forked.log
    mine = check(acme.pull_request({PATH: MORE}), upload_sarif="true")
    assert scanned.read_text() == "schemactl/."
    assert "from a fork" not in mine.log


def test_a_summary_has_room_for_a_change_of_any_size(acme: Forge) -> None:
    fields = "".join(f"  string {'wide_' * 20}{number} = {number};\n" for number in range(3, 7000))
    ran = example(acme.pull_request({PATH: USER.replace("}", fields + "}")}))
    assert ran.result == "success"
    assert 500_000 < len(ran.summary.encode()) < 1 << 20
    # What is cut may end within a block, and everything after it would be part of that.
    said, cut = ran.summary.split("`schemactl diff` has all of it\n")
    assert not re.search("```|<details|<pre", said)
    assert "`User.wide_" in cut
