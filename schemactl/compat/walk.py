"""Follows what travels: from each root through its fields to every message and enum that it is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from schemactl.compat.change import Root, Use
from schemactl.compat.enumpairs import Held
from schemactl.compat.pairs import couples
from schemactl.compat.shape import Field
from schemactl.compat.types import Body, Types

Names = tuple[str, str]  # of a type as it was and as it is

ANY = "google.protobuf.Any"


@dataclass
class Uses:
    """How each pair of messages and of enums travels: one use for each contract, one holder for each kind of field.

    `of_any` are the uses of messages that carry any other.
    """

    messages: dict[Names, list[Use]] = field(default_factory=dict)
    enums: dict[Names, list[Held]] = field(default_factory=dict)
    of_any: list[Use] = field(default_factory=list)


class Walk:
    """Collects the uses of what may have changed: `changed` tells by import path which files can hold or reach it."""

    def __init__(self, old: Types, new: Types, changed: Collection[str] | None = None) -> None:
        self.uses = Uses()
        self._old, self._new, self._changed = old, new, changed
        self._kinds: set[tuple[object, ...]] = set()

    def follow(self, roots: Iterable[Root], *, deep: bool = True) -> None:
        """`deep`: into the messages that the root is made of, too."""
        for root in roots:
            was, now = self._message(root)
            if was and now:
                self._from(Use(root), was, now, deep)

    def _message(self, root: Root) -> tuple[Body | None, Body | None]:
        was, now = self._old.messages.get(root.was), self._new.messages.get(root.now)
        if was is None or now is None:
            return None, None
        return self._old.message(root.was, was.place.file), self._new.message(root.now, now.place.file)

    def _from(self, start: Use, was: Body, now: Body, deep: bool) -> None:
        pending = [(start, was, now)]
        seen = {(was.message.full_name, now.message.full_name)}
        while pending:
            use, old, new = pending.pop()
            self._add(use, (old.message.full_name, new.message.full_name))
            for before, after in _meetings(old, new):
                step = use._replace(steps=(*use.steps, (before, after)))
                for mine, others in _values(before, after):
                    self._hold(step, mine, others)
                    pair = self._inner(mine, others) if deep else None
                    if pair and (names := (pair[0].message.full_name, pair[1].message.full_name)) not in seen:
                        seen.add(names)
                        pending.append((step, *pair))

    def _add(self, use: Use, names: Names) -> None:
        if ("message", names, use.root.contract) not in self._kinds:
            self._kinds.add(("message", names, use.root.contract))
            self.uses.messages.setdefault(names, []).append(use)

    def _hold(self, use: Use, was: Field, now: Field) -> None:
        if was.type == now.type == ANY and not use.root.contract.advisory:
            self.uses.of_any.append(use)
        if not (was.kind == now.kind == "enum"):
            return
        outer, after = use.steps[-1]
        singles = outer.cardinality == after.cardinality == "singular"
        zero = not singles or was.presence != "implicit" or now.presence != "implicit"
        bare = singles and not (was.default or now.default or "required" in (was.presence, now.presence))
        held = Held(use, singles, zero, bare)
        kind = ("enum", was.type, now.type, use.root.contract, held[1:])
        # What Buf judges alone, it judges by the type.
        asked = was.type == now.type or not use.root.contract.advisory
        if asked and kind not in self._kinds:
            self._kinds.add(kind)
            self.uses.enums.setdefault((was.type, now.type), []).append(held)

    def _inner(self, was: Field, now: Field) -> tuple[Body, Body] | None:
        """What the field holds on either side, unless nothing there can have changed."""
        if not (was.kind == now.kind == "message"):
            return None
        old = self._old.message(was.type, was.place.file)
        new = self._new.message(now.type, now.place.file)
        if old is None or new is None or self._still(old, new):
            return None
        return old, new

    def _still(self, old: Body, new: Body) -> bool:
        return self._changed is not None and {*old.files, *new.files}.isdisjoint(self._changed)


def _meetings(old: Body, new: Body) -> Iterable[tuple[Field, Field]]:
    """Fields that read each other, in the one encoding by number and in the other by name."""
    if old.fields == new.fields:
        return zip(old.fields, new.fields, strict=True)
    found = [(was, now) for was, now in couples(old, new) if was and now]
    found += [(was, new.by_key[key]) for was in old.fields for key in (was.json_name, was.name) if key in new.by_key]
    found += [(old.by_key[key], now) for now in new.fields for key in (now.json_name, now.name) if key in old.by_key]
    return {(was.full_name, now.full_name): (was, now) for was, now in found}.values()


def _values(was: Field, now: Field) -> list[tuple[Field, Field]]:
    """The fields whose types count: of maps those of keys and values."""
    if was.entry and now.entry:
        return list(zip(was.entry, now.entry, strict=True))
    return [(was, now)]
