"""One run before anything is compiled: what is asked for, where, by which configuration and rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from schemactl import (
    against,
    bufrules,
    cache,
    catalogue,
    compatrules,
    git,
    lint,
    module,
    policy,
    reading,
    source,
    submodule,
)
from schemactl.against import Base, bases, in_pull_request
from schemactl.build import Judging
from schemactl.cache import Cache
from schemactl.config import Config
from schemactl.configfile import Profile
from schemactl.errors import ConfigError, Missing, ToolError, UsageError
from schemactl.fact import Memory
from schemactl.finding import Finding, ordered, unique
from schemactl.image import Image
from schemactl.judged import Judged, Last, judged, of_image, state, unjudged
from schemactl.place import Head, Place, find, head, require_own_cache
from schemactl.policy import Policy
from schemactl.reading import Compiler
from schemactl.rule import Rule
from schemactl.ruler import Bases, Ruler, Whose, given_up, ruler
from schemactl.terms import Ran, Terms
from schemactl.texts import Sources
from schemactl.tools import memory_limit
from schemactl.workspace import workspace


@dataclass(frozen=True)
class Request:
    """What the command line asks for, as it was written."""

    directory: Path = Path()
    paths: tuple[str, ...] = ()
    rev: str | None = None
    staged: bool = False
    image: Path | None = None
    new: bool = False
    against: str | None = None
    profile: Profile | None = None
    config: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    jobs: int = 0
    cached: bool = True
    show_suppressed: bool = False
    lint: bool = True
    breaking: bool = True
    statistics: bool = False
    versions: bool = False
    policy: Whose | None = None
    today: date | None = None
    baseline: Literal["", "write", "prune"] = ""
    fix: Literal["", "safe", "unsafe"] = ""
    diff: bool = False
    evidence: bool = False
    fetch: Callable[[str], None] | None = None  # told of what a clone lacked and was fetched; without it nothing is


@dataclass(frozen=True)
class Job:
    """One run with everything that is settled before anything is compiled."""

    request: Request
    place: Place
    head: Head
    ruler: Ruler
    packs: Mapping[str, str]
    known: Mapping[str, Rule]
    policy: Policy
    compile: Compiler
    cache: Cache

    @property
    def config(self) -> Config:
        return self.ruler.config

    @property
    def paths(self) -> list[str]:
        """What to report on, from the top; everything where there is none."""
        return [self.place.path(Path(written)) for written in self.request.paths]

    @property
    def memory(self) -> Memory:
        """What is known of the head's files."""
        kind = "blobs" if self.request.staged or self.request.rev else "files"
        return Memory(self.cache, f"{kind}\0{self.place.top}")

    @cached_property
    def judging(self) -> Judging:
        """What a worker needs to know: the rules that judge file by file."""
        policies = tuple(lint.settings(filter(_by_itself, rules)) for rules in self.policy.by_policy)
        return Judging(lint.Plan(policies, self.packs, self.config.packages), self.policy.index)

    @cached_property
    def bases(self) -> list[Base]:
        if self.request.image and self.request.against is None:
            raise UsageError(
                "`--image` needs `--against`", "add `--against image:FILE`, `--against REV` or `--against none`"
            )
        found = _bases(self.request, self.place, self.head, self._against)
        if self.place.repository and self.request.image is None and in_pull_request(os.environ):
            submodule.require_kept(self.place.repository, self._before(found), self._now)
        return found

    def _before(self, found: Iterable[Base]) -> list[str]:
        """The commits of the pull request's base; a release that is compared with may be older than what it did."""
        commits = [base.commit for base in found if base.commit]
        if not commits or self.place.pinned:
            return commits
        try:
            tip = against.governing(self.place.needed(), self.head.commit, os.environ)
        except ToolError:  # the clone does not hold it, and the comparison does not need it
            return commits
        return ([] if self.request.against else commits) + ([tip.commit] if tip and tip.commit else [])

    @property
    def _now(self) -> list[str]:
        """The files to judge, and where the user stands."""
        protos = (path for path in self.head.tree.paths if path.endswith(".proto"))
        modules = self.config.modules
        return [
            self.place.start,
            *(path for path in protos if modules is None or any(source.holds(each, path) for each in modules)),
        ]

    def judge(
        self, sources: Sources, advance: Callable[[int], None] = lambda _: None, *, base: bool = False
    ) -> tuple[Judged, list[Finding]]:
        """Everything compiled as far as it has to be, and the findings by all rules that the policy keeps."""
        last = Last(self.cache, f"{self.place.top}\0{self.config.directory}\0{base}", state(sources, self._rules))
        if not self.request.baseline and (found := last.findings()) is not None:
            return unjudged(sources, self.compile, last.suppressions()), found
        done = self.records(sources, advance)
        with self._bounded():
            kept = self._kept(done)
        if not done.problems and done.sure:
            last.keep(kept, done.suppressions)
        return done, kept

    def records(self, sources: Sources, advance: Callable[[int], None] = lambda _: None) -> Judged:
        """Every file judged by itself; what is kept of it from earlier runs is not judged again."""
        with self._bounded():
            return judged(sources, self.compile, self.judging, self.cache, advance)

    @cached_property
    def terms(self) -> Terms:
        """On which suppressions and approvals count today."""
        today = self.request.today or datetime.now(UTC).date()
        strict = self.config.approvals == "base"
        return Terms(self.config.suppress, today, self.known.keys(), _BREAKING, self._ran, strict)

    def _ran(self, rule: str, path: str) -> Ran:
        """Whether the rule judged the file, as far as a suppression that has nothing to suppress goes."""
        breaking = rule in _BREAKING
        if not (self.request.breaking if breaking else self.request.lint):
            return "unasked"
        if self.policy.judges(rule, path):
            return "on"
        return "unasked" if self.request.select or self.request.ignore or self.request.profile else "off"

    @property
    def _rules(self) -> tuple[object, ...]:
        """All that decides, beside the files, on what is found."""
        settings = [lint.settings(rules) for rules in self.policy.by_policy]
        packages = [package.state for package in self.config.packages]
        dormant = [sorted(each) for each in self.policy.dormant]
        return settings, self.packs, packages, self.config.lint, self.config.overrides, dormant

    def judge_image(self, image: Image) -> tuple[Judged, list[Finding]]:
        with self._bounded():
            done = of_image(image, self.judging)
            return done, self._kept(done)

    def _kept(self, done: Judged) -> list[Finding]:
        """What the policy leaves, in report order and each with a fingerprint of its own."""
        return unique(ordered(self.policy.kept(self._findings(done), lambda: _packages(done))))

    def _findings(self, done: Judged) -> list[Finding]:
        """Of single files, of the rules over several files, and of those about events."""
        if done.problems:
            return []
        outlines = {name: record.outline for name, record in done.records.items()}
        over_files = [self._armed(rule for rule in rules if rule.target == "files") for rules in self.policy.by_policy]
        return [
            *(finding for record in done.records.values() for finding in record.findings),
            *module.judge_files(outlines, done.schema.targets, self.policy.index, over_files),
            *module.judge_events(done.schema, self._armed(filter(module.of_events, self.policy.rules))),
        ]

    def _armed(self, rules: Iterable[Rule]) -> list[Rule]:
        """The rules with their checks: until something is judged, cards of them do."""
        return catalogue.configured(lint.settings(rules), self.packs, self.config.packages)

    def _bounded(self) -> AbstractContextManager[None]:
        """Around the rules: a pack of the repository may ask for any amount of memory."""
        return memory_limit() if self.config.packs else nullcontext()

    @property
    def _against(self) -> str | None:
        """`image:FILE` is a path as the user writes it: from where the user stands."""
        spec = self.request.against
        if spec is None or not spec.startswith("image:"):
            return spec
        return f"image:{self.request.directory / spec.removeprefix('image:')}"


_BREAKING = compatrules.IDS.union(id for id, rule in bufrules.table().items() if rule.kind == "breaking")


def _bases(request: Request, place: Place, head: Head, spec: str | None) -> list[Base]:
    if place.pinned and spec is None:
        return [place.pinned]
    return bases(
        place.repository,
        spec,
        head=head.commit,
        pristine=lambda: _pristine(request, place, head),
        environ=os.environ,
        prefix=place.start,
    )


def _pristine(request: Request, place: Place, head: Head) -> bool:
    """Whether what is checked is its commit; of the index the working tree says nothing."""
    repository = place.needed()
    if head.exact or not (request.staged and head.commit):
        return head.exact or not git.modified(repository)
    index, tree = git.index(repository), git.tree(repository, head.commit)
    paths = (path for path in {*index, *tree} if path.endswith((".proto", ".yaml")))
    return all(index.get(path) == tree.get(path) for path in paths)


def _ruler(request: Request, place: Place, head: Head, own: Config) -> Ruler:
    """`--config` wins; else, in a pull request, the base's policy rules, whatever else the change is compared with."""
    asked = in_pull_request(os.environ)
    whose = request.policy or ("base" if asked and place.repository else "head")
    if request.config or whose == "head":
        return ruler(place, head, own, None)
    place.needed()
    spec = request.against or ""
    named = None if not spec or spec == "none" or spec.startswith("image:") else spec
    try:
        found = _bases(request, place, head, None if asked else named)
        ruling = (place.pinned or against.governing(place.needed(), head.commit, os.environ)) if asked else None
    except ToolError:  # the clone does not hold the request's base
        if named is None or place.needed().fetch:
            raise
        found, ruling = _bases(request, place, head, named), None
    return ruler(place, head, own, Bases(ruling or found[0], found[0]) if found else None)


def _packages(done: Judged) -> dict[str, str]:
    return {record.outline.path: record.outline.package for record in done.records.values()}


def _by_itself(rule: Rule) -> bool:
    """Whether the rule needs to see no more than one file."""
    return rule.target not in ("files", "module") and not module.of_events(rule)


class _Rules(NamedTuple):
    packs: Mapping[str, str]
    known: Mapping[str, Rule]
    policy: Policy


def _resolved(request: Request, by: Ruler, results: Cache) -> _Rules:
    packs = catalogue.texts(by.config.packs, by.tree.read, by.config.said)
    known = catalogue.cards(results, packs, by.config.packages)
    return _Rules(
        packs,
        known,
        policy.resolve(
            by.config,
            known,
            catalogue.with_params,
            select=request.select,
            ignore=request.ignore,
            profile=request.profile,
        ),
    )


def _settled(request: Request, place: Place, start: Head, own: Config, results: Cache) -> tuple[Ruler, _Rules]:
    """Who rules, and by what; a change whose own policy is none would stop everybody once it is merged."""
    by = _ruler(request, place, start, own)
    reading.checked_directories(by.config, place)
    if by.revision is None:
        return by, _resolved(request, by, results)
    ours = _resolved(request, ruler(place, start, own, None), results)
    try:
        return by, _resolved(request, by, results)
    except ConfigError as error:
        return given_up(own, start, error.message, by.revision), ours


@contextmanager
def offering(request: Request) -> Iterator[None]:
    """Around what a command with `--fetch` does: where it was not given, the hint is that it would help."""
    try:
        yield
    except Missing as failure:
        if request.fetch:
            raise
        raise ToolError(failure.message, f"add `--fetch`, or {failure.hint}") from failure


@contextmanager
def job(request: Request) -> Iterator[Job]:
    """Everything of a run that costs little and can be wrong: arguments, place, configuration, rules."""
    place = find(request.directory, request.fetch)
    place = replace(place, pinned=submodule.pinned(place.repository, os.environ))
    if request.cached:
        require_own_cache(place)
    if request.image and (request.rev or request.staged):
        raise UsageError("`--image` takes the place of `--rev` and `--staged`", "leave out the others")
    start = head(place, request.rev, request.staged)
    own = reading.configuration(start.tree, place, request.config)
    with closing(cache.opened() if request.cached else cache.NOTHING) as results:
        rules_by, (packs, known, rules) = _settled(request, place, start, own, results)
        if request.lint and not request.breaking and request.select and not rules.rules:
            raise UsageError("`--select` leaves no lint rule that is on", "`schemactl rules list` lists them")
        with workspace() as directory:
            compile = reading.compiler(directory, request.jobs, results)
            yield Job(request, place, start, rules_by, packs, known, rules, compile, results)
