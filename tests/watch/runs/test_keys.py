"""Whose locks are given back on the hosts at the end of a run."""

from __future__ import annotations

from runbooks.progress import facts
from runbooks.progress.requests import Found, Question
from runbooks.progress.run import RunProgress
from runbooks.progress.states import RunState
from tests.runbooks.progress.test_run import book, do, drive
from tests.runbooks.progress.world import Deed, World
from watch.runs.keys import _touched


def test_a_host_of_which_nobody_knows_whether_it_still_works_keeps_its_lock() -> None:
    def abort(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        return "op", (facts.Aborted(True, "enough"),)

    deeds = {"a@w2": Deed(befalls=Found.LOST, works=False)}
    run = drive(book(do("a", "webs")), World(deeds), abort)
    assert run.to_the_end() is RunState.ABORTED
    assert [host for host, _ in _touched(run.run, run.runbook)] == ["w1", "w3", "w4"]
