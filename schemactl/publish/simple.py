"""The pages of a Python package index (PEP 503, 658, 691, 700): written, and read as any index writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from packaging.version import Version

JSON, HTML = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"
# What a client asks an index for; a static server answers in HTML whatever is asked.
ACCEPT = f"{JSON}, {HTML};q=0.2, text/html;q=0.1"
_VERSION = "1.1"
# What the page of a project is made of, if it does not say that it is one; a page to log in has more than that.
_OF_A_LIST = frozenset(
    ("html", "head", "meta", "title", "link", "base", "body", "h1", "h2", "a", "br", "hr", "pre", "ul", "li")
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII | re.IGNORECASE)


class Listed(Struct, frozen=True):
    """One file on the page of a project; `metadata` is the sha256 of what lies beside it as `url` + `.metadata`.

    What a page does not say is None, or empty.
    """

    filename: str
    url: str
    sha256: str | None
    size: int | None = None
    requires_python: str = ""
    metadata: str = ""
    yanked: bool = False


def beside(filename: str, sha256: str, size: int, requires_python: str = "", metadata: str = "") -> Listed:
    """A file that lies beside its page."""
    return Listed(filename, quote(filename), sha256, size, requires_python, metadata)


def distribution(filename: str) -> tuple[str, Version] | None:
    """Project and version that a wheel or an sdist is of; None for what is neither."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    try:
        return parse_wheel_filename(filename)[:2] if filename.endswith(".whl") else parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def project_html(name: str, listed: Iterable[Listed]) -> bytes:
    return _html(f"Links for {name}", (_anchor(each) for each in listed))


def project_json(name: str, listed: Iterable[Listed]) -> bytes:
    found = list(listed)
    versions = sorted({known[1] for each in found if (known := distribution(each.filename))})
    return _json({"name": name, "versions": list(map(str, versions)), "files": [_entry(each) for each in found]})


def root_html(names: Iterable[str]) -> bytes:
    return _html("Simple index", (f'<a href="{quote(name)}/">{escape(name)}</a>' for name in names))


def root_json(names: Iterable[str]) -> bytes:
    return _json({"projects": [{"name": name} for name in names]})


def files(content: bytes, content_type: str, base_url: str) -> list[Listed]:
    """What the page of a project at `base_url` lists; ValueError where it is no such page.

    Nothing of it is to be trusted: entries without a plain name or a usable address are left out.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in (JSON, "application/json"):
        return list(_from_json(content, base_url))
    if kind in (HTML, "text/html", "application/xhtml+xml", ""):
        return list(_from_html(content, base_url))
    raise ValueError(f"it is {kind!r}, and neither HTML nor JSON")


def _anchor(listed: Listed) -> str:
    href = f"{listed.url}#sha256={listed.sha256}" if listed.sha256 else listed.url
    said = {"href": href}
    if listed.requires_python:
        said["data-requires-python"] = listed.requires_python
    if listed.metadata:
        said |= {f"data-{each}": f"sha256={listed.metadata}" for each in ("core-metadata", "dist-info-metadata")}
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in said.items())
    return f"<a {attributes}>{escape(listed.filename)}</a>"


def _html(title: str, anchors: Iterable[str]) -> bytes:
    head = f'<meta charset="utf-8"><meta name="pypi:repository-version" content="{_VERSION}">'
    lines = "".join(f"{each}<br>\n" for each in anchors)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}<title>{escape(title)}</title></head>\n'
        f"<body>\n{lines}</body>\n</html>\n"
    ).encode()


def _entry(listed: Listed) -> dict[str, Any]:
    said: dict[str, Any] = {"filename": listed.filename, "url": listed.url}
    said["hashes"] = {"sha256": listed.sha256} if listed.sha256 else {}
    if listed.size is not None:
        said["size"] = listed.size
    if listed.requires_python:
        said["requires-python"] = listed.requires_python
    if listed.metadata:
        said |= {each: {"sha256": listed.metadata} for each in ("core-metadata", "dist-info-metadata")}
    return said


def _json(body: Mapping[str, Any]) -> bytes:
    return (json.dumps({"meta": {"api-version": _VERSION}, **body}, indent=1) + "\n").encode()


def _from_json(content: bytes, base_url: str) -> Iterator[Listed]:
    try:
        page = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ValueError("it is not JSON") from error
    said = page if isinstance(page, dict) else {}
    version = str(_of(said, "meta").get("api-version", ""))
    if not version.startswith("1.") or not isinstance(said.get("files"), list):
        raise ValueError("it is JSON, but not the page of a project as PEP 691 has it")
    for each in said["files"]:
        if isinstance(each, dict) and (found := _of_entry(each, base_url)):
            yield found


def _of_entry(entry: Mapping[str, Any], base_url: str) -> Listed | None:
    filename, url, size = entry.get("filename"), entry.get("url"), entry.get("size")
    wanted, metadata = entry.get("requires-python"), _of(entry, "core-metadata") or _of(entry, "dist-info-metadata")
    if not isinstance(filename, str) or not isinstance(url, str) or not _is_plain(filename):
        return None
    if not (where := _joined(base_url, url)):
        return None
    return Listed(
        filename=filename,
        url=urldefrag(where).url,
        sha256=_sha256(_of(entry, "hashes").get("sha256")),
        size=size if isinstance(size, int) and size >= 0 else None,
        requires_python=wanted if isinstance(wanted, str) else "",
        metadata=_sha256(metadata.get("sha256")) or "",
        yanked=entry.get("yanked") not in (None, False),
    )


def _of(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = said.get(key)
    return found if isinstance(found, dict) else {}


class _Anchors(HTMLParser):
    """The attributes of each link, and what addresses are relative to."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[dict[str, str]] = []
        self.tags: set[str] = set()
        self.is_said = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # The first of two attributes of one name counts, as it does for a browser.
        said = {name: value or "" for name, value in reversed(attrs)}
        self.tags.add(tag)
        self.is_said |= tag == "meta" and said.get("name", "").lower() == "pypi:repository-version"
        if tag == "base" and not self.base:
            self.base = said.get("href", "")
        elif tag == "a" and "href" in said:
            self.found.append(said)


def _from_html(content: bytes, base_url: str) -> Iterator[Listed]:
    parser = _Anchors()
    try:
        parser.feed(content.decode("utf-8", "replace"))
        parser.close()
    except (AssertionError, ValueError, RecursionError) as error:  # on broken declarations, as some Pythons have it
        raise ValueError("it is not readable HTML") from error
    base = _joined(base_url, parser.base) or base_url
    found = [known for said in parser.found if (known := _of_anchor(said, base))]
    if not parser.is_said and not any(distribution(each.filename) for each in found):
        if not parser.tags:
            raise ValueError("it is empty")
        if parser.tags - _OF_A_LIST:
            raise ValueError("it is a page of something else")
    yield from found


def _of_anchor(said: Mapping[str, str], base_url: str) -> Listed | None:
    where, fragment = urldefrag(_joined(base_url, said["href"]))
    filename = unquote(urlsplit(where).path.rpartition("/")[2])
    if not where or not _is_plain(filename):
        return None
    metadata = said.get("data-core-metadata") or said.get("data-dist-info-metadata", "")
    return Listed(
        filename=filename,
        url=where,
        sha256=_hash(fragment),
        requires_python=said.get("data-requires-python", ""),
        metadata=_hash(metadata) or "",
        yanked="data-yanked" in said,
    )


def _hash(text: str) -> str | None:
    """Of `sha256=…`, which may stand among other things of a fragment."""
    return next((_sha256(each[7:]) for each in text.split("&") if each.startswith("sha256=")), None)


def _sha256(text: Any) -> str | None:
    return text.lower() if isinstance(text, str) and _SHA256.fullmatch(text) else None


def _joined(base_url: str, url: str) -> str:
    """Empty for an address that cannot be, or that leads from a server into a disk or a script."""
    try:
        found = urljoin(base_url, url.strip())
        scheme = urlsplit(found).scheme
        return found if scheme in ("http", "https", urlsplit(base_url).scheme) else ""
    except ValueError:
        return ""


def _is_plain(filename: str) -> bool:
    return filename.isprintable() and filename not in ("", ".", "..") and not set(filename) & set("/\\")
