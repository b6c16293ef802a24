"""From samples to minutes to ten minutes: low, mean and high of what was measured.

A slot in which nothing was measured is NaN in all three and stays so in every coarser tier. A
mean gives every measured slot below it the same weight, so that ten minutes of which three were
measured are the mean of those three.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import isnan
from typing import NamedTuple

from storage.columns import NAN, grow, numbers, raw, rounded, shrink
from storage.keys import HOUR_MS, MINUTE_MS


class Rollup(NamedTuple):
    """Low, mean and high of consecutive slots of equal length."""

    low: array[float]
    mean: array[float]
    high: array[float]

    @classmethod
    def empty(cls, slots: int) -> Rollup:
        """`slots` slots in which nothing was measured."""
        return cls(*(array("f", [NAN]) * slots for _ in range(3)))

    @classmethod
    def unpack(cls, packed: bytes) -> Rollup:
        """The reverse of `pack`. Raises ValueError."""
        column = numbers(grow(packed))
        slots, rest = divmod(len(column), 3)
        if rest:
            raise ValueError(f"a rollup holds {len(column)} numbers, which is not low, mean, high")
        return cls(column[:slots], column[slots : 2 * slots], column[2 * slots :])

    def pack(self) -> bytes:
        """As bytes for the file; means are rounded (see `storage.columns`)."""
        low, mean, high = (raw(column) for column in self)
        return shrink(low + rounded(mean) + high)

    def put(self, offset: int, newer: Rollup) -> None:
        """Take the measured slots of `newer` in from `offset` on; its gaps change nothing."""
        for slot, mean in enumerate(newer.mean, offset):
            if not isnan(mean):
                self.low[slot] = newer.low[slot - offset]
                self.mean[slot] = mean
                self.high[slot] = newer.high[slot - offset]

    def coarser(self, group: int) -> Rollup:
        """`group` slots to one. Slots must come in whole groups."""
        coarse = Rollup.empty(len(self.mean) // group)
        for slot in range(len(coarse.mean)):
            part = slice(slot * group, (slot + 1) * group)
            means = [mean for mean in self.mean[part] if not isnan(mean)]
            if means:
                coarse.low[slot] = min(low for low in self.low[part] if not isnan(low))
                coarse.mean[slot] = sum(means) / len(means)
                coarse.high[slot] = max(high for high in self.high[part] if not isnan(high))
        return coarse


def minutes_of(stamps: Sequence[int]) -> list[tuple[int, slice]]:
    """Which of the hour's samples fall into which minute; `stamps` are ms within it, ascending."""
    minutes = []
    first = 0
    for minute, group in groupby(stamps, lambda stamp: stamp // MINUTE_MS):
        count = sum(1 for _ in group)
        minutes.append((minute, slice(first, first + count)))
        first += count
    return minutes


def roll_up(minutes: Iterable[tuple[int, slice]], column: array[float]) -> Rollup:
    """One hour of one metric as 60 minutes."""
    hour = Rollup.empty(HOUR_MS // MINUTE_MS)
    low, mean, high = hour
    whole = not isnan(sum(column))  # no gap in it, as almost always: nothing to sift
    for minute, part in minutes:
        values = column[part] if whole else [v for v in column[part] if not isnan(v)]
        if values:
            low[minute] = min(values)
            mean[minute] = sum(values) / len(values)
            high[minute] = max(values)
    return hour
