"""`python -m schemactl` is `schemactl`."""

from schemactl.cli import main

main()
