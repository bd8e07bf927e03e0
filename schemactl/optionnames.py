"""The custom options that an expression asks for by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

from schemactl.celtext import DUMB
from schemactl.errors import ConfigError
from schemactl.expression import MESSAGES, OPTIONS, PARENTS
from schemactl.extensions import OPTION_KINDS
from schemactl.names import short, within
from schemactl.outline import Outline
from schemactl.schema import schema

_ASKS = re.compile(rf"\b(?:{'|'.join(OPTIONS)})\b")
_CALL = rf"""\b(?P<function>{"|".join(OPTIONS)})\s*\(\s*(?P<text>'[^'\\\n]*'|"[^"\\\n]*")\s*\)"""
_TOKEN = re.compile(rf"{_CALL}|{DUMB}|\w+", re.DOTALL)
_OF_OPTIONS = tuple(f"+.google.protobuf.{kind}:" for kind in OPTION_KINDS)
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


def reads(text: str) -> bool:
    """Whether it may ask for one: where the words stand in a text alone, it costs time and nothing else."""
    return _ASKS.search(text) is not None


def named(text: str) -> set[str]:
    return {found["text"][1:-1] for found in _calls(text)}


def mistakes(target: str, text: str) -> Iterator[tuple[int, str]]:
    """Names, with their offset, that no custom option can have."""
    for found in _calls(text):
        name, offset = found["text"][1:-1], found.start("text") + 1
        bare = name.strip("().")
        asked = _options(target, found["function"])
        built_in = schema().message(f"google.protobuf.{asked}").DESCRIPTOR.fields_by_name
        if name in built_in:
            holder = {"option": target, "parent_option": "parent", "file_option": "file"}[found["function"]]
            yield offset, f"`{name}` is a built-in option: write `{holder}.options.{name}`"
        elif not _NAME.fullmatch(name):
            hint = f": write `{bare}`" if _NAME.fullmatch(bare) else ", like `acme.v1.owner`"
            yield offset, f"`{name}` should be the full name of an option{hint}"
        elif (extended := _extended(name)) not in (None, asked):
            yield offset, f"`{name}` is an option of {OPTION_KINDS[str(extended)]}, not of {OPTION_KINDS[asked]}"


def _extended(name: str) -> str | None:
    """What an option of ours is an option of."""
    pool: Any = schema().pool
    try:
        return str(pool.FindExtensionByName(name).containing_type.name)
    except KeyError:
        return None


def refuse_slips(asked: Iterable[tuple[str, str]], outlines: Iterable[Outline]) -> None:
    """An option that a rule asks for and no file declares is set nowhere; unless another one was meant."""
    extending = [each for each in outlines if any(symbol.startswith(_OF_OPTIONS) for symbol in each.symbols)]
    known = {symbol for each in extending for symbol in each.symbols if not symbol.startswith("+")}
    slips = []
    for rule, name in asked:
        if known.isdisjoint(accumulate(name.split("."), "{}.{}".format)):
            meant = sorted(each for each in known if within(name, each, 1) and short(each)[:1].islower())  # no type
            slips += [f"rule {rule}: no file declares the option `{name}`; did you mean `{meant[0]}`?"] if meant else []
    if slips:
        raise ConfigError("\n".join(slips), "correct the name in the rule, or turn the rule off")


def _calls(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _TOKEN.finditer(text) if found["function"]) if reads(text) else iter(())


def _options(target: str, function: str) -> str:
    holder = {"option": target, "parent_option": PARENTS.get(target, target), "file_option": "file"}[function]
    kind: Any = schema().message(f"google.protobuf.{MESSAGES[holder]}").DESCRIPTOR.fields_by_name["options"]
    return str(kind.message_type.name)
