"""Python code: that it can be imported, says what the schema says, and is nothing that a comment made it."""

from __future__ import annotations

import ast
import keyword
import re
from importlib import metadata
from pathlib import Path
from random import Random

import pytest
from google.protobuf.descriptor_pb2 import SourceCodeInfo
from hypothesis import given
from hypothesis import strategies as st

from python_code import code, compiled, product, run
from schemactl.errors import ConfigError, ToolError
from schemactl.generate import comments, floors, generator, wire
from schemactl.generate.bare import Bare
from schemactl.generate.refused import Refused
from schemactl.product import Plan, Provider

USERS = """syntax = "proto3";
package acme.users.v1;
message User { string name = 1; optional int32 age = 2; }
"""
SERVICE = """syntax = "proto3";
package acme.users.v1;
import "acme/users/v1/user.proto";
%s
service Users {
  %s
  rpc Get(User) returns (User); %s
}
"""
FILES = {"acme/users/v1/user.proto": USERS, "acme/users/v1/users.proto": SERVICE % ("// Serves users.", "// Gets.", "")}
HOSTILE = [
    '"""\nimport os; os.abort()\n"""',
    '""" + os.abort() + """',
    "\\N",
    "\\",
    '"',
    '\\"""',
    "\\\\\\",
    "$service$ $$ {0} %s",
    "*/ \r\n \u2028 \u202e",
]


def written(text: str) -> str:
    """A comment in lines."""
    return "".join(f"//{line}\n" for line in text.replace("\r", "\n").split("\n"))


def without_docstrings(source: bytes) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def docstrings(source: bytes) -> dict[str, str]:
    classes = (each for each in ast.parse(source).body if isinstance(each, ast.ClassDef))
    return {each.name: ast.get_docstring(each, clean=False) or "" for each in classes}


def test_modules_stubs_and_markers_and_grpc_only_for_services(tmp_path: Path) -> None:
    made = code(tmp_path, compiled(tmp_path, FILES), product(*FILES))
    assert sorted(made) == [
        "acme/users/v1/py.typed",
        "acme/users/v1/user_pb2.py",
        "acme/users/v1/user_pb2.pyi",
        "acme/users/v1/users_pb2.py",
        "acme/users/v1/users_pb2.pyi",
        "acme/users/v1/users_pb2_grpc.py",
    ]
    assert docstrings(made["acme/users/v1/users_pb2_grpc.py"])["UsersStub"].strip() == "Serves users."


def test_a_file_at_the_top_brings_no_marker_for_everybody(tmp_path: Path) -> None:
    assert sorted(code(tmp_path, compiled(tmp_path, {"a.proto": USERS}), product("a.proto"))) == [
        "a_pb2.py",
        "a_pb2.pyi",
    ]


def test_names_of_files_that_are_none_of_python_and_editions_work(tmp_path: Path) -> None:
    files = {
        "top.proto": 'edition = "2023"; import "acme/a-b/c.d.proto"; import "acme/n.proto"; message T {acme.M m = 1;}',
        "acme/a-b/c.d.proto": 'syntax = "proto2"; package acme; message M { optional string s = 1; }',
        "acme/n.proto": 'edition = "2024"; package acme; message N {} service S { rpc R(N) returns (N); }',
    }
    made = code(tmp_path, compiled(tmp_path / "in", files), product(*files))
    program = """import top_pb2, acme.n_pb2_grpc
from acme.a_b.c.d_pb2 import M
print(top_pb2.T(m=M(s="x")).SerializeToString(), top_pb2.DESCRIPTOR.name, M.DESCRIPTOR.file.name)"""
    assert run(tmp_path / "out", made, program) == "b'\\n\\x03\\n\\x01x' top.proto acme/a-b/c.d.proto\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_comment_runs_when_a_module_is_imported(tmp_path: Path, text: str) -> None:
    files = FILES | {"acme/users/v1/users.proto": SERVICE % (written(text), written(text), "// " + text.split("\n")[0])}
    harmless = code(tmp_path, compiled(tmp_path / "a", FILES), product(*FILES))
    made = code(tmp_path, compiled(tmp_path / "b", files), product(*files))
    path = "acme/users/v1/users_pb2_grpc.py"
    assert without_docstrings(made[path]) == without_docstrings(harmless[path])


@given(st.text(st.sampled_from("\"\\N\nx{}$% \t#'é\r\u2028")))
def test_a_docstring_is_the_comment_and_ends_where_it_ends(text: str) -> None:
    info = SourceCodeInfo()
    info.location.add(path=[6, 0], leading_comments=text)
    (made,) = SourceCodeInfo.FromString(comments.docstrings(comments.harmless(info.SerializeToString()))).location
    assert ast.literal_eval(f'"""{made.leading_comments}\n"""') == comments.spaced(text) + "\n"


def test_many_comments_read_in_the_code_as_they_were_written(tmp_path: Path) -> None:
    random = Random(6)
    texts = ["x" + "".join(random.choices("\"\\N\nx{}$%\t#'é\u2028", k=8)) for _ in range(200)]
    services = (f"{written(each)}service S{n} {{ rpc R(User) returns (User); }}\n" for n, each in enumerate(texts))
    schema = compiled(tmp_path, {"a.proto": USERS + "".join(services)})
    found = docstrings(code(tmp_path, schema, product("a.proto"))["a_pb2_grpc.py"])
    for number, text in enumerate(texts):
        expected = [line.strip(" ") for line in comments.spaced(text).split("\n")]
        assert [line.strip(" ") for line in found[f"S{number}Stub"].split("\n")][: len(expected)] == expected


def test_a_stub_leaves_out_what_only_getattr_reaches(tmp_path: Path) -> None:
    text = """syntax = "proto2"; package acme;
enum Kind { None = 0; FINE = 1; }
message Holder {
  enum Inner { def = 0; GOOD = 1; }
  message class { optional int32 deep = 1; message Under { optional int32 deeper = 1; } }
  optional int32 import = 1;
  optional class lambda = 2;
  optional class kept = 3;
  optional class.Under under = 4;
  extensions 100 to 200;
}
extend Holder { optional int32 while = 100; optional int32 until = 101; }
"""
    made = code(tmp_path, compiled(tmp_path, {"acme/a.proto": text}), product("acme/a.proto"))
    stub = made["acme/a_pb2.pyi"].decode()
    names = {
        node.target.id
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert {"FINE", "GOOD", "kept", "until", "under"} <= names
    assert not names & {*keyword.kwlist, "deep", "deeper"}
    program = (
        "from acme.a_pb2 import Holder; print(Holder(**{'import': 3}), getattr(Holder, 'class').DESCRIPTOR.full_name)"
    )
    assert run(tmp_path / "out", made, program) == "import: 3\n acme.Holder.class\n"


def test_every_keyword_as_any_name_gives_a_stub_that_parses(tmp_path: Path) -> None:
    files = {
        f"acme/f{number}.proto": f"""syntax = "proto2"; package p{number};
message A {{ optional string {word} = 1; message B {{ message {word} {{ message C {{}} }} optional {word}.C c = 2; }} }}
message D {{ enum {word} {{ X = 0; }} optional {word} x = 1; oneof one {{ {word} y = 2; }} map<string, {word}> m = 3; }}
enum E {{ {word} = 0; }} message F {{ enum G {{ {word} = 0; }} repeated G g = 1; }}
"""
        for number, word in enumerate(keyword.kwlist)
    }
    made = code(tmp_path, compiled(tmp_path, files), product(*files))
    for path in made:
        if path.endswith((".py", ".pyi")):
            compile(made[path], path, "exec", dont_inherit=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("message M {} service S { rpc None(M) returns (M); }", "None"),
        ("message M {} service return { rpc Get(M) returns (M); }", "return"),
        ("message import {} message M {} service S { rpc Get(M) returns (import); }", "import"),
    ],
)
def test_what_grpc_has_to_spell_and_python_cannot_is_refused(tmp_path: Path, text: str, name: str) -> None:
    schema = compiled(tmp_path, {"acme/a.proto": f'syntax = "proto3"; {text}'})
    with pytest.raises(Refused) as refused:
        code(tmp_path, schema, product("acme/a.proto"))
    (finding,) = refused.value.findings
    assert finding.rule == "PYTHON_PATH"
    assert finding.message.startswith(f"`acme/a.proto` gives no Python code: `{name}` is a word of Python itself")
    assert finding.help == f"rename `{name}`"


def test_files_that_share_a_module_are_an_error_that_names_it(tmp_path: Path) -> None:
    files = {"a-b.proto": 'syntax = "proto3"; package a;', "a_b.proto": 'syntax = "proto3"; package b;'}
    with pytest.raises(ToolError, match="a_b_pb2"):
        code(tmp_path, compiled(tmp_path, files), product(*files))


def test_many_files_are_as_few(tmp_path: Path) -> None:
    files = {f"acme/f{n}.proto": f'syntax = "proto3"; package acme.f{n}; message M {{}}' for n in range(17)}
    schema = compiled(tmp_path, files)
    together = code(tmp_path, schema, product(*files))
    alone = {k: v for name in files for k, v in code(tmp_path, schema, product(name)).items()}
    assert together == alone


def test_the_code_says_what_it_requires(tmp_path: Path) -> None:
    made = code(tmp_path, compiled(tmp_path, FILES), product(*FILES))
    grpc, protobuf = floors.requirements(made)
    assert grpc == f"grpcio>={metadata.version('grpcio-tools')},<2"
    assert re.fullmatch(r"protobuf>=7\.\d+\.\d+,<9", protobuf)
    assert floors.python_versions(made) == ">=3.10"
    without = {path: content for path, content in made.items() if not path.endswith("_grpc.py")}
    assert floors.requirements(without) == (protobuf,)


@pytest.mark.parametrize(
    ("code", "requirement", "python"),
    [
        ("# Protobuf Python Version: 4.25.1\n", "protobuf>=4.25.1,<6", ">=3.8"),
        ("from google.protobuf import descriptor\n", "protobuf>=4.25,<6", ">=3.8"),
        (
            "# Protobuf Python Version: 1.2.3\n_runtime_version.ValidateProtobufRuntimeVersion(X, 6, 31, 1, '', 'a')",
            "protobuf>=6.31.1,<8",
            ">=3.9",
        ),
    ],
)
def test_older_code_requires_what_it_was_made_for(code: str, requirement: str, python: str) -> None:
    assert floors.requirements({"a_pb2.py": code.encode()}) == (requirement,)
    assert floors.python_versions({"a_pb2.py": code.encode()}) == python


def test_code_of_two_generators_is_refused() -> None:
    call = "_runtime_version.ValidateProtobufRuntimeVersion(X, %s, 31, 1, '', 'a.proto')\n"
    files = {"a_pb2.py": (call % 6).encode(), "b_pb2.py": (call % 7).encode()}
    with pytest.raises(ToolError, match=r"`a_pb2.py` requires protobuf 6.31.1, and `b_pb2.py` 7.31.1"):
        floors.requirements(files)


def test_what_files_import_is_required_of_those_who_provide_it() -> None:
    imports = {
        "a.proto": ["google/api/http.proto", "google/protobuf/any.proto", "o/a.proto"],
        "b.proto": ["o/b.proto", "o/d.proto"],
    }
    descriptors = {name: b"".join(wire.embedded(3, each.encode()) for each in found) for name, found in imports.items()}
    providers = {
        "google/api/http.proto": Provider("googleapis-common-protos>=1.76,<2"),
        "google/protobuf/any.proto": Provider("protobuf"),
        "o/a.proto": Provider("Acme_Others>=1"),
        "o/b.proto": Provider("acme-others[grpc]<3"),
        "o/d.proto": Provider("acme-others==1; python_version < '3.12'"),
        "o/c.proto": Provider("not-imported"),
    }
    descriptors = dict.fromkeys(providers, b"") | descriptors
    own = product("a.proto", "b.proto")
    assert floors.third_party(Plan((own,), providers), own, Bare(descriptors, {})) == (
        "Acme_Others[grpc]<3,>=1",
        'acme-others==1; python_version < "3.12"',
        "googleapis-common-protos<2,>=1.76",
    )


def test_the_installed_generator_is_known_by_version_and_checksum() -> None:
    found = generator.installed()
    assert found.version == metadata.version("grpcio-tools")
    assert len(found.digest) == 64


def test_a_version_that_is_none_reaches_no_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a version"):
        generator.pinned("../../x", tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_index_out_of_reach_is_said_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ToolError, match=r"grpcio-tools 1.80.1 could not be installed") as failed:
        generator.pinned("1.80.1", tmp_path)
    assert "generator" in failed.value.hint
    assert not list((tmp_path / "generators").iterdir())


@pytest.mark.slow
def test_an_older_generator_makes_code_for_older_runtimes(tmp_path: Path) -> None:
    try:
        older = generator.pinned("1.80.1", tmp_path)
    except ToolError as error:
        pytest.skip(f"the package index is needed: {error.message}")
    schema = compiled(tmp_path / "in", FILES)
    made = code(tmp_path, schema, product(*FILES, root="acme.sdk"), made_by=older)
    assert floors.requirements(made) == ("grpcio>=1.80.1,<2", "protobuf>=6.31.1,<8")
    program = "from acme.sdk.acme.users.v1 import users_pb2_grpc, user_pb2; print(user_pb2.User(name='x'))"
    assert run(tmp_path / "out", made, program) == 'name: "x"\n\n'
    compiler = next(older.site.glob("grpc_tools/_protoc_compiler*"))
    compiler.chmod(0o600)
    compiler.write_bytes(b"something else")
    with pytest.raises(ToolError, match=r"is not the grpcio-tools 1.80.1 that was installed there"):
        generator.pinned("1.80.1", tmp_path)
