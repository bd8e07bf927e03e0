"""What a run found, by kind of mutation."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

# `all` and `some`: cells that the verdict calls harmful, for so many values.
_COLUMNS = ("pairs", "harmed", "missed", "all", "all, not seen", "some", "some, not seen", "understated")

_Alarm = tuple[str, str, str]


class Tally:
    """Only pairs with one mutation tell of its kind; misses count in all."""

    def __init__(self) -> None:
        self.pairs = self.missed = self.refused = self.harmed = 0
        self._told: Counter[_Alarm] = Counter()
        self._unseen: Counter[_Alarm] = Counter()
        self._kinds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, result: Any) -> None:
        self.pairs += 1
        self.missed += bool(result.misses)
        self.refused += result.refused
        self.harmed += bool(result.seen)
        if len(result.mutations) != 1:
            return
        row = self._kinds[result.mutations[0]]
        row["pairs"] += 1
        row["harmed"] += bool(result.seen)
        row["missed"] += bool(result.misses)
        for cell, (kind, values, rules) in result.said.items():
            row[values] += 1
            row[f"{values}, not seen"] += cell not in result.seen
            row["understated"] += result.seen.get(cell) == "error" != kind
            if values == "all" and len(set(rules)) == 1:
                self._told[rules[0], cell.encoding, kind] += 1
                self._unseen[rules[0], cell.encoding, kind] += cell not in result.seen

    def table(self) -> str:
        rows = [
            f"| {name} | {' | '.join(str(row[column]) for column in _COLUMNS)} |"
            for name, row in sorted(self._kinds.items())
        ]
        head = f"| one change | {' | '.join(_COLUMNS)} |\n{'|---' * (len(_COLUMNS) + 1)}|"
        return "\n".join([head, *rows])

    def alarms(self) -> str:
        """What was told for all values in vain, by the rule that told it."""
        rows = [
            f"| `{rule}` | {encoding} | {effect} | {self._told[rule, encoding, effect]} | {count} |"
            for (rule, encoding, effect), count in self._unseen.most_common()
            if count
        ]
        return "\n".join(
            ["| rule | encoding | effect | told for all values | not seen |\n|---|---|---|---|---|", *rows]
        )

    def total(self) -> str:
        return f"{self.pairs} pairs, {self.harmed} with harm, {self.missed} missed, {self.refused} refused by Go"
