"""The availability ledger in the records: put down durably, read back whole.

Used by the keeper's thread. A batch is kept whole or not at all, and putting down the same one
twice changes nothing: whoever did not hear that it was kept tries again. Transitions, coverage and
maintenance are kept for ever: they are few, and they are the proof.
"""

from __future__ import annotations

from estate.ledger.book import Batch, Coverage, Declared, Entry, KeptRound, Pages
from estate.ledger.rounds import Seen, State, Transition
from estate.ledger.sightings import Sighting
from storage.database import Connection
from storage.keys import END_OF_TIME


def append(conn: Connection, batch: Batch) -> None:
    """Put down `batch`, within the caller's durable transaction."""
    for entry in batch.entries:  # in their order: one may be withdrawn and said again
        _withdraw(conn, entry) if entry.withdrawn else _say(conn, entry)
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
    conn.executemany(
        "INSERT INTO sightings (vantage, service, at, until, every_ms, seen, seq, milliseconds,"
        " cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (vantage, service, at) DO UPDATE"
        " SET until = excluded.until, seq = excluded.seq, milliseconds = excluded.milliseconds",
        [_sighting_row(each) for each in batch.sightings],
    )


def _say(conn: Connection, entry: Entry) -> None:
    conn.execute(
        "INSERT OR IGNORE INTO transitions (service, at, state, previous, confirmed_at, last_good,"
        " first_bad, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        _transition_row(entry),
    )


def _withdraw(conn: Connection, entry: Entry) -> None:
    """Take an entry out of what counts, and keep it beside: a figure that changed can say why."""
    change = entry.transition
    place = (entry.service, change.at, change.confirmed_at, str(change.state))
    conn.execute(
        "INSERT OR IGNORE INTO withdrawn SELECT service, at, state, previous, confirmed_at, cause"
        " FROM transitions WHERE service = ? AND at = ? AND confirmed_at = ? AND state = ?",
        place,
    )
    conn.execute(
        "DELETE FROM transitions WHERE service = ? AND at = ? AND confirmed_at = ? AND state = ?",
        place,
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
    sightings = conn.execute(
        "SELECT service, vantage, at, until, every_ms, seen, seq, milliseconds, cause"
        " FROM sightings WHERE at < :end AND until >= :start ORDER BY vantage, service, at",
        span,
    )
    return Pages(
        tuple(_entry(row) for row in entries),
        tuple(Coverage(*row) for row in coverage),
        tuple(Declared(*row) for row in maintenance),
        tuple(_sighting(row) for row in sightings),
    )


def journal(conn: Connection, vantage: str, since: int, most: int) -> list[Sighting]:
    """What `vantage` saw, by the numbers of its journal: runs whose last round has a later one
    than `since`, `most` at most."""
    rows = conn.execute(
        "SELECT service, vantage, at, until, every_ms, seen, seq, milliseconds, cause"
        " FROM sightings WHERE vantage = ? AND seq > ? ORDER BY seq LIMIT ?",
        (vantage, since, most),
    )
    return [_sighting(row) for row in rows]


def rounds(conn: Connection, service: str, start: int, end: int, most: int) -> list[KeptRound]:
    """The kept rounds of a service in [start, end), the oldest first, `most` at most."""
    rows = conn.execute(
        "SELECT service, vantage, at, seen, milliseconds, cause FROM rounds"
        " WHERE service = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?",
        (service, start, min(end, END_OF_TIME), most),
    )
    return [KeptRound(s, v, at, Seen(seen), ms, cause) for s, v, at, seen, ms, cause in rows]


def _sighting_row(run: Sighting) -> tuple[object, ...]:
    return (
        run.vantage, run.service, run.at, run.until, run.every_ms, str(run.seen), run.seq,
        run.milliseconds, run.cause,
    )  # fmt: skip


def _sighting(row: tuple[str, str, int, int, int, str, int, float | None, str]) -> Sighting:
    service, vantage, at, until, every, seen, seq, took, cause = row
    return Sighting(service, vantage, at, until, every, Seen(seen), seq, took, cause)


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
