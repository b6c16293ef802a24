"""A step whose directory is gone from its host: unknown, never "not started", and never repeated.

Over hosts in memory, and over the real agent under `sh`.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from runbooks.execution import Execution
from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.facts import Ending, Fact, Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Go, Poll, Question
from runbooks.progress.states import RunState
from tests.runbooks.host.conftest import wait_for
from tests.runbooks.progress.drive import Drive, saying
from tests.runbooks.progress.test_run import book, do, drive
from tests.runbooks.progress.world import Deed, World
from tests.runbooks.test_execution import Bench, answering, now, once

A = Task("a", "db2")
WHY = "its directory is gone from the host, after it may have been started"


@pytest.mark.parametrize("while_it_runs", [False, True])
def test_it_is_left_to_a_person(while_it_runs: bool) -> None:
    """Gone before the order to start arrived, or after: from here both look the same."""
    world = World({"a": Deed(hangs=True, works=False)})
    run = drive(
        book(do("a", done_when="")), world, saying((Decision.SETTLE, {"outcome": Outcome.OK}))
    )

    def remove(drive: Drive) -> None:
        asked = drive.run.requests(drive.now)
        if any(isinstance(each, Poll if while_it_runs else Go) for each in asked):
            world.attempts.pop((A, 1), None)

    run.meddle = remove
    assert run.to_the_end() is RunState.SUCCEEDED
    judged = [e.fact for e in run.journal if isinstance(e.fact, facts.Judged)]
    assert [(each.outcome, each.why) for each in judged] == [(Outcome.UNKNOWN, WHY)]
    assert [e.fact.number for e in run.journal if isinstance(e.fact, facts.Intended)] == [1]
    assert world.times == ({(A, 1): 1} if while_it_runs else {})


@pytest.mark.parametrize("point", [facts.Prepared, facts.Started])
def test_it_is_not_done_again_on_a_host(tmp_path: Path, point: type[Fact]) -> None:
    wait = 'until [ -e "$HOME/on" ]; do sleep 0.05; done; : >"$HOME/over"'
    bench = Bench(tmp_path, once("a", then=wait, done_when="false"))
    home = tmp_path / "hosts" / "db2"
    pending: list[asyncio.Task[object]] = []

    def remove(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, point):
            shutil.rmtree(home / ".twinwatch" / "steps")

    def settle(execution: Execution, question: Question) -> None:
        task = execution.progress.task(A)
        assert (task.outcome, task.ending) == (Outcome.UNKNOWN, Ending.ABSENT)
        assert task.why.startswith(WHY)

        def decide() -> tuple[Fact, ...]:
            said = {"outcome": Outcome.FAILED}
            return decided(execution.progress, "a", Decision.SETTLE, "seen", now(), **said)  # type: ignore[arg-type]

        pending.append(asyncio.get_running_loop().create_task(execution.record(decide, "ann")))

    try:
        assert bench.live(remove, changed=answering(bench, settle)) is RunState.FAILED
    finally:
        (home / "on").touch()
        if point is facts.Started:  # nobody else ends it, once its home is gone as well
            wait_for((home / "over").exists)
    assert bench.hosts.count("db2", "a") == (point is facts.Started)
    assert bench.journal().count("intended") == 1 and len(pending) == 1
