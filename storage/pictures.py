"""Whole boards of the past, thinned as they grow old.

Used by the keeper's thread. Of the last day all are kept, as often as the watch took one; then one
in ten minutes for two weeks, one an hour for a quarter. A board of 80 hosts takes some 10 kB.
"""

from __future__ import annotations

import zlib

from estate.past import Moment
from storage.database import Connection
from storage.keys import DAY_MS, END_OF_TIME, HOUR_MS, MINUTE_MS

#: (name of the mark, kept whole until this old, then one in this span)
_TIERS = (
    ("pictures by ten minutes", DAY_MS, 10 * MINUTE_MS),
    ("pictures by hours", 14 * DAY_MS, HOUR_MS),
)
OLDEST_MS = 92 * DAY_MS
#: Spans that one step of upkeep goes through: a few milliseconds.
_SPANS = 50


def keep(conn: Connection, moment: Moment, document: bytes) -> None:
    """Keep `document` (JSON), the board at `moment`, in the caller's transaction."""
    conn.execute(
        "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)",
        (moment.at, moment.critical, moment.warning, zlib.compress(document, 6)),
    )


def picture(conn: Connection, at: int) -> bytes | None:
    """The last board that was kept at or before `at`, UTC ms, as JSON; None where there is none, or
    it is damaged."""
    row = conn.execute(
        "SELECT document FROM pictures WHERE at <= ? ORDER BY at DESC LIMIT 1",
        (min(at, END_OF_TIME),),
    ).fetchone()
    try:
        return zlib.decompress(row[0]) if row is not None else None
    except zlib.error:
        return None


def moments(conn: Connection, start: int, end: int, most: int) -> list[Moment]:
    """The moments in [start, end) of which boards are kept, newest first, `most` at most."""
    rows = conn.execute(
        "SELECT at, critical, warning FROM pictures WHERE at >= ? AND at < ?"
        " ORDER BY at DESC LIMIT ?",
        (min(start, END_OF_TIME), min(end, END_OF_TIME), min(most, END_OF_TIME)),
    )
    return [Moment(*row) for row in rows]


def thin(conn: Connection, now: int) -> bool:
    """Do the next piece of thinning; False when there was nothing to do."""
    if conn.execute("DELETE FROM pictures WHERE at < ?", (now - OLDEST_MS,)).rowcount:
        return True
    return any(_thin(conn, name, now - age, span) for name, age, span in _TIERS)


def _thin(conn: Connection, mark: str, until: int, span: int) -> bool:
    """Leave the first picture of each `span` that ended by `until`; what was done is marked."""
    done = conn.execute("SELECT at FROM marks WHERE name = ?", (mark,)).fetchone()
    oldest = done or conn.execute("SELECT min(at) FROM pictures").fetchone()
    if oldest[0] is None:
        return False
    start = oldest[0] // span * span
    end = min(until // span * span, start + _SPANS * span)
    if end <= start:
        return False
    conn.execute(
        "DELETE FROM pictures WHERE at >= ? AND at < ? AND at NOT IN"
        " (SELECT min(at) FROM pictures WHERE at >= ? AND at < ? GROUP BY at / ?)",
        (start, end, start, end, span),
    )
    conn.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (mark, end))
    return True
