"""kill -9 at random moments: nothing that was shown as saved is lost, and the gap is a gap.

`TWINWATCH_KILLS=100` kills more often than the everyday 25 times; `TWINWATCH_SEED` repeats a run.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import storage
from storage.records import Records

KILLS = int(os.environ.get("TWINWATCH_KILLS", "25"))
SEED = int(os.environ.get("TWINWATCH_SEED", str(time.time_ns())))
TICK_MS = 10_000
TEN_MINUTES_MS = 600_000
T0 = 1_793_145_600_000

#: A watch's day in a few seconds: its clock is the tick it is at, so that hours ripen, are
#: compacted and pruned while it is killed. It prints the tick that it may show as saved.
WATCH = """
import sys, time
from estate.document import Event
from estate.metrics import METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.keeper import Keeper

at = int(sys.argv[2])
keeper = Keeper(sys.argv[1], Retention(hot_ms=3_600_000), lambda: at, lambda: 0.0)
restored = keeper.start()
number, shown = restored.last_event_id, None
while True:
    values = (float(at // 10_000 % 4096),) * len(METRICS)
    number += 1
    keeper.put([Sample(host, at, values, 1, 1, 1) for host in ("a", "b")], [Event(number, at, "ok", "a", "tick")])
    if at % 100_000 == 0:
        keeper.save_board(b"%d" % at)
    if keeper.saved_until not in (shown, restored.saved_until):
        shown = keeper.saved_until
        print(shown, flush=True)
    at += 10_000
    time.sleep(0.001)
"""


def live_and_die(path: Path, start: int, seconds: float) -> int | None:
    """Run a watch from tick `start`, kill it `seconds` after it began to save; the last it showed."""
    watch = subprocess.Popen(
        [sys.executable, "-c", WATCH, str(path), str(start)],
        stdout=subprocess.PIPE, text=True, cwd=Path(storage.__file__).parents[1],
    )  # fmt: skip
    assert watch.stdout is not None
    try:
        first = watch.stdout.readline()
        time.sleep(seconds)
    finally:
        watch.send_signal(signal.SIGKILL)
        rest = watch.stdout.read()
        watch.wait()
        watch.stdout.close()
    whole_lines = (first + rest).rsplit("\n", 1)[0].split()
    return int(whole_lines[-1]) if whole_lines else None


@pytest.mark.timeout(60 + 5 * KILLS)
def test_nothing_that_was_shown_as_saved_is_lost(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    path = tmp_path / "records.db"
    lives: list[tuple[int, int]] = []  # first tick, last tick that was shown as saved
    gaps: list[tuple[int, int]] = []  # from the last tick in the file to the next life's first
    start = T0
    for kill in range(KILLS):
        shown = live_and_die(path, start, dice.uniform(0, 0.9))
        told = f"kill {kill}, TWINWATCH_SEED={SEED}"
        assert shown is not None and shown >= start, f"{told}: the watch never saved anything"
        lives.append((start, shown))

        records = Records.open(path)
        assert records.check() == (), told
        promised = [at for first, last in lives for at in range(first, last + 1, TICK_MS)]
        for host in ("a", "b"):
            kept = dict(records.samples(host, T0, shown + 1))
            assert [at for at in promised if at not in kept] == [], told
            assert all(kept[at][0] == at // TICK_MS % 4096 for at in promised), told
        events = {event.at for event in records.events(limit=1_000_000)}
        assert [at for at in promised if at not in events] == [], told
        saved = records.saved_until()
        assert saved is not None and saved >= shown, told
        board = records.load_board()
        assert board is not None and board.at <= saved + TICK_MS, told

        start = saved + dice.randrange(150, 400) * TICK_MS
        gaps.append((saved + 1, start))
        for dead in gaps:
            between = (
                -(-dead[0] // TEN_MINUTES_MS) * TEN_MINUTES_MS,
                dead[1] // TEN_MINUTES_MS * TEN_MINUTES_MS,
            )
            assert records.series("a", "cpu", *dead, points=1_000) == [], told
            assert records.series("a", "cpu", *between, points=10) == [], told
            assert records.series("a", "cpu", *between, points=1) == [], told
        records.close()
