"""The GitHub action and those who want something of it: the change that it judges, its names, and the token."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from forge import Forge, forge, runner
from forge_http import serving
from repositories import BROKEN, PATH, Repo
from test_action import CONFIG, EXAMPLE, check, example, using
from test_action_workflows import copied
from workflow_actions import header
from workflows import ROOT, Runner

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the executor of workflows knows Linux and macOS")


@pytest.fixture
def acme(tmp_path: Path) -> Forge:
    return forge(tmp_path, CONFIG)


def payload(acme: Forge) -> dict[str, str | None]:
    """Files that would run, or be believed, if anything looked for its own in the checkout."""
    mark = acme.root / "pwned"
    code = f"open({str(mark)!r}, 'w')\n"
    script = f"#!/bin/sh\ntouch '{mark}'\n"
    modules = (
        "schemactl/__init__.py",
        "schemactl/__main__.py",
        "sitecustomize.py",
        "usercustomize.py",
        "venv.py",
        "pip.py",
    )
    scripts = ("git", "python3", "python", "buf", "protoc", "protoc-gen-mallory", ".ci/install", "Makefile")
    return {
        PATH: BROKEN,
        **dict.fromkeys((*modules, "yaml.py", "json.py", "conftest.py", "setup.py"), code),
        **dict.fromkeys(scripts, script),
        "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n",
        "constraints-runtime.txt": "mallory==1\n",
        "action.yml": "runs: {using: composite, steps: [{shell: bash, run: exit 0}]}\n",
        "buf.yaml": "version: v2\nplugins: [{plugin: ./protoc-gen-mallory}]\n",
        ".gitattributes": "* filter=mallory export-ignore\n",
        "gl-code-quality-report.json": "[]",
        "schemactl.sarif": "{}",
    }


def test_a_change_cannot_make_the_action_run_its_code(acme: Forge) -> None:
    place = acme.pull_request(payload(acme))
    # A job that looks for modules in its checkout, as those of Python projects may.
    ran = runner(place, env={"PYTHONPATH": str(place.workspace)}).job(EXAMPLE, "schemas")
    assert ran.result == "failure"
    assert "title=FIELD_WIRE_JSON_COMPATIBLE_TYPE" in ran.log
    assert not (acme.root / "pwned").exists()


@pytest.mark.slow
def test_it_installs_itself_from_its_own_files_whatever_the_change_brings(acme: Forge, tmp_path: Path) -> None:
    place = acme.pull_request(payload(acme))
    action = copied(tmp_path / "_actions" / "acme" / "schemactl" / "v1").root
    ran = Runner(place, mine={"acme/schemactl": action}, env={"PYTHONPATH": str(place.workspace)}).job(
        EXAMPLE, "schemas"
    )
    assert "title=FIELD_WIRE_JSON_COMPATIBLE_TYPE" in ran.log, ran.log
    assert "Version: major" in ran.summary
    assert not (acme.root / "pwned").exists()
    assert Repo(action).git("status", "--porcelain") == ""


def test_a_machine_without_python_is_told_what_is_missing(acme: Forge, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "sh", "cat", "cksum", "cut", "mkdir", "rm", "dirname", "git"):
        (tools / name).symlink_to(shutil.which(name) or name)
    ran = Runner(acme.pull_request({PATH: BROKEN}), mine={"acme/schemactl": ROOT}, env={"PATH": str(tools)}).job(
        using(python_version="") + "        id: schemas\n", "schemas"
    )
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "none")
    assert "Python 3.11, 3.12, 3.13 or 3.14 is needed" in ran.log
    assert "::error title=schemactl%3A no verdict::" in ran.log


HOSTILE = "$(touch pwned)`touch pwned`;touch pwned\n::error::x\n--config=/etc/passwd"


@pytest.mark.parametrize("name", ["against", "args", "directory", "fail_on", "profile"])
def test_nothing_in_an_input_is_evaluated(acme: Forge, name: str) -> None:
    ran = check(acme.pull_request({PATH: BROKEN}), **{name: HOSTILE})
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "none")
    assert "\n::error::x" not in ran.log
    assert not list(acme.root.rglob("*pwned*"))


def test_the_name_of_a_report_is_no_output(acme: Forge) -> None:
    ran = check(acme.pull_request({PATH: BROKEN}), sarif="a$(touch pwned)\nverdict=clean")
    assert (ran.result, ran.of["schemas"]["verdict"]) == ("failure", "findings")
    assert json.loads(Path(ran.of["schemas"]["sarif"]).read_text())["runs"]
    assert not list(acme.root.rglob("pwned"))


def test_the_name_of_a_branch_is_a_name(acme: Forge) -> None:
    branch = "$(touch${IFS}pwned)`id`;id&&id"
    acme.author.git("branch", "base-" + branch)
    acme.author.git("push", "--quiet", "origin", "base-" + branch)
    place = replace(acme.pull_request({PATH: BROKEN}, branch=branch), base_ref="base-" + branch)
    ran = example(place)
    assert ran.of["schemas"]["verdict"] == "findings"
    assert not list(acme.root.rglob("pwned"))


def noted(place: Path) -> dict[str, str]:
    """A PATH on which every git writes down how it was called."""
    place.mkdir()
    real = shutil.which("git")
    (place / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{place}/said"\nexec {real} "$@"\n')
    (place / "git").chmod(0o755)
    return {"PATH": f"{place}:{os.environ['PATH']}"}


@pytest.mark.parametrize("kept", ["true", "false"])
def test_the_token_fetches_and_is_nowhere_to_be_seen(acme: Forge, kept: str) -> None:
    place = acme.pull_request({PATH: BROKEN}, owner="mallory")
    wanted = header(place.token).removeprefix("AUTHORIZATION: ")
    with serving(acme.root / "server", wanted) as (address, shown):
        place, env = replace(place, server=address), noted(acme.root / "bin")
        workflow = EXAMPLE.replace("persist-credentials: false", f"persist-credentials: {kept}")
        ran = runner(place, env=env).job(workflow + "        id: schemas\n", "schemas")
    assert ran.of["schemas"]["verdict"] == "findings", ran.log
    assert len(shown) > 2
    assert all(each == [wanted] for each in shown)
    secrets = (place.token, wanted.split()[1])
    seen = [ran.log, ran.summary, (acme.root / "bin/said").read_text()]
    seen += [
        path.read_text()
        for path in (place.temp / "schemactl").glob("*/*")
        if path.is_file() and path.suffix != ".sqlite"
    ]
    assert not [text for text in seen for secret in secrets if secret in text]
    assert place.credentials.exists() == (kept == "true")


def test_without_a_token_a_private_base_is_no_verdict(acme: Forge) -> None:
    place = acme.pull_request({PATH: BROKEN})
    wanted = header(place.token).removeprefix("AUTHORIZATION: ")
    with serving(acme.root / "server", wanted) as (address, _):
        ran = check(replace(place, server=address), token="")
    assert ran.of["schemas"]["verdict"] == "none"
    assert "no verdict" in ran.log
