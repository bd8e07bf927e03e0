"""`schemactl publish`, as a user runs it: a build goes to its targets, once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from builds import PYTHON, build
from indexes import pypiserver
from repositories import Done, clean, run


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return build(tmp_path / "dist")


def published(at: Path, *arguments: str, format: str = "text") -> Done:
    return run("publish", "dist", "-C", str(at), "--format", format, *arguments)


def everything(directory: Path) -> dict[str, bytes]:
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def test_a_build_is_published_once_and_then_it_is_there(made: Path, tmp_path: Path) -> None:
    first = published(tmp_path, "--to", "dir:there")
    assert first.code == 0, first.err
    assert "3 published, and its consumers get the same" in first.out
    before = everything(tmp_path / "there")
    again = published(tmp_path, "--to", "dir:there")
    assert (again.code, everything(tmp_path / "there")) == (0, before)
    assert "3 already published" in again.out


def test_what_is_refused_at_one_target_goes_to_none(made: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "b" / "dist", python={**PYTHON, "acme/events/more_pb2.py": b""}, commit="f" * 40)
    assert run("publish", str(other), "--to", f"dir:{tmp_path / 'second'}").code == 0
    before = everything(tmp_path / "second")
    done = published(tmp_path, "--to", "dir:first", "--to", "dir:second", format="json")
    assert (done.code, done.rules) == (1, ["PUBLISH_REFUSED"])
    assert "f" * 7 in done.out
    assert not (tmp_path / "first").exists()
    assert everything(tmp_path / "second") == before


def test_a_build_that_is_not_what_it_says_goes_nowhere(made: Path, tmp_path: Path) -> None:
    wheel = next(made.glob("python/*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = published(tmp_path, "--to", "dir:there", format="json")
    assert (done.code, done.rules) == (1, ["ARTIFACT_MISMATCH"])
    assert not (tmp_path / "there").exists()


def test_a_dry_run_compares_and_writes_nothing(made: Path, tmp_path: Path) -> None:
    done = published(tmp_path, "--to", "dir:there", "--dry-run")
    assert done.code == 0, done.err
    assert "3 to publish" in done.out
    assert "would publish acme-events 1.0.0" in done.out
    assert not (tmp_path / "there").exists()


def test_targets_are_those_of_the_configuration_seen_from_where_it_stands(made: Path, tmp_path: Path) -> None:
    (tmp_path / "schemactl.yaml").write_text("publish: [dir:../there]\n")
    done = published(tmp_path, format="json")
    assert done.code == 0, done.err
    assert (tmp_path.parent / "there/simple/acme-events/index.html").is_file()
    assert [each["target"] for each in done.report["targets"]] == [f"dir:{tmp_path.parent / 'there'}"]


def test_nobody_saying_where_is_told_with_the_lines_to_write(made: Path, tmp_path: Path) -> None:
    done = published(tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "publish: [dir:../packages]" in done.err


def test_nowhere_can_be_meant(made: Path, tmp_path: Path) -> None:
    (tmp_path / "schemactl.yaml").write_text("publish: []\n")
    done = published(tmp_path)
    assert done.code == 0
    assert "nowhere" in done.out


def test_go_code_that_no_target_takes_is_told(tmp_path: Path) -> None:
    build(tmp_path / "dist", go="github.com/acme/events-go")
    done = published(tmp_path, "--to", "index:http://127.0.0.1:9/", "--dry-run")
    assert done.code == 2  # nothing listens there
    done = published(tmp_path, "--to", "dir:there", "--dry-run")
    assert "no target takes" not in done.out


def test_what_no_build_is_is_told(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    done = published(tmp_path, "--to", "dir:there")
    assert (done.code, done.out) == (2, "")
    assert "`schemactl package`" in done.err


@pytest.mark.parametrize("inside", ["dist", "dist/there"])
def test_a_build_is_never_published_into_itself(made: Path, tmp_path: Path, inside: str) -> None:
    before = everything(made)
    done = published(tmp_path, "--to", f"dir:{inside}")
    assert done.code == 2
    assert everything(made) == before


def test_what_one_target_lacks_is_told_before_anything_goes_to_another(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)  # as where it is not installed
    monkeypatch.setenv("PATH", "/nowhere")
    (tmp_path / "index").mkdir()
    with pypiserver(tmp_path / "index", "--disable-fallback") as url:
        done = published(tmp_path, "--to", "dir:there", "--to", f"index:{url}")
    assert (done.code, done.out) == (2, "")
    assert "pip install 'uv>=0.9,<1'" in done.err
    assert not (tmp_path / "there").exists()


def test_a_token_is_nowhere_in_what_is_said(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "pypi-s3cret-of-acme")
    for arguments in (["--dry-run"], []):
        done = published(tmp_path, "--to", "index:http://127.0.0.1:9/", *arguments)
        assert done.code == 2
        assert "s3cret" not in done.out + done.err
