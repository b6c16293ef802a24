"""Every decision of a person is a row, with who and why; what the engine does by itself is none."""

from __future__ import annotations

import pytest

from estate.runs import DECISIONS, DecisionRow
from runbooks.progress import facts
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Fact, Task
from watch.runs.decided import decided

TASK = Task("promote", "mdb-r01")


@pytest.mark.parametrize(
    ("fact", "what", "about"),
    [
        (facts.Approved(TASK, "so"), "approved", "promote on mdb-r01"),
        (facts.Refused(Task("gate"), "so"), "refused", "gate"),
        (facts.Waived(TASK, "so"), "waived", "promote on mdb-r01"),
        (facts.Settled(TASK, "ok", "so"), "settled-ok", "promote on mdb-r01"),
        (facts.Settled(TASK, "failed", "so"), "settled-failed", "promote on mdb-r01"),
        (facts.Retried(TASK, "so"), "retried", "promote on mdb-r01"),
        (facts.RollBackChosen(TASK, "so"), "rolled-back", "promote on mdb-r01"),
        (facts.Paused("so"), "paused", ""),
        (facts.Resumed("so"), "resumed", ""),
        (facts.Aborted(False, "so"), "aborted", ""),
        (facts.Aborted(True, "so"), "aborted-now", ""),
        (facts.TakenOver(7, "so"), "took-locks-over", ""),
    ],
)
def test_a_decision_is_told_with_who_and_why(fact: Fact, what: str, about: str) -> None:
    assert tuple(decided([Entry(3, 1_000, "chan", fact)])) == (
        DecisionRow(1_000, "chan", what, about, "so"),
    )
    assert what in DECISIONS
    assert not tuple(decided([Entry(3, 1_000, ENGINE, fact)]))


def test_what_is_no_decision_is_none() -> None:
    for fact in (facts.Begun("promote"), facts.Started(TASK), facts.ClockStarted()):
        assert not tuple(decided([Entry(3, 1_000, "chan", fact)]))
