"""What is on the disk is what is known, however slow it is and whatever is cancelled."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import cast

import pytest

from runbooks.execution import Clocks, Execution
from runbooks.performance import Performer
from runbooks.progress import facts
from runbooks.progress.facts import Entry, entry_from_json
from runbooks.progress.run import replay
from runbooks.scripts import Scripts
from storage.runs import RunFolder
from tests.runbooks.test_execution import Bench, now, once
from watch.runs.rooms import RunJournal


class SlowDisk:
    """An fsync that takes as long as it is told to, and one at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self._fsync = os.fsync
        self._busy = threading.Lock()
        monkeypatch.setattr("storage.journal.os.fsync", self)

    def __call__(self, descriptor: int) -> None:
        assert self._busy.acquire(blocking=False), "two threads write into one journal"
        try:
            self.begun.set()
            assert self.go_on.wait(10)
            self._fsync(descriptor)
        finally:
            self._busy.release()


def opened(bench: Bench) -> tuple[Execution, RunJournal]:
    """A run over the watch's own journal, at no work yet."""
    journal = bench.folder.open("r-1")
    entries = [entry_from_json(line) for line in journal.lines]
    planned = entries[0].fact
    assert isinstance(planned, facts.Planned)
    progress = replay(bench.runbook, entries, Scripts(bench.runbook, planned).payload)
    kept = RunJournal(journal, entries)
    return Execution(progress, kept, cast(Performer, None), Clocks(now, time.monotonic)), kept


def on_disk(folder: RunFolder) -> list[Entry]:
    return [entry_from_json(line) for line in folder.read("r-1")]


def test_a_record_that_is_cancelled_while_it_is_written_is_true_and_the_next_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, once("a"))

    async def play() -> None:
        execution, journal = opened(bench)
        disk = SlowDisk(monkeypatch)
        pausing = asyncio.create_task(execution.record(lambda: [facts.Paused("x")], "ann"))
        await asyncio.to_thread(disk.begun.wait, 10)
        for _ in range(3):  # however often it is told
            pausing.cancel()
            await asyncio.sleep(0)
        resuming = asyncio.create_task(execution.record(lambda: [facts.Resumed("y")], "bob"))
        await asyncio.sleep(0.05)
        assert not pausing.done() and execution.progress.seq == 1
        disk.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await pausing
        await resuming
        assert execution.progress.seq == 3 and not execution.progress.paused
        journal.close()

    asyncio.run(play())
    assert [type(each.fact) for each in on_disk(bench.folder)][1:] == [facts.Paused, facts.Resumed]
    again, journal = opened(bench)
    assert again.progress.seq == 3
    journal.close()


def test_a_journal_is_closed_only_when_nothing_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, once("a"))

    async def play() -> None:
        execution, journal = opened(bench)
        disk = SlowDisk(monkeypatch)
        pausing = asyncio.create_task(execution.record(lambda: [facts.Paused("x")], "ann"))
        await asyncio.to_thread(disk.begun.wait, 10)
        resting = asyncio.create_task(execution.at_rest())
        await asyncio.sleep(0.05)
        assert not resting.done()
        disk.go_on.set()
        await resting
        assert execution.progress.paused and len(on_disk(bench.folder)) == 2
        journal.close()
        await pausing

    asyncio.run(play())
