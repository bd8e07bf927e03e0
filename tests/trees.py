"""Trees of files, and runs of the command on them as a user sees them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from typer.testing import CliRunner

from schemactl.cli import app
from shell import git

CODE = Path(__file__).parents[1]
COMMAND = (
    sys.executable,
    "-c",
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from schemactl.cli import main; main()",
)
Command = tuple[str, ...]


class Done(NamedTuple):
    code: int
    out: str
    err: str


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def proto(body: str = "", *imports: str, package: str = "") -> str:
    """A proto3 file; its body starts in the line below the imports and the package."""
    lines = ['syntax = "proto3";', *([f"package {package};"] if package else []), *(f'import "{i}";' for i in imports)]
    return "\n".join([*lines, body, ""])


def schemactl(*argv: str | Path) -> Done:
    """The command in this process: what it prints and how it ends."""
    done = CliRunner().invoke(app, [str(word) for word in argv])
    return Done(done.exit_code, done.stdout, done.stderr)


def command(*argv: str | Path) -> tuple[str | Path, ...]:
    """The command line of the same in a process of its own."""
    return (*COMMAND, CODE, *argv)


def report(root: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    done = schemactl("lint", "-C", root, "--format", "json", *argv)
    assert done.code in (0, 1), done
    return done.code, json.loads(done.out)


def problems(root: Path, *argv: str) -> list[dict[str, Any]]:
    """What is wrong with the files as such, and whether the exit code says so."""
    code, document = report(root, *argv)
    found = [each for each in document["findings"] if each["source"] == "compile"]
    assert code == bool([each for each in document["findings"] if each["severity"] == "error"])
    return found


def told(root: Path, *argv: str) -> list[str]:
    """The same as `path:line:column RULE message`."""
    return [
        f"{each['path']}:{each['line']}:{each['column']} {each['rule']} {each['message']}"
        for each in problems(root, *argv)
    ]


def judged(root: Path, *argv: str) -> int:
    """How many files a run without problems judged."""
    code, document = report(root, *argv)
    assert not [each for each in document["findings"] if each["source"] == "compile"], document["findings"]
    assert code in (0, 1)
    count = document["summary"]["files"]
    assert isinstance(count, int)
    return count


def refused(*argv: str | Path) -> str:
    """The words of a run that gives no verdict: nothing on standard output, no traceback."""
    done = schemactl(*argv)
    assert (done.code, done.out) == (2, ""), done
    assert "Traceback" not in done.err
    return done.err


def repository(root: Path, files: Mapping[str, str | bytes]) -> Path:
    write(root, files)
    git(root, "init", "--quiet")
    commit(root)
    return root


def commit(root: Path, files: Mapping[str, str | bytes] | None = None) -> None:
    write(root, files or {})
    assert git(root, "add", "--all").returncode == 0
    done = git(root, "commit", "--quiet", "--allow-empty", "--message", "change")
    assert done.returncode == 0, done.stderr


def left_over(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())
