"""Writes docs/schemas/: JSON schemas, for editors, of the YAML files that people write, from the types they become."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from schemactl import (
    approvals,
    bufrules,
    catalogue,
    compatrules,
    configfile,
    declared,
    documented,
    enginedocs,
    enginerules,
)

DIRECTORY = Path(__file__).with_name("schemas")
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_RULE = {"type": "string", "pattern": "^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$"}
_NAME = {"type": "string", "pattern": r"^[A-Za-z][\w.-]*$"}
_PACKAGE = {"type": "string", "pattern": r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"}
_SOME = {"type": "array", "minItems": 1}
_PLAIN = {bool: "boolean", int: "number", float: "number", str: "string"}
# Digits alone are a number to YAML, and text to what reads the file.
_ENTRY: Mapping[str, Mapping[str, Any]] = {
    "rule": {
        "enum": sorted({*compatrules.IDS, *(id for id, rule in bufrules.table().items() if rule.kind == "breaking")})
    },
    "element": {"type": "string", "minLength": 1},
    "fingerprint": {"type": ["string", "number"], "pattern": "^[0-9a-f]{16}$"},
    "until": {"type": ["string", "null"], "pattern": r"^(\d{4}-\d{2}-\d{2})?$"},
    "reason": {"type": "string", "pattern": r"\S"},
}

# What types say about themselves in the file of configuration stands here for the others.
_KEYS: Mapping[str, Mapping[str, str]] = {
    "Pack": {
        "name": "What `lint.use` calls all rules of this file.",
        "rules": "The rules.",
    },
    "Declaration": {
        "id": "The rule's id, in capitals: it stands in findings, and in comments that ignore them.",
        "target": "What the rule looks at: it is asked of each of them.",
        "title": "What is right, as a statement in one line.",
        "why": "What goes wrong otherwise.",
        "require": "CEL, true where it is right.",
        "message": "CEL, text: what is wrong, what is right and how to get there.",
        "bad": "A proto file; the rule finds something on the lines that end in `// error`, and only there.",
        "good": "A proto file in which the rule finds nothing.",
        "severity": "How severe its findings are.",
        "scope": "Where it looks: at events only, at files that an event reaches, or everywhere.",
        "params": "Parameters with their defaults; a configuration can change them.",
        "when": "CEL, true where the rule has a say at all.",
        "each": "CEL, a list: `require` and `message` are asked of each `item`.",
        "help": "CEL, text: what to write instead.",
        "at": "Which part of its target a finding points at.",
    },
    "File": {
        "approvals": "Breaking changes that are agreed to.",
    },
    "Entry": {
        "rule": "The id of the rule that finds the change breaking.",
        "element": "The full name of what is changed, or the path of a file.",
        "fingerprint": "The fingerprint of one finding, in place of rule and element; every report has it.",
        "until": "The last day on which it counts, like 2027-01-31.",
        "reason": "Why it may break.",
    },
}


def schemas() -> dict[str, str]:
    """Each schema by its file name."""
    made = {
        "schemactl": _empty_too(_configuration()),
        "rules": _described(_shaped(declared.Pack, "A pack of declared rules for schemactl")),
        "schemactl-approvals": _empty_too(_approvals()),
    }
    return {f"{name}.schema.json": json.dumps(made[name], indent=1, ensure_ascii=False) + "\n" for name in made}


def _shaped(type_: Any, title: str) -> dict[str, Any]:
    """The schema as the files are read: unknown keys are refused, and a key that may be missing may be empty."""
    schema = {"$schema": _DRAFT, "title": title, **msgspec.json.schema(type_)}
    for definition in schema["$defs"].values():
        definition["additionalProperties"] = False
        required = definition.pop("required", [])
        definition |= {"required": required} if required else {}
        definition["properties"] = {
            name: each if name in required else _or_nothing(each) for name, each in definition["properties"].items()
        }
    return schema


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    about = {key: schema[key] for key in ("description", "default") if schema.get(key)}
    rest = {key: value for key, value in schema.items() if key not in ("description", "default")}
    options = rest["anyOf"] if rest.keys() == {"anyOf"} else [rest]
    return {**about, "anyOf": [*(each for each in options if each != {"type": "null"}), {"type": "null"}]}


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    for name, definition in schema["$defs"].items():
        for key, each in definition["properties"].items():
            definition["properties"][key] = {"description": _KEYS[name][key], **each}
    return schema


def _empty_too(schema: dict[str, Any]) -> dict[str, Any]:
    """A file without anything says nothing, and that is all right."""
    about = {key: schema[key] for key in ("$schema", "title")}
    return {**about, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], "$defs": schema["$defs"]}


def _approvals() -> dict[str, Any]:
    schema = _described(_shaped(approvals.File, "Approved breaking changes for schemactl"))
    entry = schema["$defs"]["Entry"]
    for key, value in _ENTRY.items():
        entry["properties"][key] = {"description": entry["properties"][key]["description"], **value}
    named = {"required": ["rule", "element"], "properties": {"fingerprint": False}}
    marked = {"required": ["fingerprint"], "properties": {"rule": False, "element": False}}
    return schema | {"$defs": schema["$defs"] | {"Entry": entry | {"required": ["reason"], "oneOf": [named, marked]}}}


def _configuration() -> dict[str, Any]:
    schema = _shaped(configfile.File, "Configuration of schemactl")
    definitions = schema["$defs"]
    _first(definitions["File"]["properties"]["roots"])["minItems"] = 1
    _of_sections(definitions)
    override = definitions["Override"]
    _first(override["properties"]["packages"])["items"] = _PACKAGE
    of_compat = definitions["CompatPackages"]["properties"]["packages"]
    of_compat |= {"items": _PACKAGE, "minItems": 1}
    override["anyOf"] = [{"required": [key], "properties": {key: _SOME}} for key in ("paths", "packages")]
    definitions["Level"] = override["properties"]["rules"]["additionalProperties"]
    level, setting = {"$ref": "#/$defs/Level"}, definitions.pop("RuleSetting")
    _enumerated(override["properties"]["rules"], level, dict.fromkeys(_titles(), level))
    definitions["Setting"] = {"anyOf": [level, setting]}
    definitions["Bare"] = _setting(setting, {})
    settings = {id: {"$ref": "#/$defs/Bare"} for id in _titles()}
    settings |= {rule.id: _setting(setting, rule.params) for rule in catalogue.catalogue().values() if rule.params}
    _enumerated(_first(definitions["File"]["properties"]["rules"]), {"$ref": "#/$defs/Setting"}, settings)
    return schema


def _of_sections(definitions: dict[str, Any]) -> None:
    breaking = sorted(bufrules.known("breaking") | compatrules.NAMES)
    lint = {"anyOf": [{"enum": _lint_names()}, {**_NAME, "not": {"enum": [*breaking, *enginerules.RULES]}}]}
    for name, allowed in (("LintSection", lint), ("BreakingSection", {"enum": breaking})):
        keys = definitions[name]["properties"]
        for key in ("use", "except"):
            _first(keys[key])["items"] = allowed
        _first(keys["ignore_only"])["propertyNames"] = allowed
    both = {"use": _SOME, "profile": {"type": "string"}}
    definitions["BreakingSection"]["not"] = {"required": [*both], "properties": both}


def _setting(setting: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """How a rule with these parameters is set."""
    keys = setting["properties"]
    typed = {"type": "object", "properties": {name: _like(value) for name, value in params.items()}}
    given = {**keys["params"], "anyOf": [{**typed, "additionalProperties": False}, {"type": "null"}]}
    full = {"type": "object", "properties": {**keys, "params": given}, "additionalProperties": False}
    return {"anyOf": [{"$ref": "#/$defs/Level"}, full]}


def _like(default: Any, item: bool = False) -> dict[str, Any]:
    """As `catalogue.with_params` judges a value; an `item` of a list has all the keys of the first."""
    if isinstance(default, list):
        return {"type": "array", **({"items": _like(default[0], True)} if default else {})}
    if isinstance(default, dict) and item:
        keys = {name: _like(value) for name, value in default.items()}
        return {"type": "object", "properties": keys, "required": [*keys], "additionalProperties": False}
    if isinstance(default, dict):
        return {
            "type": "object",
            **({"additionalProperties": _like(next(iter(default.values())))} if default else {}),
        }
    return {"type": "null" if default is None else _PLAIN[type(default)]}


def _first(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a value that may be empty, what it is otherwise."""
    first: dict[str, Any] = schema["anyOf"][0]
    return first


def _enumerated(by_rule: dict[str, Any], other: dict[str, Any], settings: Mapping[str, Any]) -> None:
    """Every rule by name, for editors to offer; those of packs have names of their own, and `other` values."""
    titles = _titles()
    by_rule["additionalProperties"] = other
    by_rule["propertyNames"] = {"anyOf": [{"enum": [*titles]}, {**_RULE, "not": {"enum": _never_set()}}]}
    by_rule["properties"] = {id: {"description": title, **settings[id]} for id, title in titles.items()}


def _never_set() -> list[str]:
    """Categories, and rules that are what they are."""
    fixed = [id for id, rule in enginerules.RULES.items() if not rule.settable]
    names = {*_lint_names(), *bufrules.known("breaking")} - {*bufrules.table(), *catalogue.catalogue()}
    return sorted({*fixed, *names, compatrules.CATEGORY})


def _titles() -> dict[str, str]:
    """What can be set."""
    titles = {rule.id: rule.title for rule in catalogue.catalogue().values()}
    titles |= {id: enginedocs.ENGINE[id].title for id, rule in enginerules.RULES.items() if rule.settable}
    of_buf = (rule for rule in bufrules.table().values() if rule.kind == "breaking" and not rule.deprecated)
    titles |= {rule.id: documented.title(rule) for rule in of_buf}
    titles |= {id: document.title for id, document in documented.COMPAT.items()}
    return dict(sorted(titles.items()))


def _lint_names() -> list[str]:
    rules = catalogue.catalogue().values()
    categories: Iterable[str] = (name for rule in rules for name in rule.categories)
    return sorted({*(rule.id for rule in rules), *categories, *bufrules.known("lint")})


def write() -> None:
    for name, text in schemas().items():
        (DIRECTORY / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
