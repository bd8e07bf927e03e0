"""What a CI platform runs, as files of a repository."""

from __future__ import annotations

from schemactl.init.origin import Origin
from schemactl.init.quoting import yaml
from schemactl.init.templates import filled


def github(origin: Origin, directory: str, branch: str) -> bytes:
    """A workflow; `directory` and `branch` (empty: unknown) are plain words."""
    branches = yaml(branch) if branch else "main, master"
    push = f"  push:\n    branches: [{branches}]\n"
    if origin.action is None:
        values = {"push": push, "requirement": _installed(origin), "directory": _from(directory)}
        return filled("steps.yml", values).encode()
    label = f" # {origin.label}" if origin.label else ""
    where = f"\n        with:\n          directory: {yaml(directory)}" if directory != "." else ""
    return filled("action.yml", {"push": push, "action": f"{origin.action}{label}{where}"}).encode()


def gitlab(origin: Origin, directory: str) -> bytes:
    """A job that needs nothing else of the pipeline it is in."""
    job = "schemactl" if directory == "." else f"schemactl-{directory.replace('/', '-')}"
    values = {"job": job, "requirement": _installed(origin), "directory": _from(directory)}
    return filled("gitlab.yml", values).encode()


def _installed(origin: Origin) -> str:
    """An address alone: with a name before it, pip would first look for a directory that is called so."""
    return origin.requirement.removeprefix("schemactl @ ")


def _from(directory: str) -> str:
    return "" if directory == "." else f" -C {directory}"
