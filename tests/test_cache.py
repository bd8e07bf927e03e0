"""The cache may be torn, full, locked, shared or lost at any time: a run then takes longer, and says the same."""

from __future__ import annotations

import ast
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemactl import cache, tools
from schemactl.cache import Results
from shell import run
from trees import CODE, Done, command, left_over, proto, refused, repository, schemactl, write

DAY = 86_400
YESTERDAY = 20_000
FILES = {
    "acme/base/v1/base.proto": proto("message Base { string userId = 1; }", package="acme.base.v1"),
    "acme/users/v1/user.proto": proto(
        "message User { acme.base.v1.Base base = 1; }", "acme/base/v1/base.proto", package="acme.users.v1"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "schemas", FILES)


@pytest.fixture
def place() -> Path:
    return Path(os.environ["SCHEMACTL_CACHE_DIR"])


@pytest.fixture
def opened() -> Iterator[Callable[..., Results]]:
    """Caches that are closed when the test ends."""
    made: list[Results] = []

    def make(directory: Path, **options: int) -> Results:
        made.append(Results(directory, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def lint(root: Path, *options: str) -> Done:
    return schemactl("lint", "-C", root, "--format", "json", *options)


def database(place: Path) -> Path:
    (path,) = place.glob("*.db")
    return path


def compiles(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a run starts the compiler; what it does is real."""
    started: list[str] = []
    start = tools.run

    def counted(argv: tuple[str, ...], **options: object) -> tools.Result:
        if argv[0] == sys.executable and options.get("stdin") != b"--version":
            started.append(argv[0])
        return start(argv, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(tools, "run", counted)
        lint(root)
    return len(started)


def works_and_heals(root: Path, monkeypatch: pytest.MonkeyPatch, uncached: Done) -> None:
    """Whatever is wrong now, the verdict is right, and before long it is kept again."""
    assert [lint(root) for _ in range(3)] == [uncached] * 3
    assert compiles(root, monkeypatch) == 0


# What a run does with it


def test_a_second_run_compiles_nothing_and_says_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uncached = lint(root, "--no-cache")
    assert (uncached.code, "FIELD_LOWER_SNAKE_CASE" in uncached.out) == (1, True)
    assert lint(root) == uncached
    assert compiles(root, monkeypatch) == 0
    assert lint(root) == uncached


def test_without_the_cache_nothing_is_kept_and_nothing_used(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint(root, "--no-cache")
    assert left_over(place) == []
    assert compiles(root, monkeypatch) == 1


def test_the_directory_is_made_for_its_owner_alone(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made := tmp_path / "not" / "yet").parent.mkdir()
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(made))
    lint(root)
    assert left_over(made) == ["results-1.db"]
    if os.name != "nt":
        assert made.stat().st_mode & 0o777 == 0o700


def test_cache_clean_empties_it_says_how_much_and_touches_nothing_else(root: Path, place: Path) -> None:
    lint(root)
    write(place, {"mine.txt": "not ours"})
    size = database(place).stat().st_size
    assert schemactl("cache", "clean") == Done(0, f"freed {size / 1e6:.2f} MB in {place}\n", "")
    assert left_over(place) == ["mine.txt"]
    assert schemactl("cache", "clean") == Done(0, f"the cache in {place} is empty\n", "")


def test_cache_clean_takes_the_tools_that_were_built_and_nothing_that_only_looks_so(place: Path) -> None:
    pin = "0123456789abcdef"
    tools = {f"bin/linux-x86_64/{pin}/protoc-gen-go": "x", "generators/grpcio-tools-1.80.1-cp311/a/b.py": "y"}
    write(place, tools | {"bin/linux-x86_64/mine": "z", "bin/mine/run": "z"})
    assert schemactl("cache", "clean").out.startswith("freed 0.00 MB")
    kept = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert kept == {"bin/linux-x86_64/mine", "bin/mine/run"}


def test_cache_clean_finds_no_directory_and_that_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(tmp_path / "absent"))
    assert schemactl("cache", "clean").code == 0


def test_what_cache_clean_cannot_delete_it_names(place: Path) -> None:
    write(place, {"results-1.db/inside": "mine"})
    words = refused("cache", "clean")
    assert "results-1.db` cannot be deleted" in words
    assert left_over(place) == ["results-1.db"]


# What it keeps


def test_what_is_kept_is_found_by_its_key_alone(tmp_path: Path, opened: Callable[..., Results]) -> None:
    assert opened(tmp_path).get(b"key") is None
    opened(tmp_path).put([(b"key", b"value"), (b"empty", b""), (b"other", bytearray(b"another"))])
    opened(tmp_path).put([(b"other", b"newer")])
    found = opened(tmp_path)
    assert [found.get(key) for key in (b"key", b"empty", b"other", b"ke")] == [b"value", b"", b"newer", None]


def test_it_holds_a_gibibyte_at_most() -> None:
    assert cache.LIMIT == 1 << 30
    assert vars(Results(Path("unused")))["_limit"] == cache.LIMIT


def test_what_was_of_no_use_for_longest_is_dropped_first(
    tmp_path: Path, opened: Callable[..., Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    def on(day: int) -> Results:
        monkeypatch.setattr(time, "time", lambda: (YESTERDAY + day) * DAY + 5.0)
        return opened(tmp_path, limit=1_000_000)

    def kept() -> list[str]:
        found = opened(tmp_path)
        return [key for key in ("old", "used", "newer", "newest", "last") if found.get(key.encode())]

    value = os.urandom(300_000)
    on(1).put([(b"old", value), (b"used", value)])
    on(2).put([(b"newer", value)])
    assert kept() == ["old", "used", "newer"]
    today = on(3)
    assert today.get(b"used") == value
    today.put([(b"newest", value)])
    assert kept() == ["used", "newest"]
    assert database(tmp_path).stat().st_size <= 750_000
    on(4).put([(b"last", value)])
    assert kept() == ["used", "newest", "last"]


def test_more_than_it_holds_is_not_kept(tmp_path: Path, opened: Callable[..., Results]) -> None:
    results = opened(tmp_path, limit=100_000)
    results.put([(b"large", os.urandom(300_000))])
    assert results.get(b"large") is None
    assert database(tmp_path).stat().st_size <= 100_000
    results.put([(b"small", b"value")])
    assert results.get(b"small") == b"value"


def test_what_a_run_only_reads_counts_as_used(
    tmp_path: Path, opened: Callable[..., Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most runs find all they need and keep nothing: theirs must not be the first to go."""
    monkeypatch.setattr(time, "time", lambda: YESTERDAY * DAY + 5.0)
    opened(tmp_path).put([(b"daily", b"x" * 300_000), (b"once", b"y" * 300_000)])
    monkeypatch.undo()
    today = opened(tmp_path)
    assert today.get(b"daily")
    today.close()
    full = opened(tmp_path, limit=1_000_000)
    full.put([(b"new", b"z" * 430_000)])
    assert [full.get(key) is not None for key in (b"daily", b"once", b"new")] == [True, False, True]


# What can be wrong with it


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0", os.urandom(10_000)])
def test_a_file_that_is_no_database_is_replaced(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    uncached = lint(root, "--no-cache")
    (place / "results-1.db").write_bytes(content)
    works_and_heals(root, monkeypatch, uncached)


@pytest.mark.parametrize("part", [0.9, 0.5, 0.1])
def test_a_file_that_was_cut_off_is_replaced(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    uncached = lint(root)
    whole = database(place).read_bytes()
    database(place).write_bytes(whole[: int(len(whole) * part)])
    works_and_heals(root, monkeypatch, uncached)


def test_a_table_of_another_shape_is_replaced(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uncached = lint(root, "--no-cache")
    with sqlite3.connect(place / "results-1.db") as other:
        other.execute("CREATE TABLE results (name TEXT)")
    other.close()
    works_and_heals(root, monkeypatch, uncached)


def test_a_flipped_bit_is_never_a_value_and_the_file_heals(tmp_path: Path, opened: Callable[..., Results]) -> None:
    values = {bytes([n]) * 16: bytes([n]) * (n * 97) for n in range(40)}
    first = opened(tmp_path)
    first.put(values.items())
    first.close()
    path = database(tmp_path)
    whole, chance = path.read_bytes(), random.Random(7)
    for flip in range(150):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 2, 5))):
            data[chance.randrange(len(data) if flip % 2 else 4096)] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        for _ in range(3):
            results = opened(tmp_path)
            found = {key: results.get(key) for key in values}
            assert all(value in (None, values[key]) for key, value in found.items()), flip
            results.put((key, values[key]) for key in values if found[key] is None)
            results.close()
        again = opened(tmp_path)
        assert {key: again.get(key) for key in values} == values, flip
        again.close()


def test_a_value_under_the_key_of_another_is_none(tmp_path: Path, opened: Callable[..., Results]) -> None:
    """As a torn index has it."""
    first = opened(tmp_path)
    first.put([(b"one", b"1"), (b"two", b"2")])
    first.close()
    with sqlite3.connect(database(tmp_path)) as torn:
        torn.execute("DELETE FROM results WHERE key = ?", (b"two",))
        torn.execute("UPDATE results SET key = ?", (b"two",))
    torn.close()
    assert opened(tmp_path).get(b"two") is None


def test_a_file_in_place_of_the_directory_is_no_matter(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncached = lint(root, "--no-cache")
    write(tmp_path, {"file": "mine"})
    for where in (tmp_path / "file", tmp_path / "file" / "below", Path(os.devnull)):
        monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(where))
        assert [lint(root) for _ in range(2)] == [uncached] * 2
        assert schemactl("rules", "list", "-C", root).code == 0
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_in_place_of_the_file_is_no_matter(root: Path, place: Path) -> None:
    uncached = lint(root, "--no-cache")
    write(place, {"results-1.db/inside": "mine"})
    assert [lint(root) for _ in range(2)] == [uncached] * 2


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.posix
def test_a_directory_that_cannot_be_written_is_read(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch, filled: bool
) -> None:
    uncached = lint(root, *([] if filled else ["--no-cache"]))
    before = left_over(place)
    for path in place.iterdir():
        path.chmod(0o400)
    place.chmod(0o500)
    try:
        if os.access(place, os.W_OK):
            pytest.skip("root may write everywhere")
        assert (compiles(root, monkeypatch) == 0) == filled
        assert lint(root) == uncached
        write(root, {"acme/users/v1/more.proto": proto("message More {}", package="acme.users.v1")})
        assert lint(root) == lint(root, "--no-cache")
        assert left_over(place) == before
    finally:
        place.chmod(0o700)


@pytest.mark.parametrize("lock", ["EXCLUSIVE", "IMMEDIATE"])
@pytest.mark.parametrize("filled", [True, False])
def test_a_file_that_another_program_keeps_to_itself_is_waited_for_and_then_done_without(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch, lock: str, filled: bool
) -> None:
    monkeypatch.setattr(cache, "_PATIENCE", 0.05)
    uncached = lint(root, *([] if filled else ["--no-cache"]))
    other = sqlite3.connect(place / "results-1.db", isolation_level=None)
    other.execute(f"BEGIN {lock}")
    try:
        write(root, {"acme/users/v1/more.proto": proto("message More {}", package="acme.users.v1")})
        with_more = lint(root, "--no-cache")
        assert with_more != uncached
        assert lint(root) == with_more
    finally:
        other.execute("ROLLBACK")
        other.close()
    works_and_heals(root, monkeypatch, with_more)


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
@pytest.mark.parametrize("blocks", [0, 8, 40])
@pytest.mark.posix
def test_a_full_disk_is_no_matter(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    """A limit on the size of files is as full as a disk can be made without owning it; it is not one for pipes."""
    many = "".join(f"message M{n} {{ string userId = {n + 1}; }}\n" for n in range(150))
    root = repository(tmp_path / "schemas", {"acme/v1/a.proto": proto(many, package="acme.v1")})
    limit = max(blocks, 24)  # what the compiler writes has to find room
    argv = command("lint", "-C", root, "--format", "json")
    uncached = run(*argv, "--no-cache", cwd=tmp_path)
    assert uncached.returncode == 1
    if blocks == 0:
        write(place, {"results-1.db": b""})
    unwritten = {"PYTHONDONTWRITEBYTECODE": "1"}
    for _ in range(2):
        full = run("bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash", *argv, cwd=tmp_path, **unwritten)
        assert (full.returncode, full.stdout, full.stderr) == (1, uncached.stdout, "")
    assert database(place).stat().st_size <= limit * 1024
    works_and_heals(root, monkeypatch, Done(1, uncached.stdout, ""))


PUTS = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from schemactl.cache import Results
results = Results(Path(sys.argv[2]))
for round in range(100_000):
    results.put((b"%d %d" % (round, n), b"%d" % n * 2_000) for n in range(50))
    print(round, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.posix
def test_a_run_that_is_killed_half_way_leaves_what_can_be_used(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[..., Results]
) -> None:
    uncached = lint(root, "--no-cache")
    for rounds in (1, 2, 5):
        argv = (sys.executable, "-c", PUTS, str(CODE), str(place))
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout
            for _ in range(rounds):
                child.stdout.readline()
            child.kill()
        assert child.returncode == -signal.SIGKILL
        results = opened(place)
        found = [results.get(b"%d %d" % (round, n)) for round in range(rounds) for n in range(50)]
        assert found == [b"%d" % n * 2_000 for n in range(50)] * rounds
        assert lint(root) == uncached
    works_and_heals(root, monkeypatch, uncached)


def test_runs_at_the_same_time_say_the_same_and_share_what_they_find(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "acme.many.v1"
    write(root, {f"acme/many/v1/m{n}.proto": proto(f"message M{n} {{}}", package=package) for n in range(30)})
    uncached = lint(root, "--no-cache")
    argv = [str(word) for word in command("lint", "-C", root, "--format", "json")]
    for _ in range(2):
        running = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        done = [(*child.communicate(timeout=60), child.returncode) for child in running]
        assert done == [(uncached.out, "", uncached.code)] * 4
    with sqlite3.connect(database(place)) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept.close()
    assert compiles(root, monkeypatch) == 0


@pytest.mark.posix
def test_the_file_is_let_go_of_at_the_end(root: Path, place: Path) -> None:
    """Windows deletes no file that is open, and Python 3.13 warns of what nobody closed."""
    lint(root)
    opened = Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("this system does not list open files")
    assert str(place) not in " ".join(os.path.realpath(each) for each in opened.iterdir())


def test_nothing_is_unpickled() -> None:
    """Nor made from text by anything else that runs what it reads."""
    for path in (CODE / "schemactl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.partition(".")[0] for name in names} & UNTRUSTED, path
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec")), path


UNTRUSTED = {"pickle", "_pickle", "cPickle", "cloudpickle", "copyreg", "dill", "joblib", "marshal", "shelve"}
