"""Which rules judge which files: profiles, precedence, Buf's own files, severities, and what the options say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from repositories import BROKEN, GONE, HEAD, PATH, USER, Repo, clean, init
from schemactl import buf

TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
RENAMED = USER.replace("mail", "post")
RESERVED = GONE.replace("}", "  reserved 2;\n}")
UNUSED = HEAD + "message Unused {}\n"
SERVICE = HEAD + "message A {}\nservice S {\n  rpc Get(A) returns (A);\n  rpc Drop(A) returns (A);\n}\n"
OTHER = "acme/v1/other.proto"


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Repo]:
    """A repository for each way to change."""
    top = tmp_path_factory.mktemp("changes")
    good = {PATH: USER, OTHER: SERVICE}
    made: dict[str, Mapping[str, str | None]] = {
        "type": {PATH: BROKEN},
        "name": {PATH: RENAMED},
        "reserved number alone": {PATH: RESERVED},
        "reserved whole": {PATH: RESERVED.replace("2;", '2;\n  reserved "mail";')},
        "unused message": {PATH: HEAD + "message Else {}\n"},
        "method": {OTHER: SERVICE.replace("  rpc Drop(A) returns (A);\n", "")},
        "moved file": {PATH: None, "acme/v1/users.proto": USER},
        "map to repeated": {PATH: USER.replace("string mail", "repeated string mail")},
        "int to long": {OTHER: SERVICE.replace("message A {}", "message A { int64 n = 1; }")},
        "go package": {PATH: USER.replace("message", 'option go_package = "acme/v2";\nmessage', 1)},
    }
    repos = {}
    for name, files in made.items():
        before = good | (
            {OTHER: SERVICE.replace("message A {}", "message A { int32 n = 1; }")} if "long" in name else {}
        )
        repos[name] = init(top / name, before, files)
    return repos


# What each profile says of each change: json, binary, both, source.
TABLE = [
    ("type", "yes yes yes yes"),
    ("name", "yes no yes yes"),
    ("reserved number alone", "yes no yes yes"),
    ("reserved whole", "no no no yes"),
    ("unused message", "yes yes yes yes"),
    ("method", "yes yes yes yes"),
    ("moved file", "no no no yes"),
    ("map to repeated", "yes yes yes yes"),
    ("int to long", "yes no yes yes"),
    ("go package", "no no no yes"),
]


@pytest.mark.parametrize("profile", ["json", "binary", "both", "source"])
@pytest.mark.parametrize(("change", "broken"), TABLE, ids=[name for name, _ in TABLE])
def test_what_a_profile_lets_pass(changes: Mapping[str, Repo], change: str, broken: str, profile: str) -> None:
    expected = broken.split()[["json", "binary", "both", "source"].index(profile)] == "yes"
    done = changes[change].run("breaking", "--profile", profile, "--ignore", "COMPAT")
    assert (done.code, bool(done.rules)) == (int(expected), expected), done.rules


def test_a_reserved_number_alone_keeps_the_binary_format_but_not_json(changes: Mapping[str, Repo]) -> None:
    repo = changes["reserved number alone"]
    assert repo.run("breaking", "--profile", "binary").rules == []
    (found,) = repo.run("breaking", "--profile", "json").report["findings"]
    assert found["rule"] == "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"
    assert found["help"].endswith('\nreserved "mail";')


def test_a_deleted_map_that_is_reserved_passes(tmp_path: Path) -> None:
    """Buf alone reports the message behind the map as deleted."""
    repo = init(
        tmp_path / "r",
        {PATH: USER.replace("string mail", "map<string, string> mail")},
        {PATH: RESERVED.replace("2;", '2;\n  reserved "mail";')},
    )
    assert repo.run("breaking", "--profile", "both").rules == []


# Who rules


BUF_YAML = "version: v1\nbreaking:\n  use: [{}]\n"


def ruled(repo: Repo, *arguments: str) -> str:
    done = repo.run("breaking", *arguments)
    (note,) = [note for note in done.report["notes"] if note.startswith("breaking changes judged by ")]
    return str(note).removeprefix("breaking changes judged by ")


def test_the_nearest_word_rules_and_the_report_says_whose_it_was(tmp_path: Path) -> None:
    """A field goes with its number reserved: fine for WIRE, not for WIRE_JSON."""
    repo = init(tmp_path / "r", {PATH: USER, "buf.yaml": BUF_YAML.format("WIRE")}, {PATH: RESERVED})
    assert (repo.run("breaking").code, ruled(repo)) == (0, "buf.yaml")
    repo.write({"schemactl.yaml": "breaking:\n  profile: json\n"})
    repo.commit({})
    assert (repo.run("breaking", "--against", "HEAD~2").code, ruled(repo, "--against", "HEAD~2")) == (
        1,
        "schemactl.yaml",
    )
    assert repo.run("breaking", "--against", "HEAD~2", "--profile", "binary").code == 0
    assert ruled(repo, "--against", "HEAD~2", "--profile", "binary") == "--profile binary"
    assert repo.run("breaking", "--against", "HEAD~2", "--select", "WIRE").code == 0
    assert ruled(repo, "--against", "HEAD~2", "--select", "WIRE") == "--select"
    repo.commit({"buf.yaml": None, "schemactl.yaml": None})
    assert (repo.run("breaking", "--against", "HEAD~3").code, ruled(repo, "--against", "HEAD~3")) == (
        1,
        "default profile json",
    )


def test_a_section_of_schemactl_yaml_about_something_else_leaves_buf_yaml_in_charge(tmp_path: Path) -> None:
    files = {PATH: USER, "buf.yaml": BUF_YAML.format("WIRE"), "schemactl.yaml": "lint:\n  use: [events]\n"}
    repo = init(tmp_path / "r", files, {PATH: RESERVED})
    assert (repo.run("breaking").code, ruled(repo)) == (0, "buf.yaml")


V2 = """version: v2
modules:
  - path: a
  - path: b
    breaking:
      use: [WIRE]
breaking:
  use: [WIRE_JSON]
"""


def test_modules_of_a_workspace_are_judged_each_by_its_own_rules(tmp_path: Path) -> None:
    other = {name: text.replace("acme.v1", "acme.v2") for name, text in (("old", USER), ("new", RESERVED))}
    repo = init(
        tmp_path / "r",
        {"buf.yaml": V2, "a/acme/v1/user.proto": USER, "b/acme/v2/user.proto": other["old"]},
        {"a/acme/v1/user.proto": RESERVED, "b/acme/v2/user.proto": other["new"]},
    )
    assert [finding["path"] for finding in repo.run("breaking").report["findings"]] == ["a/acme/v1/user.proto"]
    assert len(repo.run("breaking", "--profile", "json").rules) == 2
    assert ruled(repo) == "buf.yaml"


def test_only_policies_that_govern_a_file_are_named(tmp_path: Path) -> None:
    repo = init(
        tmp_path / "r",
        {"buf.yaml": "version: v2\nmodules:\n  - path: a\n", "a/acme/v1/user.proto": USER},
        {"buf.yaml": "version: v2\nmodules:\n  - path: a\nbreaking:\n  use: [WIRE]\n"},
    )
    assert ruled(repo) == "buf.yaml"


# Buf's own sections, judged by Buf


def buf_says(new: Path, old: Path) -> list[tuple[str, str]]:
    argv = [buf.executable(), "breaking", str(new), "--against", str(old), "--error-format", "json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=new)
    assert done.returncode in (0, 100), done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted((row["type"], (row.get("path") or "").rpartition("/")[2]) for row in rows)


TREE = {
    "acme/a/v1/a.proto": 'syntax = "proto3";\npackage acme.a.v1;\nmessage A { string a = 1; string b = 2; }\n',
    "acme/a/v1beta1/b.proto": 'syntax = "proto3";\npackage acme.a.v1beta1;\nmessage B { string a = 1; }\n'
    # Without it Buf passes over E, a package's last enum.
    "enum K { K_Z = 0; }\n",
    "acme/a/v1beta1/d.proto": 'syntax = "proto3";\npackage acme.a.v1beta1;\nmessage D {}\nenum E { E_Z = 0; }\n',
    "acme/c/v1/c.proto": 'syntax = "proto3";\npackage acme.c.v1;\nmessage C { string a = 1; }\nmessage C2 {}\n',
    "acme/g/v1alpha/g.proto": 'syntax = "proto3";\npackage acme.g.v1alpha;\nmessage G {}\n',
    "acme/p/p.proto": 'syntax = "proto3";\npackage acme.p.v1p1beta1;\nmessage P { string a = 1; }\n',
    "acme/t/t.proto": 'syntax = "proto3";\npackage acme.t.v1test;\nmessage T { string a = 1; }\n',
    "acme/n/n.proto": 'syntax = "proto3";\npackage acme.n.v1alphabet;\nmessage N { string a = 1; }\n',
    "acme/m.proto": 'syntax = "proto3";\npackage acme.m.v1beta1;\nmessage M { string a = 1; }\n',
    "acme/gone.proto": 'syntax = "proto3";\npackage acme.gone;\nmessage Gone {}\n',
}
CHANGED = {
    name: text.replace("string a", "int32 a")
    .replace(" string b = 2;", "")
    .replace("message C2 {}\n", "")
    .replace("acme.m.v1beta1", "acme.m.v1")
    for name, text in TREE.items()
    if "gone" not in name and "g.proto" not in name and "d.proto" not in name
}
SECTIONS = {
    "v2 default": "version: v2\n",
    "v2 except": "version: v2\nbreaking: {use: [FILE, PACKAGE], except: [FIELD_SAME_TYPE, PACKAGE_NO_DELETE]}\n",
    "v2 ignore": "version: v2\nbreaking: {use: [FILE, PACKAGE], ignore: [acme/a, acme/gone.proto]}\n",
    "v2 ignore_only": "version: v2\nbreaking:\n  use: [FILE, PACKAGE]\n"
    "  ignore_only: {FIELD_SAME_TYPE: [acme/c], FILE_NO_DELETE: [acme/gone.proto], PACKAGE: [acme/g]}\n",
    "v2 unstable": "version: v2\nbreaking: {use: [FILE, PACKAGE], ignore_unstable_packages: true}\n",
    "v1 default": "version: v1\n",
    "v1 package": "version: v1\nbreaking: {use: [PACKAGE], ignore_unstable_packages: true, ignore: [acme/c]}\n",
    "v1 wire": "version: v1\nbreaking: {use: [WIRE], ignore_only: {WIRE: [acme/a/v1]}}\n",
    "v1beta1 default": "version: v1beta1\n",
    "v1beta1 wire json": "version: v1beta1\nbreaking: {use: [WIRE_JSON, PACKAGE_NO_DELETE], ignore: [acme/a]}\n",
    "v1beta1 deprecated": "version: v1beta1\nbreaking: {use: [FIELD_SAME_LABEL, FIELD_SAME_TYPE, FILE_NO_DELETE]}\n",
}


@pytest.mark.parametrize("name", SECTIONS)
def test_sections_of_buf_yaml_mean_what_they_mean_to_buf(name: str, tmp_path: Path) -> None:
    old = init(tmp_path / "old", TREE | {"buf.yaml": SECTIONS[name]})
    new = init(tmp_path / "new", TREE | {"buf.yaml": SECTIONS[name]}, {path: CHANGED.get(path) for path in TREE})
    # Left alone, a buf.yaml without `breaking` is no choice of Buf's default, and `json` rules.
    done = new.run("breaking", "--ignore", "COMPAT", *(["--profile", "source"] if name.endswith("default") else []))
    found = ((each["rule"], (each["path"] or "").rpartition("/")[2]) for each in done.report["findings"])
    expected = buf_says(new.root, old.root)
    assert len(expected) > 1
    assert sorted(found) == expected


UNSTABLE = ("a.v1beta1", "a.v1beta", "a.v1p1alpha", "a.v01beta1", "a.v1test", "a.v1testx", "a.v1test1beta")
STABLE = ("a.v0alpha1", "a.v0beta", "a.v1p0beta1", "a.v1beta0", "v1beta1", "v1test1", "a.v0test", "a.v1p1test", "a.v1")


@pytest.mark.parametrize("package", [*UNSTABLE, *STABLE])
def test_what_is_unstable_is_what_buf_takes_for_it(package: str, tmp_path: Path) -> None:
    text = f'syntax = "proto3";\npackage {package};\nmessage M {{ %s }}\n'
    yaml = "version: v2\nbreaking: {use: [FILE], ignore_unstable_packages: true}\n"
    old = init(tmp_path / "old", {"m.proto": text % "string a = 1;", "buf.yaml": yaml})
    new = init(tmp_path / "new", {"m.proto": text % "string a = 1;", "buf.yaml": yaml}, {"m.proto": text % ""})
    done = new.run("breaking")
    assert (not done.rules, buf_says(new.root, old.root) == []) == (package in UNSTABLE, package in UNSTABLE)


# schemactl.yaml


def test_an_entry_of_v1beta1_may_be_meant_for_one_root(tmp_path: Path) -> None:
    yaml = "version: v1beta1\nbuild: {roots: [a, b]}\nbreaking: {use: [WIRE], ignore: [k, nope]}\n"
    repo = init(
        tmp_path / "r",
        {"a/k/user.proto": USER, "b/o.proto": UNUSED.replace("v1", "v2"), "buf.yaml": yaml},
        {"a/k/user.proto": BROKEN},
    )
    (found,) = repo.run("breaking").report["findings"]
    assert (found["rule"], "`nope`" in found["message"]) == ("IGNORE_MATCHES_NOTHING", True)


def test_unknown_rules_and_all_wrong_parameters_are_told_at_once(tmp_path: Path) -> None:
    yaml = """lint: {use: [STANDRAD, events]}
rules:
  ENVELOPE_FIELDS: {params: {nope: 1}}
  TOPIC_SIMILAR: {params: {never: 1}}
  ACME_X: {severity: info}
"""
    done = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": yaml}).run("lint")
    assert done.code == 2
    for word in ("`STANDRAD`", "ENVELOPE_FIELDS.params.nope", "TOPIC_SIMILAR.params.never", "`ACME_X`"):
        assert word in done.err


def test_an_ignored_file_may_be_deleted_without_a_warning(tmp_path: Path) -> None:
    repo = init(
        tmp_path / "r", TREE, {"acme/gone.proto": None, "schemactl.yaml": "breaking:\n  ignore: [acme/gone.proto]\n"}
    )
    done = repo.run("breaking")
    assert (done.code, done.rules) == (0, ["POLICY_INTRODUCED"])
    repo.commit({})
    done = repo.run("breaking")
    assert (done.code, done.rules) == (0, ["IGNORE_MATCHES_NOTHING"])
    assert "acme/gone.proto" in done.report["findings"][0]["message"]


@pytest.mark.parametrize(
    ("severity", "left", "code"),
    [("warning", ["warning"], 0), ("info", ["info"], 0), ("off", [], 0), ("error", ["error"], 1)],
)
def test_the_severity_of_a_breaking_rule_can_be_set(tmp_path: Path, severity: str, left: list[str], code: int) -> None:
    repo = init(
        tmp_path / "r",
        {PATH: USER},
        {PATH: BROKEN, "schemactl.yaml": f"rules:\n  {TYPE}: {{severity: '{severity}'}}\n"},
    )
    done = repo.run("check", "--ignore", "COMPAT")
    assert done.rules[0] == "POLICY_INTRODUCED"
    assert ([finding["severity"] for finding in done.report["findings"]][1:], done.code) == (left, code)


# Options


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (["--select", TYPE], [TYPE]),
        (["--select", "FILE"], ["FIELD_SAME_TYPE"]),
        (["--select", "WIRE", "--select", "WIRE_JSON"], ["FIELD_WIRE_COMPATIBLE_TYPE", TYPE]),
        (["--select", "COMPAT"], ["FIELD_TYPE_CHANGED"]),
        (["--ignore", "COMPAT"], [TYPE]),
        (["--ignore", TYPE], ["FIELD_TYPE_CHANGED"]),
        (["--ignore", "WIRE_JSON", "--ignore", "COMPAT"], []),
        (["--select", "WIRE_JSON", "--ignore", TYPE], []),
        (["--profile", "both", "--ignore", TYPE], ["FIELD_WIRE_COMPATIBLE_TYPE"]),
    ],
)
def test_select_replaces_and_ignore_subtracts(
    changes: Mapping[str, Repo], options: list[str], rules: list[str]
) -> None:
    assert changes["type"].run("breaking", *options).rules == rules


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_is_no_verdict_but_a_suggestion(changes: Mapping[str, Repo], option: str) -> None:
    done = changes["type"].run("check", option, "FIELD_SAME_TIPE")
    assert (done.code, done.out) == (2, "")
    assert "did you mean `FIELD_SAME_TYPE`?" in done.err
    assert "rules list" in done.err


def test_selecting_only_lint_rules_compares_nothing_and_says_so(changes: Mapping[str, Repo]) -> None:
    done = changes["type"].run("check", "--select", "ENVELOPE_FIELDS")
    assert (done.code, done.report["ran"]["breaking"]) == (0, "no breaking rule is selected")


def test_an_unknown_profile_is_no_verdict(changes: Mapping[str, Repo]) -> None:
    done = changes["type"].run("breaking", "--profile", "jsonn")
    assert (done.code, done.out) == (2, "")


# Which lint rules are on


ENVELOPE = HEAD + "message UserEnvelope {\n  string uuId = 1;\n  User payload = 4;\n}\nmessage User {}\n"
LINT = {
    "nothing": ({}, {"ENVELOPE_FIELDS", "FIELD_LOWER_SNAKE_CASE"}),
    "events alone": ({"schemactl.yaml": "lint: {use: [events]}\n"}, {"ENVELOPE_FIELDS"}),
    "Buf's alone": ({"schemactl.yaml": "lint: {use: [STANDARD]}\n"}, {"FIELD_LOWER_SNAKE_CASE"}),
    "another section": (
        {"schemactl.yaml": "breaking: {profile: json}\n"},
        {"ENVELOPE_FIELDS", "FIELD_LOWER_SNAKE_CASE"},
    ),
    "a buf.yaml": ({"buf.yaml": "version: v2\nlint: {use: [MINIMAL]}\n"}, {"ENVELOPE_FIELDS"}),
    "a buf.yaml without lint": ({"buf.yaml": "version: v2\n"}, {"ENVELOPE_FIELDS", "FIELD_LOWER_SNAKE_CASE"}),
    "a severity": (
        {"schemactl.yaml": "rules: {FIELD_LOWER_SNAKE_CASE: {severity: 'off'}}\n"},
        {"ENVELOPE_FIELDS"},
    ),
}


@pytest.mark.parametrize(("files", "rules"), LINT.values(), ids=LINT)
def test_standard_and_events_are_on_until_the_configuration_says_otherwise(
    tmp_path: Path, files: Mapping[str, str], rules: set[str]
) -> None:
    repo = init(tmp_path / "r", {PATH: ENVELOPE, **files})
    found = set(repo.run("lint").rules)
    assert found >= rules
    assert not found & ({"ENVELOPE_FIELDS", "FIELD_LOWER_SNAKE_CASE"} - rules)


def test_each_module_is_linted_by_its_own_options_whatever_the_others_say(tmp_path: Path) -> None:
    module = "  - path: {0}\n    lint: {{use: [SERVICE_SUFFIX], service_suffix: {1}}}\n"
    service = 'syntax = "proto3";\npackage acme.{0}.v1;\nservice UserAPI {{}}\n'
    files = {f"{name}/acme/{name}/v1/{name}.proto": service.format(name) for name in ("a", "b")}
    yaml = "version: v2\nmodules:\n" + module.format("a", "API") + module.format("b", "Hub")
    done = init(tmp_path / "r", {**files, "buf.yaml": yaml}).run("lint")
    assert [(each["path"], each["rule"]) for each in done.report["findings"]] == [
        ("b/acme/b/v1/b.proto", "SERVICE_SUFFIX")
    ]
    assert "`Hub`" in done.report["findings"][0]["message"]
