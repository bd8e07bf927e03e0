"""What CI platforms say of the run: whether a pull request, or a queue of such, is judged, and into which branch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from schemactl.errors import ToolError


class Platform(NamedTuple):
    """How a CI platform tells of a pull request: a variable and what it looks like then, and the base branch.

    `tip` names a commit of the base branch. `merge` tells that `commit` is the platform's merge of base and request,
    in this order.
    """

    event: tuple[str, str]
    branch: str
    tip: str = ""
    merge: tuple[str, str] = ("", ".")
    commit: str = ""


class Pull(NamedTuple):
    """A pull request as its platform tells of it; the base branch is empty where that does not say."""

    platform: Platform
    branch: str


_PULL_MERGE = r"refs/pull/\d+/merge"
_GITHUB = Platform(
    ("GITHUB_EVENT_NAME", "pull_request(_target)?"),
    "GITHUB_BASE_REF",
    merge=("GITHUB_REF", _PULL_MERGE),
    commit="GITHUB_SHA",
)
_PLATFORMS = (
    _GITHUB,
    Platform(
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ".+"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        tip="CI_MERGE_REQUEST_DIFF_BASE_SHA",
        merge=("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result|merge_train"),
        commit="CI_COMMIT_SHA",
    ),
    Platform(
        ("BITBUCKET_PR_DESTINATION_BRANCH", ".+"),
        "BITBUCKET_PR_DESTINATION_BRANCH",
        tip="BITBUCKET_PR_DESTINATION_COMMIT",
    ),
    Platform(("BUILDKITE_PULL_REQUEST", r"\d+"), "BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
    Platform(
        ("BUILD_REASON", "PullRequest"),
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
        merge=("BUILD_SOURCEBRANCH", _PULL_MERGE),
        commit="BUILD_SOURCEVERSION",
    ),
    Platform(("CHANGE_TARGET", ".+"), "CHANGE_TARGET"),
    Platform(
        ("TRAVIS_PULL_REQUEST", r"\d+"), "TRAVIS_BRANCH", merge=("TRAVIS_PULL_REQUEST", r"\d+"), commit="TRAVIS_COMMIT"
    ),
    Platform(("DRONE_BUILD_EVENT", "pull_request"), "DRONE_TARGET_BRANCH"),
    Platform(("CI_PIPELINE_EVENT", "pull_request.*"), "CI_COMMIT_TARGET_BRANCH"),
)


def pull(environ: Mapping[str, str]) -> Pull | None:
    """The pull request that is judged, whatever event it is judged for: a review brings its merge as well."""
    for platform in _PLATFORMS:
        if told(environ, platform.event) and (branch := environ.get(platform.branch, "")):
            if any(char < " " for char in branch):
                raise ToolError(f"the variable {platform.branch} does not name a branch", "see what sets it")
            return Pull(platform, branch.removeprefix("refs/heads/"))
    return Pull(_GITHUB, _reviewed(environ)) if told(environ, _GITHUB.merge) else None


def queued(environ: Mapping[str, str]) -> bool:
    """Whether pull requests that wait to be merged are judged, by GitHub's merge queue."""
    return environ.get("GITHUB_EVENT_NAME") == "merge_group"


def told(environ: Mapping[str, str], sign: tuple[str, str]) -> bool:
    variable, pattern = sign
    return bool(re.fullmatch(pattern, environ.get(variable, ""), re.DOTALL))


def event(environ: Mapping[str, str]) -> dict[str, Any]:
    """What GitHub tells of the event; empty where it tells nothing."""
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        raise ToolError(f"GITHUB_EVENT_PATH is not a readable file: {path}", "pass `--against REVISION`") from None
    return found if isinstance(found, dict) else {}


def within(found: Any, *keys: str) -> str:
    """The text at the end of the keys."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _reviewed(environ: Mapping[str, str]) -> str:
    branch = within(event(environ), "pull_request", "base", "ref")
    return "" if any(char < " " for char in branch) else branch
