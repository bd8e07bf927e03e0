"""Runs workflows and composite actions as GitHub does, each `run:` step for real; raises for what it does not know."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from shell import run
from workflow_actions import ACTIONS, Place
from workflow_expressions import Unsupported, condition, interpolated

ROOT = Path(__file__).parents[1]
_JOB = {
    "runs-on", "timeout-minutes", "permissions", "steps", "needs", "if", "outputs", "strategy", "env", "concurrency",
    "environment", "name",
}  # fmt: skip
_STEP = {"id", "name", "if", "uses", "with", "run", "shell", "env", "working-directory", "continue-on-error"}
_WORKFLOW = {"name", True, "permissions", "concurrency", "jobs", "defaults", "env"}  # YAML 1.1 reads `on` as true
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_SHELLS = {None: ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}


@dataclass(frozen=True)
class Step:
    """What became of one step, of the workflow or of an action that it uses."""

    name: str
    outcome: str
    log: str = ""


@dataclass
class Scope:
    """A list of steps: of a job, or of a composite action."""

    context: dict[str, Any]
    ran: list[Step]
    action: Path | None = None
    failed: bool = False
    shell: str | None = None
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ran:
    """A job that is over."""

    result: str
    steps: list[Step]
    outputs: dict[str, str]
    summary: str
    of: Mapping[str, Mapping[str, str]]

    @property
    def log(self) -> str:
        return "".join(step.log for step in self.steps)

    def step(self, name: str) -> Step:
        (found,) = [step for step in self.steps if step.name == name]
        return found


@dataclass
class Runner:
    """A machine for one job: `place` says what it runs for, `mine` maps `owner/name` to the files of that action.

    `matrix` and `needs` are what a job before and the strategy give to this one.
    """

    place: Place
    mine: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    matrix: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Ran] = field(default_factory=dict)

    def job(self, workflow: str, name: str) -> Ran:
        """Run one job of a workflow that is given as text."""
        read: dict[Any, Any] = yaml.safe_load(workflow)
        job = read["jobs"][name]
        _known(read, _WORKFLOW, "workflow")
        _known(job, _JOB, name)
        scope = self._scope({}, [])
        scope.shell = read.get("defaults", {"run": {}})["run"].get("shell")
        scope.env = {
            key: interpolated(value, scope.context)
            for key, value in {**read.get("env", {}), **job.get("env", {})}.items()
        }
        self._files()
        if any(ran.result != "success" for ran in self.needs.values()) or not condition(
            job.get("if", ""), scope.context
        ):
            return Ran("skipped", [], {}, "", {})
        self._steps(job["steps"], scope)
        outputs = {key: interpolated(value, scope.context) for key, value in job.get("outputs", {}).items()}
        summary = self._file("GITHUB_STEP_SUMMARY").read_text()
        of = {key: value["outputs"] for key, value in scope.context["steps"].items()}
        return Ran("failure" if scope.failed else "success", scope.ran, outputs, summary, of)

    def _scope(self, inputs: Mapping[str, str], ran: list[Step], action: Path | None = None) -> Scope:
        scope = Scope(self._context(inputs), ran, action)
        scope.context["functions"] = {
            "success": lambda: not scope.failed, "failure": lambda: scope.failed, "always": lambda: True,
            "cancelled": lambda: False, "hashFiles": self._hash,
            "format": lambda text, *values: re.sub(r"\{(\d+)\}", lambda found: values[int(found[1])], text),
        }  # fmt: skip
        return scope

    def _context(self, inputs: Mapping[str, str]) -> dict[str, Any]:
        needs = {key: {"outputs": ran.outputs, "result": ran.result} for key, ran in self.needs.items()}
        return {
            "github": self.place.github(), "runner": {"os": "Linux", "arch": "X64", "temp": str(self.place.temp)},
            "inputs": dict(inputs), "steps": {}, "matrix": dict(self.matrix), "needs": needs,
        }  # fmt: skip

    def _steps(self, steps: list[dict[str, Any]], scope: Scope) -> None:
        for each in steps:
            if "id" in each:
                scope.context["steps"][each["id"]] = {"outputs": _Outputs(), "outcome": "skipped"}
        for each in steps:
            self._step(each, scope)

    def _step(self, step: dict[str, Any], scope: Scope) -> None:
        _known(step, _STEP, "step")
        name = step.get("name") or step.get("id") or step.get("uses") or step["run"]
        if not condition(step.get("if", ""), scope.context):
            scope.ran.append(Step(name, "skipped"))
            return
        env = {key: interpolated(value, scope.context) for key, value in step.get("env", {}).items()}
        if "run" in step:
            ok, outputs, log = self._run(step, scope, env)
        else:
            given = {key: interpolated(value, scope.context) for key, value in step.get("with", {}).items()}
            ok, outputs, log = self._uses(step["uses"].split(" ")[0], given, scope, env)
        scope.ran.append(Step(name, "success" if ok else "failure", log))
        if "id" in step:
            scope.context["steps"][step["id"]] = {
                "outputs": _Outputs(outputs),
                "outcome": "success" if ok else "failure",
            }
        scope.failed |= not ok and not step.get("continue-on-error")

    def _run(self, step: dict[str, Any], scope: Scope, env: dict[str, str]) -> tuple[bool, dict[str, str], str]:
        if scope.action and "shell" not in step:
            raise Unsupported("a step of an action without its shell")
        script, outputs = self.place.temp / "_script.sh", self._file("GITHUB_OUTPUT")
        script.write_text(interpolated(step["run"], scope.context))
        outputs.write_text("")
        files = {name: str(self._file(name)) for name in _FILES}
        action = {"GITHUB_ACTION_PATH": str(scope.action)} if scope.action else {}
        where = self.place.workspace / interpolated(step.get("working-directory", "."), scope.context)
        known = {**self.place.variables(), **self.env, **files, **action, **scope.env, **env}
        done = run(*_SHELLS[step.get("shell", scope.shell)], script, cwd=where, **known)
        if any(self._file(name).read_text() for name in ("GITHUB_ENV", "GITHUB_PATH")):
            raise Unsupported("a step that changes what the next ones find")
        return done.returncode == 0, _pairs(outputs), done.stdout + done.stderr

    def _uses(
        self, uses: str, given: dict[str, str], scope: Scope, env: dict[str, str]
    ) -> tuple[bool, dict[str, str], str]:
        name, _, revision = uses.partition("@")
        if name.startswith("./"):
            return self._composite(self.place.workspace / name, given, scope, env)
        if name in self.mine:
            return self._composite(self.mine[name], given, scope, env)
        if name not in ACTIONS:
            raise Unsupported(f"uses: {uses}")
        if not re.fullmatch(r"[0-9a-f]{40}", revision):
            raise Unsupported(f"uses: {uses}: somebody can change what that is")
        inputs, act = ACTIONS[name]
        _known(given, inputs, uses)
        return True, act(self.place, given), ""

    def _composite(
        self, path: Path, given: dict[str, str], scope: Scope, env: dict[str, str]
    ) -> tuple[bool, dict[str, str], str]:
        action = yaml.safe_load((path / "action.yml").read_text())
        _known(given, set(action["inputs"]), str(path))
        if action["runs"]["using"] != "composite":
            raise Unsupported(f"{path}: {action['runs']['using']}")
        inputs = {
            key: interpolated(each.get("default", ""), scope.context) for key, each in action["inputs"].items()
        } | given
        inner = self._scope(inputs, scope.ran, path)
        inner.env = {**scope.env, **env}
        self._steps(action["runs"]["steps"], inner)
        outputs = {key: interpolated(each["value"], inner.context) for key, each in action["outputs"].items()}
        return not inner.failed, outputs, ""

    def _hash(self, *patterns: str) -> str:
        found = sorted(path for pattern in patterns for path in self.place.workspace.glob(pattern) if path.is_file())
        return f"{len(found):064d}" if found else ""

    def _file(self, variable: str) -> Path:
        return self.place.temp / "_files" / variable

    def _files(self) -> None:
        self._file("").mkdir(parents=True)
        for name in _FILES:
            self._file(name).write_text("")
        self.place.event_file.write_text(json.dumps(self.place.event))


class _Outputs(dict[str, str]):
    """What a step has not put out is nothing."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return ""


def _pairs(path: Path) -> dict[str, str]:
    """A file of `name=value` and `name<<END` … `END`, by the rules of the runner; None of its lines is overlooked."""
    found, lines = {}, iter(path.read_text().split("\n"))
    for line in lines:
        plain, here = re.fullmatch(r"([\w-]+)=(.*)", line), re.fullmatch(r"([\w-]+)<<(.+)", line)
        if plain:
            found[plain[1]] = plain[2]
        elif here:
            found[here[1]] = "\n".join(iter(lambda: next(lines), here[2]))
        elif line:
            raise Unsupported(f"{path.name}: {line!r}")
    return found


def _known(given: Mapping[Any, Any], known: set[Any], where: str) -> None:
    if more := set(given) - known:
        raise Unsupported(f"{where}: {', '.join(map(str, more))}")
