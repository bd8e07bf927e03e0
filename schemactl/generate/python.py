"""Python code of a package: messages, their stubs, and gRPC's where there are services."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from schemactl import protoc, tools
from schemactl.errors import ToolError
from schemactl.generate import comments, pythongate, wire
from schemactl.generate.bare import Bare
from schemactl.generate.generator import Generator
from schemactl.generate.pythonmove import moved
from schemactl.product import Plan, Product, python_path, rooted

_SERVICE, _FILES, _SOURCE = 6, 1, 9  # of a file; of a set; of a file
_FEW = 16  # files that are not worth a second process
_SET = "schema.binpb"
_FULL, _ROOM = "No space left on device", "free some disk space, or set TMPDIR to another directory"


def code(plan: Plan, product: Product, bare: Bare, directory: Path, generator: Generator) -> dict[str, bytes]:
    """Files by their path below the root of the import path. Raises Refused for what Python has no name for."""
    serving = {file for file in product.files if _SERVICE in wire.numbers(bare.descriptors[file])}
    written = _generate(product.files, _descriptor_set(bare, serving), directory, generator)
    kept = _expected(product.files, serving, written)
    gated = pythongate.checked(kept, product.files, bare)
    files = moved(gated, plan, product, bare)
    root = rooted(product).replace(".", "/")
    files = {f"{root}/{path}" if root else path: content for path, content in files.items()}
    return dict(sorted((files | _typed(files)).items()))


def _descriptor_set(bare: Bare, serving: Iterable[str]) -> bytes:
    """Only comments of services are of use, where they become docstrings."""
    with_comments = {file: wire.embedded(_SOURCE, comments.docstrings(bare.sources[file])) for file in serving}
    return b"".join(
        wire.embedded(_FILES, descriptor + with_comments.get(name, b""))
        for name, descriptor in bare.descriptors.items()
    )


def _generate(files: Sequence[str], schema: bytes, directory: Path, generator: Generator) -> dict[str, bytes]:
    """All that protoc writes; of many files by two processes, each for every other one."""
    try:
        with tempfile.TemporaryDirectory(prefix="python-", dir=directory) as place:
            home = Path(place)
            (home / _SET).write_bytes(schema)
            halves = [files] if len(files) < _FEW else [files[::2], files[1::2]]
            outs = [home / str(number) for number, _ in enumerate(halves)]
            others = [
                tools.ahead(partial(_protoc, half, out, generator))
                for half, out in zip(halves[1:], outs[1:], strict=True)
            ]
            try:
                _protoc(halves[0], outs[0], generator)
            finally:
                for other in others:
                    other()
            return {path: content for out in outs for path, content in _read(out)}
    except OSError as error:
        raise ToolError(f"the temporary directory cannot be written: {error.strerror}", _ROOM) from error


def _protoc(files: Sequence[str], out: Path, generator: Generator) -> None:
    out.mkdir()
    options = (f"--{each}_out={out.name}" for each in ("python", "pyi", "grpc_python"))
    arguments = (f"--descriptor_set_in={_SET}", *options, *files)
    result = protoc.run(out.parent, arguments, generator.argv)
    if result is None:
        raise ToolError(f"{generator.name} {generator.version} crashed or did not finish", "try another version of it")
    if result.code:
        said = result.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        what = said[-1] if said else "it does not say why"
        if _FULL in what:
            raise ToolError(f"the temporary directory cannot be written: {_FULL}", _ROOM)
        message = f"{generator.name} {generator.version} cannot make Python code of this: {what}"
        raise ToolError(message, "pin another version as `generator`, if it is too old for these files")


def _read(directory: Path) -> Iterable[tuple[str, bytes]]:
    for parent, _, names in os.walk(directory):
        for name in names:
            path = Path(parent, name)
            yield path.relative_to(directory).as_posix(), path.read_bytes()


def _expected(files: Sequence[str], serving: set[str], written: Mapping[str, bytes]) -> dict[str, bytes]:
    """What was written, less gRPC's modules without services, which only need grpcio; nothing else may be there."""
    paths = {file: python_path(file) for file in files}
    expected = {f"{path}{suffix}" for path in paths.values() for suffix in (".py", ".pyi", "_grpc.py")}
    if wrong := sorted(expected ^ written.keys()):
        message = f"the generator wrote other files than it should have: `{wrong[0]}` is one too many or missing"
        raise ToolError(message, "pin another version as `generator`")
    idle = {f"{path}_grpc.py" for file, path in paths.items() if file not in serving}
    return {path: content for path, content in written.items() if path not in idle}


def _typed(paths: Iterable[str]) -> dict[str, bytes]:
    """The marker of typed code in each directory; at the top, it would be one of everybody's."""
    return {f"{parent}/py.typed": b"" for path in paths if (parent := path.rpartition("/")[0])}
