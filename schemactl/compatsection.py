"""The section `compat` of schemactl.yaml: how messages travel, and what must stay readable."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemactl.effect import Readers

Wire = Literal["json", "binary", "both"]
Compatibility = Literal["full", "backward", "forward", "none"]
FieldNames = Literal["json", "proto"]
EnumValues = Literal["name", "number"]

_ENCODING = "What is on the wire: JSON, the binary format, or both."
_READERS = "Whether readers ignore fields and enum names that they do not know (`tolerant`), or refuse them (`strict`)."
_COMPATIBILITY = (
    "Which readers have to get along: new ones with old data (`backward`), old ones with new data (`forward`), both "
    "(`full`), or `none`."
)
_JSON = "How writers print JSON."


class JsonSection(Struct, frozen=True):
    """How writers print JSON; protobuf's libraries print JSON names, names of enum values, and no defaults."""

    field_names: Annotated[
        FieldNames | None, Meta(description="`json`: names such as `userId`; `proto`: as in the proto file, `user_id`.")
    ] = None
    enum_values: Annotated[
        EnumValues | None, Meta(description="Whether enum values are printed as their names or as their numbers.")
    ] = None
    print_defaults: Annotated[
        bool | None, Meta(description="Whether fields that are not set are printed, with their defaults.")
    ] = None


class CompatPackages(Struct, frozen=True):
    """What holds for the messages of some packages: all of them travel, each by itself."""

    packages: Annotated[
        tuple[str, ...], Meta(description="Packages, each with all packages in it: `acme.users` holds `acme.users.v1`.")
    ]
    encoding: Annotated[Wire | None, Meta(description=_ENCODING)] = None
    readers: Annotated[Readers | None, Meta(description=_READERS)] = None
    compatibility: Annotated[Compatibility | None, Meta(description=_COMPATIBILITY)] = None
    json: Annotated[JsonSection, Meta(description=_JSON)] = JsonSection()


class CompatSection(Struct, frozen=True):
    """How messages travel; a topic has the last word on its own."""

    encoding: Annotated[Wire, Meta(description=_ENCODING)] = "json"
    readers: Annotated[Readers, Meta(description=_READERS)] = "tolerant"
    compatibility: Annotated[Compatibility, Meta(description=_COMPATIBILITY)] = "full"
    json: Annotated[JsonSection, Meta(description=_JSON)] = JsonSection()
    packages: Annotated[
        tuple[CompatPackages, ...],
        Meta(description="What holds for some packages, on topics and off; later ones win."),
    ] = ()
