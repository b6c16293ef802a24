"""Fifteen minutes of one metric in twelve cells: what a row of the board draws."""

from __future__ import annotations

from collections import deque
from math import isnan

CELL_MS = 75_000
CELLS = 12


class Spark:
    """The mean of each 75 s, aligned to the clock, so that a cell is the same for every reader."""

    def __init__(self) -> None:
        self._cells: deque[tuple[int, float, int]] = deque(maxlen=CELLS)  # number, sum, count

    def measured(self, at: int, value: float) -> None:
        """`value` was measured at `at`, UTC ms; NaN is no measurement. Times never go back."""
        if isnan(value):
            return
        number = at // CELL_MS
        if self._cells and self._cells[-1][0] >= number:
            last, total, count = self._cells[-1]
            self._cells[-1] = (last, total + value, count + 1)
        else:
            self._cells.append((number, value, 1))

    def restored(self, at: int, means: tuple[float | None, ...]) -> None:
        """Start from cells that were shown at `at`; each counts as one measurement."""
        first = at // CELL_MS - len(means) + 1
        for number, mean in enumerate(means, first):
            if mean is not None:
                self._cells.append((number, mean, 1))

    def cells(self, now: int) -> tuple[float | None, ...]:
        """Twelve means that end with the cell of `now`, None where nothing was measured."""
        first = now // CELL_MS - CELLS + 1
        shown: list[float | None] = [None] * CELLS
        for number, total, count in self._cells:
            if 0 <= number - first < CELLS:
                shown[number - first] = round(total / count, 1)
        return tuple(shown)
