"""What a shell offers at TAB: read from files, never asked of a program, and nothing that a shell could run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

FORMATS = ("text", "json", "github", "sarif", "gitlab", "junit", "markdown")
DIFF_FORMATS = ("text", "json", "markdown")
LANGUAGES = ("python", "go")
ASKED = "_SCHEMACTL_COMPLETE"  # what a shell sets
_HERE = Path(__file__).parent
_BASES = ("none", "retained", "tag:latest", "tags")
_MAIN = re.compile(r"[^/]+/(main|master|trunk|develop)")


def plainly() -> None:
    """Typer takes markup out of what shells show beside an option, by a library that loads longer than all the rest."""
    from typer import _completion_classes

    vars(_completion_classes)["_sanitize_help_text"] = str  # there is no markup


def rule_ids(incomplete: str) -> list[str]:
    from schemactl import bufrules, compatrules, enginerules

    of_buf = (id for id, rule in bufrules.table().items() if rule.kind == "breaking" and not rule.deprecated)
    return _matching({*_own_ids(), *of_buf, *compatrules.IDS, *enginerules.RULES}, incomplete)


def rules_and_categories(incomplete: str) -> list[str]:
    from schemactl import bufrules, compatrules

    of_buf = {name for table in bufrules.table().values() for name in table.categories.get("v2", ())}
    categories = _matching({*of_buf, *compatrules.NAMES, "events"}, incomplete)
    return sorted({*rule_ids(incomplete), *categories})


def formats(incomplete: str) -> list[str]:
    return _matching(FORMATS, incomplete)


def diff_formats(incomplete: str) -> list[str]:
    return _matching(DIFF_FORMATS, incomplete)


def languages(incomplete: str) -> list[str]:
    return _matching(LANGUAGES, incomplete)


def revisions(context: typer.Context, incomplete: str) -> list[str]:
    return _matching(_refs(context), incomplete)


def bases(context: typer.Context, incomplete: str) -> list[str]:
    refs = _refs(context)
    return _matching({*_BASES, *refs, *(f"merge-base:{ref}" for ref in refs if _MAIN.fullmatch(ref))}, incomplete)


def states(context: typer.Context, incomplete: str) -> list[str]:
    """Of `A..B` the part that is being written."""
    before, dots, after = incomplete.rpartition("..")
    return [f"{before}{dots}{ref}" for ref in _matching(_refs(context), after)]


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))


def _own_ids() -> Iterator[str]:
    """By the names of files and keys: to load the rules takes as long as all the rest."""
    for path in _HERE.joinpath("rules").glob("[a-z]*.py"):
        yield path.stem.upper()
    for pack in [*_HERE.glob("packs/*.yaml")] or _HERE.parent.glob("rules/*.yaml"):  # of a checkout, those beside it
        yield from re.findall(r"^ *- id: (\w+)$", pack.read_text("utf-8"), re.MULTILINE)


def _refs(context: typer.Context) -> set[str]:
    """Branches and tags. What a name holds is anybody's, and a shell runs what it finds in a completed line."""
    from schemactl import git
    from schemactl.git.command import PLAIN

    try:
        repo = git.discover(Path(context.params.get("directory") or "."))
        found = set(_written(_common(repo.git_dir))) if repo else set()
    except OSError:
        return set()
    names = (re.sub(r"^refs/(heads|tags|remotes)/", "", ref) for ref in found)
    return {"HEAD", *(name for name in names if PLAIN.fullmatch(name))} if repo else set()


def _common(git_dir: Path) -> Path:
    """Worktrees keep their branches in the repository that they are of."""
    pointer = git_dir / "commondir"
    return git_dir / os.fsdecode(pointer.read_bytes()[:4096]).strip() if pointer.is_file() else git_dir


def _written(git_dir: Path) -> Iterator[str]:
    for kind in ("heads", "tags", "remotes"):
        for parent, _, files in os.walk(git_dir / "refs" / kind):
            yield from (Path(parent, name).relative_to(git_dir).as_posix() for name in files)
    packed = git_dir / "packed-refs"
    text = packed.read_text("utf-8", "replace") if packed.is_file() else ""
    yield from re.findall(r"^[0-9a-f]+ (refs/(?:heads|tags|remotes)/.+)$", text, re.MULTILINE)
