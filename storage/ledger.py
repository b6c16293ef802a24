"""The availability ledger in the records: put down durably, read back whole.

Used by the keeper's thread. A batch is kept whole or not at all, and putting down the same one
twice changes nothing: whoever did not hear that it was kept tries again. Transitions, coverage and
maintenance are kept for ever: they are few, and they are the proof.
"""

from __future__ import annotations

from estate.ledger.book import Batch, Coverage, Declared, Entry, KeptRound, Pages
from estate.ledger.rounds import Seen, State, Transition
from storage.database import Connection
from storage.keys import END_OF_TIME


def append(conn: Connection, batch: Batch) -> None:
    """Put down `batch`, within the caller's durable transaction."""
    conn.executemany(
        "INSERT OR IGNORE INTO transitions (service, at, state, previous, confirmed_at, last_good,"
        " first_bad, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [_transition_row(each) for each in batch.entries],
    )
    conn.executemany(
        "INSERT INTO coverage VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until",
        [(each.service, each.vantage, each.start, each.to) for each in batch.coverage],
    )
    conn.executemany(
        "INSERT OR IGNORE INTO maintenance VALUES (?, ?, ?, ?, ?, ?)",
        [
            (e.service, e.starts, e.ends, e.declared_at, e.reason, e.declared_by)
            for e in batch.maintenance
        ],
    )
    conn.executemany(
        "INSERT OR REPLACE INTO rounds VALUES (?, ?, ?, ?, ?, ?)",
        [(e.service, e.vantage, e.at, str(e.seen), e.milliseconds, e.cause) for e in batch.rounds],
    )


def pages(conn: Connection, start: int, end: int) -> Pages:
    """All that bears on [start, end): what began before it and reaches in, too.

    Of each service the last transition before `start` is among them, for it says how it began.
    """
    span = {"start": start, "end": min(end, END_OF_TIME)}
    entries = conn.execute(
        "SELECT service, at, state, previous, confirmed_at, last_good, first_bad, cause"
        " FROM transitions WHERE at < :end AND (at >= :start OR id IN"
        "  (SELECT max(id) FROM transitions WHERE at < :start GROUP BY service)) ORDER BY id",
        span,
    )
    coverage = conn.execute(
        "SELECT service, vantage, start, until FROM coverage"
        " WHERE start < :end AND until >= :start ORDER BY service, vantage, start",
        span,
    )
    maintenance = conn.execute(
        "SELECT service, starts, ends, declared_at, reason, declared_by FROM maintenance"
        " WHERE starts < :end AND ends > :start ORDER BY service, starts",
        span,
    )
    return Pages(
        tuple(_entry(row) for row in entries),
        tuple(Coverage(*row) for row in coverage),
        tuple(Declared(*row) for row in maintenance),
    )


def rounds(conn: Connection, service: str, start: int, end: int, most: int) -> list[KeptRound]:
    """The kept rounds of a service in [start, end), the oldest first, `most` at most."""
    rows = conn.execute(
        "SELECT service, vantage, at, seen, milliseconds, cause FROM rounds"
        " WHERE service = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?",
        (service, start, min(end, END_OF_TIME), most),
    )
    return [KeptRound(s, v, at, Seen(seen), ms, cause) for s, v, at, seen, ms, cause in rows]


def _transition_row(entry: Entry) -> tuple[object, ...]:
    change = entry.transition
    return (
        entry.service, change.at, str(change.state), str(change.previous), change.confirmed_at,
        change.last_good, change.first_bad, entry.cause,
    )  # fmt: skip


def _entry(row: tuple[str, int, str, str, int, int | None, int | None, str]) -> Entry:
    service, at, state, previous, confirmed_at, last_good, first_bad, cause = row
    change = Transition(at, State(state), State(previous), confirmed_at, last_good, first_bad)
    return Entry(service, change, cause)
