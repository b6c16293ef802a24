"""Keys on attention: literal tables of before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.console.keys.moves import MOVES, SORTS, position
from tui.paint.view import Attention

ROWS = tuple(f"host:h{n}" for n in range(20))
PAGE = 8


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        ("cursor.down", "", "host:h1"),
        ("cursor.down", "host:h19", "host:h19"),
        ("cursor.up", "host:h0", "host:h0"),
        ("cursor.up", "host:h5", "host:h4"),
        ("cursor.half_down", "host:h0", "host:h4"),
        ("cursor.half_up", "host:h3", "host:h0"),
        ("cursor.page_down", "host:h0", "host:h7"),
        ("cursor.page_up", "host:h19", "host:h12"),
        ("cursor.top", "host:h9", "host:h0"),
        ("cursor.bottom", "host:h9", "host:h19"),
        ("filter.next", "host:h19", "host:h0"),
        ("filter.previous", "host:h0", "host:h19"),
        ("cursor.down", "host:gone", "host:h1"),
    ],
)
def test_where_the_cursor_goes(move: str, before: str, after: str) -> None:
    assert MOVES[move](Attention(cursor=before), ROWS, PAGE).cursor == after


@given(
    st.sampled_from(sorted(MOVES)),
    st.lists(st.sampled_from(ROWS), unique=True),
    st.sampled_from(["", *ROWS]),
    st.integers(1, 50),
)
def test_no_move_leaves_the_list(move: str, rows: list[str], cursor: str, page: int) -> None:
    after = MOVES[move](Attention(cursor=cursor), tuple(rows), page)
    assert after.cursor in (cursor, *rows)
    assert after.marks <= set(rows)


def test_space_marks_and_goes_on() -> None:
    after = MOVES["marks.toggle"](Attention(cursor="host:h3"), ROWS, PAGE)
    assert (after.marks, after.cursor) == (frozenset({"host:h3"}), "host:h4")
    again = MOVES["marks.toggle"](Attention(cursor="host:h3", marks=after.marks), ROWS, PAGE)
    assert again.marks == frozenset()


@pytest.mark.parametrize(
    ("cursor", "marked", "expected"),
    [
        ("host:h5", {"host:h3"}, {3, 4, 5}),
        ("host:h2", {"host:h4"}, {2, 3, 4}),
        ("host:h6", {"host:h1", "host:h4", "host:h9"}, {1, 4, 5, 6, 9}),
        ("host:h6", set(), {6}),
    ],
)
def test_v_marks_from_the_last_mark_to_here(
    cursor: str, marked: set[str], expected: set[int]
) -> None:
    after = MOVES["marks.between"](Attention(cursor=cursor, marks=frozenset(marked)), ROWS, PAGE)
    assert after.marks == {f"host:h{n}" for n in expected}


def test_all_and_none() -> None:
    everything = MOVES["marks.all"](Attention(), ROWS, PAGE)
    assert everything.marks == set(ROWS)
    assert MOVES["marks.none"](everything, ROWS, PAGE).marks == frozenset()


def test_sorting_goes_through_the_columns_and_round() -> None:
    attention, seen = Attention(descending=False), []
    for _ in SORTS:
        attention = MOVES["list.sort"](attention, ROWS, PAGE)
        seen.append(attention.sort)
    assert seen == [*SORTS[1:], SORTS[0]] and attention.descending
    assert not MOVES["list.reverse"](attention, ROWS, PAGE).descending


def test_folding_speaks_of_the_cause_whatever_row_stands_for_it() -> None:
    rows = ("host:gw", "fold:host:gw")
    opened = MOVES["list.fold"](Attention(cursor="fold:host:gw"), rows, PAGE)
    assert opened.unfolded == {"host:gw"}
    assert (
        MOVES["list.fold"](
            Attention(cursor="host:gw", unfolded=opened.unfolded), rows, PAGE
        ).unfolded
        == frozenset()
    )


def test_a_row_that_is_gone_is_the_first() -> None:
    assert position(Attention(cursor="host:gone"), ROWS) == 0


def test_the_text_of_a_step_is_unfolded_from_any_of_its_rows() -> None:
    unfold = MOVES["plan.unfold"]
    rows = ["title", "step:a", "step:a:about:0", "step:b"]
    open_ = unfold(Attention(cursor="step:a:about:0"), rows, 10)
    assert open_.unfolded == {"step:a"}
    assert unfold(replace(open_, cursor="step:a"), rows, 10).unfolded == set()
    assert unfold(Attention(), [], 10) == Attention()


def test_a_runs_pane_goes_from_host_to_host_and_grows() -> None:
    assert MOVES["run.host"](Attention(), [], 10).pane == 1
    zooms, here = [], Attention()
    for _ in range(3):
        here = MOVES["run.output"](here, [], 10)
        zooms.append(here.zoom)
    assert zooms == ["output", "record", ""]
