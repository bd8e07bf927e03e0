"""Go code: it builds, registers what the schema says, and does nothing that the schema should not decide."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from schemactl import gotoolchain, image
from schemactl.errors import ConfigError, ToolError
from schemactl.generate import go, gomod, gonames
from schemactl.generate.bare import Bare, bare
from schemactl.goplugins import GO, Plugin, Plugins
from schemactl.gotoolchain import Toolchain
from schemactl.image import Image
from schemactl.product import GoTarget, Plan, Product, Provider
from trees import write

pytest_plugins = ("goplugins_built",)
MODULE = "example.com/acme/events-go"
EMPTY = 'syntax = "proto3";\nmessage {} {{ string event_uuid = 1; }}\n'
TIMESTAMP = "google/protobuf/timestamp.proto"
PROVIDERS = {TIMESTAMP: Provider("protobuf", "google.golang.org/protobuf/types/known/timestamppb", gomod.PROTOBUF)}


def compiled(top: Path, files: Mapping[str, str]) -> Bare:
    write(top, files)
    argv = (sys.executable, "-m", "grpc_tools.protoc", f"-I{top}", "--include_imports", "--include_source_info")
    subprocess.run([*argv, "--retain_options", "-o", top / "set", *files], check=True)
    data = (top / "set").read_bytes()
    descriptors = (data[start:end] for start, end in image.split(data))
    by_name = {FileDescriptorProto.FromString(each).name: each for each in descriptors}
    return bare(Image(by_name, tuple(sorted(files))), tuple(files))


def product(*files: str, module: str = MODULE, name: str = "acme-events") -> Product:
    return Product(name, tuple(sorted(files)), go=GoTarget(module))


def made(top: Path, files: Mapping[str, str], plugins: Plugins) -> dict[str, bytes]:
    events = product(*files)
    return go.code(Plan((events,), PROVIDERS), events, compiled(top, files), plugins)


def module(top: Path, files: Mapping[str, bytes], requirements: Mapping[str, str]) -> Path:
    return write(top, {**files, "go.mod": gomod.text(MODULE, requirements)})


def ran(toolchain: Toolchain, top: Path, *args: str) -> str:
    return gotoolchain.run(toolchain, args, top, {"GOFLAGS": "-mod=mod"}).stdout.decode()


def test_go_skips_no_file_whatever_its_name(toolchain: Toolchain, tmp_path: Path) -> None:
    stems = ("user_windows", "_x", "x_linux_amd64", "x_linux_test", "a_test", "windows", "x_js.part", "aux", "_arm64")
    names = gonames.filenames([f"{stem}.proto" for stem in stems], {"a_test.proto", "x_js.part.proto"})
    flat = sorted(name for each in names.values() for name in each)
    assert len(flat) == len(stems) + 2
    write(tmp_path, {**dict.fromkeys(flat, "package x\n"), "go.mod": f"module {MODULE}\n"})
    assert json.loads(ran(toolchain, tmp_path, "list", "-json=GoFiles"))["GoFiles"] == flat


def test_every_system_that_this_go_knows_is_known(toolchain: Toolchain, tmp_path: Path) -> None:
    known = ran(toolchain, tmp_path, "tool", "dist", "list").split()
    for word in {word for each in known for word in each.split("/")}:
        assert gonames.filenames([f"x_{word}.proto"], ())[f"x_{word}.proto"] == (f"x_{word}_proto.pb.go",)


def test_files_have_different_names_on_every_disk_and_the_plain_one_where_they_can() -> None:
    files = ["order.proto", "order_grpc.proto", "user_linux.proto", "user_linux_proto.proto", "Order_Grpc.proto"]
    names = gonames.filenames(files, {"order.proto"})
    assert names["order.proto"] == ("order.pb.go", "order_grpc.pb.go")
    assert names["user_linux_proto.proto"] == ("user_linux_proto.pb.go",)
    assert names["user_linux.proto"] == ("user_linux_proto_2.pb.go",)
    lower = [name.lower() for each in names.values() for name in each]
    assert len(set(lower)) == len(lower)
    assert names == gonames.filenames(reversed(files), {"order.proto"})


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("example.com/acme/users/v1", "usersv1"),
        ("example.com/acme/users/v2beta1", "usersv2beta1"),
        ("example.com/acme/events-go", "eventsgo"),
        ("example.com/acme/type", "typepb"),
        ("example.com/acme/string", "stringpb"),
        ("example.com/acme/main", "mainpb"),
        ("example.com/acme/documentation", "documentationpb"),
        ("example.com/acme/2fa", "pb2fa"),
        ("example.com/acme/User_Data", "userdata"),
        ("example.com/acme/_", "pb"),
    ],
)
def test_packages_have_names_that_go_takes(path: str, package: str) -> None:
    assert gonames.package(path) == package


FILES = {
    "acme/users/v1/user.proto": """// +build ignore
//go:build ignore

//go:build ignore
syntax = "proto3";
// go:build ignore
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import public "acme/shared/id.proto";
option go_package = "evil.example/x;x\\nfunc init() { panic(1) }";
//go:linkname User runtime.User
//
// Deprecated: gone soon.
message User {
  acme.shared.Id id = 1;  //go:embed x
  google.protobuf.Timestamp created_at = 2;
  optional string display_name = 3 [json_name = "name"];
  string userName = 4;
}
""",
    "acme/users/v1/user_windows.proto": """syntax = "proto2";
package acme.users.v1;
import "acme/users/v1/user.proto";
message Windows { required User user = 1; optional acme.shared.Id id = 2; extensions 100 to max; }
extend Windows { repeated int32 more = 100; }
""",
    "acme/users/v1/_service.proto": """edition = "2023";
package acme.users.v1;
import "acme/users/v1/user.proto";
// Users */ func init() { panic(2) }
service UserService {
  rpc Get(User) returns (User);
  rpc Watch(User) returns (stream User);
  rpc Put(stream User) returns (User);
  rpc Chat(stream User) returns (stream User);
}
""",
    "acme/shared/id.proto": 'syntax = "proto3";\npackage acme.shared;\nmessage Id { bytes value = 1; }\n',
    "type.proto": 'syntax = "proto3";\nmessage Type { map<string, string> range = 1; oneof func { int32 go = 2; } }\n',
}
MAIN = """package main

import (
	"encoding/base64"
	"fmt"

	_ "example.com/acme/events-go"
	_ "example.com/acme/events-go/acme/shared"
	_ "example.com/acme/events-go/acme/users/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		data, err := proto.Marshal(protodesc.ToFileDescriptorProto(file))
		if err != nil {
			panic(err)
		}
		fmt.Println(base64.StdEncoding.EncodeToString(data))
		return true
	})
}
"""


def test_a_module_of_awkward_files_builds_at_the_floors_and_registers_what_the_schema_says(
    tmp_path: Path, plugins: Plugins, toolchain: Toolchain
) -> None:
    import base64

    events, schema = product(*FILES), compiled(tmp_path / "in", FILES)
    plan = Plan((events,), PROVIDERS)
    files = go.code(plan, events, schema, plugins)
    assert list(files) == [
        "acme/shared/id.pb.go",
        "acme/users/v1/proto_service.pb.go",
        "acme/users/v1/proto_service_grpc.pb.go",
        "acme/users/v1/user.pb.go",
        "acme/users/v1/user_windows_proto.pb.go",
        "type.pb.go",
    ]
    required = gomod.requirements(plan, events, schema, files)
    assert required == {"google.golang.org/grpc": "v1.64.0", "google.golang.org/protobuf": "v1.36.11"}
    top = module(tmp_path / "out", {**files, "cmd/show/main.go": MAIN.encode()}, required)
    ran(toolchain, top, "build", "./...")
    ran(toolchain, top, "vet", "./...")
    shown = [
        FileDescriptorProto.FromString(base64.b64decode(line))
        for line in ran(toolchain, top, "run", "./cmd/show").split()
    ]
    by_name = {each.name: each for each in shown}
    for file in FILES:
        assert by_name[file] == FileDescriptorProto.FromString(schema.descriptors[file])


def test_comments_stay_and_stay_comments(tmp_path: Path, plugins: Plugins) -> None:
    text = made(tmp_path, FILES, plugins)["acme/users/v1/user.pb.go"].decode()
    assert "// Deprecated: gone soon.\n" in text
    assert "// go:linkname User runtime.User\n" in text
    assert not [line for line in text.splitlines() if line.startswith(("//go:", "// +build"))]


LAID_OUT = """//  - a list
//    of two lines
//
//     some code
//
// [link]: https://acme.example
//
"""


def test_the_layout_of_comments_does_not_depend_on_the_go_that_built_the_plugin(
    tmp_path: Path, plugins: Plugins, toolchain: Toolchain
) -> None:
    body = """syntax = "proto2";
@package acme;
@message Note {
@optional int32 age = 1 [deprecated = true]; // as it is
  oneof which {
@string name = 2; int32 number = 3; }
@extensions 100 to 200;
@enum Kind {
@KIND_NONE = 0; }
}
@extend Note {
@optional int32 more = 100; }
@service NoteService {
@rpc Get(Note) returns (Note); }
"""
    files = made(tmp_path / "in", {"acme/note.proto": body.replace("@", LAID_OUT)}, plugins)
    text = files["acme/note.pb.go"].decode()
    as_written = "".join(f"\t{line}\n" for line in LAID_OUT.splitlines())
    assert f"{as_written}\t// Deprecated: Marked as deprecated in acme/note.proto.\n" in text
    assert text.count("\t// [link]: https://acme.example\n") == 4
    assert "\t// Types that are valid to be assigned to Which:\n\t//\n\t//\t*Note_Name\n" in text
    assert files["acme/note_grpc.pb.go"].count(b"\t//  - a list\n\t//    of two lines\n") == 2
    top = write(tmp_path / "out", files)
    formatter = Path(ran(toolchain, top, "env", "GOROOT").strip()) / "bin/gofmt"
    assert subprocess.run([formatter, "-l", top], capture_output=True, text=True, check=True).stdout == ""


def test_the_same_schema_is_the_same_code(tmp_path: Path, plugins: Plugins) -> None:
    assert made(tmp_path / "one", FILES, plugins) == made(tmp_path / "other", FILES, plugins)


def test_files_of_others_are_imported_from_where_these_provide_them(tmp_path: Path, plugins: Plugins) -> None:
    files = {
        "acme/orders/order.proto": 'syntax = "proto3";\nimport "acme/users/user.proto";\n'
        'import "buf/validate/x.proto";\nmessage Order { User user = 1; X x = 2; }\n',
        "acme/users/user.proto": EMPTY.format("User"),
        "buf/validate/x.proto": 'syntax = "proto3";\nimport "buf/validate/y.proto";\nmessage X { Y y = 1; }\n',
        "buf/validate/y.proto": EMPTY.format("Y"),
    }
    orders = product("acme/orders/order.proto", module="example.com/acme/orders")
    users = product("acme/users/user.proto", name="users")
    validate = Provider("", "buf.example/gen/validate", "buf.example/gen", "v1.2.3")
    plan = Plan((orders, users), {"buf/validate/x.proto": validate})
    schema = compiled(tmp_path, files)
    code = go.code(plan, orders, schema, plugins)
    assert gomod.imports(code["acme/orders/order.pb.go"]) >= {
        "buf.example/gen/validate",
        f"{MODULE}/acme/users",
    }
    assert gomod.requirements(plan, orders, schema, code) == {
        "buf.example/gen": "v1.2.3",
        "google.golang.org/protobuf": "v1.36.11",
    }
    assert b"unmapped" not in code["acme/orders/order.pb.go"]
    with pytest.raises(ConfigError, match=r"no Go package is known for `buf/validate/x.proto`, which `acme-events`"):
        go.code(Plan((orders, users)), orders, schema, plugins)


@pytest.mark.parametrize("path", ["x,Mtype.proto=y", "x;y\nfunc init() {}", 'x"', ""])
def test_a_path_that_is_none_never_reaches_a_plugin(path: str, tmp_path: Path, plugins: Plugins) -> None:
    files = {"a.proto": 'syntax = "proto3";\nimport "b.proto";\nmessage A { B b = 1; }\n', "b.proto": EMPTY.format("B")}
    events = product("a.proto")
    with pytest.raises(ConfigError):
        go.code(Plan((events,), {"b.proto": Provider(go_import=path)}), events, compiled(tmp_path, files), plugins)


def test_of_two_versions_of_a_module_the_later_one_is_required(tmp_path: Path) -> None:
    files = {f"{name}.proto": EMPTY.format(name.upper()) for name in "ab"}
    providers = {
        "a.proto": Provider("", "acme.example/x/a", "acme.example/x", "v1.9.0"),
        "b.proto": Provider("", "acme.example/x/b", "acme.example/x", "v1.10.0"),
    }
    code = b'import (\n\t_ "acme.example/x/a"\n\t_ "acme.example/x/b"\n)\n'
    found = gomod.requirements(Plan((), providers), product(), compiled(tmp_path, files), {"c.pb.go": code})
    assert found["acme.example/x"] == "v1.10.0"
    bad = {**providers, "a.proto": Provider("", "acme.example/x/a", "acme.example/x\n)", "v1.9.0")}
    with pytest.raises(ConfigError, match="is not a Go module"):
        gomod.requirements(Plan((), bad), product(), compiled(tmp_path, files), {"c.pb.go": code})


def test_a_module_says_which_go_it_takes() -> None:
    assert gomod.text(MODULE, {gomod.GRPC: "v1.64.0"}).decode() == (
        f"module {MODULE}\n\ngo 1.23\n\nrequire (\n\tgoogle.golang.org/grpc v1.64.0\n)\n"
    )


def answering(top: Path, response: bytes, code: int = 0) -> Plugins:
    """A plugin that says this, whatever it is asked."""
    (top / "response").write_bytes(response)
    path = top / GO
    path.write_text(f"#!/bin/sh\ncat >/dev/null\ncat '{top}/response'\necho it broke >&2\nexit {code}\n")
    path.chmod(0o755)
    return Plugins(Plugin(GO, path, "v1.36.11", "", "given"))


def response(*files: tuple[str, str], **more: Any) -> bytes:
    listed = [CodeGeneratorResponse.File(name=name, content=content) for name, content in files]
    return CodeGeneratorResponse(file=listed, minimum_edition=998, maximum_edition=1001, **more).SerializeToString()


GOOD = ("a.pb.go", "package eventsgo\n")


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (response(), 0, r"writes other files than it should: a\.pb\.go"),
        (response(GOOD, ("../../x", "")), 0, r"writes other files than it should: \.\./\.\./x"),
        (response(GOOD, GOOD), 0, "writes other files than it should"),
        (response(error="a.proto: bad\nthing"), 0, r"protoc-gen-go v1\.36\.11 refuses the schema: a\.proto: bad thing"),
        (b"\xff\xff", 0, "answers with nonsense"),
        (b"", 3, "failed: it broke"),
        (response(("a.pb.go", "package other\n")), 0, "the code of `a.proto` is not of package `eventsgo`"),
        (
            response(("a.pb.go", "// x\n//go:build ignore\n\npackage eventsgo\n")),
            0,
            "an instruction to the Go compiler",
        ),
        (response(("a.pb.go", "//\t+build ignore\n\npackage eventsgo\n")), 0, "an instruction to the Go compiler"),
        (response(("a.pb.go", "package eventsgo\n//go:linkname a b\n")), 0, "an instruction to the Go compiler"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_refused(
    said: bytes, code: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ToolError, match=message):
        made(tmp_path / "in", {"a.proto": EMPTY.format("A")}, answering(tmp_path, said, code))


def test_an_answer_that_is_what_was_asked_for_is_taken(tmp_path: Path) -> None:
    plugins = answering(tmp_path, response(GOOD))
    assert made(tmp_path / "in", {"a.proto": EMPTY.format("A")}, plugins) == {"a.pb.go": b"package eventsgo\n"}


def test_an_edition_that_the_plugin_does_not_know_is_named(tmp_path: Path) -> None:
    schema = {"a.proto": 'edition = "2024";\nmessage A {}\n'}
    said = CodeGeneratorResponse(minimum_edition=998, maximum_edition=1000, error="nonsense").SerializeToString()
    with pytest.raises(
        ToolError, match=r"`a.proto` is of edition 2024, and protoc-gen-go v1.36.11 knows none after 2023"
    ):
        made(tmp_path / "in", schema, answering(tmp_path, said))


def test_a_schema_that_the_plugin_refuses_is_named(tmp_path: Path, plugins: Plugins) -> None:
    schema = compiled(tmp_path, {"a.proto": 'edition = "2023";\nmessage A {}\n'})
    newer = FileDescriptorProto.FromString(schema.descriptors["a.proto"])
    newer.edition = 1002  # type: ignore[assignment]
    events = product("a.proto")
    with pytest.raises(ToolError, match=r'protoc-gen-go v1.36.11 failed: invalid .*"a.proto".*edition 1002'):
        go.code(Plan((events,)), events, Bare({"a.proto": newer.SerializeToString()}, schema.sources), plugins)


def test_a_schema_without_services_needs_no_plugin_for_grpc(tmp_path: Path) -> None:
    schema = compiled(tmp_path, FILES)
    assert go.has_services(schema, [product(*FILES)])
    assert not go.has_services(schema, [product("type.proto")])


HYBRID = """edition = "2023";
package acme.v1;
import "google/protobuf/go_features.proto";
option features.(pb.go).api_level = API_HYBRID;
//go:build ignore
message User { string name = 1; /* +build ignore */ }
service Users { rpc Get(User) returns (User); }
"""


def test_a_hybrid_api_is_written_twice_and_builds_both_ways(
    toolchain: Toolchain, plugins: Plugins, tmp_path: Path
) -> None:
    features = Provider("protobuf", "google.golang.org/protobuf/types/gofeaturespb", gomod.PROTOBUF)
    events = product("acme/v1/user_test.proto")
    bare = compiled(tmp_path / "proto", {"acme/v1/user_test.proto": HYBRID})
    plan = Plan((events,), {"google/protobuf/go_features.proto": features})
    code = go.code(plan, events, bare, plugins)
    stem = "acme/v1/user_test_proto"
    assert sorted(code) == [f"{stem}.pb.go", f"{stem}_grpc.pb.go", f"{stem}_protoopaque.pb.go"]
    own = {f"{stem}.pb.go", f"{stem}_grpc.pb.go"}
    assert set(go.compiled(code)) == own
    top = module(tmp_path / "go", code, gomod.requirements(plan, events, bare, code))
    for tags, files in (("", own), ("protoopaque", {*own, f"{stem}_protoopaque.pb.go"} - {f"{stem}.pb.go"})):
        listed = ran(toolchain, top, "list", f"-tags={tags}", "-f", '{{join .GoFiles " "}}', "./acme/v1")
        assert {f"acme/v1/{name}" for name in listed.split()} == files
        ran(toolchain, top, "build", f"-tags={tags}", "./...")
