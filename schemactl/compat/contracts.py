"""Which contract holds for a message: what its topic says, over its package's entry, over the section `compat`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from schemactl.compat.contract import Contract, Writer
from schemactl.compatsection import Compatibility, CompatPackages, CompatSection, JsonSection, Wire
from schemactl.configfile import Profile
from schemactl.effect import DIRECTIONS, ENCODINGS, Direction, Encoding, Readers

Form = Wire | Literal["confluent"]

_FORMS: Mapping[int, Form] = {1: "json", 2: "binary", 3: "confluent"}
_READERS: Mapping[int, Readers] = {1: "tolerant", 2: "strict"}
_COMPATIBILITY: Mapping[int, Compatibility] = {1: "full", 2: "backward", 3: "forward", 4: "none"}
# What Confluent's serializers put before a message leaves its bytes as they are.
_ON_WIRE: Mapping[Form, tuple[Encoding, ...]] = {
    "json": ("json",),
    "binary": ("binary",),
    "confluent": ("binary",),
    "both": ENCODINGS,
}
_DIRECTIONS: Mapping[Compatibility, tuple[Direction, ...]] = {
    "full": DIRECTIONS,
    "backward": ("backward",),
    "forward": ("forward",),
    "none": (),
}


class Terms(NamedTuple):
    """How messages travel, in the words of the configuration."""

    form: Form
    readers: Readers
    compatibility: Compatibility
    writer: Writer

    @property
    def encodings(self) -> tuple[Encoding, ...]:
        return _ON_WIRE[self.form]

    @property
    def directions(self) -> tuple[Direction, ...]:
        return _DIRECTIONS[self.compatibility]


def terms(section: CompatSection, package: str) -> Terms:
    """What holds in a package where a topic says nothing of its own."""
    found = Terms(section.encoding, section.readers, section.compatibility, _printed(section.json, Writer()))
    for entry in section.packages:
        if _holds(entry, package):
            found = Terms(
                entry.encoding or found.form,
                entry.readers or found.readers,
                entry.compatibility or found.compatibility,
                _printed(entry.json, found.writer),
            )
    return found


def declared(option: Any | None, otherwise: Terms) -> Terms:
    """What a topic's option says, and the rest as `otherwise`; a bool cannot say `false`, so it only ever adds."""
    if option is None:
        return otherwise
    said, before = option.json, otherwise.writer
    return Terms(
        _FORMS.get(option.encoding, otherwise.form),
        _READERS.get(option.readers, otherwise.readers),
        _COMPATIBILITY.get(option.compatibility, otherwise.compatibility),
        Writer(
            said.field_names == _SECOND if said.field_names else before.proto_names,
            said.enum_values == _SECOND if said.enum_values else before.enum_numbers,
            said.print_defaults or before.print_defaults,
        ),
    )


_SECOND = 2  # FIELD_NAMES_PROTO, ENUM_VALUES_NUMBER


def _holds(entry: CompatPackages, package: str) -> bool:
    return any(package == outer or package.startswith(f"{outer}.") for outer in entry.packages)


def _printed(section: JsonSection, before: Writer) -> Writer:
    return Writer(
        section.field_names == "proto" if section.field_names else before.proto_names,
        section.enum_values == "number" if section.enum_values else before.enum_numbers,
        before.print_defaults if section.print_defaults is None else section.print_defaults,
    )


class Contracts:
    """The contracts of one run; `profile` is the command line's, and leaves alone what a topic says of its encoding.

    `guarded` are the encodings that the configured rules are about. `gone` says of a topic's option whether none of the
    base's data can still be there.
    """

    def __init__(
        self,
        section: CompatSection,
        profile: Profile | None,
        guarded: tuple[Encoding, ...] = ENCODINGS,
        gone: Callable[[Any], bool] = lambda option: False,
    ) -> None:
        self.gone = gone
        self._guarded = guarded
        self.section = section
        self._asked = profile is not None
        self._profile: Wire | None = None if profile == "source" else profile

    def of_topic(self, option: Any | None, package: str = "") -> Contract:
        """Of a message with the option, or of an envelope without."""
        return _contract(declared(option, self._terms(package)), option.name if option is not None else "")

    def of_package(self, package: str) -> Contract | None:
        """Of every message of the package, where the configuration has an entry for it."""
        if not any(_holds(entry, package) for entry in self.section.packages):
            return None
        return _contract(self._terms(package))

    @property
    def rest(self) -> Contract:
        """Of what no topic, envelope or entry reaches."""
        found = _contract(terms(self.section, "")._replace(form=self._profile or "both"), advisory=not self._asked)
        return found if self._asked else msgspec.structs.replace(found, encodings=self._guarded)

    def _terms(self, package: str) -> Terms:
        found = terms(self.section, package)
        return found._replace(form=self._profile or found.form)


def _contract(found: Terms, topic: str = "", *, advisory: bool = False) -> Contract:
    return Contract(topic, found.encodings, (found.readers,), found.directions, (found.writer,), advisory)


_OF_JSON, _OF_BINARY = {"FIELD_SAME_JSON_NAME", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"}, {"FIELD_WIRE_COMPATIBLE_TYPE"}


def guarded(rules: Collection[str]) -> tuple[Encoding, ...]:
    """The encodings that the breaking rules are about; both, where they are about neither."""
    found = [not _OF_JSON.isdisjoint(rules), not _OF_BINARY.isdisjoint(rules)]
    return tuple(each for each, is_so in zip(ENCODINGS, found, strict=True) if is_so) or ENCODINGS
