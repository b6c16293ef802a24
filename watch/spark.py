"""The last while of one metric in a few cells: what a row of the board draws."""

from __future__ import annotations

from collections import deque
from math import isnan

CELL_MS = 75_000
CELLS = 12


class Spark:
    """The mean of each cell, 75 s where nothing else is said, twelve of them.

    Cells are aligned to the clock, so that one is the same for every reader.
    """

    def __init__(self, cell_ms: int = CELL_MS, cells: int = CELLS) -> None:
        self._cell_ms, self._count = cell_ms, cells
        self._cells: deque[tuple[int, float, int]] = deque(maxlen=cells)  # number, sum, count

    def measured(self, at: int, value: float) -> None:
        """`value` was measured at `at`, UTC ms; NaN is no measurement. Times never go back."""
        if isnan(value):
            return
        number = at // self._cell_ms
        if self._cells and self._cells[-1][0] >= number:
            last, total, count = self._cells[-1]
            self._cells[-1] = (last, total + value, count + 1)
        else:
            self._cells.append((number, value, 1))

    def restored(self, at: int, means: tuple[float | None, ...]) -> None:
        """Start from cells that were shown at `at`; each counts as one measurement."""
        first = at // self._cell_ms - len(means) + 1
        for number, mean in enumerate(means, first):
            if mean is not None:
                self._cells.append((number, mean, 1))

    def cells(self, now: int) -> tuple[float | None, ...]:
        """Means that end with the cell of `now`, None where nothing was measured."""
        first = now // self._cell_ms - self._count + 1
        shown: list[float | None] = [None] * self._count
        for number, total, count in self._cells:
            if 0 <= number - first < self._count:
                shown[number - first] = round(total / count, 1)
        return tuple(shown)
