"""The `sarif` format: valid SARIF 2.1.0 that GitHub takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator
from msgspec.structs import replace

from report_runs import DOCS, HARMFUL, SEEN, SNAKE, USER, at, run, runs
from repositories import HEAD, PATH, init
from schemactl import bufrules, catalogue, compatrules
from schemactl.finding import Against, Finding
from schemactl.report import FORMATS, RuleDoc, Run, Style

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)


def _run(report: Run) -> Any:
    document = json.loads(FORMATS["sarif"](report, Style()))
    VALIDATOR.validate(document)
    assert document["$schema"]
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    return only


def _github_takes(sarif: Any) -> None:
    """What code scanning requires beyond the schema; one result it does not take loses the whole file."""
    rules = sarif["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["id"]
        assert all(0 < len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
        assert rule["help"]["text"]
    for result in sarif["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"]
        assert {"startLine", "startColumn", "endLine", "endColumn"} <= set(physical["region"])
        assert result["partialFingerprints"]


def test_a_finding_is_a_result_with_its_rule_place_and_fingerprint() -> None:
    sarif = _run(run(SNAKE, rules=DOCS))
    _github_takes(sarif)
    (result,) = sarif["results"]
    assert (result["ruleId"], result["level"]) == ("FIELD_LOWER_SNAKE_CASE", "error")
    assert result["message"]["text"] == "field `userId` should be `user_id`\nstring user_id = 1;"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": USER, "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 5, "startColumn": 10, "endLine": 5, "endColumn": 16}
    assert result["partialFingerprints"] == {"schemactl/v1": "0123456789abcdef"}
    assert sarif["columnKind"] == "unicodeCodePoints"


def test_effects_and_evidence_are_properties_and_lines_of_the_message() -> None:
    (result,) = _run(run(HARMFUL))["results"]
    assert result["message"]["text"].split("\n") == [HARMFUL.message, *SEEN, HARMFUL.help]
    bag = result["properties"]
    assert bag["effects"][0]["effect"] == "wrong"
    assert bag["evidence"]["library"] == "Python protobuf 7.36.2"
    (result,) = _run(run(replace(HARMFUL, evidence="the search was cut off")))["results"]
    assert (result["properties"]["evidence_missing"], "evidence" in result["properties"]) == (
        "the search was cut off",
        False,
    )
    (plain,) = _run(run(SNAKE))["results"]
    assert plain["properties"] == {"source": "lint"}


def test_a_rule_brings_its_title_and_reason() -> None:
    (rule,) = _run(run(rules=DOCS))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "fields are lower_snake_case"
    assert rule["help"]["text"] == "every language has its own case"
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_a_rule_says_what_to_do_and_how_grave_it_is_where_that_is_settled() -> None:
    by_effect = RuleDoc("values stay", "readers fail", None, "keep it")
    (rule,) = _run(run(rules={"R": by_effect}))["tool"]["driver"]["rules"]
    assert rule["fullDescription"]["text"] == "readers fail"
    assert rule["help"]["text"] == "readers fail\nkeep it"
    assert "defaultConfiguration" not in rule


def test_the_rules_of_a_run_are_those_that_judged_with_all_that_is_known_of_them(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: HEAD + "message User {\n  string mail = 1;\n}\n"}, {PATH: HEAD})
    sarif = json.loads(repo.run("breaking", format="sarif").out)["runs"][0]
    _github_takes(sarif)
    rules = {rule["id"]: rule for rule in sarif["tool"]["driver"]["rules"]}
    assert compatrules.IDS | bufrules.breaking_ids(["WIRE_JSON"]) < rules.keys()
    assert not rules.keys() & catalogue.catalogue().keys()
    assert all(rule["shortDescription"]["text"] != id for id, rule in rules.items())
    assert rules["TOPIC_RENAMED"]["defaultConfiguration"] == {"level": "error"}
    assert "defaultConfiguration" not in rules["ENUM_VALUE_ADDED"]
    assert "Release the readers first" in rules["ENUM_VALUE_ADDED"]["help"]["text"]
    assert "`reserved 1;`" in rules["FIELD_NO_DELETE_UNLESS_NAME_RESERVED"]["help"]["text"]
    linted = json.loads(repo.run("lint", format="sarif").out)["runs"][0]["tool"]["driver"]["rules"]
    assert not {rule["id"] for rule in linted} & compatrules.IDS


def test_a_rule_without_documentation_is_still_a_rule() -> None:
    sarif = _run(run(SNAKE, Finding("OTHER", "info", "buf", "m", fingerprint="1"), rules=DOCS))
    _github_takes(sarif)
    assert [rule["id"] for rule in sarif["tool"]["driver"]["rules"]] == ["FIELD_LOWER_SNAKE_CASE", "OTHER"]


def test_a_long_reason_is_cut_where_github_wants_it_short_and_whole_in_the_help() -> None:
    sarif = _run(run(rules={"R": RuleDoc("t", "w" * 3000, "warning")}))
    _github_takes(sarif)
    assert len(sarif["tool"]["driver"]["rules"][0]["help"]["text"]) == 3000


def test_a_clean_run_is_valid_and_successful() -> None:
    sarif = _run(run())
    assert sarif["results"] == []
    assert sarif["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_what_did_not_run_is_told() -> None:
    (invocation,) = _run(run(ran_breaking="no earlier commit", notes=("n",)))["invocations"]
    told = [item["message"]["text"] for item in invocation["toolExecutionNotifications"]]
    assert told == ["n", "breaking not checked: no earlier commit"]


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        ("schemactl:ignore until 2027-01-31: agreed", "inSource"),
        ("buf:lint:ignore FIELD_LOWER_SNAKE_CASE", "inSource"),
        ("schemactl-approvals.yaml: nobody reads it", "external"),
        ("baseline", "external"),
    ],
)
def test_what_is_suppressed_says_so_and_by_what(by: str, kind: str) -> None:
    suppressed, live = _run(run(replace(SNAKE, suppressed=by), SNAKE))["results"]
    assert suppressed["suppressions"] == [{"kind": kind, "justification": by}]
    assert "suppressions" not in live


def test_the_old_place_is_a_related_location() -> None:
    finding = Finding("R", "error", "buf", "m", at(5, 1, 2), against=Against("v1", "acme/old.proto", 6, 3), change="c1")
    (result,) = _run(run(finding))["results"]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "acme/old.proto"
    assert related["physicalLocation"]["region"] == {"startLine": 6, "startColumn": 3}
    assert related["message"]["text"] == "was: acme/old.proto:6:3 at v1"
    assert result["properties"]["change"] == "c1"


@pytest.mark.parametrize(("against", "uri"), [(Against("v1", "acme/dead.proto"), "acme/dead.proto"), (None, ".")])
def test_a_finding_without_a_place_gets_one_because_github_refuses_the_file_otherwise(
    against: Against | None, uri: str
) -> None:
    sarif = _run(run(Finding("FILE_NO_DELETE", "error", "buf", "gone", against=against, fingerprint="1")))
    _github_takes(sarif)
    assert sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize("path", ["a b/c%d.proto", "c:/x#y?z.proto", "漢/é.proto", "http://acme/x.proto"])
def test_a_path_is_percent_encoded_into_a_relative_uri(path: str) -> None:
    (result,) = _run(run(Finding("R", "error", "lint", "m", at(1, 1, 1, path))))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(" :?#")
    assert unquote(uri) == path


def test_a_message_cannot_place_a_link() -> None:
    (result,) = _run(run(Finding("R", "error", "lint", "see [this](http://acme) [deprecated = true]")))["results"]
    assert result["message"]["text"] == "see \\[this\\](http://acme) \\[deprecated = true\\]"


@settings(max_examples=30)
@given(runs)
def test_any_text_makes_a_valid_document(report: Run) -> None:
    assert len(_run(report)["results"]) == len(report.findings)
