from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from rule_runs import RULES, found, one, places
from schemactl.outline import Files, Method, Option, Outline, Statement
from schemactl.rule import Context, FileHit, Rule

OPTIONS = [id for id in RULES if id.startswith("PACKAGE_SAME_") and id != "PACKAGE_SAME_DIRECTORY"]
TOP = Statement()


def file(name: str, package: str = "", **options: str) -> Outline:
    given = {option: Option(value, Statement(option.encode())) for option, value in options.items()}
    return Outline(name, f"root/{name}", package, (), (), Statement(b"\x02") if package else TOP, given)


def hits(rule: str, *judged: Outline, **params: bool) -> list[FileHit]:
    check = RULES[rule].files_check
    assert check
    files = Files(judged, {each.name: each for each in judged})
    return list(check(files, Context({**RULES[rule].params, **params})))


def alone(id: str) -> Rule:
    """The rule as it is once somebody asks for it by name: for files that no event reaches, too."""
    return replace(RULES[id], scope="all")


def told(rule: str, *judged: Outline) -> set[str]:
    return {hit.message for hit in hits(rule, *judged)}


def proto(package: str, head: str = 'syntax = "proto3";', name: str = "acme/example/v1/example.proto") -> str:
    return f"// file: {name}\n{head}\n{f'package {package};' if package else ''}\nmessage User {{}}\n"


def test_a_package_should_be_in_the_directory_of_its_name(tmp_path: Path) -> None:
    (finding,) = found(proto("acme.users.v1"), tmp_path, RULES["PACKAGE_DIRECTORY_MATCH"])
    assert finding.message == "package `acme.users.v1` should be in directory `acme/users/v1`, not in `acme/example/v1`"
    assert found(proto("acme.example.v1"), tmp_path, RULES["PACKAGE_DIRECTORY_MATCH"]) == []


def test_a_file_at_the_root_has_no_directory_that_could_be_a_package(tmp_path: Path) -> None:
    finding = one(proto("acme", name="acme.proto"), tmp_path, "PACKAGE_DIRECTORY_MATCH")
    assert finding.message == "package `acme` should be in directory `acme`, not in `.`"
    assert found(proto("", name="acme.proto"), tmp_path, RULES["PACKAGE_DIRECTORY_MATCH"]) == []


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("acme/users/v1/user.proto", "acme.users.v1"),
        ("user.proto", "acme.users.v1"),
        ("9/user.proto", "acme.users.v1"),
        ("Acme/user.proto", "acme.users.v1"),
        ("shop/user.proto", "shop"),
    ],
)
def test_the_package_that_is_missing_is_the_directorys_where_that_could_be_one(
    name: str, package: str, tmp_path: Path
) -> None:
    finding = one(proto("", name=name), tmp_path, "PACKAGE_DEFINED")
    assert finding.help
    assert finding.help.startswith(f"write `package {package};`")
    assert finding.location
    assert (finding.location.line, finding.location.column) == (1, 1)


@pytest.mark.parametrize(
    ("package", "right"),
    [
        ("acme.Users.v1", "acme.users.v1"),
        ("acme.userEvents", "acme.user_events"),
        ("acme._users_", "acme.users"),
        ("acme.user__events", "acme.user_events"),
        ("HTTPServer", "http_server"),
    ],
)
def test_a_package_in_another_case_comes_with_the_right_one(package: str, right: str, tmp_path: Path) -> None:
    finding = one(proto(package), tmp_path, "PACKAGE_LOWER_SNAKE_CASE")
    assert finding.message == f"package `{package}` should be `{right}`"
    assert finding.location
    assert finding.location.line == 2


@pytest.mark.parametrize("package", ["", "acme", "acme.users_2.v1", "acme.a1b2", "acme.v1p1"])
def test_lower_case_words_and_digits_are_fine(package: str, tmp_path: Path) -> None:
    assert found(proto(package), tmp_path, RULES["PACKAGE_LOWER_SNAKE_CASE"]) == []


def test_a_package_without_version_is_found_at_its_statement(tmp_path: Path) -> None:
    finding = one(proto("acme"), tmp_path, "PACKAGE_VERSION_SUFFIX")
    assert finding.message == "package `acme` should end in a version, like `acme.v1`"
    assert places([finding]) == {("acme/example/v1/example.proto", 2)}
    assert found(proto("") + proto("acme.v1beta1", name="b.proto"), tmp_path, RULES["PACKAGE_VERSION_SUFFIX"]) == []


@pytest.mark.parametrize(
    "head", ['syntax = "proto2";', "syntax = 'proto3';", 'edition = "2023";', 'syntax="pro" "to2";']
)
def test_syntax_and_edition_both_say_it(head: str, tmp_path: Path) -> None:
    assert found(proto("acme", head), tmp_path, RULES["SYNTAX_SPECIFIED"]) == []


def test_a_comment_is_no_syntax(tmp_path: Path) -> None:
    finding = one(proto("acme", '// syntax = "proto2";'), tmp_path, "SYNTAX_SPECIFIED")
    assert places([finding]) == {("acme/example/v1/example.proto", 1)}


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("UserEvents.v1.proto", "user_events_v1.proto"),
        ("user-events.proto", "user_events.proto"),
        ("_user.proto", "user.proto"),
        ("user__events.proto", "user_events.proto"),
        ("userID.proto", "user_id.proto"),
    ],
)
def test_a_file_name_comes_with_the_right_one(name: str, right: str, tmp_path: Path) -> None:
    text = proto("acme", name=f"Acme/{name}")
    (finding,) = found(text, tmp_path, alone("FILE_LOWER_SNAKE_CASE"))
    assert finding.message == f"file `{name}` should be called `{right}`"


@pytest.mark.parametrize("name", ["user.proto", "9user.proto", "user_2.proto", "Acme/user.proto", "a-b/user.proto"])
def test_only_the_files_own_name_counts(name: str, tmp_path: Path) -> None:
    assert found(proto("acme", name=name), tmp_path, alone("FILE_LOWER_SNAKE_CASE")) == []


def test_a_directory_of_two_packages_is_found_in_every_file_of_it() -> None:
    files = file("d/a.proto", "acme.a"), file("d/b.proto", "acme.b"), file("d/c.proto"), file("e/a.proto", "acme.a")
    found = hits("DIRECTORY_SAME_PACKAGE", *files)
    assert [(hit.file.name, hit.at) for hit in found] == [
        ("d/a.proto", Statement(b"\x02")),
        ("d/b.proto", Statement(b"\x02")),
        ("d/c.proto", TOP),
    ]
    message = "directory `d` should hold one package, not `acme.a`, `acme.b` and files without one"
    assert {hit.message for hit in found} == {message}


def test_a_directory_below_another_is_one_of_its_own() -> None:
    assert hits("DIRECTORY_SAME_PACKAGE", file("a.proto", "a"), file("b/b.proto", "b"), file("b/c/c.proto", "c")) == []


def test_a_package_in_two_directories_is_found_in_every_file_of_it() -> None:
    files = file("d/a.proto", "acme"), file("a.proto", "acme"), file("e/a.proto", "other")
    assert told("PACKAGE_SAME_DIRECTORY", *files) == {"package `acme` should be in one directory, not in `.` and `d`"}
    assert [hit.file.name for hit in hits("PACKAGE_SAME_DIRECTORY", *files)] == ["d/a.proto", "a.proto"]


def test_files_without_a_package_share_one_too() -> None:
    files = file("d/a.proto"), file("a.proto", go_package="x")
    assert told("PACKAGE_SAME_DIRECTORY", *files) == {
        "files without a package should be in one directory, not in `.` and `d`"
    }
    assert told("PACKAGE_SAME_GO_PACKAGE", *files) == {
        "all files without a package should have the same `go_package`, not `x` and no value"
    }


@pytest.mark.parametrize("id", OPTIONS)
def test_an_option_that_differs_is_found_at_its_statement_and_on_files_that_have_none(id: str) -> None:
    option = id.removeprefix("PACKAGE_SAME_").lower()
    files = file("a.proto", "a", **{option: "x"}), file("b.proto", "a", **{option: "y"}), file("c.proto", "a")
    apart = file("d.proto", "b", **{option: "z"})
    found = hits(id, *files, apart)
    assert [hit.at for hit in found] == [Statement(option.encode()), Statement(option.encode()), TOP]
    assert {hit.message for hit in found} == {
        f"all files of package `a` should have the same `{option}`, not `x`, `y` and no value"
    }
    assert (
        hits(
            id, files[0], apart, file("e.proto", "a", **{option: "x"}, other="1"), file("f.proto", "b", **{option: "z"})
        )
        == []
    )


def test_an_empty_value_is_no_value_but_has_a_place() -> None:
    empty = file("a.proto", "a", go_package="")
    assert hits("PACKAGE_SAME_GO_PACKAGE", empty, file("b.proto", "a")) == []
    found = hits("PACKAGE_SAME_GO_PACKAGE", empty, file("b.proto", "a", go_package="x"))
    assert found[0].at == Statement(b"go_package")


def test_long_lists_and_names_are_cut() -> None:
    files = [file(f"{n}/a.proto", "a", go_package=f"{n}{'x' * 5000}") for n in range(300)]
    message = told("PACKAGE_SAME_GO_PACKAGE", *files).pop()
    assert message.endswith("…` and 295 more")
    assert len(message) < 1000


def methods(*signatures: tuple[str, str, str]) -> Outline:
    made = tuple(Method(f"a.S.{name}", input, output, Statement(name.encode())) for name, input, output in signatures)
    return Outline("a.proto", "a.proto", "a", (), (), methods=made)


def test_a_request_that_two_rpcs_share_is_found_at_both_even_where_one_answers_with_it() -> None:
    found = hits(
        "RPC_REQUEST_RESPONSE_UNIQUE", methods(("Get", "a.M", "a.N"), ("Set", "a.O", "a.M"), ("Let", "a.P", "a.Q"))
    )
    message = "`a.M` should be a request or response of one RPC, not of `a.S.Get` and `a.S.Set`"
    assert [(hit.name, hit.message) for hit in found] == [("a.S.Get", message), ("a.S.Set", message)]


def test_a_request_that_is_its_own_response_is_found_once() -> None:
    (hit,) = hits("RPC_REQUEST_RESPONSE_UNIQUE", methods(("Get", "a.M", "a.M"), ("Set", "a.O", "a.N")))
    assert hit.message == "`a.M` should not be both request and response of `a.S.Get`"


EMPTY = "google.protobuf.Empty"


@pytest.mark.parametrize(("same", "requests", "responses"), list(product((False, True), repeat=3)))
def test_what_is_allowed_of_empty_is_not_found(same: bool, requests: bool, responses: bool) -> None:
    file = methods(("Both", EMPTY, EMPTY), ("Ask", EMPTY, "a.M"), ("Tell", "a.N", EMPTY), ("Echo", "a.O", "a.O"))
    found = hits(
        "RPC_REQUEST_RESPONSE_UNIQUE",
        file,
        rpc_allow_same_request_response=same,
        rpc_allow_google_protobuf_empty_requests=requests,
        rpc_allow_google_protobuf_empty_responses=responses,
    )
    both = [] if same else [*([] if requests and responses else ["Both"]), "Echo"]
    shared = {
        (False, False): ["Both", "Ask", "Tell"],
        (False, True): ["Both", "Ask"],
        (True, False): ["Both", "Tell"],
        (True, True): [],
    }[requests, responses]
    assert [hit.name for hit in found] == [f"a.S.{name}" for name in (*both, *shared)]
    assert len({(hit.name, hit.key) for hit in found}) == len(found)
