"""The cache: results by a digest of everything they follow from, in one file that may be lost at any time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    import sqlite3

LIMIT = 1 << 30
_NAME = "results-1.db"  # the number is the layout's
_PATIENCE = 2.0  # seconds that another run may keep the file to itself
_DAY = 86_400
_SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB, sum INTEGER, used INTEGER)"
_Value = TypeVar("_Value")
Buffer = bytes | bytearray


class Cache(Protocol):
    """What was worked out before; a key stands for all that the value depends on."""

    def get(self, key: bytes) -> bytes | None: ...

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None: ...


class Nothing:
    """No cache: nothing is known, nothing is kept."""

    def get(self, key: bytes) -> bytes | None:
        return None

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        pass


NOTHING = Nothing()


class Results:
    """A database of results, at most `limit` bytes; whatever is wrong with it, a run only takes longer.

    A directory that cannot be written is read. A value has its checksum beside it: files are torn by full disks and
    sudden ends, and nothing is synchronised to the disk.
    """

    def __init__(self, directory: Path, limit: int = LIMIT) -> None:
        self._path = directory / _NAME
        self._limit = limit
        self._usable = True
        self._today = int(time.time()) // _DAY
        self._seen: list[bytes] = []
        self._connection: sqlite3.Connection | None = None

    def get(self, key: bytes) -> bytes | None:
        row = self._tried(lambda database: _row(database, key), create=False)
        if row is None:
            return None
        value, checksum, used = row
        if not isinstance(value, bytes) or checksum != crc32(value):
            return None
        if used != self._today:
            self._seen.append(key)
        return value

    def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        """Keep the entries, and remember which were of use: the others are dropped first when there is no room."""
        self._tried(lambda database: self._write(database, entries), create=True)

    def _write(self, database: sqlite3.Connection, entries: Iterable[tuple[bytes, Buffer]]) -> None:
        rows = ((key, value, crc32(value), self._today) for key, value in entries)
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
                self._connection = _opened(self._path)
            return work(self._connection)
        except sqlite3.OperationalError:  # locked, read-only, full: the file as such is good
            self._usable = False
        except (sqlite3.DatabaseError, OSError):
            self._usable = False
            self.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        return None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _row(database: sqlite3.Connection, key: bytes) -> tuple[object, object, object] | None:
    found = database.execute("SELECT value, sum, used FROM results WHERE key = ?", (key,)).fetchone()
    return None if found is None else (found[0], found[1], found[2])


def _opened(path: Path) -> sqlite3.Connection:
    """The database, made where there is none; read-only where that is all the directory allows."""
    import sqlite3

    if path.exists() and not os.access(path.parent, os.W_OK):
        return sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, timeout=_PATIENCE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_PATIENCE)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    database.execute(_SCHEMA)
    return database


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


def _shrink(database: sqlite3.Connection, limit: int) -> None:
    """Drop what was not of use for longest, until a quarter of the room is free."""
    size = _size(database)
    if size <= limit:
        return
    with database:
        for key, length in database.execute("SELECT key, length(value) FROM results ORDER BY used, rowid").fetchall():
            if size <= limit * 3 // 4:
                break
            database.execute("DELETE FROM results WHERE key = ?", (key,))
            size -= length
    database.execute("PRAGMA incremental_vacuum").fetchall()


def _size(database: sqlite3.Connection) -> int:
    pages, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(size)


def directory() -> Path:
    """SCHEMACTL_CACHE_DIR, else where the system keeps caches."""
    if chosen := os.environ.get("SCHEMACTL_CACHE_DIR"):
        return Path(chosen)
    import platformdirs

    return platformdirs.user_cache_path("schemactl", appauthor=False)


def clean(directory: Path) -> int:
    """Empties the cache; the bytes that were freed. Raises OSError when it cannot be deleted."""
    freed = 0
    for path in directory.glob(f"{_NAME}*"):
        freed += path.stat().st_size
        path.unlink()
    return freed
