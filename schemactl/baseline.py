"""A baseline: the lint findings a repository lives with, so that only new ones count."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from schemactl import baselinefile
from schemactl.baselinefile import Entry
from schemactl.finding import Finding

__all__ = ["SUPPRESSED", "Applied", "Baseline", "Looked", "Symbols", "about", "read", "symbol", "written"]

SUPPRESSED = "baseline"
_IN = " in "

# What a file declares on its top level, as `Outline.symbols`; asked only where it matters, as it takes a compiler.
Symbols = Callable[[str], Collection[str]]
Looked = Callable[[Entry], bool]


def written(findings: Iterable[Finding], symbols: Symbols, others: Iterable[Entry] = ()) -> bytes:
    """The file for these findings, as far as a baseline is about them; `others` are in it too."""
    describe = _Describing(symbols)
    own = (Entry(each.rule, describe(each), each.fingerprint) for each in findings if _is_lint(each))
    return baselinefile.text([*own, *others])


def read(data: bytes, path: str) -> Baseline:
    """ConfigError tells what is wrong with the file, and in which line."""
    return Baseline(baselinefile.parse(data, path))


@dataclass(frozen=True)
class Applied:
    """Findings of which those that are known are marked; `fixed` entries are found no more.

    `others` are entries that were not looked for.
    """

    findings: list[Finding]
    total: int
    fixed: tuple[Entry, ...]
    others: tuple[Entry, ...] = ()

    @property
    def remaining(self) -> int:
        """How many findings are marked."""
        return self.total - len(self.fixed) - len(self.others)

    def pruned(self, symbols: Symbols) -> bytes:
        """The file without what is fixed."""
        known = [replace(each, suppressed=None) for each in self.findings if each.suppressed == SUPPRESSED]
        return written(known, symbols, self.others)


@dataclass(frozen=True)
class Baseline:
    """What is known, by rule and fingerprint."""

    entries: Mapping[str, Mapping[str, str]]

    def applied(self, findings: Iterable[Finding], symbols: Symbols, looked: Looked = lambda _: True) -> Applied:
        """`findings` are all of a run, with the fingerprints that they have in the report.

        `looked` says of an entry that fits none of them whether the run would have found it.
        """
        matching = _Matching(self.entries, list(findings), symbols)
        left = [Entry(rule, what, key) for rule, entries in matching.left.items() for key, what in entries.items()]
        fixed = tuple(sorted(filter(looked, left)))
        others = tuple({*left} - {*fixed})
        return Applied(matching.findings, sum(map(len, self.entries.values())), fixed, others)


def _is_lint(finding: Finding) -> bool:
    """Whether a baseline is about it: not if somebody had it left out by a comment."""
    return finding.source == "lint" and not finding.suppressed


def _path(finding: Finding) -> str:
    return finding.location.path if finding.location else ""


class _Describing:
    """What an entry says of its finding: the element; of a file what it declares first, and where it is.

    A file that is called otherwise is known again by what it declares.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._firsts: dict[str, str] = {}

    def __call__(self, finding: Finding) -> str:
        path = _path(finding)
        if path not in self._firsts:
            self._firsts[path] = next(iter(self._symbols(path)), "")
        first = self._firsts[path]
        if finding.element and first and finding.element != _package(first):
            return finding.element
        return f"{first}{_IN}{path}" if first else path


def about(what: str) -> str:
    """The element, or what a file declares first; the path of a file that declares nothing."""
    return symbol(what) or what


def symbol(what: str) -> str:
    """Of a file the symbol that it is known by; nothing of an element."""
    first, found, _ = what.partition(_IN)
    return first if found else ""


def _name(path: str) -> str:
    return path.rpartition("/")[2].rpartition(_IN)[2]


def _package(symbol: str) -> str:
    return symbol.rpartition(".")[0]


class _Matching:
    """Gives each entry to one finding; what is left is found no more."""

    def __init__(self, entries: Mapping[str, Mapping[str, str]], findings: list[Finding], symbols: Symbols) -> None:
        self.findings = findings
        self.left = {rule: dict(group) for rule, group in entries.items()}
        self._entries = entries
        self._symbols = symbols
        own = [i for i, each in enumerate(findings) if each.rule in entries and _is_lint(each)]
        unmatched = [index for index in own if not self._takes(index, findings[index].fingerprint)]
        if unmatched:
            self._find_again(unmatched, own)

    def _takes(self, index: int, fingerprint: str) -> bool:
        if self.left[self.findings[index].rule].pop(fingerprint, None) is None:
            return False
        self._mark(index, SUPPRESSED)
        return True

    def _mark(self, index: int, suppressed: str | None) -> None:
        self.findings[index] = replace(self.findings[index], suppressed=suppressed)

    def _find_again(self, unmatched: list[int], own: list[int]) -> None:
        """Findings of files that have another name now, or whose fingerprint another file of the same name has got."""
        free, held = self._free(), self._held(own)
        packages = {(rule, _package(first)) for rule, first in free}
        names = {self._kin(index) for paths in held.values() for indexes in paths.values() for index in indexes}
        pending = deque(unmatched)
        while pending:
            index = pending.popleft()
            rule, package, path = self.findings[index].rule, self.findings[index].element or "", self._path(index)
            declared = self._symbols(path) if (rule, package) in packages or self._kin(index) in names else ()
            for name in declared:
                if fingerprint := _pop(free.get((rule, name), {}), _name(path)):
                    self._takes(index, fingerprint)
                    break
                if (other := _pop(held.get((rule, name), {}), path)) is not None:
                    self._mark(index, SUPPRESSED)
                    self._mark(other, None)
                    pending.append(other)
                    break

    def _free(self) -> Groups[str]:
        """Entries about files that nobody has, by rule and symbol: fingerprints by what the file was called."""
        free: Groups[str] = {}
        for rule, group in self.left.items():
            for fingerprint, what in group.items():
                if first := symbol(what):
                    free.setdefault((rule, first), {}).setdefault(_name(what), []).append(fingerprint)
        return free

    def _held(self, own: list[int]) -> Groups[int]:
        """Findings of files that have an entry, by its rule and symbol: indexes by path."""
        held: Groups[int] = {}
        for index in own:
            each = self.findings[index]
            if each.suppressed and (first := symbol(self._entries[each.rule][each.fingerprint])):
                held.setdefault((each.rule, first), {}).setdefault(self._path(index), []).append(index)
        return held

    def _kin(self, index: int) -> tuple[str, str, str]:
        """What findings of two files of one package and name have in common."""
        finding = self.findings[index]
        return finding.rule, finding.element or "", _name(self._path(index))

    def _path(self, index: int) -> str:
        return _path(self.findings[index])


T = TypeVar("T")
Groups = dict[tuple[str, str], dict[str, list[T]]]


def _pop(groups: dict[str, list[T]], other: str) -> T | None:
    """One of any group but that one."""
    return next((group.pop() for name, group in groups.items() if group and name != other), None)
