"""How a queue moves: rates, trend, and the time until it is full or empty. The one place for it.

The net rate is the median of the slopes between all pairs of measurements (Theil 1950, Sen 1968),
so that one burst moves it little. A queue rises (falls) where three quarters of those slopes do;
what wobbles is steady. What came and what left are known where a counter says so; where only one
does, the other follows, for nothing is made or lost in between: in - out = change of depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import quantiles

WINDOW_MS = 5 * 60_000
#: What is asked seldom is judged by its last few measurements, if they are no older than this.
LONGEST_MS = 15 * 60_000
#: Fewer measurements, or closer together, say nothing about a trend.
FEWEST = 4
SHORTEST_MS = 15_000
#: Measurements that are closer than this to the one before replace it: 60 fill the window.
CLOSEST_MS = 5_000
#: What is farther away has a forecast nobody acts on.
FARTHEST_SECONDS = 86_400.0

_MINUTE_MS = 60_000.0


@dataclass(frozen=True, slots=True)
class Look:
    """A queue at `at`, UTC ms; `came` and `left` count since some start, None where nobody does."""

    at: int
    depth: float
    came: float | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a queue moves, per minute: a quarter of all slopes is below `low`, one above `high`."""

    net: float
    low: float
    high: float
    came: float | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of a queue: at most one of the two ends is in sight."""

    trend: str  # rising, falling or steady
    full_in_seconds: float | None = None
    empty_in_seconds: float | None = None


def looked(looks: Sequence[Look], look: Look) -> tuple[Look, ...]:
    """`looks` with `look` behind them and without what left the window.

    A clock that was set back starts them over.
    """
    if looks and look.at < looks[-1].at:
        return (look,)
    recent = [each for each in looks if look.at - each.at <= WINDOW_MS]
    last = [each for each in looks[-FEWEST:] if look.at - each.at <= LONGEST_MS]
    kept = max(recent, last, key=len)
    # The older of two close ones stays, so that looks which come thick and fast still add up.
    if len(kept) > 1 and kept[-1].at - kept[-2].at < CLOSEST_MS:
        kept.pop()
    return (*kept, look)


def pace(looks: Sequence[Look]) -> Pace | None:
    """How the queue moved over `looks`, ascending; None while they say nothing about a trend."""
    if len(looks) < FEWEST or looks[-1].at - looks[0].at < SHORTEST_MS:
        return None
    slopes = [
        _MINUTE_MS * (later.depth - earlier.depth) / (later.at - earlier.at)
        for earlier, later in combinations(looks, 2)
        if later.at > earlier.at
    ]
    low, net, high = quantiles(slopes, n=4)
    return Pace(net, low, high, *_passed(looks))


def together(paces: Iterable[Pace]) -> Pace | None:
    """Several queues as one; None for none. A rate is known only where all parts know it."""
    every = list(paces)
    if not every:
        return None
    return Pace(
        sum(each.net for each in every),
        sum(each.low for each in every),
        sum(each.high for each in every),
        _sum([each.came for each in every]),
        _sum([each.left for each in every]),
    )


def forecast(depth: float, moves: Pace, full: float | None = None) -> Forecast:
    """What becomes of a queue of `depth` that moves so, where `full` is how much fits."""
    if moves.low > 0 and moves.net > 0:
        room = None if full is None else max(0.0, full - depth)
        return Forecast("rising", full_in_seconds=_seconds(room, moves.net))
    if moves.high < 0 and moves.net < 0:
        return Forecast("falling", empty_in_seconds=_seconds(max(0.0, depth), -moves.net))
    return Forecast("steady")


def _seconds(way: float | None, per_minute: float) -> float | None:
    if way is None:
        return None
    seconds = 60.0 * way / per_minute
    return seconds if seconds <= FARTHEST_SECONDS else None


def _passed(looks: Sequence[Look]) -> tuple[float | None, float | None]:
    """What came and what left, per minute, over the intervals in which no counter began anew."""
    came = left = minutes = 0.0
    for earlier, later in pairwise(looks):
        if later.at == earlier.at:
            continue
        change = later.depth - earlier.depth
        entered, gone = _counted(earlier.came, later.came), _counted(earlier.left, later.left)
        if entered is None and gone is not None:
            entered = gone + change
        elif gone is None and entered is not None:
            gone = entered - change
        # Counter and depth are not read in the same instant: a little less than nothing is nothing.
        if entered is None or gone is None:
            continue
        came += max(0.0, entered)
        left += max(0.0, gone)
        minutes += (later.at - earlier.at) / _MINUTE_MS
    return (came / minutes, left / minutes) if minutes else (None, None)


def _counted(earlier: float | None, later: float | None) -> float | None:
    """What a counter counted in between; one that runs backwards began anew."""
    if earlier is None or later is None or later < earlier:
        return None
    return later - earlier


def _sum(rates: Sequence[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if len(known) == len(rates) else None
