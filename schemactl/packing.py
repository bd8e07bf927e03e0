"""The command `package`: the artifacts of a revision, tried before anybody sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from schemactl import __version__, artifacts, code, distdir, generating, git, gopath, outdir, place, revision
from schemactl.code import Code
from schemactl.errors import Rejected, ToolError, UsageError
from schemactl.finding import Finding, fingerprint
from schemactl.generate.refused import Refused
from schemactl.package import release
from schemactl.package.release import Built, Tool
from schemactl.product import GoTarget, Language, Plan, Product
from schemactl.revision import Revision
from schemactl.version import Version


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
    if request.release and not request.verify:
        raise UsageError("--release and --no-verify exclude each other", "a release is tried before anybody sees it")
    out = outdir.within(request.directory, request.out)
    distdir.refuse(out)
    commit = _commit(request)
    with revision.compiled(request.directory, commit, request.config, request.jobs, cached=False) as found:
        plan, noted = generating.planned(found, request.languages)
        versions, told, tag = _versions(request, found, plan, commit)
        if request.release:
            _fit_for_release(plan, versions)
        plan, warned = _by_major(plan, versions)
        made = code.generated(found, plan, request.plugins, say, needed=request.release or "go" in request.languages)
        built = artifacts.built(found, made, versions, git.committed(found.place.needed(), commit))
        built = _tried(request, found, made, built)
    written = _release(found, made, built, release.Source(commit, tag or commit))
    distdir.write(out, written)
    notes = (*noted, *told, *warned, *made.notes)
    return Outcome(commit, built, written[distdir.RELEASE], notes)


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


def _versions(
    request: Request, found: Revision, plan: Plan, commit: str
) -> tuple[Mapping[str, Version], Sequence[str], str]:
    """Of each product, with what there is to say of them, and the release tag that the commit carries, if any."""
    from schemactl import snapshot, version
    from schemactl.extensions import head
    from schemactl.job import Request as Compared

    if request.version is not None:
        given = version.parsed(request.version)
        return {product.name: given for product in plan.products}, (), ""
    packages = {file: str(head(found.image.descriptors[file]).package) for each in plan.products for file in each.files}
    asked = Compared(
        request.directory, rev=commit, config=request.config, jobs=request.jobs, cached=request.cached, lint=False
    )
    advisor = snapshot.Advisor(asked, plan, packages)
    versions: dict[str, Version] = {}
    notes: list[str] = []
    tags: list[str] = []
    for product in plan.products:
        scope = snapshot.scope(product, plan, found.image.paths, found.place.start)
        known = snapshot.of(found.place.needed(), commit, scope, advisor.of(product))
        versions[product.name] = known.version
        notes += known.notes
        tags += [known.tag] if known.tag and not known.version.snapshot else []
    return versions, tuple(dict.fromkeys(notes)), min(tags, default="")


def _fit_for_release(plan: Plan, versions: Mapping[str, Version]) -> None:
    for product in plan.products:
        if not product.declared:
            raise Rejected(
                f"`{product.name}` is a name that nobody chose: nothing is released under it",
                "declare the package in schemactl.yaml: `packages: [{name: …}]`",
            )
        if versions[product.name].snapshot:
            raise Rejected(
                f"this commit carries no release tag of `{product.name}`: it is the snapshot "
                f"{versions[product.name].semantic}",
                "tag it, or say which version it is: `--version`",
            )


def _by_major(plan: Plan, versions: Mapping[str, Version]) -> tuple[Plan, Sequence[str]]:
    """The plan with the module paths that Go wants for these versions, and what users have to know of them."""
    products, notes = [], []
    for product in plan.products:
        if product.go:
            module = _module(product, product.go.module, versions[product.name].go)
            if module != product.go.module:
                notes.append(
                    f"the Go module is `{module}`: a program that uses it beside `{product.go.module}` stops when it "
                    "starts, since both register the same files; a new Protobuf package avoids that"
                )
            product = replace(product, go=GoTarget(module, product.go.required))
        products.append(product)
    return replace(plan, products=tuple(products)), notes


def _module(product: Product, module: str, version: str) -> str:
    major = version[1:].partition(".")[0]
    said = gopath.ending(module)
    if said not in (None, major):
        raise Rejected(
            f"the Go module `{module}` of `{product.name}` cannot have the version {version}",
            f"leave `/v{said}` out of its path: it is added where a version asks for it",
        )
    return module if said or major in ("0", "1") else f"{module}/v{major}"


def _tried(request: Request, found: Revision, made: Code, built: list[Built]) -> list[Built]:
    if not request.verify:
        return [replace(each, verified="left out by --no-verify") for each in built]
    from schemactl import trying

    if problems := trying.problems(found, made, built):
        raise Refused([_mismatch(name, problem) for name, problem in problems])
    return built


def _mismatch(name: str, problem: str) -> Finding:
    rule = "ARTIFACT_MISMATCH"
    return Finding(
        rule, "error", "compile", f"{name}: {problem}", fingerprint=fingerprint(rule, None, f"{name}\0{problem}")
    )


def _release(found: Revision, made: Code, built: Sequence[Built], source: release.Source) -> dict[str, bytes]:
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
    return [Tool("schemactl", __version__), *used]
