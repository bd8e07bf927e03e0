"""`schemactl`, and `python -m schemactl`: a Ctrl-C ends it quietly, also while it is still being loaded."""

import os
import sys

# `-m` searches the directory it runs in before all others: that is code of whatever is checked there, pathlib.py too.
if __name__ == "__main__" and sys.path[:1] == [os.getcwd()] != [os.path.dirname(os.path.dirname(__file__))]:  # noqa: PTH109, PTH120
    del sys.path[0]


def main() -> None:
    try:
        from schemactl.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
