"""The ledger on the disk: whole or not at all, twice is once, and kill -9 loses nothing kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from estate.ledger.book import Batch, Coverage, Declared, Entry, KeptRound
from estate.ledger.rounds import Seen, State, Transition
from estate.ledger.sightings import Sighting
from estate.model import Retention
from storage.records import Records

DOWN = Entry(
    "mail",
    Transition(90, State.DOWN, State.UP, 120, last_good=60, first_bad=90),
    "smtp mx:25: connection refused",
)
UP = Entry("mail", Transition(0, State.UP, State.UNKNOWN, 0))
WINDOW = Declared("mail", 500, 600, 10, "new disks", "ops")
BAD = KeptRound("mail", "central", 90, Seen.FAIL, 1.5, "connection refused")


def batch(to: int = 120) -> Batch:
    return Batch((UP, DOWN), (Coverage("mail", "central", 0, to),), (WINDOW,), (BAD,))


def test_what_was_put_down_comes_back(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.db")
    assert records.append_ledger(batch())
    records.close()
    records = Records.open(tmp_path / "records.db")
    pages = records.ledger(0, 1_000)
    assert pages.entries == (UP, DOWN)
    assert pages.coverage == (Coverage("mail", "central", 0, 120),)
    assert pages.maintenance == (WINDOW,)
    assert records.rounds("mail", 0, 1_000, 10) == [BAD]
    assert records.check() == ()
    records.close()


def test_twice_is_once_and_coverage_grows() -> None:
    records = Records.open(None)
    records.append_ledger(batch())
    records.append_ledger(batch(to=150))
    pages = records.ledger(0, 1_000)
    assert pages.entries == (UP, DOWN)
    assert [each.to for each in pages.coverage] == [150]
    assert len(pages.maintenance) == 1


def test_planned_work_keeps_the_moment_when_it_was_first_declared() -> None:
    records = Records.open(None)
    records.append_ledger(batch())
    late = Declared("mail", 500, 600, 550, "new disks", "ops")
    records.append_ledger(Batch(maintenance=(late,)))
    assert records.ledger(0, 1_000).maintenance == (WINDOW,)


def test_a_period_begins_with_what_held_before_it() -> None:
    records = Records.open(None)
    records.append_ledger(batch())
    pages = records.ledger(100, 1_000)
    assert pages.entries == (DOWN,)
    assert records.ledger(300, 400).coverage == ()
    assert records.ledger(300, 400).entries == (DOWN,)


def test_old_rounds_go_and_the_proof_stays() -> None:
    records = Records.open(None)
    records.append_ledger(batch())
    while records.prune(10_000, Retention(events_ms=1_000)):
        pass
    assert records.rounds("mail", 0, 1_000, 10) == []
    assert records.ledger(0, 1_000).entries == (UP, DOWN)


def seen(at: int, until: int, seq: int, vantage: str = "central", mark: str = "o") -> Sighting:
    return Sighting("mail", vantage, at, until, 10, Seen(mark), seq, 1.5, "")


def test_a_run_that_grows_is_one_row_and_is_told_again_by_its_number() -> None:
    records = Records.open(None)
    records.append_ledger(Batch(sightings=(seen(0, 0, 1), seen(0, 0, 2, "recovery", "x"))))
    records.append_ledger(Batch(sightings=(seen(0, 30, 4),)))
    records.append_ledger(Batch(sightings=(seen(0, 30, 4), seen(40, 40, 5, mark="x"))))
    assert records.journal("central", 0, 10) == [seen(0, 30, 4), seen(40, 40, 5, mark="x")]
    assert records.journal("central", 4, 10) == [seen(40, 40, 5, mark="x")]
    assert records.journal("central", 0, 1) == [seen(0, 30, 4)]
    assert records.journal("recovery", 0, 10) == [seen(0, 0, 2, "recovery", "x")]
    assert records.journal("nobody", 0, 10) == []
    assert len(records.ledger(0, 100).sightings) == 3
    assert records.ledger(35, 100).sightings == (seen(40, 40, 5, mark="x"),)


def test_what_is_withdrawn_counts_no_longer_and_may_be_said_again() -> None:
    records = Records.open(None)
    records.append_ledger(batch())
    taken_back = replace(DOWN, withdrawn=True)
    unknown = Entry("mail", Transition(90, State.UNKNOWN, State.UP, 120), "rec: no data")
    for _ in range(2):  # whoever did not hear that it was kept tries again
        records.append_ledger(Batch((taken_back, unknown)))
        assert records.ledger(0, 1_000).entries == (UP, unknown)
    records.append_ledger(Batch((replace(unknown, withdrawn=True), DOWN)))
    assert records.ledger(0, 1_000).entries == (UP, DOWN)
    # In the order in which they were said last, whatever was said of them before.
    records.append_ledger(Batch((taken_back, unknown, replace(unknown, withdrawn=True), DOWN)))
    assert records.ledger(0, 1_000).entries == (UP, DOWN)


def test_old_runs_go_with_old_rounds() -> None:
    records = Records.open(None)
    records.append_ledger(Batch(sightings=(seen(0, 30, 4), seen(40, 8_990, 5))))
    while records.prune(10_000, Retention(events_ms=1_000)):
        pass
    assert records.journal("central", 0, 10) == []
    records.append_ledger(Batch(sightings=(seen(0, 9_990, 6),)))  # it began long ago, and lasts
    while records.prune(10_000, Retention(events_ms=1_000)):
        pass
    assert records.journal("central", 0, 10) == [seen(0, 9_990, 6)]


KILLED = """
import sys
from pathlib import Path
from estate.ledger.book import Batch, Coverage
from storage.records import Records
records = Records.open(Path(sys.argv[1]))
for to in range(1, 100_000):
    assert records.append_ledger(Batch(coverage=(Coverage("mail", "central", 0, to),)))
    print(to, flush=True)
"""


def test_kill_9_loses_nothing_that_was_kept(tmp_path: Path) -> None:
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
    (row,) = records.ledger(0, 1 << 40).coverage
    assert row.to in (said[-1], said[-1] + 1)
    records.close()
