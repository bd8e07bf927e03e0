"""Which two states are compared: `A..B` as git reads it, else what `check` would compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from schemactl import reading
from schemactl.against import Base
from schemactl.build import Build
from schemactl.errors import ConfigError, UsageError
from schemactl.fact import Memory
from schemactl.image import EMPTY
from schemactl.imagefile import load
from schemactl.job import Job, Request
from schemactl.place import snapshot
from schemactl.report import Comparison
from schemactl.side import DoesNotCompile, HeadDoesNotCompile, Side, of_image, of_sources
from schemactl.texts import Sources

_HOW = "write A..B, A...B (from where B left A), or A alone for the working tree"


class States(NamedTuple):
    """Both sides; `was` is None where there is nothing before."""

    old: Side
    new: Side
    was: Base | None
    now: Comparison


def asked(request: Request, states: str | None) -> Request:
    """The request with what `A..B` means: an empty side is HEAD, and without dots the new one is the working tree."""
    if states is None:
        return request
    if request.against is not None:
        raise UsageError("`--against` and A..B both say what to compare with", "give one of them")
    dots = "..." if "..." in states else ".."
    before, found, after = states.partition(dots)
    if not found:
        return replace(request, against=_revision(states))
    if ".." in after or after.startswith("."):
        raise UsageError(f"`{states}` is not a range of revisions", _HOW)
    if request.rev is not None or request.staged or request.image:
        option = "--rev" if request.rev is not None else "--staged" if request.staged else "--image"
        raise UsageError(f"`{option}` and `{states}` both say what is new", "give one of them")
    base = before or "HEAD"
    against = f"merge-base:{base}" if dots == "..." else _revision(base)
    return replace(request, rev=after or "HEAD", against=against)


def _revision(written: str) -> str:
    if written in ("", "none", "tags"):
        raise UsageError(f"`{written}` is not a revision", _HOW)
    return written


def states(job: Job) -> States:
    """Raises DoesNotCompile for a side whose sources cannot be read as a schema."""
    new = _new(job)
    bases = job.bases
    if len(bases) > 1:
        raise UsageError(f"`--against {job.request.against}` are {len(bases)} states", "name one of them")
    was = bases[0] if bases else None
    old = of_image(EMPTY) if was is None else _old(job, new, was)
    if not (new.judged or old.judged):
        raise UsageError("there are no .proto files on either side", "name their directory: `-C DIR`")
    return States(old, new, was, _called(job))


def _called(job: Job) -> Comparison:
    request = job.request
    if request.image:
        return Comparison(f"image:{request.image}")
    if request.rev is not None:
        return Comparison(request.rev, job.head.commit)
    return Comparison("the index" if request.staged else "the working tree")


def _new(job: Job) -> Side:
    if job.request.image:
        return of_image(load(job.request.directory / job.request.image))
    sources = reading.sources(job.head.tree, job.config, job.place, os.environ, job.memory)
    if sources.problems:
        raise HeadDoesNotCompile(list(sources.problems))
    return of_sources(sources, _once(job, sources), HeadDoesNotCompile, partly=True)


def _old(job: Job, new: Side, base: Base) -> Side:
    if base.image is not None:
        image = load(base.image)
        return of_image(replace(image, paths={name: new.path(name) for name in image.targets}))
    assert base.commit
    tree = snapshot(job.place, base.commit)
    memory = Memory(job.cache, f"blobs\0{job.place.top}")
    memory.learn(new.facts.values())
    given = job.request.config is not None
    try:
        config = reading.configuration(tree, job.place, None)
        sources = reading.of_base(tree, config, job.config, job.place, os.environ, job.head.tree, memory, given=given)
    except ConfigError as error:
        raise ConfigError(f"{base.revision}: {error.message}", error.hint) from error
    if sources.problems:
        raise DoesNotCompile(list(sources.problems))
    return of_sources(sources, _once(job, sources))


def _once(job: Job, sources: Sources) -> Callable[[Collection[str]], Build]:
    """Each set of files is compiled once, kept results or not."""

    @cache
    def compiled(names: frozenset[str]) -> Build:
        return job.compile(sources, names)

    return lambda names: compiled(frozenset(names))
