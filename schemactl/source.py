"""The text of a schema: which files of a tree are its modules', what they import, and what must not be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from schemactl import roots, scan
from schemactl.bufyaml import Module
from schemactl.fact import Fact, Memory, fact
from schemactl.finding import Finding
from schemactl.position import BOM
from schemactl.repopath import contains, lineage
from schemactl.schema import OPTIONS_FILE, OPTIONS_PACKAGE, options_text
from schemactl.texts import Sources, Texts
from schemactl.tree import Tree, within_total
from schemactl.tree.flaw import MAX_FILE, nested, problem, unreadable, unsafe
from schemactl.wellknown import provide

MAX_FILES = 100_000
Provide = Callable[[str], tuple[str, bytes] | None]


@dataclass(frozen=True)
class _Layout:
    """Import path → path, of the modules' files and of those that a module has below its root but leaves out."""

    own: Mapping[str, str]
    spare: Mapping[str, str]
    problems: list[Finding]


def collect(
    tree: Tree,
    modules: Sequence[Module] | None,
    provided: Sequence[Provide] = (),
    excludes: Sequence[str] = (),
    includes: Sequence[str] = (),
    memory: Memory | None = None,
) -> Sources:
    """Read the modules of the tree (None: inferred from the imports, less `excludes`) and whatever they import.

    Imports resolve in the order of design.md §2: modules, files that a module excludes, `provided` (configured
    include directories, Buf's cache), the files that come with the tool. What is `provided` from `includes` is not
    missed among the modules.
    """
    protos = _protos(tree)
    if modules is not None:
        layout = _layout(protos, modules)
        mine = list(layout.own.values())
    else:
        protos = [path for path in protos if path not in tree.installed]
        mine = [path for path in protos if not any(contains(directory, path) for directory in excludes)]
    if len(mine) > MAX_FILES:
        return Sources({}, {}, {}, (_too_many(mine),))
    facts, texts, problems = _facts(tree, mine, memory)
    if modules is None:
        modules = _inferred(facts, mine, excludes)
        layout = _layout(protos, modules)
    known = {name: facts[path] for name, path in layout.own.items() if path in facts}
    wanted = [name for each in known.values() for name in each.imports]
    providers = (_of_tree(tree, layout.spare, problems), *provided, _of_tool)
    imports, paths = _imports(
        known, wanted, providers, lambda names: tree.expect(layout.spare.get(name, "") for name in names)
    )
    paths = {**paths, **layout.own}
    files = Texts(
        {name: each for name, each in known.items() if name != OPTIONS_FILE},
        {name: texts[path] for name, path in layout.own.items() if path in texts},
        lambda names: _named(tree, names, paths),
    )
    if OPTIONS_FILE in known:
        imports[OPTIONS_FILE] = _named(tree, [OPTIONS_FILE], paths)[OPTIONS_FILE]
    known.update((name, fact(text)) for name, text in imports.items())
    problems += [*layout.problems, *nested(paths), *_options_changed(known, imports, paths)]
    told = {each.fingerprint: each for each in problems}.values()
    warnings = tuple(_not_followed(tree, modules, mine, includes))
    return Sources(files, imports, paths, tuple(told), warnings, known)


def _named(tree: Tree, names: Collection[str], paths: Mapping[str, str]) -> dict[str, bytes]:
    """Texts by import path; those that are no files any more are missing."""
    read = tree.read_many([paths[name] for name in names], MAX_FILE)
    texts = {name: read[paths[name]] for name in names}
    return {name: text for name, text in texts.items() if isinstance(text, bytes)}


def _inferred(facts: Mapping[str, Fact], paths: Iterable[str], excludes: Sequence[str]) -> tuple[Module, ...]:
    """Modules for all of the paths; those that could not be read are below some root too."""
    everything = {path: list(facts[path].imports) if path in facts else [] for path in paths}
    found = roots.infer(everything, lambda path: facts[path].package if path in facts else "")
    nested: dict[str, list[str]] = {root: [] for root in found}
    for root in found:
        for above in lineage(root):
            if above != root and above in nested:
                nested[above].append(root)
    return tuple(Module(root, (*nested[root], *excludes)) for root in found)


def _layout(protos: Iterable[str], modules: Sequence[Module]) -> _Layout:
    """Two files of one import path are findings on both."""
    own: dict[str, str] = {}
    spare: dict[str, str] = {}
    problems: list[Finding] = []
    by_root: dict[str, list[Module]] = {}
    for module in modules:
        by_root.setdefault(module.root, []).append(module)
    above: dict[str, list[Module]] = {}
    for path in protos:
        directory = path.rpartition("/")[0] or "."
        if directory not in above:
            above[directory] = [module for root in lineage(directory) for module in by_root.get(root, ())]
        for module in above[directory]:
            name = roots.import_path(path, module.root)
            if not holds(module, path):
                spare.setdefault(name, path)
            elif flaw := unsafe(name):
                problems.append(problem(flaw[0], path, *flaw[1:]))
            elif (first := own.setdefault(name, path)) != path:
                problems += [_clash(name, first, path), _clash(name, path, first)]
    return _Layout(dict(sorted(own.items())), spare, problems)


def holds(module: Module, path: str) -> bool:
    inside = any(contains(directory, path) for directory in module.includes or (module.root,))
    return inside and not any(contains(directory, path) for directory in module.excludes)


def _clash(name: str, path: str, other: str) -> Finding:
    return problem(
        "DUPLICATE_FILE",
        path,
        f"`{name}` is also `{other}`: two roots hold one import path",
        "delete one, list its directory under `excludes:` in schemactl.yaml, or check each module by itself with `-C`",
        key=other,
    )


def _not_followed(
    tree: Tree, modules: Sequence[Module], mine: Iterable[str], includes: Sequence[str]
) -> Iterator[Finding]:
    """Where protos of a module may be missed without a word."""
    if not tree.closed:
        return
    # What a link leads to within the modules is checked there; what has no protos is no loss.
    lost = {above for path in {*_protos(tree)} - {*mine} for above in lineage(path)}
    for path, closed in tree.closed.items():
        inside = any(holds(module, path) or contains(path, module.root) for module in modules)
        named = any(contains(path, include) or contains(include, path) for include in includes)
        if inside and not named and (closed.target is None or closed.target in lost):
            yield _closed(path, closed.kind)


def _protos(tree: Tree) -> list[str]:
    return sorted(path for path in tree.paths if path.endswith(".proto"))


def _closed(path: str, kind: str) -> Finding:
    message = f"`{path}` is {kind}: nothing below it is checked"
    hint = "name it under `includes:` in schemactl.yaml if it only serves imports, or put the files themselves there"
    return replace(problem("DIRECTORY_NOT_FOLLOWED", path, message, hint), severity="warning", source="policy")


def _read(tree: Tree, paths: Iterable[str]) -> tuple[dict[str, bytes], list[Finding]]:
    """Texts of the readable files, and a finding for each that must not be read."""
    problems, wanted = [], []
    for path in paths:
        flaw = tree.flaw(path)
        if flaw is None:
            wanted.append(path)
        else:
            problems.append(problem(flaw[0], path, *flaw[1:]))
    texts = {}
    for path, text in tree.read_many(wanted, MAX_FILE).items():
        line, flaw = unreadable(text)
        if flaw is not None:
            problems.append(problem(flaw[0], path, *flaw[1:], line=line))
        elif isinstance(text, bytes):
            texts[path] = text
    return texts, problems


def _facts(
    tree: Tree, paths: Iterable[str], memory: Memory | None
) -> tuple[dict[str, Fact], dict[str, bytes], list[Finding]]:
    """Facts about the readable files, the texts of those that nothing was known of, and what must not be read."""
    identities = tree.identities(paths) if memory else {}
    known = {path: found for path, each in identities.items() if memory and (found := memory.get(each))}
    texts, problems = _read(tree, [path for path in paths if path not in known])
    for path, text in texts.items():
        known[path] = fact(text)
        if memory and path in identities:
            memory.add(identities[path], known[path])
    if memory:
        memory.keep(identities.values())
    return known, texts, problems


def _imports(
    files: Mapping[str, Fact],
    wanted: Iterable[str],
    providers: Sequence[Provide],
    expect: Callable[[Iterable[str]], None],
) -> tuple[dict[str, bytes], dict[str, str]]:
    """What is imported and not among the files, transitively: texts and paths by import path.

    `expect` is told what is asked for next.

    A name that leaves its root is asked of nobody: it would be written, and read, outside of any root.
    """
    texts: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    seen = set(files)
    pending = list(wanted)
    total = sum(each.size for each in files.values())
    while pending := [name for name in dict.fromkeys(pending) if name not in seen]:
        seen.update(pending)
        expect(pending)
        asked, pending = pending, []
        for name in asked:
            if unsafe(name) is None and (found := _first(providers, name)) is not None:
                paths[name], texts[name] = found
                total += len(texts[name])
                within_total((total,))
                pending += scan.imports(texts[name])
    return texts, paths


def _first(providers: Sequence[Provide], name: str) -> tuple[str, bytes] | None:
    return next((found for provider in providers if (found := provider(name)) is not None), None)


def _of_tree(tree: Tree, spare: Mapping[str, str], problems: list[Finding]) -> Provide:
    def lookup(name: str) -> tuple[str, bytes] | None:
        if (path := spare.get(name)) is None:
            return None
        texts, found = _read(tree, [path])
        problems.extend(found)
        return (path, texts[path]) if texts else None

    return lookup


def _of_tool(name: str) -> tuple[str, bytes] | None:
    text = provide(name)
    return None if text is None else (name, text)


def _options_changed(
    facts: Mapping[str, Fact], imports: Mapping[str, bytes], paths: Mapping[str, str]
) -> Iterator[Finding]:
    used = imports.get(OPTIONS_FILE)
    if used is not None and used.removeprefix(BOM).replace(b"\r\n", b"\n") != options_text():
        message = "this is not a version of schemactl's options that this schemactl knows: topics could be misread"
        hint = "delete it: the tool brings its own copy"
        yield problem("OPTIONS_FILE_CHANGED", paths[OPTIONS_FILE], message, hint)
    for name, each in facts.items():
        if name != OPTIONS_FILE and each.package == OPTIONS_PACKAGE:
            message = f"`{OPTIONS_PACKAGE}` is the package of `{OPTIONS_FILE}` alone: topics would be overlooked here"
            hint = f'delete the file and write `import "{OPTIONS_FILE}";`: the tool brings its own copy'
            yield problem("OPTIONS_FILE_CHANGED", paths[name], message, hint)


def _too_many(paths: Sequence[str]) -> Finding:
    message = f"{len(paths)} files are more than one run takes ({MAX_FILES})"
    hint = "list the directories to check under `roots:` in schemactl.yaml"
    return problem("FILE_TOO_LARGE", paths[0], message, hint)
