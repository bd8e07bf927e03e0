"""Trees to measure on: copies of real repositories and synthetic ones, who imports whom in them, and edits."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import synthetic
from bench.measure import Failed

# Buf fetches the modules that these name, which takes a network, and their rules are not those measured here.
_CONFIGURATION = tuple(f":(glob)**/{name}.*" for name in ("buf", "buf.work", "schemactl"))
_IMPORT = re.compile(rb'^import\s+(?:(?:public|weak|option)\s+)?"([^"]+)"', re.MULTILINE)
_TEXT_FIELD = re.compile(r"^(\s+)string (\w+ = \d+;)", re.MULTILINE)
_VERSION = re.compile(r"v?\d+\.\d+\.\d+")
_SETTINGS = (
    "user.name=acme", "user.email=dev@acme.example", "init.defaultBranch=main", "commit.gpgsign=false", "gc.auto=0",
    "core.compression=0", "advice.detachedHead=false",
)  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """A git repository whose only module root is its top."""

    name: str
    root: Path

    @cached_property
    def files(self) -> tuple[str, ...]:
        return tuple(git(self.root, "ls-files", "-z", "--", "*.proto").split("\0")[:-1])

    @cached_property
    def size(self) -> int:
        """In bytes; reading it all also brings it into the page cache."""
        return sum(len((self.root / name).read_bytes()) for name in self.files)

    @cached_property
    def releases(self) -> tuple[str, ...]:
        """The oldest first."""
        return tuple(git(self.root, "tag", "--sort=version:refname").split())

    @cached_property
    def importers(self) -> Mapping[str, set[str]]:
        """The files that import a file themselves."""
        found: dict[str, set[str]] = {name: set() for name in self.files}
        for name in self.files:
            for match in _IMPORT.finditer((self.root / name).read_bytes()):
                found.get(match[1].decode(), set()).add(name)
        return found

    @cached_property
    def dependents(self) -> Mapping[str, int]:
        """How many files import a file, themselves or through others."""
        return {name: len(self._reached(name)) for name in self.files}

    def _reached(self, name: str) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            new = self.importers[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen


def git(root: Path, *arguments: str) -> str:
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    done = subprocess.run(["git", *settings, *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"`git {arguments[0]}` in {root.name}: {done.stderr.strip()}")
    return done.stdout


def copy(source: Path, root: Path) -> Tree:
    """Of the last two commits of a clone, without the configuration of Buf and schemactl; the clone stays as it is."""
    git(source, "clone", "--quiet", "--no-checkout", "--shared", str(source), str(root))
    commit = ""
    for revision in ("HEAD~1", "HEAD"):
        commit = _committed(root, revision, revision, commit)
    git(root, "reset", "--quiet", "--hard", commit)
    return Tree(source.name, root)


def released(source: Path, root: Path) -> Tree:
    """Of all version tags that are merged into HEAD, one commit each, and of HEAD; without any configuration."""
    git(source, "clone", "--quiet", "--no-checkout", "--shared", str(source), str(root))
    listed = git(root, "tag", "--merged", "HEAD", "--sort=version:refname").split()
    tags = [tag for tag in listed if _VERSION.fullmatch(tag)]
    commits = {tag: git(root, "rev-parse", f"{tag}^{{commit}}").strip() for tag in tags}
    git(root, "tag", "--delete", *listed)
    parent = ""
    for tag, commit in {**commits, "HEAD": "HEAD"}.items():
        parent = _committed(root, commit, tag, parent)
        if tag in commits:
            git(root, "tag", tag, parent)
    git(root, "reset", "--quiet", "--hard", parent)
    return Tree(source.name, root)


def _committed(root: Path, revision: str, message: str, parent: str) -> str:
    """A commit of what a revision holds, without the configuration of Buf and schemactl."""
    git(root, "read-tree", revision)
    git(root, "rm", "--quiet", "--cached", "--ignore-unmatch", *_CONFIGURATION)
    before = ("-p", parent) if parent else ()
    return git(root, "commit-tree", "-m", message, *before, git(root, "write-tree").strip()).strip()


def configured(tree: Tree, text: str) -> Tree:
    """With one more commit, that of a schemactl.yaml, and an addition in it."""
    (tree.root / "schemactl.yaml").write_text(text)
    first = tree.root / tree.files[0]
    first.write_text(new_message(first.read_text(), 1))
    git(tree.root, "add", "--", "schemactl.yaml", tree.files[0])
    git(tree.root, "commit", "--quiet", "--message", "An addition")
    return tree


def made(count: int, root: Path) -> Tree:
    root.mkdir(parents=True)
    synthetic.write(root, count)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all")
    return Tree(f"synthetic {count:,}", root)


def nearest(counts: Mapping[str, int], wanted: int) -> list[str]:
    """The files, first the one whose count is nearest."""
    return sorted(counts, key=lambda name: (abs(counts[name] - wanted), name))


def new_message(text: str, number: int) -> str:
    return f"{text}\nmessage BenchmarkEdit{number} {{}}\n"


def new_comment(text: str, number: int) -> str:
    """All that follows moves by a line."""
    return f"// Edit {number} of a benchmark.\n{text}"


def other_type(text: str, number: int = 0) -> str:
    return _TEXT_FIELD.sub(r"\1bytes \2", text, count=1)


@contextmanager
def added(path: Path, content: bytes) -> Iterator[None]:
    path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink()


@contextmanager
def edited(path: Path, change: Callable[[str, int], str]) -> Iterator[Callable[[int], None]]:
    """Yields what writes the file's text changed, differently for every number; afterwards it is as it was."""
    before = path.read_bytes()
    try:
        yield lambda number: _write(path, change(before.decode(), number))
    finally:
        path.write_bytes(before)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
