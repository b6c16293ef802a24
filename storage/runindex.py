"""An index of runs: a row each, so that a list needs no journal. Nothing is lost if it is.

It is opened for each question, by whichever thread asks: runs are few, and seldom asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from storage.onetable import one_table

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

    def _open(self) -> AbstractContextManager[Database]:
        columns = {"run": str, "size": int, "ended_at": int, "row": str}
        return one_table(
            self.path, _TABLE, columns, "run", lambda path: path.unlink(missing_ok=True)
        )
