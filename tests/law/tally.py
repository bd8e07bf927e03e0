"""What a run found, by kind of mutation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


class Tally:
    """Only pairs with one mutation tell of its kind; misses count in all."""

    def __init__(self) -> None:
        self.pairs = self.missed = self.refused = self.harmed = 0
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
        row["cells"] += len(result.said)
        row["all"] += sum(values == "all" for _, values in result.said.values())
        row["false"] += sum(values == "all" and cell not in result.seen for cell, (_, values) in result.said.items())
        row["rare"] += sum(values == "some" and cell not in result.seen for cell, (_, values) in result.said.items())

    def table(self) -> str:
        head = (
            "| mutation (alone) | pairs | harmed | missed | cells called harmful, all values | of them not seen | some "
            "values | of them not seen |\n|---|---|---|---|---|---|---|---|\n"
        )
        rows = []
        for name, row in sorted(self._kinds.items()):
            some = row["cells"] - row["all"]
            numbers = (row["pairs"], row["harmed"], row["missed"], row["all"], row["false"], some, row["rare"])
            rows.append(f"| {name} | {' | '.join(map(str, numbers))} |")
        total = f"\n{self.pairs} pairs, {self.harmed} with harm, {self.missed} missed, {self.refused} refused by Go"
        return head + "\n".join(rows) + total
