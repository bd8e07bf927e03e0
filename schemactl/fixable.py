"""Rules whose findings `lint --fix` can correct: the ids of fix/table.py, without loading what fixes them."""

from __future__ import annotations

FIXABLE = frozenset(
    (
        "ENUM_FIRST_VALUE_ZERO",
        "ENUM_PASCAL_CASE",
        "ENUM_VALUE_PREFIX",
        "ENUM_VALUE_UPPER_SNAKE_CASE",
        "ENUM_ZERO_VALUE_SUFFIX",
        "ENVELOPE_FIELDS",
        "FIELD_LOWER_SNAKE_CASE",
        "IMPORTS_SORTED",
        "IMPORT_USED",
        "MESSAGE_PASCAL_CASE",
        "ONEOF_LOWER_SNAKE_CASE",
        "RESERVED_NAME_AND_NUMBER",
        "RPC_PASCAL_CASE",
        "SERVICE_PASCAL_CASE",
        "SERVICE_SUFFIX",
    )
)
