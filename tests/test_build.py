"""One compile over several processes: the same verdict as in one, and an orderly end whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemactl import build, catalogue, crew, lint, shard, source
from schemactl.bufyaml import Module
from schemactl.image import Image
from schemactl.tree import Directory
from shell import run
from trees import command, judged, left_over, problems, proto, refused, schemactl, told, write

GROUPS = 8
WRONG = "message M{n} {{ string userId = 1; repeated int32 x = 2; }}"


@pytest.fixture
def sharded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a few small files are cut into shards."""
    monkeypatch.setattr(build, "_SMALL", 0)
    monkeypatch.setattr(build, "_SHARD", 400)


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every run has to leave its temporary directory as it was."""
    directory = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield directory
    assert left_over(directory) == []


def tree(root: Path, count: int = 60) -> Path:
    """Files of several packages that import their neighbours, each with something to lint."""
    files = {}
    for n in range(count):
        package = f"acme.g{n % GROUPS}.v1"
        text = (
            f"message M{n} {{ string userId = 1; {f'.acme.g{(n - 1) % GROUPS}.v1.M{n - 1} before = 2;' if n else ''} }}"
        )
        imports = [f"acme/g{(n - 1) % GROUPS}/v1/m{n - 1}.proto"] if n else []
        files[f"acme/g{n % GROUPS}/v1/m{n}.proto"] = proto(text, *imports, package=package)
    return write(root, files)


def built(root: Path, workspace: Path, jobs: int) -> build.Build:
    """Everything compiled, and judged by a rule that has something to say about every file."""
    workspace.mkdir()
    sources = source.collect(Directory(root, None), [Module(".")])
    plan = lint.Plan((lint.settings([catalogue.catalogue()["FIELD_LOWER_SNAKE_CASE"]]),))
    return build.build(sources, workspace, judging=build.Judging(plan), jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 2])
def test_whoever_waits_counts_the_files_that_are_checked(tmp_path: Path, sharded: None, jobs: int) -> None:
    """What these import is compiled, too, and no report counts it."""
    root = write(tree(tmp_path / "tree", 9), {"a.proto": proto("message A {}", "google/protobuf/any.proto")})
    sources = source.collect(Directory(root, None), [Module(".")])
    counted: list[int] = []
    build.build(sources, tmp_path, jobs=jobs, advance=counted.append)
    assert (sum(counted), len(sources.files), len(sources.everything) > 10) == (10, 10, True)


def test_many_shards_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path / "tree")
    whole = schemactl("lint", "-C", root, "--format", "json", "--no-cache", "--jobs", "1")
    one = built(root, tmp_path / "one", 1)
    monkeypatch.setattr(build, "_SMALL", 0)
    monkeypatch.setattr(build, "_SHARD", 1_000)
    many = built(root, tmp_path / "many", 2)
    outputs = {place[0] for place in vars(many.image.descriptors)["_places"].values()}
    assert len(outputs) >= GROUPS
    assert content(one.image) == content(many.image)
    assert len(one.image.targets) == 60
    assert one.records == many.records
    assert [len(record.findings) for record in map(shard.decoded, one.records.values())] == [1] * 60
    assert schemactl("lint", "-C", root, "--format", "json", "--no-cache", "--jobs", "2") == whole
    write(root, {"acme/g3/v1/m3.proto": proto("message M3 { Missing x = 1; }", package="acme.g3.v1")})
    found = told(root, "--jobs", "2")
    monkeypatch.undo()
    assert told(root, "--jobs", "1") == found
    assert found == ['acme/g3/v1/m3.proto:3:14 COMPILE "Missing" is not defined.']


def content(image: Image) -> dict[str, bytes]:
    return {name: image.descriptors[name] for name in sorted(image.descriptors)}


def padded(body: str, package: str = "", *imports: str) -> str:
    """Too large to share a shard with another one."""
    return proto(body, *imports, package=package) + "//" + "x" * 400 + "\n"


EXTENDS = "extend google.protobuf.FieldOptions {{ string {name} = 50001; }}"
DESCRIPTOR = "google/protobuf/descriptor.proto"


@pytest.mark.usefixtures("sharded")
@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (padded("message A {}", "p"), padded("message A {}", "p"), "`p.A` is also defined in {other}"),
        (padded("enum E { X = 0; }"), padded("enum F { X = 0; }"), "`X` is also defined in {other}"),
        (padded("service A {}"), padded("message A {}"), "`A` is also defined in {other}"),
        (
            padded(EXTENDS.format(name="one"), "a", DESCRIPTOR),
            padded(EXTENDS.format(name="two"), "b", DESCRIPTOR),
            "extension number 50001 of `google.protobuf.FieldOptions` is also used in {other}",
        ),
        (padded("message b {}", "a"), padded("message C {}", "a.b.c"), "`a.b` is also defined in {other}"),
    ],
    ids=["message", "enum value", "service and message", "extension number", "package and message"],
)
def test_what_may_exist_only_once_is_found_across_shards(tmp_path: Path, first: str, second: str, message: str) -> None:
    write(tmp_path, {"one.proto": first, "two.proto": second, "schemactl.yaml": "roots: [.]"})
    found = problems(tmp_path, "--jobs", "2")
    assert [each["rule"] for each in found] == ["DUPLICATE_SYMBOL"] * 2
    assert [each["path"] for each in found] == ["one.proto", "two.proto"]
    assert [each["message"] for each in found] == [message.format(other=other) for other in ("two.proto", "one.proto")]
    assert all(each["line"] > 1 for each in found)
    assert len({each["fingerprint"] for each in found}) == 2


@pytest.mark.usefixtures("sharded")
def test_every_shard_repeats_errors_of_its_imports_and_they_are_told_once(tmp_path: Path) -> None:
    files = {f"u{n}.proto": padded(f"message U{n} {{ Bad b = 1; }}", "", "bad.proto") for n in range(6)}
    cycle = {f"c{n}.proto": padded(f"message C{n} {{}}", "", f"c{(n + 1) % 3}.proto") for n in range(3)}
    write(tmp_path, {**files, **cycle, "bad.proto": padded("message Bad { Missing x = 1; }")})
    assert told(tmp_path, "--jobs", "2") == [
        'bad.proto:2:15 COMPILE "Missing" is not defined.',
        "c0.proto:2:1 IMPORT_CYCLE the files import each other: c0.proto -> c1.proto -> c2.proto -> c0.proto",
    ]


@pytest.mark.usefixtures("sharded")
def test_a_crash_in_a_worker_names_the_file(tmp_path: Path) -> None:
    option = "option (o) = " + "{ m " * 60_000 + "}" * 60_000 + ";"
    text = f'syntax = "proto2";\nimport "{DESCRIPTOR}";\nmessage M {{ optional M m = 1; }}\n'
    text += f"extend google.protobuf.FileOptions {{ optional M o = 50000; }}\n{option}\n"
    write(tmp_path, {"bad.proto": text, **{f"{n}.proto": padded(f"message N{n} {{}}") for n in range(4)}})
    assert "bad.proto: protoc crashed or did not finish on this file" in refused("lint", "-C", tmp_path, "--jobs", "2")


@pytest.mark.usefixtures("sharded")
def test_a_worker_that_dies_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_START", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    words = refused("lint", "-C", tree(tmp_path), "--jobs", "2")
    assert "schemactl: a worker process failed: " in words
    assert "--jobs 1" in words


@pytest.mark.usefixtures("sharded")
def test_a_worker_killed_half_way_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dies = "import sys; sys.path[:] = sys.argv[1:]; from schemactl import shard; import os; "
    dies += "shard.work = lambda *given: os.kill(os.getpid(), 9); from schemactl.worker import main; main()"
    monkeypatch.setattr(crew, "_START", dies)
    assert "a worker process failed: it ended early" in refused("lint", "-C", tree(tmp_path), "--jobs", "2")


@pytest.mark.usefixtures("sharded")
def test_a_bug_in_a_worker_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "import sys; sys.path[:] = sys.argv[1:]; from schemactl import shard; "
    broken += "shard.work = lambda *given: 1 / 0; from schemactl.worker import main; main()"
    monkeypatch.setattr(crew, "_START", broken)
    done = schemactl("lint", "-C", tree(tmp_path), "--jobs", "2")
    assert (done.code, done.out) == (3, "")
    assert "ZeroDivisionError" in done.err


def test_nothing_is_left_behind_by_a_finding_or_a_refusal(tmp_path: Path) -> None:
    assert judged(tree(tmp_path, 3)) == 3
    write(tmp_path, {"acme/g0/v1/m0.proto": "mesage A {}"})
    assert problems(tmp_path)
    assert refused("lint", "-C", tmp_path, "--rev", "HEAD")


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_full_temporary_directory_is_no_verdict(tmp_path: Path) -> None:
    """A limit on the size of files is as full as a disk can be made without owning it."""
    big = "".join(f"message M{n} {{ string name = 1; }}\n" for n in range(2_000))
    for name, text in (("source", big), ("output", big.replace(" = ", "="))):
        root = write(tmp_path / name, {"a.proto": 'syntax = "proto3";\n' + text})
        size = len(big) // 1024 - (20 if name == "source" else -10)
        # Warm first: the limit must not cut the interpreter's own bytecode files short.
        argv = command("lint", "--no-cache")
        assert run(*argv, cwd=root).returncode in (0, 1)
        unwritten = {"PYTHONDONTWRITEBYTECODE": "1"}
        limited = run("sh", "-c", f'ulimit -f {size}; exec "$@"', "sh", *argv, cwd=root, **unwritten)
        assert (limited.returncode, limited.stdout) == (2, ""), limited
        assert "File too large" in limited.stderr
        assert "TMPDIR" in limited.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_everything_quietly(tmp_path: Path, temporary: Path, jobs: str) -> None:
    text = "".join(f"message M{n} {{ {''.join(f'int32 f{k} = {k}; ' for k in range(1, 90))} }}\n" for n in range(900))
    root = write(tmp_path, {f"m{n}.proto": f'syntax = "proto3";\npackage p{n};\n{text}' for n in range(12)})
    argv = [str(word) for word in command("lint", "--jobs", jobs)]
    child = subprocess.Popen(
        argv, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    for _ in range(200):
        if any(temporary.glob("*/*/*.binpb*")) or any(temporary.glob("*/*/src/m11.proto")):
            break
        time.sleep(0.05)
    assert child.poll() is None
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out, err) == (130, "", "schemactl: interrupted\n")
    assert left_over(temporary) == []
    assert not [line for line in run("ps", "-eo", "args", cwd=tmp_path).stdout.splitlines() if str(temporary) in line]


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    files = {f"m{n}.proto": proto(f"message M{n} {{ Missing x = 1; }}") for n in range(2_000)}
    argv = " ".join(f"'{word}'" for word in command("lint", "-C", write(tmp_path, files)))
    done = run("bash", "-c", f"{argv} | head -1; echo ${{PIPESTATUS[0]}}", cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].startswith("m0.proto:2:")
    assert done.stdout.splitlines()[-1] == "1"


def test_an_extension_number_used_twice_in_one_small_tree_is_told_on_both(tmp_path: Path) -> None:
    """protoc only warns of it, and Buf refuses the image."""
    base = 'syntax = "proto2";\npackage acme;\n'
    files = {
        "a.proto": base + "message A { extensions 100 to 200; }\nextend A { optional string one = 100; }\n",
        "b.proto": base + 'import "a.proto";\nextend A { optional string two = 100; }\n',
    }
    found = [(finding["rule"], finding["path"]) for finding in problems(write(tmp_path, files))]
    assert found == [("DUPLICATE_SYMBOL", "a.proto"), ("DUPLICATE_SYMBOL", "b.proto")]
