"""Reads Buf's messages: the names and numbers in them are the only link to what they are about."""

from __future__ import annotations

import re
from typing import NamedTuple


class Said(NamedTuple):
    """The annotation stands at an element of `kind` ('file': at none), and is about its child `inner`, if any."""

    kind: str
    inner: str = ""
    number: str | None = None
    name: str | None = None
    package: str | None = None
    reserved: str | None = None
    option: str | None = None


FILE_GONE = re.compile(r'Previously present file "(?P<name>[^"]+)" was deleted')
PACKAGE_GONE = re.compile(r'Previously present package "(?P<name>[^"]+)" was deleted')
_LINKS = re.compile(r" See https?://\S+(?: for [^.]*(?:and https?://\S+ for [^.]*)?)?\.?$")
_NAMED = r'(?: with name "(?P<name>[^"]+)")?'
_RESERVING = r'(?:.* reserving the name "(?P<name>[^"]+)")?'
_PATTERNS = (
    (rf'Previously present field "(?P<number>-?\d+)"{_NAMED}', "message", "field"),
    (rf'Previously present enum value "(?P<number>-?\d+)"{_RESERVING}', "enum", "enum_value"),
    (r'Previously present RPC "(?P<name>[^"]+)" on service', "service", "method"),
    (r'Previously present oneof "(?P<name>[^"]+)" on message', "message", "oneof"),
    (
        r'Previously present (?:message|enum|service|extension) "(?P<name>[^"]+)" was deleted from '
        r'(?:package "(?P<package>[^"]*)"|file)',
        "file",
        "",
    ),
    (
        r'Previously present (?:reserved|extension) (?:range|name) "(?P<reserved>[^"]+)" on (?P<kind>message|enum) ',
        "",
        "",
    ),
    (r'Message "[^"]+" had required field "(?P<number>\d+)"', "message", "field"),
    (r'(?:Field|Extension) "\d+"', "field", ""),
    (r'Enum value "', "enum_value", ""),
    (r'RPC "', "method", ""),
    (r'Message "', "message", ""),
    (r'Enum "', "enum", ""),
    (r'File option "(?P<option>\w+)"', "none", ""),
)  # fmt: skip
_SUBJECTS = tuple((re.compile(pattern), kind, inner) for pattern, kind, inner in _PATTERNS)


def read(message: str) -> Said | None:
    for pattern, kind, inner in _SUBJECTS:
        if found := pattern.match(message):
            parts = found.groupdict()
            return Said(parts.pop("kind", kind), inner, **parts)
    return None


def without_links(message: str) -> str:
    """A terminal is no place for the addresses Buf ends some messages with."""
    return _LINKS.sub("", message)
