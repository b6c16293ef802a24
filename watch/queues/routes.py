"""What the API says of queues: the rows, and how one moved over time."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Protocol

from fastapi import FastAPI, Query, Response

from estate.document import Document, Series
from estate.queuefields import QUEUE_FIELDS, queue_fields
from estate.queues import QUEUE_METRICS
from estate.wire import to_json
from watch.api.answers import as_json, as_rows, filter_of
from watch.error import WatchError

#: A chart has no more points than a wide terminal has dots.
MOST_POINTS = 2_000


class HasQueues(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    def now(self) -> int: ...
    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series: ...


def add_queues(app: FastAPI, services: HasQueues) -> None:
    """The queues as they are, and the depth of one over time."""

    @app.get("/v1/queues", response_model=None)
    async def queues(where: str = "") -> Response:
        """The queues that the filter selects, as the estate declares them, site by site."""
        selects, now = filter_of(where, QUEUE_FIELDS), services.now()
        rows = services.document.queues
        return as_rows(row for row in rows if selects.matches(queue_fields(row, now)))

    @app.get("/v1/queues/history", response_model=None)
    async def queue_history(
        queue: str,
        start: int,
        end: int,
        metric: str = "depth",
        points: int = Query(240, ge=1, le=MOST_POINTS),
    ) -> Response:
        """A figure of a queue over [start, end), UTC ms: low, mean and high; gaps are absent."""
        known = [row.key for row in services.document.queues]
        if queue not in known:
            close = get_close_matches(queue, known, 1)
            do = f"did you mean {close[0]}?" if close else "twinwatch queues --json lists keys"
            raise WatchError("no such queue", queue, "the board has none", do, status=404)
        if metric not in QUEUE_METRICS:
            why = f"there are {', '.join(QUEUE_METRICS)}"
            raise WatchError("no such figure", metric, why, "ask one of them", status=404)
        if end <= start:
            why = "it ends before it begins"
            raise WatchError("no such span", f"{start}–{end}", why, "give start < end", status=400)
        return as_json(to_json(await services.queue_series(queue, metric, start, end, points)))
