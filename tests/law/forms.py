"""The JSON of values of unlike types, and whether two of them say the same."""

from __future__ import annotations

import base64
import re
from typing import Any

from google.protobuf import json_format, timestamp_pb2

from law.model import ENUM, Side, camel
from law.values import narrow
from schemactl.compat.contract import Writer as Profile


def of_message(message: Any, side: Side, profile: Profile) -> Any:
    """As the writer prints it."""
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=profile.proto_names,
        use_integers_for_enums=profile.enum_numbers,
        always_print_fields_with_no_presence=profile.print_defaults,
        descriptor_pool=side.pool,
    )


def of_scalar(field: Any, value: Any, profile: Profile) -> Any:
    if field.type == ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known and not profile.enum_numbers else value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return repr(value) if value != value else value


def same(one: Any, two: Any) -> bool:
    if isinstance(one, dict) and isinstance(two, dict):
        one, two = ({camel(key): value for key, value in each.items() if value} for each in (one, two))
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, float) and isinstance(two, float) and narrow(one) == narrow(two):
        return True
    return bool(one == two or repr(_normal(one)) == repr(_normal(two)))


def _normal(value: Any) -> Any:
    """Numbers and times can be written in many ways."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return _stamp(value)
    if isinstance(value, str) and re.fullmatch(r"-?[\d.]+s", value):
        value = value[:-1]
    try:
        return float(value) if isinstance(value, str | int | float) else value
    except ValueError:
        return value


def _stamp(text: str) -> Any:
    stamp = timestamp_pb2.Timestamp()
    try:
        stamp.FromJsonString(text)
    except ValueError:
        return text
    return stamp.seconds, stamp.nanos
