"""The program that runs where the wheel is installed: imports, compares, and sends a message of each type to and fro.

It knows only protobuf and the standard library, reads a request as JSON and answers with a report as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import Any

_MOST = 20  # problems that are listed: nobody reads more
_MEMORY = 4 << 30
_AT = ["its start"]  # where the trial is


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever a module prints is not the report
    _bounded()
    request = json.load(sys.stdin)
    late = threading.Timer(request["seconds"], _late, (answer, request["seconds"]))
    late.daemon = True
    late.start()
    report = tried(request)
    late.cancel()
    with os.fdopen(answer, "w", encoding="ascii") as out:
        json.dump(report, out)


def _late(answer: int, seconds: float) -> None:
    why = f"the trial of the wheel is not done after {seconds:.0f} s, at {_AT[-1]}"
    with os.fdopen(answer, "w", encoding="ascii") as out:
        json.dump({"problems": [why], "uses": {}, "provided": []}, out)
    os._exit(0)


def _bounded() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass


def tried(request: Any) -> dict[str, Any]:
    """`request`: by proto file the module, that of gRPC, and what is expected, of files of our own and of others;
    `meant` is what can be said about a module that is missing.
    """
    names = [*request["modules"].values(), *request["grpc"].values()]
    imported, problems = _imported(names, request["meant"])
    # Ours are read with what they were compiled with.
    expected = _expected(
        {name: b64decode(each) for of in ("provided", "descriptors") for name, each in request[of].items()}
    )
    messages = 0
    for file, name in sorted(request["modules"].items()):
        if name in imported:
            found, wrong = _file(imported[name], name, file, expected.get(file))
            messages += found
            problems += [*wrong, *_services(imported.get(request["grpc"].get(file)), file)]
    if more := len(problems) - _MOST:
        problems = [*problems[:_MOST], *([f"{more} more problems are not listed"] if more > 0 else [])]
    return {
        "modules": len(imported),
        "messages": messages,
        "problems": problems,
        "uses": _uses(imported),
        "provided": list(_provided({file: expected[file] for file in sorted(request["provided"])})),
    }


def _imported(names: list[str], meant: dict[str, str]) -> tuple[dict[str, ModuleType], list[str]]:
    imported: dict[str, ModuleType] = {}
    failed: dict[str, list[str]] = {}
    for name in names:
        _AT.append(f"the import of module `{name}`")
        try:
            imported[name] = importlib.import_module(name)
        except (Exception, SystemExit) as error:
            failed.setdefault(_told(error) + _missing(error, meant), []).append(name)
    return imported, [_not_imported(modules, why) for why, modules in failed.items()]


def _not_imported(modules: list[str], why: str) -> str:
    others = f" and {len(modules) - 1} more" if len(modules) > 1 else ""
    return f"module `{modules[0]}`{others} cannot be imported: {why}"


def _missing(error: BaseException, meant: dict[str, str]) -> str:
    if not isinstance(error, ImportError) or not error.name:
        return ""
    name = ".".join(filter(None, (error.name, getattr(error, "name_from", None))))
    return next((f"; {words}" for module, words in meant.items() if f"{module}.".startswith(f"{name}.")), "")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]


def _uses(imported: dict[str, ModuleType]) -> dict[str, str]:
    """The files of the modules that ours import, each with one of ours that does."""
    uses: dict[str, str] = {}
    for name, module in imported.items():
        for each in list(vars(module).values()):
            if isinstance(each, ModuleType) and (file := _place(each)):
                uses.setdefault(file, name)
    return uses


def _place(module: ModuleType) -> str:
    """A message of the schema may have taken the name."""
    spec = vars(module).get("__spec__")
    places = (vars(module).get("__file__"), getattr(spec, "origin", None))
    return next((each for each in places if isinstance(each, str)), "")


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


def _file(module: ModuleType, name: str, file: str, expected: Any) -> tuple[int, list[str]]:
    from google.protobuf import descriptor_pool

    try:
        descriptor = descriptor_pool.Default().FindFileByName(file)
    except KeyError:
        return 0, [f"module `{name}` does not register `{file}`"]
    defined = {**descriptor.message_types_by_name, **descriptor.enum_types_by_name, **descriptor.extensions_by_name}
    values = {each for enum in descriptor.enum_types_by_name.values() for each in enum.values_by_name}
    if vars(module).get("DESCRIPTOR") is not descriptor and "DESCRIPTOR" not in defined.keys() | values:
        return 0, [f"module `{name}` does not stand for `{file}`: its DESCRIPTOR is of another file"]
    lost = sorted(each for each in defined if not hasattr(module, each))
    problems = [f"module `{name}` has no `{each}`" for each in lost]
    if expected is None:
        return 0, [*problems, f"`{file}` could not be compared: something that it imports is not there"]
    if difference := _part("compared")["different"](descriptor, expected):
        return 0, [*problems, f"`{file}` is not what the schema says: {difference}"]
    types = list(_types(descriptor.message_types_by_name.values()))
    return len(types), [*problems, *_sent(types, descriptor, expected.pool, name)]


def _sent(types: list[Any], descriptor: Any, pool: Any, module: str) -> Iterator[str]:
    for each in types:
        _AT.append(f"message `{each.full_name}`")
        if why := _used(_message, each, module, pool):
            yield f"message `{each.full_name}` {why}"
    for each in _extensions(descriptor, types):
        if why := _used(_trip().extension, each):
            yield f"extension `{each.full_name}` {why}"


def _used(function: Any, *arguments: Any) -> str:
    try:
        return str(function(*arguments))
    except Exception as error:
        return f"cannot be used: {_told(error)}"


def _services(module: ModuleType | None, file: str) -> Iterator[str]:
    from google.protobuf import descriptor_pool

    if module is not None:
        for each in descriptor_pool.Default().FindFileByName(file).services_by_name.values():
            yield from _part("grpcuse")["problems"](module, each)


def _provided(expected: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The files of others that are registered and lack something of what ours were compiled with."""
    from google.protobuf import descriptor_pool

    loaded = [each for each in list(sys.modules.values()) if isinstance(each, ModuleType)]
    places = {id(vars(each).get("DESCRIPTOR")): _place(each) for each in loaded}
    for file, wanted in expected.items():
        try:
            found = descriptor_pool.Default().FindFileByName(file)
        except KeyError:
            continue  # whoever needs it could not be imported
        why = _part("compared")["lacking"](wanted, found) if wanted else "it could not be compared"
        if why:
            yield {"file": file, "why": why, "place": places.get(id(found), "")}


def _types(messages: Any) -> Iterator[Any]:
    for each in messages:
        if not each.GetOptions().map_entry:
            yield each
            yield from _types(each.nested_types)


def _extensions(descriptor: Any, types: list[Any]) -> list[Any]:
    return [*descriptor.extensions_by_name.values(), *(each for message in types for each in message.extensions)]


def _message(descriptor: Any, module: str, pool: Any) -> str:
    from google.protobuf.message_factory import GetMessageClass

    kind = GetMessageClass(descriptor)
    if kind.__module__ != module:
        return f"says that it is of module `{kind.__module__}`, not of `{module}`"
    return str(_trip().message(descriptor, pool.FindMessageTypeByName(descriptor.full_name)))


@cache
def _trip() -> Any:
    return _part("roundtrip")["Trip"]()


@cache
def _part(name: str) -> dict[str, Any]:
    """By its path: a module on the path could hide one of the wheel's."""
    return run_path(str(Path(__file__).with_name(f"{name}.py")))


if __name__ == "__main__":
    main()
