"""What the console of a person can show: characters that its encoding lacks, and colours on Windows."""

from __future__ import annotations

import codecs
import os
import sys

# Lines of a tree keep their width.
_PLAIN = {"─": "-", "│": "|", "├": "|", "└": "`", "·": "|", "→": "->", "…": "...", "✓": "ok"}
_ERRORS = "schemactl.plain"
_ANSI = 4  # ENABLE_VIRTUAL_TERMINAL_PROCESSING


def encoded(text: str, encoding: str | None) -> bytes:
    """Never fails: what the encoding lacks is drawn with what every one has, or written out (`\\u2713`)."""
    return text.encode(encoding or "utf-8", _ERRORS)


def drawable(text: str, encoding: str | None) -> str:
    """The text as it can be printed in the encoding."""
    return encoded(text, encoding).decode(encoding or "utf-8")


def obeys_colors() -> bool:
    """Whether escape sequences colour standard output, a terminal: one of Windows has to be asked for it."""
    return os.name != "nt" or _asked()


def _asked() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes
    import msvcrt

    kernel, mode = ctypes.WinDLL("kernel32"), ctypes.c_uint32()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(sys.stdout.fileno()))
    return bool(kernel.GetConsoleMode(handle, ctypes.byref(mode)) and kernel.SetConsoleMode(handle, mode.value | _ANSI))


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    shown = (_PLAIN.get(each) or each.encode("ascii", "backslashreplace").decode() for each in lost)
    return "".join(shown), error.end


codecs.register_error(_ERRORS, _plain)
