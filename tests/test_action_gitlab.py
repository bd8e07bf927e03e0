"""The GitLab component: its script run with the variables of a runner, in the shallow clone that a runner makes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from forge import Forge, forge
from repositories import BROKEN, PATH, USER, Repo
from shell import run
from test_action_workflows import copied
from workflows import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="GitLab's runners for Windows have another shell")

HEAD, BODY = (ROOT / "templates/check.yml").read_text().split("\n---\n")
INPUTS = yaml.safe_load(HEAD)["spec"]["inputs"]
TEMPLATE = yaml.safe_load(BODY)
CONFIG = {"schemactl.yaml": "lint: {use: [BASIC]}\nbreaking: {profile: json}\n", PATH: USER}
REPORTS = TEMPLATE["schemactl"]["artifacts"]["reports"]


def job(**inputs: str) -> dict[str, Any]:
    """What GitLab makes of the component with these inputs."""
    known = {name: each["default"] for name, each in INPUTS.items()}
    given = {**known, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    assert given.keys() == known.keys()
    for name, value in given.items():
        if not allowed(name, value):
            raise ValueError(f"`{name}` input: provided value does not match")
    # Into the text, and then it is read: GitLab knows nothing of where in the YAML it puts them.
    made: dict[str, Any] = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: given[found[1]], BODY))[
        "schemactl"
    ]
    return made


def allowed(name: str, value: str) -> bool:
    """By the `options` and the `regex` of the input; RE2's `^` and `$` are the ends of the text."""
    told = INPUTS[name]
    pattern = told.get("regex", "^.*$").removeprefix("^").removesuffix("$")
    return value in told.get("options", [value]) and bool(re.fullmatch(pattern, value, re.DOTALL))


def clone(acme: Forge, commit: str, depth: str, branch: str) -> Path:
    """As a runner makes it: the pipeline's commit, and its branch, if it is the pipeline of one."""
    where = acme.root / f"builds {commit[:7]}"
    where.mkdir()
    repo = Repo(where)
    repo.git("init", "--quiet")
    repo.git("remote", "add", "origin", acme.bare.as_uri())
    refs = [f"+{commit}:refs/pipelines/1", *([f"+refs/heads/{branch}:refs/remotes/origin/{branch}"] if branch else [])]
    repo.git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", *refs)
    repo.git("checkout", "--quiet", "--force", "--detach", commit)
    return where


def merge_request(acme: Forge, change: dict[str, str]) -> dict[str, str]:
    """The variables of the pipeline of one change on a branch; GitLab judges the branch, not a merge of it."""
    author = acme.author
    base = author.git("rev-parse", "main")
    author.git("checkout", "--quiet", "-B", "feature", "main")
    head = author.commit(change)
    author.git("push", "--quiet", "--force", "origin", "feature")
    author.git("checkout", "--quiet", "main")
    return {
        "CI_COMMIT_SHA": head, "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }  # fmt: skip


def piped(acme: Forge, told: dict[str, str], **inputs: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    return run_as(acme, told, job(**inputs))


def run_as(acme: Forge, told: dict[str, str], made: dict[str, Any]) -> tuple[subprocess.CompletedProcess[str], Path]:
    where = clone(acme, told["CI_COMMIT_SHA"], made["variables"]["GIT_DEPTH"], told.get("CI_COMMIT_BRANCH", ""))
    env = {"CI": "true", "GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_PROJECT_DIR": str(where), **told}
    env |= {name: value.replace("$CI_PROJECT_DIR", str(where)) for name, value in made["variables"].items()}
    env["PATH"] = f"{sys.prefix}/bin:{os.environ['PATH']}"
    script = "".join(made["script"])
    return run("bash", "-eo", "pipefail", "-c", script, cwd=where, **env), where


@pytest.fixture
def acme(tmp_path: Path) -> Forge:
    return forge(tmp_path, CONFIG)


def test_a_merge_request_that_breaks_is_red_with_both_reports(acme: Forge) -> None:
    acme.push({"README.md": "the target has moved on"})
    forged = dict.fromkeys(REPORTS.values(), "[]")
    done, where = piped(acme, merge_request(acme, {PATH: BROKEN, **forged}))
    assert (done.returncode, "verdict: findings" in done.stdout) == (1, True), done.stderr
    (issue,) = json.loads((where / REPORTS["codequality"]).read_text())
    assert issue["check_name"] == "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
    assert "FIELD_WIRE_JSON_COMPATIBLE_TYPE" in (where / REPORTS["junit"]).read_text()


def test_what_the_documentation_shows_is_what_there_is(acme: Forge) -> None:
    *_, included, plain = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
    ((component,),) = yaml.safe_load(included).values()
    assert all(allowed(name, value) for name, value in component["inputs"].items())
    made = yaml.safe_load(plain)["schemas"]
    done, where = run_as(acme, merge_request(acme, {PATH: BROKEN}), made)
    assert done.returncode == 1, done.stderr
    assert all((where / name).stat().st_size for name in made["artifacts"]["reports"].values())


def test_a_merge_request_that_breaks_nothing_is_green(acme: Forge) -> None:
    done, _ = piped(acme, merge_request(acme, {PATH: USER.replace("}", "  string nick = 3;\n}")}))
    assert (done.returncode, "verdict: clean" in done.stdout) == (0, True), done.stderr


def test_a_push_is_compared_with_what_was_there_before_it(acme: Forge) -> None:
    before = acme.author.git("rev-parse", "main")
    pushed = acme.push({PATH: BROKEN}, {"README.md": "acme"})
    told = {"CI_COMMIT_SHA": pushed.sha, "CI_COMMIT_BEFORE_SHA": before, "CI_COMMIT_BRANCH": "main"}
    done, _ = piped(acme, told)
    assert (done.returncode, "before the push" in done.stdout) == (1, True), done.stderr


def test_without_a_verdict_the_reports_of_the_change_are_no_reports(acme: Forge) -> None:
    forged = dict.fromkeys(REPORTS.values(), "[]")
    done, where = piped(acme, merge_request(acme, {PATH: BROKEN, **forged}), args="--profile xml")
    assert (done.returncode, "verdict: none" in done.stdout) == (2, True)
    assert not [name for name in REPORTS.values() if (where / name).exists()]


def test_nothing_in_an_input_is_evaluated(acme: Forge) -> None:
    hostile = "$(touch pwned) `touch pwned`; touch pwned *"
    told = merge_request(acme, {PATH: BROKEN})
    done, _ = piped(acme, told, args=hostile, directory="$(touch pwned)")
    assert (done.returncode, "verdict: none" in done.stdout) == (2, True)
    assert not list(acme.root.rglob("pwned"))


LINE = [
    "a: b",
    "- a",
    "'\"",
    '"',
    "# a",
    "  a",
    "*a",
    "!reference [a]",
    "{a: b}",
    "|-",
    "3.13",
    "true",
    "a # b",
    "%a",
    "---",
]
BREAKS = ["\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\0"]


@pytest.mark.parametrize("name", [name for name, told in INPUTS.items() if "options" not in told])
def test_what_is_put_into_the_text_stays_one_text(name: str) -> None:
    plain = job()
    for value in filter(lambda each: allowed(name, each), LINE):
        made = job(**{name: value})
        texts = {**made["variables"], "stage": made["stage"], "image": made["image"]}
        assert all(isinstance(each, str) for each in texts.values())
        assert value.strip(" ") in {each.strip(" ") for each in texts.values()}
        changed = [key for key in made if made[key] != plain.get(key)]
        assert (made.keys(), len(changed)) == (plain.keys(), 1)
        assert made["variables"].keys() == plain["variables"].keys()
    for each in BREAKS:
        assert not allowed(name, f"a{each}b")
        assert not allowed(name, f"a{each}")


def test_inputs_that_look_like_something_else_are_texts() -> None:
    assert all(
        isinstance(each, str) for each in job(new="true", image="3.13").values() if not isinstance(each, list | dict)
    )
    assert {type(each) for each in job()["variables"].values()} == {str}


def test_nothing_is_kept_that_a_merge_request_could_have_written(acme: Forge) -> None:
    *_, plain = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
    for made in (job(), yaml.safe_load(plain)["schemas"]):
        assert "cache" not in made
        assert made["variables"]["GIT_STRATEGY"] == "clone"
        made["variables"]["SCHEMACTL_CACHE_DIR"] = str(acme.root / "shared")
        done, where = run_as(acme, merge_request(acme, {PATH: BROKEN}), made)
        assert done.returncode == 1, done.stderr
        shutil.rmtree(where)
    assert not (acme.root / "shared").exists()


@pytest.mark.parametrize("args", ["--help", "--version"])
def test_without_a_report_there_is_no_verdict(acme: Forge, args: str) -> None:
    done, _ = piped(acme, merge_request(acme, {PATH: BROKEN}), args=args)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "verdict: none, nothing was judged")


def test_what_cannot_be_installed_is_no_verdict(acme: Forge) -> None:
    told = merge_request(acme, {PATH: BROKEN})
    done, where = piped(acme, told, repository=(acme.root / "nowhere").as_uri(), ref="0" * 40)
    assert (done.returncode, done.stdout) == (2, "verdict: none, nothing was judged\n")
    shutil.rmtree(where)
    tool = Repo(acme.root / "author")
    tool.commit({".ci/install": "exit 1\n"})
    done, _ = piped(acme, told, repository=tool.root.as_uri(), ref=tool.git("rev-parse", "HEAD"))
    assert (done.returncode, done.stdout) == (2, "verdict: none, nothing was judged\n")


def test_where_shells_look_for_directories_is_nothing_to_the_install(tmp_path: Path) -> None:
    (tmp_path / "source/.ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/install", tmp_path / "source/.ci/install")
    (tmp_path / "tool.ready").write_text(f"{tmp_path}/source  //\n")
    env = {"CDPATH": str(tmp_path), "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    done = run("sh", "source/.ci/install", f"{tmp_path}/tool", cwd=tmp_path, **env)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/tool/bin/python\n"), done.stderr


@pytest.mark.slow
def test_it_installs_the_commit_that_it_is_told(acme: Forge, tmp_path: Path) -> None:
    tool = copied(tmp_path / "tool")
    told = merge_request(acme, {PATH: BROKEN})
    done, _ = piped(acme, told, repository=tool.root.as_uri(), ref=tool.git("rev-parse", "HEAD"))
    assert (done.returncode, "verdict: findings" in done.stdout) == (1, True), done.stderr
