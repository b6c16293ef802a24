"""A playbook that could not be begun is begun later, or was never: nobody is asked how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.ports import Unanswered
from runbooks.progress.facts import Outcome, Task
from runbooks.progress.states import RunState, StepState
from runbooks.runbook import Playbook
from tests.runbooks.local import Console
from tests.runbooks.progress.test_run import ASK
from tests.runbooks.test_execution import Bench

TASK = Task("play", "db2")


class Roadless(Console):
    """Knows no way to the host so many times, and then plays it."""

    def __init__(self, silent: int) -> None:
        super().__init__()
        self.silent, self.played = silent, 0

    async def play(
        self, step: Playbook, task: Task, attempt: str, seconds: float
    ) -> tuple[int | None, bytes]:
        if self.silent:
            self.silent -= 1
            raise Unanswered("no such host: the name server is away")
        self.played += 1
        return 0, b"played\n"


def playing(tmp_path: Path, console: Roadless, timeout_ms: int) -> Bench:
    step = Playbook(
        id="play", say="Play", hosts=("new",), file="site.yml", timeout_ms=timeout_ms,
        repeatable=True, if_unreachable=ASK,
    )  # fmt: skip
    bench = Bench(tmp_path, step)
    bench.console = console
    return bench


def test_it_is_begun_once_the_way_is_known(tmp_path: Path) -> None:
    console = Roadless(2)
    bench = playing(tmp_path, console, 60_000)
    assert bench.live() is RunState.SUCCEEDED
    assert console.played == 1
    assert bench.output(TASK) == b"played\n"


def test_at_its_deadline_it_was_not_started(tmp_path: Path) -> None:
    bench = playing(tmp_path, Roadless(1_000), 1_000)
    with pytest.raises(TimeoutError):
        bench.live(seconds=6)
    task = bench.progress.task(TASK)
    assert (task.state, task.outcome) == (StepState.VERIFIED, Outcome.STOPPED)
    assert task.why == "not started: no such host: the name server is away"
    assert task.unreachable
