from hypothesis import given
from hypothesis import strategies as st

from tui.paint.cells import Line, Span
from tui.paint.glyphs import CAUSE
from tui.paint.rows import Label, Row, beside, clipped, heading, lead


def test_columns_start_where_they_are_told():
    row = Row(40).put(3, "gw-c02", "strong b").put(14, "lost").right(30, "8:32").line()
    assert row.text == "   gw-c02     lost        8:32"


def test_what_is_too_long_is_cut_at_its_end_or_the_screens():
    assert Row(40).put(3, "a-very-long-name", end=10).line().text == "   a-very…"
    assert Row(8).put(3, "a-very-long-name").line().text == "   a-ve…"
    assert Row(8).put(3, "a-very-long-name", end=99).line().text == "   a-ve…"
    assert Row(8).put(9, "gone").line().width == 8


def test_nothing_that_acts_on_a_terminal_gets_through():
    line = Row(40).put(3, "a\x1b[31mb\nc\u202ed\x9b").line()
    assert line.text == "   a\ufffd[31mb\ufffdc\ufffdd\ufffd"


def test_wide_characters_take_their_columns():
    row = Row(40).put(3, "資料庫主機", end=10).put(12, "x").line()
    assert row.text == "   資料庫…  x"
    assert row.width == 13


def test_a_unit_is_dim_and_what_is_no_figure_has_none():
    assert Row(9).right(8, "94", "crit", "%").line().spans[-2:] == (
        Span("94", "crit"),
        Span("%", "dim"),
    )
    assert Row(9).right(8, "–", "crit", "%").line().text == "      –"
    assert Row(9).right(8, "?", "crit", "%").line().spans[-1] == Span("?", "dim")


def test_the_first_three_columns():
    assert lead(9, CAUSE, cursor=True, marked=True).put(3, "x").line().text == "▌✘*x"
    assert lead(9, None).put(3, "x").line().text == "   x"


def test_a_heading_is_title_note_rule_and_columns():
    line = heading(40, "PROBLEMS", "3", (Label(30, "since"), Label(39, "who")))
    assert line.text == "   PROBLEMS  3 ───────── since ──── who"
    assert line.text[:30].endswith(" since")
    assert line.width == 39


def test_a_column_without_room_loses_its_words_not_its_place():
    line = heading(24, "PROBLEMS", "10 · 4 nobody’s", (Label(15, "since"), Label(23, "who")))
    assert line.text.startswith("   PROBLEMS  10 · 4")
    assert line.width <= 24


@given(st.integers(1, 90), st.text(max_size=30), st.integers(0, 90), st.integers(0, 90))
def test_a_heading_never_outgrows_its_screen(width, note, first, second):
    labels = (Label(first, "cpu"), Label(second, "what"))
    assert heading(width, "TITLE", note.replace("\n", ""), labels).width <= width


def test_two_lines_side_by_side():
    left = Line((Span("left"),), "sel", "host:x")
    line = beside(left, Line((Span("right"),)), 10)
    assert line.text == "left      right"
    assert (line.bar, line.key, line.bar_cells) == ("sel", "host:x", 6)
    assert line.spans[1].text == "  "


def test_clipping_keeps_key_and_bar():
    line = clipped(Line((Span("abcdef"),), "sel", "k", 5), 4)
    assert (line.text, line.bar, line.key, line.bar_cells) == ("abc…", "sel", "k", 4)
    short = Line((Span("ab"),))
    assert clipped(short, 4) is short
