"""The API of notices: how each target does, and a test of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, Request, Response

from estate.wire import to_json

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
        return _json({"trouble": desk.trouble, "targets": rows})

    @app.post("/v1/notify/test", response_model=None)
    async def test(request: Request, body: dict[str, Any]) -> Response:
        """Send a test to every target, or `target`; with `dry_run` what would be sent now, and
        nothing is."""
        desk, only = await watch.notices(), str(body.get("target", ""))
        if body.get("dry_run") is True:
            return _json(desk.rehearsed(only))
        return _json(await desk.tried(request.state.peer.name, only))


def _json(value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), media_type="application/json")
