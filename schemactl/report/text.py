"""The `text` format: findings for people, each with its line, carets, what to do, and a summary of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from schemactl.finding import SEVERITIES, Finding, Location
from schemactl.report import Run, Style
from schemactl.report.escape import lines, terminal
from schemactl.report.excerpt import Excerpt, cells, excerpts
from schemactl.report.summary import checked, parts, standing

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
    blocks = [_block(change, excerpt, style) for change in _changes(run.findings)]
    if run.statistics and run.findings:
        blocks.append(_statistics(run, style))
    closing = [*(_note(note, style) for note in run.notes), _summary(run, style)]
    return "\n".join([*blocks, *closing, ""])


def _changes(findings: Iterable[Finding]) -> Collection[list[Finding]]:
    """Findings of one change together, at the place of its first; any other finding alone."""
    changes: dict[str | int, list[Finding]] = {}
    for index, finding in enumerate(findings):
        changes.setdefault(finding.change or index, []).append(finding)
    return changes.values()


def _block(change: list[Finding], excerpt: Callable[[Location, int], Excerpt | None], style: Style) -> str:
    first = change[0] if len(change) == 1 else min(change, key=lambda finding: SEVERITIES.index(finding.severity))
    place = first.location
    gutter = len(str(place.line)) if place else 1
    drawn = excerpt(place, (style.width or _WIDEST_SOURCE) - gutter - 4) if place else None
    block = _title(first, change, style)
    if drawn and place:
        block += _source(drawn, str(place.line), _SEVERITY[first.severity], style)
    for label, text in _details(first, change):
        block += _detail(label, text, gutter, style)
    return "\n".join([*block, ""])


def _title(first: Finding, change: list[Finding], style: Style) -> list[str]:
    color = _SEVERITY[first.severity]
    ids = terminal(first.rule if len(change) == 1 else ", ".join(dict.fromkeys(finding.rule for finding in change)))
    message = terminal(first.message)
    where = [(f"{terminal(_place(first.location))}:", _BOLD)] if first.location else []
    title: list[_Word] = [*where, (f"{first.severity} {ids}", color)]
    whole = " ".join([*(_paint(*word, style) for word in title), message])
    if style.width is None or sum(cells(text) + 1 for text, _ in title) + cells(message) <= style.width:
        return [whole]
    words = [(word, color) for text, color in title for word in text.split(" ")]
    return [*_wrap(words, "", _HANG, style), *_wrap(_words(message), " " * _HANG, _HANG, style)]


def _source(drawn: Excerpt, line: str, color: str, style: Style) -> list[str]:
    bar = _paint(f" {' ' * len(line)} |", _QUIET, style)
    carets = _paint("^" * drawn.carets, color, style)
    return [bar, f"{_paint(f' {line} |', _QUIET, style)} {drawn.line}", f"{bar} {' ' * drawn.indent}{carets}"]


def _details(first: Finding, change: list[Finding]) -> Iterable[tuple[str, list[str]]]:
    """What stands below the source, each once: the other messages of the change, the old place, the help."""
    others = {_also(finding, first): None for finding in change if finding.message != first.message}
    yield from (("also", [terminal(text)]) for text in others)
    yield from (("was", [terminal(text)]) for text in _once(standing(f.against) for f in change if f.against))
    yield from (("help", lines(text)) for text in _once(finding.help for finding in change if finding.help))
    yield from (("suppressed", [terminal(text)]) for text in _once(f.suppressed for f in change if f.suppressed))


def _also(finding: Finding, first: Finding) -> str:
    moved = finding.location and finding.location != first.location
    return f"{finding.rule} {finding.message}" + (f" ({_place(finding.location)})" if moved else "")


def _once(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(texts)


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
    found = Counter((finding.rule, finding.severity) for finding in run.findings)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    number = len(str(ranked[0][1]))
    ids = max(len(terminal(rule)) for rule, _ in found)
    rows = []
    for (rule, severity), count in ranked:
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


def _place(place: Location | None) -> str:
    return f"{place.path}:{place.line}:{place.column}" if place else ""


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
