"""A Go program that imports all packages of a module, and tells which descriptors they have registered."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from schemactl.names import camel
from schemactl.schema import schema

_OPTIONS = "google/protobuf/descriptor.proto"
NAME = "consumer.exe"  # on Windows no other can be run
# The bytes that a file was registered with are in no API: made anew of what was read of them, options would be
# written in an order of their own.
_TEXT = """package main

import (
	"encoding/json"
	"os"
	"reflect"

	"google.golang.org/protobuf/reflect/protoregistry"

%s
)

func main() {
	found := map[string][]byte{}
	for _, path := range []string{
%s
	} {
		if file, err := protoregistry.GlobalFiles.FindFileByPath(path); err == nil {
			raw := reflect.ValueOf(file).Elem().FieldByName("builder").FieldByName("RawDescriptor")
			found[path] = raw.Bytes()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		panic(err)
	}
}
"""


def text(packages: Mapping[str, str], others: Iterable[str] = ()) -> str:
    """`packages` are import paths by proto file, and `others` are files to look for, too."""
    imports = (f"\t_ {json.dumps(each)}" for each in sorted({*packages.values()}))
    files = (f"\t\t{_quoted(each)}," for each in sorted({*packages, *others}))
    return _TEXT % ("\n".join(imports), "\n".join(files))


def _quoted(text: str) -> str:
    """As Go has it, which knows no surrogates."""
    plain = (
        each if each.isascii() and each.isprintable() and each not in '"\\' else f"\\U{ord(each):08x}" for each in text
    )
    return f'"{"".join(plain)}"'


def differences(
    found: Mapping[str, str], packages: Mapping[str, str], descriptors: Mapping[str, bytes]
) -> Iterator[str]:
    """`found` are registered descriptors in base64."""
    meant = _reader(descriptors)
    for file, package in sorted(packages.items()):
        if file not in found:
            yield f"`{file}`: `{package}` does not register it"
        elif meant(b64decode(found[file])) != meant(descriptors[file]):
            yield f"`{file}`: what `{package}` registers is not what was compiled"


def _reader(descriptors: Mapping[str, bytes]) -> Callable[[bytes], bytes]:
    """What descriptors of these files mean: options are written in any order, which only who knows them can tell."""
    from google.protobuf import descriptor_pool, message_factory

    if _OPTIONS not in descriptors:
        return _plain
    pool, known = descriptor_pool.DescriptorPool(), []
    for name, descriptor in descriptors.items():
        # What no pool takes keeps its options as bytes.
        with suppress(TypeError):
            pool.AddSerializedFile(_acceptable(descriptor))
            known.append(name)
    if _OPTIONS not in known:
        return _plain
    message_factory.GetMessageClassesForFiles(known, pool)
    read: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto"))
    return lambda descriptor: bytes(read.FromString(_plain(descriptor)).SerializeToString(deterministic=True))


def _plain(descriptor: bytes) -> bytes:
    """Without names in JSON that say nothing: only some compilers write them."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    for field in _fields(proto):
        if field.json_name == camel(field.name):
            field.ClearField("json_name")
    return bytes(proto.SerializeToString(deterministic=True))


def _acceptable(descriptor: bytes) -> bytes:
    """What is needed to read options, without what pools refuse: small defaults, two fields of one name in JSON."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    for field in _fields(proto):
        field.ClearField("default_value")
        field.json_name = str(field.number)
    return bytes(proto.SerializeToString())


def _fields(proto: Any) -> list[Any]:
    pending, fields = [*proto.message_type], [*proto.extension]
    while pending:
        message: Any = pending.pop()
        pending += message.nested_type
        fields += [*message.field, *message.extension]
    return fields
