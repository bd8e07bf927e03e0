"""What changed in how a package is declared: what its users notice, and its schema does not show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from schemactl import gopath, suppliers
from schemactl.product import Plan, Product, python_module
from schemactl.suppliers import Reason, canonical

_SHOWN = 2


def before(then: Plan, now: Plan, product: Product) -> Product | None:
    """What the package was: of its name, else, where it was renamed, that which is gone and had most of its files.

    What nobody had declared was never released, so that nobody uses it.
    """
    known = [each for each in then.products if each.declared]
    own = next((each for each in known if each.name == product.name), None)
    names = {each.name for each in now.products}
    shared = {each.name: len(set(each.files) & set(product.files)) for each in known if each.name not in names}
    nearest = max((each for each in known if each.name in shared), key=lambda each: shared[each.name], default=None)
    return own or (nearest if nearest and shared[nearest.name] else None)


def reasons(then: Plan, now: Plan, product: Product, there: Collection[str], used: Collection[str]) -> list[Reason]:
    """`there` are the files of the repository, and `used` those that the package's own import."""
    was = before(then, now, product)
    if was is None:
        return [("minor", "it was no declared package before")] if then.products else []
    return [
        *_python(was, product),
        *_go(was, product),
        *_lost(was, product, now, there),
        *_joined(was, then, product),
        *suppliers.reasons(was, then, product, now, used),
        *_described(was, product),
    ]


def _python(was: Product, now: Product) -> Iterator[Reason]:
    if was.python is None or now.python is None:
        yield from _language("Python", was.python is not None, now.python is not None)
        return
    old, new = was.python.distribution, now.python.distribution
    if canonical(old) != canonical(new):
        yield "major", f"the Python distribution `{old}` is called `{new}` now"
    elif old != new:
        yield "patch", f"the Python distribution `{old}` is spelled `{new}` now"
    stays = [file for file in was.files if file in now.files]
    moved = [(old, new) for file in stays if (old := python_module(was, file)) != (new := python_module(now, file))]
    if moved:
        more = f", like {len(moved) - 1:,} more" if len(moved) > 1 else ""
        yield "major", f"the Python module `{moved[0][0]}` is `{moved[0][1]}` now{more}"
    if was.python.generator != now.python.generator:
        old, new = (each.python.generator if each.python else "" for each in (was, now))
        yield "patch", f"the Python code is written by {_generator(new)}, and was by {_generator(old)}"


def _generator(version: str) -> str:
    return f"`grpcio-tools=={version}`" if version else "the grpcio-tools that is installed"


def _go(was: Product, now: Product) -> Iterator[Reason]:
    if was.go is None or now.go is None:
        yield from _language("Go", was.go is not None, now.go is not None)
    elif gopath.without_major(was.go.module) != gopath.without_major(now.go.module):
        yield "major", f"the Go module `{was.go.module}` is called `{now.go.module}` now"


def _language(name: str, was: bool, now: bool) -> Iterator[Reason]:
    if was and not now:
        yield "major", f"it is no longer made for {name}"
    elif now and not was:
        yield "minor", f"it is made for {name}, too"


def gone(was: Product, product: Product, there: Collection[str]) -> list[Reason]:
    files = [file for file in was.files if file not in product.files and file not in there]
    return [("major", f"{_named(files)} {'is' if len(files) == 1 else 'are'} gone")] if files else []


def _lost(was: Product, product: Product, now: Plan, there: Collection[str]) -> Iterator[Reason]:
    lost: dict[str, list[str]] = {}
    for file in was.files:
        if file not in product.files and file in there:
            owner = now.owners.get(file)
            where = f"in the package `{owner.name}` now" if owner else "in no package now"
            lost.setdefault(where, []).append(file)
    for where, files in lost.items():
        yield "major", f"{_named(files)} {'is' if len(files) == 1 else 'are'} {where}"


def _joined(was: Product, then: Plan, product: Product) -> Iterator[Reason]:
    """Nobody can have a file twice: not in one environment of Python, nor in one program of Go."""
    taken: dict[str, list[str]] = {}
    for file in product.files:
        if file not in was.files:
            taken.setdefault(_whose(then, file), []).append(file)
    if files := taken.pop("", []):
        yield "minor", f"{_named(files)} joined it"
    for whose, files in taken.items():
        yield "major", f"{_named(files)} came here from {whose}, which has {'it' if len(files) == 1 else 'them'}, too"


def _whose(plan: Plan, file: str) -> str:
    """Who had released it, if somebody had."""
    owner, provider = plan.owners.get(file), plan.providers.get(file)
    if owner:
        return f"a release of the package `{owner.name}`" if owner.declared else ""
    name = (provider.requirement or provider.go_import) if provider else ""
    return f"`{name}`" if name else ""


def _described(was: Product, now: Product) -> Iterator[Reason]:
    if was.license != now.license:
        yield "patch", "its license has changed"
    if was.description != now.description:
        yield "patch", "its description has changed"


def _named(files: Iterable[str]) -> str:
    known = list(files)
    shown = ", ".join(f"`{file}`" for file in known[:_SHOWN])
    return f"{shown} and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else shown
