from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Lock

import pytest

import shell
from builds import build
from indexes import Front, certificate, free_port, front, pypiserver, without_hashes
from schemactl.errors import Failure, Rejected, ToolError
from schemactl.publish import http, index, uploader
from schemactl.publish.dist import Dist, opened
from schemactl.target import Target

TOKEN = "acme-t0ken/with+odd=chars"
OTHER: Mapping[str, bytes] = {"acme/events/user_pb2.py": b"USER = 2\n"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def behind(packages: Path) -> Iterator[str]:
    with pypiserver(packages) as url:
        yield url


@pytest.fixture
def served(behind: str) -> Iterator[Front]:
    with front(behind) as known:
        yield known


@pytest.fixture(autouse=True)
def who(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's proxy, and nobody's CI job, but for a token."""
    for name in list(os.environ):
        if re.fullmatch(r"(?i)\w+_PROXY|UV_.*|GITHUB_ACTIONS|GITLAB_CI|ACTIONS_ID_.*|.*_ID_TOKEN", name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_PUBLISH_TOKEN", TOKEN)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(http, "_WAITS", (0.0, 0.0))
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


def dist(where: Path, name: str, content: Mapping[str, bytes] | None = None) -> Dist:
    return opened(build(where, name, **({"python": content} if content else {})))  # type: ignore[arg-type]


def put(dist: Dist, served: Front) -> list[str]:
    return [each.state for each in index.put(dist, Target("index", served.url), lambda _: None)]


def look(dist: Dist, served: Front) -> list[str]:
    return [each.state for each in index.look(dist, Target("index", served.url))]


def failing(dist: Dist, served: Front) -> Failure:
    with pytest.raises(Failure) as failed:
        put(dist, served)
    assert "\n" not in failed.value.message + failed.value.hint
    assert TOKEN not in f"{failed.value.message} {failed.value.hint}"
    return failed.value


def on_disk(packages: Path, name: str) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in packages.glob(f"{name.replace('-', '_')}-*")}


def built(dist: Dist) -> dict[str, bytes]:
    return {each.name: dist.read(each) for each in index.wanted(dist)}


def store(packages: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (packages / name).write_bytes(content)


@pytest.mark.parametrize(
    ("place", "simple"),
    [
        ("https://upload.acme.example/legacy/", "https://acme.example/simple/"),
        ("https://pypi.acme.example/legacy/", "https://pypi.acme.example/simple/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/simple/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/simple/"),
        ("https://acme.example/repository/pypi-hosted/", "https://acme.example/repository/pypi-hosted/simple/"),
        ("https://acme.example/_packaging/events/pypi/upload/", "https://acme.example/_packaging/events/pypi/simple/"),
        ("https://acme.example/api/pypi/pypi-local", "https://acme.example/api/pypi/pypi-local/simple/"),
        ("https://acme.example/projects/7/packages/pypi", "https://acme.example/projects/7/packages/pypi/simple/"),
        ("https://acme.example/events/simple", "https://acme.example/events/simple/"),
    ],
)
def test_where_an_index_lists_follows_from_where_it_takes_uploads(place: str, simple: str) -> None:
    assert index.simple_url(Target("index", place)) == simple


def test_a_simple_url_that_is_given_counts() -> None:
    assert index.simple_url(Target("index", "https://a.example/", "https://b.example/x")) == "https://b.example/x/"


def test_what_is_published_is_installed_by_pip_and_published_once(tmp_path: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-whole")
    assert look(made, served) == ["missing", "missing"]
    said: list[str] = []
    found = index.put(made, Target("index", served.url), said.append)
    assert [each.path for each in found] == [each.path for each in index.wanted(made)]
    assert [each.state for each in found] == ["published", "published"]
    assert said[0] == f"uploading `acme_whole-1.0.0-py3-none-any.whl` to index:{served.url}"
    pip = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "download", "--no-deps")
    simple = index.simple_url(Target("index", served.url))
    got = shell.run(*pip, "--no-cache-dir", "--index-url", simple, "acme-whole==1.0.0", cwd=tmp_path)
    assert got.returncode == 0, got.stderr
    wheel = "acme_whole-1.0.0-py3-none-any.whl"
    assert (tmp_path / wheel).read_bytes() == built(made)[wheel]
    assert put(made, served) == look(made, served) == ["same", "same"]
    assert len(served.uploads) == 2


def test_other_bytes_are_refused_before_anything_is_sent(tmp_path: Path, served: Front) -> None:
    put(dist(tmp_path / "one", "acme-other"), served)
    before = len(served.uploads)
    refused = failing(dist(tmp_path / "two", "acme-other", OTHER), served)
    assert isinstance(refused, Rejected)
    assert "acme_other-1.0.0-py3-none-any.whl" in refused.message
    assert "sha256" in refused.message
    assert len(served.uploads) == before


def test_an_index_without_checksums_is_compared_by_content(tmp_path: Path, served: Front) -> None:
    served.changed = without_hashes
    made = dist(tmp_path / "one", "acme-bare")
    assert put(made, served) == ["published", "published"]
    assert look(made, served) == ["same", "same"]
    assert look(dist(tmp_path / "two", "acme-bare", OTHER), served) == ["different", "different"]
    longer = dist(tmp_path / "three", "acme-bare", {"acme/events/user_pb2.py": b""})
    assert "more than" in index.look(longer, Target("index", served.url))[0].why


def test_other_spellings_of_a_file_name_are_the_same_file(tmp_path: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-spelled")
    put(made, served)
    served.changed = lambda content: content.replace(b"acme_spelled-1.0.0", b"Acme.Spelled-1.0.0")
    assert look(made, served) == ["same", "same"]


@pytest.mark.parametrize("fault", ["500", "cut"])
def test_what_fails_half_way_is_finished_by_the_next_run(
    tmp_path: Path, packages: Path, served: Front, fault: str
) -> None:
    made = dist(tmp_path / "build", f"acme-half-{fault}")
    served.faults = ["", fault]
    failed = failing(made, served)
    assert isinstance(failed, ToolError)
    assert failed.hint == http.AGAIN
    assert not failed.message.endswith(":")
    assert f"acme_half_{fault}-1.0.0.tar.gz` was not uploaded to `{served.url}`: " in failed.message
    assert list(on_disk(packages, f"acme-half-{fault}")) == [f"acme_half_{fault}-1.0.0-py3-none-any.whl"]
    assert put(made, served) == ["same", "published"]
    assert on_disk(packages, f"acme-half-{fault}") == built(made)


def test_an_upload_that_was_stored_counts_though_nobody_was_told(tmp_path: Path, packages: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-deaf")
    served.faults = ["deaf"]
    assert put(made, served) == ["published", "published"]
    assert on_disk(packages, "acme-deaf") == built(made)


def test_somebody_who_was_quicker_with_the_same_bytes_is_no_trouble(
    tmp_path: Path, packages: Path, served: Front
) -> None:
    made = dist(tmp_path / "build", "acme-quick")
    served.on_upload = lambda: store(packages, built(made))
    assert put(made, served) == ["published", "published"]


def test_somebody_who_was_quicker_with_other_bytes_has_the_version(
    tmp_path: Path, packages: Path, served: Front
) -> None:
    theirs = built(dist(tmp_path / "two", "acme-slow", OTHER))
    served.on_upload = lambda: store(packages, theirs)
    assert isinstance(failing(dist(tmp_path / "one", "acme-slow"), served), Rejected)
    assert len(served.uploads) == 1
    assert on_disk(packages, "acme-slow") == theirs


def test_uv_looks_once_more_where_an_index_would_replace_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    monkeypatch.setenv("UV_PUBLISH_USERNAME", "ci")
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", "s3cret/of ci")
    packages, theirs = tmp_path / "packages", built(dist(tmp_path / "two", "acme-replaced", OTHER))
    with pypiserver(packages, "--overwrite", "--disable-fallback") as url, front(url) as served:
        served.login = "ci:s3cret/of ci"
        served.on_listing = lambda: store(packages, theirs) if len(served.asked) > 1 else None
        assert isinstance(failing(dist(tmp_path / "one", "acme-replaced"), served), Rejected)
        assert served.uploads == []
        assert on_disk(packages, "acme-replaced") == theirs


def test_a_file_that_is_replaced_after_it_was_verified_is_not_sent(tmp_path: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-swapped")
    (made.directory / index.wanted(made)[1].path).write_bytes(b"evil")
    assert isinstance(failing(made, served), Rejected)
    assert look(made, served) == ["same", "missing"]


def test_of_a_server_that_breaks_down_it_is_said_what_the_upload_met(tmp_path: Path, served: Front) -> None:
    served.faults = ["500"]
    served.on_upload = lambda: served.troubles.extend(["500"] * 9)
    failed = failing(dist(tmp_path / "build", "acme-broken"), served)
    assert "acme_broken-1.0.0-py3-none-any.whl` was not uploaded" in failed.message
    assert failed.hint == http.AGAIN


@pytest.mark.parametrize(
    ("fault", "hint"), [("400", "says why"), ("401", "UV_PUBLISH_TOKEN"), ("405", "takes uploads"), ("429", http.AGAIN)]
)
def test_each_refusal_says_what_to_do(tmp_path: Path, served: Front, fault: str, hint: str) -> None:
    served.faults = [fault]
    assert hint in failing(dist(tmp_path / "build", f"acme-no-{fault}"), served).hint


def test_an_index_that_shows_other_bytes_than_it_was_given_is_not_believed(tmp_path: Path, served: Front) -> None:
    served.changed = lambda content: re.sub(rb"sha256=\w+", b"sha256=" + b"0" * 64, content)
    assert isinstance(failing(dist(tmp_path / "build", "acme-lying"), served), Rejected)
    assert len(served.uploads) == 1


def test_refused_credentials_say_which_to_set(tmp_path: Path, served: Front) -> None:
    served.faults, served.words = ["403"], f"<html><title>no</title><b>{TOKEN}</b> may&#32;not\nupload</html>"
    failed = failing(dist(tmp_path / "build", "acme-refused"), served)
    assert "403 Forbidden" in failed.message
    assert "*** may not upload" in failed.message
    assert "UV_PUBLISH_TOKEN" in failed.hint


def test_no_credentials_say_which_to_set(tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    failed = failing(dist(tmp_path / "build", "acme-nobody"), served)
    assert "Missing credentials" in failed.message
    assert "UV_PUBLISH_TOKEN" in failed.hint
    assert served.uploads == []


def test_a_conflict_with_what_is_not_listed_says_that_the_listing_is_elsewhere(tmp_path: Path, served: Front) -> None:
    served.faults = ["409"]
    assert "`simple:`" in failing(dist(tmp_path / "build", "acme-hidden"), served).hint


def test_an_index_that_hides_what_it_has_gets_nothing(
    tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.login = "ci:s3cret-of-ci"
    made = dist(tmp_path / "build", "acme-private")
    assert look(made, served) == ["unknown", "unknown"]
    assert "cannot be told" in failing(made, served).message
    assert served.uploads == []
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    monkeypatch.setenv("UV_PUBLISH_USERNAME", "ci")
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", "s3cret-of-ci")
    assert put(made, served) == ["published", "published"]
    assert look(made, served) == ["same", "same"]


def test_netrc_counts_for_reading(tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    served.login = "ci:s3cret-of-ci"
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ci password s3cret-of-ci\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert put(dist(tmp_path / "build", "acme-netrc"), served) == ["published", "published"]


def test_netrc_is_for_encrypted_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine acme.example login ci password s3cret-of-ci\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    place, listing = "https://upload.acme.example/", "https://acme.example/simple/"
    assert uploader.login(place, listing, listing) == ("ci", "s3cret-of-ci")
    listing = "http://acme.example/simple/"
    assert uploader.login(place, listing, listing) is None


@pytest.mark.parametrize("machine", ["default", "machine files.acme.example"])
def test_netrc_is_for_hosts_that_are_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    (tmp_path / "netrc").write_text(f"{machine} login ci password s3cret-of-ci\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    place, listing = "https://upload.acme.example/", "https://acme.example/simple/"
    for url in ("https://files.acme.example/x.whl", place, listing):
        assert uploader.login(place, url, listing) is None


def test_a_login_that_a_server_repeats_is_not_told(
    tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ci password n3trc-of-ci\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    served.faults, served.words = ["403"], "denied for ci:n3trc-of-ci"
    said = failing(dist(tmp_path / "build", "acme-echo"), served).message
    assert "n3trc" not in said
    assert "403" in said


def test_a_listing_that_anybody_may_read_is_read_without_credentials_that_may_not(
    tmp_path: Path, served: Front
) -> None:
    served.troubles = ["403"]
    assert look(dist(tmp_path / "build", "acme-open"), served) == ["missing", "missing"]
    assert [bool(each.authorization) for each in served.asked] == [True, False]


def test_credentials_do_not_follow_a_redirect(tmp_path: Path, served: Front, behind: str) -> None:
    with front(behind) as thief:
        served.elsewhere = thief.url
        served.troubles, served.faults = ["elsewhere"] * 2, ["elsewhere"]
        failed = failing(dist(tmp_path / "build", "acme-stolen"), served)
        assert "not sent elsewhere" in failed.hint
        assert [each.method for each in thief.asked[:2]] == ["GET", "GET"]  # ours, and uv's
        assert {each.authorization for each in thief.asked} == {""}


def test_credentials_are_for_the_origin_of_uploads_only(tmp_path: Path, served: Front, behind: str) -> None:
    with front(behind) as listing:
        target = Target("index", served.url, f"{listing.url}simple/")
        assert index.put(dist(tmp_path / "build", "acme-two-hosts"), target, lambda _: None)[0].state == "published"
        assert {each.authorization for each in listing.asked} == {""}
        assert all(each.authorization for each in served.uploads)


def test_a_package_that_an_index_does_not_have_may_be_looked_for_elsewhere(tmp_path: Path, served: Front) -> None:
    with pypiserver(tmp_path / "packages", "--fallback-url", f"{served.url}simple/") as url:
        assert index.look(dist(tmp_path / "build", "acme-new"), Target("index", url))[0].state == "missing"
        assert served.asked[0].path == "/simple/acme-new/"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only Linux shows what a process was called with")
def test_the_token_is_in_no_command_line_and_settings_of_the_directory_do_not_count(
    tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uv.toml").write_text('publish-url = "http://127.0.0.1:1/"\nnonsense = 1\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "somebody-elses")
    monkeypatch.setenv("UV_PUBLISH_URL", "http://127.0.0.1:1/")
    seen: list[tuple[bytes, bytes]] = []

    def watch() -> None:
        for each in Path("/proc").glob("[0-9]*"):
            if served.url.encode() in (called := _of_process(each, "cmdline")):
                seen.append((called, _of_process(each, "environ")))

    served.on_upload = watch
    put(dist(tmp_path / "build", "acme-argv"), served)
    assert len(seen) == 2
    for called, environment in seen:
        assert b"--no-config" in called
        assert TOKEN.encode() not in called
        assert b"s3cret" not in called
        assert TOKEN.encode() in environment
        assert b"somebody-elses" not in environment


def test_without_uv_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\ntouch stolen\n")
    fake.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(ToolError, match="no uv") as failed:
        uploader.find()
    assert "pip install 'uv>=0.9,<1'" in failed.value.hint
    monkeypatch.setenv("PATH", str(tmp_path))
    assert uploader.find() == fake


_PUBLISHER = """
import sys
from pathlib import Path
from schemactl.errors import Rejected
from schemactl.publish import index
from schemactl.publish.dist import opened
from schemactl.target import Target
try:
    index.put(opened(Path(sys.argv[1])), Target("index", sys.argv[2]), lambda _: None)
except Rejected as refused:
    sys.exit(f"refused: {refused}")
"""


def test_of_two_publishers_at_once_one_wins_wholly(tmp_path: Path, packages: Path, served: Front) -> None:
    both, lock, first = Barrier(2, timeout=20), Lock(), [True, True]

    def together() -> None:
        with lock:
            early = bool(first) and first.pop()
        if early:
            with suppress(BrokenBarrierError):
                both.wait()

    served.on_listing = together
    builds = [dist(tmp_path / "one", "acme-race"), dist(tmp_path / "two", "acme-race", OTHER)]
    argv = [(sys.executable, "-c", _PUBLISHER, str(each.directory), served.url) for each in builds]
    running = [subprocess.Popen(each, stderr=subprocess.PIPE, text=True) for each in argv]
    said = [each.communicate()[1] for each in running]
    codes = [each.returncode for each in running]
    assert sorted(codes) == [0, 1], said
    assert said[codes.index(1)].startswith("refused: ")
    assert on_disk(packages, "acme-race") == built(builds[codes.index(0)])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(behind: str, own: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with front(behind, own) as known:
        yield known


def test_a_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, secure: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dist(tmp_path / "build", "acme-tls")
    assert put(made, secure) == ["published", "published"]
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate that is not trusted" in failing(made, secure).message


def test_encryption_is_never_left(tmp_path: Path, secure: Front, behind: str) -> None:
    secure.troubles, secure.elsewhere = ["elsewhere"], behind
    assert "not encrypted" in failing(dist(tmp_path / "build", "acme-left"), secure).message


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_ci_job_publishes_by_proving_what_it_is(
    tmp_path: Path, secure: Front, monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    settings = {
        "github": {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{secure.url}identity?job=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job",
        },
        "gitlab": {"GITLAB_CI": "true", "ACME_ID_TOKEN": "proof.of.job"},
    }
    for name, value in settings[ci].items():
        monkeypatch.setenv(name, value)
    secure.minted = "minted-for-uploads"
    assert put(dist(tmp_path / "build", f"acme-{ci}"), secure) == ["published", "published"]
    basic = b64encode(b"__token__:minted-for-uploads").decode()
    assert [each.authorization for each in secure.uploads] == [f"Basic {basic}"] * 2


@pytest.mark.skipif(os.name == "nt", reason="the keyring is a shell script here")
def test_a_keyring_is_asked_for_the_password(tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    served.login = "ci:kept-in-the-ring"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "keyring").write_text('#!/bin/sh\necho "$@" >> "$HOME/asked"; echo kept-in-the-ring\n')
    (tmp_path / "bin" / "keyring").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.delenv("UV_PUBLISH_TOKEN")
    monkeypatch.setenv("UV_PUBLISH_USERNAME", "ci")
    monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")
    assert put(dist(tmp_path / "build", "acme-ring"), served) == ["published", "published"]
    assert (tmp_path / "asked").read_text().startswith(f"get {served.url} ci\n")


def test_a_publisher_that_is_killed_is_followed_by_one_that_finishes(
    tmp_path: Path, packages: Path, served: Front
) -> None:
    made = dist(tmp_path / "build", "acme-killed")
    running: list[subprocess.Popen[bytes]] = []
    served.on_upload = lambda: running[0].kill() if len(served.uploads) == 2 else None
    argv = (sys.executable, "-c", _PUBLISHER, str(made.directory), served.url)
    running.append(subprocess.Popen(argv, env=os.environ | {"TMPDIR": str(tmp_path)}))
    assert running[0].wait() == -signal.SIGKILL
    assert put(made, served)[0] == "same"
    assert look(made, served) == ["same", "same"]
    assert on_disk(packages, "acme-killed") == built(made)


def test_a_listing_that_is_cut_is_no_listing(tmp_path: Path, served: Front) -> None:
    served.troubles = ["cut"] * 3
    failed = failing(dist(tmp_path / "build", "acme-short"), served)
    assert "cut" in failed.message
    assert served.uploads == []


def test_a_server_that_has_a_moment_of_trouble_is_asked_again(tmp_path: Path, served: Front) -> None:
    served.troubles = ["503", "cut"]
    assert look(dist(tmp_path / "build", "acme-moment"), served) == ["missing", "missing"]


@pytest.mark.parametrize(("trouble", "why"), [("500", "answers 500"), ("405", "answers 405"), ("elsewhere", "without")])
def test_a_listing_that_cannot_be_read_is_an_error(tmp_path: Path, served: Front, trouble: str, why: str) -> None:
    served.troubles, served.elsewhere = [trouble] * 9, served.url
    assert why in failing(dist(tmp_path / "build", "acme-trouble"), served).message


def test_a_page_that_is_no_listing_says_what_to_configure(tmp_path: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-page")
    put(made, served)
    served.kind = "application/pdf"
    failed = failing(made, served)
    assert "does not list" in failed.message
    assert "`simple:`" in failed.hint


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    target = Target("index", f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(ToolError, match="cannot be read: Connection refused") as failed:
        index.look(dist(tmp_path / "build", "acme-gone"), target)
    assert failed.value.hint == http.AGAIN


def test_another_file_of_the_version_is_refused_before_anything_is_sent(
    tmp_path: Path, packages: Path, served: Front
) -> None:
    foreign = "acme_foreign-1.0.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    store(packages, {foreign: b"evil", "acme_foreign-0.9.0-py3-none-any.whl": b"old"})
    made = dist(tmp_path / "build", "acme-foreign")
    with pytest.raises(Rejected, match="this build of `acme-foreign` has no such file"):
        look(made, served)
    assert f"`{foreign}` is in index:{served.url} already" in failing(made, served).message
    assert served.uploads == []
    (packages / foreign).unlink()
    assert put(made, served) == ["published", "published"]
    store(packages, {foreign: b"evil"})
    assert isinstance(failing(made, served), Rejected)


def test_a_version_that_is_there_says_both_ways_out(tmp_path: Path, served: Front) -> None:
    put(dist(tmp_path / "one", "acme-cure"), served)
    hint = failing(dist(tmp_path / "two", "acme-cure", OTHER), served).hint
    assert "published from another commit: check that one out and run again" in hint
    assert "under a higher version by tagging HEAD" in hint


def test_a_mistaken_simple_url_is_found_out_before_a_file_is_replaced(tmp_path: Path) -> None:
    packages, ours = tmp_path / "packages", dist(tmp_path / "one", "acme-simpel")
    with pypiserver(packages, "--overwrite", "--disable-fallback") as url:
        index.put(ours, Target("index", url), lambda _: None)
        target = Target("index", url, f"{url}simpel/")
        for act in (index.look, lambda dist, target: index.put(dist, target, lambda _: None)):
            with pytest.raises(ToolError, match=r"simpel/` answers 404: it is not an index") as failed:
                act(dist(tmp_path / f"two-{act.__name__}", "acme-simpel", OTHER), target)
            assert "`simple:`" in failed.value.hint
        assert on_disk(packages, "acme-simpel") == built(ours)


def test_what_is_not_shown_after_the_first_file_ends_it(
    tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "WAITS", (0.0, 0.0))
    served.changed = lambda content: b"<html><body></body></html>"
    said: list[str] = []
    with pytest.raises(ToolError, match=r"was uploaded to .* does not show it") as failed:
        index.put(dist(tmp_path / "build", "acme-unshown"), Target("index", served.url), said.append)
    assert "`simple:`" in failed.value.hint
    assert said[1] == "waiting up to 0 s for `acme_unshown-1.0.0-py3-none-any.whl` to show up"
    assert len(served.uploads) == 1


def test_what_shows_up_late_is_waited_for(tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "WAITS", (0.0, 0.0))
    served.on_upload = lambda: served.troubles.extend(["404"] * 2)
    assert put(dist(tmp_path / "build", "acme-late"), served) == ["published", "published"]


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"Please log in",
        b'<html><form action="/login"><input name="password"></form><a href="/help">help</a></html>',
        b'<html><head><script src="/app.js"></script></head><body></body></html>',
    ],
)
def test_a_page_of_something_else_is_no_empty_index(tmp_path: Path, served: Front, page: bytes) -> None:
    made = dist(tmp_path / "build", "acme-login")
    served.changed = lambda content: page
    served.status = 200
    assert "does not list what an index has" in failing(made, served).message
    assert served.uploads == []


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><head><title>Links for acme</title></head><body><h1>Links for acme</h1></body></html>",
        b'<html><meta name="pypi:repository-version" content="1.0"><div>nothing</div></html>',
    ],
)
def test_a_page_that_lists_nothing_is_one(tmp_path: Path, served: Front, page: bytes) -> None:
    made = dist(tmp_path / "build", "acme-nothing")
    served.changed, served.status = lambda content: page, 200
    assert look(made, served) == ["missing", "missing"]


def test_a_listing_that_is_packed_is_read(tmp_path: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-packed")
    put(made, served)
    served.changed, served.encoding = gzip.compress, "gzip"
    assert look(made, served) == ["same", "same"]
    served.changed = lambda content: gzip.compress(content)[:-9]
    assert "it is cut" in failing(made, served).message
    served.changed = lambda content: gzip.compress(b"<html></html>") + gzip.compress(content)
    assert "in parts" in failing(made, served).message
    served.changed = lambda content: content
    assert "not gzip" in failing(made, served).message
    served.encoding = "br"
    assert "encoded as 'br'" in failing(made, served).message


def test_a_redirect_to_what_is_no_address_is_told(tmp_path: Path, served: Front) -> None:
    served.troubles, served.elsewhere = ["elsewhere"], "http://[acme/"
    refused = failing(dist(tmp_path / "build", "acme-lost"), served)
    assert "redirects to something that is not an address" in refused.message


def test_a_link_to_what_is_no_address_is_told(tmp_path: Path, packages: Path, served: Front) -> None:
    made = dist(tmp_path / "build", "acme-port")
    store(packages, built(made))  # there is a page
    served.changed = lambda content: b'<a href="http://127.0.0.1:99999/acme_port-1.0.0-py3-none-any.whl">x</a>'
    assert "is not an address that can be read" in failing(made, served).message


def test_a_server_that_drips_is_given_up(tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_WHOLE", 0.5)
    served.troubles = ["drip"]
    started = time.monotonic()
    failed = failing(dist(tmp_path / "build", "acme-drip"), served)
    assert time.monotonic() - started < 2
    assert "takes more than" in failed.message
    assert failed.hint == http.AGAIN


def test_a_server_that_does_not_answer_is_asked_once(
    tmp_path: Path, served: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", 0.3)
    served.on_listing = lambda: time.sleep(0.6)
    assert "timed out" in failing(dist(tmp_path / "build", "acme-mute"), served).message
    assert len(served.asked) == 1


def test_a_large_answer_is_not_read(served: Front) -> None:
    with pytest.raises(http.TooLarge):
        http.get(served.url, most=10)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://acme.example/", "https://ci:x@acme.example/", "http://["])
def test_only_addresses_of_the_web_are_looked_at(url: str) -> None:
    with pytest.raises(ToolError, match="not an address") as failed:
        http.get(url)
    assert "ci:x" not in failed.value.message


def _of_process(process: Path, what: str) -> bytes:
    try:
        return (process / what).read_bytes()
    except OSError:
        return b""
