"""Writes files so that nobody ever finds half of one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Replaces the file whole or not at all; OSError where that cannot be done."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def undisturbed() -> Iterator[None]:
    """What would end the run waits, where the system can make it wait."""
    hold: Callable[[int, Iterable[int]], Iterable[int]] | None = getattr(signal, "pthread_sigmask", None)
    if hold is None:
        yield
        return
    before = hold(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        hold(signal.SIG_SETMASK, before)
