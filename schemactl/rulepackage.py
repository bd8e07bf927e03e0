"""An installed package of rules, as plain data: what configuration, workers and the cache need to know of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from schemactl.errors import ToolError

GROUP = "schemactl.rules"


class Package(Struct, frozen=True):
    """`name` is what a configuration calls it, `distribution` brings it ("acme-schema-rules 1.2.0").

    `packs` are the texts of its declared rules by their origin, `settings` is its schemactl.yaml. Whenever `state`
    is the same, so is all that it judges.
    """

    name: str
    distribution: str
    module: str
    directory: str
    state: str
    packs: Mapping[str, str] = {}
    settings: bytes | None = None

    @property
    def file(self) -> str:
        """How messages name its schemactl.yaml."""
        return f"{self.name}:schemactl.yaml"


Find = Callable[[str], Package]


class Missing(ToolError):
    """No installed package is called `name`; `others` are."""

    def __init__(self, name: str, others: str = "") -> None:
        super().__init__(
            f"no installed package of rules is called `{name}`{others}",
            "run `python -m pip install DISTRIBUTION` in the environment of schemactl, with the distribution that "
            f"brings `{name}` (an entry point in the group `{GROUP}`)",
        )


def nowhere(name: str) -> Package:
    """Finds no package."""
    raise Missing(name)
