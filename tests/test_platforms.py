"""Everywhere: what Windows lacks, line ends that git makes, consoles that cannot show everything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schemactl import build, console, protoc, tools
from schemactl.errors import ToolError
from shell import git, run
from trees import command, repository, schemactl, write

USER = """syntax = "proto3";

package acme.users.v1;

// A user, as they signed up.
message User {
  // schemactl:ignore FIELD_LOWER_SNAKE_CASE -- an old name
  string userId = 1;
  string nickName = 2; // nobody knows why
}
"""
FILES = {"acme/users/v1/user.proto": USER, "schemactl.yaml": "lint:\n  use: [STANDARD]\n"}
# `os`, `signal` and the standard library as Python has them on Windows; who needs more must ask whether it is there.
WITHOUT_POSIX = """
import sys, os, signal
import asyncio, pathlib, platformdirs, rich.console, shutil, sqlite3, subprocess, tempfile, threading, typer
for name in ("fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getpgrp", "getuid", "killpg", "lchown",
             "mkfifo", "mknod", "nice", "openpty", "posix_fallocate", "pread", "pwrite", "sched_getaffinity", "setpgid",
             "setsid", "setuid", "statvfs", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC"):
    if hasattr(os, name):  # macOS lacks some of them, too
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGALRM", "SIG_BLOCK", "SIG_SETMASK", "pthread_sigmask", "alarm", "setitimer"):
    if hasattr(signal, name):
        delattr(signal, name)
# The ways in which the standard library itself deletes trees on Windows, before and since Python 3.14.
shutil._use_fd_functions, shutil._rmtree_impl = False, shutil._rmtree_unsafe
sys.path.insert(0, sys.argv[1])
from schemactl.cli import app
for argv in sys.argv[2:]:
    try:
        app(argv.split())
    except SystemExit as end:
        print(argv, "->", end.code, flush=True)
"""


def converted(root: Path) -> Path:
    """The work tree as `core.autocrlf=true` checks it out."""
    git(root, "config", "core.autocrlf", "true")
    for path in git(root, "ls-files").stdout.split():
        (root / path).unlink()
    assert git(root, "checkout", "--force", "--quiet", ".").returncode == 0
    assert b"\r\n" in (root / "acme/users/v1/user.proto").read_bytes()
    return root


@pytest.mark.posix
def test_the_commands_run_without_what_only_posix_has(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    (root / "acme/users/v1/user.proto").write_text(USER.replace("nickName", "nick_name"))
    asked = [
        "lint",
        "check --against HEAD",
        "diff HEAD",
        "lint --fix",
        "generate",
        "package --version 1.0.0 --rev HEAD",
        "doctor",
    ]
    code = str(Path(__file__).parents[1])
    done = run(sys.executable, "-c", WITHOUT_POSIX, code, *asked, cwd=root)
    codes = [line for line in done.stdout.splitlines() if " -> " in line]
    assert codes == [
        "lint -> 0", "check --against HEAD -> 1", "diff HEAD -> 0", "lint --fix -> 0", "generate -> 0",
        "package --version 1.0.0 --rev HEAD -> 0", "doctor -> 0",
    ], done.stdout + done.stderr  # fmt: skip


@pytest.mark.posix
def test_a_locale_without_utf_8_hides_no_file_and_keeps_its_console(tmp_path: Path) -> None:
    root = write(repository(tmp_path / "r", FILES), {"acme/users/v1/ü.proto": USER.replace("User", "Other")})
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(Path(__file__).parents[1])}
    done = run(sys.executable, "-m", "schemactl", "lint", cwd=root, **ascii)
    assert (done.returncode, done.stderr) == (1, "")
    assert "acme/users/v1/\\xfc.proto:9:10: error FIELD_LOWER_SNAKE_CASE" in done.stdout
    assert done.stdout.isascii()


def test_line_ends_of_windows_change_no_finding_and_are_no_change(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    before = schemactl("lint", "-C", root, "--format", "json", "--show-suppressed")
    text = schemactl("lint", "-C", root)
    converted(root)
    assert schemactl("lint", "-C", root, "--format", "json", "--show-suppressed") == before
    assert schemactl("lint", "-C", root) == text
    assert "nothing changed" in schemactl("diff", "-C", root, "HEAD").out
    assert schemactl("breaking", "-C", root, "--against", "HEAD").code == 0


def test_a_byte_order_mark_and_line_ends_of_windows_leave_the_configuration_what_it_is(tmp_path: Path) -> None:
    text = "\ufefflint:\r\n  use: [PACKAGE_DEFINED]\r\n"
    root = write(tmp_path, {"schemactl.yaml": text, "a.proto": '\ufeffsyntax = "proto3";\r\npackage Acme;\r\n'})
    assert schemactl("lint", "-C", root) == (0, "1 file, no findings\n", "")


def test_generated_code_is_current_where_git_gave_it_line_ends_of_windows(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    assert schemactl("generate", "-C", root).code == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "gen")
    converted(root)
    assert schemactl("generate", "-C", root, "--check").code == 0
    stub = root / "gen/python/acme/users/v1/user_pb2.pyi"
    stub.write_bytes(stub.read_bytes() + b"# changed\r\n")
    assert schemactl("generate", "-C", root, "--check").code == 1


def test_generated_code_with_line_ends_of_windows_is_still_ours_to_delete(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    assert schemactl("generate", "-C", root).code == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "gen")
    converted(root)
    (root / "acme/users/v1/user.proto").rename(root / "acme/users/v1/person.proto")
    assert schemactl("generate", "-C", root).code == 0
    assert sorted(each.name for each in (root / "gen/python/acme/users/v1").glob("*_pb2.py")) == ["person_pb2.py"]


def test_line_ends_that_protoc_writes_on_windows_are_lines(tmp_path: Path) -> None:
    said = r"import sys; sys.stderr.buffer.write(b'a.proto:1:1: warning: Import b.proto is unused.\r\n')"
    result = protoc.run(tmp_path, (), (sys.executable, "-c", said))
    assert result is not None
    assert result.stderr == b"a.proto:1:1: warning: Import b.proto is unused.\n"


def test_a_protoc_that_ends_without_a_word_has_crashed(tmp_path: Path) -> None:
    assert protoc.run(tmp_path, (), (sys.executable, "-c", "raise SystemExit(1)")) is None


class Texts:
    """As much of the sources as writing them takes."""

    def __init__(self, *names: str) -> None:
        self.everything = dict.fromkeys(names, b"")

    def load(self, names: object) -> None: ...

    def release(self) -> None: ...


def test_files_that_differ_by_case_alone_are_named_where_they_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Callable[..., int] = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **more: opened(str(path).replace("A.", "a."), *rest, **more))
    texts = Texts("A.proto", "a.proto")
    with pytest.raises(ToolError, match=r"`a\.proto` and another file differ by case alone"):
        build._write(tmp_path, texts, texts.everything)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "device"),
    [("acme/aux.proto", True), ("CON/a.proto", True), ("com1.x.proto", True), ("acme/auxiliary.proto", False)],
)
def test_names_of_devices_are_refused_on_windows_before_anything_is_written_to_them(
    name: str, device: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = Texts(name)
    monkeypatch.setattr(os, "name", "nt")
    if device:
        with pytest.raises(ToolError, match="the name of a device on Windows"):
            build._write(tmp_path / "src", texts, texts.everything)  # type: ignore[arg-type]
    else:
        build._write(tmp_path / "src", texts, texts.everything)  # type: ignore[arg-type]


@pytest.mark.posix
def test_a_system_that_bounds_no_memory_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    def refused(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refused)
    with tools.memory_limit():
        assert resource.getrlimit(resource.RLIMIT_AS)


def test_what_stands_behind_the_first_colon_may_have_a_drive() -> None:
    from schemactl import report, target

    assert report.parse(["sarif:C:\\out\\x.sarif"]) == [("sarif", Path("C:\\out\\x.sarif"))]
    assert target.parsed("dir:C:\\packages").place == "C:\\packages"


def test_a_child_knows_what_windows_needs_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ("SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
    for name in (*needed, "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "x")
    assert tools.environment().keys() >= set(needed)
    assert "GITHUB_TOKEN" not in tools.environment()


TREE = "└─ message User\n   ├─ `a` → `b`…  1 · 2 ✓ 名\n"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "`- message User\n   |- `a` -> `b`...  1 | 2 ok \\u540d\n"),
        ("cp1252", "`- message User\n   |- `a` -> `b`…  1 · 2 ok \\u540d\n"),
        ("cp437", "└─ message User\n   ├─ `a` -> `b`...  1 · 2 ok \\u540d\n"),
        ("utf-8", TREE),
        (None, TREE),
    ],
)
def test_what_an_encoding_lacks_is_drawn_with_what_it_has(encoding: str | None, shown: str) -> None:
    assert console.encoded(TREE, encoding).decode(encoding or "utf-8") == shown
    assert console.drawable(TREE, encoding) == shown


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_report_for_people_is_in_the_consoles_encoding_and_others_are_in_utf_8(
    settings: dict[str, str], tmp_path: Path
) -> None:
    root = write(tmp_path, {**FILES, "schemactl.yaml": "breaking:\n  profile: json\n"})
    settings = {**settings, "PYTHONCOERCECLOCALE": "0"}
    text, markdown = (root / name for name in ("text", "markdown"))
    for path in (text, markdown):
        with path.open("wb") as file:
            environment = {**os.environ, **settings}
            subprocess.run(command("lint", "--format", path.name), cwd=root, stdout=file, env=environment, check=False)
    assert b"error FIELD_LOWER_SNAKE_CASE" in text.read_bytes()
    assert b"\\" not in text.read_bytes()
    assert "❌" in markdown.read_text("utf-8")


def test_a_terminal_that_obeys_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from schemactl import shell

    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(console, "obeys_colors", lambda: True)
    assert shell.colored("auto")
    monkeypatch.setattr(console, "obeys_colors", lambda: False)
    assert not shell.colored("auto")
    assert shell.colored("always")
