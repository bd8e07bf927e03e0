"""Our options are found by name: neither their number alone nor their package in another file is them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from schemactl import build, imagefile, source
from schemactl.bufyaml import Module
from schemactl.schema import OPTIONS_FILE, OPTIONS_PACKAGE, options_text
from schemactl.tree import Directory
from shell import run
from trees import commit, judged, problems, proto, repository, schemactl, write

DESCRIPTOR = "google/protobuf/descriptor.proto"
USER = "acme/users/v1/user.proto"
OPTIONS = """
message Mine {{ optional string name = 1; }}
extend google.protobuf.MessageOptions {{ optional {kind} mine = 51374; }}
extend google.protobuf.FieldOptions {{ optional {kind} my_field = 51374; }}
"""
USES = """
message User {{
  option (mine) = {value};
  optional string id = 1 [(my_field) = {value}];
  message In {{
    option (mine) = {value};
    optional string id = 1 [(my_field) = {value}, deprecated = true];
    extensions 100 to 200;
    extend In {{ optional string nick = 101 [(my_field) = {value}]; }}
  }}
}}
extend User.In {{ optional string name = 100 [(my_field) = {value}]; }}
"""
VALUES = {
    "string": '"\\377\\377 acme"',
    "Mine": '{name: "not a topic"}',
    "int64": "-1",
    "double": "0.5",
    "fixed32": "7",
}
TOPIC = 'option (schemactl.v1.topic).name = "Not A Topic";'


def theirs(kind: str) -> str:
    """A company's own options of our number, in use."""
    body = (OPTIONS + USES).format(kind=kind, value=VALUES[kind])
    # A word that has events looked for.
    return f'syntax = "proto2";\npackage acme.users.v1; // Envelope\nimport "{DESCRIPTOR}";\n{body}'


@pytest.mark.parametrize("kind", VALUES)
def test_somebody_elses_option_of_our_number_is_not_ours(tmp_path: Path, kind: str) -> None:
    root = repository(tmp_path, {USER: theirs(kind)})
    commit(root, {USER: theirs(kind) + "// changed\nmessage More {}\n"})
    done = schemactl("check", "-C", root, "--against", "HEAD~1")
    assert (done.code, done.err) == (0, ""), done


def test_nor_is_it_across_shards_or_in_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = proto("message Other {}", package="acme.v1")
    write(tmp_path, {USER: theirs("string"), "acme/v1/other.proto": other})
    protoc = (sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_imports", "-oset.binpb")
    assert run(*protoc, USER, "acme/v1/other.proto", cwd=tmp_path).returncode == 0
    done = schemactl("lint", "--image", tmp_path / "set.binpb", "-C", tmp_path)
    assert done.code == 0, done
    assert imagefile.load(tmp_path / "set.binpb").file(USER).proto.message_type[1].name == "User"
    monkeypatch.setattr(build, "_SMALL", 0)
    monkeypatch.setattr(build, "_SHARD", 400)
    assert judged(tmp_path, "--jobs", "2") == 2


def test_other_options_and_all_else_of_such_a_file_stay(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"user.proto": theirs("string")})
    (tmp_path / "work").mkdir()
    image = build.build(source.collect(Directory(root, None), [Module(".")]), tmp_path / "work").image
    _, user = image.file("user.proto").proto.message_type
    (inner,) = user.nested_type
    assert inner.field[0].options.deprecated
    assert not user.options.ListFields()
    assert image.file("user.proto").location((4, 1)).line > 1


def test_our_own_option_is_read_from_one_shard_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = proto(f"message User {{}}\nmessage UserEnvelope {{ {TOPIC} User payload = 4; }}", OPTIONS_FILE)
    write(tmp_path, {"a.proto": event, "b.proto": proto("message B {} // " + "x" * 800)})
    monkeypatch.setattr(build, "_SMALL", 0)
    monkeypatch.setattr(build, "_SHARD", 400)
    done = schemactl("lint", "-C", tmp_path, "--jobs", "2")
    assert done.code == 1
    assert "Not A Topic" in done.out


def test_both_in_one_repository_clash_across_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = proto(f"message User {{}}\nmessage UserEnvelope {{ {TOPIC} User payload = 4; }}", OPTIONS_FILE)
    write(tmp_path, {"a.proto": event, "b.proto": theirs("string"), "schemactl.yaml": "roots: [.]"})
    monkeypatch.setattr(build, "_SMALL", 0)
    monkeypatch.setattr(build, "_SHARD", 100)
    found = problems(tmp_path, "--jobs", "2")
    assert any("51374" in each["message"] for each in found)


@pytest.mark.parametrize("place", ["own", "imported", "excluded"])
@pytest.mark.parametrize("package", [f"package {OPTIONS_PACKAGE};", "/* */ package schemactl\n. /**/ v1 ;"])
def test_our_package_in_another_file_is_a_finding(tmp_path: Path, place: str, package: str) -> None:
    text = options_text().decode().replace("topic = 51374", "topic = 77777")
    text = text.replace(f"package {OPTIONS_PACKAGE};", package)
    event = proto(f"message UserEnvelope {{ {TOPIC} string payload = 4; }}", "o/opts.proto", package="acme.v1")
    files = {
        "own": {"o/opts.proto": text, "user.proto": event},
        "imported": {
            "vendor/o/opts.proto": text,
            "proto/user.proto": event,
            "schemactl.yaml": "includes: [vendor]\nroots: [proto]\n",
        },
        "excluded": {"o/opts.proto": text, "user.proto": event, "schemactl.yaml": "roots: [.]\nexcludes: [o]\n"},
    }[place]
    write(tmp_path, files)
    found = next(each for each in problems(tmp_path) if each["rule"] == "OPTIONS_FILE_CHANGED")
    assert found["path"].endswith("o/opts.proto")
    assert f'import "{OPTIONS_FILE}";' in found["help"]


def test_a_package_that_only_looks_like_ours_is_fine(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": proto("message A {} // package schemactl.v1;", package="acme.schemactl.v1")})
    assert judged(tmp_path) == 1
