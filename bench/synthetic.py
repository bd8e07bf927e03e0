"""Trees of any size, always the same bytes: copies of one service's ten files, each copy in a package of its own.

They have the sizes of googleapis (9 KB a file on average) and its findings (10 a file): long comments, enums without
prefixes, resources with nested messages and options, a service over HTTP. All import common files; no copy another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

_COPY = "@COPY@"
_RESOURCES = ("Invoice", "Contract", "Shipment", "Subscription", "Warranty")
_TYPES = (
    "string",
    "int64",
    "Timestamp",
    "bool",
    "Money",
    "string",
    "double",
    "State",
    "bytes",
    "Channel",
    "repeated string",
)
_NOUNS = (
    "amount", "label", "owner", "region", "account", "currency", "deadline", "quota", "origin", "reviewer", "summary",
    "checksum", "priority", "tariff", "discount", "language", "schedule", "warehouse", "carrier", "batch", "locale",
)  # fmt: skip
_SAID = (
    "The value as the customer entered it, before anything was rounded.",
    "Output only. Set by the server when the resource is created.",
    "When it is left out, the default of the account applies, if there is one.",
    "Required. The format is `accounts/{account}/items/{item}`.",
    "Must be 1 to 63 characters long, and match `[a-z]([-a-z0-9]*[a-z0-9])?`.",
    "If this is set together with a region, the region wins.",
    "Deprecated values are still accepted, and mean what they always meant.",
)
_HEAD = """\
// Copyright 2026 Acme
//
// Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance
// with the License. Distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND.

syntax = "proto3";

"""
_OPTIONS = f"""
option go_package = "acme.example/{_COPY}/v1;{_COPY}v1";
option java_multiple_files = true;
option java_package = "example.acme.{_COPY}.v1";

"""
_ANNOTATIONS = """\
package acme.api.v1;

import "google/protobuf/descriptor.proto";

// How a method is reached over HTTP.
message HttpRule {
  oneof pattern {
    string get = 1;
    string post = 2;
    string patch = 3;
    string delete = 4;
  }
  string body = 5;
}

enum FieldBehavior {
  FIELD_BEHAVIOR_UNSPECIFIED = 0;
  FIELD_BEHAVIOR_REQUIRED = 1;
  FIELD_BEHAVIOR_OUTPUT_ONLY = 2;
}

extend google.protobuf.MethodOptions {
  HttpRule http = 50001;
}

extend google.protobuf.FieldOptions {
  repeated FieldBehavior behavior = 50002;
}
"""
_MONEY = """\
package acme.api.v1;

// An amount in a currency.
message Money {
  string currency_code = 1;
  int64 units = 2;
  int32 nanos = 3;
}
"""
_API = ("acme/api/v1/annotations", "acme/api/v1/money")
_OWN = f"acme/{_COPY}/v1/"


def write(root: Path, count: int) -> int:
    """Write `count` files below `root`; returns how many bytes they have together."""
    size = 0
    for name, text in islice(files(), count):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(text.encode())
    return size


def files() -> Iterator[tuple[str, str]]:
    """Path and text of every file, without end; each comes after what it imports."""
    yield from zip((f"{name}.proto" for name in _API), (_HEAD + _ANNOTATIONS, _HEAD + _MONEY), strict=True)
    shape = _shape()
    number = 0
    while True:
        copy = f"service{number:05}"
        for name, text in shape.items():
            yield f"acme/{copy}/v1/{name}.proto", text.replace(_COPY, copy)
        number += 1


def _shape() -> Mapping[str, str]:
    """The files of one copy by name."""
    used = ("google/protobuf/timestamp", *_API, f"{_OWN}types")
    every = tuple(f"{_OWN}{name.lower()}" for name in _RESOURCES)
    return {
        "types": _file((), _enum("State", 12, "STATE"), _enum("Channel", 25, "BY"), _enum("Reason", 40, "AS")),
        **{name.lower(): _file(used, _resource(name, size)) for size, name in enumerate(_RESOURCES)},
        "limits": _file((), _enum("Limit", 8, "LIMIT")),
        "events": _file(every, *(_event(name) for name in _RESOURCES)),
        "service": _file((*every, _API[0]), _service(), *(_requests(name) for name in _RESOURCES)),
        "admin": _file((*used, f"{_OWN}limits"), _message("Setting", _fields(30) + "\n  Limit limit = 31;\n")),
    }


def _file(imports: Sequence[str], *bodies: str) -> str:
    needed = "".join(f'import "{name}.proto";\n' for name in sorted(imports))
    return f"{_HEAD}package acme.{_COPY}.v1;\n\n{needed}{_OPTIONS}{''.join(bodies)}"


def _comment(indent: str, start: int, lines: int) -> str:
    return "".join(f"{indent}// {_SAID[(start + line) % len(_SAID)]}\n" for line in range(lines))


def _enum(name: str, size: int, prefix: str) -> str:
    values = "".join(f"{_comment('  ', n, 1 + n % 3)}  {prefix}_{_value(n)} = {n};\n\n" for n in range(size))
    return f"{_comment('', size, 2)}enum {name} {{\n{values}}}\n\n"


def _value(number: int) -> str:
    return f"{_NOUNS[number % len(_NOUNS)].upper()}_{number}" if number else "UNSPECIFIED"


def _message(name: str, body: str) -> str:
    return f"{_comment('', len(name), 3)}message {name} {{\n{body}}}\n\n"


def _fields(size: int) -> str:
    return "\n".join(_field(number) for number in range(1, size + 1))


def _field(number: int) -> str:
    kind = _TYPES[number % len(_TYPES)]
    kind = {"Timestamp": "google.protobuf.Timestamp", "Money": "acme.api.v1.Money"}.get(kind, kind)
    behavior = " [(acme.api.v1.behavior) = FIELD_BEHAVIOR_REQUIRED]" if number % 3 == 0 else ""
    name = f"{_NOUNS[number % len(_NOUNS)]}_{number}"
    return f"{_comment('  ', number, 1 + number % 4)}  {kind} {name} = {number}{behavior};\n"


def _resource(name: str, number: int) -> str:
    """The first is small and the last is large, as files are."""
    size = 10 + 8 * number
    nested = "\n".join(f"  {line}".rstrip() for line in _message("Detail", _fields(6)).splitlines())
    more = f"""
{nested}
  // Details by their names.
  map<string, Detail> details = {size + 1};

  // Where it came from.
  oneof source {{
    string file = {size + 2};
    int64 ticket = {size + 3};
  }}
"""
    return _message(name, _fields(size) + more)


def _event(name: str) -> str:
    return _message(f"{name}Changed", f"{_comment('  ', 1, 3)}  {name} now = 1;\n\n  {name} before = 2;\n")


def _service() -> str:
    calls = "\n".join(_calls(name, f"/v1/{name.lower()}s") for name in _RESOURCES)
    return f"{_comment('', 0, 5)}service Records {{\n{calls}}}\n\n"


def _calls(name: str, place: str) -> str:
    """Reading and writing answer with the resource itself, as googleapis do."""
    kinds = (
        ("Get", "get", name),
        ("Create", "post", name),
        ("Update", "patch", name),
        ("List", "get", f"List{name}Response"),
    )
    return "\n".join(
        f"{_comment('  ', len(kind), 4)}  rpc {kind}{name}({kind}{name}Request) returns ({answer}) {{\n"
        f'    option (acme.api.v1.http) = {{\n      {verb}: "{place}/{{name}}"\n      body: "*"\n    }};\n  }}\n'
        for kind, verb, answer in kinds
    )


def _requests(name: str) -> str:
    own = f"{_comment('  ', 2, 2)}  {name} record = 1;\n"
    named = f"{_comment('  ', 3, 2)}  string name = 1 [(acme.api.v1.behavior) = FIELD_BEHAVIOR_REQUIRED];\n"
    many = f"{_comment('  ', 4, 3)}  repeated {name} records = 1;\n\n  string page_token = 2;\n"
    bodies = {"Get": named, "Create": own, "Update": own, "List": named}
    return "".join(_message(f"{kind}{name}Request", body) for kind, body in bodies.items()) + _message(
        f"List{name}Response", many
    )
