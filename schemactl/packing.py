"""The command `package`: the artifacts of a revision, tried before anybody sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from schemactl import __version__, artifacts, code, distdir, generating, git, outdir, place, revision, versions
from schemactl.code import Code
from schemactl.errors import ToolError, UsageError
from schemactl.finding import Finding, fingerprint
from schemactl.generate.bare import bare
from schemactl.generate.refused import Refused
from schemactl.package import release
from schemactl.package.release import Built, Tool
from schemactl.product import Language, Plan
from schemactl.revision import Revision
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


@dataclass(frozen=True)
class Outcome:
    """`release` is the content of release.json; `verified` is true, or why it was not."""

    commit: str
    built: Sequence[Built]
    release: bytes
    notes: Sequence[str]

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
        chosen = _chosen(request, found, plan, commit)
        plan, warned = versions.by_major(plan, chosen)
        made = code.generated(found, plan, request.plugins, say, needed=request.release or "go" in request.languages)
        built = artifacts.built(found, made, chosen.versions, git.committed(found.place.needed(), commit))
        built = _tried(request, found, made, built, chosen.released, say)
    source = release.Source(commit, chosen.tag or commit, config=_config(request))
    written = _written(found, made, built, source)
    distdir.write(out, written)
    notes = (*noted, *chosen.notes, *(warned if made.plugins else ()), *made.notes)
    return Outcome(commit, built, written[distdir.RELEASE], notes)


def _require_possible(request: Request) -> None:
    if request.release and not request.verify:
        raise UsageError("--release and --no-verify exclude each other", "a release is tried before anybody sees it")
    if request.release and request.languages:
        raise UsageError("--release and --lang exclude each other", "a release has everything that is declared")
    if request.release and request.config:
        raise UsageError(
            "--release and --config exclude each other", "a release follows from its commit: commit the configuration"
        )


def _config(request: Request) -> str | None:
    """The digest of a configuration that is not the commit's."""
    if request.config is None:
        return None
    return hashlib.sha256((request.directory / request.config).read_bytes()).hexdigest()


def _chosen(request: Request, found: Revision, plan: Plan, commit: str) -> Chosen:
    chooser = Chooser(found, plan, commit, request.directory, request.config, request.cached, request.rev or "")
    chosen = chooser.by_tags() if request.version is None else chooser.given(request.version)
    if request.release:
        chooser.require_release(chosen)
    schema = bare(found.image, [file for product in plan.products for file in product.files])
    needed = {each.name: tuple(one.name for one in artifacts.reached(plan, each, schema)) for each in plan.products}
    return chooser.released(chosen, needed)


def _commit(request: Request) -> str:
    """The commit that is built: nothing else ever is."""
    repository = place.find(request.directory).needed("whose commit could be built", "run it inside a clone")
    if git.head(repository) is None:
        raise ToolError("there is no commit yet: a package is made of one", "commit what is there, and run it again")
    if request.rev is None and git.modified(repository):
        raise ToolError(
            "the working tree has changes that no commit holds: a package could not say what it was made of",
            "commit them, or build what is committed: `--rev HEAD`",
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
        return [replace(each, verified="left out by --no-verify") for each in wanted]
    from schemactl import trying

    if problems := trying.problems(found, made, built, names, say):
        raise Refused([_mismatch(name, problem) for name, problem in problems])
    return wanted


def _mismatch(name: str, problem: str) -> Finding:
    rule = "ARTIFACT_MISMATCH"
    return Finding(
        rule, "error", "compile", f"{name}: {problem}", fingerprint=fingerprint(rule, None, f"{name}\0{problem}")
    )


def _written(found: Revision, made: Code, built: Sequence[Built], source: release.Source) -> dict[str, bytes]:
    """Everything that is written, by its path in the output directory."""
    from schemactl.package import image, provenance, sums

    whole = image.image("all", "0", found.image, found.image.targets).content
    recorded = release.release(built, source, whole, _tools(made))
    files = {each.filename: each.content for one in built for each in one.artifacts}
    files |= _lists(built)
    files |= {distdir.RELEASE: release.encoded(recorded), distdir.PROVENANCE: provenance.statement(recorded)}
    return files | {distdir.SUMS: sums.sums(files)}


def _lists(built: Sequence[Built]) -> dict[str, bytes]:
    """With the list of its versions, the directory of a Go module is what a module proxy serves."""
    zips = [each for one in built for each in one.artifacts if each.kind == "go-zip"]
    return {f"{each.filename.rpartition('/')[0]}/list": f"{each.version}\n".encode() for each in zips}


def _tools(made: Code) -> list[Tool]:
    used = {Tool(each.name, each.version, each.digest) for each in made.generators.values()}
    if made.plugins:
        used |= {Tool(each.name, each.version, each.sha256) for each in (made.plugins.go, made.plugins.grpc) if each}
    return [Tool("schemactl", __version__, release.own_digest()), *used]
