"""Writes docs/configuration-reference.md, every key of the YAML files that people write, from their JSON schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs import schemafiles

PAGE = Path(__file__).with_name("configuration-reference.md")
_HEAD = """# All keys of the configuration

Every key of the files that people write, as the [JSON schemas for editors](configuration.md#in-an-editor) have them.
What the keys are for is explained, with examples, in [configuration.md](configuration.md); parameters of a rule are on
[its page](rules.md). A key that may be left out may be empty, too. Unknown keys are refused.

"""
_FOOT = "<!-- written by `python docs/configurationpages.py` -->\n"
# Where a record stands, and what to call it.
_FILES: Mapping[str, Mapping[str, str]] = {
    "schemactl.schema.json": {
        "File": "schemactl.yaml",
        "LintSection": "lint",
        "BreakingSection": "breaking",
        "CompatSection": "compat",
        "JsonSection": "compat.json",
        "CompatPackages": "An entry of compat.packages",
        "Setting": "An entry of rules",
        "Override": "An entry of overrides",
        "SuppressSection": "suppress",
        "PackageSection": "An entry of packages",
        "PythonSection": "packages: python",
        "GoSection": "packages: go",
        "ThirdPartySection": "An entry of third_party",
        "ThirdPartyGo": "third_party: go",
        "ReleaseSection": "release",
        "PublishSection": "An entry of publish",
    },
    "rules.schema.json": {"Pack": "A pack of rules", "Declaration": "An entry of rules in a pack"},
    "schemactl-approvals.schema.json": {"File": "schemactl-approvals.yaml", "Entry": "An entry of approvals"},
}
_MANY = 12


def page() -> str:
    texts = schemafiles.schemas()
    return "".join((_HEAD, *(text for name in _FILES for text in _sections(name, json.loads(texts[name]))), _FOOT))


def _sections(name: str, schema: dict[str, Any]) -> Iterator[str]:
    titles = _FILES[name]
    for each, title in titles.items():
        record = _record(schema["$defs"][each])
        rows = (_row(key, value, titles, record) for key, value in record["properties"].items())
        yield f"## {title}\n\n| key | value | |\n|---|---|---|\n{''.join(rows)}\n"


def _record(definition: dict[str, Any]) -> dict[str, Any]:
    """Of what is a word or a record, the record."""
    return next(each for each in (definition, *definition.get("anyOf", ())) if "properties" in each)


def _row(key: str, value: dict[str, Any], titles: Mapping[str, str], record: dict[str, Any]) -> str:
    told = value["description"].replace("|", "\\|")
    required = " Required." if key in record.get("required", ()) else ""
    default = value.get("default")
    usual = f" Default: `{_written(default)}`." if default not in (None, "") and not isinstance(default, dict) else ""
    return f"| `{key}` | {_kind(value, titles)} | {told}{usual}{required} |\n"


def _written(default: Any) -> str:
    return default if isinstance(default, str) else json.dumps(default)


def _kind(value: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """What may stand there, in words."""
    if "$ref" in value:
        title = titles.get(value["$ref"].rpartition("/")[2], "")
        return f"[{title[:1].lower()}{title[1:]}](#{_anchor(title)})" if title else "a severity, or `off`"
    if "enum" in value:
        if len(value["enum"]) > _MANY:
            return "a rule or a category" if "COMPAT" in value["enum"] or "STANDARD" in value["enum"] else "a rule"
        return ", ".join(f"`{each}`" for each in value["enum"] if each)
    if "anyOf" in value:
        kinds = [_kind(each, titles) for each in value["anyOf"] if each != {"type": "null"} and "not" not in each]
        return " or ".join(dict.fromkeys(kinds))
    return _plain(value, titles)


def _plain(value: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    kind = value.get("type", "string")
    if kind == "array":
        return f"list: {_kind(value.get('items', {}), titles)}"
    if kind == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"by name: {_kind(value['additionalProperties'], titles)}"
    words = {"string": "text", "boolean": "`true`, `false`", "object": "by name: any value", "number": "number"}
    kinds = [each for each in ([kind] if isinstance(kind, str) else kind) if each != "null"]
    return words[kinds[0]]


def _anchor(title: str) -> str:
    return "".join(each for each in title.lower().replace(" ", "-") if each.isalnum() or each in "-_")


def write() -> None:
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write()
