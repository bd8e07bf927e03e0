"""The command `release`: the versions that the changes ask for are built, published, written down and tagged.

Every step finds what an earlier run did, and the push of the tags is the last one: a release that ended anywhere is
finished by running it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from schemactl import atomically, changelog, git, outdir, packing, publishing, tagging
from schemactl.config import Config
from schemactl.errors import Failure, Rejected, ToolError, UsageError
from schemactl.git import Repository
from schemactl.here import Here
from schemactl.publish import dist
from schemactl.publish.dist import Dist
from schemactl.publishing import Visit
from schemactl.repopath import joined
from schemactl.target import Target
from schemactl.upcoming import Step

Say = Callable[[str], None]
_LONGEST = 10_000  # of the message of a tag


@dataclass(frozen=True)
class Request:
    """What the command line asks for; `build` is one that was made elsewhere, `plugins` are paths by their name."""

    directory: Path = Path()
    execute: bool = False
    allow_breaking: bool = False
    to: tuple[str, ...] = ()
    build: Path | None = None
    out: Path = Path("dist")
    jobs: int = 0
    cached: bool = True
    plugins: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What is planned, and when it is `executed` what became of it; `changelog` is a file that got its section now."""

    commit: str
    steps: Sequence[Step]
    targets: Sequence[Target]
    remote: str | None
    executed: bool = False
    visits: Sequence[Visit] = ()
    changelog: str | None = None
    pushed: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def releases(self) -> list[Step]:
        return [each for each in self.steps if each.next]


@dataclass(frozen=True)
class _Planned:
    commit: str
    steps: Sequence[Step]
    notes: Sequence[str]
    repository: Repository
    settings: Config
    top: Path

    @property
    def releases(self) -> list[Step]:
        return [each for each in self.steps if each.next]

    @property
    def tags(self) -> list[str]:
        return [each.tag for each in self.releases]

    @property
    def day(self) -> date:
        return git.committed(self.repository, self.commit).date()


def run(request: Request, say: Say = lambda text: None) -> Outcome:
    """`say` hears of what takes its time. Raises Rejected for versions that may not be."""
    plan = _planned(request)
    targets = _targets(request, plan, needed=request.execute and bool(plan.tags))
    remote = tagging.remote(plan.repository, plan.settings.release.remote)
    if request.build is not None and not request.execute:
        dist.publishable(_given(request.directory / request.build, plan))
    if not (request.execute and plan.tags):
        notes = (*plan.notes, *_obstacles(request, plan, remote))
        return Outcome(plan.commit, plan.steps, targets, remote, notes=notes)
    _require_possible(plan, remote)
    build, told = _built(request, plan, say)
    done = publishing.published(build, targets, say)
    written = _written_down(plan)
    pushed = _tagged(plan, remote)
    notes = tuple(dict.fromkeys((*plan.notes, *told, *done.notes, *_left_out(request, plan, targets))))
    return Outcome(plan.commit, plan.steps, targets, remote, True, done.visits, written, pushed, notes)


def _planned(request: Request) -> _Planned:
    here = Here(request.directory, None)
    found = packing.planned(_packing(request, None))
    return _Planned(found.commit, found.steps, found.notes, here.place.needed(), here.settings, here.place.top)


def _packing(request: Request, commit: str | None) -> packing.Request:
    return packing.Request(
        request.directory,
        rev=commit,
        out=request.out,
        release=True,
        allow_breaking=request.allow_breaking,
        jobs=request.jobs,
        cached=request.cached,
        plugins=request.plugins,
    )


def _targets(request: Request, plan: _Planned, *, needed: bool) -> list[Target]:
    if request.to:
        return publishing.targets(publishing.Request(request.directory, to=request.to))
    return publishing.of_config(plan.settings, plan.top, needed=needed)


def _left_out(request: Request, plan: _Planned, targets: Sequence[Target]) -> Iterator[str]:
    """Targets of the configuration that `--to` kept this release from: a later one does not make up for it."""
    configured = publishing.of_config(plan.settings, plan.top, needed=False) if request.to else []
    for each in configured:
        if str(each) not in map(str, targets):
            build = request.build or request.out
            yield f"{each} of schemactl.yaml did not get this release: `schemactl publish {build}` gives it"


def _require_possible(plan: _Planned, remote: str | None) -> None:
    """What would keep the last step from being done keeps the first one from being begun."""
    _page(plan)
    lasts = [each.last for each in plan.releases if each.last]
    open_ = tagging.require_free(plan.repository, remote, dict.fromkeys(plan.tags, plan.commit), lasts)
    if open_ and remote is not None:
        tagging.require_pushed(plan.repository, remote, plan.commit)


def _obstacles(request: Request, plan: _Planned, remote: str | None) -> Iterator[str]:
    """What would be refused, as far as nobody else has to be asked."""
    checks: list[Callable[[], object]] = [lambda: _targets(request, plan, needed=True), lambda: _page(plan)]
    if remote is not None and not all(each.tagged for each in plan.releases):
        checks.append(lambda: tagging.require_pushed(plan.repository, remote, plan.commit))
    for check in checks if plan.tags else ():
        try:
            check()
        except Failure as failure:
            yield f"`--execute` will not do it yet: {failure.message}; {failure.hint}"


def _built(request: Request, plan: _Planned, say: Say) -> tuple[Dist, Sequence[str]]:
    """That which an earlier run, or another job, made of this commit; else a new one."""
    if request.build is not None:
        return _given(request.directory / request.build, plan), ()
    out = outdir.within(request.directory, request.out)
    if (found := _left(out, plan)) is not None:
        say(f"`{request.out}` holds the build of {plan.commit[:7]} already")
        return found, ()
    done = packing.run(_packing(request, plan.commit), say)
    build = dist.opened(out)
    if other := _difference(build, plan):
        raise ToolError(f"another release happened while this one was built: {other}", "run again")
    return build, done.notes


def _given(directory: Path, plan: _Planned) -> Dist:
    build = dist.opened(directory)
    if other := _difference(build, plan):
        raise Rejected(f"`{directory}` is not the build of this release: {other}", "build this commit again")
    return build


def _left(out: Path, plan: _Planned) -> Dist | None:
    try:
        build = dist.opened(out)
        dist.publishable(build)
    except (UsageError, Rejected):
        return None  # packing refuses to write over what it did not make
    return None if _difference(build, plan) else build


def _difference(build: Dist, plan: _Planned) -> str:
    """What keeps the build from being that of the plan."""
    if build.release.source.commit != plan.commit:
        return f"it was made of {build.release.source.commit[:7]}, and this is {plan.commit[:7]}"
    made = {each.name: each.version.semantic for each in build.release.packages}
    wanted = {each.name: each.next.semantic for each in plan.steps if each.next}
    for name in sorted(made.keys() | wanted.keys()):
        if made.get(name) != wanted.get(name):
            return f"it has `{name}` {made.get(name, 'not at all')}, and the changes ask for {wanted.get(name, 'none')}"
    return ""


class _Page(NamedTuple):
    """The changelog as it is, and as it has to be."""

    name: str
    path: Path
    before: str | None
    after: str


def _page(plan: _Planned) -> _Page | None:
    if (name := plan.settings.release.changelog) is None:
        return None
    path = plan.top / joined(plan.settings.directory, name)
    try:
        if any(each.is_symlink() for each in path.parents if each.is_relative_to(plan.top) and each != plan.top):
            raise ToolError(f"`{name}` is behind a symbolic link, which may lead anywhere", "name another file")
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise ToolError(f"`{name}` is not a regular file", "correct `release.changelog`, and run again")
        before = path.read_bytes().decode() if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ToolError(f"the changelog `{name}` cannot be read: {why}", "correct that, and run again") from error
    return _Page(name, path, before, changelog.inserted(before, changelog.text(plan.steps, plan.day), plan.tags))


def _written_down(plan: _Planned) -> str | None:
    """The changelog, where it had no section of this release yet."""
    page = _page(plan)
    if page is None or page.after == page.before:
        return None
    try:
        page.path.parent.mkdir(parents=True, exist_ok=True)
        atomically.write(page.path, page.after.encode())
    except OSError as error:
        what = f"all is published, and the changelog `{page.name}` cannot be written: {error.strerror}"
        raise ToolError(what, "correct that, and run again") from error
    return page.name


def _tagged(plan: _Planned, remote: str | None) -> list[str]:
    """The tags that were pushed now; without a remote there are none."""
    messages = {step.tag: changelog.text([step], plan.day, _LONGEST) for step in plan.releases}
    return tagging.tagged(plan.repository, remote, plan.commit, messages)
