"""The command `package`: the artifacts of a revision, tried before anybody sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from schemactl import (
    __version__,
    artifacts,
    changelog,
    code,
    distdir,
    generating,
    git,
    outdir,
    place,
    revision,
    versions,
)
from schemactl.code import Code
from schemactl.errors import ToolError, UsageError
from schemactl.finding import Finding, fingerprint
from schemactl.generate.refused import Refused
from schemactl.package import release
from schemactl.package.release import Built, Tool
from schemactl.product import Language, Plan
from schemactl.revision import Revision
from schemactl.upcoming import Step
from schemactl.versions import Chooser, Chosen


@dataclass(frozen=True)
class Request:
    """What the command line asks for; `plugins` are paths by the plugin's name."""

    directory: Path = Path()
    rev: str | None = None
    config: Path | None = None
    version: str | None = None
    languages: tuple[Language, ...] = ()
    out: Path = Path("dist")
    release: bool = False
    verify: bool = True
    jobs: int = 0
    cached: bool = True
    plugins: Mapping[str, Path] = field(default_factory=dict)
    allow_breaking: bool = False


@dataclass(frozen=True)
class Outcome:
    """`release` is the content of release.json; `verified` is true, or why it was not; `steps` those of a release.

    Where nothing changed since the last one, nothing is built for a release.
    """

    commit: str
    built: Sequence[Built]
    release: bytes
    notes: Sequence[str]
    steps: Sequence[Step] = ()

    @property
    def verified(self) -> bool | str:
        return next((each.verified for each in self.built if each.verified is not True), True)


def run(request: Request, say: Callable[[str], None] = lambda text: None) -> Outcome:
    """`say` hears of what takes its time.

    Raises Refused where nothing can be made of the schema or what was made does not hold, Rejected for a version or a
    name that cannot be.
    """
    _require_possible(request)
    out = outdir.within(request.directory, request.out)
    distdir.refuse(out)
    commit = _commit(request)
    with revision.compiled(request.directory, commit, request.config, request.jobs, cached=False) as found:
        plan, noted = generating.planned(found, request.languages)
        chooser = _chooser(request, found, plan, commit)
        steps = _steps(request, chooser)
        if request.release and not any(each.next for each in steps):
            _require_none_older(request.out, out, commit)
            return Outcome(commit, (), b"", noted, steps)
        chosen = _chosen(request, chooser, steps)
        plan, warned = versions.by_major(plan, chosen)
        made = code.generated(found, plan, request.plugins, say, needed=request.release or "go" in request.languages)
        when = git.committed(found.place.needed(), commit)
        built = artifacts.built(found, made, chosen.versions, when)
        built = _tried(request, found, made, built, chosen.released, say)
    source = release.Source(commit, chosen.tag or commit, config=_config(request))
    recorded = release.release(built, source, _whole(found), _tools(made), chosen.tags)
    written = _written(recorded, built, changelog.text(steps, when.date()) if steps else None)
    distdir.write(out, written)
    notes = (*noted, *chosen.notes, *(warned if made.plugins else ()), *made.notes)
    return Outcome(commit, built, written[distdir.RELEASE], notes, steps)


@dataclass(frozen=True)
class Planned:
    """What a release of the commit would be."""

    commit: str
    steps: Sequence[Step]
    notes: Sequence[str]


def planned(request: Request) -> Planned:
    """Nothing is built; what `run` raises of a version, this does."""
    _require_possible(request)
    commit = _commit(request, "put them away: `git stash --include-untracked`")
    with revision.compiled(request.directory, commit, request.config, request.jobs, request.cached) as found:
        plan, noted = generating.planned(found, request.languages)
        chooser = _chooser(request, found, plan, commit)
        steps = chooser.steps(request.version, allow_breaking=request.allow_breaking)
        if any(each.next for each in steps):
            chosen = chooser.by_steps(steps)
            noted += [*chosen.notes, *versions.by_major(plan, chooser.released(chosen))[1]]
    return Planned(commit, steps, noted)


def _require_possible(request: Request) -> None:
    if request.allow_breaking and not request.release:
        raise UsageError("`--allow-breaking` needs `--release`", "add `--release`, or leave out `--allow-breaking`")
    if request.release and not request.verify:
        raise UsageError("`--release` and `--no-verify` cannot be used together", "leave out `--no-verify`")
    if request.release and request.languages:
        raise UsageError(
            "`--release` and `--lang` cannot be used together", "leave out `--lang`: a release has all languages"
        )
    if request.release and request.config:
        raise UsageError(
            "`--release` and `--config` cannot be used together", "commit the configuration, and leave out `--config`"
        )


def _config(request: Request) -> str | None:
    """The digest of a configuration that is not the commit's."""
    if request.config is None:
        return None
    return hashlib.sha256((request.directory / request.config).read_bytes()).hexdigest()


def _chooser(request: Request, found: Revision, plan: Plan, commit: str) -> Chooser:
    return Chooser(found, plan, commit, request.directory, request.config, request.cached, request.rev or "")


def _require_none_older(written: Path, out: Path, commit: str) -> None:
    """What is built next is looked for in the same place: an older build there would be taken for it."""
    path = out / distdir.RELEASE
    if path.is_file() and (of := release.decoded(path.read_bytes()).source.commit) != commit:
        raise UsageError(
            f"there is nothing to release at {commit[:7]}, and `{written}` holds a build of {of[:7]}",
            f"delete or move `{written}`, or choose another directory with `--out`",
        )


def _steps(request: Request, chooser: Chooser) -> tuple[Step, ...]:
    return chooser.steps(request.version, allow_breaking=request.allow_breaking) if request.release else ()


def _chosen(request: Request, chooser: Chooser, steps: Sequence[Step]) -> Chosen:
    if request.release:
        return chooser.released(chooser.by_steps(steps))
    return chooser.released(chooser.by_tags() if request.version is None else chooser.given(request.version))


def _commit(request: Request, otherwise: str = "build what is committed: `--rev HEAD`") -> str:
    """The commit that is built: nothing else ever is."""
    repository = place.find(request.directory).needed("whose commit could be built", "run it inside a clone")
    if git.head(repository) is None:
        raise ToolError("there is no commit yet: a package is made of one", "commit what is there, and run again")
    if request.rev is None and git.modified(repository):
        raise ToolError(
            "the working tree has uncommitted changes, and a package is made of a commit",
            f"commit them, or {otherwise}",
        )
    return git.resolve(repository, request.rev or "HEAD")


def _tried(
    request: Request,
    found: Revision,
    made: Code,
    built: Sequence[Built],
    names: Collection[str],
    say: Callable[[str], None],
) -> list[Built]:
    """Those that are to be written."""
    wanted = [each for each in built if each.name in names]
    if not request.verify:
        return [replace(each, verified="left out by `--no-verify`") for each in wanted]
    from schemactl import trying

    if problems := trying.problems(found, made, built, names, say):
        raise Refused([_mismatch(name, problem) for name, problem in problems])
    return wanted


def _mismatch(name: str, problem: str) -> Finding:
    rule = "ARTIFACT_MISMATCH"
    return Finding(
        rule, "error", "compile", f"{name}: {problem}", fingerprint=fingerprint(rule, None, f"{name}\0{problem}")
    )


def _written(recorded: release.Release, built: Sequence[Built], changes: str | None) -> dict[str, bytes]:
    """Everything that is written, by its path in the output directory."""
    from schemactl.package import provenance, sums

    files = {each.filename: each.content for one in built for each in one.artifacts}
    files |= _lists(built)
    files |= {distdir.CHANGELOG: changes.encode()} if changes is not None else {}
    files |= {distdir.RELEASE: release.encoded(recorded), distdir.PROVENANCE: provenance.statement(recorded)}
    return files | {distdir.SUMS: sums.sums(files)}


def _whole(found: Revision) -> bytes:
    from schemactl.package import image

    return image.image("all", "0", found.image, found.image.targets).content


def _lists(built: Sequence[Built]) -> dict[str, bytes]:
    """With the list of its versions, the directory of a Go module is what a module proxy serves."""
    zips = [each for one in built for each in one.artifacts if each.kind == "go-zip"]
    return {f"{each.filename.rpartition('/')[0]}/list": f"{each.version}\n".encode() for each in zips}


def _tools(made: Code) -> list[Tool]:
    used = {Tool(each.name, each.version, each.digest) for each in made.generators.values()}
    if made.plugins:
        used |= {Tool(each.name, each.version, each.sha256) for each in (made.plugins.go, made.plugins.grpc) if each}
    return [Tool("schemactl", __version__, release.own_digest()), *used]
