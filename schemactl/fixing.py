"""`lint --fix`: what a run would report is fixed, written or shown, and what is left is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from schemactl import check
from schemactl.baseline import SUPPRESSED
from schemactl.finding import Finding
from schemactl.fix import run as fix
from schemactl.fix.disk import Change
from schemactl.job import Job, Request, job, offering
from schemactl.repopath import contains


@dataclass(frozen=True)
class Fixes:
    """What was, or would be, written, by path from the top; notes for people, the first of which counts.

    Nothing is `tried` in what does not compile.
    """

    changes: Mapping[str, Change]
    notes: tuple[str, ...]
    tried: bool = True


_BROKEN = Fixes({}, ("nothing was fixed: the schema does not compile",), tried=False)


def fixed(request: Request, wait: bool = False) -> Fixes:
    """Changes the working tree, unless only the `diff` is wanted."""
    with offering(request), job(replace(request, fix="", baseline="")) as running:
        found = check.found(running, wait)
        if found.checked.problems or found.checked.sources is None:
            return _BROKEN
        wanted, silent, unsafe = _wanted(running, found), _silent(found), request.fix == "unsafe"
        result = fix.run(running, found.checked.sources, wanted, unsafe=unsafe, silent=silent)
        if result is None:
            return _BROKEN
        if request.diff:
            told = f"not written: {result.summary}" if result.changes else result.summary
            return Fixes(result.changes, (told, *result.notes))
        fix.write(running, result)
        return Fixes(result.changes, (result.summary, *result.notes))


def _wanted(job: Job, found: check.Found) -> Callable[[Finding], bool]:
    """Says of a finding, also of one that is new after a fix, whether the run would report it."""
    shown = {finding.fingerprint for finding in found.findings if not finding.suppressed}
    hidden = {finding.fingerprint for finding in found.known.findings} - shown
    paths = job.paths

    def wanted(finding: Finding) -> bool:
        place = finding.location.path if finding.location else ""
        return finding.fingerprint not in hidden and (not paths or any(contains(outer, place) for outer in paths))

    return wanted


def _silent(found: check.Found) -> fix.Silent:
    """Renamed, what the baseline holds would be something new; what a comment is about stays below it."""
    quiet = [finding for finding in found.known.findings if finding.suppressed]
    recorded = {finding.fingerprint for finding in quiet if finding.suppressed == SUPPRESSED}
    return fix.Silent(frozenset({finding.fingerprint for finding in quiet} - recorded), frozenset(recorded))
