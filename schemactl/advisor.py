"""What changed of a package since a release of it, in its schema and in how it is declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from schemactl import noticed, products, redeclared, revision
from schemactl.diff import markdown, version
from schemactl.diff.entry import Diff, Package
from schemactl.diff.run import compared
from schemactl.errors import Failure, UsageError
from schemactl.extensions import head
from schemactl.generate.refused import Refused
from schemactl.image import EMPTY, Image
from schemactl.job import Request
from schemactl.product import Plan, Product
from schemactl.releasetags import Tag
from schemactl.revision import Revision
from schemactl.version import LEVELS, Level


class Advised(NamedTuple):
    """What changed since a release asks for; the level is None where that cannot be known, and `note` says why."""

    level: Level | None
    note: str = ""


class Changed(NamedTuple):
    """With the reasons, the worst first, and what changed as markdown; without a level, the reason is why not.

    `broken` is the Protobuf package that breaks most, if one does; `silent` is what changed comments alone.
    """

    level: Level | None
    why: tuple[str, ...] = ()
    markdown: str = ""
    broken: str = ""
    silent: bool = False


Advice = Callable[[Tag], Advised]


class _Was(NamedTuple):
    plan: Plan
    image: Image


class Advisor:
    """Compares a revision with earlier releases of its packages, each of them once."""

    def __init__(self, request: Request, plan: Plan, packages: Mapping[str, str], image: Image = EMPTY) -> None:
        """`packages` are the Protobuf packages of the files that are there, `image` the revision's."""
        self._request = request
        self._plan = plan
        self._packages = packages
        self._image = image
        self._names: dict[str, str] = {}
        self._compared = cache(self._compare)
        self._was = cache(self._compile)

    def of(self, product: Product) -> Advice:
        return lambda tag: self._advised(product, tag)

    def _advised(self, product: Product, tag: Tag) -> Advised:
        """By the schema alone."""
        diff = self._compared(self._release(tag))
        if isinstance(diff, str):
            return Advised(None, f"what changed since {tag.name} cannot be told ({diff}): it counts as an addition")
        levels = [each.advice.level for each in self._mine(diff, product, None)]
        return Advised(min(levels, key=LEVELS.index, default="none"))

    def changed(self, product: Product, tag: Tag) -> Changed:
        release = self._release(tag)
        diff, then = self._compared(release), self._was(release)
        if isinstance(diff, str):
            return _unknown(tag, diff)
        if isinstance(then, str):
            return _unknown(tag, then)
        was = redeclared.before(then.plan, self._plan, product)
        whole = (_of_its_own(each, product, was) for each in self._mine(diff, product, was))
        packages = [each for each in whole if each.entries or each.findings]
        found = [reason for each in packages for reason in _reasons(each)]
        if was and not any(level == "major" for level, _ in found):
            found += redeclared.gone(was, product, self._packages)
        used = {name for file in product.files for name in self._imported(file)}
        found += redeclared.reasons(then.plan, self._plan, product, self._packages, used)
        found += self._noticed(product, was, then.image, declared=bool(found))
        silent = () if found else _commented(product.files, then.image, self._image)
        found += silent
        found.sort(key=lambda each: LEVELS.index(each[0]))
        why = tuple(dict.fromkeys(text for _, text in found))
        broken = next((each.name for each in packages if each.advice.level == "major"), "")
        return Changed(found[0][0] if found else "none", why, _markdown(packages, tag), broken, bool(silent))

    def _noticed(
        self, product: Product, was: Product | None, then: Image, *, declared: bool
    ) -> Sequence[noticed.Reason]:
        """In the files that its users had; `declared`: there is a reason for a release already."""
        files = [file for file in product.files if was is None or file in was.files]
        go = product.go is not None and (was is None or was.go is not None)
        old, new = then.descriptors, self._image.descriptors
        found = noticed.reasons(old, new, files, go=go)
        return found if found or declared else noticed.rewritten(old, new, files)

    def _release(self, tag: Tag) -> str:
        """Releases of one commit are compared once, and called after the first."""
        self._names.setdefault(tag.commit, tag.name)
        return tag.commit

    def _compare(self, commit: str) -> Diff | str:
        # The version of a revision must not depend on where, and for which pull request, it is asked for; nor on rules
        # that the same commit turns off.
        against = f"refs/tags/{self._names[commit]}"
        try:
            diff = compared(replace(self._request, against=against, policy="head"), whole=True)
        except Failure as failure:
            return _line(failure.message)
        return _line(diff.problems[0].message) if diff.problems else diff

    def _compile(self, commit: str) -> _Was | str:
        """The release; what kept packages from being made of it does not matter any more."""
        request = self._request
        name = f"refs/tags/{self._names[commit]}"
        try:
            with revision.compiled(request.directory, name, None, request.jobs, request.cached) as then:
                return _Was(products.plan(then.settings, then.image, default_name="")[0], then.image)
        except UsageError:  # there were no files
            return _Was(Plan(()), EMPTY)
        except Refused as refused:
            return _line(refused.findings[0].message)
        except Failure as failure:
            return _line(failure.message)

    def _imported(self, file: str) -> Collection[str]:
        descriptor = self._image.descriptors.get(file)
        return tuple(head(descriptor).dependency) if descriptor else ()

    def _mine(self, diff: Diff, product: Product, was: Product | None) -> list[Package]:
        mine = {self._packages[file] for file in product.files}
        return [each for each in diff.packages if each.name in mine or self._lost(each, product, was)]

    def _lost(self, package: Package, product: Product, was: Product | None) -> bool:
        """Whether the package is gone from the product.

        Unless it is known what that was: from that which has files nearest to where it was, or all such.
        """
        if package.sign != "removed":
            return False
        gone = {entry.item.file.name for entry in package.entries}
        if was is not None:
            return not gone.isdisjoint(was.files)
        near = {each.name: _nearness(gone, each.files) for each in self._plan.products}
        return near[product.name] == max(near.values())


def of_revision(
    found: Revision, plan: Plan, commit: str, directory: Path, config: Path | None, *, cached: bool
) -> Advisor:
    asked = Request(directory, rev=commit, config=config, cached=cached, lint=False)
    names = {*found.image.targets, *plan.owners}
    packages = {name: str(head(found.image.descriptors[name]).package) for name in names}
    return Advisor(asked, plan, packages, found.image)


def _of_its_own(package: Package, product: Product, was: Product | None) -> Package:
    """Without what happened in files of the same Protobuf package that are another product's."""
    if package.sign == "removed":
        return package
    mine = {*product.files, *(was.files if was else ())}
    sides = ((entry, (entry.was, entry.now)) for entry in package.entries)
    kept = tuple(entry for entry, items in sides if any(item and item.file.name in mine for item in items))
    return package if len(kept) == len(package.entries) else replace(package, entries=kept)


def _reasons(package: Package) -> Iterable[noticed.Reason]:
    subject = version.Subject(package.name, package.sign, package.entries, package.told, package.findings)
    level, reasons = version.judged(subject)
    whole = f"the Protobuf package `{package.name}` is" if package.sign else "the package is"
    return [(level, reason.text.replace("the package is", whole)) for reason in reasons]


def _commented(files: Iterable[str], was: Image, now: Image) -> list[noticed.Reason]:
    """Comments are in generated code, and nowhere else."""
    old, new = was.descriptors, now.descriptors
    differing = [file for file in files if file in old and file in new and old[file] != new[file]]
    changed = [file for file in differing if _comments(old[file]) != _comments(new[file])]
    more = f" and {len(changed) - 1:,} more" if len(changed) > 1 else ""
    return [("patch", f"comments changed in `{changed[0]}`{more}")] if changed else []


def _comments(descriptor: bytes) -> list[tuple[object, ...]]:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    found = FileDescriptorProto.FromString(descriptor).source_code_info.location
    told = [
        (tuple(each.path), each.leading_comments, each.trailing_comments, *each.leading_detached_comments)
        for each in found
    ]
    return [each for each in told if any(each[1:])]


def _unknown(tag: Tag, why: str) -> Changed:
    return Changed(None, (f"what changed since `{tag.name}` cannot be told ({why})",))


def _markdown(packages: Iterable[Package], tag: Tag) -> str:
    """The version is the release's to say: it may be higher than what is asked for."""
    now = str(tag.version.number)
    return markdown.sections([replace(each, advice=replace(each.advice, now=now, tag=None)) for each in packages])


def _nearness(gone: Collection[str], files: Collection[str]) -> int:
    """How many directories the nearest two share."""
    ours = {parent for file in files for parent in PurePosixPath(file).parents}
    theirs = {parent for file in gone for parent in PurePosixPath(file).parents}
    return max((len(each.parts) for each in ours & theirs), default=-1)


def _line(text: str) -> str:
    return text.splitlines()[0] if text else "it does not say why"
