"""The rules of the compatibility verdict: where they are on, how severe, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from repositories import init
from schemactl import bufrules, catalogue, compatrules, config, enginerules, policy
from schemactl.approvals import read
from schemactl.bufexamples import sides
from schemactl.compatexamples import EXAMPLES
from schemactl.config import Config, bare
from schemactl.configfile import SuppressSection
from schemactl.documented import explain_text
from schemactl.errors import ConfigError, UsageError
from schemactl.explained import explained
from schemactl.finding import Against, Finding, Location
from schemactl.policy import Policy

ADDED, REMOVED = "ENUM_VALUE_ADDED", "ENUM_VALUE_REMOVED"
PATH = "acme/users/v1/user.proto"
STATUS = "acme.users.v1.Status"


def configured(files: dict[str, str]) -> Config:
    return config.load(lambda path: files[path].encode() if path in files else None, ".", lambda: [PATH, *files])


def policy_of(
    yaml: str = "",
    buf: str = "",
    *,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    profile: str | None = None,
) -> Policy:
    files = {name: text for name, text in (("schemactl.yaml", yaml), ("buf.yaml", buf)) if text}
    return policy.resolve(
        configured(files), catalogue.catalogue(), catalogue.with_params, select=select, ignore=ignore, profile=profile
    )


def finding(rule: str = ADDED, path: str = PATH, was: str | None = PATH) -> Finding:
    stood = Against("main", was, 4, 1) if was else None
    return Finding(rule, "error", "compat", "it is new", Location(path, 5, 3, 5, 9), None, None, stood)


def severity(judged: Policy, found: Finding, packages: Collection[str] = ()) -> str | None:
    kept = judged.keeps(found, packages)
    return kept.severity if kept else None


def test_no_other_rule_has_such_an_id() -> None:
    others = {*bufrules.known("breaking"), *bufrules.known("lint"), *enginerules.RULES, *catalogue.catalogue()}
    assert not compatrules.NAMES & others


@pytest.mark.parametrize(
    "judged",
    [
        policy_of(),
        policy_of("breaking: {profile: binary}\n"),
        policy_of("breaking: {use: [WIRE]}\n"),
        policy_of("", "version: v2\nbreaking: {use: [FILE], except: [ENUM_VALUE_NO_DELETE]}\n"),
        policy_of(profile="source"),
    ],
    ids=["nothing", "profile", "use, as for Buf", "buf.yaml", "--profile"],
)
def test_what_says_nothing_of_the_verdict_leaves_all_of_it_on(judged: Policy) -> None:
    assert judged.compat == compatrules.IDS
    assert severity(judged, finding()) == "error"


def test_use_and_except_choose_among_both_kinds_of_rules() -> None:
    judged = policy_of(f"breaking: {{use: [WIRE, {ADDED}, {REMOVED}], except: [{REMOVED}]}}\n")
    assert judged.compat == {ADDED}
    assert judged.breaking == bufrules.breaking_ids(["WIRE"])
    assert severity(judged, finding(REMOVED)) is None
    assert policy_of(f"breaking: {{except: [{ADDED}]}}\n").compat == compatrules.IDS - {ADDED}
    assert not policy_of("breaking: {use: [WIRE], except: [COMPAT]}\n").compat
    assert not policy_of("breaking: {use: [COMPAT]}\n").breaking


def test_the_options_choose_last() -> None:
    assert policy_of(select=["WIRE"]).compat == frozenset()
    assert policy_of(select=["STANDARD"]).compat == frozenset()
    alone = policy_of(select=["COMPAT"], ignore=[ADDED])
    assert (alone.compat, alone.breaking) == (compatrules.IDS - {ADDED}, frozenset())
    assert policy_of(f"breaking: {{except: [{ADDED}]}}\n", select=[ADDED]).compat == {ADDED}
    assert severity(policy_of(f"breaking: {{except: [{ADDED}]}}\n", select=[ADDED]), finding()) == "error"
    assert policy_of(ignore=["COMPAT"]).compat == frozenset()
    assert policy_of(f"breaking: {{except: [{ADDED}]}}\n", profile="json").compat == compatrules.IDS


def test_a_name_that_nobody_knows_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean `ENUM_VALUE_ADDED`"):
        policy_of(select=["ENUM_VALUE_ADED"])
    with pytest.raises(ConfigError, match="did you mean `ENUM_VALUE_ADDED`"):
        policy_of("rules: {ENUM_VALUE_ADED: warning}\n")
    with pytest.raises(ConfigError, match="did you mean `ENUM_VALUE_ADDED`"):
        policy_of("breaking: {except: [ENUM_VALUE_ADED]}\n")


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("rules: {COMPAT: warning}\n", "`COMPAT` is a category"),
        (f"rules: {{{ADDED}: {{params: {{a: 1}}}}}}\n", "this rule has no parameters"),
        (f"lint: {{use: [{ADDED}]}}\n", f"`{ADDED}` is about changes; it belongs under `breaking:`"),
        ("breaking: {use: [COMPAT], except: [COMPAT]}\n", "`breaking` leaves no rule"),
    ],
)
def test_what_would_have_no_effect_is_a_mistake(yaml: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        policy_of(yaml)
    assert said in raised.value.message


def test_rules_and_overrides_set_the_severity() -> None:
    judged = policy_of(f"rules: {{{ADDED}: warning, {REMOVED}: 'off'}}\n")
    assert (severity(judged, finding()), severity(judged, finding(REMOVED))) == ("warning", None)
    override = f"overrides:\n  - packages: [acme.users]\n    rules: {{{ADDED}: info}}\n"
    judged = policy_of(override)
    assert severity(judged, finding(), ["acme.users.v1"]) == "info"
    assert severity(judged, finding(), ["acme.orders.v1"]) == "error"


def test_an_override_turns_a_rule_on_where_it_is_about_and_nowhere_else() -> None:
    override = f"overrides:\n  - packages: [acme.users]\n    rules: {{{ADDED}: warning}}\n"
    judged = policy_of(f"breaking: {{except: [{ADDED}]}}\n{override}")
    assert ADDED in judged.compat
    assert severity(judged, finding(), ["acme.users.v1"]) == "warning"
    assert severity(judged, finding(), ["acme.orders.v1"]) is None


def test_exceptions_count_where_the_thing_stood() -> None:
    judged = policy_of("breaking: {ignore: [legacy]}\n")
    assert severity(judged, finding(was="legacy/user.proto")) is None
    assert severity(judged, finding(path="legacy/user.proto")) == "error"
    assert severity(judged, finding(path="legacy/user.proto", was=None)) is None
    only = policy_of(f"breaking: {{ignore_only: {{{ADDED}: [acme]}}}}\n")
    assert (severity(only, finding()), severity(only, finding(REMOVED))) == (None, "error")
    every = policy_of("breaking: {ignore_only: {COMPAT: [acme]}}\n")
    assert severity(every, finding(REMOVED)) is None


def test_unstable_packages_may_break_where_that_is_said() -> None:
    judged = policy_of("breaking: {ignore_unstable_packages: true}\n")
    assert severity(judged, finding(), ["acme.users.v1beta1"]) is None
    assert severity(judged, finding(), ["acme.users.v1"]) == "error"


def test_a_suppression_of_a_rule_that_is_off_is_told_from_one_that_finds_nothing() -> None:
    assert policy_of().judges(ADDED, PATH)
    assert not policy_of(f"breaking: {{except: [{ADDED}]}}\n").judges(ADDED, PATH)
    assert not policy_of("breaking: {ignore: [acme]}\n").judges(ADDED, PATH)


def test_an_approval_names_a_rule_and_not_the_category() -> None:
    entry = "approvals: [{{rule: {}, element: acme.users.v1.Status, reason: all read numbers}}]\n"
    assert read(entry.format(ADDED).encode(), "a.yaml", compatrules.IDS, SuppressSection())
    with pytest.raises(ConfigError, match="`COMPAT` is a category; approve its rules one by one"):
        read(entry.format("COMPAT").encode(), "a.yaml", compatrules.IDS, SuppressSection())


PACK = """name: {0}
rules:
  - id: {1}
    target: message
    title: t
    why: w
    require: "true"
    message: "'m'"
    bad: "message A {{}} // error"
    good: ""
"""


@pytest.mark.parametrize(
    ("name", "id", "said"),
    [
        ("acme", ADDED, f"rule `{ADDED}` has the id of one of the compatibility verdict's"),
        ("COMPAT", "ACME_RULE", "the pack is called `COMPAT`, and so is a category of rules"),
        (ADDED, "ACME_RULE", f"the pack is called `{ADDED}`, and so is a rule"),
    ],
)
def test_no_pack_can_pass_for_the_verdict(name: str, id: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        catalogue.catalogue({"rules/acme.yaml": PACK.format(name, id)})
    assert said in raised.value.message


def test_turning_a_rule_off_is_a_change_of_the_policy() -> None:
    (was,), (now,) = (
        configured({"schemactl.yaml": text}).breaking for text in ("", f"breaking: {{except: [{ADDED}]}}\n")
    )
    assert bare(was) != bare(now)


def told(root: Path, id: str) -> str:
    """What `explain` says of the rule here."""
    return explained(id, root, None).rpartition("## Here\n\n")[2].strip()


def test_explain_says_what_the_configuration_makes_of_it(tmp_path: Path) -> None:
    assert told(tmp_path, ADDED).endswith("On, severity by effect: by default.")
    yaml = tmp_path / "schemactl.yaml"
    yaml.write_text(f"breaking:\n  except: [{ADDED}]\nrules:\n  {REMOVED}: warning\n")
    assert told(tmp_path, ADDED) == f"Off: by `breaking.except` in schemactl.yaml:2 (`{ADDED}`)."
    assert told(tmp_path, REMOVED) == f"On: by default; severity warning by `rules.{REMOVED}` in schemactl.yaml:4."
    yaml.write_text(f"breaking:\n  use: [WIRE, {ADDED}]\n")
    assert told(tmp_path, ADDED) == f"On, severity by effect: by `breaking.use` in schemactl.yaml:2 (`{ADDED}`)."
    assert told(tmp_path, REMOVED) == "Off: `breaking.use` in schemactl.yaml does not name it."
    assert "`ENUM_VALUE_ADDED`: New enum values" in explained("COMPAT", tmp_path, None)


# What carries an Any judges all messages of a schema, so this one has a schema of its own.
_ALONE = "ANY_TYPE_REMOVED"


@pytest.mark.parametrize("ids", [sorted(EXAMPLES.keys() - {_ALONE}), [_ALONE]], ids=["together", "alone"])
def test_each_example_is_reported_by_its_rule_alone_and_approved_by_the_element_that_is_shown(
    tmp_path: Path, ids: list[str]
) -> None:
    before, after = {}, {}
    for id in ids:
        name = id.lower()
        own = EXAMPLES[id].replace("acme.users.v1", f"acme.{name}.v1").replace('"acme.users.', f'"acme.{name}.')
        before[f"acme/{name}.proto"], after[f"acme/{name}.proto"] = sides(own, f"acme.{name}.v1")
    repo = init(tmp_path / "r", before, after)
    found: dict[str, set[str]] = {}
    elements: dict[str, set[str]] = {}
    for each in repo.run("breaking", "--select", "COMPAT").report["findings"]:
        path = each["path"] or each["against"]["path"]
        id = path.rpartition("/")[2].removesuffix(".proto").upper()
        found.setdefault(id, set()).add(each["rule"])
        elements.setdefault(id, set()).add(each["element"].replace(f"acme.{id.lower()}.", "acme.users."))
    assert {id: found.get(id) for id in ids if found.get(id) != {id}} == {}
    shown = {id: re.findall(r"element: (\S+)", explain_text(id)) for id in ids}
    assert {id: shown[id] for id in ids if not elements[id].issuperset(shown[id])} == {}


def _status(id: str, comment: str = "", around: str = "") -> tuple[str, str]:
    """Both sides of a rule's example; the comments go on the new one: on its value, or on its enum."""
    before, after = sides(EXAMPLES[id])
    after = after.replace("  STATUS_BLOCKED = 1;", f"  {comment}\n  STATUS_BLOCKED = 1;")
    return before, after.replace("enum Status", f"{around}\nenum Status")


@pytest.mark.parametrize(("id", "on"), [(ADDED, "comment"), (REMOVED, "around")])
def test_a_comment_approves_it_on_the_element_or_on_what_held_it(tmp_path: Path, id: str, on: str) -> None:
    before, after = _status(id, **{on: f"// schemactl:ignore {id} -- readers are released"})
    done = init(tmp_path / "r", {PATH: before}, {PATH: after}).run("breaking")
    assert (done.code, done.rules) == (0, ["BREAK_APPROVED"])


def test_the_file_of_approvals_names_the_element(tmp_path: Path) -> None:
    before, after = _status(ADDED)
    repo = init(tmp_path / "r", {PATH: before}, {PATH: after})
    (found,) = repo.run("breaking").report["findings"]
    assert (found["rule"], found["severity"], found["element"]) == (ADDED, "warning", f"{STATUS}.STATUS_BLOCKED")
    entry = f"approvals: [{{rule: {ADDED}, element: {found['element']}, reason: readers are released}}]\n"
    repo.write({"schemactl-approvals.yaml": entry})
    done = repo.run("breaking", "--against", "HEAD^")
    assert done.rules == ["BREAK_APPROVED"]
