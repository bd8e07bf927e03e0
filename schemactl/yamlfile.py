"""Strict YAML files as typed values: every mistake of a file is told at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from schemactl.errors import ConfigError
from schemactl.yamltext import shown_at, source_index
from schemactl.yamlwalk import DEPTH, NODES, TOLD, Keys, Mistake, Node, Unfit, Unknown, Walk, is_null

T = TypeVar("T")


class Within(NamedTuple):
    """A mistake inside of a text: `offset` characters of the value stand before it."""

    keys: Keys
    message: str
    offset: int


class Between(NamedTuple):
    """A mistake at two places: that of `other` is told behind the message, before the `hint`."""

    keys: Keys
    message: str
    other: Keys
    hint: str


Said = tuple[Keys, str] | Within | Between
Check = Callable[[T], Iterable[Said]]

_SIZE = 1 << 20
_ALIASES = 100
_SHOWN = 200

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# What goes on behind the quotes that it starts with.
_QUOTED = re.compile(r"""\s*(?:- +)?(?P<key>\w+): +(?P<value>(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")\s*[^\s#].*)""")
_TAB = re.compile(r" *\t[ \t]*\S")
_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))
_MISSING = re.compile(r"Object missing required field (`.*`)")
_SCHEMA_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Document(msgspec.Struct, Generic[T], frozen=True):
    """The value of a file, and where each of its keys and items stands."""

    path: str
    value: T
    places: Mapping[Keys, tuple[int, int]]

    def place(self, *keys: str | int) -> str:
        """`schemactl.yaml:5:7`: where the key, or the item of a list, starts."""
        line, column = _nearest(self.places, keys)
        return f"{self.path}:{line}:{column}"


def load(data: bytes, path: str, type: type[T], *, unknown: Unknown = "refuse") -> T:
    """The value of a YAML file, or a ConfigError with all of its mistakes; `path` names it in messages."""
    return read(data, path, type, unknown=unknown).value


def read(
    data: bytes, path: str, type: type[T], *, unknown: Unknown = "refuse", check: Check[T] = lambda value: ()
) -> Document[T]:
    """As `load`, with places; `check` yields what types cannot say, which is told with the rest."""
    text = _text(data, path)
    node = _node(text, path)
    walk = Walk(unknown)
    plain = {} if node is None or is_null(node) else _walked(walk, node, msgspec.inspect.type_info(type), path)
    mistakes = list(walk.mistakes)
    try:
        value = msgspec.convert(plain, type) if plain is not Unfit.VALUE else None
    except msgspec.ValidationError as error:
        message, keys = _schema_mistake(str(error))
        raise _refusal(path, mistakes or [Mistake(*_nearest(walk.places, keys), message)]) from None
    if value is not None:
        mistakes += [_placed(each, walk, text) for each in check(value)]
    if mistakes or value is None:
        raise _refusal(path, mistakes)
    return Document(path, value, walk.places)


def _walked(walk: Walk, node: Node, type_: msgspec.inspect.Type, path: str) -> Any:
    try:
        return walk.value(node, type_, (), 0)
    except RecursionError as error:
        raise ConfigError(f"{path}: {error}", "write it without nesting or aliases that deep") from None


def _placed(said: Said, walk: Walk, text: str) -> Mistake:
    if isinstance(said, Between):
        line, column = _nearest(walk.places, said.other)
        return Mistake(*_nearest(walk.places, said.keys), f"{said.message} ({line}:{column}): {said.hint}")
    if not isinstance(said, Within):
        return Mistake(*_nearest(walk.places, said[0]), said[1])
    index = source_index(text, walk.nodes[said.keys], said.offset)
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    return Mistake(line, column, f"{said.message}\n{shown_at(text, index)}")


def _nearest(places: Mapping[Keys, tuple[int, int]], keys: Keys) -> tuple[int, int]:
    while keys and keys not in places:
        keys = keys[:-1]
    return places.get(keys, (1, 1))


def _schema_mistake(message: str) -> tuple[str, Keys]:
    """msgspec says `Expected … - at `$.rules[2].id``: the message, and the keys of its path."""
    said, _, where = message.partition(" - at `$")
    said = _MISSING.sub(r"\1 is missing", said)
    return said, tuple(name or int(index) for name, index in _SCHEMA_STEP.findall(where))


def _refusal(path: str, mistakes: Iterable[Mistake]) -> ConfigError:
    ordered = sorted(set(mistakes))
    lines = [f"{path}:{line}:{column}: {message}" for line, column, message in ordered[:TOLD]]
    more = len(ordered) - TOLD
    lines += [f"{path}: {more} more mistakes"] if more > 0 else []
    return ConfigError("\n".join(lines), f"correct {path} and run again")


def _text(data: bytes, path: str) -> str:
    if len(data) > _SIZE:
        raise ConfigError(f"{path} is larger than {_SIZE >> 20} MiB", "split it, or remove what is not configuration")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{path}:{line}: byte 0x{data[error.start]:02x} is not UTF-8"
        raise ConfigError(message, f"save {path} as UTF-8") from None
    strange = [_strange(text, match.start()) for match in islice(_FORBIDDEN.finditer(text), TOLD)]
    if strange:
        raise _refusal(path, strange)
    return text


def _strange(text: str, at: int) -> Mistake:
    name = "a NUL byte" if text[at] == "\0" else f"the control character U+{ord(text[at]):04X}"
    return Mistake(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), f"{name} does not belong in YAML")


def _node(text: str, path: str) -> Node | None:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        mistakes = list(_vetted(yaml.parse(text, Loader=loader), path))
        if mistakes:
            raise _refusal(path, mistakes)
        return yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise _refusal(path, _syntax(error, text)) from None


def _vetted(events: Iterable[Any], path: str) -> Iterable[Mistake]:
    """What is refused before nodes are made of it; composing is recursive, so depth is bounded here."""
    import yaml

    depth = aliases = documents = 0
    for count, event in enumerate(events):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEPTH:
            raise ConfigError(f"{path} is nested deeper than {DEPTH} levels", "write it flatter")
        if count > NODES:
            raise ConfigError(f"{path} holds more than {NODES} values", "keep it to what is configuration")
        if aliases > _ALIASES:
            raise ConfigError(f"{path} holds more than {_ALIASES} aliases", "write the values out")
        if documents > 1 and isinstance(event, yaml.DocumentStartEvent):
            yield _at(event.start_mark, "`---` starts a second document; one file is one document")
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _TAGS:
            yield _at(event.start_mark, "a tag such as `!x` is not understood; write a plain value, with `!` in quotes")


class _Mark(NamedTuple):
    line: int
    column: int


def _at(mark: Any, message: str) -> Mistake:
    return Mistake(mark.line + 1, mark.column + 1, message)


def _quoted(key: str, value: str) -> str:
    whole = msgspec.json.encode(value).decode() if "'" in value else f"'{value}'"
    return f": {key}: {whole}" if len(f"{key}{whole}") <= _SHOWN else ""


def _syntax(error: Any, text: str) -> list[Mistake]:
    mark: Any = error.problem_mark or error.context_mark or _Mark(0, 0)
    lines = text.split("\n")
    if mark.line < len(lines) and _TAB.match(lines[mark.line]):
        tabbed = {n for n, line in enumerate(lines) if line.startswith("\t") and line.strip()} | {mark.line}
        return [Mistake(n + 1, 1, f"line {n + 1} is indented with a tab; YAML wants spaces") for n in tabbed]
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = "; put text that holds `: ` in quotes" if "mapping values" in said else ""
    if mark.line < len(lines) and (quoted := _QUOTED.fullmatch(lines[mark.line].rstrip())):
        said, hint = "the quotes end before the value does", f"; put all of it in quotes{_quoted(**quoted.groupdict())}"
    elif "cannot start any token" in said:
        hint = "; put the value in quotes"
    return [_at(mark, f"not valid YAML: {said}{hint}")]
