"""Who provides what a package imports, and what a change of that means to the users of the package."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from schemactl import gopath
from schemactl.product import Plan, Product, Provider
from schemactl.version import Level, Number

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import Specifier

Reason = tuple[Level, str]
_GO_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)", re.ASCII)
_FLOORS = (">=", "==", "~=", ">")


def reasons(was: Product, then: Plan, product: Product, now: Plan, used: Collection[str]) -> Iterator[Reason]:
    """`used` are the files that the package's own import; a version of another package of ours is not told here."""
    for file in sorted(set(used).difference(product.files, was.files)):
        old, new = _provider(then, file), _provider(now, file)
        if old and new and old != new:
            if product.python and was.python:
                yield from _python(file, old.requirement, new.requirement)
            if product.go and was.go:
                yield from _go(file, old, new)


def canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _provider(plan: Plan, file: str) -> Provider | None:
    owner = plan.owners.get(file)
    if owner is None:
        return plan.providers.get(file)
    module = gopath.without_major(owner.go.module) if owner.go else ""
    return Provider(canonical(owner.python.distribution) if owner.python else "", module, module)


def _python(file: str, old: str, new: str) -> Iterator[Reason]:
    if old != new:
        yield "major" if old and new and _is_other(old, new) else "patch", _told(file, old, new)


def _is_other(old: str, new: str) -> bool:
    """Whether who has what the one requirement takes may not have what the other takes."""
    from packaging.requirements import Requirement

    was, now = Requirement(old), Requirement(new)
    if canonical(was.name) != canonical(now.name):
        return True
    both = was.specifier & now.specifier
    bounds = {"0", *map(_bound, both)}
    within = (text for bound in bounds for text in (bound, f"{bound}.0.0.1"))  # an interval starts at a bound, or after
    if not any(both.contains(text, prereleases=True) for text in within):
        return True
    before, after = _floor(was), _floor(now)
    return before is not None and after is not None and after >= before.following("major")


def _floor(requirement: Requirement) -> Number | None:
    lowest = (_bound(each).split(".") for each in requirement.specifier if each.operator in _FLOORS)
    return max((Number(*map(int, (*each, "0", "0")[:3])) for each in lowest), default=None)


def _bound(each: Specifier) -> str:
    from packaging.version import Version

    return ".".join(map(str, Version(each.version.removesuffix(".*")).release))


def _go(file: str, old: Provider, new: Provider) -> Iterator[Reason]:
    if old.go_import != new.go_import:
        yield "major" if old.go_import and new.go_import else "patch", _told(file, old.go_import, new.go_import)
    elif (old.go_module, old.go_version) != (new.go_module, new.go_version):
        before, after = (f"{each.go_module} {each.go_version}".strip() for each in (old, new))
        yield "major" if _is_less(old.go_version, new.go_version) else "patch", _told(file, before, after)


def _is_less(old: str, new: str) -> bool:
    """Whether what works with the one version may not with the other: a lower one has less."""
    before, after = (_GO_VERSION.match(each) for each in (old, new))
    if before is None or after is None:
        return False
    was, now = (Number(*map(int, each.groups())) for each in (before, after))
    return now < was or now >= was.following("major")


def _told(file: str, old: str, new: str) -> str:
    was, now = (f"`{each}`" if each else "nothing" for each in (old, new))
    return f"needs {now} for `{file}` now, and needed {was}"
