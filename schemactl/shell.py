"""Where the tool meets who runs it: what is printed, and the ways a command can end."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from schemactl import console
from schemactl.errors import Failure, Rejected, ToolError
from schemactl.exits import BUG, INTERRUPTED, NO, NO_VERDICT


@contextmanager
def shell() -> Iterator[None]:
    """Every way a command can end: a verdict, no verdict, a bug, or somebody's Ctrl-C."""
    try:
        yield
    except Failure as failure:
        complained(failure)
        raise typer.Exit(NO if isinstance(failure, Rejected) else NO_VERDICT) from None
    except KeyboardInterrupt:
        complain("schemactl: interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        # A full disk or a vanished directory can show up anywhere; it is never a verdict, and no bug of ours.
        where = f": {error.filename}" if error.filename else ""
        denied = error.errno in (errno.EACCES, errno.EPERM)
        cure = "give this user access to it" if denied else "free some disk space, or set TMPDIR to another directory"
        complain(f"schemactl: the system refused{where}: {error.strerror}\n{cure}, and run again")
        raise typer.Exit(NO_VERDICT) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception:
        import traceback

        complain(traceback.format_exc())
        complain("schemactl: this is a bug in schemactl; please report it with the lines above")
        raise typer.Exit(BUG) from None


def deliver(texts: Sequence[tuple[Path | None, str]], formats: Sequence[str]) -> None:
    """Files first: when one cannot be written there is no verdict, and nothing on standard output.

    Of the `formats` that were asked for only `text` is for people: the others are UTF-8, whatever the console speaks.
    """
    from schemactl import report

    for file, text in texts:
        if file:
            report.write(file, text)
    for file, text in texts:
        if not file:
            printed(text.encode() if formats and "text" not in formats else text)


def complained(failure: Failure) -> None:
    from schemactl.report.escape import terminal

    lines = [*failure.message.splitlines(), *([failure.hint] if failure.hint else [])]
    first = "schemactl: " if len(failure.message.splitlines()) == 1 else ""
    complain(first + "\n".join(terminal(line) for line in lines))


def complain(text: str) -> None:
    with suppress(OSError, AttributeError):  # a standard error that is closed or full
        print(console.drawable(text, sys.stderr.encoding), file=sys.stderr)


def printed(text: str | bytes) -> None:
    """Bytes as they are."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        sys.stdout.buffer.write(text if isinstance(text, bytes) else console.encoded(text, sys.stdout.encoding))
        sys.stdout.flush()
    except OSError as error:
        if sys.stdout is not None:
            # What is still in the buffer must not fail again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever read has seen enough
            room = "" if error.errno == errno.EBADF else "free some disk space, or "
            hint = f"{room}write the report to a file: `--format FORMAT:FILE`"
            raise ToolError(f"standard output cannot be written: {error.strerror}", hint) from error


def colored(wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    if os.environ.get("FORCE_COLOR"):
        return True
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and _at_terminal() and console.obeys_colors()


def width() -> int | None:
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if _at_terminal() else None


def _at_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
