"""When a board is kept: once a minute, and soon after something changed that people act on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Document, Problem, Severity, WatchRow
from estate.past import Moment, moment_of
from watch.past.keeping import _state, due

BOARD = Document(1, 1_000, "Test", "UTC", "en", 2_000, WatchRow())
LOST = Problem("a/reach", "a", "lost", "", Severity.CRITICAL, 900)


@pytest.mark.parametrize(
    ("age", "changed", "kept"),
    [(0, False, False), (59_999, False, False), (60_000, False, True), (0, True, True),
     (-1, False, True)],
)  # fmt: skip
def test_a_board_is_due(age: int, changed: bool, kept: bool) -> None:
    assert due(age, changed=changed) is kept


def test_what_people_act_on_is_a_change_and_figures_are_none() -> None:
    wrong = replace(BOARD, problems=(LOST,))
    assert _state(wrong) != _state(BOARD)
    assert _state(replace(wrong, problems=(replace(LOST, owner="kfwong"),))) != _state(wrong)
    assert _state(replace(BOARD, seq=9, at=5_000)) == _state(BOARD)


def test_a_moment_counts_what_no_cause_explains() -> None:
    problems = (
        LOST,
        replace(LOST, id="b/reach", parent="a/reach"),
        replace(LOST, id="c/disk", severity=Severity.WARNING),
        replace(LOST, id="d/disk", severity=Severity.UNKNOWN),
    )
    assert moment_of(replace(BOARD, problems=problems)) == Moment(1_000, 1, 1)
