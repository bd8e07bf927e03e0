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

from docs import rules
from rule_runs import found, marked, places, split
from schemactl import config, declared, report
from schemactl.catalogue import catalogue, with_params
from schemactl.cli import app
from schemactl.policy import resolve

ROOT = Path(__file__).parents[1]
DOCUMENTS = {str(path.relative_to(ROOT)): path for path in (*ROOT.glob("*.md"), *ROOT.glob("[bd]*/*.md"))}
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


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXTS[name]):
        file, _, anchor = target.partition("#")
        if not target.startswith("https://"):
            place = (DOCUMENTS[name].parent / file).resolve() if file else DOCUMENTS[name]
            assert place.exists(), target
            assert not anchor or anchor in anchors(place.read_text("utf-8")), target


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


def test_the_pack_that_is_shown_finds_what_it_says(tmp_path: Path) -> None:
    (text,) = (block for kind, block in FENCED.findall(TEXTS["docs/rules.md"]) if kind == "yaml")
    (rule,) = declared.load(text.encode(), "acme.yaml")
    assert places(found(rule.bad, tmp_path, rule)) == marked(split(rule.bad)) != set()
    assert found(rule.good, tmp_path, rule) == []


def test_the_tables_of_rules_are_as_the_rules_are() -> None:
    page = rules.PAGE.read_text("utf-8")
    assert rules.filled(page) == page, "run `python docs/rules.py`"
    assert len(re.findall(r"^\| `[A-Z_]+` \|", page, re.MULTILINE)) > len(catalogue())
    assert all(f"| `{id}` |" in page for id in catalogue())


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
