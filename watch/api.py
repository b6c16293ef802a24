"""The watch's API: HTTP over a Unix socket, JSON, a stream of changes, OpenAPI and OpenMetrics.

FastAPI describes and routes; the answers are written by `estate.wire`. Only this file knows
FastAPI, uvicorn and h11's protocol class.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from collectors.blocking import on_thread
from estate.document import Document, Event, HostDetail, HostRow, Problem, Series
from estate.fields import (
    EVENT_FIELDS,
    HOST_FIELDS,
    PROBLEM_FIELDS,
    Field,
    event_fields,
    host_fields,
    problem_fields,
)
from estate.filter import Filter, FilterError, parse
from estate.metrics import INDEX
from estate.model import Estate
from estate.version import VERSION
from estate.wire import to_json
from watch.access import Door, looks_only, peer_of, refusal, steers
from watch.attention.routes import add_attention
from watch.error import SourceError, WatchError
from watch.handover.routes import add_handover
from watch.hub import Hub, packed
from watch.ledger.routes import add_ledger
from watch.notices.routes import add_notices
from watch.past.asof import AsOf, as_of, board_asked
from watch.past.routes import add_past
from watch.queues.routes import add_queues
from watch.readiness.routes import add_readiness
from watch.records import FORMS, RecordsInUse, Wanted
from watch.runs.routes import add_runs
from watch.standing.routes import add_standing

if TYPE_CHECKING:
    from watch.attention.desk import AttentionDesk
    from watch.handover.desk import HandoverDesk
    from watch.ledger.desk import Desk
    from watch.notices.desk import NoticeDesk
    from watch.past.keeping import Past
    from watch.readiness.desk import ReadinessDesk
    from watch.runbookfiles import Shelved
    from watch.runs.office import Office

#: A chart has no more points than a wide terminal has dots.
MOST_POINTS = 2_000
MOST_EVENTS = 5_000
#: The group database may lie in a directory service: it is waited for no longer than this.
JUDGE_SECONDS = 5.0


class Services(Protocol):
    """What the API needs of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def records(self) -> RecordsInUse: ...
    @property
    def roles(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def owner(self) -> int: ...
    @property
    def past(self) -> Past: ...
    @property
    def attending(self) -> AttentionDesk: ...
    @property
    def present_estate(self) -> Estate: ...
    async def office(self) -> Office: ...
    async def ledger(self) -> Desk: ...
    async def notices(self) -> NoticeDesk: ...
    async def readiness(self) -> ReadinessDesk: ...
    async def handovers(self) -> HandoverDesk: ...
    async def runbooks(self) -> Sequence[Shelved]: ...
    def now(self) -> int: ...
    def status(self) -> dict[str, object]: ...
    def estate(self) -> dict[str, object]: ...
    def figures(self) -> Mapping[str, float]: ...
    def detail(self, host: str) -> HostDetail | None: ...
    async def series(self, host: str, metric: str, start: int, end: int, points: int) -> Series: ...
    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series: ...
    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]: ...
    async def doctor(self) -> list[dict[str, str]]: ...
    def refresh(self, host: str | None) -> None: ...
    async def reload(self) -> None: ...
    def stop(self, by: str) -> None: ...


# --- serving ------------------------------------------------------------------------------------


class PeerProtocol(H11Protocol):
    """HTTP whose requests carry, as `request.state.peer`, who opened the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        try:
            peer = peer_of(transport.get_extra_info("socket"))
        except OSError:
            peer = None
        self.app_state = {**self.app_state, "peer": peer}


class Listening:
    """The API on a socket that listens already."""

    def __init__(
        self, services: Services, listener: socket.socket, door: Door | None = None
    ) -> None:
        config = Config(
            _guarded(application(services), services, door or Door(os.getuid())),
            http=PeerProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        config.load()
        self._listener = listener
        self._server = Server(config)
        self._server.lifespan = config.lifespan_class(config)

    async def start(self) -> None:
        """Begin to answer. uvicorn's own main loop, ten wake-ups a second, is not run."""
        await self._server.startup(sockets=[self._listener])

    async def close(self) -> None:
        """Answer what was asked, within a second, and close every connection."""
        await self._server.shutdown(sockets=[self._listener])


_Scope = dict[str, Any]
_Asgi = Callable[[_Scope, Any, Any], Awaitable[None]]


def _guarded(app: _Asgi, services: Services, door: Door) -> _Asgi:
    """`app` behind the one check of who asks."""

    async def guarded(scope: _Scope, receive: Any, send: Any) -> None:
        if why := looks_only(scope.get("method", "GET"), scope.get("headers", ())):
            do = "do it in a terminal: twinwatch"
            await _problem(403, "nothing was changed", "its socket", why, do)(scope, receive, send)
            return
        peer = scope.get("state", {}).get("peer")
        changes = steers(scope.get("method", "GET"), scope.get("path", ""))
        judge = partial(refusal, peer, door, services.roles, steers=changes)
        if door.group:
            try:
                async with asyncio.timeout(JUDGE_SECONDS):
                    why = await on_thread(judge)
            except TimeoutError:
                why = f"which groups you are in was not found out in {JUDGE_SECONDS:g} s"
        else:
            why = judge()
        if why:
            what, do = "you may not ask this watch", "start your own: twinwatch"
            if door.group:
                what, do = "you may not do that", "see `roles` in the estate, and your groups: id"
            await _problem(403, what, "its socket", why, do)(scope, receive, send)
        else:
            await _as_asked(app, services, scope, receive, send)

    return guarded


async def _as_asked(app: _Asgi, services: Services, scope: _Scope, receive: Any, send: Any) -> None:
    """Answer from the board of the moment that a GET names."""
    then = None
    if b"at=" in (query := scope.get("query_string", b"")) and scope.get("method") == "GET":
        try:
            zone = services.document.timezone
            then = await board_asked(services.past, scope["path"], query.decode("latin-1"), zone)
        except WatchError as error:
            refused = _problem(error.status or 500, error.what, error.where, error.why, error.do)
            await refused(scope, receive, send)
            return
    with as_of(then):
        await app(scope, receive, send)


# --- the endpoints ------------------------------------------------------------------------------


def application(services: Services) -> FastAPI:
    """The API over `services`."""
    services = AsOf(services)
    app = FastAPI(title="twinwatch", version=VERSION, docs_url=None, redoc_url=None)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    _looking(app, services)
    _asking(app, services)
    _keeping(app, services)
    _steering(app, services)
    add_runs(app, services)
    add_ledger(app, services)
    add_queues(app, services)
    add_standing(app, services)
    add_handover(app, services)
    add_readiness(app, services)
    add_attention(app, services)
    add_past(app, services)
    add_notices(app, services)
    app.add_exception_handler(WatchError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_defect)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    from watch.openapi import describe  # asked for once in a watch's life, if ever

    return describe(app)


def _looking(app: FastAPI, services: Services) -> None:
    """The board, whole, in parts and as it moves."""

    @app.get("/v1/board", response_model=None)
    async def board() -> Response:
        """The whole board."""
        return Response(packed(services.document), media_type="application/json")

    @app.get("/v1/status", response_model=None)
    async def status() -> Response:
        """The watch about itself, and the estate in numbers."""
        return _json(services.status())

    @app.get("/v1/stream", response_model=None)
    async def stream() -> Response:
        """Server-sent events: `document`, then `change`s; a `document` may come again."""
        return StreamingResponse(
            services.hub.listen(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    @app.get("/v1/hosts", response_model=None)
    async def hosts(where: str = "") -> Response:
        """The rows of the hosts that the filter selects."""
        selected = _filter(where, HOST_FIELDS)
        document, now = services.document, services.now()
        rows = document.hosts.values()
        every = document.every_ms
        return _rows(row for row in rows if selected.matches(host_fields(row, now, every)))

    @app.get("/v1/hosts/{name}", response_model=None)
    async def host(name: str) -> Response:
        """One host: its row, and all that is known besides."""
        row, detail = services.document.hosts.get(name), services.detail(name)
        if row is None or detail is None:
            raise _unknown_host(services, name)
        return _json({"row": to_json(row), "detail": to_json(detail)})

    @app.get("/v1/problems", response_model=None)
    async def problems(where: str = "") -> Response:
        """Problems that the filter selects, worst first, consequences after their causes."""
        selected = _filter(where, PROBLEM_FIELDS)
        now = services.now()
        return _rows(
            each
            for each in services.document.problems
            if selected.matches(problem_fields(each, now))
        )

    @app.get("/v1/suggestions", response_model=None)
    async def suggestions(problem: str) -> Response:
        """Runbooks for the problem of that id, with the inputs that follow from it."""
        from watch.suggesting import suggested  # it loads what reads runbooks

        shelved, now = await services.runbooks(), services.now()
        estate = services.present_estate
        found = suggested(problem, services.document, estate, shelved, now)
        return _json([to_json(each) for each in found])

    @app.get("/v1/estate", response_model=None)
    async def estate() -> Response:
        """Where the estate comes from, what is in it, and why a change was refused."""
        return _json(services.estate())


def _asking(app: FastAPI, services: Services) -> None:
    """What the records and the machine know."""

    @app.get("/v1/events", response_model=None)
    async def events(
        since: int = 0,
        limit: int = Query(200, ge=1, le=MOST_EVENTS),
        host: str = "",
        where: str = "",
    ) -> Response:
        """Events at or after `since` (UTC ms) that the filter selects, newest first."""
        selected = _filter(where, EVENT_FIELDS)
        now = services.now()
        found = await services.events(since, limit if not where else MOST_EVENTS, host)
        matching = [each for each in found if selected.matches(event_fields(each, now))]
        return _rows(matching[:limit])

    @app.get("/v1/history", response_model=None)
    async def history(
        host: str,
        metric: str,
        start: int,
        end: int,
        points: int = Query(240, ge=1, le=MOST_POINTS),
    ) -> Response:
        """One metric of one host over [start, end), UTC ms: low, mean and high; gaps are absent."""
        if host not in services.document.hosts:
            raise _unknown_host(services, host)
        if metric not in INDEX:
            known = ", ".join(INDEX)
            raise WatchError("no such metric", metric, f"there are {known}", "ask one", status=404)
        if end <= start:
            why = "it ends before it begins"
            raise WatchError("no such span", f"{start}–{end}", why, "give start < end", status=400)
        return _json(to_json(await services.series(host, metric, start, end, points)))

    @app.get("/v1/doctor", response_model=None)
    async def doctor() -> Response:
        """Every problem of the set-up as the watch sees it, with its remedy."""
        return _json(await services.doctor())

    @app.get("/metrics", response_model=None)
    async def metrics() -> Response:
        """The board in OpenMetrics."""
        from watch import openmetrics  # 58 ms to import, and few watches are scraped

        page = openmetrics.page(services.document, services.figures())
        return Response(page, media_type=openmetrics.CONTENT_TYPE)


def _keeping(app: FastAPI, services: Services) -> None:
    """The records as a whole."""

    @app.get("/v1/records/check", response_model=None)
    async def check() -> Response:
        """Read all of the records and say what is wrong with them; takes a while."""
        return _json(await services.records.check())

    @app.get("/v1/records/export", response_model=None)
    async def export(
        start: int,
        end: int,
        host: Annotated[list[str] | None, Query()] = None,
        form: Annotated[str, Query(pattern="csv|jsonl")] = "csv",
    ) -> Response:
        """Every sample in [start, end), UTC ms, as CSV or a JSON object a line, host by host."""
        wanted = Wanted(start, end, tuple(host or ()), form)
        pieces = await services.records.export(wanted)
        return StreamingResponse(pieces, media_type=FORMS[form])

    @app.post("/v1/records/prune", response_model=None)
    async def prune() -> Response:
        """Compact and prune now all that is older than it has to be kept."""
        return _json(await services.records.prune())


def _steering(app: FastAPI, services: Services) -> None:
    """What changes how the watch goes on."""

    @app.post("/v1/refresh", response_model=None)
    async def refresh(body: dict[str, Any] | None = None) -> Response:
        """Retry, sample and probe `host` now; every host without one."""
        host = (body or {}).get("host")
        if host is not None and host not in services.document.hosts:
            raise _unknown_host(services, str(host))
        services.refresh(host)
        return _json({"refreshed": host or "every host"})

    @app.post("/v1/reload", response_model=None)
    async def reload() -> Response:
        """Read the estate file again now; a wrong one is refused whole, with its reason."""
        await services.reload()
        return _json(services.estate())

    @app.post("/v1/stop", response_model=None)
    async def stop(request: Request) -> Response:
        """End the watch once this was answered."""
        services.stop(request.state.peer.name)
        return _json({"stopping": os.getpid()})


# --- answers ------------------------------------------------------------------------------------


def _json(value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), media_type="application/json")


def _rows(values: Iterable[HostRow | Problem | Event]) -> Response:
    return _json([to_json(value) for value in values])


def _filter(where: str, fields: Mapping[str, Field]) -> Filter:
    try:
        return parse(where, fields)
    except FilterError as error:
        place = f"filter {where!r}, column {error.column}"
        what = "the filter is refused"
        raise WatchError(what, place, error.what, error.todo, status=400) from error


def _unknown_host(services: Services, name: str) -> WatchError:
    from difflib import get_close_matches

    close = get_close_matches(name, services.document.hosts, 1)
    do = f"did you mean {close[0]}?" if close else "twinwatch hosts lists them"
    return WatchError("no such host", name, "the estate does not name it", do, status=404)


def _problem(status: int, what: str, where: str, why: str, do: str) -> Response:
    said = {"what": what, "where": where, "why": why, "do": do}
    return Response(json.dumps(said), status_code=status, media_type="application/json")


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WatchError)
    status = error.status or (400 if isinstance(error, SourceError) else 500)
    return _problem(status, error.what, error.where, error.why, error.do)


async def _on_bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"])
    return _problem(400, "the request is refused", where, first["msg"], "see /openapi.json")


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    where = f"{request.method} {request.url.path}"
    why, do = str(error.detail), "see /openapi.json"
    return _problem(error.status_code, "no such request", where, why, do)


async def _on_defect(request: Request, error: Exception) -> Response:
    where = f"{request.method} {request.url.path}"
    why = f"{type(error).__name__}: {error}"
    return _problem(500, "the watch has a defect", where, why, "report it with the watch's log")
