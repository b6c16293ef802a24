"""Acknowledgements and silences on the disk: what was taken down survives kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from estate.attention import Acknowledgement, Ended, Ending, Kept, Sent, Silence
from estate.document import Event, Severity
from estate.told import Told, told
from storage.records import Records

ACK = Acknowledgement("a/disk/var", "op1", "on it", 100, 900, "warning")
HUSH = Silence("s-1", "site:central", "op2", "new disks", 110, 950)
SENT = Sent("mail", "a/disk/var", "warning", 120, 120)


def test_what_was_put_down_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    records = Records.open(path)
    assert records.put_attention(Kept((ACK,), (HUSH,), sent=(SENT,)))
    assert records.put_attention(Kept((ACK,), (HUSH,), sent=(SENT,))), "twice is once"
    records.close()
    records = Records.open(path)
    assert records.attention() == Kept((ACK,), (HUSH,), sent=(SENT,))
    assert records.check() == ()
    records.close()


def test_what_ended_stays_on_record_with_how_and_by_whom() -> None:
    records = Records.open(None)
    records.put_attention(Kept((ACK,), (HUSH,)))
    over = (Ended(ACK, 500, Ending.WITHDRAWN, "op3"), Ended(HUSH, 950, Ending.EXPIRED))
    records.put_attention(Kept(ended=over))
    records.put_attention(Kept(ended=(Ended(ACK, 999, Ending.EXPIRED),)))  # it ended already
    assert records.attention() == Kept(ended=over), (
        "nothing holds; what they brought back may stand"
    )
    conn = records._conn
    assert conn.execute(
        "SELECT ended_at, ended_how, ended_by FROM acknowledgements"
    ).fetchall() == [(500, "withdrawn", "op3")]
    assert conn.execute("SELECT ended_at, ended_how FROM silences").fetchall() == [(950, "expired")]


def test_the_same_problem_may_be_had_again() -> None:
    records = Records.open(None)
    again = Acknowledgement("a/disk/var", "op2", "mine now", 300, 800, "critical")
    records.put_attention(Kept((ACK,)))
    records.put_attention(Kept((again,), ended=(Ended(ACK, 300, Ending.REPLACED),)))
    assert records.attention().acknowledgements == (again,)


def test_what_is_settled_is_not_sent_again() -> None:
    records = Records.open(None)
    records.put_attention(Kept(sent=(SENT,)))
    records.put_attention(Kept(settled=(("mail", "a/disk/var"),)))
    assert records.attention().sent == ()


KILLED = """
import sys
from pathlib import Path
from estate.attention import Acknowledgement, Kept
from storage.records import Records
records = Records.open(Path(sys.argv[1]))
for at in range(1, 100_000):
    assert records.put_attention(Kept((Acknowledgement("p", "op1", "why", at, at, "warning"),)))
    print(at, flush=True)
"""


def test_kill_9_loses_no_word_that_was_taken_down(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    said += [
        int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
    ]
    writer.wait(10)
    writer.stdout.close()
    records = Records.open(path)
    kept = [each.at for each in records.attention().acknowledgements]
    assert kept[: said[-1]] == said
    assert len(kept) <= said[-1] + 1
    records.close()


def test_an_event_knows_how_it_was_said_after_a_restart(tmp_path: Path) -> None:
    what = told("lost: {why}", why=told("no answer in {time}", time="2 s"))
    records = Records.open(tmp_path / "records.db")
    records.append_events(
        [Event(1, 5, Severity.OK, "a", what), Event(2, 6, Severity.OK, "a", "plain")]
    )
    records._conn.execute("UPDATE events SET told = '{' WHERE id = 2")
    records.close()
    records = Records.open(tmp_path / "records.db")
    plain, event = records.events()
    assert event.what == what
    assert isinstance(event.what, Told)
    assert event.what.said == "lost: {why}"
    assert (plain.what, type(plain.what)) == ("plain", str)
    records.close()


def test_what_was_over_or_replaced_is_remembered_by_nobody() -> None:
    records = Records.open(None)
    later = replace(ACK, at=200)
    records.put_attention(Kept((ACK, later)))
    over = (Ended(ACK, 200, Ending.REPLACED), Ended(later, 300, Ending.OVER))
    records.put_attention(Kept(ended=over))
    assert records.attention() == Kept()
