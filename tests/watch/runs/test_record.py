"""What is on the disk is what is known, however slow it is and whatever is cancelled."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from runbooks.execution import Clocks, Execution
from runbooks.performance import Performer
from runbooks.ports import Answer
from runbooks.progress import facts
from runbooks.progress.entries import Entry, entry_from_json
from runbooks.progress.run import replay
from runbooks.progress.states import RunState
from runbooks.scripts import Scripts
from storage.journal import Journal, Line
from storage.runs import RunFolder
from tests.runbooks.local import LocalHosts
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


def test_what_is_to_be_done_is_flushed_before_a_host_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that a power cut can take, nothing had been announced to a host."""
    bench = Bench(tmp_path, once("a", then="echo said"), once("b"))
    seen: list[str] = []
    real_fsync, real_append, real_call = os.fsync, Journal.append, LocalHosts.call

    def fsync(descriptor: int) -> None:
        real_fsync(descriptor)
        seen.append("flushed")

    def append(journal: Journal, lines: Sequence[Line], *, durable: bool = True) -> None:
        seen.extend(line["fact"] for line in lines)
        real_append(journal, lines, durable=durable)

    async def call(hosts: LocalHosts, host: str, command: str, stdin: bytes, **more: Any) -> Answer:
        before = len(hosts.calls)
        working = asyncio.ensure_future(real_call(hosts, host, command, stdin, **more))
        await asyncio.sleep(0)
        seen.append(hosts.calls[before][1])
        return await working

    monkeypatch.setattr("storage.journal.os.fsync", fsync)
    monkeypatch.setattr(Journal, "append", append)
    monkeypatch.setattr(LocalHosts, "call", call)
    assert bench.live() is RunState.SUCCEEDED
    announced = {"put": "intended", "go": "go-intended", "gc": "finished"}
    assert [each for each in seen if each in announced] == ["put", "go", "put", "go", "gc", "gc"]
    for place, verb in enumerate(seen):
        if verb in announced:
            written = max(at for at in range(place) if seen[at] == announced[verb])
            assert "flushed" in seen[written:place], f"{verb} at {place} of {seen}"
