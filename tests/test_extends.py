"""What a schemactl.yaml extends, files of the repository and installed packages: merged, and told where it is wrong."""

from __future__ import annotations

import pytest

from schemactl.configfile import RuleSetting
from schemactl.errors import ConfigError, Failure, ToolError
from test_config import breaking_of, lint_of, load, roots

BASE = """\
packs: [base-rules.yaml]
lint: {use: [BASIC], except: [IMPORT_USED], ignore: [gen]}
breaking: {profile: binary}
rules:
  SERVICE_SUFFIX: {severity: warning, params: {service_suffix: API}}
  IMPORT_NO_PUBLIC: "off"
overrides: [{paths: [old], rules: {IMPORT_NO_PUBLIC: info}}]
suppress: {reason: optional}
approvals: base
"""


def test_what_is_extended_counts_until_the_file_itself_says_otherwise() -> None:
    own = "extends: [shared/base.yaml]\nroots: [proto]\npacks: [own.yaml]\nrules: {SERVICE_SUFFIX: error}\n"
    own += "overrides: [{packages: [acme], rules: {IMPORT_NO_PUBLIC: error}}]\n"
    found = load({"t/schemactl.yaml": own, "t/shared/base.yaml": BASE}, "t")
    assert (found.file, roots(found), found.packs) == (
        "t/schemactl.yaml",
        ["t/proto"],
        ("t/shared/base-rules.yaml", "t/own.yaml"),
    )
    lint, breaking = lint_of(found, "t/x"), breaking_of(found, "t/x")
    assert (lint.use, lint.except_, lint.ignore, lint.origin) == (
        ("BASIC",),
        ("IMPORT_USED",),
        ("t/shared/gen",),
        "t/shared/base.yaml",
    )
    assert (breaking.profile, breaking.origin) == ("binary", "t/shared/base.yaml")
    assert found.rules == {
        "SERVICE_SUFFIX": RuleSetting("error", {"service_suffix": "API"}),
        "IMPORT_NO_PUBLIC": RuleSetting("off"),
    }
    assert [(each.paths, each.packages) for each in found.overrides] == [(("t/shared/old",), ()), ((), ("acme",))]
    assert (found.suppress.reason, found.approvals) == ("optional", "base")


def test_sections_are_taken_whole_from_the_nearest_file() -> None:
    own = "extends: [base.yaml]\nlint: {use: [MINIMAL]}\nbreaking: {use: [FILE]}\nsuppress: {comments: false}\n"
    found = load({"schemactl.yaml": own, "base.yaml": BASE})
    assert (lint_of(found, "x").use, lint_of(found, "x").except_, lint_of(found, "x").ignore) == (("MINIMAL",), (), ())
    assert (breaking_of(found, "x").profile, found.suppress.reason) == (None, "required")


def test_later_ones_win_and_what_they_extend_comes_first() -> None:
    files = {
        "schemactl.yaml": "extends: [a.yaml, acme]\n",
        "a.yaml": "extends: [deep/b.yaml]\nrules: {X: error, Y: error}\n",
        "deep/b.yaml": "rules: {X: info, Z: info}\npacks: [../c.yaml, more]\n",
    }
    found = load(files, acme="extends: [other]\nrules: {Y: warning}\n", other="rules: {Y: info, V: info}\n", more="")
    severities = {name: setting.severity for name, setting in found.rules.items()}
    assert severities == {"X": "error", "Y": "warning", "Z": "info", "V": "info"}
    assert [package.name for package in found.packages] == ["other", "acme", "more"]
    assert found.packs == ("c.yaml",)


def test_everything_says_which_file_it_came_from() -> None:
    files = {
        "schemactl.yaml": "extends:\n- base.yaml\nrules:\n  X: {params: {a: 1}}\npacks: [./p.yaml]\n",
        "base.yaml": "rules:\n  X: error\noverrides: [{paths: [a], rules: {Y: info}}]\nlint: {use: [Q], except: [R]}\n",
    }
    found = load(files)
    assert found.said == {
        "rules.X.severity": "base.yaml:2:3",
        "rules.X.params": "schemactl.yaml:4:3",
        "rules.X.params.a": "schemactl.yaml:4:16",
        "packs.p.yaml": "schemactl.yaml:5:9",
        "overrides.0": "base.yaml:3:13",
        "overrides.0.Y": "base.yaml:3:34",
        "lint.use.Q": "base.yaml:4:14",
        "lint.except.R": "base.yaml:4:27",
    }
    assert {("Q", "base.yaml:4:14"), ("Y", "base.yaml:3:34"), ("X", "schemactl.yaml:4:3")} <= set(found.names)


def test_a_file_given_by_hand_extends_what_is_checked() -> None:
    given = ("/etc/acme.yaml", b"extends: [base.yaml]\n")
    assert load({"t/base.yaml": "rules: {X: info}\n", "t/buf.yaml": "version: v1\n"}, "t", given).rules == {
        "X": RuleSetting("info")
    }


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("roots: [a]\nincludes: [b]\n", "base.yaml:1:1: `roots` belongs in the schemactl.yaml that extends this one"),
        ("packages: [{name: acme}]\n", "base.yaml:1:1: `packages` belongs in the schemactl.yaml that extends this one"),
        ("third_party: [{paths: [x]}]\n", "base.yaml:1:1: `third_party` belongs in the schemactl.yaml that extends"),
        (
            "extends: [base.yaml]\n",
            "base.yaml:1:11: `base.yaml` extends itself: schemactl.yaml → base.yaml → base.yaml",
        ),
        ("extends: [schemactl.yaml]\n", "extends itself: schemactl.yaml → base.yaml → schemactl.yaml"),
        ("extends: [../x.yaml]\n", "base.yaml:1:11: `../x.yaml` should not lead out of the repository"),
        ("extends: [/etc/x.yaml]\n", "base.yaml:1:11: `/etc/x.yaml` should be relative"),
        ("extends: [gone.yaml]\n", "base.yaml:1:11: `gone.yaml` is not in what is checked"),
        ("extends: [gone]\n", "base.yaml:1:11: no installed package of rules is called `gone`"),
        ("packs: [gone]\n", "base.yaml:1:9: no installed package of rules is called `gone`"),
        ("packs: ['a b']\n", "base.yaml:1:9: `a b` should be a path of a YAML file, or the name of an installed"),
        ("rules: {X: loud}\n", "base.yaml:1:12: `rules.X` should be a mapping or one of"),
        ("overrides: [{rules: {X: info}}]\n", "base.yaml:1:13: an override should name `paths` or `packages`"),
        (
            "breaking: {use: [FIEL]}\n",
            "base.yaml:1:18: `FIEL` is not a rule or category for breaking changes; did you mean `FILE`?",
        ),
    ],
)
def test_what_is_wrong_with_an_extended_file_is_told_in_its_place(base: str, told: str) -> None:
    with pytest.raises(Failure) as caught:
        load({"schemactl.yaml": "extends: [base.yaml]\n", "base.yaml": base})
    assert told in caught.value.message


@pytest.mark.parametrize("entry", ["rules", "rules/", "./rules"])
@pytest.mark.parametrize("key", ["packs", "extends"])
def test_a_directory_is_no_file_of_rules(key: str, entry: str) -> None:
    files = {"t/schemactl.yaml": f"{key}: [{entry}]\n", "t/rules/acme.yaml": "", "t/rules/x.txt": ""}
    with pytest.raises(ConfigError) as caught:
        load(files, "t")
    assert caught.value.message.startswith(f"t/schemactl.yaml:1:{len(key) + 4}: `")
    assert "is a directory, and what is named here is a file" in caught.value.message
    assert "rules/acme.yaml`" in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("excludes: [a]\n", "acme:schemactl.yaml:1:1: `excludes` belongs in the schemactl.yaml that extends this one"),
        ("breaking: {ignore: [a]}\n", "acme:schemactl.yaml:1:21: `a` is a path, and a package cannot know"),
        ("overrides: [{paths: [a], rules: {X: info}}]\n", "acme:schemactl.yaml:1:22: `a` is a path, and a package"),
        (
            "extends: [./x.yaml]\n",
            "acme:schemactl.yaml:1:11: `./x.yaml` is a path; a package can extend other packages",
        ),
        ("extends: [acme]\n", "`acme` extends itself: schemactl.yaml → acme → acme"),
        ("lint: {ignore: a}\n", "acme:schemactl.yaml:1:16: `lint.ignore` should be a list of strings"),
    ],
)
def test_a_package_holds_policy_without_paths(settings: str, told: str) -> None:
    with pytest.raises(Failure) as caught:
        load({"schemactl.yaml": "extends: [acme]\n"}, acme=settings)
    assert told in caught.value.message


def test_extending_ends_however_much_extends_what() -> None:
    line = {f"{n}.yaml": f"extends: [{n + 1}.yaml]\n" for n in range(20)}
    with pytest.raises(ConfigError, match=r"7\.yaml:1:11: more than 8 files extend one another: schemactl\.yaml → 0"):
        load({"schemactl.yaml": "extends: [0.yaml]\n", **line})
    wide = {f"{n}.yaml": f"extends: [{n + 1}.yaml, {n + 1}.yaml]\n" for n in range(7)} | {"7.yaml": ""}
    with pytest.raises(ConfigError, match="more than 32 files are extended"):
        load({"schemactl.yaml": "extends: [0.yaml]\n", **wide})
    large = {f"{n}.yaml": f"#{'x' * 300_000}\n" for n in range(4)}
    with pytest.raises(ConfigError, match=r"schemactl\.yaml:1:35: what is extended is larger than 1 MiB"):
        load({"schemactl.yaml": "extends: [0.yaml, 1.yaml, 2.yaml, 3.yaml]\n", **large})


def test_a_package_that_is_wrong_is_no_reason_to_take_another_policy() -> None:
    """The base's policy counts even then: only a ConfigError makes it give way."""
    files = {"schemactl.yaml": "extends: [acme]\n"}
    with pytest.raises(ToolError, match="no installed package"):
        load(files)
    with pytest.raises(ToolError, match="unknown key `nonsense`"):
        load(files, acme="nonsense: 1\n")
