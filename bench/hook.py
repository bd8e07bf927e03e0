"""The lines of the budget about what runs before a commit: what is staged, judged by itself and by pre-commit."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import trees
from bench.measure import Sample
from bench.session import SMALL, Session
from bench.table import Line
from bench.trees import Tree

Lines = Iterator[Line]

_GOAL = 0.5
_CHECK = ("check", "--staged", "--against", "HEAD")
_CONFIG = ".pre-commit-config.yaml"


def hook(session: Session) -> Lines:
    """Every run sees an edit that none before it has seen, as every commit has another one."""
    tree, cache = session.tree(SMALL), session.unused("cache")
    for command in (("lint", "--staged"), _CHECK):
        seconds = _edited(session, tree, partial(_sample, session, tree, cache, command))
        yield Line(f"{command[0]} --staged {tree.name}, warm", seconds, "s", goal=_GOAL, judged="value")
    home = session.unused("pre-commit")
    with trees.added(tree.root / _CONFIG, _configured(session.options.schemactl)):
        seconds = _edited(session, tree, lambda: session.pre_commit(tree, cache, home))
    yield Line(f"check --staged {tree.name}, warm, by pre-commit", seconds, "s")


def _sample(session: Session, tree: Tree, cache: Path, command: tuple[str, ...]) -> Sample:
    return session.ours(tree, command, cache, 1).samples[0]


def _edited(session: Session, tree: Tree, run: Callable[[], Sample]) -> float:
    """The median, without the first, which warms the cache."""
    name = tree.files[0]
    samples = []
    with trees.edited(tree.root / name, trees.new_message) as edit:
        for number in range(1 + session.options.runs * session.options.short):
            edit(number)
            trees.git(tree.root, "add", "--", name)
            samples.append(run().seconds)
    trees.git(tree.root, "add", "--", name)
    return statistics.median(samples[1:])


def _configured(program: str) -> bytes:
    """The hook as it is published, but for its installation."""
    hook = {
        "id": "schemactl", "name": "schemactl check", "entry": " ".join((program, *_CHECK)),
        "language": "system", "pass_filenames": False, "always_run": True,
    }  # fmt: skip
    return json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}).encode()  # JSON is YAML
