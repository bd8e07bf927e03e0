"""Puts new statements into a file so that no comment changes hands: what was about one thing stays about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemactl.element import Element
from schemactl.fix.edit import Edit, indentation, line_feed, line_start
from schemactl.fix.view import View
from schemactl.tokens import Token, tokens

# What may follow a statement in its line, up to the next line: blanks, and comments that are about it.
REST = re.compile(rb"[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*)*(?://[^\n]*|\r?)(?:\n|\Z)", re.DOTALL)
_COMMENTS = re.compile(rb"(?:[ \t]|/\*(?:(?!\*/).)*\*/)*", re.DOTALL)
_COMMENT = re.compile(rb"[ \t]*/[/*]")


def last(view: View, owner: Element, statements: Sequence[str]) -> Edit | None:
    """As the last of a message or an enum."""
    text, span = view.text(owner.file.name), view.span(owner.file, owner.path)
    if span is None or text[span[1] - 1 : span[1]] != b"}":
        return None
    brace, found = span[1] - 1, _tokens(text, span[0], span[1] - 1)
    code = [token.end for token in found if token.kind != "comment"][-1]
    comments, first = [token.start for token in found if token.start >= code], line_start(text, brace)
    feed, own_line = line_feed(text, code), not text[first:brace].strip(b" \t")
    # A comment below what it is about has to be apart from what comes now.
    apart = any(b"\n" in text[code:start] for start in comments)
    lines = _lines(text, span, statements, feed)
    if own_line:
        return Edit(owner.file.name, first, first, (feed if apart else b"") + lines)
    if apart:
        return Edit(owner.file.name, brace, brace, feed + feed + lines + indentation(text, span[0]))
    return _beside(owner, brace, statements, b"" if text[brace - 1 : brace] in b" \t" else b" ", b" ")


def behind(view: View, owner: Element, at: int, statements: Sequence[str]) -> Edit | None:
    """Behind the statement of a message or an enum that holds the byte `at`, and ends in a semicolon."""
    text, span = view.text(owner.file.name), view.span(owner.file, owner.path)
    if span is None:
        return None
    end = next((each.end for each in _tokens(text, at, span[1]) if text[each.start : each.end] == b";"), None)
    if end is None:
        return None
    rest = REST.match(text, end)
    if rest is None:
        return _beside(owner, end, statements, b" ", b"")
    if rest.end() >= span[1] or _closes(text, rest.end()):
        return last(view, owner, statements)
    return Edit(owner.file.name, rest.end(), rest.end(), _lines(text, span, statements, line_feed(text, end)))


def _closes(text: bytes, at: int) -> bool:
    """Whether comments stand there that are about what is above: nothing comes right behind them."""
    if not _COMMENT.match(text, at):
        return False
    following = next((token for token in _tokens(text, at, len(text)) if token.kind != "comment"), None)
    if following is None or text[following.start : following.end] == b"}":
        return True
    return re.search(rb"\n[ \t]*\r?\n", text[at : following.start]) is not None


def before(view: View, owner: Element, path: tuple[int, ...], statements: Sequence[str]) -> Edit | None:
    """In front of the statement with that descriptor path, and of the comments right above it."""
    text, around, span = view.text(owner.file.name), view.span(owner.file, owner.path), view.span(owner.file, path)
    if around is None or span is None:
        return None
    at = _with_comments(text, around[0], span[0])
    first = line_start(text, at)
    if text[first:at].strip(b" \t"):
        return _beside(owner, at, statements, b"", b" ")
    lines = [indentation(text, at) + each.encode() + line_feed(text, at) for each in statements]
    return Edit(owner.file.name, first, first, b"".join(lines))


def _with_comments(text: bytes, start: int, at: int) -> int:
    """Where the comments start that belong to what starts at `at`."""
    for token in reversed(_tokens(text, start, at)):
        lines = text.count(b"\n", token.end, at)
        behind_another = not _COMMENTS.fullmatch(text, line_start(text, token.start), token.start)
        if token.kind != "comment" or lines > 1 or (lines == 1 and behind_another):
            break
        at = token.start
    return at


def _beside(owner: Element, at: int, statements: Sequence[str], left: bytes, right: bytes) -> Edit:
    return Edit(owner.file.name, at, at, left + " ".join(statements).encode() + right)


def _lines(text: bytes, span: tuple[int, int], statements: Sequence[str], feed: bytes) -> bytes:
    blanks = _indentation(text, span)
    return b"".join(blanks + each.encode() + feed for each in statements)


def _indentation(text: bytes, span: tuple[int, int]) -> bytes:
    """That of the first line in the block that begins with a statement; where there is none, one step more."""
    inside = text.find(b"{", span[0])
    for token in _tokens(text, inside + 1, span[1] - 1):
        if token.kind != "comment" and not text[line_start(text, token.start) : token.start].strip(b" \t"):
            return indentation(text, token.start)
    outer = indentation(text, span[0])
    return outer + (b"\t" if b"\t" in outer else b"  ")


def _tokens(text: bytes, start: int, end: int) -> list[Token]:
    return [Token(kind, start + first, start + last) for kind, first, last in tokens(text[start:end])]
