"""What one comparison finds: Buf's findings and what ours adds to them, as the policy wants them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemactl import breaking
from schemactl.against import Base
from schemactl.configfile import profile_rules
from schemactl.finding import Finding
from schemactl.job import Job
from schemactl.side import Side

if TYPE_CHECKING:
    from schemactl.compat.presence import Releases


def begun(job: Job, new: Side, old: Side, base: Base, releases: Releases | None = None) -> Callable[[], list[Finding]]:
    """Compares, and leaves Buf running: what is returned waits for it, and gives what the configuration leaves of all.

    `releases` are those between, and learn of this one.
    """
    revision = base.revision
    play = breaking.play(new, old) if job.policy.breaking or job.policy.compat else None
    if play is None:
        return list
    directory = Path(tempfile.mkdtemp(dir=job.compile.workspace))
    of_buf = breaking.begun(play, new, old, job.policy.breaking, directory, revision=revision, cache=job.cache)
    keep = _Keep(job, new, old)

    if not job.policy.compat:
        return lambda: keep.all(of_buf())
    from schemactl.compat.contracts import Contracts, guarded
    from schemactl.compat.judging import Asked, found, merged
    from schemactl.compat.reading import NO_LATER

    contracts = Contracts(job.config.compat, job.request.profile, guarded(job.policy.breaking), _gone(job, base))
    ours = found(play, new, old, contracts, revision, releases or NO_LATER)
    if releases:
        releases.add(revision, play.old, play.names)

    def judged() -> list[Finding]:
        told = of_buf()
        kept = keep.all(told)
        settled = {each.element for each in told if each.element} - {each.element for each in kept}
        source = job.policy.breaking >= profile_rules("source")
        return merged(kept, ours, new, old, Asked(revision, keep, frozenset(settled), source, job.request.evidence))

    return judged


def _gone(job: Job, base: Base) -> Callable[[Any], bool]:
    """Whether none of the base's data is on a topic any more, where only what can be there is asked about."""
    until = base.until
    if job.request.against != "retained" or until is None:
        return lambda option: False
    from schemactl.compat.retention import stays

    def gone(option: Any) -> bool:
        time = stays(option).time
        return time is not None and job.terms.today - until - timedelta(days=1) > time  # a day has begun

    return gone


class _Keep:
    """What the configuration of its files leaves of a finding."""

    def __init__(self, job: Job, new: Side, old: Side) -> None:
        self._policy = job.policy
        self._sides = new, old
        self._packages: list[Mapping[str, str]] = []

    def __call__(self, finding: Finding) -> Finding | None:
        return self._policy.keeps(finding, self._declared(finding))

    def all(self, findings: Iterable[Finding]) -> list[Finding]:
        return [kept for kept in map(self, findings) if kept]

    def _declared(self, finding: Finding) -> Collection[str]:
        """The packages of the files that a finding is about, on either side."""
        if not self._policy.asks_for_packages:
            return ()
        if not self._packages:
            self._packages = [{side.path(name): side.package(name) for name in side.judged} for side in self._sides]
        places = zip(self._packages, (finding.location, finding.against), strict=True)
        return [packages[place.path] for packages, place in places if place and place.path in packages]
