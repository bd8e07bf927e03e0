"""The commit of a release: made of the modules' zips alone, the same wherever and whenever it is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemactl.errors import Mismatch, Rejected
from schemactl.package import archive
from schemactl.publish import gittree
from schemactl.publish.dist import Dist
from schemactl.publish.gitplaces import Place
from schemactl.publish.gittree import Entry, Tree
from schemactl.publish.gitwire import Wire, local
from schemactl.publish.sealed import CURE

WHO = "schemactl <schemactl@noreply.invalid>"
_MODE = "100644"
_SOURCE = re.compile(rb"^Source: ([0-9a-f]{40}|[0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """`files` by their paths in the module's directory."""

    place: Place
    files: Mapping[str, bytes]

    def oids(self, example: str) -> dict[str, str]:
        return {path: gittree.blob(content, example) for path, content in self.files.items()}

    def path(self, name: str) -> str:
        return f"{self.place.directory}/{name}" if self.place.directory else name


def module(dist: Dist, place: Place) -> Module:
    """What its zip holds; Rejected where a repository cannot hold it, or would not hand it out as it is."""
    top, files = f"{place.name}/", archive.unzipped(dist.read(place.file))
    try:
        archive.require_safe(files)
    except ValueError as error:
        raise Mismatch(f"`{place.file.path}`: {error}", CURE) from error
    if own := next((name for name in files if any(part.startswith(".git") for part in name.split("/"))), None):
        raise Mismatch(f"`{place.file.path}` has `{own}`, which git would take for its own", CURE)
    return Module(place, {name.removeprefix(top): content for name, content in files.items()})


def written(wire: Wire, dist: Dist, modules: Sequence[Module], parent: str, tree: Tree, example: str) -> str:
    """The commit on top of `parent` (none if empty), whose tree is `tree`; Rejected if Go would not see the modules."""
    new = _tree(modules, tree, example)
    commit = _imported(wire, _stream(dist, modules, parent, tree, new))
    for each in modules:
        _require_seen(wire, commit, new, each)
    return commit


def wrong(wire: Wire, commit: str, tree: Tree, module: Module) -> str:
    """What Go would find at the commit instead of the module; empty where it is that."""
    place = module.place
    why = gittree.difference(gittree.module(tree, place.directory), module.oids(commit))
    if not why and place.directory_of_major and f"{place.directory_of_major}/go.mod" in tree:
        why = f"`{place.directory_of_major}/go.mod` is another module"
    return why or gittree.changed_by_attributes(wire, commit, tree, place.directory, module.files)


def _tree(modules: Iterable[Module], tree: Tree, example: str) -> dict[str, Entry]:
    new = dict(tree)
    for each in modules:
        for name in gittree.inside(new, each.place.directory):
            del new[each.path(name)]
        new |= {each.path(name): Entry(_MODE, oid) for name, oid in each.oids(example).items()}
    if both := next((one for path in new for one in gittree.above(path) if one in new), None):
        raise Rejected(f"`{both}` in the repository would be both a file and a directory", "remove it from the branch")
    return new


def _require_seen(wire: Wire, commit: str, new: Tree, module: Module) -> None:
    if why := wrong(wire, commit, new, module):
        raise Rejected(
            f"Go would get another `{module.place.name}` from the repository than was built: there {why}",
            "remove from the branch what is in its way, or publish to another repository",
        )


def _stream(dist: Dist, modules: Sequence[Module], parent: str, old: Tree, new: Tree) -> bytes:
    """For `git fast-import`."""
    message = _message(dist, modules).encode()
    who = f"{WHO} {_seconds(dist, modules[0].place)} +0000".encode()
    head = b"feature done\ncommit refs/schemactl/%s\nmark :1\nauthor %s\ncommitter %s\ndata %d\n%s\n" % (
        (parent or "root").encode(),
        who,
        who,
        len(message),
        message,
    )
    parts = [head, f"from {parent}\n".encode() if parent else b""]
    parts += [b"D %s\n" % _quoted(path) for path in sorted(old.keys() - new.keys())]
    for module in modules:
        for name, content in sorted(module.files.items()):
            parts.append(b"M %s inline %s\ndata %d\n" % (_MODE.encode(), _quoted(module.path(name)), len(content)))
            parts += [content, b"\n"]
    return b"".join((*parts, b"\nget-mark :1\ndone\n"))


def _imported(wire: Wire, stream: bytes) -> str:
    argv = ("fast-import", "--quiet", "--force", "--date-format=raw")
    return local(wire, *argv, stdin=stream).decode().strip()


def _message(dist: Dist, modules: Sequence[Module]) -> str:
    versions = {each.name: each.version.semantic for each in dist.release.packages}
    names = dict.fromkeys(each.place.file.package for each in modules)
    return "\n".join((*(f"{name} {versions[name]}" for name in names), "", f"Source: {dist.release.source.commit}", ""))


def source(wire: Wire, commit: str) -> str:
    """Of which commit the release was that it is of; empty where it does not say."""
    found = _SOURCE.findall(local(wire, "cat-file", "commit", commit))
    return found[-1].decode() if found else ""


def _seconds(dist: Dist, place: Place) -> int:
    """When the source was committed: no clock counts here."""
    info = next(each for each in dist.files if each.kind == "go-info" and each.module == place.file.module)
    try:
        return int(datetime.fromisoformat(json.loads(dist.read(info))["Time"]).timestamp())
    except (ValueError, KeyError, TypeError) as error:
        raise Mismatch(f"`{info.path}` does not say when its source was committed", CURE) from error


def _quoted(path: str) -> bytes:
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'.encode("utf-8", "surrogateescape")
