from hypothesis import given
from hypothesis import strategies as st

from tui.paint.lists import shares, window


def test_a_list_that_fits_is_not_scrolled():
    assert window(5, 10, 4, 3) == 0


def test_the_window_moves_only_as_far_as_the_cursor_makes_it():
    assert window(100, 10, 10, 0) == 1
    assert window(100, 10, 5, 3) == 3
    assert window(100, 10, 2, 3) == 2
    assert window(100, 10, -1, 95) == 90
    assert window(100, 0, 5, 3) == 0


@given(st.integers(1, 200), st.integers(1, 50), st.integers(0, 199), st.integers(-5, 300))
def test_the_cursor_is_always_inside(total, room, cursor, first):
    cursor %= total
    start = window(total, room, cursor, first)
    assert start <= cursor < start + room
    assert 0 <= start <= max(0, total - room)


def test_rows_are_dealt_fairly():
    assert shares([43, 39], 30) == [15, 15]
    assert shares([3, 39], 30) == [3, 27]
    assert shares([3, 4], 30) == [3, 4]
    assert shares([], 9) == []


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 100))
def test_nothing_is_kept_back_and_nobody_gets_more_than_they_need(needs, room):
    given_rows = shares(needs, room)
    assert sum(given_rows) == min(room, sum(needs))
    assert all(got <= need for got, need in zip(given_rows, needs, strict=True))
    poorest = min((g for g, n in zip(given_rows, needs, strict=True) if g < n), default=None)
    if poorest is not None:
        assert max(given_rows) <= poorest + len(needs)
