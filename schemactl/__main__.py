"""`schemactl`, and `python -m schemactl`: a Ctrl-C ends it quietly, also while it is still being loaded."""

import os
import sys

# `-m` searches the directory it runs in before all others: that is code of whatever is checked there, pathlib.py too.
if __name__ == "__main__" and sys.path[:1] == [os.getcwd()] != [os.path.dirname(os.path.dirname(__file__))]:  # noqa: PTH109, PTH120
    del sys.path[0]


_UTF8 = ["-X", "utf8"]


def main() -> None:
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8" and sys.orig_argv[1:3] != _UTF8:
        _again()
    try:
        from schemactl.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


def _again() -> None:
    """In UTF-8 mode: git's paths are UTF-8, and by the encoding of another locale they would name no file."""
    if sys.stdout is not None:  # the console goes on in its own
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:{sys.stdout.errors}")
    try:
        os.execv(sys.executable, [sys.executable, *_UTF8, *sys.orig_argv[1:]])
    except (OSError, TypeError, ValueError):  # Python may not know where it is
        sys.stderr.write("schemactl: file names are not UTF-8 in this locale\nset `PYTHONUTF8=1`\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
