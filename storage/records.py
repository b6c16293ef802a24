"""The records: samples, events and the board in one SQLite file, used by one thread.

Nothing here waits, retries or knows the time: `storage.keeper` does. Every method raises
RecordsError when SQLite can't, and leaves the file as it was before the call.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from estate.document import Event, Severity
from estate.metrics import INDEX
from estate.samples import Sample
from storage import keys
from storage.columns import numbers, pack_values
from storage.database import Connection, Fault, RecordsError, durable, open_database, translated


class Point(NamedTuple):
    """One stretch of a chart: what was measured in [at, at + width), UTC milliseconds.

    `mean` gives every measured moment the same weight. Stretches in which nothing was measured
    have no point.
    """

    at: int
    low: float
    mean: float
    high: float


class Board(NamedTuple):
    """The board as the watch last saved it: when, and the JSON it wrote."""

    at: int
    document: bytes


class Records:
    """Everything that is kept. Open with `Records.open`, close with `close`."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._database = open_database(path)
        self._identity = self._file_identity()
        with translated(path):
            self._hosts: dict[str, int] = {
                name: key for key, name in self._conn.execute("SELECT id, name FROM hosts")
            }
        self._last_at: int | None = None

    @classmethod
    def open(cls, path: Path | str | None) -> Self:
        """Open or begin the records at `path`; None keeps them in memory. Raises RecordsError."""
        return cls(Path(path) if path is not None else None)

    def close(self) -> None:
        """Close the file. What was appended stays; nothing needs to be flushed first."""
        with translated(self.path):
            self._database.close()

    # -- writing

    def append(self, samples: Sequence[Sample]) -> None:
        """Keep `samples` in one transaction; a second sample of a host and moment replaces it.

        Survives the death of the process at once, and the loss of power after `sync`.
        """
        if not samples:
            return
        newcomers: dict[str, int] = {}
        with translated(self.path), self._database.atomic():
            rows = []
            for sample in samples:
                host = self._hosts.get(sample.host) or newcomers.get(sample.host)
                if host is None:
                    host = newcomers[sample.host] = self._add_host(sample.host)
                rows.append((keys.tick_key(host, sample.at), pack_values(sample.values)))
            self._conn.executemany("INSERT OR REPLACE INTO ticks (key, packed) VALUES (?, ?)", rows)
        self._hosts.update(newcomers)
        self._last_at = samples[-1].at

    def append_events(self, events: Sequence[Event]) -> None:
        """Keep `events`, on the disk when this returns. An id that is known is left alone."""
        rows = [(e.id, e.at, str(e.severity), _text(e.where), _text(e.what)) for e in events]
        with translated(self.path), durable(self._database):
            self._conn.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)", rows)
            self._mark_saved()

    def save_board(self, at: int, document: bytes) -> None:
        """Keep `document`, the board at `at`, in place of the last one; on the disk on return."""
        with translated(self.path), durable(self._database):
            self._conn.execute(
                "INSERT OR REPLACE INTO board VALUES (1, ?, ?)", (at, zlib.compress(document, 1))
            )
            self._mark_saved()

    def sync(self) -> None:
        """Put all that was appended on the disk, proof against the loss of power.

        Raises RecordsError with Fault.GONE if the file is no longer where it was opened: SQLite
        would go on writing into a deleted file without a word.
        """
        if self._identity != self._file_identity():
            raise RecordsError(
                Fault.GONE,
                f"{self.path} was deleted or replaced while in use",
                "a new file is begun; keep the records' directory for the watch alone",
            )
        with translated(self.path), durable(self._database):
            self._mark_saved()

    def _mark_saved(self) -> None:
        if self._last_at is not None:
            self._conn.execute("INSERT OR REPLACE INTO marks VALUES ('saved', ?)", (self._last_at,))

    def _add_host(self, name: str) -> int:
        key = self._conn.execute("INSERT INTO hosts (name) VALUES (?)", (_text(name),)).lastrowid
        if key is None or key >= keys.MOST_HOSTS:
            raise RecordsError(
                Fault.BROKEN,
                f"{self.path} has seen {keys.MOST_HOSTS} hosts, as many as it can tell apart",
                "begin a new file",
            )
        return key

    # -- reading

    def saved_until(self) -> int | None:
        """When the last kept sample was taken, UTC milliseconds; None if there is none."""
        with translated(self.path):
            newest = self._conn.execute("SELECT max(key) FROM ticks").fetchone()[0]
            if newest is not None:
                return keys.tick_time(newest)
            mark = self._conn.execute("SELECT at FROM marks WHERE name = 'saved'").fetchone()
        return None if mark is None else int(mark[0])

    def load_board(self) -> Board | None:
        """The board as it was last saved, if it ever was."""
        with translated(self.path):
            row = self._conn.execute("SELECT at, document FROM board").fetchone()
        if row is None:
            return None
        try:
            return Board(row[0], zlib.decompress(row[1]))
        except zlib.error as error:
            raise RecordsError(
                Fault.CORRUPT, f"{self.path}: the saved board does not inflate", "it is set aside"
            ) from error

    def last_event_id(self) -> int:
        """The id of the newest event; 0 if there is none."""
        with translated(self.path):
            return int(self._conn.execute("SELECT max(id) FROM events").fetchone()[0] or 0)

    def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """Events at or after `since` (UTC ms), newest first, of one `host` or of all."""
        with translated(self.path):
            rows = self._conn.execute(
                "SELECT id, at, severity, place, what FROM events WHERE at >= :since AND"
                " (:host = '' OR place = :host"
                "  OR substr(place, 1, length(:host) + 1) = :host || '/')"
                " ORDER BY id DESC LIMIT :limit",
                {"since": since, "host": host, "limit": limit},
            ).fetchall()
        return tuple(Event(i, at, Severity(severity), *rest) for i, at, severity, *rest in rows)

    def series(self, host: str, metric: str, start: int, end: int, points: int) -> list[Point]:
        """A chart of `metric` on `host` over [start, end), in at most `points` + 1 points."""
        position = INDEX[metric]
        number = self._hosts.get(host)
        if number is None or end <= start:
            return []
        width = max(1, -(-(end - start) // max(points, 1)))
        buckets: dict[int, list[float]] = {}
        for at, packed in self._ticks(number, start, end):
            values = numbers(packed)
            if position < len(values) and values[position] == values[position]:
                buckets.setdefault(at // width * width, []).append(values[position])
        return [Point(at, min(v), sum(v) / len(v), max(v)) for at, v in sorted(buckets.items())]

    def _ticks(self, host: int, start: int, end: int) -> list[tuple[int, bytes]]:
        """(at, packed) of one host's ticks in [start, end): a seek for each slot of 10 s."""
        with translated(self.path):
            rows = self._conn.execute(
                "WITH RECURSIVE slots(slot) AS (VALUES(:first) UNION ALL"
                " SELECT slot + 1 FROM slots WHERE slot < :last)"
                " SELECT key, packed FROM slots CROSS JOIN ticks"
                " ON key BETWEEN (slot << 20 | :host) << 14 AND (slot << 20 | :host) << 14 | 16383",
                {"first": start // keys.SLOT_MS, "last": (end - 1) // keys.SLOT_MS, "host": host},
            ).fetchall()
        ticks = ((keys.tick_time(key), packed) for key, packed in rows)
        return [(at, packed) for at, packed in ticks if start <= at < end]

    @property
    def _conn(self) -> Connection:
        return self._database.conn

    def _file_identity(self) -> tuple[int, int] | None:
        if self.path is None:
            return None
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_dev, status.st_ino)


def _text(text: str) -> str:
    """`text` with lone surrogates written out, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
