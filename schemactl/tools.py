"""The one door to other programs: every process starts here, with an allow-listed environment and a time limit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from schemactl.errors import ToolError

Child = subprocess.Popen[bytes]
_Value = TypeVar("_Value")
_SEE = "see `schemactl doctor`; where it finds nothing wrong, report this"

# What a child may know of its parent: enough to find itself, its temporary directory and its home.
_KEPT = (
    "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COMSPEC", "PATHEXT", "USERPROFILE", "HOMEDRIVE", "HOMEPATH",
    "APPDATA", "LOCALAPPDATA",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished process left behind; a negative `code` is the signal that killed it."""

    code: int
    stdout: bytes
    stderr: bytes


class Timeout(ToolError):
    """A process was ended because its time was up."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every child: no tokens, no GIT_* of a hook, no language of the user."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"} | dict(extra or {})


def run(
    argv: Sequence[str],
    *,
    ok: Sequence[int] | None = (0,),
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> Result:
    """Run `argv` to its end; an exit code outside `ok` (None: any is fine) is a ToolError with its stderr."""
    name = Path(argv[0]).name
    try:
        done = subprocess.run(
            argv, input=stdin, capture_output=True, cwd=cwd, env=environment(env), timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise Timeout(
            f"{name} did not finish within {timeout:.0f} s", "run again when the machine has less to do"
        ) from None
    except FileNotFoundError:
        hint = f"install {name} and run again; `schemactl doctor` tells how"
        raise ToolError(f"{name} is not installed, or not on PATH", hint) from None
    except OSError as error:
        raise ToolError(f"{name} could not be started: {error.strerror}", _SEE) from error
    if ok is not None and done.returncode not in ok:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        what = f"{name} {argv[1] if len(argv) > 1 else ''} failed: {words[-1] if words else done.returncode}"
        raise ToolError(what, _SEE)
    return Result(done.returncode, done.stdout, done.stderr)


def ahead(work: Callable[[], _Value]) -> Callable[[], _Value]:
    """Lets the work, which mostly waits for a process, go on beside this thread; asking for its result ends it."""
    done: list[_Value] = []
    failed: list[BaseException] = []

    def working() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=working, daemon=True)
    thread.start()

    def result() -> _Value:
        thread.join()
        if failed:
            raise failed[0]
        return done[0]

    return result


@contextmanager
def memory_limit(size: int = 2 << 30) -> Iterator[None]:
    """Bounds the memory of this process, and of those it starts meanwhile, where the system can."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    known = [each for each in (size, soft, hard) if each != resource.RLIM_INFINITY]
    with suppress(ValueError, OSError):  # macOS may refuse any bound
        resource.setrlimit(resource.RLIMIT_AS, (min(known), hard))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def start(argv: Sequence[str]) -> Child:
    """Start a child that is talked to over its standard input and output; its stderr is ours."""
    # On Windows a Ctrl-C goes to every process of the group: the child ends with us, and has nothing to say.
    alone = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), creationflags=alone)


def stop(child: Child) -> None:
    """End a child, finished or not, and let go of its pipes."""
    child.kill()
    for stream in (child.stdin, child.stdout):
        if stream:
            with suppress(OSError):
                stream.close()
    child.wait()
