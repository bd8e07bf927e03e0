"""A package that loses its last message, enum, service or extension while it lives on: Buf alone says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import buf
from schemactl.errors import ToolError
from sides import JSON, Sides, compared, written

HEAD = 'syntax = "proto2";\npackage acme.users.v1;\n'
MESSAGE = "message User {\n  optional string id = 1;\n  extensions 100 to 200;\n}\n"
ENUM = "enum Status {\n  STATUS_UNSPECIFIED = 0;\n}\n"
SERVICE = "service Users {}\n"
EXTENSION = "extend User {\n  optional string nick = 100;\n}\n"


@pytest.mark.parametrize(
    ("before", "after", "rule", "element"),
    [
        (MESSAGE + ENUM, ENUM, "PACKAGE_MESSAGE_NO_DELETE", "User"),
        (MESSAGE + ENUM, MESSAGE, "PACKAGE_ENUM_NO_DELETE", "Status"),
        (MESSAGE + SERVICE, MESSAGE, "PACKAGE_SERVICE_NO_DELETE", "Users"),
        (MESSAGE + EXTENSION, MESSAGE, "PACKAGE_EXTENSION_NO_DELETE", "nick"),
    ],
)
@pytest.mark.parametrize("package", [HEAD, 'syntax = "proto2";\n'], ids=["package", "no-package"])
def test_the_last_one_of_its_kind_is_missed(
    before: str, after: str, rule: str, element: str, package: str, tmp_path: Path
) -> None:
    sides = Sides(tmp_path / "work")
    old = sides.of(written(tmp_path / "old", {"user.proto": package + before}))
    new = sides.of(written(tmp_path / "new", {"user.proto": package + after}))
    (finding,) = compared(new, old, JSON, tmp_path, narrow=True)
    assert (finding.rule, (finding.element or "").rpartition(".")[2]) == (rule, element)
    assert finding.location is not None
    assert finding.location.path == "user.proto"


def test_a_package_that_goes_whole_is_one_finding(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    rest = {"other.proto": 'syntax = "proto3";\npackage acme.other.v1;\n'}
    old = sides.of(written(tmp_path / "old", {"user.proto": HEAD + MESSAGE, **rest}))
    new = sides.of(written(tmp_path / "new", rest))
    (finding,) = compared(new, old, JSON, tmp_path, narrow=True)
    assert (finding.rule, finding.element) == ("PACKAGE_NO_DELETE", "acme.users.v1")


STANDING_IN = """
message SchemactlStandIn { optional string a = 1; extensions 1000 to 2000; }
enum SchemactlStandInEnum { SCHEMACTL_STAND_IN = 0; }
service SchemactlStandInService {}
"""


@pytest.mark.parametrize(
    "files",
    [
        {"schemactl/nothing.proto": HEAD + MESSAGE, "schemactl/stand_in_0.proto": HEAD + ENUM},
        {"a.proto": HEAD + STANDING_IN},
        {"a.proto": 'syntax = "proto2";\npackage schemactl;\nmessage nothing {}\n'},
        {"a.proto": 'syntax = "proto2";\nmessage schemactl {}\n'},
    ],
    ids=["files", "symbols", "package", "no package"],
)
def test_no_name_is_taken_from_a_repository(files: dict[str, str], tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    other = {"other.proto": 'syntax = "proto3";\npackage acme.other.v1;\nmessage Other {}\n'}
    old = sides.of(written(tmp_path / "old", {**files, **other}))
    new = sides.of(written(tmp_path / "new", files))
    assert [finding.rule for finding in compared(new, old, JSON, tmp_path, narrow=False)] == ["PACKAGE_NO_DELETE"]


def test_whoever_deletes_what_we_once_called_ours_is_told(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    old = sides.of(written(tmp_path / "old", {"a.proto": HEAD + MESSAGE + STANDING_IN}))
    new = sides.of(written(tmp_path / "new", {"a.proto": HEAD + MESSAGE}))
    found = compared(new, old, JSON, tmp_path, narrow=True)
    assert {finding.rule for finding in found} == {
        "PACKAGE_MESSAGE_NO_DELETE",
        "PACKAGE_ENUM_NO_DELETE",
        "PACKAGE_SERVICE_NO_DELETE",
    }
    assert all("SchemactlStandIn" in finding.message for finding in found)


def test_the_token_is_in_no_descriptor_and_always_the_same() -> None:
    descriptors = [b"one", b"two"]
    token = buf.token(descriptors)
    assert token == buf.token(descriptors[::-1])
    assert buf.token([*descriptors, token.encode()]) != token


def test_a_new_package_and_a_new_file_are_no_finding(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    added = {"new.proto": 'syntax = "proto3";\npackage acme.fresh.v1;\nmessage Fresh {}\n', "more.proto": HEAD + ENUM}
    old = sides.of(written(tmp_path / "old", {"user.proto": HEAD + MESSAGE}))
    new = sides.of(written(tmp_path / "new", {"user.proto": HEAD + MESSAGE, **added}))
    assert compared(new, old, JSON, tmp_path, narrow=True) == []


def test_deletions_in_several_files_and_packages_are_told_once_each(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    other = HEAD.replace("users", "other")
    before = {"a.proto": HEAD + MESSAGE, "b.proto": HEAD + ENUM, "c.proto": other + MESSAGE + SERVICE + ENUM}
    after = {"b.proto": HEAD + ENUM, "c.proto": other + ENUM}
    old = sides.of(written(tmp_path / "old", before))
    new = sides.of(written(tmp_path / "new", after))
    found = compared(new, old, JSON, tmp_path, narrow=True)
    assert sorted((finding.rule, finding.element or "") for finding in found) == [
        ("PACKAGE_MESSAGE_NO_DELETE", "acme.other.v1.User"),
        ("PACKAGE_MESSAGE_NO_DELETE", "acme.users.v1.User"),
        ("PACKAGE_SERVICE_NO_DELETE", "acme.other.v1.Users"),
    ]


def test_what_buf_refuses_is_no_verdict_but_two_plain_lines(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "work")
    text = HEAD + "message Set {\n  option message_set_wire_format = true;\n  extensions 4 to max;\n}\n"
    old = sides.of(written(tmp_path / "old", {"a.proto": text + ENUM}))
    new = sides.of(written(tmp_path / "new", {"a.proto": text}))
    with pytest.raises(ToolError) as refusal:
        compared(new, old, JSON, tmp_path, narrow=True)
    assert refusal.value.message.startswith(
        'buf cannot compare these schemas: input image: proto: message "acme.users.v1.Set" is a MessageSet'
    )
    assert "\xa0" not in refusal.value.message
    assert "--against none" in refusal.value.hint


def test_an_image_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="temporary directory cannot be written") as refusal:
        buf.begun({}, {}, ((), ()), JSON, tmp_path / "missing")()
    assert "TMPDIR" in refusal.value.hint
