"""The target `dir:` as pip, uv and go consume it, and as publishers leave it: alone, at once, killed, without room."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from builds import CODE, PYTHON, build, product, written
from schemactl.errors import Mismatch, Rejected, ToolError, UsageError
from schemactl.package.gozip import h1_of_zip
from schemactl.publish import claims, consumed, dist, simple, tree
from schemactl.publish.dist import Dist
from schemactl.publish.pages import Pages
from schemactl.publish.state import Seen
from schemactl.target import Target
from shell import run

NAME, MODULE = "acme-events", "example.com/Acme/events-go"
VERSIONS = "go/example.com/!acme/events-go/@v"
OTHER = "f" * 40
PAGE = "simple/acme-events/index.html"
WHEEL = "simple/acme-events/acme_events-1.0.0-py3-none-any.whl"
RECORD = "releases/acme-events/1.0.0"
NOISE = random.Random(7).randbytes(50_000)


def made(directory: Path, version: str = "1.0.0", text: bytes = b"1\n", commit: str = "0123456789" * 4) -> Dist:
    """A build of one package, for Python and Go; `text` is what is in it."""
    return dist.opened(
        build(
            directory / f"{version}-{commit[:4]}-{len(text)}-{text[:1].hex()}",
            NAME,
            version,
            {**PYTHON, "acme/events/user_pb2.py": text},
            MODULE,
            {**CODE, "users/more.go": b"package users\n\n// " + text.hex().encode() + b"\n"},
            commit,
        )
    )


def put(build: Dist, root: Path) -> list[Seen]:
    return tree.put(build, Target("dir", str(root)), lambda text: None)


def look(build: Dist, root: Path) -> set[str]:
    return {each.state for each in tree.look(build, Target("dir", str(root)))}


def snapshot(root: Path) -> dict[str, bytes]:
    """Everything but the drafts that killed runs leave behind."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".schemactl-"))
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in found
        if not any(part.startswith(".schemactl-") for part in path.parts)
    }


def listed(root: Path) -> list[str]:
    page = root / PAGE
    return (
        [each.filename for each in simple.files(page.read_bytes(), simple.HTML, page.as_uri())] if page.exists() else []
    )


def versions(root: Path) -> list[str]:
    path = root / VERSIONS / "list"
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@contextmanager
def served(root: Path) -> Iterator[tuple[str, list[str]]]:
    """A static web server, and what it was asked for."""
    asked: list[str] = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            asked.append(urlsplit(self.path).path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def reachable(root: Path, how: str) -> Iterator[tuple[str, list[str]]]:
    if how == "disk":
        yield root.as_uri(), []
    else:
        with served(root) as found:
            yield found


def pip(where: str, out: Path, wanted: str) -> Any:
    words = ("--isolated", "--disable-pip-version-check", "download", "--no-deps", "--no-cache-dir", "--dest", out)
    argv = (sys.executable, "-m", "pip", *words, "--index-url", f"{where}/simple/", wanted)
    return run(*argv, cwd=out.parent, NO_PROXY="*", no_proxy="*")


def go(where: str, directory: Path, *argv: str) -> Any:
    if not shutil.which("go"):
        pytest.skip("there is no go on PATH")
    directory.mkdir(exist_ok=True)
    if not (directory / "go.mod").exists():
        (directory / "go.mod").write_text("module example.com/user\n\ngo 1.23\n")
    settings = {
        "GOPROXY": f"{where}/go", "GONOSUMDB": "example.com/*", "GOFLAGS": "-mod=mod -modcacherw", "GOWORK": "off",
        "GOTOOLCHAIN": "local", "GOMODCACHE": f"{directory}/cache", "NO_PROXY": "*", "no_proxy": "*", "GOENV": "off",
    }  # fmt: skip
    return run("go", *argv, cwd=directory, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["disk", "web"])
def test_pip_uv_and_go_consume_two_releases_in_a_row(root: Path, tmp_path: Path, how: str) -> None:
    first, second = made(tmp_path, "1.0.0"), made(tmp_path, "1.1.0", b"22\n")
    for each in (first, second):
        assert {seen.state for seen in put(each, root)} == {"published"}
    with reachable(root, how) as (where, asked):
        for wanted, version, of in ((f"{NAME}==1.0.0", "1.0.0", first), (NAME, "1.1.0", second)):
            done = pip(where, tmp_path / "pip", wanted)
            assert done.returncode == 0, done.stderr
            got = (tmp_path / f"pip/acme_events-{version}-py3-none-any.whl").read_bytes()
            assert got == of.read(of.files[0])
        assert how == "disk" or f"/{PAGE.rpartition('/')[0]}/acme_events-1.1.0-py3-none-any.whl.metadata" in asked
        uv = (Path(sys.executable).with_name("uv"), "pip", "install", "--no-config", "--no-cache", "--target", "uv")
        done = run(*uv, "--index-url", f"{where}/simple/", NAME, cwd=tmp_path, NO_PROXY="*", no_proxy="*")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "uv/acme/events/user_pb2.py").read_bytes() == b"22\n"
        done = go(where, tmp_path / "go", "list", "-m", "-versions", MODULE)
        assert done.stdout.split() == [MODULE, "v1.0.0", "v1.1.0"], done.stderr
        done = go(where, tmp_path / "go", "mod", "download", "-json", f"{MODULE}@latest")
        zipped = next(each for each in second.files if each.kind == "go-zip")
        assert json.loads(done.stdout)["Sum"] == h1_of_zip(second.read(zipped))


def test_a_list_that_another_publisher_is_about_to_write_is_waited_for(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    stale, later = (root / PAGE).read_bytes(), made(tmp_path, "1.1.0")
    put(later, root)
    whole, said = (root / PAGE).read_bytes(), list[str]()
    (root / PAGE).write_bytes(stale)

    def write(text: str) -> None:
        said.append(text)
        (root / PAGE).write_bytes(whole)

    assert consumed.python(f"{root.as_uri()}/simple/", later.files, write) == consumed.Look()
    assert said == ["waiting up to 1 s for `acme-events` to show up"]


@pytest.mark.slow
def test_a_tampered_wheel_is_refused_by_pip(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    wheel = root / "simple/acme-events/acme_events-1.0.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes().replace(b"USER", b"EVIL") + b" ")
    done = pip(root.as_uri(), tmp_path / "pip", NAME)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not list((tmp_path / "pip").glob("*"))


@pytest.mark.slow
def test_a_tampered_module_is_refused_by_go(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    assert go(root.as_uri(), tmp_path / "go", "get", f"{MODULE}@v1.0.0").returncode == 0
    other = made(tmp_path, text=b"evil\n")
    evil = next(each for each in other.files if each.kind == "go-zip")
    (root / evil.path).write_bytes(other.read(evil))
    shutil.rmtree(tmp_path / "go/cache")
    done = go(root.as_uri(), tmp_path / "go", "mod", "download", MODULE)
    assert done.returncode != 0
    assert "checksum mismatch" in done.stderr


def test_each_file_lies_where_its_consumers_look(root: Path, tmp_path: Path) -> None:
    build = made(tmp_path, "1.0.0-rc.1")
    assert look(build, root) == {"missing"}
    assert not root.exists()
    put(build, root)
    found = snapshot(root)
    packages, record = "simple/acme-events/", "releases/acme-events/1.0.0-rc.1/"
    wheel = f"{packages}acme_events-1.0.0rc1-py3-none-any.whl"
    assert set(found) == {
        "simple/index.html", "simple/index.json", f"{packages}index.html", f"{packages}index.json",
        wheel, f"{wheel}.metadata", f"{packages}acme_events-1.0.0rc1.tar.gz", "image/acme-events-1.0.0-rc.1.binpb",
        *(f"{VERSIONS}/{name}" for name in ("list", "v1.0.0-rc.1.zip", "v1.0.0-rc.1.mod", "v1.0.0-rc.1.info")),
        *(f"{record}{name}" for name in ("release.json", "provenance.json", "SHA256SUMS", "CHANGELOG.md")),
    }  # fmt: skip
    assert found[f"{wheel}.metadata"].startswith(b"Metadata-Version: 2.4\nName: acme-events\nVersion: 1.0.0rc1\n")
    assert found[f"{record}release.json"] == build.extra("release.json")
    told = json.loads(found[f"{packages}index.json"])
    assert [each.get("requires-python") for each in told["files"]] == [">=3.10", ">=3.10"]
    assert ["core-metadata" in each for each in told["files"]] == [True, False]


def test_a_second_time_nothing_is_written(root: Path, tmp_path: Path) -> None:
    build = made(tmp_path)
    put(build, root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert {each.state for each in put(build, root)} == {"same"} == look(build, root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_lists_that_are_missing_or_stale_are_made_again(root: Path, tmp_path: Path) -> None:
    build = made(tmp_path)
    put(build, root)
    whole = snapshot(root)
    lists = [name for name in whole if name.endswith(("index.html", "index.json", "/list"))]
    assert len(lists) == 5
    for name, path in ((name, root / name) for name in lists):
        path.unlink() if "json" in name else path.write_bytes(b"")
    (root / "simple/acme-events/acme_events-1.0.0-py3-none-any.whl.metadata").unlink()
    assert {each.state for each in put(build, root)} == {"same"}
    assert snapshot(root) == whole


def test_another_file_is_refused_before_anything_is_written(root: Path, tmp_path: Path) -> None:
    for name in (
        "image/acme-events-1.0.0.binpb",
        f"{VERSIONS}/v1.0.0.info",
        "simple/acme-events/acme_events-1.0.0-py3-none-any.whl.metadata",
    ):
        path = root / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"other")
        with pytest.raises(Rejected, match=r"with other content: .*checksum is") as raised:
            put(made(tmp_path), root)
        assert Path(name).name in raised.value.message
        assert snapshot(root) == {name: b"other"}
        shutil.rmtree(root)


def test_a_version_of_another_commit_is_refused_with_both_ways_on(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    before = snapshot(root)
    for step in (put, look):
        with pytest.raises(Rejected) as raised:
            step(made(tmp_path, text=b"other\n", commit=OTHER), root)
        assert (
            "the release of commit 012345678901 claimed it, and this build is of ffffffffffff" in raised.value.message
        )
        assert f"`git checkout {'0123456789' * 4}`, `schemactl release --execute`" in raised.value.hint
        assert "or release this one under a higher version" in raised.value.hint
    with pytest.raises(Rejected, match="another build of the same commit 012345678901"):
        put(made(tmp_path, text=b"other\n"), root)
    assert snapshot(root) == before


def test_a_claim_alone_keeps_others_out_and_lets_its_own_build_go_on(root: Path, tmp_path: Path) -> None:
    own = made(tmp_path)
    put(own, root)
    whole = snapshot(root)
    for name in ("simple", "go", "image"):
        shutil.rmtree(root / name)
    with pytest.raises(Rejected, match="is taken in"):
        put(made(tmp_path, text=b"other\n", commit=OTHER), root)
    assert {each.state for each in put(own, root)} == {"published"}
    assert snapshot(root) == whole


def test_a_package_that_was_published_alone_goes_on_as_a_part_of_more(root: Path, tmp_path: Path) -> None:
    shared = product("acme-shared", "1.0.0", {"acme/shared/a.py": b""})
    put(dist.opened(written(tmp_path / "one", shared)), root)
    orders = product(
        "acme-orders", "1.0.0", {"acme/orders/a.py": b""}, needs=("acme-shared>=1.0.0,<2",), requires=("acme-shared",)
    )
    both = dist.opened(written(tmp_path / "two", shared, orders, commit=OTHER))
    assert {each.path.split("-")[0]: each.state for each in put(both, root)} == {
        "python/acme_shared": "same", "image/acme": "published", "python/acme_orders": "published",
    }  # fmt: skip
    told = json.loads((root / "releases/acme-shared/1.0.0/release.json").read_bytes())
    assert told["source"]["commit"] != OTHER
    assert json.loads((root / "releases/acme-orders/1.0.0/release.json").read_bytes())["source"]["commit"] == OTHER
    assert [each["name"] for each in json.loads((root / "simple/index.json").read_bytes())["projects"]] == [
        "acme-orders", "acme-shared",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"{}", b'{"schema_version": 9}', None])
def test_a_claim_that_nobody_understands_stops_it(root: Path, tmp_path: Path, content: bytes | None) -> None:
    claim = root / "releases/acme-events/1.0.0"
    claim.mkdir(parents=True)
    (claim / ("release.json" if content else "notes.txt")).write_bytes(content or b"")
    with pytest.raises(ToolError, match=r"`.*releases/acme-events/1\.0\.0`") as raised:
        put(made(tmp_path), root)
    assert raised.value.hint
    assert len(snapshot(root)) == 1


def test_what_else_lies_there_is_no_reason_to_stop(root: Path, tmp_path: Path) -> None:
    there = root / "simple/acme-events"
    there.mkdir(parents=True)
    (there / "acme_events-0.1.0-py3-none-any.whl").write_bytes(b"broken")
    (there / "acme_events-0.2.0.tar.gz").write_bytes(b"broken")
    (there / "other-1.0.0.tar.gz").write_bytes(b"of another project")
    (there / ".schemactl-00.tmp").write_bytes(b"of a killed run")
    (there / "acme_events-0.3.0.tar.gz").symlink_to("/etc/passwd")
    (root / "simple/empty").mkdir()
    (root / VERSIONS).mkdir(parents=True)
    (root / VERSIONS / "v0.9.0.info").write_bytes(b"{}")  # without the rest, it is no version
    put(made(tmp_path), root)
    assert listed(root) == [
        "acme_events-0.1.0-py3-none-any.whl", "acme_events-0.2.0.tar.gz",
        "acme_events-1.0.0-py3-none-any.whl", "acme_events-1.0.0.tar.gz",
    ]  # fmt: skip
    assert versions(root) == ["v1.0.0"]
    assert b"empty" not in (root / "simple/index.html").read_bytes()


def refused(build: Dist, root: Path) -> str:
    """By look and put alike, before anything is written."""
    before, said = snapshot(root), list[str]()
    for step in (look, put):
        with pytest.raises(Mismatch) as raised:
            step(build, root)
        said.append(raised.value.message)
        assert snapshot(root) == before
    assert said[0] == said[1]
    return said[0]


@pytest.mark.parametrize("name", [WHEEL, "simple/acme-events/acme_events-1.0.0.tar.gz"])
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_what_was_published_and_changed_stops_every_version_of_its_project(
    root: Path, tmp_path: Path, name: str, version: str
) -> None:
    first = made(tmp_path)
    put(first, root)
    whole = snapshot(root)
    (root / name).write_bytes(whole[name] + b"evil")
    said = refused(made(tmp_path, version), root)
    assert f"`{root / name}` is not what was published as `acme-events` 1.0.0 of commit 012345678901: its" in said
    (root / name).unlink()
    (root / name).symlink_to(first.directory)
    assert f"`{root / name}` is not what was published as `acme-events` 1.0.0 of" in refused(first, root)
    (root / name).unlink()
    put(first, root)
    assert snapshot(root) == whole


@pytest.mark.parametrize(
    "name",
    [
        "acme_events-1.0.0-cp312-cp312-manylinux_2_17_x86_64.whl",
        "acme_events-1.0.0-1-py3-none-any.whl",
        "acme_events-1.0-py3-none-any.whl",
        "acme_events-1.0.0+local-py3-none-any.whl",
        "Acme.Events-1.0.0.zip",
    ],
)
def test_what_others_put_beside_a_published_version_stops_every_version_of_its_project(
    root: Path, tmp_path: Path, name: str
) -> None:
    path = (root / WHEEL).with_name(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"evil")
    first = made(tmp_path)
    said = f"`{path}` is not a file of `acme-events` 1.0.0 of commit 012345678901"
    assert refused(first, root) == said  # nobody has recorded that version yet
    path.rename(tmp_path / name)
    put(first, root)
    (tmp_path / name).rename(path)
    assert refused(first, root) == refused(made(tmp_path, "1.1.0"), root) == said
    put(dist.opened(build(tmp_path / "another", "acme-others")), root)  # no other project minds


@pytest.mark.parametrize("name", [WHEEL, WHEEL.replace("-py3", "-1-py3")])
def test_what_changes_while_it_is_published_is_not_listed(root: Path, tmp_path: Path, name: str) -> None:
    put(made(tmp_path), root)
    before = (root / PAGE).read_bytes()
    (root / name).write_bytes(b"evil")
    with pytest.raises(Mismatch, match=re.escape(f"`{root / name}`")):
        Pages(root).project(NAME)
    assert (root / PAGE).read_bytes() == before


def _without_provenance(record: Path) -> None:
    (record / "provenance.json").unlink()


def _of_another_commit(record: Path) -> None:
    path = record / "release.json"
    path.write_bytes(path.read_bytes().replace(b"0123456789" * 4, OTHER.encode()))


@pytest.mark.parametrize("change", [_without_provenance, _of_another_commit])
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_record_that_was_changed_is_told(
    root: Path, tmp_path: Path, change: Callable[[Path], None], version: str
) -> None:
    put(made(tmp_path), root)
    change(root / RECORD)
    said = refused(made(tmp_path, version), root)
    assert re.fullmatch(rf"`{root}/{RECORD}/\w+\.json` is .*: the record is not as it was published", said)


def test_sums_that_were_changed_are_told_by_their_own_build(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    sums = root / RECORD / "SHA256SUMS"
    for content in (sums.read_bytes() + b"0" * 64 + b"  python/evil\n", b"", b"evil\n"):
        sums.write_bytes(content)
        assert f"`{root / RECORD}" in refused(made(tmp_path), root)


def test_metadata_that_is_not_the_wheels_is_not_listed(root: Path, tmp_path: Path) -> None:
    put(made(tmp_path), root)
    (root / "simple/acme-events/acme_events-1.0.0-py3-none-any.whl.metadata").write_bytes(b"Requires-Dist: evil")
    put(made(tmp_path, "1.1.0"), root)
    told = json.loads((root / "simple/acme-events/index.json").read_bytes())["files"]
    assert [each["filename"] for each in told if "core-metadata" in each] == ["acme_events-1.1.0-py3-none-any.whl"]
    assert all(each["requires-python"] == ">=3.10" for each in told)


def test_a_list_that_another_publisher_overtakes_is_written_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, alone = made(tmp_path, "1.0.0"), made(tmp_path, "1.1.0"), tmp_path / "alone"
    for each in (first, second):
        put(each, alone)
    replace, overtaken = os.replace, list[str]()

    def late(draft: Path, path: Path) -> None:
        """Whoever writes a list for the first time is overtaken by a whole release, between looking and writing."""
        if path.name not in overtaken:
            overtaken.append(path.name)
            put(second, root)
        replace(draft, path)

    monkeypatch.setattr(os, "replace", late)
    put(first, root)
    assert set(overtaken) == {"index.html", "index.json", "list"}
    assert snapshot(root) == snapshot(alone)


def forked(*works: Callable[[], object]) -> list[int]:
    """Each in a process of its own, at once: 0 for one that ended, 1 for one that was refused, or minus its signal."""
    children = []
    for work in works:
        with warnings.catch_warnings():  # later Pythons tell of threads that other tests left
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            code = 70
            try:
                work()
                code = 0
            except Rejected:
                code = 1
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_publishers_of_different_versions_at_once_lose_nothing(root: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    for number in range(4):
        builds = [made(tmp_path, f"1.{number}.{patch}") for patch in range(3)]
        assert forked(*(lambda build=each: put(build, root) for each in builds)) == [0, 0, 0]
        for each in builds:
            put(each, alone)
        assert snapshot(root) == snapshot(alone)
    assert len(versions(root)) == 12
    assert len(listed(root)) == 24


def test_of_two_builds_of_one_version_at_once_one_wins_whole(root: Path, tmp_path: Path) -> None:
    for number in range(6):
        version = f"1.{number}.0"
        ours, theirs = made(tmp_path, version, NOISE), made(tmp_path, version, b"other\n", OTHER)
        codes = forked(lambda: put(ours, root), lambda: put(theirs, root))  # noqa: B023
        assert sorted(codes) == [0, 1]
        winner, loser = (ours, theirs) if codes[0] == 0 else (theirs, ours)
        assert look(winner, root) == {"same"}
        with pytest.raises(Rejected):
            put(loser, root)


def dying(build: Dist, root: Path, step: int) -> None:
    """Publishes, and is killed right before the file system is changed for that time."""
    left = itertools.count(step, -1)

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def changing(*args: Any, **more: Any) -> Any:
            changes = change is not opened or args[1] & os.O_CREAT
            if changes and next(left) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **more)

        return changing

    opened = os.open
    for name in ("open", "link", "rename", "replace", "mkdir", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    put(build, root)


def test_a_run_killed_at_any_point_and_run_again_ends_as_if_nothing_had_been(root: Path, tmp_path: Path) -> None:
    first, second, alone = made(tmp_path, "1.0.0"), made(tmp_path, "1.1.0"), tmp_path / "alone"
    put(first, alone)
    earlier = snapshot(alone)
    put(second, alone)
    whole = snapshot(alone)
    for step in itertools.count(1):
        shutil.rmtree(root, ignore_errors=True)
        put(first, root)
        (code,) = forked(lambda: dying(second, root, step))  # noqa: B023
        if code == 0:
            break
        assert code == -signal.SIGKILL
        half = snapshot(root)
        # What is there is what it will be, and what is listed is there.
        lists = {name for name in half if name.endswith(("index.html", "index.json", "/list"))}
        assert {name: half[name] for name in half.keys() - lists} == {name: whole[name] for name in half.keys() - lists}
        assert all(half[name] in (earlier[name], whole[name]) for name in lists)
        assert {f"simple/acme-events/{name}" for name in listed(root)} <= half.keys()
        assert {
            f"{VERSIONS}/{each}.{kind}" for each in versions(root) for kind in ("zip", "mod", "info")
        } <= half.keys()
        put(second, root)
        assert snapshot(root) == whole
    assert step > 30


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file gets larger than that, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_it_says_so_leaves_nothing_half_and_goes_on_later(root: Path, tmp_path: Path) -> None:
    build, alone = made(tmp_path, text=NOISE), tmp_path / "alone"
    put(build, alone)
    whole = snapshot(alone)
    for size in (10, 3_000, 20_000):
        with room_for(size), pytest.raises(ToolError) as raised:
            put(build, root)
        assert re.fullmatch(rf"`{root}/\S+` cannot be written: File too large", raised.value.message)
        assert raised.value.hint.startswith("free some disk space there, and run again")
        assert snapshot(root).items() <= whole.items()
        assert not list(root.rglob(".*"))
        assert not listed(root)
    put(build, root)
    assert snapshot(root) == whole


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not write everywhere, even where root runs the tests."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_where_it_may_not_write_it_says_so() -> None:
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        build, root = made(Path(directory)), Path(directory) / "packages"
        root.mkdir()
        root.chmod(0o555)
        with as_nobody(), pytest.raises(ToolError, match=r"Permission denied") as raised:
            put(build, root)
    assert raised.value.hint.startswith("let this user write there")


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    root = tmp_path / ("x" * 300)
    with pytest.raises(ToolError, match="File name too long") as raised:
        put(made(tmp_path), root)
    assert "shorter path" in raised.value.hint


@pytest.mark.parametrize("name", ["simple", "go", "image", "releases", "simple/acme-events", "releases/acme-events"])
def test_a_link_is_not_followed(root: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(elsewhere)
    with pytest.raises(ToolError, match="should be a directory, and is a link or a file"):
        put(made(tmp_path), root)
    assert not list(elsewhere.iterdir())


def test_a_link_in_the_place_of_a_file_or_a_list_is_not_written_through(root: Path, tmp_path: Path) -> None:
    build, elsewhere = made(tmp_path), tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    put(build, root)
    for name in (PAGE, f"{VERSIONS}/list"):
        (root / name).unlink()
        (root / name).symlink_to(elsewhere)
    put(build, root)
    assert (versions(root), len(listed(root))) == (["v1.0.0"], 2)
    (root / VERSIONS / "v1.0.0.zip").unlink()
    (root / VERSIONS / "v1.0.0.zip").symlink_to(elsewhere)
    with pytest.raises(Rejected, match="it is not a file, but a link"):
        put(build, root)
    assert elsewhere.read_bytes() == b"untouched"


def test_a_directory_in_the_place_of_a_file_is_told(root: Path, tmp_path: Path) -> None:
    (root / VERSIONS / "v1.0.0.zip").mkdir(parents=True)
    with pytest.raises(Rejected, match="it is not a file"):
        put(made(tmp_path), root)
    (root / VERSIONS / "v1.0.0.zip").rmdir()
    (root / VERSIONS / "list").mkdir()
    with pytest.raises(ToolError, match="list` cannot be written: Is a directory"):
        put(made(tmp_path), root)


def test_a_place_that_cannot_be_is_refused(tmp_path: Path) -> None:
    build = made(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(build.directory)
    for place in (tmp_path / "file", build.directory, build.directory / "python", tmp_path / "link/deeper"):
        with pytest.raises(UsageError) as raised:
            look(build, place)
        assert str(place) in raised.value.message
    put(build, tmp_path)  # the build may well be in the directory


def test_others_may_read_it_as_far_as_the_umask_lets_them(root: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(made(tmp_path), root)
    finally:
        os.umask(before)
    modes = {path.is_dir(): set[int]() for path in root.rglob("*")}
    for path in root.rglob("*"):
        modes[path.is_dir()].add(path.stat().st_mode & 0o777)
    assert modes == {True: {0o750}, False: {0o640}}


@pytest.mark.parametrize("top", [0o755, 0o750, 0o711, 0o700])
def test_who_may_read_the_top_may_read_what_any_umask_wrote(root: Path, tmp_path: Path, top: int) -> None:
    root.mkdir()
    root.chmod(top)
    before = os.umask(0o077)
    try:
        put(made(tmp_path), root)
        os.umask(0o022)
        put(made(tmp_path, "1.1.0"), root)
    finally:
        os.umask(before)
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in root.rglob("*")}
    assert modes == {(True, top), (False, {0o755: 0o644, 0o750: 0o640, 0o711: 0o644, 0o700: 0o600}[top])}


def test_a_file_system_without_links_will_do(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(draft: Path, path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    put(made(tmp_path), tmp_path / "alone")
    monkeypatch.setattr(os, "link", link)
    assert {each.state for each in put(made(tmp_path), root)} == {"published"}
    assert snapshot(root) == snapshot(tmp_path / "alone")
    assert not list(root.rglob(".*"))


def test_who_finds_the_first_package_taken_takes_none_of_the_others(tmp_path: Path) -> None:
    both = [product(name, "1.0.0") for name in ("acme-a", "acme-b")]
    other = written(tmp_path / "other", product("acme-a", "1.0.0", {"acme/a_pb2.py": b""}), commit="e" * 40)
    tree.put(dist.opened(other), Target("dir", str(tmp_path / "there")), lambda said: None)
    mine = dist.opened(written(tmp_path / "mine", *both))
    with pytest.raises(Rejected, match=r"`acme-a` 1\.0\.0 is taken"):
        claims.make(tmp_path / "there", mine)
    assert not (tmp_path / "there/releases/acme-b").exists()
