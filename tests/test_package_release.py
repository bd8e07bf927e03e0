"""What goes with artifacts: their sums, the record of the release, the provenance."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from schemactl import __version__
from schemactl.errors import UsageError
from schemactl.package.content import contents
from schemactl.package.gozip import gomodule
from schemactl.package.metadata import Metadata
from schemactl.package.provenance import statement
from schemactl.package.release import Built, Release, Source, Tool, decoded, encoded, own_digest, release
from schemactl.package.sums import sums
from schemactl.package.wheel import wheel
from schemactl.version import Version
from trees import write

COMMIT, DIGEST = "0123456789" * 4, hashlib.sha256(b"tool").hexdigest()
WHEEL = wheel(Metadata("acme-users", "1.3.0rc1"), {"acme/a_pb2.py": b""}, product="users")
MODULE = gomodule(
    "users", "example.com/users", "v1.3.0-rc.1", {"a/a.go": b"package a"}, b"module example.com/users\n",
    time="2026-01-31T12:00:00Z",
)  # fmt: skip


def a_release(revision: str = "main") -> Release:
    users = Built(
        name="users",
        version=Version("1.3.0-rc.1", "1.3.0rc1", "v1.3.0-rc.1"),
        artifacts=(WHEEL, *MODULE),
        requires=("shared",),
        languages=("python", "go"),
    )
    shared = Built("shared", Version("1.0.0", "1.0.0", "v1.0.0"), (), verified="--no-verify was given", declared=False)
    tools = [Tool("protoc-gen-go", "v1.36.11", DIGEST), Tool("grpcio-tools", "1.85.1")]
    return release([users, shared], Source(COMMIT, revision), b"image", tools)


def test_sha256sum_checks_the_sums(tmp_path: Path) -> None:
    files = {each.filename: each.content for each in (WHEEL, *MODULE)}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    written = sums(dict(reversed(files.items())))
    assert written == sums(files)
    (tmp_path / "SHA256SUMS").write_bytes(written)
    argv = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    path.write_bytes(b"other")
    assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_sums_name_no_file_elsewhere() -> None:
    with pytest.raises(ValueError, match="not relative"):
        sums({"/etc/passwd": b""})


def test_the_record_says_what_was_made_and_is_read_again() -> None:
    made = a_release()
    data = encoded(made)
    assert decoded(data) == made
    told: dict[str, Any] = json.loads(data)
    assert next(iter(told)) == "schema_version"
    assert told["schema_version"] == 1
    assert told["schemactl"] == __version__
    assert told["source"] == {"commit": COMMIT, "revision": "main"}
    assert told["image"] == hashlib.sha256(b"image").hexdigest()
    assert [each["name"] for each in told["tools"]] == ["grpcio-tools", "protoc-gen-go"]
    shared, users = told["packages"]
    assert (shared["verified"], shared["declared"], users["verified"]) == (False, False, True)
    assert (shared["not_verified"], users["not_verified"]) == ("--no-verify was given", None)
    assert users["version"] == {
        "semantic": "1.3.0-rc.1", "python": "1.3.0rc1", "go": "v1.3.0-rc.1", "snapshot": False,
    }  # fmt: skip
    assert (users["requires"], users["languages"]) == (["shared"], ["python", "go"])
    assert [each["kind"] for each in users["artifacts"]] == ["go-info", "go-mod", "go-zip", "wheel"]
    assert users["artifacts"][3] == {
        "kind": "wheel",
        "filename": "python/acme_users-1.3.0rc1-py3-none-any.whl",
        "size": len(WHEEL.content),
        "sha256": hashlib.sha256(WHEEL.content).hexdigest(),
        "contents": contents(WHEEL),
    }


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(encoded(a_release())), **changes}).encode()


def test_a_later_schemactl_may_say_more() -> None:
    assert decoded(changed(more=1)) == a_release()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(schema_version=2), "has the `schema_version` 2: this schemactl reads 1"),
        (changed(schema_version=None), "is not what schemactl writes"),
        (changed(source={"commit": "main", "revision": "main"}), "is not what schemactl writes"),
        (changed(image=""), "is not what schemactl writes"),
        (changed(tools=None), "is not what schemactl writes"),
        (encoded(a_release()).replace(b"python/acme", b"../acme"), "is not what schemactl writes"),
        (encoded(a_release())[:-9], "is not what schemactl writes"),
        (b"[" * 100_000, "is not what schemactl writes"),
        (b"", "is not what schemactl writes"),
    ],
)
def test_another_record_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        decoded(data)
    assert message in raised.value.message
    assert "\n" not in raised.value.message
    assert raised.value.hint


def test_two_packages_do_not_write_one_file() -> None:
    version = Version("1.3.0-rc.1", "1.3.0rc1", "v1.3.0-rc.1")
    with pytest.raises(ValueError, match="are one file"):
        release([Built("a", version, (WHEEL,)), Built("b", version, (WHEEL,))], Source(COMMIT, "main"), b"", [])


def test_the_provenance_has_what_in_toto_and_slsa_require() -> None:
    told = json.loads(statement(a_release()))
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://slsa.dev/provenance/v1"
    wanted = {each.filename: {"sha256": each.sha256} for each in (WHEEL, *MODULE)}
    assert {each["name"]: each["digest"] for each in told["subject"]} == wanted
    definition, details = told["predicate"]["buildDefinition"], told["predicate"]["runDetails"]
    assert definition["buildType"].startswith("urn:")
    assert details["builder"]["id"].startswith("urn:")
    assert definition["externalParameters"] == {
        "revision": "main",
        "packages": [{"name": "shared", "version": "1.0.0"}, {"name": "users", "version": "1.3.0-rc.1"}],
    }
    assert definition["resolvedDependencies"] == [
        {"name": "source", "digest": {"gitCommit": COMMIT}},
        {"name": "image", "digest": {"sha256": hashlib.sha256(b"image").hexdigest()}},
    ]
    assert {"name": "protoc-gen-go", "version": "v1.36.11", "sha256": DIGEST} in definition["internalParameters"][
        "tools"
    ]


def test_a_configuration_from_elsewhere_is_recorded(tmp_path: Path) -> None:
    made = release([], Source(COMMIT, "main", config=DIGEST), b"image", [])
    assert decoded(encoded(made)) == made
    assert json.loads(encoded(made))["source"] == {"commit": COMMIT, "revision": "main", "config": DIGEST}
    told = json.loads(statement(made))["predicate"]["buildDefinition"]["externalParameters"]
    assert told == {"revision": "main", "packages": [], "config": {"sha256": DIGEST}}


def test_the_digest_of_schemactl_is_that_of_its_names_and_bytes(tmp_path: Path) -> None:
    for each in ("a", "b"):
        write(tmp_path / each, {"x.py": "1\n", "data/y.json": "{}"})
    write(tmp_path / "b", {"__pycache__/x.pyc": "?", "data/.swp": "?"})
    assert own_digest(tmp_path / "a") == own_digest(tmp_path / "b")
    for name, text in (("x.py", "2\n"), ("data/z.json", "{}")):
        before = own_digest(tmp_path / "b")
        write(tmp_path / "b", {name: text})
        assert own_digest(tmp_path / "b") != before
    assert re.fullmatch("[0-9a-f]{64}", own_digest())


def test_a_record_is_one_line_a_fact_whatever_a_revision_is_called() -> None:
    told = encoded(a_release('ref"\n::error::x'))
    assert json.loads(told)["source"]["revision"] == 'ref"\n::error::x'
    assert b"\n::error" not in told
