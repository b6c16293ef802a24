"""How deep queues were: of a handover those that are deepest now, of a report those that were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from estate.document import Document, Series
from estate.told import told
from snapshots.snapshot import QUEUES, Depths, Unseen

#: Queues whose depth is drawn, and the points of a drawing.
MOST_QUEUES_READ, POINTS = 6, 144
#: Queues that are looked through for the deepest: some milliseconds each, and RabbitMQ's may come
#: and go by the thousand.
MOST_LOOKED_THROUGH = 500


class KnowsQueues(Protocol):
    """What is needed of the watch."""

    async def queues(self) -> tuple[str, ...]: ...
    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series: ...


async def deepest_now(
    watch: KnowsQueues, document: Document, starts: int, now: int
) -> tuple[Depths, ...]:
    """The depth over [starts, now), UTC ms, of the queues that are deepest on `document`."""
    if now <= starts:
        return ()
    deepest = sorted(document.queues, key=lambda row: (-(row.depth or 0), row.key, row.site))
    return await _depths(
        watch, ((row.key, row.site) for row in deepest[:MOST_QUEUES_READ]), starts, now
    )


async def deepest_then(
    watch: KnowsQueues, document: Document, starts: int, ends: int
) -> tuple[tuple[Depths, ...], tuple[Unseen, ...]]:
    """The depth over [starts, ends), UTC ms, of the queues that were deepest in it, the deepest
    first: also of those that were empty, or gone, when `document` was the board. And what was not
    looked through for them: queues that were first seen long ago, and are not on that board."""
    sites = {row.key: row.site for row in document.queues}
    keys = [*dict.fromkeys((*sites, *reversed(await watch.queues())))]
    looked = keys[:MOST_LOOKED_THROUGH]
    found = await _depths(watch, ((key, sites.get(key, "")) for key in looked), starts, ends)
    waited = sorted(((-highest(each), each.key, each) for each in found), key=lambda row: row[:2])
    deepest = tuple(each for depth, _, each in waited[:MOST_QUEUES_READ] if depth)
    return deepest, tuple(_not_looked_through(len(keys), starts, ends))


def _not_looked_through(count: int, starts: int, ends: int) -> Iterator[Unseen]:
    if count > MOST_LOOKED_THROUGH:
        why = told(
            "{count} of {all} queues on record were not looked through for the deepest",
            count=f"{count - MOST_LOOKED_THROUGH:,}",
            all=f"{count:,}",
        )
        yield Unseen("records", QUEUES, why, starts, ends)


def highest(depths: Depths) -> float:
    """The most that waited, as far as it was measured."""
    return max((value for _, value in depths.points if value is not None), default=0.0)


async def _depths(
    watch: KnowsQueues, queues: Iterable[tuple[str, str]], starts: int, ends: int
) -> tuple[Depths, ...]:
    found = []
    for key, site in queues:
        series = await watch.queue_series(key, "depth", starts, ends, POINTS)
        found.append(Depths(key, site, with_gaps(series)))
    return tuple(found)


def with_gaps(series: Series) -> tuple[tuple[int, float | None], ...]:
    """The highest of each step; None where nothing was measured for longer than two of them."""
    points: list[tuple[int, float | None]] = []
    last = series.start - series.step
    for at, _, _, high in series.points:
        if at - last > 2 * series.step:
            points.append((last + series.step, None))
        points.append((at, high))
        last = at
    return tuple(points)
