"""Which runs there are, and what of locks is still theirs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from estate.runs import RunRow
from watch.error import WatchError
from watch.runs.archive import Archive
from watch.runs.register import Register

ENDED, AT_WORK, TIDYING, STUCK, ELSEWHERE = (f"r-20261120-0210-000{n}" for n in range(5))


def working(run: str, *, finished: bool) -> Any:
    known = SimpleNamespace(
        finished=object() if finished else None, planned=SimpleNamespace(run=run, runbook="b"),
        course=SimpleNamespace(all_tasks=tuple), requester="kwong", planned_at=0,
    )  # fmt: skip
    return SimpleNamespace(progress=known)


@pytest.fixture
def register() -> Register:
    made = Register(cast(Archive, {ENDED}))
    made.at_work = {
        AT_WORK: working(AT_WORK, finished=False),
        TIDYING: working(TIDYING, finished=True),
    }
    made.stuck = {STUCK: RunRow(STUCK, "", "", "needs-decision", 0, 0, 0, "", trouble="torn")}
    return made


def test_a_run_has_ended_that_is_put_away_or_only_tidies_its_hosts(register: Register) -> None:
    every = (ENDED, AT_WORK, TIDYING, STUCK, ELSEWHERE)
    assert [each for each in every if register.has_ended(each)] == [ENDED, TIDYING]


def test_locks_are_given_back_to_runs_that_go_on_or_of_which_nobody_knows(
    register: Register,
) -> None:
    had = {"a": ENDED, "b": AT_WORK, "c": TIDYING, "d": STUCK, "e": ELSEWHERE}
    assert register.still_held(had) == {"b": AT_WORK, "d": STUCK}
    assert register.open_now() == (AT_WORK, TIDYING, STUCK)


def test_what_is_changed_is_of_runs_that_go_on_and_of_no_other(register: Register) -> None:
    assert [each.run for each in register.changed()] == [AT_WORK]


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (ENDED, "the run takes no more words — .* — it has ended"),
        (STUCK, "the run takes no more words — .* — torn"),
        (ELSEWHERE, "no such run — .* — this watch has no run of that name"),
        ("../r-1", "no such run — ../r-1 — "),
    ],
)
def test_only_to_a_run_that_is_at_work_something_can_be_said(
    register: Register, run: str, why: str
) -> None:
    with pytest.raises(WatchError, match=why):
        register.open_run(run)
    assert register.open_run(AT_WORK) is register.at_work[AT_WORK]
