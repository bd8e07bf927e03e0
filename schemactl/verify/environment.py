"""A clean environment with the wheels in it, as a user of theirs gets it, and nothing that they do not require.

What they require is lent by our own interpreter where its versions fit: exactly the files of those distributions.
Where they do not fit, pip installs everything from the user's index.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from importlib.util import cache_from_source, find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.errors import ToolError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_TIMEOUT = 300.0
# How pip reaches the user's index; what else a user tells pip, like where to install, stays behind.
_INDEX = re.compile(
    r"PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|DEFAULT_TIMEOUT|TIMEOUT"
    r"|RETRIES|CACHE_DIR|NO_CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER)"
    r"|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|all|no)_proxy",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://[^/\s@]*@")


class Uninstallable(Exception):
    """The wheels cannot be installed, by themselves or together; the text says why."""


@dataclass(frozen=True)
class Environment:
    python: Path
    site: Path

    @property
    def distributions(self) -> Mapping[str, Distribution]:
        return _named(distributions(path=[str(self.site)]))


@dataclass
class _Needs:
    lent: dict[str, Distribution] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)


def clean(directory: Path, wheels: Sequence[Artifact]) -> Environment:
    files = list(_written(directory / "wheels", wheels))
    ours = _named(each for file in files for each in distributions(path=[str(file)]))
    if wrong := misfits(ours, ours):
        raise Uninstallable(wrong[0])
    environment = _made(directory / "clean")
    needs = _needs(ours)
    if needs.lacking:
        _from_index(directory, environment, files, needs.lacking)
        return environment
    # Without any configuration our own pip, which is of the same Python, can do it: `--python` starts it twice.
    alone = ("install", "--target", str(environment.site), "--no-index", "--no-deps", "--isolated")
    if failed := _pip(directory, files, alone, {"PIP_CONFIG_FILE": os.devnull}):
        raise Uninstallable(failed)
    for each in needs.lent.values():
        _lend(each, environment.site)
    return environment


def misfits(found: Mapping[str, Distribution], of: Collection[str]) -> list[str]:
    """What the distributions require of some of them and is not so."""
    return [
        f"`{each.name}` requires `{requirement}`, and {_what(found.get(name), name)}"
        for _, each in sorted(found.items())
        for name, requirement in _requirements(each)
        if name in of and not _fits(requirement, found.get(name))
    ]


def required(by: Distribution) -> Mapping[str, str]:
    """The requirements that hold here, by the name of the distribution."""
    return {name: str(requirement) for name, requirement in _requirements(by)}


def owners(found: Mapping[str, Distribution]) -> Mapping[str, list[str]]:
    """The distributions that say a file is theirs, by its path in the environment."""
    owners: dict[str, list[str]] = {}
    for name, each in sorted(found.items()):
        for file in each.files or ():
            owners.setdefault(str(file), []).append(name)
    return owners


def is_same_marker(found: Mapping[str, Distribution], file: str, names: Iterable[str]) -> bool:
    """Whether a file is `py.typed` and whoever has it has the same: it only says that a directory is typed."""
    digests = {each.hash and each.hash.value for name in names for each in found[name].files or () if str(each) == file}
    return PurePosixPath(file).name == "py.typed" and len(digests) == 1 and None not in digests


def _what(found: Distribution | None, name: str) -> str:
    return f"`{name}` is {found.version}" if found else f"`{name}` is not installed"


def _named(found: Iterable[Distribution]) -> Mapping[str, Distribution]:
    from packaging.utils import canonicalize_name

    return {canonicalize_name(each.name): each for each in found}


def _requirements(by: Distribution, extras: Collection[str] = ()) -> Iterator[tuple[str, Requirement]]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for text in by.requires or ():
        try:
            found = Requirement(text)
        except InvalidRequirement:
            raise Uninstallable(f"`{by.name}` has the requirement `{text}`, which is not valid") from None
        if found.marker is None or any(found.marker.evaluate({"extra": each}) for each in ("", *extras)):
            yield canonicalize_name(found.name), found


def _fits(requirement: Requirement, found: Distribution | None) -> bool:
    return found is not None and not requirement.url and requirement.specifier.contains(found.version, prereleases=True)


def _needs(ours: Mapping[str, Distribution]) -> _Needs:
    """What of our interpreter ours need, directly or not, and the requirements that nothing there meets."""
    needs = _Needs()
    pending: list[tuple[Distribution, frozenset[str]]] = [(each, frozenset()) for each in ours.values()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        by, extras = pending.pop()
        for name, requirement in _requirements(by, extras):
            found = ours.get(name) or needs.lent.get(name) or _lender(name)
            if found is None or not _fits(requirement, found):
                needs.lacking.append(str(requirement))
                continue
            if name not in ours:
                needs.lent[name] = found
            asked = (name, frozenset(requirement.extras))
            if asked not in seen:
                seen.add(asked)
                pending.append((found, asked[1]))
    return needs


def _lender(name: str) -> Distribution | None:
    """Not one that is only pointed at by a `.pth`, as in an editable installation, or that cannot list its files."""
    with suppress(PackageNotFoundError):
        found = distribution(name)
        if found.files and not any(each.suffix == ".pth" for each in found.files):
            return found
    return None


def _lend(lender: Distribution, site: Path) -> None:
    for each in lender.files or ():
        inside = PurePosixPath(each)
        if ".." in inside.parts or inside.is_absolute() or inside.suffix == ".pyc":
            continue  # programs
        source = Path(str(lender.locate_file(each)))
        _link(source, site / inside)
        if inside.suffix == ".py" and (cached := Path(cache_from_source(str(source)))).exists():
            _link(cached, Path(cache_from_source(str(site / inside))))


def _link(source: Path, target: Path) -> None:
    """A file that is there already is that of a wheel, which installing again would overwrite: it is told as shared."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        try:
            target.symlink_to(source)
        except (OSError, NotImplementedError) as error:
            if isinstance(error, FileExistsError):
                raise
            shutil.copyfile(source, target)


def _made(directory: Path) -> Environment:
    import venv

    venv.create(directory, symlinks=os.name != "nt")
    return _environment(directory)


def _environment(directory: Path) -> Environment:
    base = {"base": str(directory), "platbase": str(directory)}
    scripts, site = (Path(sysconfig.get_path(each, "venv", base)) for each in ("scripts", "purelib"))
    return Environment(scripts / ("python.exe" if os.name == "nt" else "python"), site)


def _written(directory: Path, wheels: Sequence[Artifact]) -> Iterator[Path]:
    directory.mkdir()
    for each in wheels:
        path = directory / PurePosixPath(each.filename).name
        path.write_bytes(each.content)
        yield path


def _from_index(directory: Path, environment: Environment, files: Sequence[Path], lacking: Sequence[str]) -> None:
    reach = {name: value for name, value in os.environ.items() if _INDEX.fullmatch(name)}
    # Nothing is built: a build runs code.
    if failed := _pip(directory, files, ("--python", str(environment.python), "install", "--only-binary=:all:"), reach):
        names = ", ".join(f"`{each}`" for each in dict.fromkeys(lacking))
        raise ToolError(
            f"the wheel cannot be tried: its requirement {names} is not installed here, and pip fails: {failed}",
            "install it beside schemactl, let pip reach an index that has it, or package with `--no-verify`",
        )


def _pip(directory: Path, files: Sequence[Path], asked: Sequence[str], env: Mapping[str, str]) -> str:
    """What pip says when it fails."""
    plain = ("--no-compile", "--no-input", "--disable-pip-version-check", "--quiet")
    argv = [*_installer(directory), *asked, *plain, *map(str, files)]
    done = tools.run(argv, env=env, timeout=_TIMEOUT, ok=None)
    words = _LOGIN.sub("://", done.stderr.decode("utf-8", "backslashreplace")).strip().splitlines()
    errors = [each.removeprefix("ERROR: ") for each in words if each.startswith("ERROR: ")]
    return "" if done.code == 0 else next(iter(errors or words[-1:]), f"it ends with {done.code}")


def _installer(directory: Path) -> Sequence[str]:
    """Our pip; without one, as in tools that are installed by others, that which comes with Python."""
    if find_spec("pip"):
        return (sys.executable, "-I", "-m", "pip")
    try:
        tools.run((sys.executable, "-I", "-m", "venv", str(directory / "installer")))
    except ToolError:
        raise ToolError(
            "there is no pip that could install the wheel to try it",
            "install pip beside schemactl, or package with `--no-verify`",
        ) from None
    return (str(_environment(directory / "installer").python), "-I", "-m", "pip")
