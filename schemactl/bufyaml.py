"""Reads buf.yaml, buf.work.yaml and buf.lock as data: Buf itself never sees them, so nothing in them can run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from schemactl import buffile, yamlfile
from schemactl.bufrules import Version
from schemactl.errors import ConfigError
from schemactl.repopath import contains, joined, lineage

Read = Callable[[str], bytes | None]
T = TypeVar("T")
NAMES = ("buf.yaml", "buf.work.yaml")


class Options(Struct, frozen=True):
    """What a lint section says beside which rules; an empty suffix is Buf's default one."""

    enum_zero_value_suffix: str = ""
    service_suffix: str = ""
    rpc_allow_same_request_response: bool = False
    rpc_allow_google_protobuf_empty_requests: bool = False
    rpc_allow_google_protobuf_empty_responses: bool = False


class Section(Struct, frozen=True):
    """A `lint` or `breaking` section as written, its paths from the top of the repository."""

    version: Version
    origin: str
    use: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = {}
    options: Options = Options()
    ignore_unstable_packages: bool = False
    comment_ignores: bool = True
    disable_builtin: bool = False


class Module(Struct, frozen=True):
    """A directory that imports start from; `includes`, where given, are all of it that counts."""

    root: str
    excludes: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    lint: Section | None = None
    breaking: Section | None = None


class Workspace(Struct, frozen=True):
    """What the Buf files of one directory describe; each of `directories` may hold a buf.lock.

    `spans` is false for a single buf.yaml of v1: it knows nothing of its neighbours.
    """

    file: str
    spans: bool
    modules: tuple[Module, ...]
    dependencies: tuple[str, ...]
    directories: tuple[str, ...]
    notes: tuple[str, ...]


class Dependency(Struct, frozen=True):
    """A module of a registry, pinned; names and commits are safe as parts of a path."""

    name: str
    commit: str
    digest: str


def workspace(read: Read, directory: str) -> Workspace | None:
    """The workspace whose buf.work.yaml or buf.yaml stands in `directory`; `read` gives a file of the tree."""
    work = _load(read, joined(directory, "buf.work.yaml"), buffile.Work, _work_mistakes)
    if work is not None:
        directories = tuple(sorted(joined(directory, written) for written in work.directories))
        return merged([_listed(read, each) for each in directories], joined(directory, "buf.work.yaml"))
    file = _buf_yaml(read, directory)
    return None if file is None else _workspace(file, directory)


def lock(read: Read, directory: str) -> tuple[Dependency, ...]:
    """What the buf.lock of `directory` pins; nothing without one."""
    file = _load(read, joined(directory, "buf.lock"), buffile.Lock, buffile.lock_mistakes)
    return tuple(Dependency(pin.module, pin.commit, pin.digest) for pin in file.deps) if file else ()


def merged(parts: Sequence[Workspace], file: str) -> Workspace:
    return Workspace(
        file=file,
        spans=True,
        modules=tuple(module for part in parts for module in part.modules),
        dependencies=tuple(sorted({name for part in parts for name in part.dependencies})),
        directories=tuple(directory for part in parts for directory in part.directories),
        notes=tuple(note for part in parts for note in part.notes),
    )


def clashes(modules: Sequence[Module]) -> Iterator[tuple[int, int]]:
    """Pairs (outer, inner) of modules that would give one file two import paths."""
    excluded = [frozenset(module.excludes) for module in modules]
    by_root: dict[str, list[int]] = {}
    for index, module in enumerate(modules):
        by_root.setdefault(module.root, []).append(index)
    for inner, module in enumerate(modules):
        above: set[str] = set()
        for directory in lineage(module.root):
            above.add(directory)
            for outer in by_root.get(directory, ()):
                apart = _apart(modules[outer], module) if outer != inner else True
                if not apart and excluded[outer].isdisjoint(above) and (directory != module.root or outer < inner):
                    yield outer, inner


def _apart(outer: Module, inner: Module) -> bool:
    """Whether what both include has nothing in common."""
    mine, theirs = outer.includes or (outer.root,), inner.includes or (inner.root,)
    return not any(contains(a, b) or contains(b, a) for a in mine for b in theirs)


def _buf_yaml(read: Read, directory: str) -> buffile.File | None:
    return _load(read, joined(directory, "buf.yaml"), buffile.File, _file_mistakes)


def _load(read: Read, path: str, type: type[T], check: yamlfile.Check[T]) -> T | None:
    data = read(path)
    return None if data is None else yamlfile.read(data, path, type, unknown="ignore", check=check).value


def _file_mistakes(file: buffile.File) -> buffile.Told:
    wrong = list(buffile.file_mistakes(file))
    yield from wrong
    modules = () if wrong else _modules(file, ".")
    keys = ("modules", "path") if file.version == "v2" else ("build", "roots")
    for outer, inner in clashes(modules):
        place = (keys[0], inner, keys[1]) if file.version == "v2" else (*keys, inner)
        yield place, clash(modules[outer].root, modules[inner].root)


def _work_mistakes(file: buffile.Work) -> buffile.Told:
    wrong = list(buffile.work_mistakes(file))
    yield from wrong
    modules = () if wrong else tuple(Module(joined(".", directory)) for directory in file.directories)
    for outer, inner in clashes(modules):
        yield ("directories", inner), clash(modules[outer].root, modules[inner].root)


def clash(outer: str, inner: str) -> str:
    """Says what is wrong with two roots that clash."""
    if outer == inner:
        return f"`{inner}` is listed twice"
    return f"`{inner}` lies in `{outer}`, so its files would have two import paths; exclude it from `{outer}`"


def _listed(read: Read, directory: str) -> Workspace:
    file = _buf_yaml(read, directory)
    if file is None:
        return _workspace(buffile.File(version="v1"), directory)
    if file.version == "v2":
        path = joined(directory, "buf.yaml")
        raise ConfigError(
            f"{path} says `version: v2`, but a buf.work.yaml lists its directory",
            "remove buf.work.yaml and name the modules in one buf.yaml of version v2, as `buf config migrate` does",
        )
    return _workspace(file, directory)


def _workspace(file: buffile.File, directory: str) -> Workspace:
    path = joined(directory, "buf.yaml")
    names = sorted({buffile.dependency_name(written) for written in file.deps})
    modules = _modules(file, directory)
    return Workspace(path, file.version == "v2", modules, tuple(names), (directory,), tuple(_notes(file, path)))


def _notes(file: buffile.File, path: str) -> Iterator[str]:
    for name, value in (("plugins", file.plugins), ("policies", file.policies)):
        if value:
            yield f"{path}: `{name}` are not run by schemactl"
    if any(section.disable_builtin for _, section in buffile.sections(file)):
        yield f"{path}: `disable_builtin` leaves only rules of plugins, so the default rules are used"


def _modules(file: buffile.File, directory: str) -> tuple[Module, ...]:
    if file.version == "v2":
        return tuple(_module_v2(file, module, directory) for module in file.modules or (buffile.Module(),))
    return tuple(_module_v1(file, joined(directory, root), directory) for root in file.build.roots or (".",))


def _module_v1(file: buffile.File, root: str, directory: str) -> Module:
    """Ignored paths start at the root: with several roots (v1beta1) they are import paths."""
    origin = joined(directory, "buf.yaml")
    excludes = (joined(directory, path) for path in file.build.excludes)
    return Module(
        root=root,
        excludes=tuple(path for path in excludes if contains(root, path)),
        lint=_section(file.lint, file.version, origin, root, root),
        breaking=_section(file.breaking, file.version, origin, root, root),
    )


def _module_v2(file: buffile.File, module: buffile.Module, directory: str) -> Module:
    """A section of a module replaces the one of the file whole."""
    origin, root = joined(directory, "buf.yaml"), joined(directory, module.path)
    lint = module.lint if module.lint != buffile.Lint() else file.lint
    breaking = module.breaking if module.breaking != buffile.Breaking() else file.breaking
    return Module(
        root=root,
        excludes=tuple(joined(directory, path) for path in module.excludes),
        includes=tuple(joined(directory, path) for path in module.includes),
        lint=_section(lint, "v2", origin, directory, root),
        breaking=_section(breaking, "v2", origin, directory, root),
    )


def _section(
    raw: buffile.Lint | buffile.Breaking, version: Version, origin: str, directory: str, root: str
) -> Section | None:
    """Ignored paths start at `directory`; those outside of the module at `root` do not count, as for Buf."""

    def placed(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in (joined(directory, written) for written in paths) if contains(root, path))

    # Lint rules and comments that ignore them were others before v2, also where nothing is written.
    if raw == buffile.Breaking() or (raw == buffile.Lint() and version == "v2"):
        return None
    lint = raw if isinstance(raw, buffile.Lint) else buffile.Lint()
    return Section(
        version=version,
        origin=origin,
        use=raw.use,
        except_=raw.except_,
        ignore=placed(raw.ignore),
        ignore_only={name: placed(paths) for name, paths in raw.ignore_only.items()},
        options=Options(**{name: getattr(lint, name) for name in Options.__struct_fields__}),
        ignore_unstable_packages=isinstance(raw, buffile.Breaking) and raw.ignore_unstable_packages,
        comment_ignores=not lint.disallow_comment_ignores if version == "v2" else lint.allow_comment_ignores,
        disable_builtin=raw.disable_builtin,
    )
