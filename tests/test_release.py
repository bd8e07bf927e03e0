"""`schemactl release`, as a user runs it: planned, done, ended anywhere and done again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from repositories import GONE, PATH, USER, Done, Repo, clean, init
from schemactl import releasetold
from schemactl.goplugins import Plugins
from schemactl.releasing import Outcome, Request
from schemactl.upcoming import Step
from schemactl.version import parsed

pytest_plugins = ("goplugins_built",)

CONFIG = """\
packages: [{name: acme-events}]
release: {changelog: CHANGELOG.md}
publish: [dir:../packages]
"""
TWO = """\
packages:
  - {name: acme-events, paths: [acme], go: {module: github.com/acme/events-go}}
  - {name: acme-orders, paths: [orders]}
release: {changelog: CHANGELOG.md}
publish: [dir:../packages]
"""
ORDER = (
    'syntax = "proto3";\npackage orders.v1;\nimport "acme/v1/user.proto";\nmessage Order {\n  acme.v1.User by = 1;\n}\n'
)
MORE = USER.replace("string mail = 2;", "string mail = 2;\n  string nick_name = 3;")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@dataclass(frozen=True)
class World:
    """A clone with its remote and the directory that is published to."""

    top: Path
    repo: Repo

    @property
    def packages(self) -> Path:
        return self.top / "packages"

    def release(self, *arguments: str, format: str = "text") -> Done:
        return self.repo.run("release", *arguments, format=format)

    def released(self, *arguments: str) -> Done:
        done = self.release("--execute", *arguments)
        assert done.code == 0, done.out + done.err
        return done

    def push(self) -> None:
        self.repo.git("push", "--quiet", "origin", "HEAD:main")

    def change(self, files: dict[str, str | None]) -> str:
        commit = self.repo.commit(files)
        self.push()
        return commit

    def state(self) -> dict[str, bytes]:
        """All that a release leaves behind."""
        found = everything(self.packages) | {"changelog": (self.repo.root / "CHANGELOG.md").read_bytes()}
        refs = self.repo.git("ls-remote", "--tags", "origin")
        return found | {"remote": refs.encode(), "dist": (self.repo.root / "dist/SHA256SUMS").read_bytes()}


def everything(directory: Path) -> dict[str, bytes]:
    paths = (path for path in directory.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def begun(top: Path, config: str = CONFIG, text: str = USER) -> World:
    repo = init(top / "acme", {PATH: text, "schemactl.yaml": config, ".gitignore": "dist\n"})
    repo.git("init", "--quiet", "--bare", str(top / "remote.git"))
    repo.git("remote", "add", "origin", str(top / "remote.git"))
    world = World(top, repo)
    world.push()
    repo.git("fetch", "--quiet")
    return world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return begun(tmp_path)


def tags(world: World) -> list[str]:
    return [line.rpartition("/")[2] for line in world.repo.git("ls-remote", "--tags", "--refs", "origin").splitlines()]


def test_the_plan_says_what_would_happen_and_nothing_does(world: World) -> None:
    done = world.release()
    assert done.code == 0, done.err
    assert "acme-events  0.1.0" in done.out
    assert "v0.1.0" in done.out
    assert "--execute" in done.out
    assert (tags(world), world.repo.git("tag"), world.packages.exists()) == ([], "", False)
    assert world.repo.git("status", "--short") == ""


def test_a_release_builds_publishes_writes_the_changelog_tags_and_pushes(world: World) -> None:
    done = world.released()
    assert (world.packages / "simple/acme-events/acme_events-0.1.0-py3-none-any.whl").is_file()
    assert "## acme-events 0.1.0" in (world.repo.root / "CHANGELOG.md").read_text()
    assert tags(world) == ["v0.1.0"]
    assert world.repo.git("rev-parse", "v0.1.0^{commit}") == world.repo.git("rev-parse", "HEAD")
    assert "## acme-events 0.1.0" in world.repo.git("cat-file", "tag", "v0.1.0")
    assert "released acme-events 0.1.0" in done.out


def test_releases_follow_from_what_changed(world: World) -> None:
    world.released()
    world.change({PATH: MORE})
    assert "acme-events  0.1.0 -> 0.1.1" in world.release().out
    world.released()
    world.change({PATH: GONE})
    planned = world.release(format="json").report
    assert [(each["next"], each["breaking"]) for each in planned["packages"]] == [("0.2.0", True)]
    world.released()
    assert tags(world) == ["v0.1.0", "v0.1.1", "v0.2.0"]


def test_nothing_new_is_nothing_to_release(world: World) -> None:
    world.released()
    before = world.state()
    world.change({"README.md": "more\n"})
    done = world.released()
    assert "nothing to release" in done.out
    assert world.state() == before


def test_a_break_of_a_stable_version_is_refused_before_anything_happens(world: World) -> None:
    world.repo.git("tag", "v1.4.0")
    world.push()
    world.change({PATH: GONE})
    done = world.release("--execute", format="json")
    assert (done.code, done.rules) == (1, ["RELEASE_REFUSED"])
    assert "mail" in done.out
    assert "--allow-breaking" in done.out
    assert not world.packages.exists()
    assert world.repo.git("tag") == "v1.4.0"


def test_a_break_that_is_meant_raises_the_major_version(world: World) -> None:
    world.repo.git("tag", "v1.4.0")
    world.change({PATH: GONE})
    done = world.release("--execute", "--allow-breaking")
    assert (done.code, "push it: `git push origin v1.4.0`" in done.err) == (2, True)
    world.repo.git("push", "--quiet", "origin", "v1.4.0")
    world.released("--allow-breaking")
    assert "v2.0.0" in tags(world)


def test_a_tag_made_elsewhere_is_the_version_and_none_is_made(world: World) -> None:
    world.repo.git("tag", "v1.0.0")
    world.repo.git("push", "--quiet", "origin", "v1.0.0")
    before = world.repo.git("ls-remote", "--tags", "origin")
    world.released()
    assert (world.packages / "simple/acme-events/acme_events-1.0.0-py3-none-any.whl").is_file()
    assert world.repo.git("ls-remote", "--tags", "origin") == before


def test_a_release_that_is_done_can_be_run_again(world: World) -> None:
    world.released()
    before = world.state()
    assert world.release().out.endswith(": `--execute` makes sure that nothing of its release is missing\n")
    done = world.released()
    assert "already published" in done.out
    shutil.rmtree(world.repo.root / "dist")
    world.released()
    assert world.state() == before


def test_a_commit_that_nobody_else_has_is_not_released(world: World) -> None:
    world.repo.commit({PATH: MORE})
    done = world.release("--execute")
    assert (done.code, done.out) == (2, "")
    assert "git push" in done.err
    assert not world.packages.exists()


def test_the_plan_tells_what_would_keep_it_from_being_done(tmp_path: Path) -> None:
    world = begun(tmp_path, CONFIG.replace("publish: [dir:../packages]\n", ""))
    world.repo.commit({PATH: MORE})
    told = " ".join(world.release().out.split())
    assert "`--execute` will not do it yet: there is no target to publish to" in told
    assert "`--execute` will not do it yet: commit" in told


def test_a_changelog_that_cannot_be_written_stops_a_release_before_it_begins(world: World) -> None:
    (world.repo.root / "CHANGELOG.md").write_bytes(b"\xff")
    done = world.release("--execute")
    assert (done.code, done.out) == (2, "")
    assert "UTF-8" in done.err
    assert not world.packages.exists()


def test_a_changelog_behind_a_link_of_the_repository_is_refused(tmp_path: Path) -> None:
    world = begun(tmp_path, CONFIG.replace("CHANGELOG.md", "docs/CHANGELOG.md"))
    (tmp_path / "outside").mkdir()
    (world.repo.root / "docs").symlink_to(tmp_path / "outside")
    world.change({})
    done = world.release("--execute")
    assert (done.code, done.out) == (2, "")
    assert "symbolic link" in done.err
    assert list((tmp_path / "outside").iterdir()) == []


def test_targets_that_were_left_out_are_told_with_what_gives_them_the_release(world: World) -> None:
    told = " ".join(world.released("--to", f"dir:{world.top / 'other'}").out.split())
    assert f"dir:{world.packages} of schemactl.yaml did not get this release: `schemactl publish dist`" in told


def test_the_directory_of_the_changelog_is_made(tmp_path: Path) -> None:
    world = begun(tmp_path, CONFIG.replace("CHANGELOG.md", "docs/new/CHANGELOG.md"))
    world.released()
    assert "## acme-events 0.1.0" in (world.repo.root / "docs/new/CHANGELOG.md").read_text()


def test_the_plan_is_in_the_summary_of_a_job(world: World) -> None:
    said = world.release(format="markdown").out
    assert "acme-events 0.1.0: first release" in said
    assert "v0.1.0" in said


def test_nothing_to_release_is_nothing_to_build(world: World) -> None:
    world.released()
    world.change({"README.md": "more\n"})
    older = world.repo.run("package", "--release", format="text")
    assert (older.code, "`dist` holds a build of" in older.err) == (2, True)
    shutil.rmtree(world.repo.root / "dist")
    done = world.repo.run("package", "--release", format="text")
    assert (done.code, "nothing to release" in done.out) == (0, True)
    assert not (world.repo.root / "dist").exists()


def test_at_a_narrow_terminal_the_plan_keeps_its_columns() -> None:
    step = Step("acme-events", "v0.1.0", "0.1.0", "major", parsed("0.2.0"), "v0.2.0", False, ("word " * 30,), "", True)
    done = Outcome("c" * 40, (step,), (), None)
    lines = releasetold.of_release(Request(), done, 60)[1].splitlines()
    assert all(len(line) <= 60 for line in lines[:3])
    assert lines[1].startswith(" " * len("acme-events  0.1.0 -> 0.2.0  ") + "word")


def test_a_remote_that_refuses_the_tag_is_told_and_the_next_run_ends_the_release(world: World) -> None:
    hook = world.top / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho tags are frozen >&2\nexit 1\n")
    hook.chmod(0o755)
    done = world.release("--execute")
    assert (done.code, done.out) == (2, "")
    assert "tags are frozen" in done.err
    hook.unlink()
    world.released()
    assert tags(world) == ["v0.1.0"]


def test_of_two_releases_of_one_version_one_goes_on_and_the_other_is_told(world: World) -> None:
    shutil.copytree(world.repo.root, world.top / "other")
    other = World(world.top, Repo(world.top / "other"))
    other.repo.git("checkout", "--quiet", "-b", "more")
    other.repo.commit({PATH: MORE})
    other.repo.git("push", "--quiet", "origin", "more")
    world.released()
    before = world.state()
    # It does not know of the tag that was pushed meanwhile, and would take the same version.
    done = other.release("--execute", format="json")
    assert (done.code, done.rules) == (1, ["RELEASE_REFUSED"])
    assert "git fetch --tags" in done.out
    assert world.state() == before


def test_two_releases_of_one_commit_at_once_are_one(world: World) -> None:
    shutil.copytree(world.repo.root, world.top / "other")
    argv = [sys.executable, "-P", "-m", "schemactl", "release", "--execute", "-C"]
    both = [
        subprocess.Popen([*argv, str(world.top / name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name in ("acme", "other")
    ]
    outputs = [each.communicate()[0] for each in both]
    assert [each.returncode for each in both] == [0, 0], outputs
    assert tags(world) == ["v0.1.0"]
    assert len(everything(world.packages / "releases")) == 4


def test_one_job_builds_and_the_other_publishes_without_building(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.repo.run("package", "--release", format="text").code == 0
    shutil.move(world.repo.root / "dist", world.top / "downloaded")
    world.released("--from", str(world.top / "downloaded"))
    assert tags(world) == ["v0.1.0"]
    assert not (world.repo.root / "dist").exists()


def test_a_build_of_another_commit_is_not_the_release_of_this_one(world: World) -> None:
    assert world.repo.run("package", "--release", format="text").code == 0
    assert world.release("--from", "dist").code == 0
    world.change({PATH: MORE})
    for execute in ((), ("--execute",)):
        done = world.release(*execute, "--from", "dist", format="json")
        assert (done.code, done.rules) == (1, ["RELEASE_REFUSED"])
    assert not world.packages.exists()


def test_a_build_before_and_after_the_tag_is_the_same(world: World) -> None:
    assert world.repo.run("package", "--release", format="text").code == 0
    before = everything(world.repo.root / "dist")
    world.repo.git("tag", "v0.1.0")
    assert world.repo.run("package", "--release", format="text").code == 0
    assert everything(world.repo.root / "dist") == before


# Runs the command line and dies, as by SIGKILL, right after the next thing that others can see.
KILLED = """
import os, signal, subprocess, sys

def deadly(done, counts=lambda *args: True):
    def call(*args, **kwargs):
        result = done(*args, **kwargs)
        if counts(*args):
            print(args, file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

def writes(argv, *_):
    return argv[0] == "git" and any(word in argv for word in ("update-ref", "push"))

os.link = deadly(os.link, lambda source, target, *_: SEEN(target))
os.rename = deadly(os.rename, lambda source, target, *_: SEEN(target))
os.replace = deadly(os.replace, lambda source, target, *_: SEEN(target))
subprocess.run = deadly(subprocess.run, writes)
from schemactl.__main__ import main
main()
"""


@pytest.mark.slow
def test_ended_at_each_step_and_run_again_a_release_ends_the_same(tmp_path: Path, plugins: Plugins) -> None:
    assert plugins.grpc
    given = ["--protoc-gen-go", str(plugins.go.path), "--protoc-gen-go-grpc", str(plugins.grpc.path)]
    calm = begun(tmp_path / "calm", TWO)
    calm.change({"orders/v1/order.proto": ORDER})
    calm.repo.git("fetch", "--quiet")
    shutil.copytree(tmp_path / "calm", tmp_path / "killed")
    killed = World(tmp_path / "killed", Repo(tmp_path / "killed/acme"))
    killed.repo.git("remote", "set-url", "origin", str(tmp_path / "killed/remote.git"))
    calm.released(*given)
    ends = 0
    for _ in range(60):
        # What was there before does not count: each run gets one step further.
        before = everything(tmp_path / "killed")
        script = KILLED.replace("SEEN(target)", f"os.path.realpath(target).startswith({str(tmp_path / 'killed')!r})")
        argv = [sys.executable, "-P", "-c", script, "release", "--execute", "-C", str(killed.repo.root), *given]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert everything(tmp_path / "killed") != before, done.stderr
        ends += 1
    assert ends > 15
    assert killed.state() == calm.state()
