"""The uploader: `uv publish`, one file at a time, with the credentials of its user and nothing else that he has set."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from schemactl import gotoolchain, tools
from schemactl.errors import ToolError
from schemactl.publish.http import AGAIN, Login, origin
from schemactl.publish.secrets import hide, redacted

_File = TypeVar("_File")
_TIMEOUT = 1200.0  # a token of trusted publishing lives 15 minutes
# All that uv is told of its user: who he is, how the network is reached, and what proves that this is his CI job.
_TOLD = re.compile(
    r"UV_PUBLISH_(?:USERNAME|PASSWORD|TOKEN)|UV_KEYRING_PROVIDER|UV_CREDENTIALS_DIR|UV_(?:NATIVE_TLS|SYSTEM_CERTS)"
    r"|UV_HTTP_\w+|UV_UPLOAD_HTTP_TIMEOUT|SSL_CERT_FILE|SSL_CERT_DIR|SSL_CLIENT_CERT|NETRC"
    r"|(?:HTTP|HTTPS|ALL|NO)_PROXY|(?:http|https|all|no)_proxy|XDG_(?:CONFIG|DATA)_HOME|APPDATA"
    r"|GITHUB_ACTIONS|ACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN)|GITLAB_CI|[A-Z0-9_]+_ID_TOKEN"
    r"|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR|PYTHON_KEYRING_BACKEND|GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_CONFIG"
)
_HINTS = {
    re.compile(r"\b40[137]\b|credentials|permission denied|password|--token", re.I): (
        "credentials: set UV_PUBLISH_TOKEN, or UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD; trusted publishing needs"
        " `id-token: write` in the job, and the index to know it"
    ),
    re.compile(r"\b409\b|already|exists|overwrite", re.I): (
        "the index has it, and does not show it: set `simple:` of the target to the URL that pip installs from"
    ),
    re.compile(r"\b(?:30[12378]|404|405)\b|redirected|not supported", re.I): (
        "name the URL that takes uploads itself: credentials are not sent elsewhere"
    ),
    re.compile(r"\b4(?!08|29)\d\d\b"): "the index says why; what is there already stays when it is run again",
}
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_PART = re.compile(r"^\s*(?:error|cause|caused by):\s*", re.I | re.M)
_MARKUP = re.compile(r"<(style|script|title)\b.*?</\1>|<!.*?>|</?[a-z][^<>]*>", re.I | re.S)
_MOST = 300


class Upload(NamedTuple):
    """To `url`; `check` is the simple URL at which uv looks once more just before, with `login` if that needs one."""

    url: str
    check: str
    login: Login | None = None


class Refusal(NamedTuple):
    """`why` something was not uploaded, and what to do."""

    why: str
    hint: str


def find() -> Path:
    """That of the package `uv`, else PATH's."""
    try:
        import uv
    except ImportError:
        pass
    else:
        try:
            return Path(uv.find_uv_bin())
        except OSError:  # a package without its program
            pass
    if found := gotoolchain.on_path("uv"):
        return found
    raise ToolError("there is no uv, which uploads to an index", "run `pip install 'uv>=0.9,<1'`")


def login(place: str, url: str, simple: str = "") -> Login | None:
    """For `url`: credentials for uploading to `place` go to its origin only, those of a netrc to that of `simple`, too.

    What a page links to is chosen by whoever wrote it.
    """
    found = _login(place, url, simple)
    if found:
        hide(found.password, f"{found.name}:{found.password}")
    return found


def _login(place: str, url: str, simple: str) -> Login | None:
    try:
        asked, ours, listing = origin(url), origin(place), origin(simple)
    except ValueError:
        return None
    if asked == ours:
        name, password = (os.environ.get(f"UV_PUBLISH_{each}", "") for each in ("USERNAME", "PASSWORD"))
        if token := os.environ.get("UV_PUBLISH_TOKEN"):
            return Login("__token__", token)
        if name and (password := password or _of_keyring(place, name)):
            return Login(name, password)
    return _of_netrc(url) if asked in (ours, listing) else None


def batches(files: Sequence[_File]) -> list[list[_File]]:
    """What is uploaded by one run: a file, so that their order is certain.

    All of them where GitLab says who publishes: its proof lasts for the job, and an index takes a proof once.
    """
    known = environment()
    proven = any(name.endswith("_ID_TOKEN") for name in known) and "GITLAB_CI" in known
    if proven and not known.keys() & {"UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD"}:
        return [list(files)] if files else []
    return [[each] for each in files]


def upload(program: Path, files: Sequence[Path], to: Upload) -> Refusal | None:
    """Why not all of them were uploaded, if so; secrets are in the environment only, where nobody else looks."""
    options = ("--no-config", "--no-cache", "--no-progress", "--color", "never", "--trusted-publishing", "automatic")
    env = environment() | {"UV_PUBLISH_CHECK_URL": _with_login(to.check, to.login)}
    argv = (str(program), "publish", *options, "--publish-url", to.url, "--", *(each.name for each in files))
    try:
        done = tools.run(argv, cwd=files[0].parent, env=env, ok=None, timeout=_TIMEOUT)
    except tools.Timeout as error:
        return Refusal(error.message, AGAIN)
    return None if done.code == 0 else _refusal(done.stderr.decode("utf-8", "replace"))


def environment() -> dict[str, str]:
    """Beside what every child has."""
    return {name: value for name, value in os.environ.items() if value and _TOLD.fullmatch(name)}


def _refusal(said: str) -> Refusal:
    # Of an error and its causes the last one is what happened; before it may stand why there is no other login.
    why = redacted(_PART.split(said)[-1])
    why = " ".join(html.unescape(_MARKUP.sub(" ", why)).split()).removesuffix(" Server says:") or "it does not say why"
    why = why if len(why) <= _MOST else f"{why[:_MOST]} …"
    return Refusal(why, _hint(why))


def _hint(why: str) -> str:
    return next((hint for pattern, hint in _HINTS.items() if pattern.search(why)), AGAIN)


def _with_login(url: str, login: Login | None) -> str:
    from urllib.parse import quote

    if login is None:
        return url
    scheme, _, rest = url.partition("://")
    name, password = (quote(each, safe="", errors="surrogateescape") for each in login)
    return f"{scheme}://{name}:{password}@{rest}"


def _of_netrc(url: str) -> Login | None:
    import netrc

    scheme, host, _ = origin(url)
    if scheme != "https" and host not in _LOOPBACK:
        return None  # a page may link to anything
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        known = netrc.netrc(path).hosts.get(host)  # and not its `default`, which is for whoever asks
    except (OSError, ValueError, RuntimeError, netrc.NetrcParseError):
        return None
    return Login(known[0] or known[1], known[2]) if known and known[2] else None


def _of_keyring(place: str, name: str) -> str:
    """As uv asks it: for the URL, then for the host."""
    program = gotoolchain.on_path("keyring") if os.environ.get("UV_KEYRING_PROVIDER") == "subprocess" else None
    _, host, port = origin(place)
    for service in (place, f"{host}:{port}", host) if program else ():
        done = tools.run((str(program), "get", service, name), env=environment(), ok=None, timeout=30)
        if done.code == 0 and (found := done.stdout.decode("utf-8", "replace").strip("\r\n")):
            return found
    return ""
