"""What a change breaks: narrows two sides to the files in play, has Buf compare them, and says it to people."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from schemactl import buf, descriptors, growth, symbols
from schemactl.buf import Annotation
from schemactl.cache import NOTHING, Cache
from schemactl.finding import Finding
from schemactl.image import EMPTY, Image
from schemactl.reach import Reach
from schemactl.said import read
from schemactl.side import Side
from schemactl.symbols import Difference
from schemactl.trace import Trace


class Play(NamedTuple):
    """Both sides as far as they are compiled, the files that differ, and those of them that Buf may find fault with."""

    new: Image
    old: Image
    names: Collection[str]
    suspects: Collection[str] = ()


def play(new: Side, old: Side, *, narrow: bool = True) -> Play | None:
    """What can have changed; None if nothing can.

    `narrow` looks only at what can differ; the verdict is that of the full comparison (tested over real history).
    """
    changed = _changed(new, old) if narrow else {*new.contents, *old.contents}
    if not changed:
        return None
    return _narrowed(changed, new, old) if narrow else _all(changed, new, old)


def begun(
    play: Play,
    new: Side,
    old: Side,
    rules: Collection[str],
    workspace: Path,
    *,
    revision: str,
    cache: Cache = NOTHING,
) -> Callable[[], list[Finding]]:
    """Leaves Buf running; what is returned waits for it.

    It gives Buf's findings between the two sides, each with its element, its old place and what to do.
    """
    was = {name for name in play.suspects if name in old.judged}
    if not (rules and was):  # nothing is broken by what is new
        return list
    packages = {descriptors.package(play.old.descriptors[name]) for name in was}
    homes = _homes(play, packages)
    targets = {name for name in homes if name in new.judged}, was
    parts = _with_imports(play.new, homes, targets[0]), _with_imports(play.old, play.suspects, was)
    known = [parts[1][name] for name in was]
    living = _living(packages, parts[0].values(), new)
    told = buf.begun(*parts, targets, rules, workspace, living, cache)

    def findings() -> list[Finding]:
        annotations = _of_judged(told(), known)
        if annotations:
            new.load(targets[0])
            old.load(was)
        return Trace(play.new, play.old, revision, was).findings(annotations)

    return findings


def _homes(play: Play, packages: Collection[str]) -> set[str]:
    """The files in which what the suspects held may be now: elsewhere in its package, it is not gone for every rule."""
    changed = [name for name in play.names if name in play.new.descriptors]
    return {
        name for name in changed if name in play.suspects or descriptors.package(play.new.descriptors[name]) in packages
    }


def more(play: Play, new: Side, old: Side, names: Collection[str]) -> Play:
    """The same with further files compiled."""
    step = _all([name for name in names if name not in play.names], new, old)
    return play._replace(new=_joined(play.new, step.new), old=_joined(play.old, step.old))


def _of_judged(annotations: list[Annotation], judged: Iterable[bytes]) -> list[Annotation]:
    """Without what was only imported, and is no more: Buf takes it for deleted from its package (1.75.0)."""
    told = [(each, read(each.message)) for each in annotations]
    gone = {each: f"{said.package}.{said.name}".lstrip(".") for each, said in told if said and said.package is not None}
    declared = {name for each in judged for name in symbols.declared(each)} if gone else set()
    return [each for each in annotations if each not in gone or gone[each] in declared]


def _changed(new: Side, old: Side) -> set[str]:
    """Import paths that stand on one side only, or with other content.

    One that is judged in the old and only imported in the new is still there for Buf.
    """
    both = new.contents.keys() & old.contents.keys()
    one = new.contents.keys() ^ old.contents.keys()
    return {*one, *(name for name in both if new.contents[name] != old.contents[name])}


def _all(names: Collection[str], new: Side, old: Side) -> Play:
    return Play(_compiled(names, new), _compiled(names, old), names, names)


def _narrowed(changed: Collection[str], new: Side, old: Side) -> Play:
    """The files that differ once compiled, or whose defaults do: first what changed, then what can notice it."""
    reach = Reach(new, old, changed)
    play, wave = Play(EMPTY, EMPTY, ()), set(changed)
    known, changes = set(wave), dict[str, Difference]()
    while wave:
        step = _all(wave, new, old)
        play = Play(_joined(play.new, step.new), _joined(play.old, step.old), (), ())
        compared = {name: _difference(*_both(step, name)) for name in sorted(wave)}
        fresh = {name: each for name, each in compared.items() if each}
        added = symbols.together(fresh.values())
        if added.adds and (rivals := new.rivals(added) - fresh.keys()):
            _compiled(fresh.keys() | rivals, new)
        changes |= fresh
        wave = _noticing(fresh, reach, known, new)
        known |= wave
    enums = symbols.together(changes.values()).enums
    values = {name for name in known if enums and descriptors.mentions(play.new.descriptors.get(name), enums)}
    suspects = {name for name in changes if not _only_grown(*_both(play, name))}
    return play._replace(names={*changes, *values}, suspects=suspects | values)


@descriptors.by_content
def _difference(new: bytes | None, old: bytes | None) -> Difference | None:
    """None where it is one of comments and places alone."""
    return None if descriptors.alike(new, old) else symbols.difference(new, old)


_only_grown = descriptors.by_content(growth.only_grown)


def _noticing(changes: Mapping[str, Difference], reach: Reach, known: Set[str], new: Side) -> set[str]:
    """The files, beside those that are known, that the changes may make something else of."""
    found: set[str] = set()
    words: dict[str, set[str]] = {}
    for name, change in changes.items():
        near = reach.of(name) - known
        found |= near if change.vast else set()
        for each in near - found:
            words.setdefault(each, set()).update(change.words)
    return found | new.using({name: each for name, each in words.items() if name not in found})


def _both(play: Play, name: str) -> tuple[bytes | None, bytes | None]:
    return play.new.descriptors.get(name), play.old.descriptors.get(name)


def _joined(image: Image, more: Image) -> Image:
    """Both are of one schema, or nothing."""
    if image is more or more is EMPTY:
        return image
    return replace(more, descriptors=ChainMap(more.descriptors, image.descriptors))  # type: ignore[arg-type]


def _compiled(names: Iterable[str], side: Side) -> Image:
    return side.compile([name for name in sorted(names) if name in side.contents])


def _living(packages: Collection[str], seen: Iterable[bytes], new: Side) -> set[str]:
    """Which of the packages the new side still has, be it in a file that is not compared, or only imported."""
    found = {package for package in map(descriptors.package, seen) if package in packages}
    if len(found) < len(packages):
        found |= {package for package in map(new.package, new.contents) if package in packages}
    return found


def _with_imports(image: Image, names: Iterable[str], targets: Collection[str]) -> Mapping[str, bytes]:
    """The files and all they import, imports first; only the targets keep source info, Buf would skip the rest."""
    found: dict[str, bytes] = {}
    read: dict[str, tuple[bytes, list[str]]] = {}
    pending = sorted((name for name in names if name in image.descriptors), reverse=True)
    while pending:
        name = pending[-1]
        if name not in read:
            read[name] = descriptors.with_imports(image.descriptors[name], whole=name in targets)
            pending += [each for each in read[name][1] if each not in read and each in image.descriptors]
        else:
            found.setdefault(pending.pop(), read[name][0])
    return found
