"""What the records and the machine know: events, charts, the set-up, and the records as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Protocol

from fastapi import FastAPI, Query, Response
from fastapi.responses import StreamingResponse

from estate.document import Document, Event, Series
from estate.fields import EVENT_FIELDS, event_fields
from estate.metrics import INDEX
from estate.wire import to_json
from watch.api.answers import as_json, as_rows, filter_of, unknown_host
from watch.error import WatchError
from watch.records import FORMS, RecordsInUse, Wanted

#: A chart has no more points than a wide terminal has dots.
MOST_POINTS = 2_000
MOST_EVENTS = 5_000


class HasRecords(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def records(self) -> RecordsInUse: ...
    def now(self) -> int: ...
    def figures(self) -> Mapping[str, float]: ...
    async def series(self, host: str, metric: str, start: int, end: int, points: int) -> Series: ...
    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]: ...
    async def doctor(self) -> list[dict[str, str]]: ...


def add_records(app: FastAPI, watch: HasRecords) -> None:
    """What is kept, on `app`."""
    _asking(app, watch)
    _keeping(app, watch)


def _asking(app: FastAPI, watch: HasRecords) -> None:
    @app.get("/v1/events", response_model=None)
    async def events(
        since: int = 0,
        limit: int = Query(200, ge=1, le=MOST_EVENTS),
        host: str = "",
        where: str = "",
    ) -> Response:
        """Events at or after `since` (UTC ms) that the filter selects, newest first."""
        selects, now = filter_of(where, EVENT_FIELDS), watch.now()
        found = await watch.events(since, limit if not where else MOST_EVENTS, host)
        matching = [each for each in found if selects.matches(event_fields(each, now))]
        return as_rows(matching[:limit])

    @app.get("/v1/history", response_model=None)
    async def history(
        host: str,
        metric: str,
        start: int,
        end: int,
        points: int = Query(240, ge=1, le=MOST_POINTS),
    ) -> Response:
        """One metric of one host over [start, end), UTC ms: low, mean and high; gaps are absent."""
        if host not in watch.document.hosts:
            raise unknown_host(watch.document, host)
        if metric not in INDEX:
            known = ", ".join(INDEX)
            raise WatchError("no such metric", metric, f"there are {known}", "ask one", status=404)
        if end <= start:
            why = "it ends before it begins"
            raise WatchError("no such span", f"{start}–{end}", why, "give start < end", status=400)
        return as_json(to_json(await watch.series(host, metric, start, end, points)))

    @app.get("/v1/doctor", response_model=None)
    async def doctor() -> Response:
        """Every problem of the set-up as the watch sees it, with its remedy."""
        return as_json(await watch.doctor())

    @app.get("/metrics", response_model=None)
    async def metrics() -> Response:
        """The board in OpenMetrics."""
        from watch import openmetrics  # 58 ms to import, and few watches are scraped

        page = openmetrics.page(watch.document, watch.figures())
        return Response(page, media_type=openmetrics.CONTENT_TYPE)


def _keeping(app: FastAPI, watch: HasRecords) -> None:
    @app.get("/v1/records/check", response_model=None)
    async def check() -> Response:
        """Read all of the records and say what is wrong with them; takes a while."""
        return as_json(await watch.records.check())

    @app.get("/v1/records/export", response_model=None)
    async def export(
        start: int,
        end: int,
        host: Annotated[list[str] | None, Query()] = None,
        form: Annotated[str, Query(pattern="csv|jsonl")] = "csv",
    ) -> Response:
        """Every sample in [start, end), UTC ms, as CSV or a JSON object a line, host by host."""
        wanted = Wanted(start, end, tuple(host or ()), form)
        pieces = await watch.records.export(wanted)
        return StreamingResponse(pieces, media_type=FORMS[form])

    @app.post("/v1/records/prune", response_model=None)
    async def prune() -> Response:
        """Compact and prune now all that is older than it has to be kept."""
        return as_json(await watch.records.prune())
