"""A progress bar on standard error for people who wait: only on a terminal, only after a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 1.0


@contextmanager
def progress(total: int, enabled: bool = True) -> Iterator[Callable[[int], None]]:
    """Yields what to call with the number of files just done; gone without a trace afterwards, also on Ctrl-C."""
    # Started without a standard error, Python has None for it.
    if not (enabled and sys.stderr and sys.stderr.isatty()):
        yield _ignore
        return
    bar = _Bar(total)
    timer = Timer(_PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.advance
    finally:
        timer.cancel()
        # Only then is it sure that no bar appears after this.
        timer.join()
        bar.hide()


def _ignore(done: int) -> None:
    """Nobody is watching."""


class _Bar:
    """What was done before the bar appears counts too."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._shown: Progress | None = None
        self._lock = Lock()

    def show(self) -> None:
        made = _progress()
        with self._lock:
            made.add_task("checking", total=self._total, completed=self._done)
            made.start()
            self._shown = made

    def advance(self, done: int) -> None:
        with self._lock:
            self._done += done
            if self._shown:
                self._shown.update(self._shown.task_ids[0], completed=self._done)

    def hide(self) -> None:
        if self._shown:
            self._shown.stop()


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    # Left alone, rich would send what is printed meanwhile through the bar, to standard error.
    console = Console(stderr=True)
    return Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    )
