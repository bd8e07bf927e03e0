"""Changes of a schema as people make them, and as they make them by mistake."""

from __future__ import annotations

from random import Random

from law import mutate_enums, mutate_fields, mutate_files, mutate_oneofs, mutate_types
from law.model import Schema, Side, Unfit, compiles, settle

MUTATIONS = {
    **mutate_fields.MUTATIONS,
    **mutate_types.MUTATIONS,
    **mutate_files.MUTATIONS,
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


def mutated(rng: Random, schema: Schema, count: int, first: str | None = None) -> tuple[Schema, tuple[str, ...]]:
    """The schema after `count` changes, and which they were; it compiles after each. `first` is tried first."""
    done: list[str] = []
    for _ in range(count):
        kinds = rng.sample(list(MUTATIONS), _KINDS)
        for name in (first, *kinds) if first and not done else kinds:
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
    except (Unfit, IndexError, ValueError):  # there is nothing to choose from
        return None
    settle(changed)
    return changed if changed != schema and is_valid(changed) else None
