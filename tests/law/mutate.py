"""Changes of a schema as people make them, and as they make them by mistake."""

from __future__ import annotations

from random import Random

from tests.law import mutate_enums, mutate_fields, mutate_oneofs, mutate_types
from tests.law.model import Schema, Side, Unfit, compiles, settle

MUTATIONS = {
    **mutate_fields.MUTATIONS,
    **mutate_types.MUTATIONS,
    **mutate_oneofs.MUTATIONS,
    **mutate_enums.MUTATIONS,
}
_KINDS, _TRIES = 20, 6


def is_valid(schema: Schema) -> bool:
    try:
        Side(schema)
    except (TypeError, ValueError, KeyError):
        return False
    return compiles(schema)


def mutated(rng: Random, schema: Schema, count: int) -> tuple[Schema, tuple[str, ...]]:
    """The schema after `count` changes, and which they were; it compiles after each."""
    done: list[str] = []
    for _ in range(count):
        for name in rng.sample(list(MUTATIONS), _KINDS):
            changed = next(filter(None, (_after(rng, schema, name) for _ in range(_TRIES))), None)
            if changed is not None:
                schema = changed
                done.append(name)
                break
    return schema, tuple(done)


def _after(rng: Random, schema: Schema, name: str) -> Schema | None:
    changed = schema.copy()
    try:
        MUTATIONS[name](rng, changed)
    except (Unfit, IndexError):  # there is nothing to choose from
        return None
    settle(changed)
    return changed if changed != schema and is_valid(changed) else None
