"""The JSON schemas for editors: as the types are, with words for every key, no stricter than what reads the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from docs import schemafiles
from schemactl import approvals, bufrules, catalogue, config, declared
from schemactl.configfile import SuppressSection
from schemactl.errors import ConfigError
from schemactl.policy import resolve
from schemactl.rulepackage import Package

ROOT = Path(__file__).parents[1]
TEXTS = schemafiles.schemas()
VALIDATORS = {name: Draft202012Validator(json.loads(text)) for name, text in TEXTS.items()}
CONFIGURATION, PACK, APPROVALS = "schemactl.schema.json", "rules.schema.json", "schemactl-approvals.schema.json"


class _Core(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `off` and `2027-01-31` are text."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in each if not tag.endswith((":bool", ":timestamp"))]
    for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


def mistakes(name: str, text: str) -> list[str]:
    return [error.message for error in VALIDATORS[name].iter_errors(yaml.load(text, _Core))]


def load(text: str) -> None:
    files = {"schemactl.yaml": text, "base.yaml": "", "rules/acme.yaml": ""}
    installed = Package("acme", "acme 1.0", "acme", "", "")
    loaded = config.load(
        lambda path: files[path].encode() if path in files else None, ".", list, find=lambda name: installed
    )
    resolve(loaded, catalogue.catalogue(), catalogue.with_params)


def test_the_files_are_what_the_types_say() -> None:
    written = {path.name: path.read_text("utf-8") for path in schemafiles.DIRECTORY.iterdir()}
    assert written == TEXTS, "run `python docs/schemafiles.py`"


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_a_schema_with_words_for_every_key(name: str) -> None:
    schema = json.loads(TEXTS[name])
    Draft202012Validator.check_schema(schema)
    keys = [(of, key, each) for of, made in schema["$defs"].items() for key, each in made.get("properties", {}).items()]
    assert len(keys) > 5
    assert [(of, key) for of, key, each in keys if len(each.get("description", "")) < 10] == []


GOOD = [
    "",
    "# nothing yet\n",
    "roots:\nrules: {SERVICE_SUFFIX: {params: {}}, FIELD_SAME_NAME: {params: {}}}\n",
    "overrides: [{paths: [], packages: [acme], rules: {SERVICE_SUFFIX: off}}]\n",
    "breaking: {use: [], profile: json}\n",
    "rules: {TOPIC_RESERVED_WORD: {params: {words: []}}}\n",
    "rules: {ENVELOPE_EXTRA_FIELDS: {params: {from: 100, fields: {id: 1}}}}\n",
    "rules: {ENVELOPE_FIELDS: {params: {fields: [{name: id, number: 1, types: [string]}]}}}\n",
    "extends: [base.yaml, acme]\nroots: [proto]\nexcludes: [proto/gen]\nincludes: [../x]\npacks: [rules/acme.yaml]\n",
    "lint: {use: [STANDARD, events, IMPORT_USED], except: [BASIC], ignore: [a], ignore_only: {BASIC: [a]}}\n",
    "lint:\nbreaking: {profile: both, except: [WIRE], ignore_unstable_packages: true}\n",
    "breaking: {use: [FILE], ignore_only: {FIELD_SAME_NAME: [a]}}\nrules:\n",
    "rules: {SERVICE_SUFFIX: off, ENVELOPE_FIELDS: {severity: info}, FIELD_SAME_NAME: warning}\n",
    "rules: {SERVICE_SUFFIX: {params: {service_suffix: API}}, IGNORE_MATCHES_NOTHING: error}\n",
    "overrides: [{paths: [a], rules: {SERVICE_SUFFIX: off}}, {packages: [acme.v1], rules: {IMPORT_USED: info}}]\n",
    "suppress: {comments: false, reason: optional}\napprovals: base\n",
    "compat:\n  encoding: both\n  readers:\n  json: {enum_values: number, print_defaults: true}\n",
    "compat: {compatibility: none, packages: [{packages: [acme.v1], readers: strict, json: {field_names: proto}}]}\n",
    "packages: [{name: acme, paths: [a], languages: [go], python: {root: acme.events}, go: {module: x.org/a}}]\n",
    "packages:\n  - name: acme\n    license:\n    python: {generator: grpcio-tools==1.80.1}\n    go:\nthird_party:\n",
    "third_party: [{paths: [x], python: x>=1, go: {package: x.org/a/b, module: x.org/a, version: v1.0.0}}]\n",
    "release: {tag: 'v{version}', changelog: CHANGELOG.md, remote: upstream}\npublish: [dir:../packages]\n",
    "release:\npublish: [{to: git:git@github.com:acme/x.git, root: github.com/acme/x, branch: main}]\n",
    "publish: [{to: index:https://acme.example/legacy/, simple: https://acme.example/simple/}]\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_read_passes(text: str) -> None:
    assert mistakes(CONFIGURATION, text) == []
    load(text)


@pytest.mark.parametrize(
    "text",
    [
        "rots: [a]\n",
        "roots: a\n",
        "roots: []\n",
        "lint: {use: [FIELD_SAME_NAME]}\n",
        "lint: {use: [COMPILE]}\n",
        "breaking: {use: [FILE], profile: json}\n",
        "rules: {COMPILE: warning}\n",
        "rules: {POLICY_CHANGED: off}\n",
        "rules: {STANDARD: off}\n",
        "rules: {WIRE: off}\n",
        "rules: {FIELD_SAME_NAME: {params: {a: 1}}}\n",
        "rules: {SERVICE_SUFFIX: {params: {sufix: API}}}\n",
        "rules: {SERVICE_SUFFIX: {params: {service_suffix: 3}}}\n",
        "rules: {ENVELOPE_FIELDS: {params: {fields: [{name: id}]}}}\n",
        "rules: {TOPIC_RESERVED_WORD: {params: {words: [1]}}}\n",
        "overrides: [{paths: [a], rules: {COMPILE: off}}]\n",
        "overrides: [{paths: [], rules: {SERVICE_SUFFIX: off}}]\n",
        "overrides: [{paths: , rules: {SERVICE_SUFFIX: off}}]\n",
        "extends: base.yaml\n",
        "lint: {use: [STANDARD], uses: []}\n",
        "lint: {use: ['not a name']}\n",
        "lint: {disallow_comment_ignores: 'yes, please'}\n",
        "lint: {ignore_only: [a]}\n",
        "breaking: {profile: jason}\n",
        "breaking: {use: [FIEL]}\n",
        "breaking: {ignore_only: {FIEL: [a]}}\n",
        "rules: {SERVICE_SUFFIX: loud}\n",
        "rules: {SERVICE_SUFFIX: {severity: loud}}\n",
        "rules: {SERVICE_SUFFIX: {level: error}}\n",
        "rules: {service_suffix: error}\n",
        "rules: [SERVICE_SUFFIX]\n",
        "overrides: {paths: [a], rules: {SERVICE_SUFFIX: off}}\n",
        "overrides: [{rules: {SERVICE_SUFFIX: off}}]\n",
        "overrides: [{paths: [a]}]\n",
        "overrides: [{paths: [a], rules: {SERVICE_SUFFIX: {severity: off}}}]\n",
        "overrides: [{packages: ['acme.*'], rules: {SERVICE_SUFFIX: off}}]\n",
        "suppress: {comments: sometimes}\n",
        "compat: {encoding: confluent}\n",
        "compat: {packages: [{encoding: json}]}\n",
        "compat: {packages: [{packages: []}]}\n",
        "compat: {packages: [{packages: ['acme.*']}]}\n",
        "suppress: {reason: none}\n",
        "approvals: head\n",
        "packages: [{paths: [a]}]\n",
        "packages: [{name: acme, languages: [rust]}]\n",
        "packages: [{name: acme, go: {path: x.org/a}}]\n",
        "third_party: [{python: x}]\n",
        "release: {tags: x}\n",
        "publish: dir:../packages\n",
        "publish: [{simple: https://acme.example/simple/}]\n",
        "third_party: [{paths: [x], go: {package: x.org/a}}]\n",
    ],
)
def test_what_it_refuses_is_refused_when_it_is_read(text: str) -> None:
    assert mistakes(CONFIGURATION, text)
    with pytest.raises(ConfigError):
        load(text)


def test_editors_offer_the_rules_that_there_are() -> None:
    schema = json.loads(TEXTS[CONFIGURATION])["$defs"]
    rules = schema["File"]["properties"]["rules"]["anyOf"][0]["properties"]
    assert {*catalogue.catalogue(), "FIELD_SAME_NAME", "SUPPRESSION_UNUSED"} <= rules.keys()
    assert "COMPILE" not in rules
    assert {"STANDARD", "events", "IMPORT_USED"} <= {
        *schema["LintSection"]["properties"]["use"]["anyOf"][0]["items"]["anyOf"][0]["enum"]
    }


def packs() -> Iterator[Path]:
    yield from ROOT.glob("rules/*.yaml")
    yield from ROOT.glob("docs/examples/*/*/rules/*.yaml")


@pytest.mark.parametrize("path", [*packs()], ids=lambda path: path.name)
def test_packs_that_are_read_pass(path: Path) -> None:
    assert mistakes(PACK, path.read_text("utf-8")) == []


RULE: dict[str, Any] = {
    "id": "MY_RULE", "target": "field", "title": "t", "why": "w", "require": "true", "message": "'m'",
    "bad": "b", "good": "g",
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"target": "fiel"}, {"severity": "loud"}, {"scope": "some"}, {"at": "here"}, {"wen": "true"}, {"id": None}],
)
def test_packs_that_it_refuses_are_refused_when_they_are_read(change: dict[str, Any]) -> None:
    good, bad = ({"name": "mine", "rules": [RULE | each]} for each in ({}, change))
    assert mistakes(PACK, yaml.dump(good)) == []
    declared.load(yaml.dump(good).encode(), "mine.yaml")
    assert mistakes(PACK, yaml.dump(bad))
    with pytest.raises(ConfigError):
        declared.load(yaml.dump(bad).encode(), "mine.yaml")


@pytest.mark.parametrize(
    "change", [{"require": False}, {"when": True}, {"at": "item", "target": "enum", "each": "[1]"}]
)
def test_packs_that_are_read_are_none_that_it_refuses(change: dict[str, Any]) -> None:
    text = yaml.dump({"name": "mine", "rules": [RULE | change]})
    assert declared.load(text.encode(), "mine.yaml")
    assert mistakes(PACK, text) == []


def test_the_defaults_of_every_rule_pass() -> None:
    for rule in catalogue.catalogue().values():
        text = yaml.dump({"rules": {rule.id: {"severity": "info", "params": dict(rule.params)}}})
        assert mistakes(CONFIGURATION, text) == [], rule.id


@pytest.mark.parametrize(
    ("entry", "good"),
    [
        ("{rule: FIELD_SAME_NAME, element: acme.v1.User, until: 2027-01-31, reason: nobody reads it}", True),
        ("{fingerprint: 0123456789abcdef, reason: agreed}", True),
        ("{fingerprint: 1234567890123456, reason: agreed, until: }", True),
        ("{rule: FIELD_SAME_NAME, element: acme.v1.User, untill: 2027-01-31, reason: x}", False),
        ("{rule: FIELD_SAME_NAME, element: acme.v1.User}", False),
        ("{rule: FIELD_SAME_NAME, element: acme.v1.User, reason: ' '}", False),
        ("{rule: FIELD_SAME_NAME, reason: x}", False),
        ("{element: acme.v1.User, reason: x}", False),
        ("{reason: x}", False),
        ("{rule: FIELD_SAME_NAME, element: a, fingerprint: 0123456789abcdef, reason: x}", False),
        ("{fingerprint: 0123abc, reason: x}", False),
        ("{rule: WIRE, element: acme.v1.User, reason: x}", False),
        ("{rule: SERVICE_SUFFIX, element: acme.v1.User, reason: x}", False),
        ("{rule: FIELD_SAME_NAME, element: acme.v1.User, until: tomorrow, reason: x}", False),
    ],
)
def test_approvals_pass_as_they_are_read(entry: str, good: bool) -> None:
    text = f"approvals:\n- {entry}\n"
    breaking = {id for id, rule in bufrules.table().items() if rule.kind == "breaking"}
    try:
        approvals.read(text.encode(), "schemactl-approvals.yaml", breaking, SuppressSection())
        read = True
    except ConfigError:
        read = False
    assert (mistakes(APPROVALS, text) == []) is read is good
    assert mistakes(APPROVALS, "") == mistakes(APPROVALS, "approvals:\n") == []
    assert mistakes(APPROVALS, "approved: []\n")


def test_configurations_in_this_repository_pass() -> None:
    found = [*ROOT.glob("proto-schemas/schemactl.yaml"), *ROOT.glob("docs/examples/*/*/schemactl.yaml")]
    blocks = re.findall(r"^```ya?ml\n(.*?)^```", (ROOT / "docs/configuration.md").read_text("utf-8"), re.M | re.S)
    texts = [*(path.read_text("utf-8") for path in found), *blocks]
    assert len(texts) > 2
    for text in texts:
        assert mistakes(CONFIGURATION, text) == [], text
