"""The engine's own rules by id: how severe each is, and whether a configuration may change that. Cheap to import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class EngineRule(NamedTuple):
    severity: Literal["error", "warning", "info"] = "error"
    settable: bool = False


RULES: Mapping[str, EngineRule] = {
    "COMPILE": EngineRule(),
    "UNRESOLVED_IMPORT": EngineRule(),
    "IMPORT_CYCLE": EngineRule(),
    "DUPLICATE_SYMBOL": EngineRule(),
    "DUPLICATE_FILE": EngineRule(),
    "UNSAFE_PATH": EngineRule(),
    "FILE_NOT_REGULAR": EngineRule(),
    "FILE_TOO_LARGE": EngineRule(),
    "FILE_ENCODING": EngineRule(),
    "OPTIONS_FILE_CHANGED": EngineRule(),
    "DIRECTORY_NOT_FOLLOWED": EngineRule("warning", settable=True),
    "IGNORE_MATCHES_NOTHING": EngineRule("warning", settable=True),
    "POLICY_CHANGED": EngineRule("warning"),
    "POLICY_INTRODUCED": EngineRule("info"),
    "FILES_LEFT_OUT": EngineRule("warning"),
    "BREAK_APPROVED": EngineRule("info"),
    "APPROVAL_UNUSED": EngineRule("warning", settable=True),
    "SUPPRESSION_ADDED": EngineRule("info"),
    "SUPPRESSION_INVALID": EngineRule(),
    "SUPPRESSION_EXPIRES": EngineRule("info", settable=True),
    "SUPPRESSION_UNUSED": EngineRule("warning", settable=True),
    "PACKAGE_EMPTY": EngineRule(),
    "PACKAGE_FOREIGN": EngineRule("warning"),
    "IMPORT_UNMAPPED": EngineRule(),
    "PYTHON_PATH": EngineRule(),
    "PYTHON_COLLISION": EngineRule(),
    "GO_PATH": EngineRule(),
    "GO_COLLISION": EngineRule(),
    "GO_IMPORT_CYCLE": EngineRule(),
    "OPTIONS_USED": EngineRule(),
    "GENERATED_STALE": EngineRule(),
    "ARTIFACT_MISMATCH": EngineRule(),
    "PACKAGE_REFUSED": EngineRule(),
    "RELEASE_REFUSED": EngineRule(),
    "PUBLISH_REFUSED": EngineRule(),
}
