"""Sets of time: half-open intervals `[from, to)` of integer UTC milliseconds, in order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

#: From, to; the first millisecond that is in, and the first that is not.
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of milliseconds. Make one with `spans`; the constructor takes what is in order already:
    no interval is empty, none touches the next."""

    intervals: tuple[Interval, ...] = ()

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __bool__(self) -> bool:
        return bool(self.intervals)

    @property
    def length(self) -> int:
        """Milliseconds in the set."""
        return sum(to - start for start, to in self.intervals)

    def __or__(self, other: Spans) -> Spans:
        return Spans(tuple(_joined(heapq.merge(self.intervals, other.intervals))))

    def __and__(self, other: Spans) -> Spans:
        return Spans(tuple(_common(self.intervals, other.intervals)))

    def __sub__(self, other: Spans) -> Spans:
        if not self or not other:
            return self
        start, to = self.intervals[0][0], self.intervals[-1][1]
        return self & other.outside(start, to)

    def outside(self, start: int, to: int) -> Spans:
        """What of `[start, to)` is not in the set."""
        edges = [start]
        for first, last in self.intervals:
            edges += [max(start, first), min(to, last)] if first < to and last > start else []
        edges.append(to)
        free = zip(edges[::2], edges[1::2], strict=True)
        return Spans(tuple((first, last) for first, last in free if first < last))

    def within(self, start: int, to: int) -> Spans:
        """What of the set is in `[start, to)`."""
        return self & spans([(start, to)])


NEVER = Spans()


def spans(intervals: Iterable[Interval]) -> Spans:
    """The set of any intervals: overlapping, touching, out of order; those with nothing in them
    are left out."""
    return Spans(tuple(_joined(sorted((a, b) for a, b in intervals if a < b))))


def union(sets: Iterable[Spans]) -> Spans:
    """What is in any of them."""
    return spans(interval for each in sets for interval in each)


def counted(sets: Iterable[Spans]) -> Iterator[tuple[Interval, int]]:
    """In how many sets each stretch of time is: the stretches between any two changes."""
    changes: dict[int, int] = {}
    for each in sets:
        for start, to in each:
            changes[start] = changes.get(start, 0) + 1
            changes[to] = changes.get(to, 0) - 1
    depth = 0
    for start, to in pairwise(sorted(changes)):
        depth += changes[start]
        yield (start, to), depth


def _joined(ordered: Iterable[Interval]) -> Iterator[Interval]:
    """Overlapping and touching neighbours as one."""
    current: Interval | None = None
    for start, to in ordered:
        if current is None:
            current = (start, to)
        elif start <= current[1]:
            current = (current[0], max(current[1], to))
        else:
            yield current
            current = (start, to)
    if current is not None:
        yield current


def _common(ours: tuple[Interval, ...], theirs: tuple[Interval, ...]) -> Iterator[Interval]:
    mine = other = 0
    while mine < len(ours) and other < len(theirs):
        start = max(ours[mine][0], theirs[other][0])
        to = min(ours[mine][1], theirs[other][1])
        if start < to:
            yield start, to
        if ours[mine][1] < theirs[other][1]:
            mine += 1
        else:
            other += 1
