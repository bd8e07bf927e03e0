"""Go modules, as the go command takes them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemactl.artifact import Artifact
from schemactl.package.archive import unzipped
from schemactl.package.gopath import require_module
from schemactl.package.gozip import gomodule, h1, h1_mod, h1_of_zip

TIME = "2026-01-31T12:00:00Z"
MODULE = "example.com/Acme/events-go"
FILES = {
    "users/v1/user.pb.go": b'// Package v1 has users.\npackage v1\n\nconst User = "acme"\n',
    "internal/testdata/a_windows.pb.go": b"package testdata\n",
}


def made(
    module: str = MODULE, version: str = "v1.2.0", files: Mapping[str, bytes] = FILES, license: bytes | None = None
) -> list[Artifact]:
    gomod = f"module {module}\n\ngo 1.23\n".encode()
    return gomodule("acme-events", module, version, files, gomod, license, time=TIME)


def go(*argv: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("go"):
        pytest.skip("there is no go on PATH")
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=mod", **settings}
    return subprocess.run(["go", *argv], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300)


def published(module: str, version: str, directory: Path) -> dict[str, str]:
    """The module as the user's own settings find it: in the cache, mostly."""
    (directory / "go.mod").write_text("module example.com/x\n")
    done = go("mod", "download", "-json", f"{module}@{version}", cwd=directory)
    if done.returncode:
        pytest.skip(f"go cannot fetch {module}, without which its sum cannot be compared: {done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("module", "version", "zip_sum", "mod_sum"),
    [
        (
            "google.golang.org/protobuf",
            "v1.36.11",
            "h1:fV6ZwhNocDyBLK0dj+fg8ektcVegBBuEolpbTQyBNVE=",
            "h1:HTf+CrKn2C3g5S8VImy6tdcUvCska2kB7j23XfzDpco=",
        ),
    ],
)
def test_the_sums_are_those_that_go_publishes(
    module: str, version: str, zip_sum: str, mod_sum: str, tmp_path: Path
) -> None:
    found = published(module, version, tmp_path)
    content, gomod = Path(found["Zip"]).read_bytes(), Path(found["GoMod"]).read_bytes()
    assert (h1_of_zip(content), h1_mod(gomod)) == (zip_sum, mod_sum)
    files = {name.removeprefix(f"{module}@{version}/"): each for name, each in unzipped(content).items()}
    assert files.pop("go.mod") == gomod
    again = gomodule("protobuf", module, version, files, gomod, files.pop("LICENSE"), time=TIME)
    assert h1_of_zip(again[0].content) == zip_sum


def test_a_module_lies_where_a_proxy_looks() -> None:
    found = {each.filename: (each.kind, each.version) for each in made(version="v1.2.0-RC.1")}
    assert found == {
        "go/example.com/!acme/events-go/@v/v1.2.0-!r!c.1.zip": ("go-zip", "v1.2.0-RC.1"),
        "go/example.com/!acme/events-go/@v/v1.2.0-!r!c.1.mod": ("go-mod", "v1.2.0-RC.1"),
        "go/example.com/!acme/events-go/@v/v1.2.0-!r!c.1.info": ("go-info", "v1.2.0-RC.1"),
    }


def test_the_zip_has_the_code_the_license_and_its_go_mod() -> None:
    packed, gomod, info = made(license=b"free")
    inside = unzipped(packed.content)
    top = f"{MODULE}@v1.2.0"
    assert inside == {
        **{f"{top}/{name}": content for name, content in FILES.items()},
        f"{top}/go.mod": gomod.content,
        f"{top}/LICENSE": b"free",
    }
    assert json.loads(info.content) == {"Version": "v1.2.0", "Time": TIME}


def test_go_gets_the_module_and_runs_its_code(tmp_path: Path) -> None:
    for each in made():
        path = tmp_path / each.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    (path.parent / "list").write_text("v1.2.0\n")
    user = tmp_path / "user"
    user.mkdir()
    (user / "go.mod").write_text("module example.com/user\n\ngo 1.23\n")
    main = f'package main\n\nimport v1 "{MODULE}/users/v1"\n\nfunc main() {{ print(v1.User) }}\n'
    (user / "main.go").write_text(main)
    settings = {
        "GOPROXY": (tmp_path / "go").as_uri(),
        "GONOSUMDB": "example.com/*",
        "GOPRIVATE": "",
        "GOMODCACHE": str(tmp_path / "cache"),
        "GOFLAGS": "-mod=mod -modcacherw",
    }
    done = go("get", f"{MODULE}@latest", cwd=user, **settings)
    assert done.returncode == 0, done.stderr
    done = go("run", ".", cwd=user, **settings)
    assert (done.returncode, done.stderr) == (0, "acme")
    packed, gomod, _ = made()
    assert (user / "go.sum").read_text().splitlines() == [
        f"{MODULE} v1.2.0 {h1_of_zip(packed.content)}",
        f"{MODULE} v1.2.0/go.mod {h1_mod(gomod.content)}",
    ]


def test_a_sum_counts_names_and_bytes_alone() -> None:
    assert h1({"b": b"2", "a": b"1"}) == h1({"a": b"1", "b": b"2"}) != h1({"a": b"2", "b": b"1"})


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("example.com/acme", "v0.0.0-20261122124616-5b09c3c6afa4"),
        ("example.com/acme", "v1.2.1-0.20261122124616-5b09c3c6afa4"),
        ("example.com/acme/v2", "v2.0.0"),
        ("example.com/-a/b~c", "v1.0.0-alpha.1"),
        ("example.com", "v1.0.0"),
    ],
)
def test_a_module_that_go_takes(module: str, version: str) -> None:
    require_module(module, version)


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("acme", "v1.0.0"),
        ("Example.com/acme", "v1.0.0"),
        ("-a.com/acme", "v1.0.0"),
        ("../example.com/acme", "v1.0.0"),
        ("example.com/../acme", "v1.0.0"),
        ("example.com//acme", "v1.0.0"),
        ("example.com/acme\nrequire evil", "v1.0.0"),
        ("example.com/con", "v1.0.0"),
        ("example.com/aux.x", "v1.0.0"),
        ("example.com/acme~1", "v1.0.0"),
        ("example.com/acme!", "v1.0.0"),
        ("example.com/.acme", "v1.0.0"),
        ("example.com/acme", "v2.0.0"),
        ("example.com/acme/v2", "v1.0.0"),
        ("example.com/acme/v1", "v1.0.0"),
        ("example.com/acme", "1.0.0"),
        ("example.com/acme", "v1.0"),
        ("example.com/acme", "v1.0.0+build"),
        ("example.com/acme", "v1.0.0-01"),
        ("gopkg.in/acme.v1", "v1.0.0"),
    ],
)
def test_a_module_that_go_refuses_is_refused(module: str, version: str) -> None:
    with pytest.raises(ValueError, match=r"the (Go module|version) .* (should|which)"):
        made(module, version)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a/con/x.pb.go", "device on Windows"),
        ("a/Lpt1.pb.go", "device on Windows"),
        ("a/go.mod", "another module"),
        ("GO.MOD", "another module"),
        ("vendor/a/x.pb.go", "left out"),
        ("a/vendor/b/x.pb.go", "left out"),
        ("a/x*.pb.go", "in its path"),
        ("a./x.pb.go", "in its path"),
        ("../x.pb.go", "in its path"),
        ("a/x\u0301.pb.go", "in its path"),
        ("users/V1/user.pb.go", "where case does not count"),
    ],
)
def test_a_file_that_go_refuses_or_leaves_out_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(files={**FILES, name: b"package a\n"})


def test_a_module_without_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no code"):
        made(files={"README.md": b""})


@pytest.mark.parametrize("gomod", [b"", b"module example.com/other\n", b"// module example.com/acme\n"])
def test_a_go_mod_of_another_module_is_refused(gomod: bytes) -> None:
    with pytest.raises(ValueError, match=r"should say `module example\.com/acme`"):
        gomodule("acme", "example.com/acme", "v1.0.0", FILES, gomod, time=TIME)


def test_a_time_that_is_not_in_utc_is_refused() -> None:
    with pytest.raises(ValueError, match="not a time in UTC"):
        gomodule("acme", MODULE, "v1.0.0", FILES, b"module " + MODULE.encode(), time="2026-01-31T12:00:00+01:00")
