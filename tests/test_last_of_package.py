"""A package that loses its last message, enum, service or extension while it lives on: Buf alone says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert finding.rule == "PACKAGE_NO_DELETE"
