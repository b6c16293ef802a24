"""What hosts answered when they were asked whether they could take over, night after night.

A file of its own: it is written once a night a service, by whichever thread asks.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

from sqlite_utils import Database

from estate.readiness import Asking
from estate.wire import WireError, from_json, to_json
from storage.onetable import one_table

#: Nights are kept so long.
KEPT_MS = 400 * 86_400_000
_TABLE = "askings"


class Askings:
    """The answers at `path`; a damaged file is put aside and begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, asking: Asking) -> None:
        """Keep an asking, and let go of those that were kept long enough. RecordsError."""
        said = json.dumps(to_json(asking), ensure_ascii=False)
        row = {"service": asking.service, "at": asking.at, "said": said}
        with self._open() as database:
            table = database.table(_TABLE)
            table.upsert(row, pk=("service", "at"))
            table.delete_where("at < ?", (asking.at - KEPT_MS,))

    def latest(self) -> list[Asking]:
        """The last asking of each service. RecordsError."""
        with self._open() as database:
            # SQLite gives the other columns of the row that max() found: sqlite.org/quirks.html
            query = "select service, max(at) as at, said from askings group by service"
            found = list(database.query(query))
        return [each for row in found if (each := _asking(row["said"])) is not None]

    def of(self, service: str, since: int) -> list[Asking]:
        """Every asking of a service from `since` (UTC ms) on, the newest first. RecordsError."""
        with self._open() as database:
            table = database.table(_TABLE)
            found = list(
                table.rows_where("service = ? and at >= ?", (service, since), order_by="at desc")
            )
        return [each for row in found if (each := _asking(row["said"])) is not None]

    def _open(self) -> AbstractContextManager[Database]:
        columns = {"service": str, "at": int, "said": str}
        return one_table(self.path, _TABLE, columns, ("service", "at"), _damaged)


def _damaged(path: Path) -> None:
    path.replace(path.with_suffix(".damaged"))


def _asking(said: str) -> Asking | None:
    """An asking as it was kept; None where another version kept it in another form."""
    try:
        return from_json(Asking, json.loads(said))
    except (WireError, ValueError):
        return None
