"""What consumers get of what was published: by the real pip and the real go, from disk and from a web server."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from builds import build, product, written
from indexes import pypiserver
from repositories import clean
from schemactl import gotoolchain
from schemactl.publish import consumed, dist, tree
from schemactl.publish.consumed import Look
from schemactl.publish.dist import Dist, File
from schemactl.publish.looking import Complaint
from schemactl.target import Target

MODULE = "github.com/Acme/events-go"
WHEEL = "simple/acme-events/acme_events-1.0.0-py3-none-any.whl"
SDIST = "simple/acme-events/acme_events-1.0.0.tar.gz"
PAGE = "simple/acme-events/index.html"
GO = "go/github.com/!acme/events-go/@v"
SECRET = "s3cr3t-of-acme"

needs_go = pytest.mark.skipif(gotoolchain.find() is None, reason="there is no Go")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def made(tmp_path: Path) -> Dist:
    return dist.opened(build(tmp_path / "dist", go=MODULE))


@pytest.fixture
def top(tmp_path: Path, made: Dist) -> Path:
    """Where it was published."""
    tree.put(made, Target("dir", str(tmp_path / "top")), lambda text: None)
    return tmp_path / "top"


class Server(SimpleHTTPRequestHandler):
    """Static files; the first `absent` requests below `slow` get `status` instead, and a `login` may be wanted."""

    absent: ClassVar[int] = 0
    status: ClassVar[int] = 404
    slow: ClassVar[str] = ""
    login: ClassVar[str] = ""
    asked: ClassVar[list[tuple[str, str, str]]] = []

    def do_GET(self) -> None:
        kind = type(self)
        login = self.headers.get("Authorization", "")
        kind.asked.append((self.path, self.headers.get("User-Agent", "").partition("/")[0], login))
        if kind.login and not login:
            self.send_error(401)
        elif kind.absent and self.path.startswith(kind.slow):
            kind.absent -= 1
            self.send_error(kind.status)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> type[Server]:
    return type("OneServer", (Server,), {"asked": []})


@pytest.fixture
def web(top: Path, server: type[Server]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(server, directory=str(top))) as serving:
        thread = Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def by_pip(where: str, made: Dist, place: str = "", waits: tuple[float, ...] = ()) -> Look:
    return consumed.python(f"{where}/simple/", made.files, said.append, place=place, waits=waits)


def by_go(where: str, made: Dist, waits: tuple[float, ...] = ()) -> Look:
    return consumed.go(f"{where}/go", made.files, said.append, waits=waits)


said: list[str] = []


@pytest.fixture(autouse=True)
def nothing_said() -> None:
    said.clear()


def only(look: Look) -> Complaint:
    assert len(look.complaints) == 1, look
    assert "\n" not in look.complaints[0].what
    return look.complaints[0]


def path(made: Dist, kind: str) -> str:
    return next(file.path for file in made.files if file.kind == kind)


def listed_anew(top: Path, name: str, content: bytes) -> None:
    """Another file under that name, and its checksum on the page."""
    old = hashlib.sha256((top / name).read_bytes()).hexdigest()
    (top / name).write_bytes(content)
    text = (top / PAGE).read_text().replace(old, hashlib.sha256(content).hexdigest())
    (top / PAGE).write_text(text)


def another_wheel(top: Path, name: str = WHEEL) -> bytes:
    """A wheel of the same version that pip has nothing against."""
    place = top.parent / "another.whl"
    shutil.copy(top / WHEEL, place)
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr("evil.py", "EVIL = 1\n")
    return place.read_bytes()


def test_what_lies_on_disk_is_what_was_published(made: Dist, top: Path) -> None:
    assert by_pip(top.as_uri(), made) == Look()


@needs_go
def test_what_lies_on_disk_is_what_was_published_for_go(made: Dist, top: Path) -> None:
    assert by_go(top.as_uri(), made) == Look()


def test_a_web_server_gives_what_was_published(made: Dist, web: str, server: type[Server]) -> None:
    assert by_pip(web, made) == Look()
    assert {(f"/{WHEEL}", "pip"), (f"/{SDIST}", "schemactl")} <= {(asked, agent) for asked, agent, _ in server.asked}
    # What builds an sdist runs it.
    assert (f"/{SDIST}", "pip") not in {(asked, agent) for asked, agent, _ in server.asked}


@needs_go
def test_a_web_server_gives_go_what_was_published(made: Dist, web: str) -> None:
    assert by_go(web, made) == Look()


def test_a_real_index_gives_what_was_published(made: Dist, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    for file in made.files[:2]:
        (packages / file.name).write_bytes(made.read(file))
    with pypiserver(packages) as url:
        assert by_pip(url.rstrip("/"), made) == Look()
        (packages / made.files[0].name).write_bytes(made.read(made.files[0]) + b"x")
        assert only(by_pip(url.rstrip("/"), made)).mismatch


def test_a_pre_release_is_found(tmp_path: Path) -> None:
    made = dist.opened(build(tmp_path / "dist", version="1.3.0-rc.1", go=MODULE))
    tree.put(made, Target("dir", str(tmp_path / "top")), said.append)
    assert by_pip((tmp_path / "top").as_uri(), made) == Look()
    if gotoolchain.find():
        assert by_go((tmp_path / "top").as_uri(), made) == Look()


def test_packages_are_looked_at_one_by_one(tmp_path: Path) -> None:
    made = dist.opened(written(tmp_path / "dist", product("a-one", "1.0.0"), product("b-two", "2.0.0")))
    tree.put(made, Target("dir", str(tmp_path / "top")), said.append)
    with (tmp_path / "top/simple/b-two/b_two-2.0.0-py3-none-any.whl").open("ab") as file:
        file.write(b"x")
    assert only(by_pip((tmp_path / "top").as_uri(), made)).path == "python/b_two-2.0.0-py3-none-any.whl"


@pytest.mark.parametrize("place", ["disk", "web"])
def test_a_tampered_wheel_is_loud(made: Dist, top: Path, web: str, place: str) -> None:
    content = another_wheel(top)
    (top / WHEEL).write_bytes(content)
    found = only(by_pip(top.as_uri() if place == "disk" else web, made, waits=(60,)))
    assert (found.path, found.mismatch) == (path(made, "wheel"), True)
    assert "pip refuses what is there" in found.what
    assert hashlib.sha256(content).hexdigest() in found.what


def test_a_tampered_wheel_with_the_page_to_it_is_loud(made: Dist, top: Path) -> None:
    content = another_wheel(top)
    listed_anew(top, WHEEL, content)
    found = only(by_pip(top.as_uri(), made))
    assert (found.path, found.mismatch) == (path(made, "wheel"), True)
    digest = hashlib.sha256(content).hexdigest()
    assert found.what == (
        f"pip gets `acme_events-1.0.0-py3-none-any.whl`, whose checksum is {digest}; "
        f"published was {made.files[0].sha256}"
    )


@pytest.mark.parametrize("name", ["acme_events-1.0.0-9-py3-none-any.whl", "acme_events-1.0.0+evil-py3-none-any.whl"])
def test_a_wheel_that_pip_prefers_to_ours_is_loud(made: Dist, top: Path, name: str) -> None:
    content = (top / WHEEL).read_bytes()
    if "+" in name:
        place = top.parent / name
        with zipfile.ZipFile(place, "w") as other, zipfile.ZipFile(top / WHEEL) as ours:
            for each in ours.namelist():
                changed = ours.read(each).replace(b"Version: 1.0.0", b"Version: 1.0.0+evil")
                other.writestr(each.replace("1.0.0.", "1.0.0+evil."), changed)
        content = place.read_bytes()
    (top / "simple/acme-events" / name).write_bytes(content)
    (top / PAGE).write_text((top / PAGE).read_text().replace("<body>", f'<body><a href="{name}">{name}</a>'))
    found = only(by_pip(top.as_uri(), made))
    assert found.mismatch
    assert f"pip gets `{name}`" in found.what


def test_what_is_no_wheel_is_loud(made: Dist, top: Path) -> None:
    listed_anew(top, WHEEL, b"not a zip")
    (top / PAGE).write_text((top / PAGE).read_text().replace(" data-core-metadata=", " data-none="))
    assert only(by_pip(top.as_uri(), made)).mismatch


@pytest.mark.parametrize("place", ["disk", "web"])
@pytest.mark.parametrize("how", ["longer", "other"])
def test_a_tampered_sdist_is_loud(made: Dist, top: Path, web: str, place: str, how: str) -> None:
    content = bytearray((top / SDIST).read_bytes())
    content[-1] ^= 1
    (top / SDIST).write_bytes(content if how == "other" else content + b"x")
    found = only(by_pip(top.as_uri() if place == "disk" else web, made))
    assert (found.path, found.mismatch) == (path(made, "sdist"), True)


def test_a_page_with_another_checksum_of_the_sdist_is_loud(made: Dist, top: Path) -> None:
    page = (top / PAGE).read_text()
    (top / PAGE).write_text(page.replace(hashlib.sha256((top / SDIST).read_bytes()).hexdigest(), "0" * 64))
    found = only(by_pip(top.as_uri(), made))
    assert found.mismatch
    assert f"the page says that its checksum is {'0' * 64}" in found.what


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_page_that_wants_another_python_than_the_file_is_loud(made: Dist, top: Path, kind: str) -> None:
    name, page = Path(path(made, kind)).name, (top / PAGE).read_text()
    (top / PAGE).write_text(re.sub(rf'(<a href="{name}#[^>]*data-requires-python=")[^"]*', r"\1&gt;=99", page))
    found = only(by_pip(top.as_uri(), made))
    assert (found.path, found.mismatch) == (path(made, kind), True)
    assert found.what == "the page says that it needs Python `>=99`, and it needs `>=3.10`"


def test_a_page_that_says_nothing_of_python_is_an_indexs_own_matter(made: Dist, top: Path) -> None:
    page = (top / PAGE).read_text()
    (top / PAGE).write_text(re.sub(r' data-requires-python="[^"]*"', "", page))
    assert by_pip(top.as_uri(), made) == Look()


def test_what_was_yanked_is_noted(made: Dist, top: Path) -> None:
    page = (top / PAGE).read_text()
    (top / PAGE).write_text(page.replace("<a ", '<a data-yanked="" ', 1))
    found = by_pip(top.as_uri(), made)
    assert found.complaints == ()
    assert ["is yanked there" in each for each in found.notes] == [True]


@pytest.mark.parametrize("place", ["disk", "web"])
def test_a_version_that_is_not_there_is_no_mismatch(tmp_path: Path, top: Path, web: str, place: str) -> None:
    later = dist.opened(build(tmp_path / "later", version="1.1.0", go=MODULE))
    where = top.as_uri() if place == "disk" else web
    found = by_pip(where, later).complaints
    assert [(each.path, each.mismatch) for each in found] == [(file.path, False) for file in later.files[:2]]
    assert found[0].what == "the page of its project does not list it"


def test_a_project_that_is_not_there_is_no_mismatch(tmp_path: Path, web: str, top: Path) -> None:
    other = dist.opened(build(tmp_path / "other", "acme-others"))
    for where, what in ((web, "answers 404"), (top.as_uri(), "cannot be read: No such file")):
        found = by_pip(where, other).complaints
        assert [each.mismatch for each in found] == [False, False]
        assert what in found[0].what


@pytest.mark.parametrize("slow", ["/simple/acme-events/", f"/{SDIST}"])
def test_what_shows_up_late_is_waited_for(made: Dist, web: str, server: type[Server], slow: str) -> None:
    server.absent, server.slow = 2, slow
    assert by_pip(web, made, waits=(0.01, 0.01, 0.01)) == Look()
    assert said == ["waiting up to 0 s for `acme-events` to show up"]


@needs_go
def test_what_shows_up_late_for_go_is_waited_for(made: Dist, web: str, server: type[Server]) -> None:
    server.absent, server.slow = 4, "/go/"
    assert by_go(web, made, waits=(0.01,) * 4) == Look()
    assert said == [f"waiting up to 0 s for `{MODULE}` to show up"]


def test_what_never_shows_up_is_told_when_the_time_is_over(made: Dist, web: str, server: type[Server]) -> None:
    server.absent, server.slow = 1000, "/simple/"
    found = by_pip(web, made, waits=(0.01, 0.01)).complaints
    assert [each.mismatch for each in found] == [False, False]
    assert len([asked for asked, _, _ in server.asked if asked == "/simple/acme-events/"]) == 3


def test_who_is_not_let_in_does_not_wait(made: Dist, web: str, server: type[Server]) -> None:
    server.login = "wanted"
    found = by_pip(web, made, waits=(60,)).complaints
    assert [each.mismatch for each in found] == [False, False]
    assert "answers 401" in found[1].what
    assert said == []


def test_a_server_that_is_not_there_is_no_mismatch(made: Dist) -> None:
    found = by_pip("http://127.0.0.1:9", made).complaints
    assert [each.mismatch for each in found] == [False, False]
    assert "Connection refused" in found[0].what


def test_credentials_of_uploads_never_go_to_pip(
    made: Dist, web: str, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PUBLISH_USERNAME", "ci")
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", SECRET)
    assert by_pip(web, made) == Look()
    assert not [each for each in server.asked if each[2]]
    assert by_pip(web, made, place=f"{web}/legacy/") == Look()
    assert {agent for _, agent, login in server.asked if login} == {"schemactl"}
    assert by_pip(web, made, place="https://pypi.acme.example/legacy/") == Look()


@pytest.mark.parametrize("tampered", [False, True])
def test_an_index_that_only_publishers_may_read_is_read_by_us(
    made: Dist, top: Path, web: str, server: type[Server], monkeypatch: pytest.MonkeyPatch, tampered: bool
) -> None:
    server.login = "wanted"
    monkeypatch.setenv("UV_PUBLISH_TOKEN", SECRET)
    if tampered:
        (top / WHEEL).write_bytes(another_wheel(top))
    found = by_pip(web, made, place=f"{web}/legacy/", waits=(60,))
    assert [(each.path, each.mismatch) for each in found.complaints] == [(path(made, "wheel"), True)][: int(tampered)]
    assert "without a login" in found.notes[0]
    assert {login for _, agent, login in server.asked if agent == "pip"} == {""}


def test_metadata_beside_the_wheel_that_is_another_is_loud(made: Dist, top: Path) -> None:
    (top / f"{WHEEL}.metadata").write_text("Metadata-Version: 2.1\nName: acme-events\nVersion: 1.0.0\n")
    assert only(by_pip(top.as_uri(), made)).mismatch


def test_nothing_but_the_target_is_asked(
    made: Dist, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "acme_events-1.0.0-9-py3-none-any.whl").write_bytes((top / WHEEL).read_bytes())
    (tmp_path / "pip.conf").write_text(f"[global]\nfind-links = {evil}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(evil))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_REQUIRE_HASHES", "1")
    assert by_pip(top.as_uri(), made) == Look()


@needs_go
def test_what_the_user_says_about_modules_does_not_matter(
    made: Dist, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "GOPROXY": "off", "GOPRIVATE": "github.com/Acme/*", "GONOPROXY": "*", "GOSUMDB": "sum.golang.org",
        "GOFLAGS": "-mod=vendor", "GOMODCACHE": str(tmp_path / "modules"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert by_go(top.as_uri(), made) == Look()
    assert not (tmp_path / "modules").exists()


@needs_go
@pytest.mark.parametrize("place", ["disk", "web"])
def test_a_tampered_module_is_loud(made: Dist, top: Path, web: str, place: str) -> None:
    with zipfile.ZipFile(top / GO / "v1.0.0.zip", "a") as archive:
        archive.writestr(f"{MODULE}@v1.0.0/evil.go", "package evil\n")
    found = only(by_go(top.as_uri() if place == "disk" else web, made, waits=(60,)))
    assert (found.path, found.mismatch) == (path(made, "go-zip"), True)
    assert hashlib.sha256((top / GO / "v1.0.0.zip").read_bytes()).hexdigest() in found.what


@needs_go
def test_a_tampered_go_mod_is_loud(made: Dist, top: Path) -> None:
    with (top / GO / "v1.0.0.mod").open("a") as file:
        file.write("\nrequire evil.example/evil v1.0.0\n")
    found = only(by_go(top.as_uri(), made))
    assert (found.path, found.mismatch) == (path(made, "go-mod"), True)


@needs_go
@pytest.mark.parametrize("content", [b"", b"not a zip"])
def test_what_is_no_module_is_loud(made: Dist, top: Path, content: bytes) -> None:
    (top / GO / "v1.0.0.zip").write_bytes(content)
    found = only(by_go(top.as_uri(), made))
    assert (found.path, found.mismatch) == (path(made, "go-zip"), True)


@needs_go
@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_proxy_that_is_in_trouble_is_no_mismatch(made: Dist, web: str, server: type[Server], status: int) -> None:
    server.absent, server.slow, server.status = 1000, "/go/", status
    found = only(by_go(web, made, waits=(60,)))
    assert (found.path, found.mismatch) == (path(made, "go-zip"), False)
    assert str(status) in found.what
    assert said == []


@needs_go
@pytest.mark.parametrize("suffix", ["zip", "mod", "info"])
def test_a_module_without_one_of_its_files_is_told(made: Dist, top: Path, web: str, suffix: str) -> None:
    (top / GO / f"v1.0.0.{suffix}").unlink()
    for where in (top.as_uri(), web):
        assert not only(by_go(where, made)).mismatch


@needs_go
def test_a_version_that_is_not_listed_is_told(made: Dist, top: Path) -> None:
    (top / GO / "list").write_text("v0.9.0\n")
    found = only(by_go(top.as_uri(), made))
    assert found.what == "the list of versions lacks it: `go get` takes an older one"
    assert not found.mismatch


def test_without_go_it_is_said_that_nothing_was_looked_at(made: Dist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gotoolchain, "_candidates", lambda: iter(()))
    found = by_go("file:///nowhere", made)
    assert found.complaints == ()
    assert found.notes[0].startswith("there is no Go: what it gets of the modules was not looked at")


def test_what_is_of_no_language_needs_no_look() -> None:
    image = File("image/acme-1.0.0.binpb", "image", "acme", "1.0.0", 1, "0" * 64)
    assert consumed.python("https://pypi.acme.example/simple/", [image], said.append) == Look()
    assert consumed.go("https://go.acme.example", [image], said.append) == Look()
