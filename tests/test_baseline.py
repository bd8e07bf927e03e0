from __future__ import annotations

import json
import random
from collections.abc import Collection
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rule_runs import RULES, found, schema, split
from schemactl import baseline
from schemactl.baseline import Baseline, Symbols
from schemactl.baselinefile import Entry
from schemactl.config import BASELINE
from schemactl.errors import ConfigError
from schemactl.finding import Finding, Location, fingerprint, ordered, unique


def one(path: str) -> list[str]:
    return ["acme.v1.User"]


def finding(rule: str, element: str | None, path: str = "a.proto", key: str = "") -> Finding:
    return Finding(
        rule, "error", "lint", "m", Location(path, 1, 1, 1, 1), element, fingerprint=fingerprint(rule, element, key)
    )


def of_file(finding: Finding, key: str) -> Finding:
    assert finding.location
    name = f"{finding.element}:{finding.location.path.rpartition('/')[2]}"
    return replace(finding, fingerprint=fingerprint(finding.rule, name, key), message=key)


def read(data: bytes) -> Baseline:
    return baseline.read(data, BASELINE)


def new(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if not each.suppressed]


# Two files, what they declare, and what is found of it: of elements, and of the files as such.
NAMES = st.sampled_from(["acme.v1.User", "acme.v1.Order", "acme.v1.Order.id", "Account", "naïve"])
OF_ELEMENTS = st.builds(finding, st.sampled_from("AB"), NAMES, st.just("x/a.proto"), st.sampled_from(["", "1"]))
OF_FILES = st.builds(
    lambda rule, path, key: of_file(finding(rule, "acme.v1", path, key), key),
    st.sampled_from("CD"),
    st.sampled_from(["x/a.proto", "x/b.proto", "x/\udce4 in \n.proto"]),
    st.sampled_from(["", "1"]),
)
RAW = st.lists(OF_ELEMENTS | OF_FILES, max_size=12)
FINDINGS = RAW.map(unique)
DECLARED = {"x/a.proto": ["acme.v1.User", "acme.v1.Order"], "x/b.proto": ["acme.v1.B"], "x/\udce4 in \n.proto": []}


@given(FINDINGS, st.randoms())
def test_what_is_written_is_found_no_more_in_whatever_order(findings: list[Finding], random: random.Random) -> None:
    data = baseline.written(findings, DECLARED.__getitem__)
    shuffled = random.sample(findings, len(findings))
    assert baseline.written(shuffled, DECLARED.__getitem__) == data
    applied = read(data).applied(shuffled, DECLARED.__getitem__)
    assert applied.findings == [replace(each, suppressed="baseline") for each in shuffled]
    assert (applied.total, applied.remaining, applied.fixed) == (len(findings), len(findings), ())
    assert applied.pruned(DECLARED.__getitem__) == data
    assert data.count(b"\n   ") == len(findings)


@given(FINDINGS, st.data())
def test_pruning_keeps_exactly_what_is_still_found(findings: list[Finding], data: st.DataObject) -> None:
    still = [each for each in findings if data.draw(st.booleans())]
    more = finding("A", "acme.v1.New")
    applied = read(baseline.written(findings, DECLARED.__getitem__)).applied([*still, more], DECLARED.__getitem__)
    assert new(applied.findings) == [more]
    assert {each.fingerprint for each in applied.fixed} == {each.fingerprint for each in findings if each not in still}
    assert applied.pruned(DECLARED.__getitem__) == baseline.written(still, DECLARED.__getitem__)


@given(RAW, st.sampled_from(["x/c.proto", "y/a.proto"]))
def test_a_renamed_file_brings_nothing_back(findings: list[Finding], path: str) -> None:
    def renamed(each: Finding) -> Finding:
        if each.location is None or each.location.path != "x/a.proto":
            return each
        each = replace(each, location=Location(path, 9, 1, 9, 1))
        return of_file(each, each.message) if each.element == "acme.v1" else each

    after = {**DECLARED, path: DECLARED["x/a.proto"], "x/a.proto": []}
    moved = unique(map(renamed, findings))
    applied = read(baseline.written(unique(findings), DECLARED.__getitem__)).applied(moved, after.__getitem__)
    assert (new(applied.findings), applied.fixed) == ([], ())
    assert applied.pruned(after.__getitem__) == baseline.written(moved, after.__getitem__)


def test_what_somebody_ignores_and_what_is_no_lint_finding_is_not_in_it() -> None:
    plain = finding("A", "acme.v1.User")
    ignored = replace(finding("A", "acme.v1.Order"), suppressed="buf:lint:ignore A")
    others = [replace(finding("B", "acme.v1.User"), source=source) for source in ("buf", "compile", "policy")]
    data = baseline.written([plain, ignored, *others], one)
    assert json.loads(data)["findings"] == {"A": {plain.fingerprint: "acme.v1.User"}}
    known = read(json.dumps({"schema_version": 1, "findings": {
        "A": {ignored.fingerprint: ""}, "B": {others[0].fingerprint: ""}
    }}).encode())  # fmt: skip
    applied = known.applied([ignored, *others], one)
    assert applied.findings == [ignored, *others]
    assert len(applied.fixed) == 2


def test_one_entry_covers_one_finding() -> None:
    twice = [finding("A", "acme.v1.User")] * 2
    known = read(baseline.written(twice[:1], one))
    assert len(new(known.applied(twice, one).findings)) == 1
    assert len(new(known.applied(unique(twice), one).findings)) == 1


def test_entries_that_were_not_looked_for_are_neither_fixed_nor_dropped() -> None:
    findings = [finding("A", "acme.v1.User"), finding("B", "acme.v1.User")]
    data = baseline.written(findings, one)
    applied = read(data).applied([], one, lambda entry: entry.rule == "A")
    assert applied.fixed == (Entry("A", "acme.v1.User", findings[0].fingerprint),)
    assert applied.remaining == 0
    assert applied.pruned(one) == baseline.written(findings[1:], one)


def test_it_can_be_reviewed_line_by_line() -> None:
    findings = [finding("B", None, "b.proto"), finding("A", "acme.v1.User"), finding("A", "acme.v1.Account")]
    lines = baseline.written(findings, one).decode().split("\n")
    assert lines == [
        "{",
        ' "schema_version": 1,',
        ' "findings": {',
        '  "A": {',
        f'   "{findings[2].fingerprint}": "acme.v1.Account",',
        f'   "{findings[1].fingerprint}": "acme.v1.User"',
        "  },",
        '  "B": {',
        f'   "{findings[0].fingerprint}": "acme.v1.User in b.proto"',
        "  }",
        " }",
        "}",
        "",
    ]


# With real rules: what is found of a file as such, and of the same text elsewhere.

BASE = """\
// file: acme/users/user.proto
package acme.users;
import "acme/common/address.proto";
import "acme/common/colour.proto";
message User { string id = 1; }
enum Plan { PLAN_UNSPECIFIED = 0; }
// file: acme/common/address.proto
syntax = "proto3";
package acme.common;
message Address {}
// file: acme/common/colour.proto
syntax = "proto3";
package acme.common;
message Colour {}
"""
FILE_RULES = ("SYNTAX_SPECIFIED", "PACKAGE_VERSION_SUFFIX", "IMPORT_USED", "PACKAGE_DIRECTORY_MATCH")
directories = count()


def judged(text: str, tmp_path: Path, *rules: str) -> tuple[list[Finding], Symbols]:
    text = text.replace("string id", "optional string id")
    workspace = tmp_path / str(next(directories))
    workspace.mkdir()
    findings = unique(ordered(found(text, workspace, *(RULES[rule] for rule in rules or FILE_RULES))))
    records = schema(split(text), workspace).records.values()
    symbols = {record.outline.path: record.outline.symbols for record in records}
    return findings, symbols.__getitem__


def fresh(before: str, after: str, tmp_path: Path, *rules: str) -> list[tuple[str, str]]:
    """What is new in the second of two versions: rule and path."""
    known = read(baseline.written(*judged(before, tmp_path, *rules)))
    applied = known.applied(*judged(after, tmp_path, *rules))
    return [(each.rule, each.location.path) for each in new(applied.findings) if each.location]


@pytest.mark.parametrize("path", ["acme/users/account.proto", "acme/users/v1/user.proto", "other/account.proto"])
def test_findings_of_a_file_survive_that_it_is_renamed_or_moved(path: str, tmp_path: Path) -> None:
    before, _ = judged(BASE, tmp_path)
    assert {each.rule for each in before} == {*FILE_RULES} - {"PACKAGE_DIRECTORY_MATCH"}
    moved = BASE.replace("acme/users/user.proto", path)
    expected = [] if path.startswith("acme/users/a") else [("PACKAGE_DIRECTORY_MATCH", path)]
    assert fresh(BASE, moved, tmp_path) == expected


def test_a_renamed_file_may_also_be_changed(tmp_path: Path) -> None:
    after = BASE.replace("acme/users/user.proto", "acme/users/b.proto").replace(
        "message User", "message First {} message User"
    )
    assert fresh(BASE, after, tmp_path) == []


def test_another_file_of_the_package_is_not_covered_by_what_is_fixed(tmp_path: Path) -> None:
    fixed = BASE.replace("package acme.users;", 'syntax = "proto3"; package acme.users;')
    other = "// file: acme/users/new.proto\npackage acme.users;\nmessage Copy {}\n"
    assert fresh(BASE, fixed + other, tmp_path, "SYNTAX_SPECIFIED") == [("SYNTAX_SPECIFIED", "acme/users/new.proto")]


def test_the_new_one_of_two_files_of_one_name_is_reported_and_not_the_old_one(tmp_path: Path) -> None:
    # In report order it comes first, and would get the identity of the old one.
    other = "// file: acme/aaa/user.proto\npackage acme.users;\nmessage Copy {}\n"
    assert fresh(BASE, BASE + other, tmp_path, "SYNTAX_SPECIFIED") == [("SYNTAX_SPECIFIED", "acme/aaa/user.proto")]
    assert fresh(BASE + other, other, tmp_path, "SYNTAX_SPECIFIED") == []


@pytest.mark.parametrize("rule", ["IMPORT_USED", "IMPORT_NO_PUBLIC", "PACKAGE_NO_IMPORT_CYCLE"])
def test_findings_of_an_import_survive_that_the_imported_file_moves(rule: str, tmp_path: Path) -> None:
    before = RULES[rule].bad.replace("  // error", "")
    path = "acme/users/v1/user.proto" if "acme/users/v1" in before else "acme/example/v1/user.proto"
    path = path if path in before else "acme/example/v1/address.proto"
    after = before.replace(path, f"moved/{path.rpartition('/')[2]}")
    assert after != before
    assert judged(before, tmp_path, rule)[0]
    assert fresh(before, after, tmp_path, rule) == []


def test_another_import_is_another_finding(tmp_path: Path) -> None:
    more = '// file: acme/common/size.proto\nsyntax = "proto3"; package acme.common;\nmessage Size {}\n'
    after = BASE.replace('"acme/common/colour.proto"', '"acme/common/size.proto"') + more
    assert fresh(BASE + more, after, tmp_path, "IMPORT_USED") == [("IMPORT_USED", "acme/users/user.proto")]


@pytest.mark.parametrize("rule", ["PACKAGE_SAME_GO_PACKAGE", "PACKAGE_SAME_DIRECTORY", "DIRECTORY_SAME_PACKAGE"])
def test_findings_of_several_files_survive_that_one_of_them_moves(rule: str, tmp_path: Path) -> None:
    before = "".join(
        f"// file: {path}\nsyntax = \"proto3\";\npackage acme.{package};\noption go_package = \"acme/{name}\";\n"
        f"message {name} {{}}\n"
        for path, package, name in [("a/a.proto", "v1", "A"), ("a/b.proto", "v1", "B"), ("a/c.proto", "v2", "C"),
                                    ("b/d.proto", "v2", "D"), ("b/e.proto", "v1", "E")]
    )  # fmt: skip
    assert judged(before, tmp_path, rule)[0]
    assert fresh(before, before.replace("b/e.proto", "b/f.proto"), tmp_path, rule) == []
    if rule != "DIRECTORY_SAME_PACKAGE":
        assert fresh(before, before.replace("b/e.proto", "c/e.proto"), tmp_path, rule) == []


def test_many_findings_of_one_file_that_is_renamed_take_no_time() -> None:
    before = [of_file(finding("A", "acme.v1", "a.proto"), str(n)) for n in range(20_000)]
    after = [of_file(finding("A", "acme.v1", "b.proto"), str(n)) for n in range(20_000)]
    other = [of_file(finding("A", "acme.v1", "a.proto"), str(-n)) for n in range(1, 20_000)]
    known = read(baseline.written(before, one))
    assert new(known.applied(after, one).findings) == []
    assert new(known.applied(other, one).findings) == other


def test_what_files_declare_is_asked_only_where_it_matters(tmp_path: Path) -> None:
    findings, symbols = judged(BASE, tmp_path)
    known = read(baseline.written(findings, symbols))

    def unasked(path: str) -> Collection[str]:
        raise AssertionError(path)

    more = [finding("SYNTAX_SPECIFIED", "acme.orders", "b.proto"), finding("IMPORT_USED", "acme.users.User")]
    assert new(known.applied([*findings, *more], unasked).findings) == more


A, B = "0123456789abcdef", "fedcba9876543210"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("", 1, "not valid JSON: expecting value", "write the file anew"),
        ("[]", 1, "there should be an object `findings`", "write the file anew"),
        ('{"schema_version": 1, "findings": []}', 1, "there should be an object `findings`", ""),
        ('{"findings": {}}', 1, "`schema_version` should be 1", "the schemactl that wrote it"),
        ('{\n"schema_version": 2, "findings": {}, "more": 1}', 2, "`schema_version` should be 1", ""),
        ('{\n"schema_version": true, "findings": {}}', 2, "`schema_version` should be 1", ""),
        ('{"schema_version": 1,\n"findings": {},\n"more": 1}', 3, "`more` does not belong in a baseline", ""),
        (f'{{"schema_version": 1, "findings": {{\n"A": ["{A}"]}}}}', 2, "`A` should hold an object", ""),
        (f'{{"schema_version": 1, "findings": {{"A": {{\n"{A}": 7}}}}}}', 2, f"`{A}` should be followed by", "line"),
        (f'{{"schema_version": 1, "findings": {{"A": {{\n"{A}0": ""}}}}}}', 2, f"`{A}0` is not a fingerprint", ""),
        (f'{{"schema_version": 1, "findings": {{"A": {{"{A}": "x",\n\n"{A}": "x"}}}}}}', 3, "is listed twice", "del"),
        (f'{{"schema_version":1,"findings":{{"A":{{"{A}":"x"}},\n"A":{{"{B}":"x"}}}}}}', 2, "`A` is listed", ""),
        (f'{{"schema_version": 1, "findings": {{"A": {{\n"{A}": "x"\n"{B}": "x"}}}}}}', 3, "not valid JSON", "correct"),
        ('{"schema_version": 1,\n<<<<<<< HEAD\n"findings": {}}', 2, "`<<<<<<<` is left from a merge", "keep the lines"),
        ('{"schema_version": 1,\n"findings": {"\udcff": {}}}', 2, "byte 0xff is not UTF-8", ""),
        ("[" * 200_000, 1, "it is nested too deeply", ""),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_says_where_and_what_to_do(text: str, place: int, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as failure:
        baseline.read(text.encode("utf-8", "surrogateescape"), BASELINE)
    assert failure.value.message.startswith(f"{BASELINE}:{place}: ")
    assert message in failure.value.message
    assert hint in failure.value.hint
    assert failure.value.hint


def test_a_file_written_by_hand_is_read_however_it_is_set() -> None:
    known = read(f'\n{{"findings":{{"A":{{"{A}" : "\\": \\"", "{B}":": "}}}},"schema_version":1}}'.encode())
    assert known.entries == {"A": {A: '": "', B: ": "}}


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ConfigError, match="larger than 64 MiB"):
        baseline.read(b" " * (64 * 1024 * 1024 + 1), BASELINE)


def test_an_empty_baseline_is_one() -> None:
    data = baseline.written([], one)
    assert json.loads(data) == {"schema_version": 1, "findings": {}}
    assert read(data).entries == {}
