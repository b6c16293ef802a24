"""From what vantages saw to what is believed: the worked cases, and what must hold for any rounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.rounds import (
    Outage,
    Round,
    Seen,
    State,
    Transition,
    outages,
    replay,
    verdict,
)


def rounds(*vantages: str, cadence: int = 30) -> list[Round]:
    return [
        Round(number * cadence, tuple(Seen(mark) for mark in marks))
        for number, marks in enumerate(zip(*vantages, strict=True))
    ]


def said(seen: list[Round], cadence: int = 30) -> list[tuple[int, str, int]]:
    return [(t.at, str(t.state), t.confirmed_at) for t in replay(cadence, seen)]


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ("oo", "up"), ("o-", "up"), ("ox", "degraded"), ("xx", "down"), ("x-", "unknown"),
        ("--", "unknown"), ("o", "up"), ("x", "down"), ("-", "unknown"), ("xx-", "down"),
        ("x--", "unknown"), ("oxx", "degraded"),
    ],
)  # fmt: skip
def test_what_one_round_says(marks: str, state: str) -> None:
    for order in (marks, marks[::-1]):
        assert verdict([Seen(mark) for mark in order]) == state


def test_an_outage_is_dated_back_to_its_first_round_and_measured_three_ways() -> None:
    seen = rounds("oooxxxxoooo", "oooxxxxoooo")
    assert said(seen) == [(0, "up", 0), (90, "down", 120), (210, "up", 240)]
    assert list(outages(seen, replay(30, seen))) == [Outage(90, 120, 90, 150)]


def test_one_bad_round_is_no_outage() -> None:
    assert said(rounds("oooxooo", "oooxooo")) == [(0, "up", 0)]


def test_a_service_that_one_vantage_reaches_is_degraded() -> None:
    seen = rounds("oooxxxxoooo", "o" * 11)
    assert said(seen) == [(0, "up", 0), (90, "degraded", 120), (210, "up", 240)]
    assert list(outages(seen, replay(30, seen))) == []


def test_a_blind_vantage_never_makes_a_service_down() -> None:
    seen = rounds("oooxxxxxooo", "ooo-----ooo")
    assert said(seen) == [(0, "up", 0), (90, "unknown", 150), (240, "up", 240)]


def test_bad_and_blind_rounds_in_turn_are_not_up() -> None:
    seen = rounds("ooox-x-xoo", "ooox-x-xoo")
    assert said(seen) == [(0, "up", 0), (90, "unknown", 150), (210, "down", 210), (240, "up", 270)]
    assert said(rounds("ooox-oo", "ooox-oo")) == [(0, "up", 0)]


def test_a_hole_between_samples_is_unknown() -> None:
    seen = [Round(at, (Seen.OK,)) for at in (0, 30, 60, 660, 690)]
    assert said(seen) == [(0, "up", 0), (60, "unknown", 660), (660, "up", 660)]


def test_three_cadences_are_not_yet_a_hole() -> None:
    seen = [Round(at, (Seen.OK,)) for at in (0, 30, 120, 150)]
    assert said(seen) == [(0, "up", 0)]


def test_an_outage_that_lasts_is_measured_as_far_as_it_is_known() -> None:
    seen = rounds("ooxxx", "ooxxx")
    assert list(outages(seen, replay(30, seen))) == [Outage(60, None, 60, None)]


def test_rounds_come_in_the_order_of_time() -> None:
    with pytest.raises(ValueError, match="a round at 30 after one at 30"):
        replay(30, [Round(30, (Seen.OK,)), Round(30, (Seen.OK,))])


MARKS = st.lists(
    st.tuples(st.sampled_from("ox-"), st.sampled_from("ox-"), st.integers(1, 5)), max_size=30
)


@given(MARKS)
def test_what_must_hold_for_any_rounds(marks: list[tuple[str, str, int]]) -> None:
    at, seen = 0, []
    for first, second, apart in marks:
        at += apart * 30
        seen.append(Round(at, (Seen(first), Seen(second))))
    changes = replay(30, seen)
    times = {each.at for each in seen}
    states = [State.UNKNOWN, *(change.state for change in changes)]
    assert all(a is not b for a, b in pairwise(states))
    assert all(c.previous is s for c, s in zip(changes, states, strict=False))
    assert all(
        c.at in times and c.confirmed_at in times and c.at <= c.confirmed_at for c in changes
    )
    assert [c.at for c in changes] == sorted(c.at for c in changes)
    by_time = {each.at: verdict(each.seen) for each in seen}
    unserved = 0
    for each in seen:  # nothing is up for long that serves nobody
        unserved = 0 if by_time[each.at] in ("up", "degraded") else unserved + 1
        believed = next((c.state for c in reversed(changes) if c.at <= each.at), State.UNKNOWN)
        assert unserved < 3 or believed not in ("up", "degraded")
    for change in changes:
        if change.state is not State.UNKNOWN:  # never up, nor down, without a round that says so
            assert by_time[change.at] is change.state
    for each in outages(seen, changes):
        assert each.counted is None or each.at_least < each.counted
        assert each.at_most is None or each.counted is None or each.at_most > each.at_least


@given(MARKS, st.integers(0, 30))
def test_a_prefix_of_the_rounds_gives_a_prefix_of_the_transitions(
    marks: list[tuple[str, str, int]], cut: int
) -> None:
    """What was once said stays said: nothing that comes later changes it."""
    at, seen = 0, []
    for first, second, apart in marks:
        at += apart * 30
        seen.append(Round(at, (Seen(first), Seen(second))))
    whole, part = replay(30, seen), replay(30, seen[:cut])
    assert whole[: len(part)] == part
    assert all(isinstance(change, Transition) for change in whole)
