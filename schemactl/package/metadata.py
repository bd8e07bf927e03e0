"""The metadata of a Python distribution; each value is checked, so that none can say more than it should."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

_LONGEST = 512  # what package indexes take of a summary
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
_MARKDOWN = "text/markdown"
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_TAKEN = frozenset({"pkg-info", "pyproject.toml", "src"})  # at the top of an sdist
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Metadata(Struct, frozen=True):
    """`requires` and the values of `extras` are requirements (PEP 508); what is empty is not said.

    `description` is Markdown, what an index shows of the distribution; `licenses` are texts by the names of files.
    """

    name: str
    version: str
    summary: str = ""
    license: str = ""
    requires_python: str = ""
    requires: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = {}
    description: str = ""
    licenses: Mapping[str, bytes] = {}


def checked(metadata: Metadata) -> Metadata:
    """The same in canonical form; ValueError says what is wrong with it."""
    return Metadata(
        name=_name(metadata.name, "distribution"),
        version=_version(metadata.version),
        summary=_summary(metadata.summary),
        license=_license(metadata.license),
        requires_python=_specifiers(metadata.requires_python),
        requires=tuple(_requirements(metadata.requires)),
        extras={_extra(name): tuple(_requirements(each)) for name, each in sorted(metadata.extras.items())},
        description=_description(metadata.description),
        licenses={_license_file(name): text for name, text in sorted(metadata.licenses.items())},
    )


def core(metadata: Metadata) -> bytes:
    """METADATA of a wheel, PKG-INFO of an sdist."""
    known = checked(metadata)
    headers = "".join(f"{name}: {value}\n" for name, value in _headers(known) if value)
    return (f"{headers}\n{known.description}" if known.description else headers).encode()


def readme(metadata: Metadata) -> Mapping[str, str]:
    """The description as a pyproject.toml says it."""
    return {"content-type": _MARKDOWN, "text": metadata.description} if metadata.description else {}


def normalised(name: str) -> str:
    """As a distribution is called in the names of its files."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _headers(metadata: Metadata) -> Iterator[tuple[str, str]]:
    yield "Metadata-Version", "2.4"
    yield "Name", metadata.name
    yield "Version", metadata.version
    yield "Summary", metadata.summary
    yield "License-Expression", metadata.license
    yield from (("License-File", name) for name in metadata.licenses)
    yield "Requires-Python", metadata.requires_python
    yield from (("Requires-Dist", each) for each in metadata.requires)
    yield "Description-Content-Type", _MARKDOWN if metadata.description else ""
    for extra, requirements in metadata.extras.items():
        yield "Provides-Extra", extra
        yield from (("Requires-Dist", _only_for(extra, each)) for each in requirements)


def _only_for(extra: str, requirement: str) -> str:
    from packaging.markers import Marker
    from packaging.requirements import Requirement

    found = Requirement(requirement)
    own = f"({found.marker}) and " if found.marker else ""
    found.marker = Marker(f'{own}extra == "{extra}"')
    return str(found)


def _seen(text: str, what: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"the {what} has {len(text)} characters: {_LONGEST} are the most")
    if not _is_text(text):
        raise ValueError(
            f"the {what} {text!r} has a character that is not text, like a line break: write one plain line"
        )
    return text


def _is_text(text: str) -> bool:
    return not any(unicodedata.category(letter) in _UNSEEN or letter in _TURNING for letter in text)


def _description(text: str) -> str:
    if not _is_text(text.replace("\n", "")):
        raise ValueError("the long description has a character that is not text: write lines of plain text")
    return f"{text.strip()}\n" if text.strip() else ""


def _license_file(name: str) -> str:
    if not _FILE.fullmatch(name) or name.lower() in _TAKEN:
        raise ValueError(f"the license file {name!r} cannot be packed under this name: call it like `LICENSE`")
    return name


def _name(name: str, what: str) -> str:
    from packaging.utils import InvalidName, canonicalize_name

    try:
        canonicalize_name(_seen(name, what), validate=True)
        name.encode("ascii")
    except (InvalidName, UnicodeEncodeError):
        raise ValueError(
            f"the {what} {name!r} is not a name: use letters, digits and `-`, with a letter or digit first and last"
        ) from None
    return name


def _extra(name: str) -> str:
    from packaging.utils import canonicalize_name

    if canonicalize_name(_name(name, "extra")) != name:
        raise ValueError(f"the extra {name!r} should be {canonicalize_name(name)!r}")
    return name


def _version(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        canonical = str(Version(_seen(version, "version")))
    except InvalidVersion:
        raise ValueError(f"the version {version!r} is none that Python knows: write one like `1.3.0rc1`") from None
    if canonical != version:
        raise ValueError(f"the version {version!r} should be {canonical!r}")
    return version


def _summary(text: str) -> str:
    if _seen(text, "description") != text.strip():
        raise ValueError(f"the description {text!r} begins or ends with a space: take it away")
    return text


def _license(expression: str) -> str:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not expression:
        return ""
    try:
        return canonicalize_license_expression(_seen(expression, "license"))
    except InvalidLicenseExpression:
        raise ValueError(
            f"the license {expression!r} is not an SPDX expression: write one like `Apache-2.0` or `LicenseRef-acme`"
        ) from None


def _specifiers(specifiers: str) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(_seen(specifiers, "range of Python versions")))
    except InvalidSpecifier:
        raise ValueError(f"{specifiers!r} is not a range of Python versions: write one like `>=3.10`") from None


def _requirements(requirements: Iterable[str]) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    for each in requirements:
        try:
            found = Requirement(_seen(each, "requirement"))
        except InvalidRequirement:
            raise ValueError(f"the requirement {each!r} is none: write one like `acme-users>=1.2,<2`") from None
        if found.url:
            raise ValueError(f"the requirement {each!r} names an address: name versions, like `acme-users>=1.2,<2`")
        yield str(found)
