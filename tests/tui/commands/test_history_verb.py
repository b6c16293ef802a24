"""`twinwatch history`: a row for every part, and one for what was not measured."""

from __future__ import annotations

import pytest

from estate.document import Series
from estate.language import ENGLISH
from tui.commands.history import _rows, _width

MINUTE = 60_000


def told(start: int, end: int, step: int, *begins: int) -> list[str]:
    """The means that are printed, of parts that begin so."""
    points = tuple((at, 1.0, 2.0, 3.0) for at in begins)
    series = Series("cpu", start, end, step, points)
    return [cells[2].text for cells in _rows(series, "UTC", ENGLISH)]


@pytest.mark.parametrize(
    ("begins", "means"),
    [
        ((0, 1, 2, 3), ["2.0%"] * 4),
        ((0, 2, 3), ["2.0%", "?", "2.0%", "2.0%"]),  # a single minute
        ((0, 2), ["2.0%", "?", "2.0%", "?"]),
        ((2, 3), ["?", "2.0%", "2.0%"]),
        ((0, 1), ["2.0%", "2.0%", "?"]),
    ],
)
def test_a_part_in_which_nothing_was_measured_has_a_row(
    begins: tuple[int, ...], means: list[str]
) -> None:
    assert told(0, 4 * MINUTE, MINUTE, *(MINUTE * at for at in begins)) == means


def test_parts_that_begin_at_whole_minutes_of_the_clock_leave_no_gap_at_the_ends() -> None:
    """They are cut by the clock, the span is not: both ends have a piece of a part."""
    start = 30_000
    assert (
        told(start, start + 3 * MINUTE, MINUTE, 0, MINUTE, 2 * MINUTE, 3 * MINUTE) == ["2.0%"] * 4
    )
    assert told(start, start + 3 * MINUTE, MINUTE, MINUTE, 2 * MINUTE) == ["2.0%"] * 2


@pytest.mark.parametrize(("step", "width"), [(10_000, MINUTE), (2 * MINUTE, 10 * MINUTE)])
def test_what_is_kept_more_coarsely_has_no_gaps_for_that(step: int, width: int) -> None:
    begins = tuple(width * at for at in range(6))
    assert told(0, 6 * width, step, *begins) == ["2.0%"] * 6
    assert _width(Series("cpu", 0, 6 * width, step, tuple((at, 1, 2, 3) for at in begins))) == width
    assert told(0, 6 * width, step, *begins[:2], *begins[3:]) == [*["2.0%"] * 2, "?", *["2.0%"] * 3]
