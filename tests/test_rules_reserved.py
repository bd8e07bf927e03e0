from __future__ import annotations

from pathlib import Path

import pytest

from rule_runs import RULES, found, one


def reserved(
    *lines: str, syntax: str = 'syntax = "proto3";', kind: str = "message", body: str = "string live = 50;"
) -> str:
    inside = "\n".join(lines)
    return f"""{syntax}
package acme.users.v1;
{kind} Held {{
{body}
{inside}
}}
message User {{}}
message HeldEnvelope {{ Held payload = 4; {"Held kind = 16;" if kind == "enum" else ""} }}
""".replace("Held payload", "User payload" if kind == "enum" else "Held payload")


@pytest.mark.parametrize(
    ("lines", "helps"),
    [
        (["reserved 1; // deprecated field [name]"], ['reserved "name";']),
        (['reserved 1; // "name"'], ['reserved "name";']),
        (["reserved 1; // `name`"], ['reserved "name";']),
        (["reserved 1; // name"], ['reserved "name";']),
        (["reserved 1; // was name"], ['reserved "name";']),
        (["reserved 1; // deprecated field name"], ['reserved "name";']),
        (["reserved 1; /* [name] */"], ['reserved "name";']),
        (["// deprecated field [name]", "reserved 1;"], ['reserved "name";']),
        (["reserved 1; // removed in 2021"], [None]),
        (["reserved 1; // [deprecated]"], [None]),
        (["reserved 1; // replaced by [live]"], [None]),
        (["reserved 1, 2; // [a], [b]"], ['reserved "a";', 'reserved "b";']),
        (["reserved 1, 2; // [a], [b]", 'reserved "b";'], ['reserved "a";']),
        (["reserved 1; // [a]", "reserved 2; // [b]", 'reserved "b";'], ['reserved "a";']),
        (["reserved 1; // [name]", 'reserved "nme";'], ['reserved "name";', None]),
        (["reserved 1; // removed in 2021", 'reserved "name";'], []),
        (["reserved 1; // was it", 'reserved "name";'], []),
        (["// [old] fields", "reserved 1;", 'reserved "name";'], []),
        (['reserved "name"; // 3'], ["reserved 3;"]),
        (['reserved "name"; // was 3'], ["reserved 3;"]),
        (['reserved "name"; // 2021-05-01'], [None]),
        (['reserved "name";'], [None]),
        (["reserved 5 to 7;", 'reserved "a", "b";'], [None]),
        (["reserved 5 to 7; // [a] [b] [c]", 'reserved "c", "a";'], ['reserved "b";']),
        (["reserved 1 to 16;"], [None]),
        (["reserved 1; // deprecated field [naïve]"], [None]),
        (["reserved 1; // field naïve"], [None]),
        (["reserved 4; // string foo = 4;"], ['reserved "foo";']),
        (
            ["// string foo = 4;", "// map<string, User> bar = 5;", "reserved 4, 5;"],
            ['reserved "foo";', 'reserved "bar";'],
        ),
        (["reserved 4; // string foo = 5;"], [None]),
        (["reserved 5, 6; // a, b"], ['reserved "a";', 'reserved "b";']),
        (["reserved 5, 6; // a"], [None, None]),
        (["reserved 5, 6; // [a], [b], [c]"], [None, None]),
        (["reserved", "  3, // nick", "  4; // mail"], ['reserved "nick";', 'reserved "mail";']),
        (["reserved", "  3,", "  4; // mail"], [None, 'reserved "mail";']),
        (["reserved", "  3, 7, // nick", "  4; // mail"], [None, None, 'reserved "mail";']),
        (['reserved "a",  // 3', '  "b";  // 4'], ["reserved 3;", "reserved 4;"]),
        (['reserved "a", "b"; // 3, 4'], ["reserved 3;", "reserved 4;"]),
        (["reserved 3, 4, 5;", 'reserved "nick";'], [None]),
        (["reserved 3, 4;", 'reserved "a", "b", "c";'], [None]),
        (["reserved 1 to 17;"], []),
        (["reserved 1 to 17;", 'reserved "a", "b";'], []),
        (["reserved 1000 to max;"], []),
        (["reserved 536870911;"], []),
        (["reserved 1000 to max;", 'reserved "a";'], [None]),
        (["reserved 3; reserved 1; // [name]", 'reserved "name";'], [None]),
    ],
)
def test_reserved_numbers_and_names_come_in_pairs(lines: list[str], helps: list[str | None], tmp_path: Path) -> None:
    findings = found(reserved(*lines), tmp_path, RULES["RESERVED_NAME_AND_NUMBER"])
    told = [None if (it.help or "").startswith("look up") else it.help for it in findings]
    assert told == helps
    assert len({it.fingerprint for it in findings}) == len(findings)


def test_a_lonely_number_and_a_lonely_name_are_told_where_they_stand(tmp_path: Path) -> None:
    rule = RULES["RESERVED_NAME_AND_NUMBER"]
    (number,) = found(reserved("reserved 2, 7 to 8; // [b], [c], [d]", 'reserved "b", "c";'), tmp_path, rule)
    assert number.message == "number 8 of `Held` is reserved without its name"
    assert number.location
    assert (number.location.line, number.location.column, number.location.end_column) == (5, 13, 19)
    (name,) = found(reserved("reserved 2; // [b]", 'reserved "b",', '  "c";'), tmp_path, rule)
    assert name.message == "name `c` of `Held` is reserved without its number"
    assert name.location
    assert (name.location.line, name.location.column) == (7, 3)


def test_reserved_ranges_of_enums_hold_their_end_and_negative_numbers(tmp_path: Path) -> None:
    text = reserved("reserved -2 to -1, 5; // [A] [B] [C]", kind="enum", body="ZERO = 0;")
    findings = found(text, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"])
    assert [it.help for it in findings] == ['reserved "A", "B";', 'reserved "C";']
    assert findings[0].message == "numbers -2 and -1 of `Held` are reserved without their names"
    top = reserved("reserved 7 to max;", kind="enum", body="ZERO = 0;")
    assert found(top, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"]) == []


def test_one_number_of_an_enum_may_have_had_several_names(tmp_path: Path) -> None:
    body = "option allow_alias = true; ZERO = 0; NIL = 0;"
    text = reserved("reserved 2;", 'reserved "A", "B";', kind="enum", body=body)
    assert found(text, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"]) == []


def test_editions_reserve_names_without_quotes(tmp_path: Path) -> None:
    text = reserved("reserved 1; // [name]", syntax='edition = "2023";')
    assert one(text, tmp_path, "RESERVED_NAME_AND_NUMBER").help == "reserved name;"


def test_where_only_counts_can_pair_no_number_is_accused(tmp_path: Path) -> None:
    rule = RULES["RESERVED_NAME_AND_NUMBER"]
    (finding,) = found(reserved("reserved 3, 4, 5;", 'reserved "nick";'), tmp_path, rule)
    assert finding.message == "`Held` reserves 3 numbers (3, 4, 5) and 1 name (`nick`): 2 names missing"
    assert finding.location
    assert (finding.location.line, finding.location.column) == (5, 10)
    (other,) = found(reserved("reserved 5, 3;", 'reserved "a", "b", "c";'), tmp_path, rule)
    assert other.message == "`Held` reserves 2 numbers (5, 3) and 3 names (`a`, `b`, `c`): 1 number missing"


def test_what_comments_suggest_is_told_where_nothing_is_certain(tmp_path: Path) -> None:
    text = reserved("reserved", "  3, // nick", "  4; // mail", 'reserved "other";')
    finding = one(text, tmp_path, "RESERVED_NAME_AND_NUMBER")
    assert "By the comments 3 may be `nick`, 4 may be `mail`." in (finding.help or "")


def test_an_uneven_statement_is_the_same_finding_until_another_name_is_missing(tmp_path: Path) -> None:
    rule = RULES["RESERVED_NAME_AND_NUMBER"]

    def identity(*lines: str) -> str:
        (finding,) = found(reserved(*lines), tmp_path, rule)
        return finding.fingerprint

    before = identity("reserved 3, 4;", 'reserved "a";')
    assert identity("", "reserved 9;", "reserved 4, 3;", 'reserved "b", "a";') == before
    assert identity("reserved 2, 3, 4;", 'reserved "a";') != before


def test_the_numbers_of_one_range_are_told_together_in_their_order(tmp_path: Path) -> None:
    finding = one(reserved("reserved 9 to 11;"), tmp_path, "RESERVED_NAME_AND_NUMBER")
    assert finding.message == "numbers 9, 10 and 11 of `Held` are reserved without their names"
    assert (finding.help or "").endswith('were called: `reserved "<name>", "<name>", "<name>";`')


@pytest.mark.parametrize("kind", ["message", "enum"])
def test_a_reserved_name_that_no_field_can_have_is_told(kind: str, tmp_path: Path) -> None:
    body = "string live = 50;" if kind == "message" else "ZERO = 0;"
    text = reserved("reserved 1, 2;", 'reserved "naïve", "fine";', kind=kind, body=body)
    finding = one(text, tmp_path, "RESERVED_NAME_VALID")
    assert finding.message == "reserved name `naïve` of `Held` is not a name that a field can have"
    assert finding.location
    assert (finding.location.line, finding.location.column) == (6, 10)
    assert found(text, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"]) == []
