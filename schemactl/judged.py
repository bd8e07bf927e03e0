"""A schema with every file judged by itself: what is known from an earlier run is not compiled again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from hashlib import blake2b

import msgspec
from msgspec import Struct

from schemactl import lint, outline, pool, shard
from schemactl.build import Build, Compile, Judging
from schemactl.cache import Buffer, Cache, decoded
from schemactl.finding import Finding
from schemactl.image import EMPTY, Image
from schemactl.module import NOTHING, Schema
from schemactl.schema import OPTIONS_FILE
from schemactl.stamp import stamp
from schemactl.suppression import Suppression
from schemactl.texts import Sources

_MANY = 10  # as many files behind each that changed make it worth learning first whether they are concerned


@dataclass(frozen=True)
class Judged:
    """Records of all files and the schema they are of; or (never both) why there is none."""

    schema: Schema = NOTHING
    records: Mapping[str, shard.Record] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    sure: bool = True  # that all it follows from is known
    suppressions: Sequence[Suppression] = ()


def judged(
    sources: Sources,
    compile: Compile,
    judging: Judging,
    cache: Cache,
    advance: Callable[[int], None] = lambda _: None,
) -> Judged:
    """Raises Failure when a rule or a tool fails."""
    known = _Known(sources, judging, cache)
    build = Build()
    for names in known.rounds():
        build = compile(sources, names, judging=judging, alone=True, advance=advance)
        if build.problems:
            return Judged(problems=_problems(build, names, sources, compile))
        known.learn(build.records)
    cache.put(known.fresh())
    records = known.records
    _refuse_slips(judging, records)
    schema = Schema(sorted(sources.files), sources, _images(build.image, sources, compile))
    if clashes := pool.clashes(record.outline for record in records.values()):
        if build.image.descriptors.keys() == sources.facts.keys():
            return Judged(problems=pool.told(build.image, clashes))
        problems = compile(sources).problems
        assert problems
        return Judged(problems=problems)
    return Judged(schema, records, sure=known.sure, suppressions=_suppressions(records))


def _problems(build: Build, names: Collection[str], sources: Sources, compile: Compile) -> list[Finding]:
    """What is wrong, as it is told where nothing is known from before: a part does not show all of it."""
    return build.problems if len(names) == len(sources.facts) else compile(sources).problems or build.problems


def of_image(image: Image, judging: Judging) -> Judged:
    """The same of a descriptor set from elsewhere; protoc's word on unused imports is missing."""
    judge = lint.judge(judging.plan)
    passed_on = frozenset(file.name for file in image.files(image.descriptors) if file.proto.public_dependency)
    records = {}
    for file in image.files(image.descriptors):
        own = file.name in image.targets
        findings = judge(file, judging.policy(file.path)) if own else []
        records[file.name] = shard.Record(outline.of(file, (), passed_on, judged=own), findings)
    _refuse_slips(judging, records)
    return Judged(Schema(image.targets, None, lambda names: image), records, suppressions=_suppressions(records))


def _suppressions(records: Mapping[str, shard.Record]) -> list[Suppression]:
    return [each for name in sorted(records) for each in records[name].suppressions]


def _refuse_slips(judging: Judging, records: Mapping[str, shard.Record]) -> None:
    if asked := lint.options(judging.plan):
        from schemactl import optionnames

        optionnames.refuse_slips(asked, [record.outline for record in records.values()])


def unjudged(sources: Sources, compile: Compile, suppressions: Sequence[Suppression]) -> Judged:
    """The schema of files that have been judged before: none of it is compiled until somebody asks."""
    schema = Schema(sorted(sources.files), sources, _images(EMPTY, sources, compile))
    return Judged(schema, suppressions=suppressions)


def state(sources: Sources, rules: object) -> bytes:
    """What all findings about these sources follow from."""
    own, paths = sources.files, sources.paths
    files = sorted((name, paths.get(name), each.digest, name in own) for name, each in sources.facts.items())
    return _digest(stamp(), files, rules)


class _Kept(Struct, frozen=True, array_like=True):
    findings: list[Finding]
    suppressions: list[Suppression]


class Last:
    """The findings of the last run at a place, and the comments about them: what most runs are asked for again."""

    def __init__(self, cache: Cache, place: str, state: bytes) -> None:
        self._cache = cache
        self._key = _digest("last", place.encode("utf-8", "surrogateescape"))
        self._state = state

    def findings(self) -> list[Finding] | None:
        return None if self._kept is None else self._kept.findings

    def suppressions(self) -> list[Suppression]:
        return self._kept.suppressions if self._kept else []

    @cached_property
    def _kept(self) -> _Kept | None:
        kept = self._cache.get(self._key)
        if kept is None or kept[: len(self._state)] != self._state:
            return None
        return decoded(memoryview(kept)[len(self._state) :], _Kept)

    def keep(self, findings: list[Finding], suppressions: Iterable[Suppression] = ()) -> None:
        """Neither is about today: what has ended is found out anew each time."""
        kept = bytearray(self._state)
        msgspec.msgpack.Encoder().encode_into(_Kept(findings, list(suppressions)), kept, len(kept))
        self._cache.put([(self._key, kept)])


def _images(built: Image, sources: Sources, compile: Compile) -> Callable[[Collection[str]], Image]:
    """The image that judging left behind, where it has what is wanted."""

    def image(names: Collection[str]) -> Image:
        return built if built.descriptors.keys() >= sources.closure(names) else compile(sources, names).image

    return image


class _Known:
    """The records of a schema's files, as they become known.

    The key of a file covers its text, the rules that judge it, and what all that it imports means: a new comment in a
    file that thousands import is a new key for that file alone.
    """

    def __init__(self, sources: Sources, judging: Judging, cache: Cache) -> None:
        self._cache = cache
        self.sure = True
        self._facts = sources.facts
        self._imports = {name: each.imports for name, each in self._facts.items()}
        self._seeds = dict(_seeds(sources, judging))
        self._order = _order(self._imports)
        self._keys: dict[str, bytes] = {}
        self._meanings: dict[str, bytes] = {}
        self._fresh: dict[str, bytes] = {}
        self.records: dict[str, shard.Record] = {}

    @property
    def unknown(self) -> list[str]:
        return [name for name in self._facts if name not in self.records]

    def rounds(self) -> Iterator[list[str]]:
        """What to compile next: where little changed, first that, and then what turns out to follow from it."""
        missing = self._look_up()
        if 0 < len(missing) * _MANY <= len(self.unknown):
            yield missing
            self._look_up()
        if self.unknown:
            yield self.unknown

    def learn(self, records: Mapping[str, bytes]) -> None:
        for name in self._order or records:
            if name in records and name not in self.records:
                self._add(name, records[name])
                if {each.name for each in self.records[name].outline.imports} <= {*self._imports[name]}:
                    self._fresh[name] = records[name]
                else:  # the compiler read an import that the scanner did not: nothing says when this changes
                    self.sure = False

    def fresh(self) -> Iterator[tuple[bytes, Buffer]]:
        """What was not known before, by its key; nothing where that cannot be told."""
        for name, record in self._fresh.items() if self._order and self.sure else ():
            yield self._keys.get(name) or self._key(name), record

    def _look_up(self) -> list[str]:
        """The files that are not known although all they import is."""
        missing = []
        for name in self._order:
            if name in self.records or not self._ready(name):
                continue
            self._keys[name] = self._key(name)
            found = self._cache.get(self._keys[name])
            if found is None or not self._adds(name, found):
                missing.append(name)
        return missing

    def _ready(self, name: str) -> bool:
        return all(each in self._meanings for each in self._imports[name] if each in self._facts)

    def _key(self, name: str) -> bytes:
        digest = blake2b(self._seeds[name], digest_size=shard.MEANING)
        digest.update(self._facts[name].digest)
        for each in self._imports[name]:
            digest.update(b"\0%s\0%s" % (each.encode("utf-8", "surrogateescape"), self._meanings.get(each, b"")))
        return digest.digest()

    def _adds(self, name: str, record: bytes) -> bool:
        try:
            self._add(name, record)
        except ValueError:  # it came out of the cache, and is no record
            return False
        return True

    def _add(self, name: str, record: bytes) -> None:
        self.records[name] = shard.decoded(record)
        parts = (record[: shard.MEANING], *(self._meanings.get(each, b"") for each in self._imports[name]))
        self._meanings[name] = blake2b(b"".join(parts), digest_size=shard.MEANING).digest()


def _order(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """Imports first; nothing where there is a circle, which the compiler will tell of."""
    try:
        return [name for name in TopologicalSorter(imports).static_order() if name in imports]
    except CycleError:
        return []


def _seeds(sources: Sources, judging: Judging) -> Iterator[tuple[str, bytes]]:
    """What the record of a file follows from beside its text and its imports."""
    everything = sources.everything
    tool = stamp()
    policies = [
        _digest(tool, settings, judging.plan.packs, _states(judging.plan)) for settings in judging.plan.policies
    ]
    own = OPTIONS_FILE in everything
    for name in everything:
        path = sources.paths.get(name, name)
        yield name, _digest(policies[judging.policy(path)] if name in sources.files else tool, name, path, own)


def _states(plan: lint.Plan) -> list[str]:
    return [package.state for package in plan.packages]


def _digest(*parts: object) -> bytes:
    return blake2b(msgspec.msgpack.encode(parts), digest_size=shard.MEANING).digest()
