"""Sets of time behave as sets of milliseconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.spans import NEVER, Spans, counted, spans, union

INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def _members(set_: Spans) -> set[int]:
    return {at for start, to in set_ for at in range(start, to)}


@given(INTERVALS)
def test_any_intervals_become_one_set_in_its_only_form(intervals: list[tuple[int, int]]) -> None:
    made = spans(intervals)
    assert _members(made) == {at for start, to in intervals for at in range(start, to)}
    assert all(start < to for start, to in made)
    assert all(a[1] < b[0] for a, b in zip(made.intervals, made.intervals[1:], strict=False))
    assert made.length == len(_members(made))


@given(INTERVALS, INTERVALS)
def test_the_operators_are_those_of_sets(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    ours, theirs = spans(a), spans(b)
    assert _members(ours | theirs) == _members(ours) | _members(theirs)
    assert _members(ours & theirs) == _members(ours) & _members(theirs)
    assert _members(ours - theirs) == _members(ours) - _members(theirs)
    assert ours | theirs == spans([*ours, *theirs]) == union([ours, theirs])
    assert (ours - ours) == NEVER


@given(INTERVALS, st.integers(0, 40), st.integers(0, 40))
def test_outside_is_the_rest(intervals: list[tuple[int, int]], start: int, to: int) -> None:
    made = spans(intervals)
    assert _members(made.outside(start, to)) == set(range(start, to)) - _members(made)
    assert _members(made.within(start, to)) == set(range(start, to)) & _members(made)


@given(st.lists(INTERVALS, max_size=4))
def test_every_stretch_says_in_how_many_sets_it_is(sets: list[list[tuple[int, int]]]) -> None:
    made = [spans(each) for each in sets]
    for (start, to), depth in counted(made):
        for at in range(start, to):
            assert depth == sum(at in _members(each) for each in made)
