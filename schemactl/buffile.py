"""What Buf's YAML files look like, and which mistakes in them no type can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct, field

from schemactl import repopath
from schemactl.bufrules import Kind, Version, is_known, known
from schemactl.repopath import contains, joined, lineage
from schemactl.yamlwalk import Keys, meant, shown

Told = Iterator[tuple[Keys, str]]
Written = Iterator[tuple[Keys, str]]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?(/[A-Za-z0-9_-]+){2}")
_COMMIT = re.compile(r"[A-Za-z0-9-]{1,64}")
_DIGEST = re.compile(r"[A-Za-z0-9:+/=_-]*")


class Check(Struct, frozen=True):
    use: tuple[str, ...] = ()
    except_: tuple[str, ...] = field(name="except", default=())
    ignore: tuple[str, ...] = ()
    ignore_only: dict[str, tuple[str, ...]] = {}
    disable_builtin: bool = False


class Lint(Check, frozen=True):
    enum_zero_value_suffix: str = ""
    service_suffix: str = ""
    rpc_allow_same_request_response: bool = False
    rpc_allow_google_protobuf_empty_requests: bool = False
    rpc_allow_google_protobuf_empty_responses: bool = False
    allow_comment_ignores: bool = False
    disallow_comment_ignores: bool = False


class Breaking(Check, frozen=True):
    ignore_unstable_packages: bool = False


class Build(Struct, frozen=True):
    roots: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


class Module(Struct, frozen=True):
    path: str = "."
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    lint: Lint = Lint()
    breaking: Breaking = Breaking()


class File(Struct, frozen=True):
    version: Version
    deps: tuple[str, ...] = ()
    build: Build = Build()
    modules: tuple[Module, ...] = ()
    lint: Lint = Lint()
    breaking: Breaking = Breaking()
    plugins: Any = None
    policies: Any = None


class Work(Struct, frozen=True):
    version: Literal["v1"]
    directories: tuple[str, ...] = ()


class Pin(Struct, frozen=True):
    name: str = ""
    remote: str = ""
    owner: str = ""
    repository: str = ""
    commit: str = ""
    digest: str = ""

    @property
    def module(self) -> str:
        return self.name or "/".join((self.remote, self.owner, self.repository))


class Lock(Struct, frozen=True):
    deps: tuple[Pin, ...] = ()


def file_mistakes(file: File) -> Told:
    """Keys of another version, paths that lead elsewhere, names that are no modules of a registry."""
    yield from _misplaced(file)
    yield from _unknown_rules(file)
    wrong = list(_path_mistakes(_paths(file)))
    yield from wrong or _outside(file)
    for index, dependency in enumerate(file.deps):
        if not _NAME.fullmatch(dependency_name(dependency)):
            yield ("deps", index), f"`{shown(dependency)}` should be a module such as `buf.build/acme/users`"


def _path_mistakes(paths: Written) -> Told:
    for keys, written in paths:
        wrong = repopath.problem(written, ".", "the directory of this file")
        if wrong:
            yield keys, f"`{shown(written)}` {wrong}"


def work_mistakes(file: Work) -> Told:
    yield from _path_mistakes((("directories", i), path) for i, path in enumerate(file.directories))
    if not file.directories:
        yield ("directories",), "`directories` should name at least one directory"


def lock_mistakes(file: Lock) -> Told:
    for index, pin in enumerate(file.deps):
        if not _NAME.fullmatch(pin.module):
            yield ("deps", index), f"`{shown(pin.module)}` should be a module such as `buf.build/acme/users`"
        if not _COMMIT.fullmatch(pin.commit):
            yield ("deps", index), f"`{shown(pin.commit)}` should be the commit of `{shown(pin.module)}`"
        if not _DIGEST.fullmatch(pin.digest):
            yield ("deps", index), f"`{shown(pin.digest)}` should be the digest of `{shown(pin.module)}`"


def dependency_name(written: str) -> str:
    """`buf.build/acme/users:v1` without its label."""
    start = written.find("/")
    return written if ":" not in written[start:] else written[: written.index(":", start)]


def _misplaced(file: File) -> Told:
    if file.version == "v2" and file.build != Build():
        yield ("build",), "`build` belongs to version v1; version v2 writes `modules`, each with `path` and `excludes`"
    if file.version != "v2" and file.modules:
        yield ("modules",), f"`modules` belongs to version v2; this file says {file.version}"
    if file.version == "v1" and file.build.roots:
        yield ("build", "roots"), "`build.roots` belongs to version v1beta1; write one buf.yaml in each root"


def _outside(file: File) -> Told:
    yield from _directory_mistakes(file.build.roots or (".",), file.build.excludes, ("build", "excludes"))
    for index, module in enumerate(file.modules):
        for name, directories in (("includes", module.includes), ("excludes", module.excludes)):
            yield from _directory_mistakes((module.path,), directories, ("modules", index, name))
        for section in (module.lint, module.breaking):
            keys = ("modules", index, "lint" if section is module.lint else "breaking")
            for place, path in ignored_paths(section, keys):
                if not contains(joined(".", module.path), joined(".", path)):
                    yield place, f"`{shown(path)}` lies outside of the module `{shown(module.path)}`"


def _directory_mistakes(roots: tuple[str, ...], directories: tuple[str, ...], keys: Keys) -> Told:
    tops = {joined(".", root) for root in roots}
    named = ", ".join(f"`{shown(root)}`" for root in roots)
    for index, written in enumerate(directories):
        path = joined(".", written)
        if path.endswith(".proto"):
            yield (*keys, index), f"`{shown(written)}` should be a directory, not a file"
        elif path in tops and keys[-1] == "excludes":
            yield (*keys, index), f"`{shown(written)}` is a whole module; leave the module out instead"
        elif tops.isdisjoint(lineage(path)):
            yield (*keys, index), f"`{shown(written)}` lies outside of {named}"


def _unknown_rules(file: File) -> Told:
    """Where plugins are named, a name may be a rule of theirs."""
    for keys, section in () if file.plugins else sections(file):
        kind: Kind = "lint" if isinstance(section, Lint) else "breaking"
        for place, name in names(section, keys):
            if not is_known(name, kind):
                yield place, f"`{shown(name)}` is not a {kind} rule or category of Buf's{meant(name, known(kind))}"


def _paths(file: File) -> Written:
    for index, root in enumerate(file.build.roots):
        yield ("build", "roots", index), root
    for index, exclude in enumerate(file.build.excludes):
        yield ("build", "excludes", index), exclude
    for keys, section in sections(file):
        yield from ignored_paths(section, keys)
    for index, module in enumerate(file.modules):
        yield ("modules", index, "path"), module.path
        for name, directories in (("includes", module.includes), ("excludes", module.excludes)):
            yield from ((("modules", index, name, i), path) for i, path in enumerate(directories))


def names(section: Check, keys: Keys) -> Written:
    """Every rule or category that a section names, and where."""
    for key, listed in (("use", section.use), ("except", section.except_)):
        yield from (((*keys, key, index), name) for index, name in enumerate(listed))
    yield from (((*keys, "ignore_only", name), name) for name in section.ignore_only)


def sections(file: File) -> Iterator[tuple[Keys, Check]]:
    yield from ((("lint",), file.lint), (("breaking",), file.breaking))
    for index, module in enumerate(file.modules):
        yield ("modules", index, "lint"), module.lint
        yield ("modules", index, "breaking"), module.breaking


def ignored_paths(section: Check, keys: Keys) -> Written:
    for index, path in enumerate(section.ignore):
        yield (*keys, "ignore", index), path
    for rule, paths in section.ignore_only.items():
        yield from (((*keys, "ignore_only", rule, index), path) for index, path in enumerate(paths))
