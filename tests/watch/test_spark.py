"""Twelve cells of 75 s: means of what was measured, and nothing where nothing was."""

from __future__ import annotations

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from watch.spark import CELL_MS, CELLS, Spark


def test_each_cell_is_the_mean_of_its_measurements() -> None:
    spark = Spark()
    start = 100 * CELL_MS
    for at, value in ((0, 10.0), (30_000, 20.0), (74_999, 60.0), (75_000, 5.0)):
        spark.measured(start + at, value)
    assert spark.cells(start + 80_000)[-2:] == (30.0, 5.0)


def test_a_gap_stays_a_gap() -> None:
    spark = Spark()
    spark.measured(0, 1.0)
    spark.measured(3 * CELL_MS, nan)
    spark.measured(5 * CELL_MS, 2.0)
    assert spark.cells(5 * CELL_MS)[-6:] == (1.0, None, None, None, None, 2.0)


def test_cells_grow_old_without_new_measurements() -> None:
    spark = Spark()
    spark.measured(0, 7.0)
    assert spark.cells(11 * CELL_MS)[0] == 7.0
    assert spark.cells(12 * CELL_MS) == (None,) * CELLS


def test_what_was_shown_before_a_restart_is_shown_after_it() -> None:
    spark, again = Spark(), Spark()
    for cell in range(20):
        if cell % 5:
            spark.measured(cell * CELL_MS, float(cell))
    shown = spark.cells(19 * CELL_MS)
    again.restored(19 * CELL_MS, shown)
    assert again.cells(19 * CELL_MS) == shown
    again.measured(21 * CELL_MS, 3.0)
    assert again.cells(21 * CELL_MS) == (*shown[2:], None, 3.0)


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 100)), max_size=50))
def test_always_twelve_cells_within_what_was_measured(measured: list[tuple[int, float]]) -> None:
    spark = Spark()
    for cell, value in sorted(measured):
        spark.measured(cell * CELL_MS, value)
    cells = spark.cells(40 * CELL_MS)
    assert len(cells) == CELLS
    for number, mean in enumerate(cells, 40 - CELLS + 1):
        within = [value for cell, value in measured if cell == number]
        assert (mean is None) is (not within)
        if mean is not None:
            assert min(within) - 0.1 <= mean <= max(within) + 0.1
