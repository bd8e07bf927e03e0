"""Walks the nodes of a YAML file beside a type: plain data where they fit, a mistake with its place where not."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, Literal, NamedTuple

from msgspec import inspect

# A yaml.Node; the published types of PyYAML leave out `id`.
Node = Any
Keys = tuple[str | int, ...]
Unknown = Literal["refuse", "ignore"]
Pairs = dict[str, tuple[Node, Node]]

DEPTH = 40
NODES = 100_000
TOLD = 50
_TAG = "tag:yaml.org,2002:"
_KINDS = {"str": "a string", "int": "a number", "float": "a number", "bool": "true or false", "null": "empty"}
_TYPES = {"StrType": "a string", "BoolType": "true or false", "IntType": "a whole number", "FloatType": "a number"}
_SCALARS = (inspect.LiteralType, inspect.BoolType, inspect.IntType, inspect.FloatType)
_DIGITS = 18


class Mistake(NamedTuple):
    """One mistake and its place, both counted from 1."""

    line: int
    column: int
    message: str


class Unfit(Enum):
    """Stands for a value that has a mistake: it is left out, so that the rest can still be judged."""

    VALUE = 0


class Walk:
    """One pass over one file; a mistake never ends it, only size does (as a RecursionError)."""

    def __init__(self, unknown: Unknown) -> None:
        self.unknown = unknown
        self.places: dict[Keys, tuple[int, int]] = {}
        self.nodes: dict[Keys, Node] = {}
        self.mistakes: list[Mistake] = []
        self._nodes = 0

    def value(self, node: Node, type_: inspect.Type, keys: Keys, depth: int) -> Any:
        """Plain data of `type_`, or `Unfit.VALUE`."""
        self._count(depth)
        self.nodes[keys] = node
        options = _options(type_)
        for option in options:
            if isinstance(option, inspect.AnyType):
                return self._any(node, keys, depth)
            if node.id == "mapping" and isinstance(option, inspect.StructType):
                return self._struct(node, option, keys, depth)
            if node.id == "mapping" and isinstance(option, inspect.DictType):
                return self._dict(node, option.value_type, keys, depth)
            if node.id == "sequence" and isinstance(option, inspect.CollectionType):
                return self._list(node, option.item_type, keys, depth)
            if node.id == "scalar" and (scalar := _scalar(node, option)) is not Unfit.VALUE:
                return scalar
        return self._tell(node, f"{label(keys)} should be {_wanted(options)}, not {_found(node, options)}")

    def _count(self, depth: int, nodes: int = 1) -> None:
        self._nodes += nodes
        if depth > DEPTH:
            raise RecursionError(f"nested deeper than {DEPTH} levels, or an alias that holds itself")
        if self._nodes > NODES:
            raise RecursionError(f"more than {NODES} values once aliases are written out")

    def _tell(self, node: Node, message: str) -> Unfit:
        self.mistakes.append(Mistake(*_place(node), message))
        return Unfit.VALUE

    def _struct(self, node: Node, type_: inspect.StructType, keys: Keys, depth: int) -> Any:
        pairs = self._pairs(node, depth)
        fields = {field.encode_name: field for field in type_.fields}
        found: dict[str, Any] = {}
        for name, (key, child) in pairs.items():
            field = fields.get(name)
            if field is None:
                self._unknown(key, name, fields)
            elif not (is_null(child) and not field.required and not _takes_null(field.type)):
                self._keep(found, self.value(child, field.type, (*keys, name), depth + 1), (*keys, name), key)
        required = [name for name, field in fields.items() if field.required]
        for name in (each for each in required if each not in pairs):
            self._tell(node, f"{_whose(pairs)}{label((*keys, name))} is missing")
        return found if all(name in found for name in required) else Unfit.VALUE

    def _unknown(self, key: Node, name: str, known: Iterable[str]) -> None:
        if self.unknown == "refuse":
            close = meant(name, known) if len(self.mistakes) < TOLD else ""
            self._tell(key, f"unknown key `{shown(name)}`{close}")

    def _keep(self, found: dict[str, Any], value: Any, keys: Keys, key: Node) -> None:
        if value is not Unfit.VALUE:
            found[str(keys[-1])] = value
            self.places[keys] = _place(key)

    def _dict(self, node: Node, type_: inspect.Type, keys: Keys, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, (key, child) in self._pairs(node, depth).items():
            self._keep(found, self.value(child, type_, (*keys, name), depth + 1), (*keys, name), key)
        return found

    def _list(self, node: Node, type_: inspect.Type, keys: Keys, depth: int) -> list[Any]:
        found: list[Any] = []
        for child in node.value:
            # The index among what is kept: that is the one a check of the value will speak of.
            value = self.value(child, type_, (*keys, len(found)), depth + 1)
            if value is not Unfit.VALUE:
                self.places[(*keys, len(found))] = _place(child)
                found.append(value)
        return found

    def _any(self, node: Node, keys: Keys, depth: int) -> Any:
        if node.id == "mapping":
            return self._dict(node, inspect.AnyType(), keys, depth)
        if node.id == "sequence":
            return self._list(node, inspect.AnyType(), keys, depth)
        kinds = (inspect.NoneType(), inspect.BoolType(), inspect.IntType(), inspect.FloatType(), inspect.StrType())
        values = (_scalar(node, kind) for kind in kinds)
        return next(value for value in values if value is not Unfit.VALUE)

    def _pairs(self, node: Node, depth: int) -> Pairs:
        """Keys as text, so that `on` and `NO` stay what was written; `<<` is resolved, a second key is told."""
        self._count(depth, len(node.value))
        merged: Pairs = {}
        own: Pairs = {}
        for key, child in node.value:
            if key.tag == f"{_TAG}merge":
                merged = self._merged(child, depth) | merged
            elif key.id != "scalar":
                self._tell(key, f"a key should be text, not {_found(key)}")
            elif key.value in own:
                first = _place(own[key.value][0])
                self._tell(key, f"duplicate key `{shown(key.value)}`; it already stands in line {first[0]}")
            else:
                own[key.value] = (key, child)
        return merged | own

    def _merged(self, node: Node, depth: int) -> Pairs:
        pairs: Pairs = {}
        for source in node.value if node.id == "sequence" else [node]:
            if source.id == "mapping":
                pairs = self._pairs(source, depth + 1) | pairs
            else:
                self._tell(source, f"`<<` takes a mapping, not {_found(source)}")
        return pairs


def _whose(pairs: Pairs) -> str:
    """Of many items of one kind a missing key is found by what its own item is called."""
    _, child = pairs.get("id", (None, None))
    return f"{shown(child.value)}: " if child is not None and child.id == "scalar" and not is_null(child) else ""


def label(keys: Keys) -> str:
    """How a message names a value; which item of a list it is, is said by the place."""
    if not keys:
        return "the file"
    name = "`" + ".".join(shown(key) for key in keys if isinstance(key, str)) + "`"
    return f"an item of {name}" if isinstance(keys[-1], int) else name


def shown(text: str) -> str:
    """Text of a file inside a message: on one line, nothing that moves a cursor, not endless."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:80])
    return plain if len(text) <= 80 else f"{plain}…"


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def is_null(node: Node) -> bool:
    return bool(node.tag == f"{_TAG}null")


def _options(type_: inspect.Type) -> tuple[inspect.Type, ...]:
    """The types that a value may be of; descriptions for people are taken off."""
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    return type_.types if isinstance(type_, inspect.UnionType) else (type_,)


def _takes_null(type_: inspect.Type) -> bool:
    return any(isinstance(option, inspect.NoneType | inspect.AnyType) for option in _options(type_))


def _scalar(node: Node, type_: inspect.Type) -> Any:
    text, tag = node.value, node.tag.removeprefix(_TAG)
    if isinstance(type_, inspect.NoneType):
        return None if tag == "null" else Unfit.VALUE
    if tag == "null":
        return Unfit.VALUE
    if isinstance(type_, inspect.StrType):
        return text
    if isinstance(type_, inspect.LiteralType):
        return next((value for value in type_.values if str(value) == text), Unfit.VALUE)
    if isinstance(type_, inspect.BoolType) and tag == "bool":
        return text.lower() in ("yes", "true", "on")
    if isinstance(type_, inspect.IntType | inspect.FloatType) and tag in ("int", "float"):
        return _number(text, whole=isinstance(type_, inspect.IntType))
    return Unfit.VALUE


def _number(text: str, *, whole: bool) -> int | float | Unfit:
    """Decimal numbers only: YAML 1.1 reads `010` as 8 and `1:30` as 90."""
    digits = text.lstrip("+-")
    if len(digits) > _DIGITS or (digits.startswith("0") and digits[1:2].isdigit()):
        return Unfit.VALUE
    if digits.isdecimal():
        return int(text) if whole else float(text)
    fits = not whole and set(digits) <= set("0123456789.eE+-")
    return float(text) if fits else Unfit.VALUE


def _wanted(options: Iterable[inspect.Type]) -> str:
    return " or ".join(dict.fromkeys(_described(each) for each in options if not isinstance(each, inspect.NoneType)))


def _described(type_: inspect.Type) -> str:
    if isinstance(type_, inspect.LiteralType):
        one_of = "left out, or one of " if "" in type_.values else "one of "
        return one_of + ", ".join(f"`{value}`" for value in type_.values if value != "")
    if isinstance(type_, inspect.CollectionType):
        return "a list" if isinstance(type_.item_type, inspect.AnyType) else f"a list of {_plural(type_.item_type)}"
    return _TYPES.get(type(type_).__name__, "a mapping")


def _plural(type_: inspect.Type) -> str:
    words = _described(type_)
    return words.removeprefix("a ") + "s" if words.startswith("a ") else f"values, each {words}"


def _found(node: Node, wanted: Iterable[inspect.Type] = ()) -> str:
    if node.id != "scalar":
        return "a mapping" if node.id == "mapping" else "a list"
    kind = _KINDS.get(node.tag.removeprefix(_TAG), "a string")
    known = [str(value) for type_ in wanted if isinstance(type_, inspect.LiteralType) for value in type_.values]
    if kind != "empty" and any(isinstance(type_, _SCALARS) for type_ in wanted):
        return f"`{shown(node.value)}`{meant(node.value, known)}"
    return kind


def meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, where something close is known."""
    import difflib

    close = difflib.get_close_matches(name[:80], list(known), 1)
    return f"; did you mean `{close[0]}`?" if close else ""
