"""What Go takes for the path of a module or of a package, as golang.org/x/mod judges it."""

from __future__ import annotations

import re

_LONGEST = 255
_ELEMENT = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_FIRST = re.compile(r"[a-z0-9.-]+", re.ASCII)
_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])", re.IGNORECASE)
_SHORT = re.compile(r"~\d+")
_MAJOR = re.compile(r"/v([\d.]+)", re.ASCII)
_NUMBER = r"(?:0|[1-9]\d*)"
_WORD = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(rf"v({_NUMBER})\.{_NUMBER}\.{_NUMBER}(?:-{_WORD}(?:\.{_WORD})*)?(\+incompatible)?", re.ASCII)


def of_module(path: str) -> str:
    """What is wrong with the path of a module, or nothing."""
    first, *rest = path.split("/")
    if len(path) > _LONGEST:
        return f"should be at most {_LONGEST} characters long"
    if not _FIRST.fullmatch(first) or "." not in first or first.startswith("-"):
        return "should start with a domain in lower case, like `github.com/acme/events-go`"
    if first == "gopkg.in":
        return "should not be on gopkg.in, which names versions in its own way"
    if wrong := next((wrong for each in (first, *rest) if (wrong := of_element(each))), ""):
        return wrong
    if (major := ending(path)) is not None and not re.fullmatch(r"[2-9]|[1-9]\d+", major):
        return f"should not end in `/v{major}`: only `/v2` and above stand in a path"
    return ""


def of_package(path: str, module: str) -> str:
    """What is wrong with the import path of a package of that module, or nothing."""
    if path == module:
        return ""
    if not path.startswith(f"{module}/"):
        return f"should be `{module}` or a path below it"
    parts = path.removeprefix(f"{module}/").split("/")
    if {"internal", "vendor"} & set(parts):
        return "cannot be imported by others: nothing in `internal` and `vendor` can"
    return next((wrong for each in parts if (wrong := of_element(each, more="+"))), "")


def of_element(name: str, *, more: str = "") -> str:
    """What is wrong with the name of a directory in a path, or nothing; `more` characters may stand in it."""
    if not name or name.startswith(".") or name.endswith("."):
        return "should have no empty part, and none that starts or ends with a dot"
    if not _ELEMENT.fullmatch(name.translate(dict.fromkeys(map(ord, more)))):
        return "should be made of letters, digits, `.`, `_`, `~` and `-`, with `/` between names"
    stem = name.partition(".")[0]
    if _DEVICE.fullmatch(stem):
        return f"should not hold `{stem}`, which is a device on Windows"
    if _SHORT.fullmatch(stem[stem.rfind("~") :] if "~" in stem else ""):
        return "should not end in `~` and digits, as short names on Windows do"
    return ""


def of_version(version: str, module: str) -> str:
    """What is wrong with a version of that module, or nothing."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return "should be a whole version, like `v1.2.0`"
    major, incompatible = found[1], bool(found[2])
    wanted = ending(module)
    if wanted is None:
        fits = major in ("0", "1") if not incompatible else major not in ("0", "1")
    else:
        fits = major == wanted and not incompatible
    return "" if fits else f"should be a version of `{module}`, which has {f'v{wanted}' if wanted else 'v0 and v1'}"


def ending(path: str) -> str | None:
    """The major version that the path ends in: `2` of `example.com/acme/v2`."""
    _, slash, last = path.rpartition("/")
    found = _MAJOR.fullmatch(slash + last)
    return found[1] if found else None


def without_major(path: str) -> str:
    """What a module is called whatever its version."""
    major = ending(path)
    return path.removesuffix(f"/v{major}") if major else path
