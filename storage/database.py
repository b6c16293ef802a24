"""The database file: opened, checked and spoken to; and its errors in our own words.

The only file that knows sqlite-utils and SQLite's exceptions. sqlite-utils takes `pysqlite3` when
that is installed (the way to a newer SQLite than the one Python was built with), so the module is
taken from there too: its exceptions are not those of the standard library, and two SQLite
libraries must never have one file open in one process, where neither sees the other's locks
(sqlite.org/howtocorrupt.html, 2.2.1).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database

from storage.schema import MIGRATION_NAMES, MIGRATIONS

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlite_utils.utils import sqlite3

Connection = sqlite3.Connection

#: Written into the file's header, so that another program's database is never taken for ours.
APPLICATION_ID = 0x7477_6E77  # "twnw"
_HEADER_BYTES = 72  # the application id is at 68..71, see sqlite.org/fileformat.html


class Fault(StrEnum):
    """What kind of trouble the records are in."""

    FULL = "full"
    READ_ONLY = "read-only"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    FOREIGN = "foreign"  # not ours, or written by a newer version
    GONE = "gone"  # deleted or replaced while open
    BROKEN = "broken"  # can't be opened, read or written for another reason


class RecordsError(Exception):
    """The records can't be read or written: `fault`, `what` happened where, what `todo` next."""

    def __init__(self, fault: Fault, what: str, todo: str) -> None:
        super().__init__(f"{what}; {todo}")
        self.fault = fault
        self.what = what
        self.todo = todo


def sqlite_version() -> str:
    """The version of the SQLite library in use, for `doctor`."""
    return str(sqlite3.sqlite_version)


def open_database(path: Path | None) -> Database:
    """Open (or begin) the records at `path`, brought up to the present schema.

    The file is private (0600, its directory 0700 if it had to be made). None opens a database in
    memory. Raises RecordsError.
    """
    if path is None:
        database = Database(memory=True, execute_plugins=False)
        MIGRATIONS.apply(database)
        return database
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite would create it with the umask's mode; -wal and -shm take the mode of the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _refuse_foreign(path)
    except OSError as error:
        raise os_error(error, path) from error
    with translated(path):
        # check_same_thread stays on: the one thread that opened the records uses them.
        connection = sqlite3.connect(str(path), timeout=1.0)
        try:
            # sqlite-utils' plug-ins are other people's code, for other people's command line.
            database = Database(connection, execute_plugins=False)
            _prepare(database)
        except BaseException:
            connection.close()
            raise
    return database


def _prepare(database: Database) -> None:
    connection = database.conn
    if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only possible before any table
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise RecordsError(
            Fault.BROKEN,
            f"SQLite kept journal mode {mode!r} instead of WAL",
            "put the records on a local file system",
        )
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    connection.execute("PRAGMA cache_size = -8192")
    newer = {m.name for m in MIGRATIONS.applied(database)} - MIGRATION_NAMES
    if newer:
        raise RecordsError(
            Fault.FOREIGN,
            f"the records were written by a newer twinwatch (schema {max(newer)})",
            "run that version, or move the file away",
        )
    MIGRATIONS.apply(database)


def _refuse_foreign(path: Path) -> None:
    """Another program's SQLite file stays as it is (and so does a file of ours that is torn)."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if not header.startswith(b"SQLite format 3\0") or len(header) < _HEADER_BYTES:
        return  # empty: about to become ours; anything else: SQLite will say what it is
    application = int.from_bytes(header[68:72], "big")
    if application != APPLICATION_ID:
        raise RecordsError(
            Fault.FOREIGN,
            f"{path} is the database of another program (application id {application:#x})",
            "name another file for the records, or move this one away",
        )


@contextmanager
def durable(database: Database) -> Iterator[None]:
    """A transaction that is on the disk when the block has ended, and with it all before it.

    A commit under synchronous=FULL flushes the whole write-ahead log, so it also makes the
    samples durable that were committed under NORMAL before it.
    """
    database.conn.execute("PRAGMA synchronous = FULL")
    try:
        with database.atomic():
            yield
    finally:
        database.conn.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn SQLite's exceptions, and the file system's, into RecordsError with `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(error, path) from error
    except OSError as error:
        raise os_error(error, path) from error


def touch(path: Path) -> None:
    """Make an empty file for us alone, where there is none. Raises OSError.

    One that is there is left alone: on a read-only file system it can still be read.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)


def _from_sqlite(error: Exception, path: Path | None) -> RecordsError:
    where = str(path or "memory")
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF  # see sqlite.org/rescode.html
    text = str(error)
    # Not every build gives the code: SQLite's own English is the second witness.
    if primary == 13 or "is full" in text:
        return RecordsError(Fault.FULL, f"no space for {where}", "free space on that file system")
    if primary == 8 or "readonly" in text:
        return RecordsError(
            Fault.READ_ONLY,
            f"{where} can't be written",
            "make the file, its directory and its file system writable for the watch",
        )
    if primary in (5, 6) or "locked" in text:
        return RecordsError(
            Fault.LOCKED, f"{where} is locked by another process", "end that process"
        )
    if primary in (11, 26) or "malformed" in text or "not a database" in text:
        return RecordsError(
            Fault.CORRUPT, f"{where} is corrupt: {text}", "it is set aside and a new file begun"
        )
    name = getattr(error, "sqlite_errorname", "")
    return RecordsError(
        Fault.BROKEN,
        f"{where} can't be used: {text}{f' ({name})' if name else ''}",
        "check its file system, and the watch's log",
    )


def os_error(error: OSError, path: Path | None) -> RecordsError:
    """A fault of the file system, in our own words."""
    where = str(path or "memory")
    reason = error.strerror or str(error)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return RecordsError(
            Fault.READ_ONLY,
            f"{where} can't be written: {reason}",
            "make the file, its directory and its file system writable for the watch",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RecordsError(Fault.FULL, f"no space for {where}", "free space on that file system")
    return RecordsError(
        Fault.BROKEN, f"{where} can't be opened: {reason}", "check the path and its file system"
    )
