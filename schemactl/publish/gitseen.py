"""What consumers of a Go repository get: each module is fetched as they do it, and its sum compared with ours."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from schemactl import gotoolchain
from schemactl.gotoolchain import Toolchain
from schemactl.package.gozip import h1, h1_of_zip
from schemactl.publish import gittree, gitwire
from schemactl.publish.dist import Dist, File
from schemactl.publish.gitplaces import Place, derived, places, root_of
from schemactl.publish.gittrouble import says_nothing, without_secrets
from schemactl.publish.gitwire import TAG, Wire
from schemactl.publish.looking import Complaint
from schemactl.target import Target

# Where the go command knows the repository by the path of a module, and need not ask anybody.
_KNOWN = re.compile(r"((?:github\.com|bitbucket\.org)/[\w.-]+/[\w.-]+)|([^/]+\.[^/]+/.+)\.git", re.ASCII)
_ABSENT = re.compile(r"unknown revision|no matching versions|there is no tag")


class _Got(NamedTuple):
    sum: str = ""
    error: str = "there is no tag of it"


def seen_by_go(dist: Dist, target: Target, modules: Sequence[File]) -> list[Complaint]:
    """What consumers do not get as it was built; `modules` are zips. Without Go, git alone looks."""
    if not modules:
        return []
    found = places(modules, target)
    toolchain, address = gotoolchain.find(), _address(root_of(modules, target))
    if toolchain and address:
        got = _downloaded(toolchain, target, address, found)
    else:
        with gitwire.opened(target.place) as wire:
            got = _cloned(wire, target, found)
    complaints = (_complaint(dist, each, got.get(each.name, _Got())) for each in found)
    return [each for each in complaints if each]


def _complaint(dist: Dist, place: Place, got: _Got) -> Complaint | None:
    path, ours = place.file.path, h1_of_zip(dist.read(place.file))
    if got.sum == ours:
        return None
    if got.sum:
        what = f"consumers of `{place.name}` get {got.sum}, and what was built is {ours}"
        return Complaint(path, what, mismatch=True)
    what = f"Go cannot get `{place.name}`: {got.error}"
    late = bool(_ABSENT.search(got.error))
    return Complaint(path, what, mismatch=not late and not says_nothing(got.error), late=late)


def _address(root: str) -> str:
    """The URL that the go command makes of the path of a repository; empty where it asks the host."""
    found = _KNOWN.fullmatch(root)
    return f"https://{found[1] or found[2]}" if found else ""


def _downloaded(toolchain: Toolchain, target: Target, address: str, found: Sequence[Place]) -> Mapping[str, _Got]:
    """By the name that the go command was asked for."""
    with tempfile.TemporaryDirectory(prefix="schemactl-", ignore_cleanup_errors=True) as directory:
        extra = _environment(target, address, Path(directory))
        argv = ("mod", "download", "-json", *(each.name for each in found))
        result = gotoolchain.run(toolchain, argv, Path(directory), extra, ok=None, room=Path(directory))
    said = gotoolchain.documents(result.stdout)
    if result.code and not said:
        raise gotoolchain.failure(result, "mod download")
    known = gitwire.configuration(target.place) if result.code else b""
    return {f"{each['Path']}@{each['Version']}": _Got(each.get("Sum", ""), _line(each, known)) for each in said}


def _line(told: Mapping[str, str], configuration: bytes) -> str:
    words = " ".join(told.get("Error", "").split())
    return without_secrets(words.removeprefix(f"{told['Path']}@{told['Version']}: "), configuration)


def _cloned(wire: Wire, target: Target, found: Sequence[Place]) -> Mapping[str, _Got]:
    """What git alone finds."""
    refs = gitwire.refs(wire, target.branch)
    gitwire.start(wire, next(iter(refs.values()), ""))
    there = gitwire.fetch(wire, [TAG + each.tag for each in found if TAG + each.tag in refs])
    return {each.name: _Got(_sum(wire, each, there[TAG + each.tag])) for each in found if TAG + each.tag in there}


def _sum(wire: Wire, place: Place, commit: str) -> str:
    files = gittree.module(gittree.read(wire, commit), place.directory)
    contents = gitwire.blobs(wire, list(files.values()))
    return h1({f"{place.name}/{path}": content for path, content in zip(files, contents, strict=True)})


def _environment(target: Target, address: str, directory: Path) -> dict[str, str]:
    """Git's, with the repository's address in place of the one that the go command makes."""
    go = {
        "GOPROXY": "direct", "GOSUMDB": "off", "GONOSUMDB": "*", "GOVCS": "", "GOPRIVATE": "", "GONOPROXY": "",
        "GOFLAGS": "-modcacherw", "GOMODCACHE": str(directory / "modules"),
    }  # fmt: skip
    itself = address in (f"https://{each}" for each in derived(target.place)) and target.place.startswith("https:")
    rule = {} if itself else {f"url.{target.place}.insteadOf": address}
    return {**gitwire.environment(target.place, rule), **go}
