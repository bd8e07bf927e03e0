"""Somebody who types commands into bash, on a terminal of 80 columns, in one shell from first to last."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shell import run

COLUMNS, PATIENCE = 80, 180
END = "\x1e"
HOME = "/home/acme"
DAY = "2026-11-23T12:00:00Z"
SETTINGS = """[user]
name = acme
email = dev@acme.example
[init]
defaultBranch = main
[advice]
detachedHead = false
"""


class Typist:
    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        import fcntl
        import pty
        import termios

        self.home = home
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        bash = ["bash", "--norc", "--noprofile"]
        self._bash = subprocess.Popen(
            bash, stdin=subprocess.PIPE, stdout=slave, stderr=slave, cwd=home, env=environment, start_new_session=True
        )
        os.close(slave)

    def type(self, command: str) -> tuple[int, list[str]]:
        """The exit status of a command, and the lines that appear."""
        assert self._bash.stdin
        # Its status is what `$?` is for the next one.
        said = f"{{ {command}\n}} </dev/null; status=$?; printf '{END}%d{END}' $status; (exit $status)\n"
        self._bash.stdin.write(said.encode())
        self._bash.stdin.flush()
        text = self._read(command)
        printed, status, _ = text.split(END)
        return int(status), screen(printed.replace(str(self.home), HOME))

    def _read(self, command: str) -> str:
        text = b""
        while text.count(END.encode()) < 2:
            ready, _, _ = select.select([self._master], [], [], PATIENCE)
            assert ready, f"`{command}` said nothing for {PATIENCE} seconds, after:\n{text.decode()}"
            text += os.read(self._master, 65536)
        return text.decode()

    def where(self) -> Path:
        """The directory that the shell is in, where a reader would save files."""
        return Path("".join(self.type("pwd -P")[1]).replace(HOME, str(self.home), 1))

    def close(self) -> None:
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()
        os.close(self._master)


def screen(text: str) -> list[str]:
    """What is left to see: a progress bar comes, and is wiped out."""
    lines, row, column = [""], 0, 0
    for word in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.|[\r\n]|[^\x1b\r\n]+", text):
        if word == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif word == "\r":
            column = 0
        elif word.endswith("A") and word.startswith("\x1b["):
            row = max(row - int(word[2:-1] or 1), 0)
        elif word.startswith("\x1b[") and word.endswith("K"):
            lines[row] = lines[row][:column] if word == "\x1b[K" else ""
        elif not word.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + word + lines[row][column + len(word) :]
            column += len(word)
    return lines[: row + 1] if lines[row] else lines[:row]


@contextmanager
def typing(**extra: str) -> Iterator[Typist]:
    """In a directory of its own with a short name, for that name is printed and must not wrap lines."""
    top = Path(tempfile.mkdtemp(prefix="page")).resolve()
    try:
        typist = Typist(_home(top), _environment(top) | extra)
        try:
            yield typist
        finally:
            typist.close()
    finally:
        # Go makes what it downloads read-only.
        run("chmod", "-R", "u+w", top, cwd=top)
        shutil.rmtree(top)


def _home(top: Path) -> Path:
    (top / "bin").mkdir()
    (top / "gitconfig").write_text(SETTINGS)
    for name, program in (("schemactl", Path(sys.prefix, "bin/schemactl")), ("python3", Path(sys.executable))):
        script = top / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
        script.chmod(0o755)
    (top / "h").mkdir()
    return top / "h"


def _environment(top: Path) -> dict[str, str]:
    kept = re.compile(r"TMPDIR|SCHEMACTL_\w+|PIP_\w+|SSL_CERT_\w+|\w+_PROXY|\w+_proxy|GO\w+")
    return {name: value for name, value in os.environ.items() if kept.fullmatch(name)} | {
        "PATH": f"{top / 'bin'}:{os.environ['PATH']}",
        "HOME": os.environ["HOME"],
        "GIT_CONFIG_GLOBAL": str(top / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PAGER": "cat",
        "GIT_AUTHOR_DATE": DAY,
        "GIT_COMMITTER_DATE": DAY,
        "NO_COLOR": "1",
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
