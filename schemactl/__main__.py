"""`python -m schemactl` is `schemactl`."""

import os
import sys

# `-m` searches the directory it runs in before all others: that is code of whatever is checked there, pathlib.py too.
if sys.path[:1] == [os.getcwd()] != [os.path.dirname(os.path.dirname(__file__))]:  # noqa: PTH109, PTH120
    del sys.path[0]

from schemactl.cli import main

main()
