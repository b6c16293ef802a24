"""The picture that reaches the terminal is the picture that was wanted, and no byte too many."""

from __future__ import annotations

import re

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.screens import Char
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.console.terminal.screenful import CONTROLS, Screenful, pen_of

WIDTH, HEIGHT = 12, 4

PLAIN = Style()
RED = Style(color="red")
BAR = Style(color="#ffffff", bgcolor="#b3261a", bold=True)
DIM = Style(color="bright_black", bgcolor="#0f1215")
REVERSED = Style(reverse=True)
STYLES = [PLAIN, RED, BAR, DIM, REVERSED]

words = st.text(st.sampled_from("ab 1%▁█✘é電郵×"), min_size=1, max_size=8)
writes = st.lists(
    st.tuples(
        st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), words, st.sampled_from(STYLES)
    ),
    min_size=1,
    max_size=12,
)


class Erasing(pyte.Screen):
    """Erases as terminals do: with the background of the pen ("bce"), or with none.

    pyte would take the whole pen, reverse video and all, and pass over cells never written to.
    """

    def __init__(self, erases_in_colour: bool) -> None:
        super().__init__(WIDTH, HEIGHT)
        self._in_colour = erases_in_colour

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        assert how == 0, "only to the end of the row"
        self._erase(self.cursor.y, self.cursor.x)

    def erase_in_display(self, how: int = 0, *_: object, **__: object) -> None:
        assert how == 2, "only all of it"
        for y in range(HEIGHT):
            self._erase(y, 0)

    def _erase(self, y: int, start: int) -> None:
        paper = self.cursor.attrs.bg if self._in_colour else "default"
        for x in range(start, WIDTH):
            self.buffer[y][x] = Char(" ", bg=paper)


class Glass:
    """A real terminal emulator, fed with our frames."""

    def __init__(self, erases_in_colour: bool = False) -> None:
        self.screen = Erasing(erases_in_colour)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self._stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def cells(self) -> list[list[tuple[str, object, object, bool, bool]]]:
        rows = []
        for y in range(HEIGHT):
            row = []
            for x in range(WIDTH):
                cell = self.screen.buffer[y][x]
                blank = cell.data == " " and not cell.reverse
                fg = None if blank else cell.fg
                row.append((cell.data, fg, cell.bg, cell.bold and not blank, cell.reverse))
            rows.append(row)
        return rows


def whole_row(y: int, text: str, style: Style) -> tuple[int, int, str, Style]:
    return (0, y, text.ljust(WIDTH)[:WIDTH], style)


def put_all(screenful: Screenful, steps: list[tuple[int, int, str, Style]]) -> None:
    """As painters write: whole rows, so that no wide character is ever cut in half."""
    for x, y, text, style in steps:
        line = Strip([Segment(" " * x, DIM), Segment(text, style)]).adjust_cell_length(WIDTH, DIM)
        screenful.put(0, y, line)


@settings(max_examples=150, deadline=None)
@given(st.lists(writes, min_size=1, max_size=5), st.booleans())
def test_differences_add_up_to_the_whole_picture(
    frames: list[list[tuple[int, int, str, Style]]], erases: bool
) -> None:
    stepwise, afresh = Glass(erases), Glass()
    screenful = Screenful(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, erases)
    for steps in frames:
        put_all(screenful, steps)
        stepwise.feed(screenful.frame())
    other = Screenful(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, False)
    for steps in frames:
        put_all(other, steps)
    afresh.feed(other.frame())
    assert stepwise.cells() == afresh.cells()


@given(writes)
def test_the_same_picture_again_costs_nothing(steps: list[tuple[int, int, str, Style]]) -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    put_all(screenful, steps)
    screenful.frame()
    put_all(screenful, steps)
    assert screenful.frame() == ""


@given(st.text(max_size=30))
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    screenful.put(0, 0, [Segment(text, PLAIN)])
    assert not any(CONTROLS.search(char) for row in screenful.rows() for char, _ in row)
    assert "\x1b]" not in screenful.frame()


def test_one_changed_figure_is_one_move_and_one_digit() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    screenful.put(0, 1, [Segment("cpu 41%", RED)])
    screenful.frame()
    screenful.put(0, 1, [Segment("cpu 42%", RED)])
    assert screenful.frame() == "\b\b2", "the cursor stands behind the %"
    screenful.put(0, 3, [Segment("cpu 1", PLAIN)])
    screenful.frame()
    screenful.put(0, 1, [Segment("cpu 43%", RED)])
    assert screenful.frame() == "\x1b[2;6H\x1b[31m3"


def test_a_wide_character_that_changes_alone_leaves_the_cursor_behind_its_second_half() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    screenful.put(0, 0, [Segment("電23456789ab", PLAIN)])
    screenful.frame()
    screenful.put(0, 0, [Segment("郵23456789aB", PLAIN)])
    assert screenful.frame() == "\x1b[H郵\x1b[9CB"


def test_cells_between_two_changes_are_written_again_only_in_the_same_style() -> None:
    for between, expected in ((PLAIN, "\x1b[H2bc3"), (RED, "\x1b[H2\x1b[2C3")):
        screenful = Screenful(WIDTH, HEIGHT)
        screenful.put(0, 0, [Segment("1"), Segment("bc", between), Segment("2")])
        screenful.put(0, 1, [Segment("x")])
        screenful.frame()
        screenful.put(0, 0, [Segment("2"), Segment("bc", between), Segment("3")])
        assert screenful.frame() == expected


def test_an_accent_that_combines_stays_with_its_letter() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    assert screenful.put(0, 0, [Segment("e\u0301a", PLAIN)]) == 2
    assert screenful.text().splitlines()[0] == "e\u0301a"
    assert "e\u0301a" in screenful.frame()


def test_a_style_is_written_once_for_all_rows_that_need_it() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    for y in range(HEIGHT):
        screenful.put(0, y, [Segment("1     ", RED), Segment("a", BAR)])
    screenful.frame()
    for y in range(HEIGHT):
        screenful.put(0, y, [Segment("2     ", RED), Segment("b", BAR)])
    assert len(re.findall(r"\x1b\[[\d;]*m", screenful.frame())) == 1, "the pen is still that of b"


def test_erasing_takes_the_background_only_where_the_terminal_does() -> None:
    for erases, expected in ((True, True), (False, False)):
        screenful = Screenful(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, erases)
        screenful.put(0, 0, [Segment("x" * WIDTH, DIM)])
        screenful.frame()
        screenful.put(0, 0, [Segment(" " * WIDTH, DIM)])
        assert ("\x1b[K" in screenful.frame()) is expected


def test_reversed_blanks_are_written_and_never_erased() -> None:
    """Erasing takes a pen's background at most, never its reverse video."""
    screenful = Screenful(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, True)
    screenful.put(0, 0, [Segment("x" * WIDTH, REVERSED)])
    screenful.frame()
    screenful.put(0, 0, [Segment(" " * WIDTH, REVERSED)])
    assert screenful.frame() == "\x1b[H" + " " * WIDTH


def test_a_screen_is_never_cleared_in_reverse_video() -> None:
    """Most rows end in reversed blanks here; no terminal erases so."""
    screenful = Screenful(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, True)
    for row in range(HEIGHT):
        screenful.put(0, row, [Segment(" " * WIDTH, REVERSED)])
    glass = Glass(erases_in_colour=True)
    glass.feed(screenful.frame())
    assert all(reverse for row in glass.cells() for *_, reverse in row)


def test_after_forgetting_everything_is_drawn_on_a_cleared_screen() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    screenful.put(0, 2, [Segment("here", PLAIN)])
    first = screenful.frame()
    screenful.forget()
    assert screenful.behind
    assert screenful.frame() == first
    assert "\x1b[2J" in first and "here" in first


def test_frames_that_were_not_taken_leave_no_trace() -> None:
    screenful = Screenful(WIDTH, HEIGHT)
    screenful.put(0, 0, [Segment("1", PLAIN)])
    screenful.frame()
    screenful.put(0, 0, [Segment("2", PLAIN)])  # the terminal was busy: nobody asked for a frame
    screenful.put(0, 0, [Segment("3", PLAIN)])
    frame = screenful.frame()
    assert "3" in frame and "2" not in frame.replace("\x1b[2", "")


def test_a_wide_character_at_the_edge_is_dropped_whole() -> None:
    screenful = Screenful(3, 1)
    screenful.put(0, 0, [Segment("a電郵", PLAIN)])
    assert screenful.text() == "a電"
    screenful = Screenful(2, 1)
    screenful.put(0, 0, [Segment("a電", PLAIN)])
    assert screenful.text() == "a"


@pytest.mark.parametrize(
    ("style", "colours", "expected"),
    [
        (RED, ColorSystem.STANDARD, ((), "31", "")),
        (BAR, ColorSystem.TRUECOLOR, (("1",), "38;2;255;255;255", "48;2;179;38;26")),
        (BAR, None, (("1",), "", "")),
        (REVERSED, ColorSystem.STANDARD, (("7",), "", "")),
        (None, ColorSystem.STANDARD, ((), "", "")),
    ],
)
def test_styles_become_the_terminals_own(
    style: Style | None, colours: ColorSystem | None, expected: tuple[object, ...]
) -> None:
    assert tuple(pen_of(style, colours)) == expected
