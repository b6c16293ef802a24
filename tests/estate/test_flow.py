"""How queues move: rates, trends and ends in sight, for any history there could be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.flow import (
    CLOSEST_MS,
    FARTHEST_SECONDS,
    FEWEST,
    LONGEST_MS,
    WINDOW_MS,
    Look,
    Pace,
    forecast,
    looked,
    pace,
    together,
)

STEP = 30_000
NOW = 1_795_115_232_000


def steady_climb(per_minute: float, count: int = 8, start: float = 100.0) -> tuple[Look, ...]:
    return tuple(Look(NOW + n * STEP, start + per_minute * n * STEP / 60_000) for n in range(count))


def seen(looks) -> tuple[Look, ...]:
    kept: tuple[Look, ...] = ()
    for look in looks:
        kept = looked(kept, look)
    return kept


counts = st.integers(0, 10**9).map(float)
rates = st.floats(-1e5, 1e5, allow_nan=False)
paces = st.builds(
    lambda low, a, b, came, left: Pace(low + a, low, low + a + b, came, left),
    rates,
    st.floats(0, 1e4),
    st.floats(0, 1e4),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
)
histories = st.lists(
    st.tuples(st.integers(CLOSEST_MS, 120_000), counts, st.none() | counts, st.none() | counts),
    min_size=1,
    max_size=40,
)


def history(steps) -> list[Look]:
    at, looks = NOW, []
    for gap, depth, came, left in steps:
        at += gap
        looks.append(Look(at, depth, came, left))
    return looks


# --- looks ---------------------------------------------------------------------------------------


@given(histories)
def test_looks_are_bounded_ascending_and_end_with_the_last(steps) -> None:
    looks = history(steps)
    kept = seen(looks)
    assert kept[-1] == looks[-1]
    assert [each.at for each in kept] == sorted(each.at for each in kept)
    assert len(kept) <= WINDOW_MS // CLOSEST_MS + 2
    assert all(kept[-1].at - each.at <= LONGEST_MS for each in kept)


def test_what_is_asked_every_two_minutes_still_has_a_trend() -> None:
    kept = seen(Look(NOW + n * 120_000, 100.0 * n) for n in range(10))
    assert len(kept) >= FEWEST
    found = pace(kept)
    assert found is not None
    assert found.net == pytest.approx(50)


def test_looks_that_come_thick_and_fast_still_add_up() -> None:
    """Somebody who presses R every second must not keep the trend from being seen."""
    kept = seen(Look(NOW + n * 1_000, 10.0 * n) for n in range(60))
    assert len(kept) <= 60_000 // CLOSEST_MS + 2
    found = pace(kept)
    assert found is not None
    assert found.net == pytest.approx(600)


def test_a_clock_that_was_set_back_starts_over() -> None:
    kept = seen([*steady_climb(10), Look(NOW - 60_000, 5.0)])
    assert kept == (Look(NOW - 60_000, 5.0),)


# --- pace ----------------------------------------------------------------------------------------


@given(rates)
def test_a_straight_line_is_told_exactly(per_minute: float) -> None:
    found = pace(steady_climb(per_minute, start=1e6))
    assert found is not None
    for value in (found.low, found.net, found.high):
        assert value == pytest.approx(per_minute, abs=1e-3)


@given(histories, st.integers(0, 10**6))
def test_where_it_starts_and_when_changes_no_rate(steps, more: int) -> None:
    looks = history(steps)
    moved = [Look(e.at + 86_400_000, e.depth + more, e.came, e.left) for e in looks]
    here, there = pace(looks), pace(moved)
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert here.net == pytest.approx(there.net)


@given(histories)
def test_rates_are_never_negative_and_slopes_are_in_order(steps) -> None:
    found = pace(history(steps))
    if found is None:
        return
    assert found.low <= found.net <= found.high
    assert found.came is None or found.came >= 0
    assert found.left is None or found.left >= 0
    assert (found.came is None) == (found.left is None)


def test_too_few_looks_tell_nothing() -> None:
    assert pace(steady_climb(10, count=FEWEST - 1)) is None
    assert pace([Look(NOW + n * 1_000, n) for n in range(FEWEST)]) is None
    assert pace([Look(NOW, float(n)) for n in range(20)]) is None  # all at once


def test_what_leaves_follows_from_what_came() -> None:
    """500 a minute came, the queue grew by 100: 400 left."""
    looks = [Look(NOW + n * 60_000, 100.0 * n, came=500.0 * n) for n in range(5)]
    found = pace(looks)
    assert found is not None
    assert (found.came, found.left) == (pytest.approx(500), pytest.approx(400))
    looks = [Look(NOW + n * 60_000, 1000 - 100.0 * n, left=300.0 * n) for n in range(5)]
    found = pace(looks)
    assert found is not None
    assert (found.came, found.left) == (pytest.approx(200), pytest.approx(300))


def test_a_counter_that_began_anew_costs_its_interval_alone() -> None:
    came = [1000.0, 1100.0, 1200.0, 50.0, 150.0, 250.0]  # restarted in between
    found = pace([Look(NOW + n * 60_000, 10.0, came=value) for n, value in enumerate(came)])
    assert found is not None
    assert found.came == pytest.approx(100)


def test_one_burst_makes_no_trend() -> None:
    depths = [100.0] * 8
    depths[5] = 4000.0  # postqueue -f makes a queue rise before it drains
    found = pace([Look(NOW + n * STEP, depth) for n, depth in enumerate(depths)])
    assert found is not None
    assert forecast(100, found, 5000).trend == "steady"


# --- several as one ------------------------------------------------------------------------------


@given(st.lists(paces, min_size=1, max_size=6))
def test_parts_add_up(parts) -> None:
    whole = together(parts)
    assert whole is not None
    assert whole.net == pytest.approx(sum(each.net for each in parts))
    assert (whole.came is None) == any(each.came is None for each in parts)


def test_nothing_together_is_nothing_known() -> None:
    assert together([]) is None


# --- what becomes of it --------------------------------------------------------------------------


@given(st.floats(0, 1e9), paces, st.none() | st.floats(1, 1e9))
def test_one_end_at_most_is_in_sight_and_never_behind_us(depth, moves, full) -> None:
    found = forecast(depth, moves, full)
    assert found.full_in_seconds is None or found.empty_in_seconds is None
    for seconds in (found.full_in_seconds, found.empty_in_seconds):
        assert seconds is None or 0 <= seconds <= FARTHEST_SECONDS
    if found.full_in_seconds is not None:
        assert full is not None
        assert found.trend == "rising"
        reached = depth + moves.net * found.full_in_seconds / 60
        assert reached == pytest.approx(max(full, depth), rel=1e-6, abs=1e-6)
    if found.empty_in_seconds is not None:
        assert found.trend == "falling"
        left = depth + moves.net * found.empty_in_seconds / 60
        assert left == pytest.approx(0, abs=1e-6 * max(depth, 1))
    if found.trend == "steady":
        assert (found.full_in_seconds, found.empty_in_seconds) == (None, None)


def test_worked_cases() -> None:
    storm = Pace(1940, 1800, 2100)
    assert forecast(16_767, storm, 50_000).full_in_seconds == pytest.approx(1027.8, abs=0.1)
    assert forecast(60_000, storm, 50_000).full_in_seconds == 0  # it is beyond already
    assert forecast(16_767, storm).full_in_seconds is None  # nobody said how much fits
    drains = Pace(-1400, -1500, -1300)
    assert forecast(16_767, drains, 50_000).empty_in_seconds == pytest.approx(718.6, abs=0.1)
    assert forecast(0, Pace(0, 0, 0), 50_000).trend == "steady"
    assert forecast(10**9, Pace(-0.001, -0.01, -0.0001)).empty_in_seconds is None  # years
