"""What the documents say is so: their links, commands, examples and lists."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from packaging.requirements import Requirement

from docs import rulepages
from schemactl import approvals, bufrules, compatrules, config, configfile, marks, report
from schemactl.catalogue import catalogue, with_params
from schemactl.cli import app
from schemactl.enginerules import RULES
from schemactl.policy import resolve
from schemactl.schema import schema

ROOT = Path(__file__).parents[1]
DOCUMENTS = {str(path.relative_to(ROOT)): path for path in (*ROOT.glob("*.md"), *ROOT.glob("[bd]*/*.md"))}
PAGES = {str(path.relative_to(ROOT)): path for path in rulepages.PAGES.iterdir()}
TEXTS = {name: path.read_text("utf-8") for name, path in DOCUMENTS.items()}
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = [
    block
    for name in ("README.md", "docs/configuration.md")
    for kind, block in FENCED.findall(TEXTS[name])
    if kind == "yaml"
]
COMMAND = re.compile(r"(?:^|`|[$:] )(schemactl [a-z]+\b[^`#\n]*)", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def followed(document: Path) -> list[str]:
    """The targets of a document's links, all of which must be there."""
    targets = re.findall(r"\]\(([^)]+)\)", document.read_text("utf-8"))
    for target in targets:
        file, _, anchor = target.partition("#")
        if not target.startswith("https://"):
            place = (document.parent / file).resolve() if file else document
            assert place.exists(), target
            assert not anchor or anchor in anchors(place.read_text("utf-8")), target
    return targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    followed(DOCUMENTS[name])


def test_every_page_of_a_rule_is_found_from_the_table_and_leads_back() -> None:
    listed = set(followed(rulepages.PAGE))
    for path in PAGES.values():
        assert f"rules/{path.name}" in listed
        assert followed(path) == ["../rules.md"]


def test_every_document_is_found_from_the_readme() -> None:
    named = set(re.findall(r"\]\(([^)#]+)", TEXTS["README.md"]))
    assert {name for name in TEXTS if name != "README.md"} <= named


def parsed(words: list[str]) -> None:
    """Raises for a command, an option or a value that does not exist."""
    command: Any = typer.main.get_command(app)
    name, context = words[0], None
    while True:
        context = command.make_context(name, words[1:], parent=context)
        if not hasattr(command, "resolve_command"):
            return
        words = [*context._protected_args, *context.args]
        name, command, _ = command.resolve_command(context, words)


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_shown_exists(name: str) -> None:
    for line in COMMAND.findall(TEXTS[name]):
        parsed(shlex.split(line))


def test_every_command_on_the_page_of_a_rule_exists() -> None:
    lines = {line for path in PAGES.values() for line in COMMAND.findall(path.read_text("utf-8"))}
    assert lines
    for line in lines:
        parsed(shlex.split(line))


def test_a_command_that_does_not_exist_is_seen() -> None:
    (line,) = COMMAND.findall("run `schemactl lint --nothing`")
    with pytest.raises(Exception, match="No such option: --nothing"):
        parsed(shlex.split(line))


@pytest.mark.parametrize("block", YAML, ids=lambda block: str(block.split("\n")[0]))
def test_an_example_of_a_configuration_is_one(block: str) -> None:
    files = {"schemactl.yaml": block.encode()}
    loaded = config.load(files.get, ".", lambda: files)
    assert loaded.file == "schemactl.yaml"
    resolve(loaded, catalogue(), with_params)


def test_the_tables_of_rules_are_as_the_rules_are() -> None:
    page = rulepages.PAGE.read_text("utf-8")
    assert rulepages.filled(page) == page, "run `python docs/rulepages.py`"
    assert re.findall(r"^\| \[`([A-Z_]+)`\]\(rules/\1\.md\) \|", page, re.MULTILINE)
    assert all(f"| [`{id}`](rules/{id}.md) |" in page for id in catalogue())


def test_every_rule_has_its_page_and_no_page_is_left_over() -> None:
    written = {path.name: path.read_text("utf-8") for path in PAGES.values()}
    assert written == rulepages.pages(), "run `python docs/rulepages.py`"
    breaking = [id for id, rule in bufrules.table().items() if rule.kind == "breaking" and not rule.deprecated]
    assert written.keys() == {f"{id}.md" for id in (*catalogue(), *RULES, *compatrules.RULES, *breaking)}


def test_the_yaml_on_the_page_of_a_rule_is_a_configuration() -> None:
    known = catalogue()
    for path in PAGES.values():
        for kind, block in FENCED.findall(path.read_text("utf-8")):
            if kind == "yaml" and not block.startswith("approvals:"):
                resolve(config.load({"schemactl.yaml": block.encode()}.get, ".", list), known, with_params)


def test_what_the_page_of_a_rule_says_of_suppressing_is_understood() -> None:
    seen = 0
    for path in PAGES.values():
        for kind, block in FENCED.findall(path.read_text("utf-8")):
            if kind == "proto" and block.startswith("// schemactl:ignore"):
                said = marks.written(block.removeprefix("// ").strip())
                assert (said.rules, said.problem, bool(said.reason)) == ((path.stem,), "", True)
                seen += 1
            elif block.startswith("approvals:"):
                (approval,) = approvals.read(block.encode(), "a.yaml", {path.stem}, configfile.SuppressSection())
                assert approval.entry.rule == path.stem
                seen += 1
    assert seen > len(PAGES)


def test_every_option_is_told_of() -> None:
    page = set(re.findall(r"`([\w.]+)`", TEXTS["docs/topics.md"]))
    file = schema().Topic.DESCRIPTOR.file
    names = {field.name for message in file.message_types_by_name.values() for field in message.fields}
    values = {value.name for enum in file.enum_types_by_name.values() for value in enum.values if value.number}
    assert names | values <= page
    rules = {name for name in page if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", name)} - values - {"_UNSPECIFIED"}
    assert rules <= {*catalogue(), *RULES, *compatrules.RULES}


def test_every_format_is_told_of() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXTS["docs/ci.md"], re.MULTILINE) == list(report.FORMATS)


def test_the_examples_of_jobs_are_yaml() -> None:
    for kind, block in FENCED.findall(TEXTS["docs/ci.md"]):
        assert kind == "yaml"
        assert yaml.safe_load(block)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {Requirement(text).name for text in project["dependencies"]}
    reasons = TEXTS["docs/decisions.md"].partition("## Dependencies")[2]
    assert set(re.findall(r"^\| `([\w-]+)` \|", reasons, re.MULTILINE)) == needed
    for text in project["optional-dependencies"]["dev"]:
        assert f"`{Requirement(text).name}`" in reasons
