"""Severities for some files and packages, of rules of every kind; and policies that files of the repository share."""

from __future__ import annotations

from pathlib import Path

import pytest

from repositories import HEAD, PATH, USER, Repo, clean, init
from schemactl import catalogue, config
from schemactl.errors import ConfigError
from schemactl.finding import Finding, Location
from schemactl.policy import Policy, resolve

TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
FILES = {
    f"acme/{name}/v1/{name}.proto": f'syntax = "proto3";\npackage acme.{name}.v1;\nmessage a {{\n  string n = 1;\n}}\n'
    for name in ("old", "older", "new")
}
RULE = "MESSAGE_PASCAL_CASE"


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", FILES)


def severities(repo: Repo, yaml: str, *words: str) -> dict[str, str]:
    """By the name of the file."""
    repo.write({"schemactl.yaml": yaml})
    done = repo.run(*(words or ("lint",)))
    assert done.code in (0, 1), done.err
    places = ((each["path"] or each["against"]["path"], each) for each in done.report["findings"])
    return {path.rpartition("/")[2].removesuffix(".proto"): each["severity"] for path, each in places}


def policy(yaml: str) -> Policy:
    loaded = config.load(lambda path: yaml.encode() if path == "schemactl.yaml" else None, ".", lambda: ())
    return resolve(loaded, catalogue.catalogue(), catalogue.with_params)


def told(yaml: str) -> str:
    with pytest.raises(ConfigError) as caught:
        policy(yaml)
    return caught.value.message


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ("{paths: [acme/old], rules: {R: warning}}", "warning error error"),
        ("{paths: [acme/old/v1/old.proto], rules: {R: info}}", "info error error"),
        ("{packages: [acme.old], rules: {R: warning}}", "warning error error"),
        ("{packages: [acme.old.v1], paths: [acme/new], rules: {R: off}}", "- error -"),
        ("{paths: [acme], rules: {R: off}}, {packages: [acme.new], rules: {R: info}}", "- - info"),
        ("{paths: [acme/new], rules: {R: info}}, {paths: [acme], rules: {R: off}}", "- - -"),
        ("{paths: [acme/old, acme/older], rules: {FIELD_LOWER_SNAKE_CASE: off}}", "error error error"),
    ],
)
def test_an_override_is_for_files_below_its_paths_and_packages(repo: Repo, overrides: str, expected: str) -> None:
    found = severities(
        repo, f"lint: {{use: [R]}}\noverrides: [{overrides}]\n".replace("R]", RULE + "]").replace("R:", RULE + ":")
    )
    assert [found.get(name, "-") for name in ("old", "older", "new")] == expected.split()


@pytest.mark.parametrize(
    "yaml",
    [
        f"lint: {{use: [BASIC]}}\nrules: {{{RULE}: off}}\n",
        f"lint: {{use: [BASIC], except: [{RULE}]}}\n",
        "lint: {use: [MINIMAL]}\n",
    ],
)
def test_an_override_turns_a_rule_on_that_is_off_elsewhere(repo: Repo, yaml: str) -> None:
    raised = f"overrides: [{{paths: [acme/new], rules: {{{RULE}: warning}}}}]\n"
    assert severities(repo, yaml + raised) == {"new": "warning"}
    assert severities(repo, yaml + raised, "lint", "--ignore", RULE) == {}
    assert severities(repo, yaml + raised, "lint", "--select", "FIELD_LOWER_SNAKE_CASE") == {}
    assert severities(repo, yaml) == {}


def test_what_is_ignored_stays_ignored(repo: Repo) -> None:
    yaml = (
        f"lint: {{use: [{RULE}], ignore: [acme/new]}}\noverrides: [{{paths: [acme/new], rules: {{{RULE}: error}}}}]\n"
    )
    assert severities(repo, yaml) == {"old": "error", "older": "error"}


def test_results_that_are_kept_follow_the_overrides(repo: Repo) -> None:
    yaml = f"lint: {{use: [{RULE}]}}\noverrides: [{{paths: [acme/new], rules: {{{RULE}: LEVEL}}}}]\n"
    for level in ("info", "warning", "info"):
        assert severities(repo, yaml.replace("LEVEL", level))["new"] == level
    assert "new" not in severities(repo, yaml.replace("LEVEL", "off"))


def test_an_image_is_judged_by_overrides_too(repo: Repo, tmp_path: Path) -> None:
    from grpc_tools import protoc

    image = tmp_path / "image.binpb"
    words = ["", f"-I{repo.root}", "--include_source_info", f"-o{image}", *FILES]
    assert protoc.main(words) == 0  # type: ignore[no-untyped-call]
    yaml = f"lint: {{use: [{RULE}]}}\noverrides: [{{packages: [acme.new], rules: {{{RULE}: info}}}}]\n"
    assert severities(repo, yaml, "lint", "--image", str(image)) == {"old": "error", "older": "error", "new": "info"}


@pytest.mark.parametrize("where", ["paths: [acme/old]", "packages: [acme.old]"])
@pytest.mark.parametrize(("level", "left"), [("warning", "warning"), ("off", None)])
def test_overrides_hold_for_breaking_changes(repo: Repo, where: str, level: str, left: str | None) -> None:
    repo.write({path: text.replace("string n", "int32 n") for path, text in FILES.items()})
    yaml = f"overrides: [{{{where}, rules: {{{TYPE}: {level}}}}}]\n"
    found = severities(repo, yaml, "breaking")
    assert (found.get("old"), found["older"], found["new"]) == (left, "error", "error")


def test_an_override_turns_a_breaking_rule_on(repo: Repo) -> None:
    repo.write({path: text.replace("string n", "string m") for path, text in FILES.items()})
    yaml = "breaking: {profile: binary}\noverrides: [{paths: [acme/new], rules: {FIELD_SAME_NAME: warning}}]\n"
    assert severities(repo, yaml, "breaking") == {"new": "warning"} | {"schemactl.yaml": "info"}
    assert "new" not in severities(repo, yaml, "breaking", "--profile", "binary")


def test_what_moves_is_judged_by_overrides_of_either_place(repo: Repo) -> None:
    path = "acme/old/v1/old.proto"
    repo.write({path: None, "acme/moved.proto": FILES[path].replace("string n", "int32 n")})
    assert (
        severities(repo, f"overrides: [{{paths: [acme/old], rules: {{{TYPE}: info}}}}]\n", "breaking")["moved"]
        == "info"
    )


def test_an_override_of_nothing_is_told_like_an_ignored_path_of_nothing(repo: Repo) -> None:
    yaml = f"overrides:\n- paths: [acme/new, acme/nwe]\n  packages: [acme.old, acme.ol]\n  rules: {{{RULE}: off}}\n"
    repo.write({"schemactl.yaml": f"lint: {{use: [{RULE}]}}\n{yaml}", "base.yaml": ""})
    told = [each["message"] for each in repo.run("lint").report["findings"] if each["severity"] == "warning"]
    assert told == [
        "schemactl.yaml overrides severities for `acme/nwe`, and there is nothing of that name",
        "schemactl.yaml overrides severities for the package `acme.ol`, and no file is of it, or of one in it",
    ]
    repo.write({"schemactl.yaml": "extends: [base.yaml]\n", "base.yaml": yaml})
    told = [each["message"] for each in repo.run("lint").report["findings"] if each["severity"] == "warning"]
    assert [each.partition(" ")[0] for each in told] == ["base.yaml", "base.yaml"]
    (repo.root / "acme/ol.proto").write_bytes(b"\xff")  # of which package it is, nobody knows
    told = [each["message"] for each in repo.run("lint").report["findings"] if each["severity"] == "warning"]
    assert ["acme/nwe" in each for each in told] == [True]


def test_an_override_for_what_is_deleted_is_told_once_it_is_gone_from_the_base(repo: Repo) -> None:
    repo.write(dict.fromkeys(FILES, None) | {"acme/new.proto": FILES["acme/new/v1/new.proto"]})
    yaml = f"overrides: [{{paths: [acme/old], packages: [acme.older], rules: {{{RULE}: off}}}}]\n"
    repo.write({"schemactl.yaml": f"{yaml}breaking: {{use: [FIELD_SAME_NAME]}}\n"})
    assert "IGNORE_MATCHES_NOTHING" not in repo.run("breaking").rules
    repo.commit({})
    assert repo.run("breaking", "--against", "HEAD").rules.count("IGNORE_MATCHES_NOTHING") == 2


# --- what the engine finds itself


def engine(rule: str, path: str | None = None) -> Finding:
    place = Location(path, 1, 1, 1, 1) if path else None
    return Finding(rule, "warning", "policy", "it says so", place)


def test_some_rules_of_the_engine_can_be_set() -> None:
    rules = "rules: {IGNORE_MATCHES_NOTHING: error, DIRECTORY_NOT_FOLLOWED: off, SUPPRESSION_UNUSED: off}\n"
    here = policy(rules + "overrides: [{paths: [a], rules: {SUPPRESSION_UNUSED: info}}]\n")
    found = here.keeps(engine("IGNORE_MATCHES_NOTHING"))
    assert found
    assert found.severity == "error"
    assert here.keeps(engine("DIRECTORY_NOT_FOLLOWED", "a/b")) is None
    unused = here.keeps(engine("SUPPRESSION_UNUSED", "a/b.proto"))
    assert unused
    assert unused.severity == "info"
    assert here.keeps(engine("SUPPRESSION_UNUSED", "b.proto")) is None
    assert here.keeps(engine("COMPILE", "a/b")) == engine("COMPILE", "a/b")


def test_rules_that_cannot_be_set_say_so() -> None:
    yaml = "rules: {COMPILE: off, POLICY_CHANGED: {severity: info}}\n"
    assert told(yaml + "overrides: [{paths: [a], rules: {FILE_ENCODING: off}}]\n").split("\n") == [
        "schemactl.yaml:1:9: `COMPILE` is always on, and always an error",
        "schemactl.yaml:1:23: `POLICY_CHANGED` is always on, and always a warning",
        "schemactl.yaml:2:34: `FILE_ENCODING` is always on, and always an error",
    ]
    chosen = told("lint: {use: [STANDARD, SUPPRESSION_UNUSED]}\n")
    assert chosen.startswith(
        "schemactl.yaml:1:24: `SUPPRESSION_UNUSED` is not a lint rule, and is on without being named; set"
    )


# --- names


def test_names_in_overrides_are_those_of_rules() -> None:
    yaml = (
        "overrides:\n- paths: [a]\n  rules:\n    MESAGE_PASCAL_CASE: info\n    BASIC: off\n    FIELD_SAME_TYPE: off\n"
    )
    assert told(yaml).split("\n") == [
        f"schemactl.yaml:4:5: there is no rule or category `MESAGE_PASCAL_CASE`; did you mean `{RULE}`?",
        "schemactl.yaml:5:5: `BASIC` is a category; settings are for one rule each",
    ]


def test_a_wrong_parameter_is_told_where_it_stands(tmp_path: Path) -> None:
    files = {
        "schemactl.yaml": "extends: [base.yaml]\n",
        "base.yaml": "rules:\n  SERVICE_SUFFIX:\n    params:\n      service_suffix: 3\n      sufix: A\n",
    }
    done = init(tmp_path / "r", {PATH: USER, **files}).run("lint")
    assert done.code == 2
    assert "base.yaml:4:7: rules.SERVICE_SUFFIX.params.service_suffix: should be a string" in done.err
    assert "base.yaml:5:7: rules.SERVICE_SUFFIX.params.sufix: unknown" in done.err


# --- extending files of the repository, for real


def test_what_is_extended_is_read_from_the_revision_that_is_checked(tmp_path: Path) -> None:
    wrong = HEAD + "message a {}\n"
    repo = init(
        tmp_path / "r",
        {PATH: wrong, "schemactl.yaml": "extends: [p/base.yaml]\n", "p/base.yaml": "lint: {use: [MINIMAL]}\n"},
    )
    repo.write({"p/base.yaml": f"lint: {{use: [{RULE}]}}\n"})
    assert repo.run("lint", "--rev", "HEAD").rules == []
    assert repo.run("lint", "--staged").rules == []
    assert repo.run("lint").rules == [RULE]


def test_a_link_out_of_the_repository_extends_nothing(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": "extends: [base.yaml]\n"})
    (tmp_path / "secret.yaml").write_text("hush: 1\n")
    (repo.root / "base.yaml").symlink_to(tmp_path / "secret.yaml")
    done = repo.run("lint")
    assert (done.code, done.out, "hush" in done.err, "base.yaml" in done.err) == (2, "", False, True)


def test_a_change_of_what_is_extended_is_a_change_of_policy(tmp_path: Path) -> None:
    files = {PATH: USER, "schemactl.yaml": "extends: [base.yaml]\n", "base.yaml": "rules: {SERVICE_SUFFIX: error}\n"}
    repo = init(tmp_path / "r", files, {"base.yaml": "rules: {SERVICE_SUFFIX: off}\n"})
    assert repo.run("check").rules == ["POLICY_CHANGED"]
