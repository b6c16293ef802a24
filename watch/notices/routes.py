"""The API of notices: how each target does, and a test of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, Request, Response

from estate.wire import to_json
from watch.api.answers import as_json

if TYPE_CHECKING:
    from watch.notices.desk import NoticeDesk


class HasNotices(Protocol):
    """What these routes need of the watch."""

    async def notices(self) -> NoticeDesk: ...


def add_notices(app: FastAPI, watch: HasNotices) -> None:
    """Whom the watch tells of problems."""

    @app.get("/v1/notify", response_model=None)
    async def notify() -> Response:
        """How each target does, and why the file of targets and rules is not followed."""
        desk = await watch.notices()
        rows = [to_json(each) for each in desk.rows()]
        return as_json({"trouble": desk.trouble, "targets": rows})

    @app.post("/v1/notify/test", response_model=None)
    async def test(request: Request, body: dict[str, Any]) -> Response:
        """Send a test to every target, or `target`; with `dry_run` what would be sent now, and
        nothing is."""
        desk, only = await watch.notices(), str(body.get("target", ""))
        if body.get("dry_run") is True:
            return as_json(desk.rehearsed(only))
        return as_json(await desk.tried(request.state.peer.name, only))
