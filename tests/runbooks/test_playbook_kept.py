"""What a playbook came to and printed: on record once, without secrets, though the disk was full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbooks.ports import Unwritable
from runbooks.progress import facts
from runbooks.progress.facts import Ending, Fact, Outcome
from runbooks.progress.states import RunState
from runbooks.runbook import Playbook
from tests.runbooks.local import Console, FolderJournal, FolderOutputs
from tests.runbooks.test_execution import Bench
from tests.runbooks.test_playbook_not_begun import TASK

SECRET = "hunter2-hunter2"


class Playing(Console):
    """Plays it for `seconds`, unless it is cancelled, and says how often it was begun and ended."""

    def __init__(self, printed: bytes = b"played\n", seconds: float = 0.0) -> None:
        super().__init__()
        self.printed, self.seconds = printed, seconds
        self.begun = self.ended = 0

    async def play(self, *given: object) -> tuple[int | None, bytes]:
        self.begun += 1
        await asyncio.sleep(self.seconds)
        self.ended += 1
        return 0, self.printed


def playing(tmp_path: Path, console: Playing, **more: Any) -> Bench:
    step = Playbook(id="play", say="Play", hosts=("new",), file="site.yml", timeout_ms=60_000)
    bench = Bench(tmp_path, step, **more)
    bench.console = console
    return bench


def fails(
    monkeypatch: pytest.MonkeyPatch, of: type, name: str, when: Any = lambda *_: True
) -> None:
    """The first that is so finds no room."""
    really, left = getattr(of, name), [1]

    async def full(self: object, *given: Any, **more: Any) -> object:
        if left and when(*given):
            left.pop()
            raise Unwritable("no space for it; free some")
        return await really(self, *given, **more)

    monkeypatch.setattr("runbooks.execution.RECORD_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(of, name, full)


def is_of(kind: type[Fact]) -> Any:
    return lambda entries: any(isinstance(each.fact, kind) for each in entries)


def no_room(bench: Bench) -> bool:
    assert bench.execution is not None
    return bool(bench.execution.trouble.record)


def aborting(bench: Bench, once: Callable[[Bench], bool]) -> Callable[[str, Fact], None]:
    """Somebody who aborts the run now, `once` it is so after the playbook was told to go."""
    pending: list[asyncio.Task[None]] = []

    async def abort() -> None:
        while not once(bench):
            await asyncio.sleep(0.01)
        assert bench.execution is not None
        await bench.execution.record(lambda: [facts.Aborted(True, "enough")], "ann")

    def at(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.GoIntended):
            pending.append(asyncio.get_running_loop().create_task(abort()))

    return at


@pytest.mark.parametrize("what", ["output", "result"])
def test_its_result_outlives_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    if what == "output":
        fails(monkeypatch, FolderOutputs, "keep")
    else:
        fails(monkeypatch, FolderJournal, "append", is_of(facts.Resulted))
    console = Playing()
    bench = playing(tmp_path, console)
    assert bench.live(seconds=20) is RunState.SUCCEEDED
    assert (console.begun, bench.output(TASK)) == (1, b"played\n")


def test_one_that_had_ended_when_the_run_was_aborted_is_told_as_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, FolderOutputs, "keep")
    bench = playing(tmp_path, Playing())
    assert bench.live(aborting(bench, once=no_room), seconds=20) is RunState.ABORTED
    task = bench.progress.task(TASK)
    assert (task.ending, task.status, task.outcome) == (Ending.EXITED, 0, Outcome.OK)
    assert bench.output(TASK) == b"played\n"


def test_its_output_is_kept_without_secrets(tmp_path: Path) -> None:
    console = Playing(f"token={SECRET}\n".encode())
    bench = playing(tmp_path, console, secrets={"token": SECRET})
    assert bench.live(seconds=20) is RunState.SUCCEEDED
    assert bench.output(TASK) == b"token=[redacted]\n"
    for path in (tmp_path / "runs").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_it_is_ended_at_once_when_its_run_is_aborted_now(tmp_path: Path) -> None:
    console = Playing(seconds=3_600.0)
    bench = playing(tmp_path, console)
    end = bench.live(aborting(bench, once=lambda bench: console.begun > 0), seconds=20)
    assert end is RunState.ABORTED
    task = bench.progress.task(TASK)
    assert (task.ending, console.begun, console.ended) == (Ending.STOPPED, 1, 0)
