"""Acknowledgements, silences and what was sent of problems, in the records.

Used by the keeper's thread. What ended stays, with how and when: it is what the record of a night
is read from. Putting down the same thing twice changes nothing.
"""

from __future__ import annotations

from estate.attention import Acknowledgement, Ended, Kept, Sent, Silence
from storage.database import Connection


def put(conn: Connection, kept: Kept) -> None:
    """Put down `kept`, within the caller's durable transaction."""
    conn.executemany(
        "INSERT OR IGNORE INTO acknowledgements (problem, at, owner, reason, until, severity)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(a.problem, a.at, a.owner, a.reason, a.until, a.severity) for a in kept.acknowledgements],
    )
    conn.executemany(
        "INSERT OR IGNORE INTO silences (id, at, selects, owner, reason, until)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(s.id, s.at, s.where, s.owner, s.reason, s.until) for s in kept.silences],
    )
    for each in kept.ended:
        _end(conn, each)
    conn.executemany(
        "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?)",
        [(n.target, n.problem, n.severity, n.first, n.last) for n in kept.sent],
    )
    conn.executemany("DELETE FROM notices WHERE target = ? AND problem = ?", kept.settled)


def _end(conn: Connection, ended: Ended) -> None:
    values = (ended.at, str(ended.how), ended.by)
    if isinstance(ended.said, Silence):
        conn.execute(
            "UPDATE silences SET ended_at = ?, ended_how = ?, ended_by = ?"
            " WHERE id = ? AND ended_at IS NULL",
            (*values, ended.said.id),
        )
    else:
        conn.execute(
            "UPDATE acknowledgements SET ended_at = ?, ended_how = ?, ended_by = ?"
            " WHERE problem = ? AND at = ? AND ended_at IS NULL",
            (*values, ended.said.problem, ended.said.at),
        )


def standing(conn: Connection) -> Kept:
    """What has not ended, the oldest first; also what expired while nobody watched."""
    acknowledgements = conn.execute(
        "SELECT problem, owner, reason, at, until, severity FROM acknowledgements"
        " WHERE ended_at IS NULL ORDER BY at"
    )
    silences = conn.execute(
        "SELECT id, selects, owner, reason, at, until FROM silences"
        " WHERE ended_at IS NULL ORDER BY at"
    )
    sent = conn.execute("SELECT target, problem, severity, first, last FROM notices ORDER BY first")
    return Kept(
        tuple(Acknowledgement(*row) for row in acknowledgements),
        tuple(Silence(*row) for row in silences),
        sent=tuple(Sent(*row) for row in sent),
    )
