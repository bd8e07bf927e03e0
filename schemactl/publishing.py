"""The command `publish`: a build, verified, goes to each target, and is looked at there as its consumers see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schemactl import target
from schemactl.errors import Mismatch, ToolError, UsageError
from schemactl.publish import dist, state
from schemactl.publish.dist import Dist
from schemactl.publish.state import Seen
from schemactl.target import Target

if TYPE_CHECKING:
    from schemactl.config import Config
    from schemactl.publish.consumed import Look

Say = Callable[[str], None]
_AGAIN = "run again: what is there stays, and what is missing follows"


@dataclass(frozen=True)
class Request:
    """What the command line asks for; without `to`, the targets are those of schemactl.yaml."""

    directory: Path = Path()
    build: Path = Path("dist")
    to: tuple[str, ...] = ()
    config: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Visit:
    """What became of one target: of each file that belongs there, and of looking at it as a consumer."""

    target: Target
    files: Sequence[Seen]
    notes: Sequence[str] = ()
    consumed: bool = False

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.state for each in self.files)


@dataclass(frozen=True)
class Outcome:
    build: Dist
    visits: Sequence[Visit]
    notes: Sequence[str]


def run(request: Request, say: Say = lambda text: None) -> Outcome:
    """`say` hears of what takes its time.

    Raises Rejected for a build that is not what it says or not for others, for a file that is published with other
    content, and where consumers get something else; ToolError on trouble, after which it can be run again.
    """
    build = dist.opened(request.directory / request.build)
    return published(build, targets(request), say, dry_run=request.dry_run)


def targets(request: Request) -> list[Target]:
    if request.to:
        written = [target.parsed(each) for each in dict.fromkeys(request.to)]
        configured = {str(each): each for each in _configured(request, needed=False)}
        return [configured.get(str(each), each) for each in (_placed(each, request.directory) for each in written)]
    return _configured(request, needed=True)


def _configured(request: Request, *, needed: bool) -> list[Target]:
    from schemactl.here import Here

    here = Here(request.directory, request.config)
    return of_config(here.settings, here.place.top, needed=needed)


def of_config(settings: Config, top: Path, *, needed: bool = True) -> list[Target]:
    """The targets of schemactl.yaml; UsageError where it does not say a word of them, and one is needed."""
    from schemactl import releasesection

    if settings.publish is None and needed:
        raise UsageError(
            "there is no target to publish to",
            "name one: `--to dir:../packages`, or `publish: [dir:../packages]` in schemactl.yaml; `[]` is nowhere",
        )
    return [_placed(releasesection.target(each), top / settings.directory) for each in settings.publish or ()]


def _placed(each: Target, start: Path) -> Target:
    return replace(each, place=str((start / Path(each.place).expanduser()).resolve())) if each.kind == "dir" else each


def published(build: Dist, places: Sequence[Target], say: Say, *, dry_run: bool = False) -> Outcome:
    """Every target is looked at before anything goes to one: what is refused somewhere goes nowhere."""
    dist.publishable(build)
    found = {each: _looked(build, each, say) for each in places}
    for each, seen in found.items():
        state.require_same(seen, str(each))
    for each, seen in found.items():
        if each.kind == "index" and not dry_run:
            from schemactl.publish import index

            index.require_ready(seen, each)
    if dry_run:
        visits = [Visit(each, seen) for each, seen in found.items()]
    else:
        visits = [_visited(build, each, say) for each in places]
    return Outcome(build, visits, _left(build, places))


def _looked(build: Dist, place: Target, say: Say) -> Sequence[Seen]:
    say(f"looking what {place} has")
    seen: Sequence[Seen] = _handler(place).look(build, place)
    return seen


def _visited(build: Dist, place: Target, say: Say) -> Visit:
    handler = _handler(place)
    if not handler.wanted(build):
        return Visit(place, ())
    say(f"publishing to {place}")
    files = handler.put(build, place, say)
    state.require_same(files, str(place))
    say(f"looking at {place} as its consumers do")
    seen = _consumed(build, place, say)
    wrong = [each for each in seen.complaints if each.mismatch]
    if wrong:
        told = "; ".join(f"`{each.path}`: {each.what}" for each in wrong)
        raise Mismatch(
            f"{place} gives its consumers something else than was published: {told}",
            "ask whoever runs it why; until then nobody should install from there",
        )
    if seen.complaints:
        first = seen.complaints[0]
        raise ToolError(f"{place}: all is published, and a consumer does not get `{first.path}`: {first.what}", _AGAIN)
    return Visit(place, files, seen.notes, consumed=not seen.notes)


def _handler(place: Target) -> ModuleType:
    """The module with `wanted`, `look` and `put` for this kind of target."""
    if place.kind == "dir":
        from schemactl.publish import tree

        return tree
    if place.kind == "index":
        from schemactl.publish import index

        return index
    from schemactl.publish import gitrepo

    return gitrepo


def _consumed(build: Dist, place: Target, say: Say) -> Look:
    from schemactl.publish import consumed
    from schemactl.publish.consumed import Look

    if place.kind == "dir":
        top = Path(place.place)
        python = consumed.python(f"{(top / 'simple').as_uri()}/", build.files, say)
        go = consumed.go((top / "go").as_uri(), build.files, say)
        return Look((*python.complaints, *go.complaints), (*python.notes, *go.notes))
    if place.kind == "index":
        from schemactl.publish import index

        return consumed.python(index.simple_url(place), index.wanted(build), say, place=place.place)
    from schemactl.publish import gitrepo, gitseen

    return Look(tuple(gitseen.seen_by_go(build, place, gitrepo.wanted(build))))


def _left(build: Dist, places: Sequence[Target]) -> list[str]:
    """What of the build no target takes."""
    taken = {file.path for each in places for file in _handler(each).wanted(build)}
    left = {"Python": False, "Go": False}
    for file in build.files:
        if file.kind == "wheel" and file.path not in taken:
            left["Python"] = True
        if file.kind == "go-zip" and file.path not in taken:
            left["Go"] = True
    cures = {"Python": "add one with `dir:` or `index:`", "Go": "add one with `dir:` or `git:`"}
    return [f"no target takes the artifacts for {name}: {cures[name]}" for name, is_left in left.items() if is_left]
