"""A small SQLite file of one table, opened for each question by whichever thread asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from storage.database import Fault, RecordsError, touch, translated


@contextmanager
def one_table(
    path: Path,
    table: str,
    columns: Mapping[str, Any],
    pk: str | tuple[str, ...],
    put_away: Callable[[Path], object],
) -> Iterator[Database]:
    """The file at `path` within one transaction; a damaged one is `put_away` and begun anew.

    RecordsError where it can't be used.
    """

    def prepared() -> Database:
        with translated(path):
            touch(path)
            database = Database(str(path), execute_plugins=False)
            database.table(table).create(dict(columns), pk=pk, if_not_exists=True)
        return database

    try:
        database = prepared()
    except RecordsError as error:
        if error.fault is not Fault.CORRUPT:
            raise
        with translated(path):
            put_away(path)
        database = prepared()
    with translated(path):
        try:
            with database.conn:
                yield database
        finally:
            database.close()
