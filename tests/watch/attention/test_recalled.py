"""What came back before a restart is known again; what comes later is of today."""

from __future__ import annotations

from estate.attention import Acknowledgement, Ended, Ending
from estate.document import Problem, Severity
from watch.attention.recalled import OVER_MS, Recalled, ways_of

DISK = Problem("a/disk", "a", "full", "", Severity.WARNING, 10, kind="disk", hosts=("a", "b"))
SAID = Acknowledgement(DISK.id, "op1", "on it", 20, 100, "warning")
ENDED = Ended(SAID, 110, Ending.EXPIRED)


def test_a_problem_is_judged_once_and_by_the_newest_word() -> None:
    recalled = Recalled((ENDED, Ended(SAID, 130, Ending.WORSE)))
    assert [*recalled.look({DISK.id: DISK}, 200, complete=False)] == [(DISK.id, 130)]
    assert [*recalled.look({DISK.id: DISK}, 201, complete=False)] == []


def test_what_is_seen_long_after_all_was_seen_is_of_today() -> None:
    recalled = Recalled((ENDED,))
    assert [*recalled.look({}, 200, complete=False)] == []
    assert [*recalled.look({}, 200 + OVER_MS, complete=True)] == []
    assert [*recalled.look({DISK.id: DISK}, 200 + 2 * OVER_MS, complete=True)] == []
    recalled = Recalled((ENDED,))
    assert [*recalled.look({}, 200, complete=True)] == []
    late = recalled.look({DISK.id: DISK}, 199 + OVER_MS, complete=True)
    assert [*late] == [(DISK.id, 110)]


def test_each_host_of_a_problem_is_a_way_to_select_it() -> None:
    assert [way["host"] for way in ways_of(DISK, 200)] == [("a",), ("b",)]
