"""The lines of the budget about what is made of a schema: code, beside one plain protoc call; packages; releases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.outcome import Outcome
from bench.session import SMALL, Session
from bench.table import Line
from bench.trees import Tree, configured

Lines = Iterator[Line]

_GENERATE = ("generate", "--lang", "python")
_CONFIGURATION = "packages: [{name: acme-bench}]\n"
_COMMON = "google/"  # the copies of others' files in the corpus, of which nothing is made


def package(session: Session) -> Lines:
    tree = session.tree(SMALL)
    yield from _generated(session, tree)
    python = [_packed(session, tree, "python", session.unused("cache")) for _ in range(session.options.runs)]
    yield Line(f"package {tree.name} for Python, tried, cold", _together(python).seconds, "s", goal=8, judged="value")
    cache = session.unused("cache")
    _packed(session, tree, "go", cache)  # builds the plugins
    go = [_packed(session, tree, "go", cache) for _ in range(session.options.runs)]
    yield Line(f"package {tree.name} for Go, tried", _together(go).seconds, "s", goal=25, judged="value")
    # Once: it compiles Go's own library and gRPC, which no machine that builds Go does twice.
    empty = _packed(session, tree, "go", cache, session.unused("builds"))
    yield Line(f"package {tree.name} for Go, tried, nothing built before", empty.seconds, "s")


def release(session: Session) -> Lines:
    """Of a package for Python whose last release is a commit before."""
    tree = session.released(SMALL)
    configured(tree, _CONFIGURATION)
    plan = ("release", "--allow-breaking")
    cold = [session.ours(tree, plan, session.unused("cache"), 1) for _ in range(session.options.runs)]
    yield Line(f"release {tree.name}, the plan, cold", _together(cold).seconds, "s")
    again = session.ours(tree, plan, cold[-1].cache)
    yield Line(f"release {tree.name}, the plan again", again.seconds, "s")
    dist, there = session.unused("dist"), session.unused("there")
    session.ours(tree, ("package", "--release", "--allow-breaking", "--out", str(dist)), cold[-1].cache, 1)
    publish = ("publish", str(dist), "--to")
    first = [
        session.ours(tree, (*publish, f"dir:{session.unused('there')}"), cold[-1].cache, 1)
        for _ in range(session.options.runs)
    ]
    yield Line(f"publish {tree.name} to a directory, looked at by pip", _together(first).seconds, "s")
    published = session.ours(tree, (*publish, f"dir:{there}"), cold[-1].cache)
    yield Line(f"publish {tree.name} there again", published.seconds, "s")


def _generated(session: Session, tree: Tree) -> Lines:
    out = session.unused("plain")
    out.mkdir()
    plain = session.protoc(tree, out, [name for name in tree.files if not name.startswith(_COMMON)])
    name = f"generate {tree.name} for Python, beside one protoc"
    cold = []
    for _ in range(session.options.runs * session.options.short):
        ours = session.unused("ours")
        cold.append(session.ours(tree, (*session.making(*_GENERATE), "--out", str(ours)), session.unused("cache"), 1))
    yield Line(f"{name}, cold", _together(cold).seconds, "s", plain.seconds, 1.2)
    again = session.ours(tree, (*session.making(*_GENERATE), "--out", str(ours)), cold[-1].cache)
    yield Line(f"{name}, nothing changed", again.seconds, "s", plain.seconds, 1.2)
    yield Line(f"{name}: modules", _modules(ours), "", _modules(out), judged="same")


def _packed(session: Session, tree: Tree, language: str, cache: Path, builds: Path | None = None) -> Outcome:
    """A version that nobody has made before: Go keeps what it built of one."""
    version = f"0.1.{time.monotonic_ns() // 1_000_000 % 1_000_000_000}"
    words = session.making("package", "--lang", language, "--version", version)
    env = {"GOCACHE": str(builds)} if builds else {}
    return session.ours(tree, (*words, "--out", str(session.unused("dist"))), cache, 1, env)


def _together(outcomes: list[Outcome]) -> Outcome:
    return replace(outcomes[-1], samples=tuple(sample for each in outcomes for sample in each.samples))


def _modules(directory: Path) -> int:
    return sum(1 for _ in directory.rglob("*_pb2.py"))
