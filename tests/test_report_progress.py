"""The progress bar: only for a person who waits at a terminal, and only on standard error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from schemactl.progress import progress

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

_IMPATIENT = "import time, schemactl.progress as p; p._PATIENCE = 0.05\n"
_BAR = _IMPATIENT + "with p.progress(7) as advance:\n    advance(2); time.sleep(0.6); advance(3); time.sleep({pause})\n"


def _start(code: str, stderr: int) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=stderr)


def _read(terminal: int, until: bytes | None = None) -> bytes:
    """What the terminal shows, until it shows `until` or nobody writes to it any more."""
    seen = b""
    while until is None or until not in seen:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    return seen


def test_a_long_wait_shows_how_far_it_is_and_leaves_no_trace() -> None:
    ours, theirs = os.openpty()
    with _start(_BAR.format(pause=0.3), theirs) as child:
        os.close(theirs)
        seen = _read(ours)
        assert child.stdout
        assert child.stdout.read() == b""
    os.close(ours)
    assert child.returncode == 0
    assert b"checking" in seen
    assert b"2/7" in seen
    assert b"5/7" in seen
    assert b"\x1b[2K" in seen[seen.rindex(b"5/7") :]


def test_an_interrupted_wait_gives_the_cursor_back() -> None:
    ours, theirs = os.openpty()
    with _start(_BAR.format(pause=60), theirs) as child:
        os.close(theirs)
        hidden = _read(ours, until=b"5/7")
        child.send_signal(signal.SIGINT)
        after = _read(ours)
    os.close(ours)
    assert b"\x1b[?25l" in hidden
    assert b"\x1b[?25h" in after
    assert b"KeyboardInterrupt" in after


def test_a_short_wait_shows_nothing() -> None:
    ours, theirs = os.openpty()
    code = "from schemactl.progress import progress\nwith progress(7) as advance:\n    advance(7)\n"
    with _start(
        code + "import sys, threading\nassert 'rich' not in sys.modules\nassert threading.active_count() == 1\n", theirs
    ) as child:
        os.close(theirs)
        seen = _read(ours)
    os.close(ours)
    assert (child.returncode, seen) == (0, b"")


def test_without_a_terminal_there_is_no_bar() -> None:
    with _start(_BAR.format(pause=0), subprocess.PIPE) as child:
        out, err = child.communicate()
    assert (child.returncode, out, err) == (0, b"", b"")


def test_without_a_bar_there_is_no_thread() -> None:
    before = threading.active_count()
    with progress(7, enabled=False) as advance:
        advance(7)
        assert threading.active_count() == before
