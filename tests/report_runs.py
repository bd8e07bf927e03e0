"""What the report tests share: runs to render, hostile text, and a reader of workflow commands."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from hypothesis import strategies as st

from schemactl.effect import DIRECTIONS, ENCODINGS, READERS, Effect, Evidence
from schemactl.finding import Against, Finding, Location, ordered
from schemactl.report import Comparison, RuleDoc, Run, Versions

VERSIONS = Versions("0.1.0", "1.75.0", "35.1")
MERGE_BASE = Comparison("origin/main", "1a2b3c4d5e6f7a8b9c0d", "merge-base of origin/main")
USER = "acme/users/v1/user.proto"
SOURCE = b"""syntax = "proto3";
package acme.users.v1;

message User {
  string userId = 1;
\tstring b = 2;
  reserved 4; // deprecated field [nickname]
}
"""


def run(*findings: Finding, **changes: Any) -> Run:
    values: dict[str, Any] = {"files": 64, "ran_lint": True, "ran_breaking": True, "against": (MERGE_BASE,)}
    return Run(findings=ordered(findings), versions=VERSIONS, **(values | changes))


def at(line: int, column: int, end: int, path: str = USER) -> Location:
    return Location(path, line, column, line, end)


SNAKE = Finding(
    "FIELD_LOWER_SNAKE_CASE",
    "error",
    "lint",
    "field `userId` should be `user_id`",
    at(5, 10, 16),
    "acme.users.v1.User.userId",
    "string user_id = 1;",
    fingerprint="0123456789abcdef",
)
PROOF = Evidence(
    "forward",
    "json",
    "strict",
    "error",
    "acme.users.v1.UserEnvelope",
    "head",
    '{"eventType":"EVENT_TYPE_MERGED"}',
    "ParseError: Invalid enum value EVENT_TYPE_MERGED",
    "Python protobuf 7.36.2",
)
HARMFUL = Finding(
    "ENUM_VALUE_ADDED",
    "error",
    "compat",
    "value `EVENT_TYPE_MERGED` was added",
    at(5, 10, 16),
    "acme.users.v1.EVENT_TYPE_MERGED",
    "let readers learn it first",
    Against("origin/main", USER, 4, 10),
    "c1",
    "0123456789abcdef",
    effects=(
        Effect("backward", "binary", "tolerant", "wrong", "some"),
        Effect("backward", "binary", "strict", "wrong", "some"),
        Effect("forward", "json", "tolerant", "default", "all", True),
        Effect("forward", "json", "strict", "error", "all", True),
        Effect("forward", "binary", "strict", "skip", "all"),
    ),
    evidence=PROOF,
)
SEEN = [
    "effect: old readers of new data (forward, JSON): error, or the default where unknown names are ignored",
    "effect: new readers of old data (backward, binary): a wrong value for some values (outside of the contract)",
    'evidence: head writes {"eventType":"EVENT_TYPE_MERGED"} as acme.users.v1.UserEnvelope; a reader of base: '
    "ParseError: Invalid enum value EVENT_TYPE_MERGED (Python protobuf 7.36.2, strict)",
]
DOCS = {SNAKE.rule: RuleDoc("fields are lower_snake_case", "every language has its own case", "error")}

NASTY = [
    "\n",
    "\r",
    "\r\n",
    "::error::x",
    " ::set-output name=a::b",
    "\u2003::add-mask::x",
    "##[error]x",
    "###[group]",
    "##vso[task.setvariable]",
    "#\u200d#[error]",
    "#\ufe0f#[error]",
    ":\u200d:error::x",
    "\x1b[31m",
    "\x1b]8;;http://acme\x07",
    "\x00",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\udcff",
    "\ud800",
    "\U000e0041",
    "😀",
    "漢",
    "e\u0301",
    "%0A::error::x",
    "%25",
    "%",
    ",line=7",
    ":",
    "::",
    "[x](http://acme)",
    '"',
    "\\",
    "\t",
    " ",
]
hostile = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), max_size=6).map("".join)
_number = st.integers(1, 9)
_places = st.builds(
    lambda p, a, b, c, d: Location(p, a, b, a + c - 1, b + d), hostile, _number, _number, _number, _number
)
_old = st.builds(Against, hostile, hostile, st.none() | _number, st.none() | _number)
_direction, _encoding, _readers = map(st.sampled_from, (DIRECTIONS, ENCODINGS, READERS))
_harm = st.sampled_from(["default", "wrong", "error"])
_effects = st.builds(
    Effect,
    _direction,
    _encoding,
    _readers,
    _harm | st.sampled_from(["ok", "skip"]),
    st.sampled_from(["all", "some"]),
    st.booleans(),
)
_evidence = st.builds(Evidence, _direction, _encoding, _readers, _harm, *[hostile] * 5)
findings = st.builds(
    Finding,
    rule=hostile.map("R{}".format),
    severity=st.sampled_from(["error", "warning", "info"]),
    source=st.sampled_from(["lint", "buf", "compat", "compile"]),
    message=hostile,
    location=st.none() | _places,
    element=st.none() | hostile,
    help=st.none() | hostile,
    against=st.none() | _old,
    change=st.sampled_from([None, "c1", "c2"]),
    fingerprint=st.just("0123456789abcdef"),
    effects=st.lists(_effects, max_size=3).map(tuple),
    evidence=st.none() | hostile | _evidence,
)
runs = st.builds(
    lambda found, note, reason, source, rule: run(
        *found,
        notes=(note,),
        ran_breaking=reason or True,
        against=(Comparison(note, reason, reason),),
        sources=lambda path: source.encode("utf-8", "surrogatepass"),
        rules={rule: RuleDoc(note, reason, "error")},
        statistics=True,
    ),
    st.lists(findings, max_size=4),
    hostile,
    hostile,
    hostile,
    hostile,
)

_COMMANDS = {
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "echo",
    "add-mask",
    "set-output",
    "set-env",
} | {
    "save-state",
    "add-path",
    "add-matcher",
    "remove-matcher",
    "stop-commands",
}


def workflow_commands(output: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands (name, properties, data) that GitHub's runner would obey, by its own rules."""
    return [command for line in re.split(r"\r\n|\r|\n", output) if (command := _new(line) or _legacy(line))]


def obeyed_by_culture(output: str) -> list[tuple[str, dict[str, str], str]]:
    """The same for a runner whose comparisons skip characters without width."""
    kept = (c for c in output if unicodedata.category(c) not in {"Cf", "Mn"} and c != "\0")
    return workflow_commands("".join(kept))


def _new(line: str) -> tuple[str, dict[str, str], str] | None:
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    if name.lower() not in _COMMANDS:
        return None
    pairs = [pair.split("=", 1) for pair in properties.strip().split(",") if pair]
    read = {pair[0]: _unescape(pair[1], {"%3A": ":", "%2C": ","}) for pair in pairs if len(pair) == 2}
    return name, read, _unescape(line[end + 2 :], {})


def _legacy(line: str) -> tuple[str, dict[str, str], str] | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + 3 : end].split(" ")[0]
    return (name, {}, line[end + 1 :]) if name.lower() in _COMMANDS else None


def _unescape(text: str, more: dict[str, str]) -> str:
    for token, character in ({"%0D": "\r", "%0A": "\n"} | more | {"%25": "%"}).items():
        text = text.replace(token, character)
    return text
