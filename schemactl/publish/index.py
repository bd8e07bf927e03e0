"""The target `index:`, a service that takes uploads as PyPI does: what it has is compared, what is missing uploaded."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from schemactl.errors import Rejected, ToolError
from schemactl.publish import http, simple, uploader
from schemactl.publish.dist import Dist, File
from schemactl.publish.looking import WAITS
from schemactl.publish.simple import Listed
from schemactl.publish.state import Seen, require_same
from schemactl.publish.uploader import Refusal, Upload
from schemactl.target import Target

_FOR_UPLOADS = ("legacy", "upload")
_HIDDEN = frozenset((401, 403))
_NOTHING = frozenset((404, 410))
_SIMPLE = "set `simple:` of the target to the URL that pip installs from"


def wanted(dist: Dist) -> list[File]:
    return [each for each in dist.files if each.kind in ("wheel", "sdist")]


def look(dist: Dist, target: Target) -> list[Seen]:
    """Rejected where a version has a file that does not exist of the build: consumers may get that one."""
    found = _looked(target, wanted(dist))
    if found and all(each.state == "missing" for each in found):
        _require_root(target)
    return found


def put(dist: Dist, target: Target, say: Callable[[str], None]) -> list[Seen]:
    """The first file of a version claims it: who is second with other bytes is refused before a file of his is in."""
    found = look(dist, target)
    require_same(found, str(target))
    require_ready(found, target)
    if all(each.state == "same" for each in found):
        return found
    missing = [file for file, each in zip(wanted(dist), found, strict=True) if each.state == "missing"]
    program, published = uploader.find(), set()
    for files in uploader.batches(missing):
        say(f"uploading {' and '.join(f'`{each.name}`' for each in files)} to {target}")
        _upload(dist, target, files, program, say)
        published |= {each.path for each in files}
    return [Seen(each.path, "published") if each.path in published else each for each in found]


def require_ready(found: Sequence[Seen], target: Target) -> None:
    """ToolError where what is missing there could not be uploaded."""
    _require_known(found, target)
    if any(each.state == "missing" for each in found):
        uploader.find()


def simple_url(target: Target) -> str:
    """Where consumers find what is uploaded there; by the conventions of the usual services, if nobody says it."""
    return f"{target.simple.rstrip('/')}/" if target.simple else _usual(target.place)


def _usual(place: str) -> str:
    found = urlsplit(place)
    parts = [each for each in found.path.split("/") if each]
    while parts and parts[-1] in _FOR_UPLOADS:
        parts.pop()
    if parts[-1:] != ["simple"]:
        parts.append("simple")
    return urlunsplit((found.scheme, found.netloc.removeprefix("upload."), f"/{'/'.join(parts)}/", "", ""))


def _looked(target: Target, files: Sequence[File]) -> list[Seen]:
    listings = {name: _listing(target, name) for name in dict.fromkeys(each.distribution for each in files)}
    for name, listing in listings.items():
        _require_ours(target, [each for each in files if each.distribution == name], listing)
    return [_seen(target, each, listings[each.distribution]) for each in files]


def _require_ours(target: Target, files: Sequence[File], listing: list[Listed] | str) -> None:
    ours = [_parsed(each.name) for each in files]
    known = simple.distribution(files[0].name)
    for each in listing if isinstance(listing, list) else ():
        other = simple.distribution(each.filename)
        if known and other and other[1].public == known[1].public and _parsed(each.filename) not in ours:
            raise Rejected(
                f"`{each.filename}` is in {target} already, and this build of `{files[0].package}` has no such file",
                "ask whoever runs the index whose it is; release under another version, or have it removed",
            )


def _require_root(target: Target) -> None:
    """A URL that somebody wrote down may be mistaken, and then nothing is to be found there, whatever there is.

    One that follows from that for uploads is usual: some services with pages of projects have none above them.
    """
    if not target.simple or simple_url(target) == _usual(target.place):
        return
    try:
        answer = _get(target, simple_url(target), most=1 << 16)
    except http.TooLarge:
        return
    if answer.status in _NOTHING:
        raise ToolError(f"`{http.shown(answer.url)}` answers {answer.status}: it is not an index", _SIMPLE)


def _upload(dist: Dist, target: Target, files: Sequence[File], program: Path, say: Callable[[str], None]) -> None:
    """What counts is what is there afterwards: a connection can be cut when the server has all of the file."""
    check = simple_url(target)
    to = Upload(target.place, check, uploader.login(target.place, check, check))
    with tempfile.TemporaryDirectory(prefix="schemactl-", ignore_cleanup_errors=True) as room:
        places = [Path(room) / each.name for each in files]
        for place, file in zip(places, files, strict=True):
            # The bytes that were verified: what is in the build's directory may be replaced meanwhile.
            place.write_bytes(dist.read(file))
        refusal = uploader.upload(program, places, to)
    _require_shown(dist, target, files, refusal, say)


def _require_shown(
    dist: Dist, target: Target, files: Sequence[File], refusal: Refusal | None, say: Callable[[str], None]
) -> None:
    """Who is not shown what was uploaded cannot tell either what the next file would replace."""
    left = _left(dist, target, files, refusal)
    for number, wait in enumerate(() if refusal else WAITS):
        if left is None:
            break
        if number == 0:
            say(f"waiting up to {sum(WAITS):.0f} s for `{left.name}` to show up")
        time.sleep(wait)
        left = _left(dist, target, files, refusal)
    if left and refusal:
        raise ToolError(f"`{left.name}` was not uploaded to `{target.place}`: {refusal.why}", refusal.hint)
    if left:
        what = (
            f"`{left.name}` was uploaded to `{target.place}`, and `{http.shown(simple_url(target))}` does not show it"
        )
        raise ToolError(what, f"{_SIMPLE}, or run again when that shows it")


def _left(dist: Dist, target: Target, files: Sequence[File], refusal: Refusal | None) -> File | None:
    """The first of the files that is not there."""
    names = {each.distribution for each in files}
    beside = [each for each in wanted(dist) if each.distribution in names]
    try:
        now = _looked(target, beside)
    except ToolError:
        if refusal is None:
            raise
        return files[0]
    require_same(now, str(target))
    there = {each.path for each in now if each.state == "same"}
    return next((each for each in files if each.path not in there), None)


def _require_known(found: Iterable[Seen], target: Target) -> None:
    """uv uploads where it may not look, and some services replace a file silently."""
    if hidden := next((each for each in found if each.state == "unknown"), None):
        what = f"it cannot be told whether `{hidden.path}` is in {target} already: {hidden.why}"
        raise ToolError(what, "who may read it gives UV_PUBLISH_* that may, too, or a line of ~/.netrc for its host")


def _listing(target: Target, distribution: str) -> list[Listed] | str:
    """What consumers are shown, or why that cannot be seen."""
    url = f"{simple_url(target)}{distribution}/"
    answer = _get(target, url)
    if answer.status in _NOTHING:
        return []
    if answer.status in _HIDDEN:
        return f"`{http.shown(answer.url)}` answers {answer.status}"
    if answer.status != 200:
        raise ToolError(f"`{http.shown(answer.url)}` answers {answer.status}", _SIMPLE)
    try:
        return simple.files(http.plain(answer), answer.content_type, answer.url)
    except ValueError as error:
        raise ToolError(f"`{http.shown(answer.url)}` does not list what an index has: {error}", _SIMPLE) from error


def _seen(target: Target, file: File, listing: list[Listed] | str) -> Seen:
    if isinstance(listing, str):
        return Seen(file.path, "unknown", listing)
    same = Seen(file.path, "missing")
    for each in listing:
        if _is_called(each.filename, file.name):
            same = _compared(target, file, each)
            if same.state != "same":
                break
    return same


def _compared(target: Target, file: File, listed: Listed) -> Seen:
    digest = listed.sha256
    if not digest:
        try:
            answer = _get(target, listed.url, most=file.size)
        except http.TooLarge:
            return Seen(file.path, "different", f"it has more than the {file.size} bytes of this build's")
        if answer.status != 200:
            return Seen(file.path, "unknown", f"`{http.shown(answer.url)}` answers {answer.status}")
        digest = hashlib.sha256(answer.content).hexdigest()
    if digest == file.sha256:
        return Seen(file.path, "same")
    return Seen(file.path, "different", f"sha256 {digest[:16]}… is there, {file.sha256[:16]}… in this build")


def _get(target: Target, url: str, most: int = 64 << 20) -> http.Answer:
    """Credentials for uploading may not be for reading, and then what anybody may read is shown only without them."""
    login = uploader.login(target.place, url, simple_url(target))
    answer = http.get(url, accept=simple.ACCEPT, login=login, most=most)
    if login and answer.status in _HIDDEN:
        return http.get(url, accept=simple.ACCEPT, most=most)
    return answer


def _is_called(name: str, file: str) -> bool:
    """Services spell names of files in their own way: `Acme.Events-1.0.0.tar.gz` is acme-events'."""
    return name == file or _parsed(name) == _parsed(file)


def _parsed(name: str) -> object:
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    try:
        return parse_wheel_filename(name) if name.endswith(".whl") else parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return name
