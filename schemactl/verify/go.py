"""A Go module as its users get it: from a module proxy, built, vetted, and with every file registered."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.gotoolchain import Toolchain
from schemactl.verify import goprogram
from schemactl.verify.goconsumer import Consumer, Own, said

_PLAIN = "-N -l"  # code that runs once: to compile it well takes twice as long


def verified(
    artifacts: Sequence[Artifact],
    beside: Sequence[Artifact],
    module: str,
    version: str,
    packages: Mapping[str, str],
    descriptors: Mapping[str, bytes],
    expected: Collection[str],
    directory: Path,
    toolchain: Toolchain,
) -> list[str]:
    """What is wrong with the module; nothing if it is as it should be.

    `beside` are artifacts of others that it may need. `packages` are import paths by proto file; `descriptors` are
    those of these files and of all that they import, imports first. `expected` are Go files by their paths in the
    module. Raises ToolError where Go cannot work.
    """
    if not packages:
        return []
    with tempfile.TemporaryDirectory(prefix="go-", dir=directory) as name:
        own = Own(module, version, [each for each in (*artifacts, *beside) if each.kind.startswith("go-")])
        consumer = Consumer(Path(name), toolchain, own)
        if problems := [*own.unprovided(), *consumer.fetched()]:
            return problems
        consumer.begin(goprogram.text(packages))
        if problems := [*_files(consumer, expected), *_internal(packages, module)]:
            return problems
        plain = f"-gcflags={module}/...={_PLAIN}"
        if problems := said(consumer.go("build", plain, f"{module}/..."), "build", consumer):
            return problems
        vetted = tools.ahead(partial(consumer.go, "vet", plain, f"{module}/..."))
        registered = _registered(consumer, plain, packages, descriptors)
        return [*said(vetted(), "vet", consumer), *registered]


def _files(consumer: Consumer, expected: Collection[str]) -> Iterator[str]:
    """What Go compiles must be what was generated: it leaves out files by their names, and whole directories."""
    compiled: set[str] = set()
    for package in consumer.packages():
        directory = package["ImportPath"].removeprefix(consumer.own.module).lstrip("/")
        compiled.update(f"{directory}/{name}".lstrip("/") for name in package.get("GoFiles", []))
    for path in sorted({*expected} - compiled):
        yield f"`{path}` is not compiled: {_why(path)}"
    for path in sorted(compiled - {*expected}):
        yield f"`{path}` is compiled, but was not generated"


def _why(path: str) -> str:
    *directories, name = path.split("/")
    for each in directories:
        if each in ("testdata", "vendor") or each[0] in "_.":
            return f"Go leaves out directories like `{each}`; rename it"
    if name[0] in "_.":
        return f"Go leaves out files that start with `{name[0]}`; rename its proto file"
    return "Go reads the end of its name, or a comment in it, as a system to compile it for; rename its proto file"


def _internal(packages: Mapping[str, str], module: str) -> Iterator[str]:
    for file, package in sorted(packages.items()):
        if "internal" in package.removeprefix(module).split("/"):
            yield f"`{file}`: nobody else can import `{package}`, since it is `internal`; rename the directory"


def _registered(
    consumer: Consumer, plain: str, packages: Mapping[str, str], descriptors: Mapping[str, bytes]
) -> list[str]:
    if problems := said(consumer.go("build", plain, "-ldflags=-s -w", "-o", goprogram.NAME, "."), "build", consumer):
        return problems
    done = tools.run((str(consumer.root / goprogram.NAME),), cwd=consumer.root, ok=None)
    if done.code != 0:
        why = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), f"exit code {done.code}")
        return [f"a program that imports every package of the module cannot run: {why}"]
    found: Mapping[str, str] = json.loads(done.stdout)
    return list(goprogram.differences(found, packages, descriptors))
