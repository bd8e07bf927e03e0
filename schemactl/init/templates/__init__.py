"""The texts that `schemactl init` writes, with `@@name@@` where a value belongs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_HERE = Path(__file__).parent
_NAME = re.compile(r"@@(\w+)@@")


def filled(name: str, values: Mapping[str, str]) -> str:
    """The template with all values in; what a value says is not looked at again."""
    return _NAME.sub(lambda found: values[found[1]], (_HERE / name).read_text(encoding="utf-8"))
