"""What a package takes that is somebody else's: files of theirs, and the name of who provides its own imports."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from schemactl import thirdparty, unmapped
from schemactl.clashes import finding, free_root, more, top
from schemactl.finding import Finding, Location
from schemactl.image import Image
from schemactl.product import Plan, Product, Provider, rooted

_NEW = "PACKAGE_FOREIGN"
Places = Mapping[str, Location | None]


def foreign(
    products: Iterable[Product], providers: Mapping[str, Provider | None], meant: Collection[str], image: Image
) -> Iterator[Finding]:
    """Files of others that are packed, though no path names them; `meant` are those that one does."""
    whose = {name: thirdparty.stranger(name) for name in image.targets}
    itself = set(whose.values()) if len(set(whose.values())) == 1 else set()
    for product in products:
        theirs: dict[tuple[str, str], list[str]] = {}
        in_place = product.python and not rooted(product)
        for name in product.files:
            known = providers.get(name)
            if name in meant:
                continue
            if known is not None and known.requirement and in_place:
                theirs.setdefault(("", _distribution(known.requirement)), []).append(name)
            elif known is None and whose.get(name) and whose[name] not in itself:
                theirs.setdefault((whose[name], ""), []).append(name)
        for (owner, distribution), files in theirs.items():
            yield _copied(product, owner, files, image) if owner else _doubled(product, distribution, files, image)


def _copied(product: Product, owner: str, files: Sequence[str], image: Image) -> Finding:
    are, paths = "are" if len(files) > 1 else "is", dict.fromkeys(map(_path, files))
    message = (
        f"`{files[0]}`{more(files)} {are} of {owner}, and packed here into `{product.name}`, which clashes with any "
        "other package that has them: say under `third_party` who provides them, or name them among the `paths`"
    )
    lines = [
        "say who provides them, and they are required and not packed:",
        "third_party:",
        f"  - paths: [{', '.join(paths)}]",
        *([f"    python: {unmapped.DISTRIBUTION}"] if product.python else []),
        *(["    go: {package: <package>, module: <module>, version: <version>}"] if product.go else []),
        f"or name them among the `paths` of `{product.name}`: then they are packed on purpose",
    ]
    return _warning(message, image, files[0], "\n".join(lines), f"{product.name}\0{owner}")


def _path(file: str) -> str:
    """What holds their files and no others."""
    path = thirdparty.territory(file, {})
    return posixpath.dirname(file) if thirdparty.is_shared(path) else path


def _doubled(product: Product, distribution: str, files: Sequence[str], image: Image) -> Finding:
    are, root = "are" if len(files) > 1 else "is", f"python: {{root: {free_root(product)}}}"
    message = (
        f"`{files[0]}`{more(files)} {are} in `{distribution}` too: who installs that and "
        f"`{product.name}` has the modules of one in place of the other's: give these a root, `{root}`"
    )
    lines = ["give the modules a root of their own:", "packages:", f"  - name: {product.name}", f"    {root}"]
    return _warning(message, image, files[0], "\n".join(lines), f"{product.name}\0{distribution}")


def _warning(message: str, image: Image, file: str, help: str, key: str) -> Finding:
    return replace(finding(_NEW, message, top(image, file), help, key), severity="warning")


def namesakes(plan: Plan, places: Places) -> Iterator[Finding]:
    """Packages that are called like who provides what the packages import: pip and Go would take them for these."""
    for product in plan.products:
        for name, provider in plan.providers.items():
            python = product.python.distribution if product.python else ""
            if python and provider.requirement and _distribution(provider.requirement) == _normal(python):
                message = f"`{python}`, the distribution of `{product.name}`, is also who provides `{name}`, an import"
                help = "choose another `python.distribution`, or another one under `third_party`"
                yield finding("PYTHON_COLLISION", message, places.get(product.name), help, f"{product.name}\0{python}")
                break
        for name, provider in plan.providers.items():
            if product.go and product.go.module == provider.go_module:
                message = (
                    f"`{product.go.module}`, the module of `{product.name}`, is also who provides `{name}`, an import"
                )
                help = "choose another `go.module`, or another one under `third_party`"
                yield finding("GO_COLLISION", message, places.get(product.name), help, product.name)
                break


def _distribution(requirement: str) -> str:
    from packaging.requirements import Requirement

    name = Requirement(requirement).name
    return "" if name == "protobuf" else _normal(name)


def _normal(name: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)
