"""What users of generated code notice, and neither Buf's rules nor the difference tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from repositories import HEAD, PATH, USER, Repo, clean, init
from rule_runs import compiled
from schemactl import noticed, packing
from schemactl.generate import go, gomembers
from schemactl.goplugins import Plugins
from schemactl.product import GoTarget, Plan, Product, Provider
from schemactl.upcoming import Step
from test_generate_go import compiled as with_protoc

pytest_plugins = ("goplugins_built",)
OTHER = "acme/v1/other.proto"
OLD = (
    'syntax = "proto2";\npackage acme.v1;\nmessage F { extensions 100 to 200; }\nmessage G { extensions 100 to 200; }\n'
)
LATE = 'edition = "2024";\npackage acme.v1;\nimport option "google/protobuf/go_features.proto";\n'
API = "option features.(pb.go).api_level = API_{};\n"
GO_FEATURES = {
    "google/protobuf/go_features.proto": Provider(
        "protobuf", "google.golang.org/protobuf/types/gofeaturespb", "v1.36.11"
    ),
    "google/protobuf/descriptor.proto": Provider(
        "protobuf", "google.golang.org/protobuf/types/descriptorpb", "v1.36.11"
    ),
}
ANY_NAME = """
option features.enforce_naming_style = STYLE_LEGACY;
option features.(pb.go).strip_enum_prefix = STRIP_ENUM_PREFIX_GENERATE_BOTH;
message Thing {
  string name = 1;
  string get_name = 2;
  string reset = 3;
  string build = 4;
  oneof kind { string created = 5; int32 _gone = 6; }
  oneof which { string x_gone = 7; }
  string has_name = 8;
  map<string, int32> counts = 9;
  repeated string list_2d = 10;
  message Created { string Created = 1; }
  message inner { oneof k { string a = 1; } enum Level { LEVEL_LOW = 0; level_High = 1; LEVEL = 2; } }
}
enum Some_Color { SOME_COLOR_UNSPECIFIED = 0; SOMECOLOR_RED = 1; SOME_COLORFUL = 2; }
"""


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


def told(tmp_path: Path, was: str | Mapping[str, str], now: str | Mapping[str, str], *, go: bool = True) -> list[str]:
    """What is noticed, each with the level that it asks for."""
    sides: list[Mapping[str, bytes]] = []
    for name, files in (("was", was), ("now", now)):
        (tmp_path / name).mkdir()
        found = {PATH: files} if isinstance(files, str) else files
        sides.append(compiled(found, tmp_path / name).descriptors)
    old, new = sides
    return [f"{level}: {text}" for level, text in noticed.reasons(old, new, old, go=go)]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            "message A { oneof k { string created = 1; } }",
            "message A { oneof k { string created = 1; } message Created {} }",
            "major: `A_Created` is called `A_Created_` in Go now",
        ),
        (
            "message A { string get_name = 1; }",
            "message A { string name = 2; string get_name = 1; }",
            "major: `A.GetName` is called `A.GetName_` in Go now",
        ),
        (
            "message A { oneof name { string x = 1; } }",
            "message A { string Name = 2; oneof name { string x = 1; } }",
            "major: `A.Name` is called `A.Name_` in Go now",
        ),
        (
            "message A { string get_name = 1; string name = 2; }",
            "message A { string name = 2; string get_name = 1; }",
            "major: `A.GetName` is called `A.GetName_` in Go now, like 1 more",
        ),
    ],
)
def test_what_is_called_otherwise_in_go_breaks(tmp_path: Path, was: str, now: str, said: str) -> None:
    assert told(tmp_path, HEAD + was, HEAD + now) == [said]


def test_names_in_go_matter_to_packages_for_go_alone(tmp_path: Path) -> None:
    was, now = "message A { string get_name = 1; }", "message A { string name = 2; string get_name = 1; }"
    assert told(tmp_path, HEAD + was, HEAD + now, go=False) == []


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("OPEN", "OPAQUE", "major: the Go API of `acme.v1.A` and 1 more is opaque now, and was open"),
        ("HYBRID", "OPAQUE", "major: the Go API of `acme.v1.A` and 1 more is opaque now, and was hybrid"),
        ("OPEN", "HYBRID", "minor: the Go API of `acme.v1.A` and 1 more is hybrid now, and was open"),
    ],
)
def test_another_api_of_go_breaks_unless_the_old_one_stays(tmp_path: Path, was: str, now: str, said: str) -> None:
    files = ("message A { string a = 1; message B { string get_a = 1; string a = 2; } }", API)
    assert told(tmp_path, *(LATE + files[1].format(each) + files[0] for each in (was, now))) == [said]


def test_an_edition_brings_another_api_and_makes_nested_types_local(tmp_path: Path) -> None:
    old = 'edition = "2023";\npackage acme.v1;\nmessage A { int32 a = 1; enum E { E_Z = 0; } }\n'
    new = old.replace("2023", "2024")
    assert told(tmp_path, old, new) == [
        "major: `acme.v1.A.E` is local now: no other file can use it",
        "major: the Go API of `acme.v1.A` is opaque now, and was open",
    ]


def test_enum_values_without_their_prefix_break_and_with_both_names_do_not(tmp_path: Path) -> None:
    enum = "enum Color { COLOR_A = 0; COLOR_B = 1; }"
    strip = "option features.(pb.go).strip_enum_prefix = STRIP_ENUM_PREFIX_{};\n"
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    changed = told(tmp_path / "1", LATE + enum, LATE + strip.format("STRIP") + enum)
    assert changed == ["major: `Color_COLOR_A` is called `Color_A` in Go now, like 1 more"]
    assert told(tmp_path / "2", LATE + enum, LATE + strip.format("GENERATE_BOTH") + enum) == []


def test_what_becomes_local_breaks_and_what_others_may_use_is_new(tmp_path: Path) -> None:
    was = LATE + "message A {}\nlocal enum E { E_Z = 0; }\nmessage B { export enum I { I_Z = 0; } }\n"
    now = was.replace("message A", "local message A").replace("local enum", "enum").replace("export enum", "enum")
    assert told(tmp_path, was, now) == [
        "major: `acme.v1.A` and 1 more is local now: no other file can use it",
        "minor: `acme.v1.E` is no longer local: other files can use it",
    ]


def test_a_name_before_the_one_that_a_number_is_written_by_breaks(tmp_path: Path) -> None:
    enum = "message M { enum C { option allow_alias = true; Z = 0; %s } }\n"
    said = told(tmp_path, HEAD + enum % "A = 1; B = 1; D = 2;", HEAD + enum % "B = 1; A = 1; D = 2; E = 2;")
    assert said[0] == "major: 1 of `acme.v1.M.C` is written as `B` now, and was as `A`"
    assert len(said) == 1


@pytest.mark.parametrize("outer", ["%s", "message Outer { %s }"])
def test_an_extension_of_another_number_or_message_breaks(tmp_path: Path, outer: str) -> None:
    was = OLD + outer % "extend F { optional string bar = 100; optional string other = 102; }"
    now = OLD + outer % "extend F { optional string bar = 101; } extend G { optional string other = 102; }"
    name = "acme.v1.Outer" if "Outer" in outer else "acme.v1"
    assert told(tmp_path, was, now) == [
        f"major: `{name}.bar` has the number 101 now, and had 100: what was written is not read",
        f"major: `{name}.other` extends `acme.v1.G` now, and did `acme.v1.F`: what was written is not read",
    ]


IMPORTS = [
    ("import public", "import", "major: `{}` does not `import public` `{}`: whoever uses that finds nothing"),
    ("import", "import public", "minor: `{}` hands on `{}` by `import public`"),
    ("//", "import", "patch: `{}` imports `{}`"),
    ("import", "//", "patch: `{}` does not import `{}` any more"),
]


@pytest.mark.parametrize(("was", "now", "said"), IMPORTS)
def test_imports_are_noticed(tmp_path: Path, was: str, now: str, said: str) -> None:
    files = {OTHER: HEAD + "message Other {}\n"}
    old, new = ({PATH: f'{HEAD}{how} "{OTHER}";\nmessage A {{}}\n', **files} for how in (was, now))
    assert told(tmp_path, old, new) == [said.format(PATH, OTHER)]


def test_what_is_handed_on_by_another_file_is_not_lost(tmp_path: Path) -> None:
    third = "acme/v1/third.proto"
    files = {OTHER: HEAD + "message Other {}\n", third: f'{HEAD}import public "{OTHER}";\nmessage Third {{}}\n'}
    was = {PATH: f'{HEAD}import public "{OTHER}";\nmessage A {{}}\n', **files}
    said = told(tmp_path, was, {**was, PATH: f'{HEAD}import public "{third}";\nmessage A {{}}\n'})
    assert said == [
        f"minor: `{PATH}` hands on `{third}` by `import public`",
        f"patch: `{PATH}` does not import `{OTHER}` any more",
    ]


@pytest.mark.parametrize("level", ["OPEN", "OPAQUE", "HYBRID"])
def test_the_names_are_those_of_the_code(level: str, plugins: Plugins, tmp_path: Path) -> None:
    own = Product("acme", (PATH,), go=GoTarget("example.com/acme"))
    bare = with_protoc(tmp_path, {PATH: LATE + API.format(level) + ANY_NAME})
    made = go.code(Plan((own,), GO_FEATURES), own, bare, plugins)["acme/v1/user.pb.go"].decode()
    file = FileDescriptorProto.FromString(bare.descriptors[PATH])
    expected = {name for found in gomembers.names(file).values() for name in found}
    assert expected
    assert {name for name in expected if not is_declared(made, name)} == set()


def is_declared(code: str, name: str) -> bool:
    holder, _, member = name.partition(".")
    if not member:
        return bool(re.search(rf"^(type |const )?\t?{holder}\s", code, re.MULTILINE))
    struct = re.search(rf"^type {holder} struct {{\n(.*?)^}}", code, re.MULTILINE | re.DOTALL)
    is_field = struct and re.search(rf"^\t{member}\s", struct[1], re.MULTILINE)
    return bool(is_field or re.search(rf"^func \(x \*{holder}\) {member}\(", code, re.MULTILINE))


def repository(tmp_path: Path, *states: str, languages: str = "[python, go]") -> Repo:
    """The first state is release 1.2.0."""
    settings = f"packages: [{{name: acme-users, languages: {languages}, go: {{module: github.com/acme/users-go}}}}]\n"
    repo = init(tmp_path / "r", {PATH: states[0], "schemactl.yaml": settings})
    repo.git("tag", "v1.2.0")
    for state in states[1:]:
        repo.commit({PATH: state})
    return repo


def step(repo: Repo) -> Step:
    (only,) = packing.planned(packing.Request(repo.root, release=True, allow_breaking=True)).steps
    return only


def test_a_package_is_unchanged_only_if_its_descriptors_are(tmp_path: Path) -> None:
    pair = ("  string name = 1;\n", "  string mail = 2;\n")
    repo = repository(tmp_path, USER, USER.replace("".join(pair), "".join(reversed(pair))))
    assert (step(repo).level, step(repo).why) == (
        "patch",
        (f"`{PATH}` is written in another way: its order, options or imports",),
    )
    repo.commit({PATH: USER.replace("message", "// About them.\nmessage")})
    assert step(repo).why == (f"comments changed in `{PATH}`",)
    repo.commit({PATH: USER.replace("message", "\nmessage")})
    assert (step(repo).level, step(repo).next) == ("none", None)


def test_what_users_of_code_notice_is_in_the_version(tmp_path: Path) -> None:
    was = HEAD + "message A { oneof k { string created = 1; } }\n"
    now = was.replace("} }", "} message Created {} }")
    found = step(repository(tmp_path, was, now))
    assert (found.level, found.why[0]) == ("major", "`A_Created` is called `A_Created_` in Go now")


def test_names_in_go_are_not_in_the_version_of_a_package_for_python(tmp_path: Path) -> None:
    was = HEAD + "message A { oneof k { string created = 1; } }\n"
    now = was.replace("} }", "} message Created {} }")
    assert step(repository(tmp_path, was, now, languages="[python]")).level == "minor"


@pytest.mark.parametrize("off", ["[COMPAT]", "[TOPIC_RENAMED]"])
def test_no_policy_makes_a_version_of_what_harms_readers_lower(tmp_path: Path, off: str) -> None:
    was = (
        'syntax = "proto3";\npackage acme.v1;\nimport "schemactl/v1/options.proto";\n'
        'message E { option (schemactl.v1.topic) = {name: "acme.e.v1"}; string id = 1; }\n'
    )
    repo = repository(tmp_path, was, was.replace("acme.e.v1", "acme.f.v1"))
    settings = (repo.root / "schemactl.yaml").read_text()
    repo.commit({"schemactl.yaml": f"{settings}breaking: {{except: {off}}}\n"})
    found = step(repo)
    assert found.level == "major"
    assert "TOPIC_RENAMED" in found.why[0]
