"""What a schemactl.yaml extends, files of the repository and installed packages, merged into one policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from schemactl import configmistakes, yamlfile
from schemactl.bufyaml import NAMES, Read
from schemactl.configfile import File, RuleSetting, is_path, names, placed, settings
from schemactl.errors import ConfigError, Failure, ToolError
from schemactl.repopath import joined
from schemactl.rulepackage import Find, Missing, Package
from schemactl.yamlfile import Document
from schemactl.yamlwalk import shown

Listing = Callable[[], Iterable[str]]

_DEPTH = 8
_FILES = 32
_NAMED = 3  # files of a directory
_SIZE = 1 << 20  # bytes of all files of the repository together


class Part(NamedTuple):
    """One file, its paths from the top of the repository; `package` is the installed one that it came with.

    `directory` is where a file of the repository stands.
    """

    document: Document[File]
    package: Package | None = None
    directory: str | None = None


class Merged(Struct, frozen=True):
    """The policy of all files together, in `file`; `packs` are paths.

    `lint`, `breaking` are the files that these sections stand in. `names` are names that only the catalogue of rules
    can judge, each with its place. `said` is where settings and choices stand: see `Config.said`.
    """

    file: File
    packs: tuple[str, ...]
    packages: tuple[Package, ...]
    settings: Mapping[str, RuleSetting]
    lint: str
    breaking: str
    names: tuple[tuple[str, str], ...]
    said: Mapping[str, str]


def merged(own: Document[File], directory: str, read: Read, find: Find, listing: Listing) -> Merged:
    """The file with all it extends; later ones, and the file itself, win."""
    reading = _Reading(read, find, listing)
    parts = list(reading.parts(own, directory, (own.path,)))
    packages = [part.package for part in parts if part.package]
    packages += [package for part in parts for package in reading.packed(part.document, part.directory)]
    files = [part.document.value for part in parts]
    packs = (entry for file in files for entry in file.packs if is_path(entry))
    lint, breaking = _nearest(parts, "lint"), _nearest(parts, "breaking")
    suppress, approvals = _nearest(parts, "suppress"), _nearest(parts, "approvals")
    compat = _nearest(parts, "compat")
    file = replace(
        own.value,
        lint=lint.value.lint,
        breaking=breaking.value.breaking,
        compat=compat.value.compat,
        suppress=suppress.value.suppress,
        approvals=approvals.value.approvals,
        overrides=tuple(override for file in files for override in file.overrides),
    )
    return Merged(
        file,
        tuple(dict.fromkeys(packs)),
        tuple({package.name: package for package in packages}.values()),
        _settings(files),
        lint.path,
        breaking.path,
        tuple(each for part in parts for each in _names(part.document)),
        dict(_said(parts, lint)) | ({"compat": compat.place("compat")} if compat.value.compat else {}),
    )


def _nearest(parts: list[Part], key: str) -> Document[File]:
    """The last file that has the section; the file itself where none has."""
    having = (part.document for part in reversed(parts) if getattr(part.document.value, key) is not None)
    return next(having, parts[-1].document)


def _settings(files: Iterable[File]) -> dict[str, RuleSetting]:
    """By rule, and there by key: a file that says a severity only keeps the parameters of what it extends."""
    found: dict[str, RuleSetting] = {}
    for file in files:
        for name, setting in settings(file).items():
            before = found.get(name, RuleSetting())
            found[name] = RuleSetting(setting.severity or before.severity, setting.params or before.params)
    return found


def _names(document: Document[File]) -> Iterator[tuple[str, str]]:
    return ((name, document.place(*keys)) for keys, name in names(document.value))


def _said(parts: Sequence[Part], lint: Document[File]) -> Iterator[tuple[str, str]]:
    for part in parts:
        for name, setting in settings(part.document.value).items():
            place = part.document.place("rules", name)
            for key in ("severity", "params"):
                if getattr(setting, key):
                    yield f"rules.{name}.{key}", place
            for key in setting.params:
                yield f"rules.{name}.params.{key}", part.document.place("rules", name, "params", key)
        for index, entry in enumerate(part.document.value.packs):
            yield f"packs.{entry}", part.document.place("packs", index)
    yield from _said_of_overrides(parts)
    section = lint.value.lint
    for key, listed in (("use", section.use), ("except", section.except_)) if section else ():
        for index, name in enumerate(listed):
            yield f"lint.{key}.{name}", lint.place("lint", key, index)


def _said_of_overrides(parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """By their number among those of all files."""
    own = [(part.document, number) for part in parts for number in range(len(part.document.value.overrides))]
    for index, (document, number) in enumerate(own):
        yield f"overrides.{index}", document.place("overrides", number)
        for name in document.value.overrides[number].rules:
            yield f"overrides.{index}.{name}", document.place("overrides", number, "rules", name)


def _packaged(package: Package) -> Document[File]:
    """Raises ToolError: what is installed is wrong, whichever revision asks for it."""
    data, check = package.settings or b"", lambda file: configmistakes.of_extended(file, None)
    try:
        return yamlfile.read(data, package.file, File, check=check)
    except ConfigError as error:
        raise ToolError(error.message, f"report it to the owners of `{package.distribution}`") from None


class _Reading:
    """Reads what is extended, base first; bounded, whatever extends what."""

    def __init__(self, read: Read, find: Find, listing: Listing) -> None:
        self._read, self._find, self._listing = read, find, listing
        self._packages: dict[str, Package] = {}
        self._files = self._size = 0

    def packed(self, document: Document[File], above: str | None) -> Iterator[Package]:
        """The packages whose rules the file asks for."""
        for index, entry in enumerate(document.value.packs):
            if not is_path(entry):
                yield self._installed(entry, document.place("packs", index), above)
            elif not entry.endswith((".yaml", ".yml")):
                self._refuse_directory(entry, document.place("packs", index), ".")

    def parts(self, document: Document[File], directory: str | None, chain: tuple[str, ...]) -> Iterator[Part]:
        for index, entry in enumerate(document.value.extends):
            place = document.place("extends", index)
            if is_path(entry) and directory is not None:
                yield from self._of_file(joined(directory, entry), place, chain)
            else:
                yield from self._of_package(self._installed(entry, place, directory), place, chain)
        if directory is not None:
            yield Part(replace(document, value=placed(document.value, directory)), directory=directory)

    def _of_file(self, path: str, place: str, chain: tuple[str, ...]) -> Iterator[Part]:
        chain = self._longer(chain, path, place)
        data = self._read(path)
        if data is None:
            self._refuse_directory(path, place, ".")
            raise ConfigError(f"{place}: `{shown(path)}` is not in what is checked", "fix the path, or add the file")
        self._size += len(data)
        if self._size > _SIZE:
            raise ConfigError(f"{place}: what is extended is larger than {_SIZE >> 20} MiB", "keep it to policy")
        above = path.rpartition("/")[0] or "."
        document = yamlfile.read(data, path, File, check=lambda file: configmistakes.of_extended(file, above))
        yield from self.parts(document, above, chain)

    def _of_package(self, package: Package, place: str, chain: tuple[str, ...]) -> Iterator[Part]:
        chain = self._longer(chain, package.name, place)
        document = _packaged(package)
        yield from self.parts(document, None, chain)
        yield Part(document, package)

    def _installed(self, name: str, place: str, above: str | None) -> Package:
        if name not in self._packages:
            try:
                self._packages[name] = self._find(name)
            except Missing as failure:
                self._refuse_directory(name, place, above)
                raise ToolError(f"{place}: {failure.message}", failure.hint) from None
            except Failure as failure:
                raise type(failure)(f"{place}: {failure.message}", failure.hint) from None
        return self._packages[name]

    def _refuse_directory(self, entry: str, place: str, above: str | None) -> None:
        """Raises ConfigError for a directory of files that could be meant."""
        if above is None:
            return
        start = f"{joined(above, entry)}/"
        within = (each.removeprefix(start) for each in self._listing() if each.startswith(start))
        files = sorted(name for name in within if "/" not in name and is_path(name) and name not in NAMES)
        if files:
            listed = " or ".join(f"`{entry.rstrip('/')}/{shown(name)}`" for name in files[:_NAMED])
            message = f"{place}: `{shown(entry)}` is a directory, and what is named here is a file"
            raise ConfigError(message, f"name the file: {listed}")

    def _longer(self, chain: tuple[str, ...], name: str, place: str) -> tuple[str, ...]:
        self._files += 1
        told = " → ".join((*chain, name))
        if name in chain:
            raise ConfigError(f"{place}: `{shown(name)}` extends itself: {told}", "take one of these entries out")
        if len(chain) > _DEPTH:
            raise ConfigError(f"{place}: more than {_DEPTH} files extend one another: {told}", "extend fewer levels")
        if self._files > _FILES:
            raise ConfigError(f"{place}: more than {_FILES} files are extended", "put policies together in fewer files")
        return (*chain, name)
