"""Comments and entries against what Buf finds: which of them covers which break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from schemactl import comments
from schemactl.approvals import Approval, Entry
from schemactl.approve import applied as approved
from schemactl.bufrules import breaking_ids
from schemactl.configfile import SuppressSection
from schemactl.finding import Finding, Location
from schemactl.report.grouping import changes
from schemactl.suppress import applied
from schemactl.terms import Terms
from sides import EVERYTHING, Sides, compared, written

PATH, GONE = "acme/v1/user.proto", "acme/v1/gone.proto"
OLD = """syntax = "proto3";
package acme.v1;
option go_package = "old";
message User {
  string id = 1;
  int32 age = 2;
  oneof how { string email = 3; string phone = 4; }
  message Address { string street = 1; }
  reserved 9;
}
message Order { string id = 1; }
message Last {}
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }
service Users { rpc Get(User) returns (Order); }
"""
NEW = """// schemactl:ignore MESSAGE_NO_DELETE -- moved to acme.v2
syntax = "proto3";
package acme.v1;
option go_package = "new"; // schemactl:ignore FILE_SAME_GO_PACKAGE -- one module now
// schemactl:ignore FIELD_NO_DELETE, RESERVED_MESSAGE_NO_DELETE, ONEOF_NO_DELETE -- nobody reads it
message User {
  // schemactl:ignore FIELD_SAME_TYPE, FIELD_WIRE_JSON_COMPATIBLE_TYPE -- never set
  string age = 2;
}
message Order {}
enum Color { // schemactl:ignore ENUM_VALUE_NO_DELETE -- never used
  COLOR_UNSPECIFIED = 0;
}
// schemactl:ignore RPC_NO_DELETE -- nobody calls it
service Users {}
"""
TERMS = Terms(
    SuppressSection(), date(2027, 1, 10), frozenset(), frozenset(breaking_ids(EVERYTHING)), lambda rule, path: "on"
)


def test_comments_and_entries_meet_what_buf_finds(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    gone = 'syntax = "proto3";\npackage acme.v1;\n'
    old = sides.of(written(tmp_path / "old", {PATH: OLD, GONE: gone}))
    new = sides.of(written(tmp_path / "new", {PATH: NEW}))
    found = compared(new, old, EVERYTHING, tmp_path, narrow=True)
    done = applied(found, comments.suppressions(new.compile([PATH]).file(PATH)), TERMS, frozenset())
    kept, told = done.findings[: len(found)], done.findings[len(found) :]
    assert {(each.rule, each.element) for each in kept if each.suppressed} == {
        ("MESSAGE_NO_DELETE", "acme.v1.Last"),
        ("FILE_SAME_GO_PACKAGE", None),
        ("FIELD_NO_DELETE", "acme.v1.User.id"),
        ("FIELD_NO_DELETE", "acme.v1.User.email"),
        ("FIELD_NO_DELETE", "acme.v1.User.phone"),
        ("ONEOF_NO_DELETE", "acme.v1.User.how"),
        ("RESERVED_MESSAGE_NO_DELETE", "acme.v1.User"),
        ("FIELD_SAME_TYPE", "acme.v1.User.age"),
        ("FIELD_WIRE_JSON_COMPATIBLE_TYPE", "acme.v1.User.age"),
        ("ENUM_VALUE_NO_DELETE", "acme.v1.Color.COLOR_RED"),
        ("RPC_NO_DELETE", "acme.v1.Users.Get"),
    }
    open_ = {(each.rule, each.element) for each in kept if not each.suppressed}
    assert {("FIELD_NO_DELETE", "acme.v1.Order.id"), ("MESSAGE_NO_DELETE", "acme.v1.User.Address")} <= open_
    assert told == []
    entries = [
        Entry("FIELD_NO_DELETE", "acme.v1.Order.id", reason="x"),
        Entry("FILE_NO_DELETE", GONE, reason="x"),
        Entry(
            fingerprint=next(each.fingerprint for each in kept if each.element == "acme.v1.User.Address"), reason="x"
        ),
    ]
    assert _approved(kept, entries) == {("FIELD_NO_DELETE", "acme.v1.Order.id"), ("FILE_NO_DELETE", None)} | {
        (each.rule, each.element) for each in kept if each.fingerprint == entries[2].fingerprint
    }


def _approved(findings: list[Finding], entries: list[Entry]) -> set[tuple[str, str | None]]:
    approvals = [Approval(each, Location("schemactl-approvals.yaml", 2, 5, 2, 5)) for each in entries]
    done = approved(findings, approvals, TERMS, frozenset())
    pairs = zip(findings, done.findings, strict=False)
    return {(now.rule, now.element) for was, now in pairs if now.suppressed and not was.suppressed}


def test_a_change_that_is_approved_in_part_is_told_in_part() -> None:
    findings = [
        Finding("FIELD_SAME_NAME", "error", "buf", "renamed", change="c1", suppressed="schemactl:ignore: agreed"),
        Finding("FIELD_SAME_JSON_NAME", "error", "buf", "other JSON name", change="c1"),
    ]
    assert [([*each.rules], [*each.suppressed]) for each in changes(findings)] == [
        (["FIELD_SAME_NAME"], ["schemactl:ignore: agreed"]),
        (["FIELD_SAME_JSON_NAME"], []),
    ]
