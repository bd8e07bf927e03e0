from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemactl.yamltext import shown_at, source_index

TEXTS = st.text(alphabet="ab'\"\\ é😀:#&|\n", max_size=60)


@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
@given(text=TEXTS, width=st.sampled_from([10, 80]), anchor=st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_character_is_found_where_it_stands(style: str | None, text: str, width: int, anchor: bool) -> None:
    value = [text, text] if not anchor else {"anchor": text}
    file = yaml.dump({"key": value}, default_style=style, width=width, allow_unicode=True)
    if anchor:
        file = file.replace("anchor: ", "anchor: &name ").replace('"anchor": ', '"anchor": &name ')
    root: Any = yaml.compose(file, Loader=yaml.CSafeLoader)
    node = root.value[0][1].value[0]
    scalar = node[1] if anchor else node
    assume(scalar.value == text)  # PyYAML folds some texts so that another one is read back
    for offset, character in enumerate(text):
        if not character.isspace():
            at = source_index(file, scalar, offset)
            assert file[at] == character or (scalar.style == '"' and file[at] == "\\")


@pytest.mark.parametrize(
    ("text", "index", "shown"),
    [
        ("a: b\n  c: d\n", 10, "    c: d\n       ^"),
        ("\ta\tb", 3, "    a b\n      ^"),
        ("x" * 200 + "y", 200, f"    {'x' * 90}y\n    {' ' * 90}^"),
        ("a\r\nb", 1, "    a\n     ^"),
    ],
)
def test_a_line_is_shown_with_a_caret(text: str, index: int, shown: str) -> None:
    assert shown_at(text, index) == shown
