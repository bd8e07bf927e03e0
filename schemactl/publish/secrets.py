"""What is said without what is secret: logins in URLs, and what the environment calls a token, a password or a key."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterator
from urllib.parse import unquote

HIDDEN = "***"
_OURS = ("UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD")
_NAME = re.compile(r"TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|JWT|SSHPASS|(?:_PASS|_PW|_KEY|_AUTH)\Z", re.I)
_OF_A_PLACE = re.compile(r"_(?:FILE|PATH|DIR|URL|URI|SOCK|PROVIDER)\Z", re.I)
_PLAIN = re.compile(r"true|false|none|null|auto|always|never|disabled|\d{1,7}", re.I)
_LOGIN = re.compile(r"(?<=//)[^/?#\s]*@")
_LOGIN_OF_URL = re.compile(r"://[^/?#\s:@]*:([^/?#\s]+)@")
_SHORTEST = 4  # what is shorter is in every other word
# Whoever minted it: a token that a child was given on the way is in no variable.
_SHAPES = re.compile(
    r"pypi-[\w-]{40,}|gh[a-z]_\w{20,}|github_pat_\w{20,}|glpat-[\w.-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?<=authorization:).*",
    re.I,
)
# Both are words of prose, too: "Basic authentication failed".
_HEADER = re.compile(
    r"\b(basic|bearer)([\s:=]+)(?!(?:auth|authentication|authorization|credentials?|tokens?|realm|scheme|access|login|is|was|and|or|not)(?![\w+/~-]))"
    r"[\w+/.~*-]+=*",
    re.I,
)
_QUERY = re.compile(r"(?i)([?&][\w.-]*(?:token|sig|passw|secret|key|credential|auth)[\w.-]*=)[^&#\s\"'<>]+")
# What was found out on the way: in a netrc, in a keyring.
_told: set[str] = set()


def hide(*words: str) -> None:
    """From all that is said from now on."""
    _told.update(words)


def redacted(text: str) -> str:
    found = sorted({form for secret in _secrets() for form in _forms(secret)}, key=len, reverse=True)
    if found:
        text = re.sub("|".join(found), HIDDEN, text)
    text = _HEADER.sub(rf"\g<1>\g<2>{HIDDEN}", _LOGIN.sub("", text))
    return _QUERY.sub(rf"\g<1>{HIDDEN}", _SHAPES.sub(HIDDEN, text))


def _secrets() -> Iterator[str]:
    yield from tuple(_told)
    for name, value in os.environ.items():
        if name in _OURS or (_NAME.search(name) and not _OF_A_PLACE.search(name) and not _PLAIN.fullmatch(value)):
            yield from {value, value.strip(), *value.splitlines()}
        elif name == "UV_PUBLISH_USERNAME" and _is_random(value):
            yield value
        elif login := _LOGIN_OF_URL.search(value):  # a proxy's, an index's
            yield from {login[1], unquote(login[1])}


def _is_random(name: str) -> bool:
    """Some services want their token in place of the name; `ci` is in many a word."""
    return len(name) >= 20 and any(char.isdigit() for char in name) and any(char.isalpha() for char in name)


def _forms(secret: str) -> Iterator[str]:
    """Patterns of it: as it is, as it is in URLs, quotes and markup, and in headers."""
    if len(secret) < _SHORTEST:
        return
    yield "".join(map(_spelt, secret))
    yield from (form for form in _in_base64(secret.encode("utf-8", "surrogateescape")) if len(form) > _SHORTEST)


def _spelt(char: str) -> str:
    """Who encodes what differs from program to program, but for these."""
    if char.isascii() and (char.isalnum() or char in "-_.~"):
        return re.escape(char)
    percent = "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
    plain = "[ +]" if char == " " else rf"\\?{re.escape(char)}"
    return f"(?:{plain}|(?i:{percent}|{re.escape(json.dumps(char)[1:-1])})|{re.escape(html.escape(char))})"


def _in_base64(secret: bytes) -> Iterator[str]:
    """What is sure of it wherever it stands in something longer, like `name:password`."""
    for before in range(3):
        start, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6  # characters that hold its bits only
        coded = base64.b64encode(b"\0" * before + secret).decode("ascii")[start:end]
        yield coded.replace("+", "[+-]").replace("/", "[/_]")
