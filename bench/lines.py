"""The lines of the budget, in groups that can be measured alone: what is run for each, and what it is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from statistics import mean

from bench import trees
from bench.hook import hook
from bench.making import package, release
from bench.measure import Failed
from bench.outcome import Outcome, bufs_findings, our_findings
from bench.session import OTHER, RULES, SMALL, Session
from bench.table import Line
from bench.trees import Tree

Lines = Iterator[Line]

_MB = 1e6
_GROWTH = (500, 7_000, 50_000)
_BUF_UP_TO = 7_000
_CACHE_LIMIT = 1 << 30
_SAMPLE = 8  # releases that Buf is run against


def cold(session: Session) -> Lines:
    tree = session.large
    buf, ours = session.buf_lint(tree), session.cold(tree, session.lint)
    name = f"lint {tree.name}, cold"
    yield _time(name, buf, ours, 0.28)
    yield Line(f"{name}: memory", ours.memory / _MB, "MB", buf.memory / _MB, 0.12)
    yield Line(f"{name}: memory with temporary files", ours.with_files / _MB, "MB", buf.with_files / _MB)
    yield Line(f"{name}: processor time", ours.cpu, "s", buf.cpu)
    yield _findings(name, buf, ours)


def warm(session: Session) -> Lines:
    yield _warm(session, session.large, 0.03)


def edit(session: Session) -> Lines:
    tree, dependents = session.large, session.large.dependents
    leaf, some, hub = (trees.nearest(dependents, count)[0] for count in (0, 30, len(tree.files)))
    yield _edited(session, leaf, "a message", 0.05)
    yield _edited(session, some, "a message", 0.05)
    slowest = session.cold(tree, session.lint).seconds
    yield replace(_edited(session, hub, "a message"), goal=slowest, judged="value")
    yield _edited(session, hub, "a comment", 0.05)


def small(session: Session) -> Lines:
    for name, goals in ((SMALL, (0.8, 0.4)), (OTHER, (None, None))):
        tree = session.tree(name)
        buf, ours = session.buf_lint(tree), session.cold(tree, session.lint)
        yield _time(f"lint {name}, cold", buf, ours, goals[0])
        yield _warm(session, tree, goals[1])
        yield _findings(f"lint {name}", buf, ours)


def check(session: Session) -> Lines:
    tree = session.large
    command = session.judging("check", "HEAD~1")
    bufs = session.buf_lint(tree), session.buf_breaking(tree)
    seconds = sum(each.seconds for each in bufs)
    ours = session.cold(tree, command)
    again = session.ours(tree, command, ours.cache)
    name = f"check {tree.name}, last commit"
    yield Line(f"{name}, cold", ours.seconds, "s", seconds, 0.10)
    yield Line(f"{name}, warm", again.seconds, "s", seconds, 0.03, note=_changed(ours, again))
    yield Line(f"{name}: memory", ours.memory / _MB, "MB", max(each.memory for each in bufs) / _MB)
    yield _findings(name, bufs[0], ours, bufs[1])


def breaking(session: Session) -> Lines:
    tree = session.large
    importers = {name: len(files) for name, files in tree.importers.items()}
    used = next(name for name in trees.nearest(importers, 150) if _can_change(tree, name))
    hub = trees.nearest(tree.dependents, len(tree.files))[0]
    yield _breaking(session, used, "a field's type", 0.25)
    yield _breaking(session, hub, "a comment", 0.10)


def tags(session: Session) -> Lines:
    """Beside a script that runs `buf breaking` for each release: some are measured, and stand for the others."""
    tree = session.released(SMALL)
    command, count = session.judging("check", "tags"), len(tree.releases)
    step = max(count // _SAMPLE, 1)
    found = [session.buf_against(tree, tag) for tag in tree.releases[step - 1 :: step]]
    some = [outcome for outcome in found if outcome]
    if not some:
        raise Failed(f"Buf can compile none of {len(found)} releases of {tree.name}")
    lint = session.buf_lint(tree)
    seconds = lint.seconds + mean(each.seconds for each in some) * count
    cpu = lint.cpu + mean(each.cpu for each in some) * count
    ours = session.ours(tree, command, session.unused("cache"), 1)
    again = session.ours(tree, command, ours.cache, 1)
    name = f"check {tree.name} against {count} releases (Buf against {len(some)}, times {count / len(some):.1f})"
    yield Line(f"{name}, cold", ours.seconds, "s", seconds, 0.5)
    yield Line(f"{name}, cold: processor time", ours.cpu, "s", cpu)
    yield Line(f"{name}, warm", again.seconds, "s", seconds, 0.25, note=_changed(ours, again))
    yield Line(f"{name}: memory", ours.memory / _MB, "MB", max(each.memory for each in (lint, *some)) / _MB)


def compat(session: Session) -> Lines:
    """What our own verdict costs beside Buf's rules alone."""
    tree = session.large
    ours = session.cold(tree, session.judging("breaking", "HEAD~1"))
    alone = session.cold(tree, (*session.judging("breaking", "HEAD~1"), "--select", "FILE"))
    name = f"breaking {tree.name}, last commit, cold: with the verdict on data, beside without"
    yield Line(name, ours.seconds, "s", alone.seconds)
    yield Line(f"{name}: processor time", ours.cpu, "s", alone.cpu)


def declared(session: Session) -> Lines:
    tree = session.large
    with trees.added(tree.root / RULES.name, RULES.read_bytes()):
        alone, ours = (session.cold(tree, session.configured(name)) for name in ("built-in", "declared"))
    found, before = our_findings(ours.report), our_findings(alone.report)
    note = "" if found > before else "the five rules find nothing, or hide what the others find"
    name = f"lint {tree.name}, cold: with five declared rules, beside without"
    yield Line(name, ours.seconds, "s", alone.seconds, 2.5, note=note)


def start(session: Session) -> Lines:
    for words, goal in ((("--version",), 100), (("explain", "FIELD_LOWER_SNAKE_CASE"), 150)):
        yield Line(" ".join(words), session.start_up(words) * 1000, "ms", goal=goal, judged="value")


def growth(session: Session) -> Lines:
    costs: list[float] = []
    for count in _GROWTH:
        with session.synthetic(count) as tree:
            cost, *others = _grown(session, tree, bufs=count <= _BUF_UP_TO)
        costs.append(cost.ours)
        yield from (cost, *others)
    spread = max(abs(cost / mean(costs) - 1) for cost in costs)
    yield Line("growth: furthest from the mean", spread * 100, "%", goal=20, judged="value")


def _grown(session: Session, tree: Tree, *, bufs: bool) -> Lines:
    size = tree.size / _MB
    name = f"lint {tree.name} files, {size:.0f} MB"
    ours = session.cold(tree, session.lint)
    buf = session.buf_lint(tree) if bufs else None
    yield Line(name, ours.seconds / size, "s/MB", buf.seconds / size if buf else None)
    yield Line(f"{name}: memory", ours.memory / _MB, "MB", buf.memory / _MB if buf else None)
    if buf:
        yield _findings(name, buf, ours)


def cache(session: Session) -> Lines:
    ours = session.cold(session.large, session.lint)
    size = sum(path.stat().st_size for path in ours.cache.rglob("*") if path.is_file())
    yield Line(f"cache after {session.large.name}", size / _MB, "MB", goal=_CACHE_LIMIT / _MB, judged="value")


def _time(name: str, buf: Outcome, ours: Outcome, goal: float | None, note: str = "") -> Line:
    return Line(name, ours.seconds, "s", buf.seconds, goal, note=note)


def _warm(session: Session, tree: Tree, goal: float | None) -> Line:
    first = session.cold(tree, session.lint)
    again = session.ours(tree, session.lint, first.cache)
    return _time(f"lint {tree.name}, nothing changed", session.buf_lint(tree), again, goal, _changed(first, again))


def _changed(first: Outcome, again: Outcome) -> str:
    same = first.report.read_bytes() == again.report.read_bytes()
    return "" if same else "the report is not that of the run without a cache"


def _edited(session: Session, name: str, what: str, goal: float | None = None) -> Line:
    """Every run sees an edit that none before it has seen."""
    tree = session.large
    cache = session.cold(tree, session.lint).cache
    outcomes = []
    with trees.edited(tree.root / name, _EDITS[what]) as edit:
        for number in range(session.options.runs):
            edit(number)
            outcomes.append(session.ours(tree, session.lint, cache, 1))
    session.ours(tree, session.lint, cache, 1)  # so that the next edit is the only one
    ours = replace(outcomes[-1], samples=tuple(each.samples[0] for each in outcomes))
    title = f"lint, {what} in {name} ({tree.dependents[name]:,} dependents)"
    return _time(title, session.buf_lint(tree), ours, goal)


def _breaking(session: Session, name: str, what: str, goal: float) -> Line:
    tree = session.large
    with trees.edited(tree.root / name, _EDITS[what]) as edit:
        edit(0)
        ours = session.cold(tree, session.judging("breaking", "HEAD"), (name, what))
    title = f"breaking, {what} in {name} ({len(tree.importers[name]):,} importers), cold"
    return _time(title, session.buf_breaking(tree), ours, goal)


def _can_change(tree: Tree, name: str) -> bool:
    text = (tree.root / name).read_text()
    return trees.other_type(text) != text


def _findings(name: str, buf: Outcome, ours: Outcome, *more: Outcome) -> Line:
    """Less work is no faster: what was found must be the same."""
    theirs = sum((bufs_findings(each.report) for each in (buf, *more)), Counter[str]())
    found = our_findings(ours.report)
    differing = sorted(rule for rule in theirs | found if theirs[rule] != found[rule])
    told = ", ".join(f"{rule} {theirs[rule]:,} ≠ {found[rule]:,}" for rule in differing)
    note = f"Buf's findings ≠ ours: {told}" if told else ""
    return Line(f"{name}: findings", found.total(), "", theirs.total(), judged="same", note=note)


_EDITS = {"a message": trees.new_message, "a comment": trees.new_comment, "a field's type": trees.other_type}

GROUPS: Mapping[str, Callable[[Session], Lines]] = {
    "cold": cold,
    "warm": warm,
    "edit": edit,
    "small": small,
    "check": check,
    "breaking": breaking,
    "tags": tags,
    "compat": compat,
    "declared": declared,
    "start": start,
    "growth": growth,
    "cache": cache,
    "package": package,
    "release": release,
    "hook": hook,
}
