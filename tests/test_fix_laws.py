"""The law of fixes: it compiles, the finding is gone, no other appears, and what was not touched is as it was.

Judged here by other means than those by which fixes are tried: by places in the descriptors, and by the texts.
SCHEMACTL_FIXES says how many schemas are drawn.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from fixing import RULES, tree
from schemactl import reading
from schemactl.fix import run
from schemactl.fix.run import Result
from schemactl.image import Image
from schemactl.job import Job, Request, job
from schemactl.schema import schema
from schemactl.texts import Sources
from schemactl.tokens import tokens

NAMING = (
    "FIELD_LOWER_SNAKE_CASE", "MESSAGE_PASCAL_CASE", "ENUM_PASCAL_CASE", "ENUM_VALUE_UPPER_SNAKE_CASE",
    "ENUM_VALUE_PREFIX", "ENUM_ZERO_VALUE_SUFFIX", "ONEOF_LOWER_SNAKE_CASE", "RPC_PASCAL_CASE", "SERVICE_PASCAL_CASE",
    "SERVICE_SUFFIX",
)  # fmt: skip
IMPORTS = ("IMPORT_USED", "IMPORTS_SORTED")
_IMPORT = re.compile(rb"(?m)^import [^;\n]*;.*\n?")


def obeyed(root: Path, *select: str) -> Result | None:
    """What fixing the tree gave, once it was found lawful; None if the tree is no schema."""
    with job(Request(directory=root, select=select, breaking=False, jobs=1)) as running:
        before = reading.sources(running.head.tree, running.config, running.place, os.environ)
        done, old = running.judge(before)
        if before.problems or done.problems:
            return None
        texts, was = dict(before.files), meaning(image(running, before))
        result = run.run(running, before, lambda finding: True, unsafe=True)
        assert result is not None
        run.write(running, result)
    with job(Request(directory=root, select=select, breaking=False, jobs=1, cached=False)) as running:
        after = reading.sources(running.head.tree, running.config, running.place, os.environ)
        done, now = running.judge(after)
        assert not done.problems
        assert not Counter(each.rule for each in now) - Counter(each.rule for each in old)
        assert len(old) - len(now) == int(result.summary.split()[1])
        assert meaning(image(running, after)) == was
    for name, text in texts.items():
        assert rest(text) == rest(after.files[name])
    return result


def image(running: Job, sources: Sources) -> Image:
    return running.compile(sources).image


def rest(text: bytes) -> tuple[list[bytes], bytes]:
    """What no fix of these touches: comments and strings but for key paths, and all that is neither these nor words."""
    found, kept, at = [], b"", 0
    text = _IMPORT.sub(b"", text)
    for kind, start, end in tokens(text):
        kept += text[at:start] + (text[start:end] if kind not in ("word", "text", "comment") else kind[:1].encode())
        found += [text[start:end]] if kind in ("text", "comment") else []
        at = end
    return found, kept + text[at:]


def meaning(image: Image) -> list[Any]:
    """The descriptors, with the place of what a name stands for in its stead."""
    protos = [schema().FileDescriptorProto.FromString(each) for _, each in sorted(image.descriptors.items())]
    places: dict[str, str] = {}
    for proto in protos:
        places |= {f".{name}": where for name, where in _places(proto, proto.package, proto.name)}
    return [_placed(proto, places) for proto in protos]


def _places(holder: Any, scope: str, where: str) -> Iterator[tuple[str, str]]:
    names = ("message_type", "nested_type", "enum_type", "value")
    for kind in (name for name in names if name in holder.DESCRIPTOR.fields_by_name):
        # Maps make their entries up, in the order of their names.
        for number, each in enumerate(getattr(holder, kind)):
            name, place = f"{scope}.{each.name}".lstrip("."), f"{where}/{kind}[{number}]"
            yield name, place
            yield from _places(each, name, place)


def _placed(proto: Any, places: Mapping[str, str]) -> Any:
    for name in ("source_code_info", "dependency", "public_dependency", "weak_dependency"):
        if name in proto.DESCRIPTOR.fields_by_name:
            proto.ClearField(name)
    if proto.DESCRIPTOR.name == "FieldDescriptorProto" and proto.default_value and proto.type == proto.TYPE_ENUM:
        proto.default_value = places[f"{proto.type_name}.{proto.default_value}"]
    for descriptor, value in proto.ListFields():
        if descriptor.name in ("name", "json_name") and "options" in proto.DESCRIPTOR.fields_by_name:
            proto.ClearField(descriptor.name)
        elif descriptor.name in ("type_name", "extendee", "input_type", "output_type"):
            setattr(proto, descriptor.name, places[value])
        elif descriptor.type == descriptor.TYPE_MESSAGE and descriptor.name != "options":
            for each in value if descriptor.is_repeated else [value]:
                _placed(each, places)
    return proto


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["temporal-api", "opentelemetry-proto", "googleapis-protos/google/pubsub"])
def test_fixes_of_real_schemas_obey_the_law(corpus: str, corpora: Path, tmp_path: Path) -> None:
    name, _, below = corpus.partition("/")
    copied(corpora / name, tmp_path, below)
    (tmp_path / "schemactl.yaml").write_text(RULES)
    result = obeyed(tmp_path, *NAMING, *IMPORTS)
    assert result
    assert result.changes


def copied(source: Path, root: Path, below: str) -> None:
    """The schemas of a directory and all they import."""
    pending, seen = sorted((source / below).rglob("*.proto")), set[Path]()
    while pending:
        path = pending.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        target = root / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        pending += [source / found for found in re.findall(r'^import (?:\w+ )?"(.*)";', path.read_text(), re.MULTILINE)]


TYPES = ["user", "userName", "User", "order_line", "Kind", "kind", "data"]
FIELDS = ["userId", "user_id", "user", "kind", "Name", "data", "lastName"]
VALUES = ["none", "USER_A", "kindB", "A", "KIND_A", "UNKNOWN", "user"]
COMMENTS = ["", "", "// userId user kind\n", "/* kind\n userName */ ", "\t", "\r\n"]
OPTS = (
    'syntax = "proto2";\npackage acme.opts;\nimport "google/protobuf/descriptor.proto";\n'
    "message data { optional string userId = 1; optional data user = 2; optional Kind kind = 3; extensions 100 to 200; "
    "}\n"
    "enum Kind { none = 0; kindB = 1; }\nextend data { optional string lastName = 100; }\n"
    "extend google.protobuf.FieldOptions { optional data Name = 50001; repeated Kind kinds = 50002; }\n"
)
SET = [
    "",
    "",
    '[(acme.opts.Name).userId = "x"]',
    "[(acme.opts.kinds) = kindB, (.acme.opts.Name).user.kind = none]",
    '[deprecated = true, (opts.Name) = { user { kind: kindB [acme.opts.lastName]: "y" } }]',
]


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, str]:
    """Two packages whose names get in each other's way; many do not compile."""
    comments, options = st.sampled_from(COMMENTS), st.sampled_from(SET)

    def few(names: list[str], most: int) -> list[str]:
        return draw(st.lists(st.sampled_from(names), max_size=most, unique=True))

    def reference(scopes: list[str]) -> str:
        """One name, however much of it is written, or none that there is."""
        full_name = draw(st.sampled_from(known)).split(".")
        start = draw(st.integers(0, len(full_name) - 1))
        dot = "." if start == 0 and draw(st.booleans()) else ""
        return dot + draw(st.sampled_from([".", ".", " . "])).join(full_name[start:])

    def enum(name: str) -> str:
        values = few(VALUES, 3) or ["none"]
        return f"enum {name} {{ " + " ".join(f"{value} = {number};" for number, value in enumerate(values)) + " }\n"

    def message(name: str, nested: list[str], scope: str) -> str:
        parts = []
        for each in nested:
            parts.append(enum(each) if f"{scope}.{name}.{each}" in enums else f"message {each} {{}}\n")
        for number, field in enumerate(few(FIELDS, 4), 1):
            kind = draw(st.sampled_from(["{}", "{}", "repeated {}", "optional {}", "map<string, {}>"]))
            parts.append(
                f"{draw(comments)}{kind.format(reference([]))} {field} = {number} {draw(options)}; {draw(comments)}"
            )
        return f"message {name} {{\n" + "".join(parts) + "}\n"

    plan = {package: {name: few(TYPES, 2) for name in few(TYPES, 3)} for package in ("acme.user", "acme.kind")}
    known, enums = ["acme.opts.data", "acme.opts.Kind"], set()
    for package, types in plan.items():
        for name, nested in types.items():
            known += [f"{package}.{name}", *(f"{package}.{name}.{each}" for each in nested)]
            enums |= {each for each in known[-len(nested) - 1 :] if draw(st.integers(0, 3)) == 0}
    enums = {each for each in enums if not any(other.startswith(f"{each}.") for other in known)}
    files = {"opts.proto": OPTS}
    for package, types in plan.items():
        other = "kind.proto" if package == "acme.user" else None
        imports = "".join(f'import "{each}";\n' for each in filter(None, (other, "opts.proto")))
        body = "".join(
            enum(name) if f"{package}.{name}" in enums else message(name, nested, package)
            for name, nested in types.items()
        )
        files[f"{package.rpartition('.')[2]}.proto"] = f'syntax = "proto3";\npackage {package};\n{imports}{body}'
    return files


@settings(
    max_examples=int(os.environ.get("SCHEMACTL_FIXES", "8")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(schemas())
def test_fixes_of_drawn_schemas_obey_the_law(files: dict[str, str]) -> None:
    root = tree(Path(mkdtemp()), files)
    try:
        assume(obeyed(root, *NAMING, *IMPORTS) is not None)
    finally:
        shutil.rmtree(root)
