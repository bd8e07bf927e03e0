"""`init` where there are no schemas yet: a repository that its own check passes, from the first minute on."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopting import ACTION, at, files, findings, from_nowhere, init, loaded, repo, wrote
from repositories import clean
from schemactl import buf
from schemactl.errors import UsageError
from schemactl.init.project import project
from schemactl.schema import OPTIONS_FILE, options_text
from shell import git, run
from trees import CODE, COMMAND, commit

EVENT = "acme/users/v1/user.proto"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clean(monkeypatch)
    from_nowhere(monkeypatch)
    root = tmp_path / "acme-schemas"
    root.mkdir()
    return root


def test_an_empty_directory_becomes_a_repository_that_check_passes_before_and_after_the_first_commit(
    empty: Path,
) -> None:
    wrote(empty)
    assert (findings(empty, "check"), (empty / ".git").is_dir()) == ([], True)
    assert git(empty, "add", "--all").returncode == 0
    assert findings(empty, "check", "--staged") == findings(empty, "check", "--staged", "--new") == []
    commit(empty)
    assert findings(empty, "check") == findings(empty, "check", "--staged") == []
    renamed = (empty / EVENT).read_text().replace("event_uuid", "uuid")
    (empty / EVENT).write_text(renamed)
    assert {"ENVELOPE_FIELDS", "FIELD_SAME_JSON_NAME"} <= {each["rule"] for each in findings(empty, "check")}


def test_plain_protoc_and_buf_take_what_was_made(empty: Path) -> None:
    wrote(empty, "--ci", "none", "--no-hook")
    protoc = (COMMAND[0], "-I", "-m", "grpc_tools.protoc", "-I", ".", "-o", "out.binpb", EVENT)
    assert run(*protoc, cwd=empty).returncode == 0
    done = run(buf.executable(), "lint", cwd=empty)
    assert (done.returncode, done.stdout) == (0, "")
    assert (empty / OPTIONS_FILE).read_bytes() == options_text()
    assert sorted(files(empty)) == sorted(
        [
            ".gitignore",
            "README.md",
            EVENT,
            "acme/shared/v1/event_type.proto",
            "out.binpb",
            "schemactl.yaml",
            OPTIONS_FILE,
        ]
    )


def test_what_is_in_the_directory_stays(empty: Path) -> None:
    at(repo(empty, {"README.md": "ours\n", ".gitignore": "/gen/\n"}), "git@github.com:Globex-Corp/schemas.git")
    done = wrote(empty)
    assert (empty / "README.md").read_text() == "ours\n"
    assert (empty / ".gitignore").read_text() == "/gen/\n"
    assert "  .gitignore: to leave out what schemactl makes\n      /dist/\n" in done.out
    assert "README.md: is there" in done.out
    assert (empty / "globexcorp/users/v1/user.proto").is_file()
    assert [each["rule"] for each in findings(empty, "check")] == ["POLICY_INTRODUCED"]


def test_an_empty_directory_of_a_repository_gets_the_schemas_and_its_top_gets_ci(tmp_path: Path, empty: Path) -> None:
    top = repo(tmp_path / "mono", {"vendor/a.proto": 'syntax = "proto3";\n', ".github/x": ""})
    (top / "schemas").mkdir()
    wrote(top / "schemas", "--project", "acme", "--action", ACTION)
    assert findings(top / "schemas") == []
    steps = loaded(top / ".github/workflows/schemactl.yml")["jobs"]["schemactl"]["steps"]
    assert steps[-1]["with"] == {"directory": "schemas"}
    assert loaded(top / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]["args"] == ["-C", "schemas", "--new"]
    assert (top / "schemas" / EVENT).is_file()


def test_a_configuration_without_schemas_is_not_passed_over(empty: Path) -> None:
    (empty / "schemactl.yaml").write_text("roots: [proto]\n")
    done = init(empty, "--yes")
    assert (done.code, done.out, list(files(empty))) == (2, "", ["schemactl.yaml"])
    assert "no .proto file below it" in done.err


@pytest.mark.parametrize(
    ("owner", "directory", "name"),
    [
        ("Acme-Corp", "x", "acmecorp"),
        ("", "proto-schemas", "acme"),
        ("", "globex-events", "globex"),
        ("", "9lives", "lives"),
        ("google", "initech", "initech"),
        ("", "json", "acme"),
        ("import", "users", "acme"),
        ("", "\N{SNOWMAN}\n", "acme"),
    ],
)
def test_a_project_is_called_like_the_owner_or_the_directory_where_that_can_be_a_package(
    owner: str, directory: str, name: str
) -> None:
    assert project(None, owner, directory)[0] == name


@pytest.mark.parametrize("given", ["Acme", "acme.users", "users", "class", "", "9a", "a" * 41, "a\n"])
def test_a_project_that_cannot_be_a_package_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        project(given, "", "")


def test_it_works_as_a_program_without_a_terminal(empty: Path) -> None:
    done = run(*COMMAND, str(CODE), "init", cwd=empty)
    assert (done.returncode, done.stderr, files(empty)) == (0, "", {})
    assert done.stdout.endswith("nothing was written: run again with `--yes`\n")
    assert "acme/users/v1/user.proto\n  | syntax" in done.stdout
