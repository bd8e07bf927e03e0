"""Compares what is registered with what should be: the part of the trial that knows descriptors.

Loaded by path, beside the trial; it knows only protobuf and the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2

_ELEMENTS = {  # by what they are called, where a descriptor keeps its own
    "message": ("message_types_by_name", "nested_types_by_name"),
    "enum": ("enum_types_by_name",),
    "extension": ("extensions_by_name",),
    "service": ("services_by_name",),
    "field": ("fields_by_name",),
    "value": ("values_by_name",),
    "method": ("methods_by_name",),
}


def lacking(wanted: Any, found: Any) -> str:
    """The first element of one file that the other has not, or has otherwise; that may have more."""
    if wanted.package != found.package:
        return f"package is `{found.package}`, not `{wanted.package}`"
    return next(_lacks(wanted, found, wanted.package), "")


def _lacks(wanted: Any, found: Any, scope: str) -> Iterator[str]:
    for kind, keys in _ELEMENTS.items():
        for key in keys:
            there = getattr(found, key, {})
            for name, each in getattr(wanted, key, {}).items():
                inner = f"{scope}.{name}".strip(".")
                if name not in there:
                    yield f"{kind} `{inner}` is not there"
                    continue
                yield from _otherwise(_facts(kind, each), _facts(kind, there[name]), inner)
                yield from _lacks(each, there[name], inner)


def _otherwise(wanted: dict[str, Any], found: dict[str, Any], scope: str) -> Iterator[str]:
    for name, value in wanted.items():
        there = found.get(name)
        # A field that is `optional` there, and not here, only tells more.
        if there != value and (name, value) != ("presence", ""):
            yield f"`{scope}`: {name} is {there or 'nothing'}, not {value or 'nothing'}"


def _facts(kind: str, each: Any) -> dict[str, Any]:
    if kind in ("field", "extension"):
        return _of_field(each)
    if kind == "enum":
        return {"kind": "closed" if getattr(each, "is_closed", False) else "open"}
    if kind == "value":
        return {"number": str(each.number)}
    if kind == "method":
        kinds = ((each.client_streaming, each.input_type), (each.server_streaming, each.output_type))
        return {"signature": " to ".join(f"{'stream ' * stream}`{of.full_name}`" for stream, of in kinds)}
    return {}


def _of_field(field: Any) -> dict[str, Any]:
    type_name = descriptor_pb2.FieldDescriptorProto.Type.Name(field.type)
    of = field.message_type or field.enum_type
    oneof = field.containing_oneof
    # That of a field which is only optional is made up.
    chosen = oneof.name if oneof and oneof.name != f"_{field.name}" else ""
    required = bool(field.is_required if hasattr(field, "is_required") else field.label == 2)
    return {
        "number": str(field.number),
        "type": f"{type_name} `{of.full_name}`" if of else type_name,
        "label": "repeated" if _repeated(field) else "required" if required else "singular",
        "oneof": chosen,
        "JSON name": field.json_name,
        "presence": "explicit" if field.has_presence else "",
        "extendee": field.containing_type.full_name if field.is_extension else "",
    }


def different(descriptor: Any, expected: Any) -> str:
    """The first difference, empty when there is none."""
    found, wanted = _proto(descriptor), _proto(expected)
    if found == wanted or found.SerializeToString(deterministic=True) == wanted.SerializeToString(deterministic=True):
        return ""
    return _difference(found, wanted, wanted.package) or "its bytes differ"


def _proto(descriptor: Any) -> Any:
    proto = descriptor_pb2.FileDescriptorProto()
    descriptor.CopyToProto(proto)
    proto.ClearField("source_code_info")
    return proto


def _difference(found: Any, wanted: Any, scope: str) -> str:
    fields = {field.number: field for field, _ in [*wanted.ListFields(), *found.ListFields()]}
    for field in fields.values():
        # An extension has no attribute of its own.
        left, right = (_value(each, field) for each in (found, wanted))
        if left == right:
            continue
        if not _repeated(field) and field.message_type and left is not None and right is not None:
            return _difference(left, right, f"{scope}: {field.name}")
        if _repeated(field) and field.message_type and "name" in field.message_type.fields_by_name:
            return _of_these(left or (), right or (), scope, field.name.replace("_type", ""))
        return f"`{scope}`: {field.name} is {_shown(field, left)}, not {_shown(field, right)}"
    return ""


def _value(message: Any, field: Any) -> Any:
    value = {each.number: value for each, value in message.ListFields()}.get(field.number)
    return value if value is not None or field.has_presence or _repeated(field) else field.default_value


def _of_these(found: Any, wanted: Any, scope: str, kind: str) -> str:
    here, there = ({each.name: each for each in elements} for elements in (found, wanted))
    for name, each in there.items():
        inner = f"{scope}.{name}".strip(".")
        if name not in here:
            return f"{kind} `{inner}` is not there"
        if here[name] != each:
            return _difference(here[name], each, inner)
    if more := [name for name in here if name not in there]:
        return f"{kind} `{f'{scope}.{more[0]}'.strip('.')}` is there, and should not be"
    return f"the order of each {kind} in `{scope}` is another"


def _repeated(field: Any) -> bool:
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == 3)


def _shown(field: Any, value: Any) -> str:
    if value is None:
        return "nothing"
    if field.enum_type and not _repeated(field) and (known := field.enum_type.values_by_number.get(value)):
        return str(known.name)
    return " ".join(str(value).split())[:100] or "empty"
