"""`init` in a repository of schemas: it finds out, changes no verdict, and writes over nothing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml as library

from adopting import (
    ACTION,
    BUF_BELOW,
    BUF_V1BETA1,
    BUF_V2,
    BUF_WORK,
    EVENTS,
    PROTOC,
    at,
    envelope,
    examples,
    files,
    findings,
    from_nowhere,
    init,
    installed,
    loaded,
    repo,
    user,
    wrote,
)
from repositories import clean
from schemactl.errors import ToolError
from schemactl.init import origin, quoting
from schemactl.init.placing import place
from schemactl.schema import OPTIONS_FILE, options_text
from shell import git, run
from trees import CODE, COMMAND, commit, proto, schemactl, write

NESTED = {
    "a/one.proto": 'syntax = "proto3";\nimport "two.proto";\nmessage One {\n  two.Two two = 1;\n}\n',
    "a/b/two.proto": 'syntax = "proto3";\npackage two;\nmessage Two {\n  int32 Id = 1;\n}\n',
}
KINDS = {
    "v2": BUF_V2, "work": BUF_WORK, "v1beta1": BUF_V1BETA1, "protoc": PROTOC, "below": BUF_BELOW, "events": EVENTS,
    "nested": NESTED,
}  # fmt: skip
PACK = """\
name: own
rules:
  - id: OWN_ID_IS_STRING
    target: field
    title: Ids are strings
    why: Readers in browsers lose digits.
    when: field.name == 'id'
    require: field.type == 9
    message: "'an id is a string'"
    bad: 'message A { int64 id = 1; }'
    good: 'message A { string id = 1; }'
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)
    from_nowhere(monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_lint_says_the_same_with_what_is_written_as_without(tmp_path: Path, kind: str) -> None:
    root = repo(tmp_path / "r", KINDS[kind])
    before = findings(root)
    assert before or kind in ("work", "below")
    done = wrote(root)
    assert (root / "schemactl.yaml").is_file(), done.out
    assert findings(root) == before
    again = wrote(root)
    assert "nothing to write" in again.out


@pytest.mark.parametrize("kind", ["v2", "work", "below", "protoc", "nested", "events", "new"])
def test_every_example_in_the_configuration_is_valid_once_it_is_in_force(tmp_path: Path, kind: str) -> None:
    root = repo(tmp_path / "r", KINDS.get(kind, {}))
    wrote(root)
    text = (root / "schemactl.yaml").read_text()
    blocks = examples(text)
    assert len(blocks) >= 9
    assert [line for line in text.splitlines() if len(line) > 76 and "pattern:" not in line] == []
    name = re.findall(r"^#packs: \[(.*)\]", text, re.MULTILINE)[0]
    assert f"# Needs a file `{name}`.\n#packs: " in text
    write(root, {name: PACK})
    assert [path for path in re.findall(r"paths: \[(.*)\]", text) if not (root / path).exists()] == []
    for block in blocks:
        (root / "schemactl.yaml").write_text(block)
        assert block != text
        done = schemactl("rules", "list", "-C", root)
        assert done.code == 0, (block, done.err)


def test_the_roots_that_were_found_are_written_where_no_buf_file_says_them(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", PROTOC)
    assert "sets what is so already: `roots: [proto]`" in wrote(root).out
    assert loaded(root / "schemactl.yaml") == {"roots": ["proto"]}


def test_with_buf_nothing_is_said_twice(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", BUF_V2)
    wrote(root)
    assert loaded(root / "schemactl.yaml") is None
    text = (root / "schemactl.yaml").read_text()
    assert "\n#roots: [proto]\n#excludes: [proto/third_party]\n" in text


def test_the_configuration_stands_beside_the_buf_file_that_is_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = {f"schemas/{name}": text for name, text in BUF_V2.items()}
    root = repo(tmp_path / "r", {**inner, ".github/x": ""})
    monkeypatch.setattr(origin, "_direct", lambda: installed("https://git.acme.example/tools/schemactl"))
    wrote(root / "schemas" / "proto", "--no-hook")
    assert (root / "schemas/schemactl.yaml").is_file()
    steps = loaded(root / ".github/workflows/schemactl.yml")["jobs"]["schemactl"]["steps"]
    assert any('schemactl" check -C schemas --new --fetch' in step.get("run", "") for step in steps)
    from_nowhere(monkeypatch)
    wrote(root / "schemas" / "proto")
    hook = loaded(root / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]
    assert hook["entry"] == "schemactl check --staged -C schemas --new"


def test_patterns_that_all_names_follow_are_turned_on_and_told(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", EVENTS)
    done = wrote(root)
    assert loaded(root / "schemactl.yaml")["rules"] == {
        "PACKAGE_PATTERN": {"params": {"pattern": "acme.<domain>.v<N>"}},
        "TOPIC_NAME_PATTERN": {"params": {"pattern": "acme.<domain>.<event>"}},
    }
    assert "`PACKAGE_PATTERN` is `acme.<domain>.v<N>`, which all packages follow" in done.out
    commit(root, {"x/y.proto": envelope("globex.users.v1", "globex.users")})
    assert {"PACKAGE_PATTERN", "TOPIC_NAME_PATTERN"} <= {each["rule"] for each in findings(root)}


def test_names_that_follow_none_are_left_alone(tmp_path: Path) -> None:
    others = {"globex/v1/order.proto": envelope("globex.v1", "globex.orders.lost_ones", "Lost")}
    root = repo(tmp_path / "r", {**EVENTS, **others})
    wrote(root)
    assert loaded(root / "schemactl.yaml") == {"roots": ["."]}


def test_it_counts_what_lint_finds_and_a_baseline_records_it(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", {**EVENTS, "acme/a/v1/a.proto": envelope("acme.a.v1", "Bad", "A")})
    assert "of rules about events; CI and hooks report only new ones, --baseline records these" in init(root).out
    count, about = map(int, re.findall(r"lint says: (\d+) findings today, (\d+) of rules", init(root).out)[0])
    style = {"FIELD_LOWER_SNAKE_CASE", "PACKAGE_SAME_DIRECTORY", "ENUM_VALUE_PREFIX"}
    rules = [each["rule"] for each in findings(root)]
    assert (count, about) == (len(rules), sum(each not in style for each in rules))
    assert count > about > 0
    done = wrote(root, "--baseline")
    assert re.search(rf"schemactl-baseline.json +{count} findings of today", done.out)
    assert (findings(root), schemactl("lint", "-C", root).code) == ([], 0)
    ours = (root / "schemactl-baseline.json").read_bytes()
    (root / "schemactl-baseline.json").unlink()
    schemactl("lint", "--write-baseline", "-C", root)
    assert (root / "schemactl-baseline.json").read_bytes() == ours


def test_schemas_that_do_not_compile_are_told_and_have_no_baseline(tmp_path: Path) -> None:
    root = repo(tmp_path / "r", {"a.proto": proto("message A { strin a = 1; }", package="acme.v1")})
    assert "the schemas do not compile: 1 finding, which `schemactl lint` shows" in init(root).out
    done = init(root, "--yes", "--baseline")
    assert (done.code, done.out, list(files(root))) == (2, "", ["a.proto"])
    wrote(root)
    assert (root / "schemactl.yaml").is_file()


def test_the_options_are_the_known_bytes_at_the_root_of_the_events(tmp_path: Path) -> None:
    moved = {f"b/{path}": text for path, text in EVENTS.items()}
    root = repo(tmp_path / "r", {**moved, "a/buf.yaml": "version: v1\n", "a/z/z.proto": user("z")})
    root = repo(root, {"buf.work.yaml": "version: v1\ndirectories: [a, b]\n"})
    before = findings(root)
    wrote(root, "--options")
    assert (root / "b" / OPTIONS_FILE).read_bytes() == options_text()
    assert findings(root) == before
    protoc = (COMMAND[0], "-I", "-m", "grpc_tools.protoc", "-I", "b", "-o", os.devnull)
    assert run(*protoc, "acme/users/v1/user.proto", cwd=root).returncode == 0
    assert f"b/{OPTIONS_FILE}: is there" in init(root, "--options").out


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    own: dict[str, str | bytes] = {
        "schemactl.yaml": "lint: {use: [MINIMAL]}\n",
        ".github/workflows/schemactl.yml": "run: schemactl check\n",
        ".pre-commit-config.yaml": "repos: []\n",
        "schemactl-baseline.json": '{"schema_version": 1, "findings": {}}\n',
        OPTIONS_FILE: options_text(),
    }
    root = repo(tmp_path / "r", own | EVENTS)
    before = files(root)
    done = wrote(root, "--options", "--baseline", "--action", ACTION)
    assert files(root) == before
    assert [line for line in done.out.splitlines() if ": is there" in line] == [
        "  schemactl.yaml: is there",
        f"  {OPTIONS_FILE}: is there",
        "  schemactl-baseline.json: is there",
    ]


def test_a_file_that_turns_up_meanwhile_stays_and_nothing_is_left_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"b": "theirs"})
    (tmp_path / "dangling").symlink_to("nowhere")
    for taken in ("b", "dangling"):
        with pytest.raises(ToolError, match=f"`{taken}` cannot be written: File exists: nothing was written"):
            place(tmp_path, [("a", b"ours"), ("d/e/f", b"ours"), (taken, b"ours")])
        assert files(tmp_path) == {"b": b"theirs"}
        assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "dangling"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(("link", "target"), [(".github", "../out"), (".github/workflows", "../../out")])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str, target: str) -> None:
    root = at(repo(tmp_path / "r", PROTOC), "https://github.com/acme/schemas")
    (tmp_path / "out").mkdir()
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(target, target_is_directory=True)
    done = init(root, "--yes", "--action", ACTION)
    assert (done.code, done.out, files(tmp_path / "out"), sorted(files(root))) == (2, "", {}, sorted(PROTOC))
    assert f"`{link}` is a symbolic link" in done.err


def test_without_git_the_schemas_are_configured_and_nothing_else(tmp_path: Path) -> None:
    root = write(tmp_path / "r", PROTOC)
    done = wrote(root)
    assert "no CI and no hook: there is no git repository here" in done.out
    assert "  git init\n  git add --all\n" in done.out
    assert files(root).keys() - PROTOC.keys() == {"schemactl.yaml"}


HOSTILE = "x\"]\n  run: `id`\x1b[31m ${{ secrets.A }} '# : {"


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
@pytest.mark.parametrize("name", [HOSTILE, "- a", "a: b", "yes", "1.0", "\x85", "\N{SNOWMAN}\N{GRINNING FACE}"])
def test_whatever_directories_are_called_the_configuration_means_them(tmp_path: Path, name: str) -> None:
    inside: Mapping[str, str] = {
        f"{name}/acme/users/v1/user.proto": user("acme.users.v1"),
        f"{name}/acme/orders/v1/order.proto": PROTOC["proto/acme/orders/v1/order.proto"],
    }
    root = repo(tmp_path / "r", {**inside, ".github/x": ""})
    before = findings(root)
    done = wrote(root)
    assert findings(root) == before
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.out)
    assert loaded(root / "schemactl.yaml") in ({"roots": [name]}, None)


NAMES = (
    HOSTILE, "", " ", "#", "- a", "a, b", "a]", "{", "&a", "*a", "!a", "%a", "@", "`", "'", "\\", "yes", "1.0", "1e3",
    "~", "null", "=", "<<", "\x00", "\x85", "\u2028", "\ufeff", "\ufffe", "\N{GRINNING FACE}", "a" * 300,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_yaml_gives_back_whatever_was_put_in(name: str) -> None:
    written = quoting.yaml(name)
    assert library.safe_load(f"a: [{written}, {written}]") == {"a": [name, name]}
    assert "\n" not in written


def test_what_is_no_text_stands_in_no_file(tmp_path: Path) -> None:
    assert [each for each in ("a", "a\udcff", "\ud800") if quoting.is_text(each)] == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
def test_a_directory_that_ci_would_read_as_its_own_gets_no_ci(tmp_path: Path) -> None:
    name = "a ${{ github.token }}"
    inner = {f"{name}/{path}": text for path, text in BUF_V2.items()}
    root = repo(tmp_path / "r", {**inner, ".github/x": ""})
    done = wrote(root / name)
    assert "no CI and no hook: `a ${{ github.token }}` has characters" in done.out
    assert files(root).keys() - inner.keys() == {f"{name}/schemactl.yaml", ".github/x"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize(("typed", "writes"), [(b"y\n", True), (b"\n", False), (b"\x04", False)])
def test_at_a_terminal_it_asks_and_takes_nothing_but_yes_for_it(tmp_path: Path, typed: bytes, writes: bool) -> None:
    import pty

    root = repo(tmp_path / "r", PROTOC)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(root)
        os.execve(sys.executable, [*COMMAND, str(CODE), "init"], {**os.environ, "TERM": "dumb"})
    shown = b""
    while not shown.endswith(b"[y/N] "):
        shown += os.read(terminal, 65536)
    assert (
        shown.index(b"would write")
        < shown.index(b"  | #")
        < shown.index(b"write schemactl.yaml, .pre-commit-config.yaml?")
    )
    os.write(terminal, typed)
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (root / "schemactl.yaml").exists() is writes
    assert ((b"schemactl check --new  #" in shown), (b"nothing was written" in shown)) == (writes, not writes)


def test_from_a_directory_below_the_commands_name_what_lies_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repo(tmp_path / "r", {f"schemas/{name}": text for name, text in BUF_V2.items()})
    monkeypatch.chdir(root / "schemas/proto")
    done = wrote(Path(), "--ci", "github", "--action", ACTION)
    assert "CI and hooks work at the top of the repository only; all paths here start there" in done.out
    add = re.findall(r"^  (git add .*)", done.out, re.MULTILINE)[0].split()
    assert git(Path.cwd(), *add[1:]).returncode == 0
    staged = set(git(root, "diff", "--cached", "--name-only").stdout.split())
    assert staged == {"schemas/schemactl.yaml", ".github/workflows/schemactl.yml", ".pre-commit-config.yaml"}
    assert "  schemactl check -C .. --new  #" in done.out
    monkeypatch.chdir(tmp_path)
    (root / "schemas/schemactl.yaml").unlink()
    assert f"  cd {root}\n  git add schemas/schemactl.yaml\n" in wrote(root / "schemas", "--no-hook").out


VENDORED = {"google/type/money.proto": user("google.type").replace("User", "Money")}
OURS = {
    "acme/orders/v1/order.proto": 'syntax = "proto3";\npackage acme.orders.v1;\nimport "google/type/money.proto";\n'
    "message Order {\n  google.type.Money price = 1;\n}\n",
    "acme/users/v1/user.proto": user("acme.users.v1"),
}


@pytest.mark.parametrize("root_of_ours", ["", "proto/"])
def test_copies_of_others_are_imported_from_and_not_checked(tmp_path: Path, root_of_ours: str) -> None:
    others = f"{root_of_ours}third_party"
    ours = {f"{root_of_ours}{path}": text for path, text in OURS.items()}
    root = repo(tmp_path / "r", {**ours, **{f"{others}/{path}": text for path, text in VENDORED.items()}})
    assert {each["path"].startswith(others) for each in findings(root)} == {True, False}
    done = wrote(root)
    config = loaded(root / "schemactl.yaml")
    assert (config["roots"], config["includes"]) == ([root_of_ours.rstrip("/") or "."], [others])
    assert f"`{others}`: imported from, not checked, as `includes` of schemactl.yaml says" in done.out
    after = findings(root)
    assert f"lint says: {len(after)} finding" in done.out
    assert {each["path"].startswith(others) for each in after} == {False}


def test_packages_that_are_installed_in_the_directory_are_not_its_schemas(tmp_path: Path) -> None:
    packages = {
        ".venv/pyvenv.cfg": "",
        ".venv/lib/python3/site-packages/google/any.proto": user("google"),
        ".venv/share/b.proto": user("b"),
        "node_modules/c/node_modules/c/c.proto": user("c"),
    }
    kept = ["proto/acme/orders/v1/order.proto", "proto/acme/users/v1/user.proto"]
    root = write(repo(tmp_path / "r", PROTOC), packages)
    assert {each["path"] for each in findings(root)} <= {*kept}
    assert "note: installed packages are not checked: `.venv`, `node_modules`; " in schemactl("lint", "-C", root).out
    assert "`.venv`, `node_modules`: .proto files of installed packages, which are not counted" in wrote(root).out
    assert loaded(root / "schemactl.yaml") == {"roots": ["proto"]}
    assert "not checked" not in schemactl("lint", "-C", root).out
    bare = write(tmp_path / "bare", packages | PROTOC)
    assert {each["path"] for each in findings(bare)} <= {*kept}
    assert "no .proto files: this makes a repository" in init(write(tmp_path / "empty", packages)).out


def test_packages_that_are_installed_below_a_root_stay_unchecked(tmp_path: Path) -> None:
    path, package = "acme/users/v1/user.proto", user("acme.users.v1")
    installed = {".venv/pyvenv.cfg": "", f".venv/lib/python3/site-packages/{path}": package}
    root = write(repo(tmp_path / "r", {path: package}), installed)
    before = findings(root)
    wrote(root)
    assert loaded(root / "schemactl.yaml") == {"roots": ["."], "excludes": [".venv"]}
    assert findings(root) == before
    mixed = write(repo(tmp_path / "mixed", {path: package, ".venv/own.proto": user("own")}), installed)
    before = findings(mixed)
    wrote(mixed)
    assert findings(mixed) == before
    assert ".venv/own.proto" in {each["path"] for each in before}


def test_what_git_tracks_counts_wherever_it_lies(tmp_path: Path) -> None:
    tracked = {"node_modules/acme/v1/a.proto": user("acme.v1"), "env/pyvenv.cfg": "", "env/b.proto": user("b")}
    root = write(repo(tmp_path / "r", tracked), {"node_modules/other/c.proto": user("c"), "env/d.proto": user("d")})
    assert {each["path"] for each in findings(root)} == {"env/b.proto", "env/d.proto", "node_modules/acme/v1/a.proto"}
    write(root, {"schemactl.yaml": "roots: [node_modules/other]\n"})
    assert {each["path"] for each in findings(root)} == {"node_modules/other/c.proto"}
