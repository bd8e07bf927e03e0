"""Custom options by name: their values as plain data, read by the descriptors of the files that declare them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

from msgspec import Struct

from schemactl.errors import ToolError
from schemactl.schema import schema

_BUILT_IN = "google.protobuf."
OPTION_KINDS = {
    "FileOptions": "files", "MessageOptions": "messages", "FieldOptions": "fields", "EnumOptions": "enums",
    "EnumValueOptions": "enum values", "OneofOptions": "oneofs", "ServiceOptions": "services",
    "MethodOptions": "methods",
}  # fmt: skip
_MOST = 10_000  # values in one option: a message of many fields, repeated, is little in a file and much in memory
_MEND = "turn the rule off, or say there which option it means"


def closure(descriptors: Mapping[str, bytes], names: Iterable[str], *, without: Collection[str] = ()) -> list[str]:
    """The files with all their imports, these first, and else by name: the order says nothing about the machine.

    Those `without` are not among them, nor what only they import.
    """
    known = descriptors.keys() - set(without)
    imports: dict[str, list[str]] = {}
    pending = [name for name in names if name in known]
    while pending:
        name = pending.pop()
        if name not in imports:
            found = head(descriptors[name])
            imports[name] = sorted({*found.dependency, *found.option_dependency} & known)
            pending += imports[name]
    return list(TopologicalSorter({name: imports[name] for name in sorted(imports)}).static_order())


class Option(Struct, frozen=True):
    """A custom option: the message it extends and the file that declares it."""

    name: str
    extendee: str
    file: str

    @property
    def kind(self) -> str:
        return OPTION_KINDS.get(self.extendee.removeprefix(_BUILT_IN), self.extendee)


class Extensions:
    """The custom options that files, given as descriptors by import path with all their imports, declare and use."""

    def __init__(self, descriptors: Mapping[str, bytes]) -> None:
        self._descriptors = descriptors
        self._seen: dict[str, dict[str, Option]] = {}
        self._readers: dict[str, Callable[[Any], Any]] = {}

    def value(self, file: str, name: str, options: Any) -> Any:
        """The option's value in the options of an element of the file, which are empty where it has none.

        None where it is not set, or nothing that the file sees declares it.
        """
        option = self._seen_by(name).get(file)
        if option is None and file in self._lacking:
            message = f"the options of `{file}` cannot be read: `{self._lacking[file]}`, which it imports, is not there"
            raise ToolError(message, "make the descriptor set with all imports, `import option` too")
        if option is None:
            return None
        if option.extendee != options.DESCRIPTOR.full_name:
            asked = OPTION_KINDS[options.DESCRIPTOR.name]
            raise ToolError(f"`{name}` is an option of {option.kind}, not of {asked}", _MEND)
        if not options.ByteSize():
            return None
        key = f"{option.file}\0{name}"
        if key not in self._readers:
            self._readers[key] = self._reader(option)
        return self._readers[key](options)

    def _seen_by(self, name: str) -> dict[str, Option]:
        """The option by the name of each file that can use it: by what it imports, and what that hands on."""
        if name not in self._seen:
            self._seen[name] = {
                file: option for option in self._declared(name) for file in self._importers(option.file)
            }
        return self._seen[name]

    def _declared(self, name: str) -> Iterator[Option]:
        last = name.rpartition(".")[2].encode()
        for file, descriptor in self._descriptors.items():
            if last in descriptor:
                proto = schema().FileDescriptorProto.FromString(descriptor)
                extendees = (each.extendee for full_name, each in declared(proto) if full_name == name)
                yield from (Option(name, extendee.lstrip("."), file) for extendee in extendees)

    def _importers(self, file: str) -> set[str]:
        handing_on, pending = {file}, [file]
        while pending:
            further = self._imported[1].get(pending.pop(), set()) - handing_on
            handing_on |= further
            pending += further
        return handing_on.union(*(self._imported[0].get(each, ()) for each in handing_on))

    @cached_property
    def _imported(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """The importers of each file, and those that import it publicly."""
        every: dict[str, set[str]] = {}
        public: dict[str, set[str]] = {}
        for file, descriptor in self._descriptors.items():
            found = head(descriptor)
            for name in (*found.dependency, *found.option_dependency):
                every.setdefault(name, set()).add(file)
            for index in found.public_dependency:
                public.setdefault(found.dependency[index], set()).add(file)
        return every, public

    @cached_property
    def _lacking(self) -> dict[str, str]:
        """Files one of whose imports is missing: only options need those that serve nothing else."""
        return {
            file: name for name, files in self._imported[0].items() if name not in self._descriptors for file in files
        }

    def _reader(self, option: Option) -> Callable[[Any], Any]:
        from google.protobuf import descriptor_pool, message_factory

        pool = descriptor_pool.DescriptorPool()
        try:
            for file in TopologicalSorter(self._closure(option.file)).static_order():
                pool.AddSerializedFile(self._descriptors[file])
            message_factory.GetMessageClassesForFiles([option.file], pool)
            extension: Any = pool.FindExtensionByName(option.name)
            holder: Any = message_factory.GetMessageClass(extension.containing_type)
        except Exception as error:  # a pool's refusals have no class of their own
            raise _unreadable(option, error) from None

        def read(options: Any) -> Any:
            try:
                found = holder.FromString(options.SerializeToString())
                values = found.Extensions[extension]
                is_set = len(values) > 0 if extension.is_repeated else found.HasExtension(extension)
                return _Plain(option).value(extension, values) if is_set else None
            except ToolError:
                raise
            except Exception as error:  # nor have protobuf's, across its implementations
                raise _unreadable(option, error) from None

        return read

    def _closure(self, file: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        pending = [file]
        while pending:
            name = pending.pop()
            if name not in self._descriptors:
                raise ValueError(f"`{name}` is not there")
            if name not in found:
                found[name] = list(head(self._descriptors[name]).dependency)
                pending += found[name]
        return found


def head(descriptor: bytes) -> Any:
    """A file's name, package and imports."""
    return schema().Head.FromString(descriptor)


def declared(file: Any) -> Iterator[tuple[str, Any]]:
    """Every extension of the file with its full name, those inside of messages too."""
    pending = [(file.package, file)]
    while pending:
        scope, holder = pending.pop()
        prefix = f"{scope}." if scope else ""
        yield from ((f"{prefix}{each.name}", each) for each in holder.extension)
        nested = holder.message_type if holder is file else holder.nested_type
        pending += [(f"{prefix}{each.name}", each) for each in nested]


def _unreadable(option: Option, error: Exception) -> ToolError:
    said = " ".join(str(error).split()) or type(error).__name__
    return ToolError(f"option `{option.name}` of `{option.file}` cannot be read: {said}", _MEND)


class _Plain:
    """Values as plain data: enum values as their names, messages as mappings by the names of their fields.

    A field that is not set is its default where it cannot be told from that, else None.
    """

    def __init__(self, option: Option) -> None:
        self._option = option
        self._count = 0

    def value(self, field: Any, value: Any) -> Any:
        if not field.is_repeated:
            return self._one(field, value)
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            kind = entry.fields_by_name["value"]
            return {key: self._one(kind, value[key]) for key in value}
        return [self._one(field, each) for each in value]

    def _one(self, field: Any, value: Any) -> Any:
        self._count += 1
        if self._count > _MOST:
            raise ToolError(f"option `{self._option.name}` holds more than {_MOST:,} values", _MEND)
        if field.message_type is not None:
            return {each.name: self._of(value, each) for each in field.message_type.fields}
        if field.enum_type is not None:
            known = field.enum_type.values_by_number.get(value)
            return value if known is None else known.name
        return value

    def _of(self, message: Any, field: Any) -> Any:
        if not field.is_repeated and field.has_presence and not message.HasField(field.name):
            self._count += 1
            return None
        return self.value(field, getattr(message, field.name))
