"""Shell completion: asked of a real bash, by the script that it gets, without a way into the shell."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import typer

from repositories import USER, init
from schemactl import bufrules, catalogue, compatrules, completing, enginerules, product, report
from schemactl.diff import run as differing
from shell import run

# What bash does at TAB; each line is one.
ASKING = """
source "$1"; shift
for line in "$@"; do
    COMP_WORDS=($line); COMPREPLY=()
    [[ $line == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _schemactl_completion schemactl
    echo "${COMPREPLY[*]}"
done
"""
HOSTILE = "v1.1.0-$(touch${IFS}pwned)"
WITH_TOOL = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def script(shell: str, where: Path) -> Path:
    file = where / f"completion.{shell}"
    file.write_text(run("schemactl", cwd=where, PATH=WITH_TOOL, _SCHEMACTL_COMPLETE=f"source_{shell}").stdout)
    return file


def context(directory: Path) -> typer.Context:
    return cast(typer.Context, SimpleNamespace(params={"directory": directory}))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = init(tmp_path_factory.mktemp("completed") / "r", {"a.proto": USER})
    for tag in ("v1.0.0", "v1.1.0", HOSTILE):
        repo.git("tag", tag)
    repo.git("pack-refs", "--all")
    repo.git("branch", "fix-topics")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("worktree", "add", "-q", "--detach", str(repo.root.with_name("worktree")))
    return repo.root


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes_commands_options_values_rules_and_revisions(repository: Path, tmp_path: Path) -> None:
    asked = {
        "schemactl brea": "breaking",
        "schemactl lint --fail": "--fail-on",
        "schemactl lint --fail-on w": "warning",
        "schemactl check --format s": "sarif",
        "schemactl explain FIELD_LOWER": "FIELD_LOWER_SNAKE_CASE",
        "schemactl lint --select STAN": "STANDARD",
        "schemactl breaking --against v1": "v1.0.0 v1.1.0",
        f"schemactl diff -C {tmp_path} v1": "",
        "schemactl check -C docs": "",  # and so bash offers directories
    }
    file = str(script("bash", tmp_path))
    done = run("bash", "--norc", "-c", ASKING, "-", file, *asked, cwd=repository, PATH=WITH_TOOL)
    assert done.stderr == ""
    assert dict(zip(asked, done.stdout.split("\n"), strict=False)) == asked
    assert not (repository / "pwned").exists()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_complete_by_scripts_of_their_own(shell: str, repository: Path, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    asked = {
        "zsh": 'compdef() { :; }; _arguments() { print -r -- "$@"; }; _files() { print files; }\n'
        "words=(schemactl breaking --against v1); CURRENT=4\n",
        "fish": "",
    }[shell]
    ending = {"zsh": "_schemactl_completion", "fish": "complete -C 'schemactl breaking --against v1'"}[shell]
    file = script(shell, tmp_path)
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = run(shell, "-c", f"{asked}source {file}\n{ending}", cwd=repository, PATH=WITH_TOOL, **home)
    assert done.stderr == ""
    assert "v1.0.0" in done.stdout
    assert "pwned" not in done.stdout


def test_power_shell_gets_values_too(repository: Path) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "schemactl lint --fail-on w", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "w"}
    done = run("schemactl", cwd=repository, PATH=WITH_TOOL, _SCHEMACTL_COMPLETE="complete_powershell", **asked)
    assert done.stdout.strip() == "warning:::"


def test_branches_and_tags_are_offered_in_worktrees_too_and_nothing_that_a_shell_could_run(repository: Path) -> None:
    expected = ["HEAD", "fix-topics", "main", "origin/main", "v1.0.0", "v1.1.0"]
    for place in (repository, repository.with_name("worktree")):
        assert completing.revisions(context(place), "") == expected
    assert completing.revisions(context(repository.parent), "") == []


def test_what_to_compare_with_is_offered(repository: Path) -> None:
    offered = completing.bases(context(repository), "")
    assert {"none", "retained", "tags", "tag:latest", "merge-base:origin/main", "v1.0.0"} <= {*offered}
    assert completing.states(context(repository), "v1.0.0..v") == ["v1.0.0..v1.0.0", "v1.0.0..v1.1.0"]


def test_every_rule_is_offered_and_nothing_else() -> None:
    breaking = {id for id, rule in bufrules.table().items() if rule.kind == "breaking" and not rule.deprecated}
    rules = {*catalogue.catalogue(), *breaking, *compatrules.IDS, *enginerules.RULES}
    assert completing.rule_ids("") == sorted(rules)
    assert {"STANDARD", "events", "COMPAT", "WIRE_JSON"} <= {*completing.rules_and_categories("")}
    assert completing.rule_ids("FIELD_LOWER") == ["FIELD_LOWER_SNAKE_CASE"]


def test_lists_are_as_the_commands_take_them() -> None:
    assert tuple(report.FORMATS) == completing.FORMATS
    assert tuple(differing.FORMATS) == completing.DIFF_FORMATS
    assert completing.LANGUAGES == product.LANGUAGES


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_what_an_option_does_is_told_without_the_library_that_draws(shell: str, tmp_path: Path) -> None:
    asked = {
        "_SCHEMACTL_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "schemactl lint --sta",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": "--sta",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = run("schemactl", cwd=tmp_path, PATH=WITH_TOOL, PYTHONPROFILEIMPORTTIME="1", **asked)
    assert "--staged" in done.stdout
    assert "for the next commit" in done.stdout
    assert "typer" in done.stderr
    assert "rich" not in done.stderr


def test_completing_a_rule_loads_none_of_what_judges(repository: Path) -> None:
    program = (
        "import sys; from schemactl import cli, completing; completing.rules_and_categories('');"
        "print({'yaml', 'rich', 'git', 'google.protobuf', 'grpc_tools'} & {*sys.modules})"
    )
    assert run(sys.executable, "-c", program, cwd=Path(__file__).parents[1]).stdout == "set()\n"
