"""The text of a schema: which files of a tree are its modules', what they import, and what must not be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemactl import roots, scan
from schemactl.bufyaml import Module
from schemactl.finding import Finding, Location, fingerprint
from schemactl.image import OPTIONS_FILE, options_text
from schemactl.position import BOM
from schemactl.repopath import contains
from schemactl.tree import Tree
from schemactl.wellknown import provide

MAX_FILE = 4 * 1024 * 1024  # the largest of googleapis' 7,232 files has 0.4 MB
MAX_FILES = 100_000
_SEGMENT = re.compile(r"[\w.][\w.+-]*")
Provide = Callable[[str], tuple[str, bytes] | None]


@dataclass(frozen=True)
class Sources:
    """Files by import path: `files` are judged, `imports` only serve them; `paths` says where each one stands."""

    files: Mapping[str, bytes]
    imports: Mapping[str, bytes]
    paths: Mapping[str, str]
    problems: tuple[Finding, ...] = ()

    @property
    def everything(self) -> dict[str, bytes]:
        return {**self.imports, **self.files}


def collect(
    tree: Tree,
    modules: Sequence[Module] | None,
    provided: Sequence[Provide] = (),
    excludes: Sequence[str] = (),
) -> Sources:
    """Read the modules of the tree (None: inferred from the imports, less `excludes`) and whatever they import.

    Imports resolve in the order of design.md §2: modules, files that a module excludes, `provided` (configured
    include directories, Buf's cache), the files that come with the tool.
    """
    protos = [path for path in tree.paths if path.endswith(".proto")]
    texts: dict[str, bytes] = {}
    problems: list[Finding] = []
    if modules is None:
        mine = [path for path in protos if not any(contains(directory, path) for directory in excludes)]
        texts, problems = _read(tree, mine)
        modules = _inferred(texts, excludes)
    names, clashes = _names(protos, modules)
    if not texts:
        texts, problems = _read(tree, names.values())
    files = {name: texts[path] for name, path in names.items() if path in texts}
    spare = {roots.import_path(path, m.root): path for m in modules for path in protos if _spare(m, path)}
    imports, paths = _imports(files, (_of_tree(tree, spare), *provided, _of_tool))
    problems += [*clashes, *_too_many(files, names), *_options_changed(files, names)]
    judged = {name: text for name, text in files.items() if name != OPTIONS_FILE}
    if OPTIONS_FILE in files:
        imports[OPTIONS_FILE] = files[OPTIONS_FILE]
    return Sources(judged, imports, {**paths, **names}, tuple(problems))


def _inferred(texts: Mapping[str, bytes], excludes: Sequence[str]) -> tuple[Module, ...]:
    found = roots.infer(
        {path: scan.imports(text) for path, text in texts.items()},
        {path: scan.package(text) for path, text in texts.items()},
    )
    nested = {root: [other for other in found if other != root and contains(root, other)] for root in found}
    return tuple(Module(root, (*nested[root], *excludes)) for root in found)


def _names(protos: Iterable[str], modules: Sequence[Module]) -> tuple[dict[str, str], list[Finding]]:
    """Import path → path; two files of one import path are findings on both."""
    names: dict[str, str] = {}
    clashes = []
    for module in modules:
        for path in protos:
            if not _holds(module, path):
                continue
            name = roots.import_path(path, module.root)
            first = names.setdefault(name, path)
            if first != path:
                clashes += [_clash(name, first, path), _clash(name, path, first)]
    return dict(sorted(names.items())), clashes


def _holds(module: Module, path: str) -> bool:
    inside = any(contains(directory, path) for directory in module.includes or (module.root,))
    return inside and contains(module.root, path) and not _left_out(module, path)


def _left_out(module: Module, path: str) -> bool:
    return any(contains(directory, path) for directory in module.excludes)


def _clash(name: str, path: str, other: str) -> Finding:
    return problem(
        "DUPLICATE_FILE",
        path,
        f"`{name}` is also `{other}`: two roots hold one import path",
        "delete one, or list its directory under `excludes:` in schemactl.yaml",
        key=other,
    )


def _read(tree: Tree, paths: Iterable[str]) -> tuple[dict[str, bytes], list[Finding]]:
    """Texts of the readable files, and a finding for each that must not be read."""
    problems, wanted = [], []
    for path in paths:
        flaw = _unsafe_name(path) or tree.flaw(path)
        if flaw is None:
            wanted.append(path)
        else:
            problems.append(problem(flaw[0], path, *flaw[1:]))
    texts = {}
    for path, text in tree.read_many(wanted, MAX_FILE).items():
        flaw = _unreadable(text)
        if flaw is not None:
            problems.append(problem(flaw[0], path, *flaw[1:]))
        elif isinstance(text, bytes):
            texts[path] = text
    return texts, problems


def _unsafe_name(path: str) -> tuple[str, str, str] | None:
    for segment in path.split("/"):
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            message = f"the name `{segment}` is not safe to hand to a compiler"
            return (
                "UNSAFE_PATH",
                message,
                "rename it: letters, digits, `_`, `.`, `+`, `-`, starting with a letter or digit",
            )
    return None


def _unreadable(text: bytes | int) -> tuple[str, str, str] | None:
    if isinstance(text, int):
        size = f"{text / 1024 / 1024:.1f} MB"
        return "FILE_TOO_LARGE", f"the file has {size}; the limit is {MAX_FILE // 1024 // 1024} MB", "split the file"
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        return "FILE_ENCODING", f"line {line} holds a NUL byte: this is not a text file", "save it as UTF-8 text"
    if text.startswith(b"version https://git-lfs."):
        return (
            "FILE_NOT_REGULAR",
            "the file is a Git LFS pointer, not its content",
            "keep `.proto` files out of Git LFS",
        )
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        message = f"line {line} is not UTF-8 (byte 0x{text[error.start]:02x})"
        return "FILE_ENCODING", message, "save the file as UTF-8"
    return None


def problem(rule: str, path: str, message: str, help: str, *, key: str = "", line: int = 1, column: int = 1) -> Finding:
    """A finding about a file as such, before any schema is seen."""
    place = Location(path, line, column, line, column)
    return Finding(rule, "error", "compile", message, place, None, help, fingerprint=fingerprint(rule, path, key))


def _imports(files: Mapping[str, bytes], providers: Sequence[Provide]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Everything the files import that is not among them, transitively: texts and paths by import path."""
    texts: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    pending = [name for text in files.values() for name in scan.imports(text)]
    while pending:
        name = pending.pop()
        if name in files or name in paths:
            continue
        if (found := provided_by(providers, name)) is not None:
            paths[name], texts[name] = found
            pending += scan.imports(texts[name])
    return texts, paths


def provided_by(providers: Sequence[Provide], name: str) -> tuple[str, bytes] | None:
    return next((found for provider in providers if (found := provider(name)) is not None), None)


def _of_tree(tree: Tree, spare: Mapping[str, str]) -> Provide:
    def lookup(name: str) -> tuple[str, bytes] | None:
        path = spare.get(name)
        texts = _read(tree, [path])[0] if path else {}
        return (path, texts[path]) if path in texts else None

    return lookup


def _of_tool(name: str) -> tuple[str, bytes] | None:
    text = provide(name)
    return None if text is None else (name, text)


def _spare(module: Module, path: str) -> bool:
    return contains(module.root, path) and not _holds(module, path)


def _options_changed(files: Mapping[str, bytes], names: Mapping[str, str]) -> list[Finding]:
    vendored = files.get(OPTIONS_FILE)
    if vendored is None or vendored.removeprefix(BOM).replace(b"\r\n", b"\n") == options_text():
        return []
    message = "this is not a version of schemactl's options that this schemactl knows: topics could be misread"
    return [problem("OPTIONS_FILE_CHANGED", names[OPTIONS_FILE], message, "delete it: the tool brings its own copy")]


def _too_many(files: Mapping[str, bytes], names: Mapping[str, str]) -> list[Finding]:
    if len(files) <= MAX_FILES:
        return []
    message = f"{len(files)} files are more than one run takes ({MAX_FILES})"
    hint = "list the directories to check under `roots:` in schemactl.yaml"
    return [problem("FILE_TOO_LARGE", names[next(iter(files))], message, hint)]
