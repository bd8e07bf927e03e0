"""What the GitHub action does not believe: other events, earlier runs, what lies about, a Python that says nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from forge import Forge, forge, runner
from forge_http import serving
from repositories import BROKEN, HEAD, PATH
from schemactl import cache
from test_action import CONFIG, EXAMPLE, check, commands, using
from workflow_actions import Place, header

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the executor of workflows knows Linux and macOS")

OFF = "lint: {use: [BASIC]}\nbreaking: {except: [WIRE_JSON, COMPAT]}\n"
LOOSE = {PATH: BROKEN, "schemactl.yaml": OFF}
REFUSED = {"POLICY_CHANGED", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"}


@pytest.fixture
def acme(tmp_path: Path) -> Forge:
    return forge(tmp_path, CONFIG)


def test_what_a_pull_request_has_kept_is_never_believed(acme: Forge) -> None:
    """A workflow of the request's own may save what it likes, for the next run of the request to restore."""
    first = acme.pull_request({PATH: BROKEN})
    assert check(first).result == "failure"
    (database,) = first.temp.rglob("results-*.db")
    with closing(sqlite3.connect(database)) as results:
        for key, value in results.execute("SELECT key, value FROM results").fetchall():
            if b"FIELD_WIRE_JSON_COMPATIBLE_TYPE" in value and b"type" in value[:20]:
                forged = (b"\x90", cache._sum(key, b"\x90"), key)
                results.execute("UPDATE results SET value = ?, sum = ? WHERE key = ?", forged)
        assert results.total_changes
        results.commit()
    key = f"schemactl-Linux-X64-{database.parents[1].name}-forged"
    shutil.copytree(database.parent, acme.root / "kept/caches" / key)
    second = check(acme.pull_request({PATH: BROKEN, "README.md": "acme"}))
    assert second.result == "failure"
    assert [step.outcome for step in second.steps if "cache/" in step.name] == ["skipped", "skipped"]


@pytest.mark.parametrize("event", ["issue_comment", "workflow_run", "pull_request_target"])
def test_what_a_step_has_checked_out_does_not_choose_its_own_rules(acme: Forge, event: str) -> None:
    asked = acme.pull_request(LOOSE)
    head = asked.event["pull_request"]["head"]["sha"]
    taken = f"      - run: git fetch -q --depth=1 origin {head} && git checkout -q --detach FETCH_HEAD\n"
    workflow = using(advice="false").replace("      - uses: acme", taken + "      - uses: acme")
    base = "main" if event == "pull_request_target" else ""
    main = acme.author.git("rev-parse", "main")
    ran = runner(acme.place(event, "refs/heads/main", main, asked.event, base_ref=base)).job(workflow, "schemas")
    assert {rule for _, _, rule in commands(ran)} >= REFUSED, ran.log


@pytest.mark.parametrize(
    ("event", "ref"),
    [
        ("pull_request_review", "refs/pull/1/merge"),
        ("schedule", "refs/heads/main"),
        ("workflow_dispatch", "refs/heads/main"),
    ],
)
def test_an_event_that_says_nothing_of_a_merge_has_the_rules_before_it(acme: Forge, event: str, ref: str) -> None:
    asked = acme.pull_request(LOOSE) if "pull" in ref else acme.push(LOOSE)
    ran = check(acme.place(event, ref, asked.sha, asked.event))
    assert {rule for _, _, rule in commands(ran)} >= REFUSED, ran.log


def test_a_merge_queue_has_the_rules_of_its_base_whatever_it_is_compared_with(acme: Forge) -> None:
    acme.author.commit({"schemactl.yaml": OFF})
    acme.author.git("tag", "v1.0.0")
    acme.author.git("push", "--quiet", "origin", "v1.0.0")
    base = acme.push(CONFIG).sha
    pushed = acme.push(LOOSE)
    told = {"merge_group": {"base_sha": base, "base_ref": "refs/heads/main"}}
    ran = check(acme.place("merge_group", "refs/heads/gh-readonly-queue/main/pr-1", pushed.sha, told), against="v1.0.0")
    assert {rule for _, _, rule in commands(ran)} >= REFUSED, ran.log


def test_a_tag_is_compared_with_the_commit_before(acme: Forge) -> None:
    pushed = acme.push({PATH: BROKEN})
    ran = check(acme.place("push", "refs/tags/v2", pushed.sha, {"before": "0" * 40}))
    assert (ran.result, "compared with HEAD^1" in ran.log) == ("failure", True), ran.log


def pythons(place: Place, script: str, home: str = "schemactl") -> None:
    """A Python of somebody else's, where the action keeps its own."""
    tool = place.temp / home / "tool"
    tool.unlink()
    (tool / "bin").mkdir(parents=True)
    (tool / "bin/python").write_text(f"#!/bin/sh\n{script}\n")
    (tool / "bin/python").chmod(0o755)


@pytest.mark.parametrize("script", ["exit 0", "echo Traceback >&2; exit 1", "kill -9 $$"])
def test_without_a_report_there_is_no_verdict(acme: Forge, script: str) -> None:
    place = acme.pull_request({PATH: BROKEN})
    machine = runner(place)
    pythons(place, script)
    ran = machine.job(using() + "        id: schemas\n", "schemas")
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "none")
    assert "no verdict::nothing was judged: " in ran.log
    assert "no verdict::nothing was judged: \n" not in ran.log
    assert "What changed" not in ran.summary


@pytest.mark.parametrize("args", ["--help", "--version"])
def test_arguments_that_only_ask_are_no_verdict(acme: Forge, args: str) -> None:
    ran = check(acme.pull_request({PATH: BROKEN}), args=args)
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "none")


def test_what_an_earlier_job_has_left_is_made_anew(acme: Forge) -> None:
    place = acme.pull_request({PATH: BROKEN})
    machine = runner(replace(place, run_id="2"))
    pythons(place, f"touch '{acme.root}/pwned'")
    # Nothing is installed here, which takes its time: without an index the install fails.
    machine.env = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    ran = machine.job(using() + "        id: schemas\n", "schemas")
    assert ran.of["schemas"]["verdict"] == "none"
    assert not (acme.root / "pwned").exists()
    said = ran.step("Install schemactl").log.splitlines()
    (start,) = [number for number, line in enumerate(said) if line.startswith("::stop-commands::")]
    assert said[-2] == f"::{said[start].rpartition(':')[2]}::"
    assert said[-1].startswith("::error title=schemactl%3A no verdict::")


def test_a_directory_that_looks_like_a_repository_has_no_credentials_of_its_own(acme: Forge) -> None:
    place = acme.pull_request({
        "orders/HEAD": "ref: refs/heads/main\n", "orders/objects/x": "x", "orders/refs/x": "x",
        "orders/config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[http]\n\textraheader = mine\n",
        f"orders/{PATH}": HEAD + "message A {}\n",
    })  # fmt: skip
    wanted = header(place.token).removeprefix("AUTHORIZATION: ")
    with serving(acme.root / "server", wanted) as (address, shown):
        ran = runner(replace(place, server=address)).job(EXAMPLE + "        with: {directory: orders}\n", "schemas")
    assert len(shown) > 2, ran.log
    assert all(each == [wanted] for each in shown)
