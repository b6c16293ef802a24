"""Which shifts and planned work there were, since when: a row for each time that they changed.

Used by the keeper's thread. Rows are as old at most as the boards that reports are made of.
"""

from __future__ import annotations

import json

from estate.schedule import KeptSchedule, Schedule
from estate.wire import WireError, from_json, to_json
from storage.database import Connection
from storage.keys import END_OF_TIME
from storage.pictures import OLDEST_MS


def keep(conn: Connection, kept: KeptSchedule) -> None:
    """Put `kept` down, in the caller's transaction, where it is another than the last one."""
    said = None if kept.schedule is None else json.dumps(to_json(kept.schedule), sort_keys=True)
    last = conn.execute("SELECT at, schedule FROM schedules ORDER BY id DESC LIMIT 1").fetchone()
    # One that is dated later was put down before the clock was set back: it says nothing of now.
    if last is None or last[1] != said or last[0] > kept.at:
        conn.execute("INSERT INTO schedules (at, schedule) VALUES (?, ?)", (kept.at, said))


def schedules(conn: Connection, start: int, end: int) -> list[KeptSchedule]:
    """All that bear on [start, end), UTC ms, in the order in which they were put down: the one that
    held at `start` is the first of them."""
    rows = conn.execute(
        "SELECT at, schedule FROM schedules WHERE at < :end AND id >="
        " (SELECT coalesce(max(id), 0) FROM schedules WHERE at <= :start) ORDER BY id",
        {"start": min(start, END_OF_TIME), "end": min(end, END_OF_TIME)},
    )
    return [KeptSchedule(at, _schedule(said)) for at, said in rows]


def prune(conn: Connection, now: int) -> bool:
    """Delete those that others followed before any board that is kept; False if there are none."""
    followed = (
        "DELETE FROM schedules WHERE id < (SELECT max(id) FROM schedules WHERE at <= ?)",
        (now - OLDEST_MS,),
    )
    return conn.execute(*followed).rowcount > 0


def _schedule(said: str | None) -> Schedule | None:
    """A schedule as it was kept; None where it is damaged, or of a form that we can't read."""
    try:
        return None if said is None else from_json(Schedule, json.loads(said))
    except (WireError, ValueError):
        return None
