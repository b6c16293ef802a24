"""Acknowledgements, silences and what was sent of problems, in the records.

Used by the keeper's thread. What ended stays, with how and when: it is what the record of a night
is read from. Putting down the same thing twice changes nothing.
"""

from __future__ import annotations

from estate.attention import Acknowledgement, Ended, Ending, Kept, Sent, Silence
from storage.database import Connection

#: Endings, of each kind, that are remembered: what they brought back may stand still.
_MOST_ENDED = 1_000


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
    """What has not ended, the oldest first; also what expired while nobody watched. And what ended
    so that the problem came back, the newest first."""
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
        ended=_ended(conn),
        sent=tuple(Sent(*row) for row in sent),
    )


def _ended(conn: Connection) -> tuple[Ended, ...]:
    acknowledgements = conn.execute(
        "SELECT ended_at, ended_how, ended_by, problem, owner, reason, at, until, severity"
        " FROM acknowledgements WHERE ended_how IN ('expired', 'worse', 'withdrawn')"
        " ORDER BY ended_at DESC LIMIT ?",
        (_MOST_ENDED,),
    )
    silences = conn.execute(
        "SELECT ended_at, ended_how, ended_by, id, selects, owner, reason, at, until FROM silences"
        " WHERE ended_how IN ('expired', 'withdrawn') ORDER BY ended_at DESC LIMIT ?",
        (_MOST_ENDED,),
    )
    ended: list[Ended] = []
    for at, how, by, *said in acknowledgements:
        ended.append(Ended(Acknowledgement(*said), at, Ending(how), by))
    for at, how, by, *said in silences:
        ended.append(Ended(Silence(*said), at, Ending(how), by))
    return tuple(ended)
