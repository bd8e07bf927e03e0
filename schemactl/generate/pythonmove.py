"""The modules of a package as they import each other, and those of other packages, where these stand below a root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from schemactl.extensions import head
from schemactl.generate.bare import Bare
from schemactl.generate.reroot import Moves
from schemactl.product import Plan, Product, python_path, rooted


def moved(files: Mapping[str, bytes], plan: Plan, product: Product, bare: Bare) -> dict[str, bytes]:
    """The files by the same paths. What others provide is imported as it was, and no file changes its proto's name."""
    roots = {_module(file): root for each in plan.products if (root := rooted(each)) for file in each.files}
    if not roots:
        return dict(files)
    moves, found = Moves(roots), dict(files)
    for file in product.files:
        path, module = python_path(file), _module(file)
        imports = head(bare.descriptors[file])
        every = _count(imports.dependency)
        public = _count(imports.dependency[index] for index in imports.public_dependency)
        for name, text in ((name, files[name].decode()) for name in _of(path) if name in files):
            if name.endswith(".pyi"):
                done = moves.stub(name, text, every)
            elif name.endswith("_grpc.py"):
                done = moves.services(name, text)
            else:
                done = moves.messages(name, text, module, every, public)
            found[name] = done.encode()
    return found


def _of(path: str) -> tuple[str, ...]:
    return (f"{path}.py", f"{path}.pyi", f"{path}_grpc.py")


def _module(file: str) -> str:
    return python_path(file).replace("/", ".")


def _count(files: Iterable[str]) -> Counter[str]:
    return Counter(_module(file) for file in files)
