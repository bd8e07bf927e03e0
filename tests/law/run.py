"""Runs the law over many pairs of schemas, or shows one of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec import Struct

from law import generate, golang, mutate
from law.model import Schema, Side
from law.observe import Cell, Observation, observe
from law.tally import Tally
from schemactl.compat import verdict
from schemactl.compat.change import Change, Root
from schemactl.compat.contract import Contract, Writer
from schemactl.compat.types import Types
from schemactl.effect import ENCODINGS, HARM, READERS, Effect, joined
from schemactl.image import Image

PROFILES = tuple(
    Writer(names, numbers, defaults)
    for names in (False, True)
    for numbers in (False, True)
    for defaults in (False, True)
)
MESSAGES = 8
_KINDS = sorted(mutate.MUTATIONS)
_TRIES = 12  # schemas, until one has something to mutate in that way


@dataclass(frozen=True)
class Pair:
    """Two schemas, how one became the other, and how writers print JSON."""

    old: Schema
    new: Schema
    mutations: tuple[str, ...]
    profile: Writer
    rng: Random


class Said(NamedTuple):
    """The worst that the verdict tells of a cell, and by which rules."""

    effect: str
    values: str
    rules: tuple[str, ...]

    def and_(self, rule: str, effect: Effect) -> Said:
        values = "all" if "all" in (self.values, effect.values) else "some"
        return Said("error" if "error" in (self.effect, effect.effect) else self.effect, values, (*self.rules, rule))


class Result(Struct, frozen=True):
    """What was said and what was seen of a pair; `said` and `seen` by cell, the worst effect each."""

    number: int
    mutations: tuple[str, ...]
    said: dict[Cell, Said]
    seen: dict[Cell, str]
    misses: tuple[str, ...]
    refused: bool = False


def pair(seed: int, number: int, kind: str | None = None) -> Pair:
    """The same for the same numbers, on every machine. The first mutation is of that kind, or all take their turn."""
    rng = Random(f"{seed}:{number}")
    wanted = kind or _KINDS[number % len(_KINDS)]
    count = rng.choice((1, 1, 1, 2, 3))
    for _ in range(_TRIES):
        old = _schema(rng)
        new, mutations = mutate.mutated(rng, old, count, wanted)
        if mutations[:1] == (wanted,):
            break
    profile = Writer() if rng.random() < 0.4 else rng.choice(PROFILES)
    return Pair(old, new, mutations, profile, rng)


def _schema(rng: Random) -> Schema:
    while True:
        found = generate.schema(rng)
        if mutate.is_valid(found):
            return found


def judged(found: Pair) -> list[Change]:
    old, new = (_types(each) for each in (found.old, found.new))
    contract = Contract(encodings=ENCODINGS, readers=READERS, writers=(found.profile,))
    root = Root(found.old.root, found.new.root, contract)
    shared = {each.name for each in found.old.messages()} & {each.name for each in found.new.messages()}
    others = [Root(name, name, Contract(advisory=True)) for name in sorted(shared)]
    return verdict.changes(old, new, verdict.Scope([root], others))


def _types(schema: Schema) -> Types:
    return Types(Image(schema.descriptors, tuple(file.name for file in schema.files)))


def said(changes: Iterable[Change]) -> dict[Cell, Said]:
    """The harm in each cell that the root's contract covers; who reads binary refuses nothing."""
    found: dict[Cell, Said] = {}
    for change in changes:
        judged = (each for each in change.judged if not each.use.root.contract.advisory)
        for effect in joined(effect for each in judged for effect in each.effects):
            cell = Cell(effect.direction, effect.encoding, effect.readers)
            if effect.effect in HARM and (cell.encoding == "json" or cell.readers == "tolerant"):
                found[cell] = found.get(cell, Said(effect.effect, effect.values, ())).and_(change.rule, effect)
    return found


def tried(seed: int, number: int, go: golang.Go | None = None, kind: str | None = None) -> Result:
    found = pair(seed, number, kind)
    changes = judged(found)
    verdicts = said(changes)
    old, new = Side(found.old), Side(found.new)
    refused = False
    try:
        seen = observe(old, new, found.rng, found.profile, MESSAGES, go)
    except golang.Refused:
        refused = True
        seen = observe(old, new, found.rng, found.profile, MESSAGES)
    misses = tuple(map(_told, (each for each in seen if each.cell not in verdicts)))
    cells: dict[Cell, str] = {each.cell: each.harm.kind for each in seen}
    return Result(number, found.mutations, verdicts, cells, misses, refused)


def _told(seen: Observation) -> str:
    cell, harm = seen.cell, seen.harm
    return f"{'/'.join(cell)} by {seen.library}: {harm.kind} at {harm.at or '-'} {harm.what[:300]}"


def results(seed: int, numbers: range, with_go: bool) -> Iterator[Result]:
    with ExitStack() as stack:
        go = None
        if with_go:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            go = stack.enter_context(closing(golang.Go(directory)))
        for number in numbers:
            yield tried(seed, number, go)


def _shard(asked: tuple[int, range, bool]) -> list[Result]:
    return list(results(*asked))


def shown(seed: int, number: int) -> None:
    """All of one pair, for who looks for the reason."""
    found = pair(seed, number)
    print(found.mutations, found.profile, found.old.root, found.new.root)
    for old, new in zip(found.old.files, found.new.files, strict=True):
        print(f"--- {old.name} ({old.syntax})")
        print(_difference(str(old), str(new)))
    for change in judged(found):
        effects = " ".join(f"{e.direction[0]}/{e.encoding}/{e.readers}:{e.effect}:{e.values}" for e in change.effects)
        print(change.rule, change.element, "|", change.message, "|", effects)
    for each in results(seed, range(number, number + 1), golang.compiler() is not None):
        print(each.said, each.seen, *each.misses, sep="\n")


def _difference(old: str, new: str) -> str:
    import difflib

    return "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=6))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int, help="show the pair of this number")
    parser.add_argument("--no-go", action="store_true")
    asked = parser.parse_args(arguments)
    if asked.only is not None:
        shown(asked.seed, asked.only)
        return 0
    with_go = golang.compiler() is not None and not asked.no_go
    if not with_go:
        print("without go: its decoder takes no part", file=sys.stderr)
    started, tally = time.monotonic(), Tally()
    shards = [(asked.seed, range(at, min(at + 100, asked.pairs)), with_go) for at in range(0, asked.pairs, 100)]
    with ProcessPoolExecutor(asked.jobs) as pool:
        for each in chain.from_iterable(pool.map(_shard, shards)):
            tally.add(each)
            for miss in each.misses:
                print(f"miss {each.number} {each.mutations}: {miss}", flush=True)
    print(tally.table(), tally.alarms(), tally.total(), sep="\n\n")
    print(f"{asked.pairs} pairs, seed {asked.seed}, {time.monotonic() - started:.0f} s, go: {with_go}")
    return 1 if tally.missed else 0


if __name__ == "__main__":
    sys.exit(main())
