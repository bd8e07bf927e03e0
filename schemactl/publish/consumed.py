"""What was published, resolved and downloaded as a consumer would, and compared with what it should be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from schemactl import gotoolchain
from schemactl.publish import goview, pipview
from schemactl.publish.dist import File
from schemactl.publish.looking import WAITS, Complaint, patiently

_ON_DISK = (0.2, 1.0)

Say = Callable[[str], None]


class Look(Struct, frozen=True):
    """`notes` say what could not be looked at here."""

    complaints: tuple[Complaint, ...] = ()
    notes: tuple[str, ...] = ()


def python(simple: str, files: Sequence[File], say: Say, *, place: str = "", waits: Sequence[float] = WAITS) -> Look:
    """At the simple URL of an index, by pip; `place` is what was uploaded to. Nothing that is downloaded is run."""
    asked = [file for file in files if file.distribution]
    if not asked:
        return Look()
    with _room() as room:
        if (pip := pipview.pip(Path(room))) is None:
            return Look(notes=("there is no pip: what it gets was not looked at; install it beside schemactl",))
        view = pipview.View(simple, place, pip, Path(room))
        complaints = patiently(view.look, asked, say, _patience(simple, waits))
        return Look(tuple(complaints), tuple(view.notes))


def go(proxy: str, files: Sequence[File], say: Say, *, waits: Sequence[float] = WAITS) -> Look:
    """At a module proxy, by the go command, if there is one."""
    asked = [file for file in files if file.module]
    if not asked:
        return Look()
    if (toolchain := gotoolchain.find()) is None:
        return Look(notes=(f"there is no Go: what it gets of the modules was not looked at; {gotoolchain.NEEDED}",))
    with _room() as room:
        view = goview.View(proxy, toolchain, Path(room))
        return Look(tuple(patiently(view.look, asked, say, _patience(proxy, waits))))


def _patience(url: str, waits: Sequence[float]) -> Sequence[float]:
    """On a disk nothing is late but lists, which another publisher may write at this moment."""
    return _ON_DISK if waits and urlsplit(url).scheme == "file" else waits


def _room() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="schemactl-", ignore_cleanup_errors=True)
