"""A Go module is tried as its users get it, by the real Go; what is wrong with it is told."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DESCRIPTOR, FileDescriptorProto
from msgspec.structs import replace

from schemactl import gotoolchain
from schemactl.artifact import Artifact
from schemactl.errors import ToolError
from schemactl.generate import go, gomod, gonames
from schemactl.generate.bare import Bare
from schemactl.goplugins import Plugins
from schemactl.gotoolchain import Toolchain
from schemactl.package.gozip import gomodule
from schemactl.product import GoTarget, Plan, Product, Provider
from schemactl.tools import Result
from schemactl.verify.go import verified
from schemactl.verify.goconsumer import unfit
from schemactl.verify.goprogram import differences
from schemactl.verify.goprovided import lacks
from test_generate_go import PROVIDERS, TIMESTAMP, compiled

pytest_plugins = ("goplugins_built",)

MODULE, ORDERS = "example.com/acme/Events-go", "example.com/acme/orders-go"
VERSION = "v1.2.1-0.20261122124616-5b09c3c6afa4"
USER, LOGIN, ORDER = "acme/users/v1/user.proto", "acme/users/v1/login.proto", "acme/orders/v1/order.proto"
HEAD = 'syntax = "proto3";\npackage acme.users.v1;\n'
TEXTS = {
    USER: f"{HEAD}// A user.\nmessage User {{\n  string user_id = 1;\n}}\n",
    LOGIN: f'{HEAD}import "google/protobuf/timestamp.proto";\nimport "{USER}";\n'
    "message Login {\n  User user = 1;\n  google.protobuf.Timestamp at = 2;\n}\n",
    ORDER: 'syntax = "proto3";\npackage acme.orders.v1;\nimport "acme/users/v1/user.proto";\n'
    "message Order {\n  acme.users.v1.User buyer = 1;\n}\n",
}
EVENTS = Product("acme-events", (LOGIN, USER), go=GoTarget(MODULE))
BOUGHT = Product("acme-orders", (ORDER,), go=GoTarget(ORDERS))
PLAN = Plan((EVENTS, BOUGHT), PROVIDERS)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return compiled(tmp_path_factory.mktemp("protos"), TEXTS)


@pytest.fixture(scope="module")
def files(schema: Bare, plugins: Plugins) -> dict[str, bytes]:
    return go.code(PLAN, EVENTS, schema, plugins)


class Verifying:
    def __init__(self, schema: Bare, toolchain: Toolchain, directory: Path) -> None:
        self.schema = schema
        self._toolchain = toolchain
        self._directory = directory

    def __call__(
        self,
        files: Mapping[str, bytes],
        product: Product = EVENTS,
        beside: list[Artifact] | None = None,
        provided: Mapping[str, bytes] | None = None,
        modules: Path | None = None,
        packages: Mapping[str, str] | None = None,
        requirements: Mapping[str, str] | None = None,
    ) -> list[str]:
        assert product.go
        module = product.go.module
        packages = packages or {name: gonames.import_path(module, name) for name in product.files}
        artifacts = self.artifacts(files, product, requirements)
        found = verified(
            artifacts, beside or [], module, VERSION, packages, self.schema.descriptors, files.keys(),
            self._directory, self._toolchain, provided=provided, modules=modules,
        )  # fmt: skip
        assert list(self._directory.iterdir()) == []
        return found

    def artifacts(
        self, files: Mapping[str, bytes], product: Product = EVENTS, more: Mapping[str, str] | None = None
    ) -> list[Artifact]:
        assert product.go
        needed = {**gomod.requirements(PLAN, product, self.schema, files), **(more or {})}
        text = gomod.text(product.go.module, needed)
        return gomodule(product.name, product.go.module, VERSION, files, text, time="2026-11-22T12:46:16Z")


@pytest.fixture
def verifying(schema: Bare, toolchain: Toolchain, tmp_path: Path) -> Verifying:
    directory = tmp_path / "it is here"
    directory.mkdir()
    return Verifying(schema, toolchain, directory)


def test_a_sound_module_has_no_problems_and_leaves_nothing_behind(
    verifying: Verifying,
    files: dict[str, bytes],
    toolchain: Toolchain,
) -> None:
    assert verifying(files) == []
    kept = Path(gotoolchain.environment(toolchain)["GOMODCACHE"])
    assert not [*kept.glob("example.com/acme/*vents-go*"), *kept.glob("cache/download/example.com/acme/*vents-go")]


def test_another_module_is_taken_from_those_made_beside_it(
    verifying: Verifying,
    schema: Bare,
    files: dict[str, bytes],
    plugins: Plugins,
) -> None:
    orders = go.code(PLAN, BOUGHT, schema, plugins)
    own = {MODULE: VERSION}
    assert verifying(orders, BOUGHT, verifying.artifacts(files), requirements=own) == []
    assert verifying(
        orders, BOUGHT, verifying.artifacts({**files, "acme/users/v1/user.pb.go": b"package x\n"}), requirements=own
    )


def test_modules_are_unpacked_once_where_products_share_a_directory(
    verifying: Verifying,
    schema: Bare,
    files: dict[str, bytes],
    plugins: Plugins,
    tmp_path: Path,
) -> None:
    modules = tmp_path / "modules"
    assert verifying(files, modules=modules) == []
    [unpacked] = modules.glob("google.golang.org/protobuf@*")
    before = unpacked.stat().st_ino
    orders = go.code(PLAN, BOUGHT, schema, plugins)
    own = {MODULE: VERSION}
    assert verifying(orders, BOUGHT, verifying.artifacts(files), modules=modules, requirements=own) == []
    assert [each.stat().st_ino for each in modules.glob("google.golang.org/protobuf@*")] == [before]
    assert [each.name for each in modules.glob("example.com/acme/*")] == [
        f"!events-go@{VERSION}", f"orders-go@{VERSION}",
    ]  # fmt: skip


def test_a_module_may_stand_below_the_one_that_uses_it(
    verifying: Verifying,
    schema: Bare,
    plugins: Plugins,
) -> None:
    below = replace(EVENTS, go=GoTarget(f"{ORDERS}/acme/users"))
    plan = Plan((below, BOUGHT), PROVIDERS)
    beside = verifying.artifacts(go.code(plan, below, schema, plugins), below)
    orders = go.code(plan, BOUGHT, schema, plugins)
    own = {f"{ORDERS}/acme/users": VERSION}
    assert verifying(orders, BOUGHT, beside, requirements=own) == []
    [told] = verifying(orders, BOUGHT, beside)
    assert told.endswith(f"imports `{ORDERS}/acme/users/acme/users/v1`, which no module has that go.mod requires")


REFUSED = {
    "acme/v1/small.proto": 'syntax = "proto2";\npackage acme.v1;\nimport "google/protobuf/descriptor.proto";\n'
    "extend google.protobuf.FieldOptions {\n  optional string label = 50001;\n  optional string unit = 50002;\n}\n"
    "message Small {\n"
    '  optional float exp = 33 [(unit) = "m", default = 1.5e-40, (label) = "x"];\n}\n',
    "acme/v1/twice.proto": 'syntax = "proto2";\npackage acme.v1;\nimport "acme/v1/small.proto";\n'
    'message Twice {\n  optional string foo_bar = 1 [(unit) = "m", (label) = "x"];\n'
    "  optional string fooBar_ = 2;\n}\n",
}


def test_what_no_pool_of_descriptors_takes_is_compared_all_the_same(
    toolchain: Toolchain,
    plugins: Plugins,
    tmp_path: Path,
) -> None:
    schema = compiled(tmp_path / "protos", REFUSED)
    small = Product("acme-small", tuple(REFUSED), go=GoTarget("example.com/small"))
    options = Provider("protobuf", "google.golang.org/protobuf/types/descriptorpb", gomod.PROTOBUF)
    files = go.code(Plan((small,), {"google/protobuf/descriptor.proto": options}), small, schema, plugins)
    (tmp_path / "room").mkdir()
    verifying = Verifying(schema, toolchain, tmp_path / "room")
    assert verifying(files, small) == []
    path = "acme/v1/twice.pb.go"
    [told] = verifying({**files, path: files[path].replace(b"afooBar_", b"afooBaz_")}, small)
    assert told == "`acme/v1/twice.proto`: what `example.com/small/acme/v1` registers is not what was compiled"


def altered(descriptor: bytes) -> bytes:
    proto = FileDescriptorProto.FromString(descriptor)
    proto.message_type[0].field.add(name="era", number=3, type=5, label=1)
    proto.message_type[0].field[1].number = 9
    return proto.SerializeToString()


def test_what_was_compiled_with_has_to_be_in_what_others_register(
    verifying: Verifying, schema: Bare, files: dict[str, bytes]
) -> None:
    own = schema.descriptors[TIMESTAMP]
    fewer = FileDescriptorProto.FromString(own)
    del fewer.message_type[0].field[0]
    fewer.options.Clear()
    assert verifying(files, provided={TIMESTAMP: fewer.SerializeToString()}) == []
    assert verifying(files, provided={TIMESTAMP: altered(own)}) == [
        f"`{TIMESTAMP}`: what is here of `google.protobuf.Timestamp.nanos`, `google.protobuf.Timestamp.era` is not in "
        "what its Go module registers: take the file as that has it, or name another version of the module"
    ]


def test_descriptors_that_cannot_be_understood_are_compared_as_they_are() -> None:
    proto = FileDescriptorProto(name="x.proto", dependency=["absent.proto"])
    descriptors = {"google/protobuf/descriptor.proto": DESCRIPTOR.serialized_pb, "x.proto": proto.SerializeToString()}
    found, packages = {"x.proto": b64encode(descriptors["x.proto"]).decode()}, {"x.proto": "example.com/x"}
    assert list(differences(found, packages, descriptors)) == []
    assert list(differences({"x.proto": ""}, packages, descriptors))


def everything(**changes: object) -> bytes:
    proto = FileDescriptorProto(name="x.proto", package="x")
    message = proto.message_type.add(name="M")
    message.oneof_decl.add(name="either")
    message.field.add(name="f", number=1, type=9, label=1, oneof_index=0)
    message.nested_type.add(name="N").enum_type.add(name="E").value.add(name="A", number=0)
    proto.extension.add(name="e", number=50, type=9, label=1, extendee=".x.M")
    proto.service.add(name="S").method.add(name="Get", input_type=".x.M", output_type=".x.M")
    for where, value in changes.items():
        found = {"oneof": message.oneof_decl[0], "field": message.field[0], "extension": proto.extension[0]}
        found |= {"value": message.nested_type[0].enum_type[0].value[0], "method": proto.service[0].method[0]}
        assert isinstance(value, dict)
        for name, each in value.items():
            setattr(found[where], name, each)
    return proto.SerializeToString()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oneof": {"name": "other"}}, "x.M.f"),
        ({"field": {"number": 2}}, "x.M.f"),
        ({"field": {"label": 3}}, "x.M.f"),
        ({"field": {"json_name": "F"}}, "x.M.f"),
        ({"field": {"name": "g"}}, "x.M.g"),
        ({"value": {"number": 1}}, "x.M.N.E.A"),
        ({"extension": {"extendee": ".x.M.N"}}, "x.e"),
        ({"method": {"server_streaming": True}}, "x.S.Get"),
        ({"method": {"name": "Put"}}, "x.S.Put"),
    ],
)
def test_every_kind_of_element_counts(changes: dict[str, object], named: str) -> None:
    theirs = {"x.proto": b64encode(everything()).decode()}
    assert list(lacks(theirs, {"x.proto": everything()}, ())) == []
    [told] = lacks(theirs, {"x.proto": everything(**changes)}, ())
    assert told.startswith(f"`x.proto`: what is here of `{named}` is not in what ")


GENUINE = Path(str(distribution("googleapis-common-protos").locate_file("google")))
IMPLICIT = 'edition = "2023";\noption features.field_presence = IMPLICIT;'


def rpc(directory: Path, name: str, change: tuple[str, str] | None = None) -> bytes:
    """A file of `google/rpc`, or an editions copy of it that has something otherwise."""
    text = (GENUINE / "rpc" / name).read_text()
    text = text.replace('syntax = "proto3";', IMPLICIT).replace(*change) if change else text
    assert not change or change[1] in text
    return compiled(directory, {f"google/rpc/{name}": text}).descriptors[f"google/rpc/{name}"]


@pytest.mark.parametrize("file", ["status.proto", "code.proto", "http.proto"])
def test_another_edition_that_says_the_same_is_the_same(tmp_path: Path, file: str) -> None:
    genuine, edition = rpc(tmp_path / "theirs", file), rpc(tmp_path / "ours", file, ("package", "package"))
    assert genuine != edition
    for ours, theirs in ((genuine, edition), (edition, genuine)):
        assert list(lacks({"x.proto": b64encode(theirs).decode()}, {"x.proto": ours}, ())) == []


@pytest.mark.parametrize(
    ("file", "change", "named"),
    [
        ("status.proto", ("details = 3", "details = 3 [features.message_encoding = DELIMITED]"), "Status.details"),
        ("status.proto", ("code = 1", "code = 1 [features.field_presence = LEGACY_REQUIRED]"), "Status.code"),
        ("status.proto", ("code = 1", "code = 1 [features.field_presence = EXPLICIT]"), "Status.code"),
        ("code.proto", ("enum Code {", "enum Code { option features.enum_type = CLOSED;"), "Code"),
        ("code.proto", ("package google", "option features.enum_type = CLOSED;\npackage google"), "Code"),
    ],
)
def test_what_an_edition_says_otherwise_counts(tmp_path: Path, file: str, change: tuple[str, str], named: str) -> None:
    genuine, copy = rpc(tmp_path / "theirs", file), rpc(tmp_path / "ours", file, change)
    [told] = lacks({"x.proto": b64encode(genuine).decode()}, {"x.proto": copy}, ())
    assert told.startswith(f"`x.proto`: what is here of `google.rpc.{named}` is not in what ")


OLD = """syntax = "proto2";
package x;
message M {
  required int32 a = 1;
  optional group Part = 2 { optional int32 b = 1; }
  map<string, M> more = 3;
  enum E { A = 0; }
  oneof c { M d = 4; string e = 5; }
  extensions 100 to 200;
}
extend M { optional M f = 100; }
"""
NEW = """edition = "2023";
package x;
option features.enum_type = CLOSED;
option features.message_encoding = DELIMITED;
message M {
  int32 a = 1 [features.field_presence = LEGACY_REQUIRED];
  message Part { int32 b = 1; }
  Part part = 2;
  map<string, M> more = 3;
  enum E { A = 0; }
  oneof c { M d = 4 [features.message_encoding = LENGTH_PREFIXED]; string e = 5; }
  extensions 100 to 200;
}
extend M { M f = 100 [features.message_encoding = LENGTH_PREFIXED]; }
"""


def test_groups_and_maps_are_what_they_are_in_every_edition(tmp_path: Path) -> None:
    old, new = (compiled(tmp_path / text[:5], {"x.proto": text}).descriptors["x.proto"] for text in (OLD, NEW))
    for ours, theirs in ((old, new), (new, old)):
        assert list(lacks({"x.proto": b64encode(theirs).decode()}, {"x.proto": ours}, ())) == []


def test_a_file_that_nobody_registers_is_told_to_who_imports_it() -> None:
    provided = {"x.proto": everything(), "y.proto": everything(), "google/protobuf/descriptor.proto": everything()}
    [told] = lacks({}, provided, ["x.proto", "google/protobuf/descriptor.proto"])
    assert told.startswith("`x.proto`: its Go module does not register it")


def test_any_path_can_be_looked_for(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = 'a/\U0001f600"\\\n\ufeff.proto'
    assert verifying(files, provided={path: b""}) == []


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (": 403 Forbidden\n\tserver response: This module version is not available.", "not available."),
        (": 404 Not Found", "404 Not Found"),
        (": invalid version: unknown revision v1.99.0", "unknown revision v1.99.0"),
    ],
)
def test_a_version_that_no_proxy_has_is_told_with_who_asks_for_it(why: str, told: str) -> None:
    text = f"go: downloading x\nmain.go:3:8: google.golang.org/protobuf@v1.99.0: reading https://u:secret@x{why}\n"
    error = unfit(Result(1, b"", text.encode()), {("google.golang.org/protobuf", "v1.99.0")})
    assert error.message.startswith("Go cannot get `google.golang.org/protobuf` v1.99.0: ")
    assert error.message.endswith(told)
    assert "secret" not in error.message
    assert "`third_party` in schemactl.yaml" in error.hint
    other = unfit(Result(1, b"", text.encode()), {("example.com/else", "v1.99.0")})
    assert "GOPROXY" in other.hint


def test_a_version_or_a_package_that_is_not_there_is_no_fault_of_go(
    verifying: Verifying, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "acme/users/v1/user.pb.go"
    more = files[path].replace(b"import (\n", b'import (\n\t_ "google.golang.org/protobuf/nothing"\n')
    with pytest.raises(ToolError, match=r"no Go package `google\.golang\.org/protobuf/nothing`") as raised:
        verifying({**files, path: more})
    assert "third_party" in raised.value.hint
    monkeypatch.setenv("GOPROXY", tmp_path.as_uri())
    with pytest.raises(ToolError, match=r"cannot get `google\.golang\.org/protobuf` v1\.99\.0") as raised:
        verifying(files, requirements={"google.golang.org/protobuf": "v1.99.0"})
    assert "third_party" in raised.value.hint


def test_an_earlier_build_of_the_version_does_not_pass_for_this_one(
    verifying: Verifying, files: dict[str, bytes]
) -> None:
    assert verifying(files) == []
    [told] = verifying({**files, "acme/users/v1/user.pb.go": files["acme/users/v1/user.pb.go"] + b"\nvar x = y\n"})
    assert re.fullmatch(r"`go build`: acme/users/v1/user\.pb\.go:\d+:9: undefined: y", told)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("acme/users/v1/user_windows.pb.go", "a system to compile it for"),
        ("acme/users/v1/_user.pb.go", "files that start with `_`"),
        ("acme/testdata/user.pb.go", "directories like `testdata`"),
        ("_acme/user.pb.go", "directories like `_acme`"),
    ],
)
def test_what_go_leaves_out_is_named(verifying: Verifying, files: dict[str, bytes], path: str, why: str) -> None:
    [told] = verifying({**files, path: b"package users\n"})
    assert told.startswith(f"`{path}` is not compiled: ")
    assert why in told


def test_a_condition_in_a_file_leaves_it_out(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    [told] = verifying({**files, path: b"//go:build windows\n\n" + files[path]})
    assert told.startswith(f"`{path}` is not compiled: ")


def test_a_file_of_another_package_in_the_directory_is_told_as_go_says_it(
    verifying: Verifying, files: dict[str, bytes]
) -> None:
    told = verifying({**files, "acme/users/v1/z.pb.go": b"package z\n"})
    assert told == ["`go build`: found packages usersv1 (login.pb.go) and z (z.pb.go) in acme/users/v1"]


def test_a_file_that_is_no_go_is_told_as_go_says_it(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    [told] = verifying({**files, path: b"package usersv1\n\nnonsense\n"})
    assert told.startswith(f"`go build`: {path}:3:1: syntax error: ")


def test_what_nobody_else_can_import_is_named(verifying: Verifying, files: dict[str, bytes]) -> None:
    moved = {path.replace("/users/", "/internal/"): content for path, content in files.items()}
    packages = dict.fromkeys(EVENTS.files, f"{MODULE}/acme/internal/v1")
    assert verifying(moved, packages=packages) == [
        f"`{file}`: nobody else can import `{MODULE}/acme/internal/v1`, since it is `internal`; rename the directory"
        for file in (LOGIN, USER)
    ]


def test_a_file_that_no_package_registers_is_named(verifying: Verifying, files: dict[str, bytes]) -> None:
    package = f"{MODULE}/acme/users/v1"
    packages = {LOGIN: package, USER: package, ORDER: package}
    assert verifying(files, packages=packages) == [f"`{ORDER}`: `{package}` does not register it"]


def test_a_file_that_registers_something_else_is_named(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    other = files[path].replace(b"auser_id", b"auser_ix").replace(b"\auser_id", b"\auser_ix")
    assert other != files[path]
    [told] = verifying({**files, path: other})
    assert told == f"`{USER}`: what `{MODULE}/acme/users/v1` registers is not what was compiled"


def test_what_cannot_start_is_told(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    [told] = verifying({**files, path: files[path] + b'\nfunc init() { panic("not today") }\n'})
    assert told == "a program that imports every package of the module cannot run: panic: not today"


def test_what_runs_as_it_starts_does_not_find_the_user_s_home(
    verifying: Verifying, files: dict[str, bytes], tmp_path: Path
) -> None:
    path = "acme/users/v1/user.pb.go"
    told = tmp_path / "told"
    body = f'\nfunc init() {{ os.WriteFile("{told}", []byte(os.Getenv("HOME")), 0o600) }}\n'
    code = files[path].replace(b"import (\n", b'import (\n\tos "os"\n')
    assert verifying({**files, path: code + body.encode()}) == []
    assert told.read_text().startswith(f"{tmp_path / 'it is here'}/go-")


def test_what_vet_finds_is_told_by_file(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    [told] = verifying({**files, path: files[path] + b"\nfunc same(x int) { x = x }\n"})
    assert re.fullmatch(r"`go vet`: acme/users/v1/user\.pb\.go:\d+:\d+: self-assignment of x", told)


def test_an_import_that_go_mod_does_not_provide_for_is_named(verifying: Verifying, files: dict[str, bytes]) -> None:
    path = "acme/users/v1/user.pb.go"
    more = files[path].replace(b"import (\n", b'import (\n\t_ "example.org/unknown/thing"\n')
    assert verifying({**files, path: more}) == [
        f"`{path}` imports `example.org/unknown/thing`, which no module has that go.mod requires"
    ]


def test_another_module_has_to_be_required(
    verifying: Verifying,
    schema: Bare,
    files: dict[str, bytes],
    plugins: Plugins,
) -> None:
    [told] = verifying(go.code(PLAN, BOUGHT, schema, plugins), BOUGHT, verifying.artifacts(files))
    assert told == (
        f"`acme/orders/v1/order.pb.go` imports `{MODULE}/acme/users/v1`, which no module has that go.mod requires"
    )


def test_a_zip_that_is_none_is_told(verifying: Verifying, files: dict[str, bytes], tmp_path: Path) -> None:
    artifacts = verifying.artifacts(files)
    whole = next(each for each in artifacts if each.kind == "go-zip")
    other = whole.content.replace(MODULE.encode(), MODULE.replace("Events", "Invent").encode())
    artifacts = [replace(each, content=other) if each is whole else each for each in artifacts]
    packages = {USER: f"{MODULE}/acme/users/v1"}
    [told] = verified(
        artifacts, [], MODULE, VERSION, packages, {}, files.keys(), tmp_path, gotoolchain.needed()
    )  # fmt: skip
    assert told.startswith(f"{MODULE} {VERSION} cannot be downloaded: ")
