"""Git repositories of schemas to run schemactl on, in this process and as its command line would be run."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schemactl.cli import app
from shell import git

HEAD = 'syntax = "proto3";\npackage acme.v1;\n'
USER = HEAD + "message User {\n  string name = 1;\n  string mail = 2;\n}\n"
BROKEN = USER.replace("string mail", "int32 mail")
GONE = USER.replace("  string mail = 2;\n", "")
WRONG = HEAD + "message User {\n  strin name = 1;\n}\n"
PATH = "acme/v1/user.proto"

_KEPT = re.compile(
    r"PATH|HOME|TMPDIR|LANG|SCHEMACTL_CACHE_DIR|PYTEST\w*|PYTHON\w*"
    r"|SYSTEMROOT|COMSPEC|PATHEXT|TE?MP|USERPROFILE|(?:LOCAL)?APPDATA"
)
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    @property
    def rules(self) -> list[str]:
        return [finding["rule"] for finding in self.report["findings"]]


@dataclass(frozen=True)
class Repo:
    root: Path

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")

    def git(self, *arguments: str) -> str:
        done = git(self.root, "-c", "protocol.file.allow=always", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | None], message: str = "") -> str:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message or f"change {next(_NUMBERS)}")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str, format: str = "json") -> Done:
        return run(*arguments, "-C", str(self.root), "--format", format)


def run(*arguments: str) -> Done:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def init(root: Path, *commits: Mapping[str, str | None]) -> Repo:
    root.mkdir(parents=True)
    repo = Repo(root)
    repo.git("init", "--quiet")
    for files in commits:
        repo.commit(files)
    return repo


def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI, no hook, nothing else from outside that says what to compare with."""
    for name in os.environ:
        if not _KEPT.fullmatch(name):
            monkeypatch.delenv(name)


def in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a CI platform judged a pull request to main."""
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")


def pull_request(root: Path, base: Mapping[str, str | None], change: Mapping[str, str | None]) -> Repo:
    """A repository whose HEAD is one change away from its origin/main."""
    repo = init(root, base)
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit(change)
    return repo
