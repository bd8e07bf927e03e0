"""What a change breaks: narrows two sides to the files in play, has Buf compare them, and says it to people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from schemactl import buf
from schemactl.finding import Finding
from schemactl.image import Image, schema
from schemactl.side import Side
from schemactl.trace import Trace

_FEW = 200  # up to here compiling the importers at once is cheaper than asking first whether they matter


def compare(
    new: Side, old: Side, rules: Collection[str], workspace: Path, *, revision: str, narrow: bool = True
) -> list[Finding]:
    """Buf's findings between two sides, each with its element, its old place and what to do.

    `narrow` compares only what can differ; the verdict is that of the full comparison (tested over real history).
    """
    changed = _changed(new, old) if narrow else {*new.contents, *old.contents}
    if not changed or not rules:
        return []
    play = _in_play(changed, new, old) if narrow else changed
    if narrow and len(play) > _FEW:
        changed = _really_changed(changed, new, old)
        play = _in_play(changed, new, old) if changed else set()
    if not play:
        return []
    rivals = new.rivals([name for name in changed if name in new.contents]) if narrow else set()
    ours, theirs = _compiled(play | rivals, new), _compiled(play, old)
    if narrow:
        play = _in_play(_differing(changed, ours, theirs), new, old)
    targets = {name for name in play if name in new.judged}, {name for name in play if name in old.judged}
    if not any(targets):
        return []
    parts = _with_imports(ours, play, targets[0]), _with_imports(theirs, play, targets[1])
    annotations = buf.compare(*parts, targets, rules, workspace)
    return Trace(ours, theirs, revision, targets[1]).findings(annotations)


def _changed(new: Side, old: Side) -> set[str]:
    """Import paths that stand on one side only, or with other content.

    One that is judged in the old and only imported in the new is still there for Buf.
    """
    both = new.contents.keys() & old.contents.keys()
    one = new.contents.keys() ^ old.contents.keys()
    return {*one, *(name for name in both if new.contents[name] != old.contents[name])}


def _in_play(changed: Collection[str], new: Side, old: Side) -> set[str]:
    """The changed files, those that see them, and the rest of every package that lost a file."""
    play = set(changed) | _importers(changed, new) | _importers(changed, old)
    before = {name: old.package(name) for name in changed if name in old.judged}
    lost = {package for name, package in before.items() if name not in new.contents or new.package(name) != package}
    if lost:
        for side in (new, old):
            play |= {name for name in side.judged if side.package(name) in lost}
    return play


def _importers(changed: Collection[str], side: Side) -> set[str]:
    """Files that see a changed one: they import it, or a file that passes it on by `import public`."""
    users: dict[str, list[str]] = {}
    for name in side.judged:
        for imported in side.imports(name):
            users.setdefault(imported, []).append(name)
    found: set[str] = set()
    pending = list(changed)
    while pending:
        fresh = set(users.get(pending.pop(), ())) - found
        found |= fresh
        pending += [name for name in fresh if side.passes_on(name)]
    return found


def _really_changed(changed: Iterable[str], new: Side, old: Side) -> set[str]:
    """Of the changed files those whose descriptors differ: a comment in a hub puts nothing in play."""
    return _differing(changed, _compiled(changed, new), _compiled(changed, old))


def _compiled(names: Iterable[str], side: Side) -> Image:
    return side.compile([name for name in sorted(names) if name in side.contents])


def _differing(changed: Iterable[str], ours: Image, theirs: Image) -> set[str]:
    return {name for name in changed if _bare(ours, name) != _bare(theirs, name)}


def _bare(image: Image, name: str) -> bytes | None:
    """The descriptor without source info; None where there is no such file."""
    return _read(image.descriptors[name], whole=False)[0] if name in image.descriptors else None


def _with_imports(image: Image, play: Iterable[str], targets: Collection[str]) -> Mapping[str, bytes]:
    """What is in play and all it imports, imports first; only the targets keep source info, Buf would skip the rest."""
    found: dict[str, bytes] = {}
    read: dict[str, tuple[bytes, list[str]]] = {}
    pending = sorted((name for name in play if name in image.descriptors), reverse=True)
    while pending:
        name = pending[-1]
        if name not in read:
            read[name] = _read(image.descriptors[name], name in targets)
            pending += [each for each in read[name][1] if each not in read and each in image.descriptors]
        else:
            found.setdefault(pending.pop(), read[name][0])
    return found


def _read(descriptor: bytes, whole: bool) -> tuple[bytes, list[str]]:
    """The descriptor, without source info unless it is wanted whole, and what the file imports."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    imports = list(proto.dependency)
    if whole:
        return descriptor, imports
    proto.ClearField("source_code_info")
    return bytes(proto.SerializeToString(deterministic=True)), imports
