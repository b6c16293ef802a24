"""Everything that a snapshot is made from, asked of a watch at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from estate.document import Document, Event, HostDetail, Series
from snapshots.snapshot import Depths, Unseen
from watch.error import WatchError
from watch.handover.freezing import Known, of_period

if TYPE_CHECKING:
    from estate.model import Estate
    from estate.runs import RunRow, RunView
    from watch.runs.desk import RunDesk

#: A month of events of a busy estate, several times over.
MOST_EVENTS_READ = 50_000
#: Runs whose steps are read for their time lines; all others stand in the list.
MOST_RUNS_READ = 12
#: Queues whose depth is drawn, and the points of a drawing.
MOST_QUEUES_READ, POINTS = 6, 144


class Asked(Protocol):
    """What is needed of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def present_estate(self) -> Estate: ...
    async def runs(self) -> RunDesk: ...
    def detail(self, host: str) -> HostDetail | None: ...
    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]: ...
    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series: ...


async def gathered(watch: Asked, starts: int, now: int, by: str) -> Known:
    """What is known `now` (UTC ms), and of the time since `starts`."""
    document = watch.document
    runs, views, unread = await _runs(watch, starts)
    details = {name: watch.detail(name) for name in document.hosts}
    return Known(
        document,
        watch.present_estate,
        starts,
        now,
        by=by,
        events=await watch.events(starts, MOST_EVENTS_READ, ""),
        runs=runs,
        views=views,
        unread=unread,
        depths=await _depths(watch, document, starts, now),
        gaps={name: each.gaps for name, each in details.items() if each and each.gaps},
    )


async def _depths(watch: Asked, document: Document, starts: int, now: int) -> tuple[Depths, ...]:
    """How deep the deepest queues were over the period."""
    if now <= starts:
        return ()
    deepest = sorted(document.queues, key=lambda row: (-(row.depth or 0), row.key, row.site))
    found = []
    for row in deepest[:MOST_QUEUES_READ]:
        series = await watch.queue_series(row.key, "depth", starts, now, POINTS)
        found.append(Depths(row.key, row.site, with_gaps(series)))
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


async def _runs(
    watch: Asked, starts: int
) -> tuple[tuple[RunRow, ...], dict[str, RunView], tuple[Unseen, ...]]:
    """Every run, the steps of those that the period has, and what of it can't be read."""
    unread: list[Unseen] = []
    views: dict[str, RunView] = {}
    try:
        desk = await watch.runs()
    except WatchError as error:
        return (), {}, (Unseen("records", "runs", str(error)),)
    rows = desk.all_rows()
    for row in of_period(rows, starts)[:MOST_RUNS_READ]:
        try:
            views[row.id] = await desk.view(row.id)
        except WatchError as error:
            unread.append(Unseen("records", row.id, str(error), row.started_at))
    return rows, views, tuple(unread)
