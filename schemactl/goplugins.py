"""The plugins that write Go code: found where they are as they have to be, else built from pinned sources."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from schemactl import cache as caches
from schemactl import gotoolchain, tools
from schemactl.errors import ToolError, UsageError

GO, GRPC = "protoc-gen-go", "protoc-gen-go-grpc"
# What schemactl/gotools/go.mod says.
VERSIONS: Mapping[str, str] = {GO: "v1.36.11", GRPC: "v1.6.2"}
How = Literal["given", "cached", "built", "rebuilt", "on PATH"]
_TOOLS = Path(__file__).with_name("gotools")
_RECORD = "SHA256SUMS"
_SUFFIX = ".exe" if os.name == "nt" else ""
_BUILD = ("build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o")
_SAID = re.compile(r"v?(\d\S*)$")


class Plugin(Struct, frozen=True):
    """`how` it was found; `rebuilt` where the one that had been built before was no longer what it was."""

    name: str
    path: Path
    version: str
    sha256: str
    how: How


class Plugins(Struct, frozen=True):
    """`grpc` is None where it was not needed."""

    go: Plugin
    grpc: Plugin | None = None


def _quiet(text: str) -> None:
    """Nobody wants to know."""


def plugins(
    given: Mapping[str, Path], grpc: bool, directory: Path | None = None, say: Callable[[str], None] = _quiet
) -> Plugins:
    """By name: one that the user gives, else ours from the cache, built if need be, else one on PATH.

    `directory` is the cache; `say` hears of what takes its time.
    """
    names = (GO, GRPC) if grpc else (GO,)
    found = {name: _given(name, given[name]) for name in names if name in given}
    missing = [name for name in names if name not in found]
    if missing:
        found |= _ours(missing, directory or caches.directory(), say)
    return Plugins(found[GO], found.get(GRPC))


def _ours(names: list[str], directory: Path | None, say: Callable[[str], None]) -> dict[str, Plugin]:
    home = directory and place(directory)
    if home and (known := kept(home)):
        return {name: known[name] for name in names}
    try:
        built = _built(home, say)
    except ToolError:
        if len(others := {name: other for name in names if (other := on_path(name))}) == len(names):
            return others
        raise
    return {name: built[name] for name in names}


def place(directory: Path) -> Path:
    """Where in the cache the plugins of this version of the tool module are, for this system."""
    return directory / "bin" / f"{sys.platform}-{platform.machine().lower()}" / _pin()


@cache
def _pin() -> str:
    digest = sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((_TOOLS / name).read_bytes())
    return digest.hexdigest()[:16]


def kept(home: Path) -> dict[str, Plugin] | None:
    """What was built before, if it still is what was built."""
    try:
        record = (home / _RECORD).read_text("ascii").split()
        wanted = dict(zip(record[1::2], record[::2], strict=True))
        sums = {name: _sum(home / f"{name}{_SUFFIX}") for name in VERSIONS}
    except (OSError, ValueError):
        return None
    if any(wanted.get(f"{name}{_SUFFIX}") != sums[name] for name in VERSIONS):
        return None
    return {
        name: Plugin(name, home / f"{name}{_SUFFIX}", version, sums[name], "cached")
        for name, version in VERSIONS.items()
    }


def _sum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _built(home: Path | None, say: Callable[[str], None]) -> dict[str, Plugin]:
    toolchain = gotoolchain.needed()
    if home is None:
        raise ToolError("there is no cache to keep the plugins for Go in", _DIRECTORY)
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".building-", dir=home.parent))
        try:
            say(f"building {GO} and {GRPC}, once")
            _build(toolchain, draft)
            how: How = "rebuilt" if _put(draft / "bin", home) else "built"
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ToolError(f"the cache `{home.parent}` cannot be written: {error.strerror}", _DIRECTORY) from error
    if how == "rebuilt":
        say("the plugins in the cache were not what had been built, and are built anew")
    if (known := kept(home)) is None:
        raise ToolError(f"`{home}` does not keep what was written to it", _DIRECTORY)
    return {name: replace(plugin, how=how) for name, plugin in known.items()}


_DIRECTORY = "set SCHEMACTL_CACHE_DIR to a directory that can be written"


def _build(toolchain: gotoolchain.Toolchain, draft: Path) -> None:
    """Into `bin` of the draft; the sources are checked against go.sum, whoever delivers them.

    What the user's cache has unpacked is not checked again by Go, so nothing is taken from there but zips.
    """
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(_TOOLS / name, draft / name)
    (draft / "bin").mkdir()
    target = f"{draft / 'bin'}{os.sep}"
    gotoolchain.run(toolchain, (*_BUILD, target, "tool"), draft, _sources(toolchain, draft))
    built = [draft / "bin" / f"{name}{_SUFFIX}" for name in VERSIONS]
    record = "".join(f"{_sum(each)}  {each.name}\n" for each in built)
    (draft / "bin" / _RECORD).write_text(record, "ascii", newline="\n")


def _sources(toolchain: gotoolchain.Toolchain, draft: Path) -> Mapping[str, str]:
    """Modules are unpacked below the draft; only what the user's cache lacks is fetched."""
    user = gotoolchain.environment(toolchain)
    kept = [Path(user["GOMODCACHE"]).absolute() / "cache" / "download"] if "GOMODCACHE" in user else []
    return {
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOMODCACHE": str(draft.absolute() / "modules"),
        "GOPROXY": "|".join([*(each.as_uri() for each in kept), user.get("GOPROXY", "off")]),
    }


def _put(built: Path, home: Path) -> bool:
    """Makes the directory the one in the cache, and says whether it took the place of a bad one.

    Whoever builds at the same time builds the same.
    """
    replaced = False
    for attempt in range(5):
        with suppress(OSError):
            built.rename(home)
            return replaced
        if kept(home):
            return replaced
        with suppress(OSError):
            home.rename(built.with_name(f"bad{attempt}"))
            replaced = True
    built.rename(home)
    return replaced


def without_building(name: str, given: Path | None, directory: Path | None) -> Plugin | None:
    """One that is there already. Raises UsageError where what is given will not do."""
    if given:
        return _given(name, given)
    if directory and (known := kept(place(directory))):
        return known[name]
    return None if gotoolchain.find() else on_path(name)


def _given(name: str, path: Path) -> Plugin:
    path = path.absolute()
    if not path.is_file():
        raise UsageError(f"`{path}` is not a file", f"give the path of {name} {VERSIONS[name]}")
    version = _version(path)
    if version != VERSIONS[name]:
        raise UsageError(
            f"`{path}` says that it is {version or 'something else'}, not {name} {VERSIONS[name]}",
            f"give {name} {VERSIONS[name]}, or none: schemactl builds its own",
        )
    return Plugin(name, path, version, _sum(path), "given")


def on_path(name: str) -> Plugin | None:
    """The plugin on PATH, if it is of the version that is wanted."""
    found = gotoolchain.on_path(name)
    if found is None or _version(found) != VERSIONS[name]:
        return None
    return Plugin(name, found, VERSIONS[name], _sum(found), "on PATH")


def _version(path: Path) -> str | None:
    """What the plugin says of itself: `protoc-gen-go v1.36.11`, `protoc-gen-go-grpc 1.6.2`."""
    try:
        said = tools.run((str(path), "--version"), timeout=10, ok=None).stdout.decode("utf-8", "replace").strip()
    except ToolError:
        return None
    found = _SAID.search(said)
    return f"v{found[1]}" if found else None
