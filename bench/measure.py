"""Time, processor time and peak memory of a command with everything it starts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread

_EVERY = 0.1
# Reading the memory of a process stops it for a moment, 60 ms for 4 GB: at most 5 % of its time may go that way.
_IDLE = 19
_LAST = 3  # lines of what a failed command said
_IN_MEMORY = Path("/dev/shm")


class Failed(Exception):
    """A command did not do its work, so that its time means nothing."""


@dataclass(frozen=True)
class Sample:
    """One run: seconds of the clock and of all processors, and the most bytes held at once.

    `memory` is the proportional set size of the process tree, `files` what temporary files in memory took beside it.
    """

    seconds: float
    cpu: float
    memory: int
    files: int


class _Watch(Thread):
    """Adds up the memory of a process tree again and again, until told to stop."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._over = Event()
        self._before = _in_memory()
        self.memory = 0
        self.files = 0

    def run(self) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            began = time.perf_counter()
            self.memory = max(self.memory, sum(map(_memory, _tree(self._root))))
            self.files = max(self.files, _in_memory() - self._before)
            pause = max(_EVERY, _IDLE * (time.perf_counter() - began))

    def stop(self) -> None:
        self._over.set()
        self.join()


def measure(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdout: Path | None = None,
    ok: Sequence[int] = (0,),
    timeout: float = 1800,
) -> Sample:
    """Run `argv` to its end, its standard output in a file; raises Failed for an exit code outside `ok`."""
    with (stdout or Path(os.devnull)).open("wb") as out, TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        watch = _Watch(child.pid)
        watch.start()
        seconds = _wait(child, began, timeout)
        watch.stop()
        err.seek(0)
        said = err.read().decode(errors="backslashreplace").split("\n")
    if child.returncode not in ok:
        last = " / ".join([line.strip() for line in said if line.strip()][-_LAST:])
        raise Failed(f"`{Path(argv[0]).name} {argv[1]}` ended with {child.returncode}: {last}")
    return Sample(seconds[0], seconds[1], watch.memory, watch.files)


def _wait(child: subprocess.Popen[bytes], began: float, timeout: float) -> tuple[float, float]:
    """Seconds of the clock and of the processors; only wait4 tells of this child's tree alone."""
    ended = Event()

    def watch() -> None:
        if not ended.wait(timeout):
            child.kill()

    guard = Thread(target=watch, daemon=True)
    guard.start()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    guard.join()
    return seconds, used.ru_utime + used.ru_stime


def _tree(root: int) -> Iterator[int]:
    """The process and all below it."""
    below: dict[int, list[int]] = {}
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        below.setdefault(_parent(pid), []).append(pid)
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += below.get(pid, ())
        yield pid


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:  # it has ended meanwhile
        return 0
    return int(stat[stat.rindex(b")") :].split()[2])


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), 0)


def _in_memory() -> int:
    try:
        used = os.statvfs(_IN_MEMORY)
    except OSError:
        return 0
    return (used.f_blocks - used.f_bfree) * used.f_frsize
