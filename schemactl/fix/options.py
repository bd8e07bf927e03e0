"""Reads what the options of a file name: extensions, fields, values of enums, and the key paths of topics.

Descriptors keep only the numbers of these. What cannot be told is doubtful, and left to others.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from schemactl.fix.index import ENUM, Index
from schemactl.fix.mention import Mention, parts
from schemactl.position import BOM
from schemactl.tokens import Token, tokens

_WORD = re.compile(rb"[A-Za-z_]\w*", re.ASCII)
_SCOPES = ("message", "enum", "service", "group")
_CLOSING = {"{": "}", "<": ">"}
_KEY, _TOPIC = "schemactl.v1.Topic.key", "schemactl.v1.Topic.name"


class _Slot(NamedTuple):
    """What a value is for: the field `name`, of a message or (`enum`) an enum, if the type has a name."""

    name: str
    type: str
    enum: bool = False


_UNKNOWN = _Slot("", "")


def read(source: bytes, package: str, index: Index) -> tuple[set[Mention], set[str]]:
    """Mentions in the options of a file that compiles, and doubtful words."""
    reader = _Reader(source, index)
    try:
        while reader.more:
            reader.block(package)
    except RecursionError:  # a value may be nested deeper than any message
        return set(), {word.decode() for word in _WORD.findall(source)}
    return reader.mentions, reader.doubtful


class _Reader:
    def __init__(self, source: bytes, index: Index) -> None:
        self.mentions: set[Mention] = set()
        self.doubtful: set[str] = set()
        self._source = source
        self._index = index
        first = len(BOM) if source.startswith(BOM) else 0
        self._tokens = [token for token in tokens(source) if token.kind != "comment" and token.start >= first]
        self._end = Token("symbol", len(source), len(source))
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._tokens)

    @property
    def _token(self) -> Token:
        """The next one, which is left where it is."""
        return self._tokens[self._at] if self.more else self._end

    def _text(self) -> str:
        _, start, end = self._token
        return self._source[start:end].decode("utf-8", "replace")

    def _take(self) -> str:
        text = self._text()
        self._at += 1
        return text

    def _took(self, *texts: str) -> bool:
        found = self._text() in texts
        self._at += found
        return found

    def block(self, scope: str) -> None:
        """Statements up to the end of the block, that included."""
        while self.more and not self._took("}"):
            if self._took("option"):
                self._option(scope, "")
            else:
                self._statement(scope)

    def _statement(self, scope: str) -> None:
        words: list[str] = []
        while self.more and self._text() != "}":
            word = self._take()
            if word == ";":
                return
            if word == "{":
                opens = [number for number, each in enumerate(words[:-1]) if each in _SCOPES]
                self.block(f"{scope}.{words[opens[-1] + 1]}".lstrip(".") if opens else scope)
                return
            if word == "[":
                name = words[words.index("=") - 1] if "=" in words else ""
                while self.more and not self._took("]"):
                    self._option(scope, name)
                    self._took(",")
            words.append(word)

    def _option(self, scope: str, holder: str) -> None:
        """`name = value`; `holder` is the name of the field or value that it is set on, in brackets."""
        custom, slot, first = False, _UNKNOWN, self._text()
        while self.more and not self._took("="):
            if self._took("("):
                custom, slot = True, self._extension(scope, ")")
            elif not self._took("."):
                slot = self._field(slot.type) if custom else _UNKNOWN
                self._at += 1
        if first == "default":
            slot = self._declared(scope, holder)
            custom = slot.enum or slot is _UNKNOWN
        self._value(slot, scope, custom)
        self._took(";")

    def _declared(self, scope: str, name: str) -> _Slot:
        """The field or extension of that name, declared right there."""
        full_name = f"{scope}.{name}".lstrip(".")
        fields = (each for each in getattr(self._index.types.get(scope), "field", ()) if each.name == name)
        field = next(fields, None) or self._index.extensions.get(full_name)
        return _slot(full_name, field) if field else _UNKNOWN

    def _extension(self, scope: str, closing: str) -> _Slot:
        """The extension whose name stands there in brackets; of a URL in brackets its message, as a field of it."""
        written, words = "", list[tuple[int, int]]()
        while self.more and not self._took(closing):
            token, text = self._token, self._take()
            if text in ("/", "%", "-"):
                written, words = "", []
                continue
            written += text
            words += [token[1:]] if token.kind == "word" else []
        extensions, types = self._index.extensions, self._index.types
        name = self._index.resolve(written, scope, extensions) or self._index.resolve(written, scope, types)
        if name is None:
            self.doubtful.update(written.split("."))
            return _UNKNOWN
        self.mentions.update(parts(words, name))
        return _slot(name, extensions[name]) if name in extensions else _Slot("", name)

    def _field(self, message: str) -> _Slot:
        """The field of a message that is named there; the name is left there."""
        token, name = self._token, self._text()
        field = self._index.field(message, name)
        if field is None or field.name != name:
            self.doubtful.add(name)
            return _slot(name, field) if field else _UNKNOWN
        self.mentions.add(Mention(token.start, token.end, f"{message}.{name}"))
        return _slot(f"{message}.{name}", field)

    def _value(self, slot: _Slot, scope: str, custom: bool) -> None:
        if self._text() in _CLOSING:
            self._message(slot, scope, _CLOSING[self._take()])
        elif self._took("["):
            while self.more and not self._took("]"):
                self._value(slot, scope, custom)
                self._took(",")
        elif self._token.kind == "text":
            while self._token.kind == "text":
                self._string(slot, scope, custom)
        else:
            while self._took("-", "+"):
                pass
            self._word(slot, custom)

    def _message(self, slot: _Slot, scope: str, closing: str) -> None:
        """A message in text format, up to its end."""
        while self.more and not self._took(closing):
            if self._took("["):
                inner = self._extension(scope, "]")
            else:
                inner = self._field(slot.type)
                self._at += 1
            self._took(":")
            self._value(inner, scope, True)
            self._took(",", ";")

    def _word(self, slot: _Slot, custom: bool) -> None:
        token, name = self._token, self._take()
        if token.kind != "word":
            return
        if slot.enum and (value := self._index.value(slot.type, name)):
            self.mentions.add(Mention(token.start, token.end, value))
        elif custom and name not in ("true", "false", "inf", "nan"):
            self.doubtful.add(name)

    def _string(self, slot: _Slot, scope: str, custom: bool) -> None:
        _, start, end = self._token
        self._at += 1
        if slot.name == _KEY and self._token.kind != "text":
            start = self._key(start + 1, end - 1, scope)
        if custom and slot.name != _TOPIC:
            self.doubtful.update(word.decode() for word in _WORD.findall(self._source, start, end))

    def _key(self, start: int, end: int, scope: str) -> int:
        """Mentions of the fields that a topic's key leads through, from its message on; where they end."""
        message = scope
        for segment in self._source[start:end].split(b"."):
            name = segment.decode("ascii", "replace")
            field = self._index.field(message, name)
            if field is None or field.name != name:
                return start
            self.mentions.add(Mention(start, start + len(segment), f"{message}.{name}", scope))
            message = field.type_name[1:]
            start += len(segment) + 1
        return end


def _slot(name: str, field: Any) -> _Slot:
    return _Slot(name, field.type_name.removeprefix("."), field.type == ENUM)
