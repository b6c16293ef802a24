"""What was asked or decided before the run moved on by a person's word is not done after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from runbooks.execution import _Pace
from runbooks.performance import Performer
from runbooks.progress import facts
from runbooks.progress.entries import Entry
from runbooks.progress.facts import Ending, Fact, Outcome, Task
from runbooks.progress.requests import Found, Poll, Polled
from runbooks.progress.states import RunState
from tests.runbooks.local import FolderJournal
from tests.runbooks.test_execution import Bench, once


def attempt(number: int) -> list[Fact]:
    task = Task("a", "db2")
    intended = facts.Intended(task, number, "0" * 64, 10_000)
    return [intended, facts.Prepared(task), facts.GoIntended(task), facts.Started(task)]


def test_an_answer_about_an_attempt_says_nothing_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person may retry what nobody knows about while its host is asked about it again."""
    bench = Bench(tmp_path, once("a"))
    execution = bench.reborn(lambda when, fact: None, lambda: None)
    task, moved = Task("a", "db2"), asyncio.Event()

    async def late(*given: object) -> Polled:
        await moved.wait()
        return Polled(Found.DONE, ending=Ending.EXITED, status=0)

    async def play() -> None:
        await execution.record(lambda: [facts.PreflightBegun()], "engine")
        await execution.record(lambda: [facts.PreflightPassed(), facts.Begun("a")], "engine")
        await execution.record(lambda: attempt(1), "engine")
        monkeypatch.setattr(Performer, "perform", late)
        poll = Poll(task, 1, 0, 0)
        making = asyncio.create_task(execution._make(poll, _Pace()))
        await asyncio.sleep(0)
        unknown = facts.Judged(task, Outcome.UNKNOWN, "it is silent")
        unreachable = facts.Resulted(task, Ending.UNREACHABLE)
        await execution.record(lambda: [unreachable, unknown], "engine")
        await execution.record(lambda: [facts.Retried(task, "once more")], "ann")
        await execution.record(lambda: attempt(2), "engine")
        moved.set()
        await making

    asyncio.run(play())
    assert bench.journal()[-1] == "started"
    assert (bench.progress.task(task).number, bench.progress.task(task).ending) == (2, None)
    assert execution.trouble.defect == ""


def test_nothing_is_begun_by_what_was_decided_before_a_person_said_to_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the disk behind the word, and is decided anew once that is there."""
    bench = Bench(tmp_path, once("a"))
    append = FolderJournal.append
    people: list[asyncio.Task[None]] = []

    async def slow(self: FolderJournal, entries: list[Entry], *, durable: bool) -> None:
        if isinstance(entries[0].fact, facts.Paused):
            await asyncio.sleep(0.2)  # so that the engine has decided what is next meanwhile
        await append(self, entries, durable=durable)

    async def pause() -> None:
        assert bench.execution is not None
        await bench.execution.record(lambda: [facts.Paused("wait")], "ann")
        await asyncio.sleep(0.3)
        await bench.execution.record(lambda: [facts.Resumed("go")], "ann")

    def at(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.Prepared):
            people.append(asyncio.get_running_loop().create_task(pause()))

    monkeypatch.setattr(FolderJournal, "append", slow)
    assert bench.live(at, seconds=20) is RunState.SUCCEEDED
    said = bench.journal()
    paused = said.index("paused")
    assert said[paused - 1 : paused + 3] == ["prepared", "paused", "resumed", "go-intended"]
