"""Where CI and hooks run schemactl, as their files say: a word in a comment runs nothing."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from schemactl.repopath import joined, leaves

ANY = "*"  # a check whose directory nobody can tell without running it
_CHECKS = frozenset(("check", "lint", "breaking"))
_SCRIPTS = frozenset(("run", "script", "before_script", "after_script", "entry", "command"))
_PLACES = ("working-directory", "working_directory", "root")
_SHARED = re.compile(r"(?:.*/)?schemactl(?:/[^@]*)?@.+")  # an action, a workflow or a component
_TOP = re.compile(r"\$\{?(?:CI_PROJECT_DIR|GITHUB_WORKSPACE)\}?|\$\{\{\s*github\.workspace\s*\}\}")
_ENDS = frozenset((";", ";;", "&&", "||", "|", "&", "(", ")"))
_DEEPEST, _MOST, _LONGEST = 40, 50_000, 500


def in_yaml(text: bytes) -> set[str]:
    """The directories that it checks, from the top."""
    mappings = list(_mappings(text))
    start = next((where for each in mappings for where in _starts(each.get("defaults"))), ".")
    return {where for each in mappings for where in _checked(each, start)}


def included(text: bytes) -> list[str]:
    """Other files of the same repository that a pipeline includes."""
    found = []
    for each in _mappings(text):
        for item in _items(each.get("include")):
            path = item.get("local") if isinstance(item, dict) else item
            if isinstance(path, str) and "://" not in path:
                found.append(path.lstrip("/"))
    return found


def in_script(text: str) -> set[str]:
    """The same of lines for a shell."""
    return set(_commands(text, "."))


def _starts(defaults: object) -> Iterator[str]:
    """Where all steps of a workflow work that say nothing else."""
    run = defaults.get("run") if isinstance(defaults, dict) else None
    where = run.get("working-directory") if isinstance(run, dict) else None
    if isinstance(where, str):
        yield where


def _checked(mapping: Mapping[str, object], start: str) -> Iterator[str]:
    given = mapping.get("with") or mapping.get("inputs")
    for key in ("uses", "component"):
        if isinstance(used := mapping.get(key), str) and _SHARED.fullmatch(used[:_LONGEST]):
            directory = given.get("directory", ".") if isinstance(given, dict) else "."
            yield _at(".", directory) if isinstance(directory, str) else ANY
    arguments = " ".join(shlex.quote(each) for each in _items(mapping.get("args")) if isinstance(each, str))
    if isinstance(hook := mapping.get("id"), str) and hook.startswith("schemactl") and "entry" not in mapping:
        yield from _commands(f"schemactl check {arguments}", ".")
    start = next((each for name in _PLACES if isinstance(each := mapping.get(name), str)), start)
    lines = [line for key in mapping if key in _SCRIPTS for line in _items(mapping[key]) if isinstance(line, str)]
    own = f" {arguments}" if "entry" in mapping else ""
    yield from _commands("\n".join(f"{line}{own}" for line in lines), _at(".", start))


def _commands(script: str, start: str) -> Iterator[str]:
    """Of each check in it; a `cd` holds for what follows."""
    here = start
    for line in re.sub(r"\\\r?\n", " ", script).splitlines():
        for words in _simple(line):
            if words[:1] == ["cd"]:
                here = _at(here, words[1] if len(words) > 1 else "~")
            for at, word in enumerate(words[:-1]):
                if _is_tool(word) and words[at + 1] in _CHECKS:
                    yield _at(here, _directory(words[at + 2 :]))


def _simple(line: str) -> Iterator[list[str]]:
    """The commands of a line, as words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # a quote that a later line closes
        words = line.split()
    command: list[str] = []
    for word in [*words, ";"]:
        if word not in _ENDS:
            command.append(word)
        elif command:
            yield command
            command = []


def _is_tool(word: str) -> bool:
    return re.split(r"[@=]", posixpath.basename(word.replace("\\", "/")))[0] in ("schemactl", "schemactl.exe")


def _directory(arguments: Sequence[str]) -> str:
    for at, word in enumerate(arguments):
        if word == "-C":
            return arguments[at + 1] if at + 1 < len(arguments) else ANY
        if word.startswith("-C"):
            return word[2:]
    return "."


def _at(here: str, written: str) -> str:
    if match := _TOP.match(written):
        here, written = ".", written[match.end() :].lstrip("/") or "."
    unknown = ANY in (here, written) or any(each in written for each in "$`~") or written.startswith("/")
    found = ANY if unknown else joined(here, written)
    return ANY if leaves(found) else found


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _items(each)
    elif value is not None:
        yield value


def _mappings(text: bytes) -> Iterator[dict[str, object]]:
    """All of them, innermost ones too; nothing of what is no YAML."""
    import yaml

    try:
        documents = list(yaml.compose_all(text, yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    count = [0]
    for document in documents:
        try:
            yield from _walked(_value(document, 0, count))
        except OverflowError:
            return


def _value(node: object, depth: int, count: list[int]) -> object:
    """Without what tags would make of it; aliases are what makes a small file endless."""
    import yaml

    count[0] += 1
    if depth > _DEEPEST or count[0] > _MOST:
        raise OverflowError
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _value(value, depth + 1, count) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, depth + 1, count) for each in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _walked(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walked(each)
