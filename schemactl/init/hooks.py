"""What is run before a commit: a configuration of pre-commit, or lines for whatever else manages hooks."""

from __future__ import annotations

from collections.abc import Sequence

from schemactl.init.origin import Origin
from schemactl.init.quoting import yaml
from schemactl.init.surroundings import Hooks


def pre_commit(origin: Origin, arguments: Sequence[str]) -> bytes:
    """`arguments` are plain words."""
    return "\n".join(["repos:", *_entry(origin, arguments), ""]).encode()


def lines(hooks: Hooks, origin: Origin, arguments: Sequence[str]) -> tuple[str, ...]:
    """What to add to a file that is there."""
    if hooks.manager == "pre-commit":
        return tuple(_entry(origin, arguments))
    command = _command(arguments)
    if hooks.manager == "lefthook":
        return ("pre-commit:", "  commands:", "    schemactl:", f"      run: {command}")
    return (command,)


def _command(arguments: Sequence[str]) -> str:
    return " ".join(("schemactl check --staged", *arguments))


def _entry(origin: Origin, arguments: Sequence[str]) -> list[str]:
    """An item of `repos`."""
    if origin.repository:
        label = f"  # {origin.label}" if origin.label else ""
        given = [f"        args: [{', '.join(map(yaml, arguments))}]"] if arguments else []
        return [
            f"  - repo: {origin.repository}",
            f"    rev: {origin.revision}{label}",
            "    hooks:",
            "      - id: schemactl",
            *given,
        ]
    # No `language: python`: what pre-commit installed by the name alone could be anybody's.
    return [
        "  - repo: local",
        "    hooks:",
        "      - id: schemactl",
        "        name: schemactl check",
        f"        entry: {_command(arguments)}",
        "        language: system  # the schemactl that is on PATH",
        "        always_run: true  # what a commit deletes is no file to pre-commit, and may break most",
        "        pass_filenames: false",
    ]
