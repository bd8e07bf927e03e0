"""What there is: schemas, how they are configured, events, and what a first run says of them."""

from __future__ import annotations

import json
import posixpath
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemactl import check, events, place, recorded
from schemactl.check import Found, Request
from schemactl.config import BASELINE, EVENTS, NAME, Config
from schemactl.element import Module
from schemactl.errors import ConfigError
from schemactl.init.starting import vet
from schemactl.job import Job, job
from schemactl.outline import Outline
from schemactl.place import Place
from schemactl.repopath import contains, joined
from schemactl.schema import OPTIONS_FILE
from schemactl.texts import Sources

_VENDORED = frozenset(("third_party", "third-party", "vendor", "vendored", "external", "deps"))


@dataclass(frozen=True)
class Findings:
    """What lint says today: all findings, those that a baseline can record, those about events; or that it does not
    compile.
    """

    total: int = 0
    lint: int = 0
    of_events: int = 0
    problems: int = 0


@dataclass(frozen=True)
class Survey:
    """`directory` is where configuration belongs; `roots` are module roots. All paths start at the top.

    `is_empty`: there are no schemas at `directory`, and `files` are elsewhere. `usual` are patterns that hold where
    nothing is configured, by rule; `baseline` is what would be recorded; `example` a directory with some of the files,
    from that of the configuration. `vendored` are roots of copies of others, which are left out of `roots` and only
    imported from. `environments` hold .proto files of installed packages, which are not counted; `mixed`: with
    others that are, so that it cannot be excluded.
    """

    place: Place
    directory: str
    config: Config = field(default_factory=Config)
    files: int = 0
    roots: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    events: int = 0
    options: str | None = None
    options_root: str = "."
    findings: Findings = field(default_factory=Findings)
    baseline: bytes = b""
    usual: dict[str, str] = field(default_factory=dict)
    example: str = ""
    vendored: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    mixed: bool = False
    is_empty: bool = False

    def beside(self, name: str) -> str:
        """The path of a file in the directory of the configuration."""
        return joined(self.directory, name)


def survey(directory: Path) -> Survey:
    """Lints for real; ConfigError where what is configured is wrong, or roots are ambiguous."""
    around = place.find(directory)
    if around.repository is None:
        vet(around.top)
    tree = place.head(around, None, staged=False).tree
    paths, installed = tree.paths, tree.installed
    protos = [path for path in paths if path.endswith(".proto") and path not in installed]
    # An empty directory below the top is a place for new ones, whatever lies elsewhere.
    if not protos or (around.start != "." and not any(contains(around.start, path) for path in paths)):
        return Survey(around, around.start, files=len(protos), is_empty=True)
    seen = _linted(directory)
    outside = tuple(root for root in seen.roots if _VENDORED.intersection(root.split("/")))
    kept = tuple(root for root in seen.roots if root not in outside)
    environments = tuple(sorted({*installed.values()}))
    mixed = any(contains(each, path) for each in environments for path in protos)
    if seen.config.file is None and kept and outside and not mixed:
        seen = _without(seen, directory, kept, outside, environments)
    return seen if seen.config.modules else replace(seen, environments=environments, mixed=mixed)


def _linted(directory: Path, config: Path | None = None) -> Survey:
    # Whose policy judges pull requests, and from which base on, is not what a first run is about.
    with job(Request(directory, breaking=False, policy="head", config=config)) as running:
        return _of(running, check.found(running))


def _without(
    seen: Survey, directory: Path, kept: tuple[str, ...], outside: tuple[str, ...], environments: tuple[str, ...]
) -> Survey:
    """As it would be seen with the copies of others only imported from; as it was, where that does not work."""
    here = seen.directory
    excluded = [root for root in (*outside, *environments) if any(contains(other, root) for other in kept)]
    lists = {"roots": kept, "excludes": excluded, "includes": outside}
    text = json.dumps(
        {name: [posixpath.relpath(path, here) for path in paths] for name, paths in lists.items() if paths}
    )
    with tempfile.TemporaryDirectory() as name:
        written = Path(name) / NAME
        written.write_text(text, encoding="utf-8", newline="\n")
        try:
            tried = _linted(directory, written)
        except ConfigError:
            return seen
    if tried.directory != here or tried.findings.problems > seen.findings.problems:
        return seen
    return replace(tried, config=seen.config, vendored=outside)


def _of(running: Job, found: Found) -> Survey:
    sources = found.checked.sources
    assert sources is not None
    outlines = {} if found.checked.problems else _outlines(running, found, sources)
    module = Module(()) if found.checked.problems else _events(running, sources)
    known = events.events(module)
    roots = _roots(sources)
    holder = next((root for event in known for root in roots if event.file.path == joined(root, event.file.name)), "")
    options = sources.paths.get(OPTIONS_FILE)
    return Survey(
        running.place,
        running.config.directory,
        running.config,
        len(found.checked.side.judged),
        roots,
        tuple(sorted({each.package for each in outlines.values()})),
        tuple(sorted({name for _, name in events.topics(module)})),
        len(known),
        options if options in running.head.tree.paths else None,
        holder or next(iter(roots), "."),
        _findings(running, found),
        _baseline(running, found, outlines),
        {rule.id: str(rule.params["pattern"]) for rule in running.policy.rules if "pattern" in rule.params},
        _example(sources, running.config.directory),
    )


def _outlines(running: Job, found: Found, sources: Sources) -> Mapping[str, Outline]:
    """Those of the judged files, by path; nothing is compiled where it has been before."""
    records = found.checked.done.records or running.records(sources).records
    return {each.outline.path: each.outline for name, each in records.items() if name in sources.files}


def _events(running: Job, sources: Sources) -> Module:
    """The files that may hold an event, and what these import."""
    names = sources.closure([name for name in sources.files if sources.facts[name].event])
    if not names:
        return Module(())
    image = running.compile(sources, sorted(names)).image
    own = sorted(name for name in names if name in sources.files)
    return Module(tuple(image.files(own)), tuple(image.files(sorted(names.difference(own)))))


def _roots(sources: Sources) -> tuple[str, ...]:
    found = {sources.paths[name].removesuffix(name).rstrip("/") or "." for name in sources.files}
    return tuple(sorted(found))


def _example(sources: Sources, directory: str) -> str:
    """The topmost directory below a root."""
    name = min(sources.files, key=lambda each: sources.paths[each], default="")
    if not name:
        return "."
    root = sources.paths[name].removesuffix(name)
    top = name.partition("/")[0] if "/" in name else ""
    return posixpath.relpath(f"{root}{top}" or ".", directory)


def _findings(running: Job, found: Found) -> Findings:
    told = [each for each in found.findings if not each.suppressed and each.source != "compile"]
    rules = {rule.id for rule in running.known.values() if EVENTS in rule.categories}
    recordable = [each for each in found.known.findings if not each.suppressed]
    about = sum(each.rule in rules for each in told)
    return Findings(len(told), len(recordable), about, len(found.checked.problems))


def _baseline(running: Job, found: Found, outlines: Mapping[str, Outline]) -> bytes:
    """What `lint --write-baseline` would write now."""
    if found.checked.problems:
        return b""
    sight = recorded.Sight(running.policy, lambda: outlines)
    return recorded.written(None, BASELINE, list(found.known.findings), sight)[0]
