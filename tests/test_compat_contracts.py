"""What holds for a message on the wire: its topic's option, over its package's entry, over the section `compat`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format

from schemactl import policychange, policynotes
from schemactl.compat.contract import Contract, Writer
from schemactl.compat.contracts import Contracts
from schemactl.compatsection import CompatPackages, CompatSection, JsonSection
from schemactl.config import ruled
from schemactl.configfile import Profile
from schemactl.effect import DIRECTIONS
from schemactl.schema import schema
from schemactl.tree import Directory
from test_config import load, told

DEFAULTS = CompatSection()
STRICT = CompatSection(encoding="binary", readers="strict", compatibility="backward")
OF_USERS = CompatPackages(("acme.users",), encoding="both", json=JsonSection(field_names="proto"))
OF_V2 = CompatPackages(("acme.users.v2",), readers="tolerant", json=JsonSection(enum_values="number"))


def option(text: str) -> Any:
    return text_format.Parse(text, schema().Topic())


def of(text: str, section: CompatSection = DEFAULTS, profile: Profile | None = None) -> Contract:
    return Contracts(section, profile).of_topic(option(text))


def test_a_topic_that_says_nothing_travels_as_json_to_tolerant_readers_and_back() -> None:
    assert of('name: "acme.users"') == Contract("acme.users", ("json",), ("tolerant",), DIRECTIONS, (Writer(),))
    assert Contracts(CompatSection(), None).of_topic(None) == Contract()


def test_what_a_topic_says_wins_over_the_section() -> None:
    said = "encoding: ENCODING_JSON readers: READERS_IGNORE_UNKNOWN compatibility: COMPATIBILITY_FORWARD"
    found = of(said, STRICT)
    assert (found.encodings, found.readers, found.directions) == (("json",), ("tolerant",), ("forward",))
    left = of("", STRICT)
    assert (left.encodings, left.readers, left.directions) == (("binary",), ("strict",), ("backward",))


@pytest.mark.parametrize("encoding", ["BINARY", "CONFLUENT"])
def test_what_confluent_frames_is_binary(encoding: str) -> None:
    assert of(f"encoding: ENCODING_{encoding}").encodings == ("binary",)


def test_without_compatibility_nothing_has_to_stay_readable() -> None:
    assert of("compatibility: COMPATIBILITY_NONE").directions == ()


def test_a_writer_is_put_together_of_what_topic_and_section_say() -> None:
    section = CompatSection(json=JsonSection("proto", "number", print_defaults=True))
    assert of("json {field_names: FIELD_NAMES_JSON}", section).writers == (Writer(False, True, True),)
    profile = "json {field_names: FIELD_NAMES_PROTO enum_values: ENUM_VALUES_NUMBER print_defaults: true}"
    assert of(profile).writers == (Writer(True, True, True),)


@pytest.mark.parametrize(
    ("said", "profile", "encodings"),
    [
        ("encoding: ENCODING_JSON", "binary", ("json",)),
        ("", "json", ("json",)),
        ("", "both", ("json", "binary")),
        ("", "source", ("binary",)),
    ],
)
def test_a_profile_leaves_alone_what_a_topic_declares(said: str, profile: Profile, encodings: tuple[str, ...]) -> None:
    assert of(said, STRICT, profile).encodings == encodings


def test_entries_of_packages_lie_over_the_section_and_one_another() -> None:
    contracts = Contracts(CompatSection(readers="strict", packages=(OF_USERS, OF_V2)), None)
    assert contracts.of_package("acme.users") == Contract(
        "", ("json", "binary"), ("strict",), DIRECTIONS, (Writer(proto_names=True),)
    )
    assert contracts.of_package("acme.users.v2") == Contract(
        "", ("json", "binary"), ("tolerant",), DIRECTIONS, (Writer(proto_names=True, enum_numbers=True),)
    )
    assert (contracts.of_package("acme.usersextra"), contracts.of_package("")) == (None, None)
    assert contracts.of_topic(option("encoding: ENCODING_BINARY"), "acme.users.v1").encodings == ("binary",)
    assert contracts.of_topic(None, "acme.users.v1").encodings == ("json", "binary")


def test_the_command_line_wins_over_the_entry_of_a_package() -> None:
    found = Contracts(CompatSection(packages=(OF_USERS,)), "json").of_package("acme.users")
    assert found is not None
    assert found.encodings == ("json",)


@pytest.mark.parametrize(
    ("profile", "encodings"),
    [(None, ("json", "binary")), ("json", ("json",)), ("binary", ("binary",)), ("source", ("json", "binary"))],
)
def test_what_nothing_reaches_is_judged_only_when_it_is_asked_for(
    profile: Profile | None, encodings: tuple[str, ...]
) -> None:
    rest = Contracts(STRICT, profile).rest
    assert (rest.encodings, rest.advisory) == (encodings, profile is None)
    assert (rest.readers, rest.directions) == (("strict",), ("backward",))


# --- the section in schemactl.yaml

WRITTEN = """\
compat:
  encoding: binary
  readers: strict
  compatibility: backward
  json: {field_names: proto, enum_values: number, print_defaults: true}
  packages:
  - packages: [acme.users]
    encoding: both
    json: {field_names: proto}
"""


def test_the_section_is_read_with_all_its_keys() -> None:
    json = JsonSection("proto", "number", print_defaults=True)
    assert load({"schemactl.yaml": WRITTEN}).compat == CompatSection("binary", "strict", "backward", json, (OF_USERS,))
    assert load({"schemactl.yaml": "compat:\n  json:\n"}).compat == CompatSection()


def test_the_section_comes_whole_from_the_nearest_file() -> None:
    base = {"base.yaml": "compat: {encoding: binary, readers: strict}\n"}
    assert load({"schemactl.yaml": "extends: [base.yaml]\n", **base}).compat.encoding == "binary"
    own = load({"schemactl.yaml": "extends: [base.yaml]\ncompat: {compatibility: none}\n", **base})
    assert own.compat == CompatSection(compatibility="none")


def test_it_is_policy_of_the_base_and_a_change_of_it_is_told(tmp_path: Path) -> None:
    was, now = load({"schemactl.yaml": WRITTEN}), load({"schemactl.yaml": "compat: {compatibility: none}\n"})
    tree = Directory(tmp_path, None)
    assert ruled(now, was).compat == was.compat
    (finding,) = policychange.told((was, tree), (now, tree), "main")
    assert finding.message == "the policy in schemactl.yaml differs from that of main: compat"
    assert policychange.told((was, tree), (was, tree), "main") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("compat: {encoding: xml}\n", "schemactl.yaml:1:20: `compat.encoding` should be one of"),
        ("compat: {packages: [{encoding: json}]}\n", "schemactl.yaml:1:21: `compat.packages.packages` is missing"),
        ("compat: {packages: [{packages: []}]}\n", "schemactl.yaml:1:22: an entry should name its packages"),
        ("compat: {packages: [{packages: ['acme.*']}]}\n", "schemactl.yaml:1:33: `acme.*` is not a package"),
    ],
)
def test_mistakes_are_told_in_their_place(text: str, message: str) -> None:
    assert any(line.startswith(message) for line in told(text)), told(text)


def test_an_entry_for_packages_that_are_not_there_is_told() -> None:
    text = "compat: {packages: [{packages: [acme.users, acme.usres]}]}\n"
    of_file, of_package = load({"schemactl.yaml": text}), load({"schemactl.yaml": "extends: [acme]\n"}, acme=text)
    (finding,) = policynotes.unmatched(of_file, (), lambda: ["acme.users.v1"])
    assert finding.message == (
        "schemactl.yaml says how the package `acme.usres` travels, and no file is of it, or of one in it"
    )
    assert policynotes.unmatched(of_file, (), None) == []
    assert policynotes.unmatched(of_package, (), lambda: ["acme.users.v1"]) == []
