"""What the documents say is so: their links, commands, examples and lists."""

from __future__ import annotations

import posixpath
import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from packaging.requirements import Requirement

from docs import commandpages, configurationpages, exitpages, rulepages
from schemactl import approvals, bufrules, compatrules, config, configfile, exits, marks, report
from schemactl.catalogue import catalogue, with_params
from schemactl.cli import app
from schemactl.enginerules import RULES
from schemactl.policy import resolve
from schemactl.schema import schema

ROOT = Path(__file__).parents[1]
DOCUMENTS = {path.relative_to(ROOT).as_posix(): path for path in (*ROOT.glob("*.md"), *ROOT.glob("[bd]*/*.md"))}
PAGES = {str(path.relative_to(ROOT)): path for path in rulepages.PAGES.iterdir()}
TEXTS = {name: path.read_text("utf-8") for name, path in DOCUMENTS.items()}
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = [
    block
    for name in ("README.md", "docs/configuration.md")
    for kind, block in FENCED.findall(TEXTS[name])
    if kind == "yaml" and not block.startswith("jobs:")
]
EXAMPLE = {"FIELD_SAME_JSON_NAME", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"}  # a break of several rules
INSTALLED = re.compile(r"""pip install (?:-\S+ )*['"]?schemactl\b(?:\[\w+\])?(?! @ )""")
COMMAND = re.compile(r"(?:^|`|[$:] )(schemactl [a-z]+\b[^`#\n]*)", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings; two that are called the same are numbered, on the site in another way."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    named = Counter(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return {anchor for anchor, times in named.items() if times == 1}


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


def test_the_examples_lead_somewhere_too() -> None:
    for path in ROOT.glob("docs/examples/**/*.md"):
        followed(path)


def test_every_page_of_a_rule_is_found_from_the_table_and_leads_back() -> None:
    listed = set(followed(rulepages.PAGE))
    for path in PAGES.values():
        assert f"rules/{path.name}" in listed
        assert followed(path) == ["../rules.md"]


def test_every_document_is_found_from_the_readme_or_the_page_that_the_site_opens_with() -> None:
    named = {*re.findall(r"\]\(([^)#]+)", TEXTS["README.md"])}
    named |= {posixpath.normpath(f"docs/{target}") for target in re.findall(r"\]\(([^)#]+)", TEXTS["docs/index.md"])}
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
    whole = re.sub(r"`schemactl [^`]*`", lambda code: code[0].replace("\n", " "), TEXTS[name])
    for line in COMMAND.findall(whole):
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


def test_nobody_is_told_to_install_what_an_index_has_under_the_name() -> None:
    """On PyPI `schemactl` is somebody else's project."""
    sources = [*ROOT.glob("schemactl/**/*.py"), *ROOT.glob("schemactl/**/*.yml"), *ROOT.glob("docs/rules/*.md")]
    texts = TEXTS | {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sources}
    assert [name for name, text in texts.items() if INSTALLED.search(text)] == []
    assert all(INSTALLED.search(each) for each in ("pip install schemactl", "pip install -U 'schemactl[go]'"))
    assert not INSTALLED.search('pip install "schemactl @ git+https://github.com/acme/schemactl@COMMIT"')


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


@pytest.mark.parametrize("generator", [commandpages, configurationpages, exitpages], ids=lambda each: each.PAGE.name)
def test_a_generated_reference_is_as_the_code_is(generator: Any) -> None:
    written = generator.PAGE.read_text("utf-8")
    assert written == generator.page(), f"run `python docs/{Path(generator.__file__).name}`"


def test_every_command_with_every_option_is_in_the_reference() -> None:
    sections = dict(
        re.findall(r"^## ([a-z ]+)\n(.*?)(?=^## |^<!-- )", TEXTS["docs/commands.md"], re.MULTILINE | re.DOTALL)
    )
    found = dict(commands("", typer.main.get_command(app)))
    assert sections.keys() == found.keys()
    for name, command in found.items():
        options = {each for parameter in command.params for each in parameter.opts if each.startswith("-")}
        assert options <= set(re.findall(r"`(-[\w-]+)", sections[name]))
        assert f"schemactl {name}" in sections[name]


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
    for each, below in getattr(command, "commands", {}).items():
        yield from commands(f"{name} {each}".strip(), below)


def test_the_readme_says_of_exit_codes_what_the_tool_does() -> None:
    told = re.findall(r"^\| (\d+) \| (.*) \|$", TEXTS["README.md"], re.MULTILINE)
    assert told
    assert {int(code): meaning for code, meaning in told}.items() <= exits.MEANINGS.items()


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
        rules = EXAMPLE if path.stem == "BREAK_APPROVED" else {path.stem}
        for kind, block in FENCED.findall(path.read_text("utf-8")):
            if kind == "proto" and block.startswith("// schemactl:ignore"):
                said = marks.written(block.removeprefix("// ").strip())
                assert ({*said.rules}, said.problem, bool(said.reason)) == (rules, "", True)
                seen += 1
            elif block.startswith("approvals:"):
                read = approvals.read(block.encode(), "a.yaml", rules, configfile.SuppressSection())
                assert {approval.entry.rule for approval in read} == rules
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
    table = TEXTS["docs/ci.md"].partition("| `text` |")
    assert re.findall(r"^\| `(\w+)` \|", table[1] + table[2], re.MULTILINE) == list(report.FORMATS)


def test_the_examples_of_jobs_are_yaml() -> None:
    jobs = [block for kind, block in FENCED.findall(TEXTS["docs/ci.md"] + TEXTS["README.md"]) if kind == "yaml"]
    assert jobs
    assert all(yaml.safe_load(block) for block in jobs)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {Requirement(text).name for text in project["dependencies"]}
    reasons = TEXTS["docs/decisions.md"].partition("## Dependencies")[2]
    assert set(re.findall(r"^\| `([\w-]+)` \|", reasons, re.MULTILINE)) == needed
    for text in project["optional-dependencies"]["dev"]:
        assert f"`{Requirement(text).name}`" in reasons
