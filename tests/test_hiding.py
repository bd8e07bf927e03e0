"""What a change of the configuration, of a path or of a place must not hide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from repositories import BROKEN, GONE, HEAD, PATH, USER, Repo, clean, init
from schemactl import buf, scan
from shell import run as shell_run

TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
NO_DELETE = "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"
ORDER = 'syntax = "proto3";\npackage acme.orders.v1;\nmessage Order {\n  string id = 1;\n  string note = 2;\n}\n'
A, B = "proto/a/user.proto", "proto/b/order.proto"
LESS = ORDER.replace("  string note = 2;\n", "")


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


def verdict(repo: Repo, *arguments: str) -> tuple[int, set[str]]:
    """Exit code, and the elements or old files of what breaks."""
    done = repo.run("breaking", *arguments)
    assert done.out, done.err
    found = [each for each in done.report["findings"] if each["source"] == "buf"]
    return done.code, {each["element"] or each["against"]["path"] for each in found}


FIRST = {
    "roots": {"schemactl.yaml": "roots: [proto/a]\n"},
    "roots and excludes": {"schemactl.yaml": "roots: [proto]\nexcludes: [proto/b]\n"},
    "excludes": {"schemactl.yaml": "excludes: [proto/b]\n"},
    "module": {"buf.yaml": "version: v2\nmodules:\n  - path: proto/a\n"},
    "module and excludes": {"buf.yaml": "version: v2\nmodules:\n  - path: proto\n    excludes: [proto/b]\n"},
}


@pytest.mark.parametrize("files", FIRST.values(), ids=FIRST)
@pytest.mark.parametrize("deleted", [True, False])
def test_the_first_configuration_hides_nothing(tmp_path: Path, files: Mapping[str, str], deleted: bool) -> None:
    repo = init(tmp_path / "r", {A: USER, B: ORDER}, {**files, B: None if deleted else LESS})
    code, broken = verdict(repo)
    assert code == 1
    assert "acme.orders.v1" in str(broken) or B in broken


def test_the_first_configuration_that_holds_everything_keeps_import_paths(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {A: USER, B: ORDER}, {"schemactl.yaml": "roots: [proto]\n"})
    assert verdict(repo, "--profile", "source") == (0, set())
    repo.commit({B: LESS})
    assert verdict(repo, "--against", "HEAD~2", "--profile", "source") == (1, {"acme.orders.v1.Order.note"})


COPY = HEAD + "message Copy {}\n"
AMBIGUOUS = {
    "x/c.proto": COPY,
    "y/c.proto": COPY,
    "x/u.proto": USER.replace("message", 'import "c.proto";\nmessage'),
}
SUGGESTED = {"schemactl.yaml": "roots: [., x]\nexcludes: [x, y]\n"}


@pytest.mark.parametrize("change", [None, LESS], ids=["deleted", "changed"])
def test_a_base_whose_roots_nobody_can_tell_is_no_verdict(tmp_path: Path, change: str | None) -> None:
    """The roots that the change brings would hide what becomes of `y`."""
    repo = init(tmp_path / "r", AMBIGUOUS, {**SUGGESTED, "y/c.proto": change})
    done = repo.run("breaking")
    assert (done.code, done.out) == (2, "")
    assert "import `c.proto` is found below 2 directories" in done.err


def test_a_base_whose_roots_nobody_can_tell_has_those_that_leave_out_nothing_that_changes(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", AMBIGUOUS, {**SUGGESTED, "x/u.proto": GONE})
    done = repo.run("check", "--new", "--select", NO_DELETE, "--select", "IMPORT_USED")
    assert (done.code, done.rules) == (1, ["POLICY_INTRODUCED", NO_DELETE])
    assert "it leaves out `y/c.proto`" in done.report["findings"][0]["message"]
    told = "HEAD^1 has no configuration, and imports that are found below several directories"
    assert [note for note in done.report["notes"] if note.startswith(told)]


def test_a_base_with_a_configuration_never_has_the_roots_of_the_change(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {**AMBIGUOUS, "schemactl.yaml": "lint: {use: [events]}\n"}, SUGGESTED)
    done = repo.run("breaking")
    assert (done.code, done.out) == (2, "")
    assert "import `c.proto` is found below 2 directories" in done.err


# --config


@pytest.mark.parametrize("own", [{}, {"schemactl.yaml": "roots: [proto]\n"}])
def test_roots_of_an_option_say_nothing_of_the_base(tmp_path: Path, own: Mapping[str, str]) -> None:
    repo = init(tmp_path / "r", {f"proto/{PATH}": USER, **own})
    repo.git("mv", "proto", "proto2")
    repo.commit({f"proto2/{PATH}": GONE})
    (tmp_path / "acme.yaml").write_text("roots: [proto2]\n")
    assert verdict(repo, "--config", str(tmp_path / "acme.yaml")) == (1, {"acme.v1.User.mail"})


# Roots without files


@pytest.mark.parametrize("command", ["lint", "breaking", "check"])
@pytest.mark.parametrize(
    "files",
    [
        {"schemactl.yaml": "roots: [p, nope]\n"},
        {"schemactl.yaml": "roots: [p, doc]\n"},
        {"buf.yaml": "version: v2\nmodules:\n  - path: p\n  - path: nope\n"},
    ],
)
def test_a_root_that_holds_nothing_is_no_verdict(tmp_path: Path, command: str, files: Mapping[str, str]) -> None:
    repo = init(tmp_path / "r", {f"p/{PATH}": USER, "doc/README.md": ""}, files)
    done = repo.run(command)
    assert (done.code, done.out) == (2, "")
    assert "holds no .proto file" in done.err
    assert "submodule update --init" in done.err


def test_every_empty_root_is_named(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {f"p/{PATH}": USER}, {"schemactl.yaml": "roots: [p, nope, never]\n"})
    assert [line for line in repo.run("lint").err.splitlines() if "holds" in line] == [
        "schemactl.yaml: root `nope` holds no .proto file",
        "schemactl.yaml: root `never` holds no .proto file",
    ]


def test_a_root_that_is_emptied_is_judged_and_noted(tmp_path: Path) -> None:
    yaml = "roots: [p, q]\n"
    repo = init(tmp_path / "r", {f"p/{PATH}": USER, "q/o.proto": ORDER, "schemactl.yaml": yaml}, {"q/o.proto": None})
    done = repo.run("breaking")
    assert (done.code, "PACKAGE_NO_DELETE" in done.rules) == (1, True)
    assert "root `q` no longer holds a .proto file" in done.report["notes"]
    assert repo.run("lint").code == 2


def test_a_root_of_an_option_that_holds_nothing_is_no_verdict(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER}, {PATH: GONE})
    (tmp_path / "acme.yaml").write_text("roots: [nope]\n")
    assert repo.run("breaking", "--config", str(tmp_path / "acme.yaml")).code == 2


# Buf's files below a schemactl.yaml


def test_buf_files_below_a_schemactl_yaml_still_rule(tmp_path: Path) -> None:
    buf_yaml = "version: v1\nbuild: {excludes: [gen]}\nbreaking:\n  use: [FILE]\n"
    files = {
        "schemactl.yaml": "lint: {use: [events]}\n",
        "proto/buf.yaml": buf_yaml,
        "proto/gen/g.proto": WRONG_PACKAGE,
    }
    repo = init(tmp_path / "r", {f"proto/{PATH}": USER, **files})
    repo.commit({f"proto/{PATH}": USER.replace("message", 'option go_package = "acme/v2";\nmessage', 1)})
    done = repo.run("breaking")
    assert (done.code, done.rules) == (1, ["FILE_SAME_GO_PACKAGE"])
    assert done.report["summary"]["files"] == 1


WRONG_PACKAGE = 'syntax = "proto3";\npackage gen;\nmessage G {}\n'


# Places


STRICT_AND_LAX = """version: v2
modules:
  - path: strict
    breaking: {use: [FILE]}
  - path: lax
    breaking: {use: [WIRE]}
"""


def test_moving_a_file_to_a_laxer_module_does_not_escape_the_stricter_one(tmp_path: Path) -> None:
    other = 'syntax = "proto3";\npackage acme.{}.v1;\nmessage O {{}}\n'
    files = {"strict/s.proto": other.format("s"), "lax/l.proto": other.format("l"), "buf.yaml": STRICT_AND_LAX}
    repo = init(tmp_path / "r", {**files, f"strict/{PATH}": USER})
    repo.commit({f"strict/{PATH}": None, f"lax/{PATH}": USER.replace("string mail", "string post")})
    done = repo.run("breaking")
    assert (done.code, done.rules) == (1, ["FIELD_SAME_JSON_NAME", "FIELD_SAME_NAME"])


@pytest.mark.parametrize("path", ["x", "y"])
def test_a_deleted_package_is_told_for_each_place_it_stood_in(tmp_path: Path, path: str) -> None:
    gone = {"x/a.proto": ORDER, "y/b.proto": ORDER.replace("Order", "Line")}
    repo = init(tmp_path / "r", {PATH: USER, **gone}, dict.fromkeys(gone))
    assert "PACKAGE_NO_DELETE" in repo.run("breaking", path).rules
    assert repo.run("breaking", PATH).rules == []


def test_paths_of_an_image_start_at_the_modules(tmp_path: Path) -> None:
    yaml = {"buf.yaml": "version: v2\nmodules:\n  - path: proto\n"}
    repo = init(tmp_path / "r", {f"proto/{PATH}": USER, "proto/x/o.proto": ORDER, **yaml})
    image = tmp_path / "old.binpb"
    assert shell_run(buf.executable(), "build", "-o", image, cwd=repo.root).returncode == 0
    repo.commit({f"proto/{PATH}": BROKEN, "proto/x/o.proto": None})
    against = ("--against", f"image:{image}")
    assert {each["against"]["path"] for each in repo.run("breaking", *against).report["findings"]} == {
        f"proto/{PATH}",
        "proto/x/o.proto",
    }
    assert "PACKAGE_NO_DELETE" in repo.run("breaking", "proto/x", *against).rules
    repo.commit({"schemactl.yaml": "breaking: {ignore: [proto/x]}\n"})
    assert repo.run("breaking", *against).rules == [TYPE]


# Clashes with files that did not change


CLASHES = {
    "message": ("message Other { string a = 1; }", HEAD + "message Other {}\n"),
    "comment": ("message Other {}", HEAD + "message /* so */ Other {}\n"),
    "enum value": ("enum K { FREE = 0; }", HEAD + "enum L {\n  // none\n  FREE = 0;\n}\n"),
    "service": ("service Other {}", HEAD + "enum Other { Z = 0; }\n"),
    "package": ("message sub {}", 'syntax = "proto3";\npackage acme.v1.sub;\nmessage S {}\n'),
    "symbol": ("message X {}", 'syntax = "proto3";\npackage acme;\nmessage v1 {}\n'),
}


@pytest.mark.parametrize("name", CLASHES)
def test_a_name_that_an_unchanged_file_declares_is_a_problem(tmp_path: Path, name: str) -> None:
    added, other = CLASHES[name]
    base = {PATH: USER, "acme/v1/far.proto": other}
    repo = init(tmp_path / "r", base if name != "symbol" else {"acme/v1/far.proto": other})
    repo.commit({PATH: USER + added + "\n"})
    done = repo.run("breaking")
    assert (done.code, {each["source"] for each in done.report["findings"]}) == (1, {"compile"})


def test_names_that_only_look_alike_are_no_problem(tmp_path: Path) -> None:
    nested = HEAD + "message Outer {\n  message Other {}\n  enum E { FREE = 0; }\n}\n"
    repo = init(tmp_path / "r", {PATH: USER, "acme/v1/far.proto": nested})
    repo.commit({PATH: USER + "message Other {}\nenum K { FREE = 0; }\n"})
    assert repo.run("breaking").rules == []


def test_an_outline_names_what_stands_in_the_package_and_nothing_nested() -> None:
    text = b"""option (o) = { a: 1 b { c: 2 } };
message M { message N { enum K { Q = 0; } } int32 x = 1; }
// enum Z { }
enum E { option allow_alias = true; A = 0; B = -1 [deprecated = true]; }
extend Foo { optional int32 bar = 5; optional group G = 6 { int32 z = 1; } }
; service S { rpc R(M) returns (M) { option (h) = { get: "{" }; } }
message Last {}"""
    assert scan.declared(scan.outline(text)) == {"M", "E", "A", "B", "bar", "G", "S", "Last"}


# The policy itself


def test_a_policy_that_changed_is_told_first(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": "breaking: {profile: json}\n"})
    repo.commit({PATH: GONE, "schemactl.yaml": "breaking: {profile: binary}\n"})
    for command in ("breaking", "check"):
        first = repo.run(command).report["findings"][0]
        assert (first["rule"], first["severity"], first["source"]) == ("POLICY_CHANGED", "warning", "policy")
        assert (first["path"], first["line"], first["against"]["revision"]) == ("schemactl.yaml", 1, "HEAD^1")
    assert "POLICY_CHANGED" in repo.run("breaking", PATH).rules
    assert repo.run("check", "schemactl.yaml").rules == ["POLICY_CHANGED"]
    assert "POLICY_CHANGED" not in repo.run("lint").rules
    (tmp_path / "acme.yaml").write_text("breaking: {profile: json}\n")
    assert "POLICY_CHANGED" not in repo.run("check", "--config", str(tmp_path / "acme.yaml")).rules


@pytest.mark.parametrize("text", ["rules: {FIELD_SAME_TYPE: {severity: 'off'}}\n", "lint: {ignore: [acme]}\n"])
def test_a_policy_that_is_the_first_is_told(tmp_path: Path, text: str) -> None:
    repo = init(tmp_path / "r", {PATH: USER}, {"schemactl.yaml": text})
    (found,) = repo.run("breaking").report["findings"]
    assert (found["rule"], found["severity"], found["path"]) == ("POLICY_INTRODUCED", "info", "schemactl.yaml")


def test_a_pack_is_policy_and_a_root_is_not(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {f"p/{PATH}": USER, "buf.yaml": "version: v2\nmodules: [{path: p}]\n"})
    repo.git("mv", "p", "q")
    repo.commit({"buf.yaml": "version: v2\nmodules: [{path: q}]\n"})
    assert repo.run("breaking").rules == []
    repo.commit({"buf.yaml": "version: v2\nmodules: [{path: q}]\nbreaking: {use: [FILE]}\n"})
    assert repo.run("breaking").rules == ["POLICY_CHANGED"]


def test_severities_are_named_beside_the_policy(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER}, {"schemactl.yaml": f"rules: {{{NO_DELETE}: {{severity: 'off'}}}}\n"})
    told = "breaking changes judged by default profile json, with severities of schemactl.yaml"
    assert told in repo.run("breaking").report["notes"]


@pytest.mark.parametrize("file", ["docs/example/buf.yaml", "docs/example/buf.work.yaml"])
def test_a_buf_file_in_a_corner_does_not_hide_the_rest(tmp_path: Path, file: str) -> None:
    example = {"docs/example/x.proto": HEAD + "message Example {}\n"}
    text = "version: v2\n" if file.endswith("buf.yaml") else "version: v1\ndirectories: [.]\n"
    repo = init(tmp_path / "r", {A: USER, B: ORDER, **example}, {file: text, B: LESS})
    assert verdict(repo) == (1, {"acme.orders.v1.Order.note"})


def test_a_buf_file_in_a_corner_does_not_hide_the_rest_below_a_configuration(tmp_path: Path) -> None:
    files = {A: USER, B: ORDER, "docs/buf.yaml": "version: v1\n", "docs/x.proto": HEAD + "message Example {}\n"}
    repo = init(tmp_path / "r", files, {"schemactl.yaml": "breaking: {profile: json}\n", B: LESS})
    assert verdict(repo) == (1, {"acme.orders.v1.Order.note"})


def test_what_config_leaves_out_is_no_deletion_while_it_stays_as_it_was(tmp_path: Path) -> None:
    """The caller wants less checked; that is no change of the schemas, but touching what is left out is one."""
    repo = init(tmp_path / "r", {A: USER, B: ORDER}, {A: BROKEN})
    (tmp_path / "acme.yaml").write_text("roots: [proto/a]\n")
    narrow = ("--config", str(tmp_path / "acme.yaml"))
    assert verdict(repo, *narrow) == (1, {"acme.v1.User.mail"})
    repo.commit({A: USER})
    repo.commit({"README.md": "Nothing else."})
    assert verdict(repo, *narrow) == (0, set())
    repo.commit({B: None})
    assert verdict(repo, *narrow)[0] == 1
