"""One configuration out of schemactl.yaml, Buf's files and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from schemactl import bufrules, bufyaml, config
from schemactl.bufyaml import Module
from schemactl.config import BreakingPolicy, Config, LintPolicy
from schemactl.configfile import Profile, RuleSetting, profile_rules
from schemactl.errors import ConfigError
from schemactl.rulepackage import Package, nowhere
from test_bufyaml import OPENTELEMETRY, TEMPORAL

DELETIONS = {
    "PACKAGE_NO_DELETE",
    "PACKAGE_MESSAGE_NO_DELETE",
    "PACKAGE_ENUM_NO_DELETE",
    "PACKAGE_SERVICE_NO_DELETE",
    "PACKAGE_EXTENSION_NO_DELETE",
    "RPC_NO_DELETE",
}


def load(files: dict[str, str], start: str = ".", explicit: tuple[str, bytes] | None = None, **packages: str) -> Config:
    read: Callable[[str], bytes | None] = lambda path: files[path].encode() if path in files else None  # noqa: E731
    known = {name: Package(name, f"{name} 1.0", name, "", "1", {}, text.encode()) for name, text in packages.items()}
    return config.load(read, start, lambda: files, explicit, lambda name: known.get(name) or nowhere(name))


def told(text: str, **others: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load({"schemactl.yaml": text, **others})
    return caught.value.message.split("\n")


def roots(found: Config) -> list[str]:
    return [module.root for module in found.modules or ()]


def lint_of(found: Config, path: str) -> LintPolicy:
    return config.governing(found.lint)(path)


def breaking_of(found: Config, path: str) -> BreakingPolicy:
    return config.governing(found.breaking)(path)


# --- nothing configured, and the order of files


def test_without_any_file_roots_are_inferred_and_defaults_rule() -> None:
    found = load({"proto/a.proto": ""})
    assert found == Config()
    assert (found.file, found.modules) == (None, None)
    assert lint_of(found, "proto/a.proto").use == ("STANDARD", "events")
    assert not lint_of(found, "proto/a.proto").names_events
    assert breaking_of(found, "proto/a.proto").rules == profile_rules("json")
    assert breaking_of(found, "proto/a.proto").origin == "default profile json"


def test_the_nearest_schemactl_yaml_rules() -> None:
    files = {"schemactl.yaml": "roots: [x]\n", "team/schemactl.yaml": "roots: [proto]\n"}
    near = load(files, "team/proto/deep")
    assert (near.directory, near.file, roots(near)) == ("team", "team/schemactl.yaml", ["team/proto"])
    assert load(files, "other").file == "schemactl.yaml"


def test_an_explicit_file_stands_in_for_the_one_found() -> None:
    files = {"team/schemactl.yaml": "nonsense: 1\n", "team/buf.yaml": "version: v1\n"}
    found = load(files, "team", ("/etc/acme.yaml", b"packs: [x.yaml]\nlint: {use: [BASIC]}\n"))
    assert (found.directory, found.file, found.packs) == ("team", "/etc/acme.yaml", ("team/x.yaml",))
    assert lint_of(found, "team/a.proto").origin == "/etc/acme.yaml"
    assert load({"p/buf.yaml": "version: v1\n"}, "p", ("c.yaml", b"")).directory == "p"


def test_an_empty_schemactl_yaml_is_defaults() -> None:
    found = load({"schemactl.yaml": ""})
    assert (found.file, found.modules, found.lint, found.breaking) == (
        "schemactl.yaml",
        None,
        Config().lint,
        Config().breaking,
    )


# --- sections come whole


def test_sections_come_from_schemactl_yaml_else_buf_yaml_else_defaults() -> None:
    buf = "version: v1\nbuild: {excludes: [gen]}\nlint: {use: [BASIC]}\nbreaking: {use: [FILE], ignore: [x]}\n"
    found = load({"schemactl.yaml": "breaking: {profile: binary}\n", "buf.yaml": buf})
    assert found.modules is not None
    assert found.modules[0].excludes == ("gen",)
    assert lint_of(found, "a.proto").origin == "buf.yaml"
    assert lint_of(found, "a.proto").use == ("BASIC", "events")
    breaking = breaking_of(found, "a.proto")
    assert (breaking.origin, breaking.profile, breaking.ignore) == ("schemactl.yaml", "binary", ())


def test_roots_replace_the_modules_of_buf_yaml_but_not_its_policy() -> None:
    buf = "version: v2\nmodules: [{path: a}, {path: b, breaking: {use: [WIRE]}}]\n"
    found = load({"schemactl.yaml": "roots: [c, b]\nexcludes: [c/gen]\n", "buf.yaml": buf})
    assert found.modules == (Module("c", excludes=("c/gen",)), Module("b"))
    assert breaking_of(found, "b/x.proto").rules == bufrules.breaking_ids(["WIRE"])
    assert breaking_of(found, "c/x.proto").origin == "default profile json"


def test_includes_are_as_written_and_keep_the_modules_of_buf_yaml() -> None:
    found = load({"t/schemactl.yaml": "includes: [../../shared, /opt/protos]\n", "t/buf.yaml": "version: v1\n"}, "t")
    assert (found.includes, roots(found)) == (("../../shared", "/opt/protos"), ["t"])


def test_excludes_without_roots_shape_what_is_inferred() -> None:
    found = load({"t/schemactl.yaml": "excludes: [gen]\n"}, "t")
    assert (found.modules, found.excludes) == (None, ("t/gen",))


def test_paths_are_from_the_top_of_the_repository() -> None:
    text = "roots: [../shared, proto]\nlint: {ignore: [proto/old], ignore_only: {BASIC: [proto/x]}}\n"
    found = load({"t/schemactl.yaml": text}, "t")
    assert roots(found) == ["shared", "t/proto"]
    assert lint_of(found, "t").ignore == ("t/proto/old",)
    assert lint_of(found, "t").ignore_only == {"BASIC": ("t/proto/x",)}


def test_rules_and_the_places_of_names_are_kept() -> None:
    text = """\
lint:
  use: [STANDARD, events]
  except: [ACME_X]
  ignore_only: {ACME_Y: [a]}
rules:
  ENVELOPE_FIELDS: {severity: off, params: {extra_from: 100}}
"""
    found = load({"schemactl.yaml": text})
    assert found.rules == {"ENVELOPE_FIELDS": RuleSetting("off", {"extra_from": 100})}
    assert found.names == (
        ("STANDARD", "schemactl.yaml:2:9"),
        ("events", "schemactl.yaml:2:19"),
        ("ACME_X", "schemactl.yaml:3:12"),
        ("ACME_Y", "schemactl.yaml:4:17"),
        ("ENVELOPE_FIELDS", "schemactl.yaml:6:3"),
    )
    assert lint_of(found, "a").names_events


def test_a_lint_section_without_use_has_the_default_and_names_nothing() -> None:
    policy = lint_of(load({"schemactl.yaml": "lint: {except: [IMPORT_USED]}\n"}), "a")
    assert (policy.use, policy.except_, policy.names_events) == (("STANDARD", "events"), ("IMPORT_USED",), False)


# --- breaking policies


@pytest.mark.parametrize(
    ("profile", "category", "also"),
    [("json", "WIRE_JSON", DELETIONS), ("binary", "WIRE", DELETIONS), ("source", "FILE", set())],
)
def test_profiles_are_categories_with_deletions(profile: Profile, category: str, also: set[str]) -> None:
    assert profile_rules(profile) == bufrules.breaking_ids([category]) | also
    found = load({"schemactl.yaml": f"breaking: {{profile: {profile}}}\n"})
    assert breaking_of(found, "a").rules == profile_rules(profile)


def test_the_profile_both_is_the_union() -> None:
    assert profile_rules("both") == profile_rules("json") | profile_rules("binary")


def test_use_and_except_and_ignore_only_are_expanded_to_rules() -> None:
    text = "breaking: {use: [WIRE, FIELD_SAME_LABEL], except: [RPC_SAME_REQUEST_TYPE], ignore_only: {WIRE: [x]}}\n"
    policy = breaking_of(load({"schemactl.yaml": text}), "a")
    assert policy.profile is None
    assert "FIELD_SAME_CARDINALITY" in policy.rules
    assert "RPC_SAME_REQUEST_TYPE" not in policy.rules
    assert set(policy.ignore_only) == bufrules.breaking_ids(["WIRE"])
    assert policy.ignore_only["FILE_SAME_PACKAGE"] == ("x",)


def test_except_takes_rules_out_of_a_profile() -> None:
    text = "breaking: {profile: json, except: [PACKAGE_NO_DELETE]}\n"
    assert breaking_of(load({"schemactl.yaml": text}), "a").rules == profile_rules("json") - {"PACKAGE_NO_DELETE"}


def test_each_module_of_a_workspace_keeps_its_breaking_policy() -> None:
    files = {
        "buf.work.yaml": "version: v1\ndirectories: [a, b, c]\n",
        "a/buf.yaml": "version: v1\nbreaking: {use: [WIRE], ignore: [x]}\n",
        "b/buf.yaml": "version: v1\nbreaking: {ignore_unstable_packages: true}\n",
    }
    found = load(files)
    a, b, c = (breaking_of(found, f"{name}/v1/x.proto") for name in "abc")
    assert (set(a.rules), a.ignore, a.origin) == (bufrules.breaking_ids(["WIRE"], "v1"), ("a/x",), "a/buf.yaml")
    assert (set(b.rules), b.ignore_unstable_packages) == (bufrules.breaking_ids(["FILE"], "v1"), True)
    assert (c.rules, c.origin) == (profile_rules("json"), "default profile json")


def test_a_section_that_only_plugins_would_fill_falls_back_or_asks() -> None:
    builtin = "version: v2\nplugins: [{plugin: x}]\nbreaking: {disable_builtin: true}\n"
    found = load({"buf.yaml": builtin})
    assert breaking_of(found, "a").origin == "default profile json"
    assert found.notes[0] == "buf.yaml: `plugins` are not run by schemactl"
    with pytest.raises(ConfigError, match="`breaking` leaves no rule of Buf's own"):
        load({"buf.yaml": "version: v2\nplugins: [{plugin: x}]\nbreaking: {use: [ACME]}\n"})
    named = (
        "version: v2\nplugins: [{plugin: x}]\nlint: {use: [BASIC, ACME], except: [ACME2], ignore_only: {ACME: [x]}}\n"
    )
    policy = lint_of(load({"buf.yaml": named}), "a")
    assert (policy.use, policy.except_, policy.ignore_only) == (("BASIC", "events"), (), {})


# --- which of Buf's files


def test_a_workspace_above_that_holds_the_start_wins_over_a_nearer_buf_yaml() -> None:
    files = {
        "buf.work.yaml": "version: v1\ndirectories: [a]\n",
        "a/buf.yaml": "version: v1\n",
        "b/buf.yaml": "version: v1\n",
    }
    assert roots(load(files, "a/deep")) == ["a"]
    assert load(files, "a/deep").file == "buf.work.yaml"
    assert (load(files, "b").file, roots(load(files, "b"))) == ("b/buf.yaml", ["b"])
    assert load(files, "docs").file == "buf.work.yaml"


def test_a_v2_workspace_is_found_from_below_and_from_beside_its_modules() -> None:
    files = {"p/buf.yaml": "version: v2\nmodules: [{path: a/x}]\n", "buf.yaml": "version: v1\n"}
    assert [load(files, start).file for start in ("p/a/x/v1", "p/a", "p", "p/docs", ".")] == ["p/buf.yaml"] * 4 + [
        "buf.yaml"
    ]


def test_buf_files_below_become_the_modules_when_nothing_stands_above() -> None:
    files = {
        "one/buf.yaml": "version: v1\nbuild: {excludes: [vendor]}\n",
        "one/nested/buf.yaml": "version: v1\n",
        "one/vendor/buf.yaml": "version: v1\n",
        "two/buf.yaml": "version: v2\nmodules: [{path: a}]\n",
        "three/buf.work.yaml": "version: v1\ndirectories: [b]\n",
        "three/b/buf.yaml": "version: v1\ndeps: [buf.build/acme/users]\n",
    }
    found = load(files, "docs")
    assert roots(found) == ["one", "three/b", "two/a", "one/vendor"]
    assert (found.directory, found.file) == (".", "one/buf.yaml and 3 more")
    assert found.dependencies == ("buf.build/acme/users",)
    assert found.lock_directories == ("one", "three/b", "two", "one/vendor")


def test_the_corpora_work_as_they_are() -> None:
    temporal = load({"buf.yaml": TEMPORAL})
    assert [policy.origin for policy in temporal.lint] == ["buf.yaml"]
    assert [policy.origin for policy in temporal.breaking] == ["buf.yaml"]
    assert temporal.modules is not None
    assert temporal.modules[0].excludes == ("google", "nexusannotations")
    assert lint_of(temporal, "temporal").use == ("DEFAULT", "events")
    assert lint_of(temporal, "temporal").ignore == ("google", "cmd")
    assert breaking_of(temporal, "temporal").rules == bufrules.breaking_ids(["WIRE_JSON"], "v1")
    opentelemetry = load({"buf.yaml": OPENTELEMETRY})
    assert lint_of(opentelemetry, "x").use == ("STANDARD", "events")
    assert breaking_of(opentelemetry, "x").rules == bufrules.breaking_ids(["WIRE"], "v1")


# --- mistakes


def test_every_mistake_of_schemactl_yaml_is_told_at_once() -> None:
    text = """\
rots: [a]
roots: [proto, ./proto, proto/sub, ../up]
excludes: proto/gen
lint:
  use: [STANDARD]
  ignore: ['gen/**', /abs]
breaking:
  profile: json
  use: [WIRE_JSNO]
rules: {X: {severity: eror}}
"""
    assert told(text) == [
        "schemactl.yaml:1:1: unknown key `rots`; did you mean `roots`?",
        "schemactl.yaml:2:36: `../up` should not lead out of the repository",
        "schemactl.yaml:3:11: `excludes` should be a list of strings, not a string",
        "schemactl.yaml:6:12: `gen/**` should be a file or a directory; patterns are not supported",
        "schemactl.yaml:6:22: `/abs` should be relative to the file it is written in, not absolute",
        "schemactl.yaml:9:3: `profile` and `use` do not go together; `except` takes rules out of a profile",
        "schemactl.yaml:9:9: `WIRE_JSNO` is not a rule or category for breaking changes; did you mean `WIRE_JSON`?",
        "schemactl.yaml:10:23: `rules.X.severity` should be one of `error`, `info`, `off`, `warning`, not `eror`;"
        " did you mean `error`?",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roots: [a, ./a]\n", "schemactl.yaml:1:12: `a` is listed twice"),
        ("roots: [., a]\n", "schemactl.yaml:1:12: `a` lies in `.`, so its files would have two import paths; exclude"),
        ("roots: []\n", "schemactl.yaml:1:1: `roots` should name a directory; leave it out"),
        ("roots: [a]\nexcludes: [b]\n", "schemactl.yaml:2:12: `b` lies outside every root"),
        ("roots: [a]\nexcludes: [a]\n", "schemactl.yaml:2:12: `a` is a root itself"),
        ("roots: ['a\\b']\n", "schemactl.yaml:1:9: `a\\b` should be a path with `/`"),
        ("roots: ['']\n", "schemactl.yaml:1:9: `` should be a path, not empty"),
        ("includes: ['C:/x']\n", "schemactl.yaml:1:12: `C:/x` should be a path with `/`"),
        ("packs: [../x.yaml]\n", "schemactl.yaml:1:9: `../x.yaml` should not lead out of the repository"),
        ("breaking: {ignore_only: {WIRE: [/x]}}\n", "schemactl.yaml:1:33: `/x` should be relative"),
        ("breaking: {use: [FILE], except: [FILE]}\n", "schemactl.yaml:1:1: `breaking` leaves no rule"),
        (
            "lint: {use: [STANDARD, FIELD_SAME_NAME]}\n",
            "schemactl.yaml:1:24: `FIELD_SAME_NAME` is a rule of Buf for breaking changes; it belongs under",
        ),
        ("lint: {except: [WIRE_JSON]}\n", "schemactl.yaml:1:17: `WIRE_JSON` is a category of Buf for breaking"),
        ("lint: {ignore_only: {FILE: [a]}}\n", "schemactl.yaml:1:22: `FILE` is a category of Buf for breaking"),
        ("breaking: {profile: jason}\n", "schemactl.yaml:1:21: `breaking.profile` should be one of"),
        ("lint:\n\tuse: [a]\n", "schemactl.yaml:2:1: line 2 is indented with a tab; YAML wants spaces"),
    ],
)
def test_a_wrong_schemactl_yaml_says_what_is_right(text: str, message: str) -> None:
    (line,) = told(text)
    assert line.startswith(message)


def test_a_nested_root_is_fine_once_excluded() -> None:
    found = load({"schemactl.yaml": "roots: [., vendor/x]\nexcludes: [vendor/x]\n"})
    assert found.modules == (Module(".", excludes=("vendor/x",)), Module("vendor/x"))


def test_excludes_beside_the_modules_of_buf_yaml_ask_for_roots() -> None:
    buf = {"buf.yaml": "version: v1\nbuild:\n  excludes: [vendor]\n"}
    line, *lines = told("excludes: [gen]\n", **buf)
    assert line.startswith("schemactl.yaml:1:1: `excludes` goes with `roots`")
    assert lines == ["  roots: [.]", "  excludes: [vendor, gen]"]
    found = load({"schemactl.yaml": "\n".join(line.strip() for line in lines)} | buf)
    assert found.modules == (Module(".", excludes=("vendor", "gen")),)


def test_a_policy_is_found_for_every_path() -> None:
    policies: Iterable[LintPolicy] = (LintPolicy(), LintPolicy(("a",), "one"), LintPolicy(("a/b", "c"), "two"))
    policy = config.governing(policies)
    assert [policy(path).origin for path in ("a/x", "a/b/x", "ab/x", "c", ".")] == [
        "one",
        "two",
        "default",
        "two",
        "default",
    ]


def test_a_repository_of_many_modules_is_read_quickly() -> None:
    modules = "".join(f"- {{path: m{n}/proto, excludes: [m{n}/proto/gen]}}\n" for n in range(2000))
    found = load({"buf.yaml": f"version: v2\nmodules:\n{modules}lint: {{use: [BASIC]}}\n"})
    assert len(found.modules or ()) == 2000
    assert list(bufyaml.clashes(found.modules or ())) == []
