"""Fixes for findings: proposed by fixers, tried in memory on the whole module, and only then written.

A family of fixers is one file here with a table FIXERS from rule ids to functions (Finding, View) → Fix or None, named
in `table.py`. What a fixer proposes need not be right: `trial.py` compiles and lints the module with it, and leaves it
out when it does not compile, the finding stays, another appears, or anything else means something else than before.
"""
