"""`init` among what it must not harm or believe: a repository's git, its proposals, an interruption, a full disk."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adopting import PROTOC, at, files, findings, init, loaded, repo, wrote
from repositories import clean
from schemactl.errors import ToolError
from schemactl.init import Plan, carry_out, origin, starting, uses
from schemactl.init.placing import place
from schemactl.init.steps import New
from shell import git, run
from trees import CODE, COMMAND, commit, write

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOST = "git.acme.example"
ACTION = f"acme/schemactl@{COMMIT}"
WORKFLOW = ".github/workflows/schemactl.yml"
ATTACK = """\
import pathlib
pathlib.Path(r"{mark}").write_text("run")
raise SystemExit("it was run")
"""
TOOL = {
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "made"\nbackend-path = ["."]\n',
    "made.py": """\
import zipfile

INFO = "schemactl-1.dist-info"


def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "schemactl-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\\nName: schemactl\\nVersion: 1\\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
        wheel.writestr("schemactl.py", "")
    return name
""",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    root = tmp_path / "acme-schemas"
    root.mkdir()
    return root


def _install(root: Path, platform: str) -> list[str]:
    """What the written job runs before its check."""
    if platform == "github":
        steps = loaded(root / WORKFLOW)["jobs"]["schemactl"]["steps"]
        return [step["run"] for step in steps if step.get("name") == "Install schemactl"]
    lines: list[str] = loaded(root / ".gitlab-ci.yml")["schemactl"]["before_script"]
    return lines


@pytest.mark.posix
@pytest.mark.slow
@pytest.mark.parametrize("platform", ["github", "gitlab"])
def test_a_directory_called_like_what_ci_installs_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    tool = repo(tmp_path / "hosted/x/schemactl", TOOL)
    revision = git(tool, "rev-parse", "HEAD").stdout.strip()
    address = f"https://{HOST}/x/schemactl"
    monkeypatch.setattr(origin, "_direct", lambda: {"url": address, "vcs_info": {"vcs": "git", "commit_id": revision}})
    root = repo(tmp_path / "r", PROTOC)
    wrote(root, "--ci", platform)
    mark = tmp_path / "mark"
    for named in (f"schemactl @ git+{address}@{revision}", f"git+{address}@{revision}"):
        write(root, {f"{named}/setup.py": ATTACK.format(mark=mark)})
    temp = tmp_path / "temp"
    temp.mkdir()
    script = "\n".join(_install(root, platform)).replace("/opt/schemactl", f"{temp}/schemactl")
    redirect = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/hosted/.insteadOf"}
    env = {**redirect, "GIT_CONFIG_VALUE_0": f"https://{HOST}/", "RUNNER_TEMP": str(temp), "CI_PROJECT_DIR": str(root)}
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # 0: not isolated, so that a setup.py runs at all
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = run("bash", "-eo", "pipefail", "-c", f"{script}\npwd", cwd=root, PATH=path, **offline, **env)
    assert (mark.exists(), done.returncode) == (False, 0), done.stderr
    assert done.stdout.splitlines()[-1] == (str(root) if platform == "gitlab" else str(temp))
    assert run(temp / "schemactl/bin/python", "-I", "-c", "import schemactl", cwd=tmp_path).returncode == 0
    assert f'-I -m pip install --quiet "git+{address}@{revision}"' in script


def _bare_beside(root: Path) -> Path:
    assert git(root, "init", "-q", "--bare", ".bare").returncode == 0
    write(root, {".git": "gitdir: ./.bare\n"})
    return root


def _bare(root: Path) -> Path:
    assert git(root, "init", "-q", "--bare").returncode == 0
    return root


def _below_bare(root: Path) -> Path:
    assert git(root, "init", "-q").returncode == 0
    assert git(root, "config", "core.bare", "true").returncode == 0
    (root / "below").mkdir()
    return root / "below"


def _broken(root: Path) -> Path:
    write(root, {".git": "gitdir: ../gone\n", "below/x": ""})
    return root / "below"


@pytest.mark.parametrize("made", [_bare_beside, _bare, _below_bare, _broken])
def test_a_repository_without_a_working_tree_here_stays_as_it_is(empty: Path, made: Callable[[Path], Path]) -> None:
    start = made(empty)
    before = {path: path.read_bytes() for path in empty.rglob("*") if path.is_file()}
    done = init(start, "--yes")
    assert (done.code, done.out) == (2, "")
    assert "git" in done.err
    assert {path: path.read_bytes() for path in empty.rglob("*") if path.is_file()} == before


def test_of_a_bare_repository_it_names_the_worktree_to_go_to(tmp_path: Path, empty: Path) -> None:
    source = repo(tmp_path / "source", {"README.md": ""})
    assert git(empty, "clone", "-q", "--bare", str(source), ".bare").returncode == 0
    write(empty, {".git": "gitdir: ./.bare\n"})
    assert "git worktree add" in init(empty, "--yes").err
    assert git(empty, "worktree", "add", "-q", "tree").returncode == 0
    assert f"`-C {empty.resolve() / 'tree'}`" in init(empty, "--yes").err
    wrote(empty / "tree", "--project", "acme")
    assert (empty / "tree/schemactl.yaml").is_file()


def test_a_git_that_was_made_goes_again_where_the_rest_cannot_be_written(empty: Path) -> None:
    write(empty, {"acme": "a file"})
    plan = Plan(empty, (), (New("a", "", b"ours"), New("b", "", b"ours")), starts_git=True)
    write(empty, {"b": "theirs"})
    with pytest.raises(ToolError, match="`b` cannot be written: File exists: nothing was written"):
        carry_out(plan)
    assert sorted(each.name for each in empty.iterdir()) == ["acme", "b"]


KILLED = """\
import os, sys
sys.path.insert(0, sys.argv[1])
signal, number, real, links = int(sys.argv[2]), int(sys.argv[3]), os.link, []
def link(*arguments, **named):
    links.append(real(*arguments, **named))
    if len(links) == number:
        os.kill(os.getpid(), signal)
os.link = link
sys.argv = ["schemactl", "init", "--yes"]
from schemactl.cli import main
main()
"""


def _ended(root: Path, by: signal.Signals, after: int) -> int:
    """By a signal that comes as soon as so many files are placed."""
    return run(COMMAND[0], "-I", "-c", KILLED, str(CODE), str(int(by)), str(after), cwd=root).returncode


@pytest.mark.posix
@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_nothing_not_even_a_repository(empty: Path, by: signal.Signals, code: int) -> None:
    assert _ended(empty, by, 3) == code
    assert list(empty.iterdir()) == []


@pytest.mark.posix
@pytest.mark.parametrize("after", [1, 4, 6, 7])
def test_what_was_killed_is_completed_by_the_same_again(tmp_path: Path, empty: Path, after: int) -> None:
    assert _ended(empty, signal.SIGKILL, after) == -signal.SIGKILL
    assert git(empty, "status", "--porcelain", "-uall").stdout.count("\n") == after
    wrote(empty)
    other = tmp_path / "other/acme-schemas"
    other.mkdir(parents=True)
    wrote(other)
    left = {path: text for path, text in files(empty).items() if not path.startswith(".schemactl-")}
    assert left == files(other)
    assert findings(empty, "check") == []
    assert "nothing to write" in init(empty).out


def test_what_killed_runs_left_goes_once_it_is_old(tmp_path: Path) -> None:
    write(tmp_path, {".schemactl-0123456789abcdef.tmp/.gitignore": "*\n", ".schemactl-mine.tmp/.gitignore": "*\n"})
    write(tmp_path, {".schemactl-fedcba9876543210.tmp/.gitignore": "*\n", ".schemactl-00aa00aa00aa00aa.tmp/x": ""})
    for name in (".schemactl-0123456789abcdef.tmp", ".schemactl-mine.tmp", ".schemactl-00aa00aa00aa00aa.tmp"):
        os.utime(tmp_path / name, (0, 0))
    place(tmp_path, [("a", b"")])
    there = sorted(each.name for each in tmp_path.iterdir())
    assert there == [".schemactl-00aa00aa00aa00aa.tmp", ".schemactl-fedcba9876543210.tmp", ".schemactl-mine.tmp", "a"]


def _fails(code: int) -> Callable[..., None]:
    def fail(source: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code), str(source), None, str(target))

    return fail


@pytest.mark.parametrize(
    ("code", "cure"), [(errno.ENOSPC, "free some disk space, and run again"), (errno.EACCES, "may write into `d/e`")]
)
def test_what_the_system_refuses_is_told_of_the_file_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, cure: str
) -> None:
    monkeypatch.setattr(os, "link", _fails(code))
    with pytest.raises(ToolError, match=r"^`d/e/f` cannot be written: .*: nothing was written$") as caught:
        place(tmp_path, [("d/e/f", b"ours")])
    assert cure in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix
def test_a_draft_that_does_not_fit_is_told_by_the_name_of_its_file(tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(ToolError, match=r"^`d/large` cannot be written: File too large: nothing was written$"):
            place(tmp_path, [("small", b"ours"), ("d/large", b"ours" * 1024)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_where_no_links_can_be_made_files_are_written_all_the_same_and_over_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _fails(errno.EPERM))
    write(tmp_path, {"b": ""})
    with pytest.raises(ToolError, match="`b` cannot be written: File exists"):
        place(tmp_path, [("a", b"ours"), ("b", b"ours")])
    assert files(tmp_path) == {"b": b""}
    place(tmp_path, [("c", b"ours")])
    assert files(tmp_path) == {"b": b"", "c": b"ours"}


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("# schemactl check\na: {script: make}\n", set()),
        ("a:\n  script: make # schemactl check\n", set()),
        ("a: {name: schemactl check}\n", set()),
        ("a: {run: 'echo x # schemactl check'}\n", set()),
        ("a: {run: schemactl --version}\n", set()),
        ("a: [\n", set()),
        ("a: {run: schemactl check}\n", {"."}),
        ("a: {run: 'cd sub && python -m schemactl lint --new'}\n", {"sub"}),
        ("a: {run: 'x; \"$HOME/bin/schemactl\" check --new -C a/b'}\n", {"a/b"}),
        ("a: {run: 'schemactl check -C \"$DIR\"'}\n", {uses.ANY}),
        ("a: {run: schemactl check, working-directory: sub}\n", {"sub"}),
        ("defaults: {run: {working-directory: sub}}\na: {run: schemactl check}\n", {"sub"}),
        ("a:\n  run: |\n    cd $RUNNER_TEMP\n    schemactl check \\\n      -C $GITHUB_WORKSPACE/sub\n", {"sub"}),
        ("a: {before_script: [cd /x], script: ['cd $CI_PROJECT_DIR', [schemactl breaking]]}\n", {"."}),
        ("a: {script: [!reference [.b, script], schemactl check]}\n", {"."}),
        ("a: {uses: acme/schemactl@v1, with: {directory: sub}}\n", {"sub"}),
        ("a: {uses: acme/not-schemactl@v1}\n", set()),
        ("include: [{component: $CI_SERVER_FQDN/acme/schemactl/check@v1, inputs: {directory: a}}]\n", {"a"}),
        ("repos: [{repo: x, hooks: [{id: schemactl, args: [-C, sub]}]}]\n", {"sub"}),
        ("repos: [{hooks: [{id: s, entry: schemactl check --staged, args: [-C, sub]}]}]\n", {"sub"}),
        ("a: &a [*a, {run: schemactl check}]\n", set()),
    ],
)
def test_a_use_is_what_runs_and_not_what_is_said(text: str, checked: set[str]) -> None:
    assert uses.in_yaml(text.encode()) == checked


def test_a_word_in_a_comment_does_not_stand_for_ci_or_a_hook(tmp_path: Path) -> None:
    said = "# TODO: maybe schemactl\n"
    root = repo(
        tmp_path / "r", PROTOC | {".gitlab-ci.yml": said, ".pre-commit-config.yaml": said, ".husky/pre-commit": said}
    )
    done = wrote(root, "--action", ACTION)
    assert "runs schemactl" not in done.out
    assert "- local: .gitlab/schemactl.yml" in done.out
    assert ".pre-commit-config.yaml: as pre-commit reads it" in done.out
    assert ".husky/pre-commit: as husky reads it" in done.out
    commit(root, {".gitlab-ci.yml": "include:\n  - local: /.gitlab/schemactl.yml\n"})
    assert ".gitlab-ci.yml: runs schemactl" in init(root, "--action", ACTION).out


@pytest.mark.parametrize(
    ("ci", "first", "second"),
    [("github", WORKFLOW, ".github/workflows/schemas.yml"), ("gitlab", ".gitlab-ci.yml", ".gitlab/schemactl.yml")],
)
def test_what_is_checked_elsewhere_is_not_checked_here(tmp_path: Path, ci: str, first: str, second: str) -> None:
    inner = {f"sub/{path}": text for path, text in PROTOC.items()}
    root = repo(
        tmp_path / "r",
        {
            "acme/a.proto": 'syntax = "proto3";\npackage acme;\n',
            "schemactl.yaml": "roots: [acme]\n",
            **inner,
            "sub/schemactl.yaml": "",
        },
    )
    wrote(root, "--ci", ci, "--action", ACTION)
    assert (root / first).is_file()
    done = wrote(root / "sub", "--ci", ci, "--action", ACTION)
    assert (root / second).is_file(), done.out
    assert uses.in_yaml((root / second).read_bytes()) == {"sub"}
    assert not loaded(root / first).keys() & loaded(root / second).keys() or ci == "github"
    assert ".pre-commit-config.yaml: as pre-commit reads it\n" in done.out
    assert "args: [-C, sub" in done.out


@pytest.mark.parametrize(
    ("arguments", "promised"), [(("--ci", "none"), False), ((), False), (("--ci", "github"), True)]
)
def test_a_check_of_a_pull_request_is_promised_where_ci_will_run_one(
    tmp_path: Path, arguments: tuple[str, ...], promised: bool
) -> None:
    root = at(
        repo(tmp_path / "r", PROTOC | {".gitlab-ci.yml": "a: {script: make}\n"}), "https://gitlab.com/acme/schemas"
    )
    assert ("it has a check now" in wrote(root, "--action", ACTION, *arguments).out) is promised


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize(
    ("arguments", "state"), [(("--yes",), "all was written: `schemactl.yaml`"), ((), "nothing was written")]
)
def test_where_nobody_can_be_told_what_was_written_standard_error_says_it(
    empty: Path, arguments: tuple[str, ...], state: str
) -> None:
    done = run("bash", "-c", '"$0" "$@" >/dev/full', *COMMAND, str(CODE), "init", *arguments, cwd=empty)
    assert (done.returncode, (empty / "schemactl.yaml").exists()) == (2, bool(arguments))
    assert f"standard output cannot be written: No space left on device; {state}" in done.stderr
    assert "--format" not in done.stderr


def test_a_whole_system_is_no_directory_of_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_MOST", 20)
    done = init(Path("/"), "--yes")
    assert (done.code, done.out) == (2, "")
    assert "is the whole system" in done.err
    for number in range(20):
        (tmp_path / f"d/{number}").mkdir(parents=True)
    done = init(tmp_path, "--yes")
    assert (done.code, sorted(each.name for each in tmp_path.iterdir())) == (2, ["d"])
    assert "more than 20 directories below" in done.err
    assert git(tmp_path, "init", "-q").returncode == 0
    wrote(tmp_path)
