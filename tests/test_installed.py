"""The built package: what it contains, that its command works, and that its hooks refuse a commit."""

from __future__ import annotations

import os
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import schemactl
from shell import git, run

ROOT = Path(__file__).parents[1]
HOOKS: list[dict[str, str]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    done = run(*pip, "--wheel-dir", target, ROOT, cwd=target)
    assert done.returncode == 0, done.stderr
    return next(target.glob("schemactl-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A directory with the installed package, away from the sources."""
    target = wheel.parent / "installed"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    done = run(*pip, "--target", target, wheel, cwd=wheel.parent)
    assert done.returncode == 0, done.stderr
    return target


def test_the_installed_command_works_away_from_the_sources(installed: Path, tmp_path: Path) -> None:
    command = installed / "bin/schemactl"
    version = run(command, "--version", cwd=tmp_path, PYTHONPATH=str(installed))
    assert (version.returncode, schemactl.__version__ in version.stdout) == (0, True)
    rules = run(command, "rules", "list", cwd=tmp_path, PYTHONPATH=str(installed))
    packs = "".join(path.read_text() for path in (ROOT / "rules").rglob("*.yaml"))
    ids = re.findall(r"^[ -]*id: (\w+)", packs, re.MULTILINE)
    assert ids
    assert not [rule for rule in ids if rule not in rules.stdout]


def test_the_wheel_has_the_packs_the_types_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "schemactl/py.typed" in names
    packs = [path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*") if path.is_file()]
    assert packs
    assert {f"schemactl/packs/{name}" for name in packs} <= set(names)
    assert [name for name in names if name.endswith("/licenses/LICENSE")]
    assert {name.partition("/")[0] for name in names} == {"schemactl", names[-1].partition("/")[0]}


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    build = (sys.executable, "-m", "hatchling", "build")
    assert run(*build, "--target", "sdist", "--directory", tmp_path, cwd=ROOT).returncode == 0
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = next(path for path in tmp_path.iterdir() if path.is_dir())
    assert run(*build, "--target", "wheel", "--directory", tmp_path, cwd=unpacked).returncode == 0
    assert next(tmp_path.glob("*.whl")).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_the_hook_refuses_what_is_staged_and_not_what_lies_about(
    hook: dict[str, str], installed: Path, tmp_path: Path
) -> None:
    script, proto = tmp_path / ".git/hooks/pre-commit", tmp_path / "acme/users/v1/user.proto"
    git(tmp_path, "init", "--quiet")
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\nexec {hook['entry']}\n")
    script.chmod(0o755)
    proto.parent.mkdir(parents=True)
    path = {"PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(installed)}
    (tmp_path / "schemactl.yaml").write_text("lint: {use: [events]}\n")
    text = 'syntax = "proto3";\npackage acme.users.v1;\n\nmessage User {\n  reserved 2; // field [name]\n}\n'
    proto.write_text(text)
    git(tmp_path, "add", "--all")
    proto.write_text(text.replace("reserved 2;", 'reserved 2; reserved "name";'))
    refused = git(tmp_path, "commit", "--message", "a", **path)
    assert (refused.returncode, 'reserved "name";' in refused.stdout + refused.stderr) == (1, True)
    git(tmp_path, "add", "--all")
    accepted = git(tmp_path, "commit", "--message", "a", **path)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


def test_the_hooks_run_on_schemas_and_their_configuration_only() -> None:
    for hook in HOOKS:
        for name in ("a.proto", "x/a.proto", "schemactl.yaml", "x/buf.yaml", "buf.work.yaml"):
            assert re.search(hook["files"], name), name
        for name in ("a.proto.md", "mybuf.yaml", "README.md", "rebuf.work.yaml", "xbuf.yaml.txt"):
            assert not re.search(hook["files"], name), name
