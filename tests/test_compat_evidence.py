"""Evidence: what is shown to go wrong has really gone wrong, and what cannot be shown says why."""

from __future__ import annotations

import gc
import json
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from rule_runs import compiled
from schemactl.compat import verdict
from schemactl.compat.change import Change, Root
from schemactl.compat.contract import Contract, Writer
from schemactl.compat.evidence import Evidences
from schemactl.compat.types import Types
from schemactl.effect import HARM, Effect, Evidence
from schemactl.image import Image

PROTO3 = 'syntax = "proto3"; package acme.v1;\n'
PROTO2 = 'syntax = "proto2"; package acme.v1;\n'
EDITION = 'edition = "2023"; package acme.v1;\n'
NAME, ROOT = "acme/v1/user.proto", "acme.v1.M"
WELL_KNOWN = "".join(f'import "google/protobuf/{name}.proto";\n' for name in ("any", "timestamp", "wrappers"))


class Play:
    """Two schemas, and all that changed between them in a message."""

    def __init__(self, old: Image, new: Image, root: str = ROOT, writer: Writer | None = None) -> None:
        self.old, self.new = old, new
        contract = Contract("acme.users", ("json", "binary"), ("tolerant", "strict"), writers=(writer or Writer(),))
        self.changes = verdict.changes(Types(old), Types(new), verdict.Scope([Root(root, root, contract)]))
        self._evidences = Evidences(old, new)

    def change(self, rule: str, element: str = "") -> Change:
        (found,) = (each for each in self.changes if each.rule == rule and each.element.endswith(element))
        return found

    def of(self, change: Change, effects: Iterable[Effect] | None = None) -> Evidence | str:
        chosen = [each for each in change.effects if each.effect in HARM] if effects is None else effects
        return self._evidences.of(change, list(chosen))

    def prove(self, rule: str, cell: str, element: str = "") -> Evidence | str:
        change = self.change(rule, element)
        (effect,) = (each for each in change.effects if cell == f"{each.direction} {each.encoding} {each.readers}")
        return self.of(change, [effect])


def play_of(workspace: Path, old: str, new: str, head: str = PROTO3, writer: Writer | None = None) -> Play:
    old_image, new_image = (compiled({NAME: head + text}, workspace) for text in (old, new))
    return Play(old_image, new_image, writer=writer)


def shown(found: Evidence | str) -> tuple[str, str, str]:
    assert isinstance(found, Evidence), found
    return found.effect, found.wire, found.read


def holding(field: str) -> str:
    types = "enum E { E_UNSPECIFIED = 0; E_A = 1; } message N { string key = 1; string value = 2; }"
    return f"{WELL_KNOWN}{types} message M {{ {field} }}"


TYPE = "FIELD_TYPE_CHANGED"
ROWS = [
    ("int32 v = 1;", "int64 v = 1;", TYPE, "forward json tolerant", "error", '{"v":"2147483648"}',
     "ParseError: Failed to parse v field: Value out of range: 2147483648."),
    ("int32 v = 1;", "int64 v = 1;", TYPE, "forward binary tolerant", "wrong", "088080808008",
     '{"v":-2147483648} instead of {"v":"2147483648"}'),
    ("int32 v = 1;", "sint32 v = 1;", TYPE, "backward binary tolerant", "wrong", "0801",
     '{"v":-1} instead of {"v":1}'),
    ("int32 v = 1;", "bool v = 1;", TYPE, "backward binary tolerant", "wrong", "0802",
     '{"v":true} instead of {"v":2}'),
    ("uint32 v = 1;", "double v = 1;", TYPE, "forward json tolerant", "error", '{"v":0.5}',
     "ParseError: Failed to parse v field: Couldn't parse integer: 0.5 at M.v."),
    ("repeated int32 v = 1;", "repeated float v = 1;", TYPE, "forward json tolerant", "error", '{"v":[0.5]}',
     "ParseError: "),
    ("int32 v = 1;", "uint32 v = 1;", TYPE, "backward json tolerant", "error", '{"v":-1}', "ParseError: "),
    ("bytes v = 1;", "string v = 1;", TYPE, "backward json tolerant", "wrong", '{"v":"aGVsbG8="}',
     '{"v":"aGVsbG8="} as string instead of bytes'),
    ("bytes v = 1;", "string v = 1;", TYPE, "backward binary tolerant", "error", "0a0369b71d", "DecodeError: "),
    ("E v = 1;", "string v = 1;", TYPE, "forward json tolerant", "default", '{"v":"x"}', "{}"),
    ("map<string, int32> v = 1;", "map<string, int64> v = 1;", TYPE, "forward json tolerant", "error",
     '{"v":{"x":"2147483648"}}', "ParseError: "),
    ("int64 v = 1;", "google.protobuf.Timestamp v = 1;", TYPE, "forward json tolerant", "error",
     '{"v":"1970-01-01T00:00:01Z"}', "ParseError: "),
    ("string v = 1;", "google.protobuf.Timestamp v = 1;", TYPE, "backward json tolerant", "error", '{"v":"x"}',
     "ParseError: "),
    ("google.protobuf.Int32Value v = 1;", "google.protobuf.Int64Value v = 1;", TYPE, "forward binary tolerant",
     "wrong", "0a06088080808008", '{"v":-2147483648} instead of {"v":"2147483648"}'),
    ("google.protobuf.StringValue v = 1;", "google.protobuf.BytesValue v = 1;", TYPE, "forward json tolerant",
     "wrong", '{"v":"aGVsbG8="}', '{"v":"aGVsbG8="} as google.protobuf.StringValue instead of '),
    ("string v = 1;", "repeated string v = 1;", "FIELD_CARDINALITY_CHANGED", "forward binary tolerant", "wrong",
     "0a01780a0975736572206e616d65", '{"v":"user name"} instead of {"v":["x","user name"]}'),
    ("int32 v = 1;", "repeated int32 v = 1;", "FIELD_CARDINALITY_CHANGED", "forward binary tolerant", "default",
     "0a0101", '{} instead of {"v":[1]}'),
    ("map<string, string> v = 1;", "repeated N v = 1;", "FIELD_CARDINALITY_CHANGED", "forward binary tolerant",
     "wrong", "0a000a00", '{"v":{"":""}} instead of {"v":[{},{}]}'),
    ("string v = 1;", "string w = 1;", "FIELD_RENAMED", "backward json tolerant", "default", '{"v":"x"}', "{}"),
    ("string v = 1;", "string w = 1;", "FIELD_RENAMED", "forward json strict", "error", '{"w":"x"}',
     'ParseError: Message type "acme.v1.M" has no field named "w" at "M".'),
    ("string v = 1;", "string v = 2;", "FIELD_RENUMBERED", "backward binary tolerant", "default", "0a0178",
     '{} instead of {"v":"x"}'),
    ("int32 v = 1;", "reserved 1; int64 v = 2;", "JSON_NAME_REUSED", "backward json tolerant", "wrong",
     '{"v":1}', '{"v":"1"} in field 2 instead of 1'),
    ("string given_name = 3;", 'string label = 9 [json_name = "givenName"];', "JSON_NAME_REUSED",
     "backward json tolerant", "wrong", '{"givenName":"x"}', '{"givenName":"x"} as label instead of given_name'),
    ("int32 given_name = 3;", 'int64 label = 9 [json_name = "givenName"];', "JSON_NAME_REUSED",
     "backward json tolerant", "wrong", '{"givenName":1}', '{"givenName":"1"} as label instead of given_name'),
    ("string given_name = 3;", 'int32 label = 9 [json_name = "givenName"];', "JSON_NAME_REUSED",
     "backward json tolerant", "error", '{"givenName":"x"}', "ParseError: Failed to parse givenName field: "),
    ("string v = 1;", 'string w = 1; reserved "v";', "NUMBER_REUSED", "backward binary tolerant", "wrong",
     "0a0178", '{"w":"x"} instead of {"v":"x"}'),
    ("", "N v = 1;", "FIELD_ADDED", "forward json strict", "error", '{"v":{}}',
     'ParseError: Message type "acme.v1.M" has no field named "v" at "M".'),
    ("optional int32 v = 1;", "int32 v = 1;", "OPTIONAL_TO_IMPLICIT", "forward json tolerant", "default", "{}",
     '{} instead of {"v":0}'),
    ("string v = 1; string w = 2;", "oneof o { string v = 1; string w = 2; }", "FIELD_ONEOF_CHANGED v",
     "backward json tolerant", "error", '{"v":"x","w":"x"}', "ParseError: "),
    ("string v = 1; string w = 2;", "oneof o { string v = 1; string w = 2; }", "FIELD_ONEOF_CHANGED w",
     "backward binary tolerant", "default", "0a0178120178", '{"w":"x"} instead of {"v":"x","w":"x"}'),
]  # fmt: skip


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, Image]:
    """All rows in one image on either side, each in a package of its own."""
    workspace = tmp_path_factory.mktemp("rows")
    files: tuple[dict[str, str], dict[str, str]] = {}, {}
    for number, row in enumerate(ROWS):
        for side, field in zip(files, row, strict=False):
            side[f"acme/v{number}/user.proto"] = PROTO3.replace("v1", f"v{number}") + holding(field)
    return compiled(files[0], workspace), compiled(files[1], workspace)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{row[0]} {row[1]} {row[3]}" for row in ROWS])
def test_a_change_of_a_field_is_shown_by_what_one_side_writes_and_the_other_reads(
    sides: tuple[Image, Image], number: int
) -> None:
    _, _, name, cell, effect, wire, read = ROWS[number]
    rule, _, element = name.partition(" ")
    play = Play(*sides, root=f"acme.v{number}.M")
    found = play.prove(rule, cell, element)
    assert isinstance(found, Evidence), found
    told = found.read.replace(f"acme.v{number}.", "acme.v1.")
    assert (found.effect, found.wire) == (effect, wire)
    assert told == read or (read.endswith((": ", "of ")) and told.startswith(read))
    assert again(play, found) == re.split(" instead of | in field | as ", found.read)[0]


def again(play: Play, found: Evidence) -> str:
    """What comes out when somebody else decodes the message of the evidence."""
    from google.protobuf import descriptor_pool, json_format, message_factory

    image = play.new if found.direction == "backward" else play.old
    assert found.wrote == ("base" if found.direction == "backward" else "head")
    pool: Any = descriptor_pool.DescriptorPool()
    left = dict(image.descriptors)
    while left:
        for name in list(left):
            try:
                pool.AddSerializedFile(left[name])
            except TypeError:  # what it imports is still to come
                continue
            del left[name]
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName(found.message))()
    try:
        if found.encoding == "json":
            tolerant = found.readers == "tolerant"
            json_format.Parse(found.wire, message, ignore_unknown_fields=tolerant, descriptor_pool=pool)
        else:
            message.ParseFromString(bytes.fromhex(found.wire))
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return json.dumps(json_format.MessageToDict(message, descriptor_pool=pool), separators=(",", ":"))


HELD = [
    ("E v = 1;", '{"n":{"v":"B"}}', '{"n":{}}'),
    ("optional E v = 1;", '{"n":{"v":"B"}}', '{"n":{}}'),
    ("repeated E v = 1;", '{"n":{"v":["B"]}}', '{"n":{}}'),
    ("map<int32, E> v = 1;", '{"n":{"v":{"1":"B"}}}', '{"n":{}}'),
    ("oneof o { E v = 1; }", '{"n":{"v":"B"}}', '{"n":{}}'),
]


@pytest.mark.parametrize(("field", "wire", "read"), HELD)
def test_a_new_enum_value_is_lost_on_tolerant_readers_and_refused_by_strict_ones(
    tmp_path: Path, field: str, wire: str, read: str
) -> None:
    text = "enum E {{ A = 0; {} }} message N {{ {} }} message M {{ N n = 1; }}"
    play = play_of(tmp_path, text.format("", field), text.format("B = 1;", field))
    assert shown(play.prove("ENUM_VALUE_ADDED", "forward json tolerant")) == ("default", wire, read)
    effect, strict, error = shown(play.prove("ENUM_VALUE_ADDED", "forward json strict"))
    assert (effect, strict) == ("error", wire)
    assert "Invalid enum value B for enum type acme.v1.E" in error


def test_a_value_of_an_enum_with_another_number_is_another_value(tmp_path: Path) -> None:
    text = "enum E {{ Z = 0; A = {}; B = {}; }} message M {{ repeated E v = 1; }}"
    play = play_of(tmp_path, text.format(1, 2), text.format(2, 1))
    found = shown(play.prove("ENUM_VALUE_RENUMBERED", "backward binary tolerant", ".A"))
    assert found == ("wrong", "0a0101", '{"v":["B"]} instead of {"v":["A"]}')


def test_the_way_leads_through_maps_and_oneofs_and_repeated_messages(tmp_path: Path) -> None:
    text = """message M {{ map<string, N> n = 1; }} message N {{ oneof o {{ O x = 1; string y = 2; }} }}
      message O {{ repeated P p = 1; }} message P {{ string {} = 1; M again = 2; }}"""
    play = play_of(tmp_path, text.format("a"), text.format("b"))
    found = shown(play.prove("FIELD_RENAMED", "backward json tolerant"))
    assert found == ("default", '{"n":{"x":{"x":{"p":[{"a":"x"}]}}}}', '{"n":{"x":{"x":{"p":[{}]}}}}')


NESTED = [
    ("P p = 1;", '{"p":{}} instead of {"p":{"age":0}}'),
    ("repeated P p = 1;", '{"p":[{}]} instead of {"p":[{"age":0}]}'),
    ("map<string, P> p = 1;", '{"p":{"x":{}}} instead of {"p":{"x":{"age":0}}}'),
    ("Q q = 1;", '{"q":{"inner":{}}} instead of {"q":{"inner":{"age":0}}}'),
]


@pytest.mark.parametrize(("field", "read"), NESTED)
def test_a_default_that_does_not_show_is_told_without_the_rest_of_the_message(
    tmp_path: Path, field: str, read: str
) -> None:
    text = """message M {{ {} int32 total = 8; repeated string tags = 9; }} message Q {{ P inner = 1; P other = 2; }}
      message P {{ string name = 1; {} int32 age = 2; }}"""
    play = play_of(tmp_path, text.format(field, "optional"), text.format(field, ""))
    for encoding in ("json", "binary"):
        assert shown(play.prove("OPTIONAL_TO_IMPLICIT", f"forward {encoding} tolerant"))[2] == read


def test_an_error_that_was_wrapped_ends_with_one_full_stop(tmp_path: Path) -> None:
    text = "message M {{ N n = 1; }} message N {{ {} v = 1; }}"
    play = play_of(tmp_path, text.format("int32"), text.format("int64"))
    error = shown(play.prove(TYPE, "forward json tolerant", "v"))[2]
    assert error == "ParseError: Failed to parse n field: Failed to parse v field: Value out of range: 2147483648."


def test_of_a_field_that_was_reserved_the_base_writes_nothing(tmp_path: Path) -> None:
    play = play_of(tmp_path, 'message M { reserved 1; reserved "v"; }', "message M { string v = 1; }")
    reason = play.prove("NUMBER_REUSED", "backward binary tolerant")
    assert reason == "the base has no such field: what wrote it is neither of the two"


def test_what_is_required_and_not_sent_is_an_error_though_python_decodes_it(tmp_path: Path) -> None:
    text = "message M {{ repeated N n = 1; }} message N {{ required string a = 1; {} }}"
    play = play_of(tmp_path, text.format(""), text.format("required int32 b = 2;"), PROTO2)
    found = shown(play.prove("REQUIRED_FIELD_ADDED", "backward json tolerant"))
    assert found == ("error", '{"n":[{"a":""}]}', "not initialized, missing: n[0].b")
    assert shown(play.prove("REQUIRED_FIELD_ADDED", "backward binary tolerant"))[1] == "0a020a00"


def test_an_unset_field_has_the_default_of_who_reads_it(tmp_path: Path) -> None:
    text = "message M {{ optional int32 a = 1 [default = {}]; }}"
    play = play_of(tmp_path, text.format(5), text.format(6), PROTO2)
    found = shown(play.prove("FIELD_DEFAULT_CHANGED", "backward json tolerant"))
    assert found == ("wrong", "{}", "{} where a is 6 instead of 5")


def test_groups_extensions_and_delimited_fields_are_tried_as_any_other(tmp_path: Path) -> None:
    group = "message M {{ optional group G = 1 {{ optional {} a = 1; }} }}"
    play = play_of(tmp_path, group.format("int32"), group.format("string"), PROTO2)
    found = shown(play.prove(TYPE, "backward binary tolerant", "a"))
    assert found == ("default", "0b08010c", '{"g":{}} instead of {"g":{"a":1}}')

    extended = """message M {{ extensions 100 to 200; }} message N {{ optional string {} = 1; }}
      extend M {{ optional {} x = 100; optional N n = 101; }}"""
    play = play_of(tmp_path, extended.format("s", "int32"), extended.format("t", "string"), PROTO2)
    assert shown(play.prove(TYPE, "backward json tolerant", "x"))[:2] == ("error", '{"[acme.v1.x]":1}')
    found = shown(play.prove("FIELD_RENAMED", "backward json tolerant", "t"))
    assert found == ("default", '{"[acme.v1.n]":{"s":"x"}}', '{"[acme.v1.n]":{}}')

    edition = "message M {{ N n = 1 {}; }} message N {{ int32 a = 1; }}"
    delimited = "[features.message_encoding = DELIMITED]"
    play = play_of(tmp_path, edition.format(""), edition.format(delimited), EDITION)
    found = shown(play.prove(TYPE, "forward binary tolerant", "n"))
    assert found == ("default", "0b0c", '{} instead of {"n":{}}')


STRANGE = [
    ("optional int32 a = 100;", "optional string a = 100;", TYPE, "backward json tolerant", '{"[acme.ext.X.a]":1}'),
    ("optional int32 a = 100;", "optional string a = 100;", TYPE, "backward binary tolerant", "a00601"),
    ("", "optional string a = 100;", "FIELD_ADDED", "forward json strict", '{"[acme.ext.X.a]":"x"}'),
    ("optional X a = 100;", "optional X b = 100;", "FIELD_RENAMED", "forward json strict", '{"[acme.ext.X.b]":{}}'),
    ("repeated N a = 100; } message N { optional int32 b = 1;",
     "repeated N a = 100; } message N { optional int32 c = 1;",
     "FIELD_RENAMED", "backward json tolerant", '{"[acme.ext.X.a]":[{"b":1}]}'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "cell", "wire"), STRANGE)
def test_extensions_in_files_that_the_message_knows_nothing_of_are_tried(
    tmp_path: Path, old: str, new: str, rule: str, cell: str, wire: str
) -> None:
    head = 'syntax = "proto2"; package acme.ext; import "acme/v1/user.proto";'
    ext = f"{head} message X {{ extend acme.v1.M {{ optional int32 still = 150; %s }} }}"
    user = {NAME: PROTO2 + "message M { extensions 100 to 200; }"}
    before, after = (compiled({**user, "acme/ext/x.proto": ext % text}, tmp_path) for text in (old, new))
    play = Play(before, after)
    found = play.prove(rule, cell)
    assert shown(found)[1] == wire
    assert isinstance(found, Evidence)
    assert again(play, found) == found.read.partition(" instead of ")[0]


def test_a_closed_enum_drops_a_number_that_an_open_one_holds(tmp_path: Path) -> None:
    text = "message M {{ E v = 1; }} enum E {{ option features.enum_type = {}; A = 0; }}"
    play = play_of(tmp_path, text.format("OPEN"), text.format("CLOSED"), EDITION)
    found = shown(play.prove("ENUM_OPENNESS_CHANGED", "backward binary tolerant"))
    assert found == ("default", "0801", '{} instead of {"v":1}')


def test_a_message_that_is_gone_is_not_found_in_an_any(tmp_path: Path) -> None:
    text = WELL_KNOWN + "message M { repeated google.protobuf.Any v = 1; }"
    play = play_of(tmp_path, text + "message X {}", text)
    effect, wire, read = shown(play.prove("ANY_TYPE_REMOVED", "backward json tolerant"))
    assert (effect, wire) == ("error", '{"v":[{"@type":"type.googleapis.com/acme.v1.X"}]}')
    assert read.endswith("Can not find message descriptor by type_url: type.googleapis.com/acme.v1.X at M.v[0].")
    effect, wire, read = shown(play.prove("ANY_TYPE_REMOVED", "backward binary tolerant"))
    assert (effect, b"acme.v1.X" in bytes.fromhex(wire)) == ("error", True)
    assert read == "TypeError: Can not find message descriptor by type_url: type.googleapis.com/acme.v1.X"


def test_writers_print_as_their_contract_says(tmp_path: Path) -> None:
    old, new = "message M { string user_id = 1; }", 'message M { string ident = 1 [json_name = "userId"]; }'
    play = play_of(tmp_path, old, new, writer=Writer(proto_names=True))
    assert shown(play.prove("FIELD_RENAMED", "backward json tolerant")) == ("default", '{"user_id":"x"}', "{}")

    text = "enum E {{ Z = 0; A = {}; }} message M {{ E v = 1; }}"
    play = play_of(tmp_path, text.format(1), text.format(2), writer=Writer(enum_numbers=True))
    found = shown(play.prove("ENUM_VALUE_RENUMBERED", "backward json tolerant"))
    assert found == ("wrong", '{"v":1}', '{"v":1} instead of {"v":"A"}')

    text = "enum E {{ {} = 0; }} message M {{ E v = 1; }}"
    play = play_of(tmp_path, text.format("A"), text.format("B"), writer=Writer(print_defaults=True))
    assert shown(play.prove("ENUM_VALUE_RENAMED", "backward json strict"))[:2] == ("error", '{"v":"A"}')


def test_the_worst_that_everybody_meets_is_shown_first(tmp_path: Path) -> None:
    play = play_of(tmp_path, "message M { string v = 1; }", "message M { reserved 1; int32 v = 2; }")
    found = play.of(play.change("JSON_NAME_REUSED"))
    assert isinstance(found, Evidence)
    assert (found.direction, found.encoding, found.readers, found.effect) == ("forward", "json", "tolerant", "error")
    assert found.message == ROOT
    assert found.library.startswith("Python protobuf ")

    play = play_of(tmp_path, "message M { string v = 1; }", "message M { string w = 1; }")
    found = play.of(play.change("FIELD_RENAMED"))
    assert isinstance(found, Evidence)
    assert (found.readers, found.effect) == ("strict", "error")


def test_what_another_change_breaks_proves_nothing(tmp_path: Path) -> None:
    both = "string b = 2; string c = 3;"
    play = play_of(tmp_path, "message M {}", f"message M {{ {both} }}", writer=Writer(print_defaults=True))
    for name in ("b", "c"):
        assert f'no field named "{name}"' in shown(play.prove("FIELD_ADDED", "forward json strict", name))[2]

    old, new = (
        "message M { N n = 1; } message N { string a = 1; }",
        "message M { N m = 1; } message N { string b = 1; }",
    )
    play = play_of(tmp_path, old, new)
    reason = play.prove("FIELD_RENAMED", "backward json tolerant", ".b")
    assert reason == "what else changed breaks each message that was tried"


def test_harm_that_pythons_reader_does_not_know_is_no_evidence(tmp_path: Path) -> None:
    text = "message M {{ string v = 1 {}; }}"
    play = play_of(tmp_path, text.format("[features.utf8_validation = NONE]"), text.format(""), EDITION)
    reason = play.prove(TYPE, "backward binary tolerant")
    assert isinstance(reason, str)
    assert reason.endswith(
        "messages were tried, and Python's reader shows it for none; readers in other languages may show it"
    )


def test_a_search_that_was_cut_short_says_so(tmp_path: Path) -> None:
    fields = "".join(f"int32 f{number} = {number};" for number in range(1, 20))
    text = f"message N {{ {fields} }} message M {{ N v = 1; }}"
    play = play_of(tmp_path, text, text.replace("N v", "N w"))
    change = play.change("FIELD_RENAMED")
    (judged,) = change.judged
    effect = Effect("backward", "binary", "tolerant", "error", "all")
    claimed = Change(**{**vars(change), "judged": (judged._replace(effects=(effect,)),)})
    assert (
        play.of(claimed, [effect])
        == "64 messages were tried, and Python's reader shows it for none; there are more to try"
    )


def test_a_change_that_no_root_reaches_has_no_evidence(tmp_path: Path) -> None:
    play = play_of(tmp_path, "message M { string v = 1; }", "message M { string w = 1; }")
    change = Change(**{**vars(play.change("FIELD_RENAMED")), "judged": ()})
    effects = [Effect("backward", "json", "tolerant", "default", "all")]
    assert play.of(change, effects) == "the change is met through no field of a message that travels"


def test_only_what_the_message_needs_is_loaded(tmp_path: Path) -> None:
    play = play_of(tmp_path, "message M { string v = 1; }", "message M { string w = 1; }")
    change = play.change("FIELD_RENAMED")
    sides = (
        Image({**each.descriptors, "acme/v1/other.proto": b"\xff\xff"}, each.targets) for each in (play.old, play.new)
    )
    assert isinstance(Evidences(*sides).of(change, change.effects), Evidence)


class Counted(Mapping[str, bytes]):
    """Descriptors that know how often they were read."""

    def __init__(self, descriptors: Mapping[str, bytes]) -> None:
        self._descriptors, self.reads = descriptors, 0

    def __getitem__(self, name: str) -> bytes:
        self.reads += 1
        return self._descriptors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._descriptors)

    def __len__(self) -> int:
        return len(self._descriptors)


def test_what_was_loaded_serves_all_findings_and_goes_with_the_comparison(tmp_path: Path) -> None:
    fields = " ".join(f"string f{number} = {number};" for number in range(1, 41))
    text = WELL_KNOWN + "message M {{ {} google.protobuf.Any any = 99; }} {}"
    play = play_of(tmp_path, text.format(fields, "message X {}"), text.format(fields.replace(" f", " g"), ""))
    old, new = Counted(play.old.descriptors), Counted(play.new.descriptors)
    evidences = Evidences(Image(old, play.old.targets), Image(new, play.new.targets))
    gone = play.change("ANY_TYPE_REMOVED")
    reads = []
    for change in [gone, *play.changes, gone]:
        binary = [each for each in change.effects if each.encoding == "binary"] if change is gone else change.effects
        assert isinstance(evidences.of(change, binary), Evidence)
        reads.append((old.reads, new.reads))
    assert len(reads) == 43
    assert reads[0] == reads[-1]

    assert evidences._sides
    classes = [weakref.ref(type(each.new(ROOT))) for each in evidences._sides]
    del evidences
    gc.collect()
    assert [each() for each in classes] == [None, None]


@pytest.mark.parametrize("broken", [b"\xff\xff", b"\x0a\x12acme/v1/user.proto\x12\x07acme.v1\x22\x03\x0a\x01N"])
def test_a_side_that_cannot_be_loaded_is_a_reason(tmp_path: Path, broken: bytes) -> None:
    play = play_of(tmp_path, "message M { string v = 1; }", "message M { string w = 1; }")
    change = play.change("FIELD_RENAMED")
    evidences = Evidences(play.old, Image({NAME: broken}, (NAME,)))
    first, second = evidences.of(change, change.effects), evidences.of(change, change.effects)
    assert first == second
    assert isinstance(first, str)
    assert "DecodeError" in first or first == "the head has no `acme.v1.M`"


@pytest.mark.parametrize(
    ("head", "old", "new"),
    [
        (PROTO2, "message M { required M m = 1; optional int32 v = 2; }", "message M { required M m = 1; }"),
        (PROTO3, "message M { string HasField = 1; }", "message M { string Clear = 1; int32 SerializeToString = 2; }"),
        (PROTO3, "message M { string DESCRIPTOR = 1; }", "message M { string ListFields = 1; string Extensions = 2; }"),
        (PROTO3, "message M { M a = 1; M b = 2; }", "message M { oneof c { M a = 1; M b = 2; } repeated M d = 3; }"),
        (PROTO3, f"message M {{ {'N' * 5000} a = 1; }} message {'N' * 5000} {{}}", "message M { string a = 1; }"),
    ],
)
def test_no_schema_stops_the_verdict(tmp_path: Path, head: str, old: str, new: str) -> None:
    play = play_of(tmp_path, old, new, head)
    assert play.changes
    for change in play.changes:
        for effect in change.effects:
            assert isinstance(play.of(change, [effect]), Evidence | str)


def test_what_lies_deeper_than_readers_go_is_not_tried(tmp_path: Path) -> None:
    chain = " ".join(f"message N{number} {{ N{number + 1} n = 1; }}" for number in range(60))
    text = "message M {{ N0 n = 1; }} {} message N60 {{ string {} = 1; }}"
    play = play_of(tmp_path, text.format(chain, "a"), text.format(chain, "b"))
    reason = play.of(play.change("FIELD_RENAMED"))
    assert reason == "what changed lies 61 messages deep, which no library reads"
