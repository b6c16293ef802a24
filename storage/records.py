"""The records: samples, events and the board in one SQLite file, used by one thread.

Nothing here waits, retries or knows the time: `storage.keeper` does. Every method raises
RecordsError when SQLite can't, and leaves the file as it was before the call.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from estate.attention import Kept
from estate.document import Event, Severity
from estate.ledger.book import Batch, KeptRound, Pages
from estate.ledger.sightings import Sighting
from estate.metrics import INDEX
from estate.model import Retention
from estate.past import Moment
from estate.samples import Sample
from estate.schedule import KeptSchedule
from estate.told import Told, from_plain, to_plain
from storage import attention, keys, ledger, pictures, schedules
from storage.charts import Point, Span, chart, samples
from storage.columns import numbers, pack_values
from storage.compaction import Compaction, give_back_room, prune
from storage.database import Connection, Fault, RecordsError, durable, open_database, translated
from storage.inspection import inspect


class Tick(NamedTuple):
    """What is kept of a sample: `packed` is float32 for each metric (a quarter of its memory)."""

    host: str
    at: int
    packed: bytes

    @classmethod
    def of(cls, sample: Sample) -> Tick:
        """`sample` without what only the board shows."""
        return cls(_text(sample.host), sample.at, pack_values(sample.values))

    def value(self, metric: int) -> float:
        """The value of the metric at that position of `METRICS`."""
        return numbers(self.packed[metric * 4 : metric * 4 + 4])[0]


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
        self._compaction = Compaction()
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
        """As `append_ticks`."""
        self.append_ticks([Tick.of(sample) for sample in samples])

    def append_ticks(self, ticks: Sequence[Tick]) -> None:
        """Keep `ticks` in one transaction; a second one of a host and moment replaces the first.

        Survives the death of the process at once, and the loss of power after `sync`.
        """
        if not ticks:
            return
        newcomers: dict[str, int] = {}
        with translated(self.path), self._database.atomic():
            rows = []
            for tick in ticks:
                host = self._hosts.get(tick.host) or newcomers.get(tick.host)
                if host is None:
                    host = newcomers[tick.host] = self._add_host(tick.host)
                rows.append((keys.tick_key(host, tick.at), tick.packed))
            self._conn.executemany("INSERT OR REPLACE INTO ticks (key, packed) VALUES (?, ?)", rows)
        self._hosts.update(newcomers)
        self._compaction.disturb(min(tick.at for tick in ticks))
        self._last_at = ticks[-1].at

    def append_events(self, events: Sequence[Event]) -> None:
        """Keep `events`, on the disk when this returns. An id that is known is left alone."""
        if not events:
            return
        rows = [
            (
                *(e.id, e.at, str(e.severity), _text(e.where), _text(e.what), _how_told(e.what)),
                _text(e.cleared) or None,
            )
            for e in events
        ]
        with translated(self.path), durable(self._database):
            self._conn.executemany(
                "INSERT OR IGNORE INTO events (id, at, severity, place, what, told, cleared)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._mark_saved()

    def save_board(self, at: int, document: bytes) -> None:
        """Keep `document`, the board at `at`, in place of the last one; on the disk on return."""
        with translated(self.path), durable(self._database):
            self._conn.execute(
                "INSERT OR REPLACE INTO board VALUES (1, ?, ?)", (at, zlib.compress(document, 1))
            )
            self._mark_saved()

    def append_ledger(self, batch: Batch) -> bool:
        """Keep `batch` of the ledger whole, on the disk when this returns True."""
        with translated(self.path), durable(self._database):
            ledger.append(self._conn, batch)
        return True

    def put_attention(self, kept: Kept) -> bool:
        """Keep what people said of problems whole, on the disk when this returns True."""
        with translated(self.path), durable(self._database):
            attention.put(self._conn, kept)
        return True

    def keep_picture(self, moment: Moment, document: bytes) -> bool:
        """Keep `document` (JSON), the board at `moment`, beside those that are kept already."""
        with translated(self.path), self._database.atomic():
            pictures.keep(self._conn, moment, document)
        return True

    def keep_schedule(self, kept: KeptSchedule) -> bool:
        """Keep `kept` where it is another than the last one; on the disk when this returns True."""
        with translated(self.path), durable(self._database):
            schedules.keep(self._conn, kept)
        return True

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
        key = self._conn.execute("INSERT INTO hosts (name) VALUES (?)", (name,)).lastrowid
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
                # The greatest key is the last host's, which need not be the last to have answered.
                floor = keys.tick_floor(keys.tick_time(newest))
                slot = self._conn.execute("SELECT key FROM ticks WHERE key >= ?", (floor,))
                return max(keys.tick_time(key) for (key,) in slot)
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
        except zlib.error:
            return None  # a damaged board is no board; `check` names it

    def last_event_id(self) -> int:
        """The id of the newest event; 0 if there is none."""
        with translated(self.path):
            return int(self._conn.execute("SELECT max(id) FROM events").fetchone()[0] or 0)

    def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """Events at or after `since` (UTC ms), newest first, of one `host` or of all."""
        with translated(self.path):
            rows = self._conn.execute(
                "SELECT id, at, severity, place, what, told, cleared FROM events"
                # The same as `concerns`, below.
                " WHERE at >= :since AND (:host = '' OR place = :host"
                "  OR substr(place, 1, length(:host) + 1) = :host || '/')"
                " ORDER BY id DESC LIMIT :limit",
                {
                    "since": min(since, keys.END_OF_TIME),  # larger ones SQLite can't take
                    "host": _text(host),
                    "limit": min(limit, keys.END_OF_TIME),
                },
            ).fetchall()
        return tuple(
            Event(i, at, Severity(severity), where, _as_told(what, how), cleared or "")
            for i, at, severity, where, what, how, cleared in rows
        )

    def ledger(self, start: int, end: int) -> Pages:
        """The ledger of [start, end), UTC ms, as `storage.ledger.pages` gives it."""
        with translated(self.path):
            return ledger.pages(self._conn, start, end)

    def attention(self) -> Kept:
        """What people said of problems that has not ended, and what was sent of them."""
        with translated(self.path):
            return attention.standing(self._conn)

    def picture(self, at: int) -> bytes | None:
        """The last board that was kept at or before `at`, as JSON."""
        with translated(self.path):
            return pictures.picture(self._conn, at)

    def moments(self, start: int, end: int, most: int) -> list[Moment]:
        """Of which moments in [start, end) boards are kept, newest first, `most` at most."""
        with translated(self.path):
            return pictures.moments(self._conn, start, end, most)

    def schedules(self, start: int, end: int) -> list[KeptSchedule]:
        """Which bear on [start, end), as `storage.schedules.schedules` gives them."""
        with translated(self.path):
            return schedules.schedules(self._conn, start, end)

    def rounds(self, service: str, start: int, end: int, most: int) -> list[KeptRound]:
        """Rounds of a service that were not good, and the first good one after each."""
        with translated(self.path):
            return ledger.rounds(self._conn, _text(service), start, end, most)

    def journal(self, vantage: str, since: int, most: int) -> list[Sighting]:
        """What a vantage saw, as `storage.ledger.journal` gives it."""
        with translated(self.path):
            return ledger.journal(self._conn, _text(vantage), since, most)

    def series(
        self,
        host: str,
        metric: str,
        start: int,
        end: int,
        points: int,
        *,
        unsaved: Sequence[tuple[int, float]] = (),
    ) -> list[Point]:
        """A chart of `metric` on `host` over [start, end), UTC ms, in at most `points` + 1 points.

        `unsaved` are (at, value) that are not in the file yet. A host that was never seen has an
        empty chart; a metric that does not exist raises KeyError.
        """
        return self.drawn(_text(host), INDEX[metric], start, end, points, unsaved=unsaved)

    def drawn(
        self,
        series: str,
        position: int,
        start: int,
        end: int,
        points: int,
        *,
        unsaved: Sequence[tuple[int, float]] = (),
    ) -> list[Point]:
        """As `series`, of the figure at `position` of any series there is."""
        if end <= start or points < 1:
            return []
        number = self._hosts.get(series, keys.NO_HOST)
        span = Span(start, end, points)
        with translated(self.path):
            return chart(self._conn, number, position, span, unsaved)

    def samples(self, host: str, start: int, end: int) -> Iterator[tuple[int, tuple[float, ...]]]:
        """(at, values in the order of `METRICS`) of `host` in [start, end), ascending.

        Only as far back as whole samples are kept; read hour by hour, for an export.
        """
        number = self._hosts.get(_text(host))
        if number is not None:
            with translated(self.path):
                yield from samples(self._conn, number, start, end)

    def hosts(self) -> tuple[str, ...]:
        """Every host that was ever sampled, first seen first."""
        return tuple(name for name in self._hosts if " " not in name)  # others are of queues

    def all_series(self) -> tuple[str, ...]:
        """The name of whatever was ever measured, first seen first: hosts, and queues."""
        return tuple(self._hosts)

    # -- upkeep, in steps of a few milliseconds

    def compact(self, now: int, hot_ms: int) -> bool:
        """Move the next piece of what is older than `hot_ms` into columns; False if none is."""
        try:
            with translated(self.path), self._database.atomic():
                return self._compaction.step(self._conn, now, hot_ms)
        except BaseException:
            # The piece in hand was rolled back; forgetting the plan makes sure it comes again.
            self._compaction = Compaction()
            raise

    def prune(self, now: int, retention: Retention) -> bool:
        """Delete the next slice of what is older than `retention`; False if nothing is."""
        with translated(self.path):
            with self._database.atomic():
                pruned = (
                    prune(self._conn, now, retention)
                    or pictures.thin(self._conn, now)
                    or schedules.prune(self._conn, now)
                )
            return pruned or give_back_room(self._conn)

    def check(self) -> tuple[str, ...]:
        """Read everything; what is wrong, as sentences. Takes seconds for a file of 300 MB."""
        with translated(self.path):
            return tuple(inspect(self._conn))

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


def concerns(place: str, host: str) -> bool:
    """Whether an event at `place` ("mta-c03", "mta-c03/disk") is of `host`; "" means any."""
    return host in ("", place) or place.startswith(f"{host}/")


def _how_told(text: str) -> str | None:
    """How a text was said, for another language; None where it does not know."""
    return json.dumps(to_plain(text)) if isinstance(text, Told) else None


def _as_told(text: str, how: str | None) -> str:
    try:
        return text if how is None else from_plain(json.loads(how), text)
    except ValueError:  # damaged: its English is there
        return text


def _text(text: str) -> str:
    """`text` with lone surrogates written out, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
