"""Publishing Go modules into git repositories: real remotes, real go."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builds import COMMIT, TIME, build, product, written
from forge_http import serving
from schemactl import tools
from schemactl.errors import Mismatch, Rejected, ToolError, UsageError
from schemactl.git import talking
from schemactl.gotoolchain import Toolchain
from schemactl.package.gozip import h1_of_zip
from schemactl.publish import gitrepo
from schemactl.publish.dist import Dist, opened
from schemactl.publish.gitplaces import places
from schemactl.publish.gitseen import seen_by_go
from schemactl.publish.state import Seen
from schemactl.target import Target
from shell import git, run

pytest_plugins = ("goplugins_built",)

ROOT = "github.com/acme/events-go"
USERS, ORDERS = f"{ROOT}/users", f"{ROOT}/orders"
CODE = {"v1/user.pb.go": b"package v1\n\nconst User = 1\n"}
MORE = {**CODE, "v1/mail.pb.go": b"package v1\n\nconst Mail = 1\n"}
DRIVER = """
import os, signal, sys
from pathlib import Path
from schemactl import tools
from schemactl.publish import gitrepo
from schemactl.publish.dist import opened
from schemactl.target import Target

left, run = int(sys.argv[1]), tools.run
def counted(*args, **kwargs):
    global left
    result = run(*args, **kwargs)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
tools.run = counted
dist = opened(Path(sys.argv[2]))
gitrepo.put(dist, Target("git", sys.argv[3], root=sys.argv[4]), lambda said: None)
"""


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git without its user's own settings."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "SSH_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "gitconfig").write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    path = tmp_path / "remote.git"
    assert git(tmp_path, "init", "--quiet", "--bare", str(path)).returncode == 0
    return path


def at(remote: Path, branch: str = "main") -> Target:
    return Target("git", str(remote), root=ROOT, branch=branch)


def users(directory: Path, version: str = "1.0.0", code: Mapping[str, bytes] = CODE, module: str = USERS) -> Dist:
    return opened(build(directory, "acme-users", version, None, module, code))


def put(dist: Dist, target: Target) -> list[str]:
    return [each.state for each in gitrepo.put(dist, target, lambda said: None)]


def ask(remote: Path, *argv: str) -> str:
    done = git(remote, *argv)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refs(remote: Path) -> dict[str, str]:
    return dict(reversed(line.split()) for line in ask(remote, "show-ref").splitlines())  # type: ignore[misc]


def files(remote: Path, rev: str = "main") -> list[str]:
    return ask(remote, "ls-tree", "-r", "--name-only", rev).splitlines()


def commit(remote: Path, path: str, text: str, branch: str = "main") -> None:
    """Somebody else's."""
    clone = remote.parent / f"clone{len(list(remote.parent.iterdir()))}"
    assert git(remote.parent, "clone", "--quiet", str(remote), str(clone)).returncode == 0
    git(clone, "checkout", "--quiet", "-B", branch)
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    (clone / path).write_text(text)
    for argv in (("add", "--all"), ("commit", "--quiet", "-m", "by hand"), ("push", "--quiet", "origin", branch)):
        done = git(clone, *argv)
        assert done.returncode == 0, done.stderr


def hook(remote: Path, name: str, text: str) -> None:
    path = remote / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_first_release_makes_the_branch_and_the_tag(tmp_path: Path, remote: Path) -> None:
    dist = users(tmp_path / "dist")
    assert [each.state for each in gitrepo.look(dist, at(remote))] == ["missing"]
    assert put(dist, at(remote)) == ["published"]
    assert sorted(refs(remote)) == ["refs/heads/main", "refs/tags/users/v1.0.0"]
    assert files(remote) == ["users/go.mod", "users/v1/user.pb.go"]
    assert ask(remote, "log", "--format=%an <%ae> %cn %cd|%B", "--date=format-local:%Y-%m-%dT%H:%M:%SZ") == (
        f"schemactl <schemactl@noreply.invalid> schemactl {TIME}|acme-users 1.0.0\n\nSource: {COMMIT}"
    )


def test_the_same_release_again_is_there_already(tmp_path: Path, remote: Path) -> None:
    dist = users(tmp_path / "dist")
    put(dist, at(remote))
    before = refs(remote)
    assert put(dist, at(remote)) == ["same"] == [each.state for each in gitrepo.look(dist, at(remote))]
    assert refs(remote) == before


def test_the_same_release_is_the_same_commit_whoever_makes_it(tmp_path: Path, remote: Path) -> None:
    other = tmp_path / "other.git"
    git(tmp_path, "init", "--quiet", "--bare", str(other))
    dist = users(tmp_path / "dist")
    put(dist, at(remote))
    put(dist, at(other))
    assert refs(other) == refs(remote)


def test_what_a_release_no_longer_has_is_gone_and_other_directories_stay(tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "1", "1.0.0", MORE), at(remote))
    commit(remote, "README.md", "ours")
    assert put(users(tmp_path / "2", "1.1.0"), at(remote)) == ["published"]
    assert files(remote) == ["README.md", "users/go.mod", "users/v1/user.pb.go"]
    assert "users/v1/mail.pb.go" in files(remote, "users/v1.0.0")
    assert ask(remote, "rev-list", "--count", "main") == "3"


@pytest.mark.parametrize("root", [ROOT, "git.acme.example/go/events.git"])
def test_two_modules_are_one_commit_and_consumers_get_both(
    root: str,
    tmp_path: Path,
    remote: Path,
    toolchain: Toolchain,
) -> None:
    orders = product("acme-orders", "0.2.0", None, f"{root}/orders", CODE)
    dist = opened(written(tmp_path / "dist", orders, product("acme-users", "1.0.0", None, f"{root}/users", CODE)))
    target = Target("git", str(remote), root=root)
    assert put(dist, target) == ["published", "published"]
    assert sorted(refs(remote)) == ["refs/heads/main", "refs/tags/orders/v0.2.0", "refs/tags/users/v1.0.0"]
    assert len(set(refs(remote).values())) == 1
    assert seen_by_go(dist, target, gitrepo.wanted(dist)) == []


def test_a_module_at_the_top_leaves_those_below_it_alone(
    tmp_path: Path,
    remote: Path,
    toolchain: Toolchain,
) -> None:
    put(users(tmp_path / "users"), at(remote))
    whole = users(tmp_path / "whole", "1.0.0", MORE, ROOT)
    assert put(whole, at(remote)) == ["published"]
    assert put(users(tmp_path / "next", "1.1.0", CODE, ROOT), at(remote)) == ["published"]
    assert files(remote) == ["go.mod", "users/go.mod", "users/v1/user.pb.go", "v1/user.pb.go"]
    assert seen_by_go(whole, at(remote), gitrepo.wanted(whole)) == []


@pytest.mark.parametrize(("module", "tag"), [(USERS, "users/v2.0.0"), (ROOT, "v2.0.0")])
def test_a_major_version_is_found_by_go_in_the_same_directory(
    module: str,
    tag: str,
    tmp_path: Path,
    remote: Path,
    toolchain: Toolchain,
) -> None:
    put(users(tmp_path / "1", "1.0.0", CODE, module), at(remote))
    dist = users(tmp_path / "2", "2.0.0", CODE, f"{module}/v2")
    assert put(dist, at(remote)) == ["published"]
    assert f"refs/tags/{tag}" in refs(remote)
    assert seen_by_go(dist, at(remote), gitrepo.wanted(dist)) == []
    # What an older line gets on top is taken away by the next one, too.
    for version, code in (("1.0.1", MORE), ("1.0.2", CODE)):
        assert put(users(tmp_path / version, version, code, module), at(remote)) == ["published"]


def test_go_get_takes_what_was_built(tmp_path: Path, remote: Path, toolchain: Toolchain) -> None:
    dist = users(tmp_path / "dist")
    put(dist, at(remote))
    user = tmp_path / "user"
    user.mkdir()
    (user / "go.mod").write_text("module acme.example/user\n\ngo 1.23\n")
    settings = {
        "GOPROXY": "direct",
        "GOSUMDB": "off",
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(tmp_path / "modules"),
    }
    rule = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{remote}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://{ROOT}",
    }
    done = run(toolchain.path, "get", f"{USERS}@latest", cwd=user, **settings, **rule, GOTOOLCHAIN="local")
    assert done.returncode == 0, done.stderr
    ours = h1_of_zip(dist.read(gitrepo.wanted(dist)[0]))
    assert f"{USERS} v1.0.0 {ours}" in (user / "go.sum").read_text().splitlines()
    info = tmp_path / "modules/cache/download" / USERS / "@v/v1.0.0.info"
    assert json.loads(info.read_text())["Time"] == TIME


def test_consumers_that_get_something_else_are_told_of(
    tmp_path: Path,
    remote: Path,
    toolchain: Toolchain,
) -> None:
    put(users(tmp_path / "1"), at(remote))
    dist = users(tmp_path / "2", "1.0.0", MORE)
    ours = h1_of_zip(dist.read(gitrepo.wanted(dist)[0]))
    path = Target("git", str(remote), root="go.acme.example/events")  # where only git can look
    moved = users(tmp_path / "3", "1.0.0", MORE, "go.acme.example/events/users")
    for each, target in ((dist, at(remote)), (moved, path)):
        (complaint,) = seen_by_go(each, target, gitrepo.wanted(each))
        assert complaint.mismatch
        assert f"consumers of `{gitrepo.wanted(each)[0].module}@v1.0.0` get h1:" in complaint.what
    assert ours in seen_by_go(dist, at(remote), gitrepo.wanted(dist))[0].what
    later = users(tmp_path / "4", "1.1.0")
    (complaint,) = seen_by_go(later, at(remote), gitrepo.wanted(later))
    assert (complaint.late, complaint.mismatch) == (True, False)
    assert "unknown revision users/v1.1.0" in complaint.what
    commit(remote, "users/go.mod", "module github.com/acme/other\n")
    git(remote, "tag", "users/v1.1.0", "main")
    (complaint,) = seen_by_go(later, at(remote), gitrepo.wanted(later))
    assert complaint.mismatch


def test_git_alone_sees_what_go_would(tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dist = users(tmp_path / "dist")
    put(dist, at(remote))
    monkeypatch.setattr("schemactl.gotoolchain.find", lambda: None)
    assert seen_by_go(dist, at(remote), gitrepo.wanted(dist)) == []


def test_a_tag_with_a_message_counts_as_the_commit_that_it_is_of(tmp_path: Path, remote: Path) -> None:
    dist = users(tmp_path / "dist")
    put(dist, at(remote))
    assert git(remote, "tag", "--force", "-a", "-m", "by hand", "users/v1.0.0", "main").returncode == 0
    assert put(dist, at(remote)) == ["same"]


def test_other_content_under_the_tag_is_refused_and_nothing_changes(tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "1"), at(remote))
    before = refs(remote)
    both = [product("acme-orders", "0.2.0", None, ORDERS, CODE), product("acme-users", "1.0.0", None, USERS, MORE)]
    dist = opened(written(tmp_path / "2", *both))
    assert gitrepo.look(dist, at(remote))[1] == Seen(
        "go/github.com/acme/events-go/users/@v/v1.0.0.zip",
        "different",
        f"at its tag `users/v1.0.0`, released from commit {COMMIT[:7]}, `v1/mail.pb.go` is missing",
    )
    with pytest.raises(Rejected, match=r"users/@v/v1\.0\.0\.zip` is in git:.* already, with other content: at its tag"):
        put(dist, at(remote))
    assert refs(remote) == before


@pytest.mark.parametrize("path", ["users/README.md", "users/vendor/a/a.go", "users/.gitattributes"])
def test_what_somebody_else_put_into_the_directory_is_refused_by_name(path: str, tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "1"), at(remote))
    commit(remote, path, "x")
    git(remote, "tag", "users/v1.0.5", "main")  # a tag of theirs does not make it a release's
    before = refs(remote)
    dist = users(tmp_path / "2", "1.1.0")
    for each in (gitrepo.look, put):
        with pytest.raises(Rejected, match=f"`{path}` would be in Go's `{USERS}@v1.1.0`") as caught:
            each(dist, at(remote))
        assert "remove it from `main`" in caught.value.hint
    assert refs(remote) == before


def test_a_tag_made_by_hand_has_no_commit_that_it_was_released_from(tmp_path: Path, remote: Path) -> None:
    commit(remote, "users/go.mod", "Source: main\n")
    git(remote, "tag", "users/v1.0.0", "main")
    (seen,) = gitrepo.look(users(tmp_path / "dist"), at(remote))
    assert (seen.state, seen.why) == ("different", "at its tag `users/v1.0.0` `go.mod` differs")


def many(remote: Path, count: int) -> None:
    """Versions of somebody else's, each with a commit of its own, and a tag more for each."""
    parts = []
    for number in range(1, count + 1):
        parts.append(
            f"commit refs/heads/main\nmark :{number}\ncommitter a <a@b> {number} +0000\ndata 0\n"
            f"M 100644 inline users/own.txt\ndata {len(str(number))}\n{number}\n"
            f"reset refs/tags/users/v0.0.{number}\nfrom :{number}\n\n"
            f"reset refs/tags/users/v0.1.{number}\nfrom :{number}\n\n"
        )
    text = "".join(parts).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=remote, input=text, check=True, timeout=60)


def test_any_number_of_versions_fits_into_command_lines(
    tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(remote, 250)
    asked, real = [], tools.run

    def counted(argv: list[str], **options: object) -> tools.Result:
        asked.append([each for each in argv if each.startswith("+refs/tags/")])
        return real(argv, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(tools, "run", counted)
    with pytest.raises(Rejected, match=r"`users/own\.txt` would be in Go's"):
        gitrepo.look(users(tmp_path / "dist"), at(remote))
    assert [len(each) for each in asked if each] == [1, 200, 49]  # of each commit one tag


def test_a_remote_that_never_answers_is_not_waited_for_long(
    tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, real = {}, tools.run

    def timed(argv: list[str], **options: object) -> tools.Result:
        limits[argv[1]] = options.get("timeout")
        return real(argv, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(tools, "run", timed)
    put(users(tmp_path / "1"), at(remote))
    put(users(tmp_path / "2", "1.1.0"), at(remote))
    assert (limits["ls-remote"], limits["fetch"], limits["push"]) == (60, 300, 300)
    monkeypatch.setattr(talking, "_SHORT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/acme/events-go"
        with pytest.raises(ToolError, match=rf"{url} does not answer: git did not finish") as caught:
            gitrepo.look(users(tmp_path / "3"), Target("git", url, root=ROOT))
    assert "run again" in caught.value.hint


def test_the_repository_of_other_modules_is_no_home_for_one(tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "users"), at(remote))
    stranger = opened(build(tmp_path / "dist", "acme-other", "1.0.0", None, "github.com/acme/other-go", CODE))
    before = ask(remote, "show-ref")
    for each in (gitrepo.look, put):
        with pytest.raises(Rejected, match=rf"`{USERS}` is released from there"):
            each(stranger, Target("git", str(remote)))
    assert ask(remote, "show-ref") == before


def test_a_license_of_the_repository_that_go_would_add_is_refused(tmp_path: Path, remote: Path) -> None:
    commit(remote, "LICENSE", "free")
    with pytest.raises(Rejected, match="there `LICENSE` is there beside it"):
        put(users(tmp_path / "dist"), at(remote))


@pytest.mark.parametrize(
    ("text", "attribute"),
    [("* filter=lfs", "filter"), ("*.go eol=crlf", "eol"), ("users/** export-ignore", "export-ignore")],
)
def test_attributes_that_change_what_go_gets_are_refused(
    text: str, attribute: str, tmp_path: Path, remote: Path
) -> None:
    commit(remote, ".gitattributes", f"{text}\n")
    dist, before = users(tmp_path / "dist"), refs(remote)
    for each in (gitrepo.look, put):
        with pytest.raises(Rejected, match=rf"`\.gitattributes` sets `{attribute}` for `users/"):
            each(dist, at(remote))
    assert refs(remote) == before


@pytest.mark.parametrize("name", [".gitattributes", "v1/.git/config"])
def test_a_module_with_files_of_git_s_own_is_refused(name: str, tmp_path: Path, remote: Path) -> None:
    with pytest.raises(Mismatch, match="which git would take for its own"):
        put(users(tmp_path / "dist", "1.0.0", {**CODE, name: b"x"}), at(remote))


def test_attributes_that_change_nothing_are_none_of_our_business(tmp_path: Path, remote: Path) -> None:
    commit(remote, ".gitattributes", "* text=auto\n*.pb.go linguist-generated=true -diff\n")
    assert put(users(tmp_path / "dist"), at(remote)) == ["published"]


def test_a_directory_for_the_major_version_is_refused(tmp_path: Path, remote: Path) -> None:
    commit(remote, "users/v2/go.mod", f"module {USERS}/v2\n")
    with pytest.raises(Rejected, match=r"`users/v2/go\.mod` is another module"):
        put(users(tmp_path / "dist", "2.0.0", CODE, f"{USERS}/v2"), at(remote))


def test_a_branch_that_moves_meanwhile_is_looked_at_again(tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "1"), at(remote))
    commit(remote, "NEWS.md", "theirs", "next")
    dist = users(tmp_path / "2", "1.1.0")
    moved: list[str] = []

    def move(said: str) -> None:
        if not moved:
            moved.append(said)
            ask(remote, "update-ref", "refs/heads/main", "refs/heads/next")

    assert [each.state for each in gitrepo.put(dist, at(remote), move)] == ["published"]
    assert moved == [f"pushing `users/v1.1.0` to git:{remote}"]
    assert "NEWS.md" in files(remote)
    assert refs(remote)["refs/tags/users/v1.1.0"] == refs(remote)["refs/heads/main"]


@pytest.mark.parametrize(("code", "outcome"), [(CODE, "same"), (MORE, "with other content")])
def test_a_tag_that_appears_meanwhile_is_compared(
    code: Mapping[str, bytes], outcome: str, tmp_path: Path, remote: Path
) -> None:
    commit(remote, "README.md", "first")
    other = opened(written(tmp_path / "other", product("acme-users", "1.0.0", None, USERS, code), commit="ab" * 20))
    dist = users(tmp_path / "dist")
    done: list[list[str]] = []

    def overtake(said: str) -> None:
        if not done:
            done.append(put(other, at(remote)))

    if outcome == "same":
        assert [each.state for each in gitrepo.put(dist, at(remote), overtake)] == ["same"]
    else:
        with pytest.raises(Rejected, match=outcome):
            gitrepo.put(dist, at(remote), overtake)
    assert ask(remote, "rev-list", "--count", "main") == "2"


def test_two_at_once_lose_nothing(tmp_path: Path, remote: Path) -> None:
    dists = [users(tmp_path / "1"), users(tmp_path / "2"), users(tmp_path / "3", "1.0.0", CODE, ORDERS)]
    with ThreadPoolExecutor() as pool:
        states = list(pool.map(lambda dist: put(dist, at(remote)), dists))
    assert all(each in (["published"], ["same"]) for each in states)
    assert sorted(refs(remote)) == ["refs/heads/main", "refs/tags/orders/v1.0.0", "refs/tags/users/v1.0.0"]
    assert ask(remote, "rev-list", "--count", "main") == "2"


def test_a_remote_that_refuses_is_quoted_and_has_nothing(tmp_path: Path, remote: Path) -> None:
    dist = users(tmp_path / "dist")
    hook(remote, "update", 'case "$1" in refs/tags/*) echo not on a Friday; exit 1;; esac')
    with pytest.raises(
        ToolError, match=r"`users/v1\.0\.0` was refused: hook declined; remote: not on a Friday"
    ) as caught:
        put(dist, at(remote))
    assert "the server refuses it" in caught.value.hint
    assert git(remote, "show-ref").stdout == ""
    (remote / "hooks/update").unlink()
    assert put(dist, at(remote)) == ["published"]


def test_a_push_whose_answer_is_lost_counts(tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tools.run

    def cut(argv: list[str], **options: object) -> tools.Result:
        result = real(argv, **options)  # type: ignore[arg-type]
        return tools.Result(128, b"", b"fatal: the remote end hung up unexpectedly") if "push" in argv else result

    monkeypatch.setattr(tools, "run", cut)
    assert put(users(tmp_path / "dist"), at(remote)) == ["published"]


@pytest.mark.slow
def test_a_run_that_is_killed_after_any_step_is_finished_by_the_next(tmp_path: Path, remote: Path) -> None:
    put(users(tmp_path / "1", "1.0.0", MORE), at(remote))
    dist, calls = users(tmp_path / "2", "1.1.0"), 0
    first, ends = tmp_path / "first.git", set()
    remote.rename(first)
    while True:
        calls += 1
        git(tmp_path, "clone", "--quiet", "--mirror", str(first), str(remote))
        argv = (str(calls), str(dist.directory), str(remote), ROOT)
        done = run(sys.executable, "-c", DRIVER, *argv, cwd=Path(__file__).parents[1])
        assert put(dist, at(remote)) in (["published"], ["same"])
        ends.add(tuple(sorted(refs(remote).items())))
        remote.rename(tmp_path / f"done{calls}")
        if done.returncode != -9:
            break
    assert (done.returncode, len(ends)) == (0, 1)
    assert calls > 8


def test_what_cannot_be_reached_says_what_helps(tmp_path: Path) -> None:
    dist = users(tmp_path / "dist")
    with pytest.raises(ToolError, match=r"could not reach .*nowhere: fatal: .* does not appear to be a git") as caught:
        gitrepo.look(dist, Target("git", str(tmp_path / "nowhere"), root=ROOT))
    assert caught.value.hint.startswith("make the repository")
    with pytest.raises(ToolError, match=r"could not reach http://127\.0\.0\.1:1/") as caught:
        gitrepo.put(dist, Target("git", "http://127.0.0.1:1/acme/events-go", root=ROOT), print)
    assert caught.value.hint.startswith("see whether it can be reached")


@pytest.mark.parametrize("url", ["ext::sh -c touch% HERE", "--upload-pack=touch HERE", "git://acme.example/x"])
def test_no_address_starts_a_program(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gitconfig").write_text("[protocol]\n allow = always\n")
    with pytest.raises(ToolError):
        gitrepo.look(users(tmp_path / "dist"), Target("git", url.replace("HERE", f"{tmp_path}/here"), root=ROOT))
    assert not (tmp_path / "here").exists()


def test_nothing_that_git_says_shows_a_credential(
    tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", "s3cret-of-acme")
    hook(remote, "pre-receive", "echo see https://ci:hunter22@acme.example/x or s3cret-of-acme; exit 1")
    with pytest.raises(ToolError) as caught:
        put(users(tmp_path / "dist"), at(remote))
    assert "see https://acme.example/x or ***" in caught.value.message


@pytest.mark.parametrize(
    ("echoed", "told"),
    [
        ("no access for bob:helpersecret55", "no access for bob:***"),
        ("see main:12 and 10.0.0.1:443/x", "see main:12 and 10.0.0.1:443/x"),
        ("`confpass66` is old", "`***` is old"),
        ("conf%70ass77?", "***?"),
        (b64encode(b"bob:confpass66").decode(), "***"),
        ("no headertoken88", "no ***"),
    ],
)
def test_a_login_that_only_git_knows_is_not_shown_when_the_server_repeats_it(
    echoed: str, told: str, tmp_path: Path, remote: Path
) -> None:
    (tmp_path / "gitconfig").write_text(
        '[url "https://bob:confpass66@acme.example/"]\n insteadOf = acme:\n'
        '[remote "o"]\n url = https://bob:conf%70ass77@acme.example/x\n'
        '[http "https://acme.example"]\n extraHeader = Authorization: Basic headertoken88\n'
    )
    hook(remote, "pre-receive", f"echo '{echoed}'; exit 1")
    with pytest.raises(ToolError) as caught:
        put(users(tmp_path / "dist"), at(remote))
    said = caught.value.message.partition("remote: ")[2]
    assert not any(each in said for each in ("helpersecret55", "confpass66", "headertoken88", "conf%70ass77"))
    assert told in said


def test_a_hook_of_the_user_and_variables_of_an_outer_git_do_not_count(
    tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(tmp_path, "pre-push", "exit 1")  # which git would run from there, but for us
    settings = f'[core]\n hooksPath = {tmp_path}/hooks\n[push]\n gpgSign = true\n followTags = true\n[url "{remote}"]\n'
    (tmp_path / "gitconfig").write_text(f"{settings} insteadOf = https://acme.example/events\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    # That its own rules for addresses count shows that its configuration is read.
    target = Target("git", "https://acme.example/events", root=ROOT)
    assert put(users(tmp_path / "dist"), target) == ["published"]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("url", "module", "tag"),
    [
        ("https://github.com/acme/events-go.git", ROOT, "v1.0.0"),
        ("https://github.com/acme/events-go", USERS, "users/v1.0.0"),
        ("git@github.com:acme/events-go.git", USERS, "users/v1.0.0"),
        ("ssh://git@github.com:22/acme/events-go", USERS, "users/v1.0.0"),
        ("https://git.acme.example/go/events.git", "git.acme.example/go/events.git/users", "users/v1.0.0"),
        ("https://git.acme.example/go/events.git", "go.acme.example/users", "v1.0.0"),
        ("/srv/git/events.git", USERS, "users/v1.0.0"),
        ("/srv/git/events.git", "go.acme.example/users/v2", "v2.0.0"),
        ("git@gitlab.acme.example:copies/events.git", f"{USERS}/v2", "users/v2.0.0"),
    ],
)
def test_where_a_module_stands_follows_from_the_address(url: str, module: str, tag: str, tmp_path: Path) -> None:
    version = "2.0.0" if module.endswith("/v2") else "1.0.0"
    found = places(gitrepo.wanted(users(tmp_path / "dist", version, module=module)), Target("git", url))
    assert [each.tag for each in found] == [tag]


def test_a_module_without_a_place_says_what_to_write(tmp_path: Path) -> None:
    names = ("go.acme.example/events/orders", "go.acme.example/events/users")
    both = [product(f"acme-{name[-5:]}", "0.2.0", None, name, CODE) for name in names]
    wanted = gitrepo.wanted(opened(written(tmp_path / "dist", *both)))
    with pytest.raises(UsageError, match="has no import path of its own") as caught:
        places(wanted, Target("git", "/srv/events"))
    assert "`publish: [{to: git:/srv/events, root: go.acme.example/events}]`" in caught.value.hint
    with pytest.raises(UsageError, match=r"whose top is `github\.com/acme/other`"):
        places(wanted, Target("git", "https://github.com/acme/other"))


def test_a_place_where_go_does_not_look_is_refused(tmp_path: Path) -> None:
    wanted = gitrepo.wanted(users(tmp_path / "dist"))
    with pytest.raises(UsageError, match=r"no place in git:https://github\.com/acme/other, whose top is"):
        places(wanted, Target("git", "https://github.com/acme/other"))
    with pytest.raises(UsageError, match=rf"Go looks for the module `{USERS}` in the repository `{ROOT}`"):
        places(wanted, Target("git", "/srv/events", root=USERS))
    with pytest.raises(UsageError, match="cannot have a branch"):
        places(wanted, Target("git", "/srv/events", branch="a:refs/tags/b"))


def test_credentials_come_from_git_s_own_helpers_and_stay_there(tmp_path: Path, remote: Path) -> None:
    ask(remote, "config", "http.receivepack", "true")
    dist = users(tmp_path / "dist")
    with serving(tmp_path, f"Basic {b64encode(b'ci:hunter22').decode()}") as (address, _):
        target = Target("git", f"{address}/remote.git", root=ROOT)
        with pytest.raises(ToolError, match="could not read Username") as caught:
            put(dist, target)
        assert "git has no credentials that are good for it" in caught.value.hint
        helper = "!f() { echo username=ci; echo password=hunter22; }; f"
        (tmp_path / "gitconfig").write_text(f'[credential]\n helper = "{helper}"\n')
        assert put(dist, target) == ["published"]
        hook(remote, "update", "echo no; exit 1")
        with pytest.raises(ToolError, match="hook declined") as caught:
            put(users(tmp_path / "2", "1.1.0"), target)
    assert "hunter22" not in caught.value.message


def test_a_repository_with_sha256_is_taken_as_it_is(tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", str(remote))
    tree = ask(remote, "hash-object", "-t", "tree", "-w", os.devnull)
    ask(remote, "update-ref", "refs/heads/main", ask(remote, "commit-tree", "-m", "first", tree))
    dist = users(tmp_path / "dist")
    assert [put(dist, at(remote)), put(dist, at(remote))] == [["published"], ["same"]]
