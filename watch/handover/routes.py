"""What the API says of handovers: the snapshot of this moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI, Request, Response

from estate.document import Document, Event, HostDetail
from snapshots.snapshot import Unseen
from watch.error import WatchError

if TYPE_CHECKING:
    from estate.model import Estate
    from estate.runs import RunRow, RunView
    from watch.runs.office import Office

#: A month of events of a busy estate, several times over.
MOST_EVENTS_READ = 50_000
#: Runs whose steps are read for their time lines; all others stand in the list.
MOST_RUNS_READ = 12


class Handed(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def present_estate(self) -> Estate: ...
    async def office(self) -> Office: ...
    def now(self) -> int: ...
    def detail(self, host: str) -> HostDetail | None: ...
    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]: ...


def add_handover(app: FastAPI, watch: Handed) -> None:
    """The snapshot that one shift hands to the next."""

    @app.get("/v1/snapshot", response_model=None)
    async def snapshot(request: Request, start: int | None = None) -> Response:
        """A handover from `start` (UTC ms) to now; without one, from the shift's beginning."""
        from snapshots.reading import snapshot_bytes
        from watch.handover.duty import period_start
        from watch.handover.freezing import Known, frozen

        now, estate, document = watch.now(), watch.present_estate, watch.document
        starts = period_start(estate.shifts, estate.timezone, now) if start is None else start
        if not 0 <= starts <= now:
            why, do = "it begins in the future, or before 1970", "give the start in UTC ms"
            raise WatchError("no such period", str(starts), why, do, status=400)
        runs, views, unread = await _runs(watch, starts)
        details = {name: watch.detail(name) for name in document.hosts}
        known = Known(
            document,
            estate,
            starts,
            now,
            by=request.state.peer.name,
            events=await watch.events(starts, MOST_EVENTS_READ, ""),
            runs=runs,
            views=views,
            unread=unread,
            gaps={name: each.gaps for name, each in details.items() if each and each.gaps},
        )
        body = await asyncio.to_thread(lambda: snapshot_bytes(frozen(known)))
        return Response(body, media_type="application/json")


async def _runs(
    watch: Handed, starts: int
) -> tuple[tuple[RunRow, ...], dict[str, RunView], tuple[Unseen, ...]]:
    """Every run, the steps of those that the period has, and what of it can't be read."""
    from watch.handover.freezing import of_period

    unread: list[Unseen] = []
    views: dict[str, RunView] = {}
    try:
        office = await watch.office()
    except WatchError as error:
        return (), {}, (Unseen("records", "runs", str(error)),)
    rows = office.all_rows()
    for row in of_period(rows, starts)[:MOST_RUNS_READ]:
        try:
            views[row.id] = await office.view(row.id)
        except WatchError as error:
            unread.append(Unseen("records", row.id, str(error), row.started_at))
    return rows, views, tuple(unread)
