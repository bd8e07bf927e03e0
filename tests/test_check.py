"""`check`, `breaking` and `lint` as they are run: what is compared with what, what is reported, how it exits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from repositories import BROKEN, HEAD, PATH, USER, WRONG, Repo, clean, init, run
from schemactl import buf, protoc, tools
from shell import run as shell_run

TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
ZEROS = "0" * 40


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """main: a good user; feature: main with another commit, then a broken user."""
    repo = init(tmp_path_factory.mktemp("upstream") / "schemas", {"README.md": "acme"}, {PATH: USER})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"acme/v1/more.proto": HEAD + "message More {}\n"})
    repo.commit({PATH: BROKEN})
    return repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "schemas", {PATH: USER})


def cloned(upstream: Repo, to: Path, *options: str) -> Repo:
    upstream.git("clone", "--quiet", *options, f"file://{upstream.root}", str(to))
    return Repo(to)


def pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo: Repo, before: str) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before}))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "push")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.setenv("GITHUB_SHA", repo.git("rev-parse", "HEAD"))


# What it is compared with


def test_a_branch_is_compared_with_where_it_left_the_default_branch(upstream: Repo, tmp_path: Path) -> None:
    clone = cloned(upstream, tmp_path / "clone", "--branch", "feature")
    clone.git("remote", "set-head", "origin", "main")
    done = clone.run("check")
    assert (done.code, done.rules) == (1, [TYPE])
    assert done.report["against"] == [
        {"revision": "origin/main", "commit": upstream.git("rev-parse", "main"), "reason": "merge-base of origin/main"}
    ]


def test_a_shallow_clone_without_the_base_is_no_verdict_but_a_remedy(
    upstream: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = cloned(upstream, tmp_path / "clone", "--depth", "1", "--branch", "feature")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    done = clone.run("check")
    assert (done.code, done.out) == (2, "")
    assert "git fetch" in done.err
    assert len(done.err.splitlines()) == 2
    clone.git("fetch", "--quiet", "--no-tags", "--unshallow", "origin", "main:refs/remotes/origin/main")
    assert clone.run("check").rules == [TYPE]


def test_a_revision_that_a_shallow_clone_lacks_is_told_how_to_get(upstream: Repo, tmp_path: Path) -> None:
    clone = cloned(upstream, tmp_path / "clone", "--depth", "1", "--branch", "feature")
    done = clone.run("check", "--against", "HEAD~2")
    assert (done.code, done.out) == (2, "")
    assert "--unshallow" in done.err
    assert clone.run("check", "--against", "none").code == 0


def test_a_missing_origin_main_is_told_how_to_fetch(
    upstream: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = cloned(upstream, tmp_path / "clone", "--single-branch", "--branch", "feature")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    done = clone.run("breaking")
    assert (done.code, done.out) == (2, "")
    assert "git fetch --no-tags origin main:refs/remotes/origin/main" in done.err
    clone.git("fetch", "--quiet", "--no-tags", "origin", "main:refs/remotes/origin/main")
    assert clone.run("breaking").rules == [TYPE]


@pytest.mark.parametrize("before", ["main", ZEROS])
def test_a_push_to_the_default_branch_is_compared_with_what_was_there(
    upstream: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    clone = cloned(upstream, tmp_path / "clone", "--branch", "feature")
    clone.git("remote", "set-head", "origin", "feature")
    pushed(tmp_path, monkeypatch, clone, before if before == ZEROS else upstream.git("rev-parse", before))
    done = clone.run("check")
    assert done.rules == [TYPE]
    (against,) = done.report["against"]
    assert against["commit"] == clone.git("rev-parse", "HEAD^1" if before == ZEROS else "HEAD^1^1")
    assert against["reason"] == ("previous commit" if before == ZEROS else "before the push")


def test_the_first_commit_has_nothing_to_be_compared_with(repo: Repo) -> None:
    done = repo.run("check")
    assert (done.code, done.report["against"]) == (0, None)
    assert done.report["ran"] == {"lint": True, "breaking": "there is no earlier commit to compare with"}
    assert "no earlier commit" in repo.run("check", format="text").out


def test_a_repository_without_any_commit_is_checked(tmp_path: Path) -> None:
    repo = init(tmp_path / "schemas")
    repo.write({PATH: USER})
    assert (repo.run("check").code, repo.run("check").report["against"]) == (0, None)


def test_what_is_not_committed_is_compared_with_the_last_commit(repo: Repo) -> None:
    repo.write({PATH: BROKEN})
    assert (repo.run("check").code, repo.run("check").rules) == (1, [TYPE])
    assert repo.run("check", "--staged").rules == []
    repo.git("add", ".")
    assert repo.run("check", "--staged").rules == [TYPE]
    assert repo.run("check", "--rev", "HEAD").rules == []


def test_what_is_staged_is_its_commit_whatever_the_working_tree_holds(repo: Repo) -> None:
    repo.commit({PATH: BROKEN})
    assert repo.run("check", "--staged").rules == [TYPE]
    repo.write({"acme/v1/more.proto": HEAD + "message More {}\n"})
    assert repo.run("check", "--staged").rules == [TYPE]
    repo.git("add", ".")
    assert repo.run("check", "--staged").rules == []


def test_a_detached_head_is_compared_with_its_parent(repo: Repo) -> None:
    repo.commit({PATH: BROKEN})
    repo.git("checkout", "--quiet", "--detach")
    assert repo.run("check").rules == [TYPE]


def test_a_worktree_is_a_repository(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    tree = Repo(tmp_path / "tree")
    tree.commit({PATH: BROKEN})
    assert tree.run("check").rules == [TYPE]
    assert repo.run("check").rules == []


def test_a_submodule_is_a_repository_of_its_own(repo: Repo, tmp_path: Path) -> None:
    outer = init(tmp_path / "outer", {"README.md": "acme"})
    outer.git("submodule", "--quiet", "add", f"file://{repo.root}", "schemas")
    inner = Repo(outer.root / "schemas")
    inner.commit({PATH: BROKEN})
    assert inner.run("check", "--against", "HEAD~1").rules == [TYPE]


def test_paths_in_a_subdirectory_are_read_from_there_and_reported_from_the_top(repo: Repo) -> None:
    repo.commit({PATH: BROKEN, "acme/v1/more.proto": HEAD + "message More { string a = 1; }\n"})
    repo.commit({"acme/v1/more.proto": HEAD + "message More { int32 a = 1; }\n"})
    inside = str(repo.root / "acme" / "v1")
    done = run("check", "user.proto", "-C", inside, "--against", "HEAD~2", "--format", "json")
    assert [finding["path"] for finding in done.report["findings"]] == [PATH]
    done = run("check", "-C", inside, "--against", "HEAD~1", "--format", "json")
    assert [finding["path"] for finding in done.report["findings"]] == ["acme/v1/more.proto"]


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"])
def test_what_a_git_hook_leaves_in_the_environment_leads_nowhere(
    repo: Repo, upstream: Repo, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repo.commit({PATH: BROKEN})
    monkeypatch.setenv(name, str(upstream.root / ".git"))
    assert repo.run("check").rules == [TYPE]


def test_a_pre_commit_hook_judges_the_commit_that_is_being_made(repo: Repo) -> None:
    hook = repo.root / ".git" / "hooks" / "pre-commit"
    command = f"{sys.executable} -c 'from schemactl.cli import main; main()' breaking --staged"
    hook.write_text(f"#!/bin/sh\nPYTHONPATH={Path(__file__).parent.parent} exec {command}\n")
    hook.chmod(0o755)
    repo.write({PATH: BROKEN})
    done = shell_run(
        "git", "-c", "user.name=acme", "-c", "user.email=a@acme.example", "commit", "-am", "x", cwd=repo.root
    )
    assert done.returncode == 1
    assert TYPE in done.stdout + done.stderr


def test_without_git_lint_works_and_breaking_has_no_verdict(tmp_path: Path) -> None:
    bare = Repo(tmp_path / "plain")
    bare.write({PATH: USER})
    assert bare.run("lint").code == 0
    for command in ("breaking", "check"):
        done = bare.run(command)
        assert (done.code, done.out) == (2, "")
        assert "--against none" in done.err
    assert bare.run("check", "--against", "none").code == 0


def test_a_renamed_module_directory_hides_nothing(tmp_path: Path) -> None:
    yaml = "version: v2\nmodules:\n  - path: a\n  - path: {}\n"
    other = 'syntax = "proto3";\npackage acme.other.v1;\nmessage O {}\n'
    repo = init(tmp_path / "r", {"buf.yaml": yaml.format("b"), "a/acme/other/v1/o.proto": other, f"b/{PATH}": USER})
    repo.commit({"buf.yaml": yaml.format("0b"), f"b/{PATH}": None, f"0b/{PATH}": BROKEN})
    (found,) = repo.run("check", "--profile", "json").report["findings"]
    assert (found["rule"], found["path"], found["against"]["path"]) == (TYPE, f"0b/{PATH}", f"b/{PATH}")


# Sides that are no schema


def test_a_commit_without_schemas_does_not_stand_for_one_that_does_not_compile(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {"README.md": "acme"}, {PATH: WRONG})
    repo.write({PATH: BROKEN})
    done = repo.run("breaking", "--against", "HEAD")
    assert done.code == 2
    assert "nor with any of the (up to 50) commits before it" in done.err
    assert repo.run("breaking", "--against", "HEAD^1").code == 0


def test_a_base_that_does_not_compile_gives_way_to_its_ancestor(repo: Repo) -> None:
    good = repo.git("rev-parse", "HEAD")
    repo.commit({PATH: WRONG})
    repo.commit({PATH: BROKEN})
    for command in ("breaking", "check"):
        done = repo.run(command)
        assert (done.code, done.rules) == (1, [TYPE])
        assert done.report["against"] == [
            {"revision": good[:12], "commit": good, "reason": "nearest valid ancestor of HEAD^1"}
        ]
        assert done.report["findings"][0]["against"]["revision"] == good[:12]
        (note,) = [note for note in done.report["notes"] if "ancestor" in note]
        assert good[:12] in note
        assert PATH in note
    assert "ancestor" in repo.run("check", format="text").out


def test_a_base_with_a_wrong_configuration_gives_way_to_its_ancestor(repo: Repo) -> None:
    good = repo.git("rev-parse", "HEAD")
    repo.commit({"schemactl.yaml": "rootz: [acme]\n"})
    repo.commit({"schemactl.yaml": "roots: [.]\n", PATH: BROKEN})
    done = repo.run("check")
    assert (done.rules, done.report["against"][0]["commit"]) == ([TYPE], good)


def test_no_base_that_compiles_is_no_verdict(tmp_path: Path) -> None:
    repo = init(tmp_path / "schemas", {PATH: WRONG}, {PATH: WRONG + "\n"}, {PATH: USER})
    for command in ("breaking", "check"):
        done = repo.run(command)
        assert (done.code, done.out) == (2, "")
        assert "--against" in done.err


@pytest.mark.parametrize("command", ["breaking", "check", "lint"])
def test_a_head_that_does_not_compile_is_a_verdict(repo: Repo, command: str) -> None:
    repo.commit({PATH: WRONG})
    done = repo.run(command)
    assert done.code == 1
    assert [(finding["source"], finding["line"]) for finding in done.report["findings"]] == [("compile", 4)]
    broken = "what is checked does not compile"
    assert done.report["ran"] == {
        "lint": broken if command != "breaking" else "not asked for",
        "breaking": broken if command != "lint" else "not asked for",
    }


def test_a_head_that_does_not_compile_is_told_whatever_paths_are_asked_for(repo: Repo) -> None:
    repo.commit({"acme/v1/more.proto": WRONG.replace("User", "More")})
    assert repo.run("check", PATH).code == 1


def test_a_head_without_a_file_left_is_compared(repo: Repo) -> None:
    repo.commit({PATH: None, "README.md": "acme"})
    done = repo.run("check")
    assert done.code == 1
    assert set(done.rules) >= {"PACKAGE_NO_DELETE"}
    assert repo.run("lint").code == 2


# What `--against` may be


def test_against_none_says_so(repo: Repo) -> None:
    repo.commit({PATH: BROKEN})
    done = repo.run("check", "--against", "none")
    assert (done.code, done.report["against"], done.report["ran"]["breaking"]) == (0, None, "--against none")


def test_against_an_image_that_protoc_made(repo: Repo, tmp_path: Path) -> None:
    image = tmp_path / "old.binpb"
    argv = (sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_source_info", f"-o{image}", PATH)
    assert shell_run(*argv, cwd=repo.root).returncode == 0
    repo.write({PATH: BROKEN})
    done = repo.run("check", "--against", f"image:{image}")
    assert done.rules == [TYPE]
    assert done.report["findings"][0]["against"]["line"] == 5
    assert done.report["against"] == [{"revision": f"image:{image}", "commit": None, "reason": "given"}]
    image.rename(repo.root / "old.binpb")
    assert repo.run("check", "--against", "image:old.binpb").rules == [TYPE]
    assert repo.run("check", "--against", "image:missing.binpb").code == 2


def test_two_images_need_neither_sources_nor_git(repo: Repo, tmp_path: Path) -> None:
    for name, text in (("old", USER), ("new", BROKEN)):
        repo.write({PATH: text})
        argv = (buf.executable(), "build", "-o", str(tmp_path / f"{name}.binpb"))
        assert shell_run(*argv, cwd=repo.root).returncode == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    done = Repo(empty).run("check", "--image", str(tmp_path / "new.binpb"), "--against", f"image:{tmp_path}/old.binpb")
    assert (done.code, done.rules) == (1, [TYPE])
    assert Repo(empty).run("check", "--image", str(tmp_path / "new.binpb")).code == 2


def test_against_tags_merges_what_each_version_says(tmp_path: Path) -> None:
    fields = "message User {{ string name = 1; {} }}\n"
    repo = init(tmp_path / "schemas", {PATH: HEAD + fields.format("string mail = 2; string gone = 3;")})
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: HEAD + fields.format("string mail = 2; string nick = 4;")})
    repo.git("tag", "v1.1.0")
    repo.commit({PATH: HEAD + fields.format("int32 mail = 2; int32 nick = 4;")})
    done = repo.run("breaking", "--against", "tags")
    assert [each["revision"] for each in done.report["against"]] == ["v1.1.0", "v1.0.0"]
    found = {(each["element"], each["against"]["revision"], each["change"]) for each in done.report["findings"]}
    assert found == {
        ("acme.v1.User.gone", "v1.0.0", "c1"),
        ("acme.v1.User.mail", "v1.1.0", "c2"),
        ("acme.v1.User.nick", "v1.1.0", "c3"),
    }
    assert repo.run("breaking", "--against", "tag:latest").rules == [TYPE, TYPE]
    assert set(repo.run("breaking", "--against", "v1.0.0").rules) > {TYPE}


def test_paths_start_where_one_stands(two: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(two.root / "acme")
    for written in ("v1/more.proto", "./v1/../v1/more.proto", "../acme/v1/more.proto"):
        done = run("check", written, "--format", "json")
        assert [finding["path"] for finding in done.report["findings"]] == ["acme/v1/more.proto"]


@pytest.mark.parametrize(
    "revision",
    ["--output=x", "-h", "HEAD..HEAD~1", "^HEAD", "HEAD\nHEAD", "nosuch", "", "HEAD:acme", "--upload-pack=touch x"],
)
@pytest.mark.parametrize("option", ["--against", "--rev"])
def test_a_revision_is_never_an_option(repo: Repo, option: str, revision: str) -> None:
    before = sorted(repo.root.iterdir())
    done = repo.run("check", f"{option}={revision}")
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert sorted(repo.root.iterdir()) == before


# Paths


@pytest.fixture
def two(tmp_path: Path) -> Repo:
    """Two files, one of which imports the other; both break."""
    more = HEAD + 'import "acme/v1/user.proto";\nmessage More {{ User user = 1; {} a = 2; }}\n'
    repo = init(tmp_path / "two", {PATH: USER, "acme/v1/more.proto": more.format("string")})
    repo.commit({PATH: BROKEN, "acme/v1/more.proto": more.format("int32")})
    return repo


def test_paths_choose_what_is_reported_not_what_is_compiled(two: Repo) -> None:
    assert len(two.run("check").rules) == 2
    done = two.run("check", "acme/v1/more.proto")
    assert [finding["path"] for finding in done.report["findings"]] == ["acme/v1/more.proto"]
    assert done.report["summary"]["files"] == 2
    assert len(two.run("check", "acme").rules) == 2
    assert len(two.run("check", str(two.root / "acme")).rules) == 2


def test_a_deleted_path_is_known_to_the_base(repo: Repo) -> None:
    repo.commit({PATH: None, "acme/v1/more.proto": HEAD + "message More {}\n"})
    done = repo.run("check", PATH)
    assert done.code == 1
    assert {finding["against"]["path"] for finding in done.report["findings"]} == {PATH}
    repo.commit({})
    assert repo.run("check", PATH, "--against", "HEAD~2").code == 1


def test_an_absolute_path_may_lead_through_a_link(two: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(two.root)
    done = two.run("check", str(tmp_path / "link" / "acme" / "v1" / "more.proto"))
    assert [finding["path"] for finding in done.report["findings"]] == ["acme/v1/more.proto"]


@pytest.mark.parametrize("path", ["acme/v1/uzer.proto", "../elsewhere", "/etc"])
def test_an_unknown_path_is_no_verdict(repo: Repo, path: str) -> None:
    repo.commit({PATH: BROKEN})
    done = repo.run("check", path)
    assert (done.code, done.out) == (2, "")
    assert path in done.err


# --new

EVENT = """syntax = "proto3";
package acme.users.v1;
message UserEnvelope {
  string uuid = 1;
  User payload = 4;
}
message User {}
"""


@pytest.fixture(scope="module")
def old_mistakes(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return init(tmp_path_factory.mktemp("new") / "schemas", {"acme/users/v1/user.proto": EVENT})


@pytest.fixture
def mistaken(old_mistakes: Repo, tmp_path: Path) -> Repo:
    return cloned(old_mistakes, tmp_path / "clone")


def test_new_leaves_out_what_the_base_has(mistaken: Repo) -> None:
    path = "acme/users/v1/user.proto"
    assert mistaken.run("lint").code == 1
    mistaken.commit({path: EVENT.replace("message User ", "\n\n// moved\nmessage User ")})
    for command in ("lint", "check"):
        assert mistaken.run(command).code == 1
        assert (mistaken.run(command, "--new").code, mistaken.run(command, "--new").rules) == (0, [])
    another = EVENT.split("message", 1)[1].replace("User", "Order")
    mistaken.commit({path: EVENT + "message" + another})
    fresh = mistaken.run("lint", "--new")
    assert fresh.code == 1
    assert {finding["element"].split(".")[3] for finding in fresh.report["findings"]} == {"OrderEnvelope"}
    assert {finding["element"].split(".")[3] for finding in mistaken.run("lint").report["findings"]} == {
        "OrderEnvelope",
        "UserEnvelope",
    }


def test_new_knows_a_renamed_file(mistaken: Repo) -> None:
    mistaken.git("mv", "acme/users/v1/user.proto", "acme/users/v1/users.proto")
    assert mistaken.run("lint").code == 1
    assert mistaken.run("lint", "--new").code == 0


def test_new_compares_with_a_base_without_configuration(mistaken: Repo) -> None:
    mistaken.commit({"schemactl.yaml": "lint:\n  use: [events]\n"})
    assert mistaken.run("lint").code == 1
    assert mistaken.run("lint", "--new").code == 0


def test_new_compares_with_the_ancestor_of_a_base_that_does_not_compile(mistaken: Repo) -> None:
    path = "acme/users/v1/user.proto"
    mistaken.commit({path: EVENT.replace("string", "strin")})
    mistaken.commit({path: EVENT})
    for command in ("lint", "check"):
        done = mistaken.run(command, "--new", "--against", "HEAD~1")
        assert (done.code, done.rules) == (0, [])
        assert "ancestor" in "".join(done.report["notes"])


def test_new_without_a_base_reports_everything(mistaken: Repo) -> None:
    assert mistaken.run("lint", "--new", "--against", "none").rules == mistaken.run("lint").rules


# One run


def test_check_compiles_the_head_once(two: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """protoc and Buf are counted where every program starts; what they do is real."""
    started: list[str] = []
    start = tools.run

    def counted(argv: tuple[str, ...], **options: object) -> tools.Result:
        started.append("protoc" if argv[0] == sys.executable else Path(argv[0]).name)
        return start(argv, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(tools, "run", counted)
    assert len(two.run("check", "--against", "HEAD~1", "--no-cache", format="text").out) > 0
    assert [name for name in started if name != "git"] == ["protoc", "protoc", "buf"]
    started.clear()
    assert two.run("check", "--against", "HEAD", "--no-cache", format="text").code == 0
    assert [name for name in started if name != "git"] == ["protoc"]


def test_one_report_in_several_formats(two: Repo, tmp_path: Path) -> None:
    targets = [f"{name}:{tmp_path / name}" for name in ("sarif", "github", "text")]
    options = [word for target in targets for word in ("--format", target)]
    done = two.run("check", *options)
    assert done.code == 1
    assert len(done.rules) == 2
    assert len(json.loads((tmp_path / "sarif").read_text())["runs"][0]["results"]) == 2
    assert (tmp_path / "github").read_text().count("::error") == 2
    assert (tmp_path / "text").read_text().count(TYPE) == 2


def test_json_names_the_programs_that_made_the_verdict(two: Repo) -> None:
    tool = two.run("check").report["tool"]
    assert (tool["buf"], tool["protoc"]) == (buf.version(), protoc.version())


def test_the_exit_code_follows_fail_on(two: Repo) -> None:
    two.write({"schemactl.yaml": f"rules:\n  {TYPE}: {{severity: warning}}\n"})
    for level, code in (("error", 0), ("warning", 1), ("info", 1), ("never", 0)):
        done = two.run("check", "--against", "HEAD~1", "--fail-on", level)
        assert (done.code, done.rules) == (code, ["POLICY_INTRODUCED", TYPE, TYPE])


def test_no_protos_at_all_is_no_verdict(tmp_path: Path) -> None:
    repo = init(tmp_path / "schemas", {"README.md": "acme"})
    done = repo.run("check")
    assert (done.code, done.out) == (2, "")
    assert "-C DIR" in done.err


# Hostile trees


def test_plugins_of_the_tree_are_never_run(tmp_path: Path) -> None:
    plugin = f"#!/bin/sh\ntouch {tmp_path}/ran\n"
    yaml = "version: v2\nplugins:\n  - plugin: ./evil\n  - plugin: [sh, -c, 'touch ran']\nlint:\n  use: [EVIL]\n"
    repo = init(tmp_path / "schemas", {PATH: USER, "evil": plugin, "buf.yaml": yaml.replace("[EVIL]", "[STANDARD]")})
    (repo.root / "evil").chmod(0o755)
    repo.commit({PATH: BROKEN})
    done = repo.run("check")
    assert "FIELD_SAME_TYPE" in done.rules or TYPE in done.rules
    assert any("plugins" in note for note in done.report["notes"])
    assert not list(tmp_path.rglob("ran"))


def test_the_configuration_of_the_tree_never_reaches_buf(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write({"buf.yaml": "version: v1\nbreaking:\n  use: [WIRE_JSON]\n"})
    repo.commit({PATH: BROKEN})
    seen: list[tuple[tuple[str, ...], Path]] = []
    start = tools.run

    def recorded(argv: tuple[str, ...], **options: object) -> tools.Result:
        if Path(argv[0]).name == "buf":
            seen.append((argv, Path(str(options["cwd"]))))
        return start(argv, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(tools, "run", recorded)
    assert repo.run("check", format="text").code == 1
    ((argv, cwd),) = seen
    assert not cwd.is_relative_to(repo.root)
    assert not any(str(repo.root) in word for word in argv)


def test_gitattributes_hide_nothing(repo: Repo) -> None:
    attributes = "*.proto export-ignore filter=evil -diff\n"
    repo.git("config", "filter.evil.smudge", "touch ran; cat")
    repo.commit({".gitattributes": attributes, PATH: BROKEN})
    for arguments in (("check",), ("check", "--rev", "HEAD"), ("check", "--rev", "HEAD", "--against", "HEAD~1")):
        assert repo.run(*arguments).rules == [TYPE]
    assert not (repo.root / "ran").exists()


def test_the_working_copy_is_never_written_to(two: Repo) -> None:
    def state() -> dict[str, tuple[int, bytes]]:
        files = (path for path in two.root.rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = state()
    for arguments in (("check",), ("check", "--new"), ("breaking", "--against", "tags"), ("lint", "--staged")):
        two.run(*arguments)
    assert state() == before
