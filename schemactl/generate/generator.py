"""The generators of Python code: the grpcio-tools that is installed, or the version that a package asks for."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from schemactl import cache, protoc, tools
from schemactl.errors import ConfigError, ToolError

NAME = "grpcio-tools"
_PACKAGE, _COMPILER = "grpc_tools", "_protoc_compiler"
_SUM = "compiler.sha256"
# What an installer needs of its user: where packages come from, and how to get there. None of it is ever printed.
_PASSED_ON = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "XDG_CONFIG_HOME")
# Not what would put it elsewhere, or is meant for another set of packages.
_OTHERS = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
_TIME = 300.0
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:rc\d+)?")


@dataclass(frozen=True)
class Generator:
    """The grpcio-tools below a directory, where nothing but its compiler is used."""

    site: Path
    name: str = NAME

    @property
    def argv(self) -> tuple[str, ...]:
        return protoc.command(self.site)

    @cached_property
    def version(self) -> str:
        found = sorted(path.name for path in self.site.glob("grpcio_tools-*.dist-info"))
        return found[-1].removeprefix("grpcio_tools-").removesuffix(".dist-info") if found else "unknown"

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all files that can run: the compiler, and what Python reads on the way to it."""
        files = [each for each in sorted(self.site.glob(f"{_PACKAGE}/**/*")) if _runs(each)]
        if not any(each.name.startswith(_COMPILER) for each in files):
            raise ToolError(f"{NAME} in `{self.site}` has no compiler", "install it again")
        digest = hashlib.sha256()
        for each in files:
            digest.update(f"{each.relative_to(self.site).as_posix()}\0".encode())
            digest.update(hashlib.sha256(each.read_bytes()).digest())
        return digest.hexdigest()


def _runs(path: Path) -> bool:
    return path.suffix in (".py", ".so", ".pyd", ".dylib") and path.is_file()


def installed() -> Generator:
    spec = find_spec("grpc_tools")
    if spec is None or not spec.submodule_search_locations:
        raise ToolError(f"{NAME} is not installed", "run `pip install --force-reinstall grpcio-tools`")
    return Generator(Path(next(iter(spec.submodule_search_locations))).parent)


def pinned(version: str, directory: Path | None = None) -> Generator:
    """That version, installed once below the cache directory (or another one), and the same ever after."""
    if not _VERSION.fullmatch(version):
        raise ConfigError(
            f"`{version}` is not a version of {NAME}", "give all of it: `generator: grpcio-tools==1.80.1`"
        )
    place = directory or cache.directory()
    if place is None:
        raise ToolError(f"there is no directory for {NAME} {version}", "set SCHEMACTL_CACHE_DIR to a directory")
    home = place.absolute() / "generators" / f"{NAME}-{version}-{_tag()}"
    if not home.is_dir():
        _install(version, home)
    found = Generator(home)
    if found.version != version or _recorded(home) != found.digest:
        raise ToolError(f"`{home}` is not the {NAME} {version} that was installed there", "delete it and run again")
    return found


def _tag() -> str:
    return f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}".replace(".", "_")


def _recorded(home: Path) -> str:
    try:
        return (home / _SUM).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _install(version: str, home: Path) -> None:
    """Beside its place and moved there when all of it is there: whoever else installs it meanwhile makes the same."""
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".installing-", dir=home.parent))
    except OSError as error:
        raise _unwritable(home, error) from error
    try:
        _download(version, draft)
        (draft / _SUM).write_text(Generator(draft).digest + "\n", encoding="ascii")
        draft.replace(home)
    except OSError as error:
        if not home.is_dir():
            raise _unwritable(home, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unwritable(home: Path, error: OSError) -> ToolError:
    message = f"{home.name} cannot be installed in the cache: {error.strerror}"
    return ToolError(message, "free some disk space, or set SCHEMACTL_CACHE_DIR to another directory")


def _download(version: str, target: Path) -> None:
    # Its compiler needs no other package: grpcio, protobuf and setuptools serve what is beside it.
    wanted = ("--no-deps", "--only-binary", ":all:", "--target", str(target), f"{NAME}=={version}")
    # Not where the user is: a repository under review may hold a module `pip`.
    result = tools.run((*_installer(), *wanted), cwd=target, env=_environment(), timeout=_TIME, ok=None)
    if result.code:
        said = result.stderr.decode("utf-8", "replace")
        missing = "No matching distribution" in said or "no wheels with a matching" in said
        why = "the package index has no wheel of it for this Python" if missing else "the package index is out of reach"
        hint = (
            "run once with network access, pin another version as `generator`, or take it out to use the installed one"
        )
        raise ToolError(f"{NAME} {version} could not be installed: {why}", hint)


def _installer() -> Sequence[str]:
    if find_spec("pip"):
        return (sys.executable, "-P", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    if uv := shutil.which("uv"):
        return (uv, "pip", "install", "--quiet", "--no-config", "--python", sys.executable)
    hint = "`pip install pip`, or install uv; or take `generator` out to use the installed one"
    raise ToolError(f"neither pip nor uv is there to install a version of {NAME}", hint)


def _environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON) or name.lower() in _PROXIES
    }
