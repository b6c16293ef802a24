"""A chart from the tier that suits it, joined with what is newer, nothing counted twice.

What was compacted is read from the columns or a rollup, the rest from ticks. The whole chart has
one resolution: that of the coarsest tier which is fine enough for its width and still reaches
back to its start.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

from storage import keys
from storage.columns import grow, numbers
from storage.database import Connection
from storage.hours import read_hour, readable_stamps, select_ticks, stamps_of, ticks_of_hour
from storage.rollups import Rollup


class Point(NamedTuple):
    """One stretch of a chart: what was measured in [at, at + width), UTC milliseconds.

    `mean` gives every measured moment the same weight. Stretches in which nothing was measured
    have no point.
    """

    at: int
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class _Tier:
    """A table of columns: one row spans `span_ms`, one number in it `slot_ms`."""

    table: str
    span_ms: int
    slot_ms: int


_TIERS = (
    _Tier("chunks", keys.HOUR_MS, 1),
    _Tier("minutes", keys.HOUR_MS, keys.MINUTE_MS),
    _Tier("ten_minutes", keys.DAY_MS, keys.TEN_MINUTES_MS),
)


class Span(NamedTuple):
    """What a chart shows: [start, end) in UTC ms, in about `points` stretches."""

    start: int
    end: int
    points: int

    def width(self, slot_ms: int = 1) -> int:
        """Milliseconds of a stretch: a whole number of slots of `slot_ms`."""
        width = -(-(self.end - self.start) // self.points)
        return max(1, -(-width // slot_ms)) * slot_ms


def chart(
    connection: Connection,
    host: int,
    metric: int,
    span: Span,
    unsaved: Iterable[tuple[int, float]] = (),
) -> list[Point]:
    """What `metric` of `host` did over `span`.

    `unsaved` are (at, value) that are not in the file yet. Stretches begin at whole multiples of
    their width, so that a chart that moves on keeps its shape; there may be one more than
    `span.points` for that, and fewer where the tier is coarser.
    """
    tier = _choose(connection, span)
    hot = dict(_hot(connection, host, metric, span)) | dict(unsaved)
    fine = [Point(at, v, v, v) for at, v in hot.items() if _within(span, at) and not isnan(v)]
    for step in (keys.MINUTE_MS, keys.TEN_MINUTES_MS):
        if step <= tier.slot_ms:
            fine = _merge(fine, step)
    kept = _kept(connection, tier, host, metric, span)
    return _merge([*kept, *fine], span.width(tier.slot_ms))


def sketch(unsaved: Iterable[tuple[int, float]], span: Span) -> list[Point]:
    """The chart of what is not in a file, where there is no file to be read."""
    found = [Point(at, v, v, v) for at, v in unsaved if _within(span, at) and not isnan(v)]
    return _merge(found, span.width())


def samples(
    connection: Connection, host: int, start: int, end: int
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """(at, values) of one host in [start, end) as far back as samples go, hour by hour."""
    reaches = [_reach(connection, _TIERS[0]), _reach_of_ticks(connection)]
    begin = max(start, min(first for first, _ in reaches))
    end = min(end, max(last for _, last in reaches))
    for hour in range(begin // keys.HOUR_MS, -(-end // keys.HOUR_MS)):
        first = hour * keys.HOUR_MS
        kept = read_hour(connection, hour, host) | ticks_of_hour(connection, hour, host)
        for within, packed in sorted(kept.items()):
            if start <= first + within < end:
                yield first + within, tuple(numbers(packed))


def _within(span: Span, at: int) -> bool:
    return span.start <= at < span.end


def _choose(connection: Connection, span: Span) -> _Tier:
    """The coarsest tier that is fine enough, or a coarser one where that begins too late."""
    position = max(i for i, tier in enumerate(_TIERS) if tier.slot_ms <= span.width())
    chosen = _TIERS[position]
    oldest, _ = _reach(connection, chosen)
    for coarser in _TIERS[position + 1 :]:
        # Its rows begin earlier by up to their span without knowing more.
        reaches_back_to = _reach(connection, coarser)[0] + coarser.span_ms
        if span.start < oldest and reaches_back_to <= oldest:
            chosen, oldest = coarser, reaches_back_to
    return chosen


def _reach(connection: Connection, tier: _Tier) -> tuple[int, int]:
    """What the rows of `tier` cover, [start, end); nothing at the end of time if it is empty.

    Seeks are bounded by it, whatever span was asked for.
    """
    first, last = _ends(connection, tier.table)
    if first is None or last is None:
        return keys.END_OF_TIME, 0
    return (first >> 28) * tier.span_ms, ((last >> 28) + 1) * tier.span_ms


def _reach_of_ticks(connection: Connection) -> tuple[int, int]:
    first, last = _ends(connection, "ticks")
    if first is None or last is None:
        return keys.END_OF_TIME, 0
    return keys.tick_time(first), (keys.tick_time(last) // keys.SLOT_MS + 1) * keys.SLOT_MS


def _ends(connection: Connection, table: str) -> tuple[int | None, int | None]:
    """The least and the greatest key; asked for apart, because together SQLite reads all rows."""
    least = f"SELECT min(key) FROM {table}"  # noqa: S608
    greatest = f"SELECT max(key) FROM {table}"  # noqa: S608
    return connection.execute(least).fetchone()[0], connection.execute(greatest).fetchone()[0]


def _kept(
    connection: Connection, tier: _Tier, host: int, metric: int, span: Span
) -> Iterator[Point]:
    """What the columns of `tier` hold of `span`; a slot belongs where it begins."""
    start, end = _reach(connection, tier)
    first = max(span.start, start) // tier.span_ms
    last = (min(span.end, end) - 1) // tier.span_ms
    if first > last:
        return
    rows = connection.execute(
        "WITH RECURSIVE spans(span) AS (VALUES(:first) UNION ALL"  # noqa: S608
        " SELECT span + 1 FROM spans WHERE span < :last)"
        f" SELECT span, packed FROM spans CROSS JOIN {tier.table}"
        " ON key = (span << 20 | :host) << 8 | :metric",
        {"first": first, "last": last, "host": host, "metric": metric},
    ).fetchall()
    for number, packed in rows:
        try:
            if tier.slot_ms == 1:
                found = _samples_of(connection, number, host, numbers(grow(packed)))
            else:
                found = _slots_of(Rollup.unpack(packed), number * tier.span_ms, tier.slot_ms)
        except ValueError:
            continue  # damaged: a gap, as in `storage.hours`
        yield from (p for p in found if _within(span, p.at) and not isnan(p.mean))


def _samples_of(connection: Connection, hour: int, host: int, column: array[float]) -> list[Point]:
    row = connection.execute(
        "SELECT stamps FROM hours WHERE key = ?", (keys.hour_key(hour, host),)
    ).fetchone()
    stamps = readable_stamps(row[0]) if row else []
    begin = hour * keys.HOUR_MS
    return [Point(begin + s, v, v, v) for s, v in zip(stamps, column, strict=False)]


def _slots_of(rollup: Rollup, begin: int, slot_ms: int) -> list[Point]:
    return [
        Point(begin + slot * slot_ms, *values)
        for slot, values in enumerate(zip(*rollup, strict=True))
    ]


def _hot(connection: Connection, host: int, metric: int, span: Span) -> list[tuple[int, float]]:
    """(at, value) from the ticks that are in no column yet."""
    oldest, newest = _reach_of_ticks(connection)
    start, end = max(span.start, oldest), min(span.end, newest)
    if start >= end:
        return []
    # By moment and not by hour: after the clock was set back, new ticks join a compacted hour.
    compacted = {
        hour: frozenset(stamps)
        for hour, stamps in stamps_of(connection, host, start // keys.HOUR_MS).items()
    }
    offset = metric * 4
    found = []
    slots = start // keys.SLOT_MS, (end - 1) // keys.SLOT_MS
    for key, packed in select_ticks(connection, host, *slots):
        at = keys.tick_time(key)
        hour, within = divmod(at, keys.HOUR_MS)
        if within not in compacted.get(hour, ()) and len(packed) > offset:
            found.append((at, numbers(packed[offset : offset + 4])[0]))
    return found


def _merge(points: Iterable[Point], width: int) -> list[Point]:
    """Points by stretches of `width`, ascending; each point below weighs the same."""
    stretches: dict[int, list[Point]] = {}
    for point in points:
        stretches.setdefault(point.at // width, []).append(point)
    return [
        Point(
            stretch * width,
            min(p.low for p in parts),
            sum(p.mean for p in parts) / len(parts),
            max(p.high for p in parts),
        )
        for stretch, parts in sorted(stretches.items())
    ]
