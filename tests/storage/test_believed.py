"""Deleting follows a clock back at once, and ahead only when it has stood for a day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.believed import BELIEVED_AFTER_MS, SLACK_MS, BelievedTime

DAY = 86_400_000
T0 = 1_795_000_000_000


def test_it_goes_with_a_clock_that_ticks_and_one_that_is_slewed() -> None:
    believed = BelievedTime()
    for tick in range(10):
        assert believed.now(T0 + tick * (1000 + SLACK_MS), tick * 1000) == T0 + tick * 3000


def test_a_clock_set_ahead_is_believed_after_a_day_of_time() -> None:
    believed = BelievedTime()
    believed.now(T0, 0)
    ahead = T0 + 400 * DAY
    assert believed.now(ahead + 5_000, 5_000) == T0 + 5_000
    almost = 5_000 + BELIEVED_AFTER_MS - 1
    assert believed.now(ahead + almost, almost) == T0 + almost
    assert believed.now(ahead + almost + 1, almost + 1) == ahead + almost + 1


def test_a_clock_set_back_is_followed_at_once_and_a_jump_that_ended_is_forgotten() -> None:
    believed = BelievedTime()
    believed.now(T0 + 400 * DAY, 0)  # it was wrong when we started
    assert believed.now(T0 + 1_000, 1_000) == T0 + 1_000
    believed.now(T0 + 9 * DAY, 2_000)
    assert believed.now(T0 + 3_000, 3_000) == T0 + 3_000
    later = 2_000 + BELIEVED_AFTER_MS  # a day after the first jump, not after this one
    assert believed.now(T0 + 9 * DAY + later, later) == T0 + later


@given(st.lists(st.tuples(st.integers(-400 * DAY, 400 * DAY), st.integers(0, 3_600_000))))
def test_it_is_never_after_the_wall_clock(steps: list[tuple[int, int]]) -> None:
    believed, steady = BelievedTime(), 0
    for error, pause in steps:
        steady += pause
        assert believed.now(T0 + steady + error, steady) <= T0 + steady + error
