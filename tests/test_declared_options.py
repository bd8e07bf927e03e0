"""Custom options by name, as the expressions of declared rules see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from rule_runs import judge, schema
from schemactl import declared, lint, tools
from schemactl.errors import ConfigError, ToolError
from schemactl.extensions import Extensions
from schemactl.finding import Finding
from schemactl.judged import Judged
from schemactl.protoc import _argv
from schemactl.schema import schema as private
from trees import proto, report, schemactl, write

OPTIONS = """syntax = "proto3";
package acme.v1;
import "google/protobuf/descriptor.proto";
enum Tier { TIER_UNSPECIFIED = 0; TIER_GOLD = 1; }
message Meta {
  string team = 1;
  repeated Tier tiers = 2;
  map<string, int32> limits = 3;
  Meta inner = 4;
  optional int32 level = 5;
  uint64 big = 6;
  bytes raw = 7;
  double share = 8;
}
extend google.protobuf.FileOptions { bool generated = 50001; }
extend google.protobuf.MessageOptions { string audience = 50001; }
extend google.protobuf.FieldOptions {
  string owner = 50001;
  repeated string tags = 50002;
  Tier tier = 50003;
  Meta meta = 50004;
}
extend google.protobuf.EnumOptions { string owner_of_enum = 50001; }
extend google.protobuf.EnumValueOptions { string since = 50001; }
extend google.protobuf.OneofOptions { int32 most = 50001; }
extend google.protobuf.ServiceOptions { string host = 50001; }
extend google.protobuf.MethodOptions { string scope = 50001; }
message Holder { extend google.protobuf.FieldOptions { sint64 nested = 50005; } }
"""
USER = """syntax = "proto3";
package acme.users.v1;
import "acme/v1/options.proto";
import "schemactl/v1/options.proto";
option (acme.v1.generated) = true;
message User {
  option (acme.v1.audience) = "internal";
  string id = 1 [(acme.v1.owner) = "team-users", (acme.v1.tags) = "a", (acme.v1.tags) = "b", (acme.v1.tier) = TIER_GOLD,
    (acme.v1.Holder.nested) = -7, deprecated = true, (schemactl.v1.field).unit = UNIT_UNIX_MILLIS];
  string name = 2 [(acme.v1.meta) = {
    team: "x" tiers: [TIER_GOLD, TIER_UNSPECIFIED] limits: {key: "a" value: 1} inner {level: 3} 
    big: 18446744073709551615 raw: "\\001" share: 0.5
  }];
  oneof kind { option (acme.v1.most) = 3; string a = 3; }
}
enum Plan {
  option (acme.v1.owner_of_enum) = "us";
  PLAN_UNSPECIFIED = 0 [(acme.v1.since) = "v1"];
}
service Users {
  option (acme.v1.host) = "users";
  rpc Get(User) returns (User) { option (acme.v1.scope) = "read"; }
}
"""
PATH, OWN = "acme/users/v1/user.proto", "acme/v1/options.proto"


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return schema({OWN: OPTIONS, PATH: USER}, tmp_path_factory.mktemp("users"))


def pack(target: str, require: str, when: str = "true", more: str = "") -> str:
    texts = {"require": require, "when": when, "message": "'no'"}
    lines = "".join(f"    {key}: {json.dumps(text)}\n" for key, text in texts.items())
    return (
        "name: mine\nrules:\n  - id: MY_RULE\n    title: T\n    why: W.\n    bad: B\n    good: G\n"
        f"    target: {target}\n{lines}{more}"
    )


def findings(done: Judged, target: str, require: str, when: str = "true") -> list[Finding]:
    return judge(done, declared.load(pack(target, require, when).encode(), "mine.yaml"))


def holds(done: Judged, target: str, expression: str) -> list[str]:
    """The elements for which the expression is true."""
    return [str(finding.element) for finding in findings(done, target, f"!({expression})")]


USERS = "acme.users.v1."


@pytest.mark.parametrize(
    ("target", "expression", "elements"),
    [
        ("file", "option('acme.v1.generated') == true", ["acme.users.v1"]),
        ("message", "option('acme.v1.audience') == 'internal'", ["User"]),
        ("field", "option('acme.v1.owner') == 'team-users'", ["User.id"]),
        ("field", "option('acme.v1.owner') == null", ["User.name", "User.a"]),
        ("enum", 'option("acme.v1.owner_of_enum") == "us"', ["Plan"]),
        ("enum_value", "option('acme.v1.since') == 'v1'", ["Plan.PLAN_UNSPECIFIED"]),
        ("oneof", "option('acme.v1.most') == 3", ["User.kind"]),
        ("service", "option('acme.v1.host') == 'users'", ["Users"]),
        ("method", "option('acme.v1.scope') == 'read'", ["Users.Get"]),
        ("field", "parent_option('acme.v1.audience') == 'internal' && field.number == 1", ["User.id"]),
        ("method", "parent_option('acme.v1.host') == 'users'", ["Users.Get"]),
        ("service", "parent_option('acme.v1.generated')", ["Users"]),
        ("message", "parent_option('acme.v1.audience') == null", ["User"]),
        ("enum_value", "file_option('acme.v1.generated') == true", ["Plan.PLAN_UNSPECIFIED"]),
        ("field", "option('acme.v1.tags') == ['a', 'b']", ["User.id"]),
        ("field", "option('acme.v1.tier') == 'TIER_GOLD'", ["User.id"]),
        ("field", "option('acme.v1.Holder.nested') == -7", ["User.id"]),
        ("field", "option('schemactl.v1.field') != null && option('schemactl.v1.field').unit == 'UNIT_UNIX_MILLIS'",
         ["User.id"]),
        ("field", "field.options.deprecated", ["User.id"]),
        ("field", "option('other.v1.unheard_of') != null", []),
        ("field", "option({'a': 'x'}[field.name]) == 'team-users' || field.number > 0 && false", None),
        ("field", "option('acme.v1.' + 'owner') == 'team-users'", ["User.id"]),
    ],
)  # fmt: skip
def test_an_option_is_asked_for_by_its_name(
    target: str, expression: str, elements: list[str] | None, users: Judged
) -> None:
    if elements is None:
        with pytest.raises(ToolError, match="MY_RULE failed on"):
            holds(users, target, expression)
        return
    expected = [each if target == "file" else f"{USERS}{each}" for each in elements]
    assert [each for each in holds(users, target, expression) if each.startswith(USERS[:-1])] == expected


@pytest.mark.parametrize(
    "expression",
    [
        "meta.team == 'x'",
        "meta.tiers == ['TIER_GOLD', 'TIER_UNSPECIFIED']",
        "meta.limits == {'a': 1}",
        "meta.inner.level == 3 && meta.inner.inner == null && meta.inner.team == '' && meta.inner.tiers == []",
        "meta.level == null && has(meta.level) && !has(meta.levl)",
        "meta.big == 18446744073709551615u",
        "meta.raw == b'\\001' && meta.share == 0.5",
    ],
)
def test_a_message_is_a_map_by_the_names_of_its_fields(expression: str, users: Judged) -> None:
    text = expression.replace("meta", "option('acme.v1.meta')")
    assert holds(users, "field", f"field.name == 'name' && {text}") == ["acme.users.v1.User.name"]


def test_an_option_may_come_through_a_public_import(tmp_path: Path) -> None:
    hub = proto("", package="hub.v1") + f'import public "{OWN}";\n'
    through = proto('message Through { string id = 1 [(acme.v1.owner) = "o"]; }', "hub.proto", package="through.v1")
    done = schema({OWN: OPTIONS, "hub.proto": hub, "through.proto": through}, tmp_path)
    assert holds(done, "field", "option('acme.v1.owner') == 'o'") == ["through.v1.Through.id"]


def test_a_file_sees_the_options_that_it_imports_and_no_others() -> None:
    """In descriptor sets, two packages may use one number."""
    descriptors = {"google/protobuf/descriptor.proto": descriptor_pb2.DESCRIPTOR.serialized_pb}
    for name in ("one", "other"):
        file = descriptor(name)
        user = private().FileDescriptorProto(name=f"of_{name}.proto", dependency=[f"{name}.proto"])
        through = private().FileDescriptorProto(name=f"far_{name}.proto", dependency=[user.name])
        descriptors |= {each.name: each.SerializeToString() for each in (file, user, through)}
    options = private().message("google.protobuf.FieldOptions").FromString(b"\x8a\xb5\x18\x01x")
    extensions = Extensions(descriptors)
    assert extensions.value("of_one.proto", "one.owner", options) == "x"
    assert extensions.value("of_other.proto", "other.owner", options) == "x"
    assert extensions.value("of_other.proto", "one.owner", options) is None
    assert extensions.value("far_one.proto", "one.owner", options) is None


def descriptor(package: str, *imports: str) -> Any:
    names = ("google/protobuf/descriptor.proto", *imports)
    file = private().FileDescriptorProto(name=f"{package}.proto", package=package, dependency=names)
    file.extension.add(name="owner", number=50001, label=1, type=9, extendee=".google.protobuf.FieldOptions")
    return file


def test_our_number_in_other_hands_is_read_by_their_name(tmp_path: Path) -> None:
    """Where our options are not used, 51374 may be anybody's: reading it as ours would fail."""
    theirs = """syntax = "proto2"; package theirs.v1; import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { optional string note = 51374; }
extend google.protobuf.MessageOptions { optional string audience = 50001; }"""
    body = 'message A { option (theirs.v1.audience) = "x"; string id = 1 [(theirs.v1.note) = "n"]; message B {} }'
    files = {"theirs.proto": theirs, "a.proto": proto(body, "theirs.proto", package="a.v1")}
    done = schema(files, tmp_path)
    assert holds(done, "field", "option('theirs.v1.note') == 'n'") == ["a.v1.A.id"]
    assert holds(done, "message", "option('theirs.v1.audience') == 'x'") == ["a.v1.A"]
    assert holds(done, "message", "parent_option('theirs.v1.audience') == 'x'") == ["a.v1.A.B"]


def test_an_option_of_another_kind_of_element_is_no_verdict(users: Judged) -> None:
    """And no `||` makes one of it."""
    with pytest.raises(ToolError) as error:
        findings(users, "message", "option('acme.v1.owner') == 'x' || true")
    assert error.value.message == (
        "rule MY_RULE failed on acme.users.v1.User: mine.yaml:9:5: `require`: "
        "`acme.v1.owner` is an option of fields, not of messages"
    )


@pytest.mark.parametrize(
    ("target", "expression", "said"),
    [
        ("message", "option('acme.v1.owner') == null", "a.v1.A: mine.yaml:9:5: `require`: `acme.v1.owner` is an"),
        ("message", "parent_option('acme.v1.owner') == null", "is an option of fields, not of messages"),
        ("field", "file_option('acme.v1.audience') == null", "is an option of messages, not of files"),
    ],
)  # fmt: skip
def test_where_no_option_is_set_one_of_another_kind_is_told_too(
    target: str, expression: str, said: str, tmp_path: Path
) -> None:
    done = schema({OWN: OPTIONS, "a.proto": proto("message A { string id = 1; }", OWN, package="a.v1")}, tmp_path)
    (file,) = (file for file in done.schema.image(()).files() if file.path == "a.proto")
    rules = declared.load(pack(target, expression).encode(), "mine.yaml")
    with pytest.raises(ToolError) as error:
        lint.judge_file(file, rules)
    assert said in error.value.message


@pytest.mark.parametrize(
    ("target", "expression", "said"),
    [
        ("field", "option('deprecated') == true", "`deprecated` is a built-in option: write `field.options"),
        ("field", "parent_option('deprecated') == true", "write `parent.options.deprecated`"),
        ("field", "file_option('go_package') == ''", "write `file.options.go_package`"),
        ("field", "option('(acme.v1.owner)') == ''",
         "`(acme.v1.owner)` should be the full name of an option: write `acme.v1.owner`"),
        ("field", "option('acme v1') == ''", "`acme v1` should be the full name of an option, like `acme.v1.owner`"),
        ("field", "option('schemactl.v1.topic') == null",
         "`schemactl.v1.topic` is an option of messages, not of fields"),
        ("message", "file_option('schemactl.v1.field') == null",
         "`schemactl.v1.field` is an option of fields, not of files"),
        ("package", "option('acme.v1.owner') == ''", "`option` is not there where the target is `package`"),
        ("file", "parent_option('acme.v1.owner') == ''", "`parent_option` is not there where the target is `file`"),
    ],
)  # fmt: skip
def test_a_name_that_no_custom_option_can_have_is_a_mistake(target: str, expression: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        declared.load(pack(target, expression).encode(), "mine.yaml")
    assert said in error.value.message


def test_what_looks_like_an_option_in_a_text_is_none() -> None:
    text = pack("field", """field.name != "option('(x)')" // option('(y)')""")
    (rule,) = declared.load(text.encode(), "mine.yaml")
    assert rule.options == ()


def test_values_out_of_proportion_are_no_verdict(tmp_path: Path) -> None:
    """Of a few bytes in the file each: a message of many fields, repeated."""
    fields = " ".join(f"string f{n} = {n};" for n in range(1, 1001))
    options = f"""syntax = "proto3"; package acme.v1; import "google/protobuf/descriptor.proto";
message Wide {{ {fields} }} message Many {{ repeated Wide wide = 1; }}
extend google.protobuf.FieldOptions {{ Many many = 50001; }}"""
    user = proto(
        f"message A {{ string id = 1 [(acme.v1.many) = {{wide: [{', '.join(['{}'] * 20)}]}}]; }}", OWN, package="a.v1"
    )
    done = schema({OWN: options, "a.proto": user}, tmp_path)
    with pytest.raises(ToolError, match=r"option `acme\.v1\.many` holds more than 10,000 values"):
        findings(done, "field", "option('acme.v1.many') == null")


def test_descriptors_that_do_not_go_together_are_no_verdict() -> None:
    file = descriptor("one", "gone.proto")
    options = private().message("google.protobuf.FieldOptions")(deprecated=True)
    with pytest.raises(ToolError) as error:
        Extensions({"one.proto": file.SerializeToString()}).value("one.proto", "one.owner", options)
    assert error.value.message.startswith("option `one.owner` of `one.proto` cannot be read: `g")
    assert error.value.message.endswith(" is not there")


def test_an_import_that_is_missing_is_no_verdict() -> None:
    """A descriptor set may lack those that only options need."""
    file = private().FileDescriptorProto(name="user.proto", option_dependency=["acme/v1/options.proto"])
    options = private().message("google.protobuf.FieldOptions")()
    with pytest.raises(ToolError, match=r"`acme/v1/options\.proto`, which it imports, is not there"):
        Extensions({"user.proto": file.SerializeToString()}).value("user.proto", "acme.v1.owner", options)


CONFIG = "packs: [mine.yaml]\nlint: {use: [MY_RULE]}\n"
RULE = pack("field", "option('acme.v1.owner') != null", "parent.name == 'User'")


def test_a_run_reads_options_and_keeps_what_it_found(tmp_path: Path) -> None:
    """The extension's number changes in a file that the user imports: what was kept is of no use."""
    files = {"schemactl.yaml": CONFIG, "mine.yaml": RULE, OWN: OPTIONS, PATH: USER}
    root = write(tmp_path, files)
    wanted = ["acme.users.v1.User.name", "acme.users.v1.User.a"]
    for _ in range(2):
        assert [each["element"] for each in report(root)[1]["findings"]] == wanted
    write(root, {OWN: OPTIONS.replace("string owner =", "string owners ="), "mine.yaml": pack("field", "true")})
    write(root, {PATH: USER.replace("acme.v1.owner)", "acme.v1.owners)")})
    assert report(root)[1]["findings"] == []
    write(root, {"mine.yaml": RULE})
    done = schemactl("lint", "-C", root)
    assert done.code == 2
    assert "rule MY_RULE: no file declares the option `acme.v1.owner`; did you mean `acme.v1.owners`?" in done.err


def test_what_is_no_slip_is_an_option_that_is_not_set(tmp_path: Path) -> None:
    """A pack may ask for what a repository does not have; a type of nearly that name changes nothing."""
    rule = pack("field", "option // where it is\n ('acme.v1.tierr') == null && option('acme.v1.mete') == null")
    options = OPTIONS.replace("Tier tier = 50003", "Tier kind = 50003").replace("enum Tier {", "enum Tierr {")
    options = options.replace("Tier kind", "Tierr kind").replace("Tier tiers", "Tierr tiers")
    options = options.replace("Meta meta = 50004", "Meta data = 50004")
    root = write(tmp_path, {"schemactl.yaml": CONFIG, "mine.yaml": rule, OWN: options})
    assert report(root)[1]["findings"] == []


def test_an_image_says_the_same(tmp_path: Path) -> None:
    files = {"schemactl.yaml": CONFIG, "mine.yaml": RULE, OWN: OPTIONS, PATH: USER}
    root = write(tmp_path, files)
    own = Path("schemactl/protos").resolve()
    words = (
        "protoc",
        f"-I{root}",
        f"-I{own}",
        "--include_imports",
        "--include_source_info",
        f"-o{root}/all.binpb",
        PATH,
    )
    code = "import sys; from grpc_tools import protoc; sys.exit(protoc.main(sys.argv[1:]))"
    include = Path(_argv()[-1], "grpc_tools/_proto")
    tools.run((_argv()[0], "-c", code, *words, f"-I{include}"))
    found = report(root, "--image", str(root / "all.binpb"))[1]["findings"]
    assert [each["element"] for each in found] == ["acme.users.v1.User.name", "acme.users.v1.User.a"]


def test_a_rule_on_events_reads_options_too(tmp_path: Path) -> None:
    """Events are judged in an image of the files they are made of, not where each file is compiled."""
    event = proto("message UserEnvelope { acme.users.v1.User payload = 4; }", PATH, OWN, package="acme.users.v1")
    rule = pack("message", "option('acme.v1.audience') != null", more="    scope: events\n")
    files = {"schemactl.yaml": CONFIG, "mine.yaml": rule, OWN: OPTIONS, PATH: USER, "event.proto": event}
    root = write(tmp_path, files)
    assert [each["element"] for each in report(root)[1]["findings"]] == ["acme.users.v1.UserEnvelope"]
    text = event.replace("{ acme", '{ option (acme.v1.audience) = "x"; acme')
    write(root, {"event.proto": text})
    assert report(root)[1]["findings"] == []


@pytest.mark.parametrize("depth", [60, 95])
def test_values_may_be_nested_as_deep_as_protobuf_lets_them(depth: int, tmp_path: Path) -> None:
    value = "{inner " * depth + '{team: "x"}' + "}" * depth
    user = proto(f"message A {{ string id = 1 [(acme.v1.meta) = {value}]; }}", OWN, package="a.v1")
    done = schema({OWN: OPTIONS, "a.proto": user}, tmp_path)
    text = "option('acme.v1.meta').inner.inner.team == ''"
    assert holds(done, "field", f"field.name == 'id' && {text}") == ["a.v1.A.id"]


def test_what_an_option_means_may_change_where_it_is_declared(tmp_path: Path) -> None:
    """What uses it is byte for byte what was judged before, behind two imports."""
    hub, far = "hub.proto", "far.proto"
    files = {
        "schemactl.yaml": CONFIG,
        "mine.yaml": pack("field", "option('acme.v1.meta').level == null", "option('acme.v1.meta') != null"),
        OWN: OPTIONS,
        hub: proto("", package="hub.v1") + f'import public "{OWN}";\n',
        far: proto('message Far { string id = 1 [(acme.v1.meta).team = "x"]; }', hub, package="far.v1"),
    }
    root = write(tmp_path, files)
    for level, elements in (("optional int32", []), ("int32", ["far.v1.Far.id"]), ("optional int32", [])):
        write(root, {OWN: OPTIONS.replace("optional int32", level)})
        assert [each["element"] for each in report(root)[1]["findings"]] == elements
