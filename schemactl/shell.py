"""Where the tool meets who runs it: what is printed, and the ways a command can end."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from schemactl.errors import Failure, Rejected, ToolError

_NO, _NO_VERDICT, _BUG, _INTERRUPTED = 1, 2, 3, 130


@contextmanager
def shell() -> Iterator[None]:
    """Every way a command can end: a verdict, no verdict, a bug, or somebody's Ctrl-C."""
    try:
        yield
    except Failure as failure:
        from schemactl.report.escape import terminal

        lines = [*failure.message.splitlines(), *([failure.hint] if failure.hint else [])]
        first = "schemactl: " if len(failure.message.splitlines()) == 1 else ""
        complain(first + "\n".join(terminal(line) for line in lines))
        raise typer.Exit(_NO if isinstance(failure, Rejected) else _NO_VERDICT) from None
    except KeyboardInterrupt:
        complain("schemactl: interrupted")
        raise typer.Exit(_INTERRUPTED) from None
    except OSError as error:
        # A full disk or a vanished directory can show up anywhere; it is never a verdict, and no bug of ours.
        where = f": {error.filename}" if error.filename else ""
        complain(f"schemactl: the system refused{where}: {error.strerror}\nmake room, or set TMPDIR, and run again")
        raise typer.Exit(_NO_VERDICT) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception:
        import traceback

        complain(traceback.format_exc())
        complain("schemactl: this is a bug in schemactl; please report it with the lines above")
        raise typer.Exit(_BUG) from None


def deliver(texts: Sequence[tuple[Path | None, str]]) -> None:
    """Files first: when one cannot be written there is no verdict, and nothing on standard output."""
    from schemactl import report

    for file, text in texts:
        if file:
            report.write(file, text)
    for file, text in texts:
        if not file:
            printed(text)


def complain(text: str) -> None:
    with suppress(OSError, AttributeError):  # a standard error that is closed or full
        print(text, file=sys.stderr)


def printed(text: str | bytes) -> None:
    """Bytes as they are."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        encoded = text if isinstance(text, bytes) else text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        sys.stdout.buffer.write(encoded)
        sys.stdout.flush()
    except OSError as error:
        if sys.stdout is not None:
            # What is still in the buffer must not fail again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever read has seen enough
            hint = "make room, or write the report to a file: `--format FORMAT:FILE`"
            raise ToolError(f"standard output cannot be written: {error.strerror}", hint) from error


def colored(wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    if os.environ.get("FORCE_COLOR"):
        return True
    return _at_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int | None:
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if _at_terminal() else None


def _at_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
