"""Looking at a server: our own GET, bounded in time and size, with credentials that go to one origin and no further."""

from __future__ import annotations

import time
import zlib
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from schemactl import __version__
from schemactl.errors import ToolError
from schemactl.publish.secrets import redacted

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector

AGAIN = "run again: it goes on where it stopped"
_TIMEOUT = 30.0  # of one read
_WHOLE = 60.0  # of all that it takes to get an answer
_WAITS = (0.3, 1.0)
_REDIRECTS = 5
_TRANSIENT = frozenset((429, 500, 502, 503, 504))
_MOVED = frozenset((301, 302, 303, 307, 308))
_PORTS = {"http": 80, "https": 443}


class Login(NamedTuple):
    name: str
    password: str


class Answer(NamedTuple):
    """`url` is where it came from in the end."""

    url: str
    status: int
    content: bytes
    content_type: str
    location: str = ""
    encoding: str = ""


class TooLarge(ToolError):
    """The answer is larger than was asked for."""


class _Asking(NamedTuple):
    """`until` when by the monotonic clock, and for no more than `most` bytes."""

    opener: OpenerDirector
    accept: str
    most: int
    until: float


class _Late(ToolError):
    """Who does not answer in time is not waited for once more."""


def get(url: str, *, accept: str = "*/*", login: Login | None = None, most: int = 64 << 20) -> Answer:
    """Any answer but the server's own trouble; a login does not follow a redirect that leads away."""
    _require_http(url)
    done: list[Answer | Exception] = []

    def ask() -> None:
        try:
            done.append(_followed(url, login, _Asking(_opener(), accept, most, time.monotonic() + _WHOLE)))
        except Exception as error:  # it is told where it was asked for
            done.append(error)

    # A socket's timeout is of one read: a server that sends a byte now and then would never be given up.
    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_WHOLE)
    if not done:
        raise _Late(f"`{shown(url)}` cannot be read: it takes more than {_WHOLE:.0f} s", AGAIN)
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]


def plain(answer: Answer, most: int = 64 << 20) -> bytes:
    """The content of a page without the encoding that some servers give it unasked; ValueError where it has another."""
    if answer.encoding in ("", "identity"):
        return answer.content
    if answer.encoding not in ("gzip", "x-gzip"):
        raise ValueError(f"it is encoded as {answer.encoding!r}")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(answer.content, most)
    except zlib.error as error:
        raise ValueError("it is not gzip, although it says so") from error
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError(f"it is cut, in parts, or larger than {most} bytes")
    return content


def _followed(url: str, login: Login | None, asking: _Asking) -> Answer:
    for _ in range(_REDIRECTS + 1):
        answer = _answer(url, login, asking)
        if answer.status not in _MOVED or not answer.location:
            return answer
        further = _further(url, answer.location)
        login = login if origin(further) == origin(url) else None
        url = further
    raise ToolError(f"`{shown(url)}` redirects without end", "check the URL in the configuration")


def origin(url: str) -> tuple[str, str, int]:
    """What a credential is for; ValueError where it is no URL."""
    found = urlsplit(url)
    return found.scheme, (found.hostname or "").rstrip("."), found.port or _PORTS.get(found.scheme, 0)


def shown(url: str) -> str:
    """Without what may be secret in it: queries are signatures."""
    return redacted(url.partition("?")[0].partition("#")[0])


def _further(url: str, location: str) -> str:
    # What servers write there is not always encoded.
    try:
        further = quote(urljoin(url, location), safe="!#$%&'()*+,/:;=?@[]~")
    except ValueError:
        raise ToolError(
            f"`{shown(url)}` redirects to something that is not an address", "name the URL that it means"
        ) from None
    _require_http(further)
    if urlsplit(url).scheme == "https" and urlsplit(further).scheme != "https":
        raise ToolError(f"`{shown(url)}` redirects to `{shown(further)}`, which is not encrypted", "name its own URL")
    return further


def _require_http(url: str) -> None:
    try:
        scheme, host, _ = origin(url)
    except ValueError:
        scheme, host = "", ""
    if scheme not in _PORTS or not host or "@" in urlsplit(url).netloc:
        raise ToolError(f"`{shown(url)}` is not an address that can be read", "it should be an https:// address")


def _answer(url: str, login: Login | None, asking: _Asking) -> Answer:
    headers = {"Accept": asking.accept, "User-Agent": f"schemactl/{__version__}"}
    if login:
        import base64

        coded = base64.b64encode(f"{login.name}:{login.password}".encode("utf-8", "surrogateescape"))
        headers["Authorization"] = f"Basic {coded.decode('ascii')}"
    for wait in (*_WAITS, None):
        answer = _once(url, headers, asking)
        if isinstance(answer, Answer) and answer.status not in _TRANSIENT:
            return answer
        late = isinstance(answer, _Late) or time.monotonic() > asking.until
        if wait is None or late or (isinstance(answer, ToolError) and answer.hint != AGAIN):
            break
        time.sleep(wait)
    if isinstance(answer, ToolError):
        raise answer from None
    raise ToolError(f"`{shown(url)}` answers {answer.status}", AGAIN)


def _once(url: str, headers: dict[str, str], asking: _Asking) -> Answer | ToolError:
    from http.client import HTTPException
    from urllib.request import Request

    try:
        with asking.opener.open(Request(url, headers=headers), timeout=_TIMEOUT) as response:
            content = _read(response, url, asking)
            said = [response.headers.get(each, "") for each in ("Content-Type", "Location", "Content-Encoding")]
            return Answer(url, response.status, content, said[0], said[1], said[2].strip().lower())
    except ToolError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        return _trouble(url, error)


def _read(response: HTTPResponse, url: str, asking: _Asking) -> bytes:
    """All of it: an answer that is cut is an error, and never a shorter answer."""
    content = bytearray()
    while chunk := response.read1(1 << 16):
        content += chunk
        if len(content) > asking.most:
            what = f"`{shown(url)}` is larger than {asking.most} bytes"
            raise TooLarge(what, "check the URL in the configuration")
        if time.monotonic() > asking.until:
            raise TimeoutError("it takes too long")
    promised = response.headers.get("Content-Length", "")
    if promised.isdigit() and int(promised) != len(content):
        raise ConnectionError("the answer was cut")
    return bytes(content)


def _trouble(url: str, error: Exception) -> ToolError:
    reason = getattr(error, "reason", error)
    if certificate := getattr(reason, "verify_message", ""):
        hint = "name the file with your authorities in SSL_CERT_FILE"
        return ToolError(f"`{shown(url)}` has a certificate that is not trusted: {certificate}", hint)
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    kind = _Late if isinstance(reason, TimeoutError) else ToolError
    return kind(f"`{shown(url)}` cannot be read: {' '.join(redacted(said).split())}", AGAIN)


def _opener() -> OpenerDirector:
    """Without what urllib would do by itself: other schemes, cookies, redirects; SSL_CERT_FILE and proxies count."""
    import ssl
    from urllib import request

    opener = request.OpenerDirector()
    secure = request.HTTPSHandler(context=ssl.create_default_context())
    for handler in (request.ProxyHandler(), request.HTTPHandler(), secure, request.UnknownHandler()):
        opener.add_handler(handler)
    return opener
