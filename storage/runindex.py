"""An index of runs: a row each, so that a list needs no journal. Nothing is lost if it is.

It is opened for each question, by whichever thread asks: runs are few, and seldom asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from storage.database import Fault, RecordsError, touch, translated

_TABLE = "runs"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One run: how many bytes its journal had, when it ended (UTC ms), and its row."""

    run: str
    size: int
    ended_at: int | None
    row: Mapping[str, Any]


class RunIndex:
    """The index at `path`; a damaged one is begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, indexed: Indexed) -> None:
        """Note how a run is now. RecordsError."""
        row = {
            "run": indexed.run,
            "size": indexed.size,
            "ended_at": indexed.ended_at,
            "row": json.dumps(dict(indexed.row), ensure_ascii=False),
        }
        with self._open() as database:
            database.table(_TABLE).upsert(row, pk="run")

    def forget(self, run: str) -> None:
        """Take a run out. RecordsError."""
        with self._open() as database:
            database.table(_TABLE).delete_where("run = ?", (run,))

    def rows(self) -> dict[str, Indexed]:
        """Every run, by id, the newest first. RecordsError."""
        with self._open() as database:
            found = list(database.table(_TABLE).rows_where(order_by="run desc"))
        return {
            each["run"]: Indexed(
                each["run"], each["size"], each["ended_at"], json.loads(each["row"])
            )
            for each in found
        }

    @contextmanager
    def _open(self) -> Iterator[Database]:
        try:
            database = self._prepared()
        except RecordsError as error:
            if error.fault is not Fault.CORRUPT:
                raise
            with translated(self.path):
                self.path.unlink(missing_ok=True)
            database = self._prepared()
        with translated(self.path):
            try:
                with database.conn:
                    yield database
            finally:
                database.close()

    def _prepared(self) -> Database:
        with translated(self.path):
            touch(self.path)
            database = Database(str(self.path), execute_plugins=False)
            columns = {"run": str, "size": int, "ended_at": int, "row": str}
            database.table(_TABLE).create(columns, pk="run", if_not_exists=True)
        return database
