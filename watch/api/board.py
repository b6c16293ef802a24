"""The board, whole, in parts and as it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from estate.document import Document, HostDetail
from estate.fields import HOST_FIELDS, PROBLEM_FIELDS, host_fields, problem_fields
from estate.model import Estate
from estate.wire import to_json
from watch.api.answers import as_json, as_rows, filter_of, unknown_host
from watch.hub import Hub, packed

if TYPE_CHECKING:
    from watch.runbookfiles import Shelved


class HasBoard(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def present_estate(self) -> Estate: ...
    def now(self) -> int: ...
    def status(self) -> dict[str, object]: ...
    def estate(self) -> dict[str, object]: ...
    def detail(self, host: str) -> HostDetail | None: ...
    async def runbooks(self) -> Sequence[Shelved]: ...


def add_board(app: FastAPI, watch: HasBoard) -> None:
    """What the board shows, on `app`."""
    _whole(app, watch)
    _in_parts(app, watch)


def _whole(app: FastAPI, watch: HasBoard) -> None:
    @app.get("/v1/board", response_model=None)
    async def board() -> Response:
        """The whole board."""
        return Response(packed(watch.document), media_type="application/json")

    @app.get("/v1/status", response_model=None)
    async def status() -> Response:
        """The watch about itself, and the estate in numbers."""
        return as_json(watch.status())

    @app.get("/v1/stream", response_model=None)
    async def stream() -> Response:
        """Server-sent events: `document`, then `change`s; a `document` may come again."""
        return StreamingResponse(
            watch.hub.listen(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )


def _in_parts(app: FastAPI, watch: HasBoard) -> None:
    @app.get("/v1/hosts", response_model=None)
    async def hosts(where: str = "") -> Response:
        """The rows of the hosts that the filter selects."""
        selects = filter_of(where, HOST_FIELDS)
        document, now = watch.document, watch.now()
        rows, every = document.hosts.values(), document.every_ms
        return as_rows(row for row in rows if selects.matches(host_fields(row, now, every)))

    @app.get("/v1/hosts/{name}", response_model=None)
    async def host(name: str) -> Response:
        """One host: its row, and all that is known besides."""
        row, detail = watch.document.hosts.get(name), watch.detail(name)
        if row is None or detail is None:
            raise unknown_host(watch.document, name)
        return as_json({"row": to_json(row), "detail": to_json(detail)})

    @app.get("/v1/problems", response_model=None)
    async def problems(where: str = "") -> Response:
        """Problems that the filter selects, worst first, consequences after their causes."""
        selects, now = filter_of(where, PROBLEM_FIELDS), watch.now()
        rows = watch.document.problems
        return as_rows(row for row in rows if selects.matches(problem_fields(row, now)))

    @app.get("/v1/suggestions", response_model=None)
    async def suggestions(problem: str) -> Response:
        """Runbooks for the problem of that id, with the inputs that follow from it."""
        from watch.suggesting import suggested  # it loads what reads runbooks

        shelved, now = await watch.runbooks(), watch.now()
        return as_rows(suggested(problem, watch.document, watch.present_estate, shelved, now))

    @app.get("/v1/estate", response_model=None)
    async def estate() -> Response:
        """Where the estate comes from, what is in it, and why a change was refused."""
        return as_json(watch.estate())
