"""The `junit` format: JUnit XML for Jenkins, GitLab and others that show tests; a finding is a test case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from html import escape

from schemactl.finding import Finding, Severity
from schemactl.report import NOT_ASKED, Run, effects, fatal
from schemactl.report.escape import lines, visible
from schemactl.report.summary import standing, summary

_CHECKS = {"lint": ("lint",), "breaking": ("buf", "compat")}

# A test case and how it ended: "failures", "skipped", or "" for one that passed.
_Case = tuple[str, str]


def render(run: Run) -> str:
    """One suite: what was checked and is as it should be, then the findings; pure ASCII."""
    cases = [*_checks(run), *_findings(run)]
    ended = Counter(end for end, _ in cases)
    counts = f'tests="{len(cases)}" failures="{ended["failures"]}" errors="0" skipped="{ended["skipped"]}"'
    told = [("summary", summary(run)), *(("note", note) for note in run.notes)]
    document = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>',
        f'<testsuite name="schemactl" {counts}>\n<properties>',
        *(f'<property name="{name}" value="{_xml(value)}"/>' for name, value in told),
        "</properties>",
        *(case for _, case in cases),
        "</testsuite>\n</testsuites>\n",
    ]
    return "\n".join(document).encode("ascii", "xmlcharrefreplace").decode()


def _checks(run: Run) -> Iterator[_Case]:
    """A check that found nothing grave passes; one that could not look is skipped, and says why."""
    failing = {finding.source for finding in run.findings if _end(finding, fatal(run)) == "failures"}
    for name, ran in (("lint", run.ran_lint), ("breaking", run.ran_breaking)):
        start = f'<testcase classname="schemactl" name="{name}"'
        if ran is True and not run.files:
            yield "skipped", f'{start}><skipped message="nothing checked"/></testcase>'
        elif ran is True and failing.isdisjoint(_CHECKS[name]):
            yield "", f"{start}/>"
        elif ran is not True and ran != NOT_ASKED:
            reason = _xml(f"not checked: {ran}" if ran else "not checked")
            yield "skipped", f'{start}><skipped message="{reason}"/></testcase>'


def _findings(run: Run) -> Iterator[_Case]:
    taken: set[str] = set()
    grave = fatal(run)
    for finding in run.findings:
        name = _name(finding, taken)
        taken.add(name)
        end = _end(finding, grave)
        yield end, _case(finding, name, "failure" if end == "failures" else "skipped")


def _end(finding: Finding, grave: Collection[Severity]) -> str:
    """What does not make the verdict no is skipped, not passed: servers show the message of no test that passed."""
    return "failures" if finding.severity in grave and not finding.suppressed else "skipped"


def _name(finding: Finding, taken: Collection[str]) -> str:
    """Without the line: GitLab and Jenkins tell what is new by the name, and keep one test of each name."""
    where = finding.location or finding.against
    name = f"{_xml(where.path)}: {_xml(finding.message)}" if where else _xml(finding.message)
    if name not in taken:
        return name
    longer = f"{name} ({_xml(finding.element or '')})"
    return longer if longer not in taken else f"{name} ({_xml(finding.fingerprint)})"


def _case(finding: Finding, name: str, tag: str) -> str:
    rule, message, place = _xml(finding.rule), _xml(finding.message), finding.location
    grade = finding.severity if not finding.suppressed else f"suppressed by {_xml(finding.suppressed)}"
    where = f"{_xml(place.path)}:{place.line}:{place.column}: " if place else ""
    # GitLab shows the text of a failure, and not its message.
    text = "\n".join([f"{where}{grade} {rule} {message}", *_details(finding)])
    return (
        f'<testcase classname="schemactl.{rule}" name="{name}">'
        f'<{tag} type="{rule}" message="{grade}: {message}">{text}</{tag}></testcase>'
    )


def _details(finding: Finding) -> list[str]:
    was = [_xml(f"was: {standing(finding.against)}")] if finding.against else []
    told = [*was, *map(_xml, effects.lines(finding))]
    return [*told, _xml_lines(f"help: {finding.help}")] if finding.help else told


@lru_cache(maxsize=256)
def _xml_lines(text: str) -> str:
    return escape("\n".join(lines(text)))


@lru_cache(maxsize=256)
def _xml(text: str) -> str:
    """As an attribute or as text: XML 1.0 has no way to write what `visible` writes out."""
    return escape(visible(text))
