"""presence.py: which release between a base and the head did without a field."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from schemactl.compat.presence import Releases
from schemactl.image import Image


def image(*fields: tuple[str, int], values: Mapping[str, int] | None = None, file: str = "a.proto") -> Image:
    proto = FileDescriptorProto(name=file, package="acme.v1", syntax="proto3")
    outer = proto.message_type.add(name="Outer")
    inner = outer.nested_type.add(name="User")
    for name, number in fields:
        inner.field.add(name=name, number=number, json_name=name.upper())
    enum = outer.enum_type.add(name="Kind")
    for name, number in (values or {"NONE": 0}).items():
        enum.value.add(name=name, number=number)
    return Image({file: proto.SerializeToString()}, (file,))


USER, KIND = "acme.v1.Outer.User", "acme.v1.Outer.Kind"


@pytest.fixture
def known() -> Releases:
    releases = Releases()
    releases.add("v4", image(("name", 1), ("mail", 2)), ["a.proto"])
    releases.add("v3", image(("name", 1)), ["a.proto"])
    releases.add("v2", image(("name", 1)), ["a.proto"])
    return releases


def test_the_release_nearest_to_the_base_is_told(known: Releases) -> None:
    assert known.gone_number(USER, 2) == "v2"
    assert known.gone_name(USER, "MAIL") == "v2"


def test_what_every_release_had_is_not_gone(known: Releases) -> None:
    assert known.gone_number(USER, 1) is None
    assert known.gone_name(USER, "NAME") is None
    assert known.gone_name(USER, "name") is None


def test_a_message_that_no_release_had_is_not_missed(known: Releases) -> None:
    assert known.gone_number("acme.v1.User", 1) is None


def test_a_release_that_is_added_later_is_seen(known: Releases) -> None:
    assert known.gone_number(USER, 1) is None
    known.add("v1", image(("mail", 2), file="b.proto"), ["b.proto", "gone.proto"])
    assert known.gone_number(USER, 1) == "v1"
    assert known.gone_number(USER, 2) == "v2"


def test_values_of_enums_are_known_too() -> None:
    releases = Releases()
    releases.add("v2", image(values={"NONE": 0, "SOME": 2}), ["a.proto"])
    assert releases.gone_number(KIND, 1) == "v2"
    assert releases.gone_number(KIND, 2) is None
    assert releases.gone_name(KIND, "MORE") == "v2"


def test_files_that_are_not_in_play_are_not_looked_at() -> None:
    releases = Releases()
    releases.add("v2", image(("name", 1)), [])
    assert releases.gone_number(USER, 2) is None
