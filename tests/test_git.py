"""git.py against real repositories: what it finds, and what it refuses to be led astray by."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from schemactl import git
from schemactl.errors import ToolError
from schemactl.git import command, talking

NUMBERS = itertools.count()
CODE = Path(__file__).parent.parent
CONFIG = {
    "user.name": "acme",
    "user.email": "dev@acme.example",
    "init.defaultBranch": "main",
    "protocol.file.allow": "always",
    "uploadpack.allowFilter": "true",
}


def run(cwd: Path, *argv: str, env: dict[str, str] | None = None) -> str:
    flags = [word for key, value in CONFIG.items() for word in ("-c", f"{key}={value}")]
    clean = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | (env or {})
    done = subprocess.run(["git", *flags, *argv], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def commit(root: Path, files: dict[str, str] | None = None) -> str:
    write(root, files or {})
    run(root, "add", "--all")
    # Equal commits of one second would be one commit.
    run(root, "commit", "--quiet", "--allow-empty", "-m", f"change {next(NUMBERS)}")
    return run(root, "rev-parse", "HEAD")


def init(root: Path) -> Path:
    root.mkdir(parents=True)
    run(root, "init", "--quiet")
    return root


def paths(repo: git.Repository) -> list[str]:
    return [path for path in git.working(repo) if not path.endswith("/")]


def found(start: Path) -> git.Repository:
    repo = git.discover(start)
    assert repo is not None
    return repo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return init(tmp_path / "repo")


def test_a_repository_is_found_from_a_subdirectory(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    assert git.discover(root / "a" / "b") == git.Repository(root, root / ".git")


def test_a_directory_outside_any_repository_has_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert git.discover(tmp_path) is None


def test_a_bare_repository_is_no_working_tree_however_it_is_entered(tmp_path: Path, root: Path) -> None:
    commit(root)
    run(tmp_path, "clone", "--quiet", "--bare", "repo", "bare.git")
    run(tmp_path, "clone", "--quiet", "--bare", "repo", "project/.bare")
    write(tmp_path, {"project/.git": "gitdir: ./.bare\n"})
    run(tmp_path / "project", "worktree", "add", "--quiet", "wt")
    assert git.discover(tmp_path / "bare.git") is None
    assert git.discover(tmp_path / "project") is None
    assert found(tmp_path / "project" / "wt").root == tmp_path / "project" / "wt"


def test_a_git_file_that_leads_nowhere_is_no_repository_not_the_one_around_it(root: Path) -> None:
    write(root, {"copied/.git": "gitdir: /gone/.git/worktrees/copied\n"})
    assert git.discover(root / "copied") is None


def test_a_worktree_has_its_own_head_and_index(tmp_path: Path, root: Path) -> None:
    first = commit(root, {"a.proto": "a"})
    run(root, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "wt"))
    second = commit(tmp_path / "wt", {"b.proto": "b"})
    repo = found(tmp_path / "wt")
    assert repo.git_dir == root / ".git" / "worktrees" / "wt"
    assert (git.head(repo), git.head(found(root))) == (second, first)
    assert sorted(git.index(repo)) == sorted(git.tree(repo, second)) == ["a.proto", "b.proto"]
    assert git.merge_base(repo, first, second) == first
    assert git.parents(repo, second) == [first]


@pytest.mark.parametrize("condition", ["gitdir:**/.git", "onbranch:main", "hasconfig:remote.*.url:**"])
def test_what_a_configuration_includes_on_a_condition_is_no_obstacle(root: Path, condition: str) -> None:
    """As actions/checkout keeps the credentials of a job."""
    first, second = commit(root), commit(root)
    run(root, "config", f"includeIf.{condition}.path", str(root.parent / "credentials"))
    assert git.parents(found(root), second) == [first]


def test_a_submodule_is_a_repository_of_its_own_and_an_entry_of_the_one_around_it(tmp_path: Path, root: Path) -> None:
    commit(root, {"a.proto": "a"})
    outer = init(tmp_path / "outer")
    run(outer, "submodule", "--quiet", "add", f"file://{root}", "sub")
    oid = commit(outer)
    assert found(outer / "sub") == git.Repository(outer / "sub", outer / ".git" / "modules" / "sub")
    assert paths(found(outer / "sub")) == ["a.proto"]
    assert git.tree(found(outer), oid)["sub"] == git.Entry("160000", run(root, "rev-parse", "HEAD"))
    write(outer, {"sub/new.proto": ""})
    assert git.modified(found(outer / "sub"))
    assert not git.modified(found(outer))


def test_a_changed_submodule_is_no_change_here_whatever_its_name(tmp_path: Path, root: Path) -> None:
    commit(root, {"a.proto": "a"})
    outer = init(tmp_path / "outer")
    run(outer, "submodule", "--quiet", "add", f"file://{root}", "sub.proto")
    commit(outer)
    commit(outer / "sub.proto", {"b.proto": ""})
    write(outer, {"sub.proto/a.proto": "other"})
    assert not git.modified(found(outer))


def test_working_paths_are_what_git_add_would_take(root: Path) -> None:
    names = ["kept.proto", "gone.proto", "new.proto", "built/x.proto", "local.proto", "ü n.proto"]
    write(root, {".gitignore": "built/\n", **dict.fromkeys(names[:2], "")})
    commit(root)
    write(root, dict.fromkeys(names[2:], ""))
    write(root, {".git/info/exclude": "local.proto\n"})
    (root / "gone.proto").unlink()
    init(root / "embedded")
    assert paths(found(root)) == [".gitignore", "gone.proto", "kept.proto", "new.proto", "ü n.proto"]


def test_the_users_own_ignore_rules_hide_untracked_files_only(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"home/.gitconfig": "[core]\nexcludesFile = ~/ignored\n", "home/ignored": "*.proto\n"})
    commit(root, {"tracked.proto": ""})
    write(root, {"untracked.proto": ""})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert paths(found(root)) == ["tracked.proto"]
    assert not git.modified(found(root))


def test_a_program_configured_as_fsmonitor_is_not_run(root: Path) -> None:
    commit(root, {"a.proto": ""})
    write(root, {".git/evil": f"#!/bin/sh\ntouch {root}/ran\n"})
    (root / ".git" / "evil").chmod(0o755)
    run(root, "config", "core.fsmonitor", ".git/evil")
    repo = found(root)
    assert paths(repo) == ["a.proto"]
    assert not git.modified(repo)
    assert not (root / "ran").exists()


@pytest.mark.parametrize("kind", ["clean", "process", "smudge"])
def test_a_filter_of_the_repository_is_not_run(root: Path, kind: str) -> None:
    commit(root, {"a.proto": "one", "empty.proto": ""})
    run(root, "config", f"filter.evil.{kind}", f"touch {root}/ran; cat")
    run(root, "config", "diff.evil.textconv", f"touch {root}/ran; cat")
    write(root, {".git/info/attributes": "* filter=evil diff=evil\n", "a.proto": "two"})
    # Even where the index does not say whether the file changed, which is when git asks the filter.
    os.utime(root / "empty.proto", (1, 1))
    repo = found(root)
    assert git.modified(repo)
    assert sorted(git.index(repo)) == ["a.proto", "empty.proto"]
    write(root, {"a.proto": "one"})
    assert not git.modified(repo)
    assert not (root / "ran").exists()


def test_line_ends_that_git_was_told_to_change_are_no_change(root: Path) -> None:
    commit(root, {"a.proto": "one\ntwo\n"})
    (root / "a.proto").write_bytes(b"one\r\ntwo\r\n")
    assert not git.modified(found(root))
    (root / "a.proto").write_bytes(b"one\r\ntwo\r\n\r\n")
    assert git.modified(found(root))


def test_a_directory_replaced_by_a_link_is_a_change(root: Path, tmp_path: Path) -> None:
    commit(root, {"sub/a.proto": "one"})
    (root / "sub").rename(tmp_path / "elsewhere")
    (root / "sub").symlink_to(tmp_path / "elsewhere")
    assert git.modified(found(root))


def test_what_a_sparse_checkout_leaves_out_is_no_change(root: Path) -> None:
    commit(root, {"kept/a.proto": "one", "left/b.proto": "two"})
    run(root, "sparse-checkout", "set", "kept")
    assert not (root / "left").exists()
    assert not git.modified(found(root))
    (root / "kept/a.proto").unlink()
    assert git.modified(found(root))


def test_sizes_are_known_without_reading(root: Path) -> None:
    oid = commit(root, {"a.proto": "x" * 70_000, "b.proto": ""})
    repo = found(root)
    entries = git.tree(repo, oid)
    assert git.sizes(repo, [entries["a.proto"].oid, entries["b.proto"].oid]) == {
        entries["a.proto"].oid: 70_000,
        entries["b.proto"].oid: 0,
    }
    for absent in ("1" * 40, oid):
        with pytest.raises(ToolError, match=f"object {absent} is not in this clone"):
            git.sizes(repo, [absent])


@pytest.mark.parametrize("branch", ["x;touch${IFS}ran", "$(id)", "a b", "-o", "`id`", "a'b"])
def test_a_name_that_a_shell_would_read_otherwise_is_not_given_to_paste(root: Path, branch: str) -> None:
    commit(root)
    remedy = git.fetch_remedy(found(root), branch)
    assert branch not in remedy
    assert "quoting its name" in remedy
    assert git.fetch_remedy(found(root), "feature/a-b_1.2").endswith(
        "origin feature/a-b_1.2:refs/remotes/origin/feature/a-b_1.2`"
    )


@pytest.mark.parametrize("change", ["a.proto", "buf.yaml", "new/b.proto"])
def test_modified_sees_untracked_and_changed_files(root: Path, change: str) -> None:
    commit(root, {"a.proto": "", "buf.yaml": "", "README": ""})
    write(root, {"README": "other", "notes": ""})
    assert not git.modified(found(root))
    write(root, {change: "other"})
    assert git.modified(found(root))


def test_modified_sees_what_is_staged_and_then_taken_back_in_the_working_tree(root: Path) -> None:
    commit(root, {"a.proto": "one"})
    write(root, {"a.proto": "two"})
    run(root, "add", "a.proto")
    write(root, {"a.proto": "one"})
    assert git.modified(found(root))


def test_modified_holds_before_the_first_commit(root: Path) -> None:
    assert not git.modified(found(root))
    write(root, {"a.proto": ""})
    assert git.modified(found(root))


def test_revisions_of_every_kind_lead_to_one_commit(root: Path) -> None:
    first, second = commit(root), commit(root)
    run(root, "tag", "light", first)
    run(root, "tag", "-a", "-m", "x", "annotated", first)
    repo = found(root)
    names = ["light", "annotated", "refs/tags/light", "HEAD^1", "main~1", "@~", first, first[:10]]
    assert {git.resolve(repo, name) for name in names} == {first}
    assert git.resolve(repo, "main") == git.head(repo) == second


@pytest.mark.parametrize("revision", ["--output=x", "-h", "v1..main", "v1...main", "^v1", "--all", "v1..main --"])
def test_an_option_or_a_range_is_not_a_revision(root: Path, revision: str) -> None:
    commit(root)
    run(root, "tag", "v1")
    with pytest.raises(ToolError, match="is not one revision") as error:
        git.resolve(found(root), revision)
    assert "`merge-base:REVISION`" in error.value.hint
    assert not (root / "x").exists()


@pytest.mark.parametrize("revision", ["", "nope", "HEAD~9", "v\0", "HEAD:a", "http://a/b", "0" * 40, "HEAD^{tree}"])
def test_what_names_no_commit_is_no_revision(root: Path, revision: str) -> None:
    commit(root, {"a": ""})
    with pytest.raises(ToolError, match="there is no revision") as error:
        git.resolve(found(root), revision)
    assert "`git branch --all`" in error.value.hint


def test_a_branch_that_only_the_remote_has_is_pointed_to(root: Path, tmp_path: Path) -> None:
    commit(root)
    run(tmp_path, "clone", "--quiet", "repo", "clone")
    run(tmp_path / "clone", "switch", "--quiet", "--create", "feature")
    run(tmp_path / "clone", "branch", "--quiet", "-D", "main")
    with pytest.raises(ToolError) as error:
        git.resolve(found(tmp_path / "clone"), "main")
    assert error.value.hint == "write `origin/main`"


def test_a_shallow_clone_says_how_to_deepen_it(root: Path, tmp_path: Path) -> None:
    first = commit(root)
    commit(root)
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "clone")
    repo = found(tmp_path / "clone")
    assert git.is_shallow(repo)
    with pytest.raises(ToolError, match="shallow clone") as error:
        git.resolve(repo, "HEAD~1")
    assert "`git fetch --unshallow --tags`" in error.value.hint
    run(tmp_path / "clone", "fetch", "--quiet", "--unshallow", "--tags")
    assert git.resolve(repo, "HEAD~1") == first
    assert not git.is_shallow(repo)


def test_attributes_hide_no_file_from_a_tree(root: Path) -> None:
    attributes = "* export-ignore export-subst ident eol=crlf\n"
    oid = commit(root, {".gitattributes": attributes, "a/b.proto": "$Id$ $Format:%H$\n"})
    repo = found(root)
    files = git.tree(repo, oid)
    assert sorted(files) == [".gitattributes", "a/b.proto"]
    blob = files["a/b.proto"].oid
    assert git.blobs(repo, [blob]) == {blob: b"$Id$ $Format:%H$\n"}


def test_modes_and_odd_names_survive(root: Path) -> None:
    (root / "link.proto").symlink_to("/etc/passwd")
    write(root, {"run.sh": "", "a\n\tb.proto": "", "@x.proto": ""})
    (root / "run.sh").chmod(0o755)
    (root / os.fsdecode(b"\xff.proto")).write_text("")
    oid = commit(root)
    repo = found(root)
    modes = {path: entry.mode for path, entry in git.tree(repo, oid).items()}
    assert modes == {path: entry.mode for path, entry in git.index(repo).items()}
    assert modes.pop("link.proto") == "120000"
    assert modes.pop("run.sh") == "100755"
    assert sorted(modes) == ["@x.proto", "a\n\tb.proto", "\udcff.proto"]


def test_blobs_are_the_bytes_of_each_object_once(root: Path) -> None:
    texts = ["", "\n", "blob 3\nabc\n", "x" * 70_000]
    oid = commit(root, {f"{n}.proto": text for n, text in enumerate(texts)})
    repo = found(root)
    entries = git.tree(repo, oid)
    oids = [entries[f"{n}.proto"].oid for n in range(4)]
    assert git.blobs(repo, [*oids, *oids]) == {name: text.encode() for name, text in zip(oids, texts, strict=True)}
    assert git.blobs(repo, []) == {}


def test_an_object_that_is_not_there_is_named(root: Path) -> None:
    oid = commit(root, {"a.proto": "a"})
    repo = found(root)
    for absent in ("1" * 40, oid):
        with pytest.raises(ToolError, match=f"object {absent} is not in this clone"):
            git.blobs(repo, [git.tree(repo, oid)["a.proto"].oid, absent])


def test_a_partial_clone_is_not_filled_by_the_way_and_says_how_to_fill_it(root: Path, tmp_path: Path) -> None:
    oid = commit(root, {"a.proto": "a"})
    run(root, "config", "uploadpack.allowFilter", "true")
    run(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{root}", "clone")
    repo = found(tmp_path / "clone")
    blob = git.tree(repo, oid)["a.proto"].oid
    with pytest.raises(ToolError, match=blob) as error:
        git.blobs(repo, [blob])
    assert error.value.hint == "run `git fetch --refetch --no-filter origin`"
    run(tmp_path / "clone", "fetch", "--quiet", "--refetch", "--no-filter", "origin")
    assert git.blobs(repo, [blob]) == {blob: b"a"}


def test_the_index_is_what_a_commit_would_have(root: Path) -> None:
    commit(root, {"a.proto": "a", "gone.proto": ""})
    write(root, {"a.proto": "staged", "intended.proto": "x", "empty.proto": "", "untracked.proto": ""})
    run(root, "add", "a.proto", "empty.proto")
    run(root, "add", "--intent-to-add", "intended.proto")
    run(root, "rm", "--quiet", "gone.proto")
    write(root, {"a.proto": "not staged"})
    repo = found(root)
    entries = git.index(repo)
    assert sorted(entries) == ["a.proto", "empty.proto"]
    assert git.blobs(repo, [entries["a.proto"].oid]) == {entries["a.proto"].oid: b"staged"}


def test_a_merge_conflict_is_named(root: Path) -> None:
    commit(root, {"a.proto": "1"})
    run(root, "switch", "--quiet", "--create", "other")
    commit(root, {"a.proto": "2"})
    run(root, "switch", "--quiet", "main")
    commit(root, {"a.proto": "3"})
    with pytest.raises(AssertionError):
        run(root, "merge", "other")
    with pytest.raises(ToolError, match=r"`a.proto` has a merge conflict") as error:
        git.index(found(root))
    assert error.value.hint == "resolve it and run `git add a.proto`"
    assert paths(found(root)) == ["a.proto"]
    assert git.modified(found(root))


def test_head_is_none_before_the_first_commit_and_a_commit_when_detached(root: Path) -> None:
    assert git.head(found(root)) is None
    assert git.index(found(root)) == {}
    first, _ = commit(root), commit(root)
    run(root, "checkout", "--quiet", "--detach", "HEAD~1")
    assert git.head(found(root)) == first


def test_a_head_whose_commit_is_missing_is_not_an_empty_history(root: Path) -> None:
    commit(root)
    write(root, {".git/HEAD": "1" * 40 + "\n"})
    repo = found(root)
    assert git.head(repo) == "1" * 40
    with pytest.raises(ToolError, match="cannot be read"):
        git.parents(repo, "1" * 40)


@pytest.mark.parametrize("kind", ["empty", "garbage", "directory", "unlisted", "HEAD"])
def test_a_damaged_branch_is_not_an_empty_history(root: Path, kind: str) -> None:
    oid = commit(root)
    branch = root / ".git" / "refs" / "heads" / "main"
    if kind == "directory":
        branch.unlink()
        branch.mkdir()
    elif kind == "unlisted":
        run(root, "pack-refs", "--all")
        write(root, {".git/packed-refs": ""})
    elif kind == "HEAD":
        write(root, {".git/HEAD": f"x{oid}\n"})
    else:
        branch.write_text({"empty": "", "garbage": "x\n"}[kind])
    with pytest.raises(ToolError, match="cannot be read") as error:
        git.head(found(root))
    assert error.value.hint == "run `git fsck`"


def test_a_branch_that_is_to_be_begun_has_no_commit(root: Path, tmp_path: Path) -> None:
    commit(root)
    run(root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "wt"))
    for where, branch in ((root, "anew"), (tmp_path / "wt", "deep/anew")):
        run(where, "switch", "--quiet", "--orphan", branch)
        assert git.head(found(where)) is None


def test_ancestry_follows_first_parents(root: Path) -> None:
    first = commit(root)
    run(root, "switch", "--quiet", "--create", "side")
    side = commit(root)
    run(root, "switch", "--quiet", "main")
    second = commit(root)
    run(root, "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    repo = found(root)
    merge = git.resolve(repo, "HEAD")
    assert git.parents(repo, merge) == [second, side]
    assert git.parents(repo, first) == []
    assert git.ancestors(repo, merge, 50) == [second, first]
    assert git.ancestors(repo, merge, 1) == [second]
    assert git.merge_base(repo, second, side) == first
    run(root, "checkout", "--quiet", "--orphan", "alone")
    assert git.merge_base(repo, commit(root, {"x": ""}), merge) is None


def test_a_parent_beyond_a_shallow_clone_is_still_known(root: Path, tmp_path: Path) -> None:
    first, second = commit(root), commit(root)
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "clone")
    repo = found(tmp_path / "clone")
    assert git.parents(repo, second) == [first]
    assert git.lookup(repo, first) is None
    assert git.ancestors(repo, second, 50) == []


def test_a_shallow_clone_does_not_pass_an_older_commit_for_the_merge_base(root: Path, tmp_path: Path) -> None:
    # old ── fork ── m ── m ── m ── main, and fork ── topic, which also merges `old` again by a short way
    old = commit(root)
    fork = commit(root)
    run(root, "branch", "topic")
    for _ in range(3):
        commit(root)
    shortcut = run(root, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", old, "-m", "shortcut")
    run(root, "reset", "--quiet", "--hard", shortcut)
    run(root, "switch", "--quiet", "topic")
    topic = commit(root)
    run(tmp_path, "clone", "--quiet", "--no-single-branch", "--depth=3", f"file://{root}", "clone")
    repo = found(tmp_path / "clone")
    assert run(tmp_path / "clone", "merge-base", topic, shortcut) == old
    with pytest.raises(ToolError, match="cut off: this clone is shallow") as error:
        git.merge_base(repo, topic, shortcut)
    assert "fetch-depth: 0" in error.value.hint
    run(tmp_path / "clone", "fetch", "--quiet", "--unshallow")
    assert git.merge_base(repo, topic, shortcut) == fork


def test_a_shallow_clone_knows_a_merge_base_that_is_certain(root: Path, tmp_path: Path) -> None:
    commit(root)
    fork = commit(root)
    run(root, "branch", "topic")
    tip = commit(root)
    run(root, "switch", "--quiet", "topic")
    topic = commit(root)
    run(tmp_path, "clone", "--quiet", "--no-single-branch", "--depth=2", f"file://{root}", "clone")
    assert git.merge_base(found(tmp_path / "clone"), topic, tip) == fork


def test_an_ancestor_is_the_merge_base_even_where_another_way_is_cut_off(root: Path, tmp_path: Path) -> None:
    commit(root)
    run(root, "branch", "topic")
    tip = commit(root)
    run(root, "switch", "--quiet", "topic")
    commit(root)
    run(root, "switch", "--quiet", "main")
    run(root, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    run(tmp_path, "clone", "--quiet", "--depth=2", f"file://{root}", "clone")
    assert git.merge_base(found(tmp_path / "clone"), run(root, "rev-parse", "HEAD"), tip) == tip


def test_tags_are_those_merged_and_lead_to_commits(root: Path) -> None:
    first = commit(root, {"a": ""})
    run(root, "tag", "light")
    run(root, "tag", "-a", "-m", "x", "users/v1.0.0")
    run(root, "tag", "-a", "-m", "x", "nested", "users/v1.0.0")
    run(root, "tag", "odd\u2028name")
    run(root, "tag", "of-a-tree", "HEAD^{tree}")
    run(root, "pack-refs", "--all")
    second = commit(root)
    run(root, "tag", "later")
    repo = found(root)
    old = {(name, first) for name in ("light", "users/v1.0.0", "nested", "odd\u2028name")}
    assert set(git.tags(repo, first)) == old
    assert set(git.tags(repo, second)) == {*old, ("later", second)}


def test_neither_grafts_nor_replacements_change_history(root: Path) -> None:
    first, second, third = commit(root), commit(root), commit(root)
    run(root, "tag", "v1", first)
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/grafts").write_text(f"{third}\n")
    run(root, "replace", second, third)
    repo = found(root)
    assert git.tags(repo, third) == [("v1", first)]
    assert git.count(repo, None, third) == 3
    assert git.ancestors(repo, third, 5) == [second, first]
    assert git.merge_base(repo, first, third) == first


def test_the_remotes_default_branch_is_what_it_says_it_is(root: Path, tmp_path: Path) -> None:
    assert git.remote_default(found(root)) is None
    commit(root)
    run(root, "branch", "--move", "trunk")
    run(tmp_path, "clone", "--quiet", "repo", "clone")
    assert git.remote_default(found(tmp_path / "clone")) == "origin/trunk"
    run(tmp_path / "clone", "remote", "rename", "origin", "upstream")
    assert git.remote_default(found(tmp_path / "clone")) == "upstream/trunk"
    run(tmp_path / "clone", "remote", "add", "fork", "elsewhere")
    with pytest.raises(ToolError, match="no remote is called `origin`"):
        git.remote_default(found(tmp_path / "clone"))
    run(tmp_path / "clone", "remote", "add", "origin", "elsewhere")
    assert git.remote_default(found(tmp_path / "clone")) is None


def test_a_renamed_default_branch_falls_back_to_main_or_tells_what_to_fetch(root: Path, tmp_path: Path) -> None:
    commit(root)
    run(root, "branch", "--move", "trunk")
    run(root, "branch", "feature")
    run(tmp_path, "clone", "--quiet", "repo", "clone")
    clone = tmp_path / "clone"
    run(root, "branch", "--move", "trunk", "main")
    run(clone, "update-ref", "-d", "refs/remotes/origin/trunk")
    with pytest.raises(ToolError, match="the remote's default branch, likely `main`") as error:
        git.remote_default(found(clone))
    assert "`git fetch --no-tags origin main:refs/remotes/origin/main`" in error.value.hint
    run(clone, "fetch", "--quiet", "--no-tags", "origin", "main:refs/remotes/origin/main")
    assert git.remote_default(found(clone)) == "origin/main"


def test_variables_of_git_lead_nowhere_else(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = commit(root, {"a.proto": "a"}), commit(root, {"b.proto": "b"})
    other = init(tmp_path / "other")
    commit(other, {"other.proto": ""})
    away = str(other / ".git")
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, away)
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", f"{away}/index")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", f"{away}/objects")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "not parseable")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    before = dict(os.environ)
    repo = found(root)
    assert (repo.root, git.head(repo)) == (root, second)
    assert git.merge_base(repo, first, second) == first
    assert git.parents(repo, second) == [first]
    assert paths(repo) == sorted(git.index(repo)) == sorted(git.tree(repo, second)) == ["a.proto", "b.proto"]
    assert not git.modified(repo)
    assert not (tmp_path / "trace").exists()
    assert dict(os.environ) == before


def test_the_environment_is_put_back_after_a_failure(root: Path) -> None:
    before = dict(os.environ)
    with pytest.raises(ToolError):
        git.parents(found(root), "1" * 40)
    assert dict(os.environ) == before


def test_a_repository_of_another_user_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # How git's own tests play a foreign owner; where it has an effect, plain git refuses.
    first, second = commit(root, {"a.proto": ""}), commit(root)
    monkeypatch.setattr(command, "_SAFE", command._SAFE | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    with pytest.raises(AssertionError, match="dubious ownership"):
        run(root, "status", env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    repo = found(root)
    assert paths(repo) == ["a.proto"]
    assert git.merge_base(repo, first, second) == first


def test_a_sha256_repository_is_one_like_any_other(tmp_path: Path) -> None:
    run(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
    first, oid = commit(tmp_path / "repo"), commit(tmp_path / "repo", {"a.proto": "a"})
    repo = found(tmp_path / "repo")
    assert (len(oid), git.resolve(repo, "HEAD")) == (64, oid)
    blob = git.tree(repo, oid)["a.proto"].oid
    assert git.blobs(repo, [blob]) == {blob: b"a"}
    assert (git.parents(repo, oid), git.parents(repo, first)) == ([first], [])


HOOK = """#!/bin/sh
cd sub && exec {python} -W error - <<'CODE'
import sys
sys.path.insert(0, {code!r})
from pathlib import Path
from schemactl import git
repo = git.discover(Path.cwd())
entries = git.index(repo)
blobs = git.blobs(repo, [entry.oid for entry in entries.values()])
seen = {{path: blobs[entry.oid].decode() for path, entry in entries.items()}}
Path(repo.git_dir, "seen").write_text(repr((str(repo.root), git.head(repo), git.parents(repo, "HEAD"), seen)))
CODE
"""


INDEXES = """#!/bin/sh
exec {python} -W error - <<'CODE'
import sys
sys.path.insert(0, {code!r})
from pathlib import Path
from schemactl import git
seen = []
for repo in map(git.discover, (Path.cwd(), Path("inner"))):
    entries = git.index(repo)
    blobs = git.blobs(repo, [entry.oid for entry in entries.values()])
    seen.append({{path: blobs[entry.oid].decode() for path, entry in entries.items()}})
Path(".git", "seen").write_text(repr(seen))
CODE
"""


@pytest.mark.parametrize(
    ("argv", "seen"),
    [
        (["commit", "-m", "x"], {"sub/a": "1", "sub/b": "1", "sub/c": "staged"}),
        (["commit", "-m", "x", "--all"], {"sub/a": "2", "sub/b": "2", "sub/c": "staged"}),
        (["commit", "-m", "x", "sub/a"], {"sub/a": "2", "sub/b": "1"}),
    ],
)
@pytest.mark.parametrize("kind", ["clone", "worktree"])
def test_a_pre_commit_hook_sees_the_commit_being_made(
    root: Path, tmp_path: Path, kind: str, argv: list[str], seen: dict[str, str]
) -> None:
    first = commit(root, {"sub/a": "1", "sub/b": "1"})
    work = root
    if kind == "worktree":
        work = tmp_path / "wt"
        run(root, "worktree", "add", "--quiet", str(work))
    write(work, {"sub/a": "2", "sub/b": "2", "sub/c": "staged"})
    run(work, "add", "sub/c")
    hook = root / ".git" / "hooks" / "pre-commit"
    write(root, {".git/hooks/pre-commit": HOOK.format(python=sys.executable, code=str(CODE))})
    hook.chmod(0o755)
    run(work, *argv)
    written = (found(work).git_dir / "seen").read_text()
    assert written == repr((str(work), first, [], seen))


def test_the_index_of_a_submodules_commit_is_not_taken_for_the_one_around_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(root, {"inner.proto": ""})
    outer = init(tmp_path / "outer")
    run(outer, "submodule", "--quiet", "add", f"file://{root}", "sub")
    monkeypatch.setenv("GIT_INDEX_FILE", str(outer / ".git" / "modules" / "sub" / "index"))
    assert sorted(git.index(found(outer))) == [".gitmodules", "sub"]


@pytest.mark.parametrize("argv", [["commit", "-m", "x"], ["commit", "-m", "x", "--all"]])
def test_an_index_elsewhere_is_that_of_the_repository_whose_hook_runs(
    root: Path, tmp_path: Path, argv: list[str]
) -> None:
    commit(root, {"a.proto": "1"})
    inner = init(root / "inner")
    commit(inner, {"inner.proto": ""})
    env = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    run(root, "read-tree", "HEAD", env=env)
    write(root, {"a.proto": "2"})
    run(root, "add", "a.proto", env=env)
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.write_text(INDEXES.format(python=sys.executable, code=str(CODE)))
    hook.chmod(0o755)
    run(root, *argv, env=env)
    assert (root / ".git" / "seen").read_text() == repr([{"a.proto": "2"}, {"inner.proto": ""}])


def test_an_index_of_no_known_repository_is_not_passed_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(root, {"a.proto": ""})
    (tmp_path / "index").write_bytes((root / ".git" / "index").read_bytes())
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError, match="GIT_INDEX_FILE"):
        git.index(found(root))


def test_several_threads_may_ask_at_once(root: Path) -> None:
    first, second = commit(root), commit(root)
    repo, results = found(root), []
    threads = [threading.Thread(target=lambda: results.append(git.merge_base(repo, first, second))) for _ in range(4)]
    before = dict(os.environ)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [first] * 4
    assert dict(os.environ) == before


def test_who_talks_to_a_remote_is_led_by_its_user_and_not_by_an_outer_git(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"SSH_AUTH_SOCK": "/agent", "GIT_ASKPASS": "ask", "https_proxy": "http://proxy.acme.example:3128"}
    left = {"GIT_DIR": "/else", "GIT_TRACE_CURL": "1", "UV_PUBLISH_TOKEN": "pypi-x", "GIT_ALLOW_PROTOCOL": "ext"}
    for name, value in {**kept, **left}.items():
        monkeypatch.setenv(name, value)
    env = talking.talking_environment()
    assert kept.items() <= env.items()
    assert {"GIT_DIR", "GIT_TRACE_CURL", "UV_PUBLISH_TOKEN"}.isdisjoint(env)
    assert "ext" not in env["GIT_ALLOW_PROTOCOL"]


def test_settings_of_the_users_variables_count_unless_they_would_run_a_hook(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [("core.hooksPath", "/hooks"), ("http.extraHeader", "X: 1"), ("acme.word", "theirs")]
    monkeypatch.setenv("GIT_CONFIG_COUNT", "4")  # one more than there are
    for number, (key, value) in enumerate(given):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)

    def setting(name: str, **extra: str) -> str:
        env = talking.talking_environment({key.replace("_", "."): value for key, value in extra.items()})
        return run(root, "config", name, env=env)

    assert (setting("core.hooksPath"), setting("http.extraHeader")) == (os.devnull, "X: 1")
    assert (setting("acme.word"), setting("acme.word", acme_word="ours")) == ("theirs", "ours")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "many")
    assert setting("core.hooksPath") == os.devnull


def test_every_tag_is_known_and_one_of_no_commit_for_what_it_is(root: Path) -> None:
    first = commit(root, {"a.proto": ""})
    run(root, "checkout", "--quiet", "--orphan", "other")
    second = commit(root)
    run(root, "tag", "v1", first)
    run(root, "tag", "-m", "two", "v2", second)
    run(root, "tag", "tree", "HEAD^{tree}")
    known = dict(git.tags(found(root)))
    assert (known["v1"], known["v2"], git.lookup(found(root), known["tree"])) == (first, second, None)
    assert git.tags(found(root), second) == [("v2", second)]


def test_a_clone_names_its_remotes(root: Path) -> None:
    assert git.remotes(found(root)) == []
    run(root, "remote", "add", "fork", "/nowhere")
    run(root, "remote", "add", "origin", "/nowhere")
    assert (git.remotes(found(root)), git.remote(found(root))) == (["fork", "origin"], "origin")
