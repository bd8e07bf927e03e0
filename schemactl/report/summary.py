"""What a report says in one line: how many findings, in how many files, compared with what, and what did not run."""

from __future__ import annotations

from collections import Counter

from schemactl.finding import SEVERITIES, Against
from schemactl.report import NOT_ASKED, Comparison, Run
from schemactl.report.escape import terminal

_MANY = 3


def summary(run: Run) -> str:
    """The whole line, safe to print."""
    return " · ".join(parts(run))


def parts(run: Run) -> list[str]:
    """The parts of the line: the verdict first, then what it rests on."""
    if run.told:
        return [terminal(run.told)]
    verdict = f"{found} in {counted(run.files, 'file')}" if (found := counts(run)) else _nothing_found(run)
    compared = [f"compared with {terminal(_names(run.against))}"] if run.against else []
    return [verdict, *_hidden(run), *compared, *_skipped(run)]


def _hidden(run: Run) -> list[str]:
    """What is there and does not count."""
    standing = run.baseline
    others = run.suppressed - (standing.remaining if standing else 0)
    told = [f"{others} suppressed"] if others else []
    if standing:
        fixed = f" ({standing.fixed} more fixed: `schemactl lint --prune` drops them)" if standing.fixed else ""
        told.append(f"{standing.remaining} in the baseline{fixed}")
    return told


def checked(run: Run) -> bool:
    """Whether anything was looked at, so that no findings means something."""
    return bool(run.told) or (run.files > 0 and (run.ran_lint is True or run.ran_breaking is True))


def standing(against: Against) -> str:
    """Where a thing stood in the old revision, as `path:line:column at revision`; what is unknown is left out."""
    place = [str(part) for part in (against.path, against.line, against.column) if part is not None]
    return f"{':'.join(place)} at {against.revision}"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counts(run: Run) -> str:
    """`2 errors, 1 warning`; nothing where nothing counts."""
    found = Counter(finding.severity for finding in run.findings if not finding.suppressed)
    return ", ".join(counted(found[severity], severity) for severity in SEVERITIES if found[severity])


def _nothing_found(run: Run) -> str:
    return f"{counted(run.files, 'file')}, {'no findings' if checked(run) else 'nothing checked'}"


def _names(against: tuple[Comparison, ...]) -> str:
    if len(against) > _MANY:
        return f"{len(against)} releases, {against[-1].revision} to {against[0].revision}"
    return ", ".join(map(_name, against))


def _name(comparison: Comparison) -> str:
    # "merge-base of origin/main" behind "origin/main" would say the name twice.
    reason = comparison.reason.removesuffix(f" of {comparison.revision}").removeprefix("given")
    inner = " ".join(part for part in (reason, (comparison.commit or "")[:7]) if part)
    return f"{comparison.revision} ({inner})" if inner else comparison.revision


def _skipped(run: Run) -> list[str]:
    """What was not checked, by reason: "lint and breaking not checked: the sources do not compile"."""
    reasons: dict[str, list[str]] = {}
    for name, ran in (("lint", run.ran_lint), ("breaking", run.ran_breaking)):
        if ran is not True and ran != NOT_ASKED:
            reasons.setdefault(f": {terminal(ran)}" if ran else "", []).append(name)
    return [f"{' and '.join(names)} not checked{reason}" for reason, names in reasons.items()]
