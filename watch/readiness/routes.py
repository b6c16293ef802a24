"""What the API says of readiness: could it move now, and why not; and hosts asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, Response

from estate.document import Document
from estate.wire import to_json
from watch.api.answers import as_json, as_rows
from watch.error import WatchError

if TYPE_CHECKING:
    from watch.readiness.desk import ReadinessDesk


class HasReadiness(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    async def readiness(self) -> ReadinessDesk: ...


def add_readiness(app: FastAPI, watch: HasReadiness) -> None:
    """Readiness, and its asking, on `app`."""

    @app.get("/v1/readiness", response_model=None)
    async def readiness() -> Response:
        """Every service that is meant to move: could it now, and every reason why not."""
        return as_rows(watch.document.readiness)

    @app.post("/v1/readiness/ask", response_model=None)
    async def ask(body: dict[str, Any]) -> Response:
        """Ask the hosts of `service` its runbook's checks now; changes nothing."""
        key = body.get("service")
        if not isinstance(key, str):
            why, do = "it is missing, or no text", "see /openapi.json"
            raise WatchError("the request is refused", "service", why, do, status=400)
        return as_json(to_json(await (await watch.readiness()).ask(key)))
