"""Before a commit: real runs of pre-commit, which judge what is about to be committed and nothing else."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from repositories import GONE, HEAD, PATH, USER, Repo, clean, init
from schemactl.errors import ConfigError
from schemactl.job import Request
from schemactl.needless import is_needless
from shell import git, run

ROOT = Path(__file__).parent.parent
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
WRONG = HEAD + "message User {\n  string name = 1;\n  string mailAddress = 2;\n}\n"
CURE = "mail_address"
EVENTS = "lint: {use: [FIELD_LOWER_SNAKE_CASE]}\n"


@pytest.fixture(autouse=True)
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def hooked(tmp_path: Path) -> Repo:
    """A repository that has committed schemas, and the hook, as its own Python would run it."""
    repo = init(tmp_path / "a repository")
    config = {"repos": [{"repo": "local", "hooks": [_local(HOOKS[0])]}]}
    repo.commit(
        {PATH: USER, "README.md": "", "schemactl.yaml": EVENTS, ".pre-commit-config.yaml": yaml.safe_dump(config)}
    )
    installed = _pre_commit(repo, "install", "-t", "pre-commit", "-t", "pre-merge-commit")
    assert installed.returncode == 0, installed.stderr
    return repo


def _local(hook: dict[str, Any]) -> dict[str, Any]:
    entry = hook["entry"].replace("schemactl ", f"{sys.executable} -m schemactl ", 1)
    return {**hook, "entry": f"env PYTHONPATH={ROOT} {entry}", "language": "system"}


def _home(repo: Repo) -> str:
    return str(repo.root.parent / "pre-commit")


def _pre_commit(repo: Repo, *arguments: str) -> CompletedProcess[str]:
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=repo.root, PRE_COMMIT_HOME=_home(repo))


def commit(repo: Repo, *arguments: str, where: Path | None = None) -> tuple[int, str]:
    """As a person would: exit code, and all that is said."""
    before = repo.git("rev-parse", "--all")
    done = git(where or repo.root, "commit", "-m", "change", *arguments, PRE_COMMIT_HOME=_home(repo))
    assert (repo.git("rev-parse", "--all") == before) is bool(done.returncode)
    return done.returncode, done.stdout + done.stderr


def _unseen(repo: Repo, files: dict[str, str | None]) -> None:
    """Committed past the hook."""
    repo.write(files)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "-m", "unseen")


def test_a_mistake_that_is_staged_stops_the_commit_and_its_cure_is_told(hooked: Repo) -> None:
    hooked.write({PATH: WRONG})
    hooked.git("add", PATH)
    code, said = commit(hooked)
    assert code == 1
    assert f"{PATH}:5:10" in said
    assert "FIELD_LOWER_SNAKE_CASE" in said
    assert CURE in said
    hooked.write({PATH: USER})
    assert commit(hooked)[0] == 1  # corrected where nothing is committed from
    hooked.write({PATH: USER.replace("}", "  string mail_address = 3;\n}")})
    hooked.git("add", PATH)
    hooked.write({PATH: WRONG})  # wrong where nothing is committed from
    assert commit(hooked)[0] == 0
    assert (hooked.root / PATH).read_text() == WRONG


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--all",), 1), (("--", PATH), 1), (("--", "README.md"), 0), (("--include", "README.md"), 0)],
)
def test_a_commit_of_some_files_is_judged_by_these(hooked: Repo, arguments: tuple[str, ...], code: int) -> None:
    hooked.write({PATH: WRONG, "README.md": "more"})
    assert commit(hooked, *arguments)[0] == code


def test_files_that_are_deleted_or_moved_are_judged_too(hooked: Repo) -> None:
    hooked.git("rm", "--quiet", PATH)
    code, said = commit(hooked)
    assert (code, "PACKAGE_NO_DELETE" in said) == (1, True)
    hooked.git("reset", "--quiet", "--hard")
    hooked.git("mv", PATH, "user.txt")
    assert commit(hooked)[0] == 1


def test_what_the_index_breaks_is_told_with_the_lines_to_paste(hooked: Repo) -> None:
    hooked.write({PATH: GONE})
    code, said = commit(hooked, "--all")
    assert code == 1
    assert "reserved 2;" in said


def test_a_commit_that_changes_no_schema_is_not_stopped_by_what_is_wrong_already(hooked: Repo) -> None:
    _unseen(hooked, {PATH: WRONG})
    hooked.write({"README.md": "more"})
    assert commit(hooked, "--all")[0] == 0
    hooked.write({"schemactl.yaml": EVENTS + "approvals: change\n"})
    assert commit(hooked, "--all")[0] == 1


HOOK = {"PRE_COMMIT": "1"}
ORDINARY: dict[str, str | None] = {
    PATH: USER,
    "README.md": "",
    "schemas.link": "",
    "schemactl.yaml": "extends: [policy/base.conf]\nincludes: [other]\npacks: [policy/own.rules]\n",
    "policy/base.conf": "extends: [./more.txt]\n",
    "policy/more.txt": EVENTS,
    "policy/notes.txt": "",
    "policy/own.rules": "",
    "other/any": "",
}


@pytest.fixture
def plain(tmp_path: Path) -> Repo:
    return init(tmp_path / "plain", ORDINARY)


def _staged(repo: Repo, path: str) -> Request:
    repo.write({path: "# more\n"})
    repo.git("add", path)
    return Request(repo.root, staged=True)


@pytest.mark.parametrize(
    ("path", "needless"),
    [
        ("README.md", True),
        ("policy/notes.txt", True),
        ("policy/base.conf", False),
        ("policy/more.txt", False),
        ("policy/own.rules", False),
        ("other/any", False),
        (".gitmodules", False),
    ],
)
def test_a_commit_is_passed_over_only_if_nothing_that_judges_names_what_it_changes(
    plain: Repo, path: str, needless: bool
) -> None:
    request = _staged(plain, path)
    assert is_needless(request, HOOK) is needless
    assert not is_needless(request, {})


@pytest.mark.parametrize(
    "asked",
    [
        {"rev": "HEAD"},
        {"against": "nosuch"},
        {"against": "main"},
        {"config": Path("nofile.yaml")},
        {"config": Path("README.md")},
        {"select": ("NOPE",)},
        {"ignore": ("NOPE",)},
        {"policy": "base"},
        {"profile": "binary"},
        {"image": Path("x")},
        {"paths": ("nowhere",)},
        {"lint": False},
        {"staged": False},
        {"baseline": "write"},
        {"fix": "safe"},
    ],
)
def test_a_hook_that_asks_for_anything_of_its_own_is_answered(plain: Repo, asked: dict[str, Any]) -> None:
    request = _staged(plain, "README.md")
    assert not is_needless(replace(request, **asked), HOOK)
    assert is_needless(replace(request, new=True, jobs=2, cached=False, breaking=False), HOOK)


def test_a_pull_request_in_ci_and_a_configuration_that_is_wrong_are_not_passed_over(plain: Repo) -> None:
    request = _staged(plain, "README.md")
    assert not is_needless(request, HOOK | {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"})
    _unseen(plain, {"schemactl.yaml": "extends: [policy/gone.conf]\n"})
    with pytest.raises(ConfigError):
        is_needless(_staged(plain, "policy/notes.txt"), HOOK)


@pytest.mark.parametrize("kind", ["submodule", "link"])
def test_what_brings_schemas_under_any_name_is_judged(plain: Repo, tmp_path: Path, kind: str) -> None:
    if kind == "submodule":
        other = init(tmp_path / "other", {PATH: USER})
        plain.git("submodule", "--quiet", "add", other.root.as_uri(), "sub")
        plain.git("config", "--file", ".gitmodules", "submodule.sub.ignore", "all")
        plain.commit({})
        later = Repo(plain.root / "sub").commit({PATH: GONE})
        plain.git("update-index", "--cacheinfo", f"160000,{later},sub")
    else:
        (plain.root / "schemas.link").unlink()
        (plain.root / "schemas.link").symlink_to("acme")
        plain.git("add", "schemas.link")
    assert not is_needless(_staged(plain, "README.md"), HOOK)


def test_a_run_on_all_files_judges_them_all(hooked: Repo) -> None:
    assert _pre_commit(hooked, "run", "--all-files").returncode == 0
    _unseen(hooked, {PATH: WRONG})
    done = _pre_commit(hooked, "run", "--all-files")
    assert (done.returncode, CURE in done.stdout) == (1, True)


def test_a_first_commit_and_an_amended_one_are_judged(hooked: Repo) -> None:
    hooked.write({PATH: WRONG})
    assert commit(hooked, "--all", "--amend")[0] == 1
    hooked.write({PATH: USER, "README.md": "more"})
    assert commit(hooked, "--all", "--amend")[0] == 0
    hooked.git("switch", "--quiet", "--orphan", "anew")
    hooked.git("checkout", "--quiet", "main", "--", ".pre-commit-config.yaml", "schemactl.yaml")
    hooked.write({PATH: WRONG})
    hooked.git("add", PATH)
    assert git(hooked.root, "commit", "-m", "x", PRE_COMMIT_HOME=_home(hooked)).returncode == 1
    hooked.write({PATH: USER})
    hooked.git("add", PATH)
    assert commit(hooked)[0] == 0


def test_what_two_branches_make_together_is_judged_before_it_is_merged(hooked: Repo) -> None:
    other = PATH.replace("user", "other")
    hooked.git("switch", "--quiet", "--create", "topic")
    _unseen(hooked, {PATH: USER + "message Same {}\n"})
    hooked.git("switch", "--quiet", "main")
    _unseen(hooked, {other: HEAD + "message Same {}\n"})
    merged = git(hooked.root, "merge", "--no-edit", "topic", PRE_COMMIT_HOME=_home(hooked))
    assert (merged.returncode, "Same" in merged.stdout + merged.stderr) == (1, True)


@pytest.mark.parametrize("kind", ["worktree", "submodule"])
def test_a_worktree_and_a_submodule_have_an_index_of_their_own(hooked: Repo, tmp_path: Path, kind: str) -> None:
    if kind == "worktree":
        where = tmp_path / "work tree"
        hooked.git("worktree", "add", "--quiet", "-b", "topic", str(where))
    else:
        outer = init(tmp_path / "outer")
        outer.git("submodule", "--quiet", "add", hooked.root.as_uri(), "sub")
        where = outer.root / "sub"
        assert _pre_commit(Repo(where), "install").returncode == 0
    inner = Repo(where)
    inner.write({PATH: WRONG})
    for arguments, code in ((("--", PATH), 1), (("--all",), 1)):
        done = git(where, "commit", "-m", "x", *arguments, PRE_COMMIT_HOME=_home(hooked))
        assert (done.returncode, CURE in done.stdout + done.stderr) == (code, True)
    inner.write({PATH: USER.replace("}", "  string more = 3;\n}")})
    assert git(where, "commit", "-m", "x", "--all", PRE_COMMIT_HOME=_home(hooked)).returncode == 0


def test_the_published_hooks_are_what_pre_commit_takes(tmp_path: Path) -> None:
    done = run(
        sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    assert all(hook["always_run"] and not hook["pass_filenames"] for hook in HOOKS)


@pytest.mark.slow
def test_the_hooks_of_this_repository_are_installed_and_run_by_pre_commit(tmp_path: Path) -> None:
    repo = init(tmp_path / "scratch", {PATH: USER})
    hooks = [{"id": hook["id"]} for hook in HOOKS]
    config = {
        "repos": [{"repo": str(tmp_path / "schemactl"), "rev": _published(tmp_path / "schemactl"), "hooks": hooks}]
    }
    repo.write({".pre-commit-config.yaml": yaml.safe_dump(config), "schemactl.yaml": EVENTS, PATH: WRONG})
    repo.git("add", "--all")
    assert _pre_commit(repo, "install").returncode == 0
    made = _pre_commit(repo, "install-hooks")
    if made.returncode and "No matching distribution" in made.stdout:
        pytest.skip("no package index can be reached")
    assert made.returncode == 0, made.stdout
    code, said = commit(repo)
    assert (code, said.count(CURE) > 1) == (1, True), said
    repo.write({PATH: USER})
    code, said = commit(repo, "--all")
    assert (code, said.count("Passed")) == (0, 2), said


def _published(where: Path) -> str:
    """A commit of the files as they are here and now."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, where / name)
    repo = Repo(where)
    repo.git("init", "--quiet")
    return repo.commit({})
