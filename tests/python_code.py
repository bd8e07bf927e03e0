"""Schemas compiled from text, the Python code made of them, and what an interpreter says to it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from schemactl import protoc, wellknown
from schemactl.extensions import head
from schemactl.generate import generator, python
from schemactl.generate.bare import bare
from schemactl.generate.generator import Generator
from schemactl.image import Image, split
from schemactl.product import Plan, Product, PythonTarget

_IMPORT = re.compile(r'\bimport (?:\w+ )?"([^"]+)"')


def write(directory: Path, files: Mapping[str, str]) -> None:
    """The files, and what they import of what comes with the tool."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8", newline="\n")
        needed = {each: wellknown.provide(each) for each in _IMPORT.findall(text)}
        write(directory, {each: found.decode() for each, found in needed.items() if found is not None})


def compiled(directory: Path, files: Mapping[str, str]) -> Image:
    write(directory, files)
    return image(directory, tuple(sorted(files)))


def image(directory: Path, names: tuple[str, ...]) -> Image:
    with tempfile.TemporaryDirectory() as place:
        output = Path(place, "all.binpb")
        assert (wrong := protoc.compile(directory, names, output, imports=True).complaints) == [], wrong
        data = output.read_bytes()
    descriptors = [data[start:end] for start, end in split(data)]
    return Image({str(head(each).name): each for each in descriptors}, names)


def product(*files: str, root: str = "", name: str = "acme") -> Product:
    return Product(name, tuple(sorted(files)), PythonTarget(name, root))


def code(directory: Path, schema: Image, *products: Product, made_by: Generator | None = None) -> dict[str, bytes]:
    """The code of all products, which have no file in common."""
    plan, own = Plan(products), [file for each in products for file in each.files]
    found: dict[str, bytes] = {}
    for each in products:
        found |= python.code(plan, each, bare(schema, own), directory, made_by or generator.installed())
    return found


def plain(directory: Path, *names: str) -> dict[str, bytes]:
    """What protoc makes of the sources."""
    with tempfile.TemporaryDirectory() as place:
        outs = [f"--{each}_out={place}" for each in ("python", "pyi", "grpc_python")]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", "-I.", *outs, *names], cwd=directory, check=True)
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in Path(place).rglob("*.py*")}


def run(directory: Path, files: Mapping[str, bytes], program: str) -> str:
    """What a program that imports the files prints."""
    for path, content in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    start = f"import sys; sys.path.insert(0, {str(directory)!r})\n{program}"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
