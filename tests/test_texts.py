"""What people read: errors say how to get on, one word stands for one thing, and help has examples that work."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main

from schemactl.cli import app
from schemactl.helptext import EXAMPLES
from shell import run
from trees import command, write

PACKAGE = Path(__file__).parents[1] / "schemactl"
ERRORS = {"UsageError", "ConfigError", "ToolError", "Rejected", "Mismatch", "Timeout", "TooLarge"}
BARE = {
    "rulepackage.py": "a subclass brings the hint",
    "publish/http.py": "a subclass brings the hint",
}
# Words that were replaced by others, and what they were replaced by.
FORBIDDEN = {
    r"exclude each other|go(es)? with --": "cannot be used together",
    r"\bmake room\b": "free some disk space",
    r"\brun it again\b": "run again",
    r"(?<![Tt]here )\bis no (?!longer\b|file to)": "is not a",
    r"\b(that|which) is none\b": "is not valid",
    r"\bany more:": "no longer",
    r"\btell those who own\b": "report it to the owners of",
    r"pip install schemactl again": "pip install --force-reinstall",
    r" by --\w": "with `--option`",
    r"(name|choose) [^.;]* by [A-Z]{3,}": "set NAME to",
    r"\bplan again\b": "run `schemactl release` again",
    r"\bnobody says\b": "it does not say",
    r"\bshards?\b|\bcrew\b|\boutlines?\b": "words of the source",
    r"\bbelongs? into\b": "belongs in",
    r"\bcolour|behaviour": "color, behavior",
    r"\bfolder\b": "directory",
    r"\bconfig file\b": "schemactl.yaml, or configuration",
    r"\bspecific version of\b": "version of",
}
ROOT: Any = typer.main.get_command(app)


class Said(NamedTuple):
    place: str
    error: str
    message: str
    hint: str | None


def _text(node: ast.expr) -> str | None:
    """A literal; what is put into it is `{}`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    files = sorted(PACKAGE.rglob("*.py"))
    return [(file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files]


@cache
def _errors() -> list[Said]:
    return list(_said())


def _said() -> Iterator[Said]:
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (called := getattr(node.func, "id", "")) in ERRORS:
                if any(isinstance(each, ast.Starred) for each in node.args):
                    continue
                message, hint = (*node.args, *(each.value for each in node.keywords), None, None)[:2]
                words = None if hint is None else _text(hint) or "{}"
                yield Said(f"{name}:{node.lineno}", called, (message and _text(message)) or "{}", words)


@cache
def _literals() -> list[tuple[str, str]]:
    """Every text with a blank that is no docstring, no pattern and no example of a schema."""
    return list(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for name, tree in _trees():
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compile":
                inner |= {id(each) for each in ast.walk(node)}
        for each in (node for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in inner):
            text = _text(each)
            if text and " " in text.strip() and "syntax =" not in text:
                yield f"{name}:{each.lineno}", text


def test_every_error_says_how_to_get_on() -> None:
    assert len(_errors()) > 200
    assert [each for each in _errors() if each.hint is None and each.place.split(":")[0] not in BARE] == []


def test_a_hint_is_something_to_do_in_lower_case_without_a_period() -> None:
    wrong = [each for each in _errors() if each.hint is not None and not re.match(r"[a-z`{-]|GitHub", each.hint)]
    assert wrong == []
    assert [each for each in _errors() if each.hint and each.hint.endswith((".", "!", ":"))] == []


def test_a_message_is_one_clause_without_a_period() -> None:
    assert [each for each in _errors() if each.message.endswith((".", "..", "!"))] == []
    assert [each for each in _errors() if re.match(r"(An?|The|This|There|It|No) ", each.message)] == []


@pytest.mark.parametrize("words", FORBIDDEN)
def test_one_word_stands_for_one_thing(words: str) -> None:
    pattern = re.compile(words)
    found = [f"{place}: {text!r}" for place, text in _literals() if pattern.search(text)]
    assert found == [], f"say instead: {FORBIDDEN[words]}"


def test_options_in_running_text_have_backticks() -> None:
    bare = re.compile(r"(?<![\w`{'\"(-])--[a-z]{2,}(?![^`]*`)(?!:)")
    texts = [text for each in _errors() for text in (each.message, each.hint or "")]
    assert [text for text in texts if bare.search(re.sub(r"`[^`]*`", "", text)) and not text.startswith("--")] == []


def _commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from _commands(each, (*words, name))
        else:
            yield " ".join((*words, name)), each


COMMANDS = dict(_commands(ROOT))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_fits_a_terminal_and_ends_with_examples(name: str) -> None:
    helped = COMMANDS[name].get_help(typer.Context(COMMANDS[name], info_name=f"schemactl {name}", terminal_width=80))
    body, _, examples = helped.partition("\nExamples:\n")
    assert [line for line in helped.splitlines() if len(line) > 80] == []
    assert re.search(r"\n\n  [A-Z][^.]+\.", body), "a sentence says what it is for"
    assert examples.count(f"\n  schemactl {name}") >= 1


@pytest.mark.parametrize(
    "line", [line.partition("  # ")[0] for lines in EXAMPLES.values() for line in lines if "--help" not in line]
)
def test_an_example_is_understood(line: str) -> None:
    group, arguments = ROOT, shlex.split(line)
    while hasattr(group, "commands"):
        group = group.commands[arguments.pop(0)]
    assert group.make_context("schemactl", arguments).args == []  # it refuses what it does not know


def test_the_first_help_shows_what_is_used_most_first_and_cuts_no_sentence() -> None:
    helped = ROOT.get_help(typer.Context(ROOT, info_name="schemactl", terminal_width=80))
    listed = re.findall(r"^  ([a-z]+) +[A-Z].*$", helped, re.MULTILINE)
    assert listed[:4] == ["check", "lint", "breaking", "diff"]
    assert set(listed) == set(ROOT.commands)
    assert "..." not in helped.partition("Options:")[0].partition("\n\n")[2]
    assert [line for line in helped.splitlines() if len(line) > 80] == []


USER = 'syntax = "proto3";\npackage acme.users.v1;\nmessage User {\n  string id = 1;\n}\n'


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("check", "--format", "sarf"), "sarif"),
        (("diff", "--format", "markdwn"), "markdown"),
        (("lint", "--select", "FIELD_LOWER_SNAKE"), "FIELD_LOWER_SNAKE_CASE"),
        (("lint", "--ignore", "STANDART"), "STANDARD"),
        (("explain", "TOPIC_MISING"), "TOPIC_MISSING"),
        (("breaking", "--against", "v1.4"), "v1.4.0"),
        (("breaking", "--against", "latest"), "tag:latest"),
        (("check", "--rev", "mian"), "main"),
    ],
)
def test_a_slip_is_answered_by_what_was_meant(arguments: tuple[str, ...], meant: str, slips: Path) -> None:
    done = run(*command(*arguments), cwd=slips)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"did you mean `{meant}`?" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(tmp_path_factory.mktemp("slips"), {"acme/users/v1/user.proto": USER})
    who = ("-c", "user.name=acme", "-c", "user.email=ci@acme.example")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-qm", "one"), ("tag", "v1.4.0")):
        assert run("git", *words, cwd=root).returncode == 0
    return root


def test_what_is_wrong_in_the_baseline_is_not_blamed_on_the_base(slips: Path) -> None:
    baseline = write(slips, {"schemactl-baseline.json": "{}"}) / "schemactl-baseline.json"
    done = run(*command("check"), cwd=slips)
    baseline.unlink()
    assert done.returncode == 2
    assert done.stderr.startswith("schemactl: schemactl-baseline.json:1: there should be an object `findings`\n")


def test_a_release_under_a_default_name_says_the_line_to_write(slips: Path) -> None:
    done = run(*command("release"), cwd=slips)
    assert done.returncode == 1
    line = re.search(r"in schemactl\.yaml:\s+`(packages: .*)`", " ".join(done.stdout.split()))
    assert line
    write(slips, {"schemactl.yaml": f"{line[1]}\n"})
    again = run(*command("package", "--rev", "HEAD", "--no-verify"), cwd=slips)
    (slips / "schemactl.yaml").unlink()
    assert again.returncode == 0, again.stderr
