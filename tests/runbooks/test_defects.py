"""A defect of ours, injected: it is shown while it holds something up, and never in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks import execution
from runbooks.progress import facts
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.requests import Answer, Call, Look
from runbooks.progress.run import RunProgress
from runbooks.progress.states import IllegalMove, RunState
from tests.runbooks.progress.test_run import book, do, drive
from tests.runbooks.test_execution import Bench, once


@pytest.fixture(autouse=True)
def _short_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "DEFECT_REST_SECONDS", 0.05)


def test_a_fact_that_cant_follow_is_never_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rightly, seen = RunProgress.conclude, list[str]()

    def wrongly(self: RunProgress, request: Call, answer: Answer, now: int) -> tuple[Fact, ...]:
        if isinstance(request, Look) and not seen:
            seen.append("once")
            return (
                facts.WhenHeld(request.task),
                facts.Settled(request.task, Outcome.OK, "nobody asked"),
            )
        return rightly(self, request, answer, now)

    monkeypatch.setattr(RunProgress, "conclude", wrongly)
    bench = Bench(tmp_path, once("a"))
    shown: list[str] = []

    def changed() -> None:
        assert bench.execution is not None
        shown.append(bench.execution.trouble.defect)

    assert bench.live(changed=changed) is RunState.SUCCEEDED
    assert not {"settled", "when-held"} & set(bench.journal()), "nor what came with it"
    assert any(each.startswith("IllegalMove: Settled can't follow") for each in shown)
    assert shown[-1] == "", "it is over"
    assert bench.live() is RunState.SUCCEEDED, "a restart reads it"


def test_facts_are_checked_one_after_the_other() -> None:
    run = drive(book(do("a"))).run
    task = Task("a", "db2")
    run.check(facts.Intended(task, 1, "", 1), facts.Prepared(task), facts.GoIntended(task))
    with pytest.raises(IllegalMove, match="Started can't follow the state prepared"):
        run.check(facts.Intended(task, 1, "", 1), facts.Prepared(task), facts.Started(task))
    with pytest.raises(IllegalMove, match="Paused can't follow the end of the run"):
        run.check(facts.Finished("failed"), facts.Paused())
