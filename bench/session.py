"""Runs both tools on the trees, each as seldom as the medians allow: what one line has measured, others use."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from shutil import rmtree

import msgspec

from bench import trees
from bench.measure import Failed, Sample, measure
from bench.outcome import Outcome
from bench.trees import Tree
from schemactl import buf

_LINT = {"version": "v2", "lint": {"use": ["STANDARD"], "except": ["PROTOVALIDATE"]}}
_BREAKING = {"version": "v2", "breaking": {"use": ["FILE"]}}
_BUILT_IN = ["STANDARD", "events"]
RULES = Path(__file__).with_name("declared.yaml")
_CONFIGS = {
    "built-in": {"lint": {"use": _BUILT_IN}},
    "declared": {"packs": [RULES.name], "lint": {"use": [*_BUILT_IN, "declared"]}},
}
_PACKAGES = {
    "packages": [{"name": "acme-events", "languages": ["python", "go"], "go": {"module": "example.com/acme/events-go"}}]
}
_BOTH = {"lint": _LINT["lint"], "breaking": {"profile": "source"}}
_ALL = {"lint": _LINT, "breaking": _BREAKING, "both": _BOTH, "packages": _PACKAGES, **_CONFIGS}
# Bytes of a tree on which a run is short: such runs vary more, and can be repeated more often.
_SHORT = 5_000_000
# So that no CI, hook or user setting decides what is run.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")

LARGE, SMALL, OTHER = "googleapis-protos", "temporal-api", "opentelemetry-proto"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where clones of real repositories are, if anywhere, how often to run (`short` runs more often), and what."""

    corpora: Path | None = None
    runs: int = 3
    short: int = 4
    schemactl: str = str(Path(sys.executable).with_name("schemactl"))
    large: str = LARGE


class Session:
    def __init__(self, options: Options, place: Path, say: Callable[[str], None]) -> None:
        self.options = options
        self._place = place
        self._say = say
        self._count = 0
        self.tree = cache(self._tree)
        self.buf_lint = cache(self._buf_lint)
        self.buf_breaking = cache(self._buf_breaking)
        self.cold = cache(self._cold)
        for name, content in _ALL.items():
            # JSON is YAML.
            self._config(name).write_bytes(msgspec.json.encode(content))

    @property
    def large(self) -> Tree:
        return self.tree(self.options.large)

    @property
    def lint(self) -> tuple[str, ...]:
        return ("lint", "--select", "STANDARD", "--ignore", "PROTOVALIDATE")

    def judging(self, command: str, against: str) -> tuple[str, ...]:
        """`check` or `breaking` by the rules that Buf is given."""
        return (command, "--against", against, "--config", str(self._config("both")))

    def configured(self, name: str) -> tuple[str, ...]:
        """`lint` by one of the configurations that Buf has nothing to do with."""
        return ("lint", "--config", str(self._config(name)))

    def making(self, *words: str) -> tuple[str, ...]:
        """`generate` or `package` of all that the tree holds."""
        return (*words, "--config", str(self._config("packages")))

    def released(self, name: str) -> Tree:
        """With every release, where `tree` has two commits."""
        return self._ready(trees.released(self._clone(name), self.unused(name)))

    def _tree(self, name: str) -> Tree:
        return self._ready(trees.copy(self._clone(name), self.unused(name)))

    def _clone(self, name: str) -> Path:
        if self.options.corpora is None:
            raise Failed("SCHEMACTL_CORPORA names no directory with clones of the corpora")
        source = self.options.corpora / name
        if not source.is_dir():
            raise Failed(f"SCHEMACTL_CORPORA has no clone of {name}")
        return source.resolve()

    @contextmanager
    def synthetic(self, count: int) -> Iterator[Tree]:
        tree = trees.made(count, self.unused("synthetic"))
        try:
            yield self._ready(tree)
        finally:
            rmtree(tree.root)

    def _runs(self, tree: Tree) -> int:
        return self.options.runs * (self.options.short if tree.size < _SHORT else 1)

    def _ready(self, tree: Tree) -> Tree:
        """Its files and both tools in the page cache, nothing left to be written."""
        os.sync()
        self._say(f"{tree.name}: {len(tree.files):,} files, {tree.size / 1e6:.1f} MB")
        for program in (buf.executable(), self.options.schemactl):
            measure((program, "--version"), cwd=tree.root, env=self._environment(self._place))
        return tree

    def _buf_lint(self, tree: Tree) -> Outcome:
        argv = ("lint", "--config", str(self._config("lint")))
        return self._buf(tree, argv, self._runs(tree))

    def _buf_breaking(self, tree: Tree) -> Outcome:
        """Against the commit before; it takes so long and so much memory that once must do."""
        argv = ("breaking", "--against", ".git#ref=HEAD~1", "--config", str(self._config("breaking")))
        return self._buf(tree, (*argv, "--against-config", str(self._config("breaking"))), 1)

    def buf_against(self, tree: Tree, tag: str) -> Outcome | None:
        """Against one release, once; None where Buf cannot compile it, which is seldom the same for us."""
        argv = ("breaking", "--against", f".git#tag={tag}", "--config", str(self._config("breaking")))
        try:
            return self._buf(tree, (*argv, "--against-config", str(self._config("breaking"))), 1)
        except Failed:
            return None

    def _buf(self, tree: Tree, argv: Sequence[str], runs: int) -> Outcome:
        report, caches = self.unused("buf.json"), self._place / "buf-cache"
        env = {"BUF_CACHE_DIR": str(caches), "BUF_BETA_SUPPRESS_WARNINGS": "1"}
        command = (buf.executable(), *argv, "--timeout", "0", "--error-format", "json")
        samples = tuple(self._sample(command, tree, caches, report, (0, 100), env) for _ in range(runs))
        return Outcome(samples, report, caches)

    def _cold(self, tree: Tree, argv: Sequence[str], edits: Hashable = None) -> Outcome:
        """Every time with an empty cache; `edits` tells apart what the tree holds meanwhile."""
        samples: list[Sample] = []
        while True:
            outcome = self.ours(tree, argv, self.unused("cache"), 1)
            samples += outcome.samples
            if len(samples) == self._runs(tree):
                return replace(outcome, samples=tuple(samples))
            rmtree(outcome.cache)

    def ours(
        self,
        tree: Tree,
        argv: Sequence[str],
        cache: Path,
        runs: int | None = None,
        env: dict[str, str] | None = None,
    ) -> Outcome:
        """With this cache, as it is found and left."""
        report = self.unused("schemactl.json")
        command = (self.options.schemactl, *argv, "--format", f"json:{report}")
        samples = tuple(self._sample(command, tree, cache, env=env) for _ in range(runs or self._runs(tree)))
        return Outcome(samples, report, cache)

    def protoc(self, tree: Tree, out: Path, names: Sequence[str]) -> Outcome:
        """One plain call for all code that Python wants."""
        outs = (f"--{each}_out={out}" for each in ("python", "pyi", "grpc_python"))
        command = (sys.executable, "-m", "grpc_tools.protoc", "-I.", *outs, *names)
        cache = self.unused("none")
        return Outcome(tuple(self._sample(command, tree, cache) for _ in range(self._runs(tree))), out, cache)

    def pre_commit(self, tree: Tree, cache: Path, home: Path) -> Sample:
        """One run of the hooks that the tree itself configures, as a commit has it."""
        command = (sys.executable, "-m", "pre_commit", "run")
        return self._sample(command, tree, cache, env={"PRE_COMMIT_HOME": str(home)})

    def _sample(
        self,
        argv: Sequence[str],
        tree: Tree,
        cache: Path,
        stdout: Path | None = None,
        ok: Sequence[int] = (0, 1),
        env: dict[str, str] | None = None,
    ) -> Sample:
        cache.mkdir(exist_ok=True)
        known = self._environment(cache) | (env or {})
        sample = measure(argv, cwd=tree.root, env=known, stdout=stdout, ok=ok)
        told = f"{sample.seconds:.2f} s, {sample.cpu:.2f} s CPU, {sample.memory / 1e6:,.0f} MB"
        self._say(f"  {Path(argv[0]).name} {argv[1]}, {tree.name}: {told}")
        return sample

    def start_up(self, argv: Sequence[str]) -> float:
        """Seconds of a run that has nothing to read; so short, it can be run more often."""
        command = (self.options.schemactl, *argv)
        runs = self.options.runs * self.options.short
        samples = [measure(command, cwd=self._place, env=self._environment(self._place)) for _ in range(runs)]
        return statistics.median(each.seconds for each in samples)

    def _environment(self, cache: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | {"SCHEMACTL_CACHE_DIR": str(cache)}

    def _config(self, name: str) -> Path:
        return self._place / f"{name}.yaml"

    def unused(self, name: str) -> Path:
        """A path nobody has used; each in a directory of its own."""
        self._count += 1
        directory = self._place / str(self._count)
        directory.mkdir()
        return directory / name
