"""The configuration that governs a run: schemactl.yaml, else Buf's files, else defaults, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from schemactl import bufyaml, configfile, yamlfile
from schemactl.bufrules import Version, breaking_ids, is_known
from schemactl.bufyaml import Module, Options, Read, Workspace
from schemactl.configfile import Approvals, Override, Profile, RuleSetting, SuppressSection, profile_rules
from schemactl.errors import ConfigError
from schemactl.repopath import contains, joined, lineage

NAME = "schemactl.yaml"
EVENTS = "events"
DEFAULT = "default"
_EVERYWHERE = (".",)


class LintPolicy(Struct, frozen=True):
    """Which rules lint the files below `roots`; names mean what they mean in `version` of buf.yaml."""

    roots: tuple[str, ...] = _EVERYWHERE
    origin: str = DEFAULT
    version: Version = "v2"
    use: tuple[str, ...] = ("STANDARD", EVENTS)
    except_: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = {}
    options: Options = Options()
    comment_ignores: bool = True
    names_events: bool = False


class BreakingPolicy(Struct, frozen=True):
    """Which of Buf's rules judge changes of the files below `roots`; `ignore_only` is by rule id."""

    roots: tuple[str, ...] = _EVERYWHERE
    origin: str = f"{DEFAULT} profile json"
    version: Version = "v2"
    profile: Profile | None = "json"
    rules: frozenset[str] = field(default_factory=lambda: profile_rules("json"))
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = {}
    ignore_unstable_packages: bool = False


Policy = TypeVar("Policy", bound=LintPolicy | BreakingPolicy)


class Config(Struct, frozen=True):
    """One tree's configuration; every path but `includes` starts at the top of the repository.

    `file` is None where nothing is configured. `modules` is None where roots are to be inferred, leaving
    out `excludes`. `includes` start at `directory` and may lie outside the repository. `names` are those
    of `file` that only the catalogue of rules can judge, each with its place. Baseline and approvals stand in
    `policy_directory`.
    """

    directory: str = "."
    policy_directory: str = "."
    file: str | None = None
    modules: tuple[Module, ...] | None = None
    excludes: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    rules: Mapping[str, RuleSetting] = {}
    overrides: tuple[Override, ...] = ()
    suppress: SuppressSection = SuppressSection()
    approvals: Approvals = "change"
    lint: tuple[LintPolicy, ...] = (LintPolicy(),)
    breaking: tuple[BreakingPolicy, ...] = field(default_factory=lambda: (BreakingPolicy(),))
    names: tuple[tuple[str, str], ...] = ()
    dependencies: tuple[str, ...] = ()
    lock_directories: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_POLICY = (
    "file",
    "policy_directory",
    "packs",
    "rules",
    "overrides",
    "suppress",
    "approvals",
    "lint",
    "breaking",
    "names",
)


def load(
    read: Read, start: str, listing: Callable[[], Iterable[str]], explicit: tuple[str, bytes] | None = None
) -> Config:
    """The configuration for a run from `start`; `explicit` (name, content) stands in for its schemactl.yaml."""
    directory = next((each for each in lineage(start) if read(joined(each, NAME)) is not None), None)
    own = None if directory is None else bufyaml.workspace(read, directory)
    around, buf, whole = (".", own, True) if own else _surrounding(read, start, listing)
    if directory is None:
        directory = around
    else:
        explicit = explicit or (joined(directory, NAME), read(joined(directory, NAME)) or b"")
    if explicit is None:
        return _config(directory, buf, None, whole)
    path, data = explicit
    place, has_buf = directory, buf is not None and whole
    document = yamlfile.read(data, path, configfile.File, check=lambda file: configfile.mistakes(file, place, has_buf))
    return _config(directory, buf, document, whole)


def ruled(structure: Config, policy: Config) -> Config:
    """The modules of one configuration under the rules of another."""
    parts = {name: getattr(policy, name) for name in _POLICY}
    moved = {name: _with_moved(getattr(policy, name), getattr(structure, name)) for name in ("lint", "breaking")}
    return replace(structure, **parts | moved)


def _with_moved(policies: tuple[Policy, ...], own: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The policies, also for modules that went elsewhere and took theirs along."""
    known, roots = [bare(each) for each in policies], {root for each in policies for root in each.roots}
    return (*policies, *(each for each in own if bare(each) in known and roots.isdisjoint(each.roots)))


def bare(policy: Policy) -> Policy:
    """What a policy says, wherever it is written and whatever it is about."""
    return replace(policy, roots=(), origin="")


def _covers(buf: Workspace, paths: Iterable[str]) -> bool:
    return all(any(contains(it.root, path) for it in buf.modules) for path in paths if path.endswith(".proto"))


def governing(policies: Iterable[Policy]) -> Callable[[str], Policy]:
    """Finds the policy of a path: the one with the deepest root above it."""
    by_root = {root: policy for policy in policies for root in policy.roots}
    return lambda path: next(by_root[directory] for directory in lineage(path) if directory in by_root)


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


def _config(
    directory: str, buf: Workspace | None, document: yamlfile.Document[configfile.File] | None, whole: bool
) -> Config:
    """Without `whole`, Buf's modules keep their rules and excludes, and roots are inferred."""
    file = document.value if document else configfile.File()
    own = document.path if document else DEFAULT
    modules = configfile.modules(file, directory) or (buf.modules if buf and whole else None)
    excludes = [joined(directory, written) for written in file.excludes]
    excludes += [path for module in buf.modules for path in module.excludes] if buf and not whole else []
    inferred = () if whole or not buf else (f"{buf.file} leaves .proto files out: roots are inferred",)
    return Config(
        directory=directory,
        policy_directory=directory,
        file=document.path if document else buf.file if buf else None,
        modules=modules,
        excludes=tuple(excludes) if modules is None else (),
        includes=file.includes,
        packs=tuple(joined(directory, written) for written in file.packs),
        rules=configfile.settings(file),
        overrides=tuple(replace(each, paths=_placed(directory, each.paths)) for each in file.overrides),
        suppress=file.suppress or SuppressSection(),
        approvals=file.approvals or "change",
        lint=(_lint(file.lint, directory, own),) if file.lint else _buf_lint(buf.modules if buf else ()),
        breaking=(_breaking(file.breaking, directory, own),) if file.breaking else _buf_breaking(buf),
        names=tuple((name, document.place(*keys)) for keys, name in configfile.names(file)) if document else (),
        dependencies=buf.dependencies if buf else (),
        lock_directories=buf.directories if buf else (),
        notes=(*(buf.notes if buf else ()), *(inferred if modules is None else ())),
    )


def _covering(default: Policy, policies: list[Policy]) -> list[Policy]:
    """With the default for files that no policy is about."""
    return policies if any("." in policy.roots for policy in policies) else [default, *policies]


def _placed(directory: str, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(joined(directory, written) for written in paths)


def _by_rule(listed: Mapping[str, Sequence[str]], version: Version) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, paths in listed.items():
        for id in breaking_ids([name], version):
            found[id] = (*found.get(id, ()), *paths)
    return found


def _lint(section: configfile.LintSection, directory: str, origin: str) -> LintPolicy:
    return LintPolicy(
        origin=origin,
        use=section.use or LintPolicy().use,
        except_=section.except_,
        ignore=_placed(directory, section.ignore),
        ignore_only={name: _placed(directory, paths) for name, paths in section.ignore_only.items()},
        comment_ignores=not section.disallow_comment_ignores,
        names_events=EVENTS in section.use,
    )


def _breaking(section: configfile.BreakingSection, directory: str, origin: str) -> BreakingPolicy:
    return BreakingPolicy(
        origin=origin,
        profile=None if section.use else section.profile or "json",
        rules=configfile.breaking_rules(section),
        ignore=_placed(directory, section.ignore),
        ignore_only=_by_rule({name: _placed(directory, of) for name, of in section.ignore_only.items()}, "v2"),
        ignore_unstable_packages=section.ignore_unstable_packages,
    )


def _buf_lint(modules: Iterable[Module]) -> tuple[LintPolicy, ...]:
    """Buf's lint section governs Buf's rules only: the events pack stays on beside it."""
    return tuple(_covering(LintPolicy(), [_buf_lint_policy(module) for module in modules]))


def _buf_lint_policy(module: Module) -> LintPolicy:
    section, roots = module.lint, module.includes or (module.root,)
    if section is None or section.disable_builtin:
        return LintPolicy(roots)
    return LintPolicy(
        roots=roots,
        origin=section.origin,
        version=section.version,
        use=(*(name for name in section.use or ("STANDARD",) if is_known(name, "lint")), EVENTS),
        except_=tuple(name for name in section.except_ if is_known(name, "lint")),
        ignore=section.ignore,
        ignore_only={name: paths for name, paths in section.ignore_only.items() if is_known(name, "lint")},
        options=section.options,
        comment_ignores=section.comment_ignores,
    )


def _buf_breaking(buf: Workspace | None) -> tuple[BreakingPolicy, ...]:
    modules = buf.modules if buf else ()
    return tuple(_covering(BreakingPolicy(), [_buf_breaking_policy(module) for module in modules]))


def _buf_breaking_policy(module: Module) -> BreakingPolicy:
    section, roots = module.breaking, module.includes or (module.root,)
    if section is None or section.disable_builtin:
        return BreakingPolicy(roots)
    version = section.version
    rules = breaking_ids(section.use or ("FILE",), version) - breaking_ids(section.except_, version)
    if not rules:
        raise ConfigError(
            f"{section.origin}: `breaking` leaves no rule of Buf's own",
            f"say in {NAME} what breaks, for example `breaking: {{profile: json}}`",
        )
    return BreakingPolicy(
        roots=roots,
        origin=section.origin,
        version=version,
        profile=None,
        rules=frozenset(rules),
        ignore=section.ignore,
        ignore_only=_by_rule(section.ignore_only, version),
        ignore_unstable_packages=section.ignore_unstable_packages,
    )
