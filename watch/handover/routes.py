"""The API of handovers: the snapshot of this moment, notes, and who takes over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, cast

from fastapi import FastAPI, Query, Request, Response

from estate.wire import to_json
from watch.api.answers import as_json, as_rows
from watch.error import WatchError

if TYPE_CHECKING:
    from estate.model import Estate
    from watch.handover.desk import HandoverDesk
    from watch.handover.reporting import Reports


class HasHandovers(Protocol):
    """What these routes need of the watch."""

    @property
    def present_estate(self) -> Estate: ...
    async def handovers(self) -> HandoverDesk: ...


def add_handover(app: FastAPI, watch: HasHandovers) -> None:
    """What one shift hands to the next, on `app`."""
    _freezing(app, watch)
    _noting(app, watch)
    _handing_over(app, watch)


def _freezing(app: FastAPI, watch: HasHandovers) -> None:
    @app.get("/v1/snapshot", response_model=None)
    async def snapshot(request: Request, start: int | None = None) -> Response:
        """A handover from `start` (UTC ms) to now; without one, from the shift's beginning."""
        from snapshots.reading import snapshot_bytes

        desk = await watch.handovers()
        made = await desk.snapshot(request.state.peer.name, start)
        body = await asyncio.to_thread(snapshot_bytes, made)
        return Response(body, media_type="application/json")

    @app.get("/v1/report", response_model=None)
    async def report(request: Request, start: int, end: int) -> Response:
        """What happened in [start, end), UTC ms, with the board as it was then."""
        from snapshots.reading import snapshot_bytes
        from watch.handover.reporting import reported

        made = await reported(cast("Reports", watch), start, end, request.state.peer.name)
        body = await asyncio.to_thread(snapshot_bytes, made)
        return Response(body, media_type="application/json")


def _noting(app: FastAPI, watch: HasHandovers) -> None:
    @app.get("/v1/notes", response_model=None)
    async def notes() -> Response:
        """Every note, the oldest first; a closed one says when, by whom and why."""
        return as_rows((await watch.handovers()).notes())

    @app.post("/v1/notes", response_model=None)
    async def note(request: Request, body: dict[str, Any]) -> Response:
        """Take down `text`: `kind` incident, note or watch, and whatever else a note has."""
        from watch.handover.asked import declared

        declared(body, "tenants", watch.present_estate.tenants)
        desk = await watch.handovers()
        return as_json(to_json(await desk.add_note(request.state.peer.name, body)))

    @app.post("/v1/notes/{name}/close", response_model=None)
    async def close(request: Request, name: str, body: dict[str, Any]) -> Response:
        """The note is over, and `why`."""
        desk = await watch.handovers()
        return as_json(to_json(await desk.close_note(request.state.peer.name, name, body)))


def _handing_over(app: FastAPI, watch: HasHandovers) -> None:
    @app.get("/v1/handovers", response_model=None)
    async def handovers(limit: int | None = Query(None, ge=1)) -> Response:
        """Handovers with what was said of each, the newest first: all, or the last `limit`."""
        known = (await watch.handovers()).handovers()[:limit]
        return await asyncio.to_thread(as_rows, known)  # of years: a second, in which others wait

    @app.get("/v1/handovers/{name}", response_model=None)
    async def document(name: str) -> Response:
        """The document that was handed over, as its hash has it; "last" is the newest."""
        body = await (await watch.handovers()).document(name)
        return Response(body, media_type="application/json")

    @app.post("/v1/handovers", response_model=None)
    async def offer(request: Request, body: dict[str, Any] | None = None) -> Response:
        """Freeze a snapshot from `start` (UTC ms; the shift's beginning) and offer it; with
        `dry_run` what would be sent of it, to whom, and nothing is offered or sent."""
        start = (body or {}).get("start")
        if start is not None and type(start) is not int:
            why, do = "it is no time", "give the start in UTC ms, or leave it out"
            raise WatchError("the request is refused", "start", why, do, status=400)
        desk, person = await watch.handovers(), request.state.peer.name
        if (body or {}).get("dry_run") is True:
            return as_json(await desk.rehearsed(person, start))
        return as_json(to_json(await desk.offer(person, start)))

    @app.post("/v1/handovers/{name}/answer", response_model=None)
    async def answer(request: Request, name: str, body: dict[str, Any]) -> Response:
        """Accept, question or refuse (`answer`) `items`, or all that is left: to accept, what
        nobody questioned or refused; else, that of which nothing was said."""
        desk = await watch.handovers()
        return as_json(to_json(await desk.answer(request.state.peer.name, name, body)))

    @app.post("/v1/handovers/{name}/reply", response_model=None)
    async def reply(request: Request, name: str, body: dict[str, Any]) -> Response:
        """Reply `text` to what was questioned or refused of `items`, or to all of it."""
        desk = await watch.handovers()
        return as_json(to_json(await desk.reply(request.state.peer.name, name, body)))

    @app.post("/v1/handovers/{name}/sign", response_model=None)
    async def sign(request: Request, name: str, body: dict[str, Any]) -> Response:
        """Take it over, as the document of `sha256` tells it."""
        desk = await watch.handovers()
        return as_json(to_json(await desk.sign(request.state.peer.name, name, body)))
