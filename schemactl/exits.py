"""The exit codes, and what each says to whoever ran the tool."""

from __future__ import annotations

from collections.abc import Mapping

CLEAN, NO, NO_VERDICT, BUG = 0, 1, 2, 3
# As shells count: 128 and the number of the signal.
HUNG_UP, INTERRUPTED, TERMINATED = 129, 130, 143

MEANINGS: Mapping[int, str] = {
    CLEAN: "clean",
    NO: "the verdict is no: findings at or above `--fail-on` (default `error`), a schema that does not compile, "
    "generated files that are not current, an artifact that does not hold",
    NO_VERDICT: "no verdict: usage, configuration, environment, revision. Standard error says what is wrong and what "
    "to do, and nothing is on stdout",
    BUG: "a bug in schemactl",
    HUNG_UP: "the terminal is gone",
    INTERRUPTED: "interrupted",
    TERMINATED: "terminated, as CI platforms do at a time limit",
}
