"""A wheel is tried as its users will: each way in which one can be wrong is named."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool
from msgspec import structs

from schemactl.artifact import Artifact
from schemactl.errors import ToolError
from schemactl.names import camel
from schemactl.package.archive import tarred
from schemactl.package.metadata import Metadata
from schemactl.package.sdist import sdist
from schemactl.package.wheel import wheel
from schemactl.product import python_path
from schemactl.verify import compared, environment, python
from schemactl.verify.sdist import differences

_TRIAL = Path(python.__file__).with_name("trial.py")
_RUNTIME = ("protobuf>=6.31.1,<9",)

USER = """
syntax = "proto3";
package acme.users.v1;
message User {
  string id = 1;
  string mail = 2;
}
"""
EVERYTHING = """
syntax = "proto2";
package acme.odd.v1;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { optional Note note = 50001; }
extend Open { repeated Color colors = 100; optional Tree tree = 101; }
message Note { optional double weight = 1; map<string, string> words = 2; }
enum Color { option allow_alias = true; RED = 0; ROT = 0; BLUE = 7; }
message Open { extensions 100 to 200; required string id = 1; extend Open { optional bytes raw = 150; } }
message Tree { required string id = 1; repeated Tree children = 2; optional Tree next = 3; required Leaf leaf = 4; }
message Leaf { required int32 depth = 1 [default = -3]; optional double far = 2 [default = 1e300]; }
message Endless { required Endless inner = 1; }
message Odd {
  optional group Part = 1 { optional string text = 1; }
  repeated group Parts = 2 { optional float ratio = 1 [default = nan]; }
  oneof choice { string a = 3; int64 b = 4; Tree c = 5; google.protobuf.Any d = 6; }
  map<string, Tree> trees = 7;
  map<int32, Color> colors = 8;
  map<bool, bytes> flags = 9;
  optional google.protobuf.Any any = 10;
  optional google.protobuf.Duration duration = 11;
  repeated google.protobuf.FieldMask masks = 12;
  optional google.protobuf.Struct struct = 13;
  repeated google.protobuf.Value values = 14;
  optional google.protobuf.ListValue list = 15;
  optional google.protobuf.Timestamp timestamp = 16;
  optional google.protobuf.BoolValue yes = 17;
  optional google.protobuf.NullValue null = 18;
  repeated google.protobuf.NullValue nulls = 19;
  repeated fixed64 packed = 20 [packed = true, (note) = {weight: nan words: {key: "k" value: "v"}}];
  optional bytes blob = 21 [default = "\\001\\"x\\xff"];
  optional float from = 22 [default = 1e-7];
  optional string SerializeToString = 23;
  optional string ListFields = 24;
  optional Color None = 25 [default = BLUE];
  optional uint64 big = 26 [default = 18446744073709551615];
  enum Clear { ZERO = 0; }
  optional Clear clear = 27;
}
message SerializeToString { optional int32 DESCRIPTOR = 1; }
"""
EDITION = """
edition = "2023";
package acme.edition.v1;
option features.field_presence = IMPLICIT;
message Order {
  string id = 1;
  Order before = 2 [features.message_encoding = DELIMITED];
  repeated int32 numbers = 3 [features.repeated_field_encoding = EXPANDED];
  Kind kind = 4 [features.field_presence = EXPLICIT];
  Nought nought = 5;
  enum Nought { NOUGHT = 0; }
  enum Kind { option features.enum_type = CLOSED; KIND_A = 3; KIND_B = 1; }
}
service Orders { rpc Get(Order) returns (stream Order); }
"""
RULE = """
syntax = "proto3";
package acme.http.v1;
import "google/api/http.proto";
message Call { google.api.HttpRule rule = 1; }
"""
STATUS = """
syntax = "proto3";
package google.rpc;
import "google/protobuf/any.proto";
message Status {
  int32 code = 1;
  string message = 2;
  repeated google.protobuf.Any details = 3;
  string tenant = 4;
}
"""
FAILURE = """
syntax = "proto3";
package acme.v1;
import "google/rpc/status.proto";
message Failure { google.rpc.Status status = 1; }
"""
SHARED = """
syntax = "proto3";
package acme.v1;
import "google/protobuf/descriptor.proto";
message Money {
  int64 units = 1;
  optional string currency = 2;
  oneof kind { Tax tax = 3; bool free = 4; }
  map<string, int32> parts = 5;
  message Tax { repeated int32 rates = 1; }
  enum Sign { PLUS = 0; MINUS = 1; }
}
service Rates { rpc Get(Money) returns (stream Money); }
extend google.protobuf.MethodOptions { int64 e = 50998; }
"""
HIDING = """
syntax = "proto2";
package acme.odd.v1;
message M { optional int32 Extensions = 1; extensions 100 to 200; }
extend M { optional int32 e = 100; optional M m = 101; }
message D { optional bool SetInParent = 2; optional D d = 3; optional bool ByteSize = 4; }
message C { message IsInitialized { optional string x = 1; } optional string y = 1; }
message N {
  message DESCRIPTOR { optional N n = 1; }
  message MergeFromString {}
  message SerializePartialToString {}
  message SetInParent {}
  message Clear {}
  message MergeFrom {}
  optional DESCRIPTOR n = 1;
  optional N FromString = 2;
}
enum X { DESCRIPTOR = 0; }
"""


@dataclass(frozen=True)
class Made:
    """What plain protoc makes of some protos."""

    code: Mapping[str, bytes]
    expected: Mapping[str, bytes]
    modules: Mapping[str, str]
    services: Sequence[str]

    def wheel(self, *requires: str, name: str = "acme-events", version: str = "1.0.0") -> Artifact:
        return wheel(Metadata(name, version, requires_python=">=3.10", requires=requires), self.code)

    def sdist(self, *requires: str) -> Artifact:
        return sdist(Metadata("acme-events", "1.0.0", requires_python=">=3.10", requires=requires), self.code)


def generated(directory: Path, **protos: str) -> Made:
    out = directory / "out"
    out.mkdir(parents=True)
    names = []
    for name, text in protos.items():
        names.append(f"{name.replace('__', '/')}.proto")
        path = directory / names[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    site = str(distribution("googleapis-common-protos").locate_file(""))
    plugins = [f"--{each}_out={out}" for each in ("python", "pyi", "grpc_python")]
    argv = [sys.executable, "-m", "grpc_tools.protoc", "-I.", f"-I{site}", f"-o{directory / 'set'}", *plugins, *names]
    subprocess.run(argv, cwd=directory, check=True)
    descriptors = descriptor_pb2.FileDescriptorSet.FromString((directory / "set").read_bytes()).file
    services = [each.name for each in descriptors if each.service]
    code = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.py*")}
    unused = {f"{python_path(each.name)}_grpc.py" for each in descriptors if not each.service}
    return Made(
        {name: content for name, content in code.items() if name not in unused},
        {each.name: bare(each) for each in descriptors},
        {each.name: python_path(each.name).replace("/", ".") for each in descriptors},
        services,
    )


def bare(proto: descriptor_pb2.FileDescriptorProto) -> bytes:
    for each in _fields(proto):
        if each.json_name == camel(each.name):
            each.ClearField("json_name")
    return proto.SerializeToString()


def _fields(scope: Any) -> Iterator[Any]:
    yield from scope.extension
    yield from getattr(scope, "field", ())
    for each in [*getattr(scope, "message_type", ()), *getattr(scope, "nested_type", ())]:
        yield from _fields(each)


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return generated(tmp_path_factory.mktemp("users"), acme__users__v1__user=USER)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return generated(tmp_path_factory.mktemp("orders"), acme__edition__v1__order=EDITION, acme__http__v1__call=RULE)


def verified(
    made: Made,
    directory: Path,
    *requires: str,
    beside: Sequence[Artifact] = (),
    provided: Mapping[str, bytes] = {},
    meant: Mapping[str, str] = {},
) -> list[str]:
    of = (made.expected, made.modules, made.services, directory)
    sdist = made.sdist(*requires)
    return python.verified(made.wheel(*requires), sdist, beside, *of, provided=provided, meant=meant)


def changed(made: Made, code: Mapping[str, bytes]) -> Made:
    return Made(code, made.expected, made.modules, made.services)


def tried(made: Made, directory: Path, seconds: float = 60) -> Any:
    """The trial alone, without an installation."""
    for name, content in made.code.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    grpc = {each: f"{made.modules[each]}_grpc" for each in made.services}
    descriptors = {name: b64encode(each).decode() for name, each in made.expected.items()}
    request = {
        "modules": made.modules,
        "grpc": grpc,
        "descriptors": descriptors,
        "provided": {},
        "meant": {},
        "seconds": seconds,
    }
    argv = [sys.executable, "-B", str(_TRIAL)]
    done = subprocess.run(
        argv,
        input=json.dumps(request).encode(),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(directory)},
        check=True,
    )
    return json.loads(done.stdout)


def test_a_good_wheel_has_no_problems(orders: Made, tmp_path: Path) -> None:
    assert verified(orders, tmp_path, *_RUNTIME, "grpcio", "googleapis-common-protos") == []


def test_a_requirement_that_the_wheel_forgot_is_named(orders: Made, tmp_path: Path) -> None:
    (problem,) = verified(orders, tmp_path, *_RUNTIME, "grpcio")

    assert problem.startswith("module `acme.http.v1.call_pb2` cannot be imported: ModuleNotFoundError: No module named")


@pytest.mark.parametrize(
    ("requires", "why"),
    [
        ("googleapis-common-protos", "`googleapis-common-protos` provides `google/api/nowhere.proto`, and the wheel"),
        ("acme-users>=1", "`acme-users>=1` was meant to provide `google/api/nowhere.proto`, and does not"),
    ],
)
def test_a_missing_module_says_who_was_meant_to_provide_it(
    users: Made, tmp_path: Path, requires: str, why: str
) -> None:
    code = {
        name: b"from google.api import nowhere_pb2\n" if name.endswith(".py") else content
        for name, content in users.code.items()
    }
    beside = [users.wheel(name="acme-users")]
    meant = {"google/type/money.proto": "protobuf", "google/api/nowhere.proto": requires}
    stated = (*_RUNTIME, "acme-users>=1")

    (problem, *_) = verified(changed(users, code), tmp_path, *stated, beside=beside, meant=meant)

    assert problem.startswith("module `acme.users.v1.user_pb2` cannot be imported: ")
    assert why in problem


def test_a_copy_that_has_more_than_its_provider_registers_is_named(tmp_path: Path) -> None:
    copy = generated(tmp_path / "theirs", google__rpc__status=STATUS)
    (tmp_path / "ours" / "google" / "rpc").mkdir(parents=True)
    (tmp_path / "ours" / "google" / "rpc" / "status.proto").write_text(STATUS)
    made = generated(tmp_path / "ours", acme__v1__failure=FAILURE)
    (tmp_path / "try").mkdir()

    newer = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
    newer.message_type.add(name="OfANewerCompiler")
    provided = {newer.name: newer.SerializeToString(), **copy.expected}

    requires = (*_RUNTIME, "googleapis-common-protos")
    (problem,) = verified(made, tmp_path / "try", *requires, provided=provided)

    assert problem.startswith(
        "`google/rpc/status.proto` in the tree is not what the installed `googleapis-common-protos` registers:"
        " field `google.rpc.Status.tenant` is not there; take the copy of that distribution"
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ("units = 1", "units = 7", "`acme.v1.Money.units`: number is 7, not 1"),
        ("int64 units", "string units", "`acme.v1.Money.units`: type is TYPE_STRING, not TYPE_INT64"),
        ("int64 units", "repeated int64 units", "`acme.v1.Money.units`: label is repeated, not singular"),
        ("units = 1", 'units = 1 [json_name = "all"]', "`acme.v1.Money.units`: JSON name is all, not units"),
        ("optional string", "string", "`acme.v1.Money.currency`: presence is nothing, not explicit"),
        ("bool free = 4; }", "} bool free = 4;", "`acme.v1.Money.free`: oneof is nothing, not kind"),
        ("Tax tax = 3", "Sign tax = 3", "`acme.v1.Money.tax`: type is TYPE_ENUM `acme.v1.Money.Sign`"),
        ("map<string, int32>", "map<string, int64>", "`acme.v1.Money.PartsEntry.value`: type is TYPE_INT64"),
        ("MINUS = 1", "MINUS = 2", "`acme.v1.Money.Sign.MINUS`: number is 2, not 1"),
        ("MINUS = 1;", "", "value `acme.v1.Money.Sign.MINUS` is not there"),
        ("repeated int32 rates = 1;", "", "field `acme.v1.Money.Tax.rates` is not there"),
        ("(stream Money)", "(Money)", "`acme.v1.Rates.Get`: signature is `acme.v1.Money` to `acme.v1.Money`, not"),
        ("int64 e = 50998", "int64 e = 50999", "`acme.v1.e`: number is 50999, not 50998"),
        ("MethodOptions", "FieldOptions", "`acme.v1.e`: extendee is google.protobuf.FieldOptions, not google.prot"),
        ("int64 e = 50998", "int64 f = 50998", "extension `acme.v1.e` is not there"),
        ("package acme.v1", "package acme.v2", "package is `acme.v2`, not `acme.v1`"),
        ("int64 units", "optional int64 units", ""),
        ("message Tax", "message More {} message Tax", ""),
        ("MINUS = 1;", "MINUS = 1; NONE = 2;", ""),
        ("units = 1", "units = 1 [deprecated = true]", ""),
    ],
)
def test_a_provider_may_have_more_but_nothing_less(
    shared: Any, tmp_path: Path, ours: str, theirs: str, why: str
) -> None:
    told = compared.lacking(shared, registered(tmp_path, SHARED.replace(ours, theirs)))

    assert told.startswith(why)
    assert bool(told) == bool(why)


IMPLICIT = 'edition = "2023";\noption features.field_presence = IMPLICIT;'


def of_rpc(directory: Path, name: str, change: tuple[str, str] | None = None) -> Any:
    """A file of `google/rpc`, or an editions copy of it that has something otherwise."""
    text = Path(str(distribution("googleapis-common-protos").locate_file(f"google/rpc/{name}.proto"))).read_text()
    text = text.replace('syntax = "proto3";', IMPLICIT).replace(*change) if change else text
    assert not change or change[1] in text
    directory.joinpath("google/rpc").mkdir(parents=True)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
    made = generated(directory, **{f"google__rpc__{name}": text})
    pool.AddSerializedFile(made.expected[f"google/rpc/{name}.proto"])
    return pool.FindFileByName(f"google/rpc/{name}.proto")


@pytest.mark.parametrize("name", ["status", "code", "http"])
def test_another_edition_that_says_the_same_is_the_same(tmp_path: Path, name: str) -> None:
    genuine, edition = of_rpc(tmp_path / "theirs", name), of_rpc(tmp_path / "ours", name, ("package", "package"))

    assert [compared.lacking(genuine, edition), compared.lacking(edition, genuine)] == ["", ""]


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        (
            "status",
            ("details = 3", "details = 3 [features.message_encoding = DELIMITED]"),
            "`google.rpc.Status.details`: type is TYPE_MESSAGE `google.protobuf.Any`, not TYPE_GROUP",
        ),
        (
            "status",
            ("code = 1", "code = 1 [features.field_presence = LEGACY_REQUIRED]"),
            "`google.rpc.Status.code`: label is singular, not required",
        ),
        (
            "status",
            ("code = 1", "code = 1 [features.field_presence = EXPLICIT]"),
            "`google.rpc.Status.code`: presence is nothing, not explicit",
        ),
        (
            "code",
            ("enum Code {", "enum Code { option features.enum_type = CLOSED;"),
            "`google.rpc.Code`: kind is open, not closed",
        ),
    ],
)
def test_what_an_edition_says_otherwise_counts(tmp_path: Path, name: str, change: tuple[str, str], why: str) -> None:
    told = compared.lacking(of_rpc(tmp_path / "ours", name, change), of_rpc(tmp_path / "theirs", name))

    assert told.startswith(why)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return registered(tmp_path_factory.mktemp("shared"), SHARED)


def registered(directory: Path, text: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(generated(directory, acme__shared=text).expected["acme/shared.proto"])
    return pool.FindFileByName("acme/shared.proto")


def test_names_that_hide_those_of_protobuf_do_not_disturb(tmp_path: Path) -> None:
    made = generated(tmp_path / "made", acme__odd__v1__hiding=HIDING)

    report = tried(made, tmp_path / "site")

    assert (report["problems"], report["messages"]) == ([], 11)


def test_names_of_python_s_own_do_not_disturb(tmp_path: Path) -> None:
    taken = "".join(f"message {name} {{}} " for name in ("__file__", "__name__", "__spec__", "__path__"))
    user = 'syntax = "proto3"; package acme.b; import "acme/a.proto"; message B { acme.a.__file__ a = 1; }'
    made = generated(tmp_path / "made", acme__a=f'syntax = "proto3"; package acme.a; {taken}', acme__b=user)

    report = tried(made, tmp_path / "site")

    assert (report["problems"], report["messages"]) == ([], 5)


def test_types_within_types_take_time_by_the_size_of_the_schema(tmp_path: Path) -> None:
    ring = [[f"M{(each + number) % 200} f{number} = {number + 1};" for number in range(100)] for each in range(200)]
    messages = "".join(f"message M{each} {{ {' '.join(fields)} }}" for each, fields in enumerate(ring))
    oneof = "".join(f"int32 f{number} = {number + 1}; " for number in range(3000))
    text = f'syntax = "proto3"; package acme; {messages} message O {{ oneof o {{ {oneof} }} }}'
    made = generated(tmp_path / "made", acme__a=text)

    report = tried(made, tmp_path / "site", seconds=15)

    assert (report["problems"], report["messages"]) == ([], 201)


def test_a_chain_of_required_messages_is_tried_as_deep_as_protobuf_reads(tmp_path: Path) -> None:
    chain = "".join(f"message M{each} {{ required M{each + 1} m = 1; }} " for each in range(300))
    text = f'syntax = "proto2"; package acme; {chain} message M300 {{ required int32 i = 1; }}'

    assert tried(generated(tmp_path / "made", acme__a=text), tmp_path / "site")["problems"] == []


def test_a_trial_that_takes_too_long_says_where_it_is(users: Made, tmp_path: Path) -> None:
    slow = {name: b"import time\ntime.sleep(60)\n" for name in users.code if name.endswith("_pb2.py")}

    (problem,) = tried(changed(users, slow), tmp_path, seconds=0.3)["problems"]

    assert problem == "the trial of the wheel is not done after 0 s, at the import of module `acme.users.v1.user_pb2`"


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        (
            "service Foo { rpc B(M) returns (M); } service FooServicer { rpc B(M) returns (M); }",
            "`acme.v1.Foo` cannot be",
        ),
        (
            "service grpc { rpc A(M) returns (M); }",
            "`acme.v1.grpc` cannot be served: AttributeError: type object 'grpc'",
        ),
        ("service A { rpc B(M) returns (M); } service AStub { rpc B(M) returns (M); }", "`acme.v1.A` cannot be called"),
        ("service A { rpc __init__(M) returns (M); }", "`acme.v1.A` cannot be served: TypeError"),
        (
            "service A { rpc B(N) returns (M); } message N { message SerializeToString {} }",
            "`acme.v1.A` cannot be called: message `acme.v1.N` is not sent as its bytes",
        ),
    ],
)
def test_a_service_that_cannot_be_used_is_named(tmp_path: Path, declared: str, problem: str) -> None:
    text = f'syntax = "proto3"; package acme.v1; message M {{}} {declared}'

    report = tried(generated(tmp_path / "made", acme__v1__a=text), tmp_path / "site")

    (told,) = report["problems"]
    assert told.startswith(f"service {problem}")
    assert "rename the service" in told


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("'/acme.edition", "'/edition", "called: its stub calls `/edition.v1.Orders/Get` (unary_stream)"),
        ("unary_stream(", "unary_unary(", "called: its stub calls `/acme.edition.v1.Orders/Get` (unary_unary)"),
        ("'Get': grpc", "'Put': grpc", "served: it has no handler of `/acme.edition.v1.Orders/Get`"),
        (
            "unary_stream_rpc",
            "unary_unary_rpc",
            "served: its handler of `/acme.edition.v1.Orders/Get` (unary_stream) is not",
        ),
    ],
)
def test_grpc_code_of_another_service_is_named(
    orders: Made, tmp_path: Path, before: str, after: str, problem: str
) -> None:
    name = "acme/edition/v1/order_pb2_grpc.py"
    code = {**orders.code, name: orders.code[name].replace(before.encode(), after.encode())}

    (told,) = tried(changed(orders, code), tmp_path)["problems"]

    assert told.startswith(f"service `acme.edition.v1.Orders` cannot be {problem}")


def test_a_module_that_is_there_only_because_another_wheel_requires_it_is_named(
    orders: Made, users: Made, tmp_path: Path
) -> None:
    beside = [users.wheel("googleapis-common-protos", name="acme-users")]

    problems = verified(orders, tmp_path, *_RUNTIME, "grpcio", "acme-users", beside=beside)

    assert problems == [
        "module `acme.http.v1.call_pb2` imports `google/api/http_pb2.py` of `googleapis-common-protos`, which the wheel"
        " does not require"
    ]


def test_every_kind_of_field_travels(tmp_path: Path) -> None:
    made = generated(tmp_path / "made", acme__odd__v1__odd=EVERYTHING)

    report = tried(made, tmp_path / "site")

    assert (report["problems"], report["messages"]) == ([], 9)


def test_a_module_that_is_not_in_the_wheel_is_named(orders: Made, tmp_path: Path) -> None:
    code = {name: content for name, content in orders.code.items() if not name.endswith("order_pb2_grpc.py")}

    problems = verified(changed(orders, code), tmp_path, *_RUNTIME)

    assert problems == ["`acme/edition/v1/order_pb2_grpc.py` is not in the wheel"]


def test_a_module_without_a_proto_file_is_named(users: Made, tmp_path: Path) -> None:
    code = {**users.code, "acme/users/v1/old_pb2.py": b""}

    problems = verified(changed(users, code), tmp_path, *_RUNTIME)

    assert problems == ["`acme/users/v1/old_pb2.py` is in the wheel, and no proto file stands for it"]


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("string mail = 2", "bytes mail = 2", "`acme.users.v1.User.mail`: type is TYPE_STRING, not TYPE_BYTES"),
        ("string mail = 2", "string mail = 3", "`acme.users.v1.User.mail`: number is 2, not 3"),
        ("string mail = 2", "string post = 2", "field `acme.users.v1.User.post` is not there"),
        ("string mail = 2;", "", "field `acme.users.v1.User.mail` is there, and should not be"),
        ("mail = 2", "mail = 2 [deprecated = true]", "`acme.users.v1.User.mail`: options is nothing, not deprecated"),
        ("message User", "message Us {} message User", "message `acme.users.v1.Us` is not there"),
    ],
)
def test_the_first_difference_from_the_schema_is_named(
    users: Made, tmp_path: Path, before: str, after: str, difference: str
) -> None:
    expected = generated(tmp_path / "made", acme__users__v1__user=USER.replace(before, after)).expected

    (problem,) = tried(Made(users.code, expected, users.modules, ()), tmp_path / "site")["problems"]

    assert problem.startswith(f"`acme/users/v1/user.proto` is not what the schema says: {difference}")


def test_a_class_that_says_another_module_is_named(users: Made, tmp_path: Path) -> None:
    code = {name: content.replace(b"'acme.users.v1.user_pb2'", b"'user_pb2'") for name, content in users.code.items()}

    (problem,) = tried(changed(users, code), tmp_path)["problems"]

    assert problem == (
        "message `acme.users.v1.User` says that it is of module `user_pb2`, not of `acme.users.v1.user_pb2`"
    )


def test_modules_that_fail_for_one_reason_are_one_problem(tmp_path: Path) -> None:
    protos = {f"acme__v1__{each}": USER.replace("users", each) for each in ("a", "b", "c")}
    made = generated(tmp_path / "made", **protos)
    code = {name: b"import nowhere\n" for name in made.code if name.endswith(".py")}

    problems = tried(changed(made, code), tmp_path / "site")["problems"]

    assert problems == [
        "module `acme.v1.a_pb2` and 2 more cannot be imported: ModuleNotFoundError: No module named 'nowhere'"
    ]


def test_a_module_that_stands_for_another_file_is_named(tmp_path: Path) -> None:
    made = generated(tmp_path / "made", acme__a=USER, acme__b=USER.replace("users", "others"))
    both = b"from acme import b_pb2\nimport acme.c_pb2\nDESCRIPTOR = b_pb2.DESCRIPTOR\nUser = b_pb2.User\n"
    code = {**made.code, "acme/c_pb2.py": made.code["acme/a_pb2.py"], "acme/a_pb2.py": both}
    neither = {**made.code, "acme/a_pb2.py": b""}

    (borrowed,) = tried(changed(made, code), tmp_path / "site")["problems"]
    (empty,) = tried(changed(made, neither), tmp_path / "empty")["problems"]

    assert borrowed == "module `acme.a_pb2` does not stand for `acme/a.proto`: its DESCRIPTOR is of another file"
    assert empty == "module `acme.a_pb2` does not register `acme/a.proto`"


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        ("SerializePartialToString = lambda self: b''", "is not the same when it is read again from its bytes"),
        ("MergeFromString = lambda self, data: 1 / 0", "cannot be read again from its bytes: division by zero"),
        ("ListFields = lambda self: []", "is not the same when it is read again from its JSON"),
    ],
)
def test_a_message_that_does_not_travel_is_named(users: Made, tmp_path: Path, method: str, problem: str) -> None:
    module = "acme/users/v1/user_pb2.py"
    code = {**users.code, module: users.code[module] + f"\nUser.{method}\n".encode()}

    assert tried(changed(users, code), tmp_path)["problems"] == [f"message `acme.users.v1.User` {problem}"]


def test_what_a_module_prints_is_not_the_report(users: Made, tmp_path: Path) -> None:
    code = {name: b"print('hello')\n" + content for name, content in users.code.items() if name.endswith(".py")}

    assert tried(changed(users, code), tmp_path)["problems"] == []


def test_a_trial_that_dies_is_a_problem_and_knows_no_token(
    users: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", "s3cret")
    fatal = b"import os, sys\nprint(sorted(os.environ), sys.path, file=sys.stderr, flush=True)\nos._exit(0)\n"
    code = {name: fatal if name.endswith(".py") else content for name, content in users.code.items()}

    (problem,) = verified(changed(users, code), tmp_path, *_RUNTIME)

    assert problem.startswith("the trial of the wheel ended with 0: [")
    assert "TOKEN" not in problem
    assert str(Path(environment.__file__).parents[2]) not in problem


def test_a_wheel_beside_that_is_too_old_is_named(orders: Made, users: Made, tmp_path: Path) -> None:
    beside = [users.wheel(name="acme-users", version="1.9.0")]

    problems = verified(orders, tmp_path, "acme-users>=2,<3", beside=beside)

    assert problems == [
        "the wheel cannot be installed: `acme-events` requires `acme-users<3,>=2`, and `acme-users` is 1.9.0"
    ]


def test_a_file_that_two_distributions_have_is_named(users: Made, tmp_path: Path) -> None:
    twin = users.wheel(name="acme-users")

    problems = verified(users, tmp_path, *_RUNTIME, "acme-users", beside=[twin])

    assert problems[0] == (
        "`acme/users/v1/user_pb2.py` is a file of `acme-events` and of `acme-users`: one overwrites the other"
    )


def test_the_same_marker_of_typed_code_may_be_in_two_distributions(users: Made, tmp_path: Path) -> None:
    def shared(content: bytes) -> list[str]:
        twin = wheel(Metadata("acme-users", "1.0.0"), {"acme/py.typed": content, "acme/__init__.py": b""})
        made = changed(users, {**users.code, "acme/py.typed": b"", "acme/__init__.py": b""})
        (directory := tmp_path / f"try{len(content)}").mkdir()
        return verified(made, directory, *_RUNTIME, "acme-users", beside=[twin])

    other = "`acme/__init__.py` is a file of `acme-events` and of `acme-users`: one overwrites the other"

    assert shared(b"") == [other]
    assert shared(b"partial\n") == [other, other.replace("__init__.py", "py.typed")]


def test_a_requirement_that_is_nowhere_says_what_to_do(
    users: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")

    with pytest.raises(ToolError, match="its requirement `acme-far>=2` is not installed here") as told:
        verified(users, tmp_path, "acme-far>=2")

    assert "--no-verify" in told.value.hint


def test_nothing_is_built_to_meet_a_requirement(users: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    project = '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
    files = {"acme_far-2.1/pyproject.toml": project.encode(), "acme_far-2.1/evil.py": backend.encode()}
    (tmp_path / "acme_far-2.1.tar.gz").write_bytes(tarred(files))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    with pytest.raises(ToolError, match="acme-far>=2"):
        environment.clean(tmp_path, [users.wheel("acme-far>=2")])

    assert not (tmp_path / "ran").exists()


def test_a_distribution_that_a_pth_file_points_at_is_not_lent(
    users: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = tmp_path / "near" / "acme_near-1.0.dist-info"
    near.mkdir(parents=True)
    (near / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-near\nVersion: 1.0\n")
    (near / "RECORD").write_text("acme_near.pth,,\n")
    monkeypatch.syspath_prepend(str(near.parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")

    with pytest.raises(ToolError, match="`acme-near` is not installed here"):
        environment.clean(tmp_path, [users.wheel("acme-near")])


def test_what_our_interpreter_cannot_lend_comes_from_the_index(
    users: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = wheel(Metadata("acme-far", "2.1.0"), {"acme_far/thing.py": b""})
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / Path(far.filename).name).write_bytes(far.content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))

    made = environment.clean(tmp_path, [users.wheel("acme-far>=2")])

    assert sorted(made.distributions) == ["acme-events", "acme-far"]
    assert (made.site / "acme_far" / "thing.py").is_file()


def test_a_wheel_for_another_python_cannot_be_installed(users: Made, tmp_path: Path) -> None:
    future = wheel(Metadata("acme-events", "1.0.0", requires_python=">=4"), users.code)

    with pytest.raises(environment.Uninstallable, match=r"requires a different Python: .* not in '>=4'"):
        environment.clean(tmp_path, [future])


def test_nothing_but_what_is_required_is_lent(users: Made, tmp_path: Path) -> None:
    made = environment.clean(tmp_path, [users.wheel("googleapis-common-protos", "rich; python_version < '3'")])

    assert sorted(made.distributions) == ["acme-events", "googleapis-common-protos", "protobuf"]
    assert not list(made.site.glob("*.pth"))


def test_an_sdist_that_builds_the_same_wheel_is_well(users: Made, tmp_path: Path) -> None:
    metadata = Metadata(
        "acme-events", "1.0.0", "Events", "Apache-2.0", ">=3.10", _RUNTIME, {"types": ("types-protobuf>=6",)}
    )

    assert differences(sdist(metadata, users.code), wheel(metadata, users.code), tmp_path) == []


def test_every_difference_of_the_sdist_is_named(users: Made, tmp_path: Path) -> None:
    code = {**users.code, "acme/users/v1/user_pb2.pyi": b"", "acme/more.py": b""}
    metadata = Metadata("acme-events", "1.0.0", requires_python=">=3.10", requires=_RUNTIME)
    source = sdist(structs.replace(metadata, requires=("protobuf>=7",)), code)
    whole = wheel(metadata, {**users.code, "acme/py.typed": b""})

    assert differences(source, whole, tmp_path) == [
        "the wheel that the sdist builds has `acme/more.py` besides",
        "the wheel that the sdist builds has no `acme/py.typed`",
        "`acme/users/v1/user_pb2.pyi` differs in the wheel that the sdist builds",
        "METADATA of the wheel that the sdist builds says requires_dist ['protobuf>=7'],"
        " the wheel ['protobuf<9,>=6.31.1']",
    ]


def test_an_sdist_that_does_not_build_is_told(users: Made, tmp_path: Path) -> None:
    broken = structs.replace(users.sdist(), content=users.sdist().content[:200])

    (problem,) = differences(broken, users.wheel(), tmp_path)

    assert problem.startswith("the sdist cannot be unpacked: ")
