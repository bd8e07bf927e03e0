"""Where a job runs, and what the actions of others that our workflows use do there, as far as our steps see of it."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shell import git

RUN = "1/1/job"  # which run of which job, as `.ci/install` writes it down


@dataclass(frozen=True)
class Place:
    """A runner's directories below `root`, and the event that it runs for.

    `server` is what GITHUB_SERVER_URL says, and `kept` what outlives the job: caches, artifacts, uploads.
    """

    root: Path
    kept: Path
    server: str
    event_name: str
    ref: str
    sha: str
    event: Mapping[str, Any] = field(default_factory=dict)
    base_ref: str = ""
    head_ref: str = ""
    repository: str = "acme/protos"
    token: str = "ghs_0000000000secret"
    run_id: str = "1"

    @property
    def workspace(self) -> Path:
        return self.root / "work"

    @property
    def temp(self) -> Path:
        return self.root / "_temp"

    @property
    def event_file(self) -> Path:
        return self.temp / "_files" / "event.json"

    @property
    def credentials(self) -> Path:
        return self.temp / "git-credentials.config"

    def github(self) -> dict[str, Any]:
        return {
            "event_name": self.event_name, "ref": self.ref, "sha": self.sha, "token": self.token, "event": self.event,
            "ref_name": self.ref.removeprefix("refs/heads/"), "base_ref": self.base_ref, "head_ref": self.head_ref,
            "repository": self.repository, "server_url": self.server, "workspace": str(self.workspace),
            "run_id": self.run_id,
        }  # fmt: skip

    def variables(self) -> dict[str, str]:
        return {
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": self.event_name, "GITHUB_REF": self.ref,
            "GITHUB_REF_NAME": self.ref.removeprefix("refs/heads/").removeprefix("refs/"), "GITHUB_SHA": self.sha,
            "GITHUB_BASE_REF": self.base_ref, "GITHUB_HEAD_REF": self.head_ref, "GITHUB_REPOSITORY": self.repository,
            "GITHUB_SERVER_URL": self.server, "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_RUN_ID": self.run_id,
            "GITHUB_EVENT_PATH": str(self.event_file), "RUNNER_TEMP": str(self.temp), "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "job",
        }  # fmt: skip


def _checkout(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    """As actions/checkout does: one commit, or everything for depth 0; HEAD is a branch if the event is about one."""
    where, ref, depth = place.workspace, place.ref, int(given.get("fetch-depth", "1"))
    name = ref.replace("refs/heads/", "refs/remotes/origin/").replace("refs/pull/", "refs/remotes/pull/")
    wanted = [] if depth else ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    wanted += [f"+{place.sha}:{name}"] if depth or not ref.startswith("refs/heads/") else []
    _git(where, "init", "--quiet")
    _git(where, "remote", "add", "origin", f"{place.server}/{place.repository}")
    including = _credentials(place)
    how = ["--quiet", "--no-tags", "--prune", "--no-recurse-submodules", *([f"--depth={depth}"] if depth else [])]
    _git(where, "fetch", *how, "origin", *wanted)
    if given.get("persist-credentials", "true") != "true":
        _git(where, "config", "--unset", including)
        place.credentials.unlink()
    branch = ["-B", ref.removeprefix("refs/heads/")] if ref.startswith("refs/heads/") else ["--detach"]
    _git(where, "checkout", "--quiet", "--force", *branch, name)
    return {}


def _credentials(place: Place) -> str:
    """Its token, in a file outside of the checkout that the configuration includes."""
    place.credentials.write_text(f'[http "{place.server}/"]\n\textraheader = {header(place.token)}\n')
    key = f"includeIf.gitdir:{place.workspace}/.git.path"
    _git(place.workspace, "config", key, str(place.credentials))
    return key


def header(token: str) -> str:
    return "AUTHORIZATION: basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _git(where: Path, *arguments: str) -> None:
    done = git(where, "-c", "protocol.file.allow=always", *arguments)
    assert done.returncode == 0, done.stderr


def _restore(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    caches = sorted((place.kept / "caches").glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for wanted in (given["key"], *given.get("restore-keys", "").split()):
        for found in caches:
            if found.name.startswith(wanted):
                shutil.copytree(found, given["path"], dirs_exist_ok=True)
                return {"cache-hit": str(found.name == given["key"]).lower()}
    return {}


def _save(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    if Path(given["path"]).exists() and not (place.kept / "caches" / given["key"]).exists():
        shutil.copytree(given["path"], place.kept / "caches" / given["key"])
    return {}


def _upload(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    source = place.workspace / given["path"]
    if source.exists():
        shutil.copytree(source, place.kept / "artifacts" / given["name"])
    else:
        assert given["if-no-files-found"] == "ignore"
    return {}


def _download(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    shutil.copytree(place.kept / "artifacts" / given["name"], place.workspace / given["path"])
    return {}


def _sarif(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert json.loads(Path(given["sarif_file"]).read_text())["version"] == "2.1.0"
    place.kept.mkdir(exist_ok=True)
    (place.kept / "scanned").write_text(given["category"])
    return {}


_Act = Callable[[Place, Mapping[str, str]], dict[str, str]]
# With the inputs that we use: another one may be misspelt, or do something.
ACTIONS: Mapping[str, tuple[set[str], _Act]] = {
    "actions/checkout": ({"fetch-depth", "persist-credentials"}, _checkout),
    "actions/setup-python": ({"python-version", "update-environment"}, lambda *_: {"python-path": sys.executable}),
    "actions/setup-go": ({"go-version", "cache"}, lambda *_: {}),
    "actions/cache/restore": ({"path", "key", "restore-keys"}, _restore),
    "actions/cache/save": ({"path", "key"}, _save),
    "actions/upload-artifact": ({"name", "path", "if-no-files-found", "retention-days"}, _upload),
    "actions/download-artifact": ({"name", "path"}, _download),
    "github/codeql-action/upload-sarif": ({"sarif_file", "category"}, _sarif),
}
