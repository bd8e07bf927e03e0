"""Modules below a root: every import of each other leads there, and nothing else has moved."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from python_code import code, compiled, image, product, run, write
from schemactl.errors import ToolError
from schemactl.generate.reroot import Moves

FILES = {
    "acme/base.proto": 'syntax = "proto3"; package acme; message Base { string id = 1; }',
    "acme/hub.proto": 'syntax = "proto3"; package acme; import public "acme/base.proto"; message Hub {Base base = 1;}',
    "acme/user.proto": """syntax = "proto3"; package acme;
import "acme/hub.proto"; import "top.proto"; import "google/protobuf/timestamp.proto";
message User { Base base = 1; Hub hub = 2; tops.Top top = 3; google.protobuf.Timestamp at = 4; }
service Users { rpc Get(User) returns (tops.Top); rpc When(Base) returns (google.protobuf.Timestamp); }
""",
    "import/class.proto": 'syntax = "proto3"; package words; import "top.proto"; message Word { tops.Top top = 1; }',
    "acme/words.proto": 'syntax = "proto3"; package acme; import "import/class.proto"; message W { words.Word w = 1; }',
    "top.proto": 'syntax = "proto3"; package tops; message Top { string a = 1; }',
}
OTHERS = {
    "others/o.proto": 'syntax = "proto3"; package others; import "acme/user.proto"; import "plain/p.proto"; '
    "message O { acme.User user = 1; plain.P p = 2; } service S { rpc R(plain.P) returns (acme.User); }",
    "plain/p.proto": 'syntax = "proto3"; package plain; message P { string a = 1; }',
}
EVERYTHING = """
from importlib import import_module
import sdk.events.top_pb2
from sdk.events.acme import user_pb2, user_pb2_grpc, hub_pb2, words_pb2
word = import_module("sdk.events.import.class_pb2")
user = user_pb2.User(hub=hub_pb2.Hub(base=hub_pb2.Base(id="x")), top=sdk.events.top_pb2.Top(a="y"))
print(user_pb2.User.FromString(user.SerializeToString()) == user, words_pb2.W(w=word.Word()).HasField("w"))
print(user_pb2.DESCRIPTOR.name, user_pb2.User.__module__, user_pb2_grpc.Users.__module__)
"""


def test_modules_below_a_root_find_each_other(tmp_path: Path) -> None:
    made = code(tmp_path, compiled(tmp_path / "in", FILES), product(*FILES, root="sdk.events"))
    assert {path.split("/")[:2] == ["sdk", "events"] for path in made} == {True}
    assert {"sdk/events/py.typed", "sdk/events/acme/py.typed"} <= made.keys()
    assert run(tmp_path / "out", made, EVERYTHING).splitlines() == [
        "True True",
        "acme/user.proto sdk.events.acme.user_pb2 sdk.events.acme.user_pb2_grpc",
    ]


def test_only_names_of_modules_differ_from_code_that_stays_where_it_is(tmp_path: Path) -> None:
    schema = compiled(tmp_path, FILES)
    made = code(tmp_path, schema, product(*FILES, root="sdk.events"))
    stayed = code(tmp_path, schema, product(*FILES))
    for path, content in stayed.items():
        assert made[f"sdk/events/{path}"].replace(b"sdk.events.", b"") == content


def test_what_others_provide_and_what_has_no_root_stays(tmp_path: Path) -> None:
    first = product(*FILES, root="sdk.events")
    others = product("others/o.proto", root="elsewhere", name="others")
    plain = product("plain/p.proto", name="plain")
    made = code(tmp_path, compiled(tmp_path / "in", FILES | OTHERS), first, others, plain)
    text = made["elsewhere/others/o_pb2.py"].decode()
    assert "from sdk.events.acme import user_pb2 as" in text
    assert "from plain import p_pb2 as" in text
    assert b"from google.protobuf import timestamp_pb2" in made["sdk/events/acme/user_pb2_grpc.py"]
    program = "from elsewhere.others import o_pb2, o_pb2_grpc; print(o_pb2.O(p={'a': 'b'}))"
    assert run(tmp_path / "out", made, program) == 'p {\n  a: "b"\n}\n\n'


def test_a_product_without_a_root_follows_those_that_have_one(tmp_path: Path) -> None:
    schema = compiled(tmp_path, FILES | OTHERS)
    made = code(tmp_path, schema, product(*OTHERS, name="others"), product(*FILES, root="sdk"))
    for path in ("others/o_pb2.py", "others/o_pb2.pyi", "others/o_pb2_grpc.py"):
        assert b"from sdk.acme import user_pb2 as" in made[path]
    assert b"BuildTopDescriptorsAndMessages(DESCRIPTOR, 'others.o_pb2', _globals)" in made["others/o_pb2.py"]


def test_files_that_stand_below_their_root_are_left_alone(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name in ("acme/base.proto", "acme/hub.proto")}
    schema = compiled(tmp_path, files)
    assert code(tmp_path, schema, product(*files, root="acme")) == code(tmp_path, schema, product(*files))


def test_stubs_below_a_root_type_check(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if "words" not in text}
    made = code(tmp_path, compiled(tmp_path / "in", files), product(*files, root="sdk"))
    program = b"from sdk.acme.user_pb2 import User\nfrom sdk.acme.hub_pb2 import Base\nUser(base=Base(id=''), top=1)\n"
    run(tmp_path / "out", {**made, "use.py": program}, "")
    options = ("--config-file=", "--no-incremental", "--follow-untyped-imports", "--explicit-package-bases", "use.py")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stdout.splitlines() if "error:" in line and "google.protobuf" not in line]
    (said,) = (line for line in ours if "_timestamp_pb2" not in line)
    assert said.startswith('use.py:3: error: Argument "top" to "User" has incompatible type "int"; expected "Top |')


HEAD = "from google.protobuf import descriptor as _descriptor\n"
TAIL = "\nDESCRIPTOR = 1\n_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'a.b_pb2', _globals)\n"
IMPORTS = Counter({"a.c_pb2": 1, "others_pb2": 1})


@pytest.mark.parametrize(
    "text",
    [
        HEAD + TAIL,
        HEAD + "from a import c_pb2 as x\nfrom a import c_pb2 as y\n" + TAIL,
        HEAD + "from a import c_pb2 as x, d_pb2 as y\n" + TAIL,
        HEAD + "from a.c_pb2 import *\n" + TAIL,
        HEAD + "from  a import c_pb2 as x\n" + TAIL,
        HEAD + "import a.c_pb2\n" + TAIL,
        HEAD + "import importlib\nx = importlib.import_module('a.' + 'c_pb2')\n" + TAIL,
        HEAD + "from a import c_pb2 as x\n" + TAIL.replace("a.b_pb2", "a.other_pb2"),
        HEAD + "from a import c_pb2 as x\n" + TAIL + TAIL[15:],
        HEAD + "from a import c_pb2 as x\n",
    ],
    ids=["missing", "twice", "together", "public", "spaces", "no name", "computed", "other", "built twice", "no end"],
)
def test_code_that_looks_otherwise_is_refused_by_name(text: str) -> None:
    moves = Moves({"a.b_pb2": "sdk", "a.c_pb2": "sdk", "a.d_pb2": "sdk", "z_pb2": ""})
    with pytest.raises(ToolError, match=r"`a/b_pb2.py` cannot be moved"):
        moves.messages("a/b_pb2.py", text, "a.b_pb2", IMPORTS, Counter())


def test_code_as_it_is_known_is_moved() -> None:
    moves = Moves({"a.b_pb2": "sdk", "a.c_pb2": "other.sdk"})
    text = HEAD + "from a import c_pb2 as x  # from a import c_pb2\nimport others_pb2 as o\n" + TAIL
    expected = text.replace("from a import c_pb2 as", "from other.sdk.a import c_pb2 as").replace("'a.b", "'sdk.a.b")
    assert moves.messages("a/b_pb2.py", text, "a.b_pb2", IMPORTS, Counter()) == expected


@pytest.mark.slow
def test_real_files_work_below_a_root(tmp_path: Path, corpora: Path) -> None:
    found = sorted((corpora / "temporal-api").rglob("*.proto"))
    texts = {path.relative_to(corpora / "temporal-api").as_posix(): path.read_text(encoding="utf-8") for path in found}
    own = {name: text for name, text in texts.items() if not name.startswith("google/")}
    write(tmp_path / "in", own)
    made = code(tmp_path, image(tmp_path / "in", tuple(own)), product(*own, root="sdk.events"))
    modules = [path.removesuffix(".py").replace("/", ".") for path in made if path.endswith(".py")]
    load = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(len(sys.modules) > 57)"
    assert len(modules) == 57
    assert run(tmp_path / "out", made, load) == "True\n"
