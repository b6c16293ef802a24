"""Moving hours from ticks into columns, and letting go of what is too old, in small steps.

An hour ripens when the hot tier no longer has to hold it. Its hosts are then compacted one by one,
each in one transaction that writes the columns and both rollups; after the last one its ticks are
deleted in slices. A tick whose stamp is in `hours` no longer counts, so at every moment in between
nothing is seen twice, and a step that is done again after a crash changes nothing. A step costs a
few milliseconds, half of them in zlib, which lets the board's thread run meanwhile.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from estate.model import Retention
from storage import keys
from storage.columns import NAN, known, numbers, raw, shrink
from storage.database import Connection
from storage.hours import pack_stamps, read_hour, ticks_of_hour
from storage.rollups import Rollup, minutes_of, roll_up

_SLICE_ROWS = 2_000  # rows deleted in one step: about a hundred pages
_SPARE_PAGES = 4_096  # pages that may lie free for later (16 MB) before the file is made shorter
_VACUUM_PAGES = 64


class Compaction:
    """The work in hand: which hour, and which of its hosts are still to be compacted."""

    def __init__(self) -> None:
        self._hour: int | None = None
        self._hosts: deque[int] = deque()

    def disturb(self, at: int) -> None:
        """A sample of `at` was kept: if its hour is in hand (clocks are set back), start over."""
        if self._hour is not None and at // keys.HOUR_MS <= self._hour:
            self._hour = None

    def step(self, connection: Connection, now: int, hot_ms: int) -> bool:
        """Do the next piece, in the caller's transaction; False when there was nothing to do."""
        if self._hour is None:
            oldest = connection.execute("SELECT min(key) FROM ticks").fetchone()[0]
            if oldest is None:
                return False
            hour = keys.tick_time(oldest) // keys.HOUR_MS
            if hour >= first_unripe_hour(now, hot_ms):
                return False
            self._hour = hour
            self._hosts = deque(key for (key,) in connection.execute("SELECT id FROM hosts"))
        elif self._hosts:
            compact(connection, self._hour, self._hosts.popleft())
        elif not _drop_ticks(connection, self._hour):
            self._hour = None
        return True


def first_unripe_hour(now: int, hot_ms: int) -> int:
    """The first hour (counted from 1970) that ticks are still kept for at `now`.

    It is over by a minute at least, so that no sample of it is under way any more.
    """
    over = (now - keys.MINUTE_MS) // keys.HOUR_MS
    return min((now - hot_ms) // keys.HOUR_MS + 1, over)


def compact(connection: Connection, hour: int, host: int) -> None:
    """Write one host's hour as columns and rollups. What the hour already held stays in it."""
    ticks = ticks_of_hour(connection, hour, host)
    if not ticks:
        return
    ticks = dict(sorted((read_hour(connection, hour, host) | ticks).items()))
    stamps = list(ticks)
    width = max(len(packed) for packed in ticks.values()) // 4
    gap = raw([NAN])
    flat = numbers(b"".join(packed + gap * (width - len(packed) // 4) for packed in ticks.values()))
    columns = {metric: column for metric in range(width) if known(column := flat[metric::width])}
    minutes = minutes_of(stamps)
    rollups = {metric: roll_up(minutes, column) for metric, column in columns.items()}

    connection.execute(
        "INSERT OR REPLACE INTO hours (key, samples, metrics, stamps) VALUES (?, ?, ?, ?)",
        (keys.hour_key(hour, host), len(stamps), width, pack_stamps(stamps)),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO chunks (key, packed) VALUES (?, ?)",
        (
            (keys.column_key(hour, host, metric), shrink(raw(column)))
            for metric, column in columns.items()
        ),
    )
    _take_in(connection, _MINUTES, hour, host, rollups)
    coarser = {metric: rollup.coarser(10) for metric, rollup in rollups.items()}
    _take_in(connection, _TEN_MINUTES, hour, host, coarser)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A table of rollups: one row holds `slots` slots and spans `hours` hours."""

    table: str
    hours: int
    slots: int


_MINUTES = _Shelf("minutes", 1, 60)
_TEN_MINUTES = _Shelf("ten_minutes", 24, 144)


def _take_in(
    connection: Connection, shelf: _Shelf, hour: int, host: int, rollups: dict[int, Rollup]
) -> None:
    """Put each metric's hour where it belongs in its row of `shelf`."""
    span, hour_of_span = divmod(hour, shelf.hours)
    kept = dict(
        connection.execute(
            f"SELECT key, packed FROM {shelf.table} WHERE key BETWEEN ? AND ?",  # noqa: S608
            (keys.column_key(span, host, 0), keys.column_key(span, host, keys.MOST_METRICS - 1)),
        ).fetchall()
    )
    rows = []
    for metric, rollup in rollups.items():
        key = keys.column_key(span, host, metric)
        row = Rollup.empty(shelf.slots)
        with suppress(KeyError, ValueError):  # none yet, or damaged
            row = Rollup.unpack(kept[key])
        row.put(hour_of_span * shelf.slots // shelf.hours, rollup)
        rows.append((key, row.pack()))
    connection.executemany(
        f"INSERT OR REPLACE INTO {shelf.table} (key, packed) VALUES (?, ?)",  # noqa: S608
        rows,
    )


def _drop_ticks(connection: Connection, hour: int) -> bool:
    """Delete a slice of the compacted hour's ticks; False when there were none left."""
    return _delete(connection, "ticks", "key", keys.tick_floor((hour + 1) * keys.HOUR_MS)) > 0


def prune(connection: Connection, now: int, retention: Retention) -> bool:
    """Delete a slice of what is older than `retention`; False when there was nothing to do.

    Room that is left over is given back to the file system bit by bit; what new rows will
    soon need is kept.
    """
    hour, day = keys.HOUR_MS, keys.DAY_MS
    limits = (
        ("hours", "key", keys.hour_key((now - retention.chunks_ms) // hour, 0)),
        ("chunks", "key", keys.column_key((now - retention.chunks_ms) // hour, 0, 0)),
        ("minutes", "key", keys.column_key((now - retention.minutes_ms) // hour, 0, 0)),
        ("ten_minutes", "key", keys.column_key((now - retention.ten_minutes_ms) // day, 0, 0)),
        ("events", "at", now - retention.events_ms),
        ("rounds", "at", now - retention.events_ms),
        ("sightings", "until", now - retention.events_ms),
    )
    return any(_delete(connection, *limit) for limit in limits)


def give_back_room(connection: Connection) -> bool:
    """Make the file a little shorter if much of it lies free; False when it is as it should be."""
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    if free < max(_SPARE_PAGES, pages // 4):
        return False
    # The pragma works row by row: it is done only when all rows were fetched.
    connection.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
    return True


def _delete(connection: Connection, table: str, column: str, limit: int) -> int:
    """Delete the first rows of `table` whose `column` is under `limit`; how many there were."""
    return connection.execute(
        f"DELETE FROM {table} WHERE rowid IN"  # noqa: S608
        f" (SELECT rowid FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT ?)",
        (limit, _SLICE_ROWS),
    ).rowcount
