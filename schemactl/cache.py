"""The cache: results by a digest of everything they follow from, in one file that may be lost at any time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from zlib import crc32

from schemactl.errors import ToolError

if TYPE_CHECKING:
    import sqlite3

LIMIT = 1 << 30
_NAME = "results-1.db"  # the number is the layout's
# SQLite's codes for what is no fault of the file: BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
_PASSING = (5, 6, 7, 10, 13, 14)
# Of the Go plugins, by the digest of their sources; of generators that packages pin; what Go keeps for who has no home.
# The directory may be anybody's.
_TOOLS = (
    "bin/*-*/" + "[0-9a-f]" * 16,
    "bin/*-*/.building-*",
    "generators/grpcio-tools-*",
    "generators/.installing-*",
    "go/build",
    "go/modules",
    "go/path",
)
_PATIENCE = 0.5  # seconds that another run may keep the file to itself
_DAY = 86_400
_SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB, sum INTEGER, used INTEGER)"
_Value = TypeVar("_Value")
Buffer = bytes | bytearray


class Cache(Protocol):
    """What was worked out before; a key stands for all that the value depends on."""

    def get(self, key: bytes) -> bytes | None: ...

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None: ...

    def close(self) -> None: ...


class Nothing:
    """No cache: nothing is known, nothing is kept."""

    def get(self, key: bytes) -> bytes | None:
        return None

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        pass

    def close(self) -> None:
        pass


NOTHING = Nothing()


def decoded(value: bytes | memoryview | None, type: type[_Value]) -> _Value | None:
    """What was kept; None also for what is something else: the file is the user's, who may do with it what he likes."""
    import msgspec

    try:
        return None if value is None else msgspec.msgpack.decode(value, type=type)
    except (msgspec.MsgspecError, ValueError):
        return None


class Results:
    """A database of results, at most `limit` bytes; whatever is wrong with it, a run only takes longer.

    A directory that cannot be written is read. A value has a checksum beside it, of itself and its key: files are torn
    by full disks and sudden ends, and nothing is synchronised to the disk.
    """

    def __init__(self, directory: Path, limit: int = LIMIT) -> None:
        self._path = directory / _NAME
        self._limit = limit
        self._usable = True
        self._mended = False
        self._today = int(time.time()) // _DAY
        self._seen: list[bytes] = []
        self._connection: sqlite3.Connection | None = None

    def get(self, key: bytes) -> bytes | None:
        row = self._tried(lambda database: _row(database, key), create=False)
        if row is None:
            return None
        value, used = row
        if used != self._today:
            self._seen.append(key)
        return value

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        """Keep the entries, and remember which were of use: the others are dropped first when there is no room."""
        self._tried(lambda database: self._write(database, entries), create=True)

    def _write(self, database: sqlite3.Connection, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        rows = ((key, value, _sum(key, value), self._today) for key, value in entries)
        with database:
            database.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", rows)
            used = "UPDATE results SET used = ? WHERE key = ?"
            database.executemany(used, ((self._today, key) for key in self._seen))
        self._seen = []
        _shrink(database, self._limit)

    def _tried(self, work: Callable[[sqlite3.Connection], _Value], *, create: bool) -> _Value | None:
        """What the work gives; None once the file cannot be used, which is nothing that a user has to be told."""
        if not self._usable:
            return None
        import sqlite3

        try:
            if self._connection is None:
                if not create and not self._path.exists():
                    return None
                self._connection = _connected(self._path)
            return work(self._connection)
        except (sqlite3.DatabaseError, OSError) as error:
            self._usable = False
            self._disconnect()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING:
                # Once: the run that finds it damaged fills it again.
                self._usable, self._mended = not self._mended, True
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
        return None

    def close(self) -> None:
        """To be called at the end: a run that only read has yet to say what was of use to it."""
        if self._seen:
            self.put(())
        self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _row(database: sqlite3.Connection, key: bytes) -> tuple[bytes, int] | None:
    import sqlite3

    found = database.execute("SELECT value, sum, used FROM results WHERE key = ?", (key,)).fetchone()
    if found is None:
        return None
    value, checksum, used = found
    if not isinstance(value, bytes) or checksum != _sum(key, value):
        raise sqlite3.DatabaseError("a value is not what it was")
    return value, used


def _sum(key: bytes, value: Buffer) -> int:
    return crc32(value, crc32(key))


def _connected(path: Path) -> sqlite3.Connection:
    """The database, made where there is none; read-only where that is all the directory allows."""
    import sqlite3

    if path.exists() and not os.access(path.parent, os.W_OK):
        return sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, timeout=_PATIENCE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute(_SCHEMA)
    except sqlite3.Error:
        database.close()  # Windows does not delete what is open
        raise
    return database


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path))


def _shrink(database: sqlite3.Connection, limit: int) -> None:
    """Drop what was not of use for longest, until a quarter of the room is free."""
    pages, free, page = (_number(database, name) for name in ("page_count", "freelist_count", "page_size"))
    if pages * page <= limit:
        return
    size = (pages - free) * page
    with database:
        for key, length in database.execute("SELECT key, length(value) FROM results ORDER BY used, rowid").fetchall():
            if size <= limit * 3 // 4:
                break
            database.execute("DELETE FROM results WHERE key = ?", (key,))
            size -= length
    database.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page and stop


def _number(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def directory() -> Path | None:
    """SCHEMACTL_CACHE_DIR, else where the system keeps caches; None for who has no home."""
    if chosen := os.environ.get("SCHEMACTL_CACHE_DIR"):
        return Path(chosen)
    import platformdirs

    try:
        return platformdirs.user_cache_path("schemactl", appauthor=False)
    except RuntimeError:
        return None


def opened() -> Cache:
    place = directory()
    return NOTHING if place is None else Results(place)


def clean(directory: Path) -> int:
    """Empties the cache, of tools that were built or installed for it, too; the bytes that were freed."""
    import shutil

    freed = 0
    try:
        for path in directory.glob(f"{_NAME}*"):
            freed += path.lstat().st_size
            path.unlink()
        for kept in _TOOLS:
            for tool in directory.glob(kept):
                freed += sum(each.lstat().st_size for each in tool.rglob("*") if each.is_file())
                shutil.rmtree(tool)
    except OSError as error:
        raise ToolError(f"`{error.filename}` cannot be deleted: {error.strerror}", "delete it yourself") from error
    return freed
