"""The file: durable when it says so, and every refusal named with a remedy."""

import errno
from pathlib import Path

import pytest

from storage.database import (
    Fault,
    RecordsError,
    durable,
    open_database,
    sqlite3,
    sqlite_version,
    translated,
)

FULL, NORMAL = 2, 1


def test_a_durable_transaction_is_flushed_and_the_next_one_need_not_be(tmp_path: Path) -> None:
    database = open_database(tmp_path / "records.db")

    def synchronous() -> int:
        return int(database.conn.execute("PRAGMA synchronous").fetchone()[0])

    assert synchronous() == NORMAL
    with durable(database):
        assert synchronous() == FULL
        assert database.conn.in_transaction
    assert synchronous() == NORMAL
    with pytest.raises(ZeroDivisionError), durable(database):
        database.conn.execute("INSERT INTO marks VALUES ('saved', 1)")
        raise ZeroDivisionError
    assert synchronous() == NORMAL
    assert database.conn.execute("SELECT count(*) FROM marks").fetchone() == (0,)
    database.close()


def test_the_file_is_set_up_for_one_writer_and_for_giving_room_back(tmp_path: Path) -> None:
    database = open_database(tmp_path / "records.db")
    assert database.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.conn.execute("PRAGMA auto_vacuum").fetchone() == (2,)  # incremental
    database.close()


@pytest.mark.parametrize(
    ("text", "fault", "what"),
    [
        ("database or disk is full", Fault.FULL, "no space for r.db"),
        ("attempt to write a readonly database", Fault.READ_ONLY, "r.db can't be written"),
        ("database is locked", Fault.LOCKED, "r.db is locked by another process"),
        (
            "database disk image is malformed",
            Fault.CORRUPT,
            "r.db is corrupt: database disk image is malformed",
        ),
        ("file is not a database", Fault.CORRUPT, "r.db is corrupt: file is not a database"),
        ("disk I/O error", Fault.BROKEN, "r.db can't be used: disk I/O error"),
    ],
)
def test_sqlite_s_words_become_ours(text: str, fault: Fault, what: str) -> None:
    with pytest.raises(RecordsError) as refused, translated(Path("r.db")):
        raise sqlite3.OperationalError(text)
    assert (refused.value.fault, refused.value.what) == (fault, what)
    assert str(refused.value) == f"{what}; {refused.value.todo}"
    assert refused.value.todo


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.EROFS, Fault.READ_ONLY),
        (errno.EACCES, Fault.READ_ONLY),
        (errno.ENOSPC, Fault.FULL),
        (errno.EDQUOT, Fault.FULL),
        (errno.EIO, Fault.BROKEN),
    ],
)
def test_what_the_system_refuses_is_named(
    number: int, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, "refused")

    monkeypatch.setattr("storage.database.os.open", refuse)
    with pytest.raises(RecordsError) as refused:
        open_database(tmp_path / "records.db")
    assert refused.value.fault is fault
    assert str(tmp_path / "records.db") in refused.value.what


def test_the_version_in_use_is_told() -> None:
    assert sqlite_version() == sqlite3.sqlite_version
    assert tuple(map(int, sqlite_version().split("."))) >= (3, 35)
