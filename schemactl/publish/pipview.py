"""A package index as pip sees it: wheels, which it downloads, and sdists, which it would build, as they are listed."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.publish import facts, http, simple, uploader
from schemactl.publish.dist import File
from schemactl.publish.looking import Complaint
from schemactl.publish.secrets import redacted
from schemactl.publish.simple import Listed

_TIMEOUT = 300.0
# How pip reaches an index; which one, and what else it would mix in, is not the user's to say here.
_REACH = re.compile(
    r"PIP_(?:CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|DEFAULT_TIMEOUT|TIMEOUT|RETRIES|KEYRING_PROVIDER)"
    r"|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|(?:https?|all|no)_proxy"
    r"|PYTHON_KEYRING_BACKEND|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR",
    re.IGNORECASE,
)
_OPTIONS = (
    "--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-cache-dir", "--no-input",
    "--disable-pip-version-check", "--progress-bar=off", "--quiet",
)  # fmt: skip
_SUMS = re.compile(r"Expected sha256 ([0-9a-f]{64})\s+Got\s+([0-9a-f]{64})")
_OTHER = re.compile(r"inconsistent|invalid (?:wheel|metadata)|is invalid|BadZipFile|not a zip file", re.IGNORECASE)
_ABSENT, _HIDDEN = (404, 410), (401, 403)
_NOT_LET_IN = (
    "pip does not get the wheels without a login, and is never given that for uploads: they were read and compared"
    " without it; a line of ~/.netrc lets it in"
)
_LARGEST = 64 << 20  # of a page


class _Trouble(NamedTuple):
    """Why something cannot be looked at: it may be there in a while, or is not for everybody."""

    what: str
    late: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class View:
    """`place` is what files were uploaded to, whose credentials are for our own reading there, and never for pip."""

    url: str
    place: str
    pip: Sequence[str]
    room: Path
    notes: list[str] = field(default_factory=list)

    def look(self, files: Sequence[File]) -> list[Complaint]:
        pages = {name: self._page(name) for name in dict.fromkeys(file.distribution for file in files)}
        found = (self._file(file, pages[file.distribution]) for file in files)
        return [each for each in found if each]

    def _file(self, file: File, page: list[Listed] | _Trouble) -> Complaint | None:
        if isinstance(page, list):
            entries = [each for each in page if each.filename == file.name]
            if not entries:
                return Complaint(file.path, "the page of its project does not list it", late=True)
            if any(each.yanked for each in entries):
                self._note(f"`{file.name}` is yanked there: only who asks for that very version gets it")
            return self._wheel(file, entries) if file.kind == "wheel" else self._read_whole(file, entries)
        # Who may see a page is pip's own matter, too.
        if file.kind == "wheel" and page.hidden:
            seen = self._by_pip(file)
            if seen is None or seen.mismatch:
                return seen
        return Complaint(file.path, page.what, late=page.late)

    def _page(self, distribution: str) -> list[Listed] | _Trouble:
        url = f"{self.url.rstrip('/')}/{distribution}/"
        try:
            answer = self._read(f"{url}index.html" if _is_on_disk(url) else url, _LARGEST)
            if isinstance(answer, _Trouble):
                return answer
            return simple.files(http.plain(answer), answer.content_type, answer.url)
        except (http.TooLarge, ValueError) as error:
            return _Trouble(f"`{http.shown(url)}` is not a page of an index: {error}")

    def _read_whole(self, file: File, entries: Sequence[Listed]) -> Complaint | None:
        for entry in entries:
            if entry.sha256 not in (None, file.sha256):
                return _other(file, f"the page says that its checksum is {entry.sha256}")
            try:
                answer = self._read(entry.url, file.size)
            except http.TooLarge:
                return _other(file, f"what is there has more than its {file.size} bytes")
            if isinstance(answer, _Trouble):
                return Complaint(file.path, answer.what, late=answer.late)
            if (digest := hashlib.sha256(answer.content).hexdigest()) != file.sha256:
                return _other(file, f"the checksum of what is there is {digest}")
            if wrong := _misplaced(file, entry, answer.content):
                return wrong
        return None

    def _wheel(self, file: File, entries: Sequence[Listed]) -> Complaint | None:
        found = self._by_pip(file)
        if found is None:
            content = (self.room / "wheels" / file.name).read_bytes()
            return next((wrong for each in entries if (wrong := _misplaced(file, each, content))), None)
        if not found.late or not self._is_for_publishers:
            return found
        self._note(_NOT_LET_IN)
        return self._read_whole(file, entries)

    def _note(self, what: str) -> None:
        if what not in self.notes:
            self.notes.append(what)

    @property
    def _is_for_publishers(self) -> bool:
        """Whether we read there as who publishes, and pip does not."""
        ours, everybodys = (uploader.login(place, self.url, self.url) for place in (self.place, ""))
        return not _is_on_disk(self.url) and ours != everybodys

    def _by_pip(self, file: File) -> Complaint | None:
        """Without a checksum that pip should look for: most consumers give it none, and get what it prefers."""
        target = self.room / "wheels"
        for stale in target.iterdir() if target.is_dir() else ():
            stale.unlink()
        where = ("--index-url", self.url, "--dest", str(target))
        argv = (*self.pip, "download", *_OPTIONS, *where, f"{file.distribution}=={file.version}")
        done = tools.run(argv, cwd=self.room, env=_environment(self.url), timeout=_TIMEOUT, ok=None)
        if done.code != 0:
            return _refused(file, done.stderr.decode("utf-8", "backslashreplace"))
        got = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in target.iterdir()}
        if got == {file.name: file.sha256}:
            return None
        return _other(file, "pip gets " + " and ".join(f"`{name}`, whose checksum is {got[name]}" for name in got))

    def _read(self, url: str, most: int) -> http.Answer | _Trouble:
        """TooLarge where there is more."""
        if _is_on_disk(url):
            return _on_disk(url, most)
        try:
            login = uploader.login(self.place, url, self.url)
            answer = http.get(url, accept=simple.ACCEPT, login=login, most=most)
        except http.TooLarge:
            raise
        except ToolError as error:
            return _Trouble(error.message)
        if answer.status == 200:
            return answer
        what = f"`{http.shown(answer.url)}` answers {answer.status}"
        return _Trouble(what, late=answer.status in _ABSENT, hidden=answer.status in _HIDDEN)


def pip(room: Path) -> Sequence[str] | None:
    """Ours; without one, as in tools that are installed by others, that which comes with Python, if any does."""
    if find_spec("pip"):
        return (sys.executable, "-I", "-m", "pip")
    if tools.run((sys.executable, "-I", "-m", "venv", str(room / "pip")), ok=None).code != 0:
        return None
    program = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return (str(room / "pip" / program), "-I", "-m", "pip")


def _environment(url: str) -> Mapping[str, str]:
    reach = {name: value for name, value in os.environ.items() if _REACH.fullmatch(name)}
    return {"PIP_CONFIG_FILE": os.devnull, **({} if _is_on_disk(url) else reach)}


def _is_on_disk(url: str) -> bool:
    return urlsplit(url).scheme == "file"


def _on_disk(url: str, most: int) -> http.Answer | _Trouble:
    try:
        with Path(url2pathname(urlsplit(url).path)).open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise http.TooLarge("it is too large")
        return http.Answer(url, 200, content, "text/html")
    except (OSError, ValueError) as error:
        return _Trouble(f"`{http.shown(url)}` cannot be read: {getattr(error, 'strerror', None) or error}")


def _refused(file: File, said: str) -> Complaint:
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    why = redacted(" ".join((errors or said.splitlines()[-1:] or ["it does not say why"])[0].split()))
    if found := _SUMS.search(said):
        whose = "its" if found[1] == file.sha256 else "a"  # that of its metadata, or another file's
        return _other(file, f"pip refuses what is there: {whose} checksum is {found[2]}, and the page says {found[1]}")
    if _OTHER.search(said):
        return _other(file, f"pip refuses what is there: {why}")
    return Complaint(file.path, f"pip cannot get it: {why}", late=True)


def _misplaced(file: File, entry: Listed, content: bytes) -> Complaint | None:
    """By what pip chooses before it has the file: whose Python is not as the page wants it gets another, or nothing."""
    from email.parser import BytesHeaderParser

    core = BytesHeaderParser().parsebytes(facts.metadata(file.name, content))
    needed = str(core.get("Requires-Python", ""))
    if not entry.requires_python or _specified(entry.requires_python) == _specified(needed):
        return None
    what = f"the page says that it needs Python `{entry.requires_python}`, and it needs `{needed or 'any'}`"
    return Complaint(file.path, what, mismatch=True)


def _specified(text: str) -> object:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return text


def _other(file: File, what: str) -> Complaint:
    return Complaint(file.path, f"{what}; published was {file.sha256}", mismatch=True)
