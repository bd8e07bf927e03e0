"""The program that runs where the wheel is installed: imports, compares, and sends a message of each type to and fro.

It knows only protobuf and the standard library, reads a request as JSON and answers with a report as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import Any

_MOST = 20  # problems that are listed: nobody reads more
_MEMORY = 4 << 30


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever a module prints is not the report
    _bounded()
    report = tried(json.load(sys.stdin))
    with os.fdopen(answer, "w", encoding="ascii") as out:
        json.dump(report, out)


def _bounded() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass


def tried(request: Any) -> dict[str, Any]:
    """`request`: module and expected descriptor by proto file, and the gRPC modules."""
    imported, problems = _imported([*request["modules"].values(), *request["grpc"]])
    expected = _expected({name: b64decode(each) for name, each in request["descriptors"].items()})
    messages = 0
    for file, name in sorted(request["modules"].items()):
        if name in imported:
            found, wrong = _file(imported[name], file, expected.get(file))
            messages += found
            problems += wrong
    if more := len(problems) - _MOST:
        problems = [*problems[:_MOST], *([f"{more} more problems are not listed"] if more > 0 else [])]
    return {"modules": len(imported), "messages": messages, "problems": problems, "uses": _uses(imported)}


def _imported(names: list[str]) -> tuple[dict[str, ModuleType], list[str]]:
    imported: dict[str, ModuleType] = {}
    failed: dict[str, list[str]] = {}
    for name in names:
        try:
            imported[name] = importlib.import_module(name)
        except (Exception, SystemExit) as error:
            failed.setdefault(_told(error), []).append(name)
    return imported, [_not_imported(modules, why) for why, modules in failed.items()]


def _not_imported(modules: list[str], why: str) -> str:
    others = f" and {len(modules) - 1} more" if len(modules) > 1 else ""
    return f"module `{modules[0]}`{others} cannot be imported: {why}"


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]


def _uses(imported: dict[str, ModuleType]) -> dict[str, str]:
    """The files of the modules that ours import, each with one of ours that does."""
    uses: dict[str, str] = {}
    for name, module in imported.items():
        for each in list(vars(module).values()):
            if isinstance(each, ModuleType) and (file := getattr(each, "__file__", None)):
                uses.setdefault(file, name)
    return uses


def _expected(descriptors: dict[str, bytes]) -> dict[str, Any]:
    """In a pool of their own, so that they went through the same hands when they are compared.

    Parsed only now that all is imported: before, custom options are unknown fields.
    """
    from google.protobuf import descriptor_pb2, descriptor_pool

    pool, known = descriptor_pool.DescriptorPool(), descriptor_pool.Default()
    added: dict[str, Any] = {}
    pending = list(descriptors)[::-1]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        try:
            content = descriptors.get(name) or known.FindFileByName(name).serialized_pb
            missing = set(descriptor_pb2.FileDescriptorProto.FromString(content).dependency) - added.keys() - seen
            if missing and name not in seen:
                seen.add(name)
                pending += [name, *sorted(missing)]
            elif name not in added:
                pool.AddSerializedFile(content)
                added[name] = pool.FindFileByName(name)
        except (KeyError, TypeError):
            added[name] = None  # what it imports is not there: its module told so
    return added


def _file(module: ModuleType, file: str, expected: Any) -> tuple[int, list[str]]:
    from google.protobuf import descriptor_pool

    try:
        descriptor = descriptor_pool.Default().FindFileByName(file)
    except KeyError:
        return 0, [f"module `{module.__name__}` does not register `{file}`"]
    named = {**descriptor.message_types_by_name, **descriptor.enum_types_by_name, **descriptor.extensions_by_name}
    if module.DESCRIPTOR is not descriptor and "DESCRIPTOR" not in named:
        return 0, [f"module `{module.__name__}` does not stand for `{file}`: its DESCRIPTOR is of another file"]
    lost = sorted(name for name in named if not hasattr(module, name))
    problems = [f"module `{module.__name__}` has no `{name}`" for name in lost]
    if expected is None:
        return 0, [*problems, f"`{file}` could not be compared: something that it imports is not there"]
    if difference := _different(descriptor, expected):
        return 0, [*problems, f"`{file}` is not what the schema says: {difference}"]
    types = list(_types(descriptor.message_types_by_name.values()))
    told = [
        (
            f"message `{each.full_name}`",
            _message(each, module.__name__, expected.pool.FindMessageTypeByName(each.full_name)),
        )
        for each in types
    ]
    extensions = _extensions(descriptor, types)
    told += [(f"extension `{each.full_name}`", _roundtrip()["extension"](each)) for each in extensions]
    return len(types), [*problems, *(f"{what} {why}" for what, why in told if why)]


def _types(messages: Any) -> Iterator[Any]:
    for each in messages:
        if not each.GetOptions().map_entry:
            yield each
            yield from _types(each.nested_types)


def _extensions(descriptor: Any, types: list[Any]) -> list[Any]:
    return [*descriptor.extensions_by_name.values(), *(each for message in types for each in message.extensions)]


def _different(descriptor: Any, expected: Any) -> str:
    """The first difference, empty when there is none."""
    found, wanted = _proto(descriptor), _proto(expected)
    if found == wanted or found.SerializeToString(deterministic=True) == wanted.SerializeToString(deterministic=True):
        return ""
    return _difference(found, wanted, wanted.package) or "its bytes differ"


def _proto(descriptor: Any) -> Any:
    from google.protobuf import descriptor_pb2

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


def _message(descriptor: Any, module: str, reference: Any) -> str:
    from google.protobuf.message_factory import GetMessageClass

    kind = GetMessageClass(descriptor)
    if kind.__module__ != module:
        return f"says that it is of module `{kind.__module__}`, not of `{module}`"
    return str(_roundtrip()["message"](descriptor, reference))


@cache
def _roundtrip() -> dict[str, Any]:
    """By its path: a module on the path could hide one of the wheel's."""
    return run_path(str(Path(__file__).with_name("roundtrip.py")))


if __name__ == "__main__":
    main()
