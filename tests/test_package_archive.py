"""Archives: safe names, the same bytes everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from schemactl.package.archive import contents, require_safe, tarred, untarred, unzipped, zipped

FILES = {"b/long" + "g" * 300 + "/x.py": b"1", "b/a.py": b"2" * 1000, "a.txt": b"", "ä.txt": b"3"}


@pytest.mark.parametrize("name", ["/a", "../a", "a/../b", "a//b", "a/", "./a", "", "a\\b", "c:a", "a\nb", "a\u202eb"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    for write in (zipped, tarred):
        with pytest.raises(ValueError, match="cannot be the name of a file"):
            write({name: b""})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/X.py", "a/x.py"], "where case does not count"),
        (["a/x", "a/x"], "are one file"),
        (["A/x", "a/y"], "one directory"),
        (["straße", "STRASSE"], "where case does not count"),
        (["e\u0301", "\u00e9"], "where case does not count"),
        (["a", "a/b"], "both a file and a directory"),
    ],
)
def test_two_files_in_one_place_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        require_safe(names)


def test_what_is_packed_is_unpacked() -> None:
    assert unzipped(zipped(FILES)) == untarred(tarred(FILES)) == FILES
    assert contents(FILES) == contents(dict(reversed(FILES.items())))
    assert len({contents(FILES), contents({**FILES, "a.txt": b"x"}), contents({**FILES, "n": b""})}) == 3


def test_an_archive_says_nothing_of_who_wrote_it_and_when() -> None:
    with zipfile.ZipFile(BytesIO(zipped(FILES))) as archive:
        assert archive.namelist() == sorted(FILES)
        told = {
            (each.date_time, each.external_attr >> 16, each.create_system, each.extra) for each in archive.infolist()
        }
    assert told == {((1980, 1, 1, 0, 0, 0), 0o100644, 3, b"")}
    packed = tarred(FILES)
    assert packed[3:8] == b"\0" * 5  # no name, no time
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        assert archive.getnames() == sorted(FILES)
        owners = {(each.uid, each.gid, each.uname, each.gname, each.mode, each.mtime) for each in archive}
    assert owners == {(0, 0, "", "", 0o644, 315_532_800)}


_ALL = """
import hashlib, os, sys
os.umask(int(sys.argv[1], 8))
from schemactl.image import Image
from schemactl.package.gozip import gomodule
from schemactl.package.image import image
from schemactl.package.metadata import Metadata
from schemactl.package.provenance import statement
from schemactl.package.release import Built, Source, Tool, encoded, release
from schemactl.package.sdist import sdist
from schemactl.package.sums import sums
from schemactl.package.wheel import wheel
from schemactl.version import Version
from google.protobuf.descriptor_pb2 import FileDescriptorProto
files = {name: b"x" * 1000 for name in {"acme/b_pb2.py", "acme/a_pb2.py", "acme/py.typed", "c_pb2.py"}}
metadata = Metadata("acme-events", "1.0", requires=("b>=1,<2,!=1.5",), extras={"types": ("types-protobuf",), "a": ()})
code = {name: b"package a" for name in {"a/a.pb.go", "b/b.pb.go"}}
made = [wheel(metadata, files), sdist(metadata, files)]
made += gomodule("acme", "example.com/acme", "v1.0.0", code, b"module example.com/acme\\n", time="2026-01-31T12:00:00Z")
several = {f"{name}.proto": FileDescriptorProto(name=f"{name}.proto").SerializeToString() for name in {"a", "b", "c"}}
made.append(image("acme", "1.0.0", Image(several, tuple(sorted(several))), several))
built = Built("acme", Version("1.0.0", "1.0", "v1.0.0"), tuple(made))
written = release([built], Source("0" * 40, "HEAD"), b"", {Tool("b", "1"), Tool("a", "1")})
contents = {each.filename: each.content for each in made} | {"release.json": encoded(written), "p": statement(written)}
sys.stdout.buffer.write(sums(contents))
"""


def test_processes_with_other_settings_write_the_same_bytes(tmp_path: Path) -> None:
    seen = set()
    for number, (umask, zone) in enumerate([("022", "UTC"), ("077", "Pacific/Chatham")]):
        where = tmp_path / f"w{number}"
        where.mkdir()
        settings = {"TZ": zone, "PYTHONHASHSEED": str(number), "PYTHONPATH": str(Path(__file__).parents[1])}
        argv = [sys.executable, "-c", _ALL, umask]
        done = subprocess.run(argv, cwd=where, env={**os.environ, **settings}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        seen.add(done.stdout)
    assert len(seen) == 1
    assert len(seen.pop().splitlines()) == 8
