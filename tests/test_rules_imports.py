from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_runs import RULES, found, one
from schemactl.outline import Files, Import, Outline, Statement
from schemactl.rule import Context, FileHit
from schemactl.rules._package_graph import circles, graph, way

AT = Statement(b"\x03\x00", b"\x02\x00\x02")
COLOURS = """
// file: acme/colours.proto
syntax = "proto3";
package acme.colours;
message Colour {}
// file: acme/all.proto
syntax = "proto3";
package acme;
import public "acme/colours.proto";
// file: acme/more.proto
syntax = "proto3";
package acme;
import public "acme/all.proto";
// file: acme/painted.proto
syntax = "proto3";
package acme;
import "acme/colours.proto";
message Painted { acme.colours.Colour colour = 1; }
// file: acme/options.proto
syntax = "proto2";
package acme.options;
import "google/protobuf/descriptor.proto";
message Limit { extensions 100 to max; }
extend google.protobuf.FieldOptions { optional Limit limit = 50000; }
// file: acme/limits.proto
syntax = "proto2";
package acme.limits;
import "acme/options.proto";
extend acme.options.Limit { optional int32 least = 100; }
// file: acme/all_limits.proto
syntax = "proto3";
package acme;
import public "acme/limits.proto";
"""


def unused(workspace: Path, *imports: str, body: str = "") -> list[str]:
    """What a file with these imports (`public x.proto` for a public one) does not use."""
    words = [each.rpartition(" ") for each in imports]
    statements = "\n".join(f'import {kind} "{name}";' for kind, _, name in words)
    text = f'syntax = "proto3";\npackage acme.example;\n{statements}\n{body}{COLOURS}'
    findings = found(text, workspace, RULES["IMPORT_USED"])
    lines = [each.location.line for each in findings if each.location and each.location.path.endswith("example.proto")]
    return [words[line - 3][2] for line in sorted(lines)]


USES = "message Mine { acme.colours.Colour colour = 1; }"


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        (["acme/colours.proto"], []),
        (["acme/all.proto"], []),
        (["acme/more.proto"], []),
        (["acme/painted.proto", "acme/all.proto"], ["acme/painted.proto"]),
        (["acme/all.proto", "acme/painted.proto"], ["acme/painted.proto"]),
        (["acme/all.proto", "acme/colours.proto"], ["acme/all.proto"]),
        (["acme/colours.proto", "acme/all.proto"], ["acme/all.proto"]),
        (["acme/more.proto", "acme/all.proto"], ["acme/all.proto"]),
        (["acme/all.proto", "public acme/more.proto"], ["acme/all.proto"]),
        (["public acme/more.proto", "public acme/all.proto"], []),
        (["weak acme/all.proto"], []),
    ],
)
def test_a_name_is_seen_through_its_own_file_or_the_first_import_that_hands_it_on(
    imports: list[str], expected: list[str], tmp_path: Path
) -> None:
    assert unused(tmp_path, *imports, body=USES) == expected


@pytest.mark.parametrize("name", ["acme/colours.proto", "acme/all.proto", "acme/more.proto", "weak acme/colours.proto"])
def test_an_import_that_nothing_needs_is_unused_whatever_it_hands_on(name: str, tmp_path: Path) -> None:
    assert unused(tmp_path, name) == [name.removeprefix("weak ")]
    assert unused(tmp_path, f"public {name.removeprefix('weak ')}") == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ["google/protobuf/descriptor.proto"]),
        ('option java_package = "acme";', ["google/protobuf/descriptor.proto"]),
        ("message M { string a = 1 [deprecated = true]; }", ["google/protobuf/descriptor.proto"]),
        ("message M { string a = 1 [(acme.options.limit) = {}]; }", ["google/protobuf/descriptor.proto"]),
        ("extend google.protobuf.FieldOptions { string a = 50001; }", []),
        ("message M { google.protobuf.FieldDescriptorProto field = 1; }", []),
    ],
)
def test_options_alone_are_no_use_of_the_descriptor(body: str, expected: list[str], tmp_path: Path) -> None:
    extra = ["acme/options.proto"] if "limit" in body else []
    assert unused(tmp_path, "google/protobuf/descriptor.proto", *extra, body=body) == expected


@pytest.mark.parametrize(
    "options", ["(acme.options.limit).(acme.limits.least) = 1", "(.acme.options.limit) = {[acme.limits.least]: 1}"]
)
def test_an_extension_inside_the_value_of_an_option_is_a_use(options: str, tmp_path: Path) -> None:
    imports = ("acme/options.proto", "acme/all_limits.proto", "acme/all.proto")
    assert unused(tmp_path, *imports, body=f"message M {{ string a = 1 [{options}]; }}") == ["acme/all.proto"]


def test_an_unused_import_is_found_where_it_stands_and_a_comment_ignores_it(tmp_path: Path) -> None:
    text = 'syntax = "proto3";\npackage acme;\nimport\n  "acme/colours.proto";\n'
    finding = one(text + COLOURS, tmp_path, "IMPORT_USED")
    assert finding.location
    assert (finding.location.line, finding.location.end_line, finding.suppressed) == (3, 4, None)
    ignored = text.replace("import", "// buf:lint:ignore IMPORT_USED\nimport")
    assert one(ignored + COLOURS, tmp_path, "IMPORT_USED").suppressed == "buf:lint:ignore IMPORT_USED"


def test_every_public_import_is_found(tmp_path: Path) -> None:
    imports = 'import "acme/colours.proto";\nimport public "acme/painted.proto";\nimport public "acme/limits.proto";'
    text = f'syntax = "proto3";\npackage acme.example;\n{imports}\n{USES}{COLOURS}'
    findings = [each for each in found(text, tmp_path, RULES["IMPORT_NO_PUBLIC"]) if each.element == "acme.example"]
    assert [each.location.line for each in findings if each.location] == [4, 5]
    assert len({each.fingerprint for each in findings}) == 2


def outlines(packages: Mapping[str, str], imports: Mapping[str, list[str]]) -> dict[str, Outline]:
    """Files without any content: their packages, and what they import."""
    return {
        name: Outline(name, name, package, (), tuple(Import(each, AT) for each in imports.get(name, ())))
        for name, package in packages.items()
    }


def hits(rule: str, files: Files) -> list[FileHit]:
    check = RULES[rule].files_check
    assert check
    return list(check(files, Context(RULES[rule].params)))


def cycles(known: dict[str, Outline], *judged: str) -> list[tuple[str, str, str]]:
    """(file, import, message)"""
    files = Files(tuple(known[name] for name in judged or known), known)
    found = hits("PACKAGE_NO_IMPORT_CYCLE", files)
    return [
        (hit.file.name, hit.key.partition(":")[2], hit.message.partition(": ")[2].replace("`", "")) for hit in found
    ]


def test_a_circle_of_packages_is_found_at_each_import_that_is_part_of_it() -> None:
    packages = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c": "c", "d": "d"}
    imports = {"a1": ["b1", "a2", "c"], "a2": ["d"], "b2": ["a2", "a1"], "b1": ["b2"]}
    assert cycles(outlines(packages, imports)) == [
        ("a1", "b1", "a → b → a"),
        ("b2", "a2", "b → a → b"),
        ("b2", "a1", "b → a → b"),
    ]


def test_of_several_circles_a_shortest_is_told_the_first_by_name() -> None:
    packages = {name: name[0] for name in ("a", "b", "c", "d", "e")}
    imports = {"a": ["e"], "e": ["d", "c", "b"], "b": ["d"], "d": ["a"], "c": ["a"]}
    assert ("a", "e", "a → e → c → a") in cycles(outlines(packages, imports))
    assert ("b", "d", "b → d → a → e → b") in cycles(outlines(packages, imports))


def test_files_without_a_package_are_in_no_circle() -> None:
    packages = {"a": "a", "none": "", "b": "b"}
    assert cycles(outlines(packages, {"a": ["none"], "none": ["b"], "b": ["none"]})) == []


def test_imported_files_close_a_circle_and_files_that_nothing_imports_do_not() -> None:
    known = outlines({"a1": "a", "a2": "a", "b1": "b", "b2": "b"}, {"a1": ["b1"], "b1": ["a2"], "b2": ["a2"]})
    assert cycles(known, "a1") == [("a1", "b1", "a → b → a")]
    known = outlines({"a1": "a", "a2": "a", "b1": "b", "b2": "b"}, {"a1": ["b1"], "b2": ["a2"]})
    assert cycles(known, "a1", "a2") == []


@pytest.mark.parametrize(
    ("length", "told"), [(8, "→ p6 → p7 → p0"), (9, "→ p5 → p6 → … → p0"), (3000, "p0 → p1 → … → p0")]
)
def test_a_long_circle_is_told_in_short(length: int, told: str) -> None:
    names = [f"p{n}" for n in range(length)]
    imports = {name: [after] for name, after in pairwise([*names, names[0]])}
    found = cycles(outlines(dict(zip(names, names, strict=True)), imports))
    assert len(found) == length
    assert found[0][2].endswith(told)


EDGES = st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=3, unique=True))


def reach(imports: Mapping[str, list[str]], start: str) -> set[str]:
    """All packages on ways of one step or more."""
    found: set[str] = set()
    pending = [start]
    while pending:
        fresh = [each for each in imports.get(pending.pop(), ()) if each not in found]
        found.update(fresh)
        pending += fresh
    return found


@given(EDGES)
def test_packages_are_in_one_circle_if_each_leads_to_the_other(imports: dict[str, list[str]]) -> None:
    imports = {here: [other for other in others if other != here] for here, others in imports.items()}
    known = outlines({name: name for name in "abcdefg"}, imports)
    packages = graph(Files(tuple(known.values()), known))
    circle = circles(packages)
    for here in "abcdefg":
        for other in "abcdefg":
            together = here != other and other in reach(imports, here) and here in reach(imports, other)
            assert together == (here != other and circle.get(here, here) == circle.get(other, other))
            if together:
                path = way(packages, here, other, circle)
                assert (path[0], path[-1]) == (here, other)
                assert all(after in packages[before] for before, after in pairwise(path))


def test_only_a_stable_package_must_not_import_an_unstable_one() -> None:
    packages = {"s1": "a.v1", "s2": "b.v2", "u1": "c.v1beta1", "u2": "d.v1alpha", "n": "e", "t": "f.v1test"}
    imports = {name: list(packages) for name in packages}
    known = outlines(packages, imports)
    found = hits("STABLE_PACKAGE_NO_IMPORT_UNSTABLE", Files(tuple(known.values()), known))
    told = {(hit.file.name, hit.key.partition(":")[2]) for hit in found}
    assert told == {(s, u) for s in ("s1", "s2") for u in ("u1", "u2", "t")}
    message = "stable package `a.v1` should not import `u1` of unstable package `c.v1beta1`"
    assert (found[0].message, found[0].at) == (message, AT)


def test_files_of_another_module_may_be_as_unstable_as_they_like() -> None:
    known = outlines({"s": "a.v1", "u": "b.v1beta1"}, {"s": ["u"]})
    assert hits("STABLE_PACKAGE_NO_IMPORT_UNSTABLE", Files((known["s"],), known)) == []
