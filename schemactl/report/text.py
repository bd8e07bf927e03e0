"""The `text` format: findings for people, each with its line, carets, what to do, and a summary of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from schemactl.finding import SEVERITIES, Finding, Location
from schemactl.report import Run, Style, effects
from schemactl.report.advisory import notes, summed
from schemactl.report.escape import lines, terminal
from schemactl.report.excerpt import Excerpt, cells, excerpts
from schemactl.report.grouping import Change, by_rule, changes, place
from schemactl.report.summary import checked, parts

_BOLD, _QUIET, _LABEL, _GOOD, _CARE = "1", "94", "1;36", "1;32", "1;33"
_SEVERITY = {"error": "1;31", "warning": "1;33", "info": "1;36"}

# Without a terminal nothing wraps, but a line of source is still cut here.
_WIDEST_SOURCE = 200
_HANG = 4

# A word and its colour.
_Word = tuple[str, str]


def render(run: Run, style: Style) -> str:
    """The whole report; the last line is the summary."""
    excerpt = excerpts(run.sources)
    findings, told = summed(run)
    blocks = [_block(change, excerpt, style) for change in changes(findings)]
    if run.statistics and not all(finding.suppressed for finding in run.findings):
        blocks.append(_statistics(run, style))
    closing = [*(_note(note, style) for note in notes(run, told)), _summary(run, style)]
    return "\n".join([*blocks, *closing, ""])


def _block(change: Change, excerpt: Callable[[Location, int], Excerpt | None], style: Style) -> str:
    first, at = change.first, change.first.location
    gutter = len(str(at.line)) if at else 1
    drawn = excerpt(at, (style.width or _WIDEST_SOURCE) - gutter - 4) if at else None
    block = _title(change, style)
    if drawn and at:
        block += _source(drawn, str(at.line), _SEVERITY[first.severity], style)
    for label, text in _details(change):
        block += _detail(label, text, gutter, style)
    return "\n".join([*block, ""])


def _title(change: Change, style: Style) -> list[str]:
    first, ids = change.first, terminal(", ".join(change.rules))
    color, message = _QUIET if first.suppressed else _SEVERITY[first.severity], terminal(first.message)
    grade = f"suppressed {first.severity}" if first.suppressed else first.severity
    where = [(f"{terminal(place(first.location))}:", _BOLD)] if first.location else []
    title: list[_Word] = [*where, (f"{grade} {ids}", color)]
    whole = " ".join([*(_paint(*word, style) for word in title), message])
    if style.width is None or sum(cells(text) + 1 for text, _ in title) + cells(message) <= style.width:
        return [whole]
    words = [(word, color) for text, color in title for word in text.split(" ")]
    return [*_wrap(words, "", _HANG, style), *_wrap(_words(message), " " * _HANG, _HANG, style)]


def _source(drawn: Excerpt, line: str, color: str, style: Style) -> list[str]:
    bar = _paint(f" {' ' * len(line)} |", _QUIET, style)
    carets = _paint("^" * drawn.carets, color, style)
    return [bar, f"{_paint(f' {line} |', _QUIET, style)} {drawn.line}", f"{bar} {' ' * drawn.indent}{carets}"]


def _details(change: Change) -> Iterable[tuple[str, list[str]]]:
    """What stands below the source: the other messages of the change, the old place, who is harmed, the help."""
    yield from (("also", [terminal(_also(finding, change.first))]) for finding in change.others)
    yield from (("was", [terminal(text)]) for text in change.was)
    yield from (("effect", [line]) for line in change.effects)
    yield from (("evidence", [terminal(effects.proved(each))]) for each in change.evidence)
    yield from (("help", lines(text)) for text in change.helps)
    yield from (("suppressed", [terminal(text)]) for text in change.suppressed)


def _also(finding: Finding, first: Finding) -> str:
    moved = f" ({place(finding.location)})" if finding.location and finding.location != first.location else ""
    return f"{finding.rule} {finding.message}{moved}"


def _detail(label: str, text: list[str], gutter: int, style: Style) -> list[str]:
    """`= label: text`; lines after the first are to paste, so they never wrap."""
    lead = " " * (gutter + 2)
    hang = len(lead) + len(label) + 4
    start = f"{lead}{_paint('=', _QUIET, style)} {_paint(f'{label}:', _LABEL, style)}"
    if style.width is None or hang + cells(text[0]) <= style.width:
        head = [f"{start} {text[0]}"]
    else:
        head = _wrap(_words(text[0]), f"{lead}= {label}: ", hang, style)
        head[0] = start + head[0][hang - 1 :]
    return [*head, *(f"{' ' * hang}{line}".rstrip() for line in text[1:])]


def _statistics(run: Run, style: Style) -> str:
    ranked = by_rule(finding for finding in run.findings if not finding.suppressed)
    number = len(str(ranked[0][0]))
    ids = max(len(terminal(rule)) for _, rule, _ in ranked)
    rows = []
    for count, rule, severity in ranked:
        title = terminal(run.rules[rule].title) if rule in run.rules else ""
        fits = style.width is None or number + ids + cells(title) + 13 <= style.width
        start = f"{count:>{number + 1}}  {_paint(f'{severity:<7}', _SEVERITY[severity], style)}  "
        rows.append(f"{start}{terminal(rule):<{ids}}  {title if fits else ''}".rstrip())
    return "\n".join([*rows, ""])


def _note(note: str, style: Style) -> str:
    return "\n".join(_wrap([("note:", _LABEL), *_words(terminal(note))], "", len("note: "), style))


def _summary(run: Run, style: Style) -> str:
    told = parts(run)
    counting = {finding.severity for finding in run.findings if not finding.suppressed}
    bad = next((_SEVERITY[level] for level in SEVERITIES if level in counting), "")
    colors = [bad or (_GOOD if checked(run) else _CARE), *(_CARE if "not checked" in part else "" for part in told[1:])]
    texts = [*(f"{part} ·" for part in told[:-1]), told[-1]]
    # A part stays on one line if it can.
    words: list[_Word] = []
    for text, color in zip(texts, colors, strict=True):
        whole = style.width is None or cells(text) + 2 <= style.width
        words += [(word, color) for word in ([text] if whole else text.split(" "))]
    return "\n".join(_wrap(words, "", 2, style))


def _words(text: str) -> list[_Word]:
    return [(word, "") for word in text.split(" ")]


def _wrap(words: Sequence[_Word], lead: str, hang: int, style: Style) -> list[str]:
    """Lines of whole words; the first starts with `lead`, the others `hang` cells in."""
    out, line, used = [], lead, cells(lead)
    fresh = True
    for text, color in words:
        size = cells(text)
        if not fresh and style.width is not None and used + 1 + size > style.width:
            out.append(line)
            line, used, fresh = " " * hang, hang, True
        line += ("" if fresh else " ") + _paint(text, color, style)
        used += size + (0 if fresh else 1)
        fresh = False
    return [*out, line]


def _paint(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color and color else text
