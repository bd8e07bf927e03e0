"""Bad input: one clear line that names the file and the cure, the right exit code, nothing on the wrong stream."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from schemactl import source
from shell import git
from trees import judged, problems, proto, refused, repository, schemactl, told, write

GOOD = proto("message A { string id = 1; }")


def test_no_protos_at_all_is_said_with_a_way_on(tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "# acme"})
    assert "there are no .proto files" in refused("lint", "-C", tmp_path)
    assert "-C DIR" in refused("lint", "-C", tmp_path)


@pytest.mark.parametrize("option", ["--config", "--image"])
def test_a_file_of_the_command_line_that_is_missing_is_named(tmp_path: Path, option: str) -> None:
    write(tmp_path, {"a.proto": GOOD})
    words = refused("lint", "-C", tmp_path, option, tmp_path / "absent")
    assert "absent` cannot be read: No such file" in words
    assert "check the path" in words


def test_a_missing_directory_or_path_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": GOOD})
    assert "absent` is not a directory" in refused("lint", "-C", tmp_path / "absent")
    assert "there is no `absent.proto`, neither in what is checked" in refused("lint", "-C", tmp_path, "absent.proto")
    assert "lies outside" in refused("lint", "-C", tmp_path, "../absent.proto")


def test_a_path_without_schemas_is_no_clean_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": GOOD, "user.yaml": "a: b", "docs/x.md": "acme", "sub/b.proto": proto("message B {}")})
    words = refused("lint", "-C", tmp_path, "a.proto", "user.yaml")
    assert "`user.yaml` is not a .proto file of what is checked" in words
    assert "`docs` holds no .proto file of what is checked" in refused("lint", "-C", tmp_path, "docs")
    assert judged(tmp_path, "sub", "a.proto") == 2


def test_all_mistakes_of_a_configuration_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.proto": GOOD, "schemactl.yaml": "rootz: [x]\nlint:\n  use: events\nbreaking:\n  profile: jso\n"}
    )
    words = refused("lint", "-C", tmp_path)
    assert "schemactl.yaml:1:1: " in words
    assert "schemactl.yaml:3:8: " in words
    assert "schemactl.yaml:5:12: " in words
    assert "roots" in words


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("lint:\n  use: [EVENT_NAM]\n", "schemactl.yaml:2:9"),
        ("rules:\n  FIELD_LOWER_SNAKE_CAS: {}\n", "schemactl.yaml:2:3"),
    ],
)
def test_an_unknown_rule_of_the_configuration_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    write(tmp_path, {"a.proto": GOOD, "schemactl.yaml": text})
    words = refused("lint", "-C", tmp_path)
    assert f"{place}: there is no rule or category" in words


def test_an_unknown_rule_of_the_command_line_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": GOOD})
    assert "--select: there is no rule or category `NO_SUCH`" in refused("lint", "-C", tmp_path, "--select", "NO_SUCH")
    assert "--ignore: there is no rule or category `NO_SUCH`" in refused("lint", "-C", tmp_path, "--ignore", "NO_SUCH")


def test_a_tab_in_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": GOOD, "schemactl.yaml": "lint:\n\tuse: [events]\n"})
    assert "schemactl.yaml:2:1: line 2 is indented with a tab; YAML wants spaces" in refused("lint", "-C", tmp_path)


def test_an_ignored_path_that_matches_nothing_is_a_warning(tmp_path: Path) -> None:
    good = proto("message A { string id = 1; }", package="acme.v1")
    write(tmp_path, {"acme/v1/a.proto": good, "schemactl.yaml": "lint:\n  ignore: [vendr]\n"})
    done = schemactl("lint", "-C", tmp_path)
    assert done.code == 0
    assert "IGNORE_MATCHES_NOTHING" in done.out
    assert "`vendr`" in done.out


@pytest.mark.parametrize(
    ("text", "line", "rule", "words"),
    [
        (b"//" + b"x" * 10_000_000, 1, "FILE_TOO_LARGE", "the file has 9.5 MB; the limit is 4 MB"),
        (b'syntax = "proto3";\n// caf\xe9\n', 2, "FILE_ENCODING", "line 2 is not UTF-8 (byte 0xe9)"),
        (b'syntax = "proto3";\n\n\0\n', 3, "FILE_ENCODING", "line 3 holds a NUL byte: this is not a text file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            1,
            "FILE_NOT_REGULAR",
            "the file is a Git LFS pointer, not its content",
        ),
    ],
    ids=["10 MB", "Latin-1", "NUL", "LFS"],
)
@pytest.mark.parametrize("beside", [{}, {"b.proto": GOOD}], ids=["alone", "beside a good one"])
def test_a_file_that_must_not_be_read_is_a_finding_on_it(
    tmp_path: Path, text: bytes, line: int, rule: str, words: str, beside: dict[str, str]
) -> None:
    write(tmp_path, {"acme/a.proto": text, **beside})
    (found,) = problems(tmp_path)
    assert (found["path"], found["line"], found["rule"], found["message"]) == ("acme/a.proto", line, rule, words)
    assert found["help"]


def test_a_bad_file_of_a_revision_is_a_finding_too(tmp_path: Path) -> None:
    repository(tmp_path, {"a.proto": GOOD, "b.proto": b"\0", "c.proto": b"//" + b"x" * 5_000_000})
    (tmp_path / "d.proto").symlink_to("a.proto")
    git(tmp_path, "add", "--all")
    found = ["FILE_ENCODING", "FILE_TOO_LARGE"]
    assert [each["rule"] for each in problems(tmp_path, "--rev", "HEAD")] == found
    assert [each["rule"] for each in problems(tmp_path, "--staged")] == [*found, "FILE_NOT_REGULAR"]


@pytest.mark.parametrize("with_git", [True, False])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, with_git: bool) -> None:
    root = tmp_path / "tree"
    write(tmp_path, {"secret.proto": GOOD, "tree/a.proto": GOOD})
    (root / "link.proto").symlink_to(tmp_path / "secret.proto")
    if with_git:
        git(root, "init", "--quiet")
    (found,) = problems(root)
    assert (found["path"], found["rule"]) == ("link.proto", "FILE_NOT_REGULAR")
    assert "symbolic link" in found["message"]


@pytest.mark.parametrize("with_git", [True, False])
def test_a_fifo_and_a_socket_are_not_waited_for(tmp_path: Path, with_git: bool) -> None:
    write(tmp_path, {"a.proto": GOOD, "fifo.proto": ""})
    if with_git:
        git(tmp_path, "init", "--quiet")
        git(tmp_path, "add", "--all")
    (tmp_path / "fifo.proto").unlink()
    os.mkfifo(tmp_path / "fifo.proto")
    assert told(tmp_path) == ["fifo.proto:1:1 FILE_NOT_REGULAR the path is a FIFO, not a regular file"]
    (tmp_path / "fifo.proto").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        try:
            os.chdir(tmp_path)
            listener.bind("fifo.proto")
        finally:
            os.chdir(here)
        assert "FILE_NOT_REGULAR" in told(tmp_path)[0]


@pytest.mark.parametrize("kind", ["symlink", "fifo", "directory"])
def test_a_configuration_that_is_no_regular_file_is_never_passed_over(tmp_path: Path, kind: str) -> None:
    write(tmp_path, {"a.proto": GOOD, "other.yaml": "lint:\n  ignore: [a.proto]\n"})
    path = tmp_path / "schemactl.yaml"
    if kind == "symlink":
        path.symlink_to("other.yaml")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    words = refused("lint", "-C", tmp_path)
    assert "schemactl.yaml: the " in words


@pytest.mark.parametrize(
    "name", ["@x.proto", "-x.proto", "a b.proto", "a\nb.proto", "a:b.proto", 'a"b.proto', "\x1b[31m.proto"]
)
def test_a_name_that_a_compiler_could_misread_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"acme/" + name: GOOD, "acme/good.proto": GOOD.replace("A", "B")})
    (found,) = problems(tmp_path)
    assert (found["rule"], found["path"]) == ("UNSAFE_PATH", "acme/" + name)
    assert "rename it" in found["help"]
    text = schemactl("lint", "-C", tmp_path).out
    assert "\x1b" not in text
    assert "acme/a\nb" not in text


def test_directories_above_the_root_may_be_called_anything(tmp_path: Path) -> None:
    write(tmp_path, {"@acme/my schemas/acme/v1/a.proto": proto("message A {}", package="acme.v1")})
    assert judged(tmp_path) == 1


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are Unicode there")
def test_nor_need_they_be_called_in_utf_8(tmp_path: Path) -> None:
    above = tmp_path / "schemas\udcff"
    write(above, {"acme/v1/a.proto": proto("message A {}", package="acme.v1")})
    assert [judged(above), judged(above)] == [1, 1]


def test_more_files_than_one_run_takes_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILES", 2)
    write(tmp_path, {f"{name}.proto": f"message {name} {{}}" for name in "ABC"})
    (found,) = problems(tmp_path)
    assert found["message"] == "3 files are more than one run takes (2)"
    assert "roots:" in found["help"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": GOOD})
    (tmp_path / "a.proto").chmod(0)
    assert "`a.proto` cannot be read: Permission denied" in refused("lint", "-C", tmp_path)


def test_a_tracked_file_that_is_deleted_in_the_working_tree_is_not_missed(tmp_path: Path) -> None:
    repository(tmp_path, {"a.proto": GOOD, "b.proto": proto("message B {}")})
    (tmp_path / "b.proto").unlink()
    assert judged(tmp_path) == 1
    assert judged(tmp_path, "--rev", "HEAD") == 2


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_crlf_and_bom_are_accepted_with_the_same_columns(tmp_path: Path, start: bytes, end: bytes) -> None:
    first = b'syntax = "proto3"; message A { Missing a = 1; }'
    write(tmp_path, {"a.proto": start + first + end + b"message B { Missing b = 1; }" + end})
    assert [place.partition(" ")[0] for place in told(tmp_path)] == ["a.proto:1:32", "a.proto:2:13"]
    write(tmp_path, {"a.proto": start + first.replace(b"Missing", b"string") + end})
    assert judged(tmp_path) == 1
