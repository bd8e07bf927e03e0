"""Which mistakes in the sections `packages` and `third_party` of schemactl.yaml no type can say."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from schemactl import gopath
from schemactl.packagessection import PackageSection, PythonSection, ThirdPartySection, languages
from schemactl.repopath import joined, lineage
from schemactl.yamlfile import Between, Said
from schemactl.yamlwalk import Keys, shown

Told = Iterator[tuple[Keys, str]]

_LONGEST_NAME, _LONGEST_TEXT = 100, 500
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_DISTRIBUTION = re.compile(r"[A-Z0-9]([A-Z0-9._-]*[A-Z0-9])?", re.ASCII | re.IGNORECASE)
_GENERATOR = re.compile(r"grpcio-tools==\d+\.\d+\.\d+", re.ASCII)
_IMPORT = re.compile(r"[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*/?", re.ASCII)
# Every package requires these, or is one of them.
_RUNTIMES = frozenset(("protobuf", "grpcio", "grpcio-tools", "schemactl"))
# Python finds what these are in before it finds a package of the same name, or installs one over the other.
_TAKEN_ROOTS = frozenset(("google", "grpc", "grpc_tools", "schemactl"))


def of_packages(sections: Sequence[PackageSection], directory: str) -> Iterator[Said]:
    """`directory` is where the file stands."""
    if not sections:
        yield ("packages",), "`packages` should have an entry; leave it out to have one package of all files"
    for index, section in enumerate(sections):
        keys: Keys = ("packages", index)
        yield from _text_mistakes(section, keys)
        yield from _python_mistakes(section.python, (*keys, "python"))
        if (name := distribution(section)) in _RUNTIMES:
            at = (*keys, "python", "distribution") if section.python.distribution else (*keys, "name")
            yield at, f"`{name}` is what generated code or schemactl itself comes from; choose another name"
        yield from _go_mistakes(section, keys)
    yield from _twice(sections, "name", lambda each: each.name)
    yield from _twice(sections, "python.distribution", distribution)
    yield from _twice(sections, "go.module", lambda each: (each.go.module or "").lower())
    yield from _overlaps(sections, directory)


def distribution(section: PackageSection) -> str:
    """Its name as an index compares it; empty without Python."""
    from packaging.utils import canonicalize_name

    name = section.python.distribution or section.name
    return canonicalize_name(name) if "python" in languages(section) else ""


def _text_mistakes(section: PackageSection, keys: Keys) -> Told:
    if not _NAME.fullmatch(section.name) or len(section.name) > _LONGEST_NAME:
        wrong = "should be a name of lower-case letters, digits and `-` between them, like `acme-events`"
        yield (*keys, "name"), f"`{shown(section.name)}` {wrong}"
    if not section.description.isprintable() or len(section.description) > _LONGEST_TEXT:
        wrong = f"should be one line of at most {_LONGEST_TEXT} characters, without control characters"
        yield (*keys, "description"), f"`description` {wrong}"
    if section.license and not _is_license(section.license):
        wrong = "is not an SPDX expression, like `Apache-2.0`, `MIT OR Apache-2.0` or `LicenseRef-Acme`"
        yield (*keys, "license"), f"`{shown(section.license)}` {wrong}"
    if section.languages == ():
        yield (*keys, "languages"), "`languages` should name `python`, `go` or both"


def _is_license(expression: str) -> bool:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not expression.isprintable() or len(expression) > _LONGEST_NAME:
        return False
    try:
        canonicalize_license_expression(expression)
    except InvalidLicenseExpression:
        return False
    return True


def _python_mistakes(section: PythonSection, keys: Keys) -> Told:
    name = section.distribution
    if name is not None and not (_DISTRIBUTION.fullmatch(name) and len(name) <= _LONGEST_NAME):
        wrong = "should be letters, digits, and `-`, `_` and `.` between them"
        yield (*keys, "distribution"), f"`{shown(name)}` {wrong}"
    if section.root is not None and (wrong := _root_mistake(section.root)):
        yield (*keys, "root"), f"`{shown(section.root)}` {wrong}"
    if section.generator is not None and not _GENERATOR.fullmatch(section.generator):
        wrong = "should be one exact version, like `grpcio-tools==1.80.1`"
        yield (*keys, "generator"), f"`{shown(section.generator)}` {wrong}"


def _root_mistake(root: str) -> str:
    parts = root.split(".")
    if not all(part.isascii() and part.isidentifier() for part in parts) or len(root) > _LONGEST_NAME:
        return "should be a dotted package, like `acme.events`"
    if reserved := next(filter(keyword.iskeyword, parts), None):
        return f"cannot be imported: `{reserved}` is a word of Python"
    if parts[0] in sys.stdlib_module_names:
        return f"cannot be imported: `{parts[0]}` is a module of Python's own"
    if parts[0].casefold() in _TAKEN_ROOTS:
        return f"lies in `{parts[0]}`, which others install; choose a package of your own"
    return ""


def _go_mistakes(section: PackageSection, keys: Keys) -> Told:
    module = section.go.module
    if module is None:
        if "go" in languages(section):
            wanted = "`go: {module: <module>}`, such as `github.com/acme/events-go`"
            yield (*keys, "languages"), f"Go needs the path of a module: {wanted}"
    elif stands := _placeholder(module):
        yield (*keys, "go", "module"), stands
    elif wrong := gopath.of_module(module):
        yield (*keys, "go", "module"), f"`{shown(module)}` {wrong}"


def _twice(sections: Sequence[PackageSection], label: str, value: Callable[[PackageSection], str]) -> Told:
    first: dict[str, str] = {}
    for index, section in enumerate(sections):
        found = value(section)
        if found and found in first:
            keys: Keys = ("packages", index, *label.split("."))
            yield keys, f"`{shown(found)}` is the {_SAID[label]} of the package `{shown(first[found])}` already"
        first.setdefault(found, section.name)


_OPEN = {
    "distribution": "the name of the Python distribution that has the files, as `pip install` takes it",
    "package": "the import path of the Go package that has the files",
    "module": "the path of a Go module, like `github.com/acme/audit-go`",
    "version": "the version of the Go module that is required at least, like `v1.4.0`",
}
_PLACEHOLDER = re.compile(f"<({'|'.join(_OPEN)})>")
_APART = "a file belongs to one package; delete one of the two, or list what else is in the outer one in its place"
_SAID = {"name": "name", "python.distribution": "Python distribution", "go.module": "Go module"}


def _overlaps(sections: Sequence[PackageSection], directory: str) -> Iterator[Between]:
    """Told at the place that comes later in the file."""
    found: dict[str, tuple[Keys, str]] = {}
    same: list[tuple[str, Keys, str]] = []
    for index, section in enumerate(sections):
        whole: Keys = ("packages", index)
        places = [
            (joined(directory, written), (*whole, "paths", number), f"`{shown(written)}` of `{shown(section.name)}`")
            for number, written in enumerate(section.paths)
        ]
        for path, keys, said in places or [(".", whole, f"`{shown(section.name)}`, which names no `paths`")]:
            same += [(path, keys, said)] if path in found else []
            found.setdefault(path, (keys, said))
    inner = [(outer, *found[path]) for path in found for outer in lineage(path) if outer != path and outer in found]
    for outer, keys, said in (*same, *inner):
        first, last = sorted(
            ((*found[outer],), (keys, said)), key=lambda each: [str(part).zfill(9) for part in each[0]]
        )
        yield Between(last[0], f"{last[1]} overlaps {first[1]}", first[0], _APART)


def of_third_party(sections: Sequence[ThirdPartySection]) -> Told:
    seen: set[str] = set()
    for index, section in enumerate(sections):
        keys: Keys = ("third_party", index)
        if not section.paths:
            yield keys, "an entry should name `paths`: the files or directories that it is about"
        for number, written in enumerate(section.paths):
            if not _IMPORT.fullmatch(written):
                wrong = "should be a path as it is imported, like `acme/audit`"
                yield (*keys, "paths", number), f"`{shown(written)}` {wrong}"
            elif written.rstrip("/") in seen:
                yield (*keys, "paths", number), f"`{written}` is listed twice"
            seen.add(written.rstrip("/"))
        if section.python is None and section.go is None:
            yield keys, "an entry should say who provides its files: `python`, `go` or both"
        if section.python is not None and (stands := _placeholder(section.python)):
            yield (*keys, "python"), stands
        elif section.python is not None and (wrong := _requirement_mistake(section.python)):
            yield (*keys, "python"), f"`{shown(section.python)}` {wrong}"
        yield from _third_party_go(section, keys)


def _placeholder(written: str) -> str:
    """What our own lines to paste leave open."""
    found = _PLACEHOLDER.search(written)
    return f"`{found[0]}` stands for {_OPEN[found[1]]}: write that" if found else ""


def _requirement_mistake(written: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    wanted = "should be a name with the versions that fit, like `acme-audit-protos>=1.4,<2`"
    if not written.isprintable() or len(written) > _LONGEST_TEXT:
        return wanted
    try:
        found = Requirement(written)
    except InvalidRequirement:
        return wanted
    if found.url or found.marker or found.extras:
        return f"{wanted}: no address, extras or conditions"
    return ""


def _third_party_go(section: ThirdPartySection, keys: Keys) -> Told:
    if (go := section.go) is None:
        return
    written = {"package": go.package, "module": go.module, "version": go.version}
    stands = {name: told for name, each in written.items() if (told := _placeholder(each))}
    if stands:
        yield from (((*keys, "go", name), told) for name, told in stands.items())
    elif wrong := gopath.of_module(go.module):
        yield (*keys, "go", "module"), f"`{shown(go.module)}` {wrong}"
    elif wrong := gopath.of_package(go.package, go.module):
        yield (*keys, "go", "package"), f"`{shown(go.package)}` {wrong}"
    elif wrong := gopath.of_version(go.version, go.module):
        yield (*keys, "go", "version"), f"`{shown(go.version)}` {wrong}"
