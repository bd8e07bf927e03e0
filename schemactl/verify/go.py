"""A Go module as its users get it: from a module proxy, built, vetted, and with every file registered."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.extensions import head
from schemactl.gotoolchain import Toolchain
from schemactl.verify import goprogram, goprovided
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
    *,
    provided: Mapping[str, bytes] | None = None,
    modules: Path | None = None,
) -> list[str]:
    """What is wrong with the module; nothing if it is as it should be.

    `beside` are artifacts of others that it may need. `packages` are import paths by proto file; `descriptors` are
    those of these files and of all that they import, imports first. `expected` are Go files by their paths in the
    module; `provided` are descriptors of files that modules of others register, as these were compiled with. In
    `modules`, a directory that products of one run share, modules stay unpacked. Raises ToolError where Go cannot work.
    """
    if not packages:
        return []
    with tempfile.TemporaryDirectory(prefix="go-", dir=directory) as name:
        own = Own(module, version, [each for each in (*artifacts, *beside) if each.kind.startswith("go-")])
        consumer = Consumer(Path(name), toolchain, own, modules)
        if problems := [*own.unprovided(), *consumer.fetched()]:
            return problems
        consumer.begin(goprogram.text(packages, provided or ()))
        if problems := [*_files(consumer, expected), *_internal(packages, module)]:
            return problems
        return _built(consumer, packages, descriptors, provided or {})


def _built(
    consumer: Consumer, packages: Mapping[str, str], descriptors: Mapping[str, bytes], provided: Mapping[str, bytes]
) -> list[str]:
    every = f"{consumer.own.module}/..."
    plain = f"-gcflags={every}={_PLAIN}"
    if problems := said(consumer.go("build", plain, every), "build", consumer):
        return problems
    vetted = tools.ahead(partial(consumer.go, "vet", plain, every))
    found, problems = _registered(consumer, plain)
    if found is not None:
        imported = {name for file in packages for name in head(descriptors[file]).dependency}
        lacking = goprovided.lacks(found, provided, imported)
        problems = [*goprogram.differences(found, packages, descriptors), *lacking]
    return [*said(vetted(), "vet", consumer), *problems]


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


def _registered(consumer: Consumer, plain: str) -> tuple[Mapping[str, str] | None, list[str]]:
    """What the program says is registered, or why there is no such thing."""
    if problems := said(consumer.go("build", plain, "-ldflags=-s -w", "-o", goprogram.NAME, "."), "build", consumer):
        return None, problems
    home = consumer.root.with_name("home")
    home.mkdir()
    # What is tried may run anything as it starts: that finds nothing of the user's.
    program = str(consumer.root / goprogram.NAME)
    done = tools.run((program,), cwd=consumer.root, env={"HOME": str(home), "USERPROFILE": str(home)}, ok=None)
    if done.code != 0:
        why = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), f"exit code {done.code}")
        return None, [f"a program that imports every package of the module cannot run: {why}"]
    return json.loads(done.stdout), []
