"""The configuration that governs a run: schemactl.yaml, else Buf's files, else defaults, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from schemactl import bufyaml, configfile, configmistakes, extended, policies, yamlfile
from schemactl.bufyaml import Module, Read, Workspace
from schemactl.compatsection import CompatSection
from schemactl.configfile import Approvals, Override, RuleSetting, SuppressSection
from schemactl.packagessection import PackageSection, ThirdPartySection
from schemactl.policies import DEFAULT, EVENTS, BreakingPolicy, LintPolicy, Policy, bare, governing
from schemactl.releasesection import PublishSection, ReleaseSection
from schemactl.repopath import contains, joined, lineage
from schemactl.rulepackage import Find, Package, nowhere

__all__ = ["DEFAULT", "EVENTS", "NAME", "BreakingPolicy", "Config", "LintPolicy", "bare", "governing", "load", "ruled"]

NAME = "schemactl.yaml"
APPROVALS, BASELINE = "schemactl-approvals.yaml", "schemactl-baseline.json"  # in its directory
LARGEST_BASELINE = 64 << 20  # that of googleapis has 7.9 MB


class Config(Struct, frozen=True):
    """One tree's configuration; every path but `includes` starts at the top of the repository.

    `file` is None where nothing is configured. `modules` is None where roots are to be inferred, leaving
    out `excludes`. `includes` start at `directory` and may lie outside the repository. `names` are those
    of `file`, and of what it extends, that only the catalogue of rules can judge, each with its place. Baseline and
    approvals stand in `policy_directory`.

    `products` are what schemactl.yaml calls packages, None where it says nothing of them; their paths start at
    `directory`, and so do the directories of `publish` and the changelog. `declared_at` is where they and these stand
    (`FILE:LINE:COLUMN`): `NUMBER` and `NUMBER.NUMBER`; and `excludes.PATH` those excludes that are the file's own.

    `packs` are files of the repository, `packages` installed packages of rules that the configuration names.
    `said` is where in a schemactl.yaml (`FILE:LINE:COLUMN`) what rules stands: `rules.RULE.severity`,
    `rules.RULE.params`, `rules.RULE.params.NAME`, `overrides.NUMBER`, `overrides.NUMBER.RULE`, `packs.PATH`,
    `compat`, `lint.use.NAME` and `lint.except.NAME`; what is missing there was said by no such file.
    """

    directory: str = "."
    policy_directory: str = "."
    file: str | None = None
    modules: tuple[Module, ...] | None = None
    excludes: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    products: tuple[PackageSection, ...] | None = None
    third_party: tuple[ThirdPartySection, ...] = ()
    release: ReleaseSection = ReleaseSection()
    publish: tuple[PublishSection | str, ...] | None = None
    declared_at: Mapping[str, str] = {}
    packs: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    rules: Mapping[str, RuleSetting] = {}
    overrides: tuple[Override, ...] = ()
    suppress: SuppressSection = SuppressSection()
    approvals: Approvals = "change"
    lint: tuple[LintPolicy, ...] = (LintPolicy(),)
    breaking: tuple[BreakingPolicy, ...] = field(default_factory=lambda: (BreakingPolicy(),))
    compat: CompatSection = CompatSection()
    names: tuple[tuple[str, str], ...] = ()
    said: Mapping[str, str] = {}
    dependencies: tuple[str, ...] = ()
    lock_directories: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_POLICY = (
    "file",
    "policy_directory",
    "packs",
    "packages",
    "rules",
    "overrides",
    "suppress",
    "approvals",
    "lint",
    "breaking",
    "compat",
    "names",
    "said",
)


def load(
    read: Read,
    start: str,
    listing: Callable[[], Iterable[str]],
    explicit: tuple[str, bytes] | None = None,
    find: Find = nowhere,
) -> Config:
    """The configuration for a run from `start`; `explicit` (name, content) stands in for its schemactl.yaml.

    `find` knows the installed packages of rules.
    """
    directory = next((each for each in lineage(start) if read(joined(each, NAME)) is not None), None)
    own = None if directory is None else bufyaml.workspace(read, directory)
    around, buf, whole = (".", own, True) if own else _surrounding(read, start, listing)
    if directory is None:
        directory = around
    else:
        explicit = explicit or (joined(directory, NAME), read(joined(directory, NAME)) or b"")
    if explicit is None:
        return _of_buf(directory, buf, whole)
    path, data = explicit
    place, described = directory, buf.modules if buf and whole else ()
    document = yamlfile.read(
        data, path, configfile.File, check=lambda file: configmistakes.of_own(file, place, described)
    )
    told = dict(_declared_at(document, directory))
    structure = replace(_of_buf(directory, buf, whole, document.value), declared_at=told)
    return _with_policy(structure, document.path, extended.merged(document, directory, read, find, listing))


def _declared_at(document: yamlfile.Document[configfile.File], directory: str) -> Iterator[tuple[str, str]]:
    for index, written in enumerate(document.value.excludes):
        yield f"excludes.{joined(directory, written)}", document.place("excludes", index)
    for number, section in enumerate(document.value.packages or ()):
        yield f"{number}", document.place("packages", number)
        for index, _ in enumerate(section.paths):
            yield f"{number}.{index}", document.place("packages", number, "paths", index)


def ruled(structure: Config, policy: Config) -> Config:
    """The modules of one configuration under the rules of another."""
    parts = {name: getattr(policy, name) for name in _POLICY}
    moved = {name: _with_moved(getattr(policy, name), getattr(structure, name)) for name in ("lint", "breaking")}
    return replace(structure, **parts | moved)


def _with_moved(policies: tuple[Policy, ...], own: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The policies, also for modules that went elsewhere and took theirs along."""
    roots, here = ({root for each in some for root in each.roots} for some in (policies, own))
    gone = [bare(each) for each in policies if here.isdisjoint(each.roots)]
    return (*policies, *(each for each in own if bare(each) in gone and roots.isdisjoint(each.roots)))


def _covers(buf: Workspace, paths: Iterable[str]) -> bool:
    return all(any(contains(it.root, path) for it in buf.modules) for path in paths if path.endswith(".proto"))


def _surrounding(read: Read, start: str, listing: Callable[[], Iterable[str]]) -> tuple[str, Workspace | None, bool]:
    """The workspace that `start` belongs to: a spanning one that holds it, else the nearest, else all below the top.

    And whether its modules stand for the whole tree: Buf files somewhere below, examples or other people's among them,
    must not hide the files beside them.
    """
    found = [(each, buf) for each in lineage(start) if (buf := bufyaml.workspace(read, each)) is not None]
    for directory, buf in found:
        if buf.spans and any(contains(it.root, start) or contains(start, it.root) for it in buf.modules):
            return directory, buf, True
    if found:
        return *found[0], True
    below = _below(read, listing())
    return ".", below, below is None or _covers(below, listing())


def _below(read: Read, paths: Iterable[str]) -> Workspace | None:
    holders = {path.rpartition("/")[0] or "." for path in paths if path.rpartition("/")[2] in bufyaml.NAMES}
    parts: list[Workspace] = []
    taken: dict[str, Module] = {}
    for directory in sorted(holders, key=lambda each: (each.count("/"), each)):
        above = set(lineage(directory))
        inside = any(root in taken and above.isdisjoint(taken[root].excludes) for root in above)
        buf = None if inside else bufyaml.workspace(read, directory)
        if buf is not None:
            parts.append(buf)
            taken.update((module.root, module) for module in buf.modules)
    if not parts:
        return None
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return bufyaml.merged(parts, f"{parts[0].file}{more}")


def _of_buf(directory: str, buf: Workspace | None, whole: bool, file: configfile.File | None = None) -> Config:
    """The modules, of the file if it says, and the policy of Buf's files.

    Without `whole`, Buf's modules keep their rules and excludes, and roots are inferred.
    """
    file = file or configfile.File()
    modules = configfile.modules(file, directory) or (buf.modules if buf and whole else None)
    excludes = [joined(directory, written) for written in file.excludes]
    excludes += [path for module in buf.modules for path in module.excludes] if buf and not whole else []
    inferred = () if whole or not buf else (f"{buf.file} leaves .proto files out: roots are inferred",)
    return Config(
        directory=directory,
        policy_directory=directory,
        file=buf.file if buf else None,
        modules=modules,
        excludes=tuple(excludes) if modules is None else (),
        includes=file.includes,
        products=file.packages,
        third_party=file.third_party,
        release=file.release or ReleaseSection(),
        publish=file.publish,
        lint=policies.buf_lint(buf.modules if buf else ()),
        breaking=policies.buf_breaking(buf),
        dependencies=buf.dependencies if buf else (),
        lock_directories=buf.directories if buf else (),
        notes=(*(buf.notes if buf else ()), *(inferred if modules is None else ())),
    )


def _with_policy(structure: Config, path: str, policy: extended.Merged) -> Config:
    """The configuration with what a schemactl.yaml, and what it extends, say of the policy."""
    file = policy.file
    return replace(
        structure,
        file=path,
        packs=policy.packs,
        packages=policy.packages,
        rules=policy.settings,
        overrides=file.overrides,
        suppress=file.suppress or SuppressSection(),
        approvals=file.approvals or "change",
        lint=(policies.lint(file.lint, policy.lint),) if file.lint else structure.lint,
        breaking=(policies.breaking(file.breaking, policy.breaking),) if file.breaking else structure.breaking,
        compat=file.compat or CompatSection(),
        names=policy.names,
        said=policy.said,
    )
