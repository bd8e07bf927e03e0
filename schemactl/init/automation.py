"""CI and hooks of a plan: they stand at the top, which is all that git and CI platforms look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemactl.init import ci, hooks
from schemactl.init.placing import is_there
from schemactl.init.quoting import is_plain
from schemactl.init.steps import New, Sight, Step, There
from schemactl.init.surroundings import INCLUDED, PIPELINE, PRE_COMMIT, WORKFLOW

_WORKFLOWS = (WORKFLOW, *(f".github/workflows/{name}.yml" for name in ("schemas", "schemactl-check")))
_INCLUDED = (INCLUDED, ".gitlab/schemas.yml", ".gitlab/schemactl-check.yml")
_PULL, _MERGE = "checks every pull request", "checks every merge request"
_BY_ACTION = "say it with `--action OWNER/REPO@COMMIT`"
_ELSEWHERE = "`schemactl check --fetch --new` is what it has to run, see docs/ci.md of schemactl"


def steps(sight: Sight) -> Iterator[Step]:
    if not _can_run(sight):
        return
    if sight.origin.requirement and sight.ci == "github":
        yield _workflow(sight)
    if sight.origin.requirement and sight.ci == "gitlab":
        yield from _pipeline(sight)
    if sight.request.hook:
        yield from _hooks(sight)


def _can_run(sight: Sight) -> bool:
    return _has_git(sight) and is_plain(sight.survey.directory)


def _has_git(sight: Sight) -> bool:
    return sight.survey.is_empty or sight.survey.place.repository is not None


def _workflow(sight: Sight) -> Step:
    used = sight.around.used_in
    if used and used.startswith(".github/"):
        return There(used, "runs schemactl")
    text = ci.github(sight.origin, sight.survey.directory, sight.around.branch)
    return sight.new(_free(sight, _WORKFLOWS), _PULL, text)


def _pipeline(sight: Sight) -> Iterator[Step]:
    text = ci.gitlab(sight.origin, sight.survey.directory)
    used = sight.around.used_in
    if used == PIPELINE:
        yield There(PIPELINE, "runs schemactl")
    elif not is_there(sight.top, PIPELINE):
        yield New(PIPELINE, _MERGE, text)
    else:
        path = INCLUDED if used == INCLUDED else _free(sight, _INCLUDED)
        yield sight.new(path, _MERGE, text)
        yield There(PIPELINE, "to include the job", ("include:", f"  - local: {path}"))


def _free(sight: Sight, paths: Iterable[str]) -> str:
    """The first that nothing has taken, else the last."""
    *firsts, last = paths
    return next((path for path in firsts if not is_there(sight.top, path)), last)


def _hooks(sight: Sight) -> Iterator[Step]:
    for each in sight.around.hooks:
        lines = () if each.used else hooks.lines(each, sight.origin, _arguments(sight))
        yield There(each.path, "runs schemactl" if each.used else f"as {each.manager} reads it", lines)
    if not sight.around.hooks:
        text = hooks.pre_commit(sight.origin, _arguments(sight))
        yield sight.new(PRE_COMMIT, "checks what is about to be committed", text)


def _arguments(sight: Sight) -> list[str]:
    """Of the hook: what was wrong before must not keep anybody from committing."""
    return [*([] if sight.survey.directory == "." else ["-C", sight.survey.directory]), "--new"]


def facts(sight: Sight, steps: Iterable[Step]) -> Iterator[str]:
    """Which platform there is; and where it gets schemactl from, if anything is written that does."""
    added = [step for step in steps if isinstance(step, New) or step.lines]
    if sight.ci != "none" and sight.origin.requirement and _can_run(sight):
        yield f"CI: {'GitHub' if sight.ci == 'github' else 'GitLab'}{_because(sight)}"
    if added and sight.origin.requirement:
        yield f"CI and hooks install {sight.origin.said}"
    elif added:
        yield f"the hook runs the `schemactl` that is on PATH; where to get it is not known: {sight.origin.said}"
    if added and sight.survey.place.start != ".":
        yield "CI and hooks work at the top of the repository only; all paths here start there"


def _because(sight: Sight) -> str:
    if sight.request.ci != "auto":
        return ""
    return f", since {sight.around.because}" if sight.around.ci else ", since nothing tells; --ci says it otherwise"


def without(sight: Sight) -> str:
    """Why there will not be a CI file, and what to do about it; nothing where there is one, or nobody wants one."""
    if not is_plain(sight.survey.directory):
        return f"no CI and no hook: `{sight.survey.directory}` has characters that a workflow could take for its own"
    if not _has_git(sight):
        return "no CI and no hook: there is no git repository here, which `check` needs, too"
    if sight.ci == "none" and sight.request.ci != "auto":
        return ""
    if sight.ci == "none" and sight.around.other:
        return f"no CI file: there is `{sight.around.other}`, and init writes for GitHub and GitLab; {_ELSEWHERE}"
    if sight.ci == "none":
        where = f" of {sight.around.because}" if sight.around.because else ""
        return f"no CI file: nothing is known{where}; `--ci github` and `--ci gitlab` write one; elsewhere {_ELSEWHERE}"
    return "" if sight.origin.requirement else f"no CI file: CI cannot know where to get schemactl; {_BY_ACTION}"
