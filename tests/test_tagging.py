"""The tags of a release, with real git and bare remotes: made once, pushed last, and never moved."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import repositories
from repositories import Repo
from schemactl import git, tagging
from schemactl.errors import Failure, Rejected, ToolError
from schemactl.git import talking

TAG = "acme-users/v1.3.0"
OTHER = "acme-shared/v0.2.0"
MESSAGE = "## acme-users 1.3.0 (2026-11-23)\n\n- `email` of `User`"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a user without any configuration of git."""
    repositories.clean(monkeypatch)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    repositories.init(tmp_path / "seed", {"a.proto": ""}).git("push", "--quiet", str(made_bare(tmp_path)), "main")
    return tmp_path / "bare.git"


@pytest.fixture
def clone(tmp_path: Path, bare: Path) -> Repo:
    return cloned(tmp_path / "clone", bare)


def made_bare(at: Path) -> Path:
    Repo(at).git("init", "--quiet", "--bare", "bare.git")
    return at / "bare.git"


def cloned(at: Path, bare: Path) -> Repo:
    Repo(at.parent).git("clone", "--quiet", str(bare), at.name)
    return Repo(at)


def opened(clone: Repo) -> git.Repository:
    repo = git.discover(clone.root)
    assert repo is not None
    return repo


def head(clone: Repo) -> str:
    return clone.git("rev-parse", "HEAD")


def listed(bare: Path) -> dict[str, str]:
    lines = Repo(bare).git("for-each-ref", "--format=%(refname:short) %(*objectname)%(objectname)", "refs/tags")
    return {name: oid[:40] for name, oid in map(str.split, lines.splitlines())}


def released(clone: Repo, *names: str) -> list[str]:
    """As a release does it: everything that is not there is made, and pushed."""
    repo, names = opened(clone), names or (TAG,)
    for name in names:
        tagging.make(repo, head(clone), {name: MESSAGE})
    return tagging.push(repo, "origin", names)


def sentinel(path: Path, at: Path, code: int = 0) -> None:
    """A program that leaves something behind when it is run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch '{at}'\necho not today: freeze >&2\nexit {code}\n")
    path.chmod(0o755)


def is_one_line(failure: Failure) -> bool:
    return "\n" not in failure.message and "\n" not in failure.hint and bool(failure.hint)


def test_the_remote_is_the_one_named_else_origin_else_the_only_one(clone: Repo) -> None:
    repo = opened(clone)
    clone.git("remote", "add", "fork", "/nowhere")
    assert (tagging.remote(repo), tagging.remote(repo, "fork")) == ("origin", "fork")
    clone.git("remote", "remove", "origin")
    assert tagging.remote(repo) == "fork"
    clone.git("remote", "add", "other", "/nowhere")
    with pytest.raises(ToolError, match="several remotes"):
        tagging.remote(repo)
    with pytest.raises(ToolError, match=r"no remote `origin`, which `release\.remote` names, but `fork`, `other`"):
        tagging.remote(repo, "origin")


def test_without_any_remote_only_the_clone_is_asked(tmp_path: Path) -> None:
    clone = repositories.init(tmp_path / "alone", {"a.proto": ""})
    repo = opened(clone)
    assert tagging.remote(repo) is None
    assert tagging.require_free(repo, None, {TAG: head(clone)}) == [TAG]
    clone.git("tag", TAG)
    assert tagging.require_free(repo, None, {TAG: head(clone)}) == []


def test_tags_that_are_there_at_the_same_commit_are_free_and_not_missing(clone: Repo, tmp_path: Path) -> None:
    repo, wanted = opened(clone), dict.fromkeys((TAG, OTHER), head(clone))
    assert tagging.require_free(repo, "origin", wanted) == [TAG, OTHER]
    tagging.make(repo, head(clone), {TAG: MESSAGE})
    assert tagging.require_free(repo, "origin", wanted) == [TAG, OTHER]
    tagging.push(repo, "origin", [TAG])
    assert tagging.require_free(repo, "origin", wanted) == [OTHER]
    assert tagging.require_free(opened(cloned(tmp_path / "anew", tmp_path / "bare.git")), "origin", wanted) == [OTHER]


@pytest.mark.parametrize("annotate", [(), ("-m", "made elsewhere")])
def test_a_tag_at_another_commit_there_is_refused_naming_both(
    clone: Repo, bare: Path, tmp_path: Path, annotate: tuple[str, ...]
) -> None:
    other = cloned(tmp_path / "other", bare)
    theirs = other.commit({"b.proto": ""})
    other.git("tag", *annotate, TAG)
    other.git("push", "--quiet", "origin", "main", TAG)
    with pytest.raises(Rejected, match=f"at commit {theirs[:7]} in `origin`.* {head(clone)[:7]}") as refused:
        tagging.require_free(opened(clone), "origin", {TAG: head(clone)})
    assert "`git fetch --tags origin`, and `schemactl release` again" in refused.value.hint
    with pytest.raises(Rejected, match=theirs[:7]):
        released(clone)
    assert listed(bare) == {TAG: theirs}


def test_a_tag_at_another_commit_here_is_refused(clone: Repo) -> None:
    first, second = head(clone), clone.commit({"b.proto": ""})
    clone.git("tag", TAG, first)
    with pytest.raises(Rejected, match=f"{first[:7]} in this clone.* {second[:7]}"):
        tagging.require_free(opened(clone), "origin", {TAG: second})
    with pytest.raises(Rejected, match=first[:7]):
        tagging.make(opened(clone), second, {TAG: MESSAGE})
    clone.git("tag", OTHER, "HEAD^{tree}")
    with pytest.raises(Rejected, match="not a commit"):
        tagging.require_free(opened(clone), None, {OTHER: second})


def test_a_tag_that_git_cannot_have_is_told_before_anything_is_published(clone: Repo, bare: Path) -> None:
    repo, commit = opened(clone), head(clone)
    for name in ("users v1", "a..b", "-/", "a\nb", "a.lock"):
        with pytest.raises(ToolError, match="is not a name that a tag in git can have"):
            tagging.require_free(repo, "origin", {name: commit})
    Repo(bare).git("tag", "acme-users", "main")
    with pytest.raises(ToolError, match=f"`acme-users` of `origin` is in the way of `{TAG}`"):
        tagging.require_free(repo, "origin", {TAG: commit})
    clone.git("tag", f"{OTHER}/old")
    with pytest.raises(ToolError, match="of this clone is in the way"):
        tagging.require_free(repo, "origin", {OTHER: commit})


def test_a_commit_that_nobody_else_has_is_to_be_pushed_first(clone: Repo) -> None:
    repo = opened(clone)
    tagging.require_pushed(repo, "origin", head(clone))
    commit = clone.commit({"b.proto": ""})
    with pytest.raises(ToolError, match="on no branch of `origin`") as refused:
        tagging.require_pushed(repo, "origin", commit)
    assert "`git push origin main`" in refused.value.hint
    clone.git("push", "--quiet", "origin", "main")
    tagging.require_pushed(repo, "origin", commit)
    with pytest.raises(ToolError, match="on no branch of `fork`"):
        tagging.require_pushed(repo, "fork", commit)


@pytest.mark.parametrize("moment", ["0 +0000", "1700000000 -0730", "4070908800 +1400", "99999999999 +0000"])
def test_a_tag_is_annotated_dated_like_its_commit_and_the_same_wherever_it_is_made(tmp_path: Path, moment: str) -> None:
    clone = repositories.init(tmp_path / "repo")
    commit = committed(clone, moment)
    copy = cloned(tmp_path / "copy", clone.root)
    for each in (clone, copy):
        each.git("config", "user.name", "Ann Öl")
        each.git("config", "user.email", "ann@acme.example")
        each.git("config", "tag.gpgSign", "true")
        assert tagging.make(opened(each), commit, {TAG: MESSAGE})
        assert not tagging.make(opened(each), commit, {TAG: "in other words"})
    made = clone.git("cat-file", "tag", TAG)
    assert made.splitlines()[3] == f"tagger Ann Öl <ann@acme.example> {moment.split()[0]} +0000"
    assert made.partition("\n\n")[2] == MESSAGE
    assert clone.git("rev-parse", TAG) == copy.git("rev-parse", TAG)


def committed(clone: Repo, moment: str) -> str:
    """At any moment that git can write down."""
    path, tree = clone.root / "commit", clone.git("write-tree")
    path.write_text(f"tree {tree}\nauthor a <a@b> {moment}\ncommitter a <a@b> {moment}\n\nchange\n")
    commit = clone.git("hash-object", "-t", "commit", "-w", str(path))
    clone.git("update-ref", "HEAD", commit)
    return commit


def test_the_tagger_is_who_git_knows_and_else_nobody(clone: Repo, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = opened(clone)
    taggers: list[str] = []

    def made() -> None:
        name = f"v1.{len(taggers)}.0"
        tagging.make(repo, head(clone), {name: MESSAGE})
        taggers.append(clone.git("for-each-ref", "--format=%(taggername) %(taggeremail)", f"refs/tags/{name}"))

    made()
    (home / ".gitconfig").write_text("[user]\nname = Ann\n")
    made()
    (home / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@acme.example\n")
    made()
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Bob <x>\nobject 0")
    made()
    nobody = "schemactl <schemactl@noreply.invalid>"
    assert taggers == [nobody, nobody, "Ann <ann@acme.example>", "Bob xobject 0 <ann@acme.example>"]


def test_a_release_pushes_its_tags_and_nothing_else_and_nothing_when_run_again(clone: Repo, bare: Path) -> None:
    clone.git("config", "push.followTags", "true")
    clone.git("tag", "-m", "mine", "private")
    clone.commit({"b.proto": ""})
    assert released(clone, TAG, OTHER) == [TAG, OTHER]
    assert listed(bare) == {TAG: head(clone), OTHER: head(clone)}
    assert released(clone, TAG, OTHER) == []
    assert Repo(bare).git("rev-parse", TAG) == clone.git("rev-parse", TAG)


def test_what_is_killed_between_tag_and_push_ends_the_same_when_run_again(clone: Repo, bare: Path) -> None:
    tagging.make(opened(clone), head(clone), {TAG: MESSAGE})
    tagged = clone.git("rev-parse", TAG)
    assert released(clone, TAG, OTHER) == [TAG, OTHER]
    assert Repo(bare).git("rev-parse", TAG) == tagged
    Repo(bare).git("tag", "--delete", OTHER)
    assert released(clone, TAG, OTHER) == [OTHER]


def test_a_tag_made_in_the_forge_at_the_same_commit_is_as_good(clone: Repo, bare: Path) -> None:
    Repo(bare).git("tag", TAG, "main")
    assert released(clone) == []
    assert Repo(bare).git("cat-file", "-t", TAG) == "commit"


def test_a_remote_that_refuses_one_tag_gets_none_and_its_words_are_told(clone: Repo, bare: Path) -> None:
    hook = bare / "hooks" / "update"
    hook.write_text(f'#!/bin/sh\n[ "$1" = refs/tags/{OTHER} ] || exit 0\necho "GH013: a rule says no" >&2\nexit 1\n')
    hook.chmod(0o755)
    with pytest.raises(
        ToolError, match=r"`origin` did not take the tag .* and 1 more: GH013: a rule says no"
    ) as failed:
        released(clone, TAG, OTHER)
    assert is_one_line(failed.value)
    assert "run again" in failed.value.hint
    assert listed(bare) == {}
    hook.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(ToolError, match=r"hook declined"):
        released(clone)
    hook.unlink()
    assert released(clone, TAG, OTHER) == [TAG, OTHER]


def test_a_secret_that_the_remote_repeats_is_not_told(clone: Repo, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", "hunter22hunter22")
    hook = bare / "hooks" / "update"
    hook.write_text("#!/bin/sh\necho no access for hunter22hunter22 >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ToolError, match=r"no access for \*") as failed:
        released(clone)
    assert "hunter22" not in failed.value.message


@pytest.mark.parametrize("word", ["configpass66", "ci:helperpass77", "headertoken88"])
def test_a_secret_that_only_git_knows_is_not_told_either(clone: Repo, bare: Path, word: str) -> None:
    clone.git("config", "remote.mirror.url", "https://ci:configpass66@acme.example/events")
    clone.git("config", "http.https://acme.example/.extraHeader", "Authorization: Basic headertoken88")
    hook = bare / "hooks" / "update"
    hook.write_text(f"#!/bin/sh\necho no access for {word} >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ToolError, match=r"no access for .*\*") as failed:
        released(clone)
    assert word not in failed.value.message


def test_a_remote_that_never_answers_is_not_waited_for_long(clone: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (talking.timeout("ls-remote"), talking.timeout("push")) == (60, 300)
    monkeypatch.setattr(talking, "_SHORT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        clone.git("remote", "set-url", "origin", f"http://127.0.0.1:{server.getsockname()[1]}/acme")
        with pytest.raises(ToolError, match="`origin` does not answer: git did not finish"):
            tagging.require_free(opened(clone), "origin", {TAG: head(clone)})


def test_a_remote_that_knows_no_atomic_push_gets_the_tags_too(clone: Repo, bare: Path) -> None:
    Repo(bare).git("config", "receive.advertiseAtomic", "false")
    assert released(clone, TAG, OTHER) == [TAG, OTHER]
    assert sorted(listed(bare)) == [OTHER, TAG]


def test_of_two_clones_that_release_one_commit_at_once_both_succeed(tmp_path: Path, bare: Path) -> None:
    clones = [cloned(tmp_path / name, bare) for name in ("one", "two")]
    for number, clone in enumerate(clones):
        clone.git("config", "user.name", f"user {number}")  # their tags are different objects
        clone.git("config", "user.email", "dev@acme.example")
    outcomes = at_once(*(partial(released, clone, TAG, OTHER) for clone in clones))
    assert [TAG, OTHER] in outcomes
    assert all(each in ([], [TAG, OTHER]) for each in outcomes)
    assert listed(bare) == {TAG: head(clones[0]), OTHER: head(clones[0])}


def test_of_two_clones_that_release_different_commits_at_once_one_is_refused(tmp_path: Path, bare: Path) -> None:
    clones = [cloned(tmp_path / name, bare) for name in ("one", "two")]
    clones[1].commit({"b.proto": ""})
    outcomes = at_once(*(partial(released, clone, TAG, OTHER) for clone in clones))
    assert sorted(type(each).__name__ for each in outcomes) == ["Rejected", "list"]
    winner = next(clone for clone, each in zip(clones, outcomes, strict=True) if isinstance(each, list))
    assert listed(bare) == {TAG: head(winner), OTHER: head(winner)}


def test_a_tag_that_another_one_pushed_after_the_look_is_never_moved(clone: Repo, bare: Path, tmp_path: Path) -> None:
    other = cloned(tmp_path / "other", bare)
    theirs = other.commit({"b.proto": ""})
    other.git("push", "--quiet", "origin", "main")
    # The remote's own hook does it: right between what it told of its tags and what it takes.
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nenv -u GIT_QUARANTINE_PATH git update-ref refs/tags/{TAG} {theirs}\n")
    hook.chmod(0o755)
    with pytest.raises(Rejected, match=f"at commit {theirs[:7]} in `origin`"):
        released(clone)
    assert listed(bare) == {TAG: theirs}


def overtaken(clone: Repo, bare: Path, tmp_path: Path) -> str:
    """Somebody else has released another commit of the same version meanwhile."""
    other = cloned(tmp_path / "other", bare)
    theirs = other.commit({"b.proto": ""})
    other.git("tag", TAG)
    other.git("push", "--quiet", "origin", "main", TAG)
    return theirs


def test_who_loses_the_race_keeps_no_tag_that_is_in_the_way(clone: Repo, bare: Path, tmp_path: Path) -> None:
    theirs = overtaken(clone, bare, tmp_path)
    with pytest.raises(Rejected, match=f"at commit {theirs[:7]} in `origin`") as refused:
        tagging.tagged(opened(clone), "origin", head(clone), {TAG: MESSAGE, OTHER: MESSAGE})
    assert clone.git("tag") == ""
    assert cured(clone, refused.value) == "git fetch --tags origin"
    assert clone.git("rev-parse", f"{TAG}^{{commit}}") == theirs


def test_a_tag_of_an_earlier_run_stays_and_the_cure_removes_it(clone: Repo, bare: Path, tmp_path: Path) -> None:
    tagging.make(opened(clone), head(clone), {TAG: MESSAGE})
    theirs = overtaken(clone, bare, tmp_path)
    attempts: list[Callable[[], object]] = [
        lambda: tagging.require_free(opened(clone), "origin", {TAG: head(clone)}),
        lambda: tagging.tagged(opened(clone), "origin", head(clone), {TAG: MESSAGE}),
    ]
    for attempt in attempts:
        with pytest.raises(Rejected, match=f"at commit {theirs[:7]} in `origin`") as refused:
            attempt()
        assert clone.git("rev-parse", f"{TAG}^{{commit}}") == head(clone)
    assert cured(clone, refused.value) == f"git tag --delete {TAG} && git fetch --tags origin"
    assert clone.git("rev-parse", f"{TAG}^{{commit}}") == theirs


def cured(clone: Repo, failure: Failure) -> str:
    command = failure.hint.split("`")[1]
    for each in command.split(" && "):
        clone.git(*each.split()[1:])
    return command


def test_the_tags_of_a_release_are_made_and_pushed_in_one(clone: Repo, bare: Path) -> None:
    repo, commit = opened(clone), head(clone)
    assert tagging.tagged(repo, None, commit, {TAG: MESSAGE}) == []
    assert tagging.tagged(repo, "origin", commit, {TAG: MESSAGE, OTHER: MESSAGE}) == [TAG, OTHER]
    assert tagging.tagged(repo, "origin", commit, {TAG: MESSAGE, OTHER: MESSAGE}) == []
    assert listed(bare) == {TAG: commit, OTHER: commit}


def at_once(*works: Callable[[], object]) -> list[object]:
    outcomes: list[object] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            outcomes[number] = work()
        except Failure as failure:
            outcomes[number] = failure

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_tags_that_cannot_all_be_made_are_none(clone: Repo) -> None:
    lock = clone.root / ".git/refs/tags" / f"{OTHER}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with pytest.raises(ToolError, match="cannot be made"):
        tagging.make(opened(clone), head(clone), {TAG: MESSAGE, OTHER: MESSAGE})
    assert clone.git("tag") == ""
    lock.unlink()
    assert tagging.make(opened(clone), head(clone), {TAG: MESSAGE, OTHER: MESSAGE}) == [TAG, OTHER]


def test_several_that_tag_one_clone_at_once_make_one_tag(clone: Repo) -> None:
    repo, commit = opened(clone), head(clone)
    made = at_once(*[lambda: tagging.make(repo, commit, {TAG: MESSAGE})] * 4)
    assert [TAG] in made
    assert all(each in ([TAG], []) for each in made)
    assert clone.git("cat-file", "-t", TAG) == "tag"


def test_a_remote_out_of_reach_is_told_in_one_line_without_its_password(clone: Repo) -> None:
    repo = opened(clone)
    tagging.make(repo, head(clone), {TAG: MESSAGE})
    for url in ("https://ann:hunter22@127.0.0.1:9/acme.git", f"{clone.root}/gone.git"):
        clone.git("remote", "set-url", "origin", url)
        with pytest.raises(ToolError, match=r"`origin` does not say which tags it has: .+") as failed:
            tagging.require_free(repo, "origin", {TAG: head(clone)})
        assert "git ls-remote" in failed.value.hint
        with pytest.raises(ToolError) as late:
            tagging.push(repo, "origin", [TAG])
        assert "everything is published" in late.value.hint
        for each in (failed.value, late.value):
            assert is_one_line(each)
            assert "hunter22" not in str(each)


def test_a_remote_that_takes_no_push_is_told_with_the_cure(clone: Repo, bare: Path) -> None:
    clone.git("config", "remote.origin.pushurl", f"{bare}/../gone.git")
    with pytest.raises(
        ToolError, match=r"`origin` at .*gone\.git does not say .* does not appear to be a git"
    ) as failed:
        released(clone)
    assert "the tags alone are missing" in failed.value.hint


# Remotes with several addresses.


def second(tmp_path: Path, clone: Repo) -> Path:
    path = tmp_path / "second.git"
    Repo(tmp_path).git("clone", "--quiet", "--bare", str(tmp_path / "bare.git"), path.name)
    for each in (tmp_path / "bare.git", path):
        clone.git("remote", "set-url", "--add", "--push", "origin", str(each))
    return path


def test_every_address_that_is_pushed_to_gets_the_tag_or_it_is_told(clone: Repo, bare: Path, tmp_path: Path) -> None:
    other = second(tmp_path, clone)
    sentinel(other / "hooks" / "pre-receive", tmp_path / "seen", code=1)
    with pytest.raises(
        ToolError, match=rf"`origin` at {other} did not take the tag `{TAG}`: not today: freeze"
    ) as failed:
        released(clone)
    assert "run again" in failed.value.hint
    assert (listed(bare), listed(other)) == ({TAG: head(clone)}, {})
    assert tagging.require_free(opened(clone), "origin", {TAG: head(clone)}) == [TAG]
    (other / "hooks" / "pre-receive").unlink()
    assert [released(clone), released(clone)] == [[TAG], []]
    assert listed(other) == {TAG: head(clone)}


def test_a_tag_at_another_commit_at_any_address_is_refused_before_anything(clone: Repo, tmp_path: Path) -> None:
    other = second(tmp_path, clone)
    clone.git("push", "--quiet", str(other), f"{clone.commit({'b.proto': ''})}:refs/tags/{TAG}")
    theirs = head(clone)
    clone.git("reset", "--quiet", "--hard", "HEAD~1")
    with pytest.raises(Rejected, match=f"at commit {theirs[:7]} in `origin` at {other}"):
        tagging.require_free(opened(clone), "origin", {TAG: head(clone)})


def test_behind_a_mirror_that_lags_the_tag_is_pushed_once(clone: Repo, bare: Path, tmp_path: Path) -> None:
    real = second(tmp_path, clone)
    clone.git("remote", "set-url", "--push", "--delete", "origin", str(bare))
    assert [released(clone), released(clone)] == [[TAG], []]
    assert (listed(bare), listed(real)) == ({}, {TAG: head(clone)})
    assert tagging.require_free(opened(clone), "origin", {TAG: head(clone)}) == []


def test_each_address_is_reached_as_the_settings_say(clone: Repo, bare: Path, tmp_path: Path) -> None:
    other = second(tmp_path, clone)
    clone.git("remote", "set-url", "--push", "--delete", "origin", str(other))
    clone.git("config", f"url.{other}.pushInsteadOf", str(bare))
    clone.git("config", f"url.{tmp_path}/wrong.insteadOf", f"{tmp_path}/sec")  # is not applied to what was applied
    clone.git("config", "--unset-all", "remote.origin.pushurl")
    sentinel(tmp_path / "receive", tmp_path / "seen", code=1)
    clone.git("config", "remote.origin.receivepack", str(tmp_path / "receive"))
    with pytest.raises(ToolError, match="did not take the tag"):
        released(clone)
    assert (tmp_path / "seen").exists()
    clone.git("config", "--unset", "remote.origin.receivepack")
    assert released(clone) == [TAG]
    assert (listed(bare), listed(other)) == ({}, {TAG: head(clone)})


@pytest.mark.parametrize("setting", ["url", "pushurl", "vcs"])
def test_a_remote_that_is_a_program_is_not_run(clone: Repo, tmp_path: Path, setting: str) -> None:
    program, seen = tmp_path / "program", tmp_path / "seen"
    sentinel(program, seen)
    clone.git("config", f"remote.origin.{setting}", "ext" if setting == "vcs" else f"ext::{program}")
    clone.git("config", "protocol.ext.allow", "always")
    with pytest.raises(ToolError, match="transport 'ext' not allowed"):
        released(clone)
    assert not seen.exists()


@pytest.mark.parametrize("hook", ["pre-push", "reference-transaction", "post-index-change"])
def test_hooks_are_not_run(clone: Repo, bare: Path, tmp_path: Path, hook: str) -> None:
    seen = tmp_path / "seen"
    sentinel(clone.root / ".git" / "hooks" / hook, seen, code=1)
    sentinel(clone.root / "own" / hook, seen, code=1)
    for path in (None, "own"):
        if path:
            clone.git("config", "core.hooksPath", path)
        assert released(clone, f"v{bool(path):d}.0.0")
    assert not seen.exists()


@pytest.mark.parametrize("how", ["file", "variables"])
def test_the_users_own_configuration_leads_to_the_remote(
    clone: Repo, bare: Path, home: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    clone.git("remote", "set-url", "origin", "acme:events")
    if how == "file":
        (home / ".gitconfig").write_text(f'[url "{bare.parent}/bare.git"]\ninsteadOf = acme:events\n')
    else:
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{bare}.insteadOf")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "acme:events")
    assert released(clone) == [TAG]
    assert listed(bare) == {TAG: head(clone)}


def test_variables_of_an_outer_git_lead_nowhere_else(
    clone: Repo, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = repositories.init(tmp_path / "elsewhere", {"a.proto": ""})
    commit = head(clone)
    for name, value in {"GIT_DIR": elsewhere.root / ".git", "GIT_NAMESPACE": "other", "GIT_TRACE": "2"}.items():
        monkeypatch.setenv(name, str(value))
    repo = git.Repository(clone.root, clone.root / ".git")
    tagging.make(repo, commit, {TAG: MESSAGE})
    tagging.push(repo, "origin", [TAG])
    monkeypatch.undo()
    assert listed(bare) == {TAG: commit}


def test_a_clone_of_somebody_else_is_not_worked_in(clone: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    # How git's own tests play a foreign owner.
    monkeypatch.setattr(talking, "_ALWAYS", talking._ALWAYS | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    with pytest.raises(ToolError, match=r"git does not work in .*: detected dubious ownership") as failed:
        tagging.require_free(opened(clone), "origin", {TAG: head(clone)})
    assert "safe.directory" in failed.value.hint


# What the remote has that this clone does not know.


def pushed_elsewhere(tmp_path: Path, bare: Path, *tags: str) -> None:
    other = cloned(tmp_path / "other", bare)
    for tag in tags:
        other.git("tag", tag)
        other.git("push", "--quiet", "origin", tag)


@pytest.mark.parametrize("there", ["v1.0.0", "acme-users/v1.0.0", "acme/v1.0.0", "release-1.0"])
def test_nothing_begins_in_a_clone_that_has_not_the_version_tags_of_its_remote(
    clone: Repo, bare: Path, tmp_path: Path, there: str
) -> None:
    pushed_elsewhere(tmp_path, bare, there, "nightly")
    with pytest.raises(Rejected, match=f"`origin` has the tag `{there}`, which this clone has not") as refused:
        tagging.require_free(opened(clone), "origin", {"v0.1.0": head(clone)})
    assert refused.value.hint == "run `git fetch --tags origin`, and `schemactl release` again"
    clone.git("fetch", "--quiet", "--tags", "origin")
    assert tagging.require_free(opened(clone), "origin", {"v0.1.0": head(clone)}) == ["v0.1.0"]


def test_the_release_before_has_to_be_known_there_since_others_plan_by_it(clone: Repo, bare: Path) -> None:
    repo, commit = opened(clone), head(clone)
    lasts = ["acme-users/v1.2.0", "acme-gone/v1.0.0"]
    clone.git("tag", lasts[0])
    assert tagging.require_free(repo, None, {TAG: commit}, lasts) == [TAG]
    with pytest.raises(ToolError, match=f"the tag `{lasts[0]}`, the last release, is not in `origin`") as failed:
        tagging.require_free(repo, "origin", {TAG: commit}, lasts)
    command = "git push origin acme-users/v1.2.0"
    assert failed.value.hint == f"push it: `{command}`"
    released(clone)
    assert tagging.require_free(repo, "origin", {TAG: commit}, lasts) == []  # nothing begins any more
    Repo(bare).git("tag", "--delete", TAG)
    clone.git(*command.split()[1:])
    assert tagging.require_free(repo, "origin", {TAG: commit}, lasts) == [TAG]


def test_a_later_release_has_to_know_those_of_its_own_package_only(clone: Repo, bare: Path, tmp_path: Path) -> None:
    clone.git("tag", "acme-users/v1.2.0")
    pushed_elsewhere(tmp_path, bare, OTHER)
    assert tagging.require_free(opened(clone), "origin", {TAG: head(clone)}) == [TAG]
    Repo(bare).git("tag", "acme-users/v1.2.1", "main")
    with pytest.raises(Rejected, match=r"has the tag `acme-users/v1\.2\.1`"):
        tagging.require_free(opened(clone), "origin", {TAG: head(clone)})


def test_a_release_whose_tag_is_there_is_finished_whatever_came_after_it(clone: Repo, bare: Path) -> None:
    released(clone)
    Repo(bare).git("tag", "acme-users/v1.4.0", "main")
    assert tagging.require_free(opened(clone), "origin", {TAG: head(clone)}) == []
