"""What the rules about cases share: how a wrong name, the right one and the price of the change are told."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.element import Element
from schemactl.names import is_identifier
from schemactl.rule import Hit

NAME = (1,)
IN_JSON = "JSON carries the name: rename it only while nothing is published"
IN_CALLS = "calls carry the name: rename it only while nobody makes them"


def misnamed(element: Element, what: str, right: str, case: str, help: str = "") -> Iterator[Hit]:
    if element.name != right:
        # `_` and `_1` leave nothing that could be a name.
        should = f"be `{right}`" if is_identifier(right) else f"be in {case}"
        yield Hit(f"{what} `{element.name}` should {should}", help, NAME)
