"""Trees made to lead astray: out of the repository, past a limit, or past the reader without a word."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from schemactl import crew, git, lint, protoc, provided, roots, source, tree
from schemactl.bufyaml import Module
from schemactl.complaint import finding
from schemactl.errors import ConfigError, ToolError
from schemactl.finding import Finding
from schemactl.progress import progress
from schemactl.protoc import Complaint
from schemactl.texts import Sources
from schemactl.tree import Directory, Snapshot
from shell import git as run_git
from shell import run
from trees import command, commit, proto, repository, told, write

GOOD = proto("message A {}")
LIMIT = 4 * 1024 * 1024


def found(root: Path) -> git.Repository:
    repo = git.discover(root)
    assert repo is not None
    return repo


def head(root: Path) -> Snapshot:
    repo = found(root)
    return Snapshot(repo, git.tree(repo, git.head(repo) or ""))


def listed(root: Path, files: dict[str, str]) -> None:
    """Files in the index and the last commit alone: no disk has to be able to hold them."""
    for path, text in files.items():
        write(root, {".git/text": text})
        oid = run_git(root, "hash-object", "-w", ".git/text").stdout.strip()
        done = run_git(root, "update-index", "--add", "--cacheinfo", f"100644,{oid},{path}")
        assert done.returncode == 0, done.stderr
    run_git(root, "commit", "--quiet", "--message", "change")


@pytest.mark.parametrize("with_git", [True, False])
def test_nothing_is_read_through_a_linked_directory(tmp_path: Path, with_git: bool) -> None:
    write(tmp_path, {"secret/cred.yaml": "password: hunter2", "secret/deep/a.proto": GOOD})
    root = repository(tmp_path / "repo", {"a.proto": GOOD}) if with_git else write(tmp_path / "repo", {"a.proto": GOOD})
    (root / "link").symlink_to("../secret")
    directory = Directory(root, git.discover(root))
    for path in ("link/cred.yaml", "link/deep/a.proto", "link/absent.yaml"):
        with pytest.raises(ConfigError, match="`link` leads out of what is checked"):
            directory.read(path)
    assert directory.flaw("link/deep/a.proto")
    assert directory.read("absent/cred.yaml") is None


@pytest.mark.parametrize("path", [".git/config", "sub/.GIT/config", "../secret/cred.yaml"])
def test_what_is_not_the_repositorys_own_is_not_read(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"secret/cred.yaml": "password: hunter2"})
    root = repository(tmp_path / "repo", {"a.proto": GOOD, "sub/b.proto": GOOD})
    with pytest.raises(ConfigError, match="leads out of what is checked"):
        Directory(root, found(root)).read(path)


def test_a_tracked_directory_that_became_a_link_is_a_finding_on_its_files(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"sub/a.proto": GOOD})
    (root / "sub").rename(tmp_path / "elsewhere")
    (root / "sub").symlink_to(tmp_path / "elsewhere")
    (line,) = told(root)
    assert line.startswith("sub/a.proto:1:1 FILE_NOT_REGULAR `sub` leads out of what is checked")


def test_a_large_configuration_is_refused_before_it_is_read(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.proto": GOOD, "pack.yaml": "#" * (LIMIT + 1)})
    for each in (Directory(root, found(root)), head(root)):
        with pytest.raises(ConfigError, match=r"pack.yaml: the file has 4.0 MB; the limit is 4 MB"):
            each.read("pack.yaml")


def test_a_large_blob_is_measured_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, {"a.proto": GOOD, "b.proto": "/" * (LIMIT + 1)})
    blobs = git.blobs
    read: set[bytes] = set()

    def recorded(repo: git.Repository, oids: Iterable[str]) -> dict[str, bytes]:
        contents = blobs(repo, oids)
        read.update(contents.values())
        return contents

    monkeypatch.setattr(git, "blobs", recorded)
    assert head(root).read_many(["a.proto", "b.proto"], LIMIT) == {"a.proto": GOOD.encode(), "b.proto": LIMIT + 1}
    assert read == {GOOD.encode()}


def test_one_blob_in_many_places_is_refused_before_it_is_read(tmp_path: Path) -> None:
    root = repository(tmp_path, {"0.proto": "/" * LIMIT})
    oid = run_git(root, "rev-parse", "HEAD:0.proto").stdout.strip()
    write(root, {".git/tree": "".join(f"100644 blob {oid}\t{at}.proto\n" for at in range(300))})
    assert run("sh", "-c", "git mktree < .git/tree > .git/made", cwd=root).returncode == 0
    made = (root / ".git/made").read_text().strip()
    assert run_git(root, "read-tree", made).returncode == 0
    assert run_git(root, "commit", "--quiet", "--message", "bomb").returncode == 0
    before = time.monotonic()
    with pytest.raises(ToolError, match="1200 MB together; the limit is 1024 MB"):
        source.collect(head(root), [Module(".")])
    assert time.monotonic() - before < 5


def test_files_on_disk_have_a_limit_together_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {f"{at}.proto": proto(f"message M{at} {{}}") for at in range(3)})
    monkeypatch.setattr(tree, "MAX_TOTAL", 90)
    with pytest.raises(ToolError, match="together"):
        source.collect(Directory(tmp_path, None), [Module(".")])
    monkeypatch.setattr(tree, "MAX_TOTAL", 200)
    assert len(source.collect(Directory(tmp_path, None), [Module(".")]).files) == 3


@pytest.fixture
def closed_directory(tmp_path: Path) -> Iterator[Path]:
    root = write(tmp_path / "repo", {"a.proto": GOOD, "acme/b.proto": GOOD.replace("A", "B")})
    own = next(index for index, above in enumerate(root.parents) if above.name.startswith("pytest-of-"))
    for above in (root, *list(root.parents)[: own + 1]):
        above.chmod(0o755)
    yield root
    (root / "acme").chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="needs permissions")
@pytest.mark.parametrize("with_git", [True, False])
def test_what_cannot_be_looked_at_is_not_taken_for_deleted(closed_directory: Path, with_git: bool) -> None:
    root = closed_directory
    if with_git:
        run_git(root, "init", "--quiet")
        commit(root)
    (root / "acme").chmod(0)
    argv = command("lint", "-C", root, "--jobs", "1")
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root sees everything, and setpriv is not here")
        argv = ("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", *argv)
    done = run(*argv, cwd=Path("/"), HOME="/nonexistent")
    assert done.returncode == 2, done
    assert "acme" in done.stderr
    assert "cannot be read: Permission denied" in done.stderr


def warnings(each: tree.Tree, includes: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    collected = source.collect(each, [Module(".")], includes=includes)
    assert not collected.problems
    assert all(
        (w.rule, w.severity, w.source) == ("DIRECTORY_NOT_FOLLOWED", "warning", "policy") for w in collected.warnings
    )
    return [(w.location.path, w.message) for w in collected.warnings if w.location]


def test_directories_that_are_not_followed_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"shared/x.proto": GOOD})
    weather = repository(tmp_path / "weather", {"w.proto": GOOD})
    root = repository(tmp_path / "repo", {"a.proto": GOOD, "docs/readme.md": ""})
    (root / "link").symlink_to("../shared")
    (root / "notes").symlink_to("docs")
    (root / "latest.proto.txt").symlink_to("a.proto")
    added = run_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(weather), "sub.d")
    assert added.returncode == 0, added.stderr
    commit(root)
    repository(root / "inner", {"i.proto": GOOD})
    repository(root / "quiet", {"i.txt": ""})
    below = "nothing below it is checked"
    link, sub = ("link", f"`link` is a symbolic link: {below}"), ("sub.d", f"`sub.d` is a submodule: {below}")
    assert warnings(Directory(root, found(root))) == [
        ("inner", f"`inner` is a repository of its own: {below}"), link, sub
    ]  # fmt: skip
    assert sorted(warnings(head(root))) == [link, sub]
    assert warnings(head(root), ("sub.d/proto", "link")) == []


def test_a_linked_directory_is_told_without_git_too(tmp_path: Path) -> None:
    write(tmp_path, {"shared/x.proto": GOOD, "repo/a.proto": GOOD})
    (tmp_path / "repo/link").symlink_to("../shared")
    assert [path for path, _ in warnings(Directory(tmp_path / "repo", None))] == ["link"]


def test_a_link_to_what_is_checked_anyway_is_not_told(tmp_path: Path) -> None:
    root = repository(tmp_path, {"v2/a.proto": GOOD})
    (root / "latest").symlink_to("v2")
    commit(root)
    assert warnings(Directory(root, found(root))) == warnings(head(root)) == []


@pytest.mark.parametrize("name", ["x" * 300 + ".proto", "d/" * 2000 + "a.proto"], ids=["a segment", "a path"])
def test_a_path_that_no_disk_holds_is_a_finding_and_not_a_full_disk(tmp_path: Path, name: str) -> None:
    root = repository(tmp_path, {"a.proto": GOOD})
    listed(root, {name: proto("message B {}")})
    for argv in ((), ("--staged",), ("--rev", "HEAD")):
        (line,) = told(root, *argv)
        assert "UNSAFE_PATH the path is longer than a file system holds" in line


def test_a_file_that_is_a_directory_of_another_root_is_a_finding(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "r1/a.proto": GOOD,
            "r2/a.proto/b.proto": proto("message B {}"),
            "r2/a.proto/c.proto": proto("message C {}"),
            "schemactl.yaml": "roots: [r1, r2]",
        },
    )
    (line,) = told(tmp_path)
    assert line.startswith("r2/a.proto/b.proto:1:1 DUPLICATE_FILE `a.proto/b.proto` needs `a.proto` to be a directory")


def placed(count: int, text: bytes) -> list[Finding]:
    sources = Sources({"a.proto": text}, {}, {"a.proto": "a.proto"})
    return [finding(Complaint("a.proto", at + 1, 0, f"e{at}"), sources) for at in range(count)]


def test_many_complaints_about_one_file_are_placed_quickly() -> None:
    before = time.monotonic()
    last = placed(20_000, b"message\n" * 100_000)[-1]
    assert time.monotonic() - before < 5
    assert last.location is not None
    assert (last.location.line, last.location.end_column) == (20_000, 8)


def test_complaints_have_an_end() -> None:
    said = "".join(f"a.proto:{at}:1: wrong {at}\n" for at in range(1, 3001))
    complaints = protoc.complaints(said, lambda name: True)
    assert len(complaints) == 1001
    assert complaints[-1].message == "2000 more errors are not shown"


def test_a_quote_that_never_closes_does_not_stop_the_reader() -> None:
    before = time.monotonic()
    protoc.complaints('a.proto:1:1: "\n' + "a.proto:2:1: wrong\n" * 100_000, lambda name: True)
    assert time.monotonic() - before < 5


def test_many_files_of_one_name_do_not_stop_the_search_for_roots() -> None:
    paths = [f"d{at}/types.proto" for at in range(6000)]
    imports = {path: [f"e{at}/types.proto"] for at, path in enumerate(paths)}
    before = time.monotonic()
    assert len(roots.infer(imports, lambda path: "")) == 1
    with pytest.raises(ConfigError, match="is found below 6000 directories"):
        roots.infer({**imports, "a.proto": ["types.proto"]}, lambda path: "")
    apart = {path: [f"{path.rpartition('/')[2]}"] for path in [f"d{at}/t{at}.proto" for at in range(3000)]}
    assert len(roots.infer({**apart, **{f"d{at}/x/y.proto": [] for at in range(3000)}}, lambda path: "")) == 3000
    assert time.monotonic() - before < 8


def test_a_temporary_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.proto": "wrong"})
    with pytest.raises(ToolError, match="the temporary directory cannot be written") as error:
        protoc.compile(tmp_path / "src", ["a.proto"], tmp_path / "gone" / "0.binpb")
    assert "TMPDIR" in error.value.hint


def test_an_import_too_long_for_a_disk_is_no_file(tmp_path: Path) -> None:
    assert not protoc.is_file(tmp_path, "x" * 5000 + ".proto")


def test_a_worker_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ToolError, match="a worker process could not be started"), crew.started(2, lint.Plan()):
        pass


def test_without_a_standard_error_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with progress(3) as advance:
        advance(1)


def test_an_include_that_is_no_path_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for name in ("x" * 300, "d/" * 3000, "loop"):
        given = provided.includes([name], Directory(tmp_path, None), tmp_path)
        assert [provide("a.proto") for provide in given] == [None, None]


def test_an_include_on_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`//host/share`, a share of another machine"):
        provided.includes(["//host/share"], Directory(tmp_path, None), tmp_path)
