"""Everything that a snapshot is made from, asked of a watch at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from estate.document import Document, Event, HostDetail
from estate.told import told
from snapshots.snapshot import ENDED, RUNS, Unseen
from watch.error import WatchError
from watch.handover.depths import KnowsQueues, deepest_now, deepest_then
from watch.handover.freezing import Known, Left, of_period
from watch.handover.unseen import not_read

if TYPE_CHECKING:
    from estate.model import Estate
    from estate.runs import RunRow, RunView
    from watch.runs.desk import RunDesk

#: A month of events of a busy estate, several times over.
MOST_EVENTS_READ = 50_000
#: Runs that ended whose records are read, the newest first; those that are open are read all.
MOST_RUNS_READ = 200


class Asked(KnowsQueues, Protocol):
    """What is needed of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def present_estate(self) -> Estate: ...
    async def runs(self) -> RunDesk: ...
    def detail(self, host: str) -> HostDetail | None: ...
    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]: ...


async def gathered(
    watch: Asked,
    starts: int,
    now: int,
    by: str,
    left: Left | None = None,
    *,
    kept: Document | None = None,
) -> Known:
    """What is known `now` (UTC ms), and of the time since `starts`; with `left`, what the handover
    before left open, also what became of that. `kept` is the board where that time is over."""
    document = watch.document
    since = starts if left is None else min(starts, left.at)
    events = await watch.events(since, MOST_EVENTS_READ, "")
    runs, views, unread = await _runs(watch, since, left.runs if left is not None else frozenset())
    details = {name: watch.detail(name) for name in document.hosts}
    left_out: tuple[Unseen, ...] = ()
    if kept is None:
        depths = await deepest_now(watch, document, starts, now)
    else:
        depths, left_out = await deepest_then(watch, kept, starts, now)
    return Known(
        document,
        watch.present_estate,
        starts,
        now,
        by=by,
        events=tuple(each for each in events if each.at >= starts),
        runs=runs,
        views=views,
        unread=(*unread, *not_read(events, since, MOST_EVENTS_READ), *left_out),
        depths=depths,
        gaps={name: each.gaps for name, each in details.items() if each and each.gaps},
        left=left,
        events_before=tuple(each for each in events if each.at < starts),
        events_whole=len(events) < MOST_EVENTS_READ and not document.watch.records,
    )


async def _runs(
    watch: Asked, since: int, left: frozenset[str]
) -> tuple[tuple[RunRow, ...], dict[str, RunView], tuple[Unseen, ...]]:
    """Every run, the records of those that are open or ended `since`, or were `left` open, and what
    can't be read: nobody knows the outcome of that."""
    try:
        desk = await watch.runs()
    except WatchError as error:
        return (), {}, (Unseen("records", RUNS, str(error)),)
    unread: list[Unseen] = []
    views: dict[str, RunView] = {}
    rows = desk.all_rows()
    wanted = of_period(rows, since, left)
    ended = [row for row in wanted if row.state in ENDED]
    for row in (*(row for row in wanted if row.state not in ENDED), *ended[:MOST_RUNS_READ]):
        try:
            views[row.id] = await desk.view(row.id)
        except WatchError as error:
            unread.append(Unseen("records", row.id, str(error), row.started_at))
    for row in ended[MOST_RUNS_READ:]:
        why = told("its record was not read: it is one of {count} runs", count=str(len(ended)))
        unread.append(Unseen("records", row.id, why, row.started_at))
    return rows, views, tuple(unread)
