"""What changes how the watch goes on."""

from __future__ import annotations

import os
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response

from estate.document import Document
from watch.api.answers import as_json, unknown_host


class Steered(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    def estate(self) -> dict[str, object]: ...
    def refresh(self, host: str | None) -> None: ...
    async def reload(self) -> None: ...
    def stop(self, by: str) -> None: ...


def add_steering(app: FastAPI, watch: Steered) -> None:
    """Look again, read the estate again, end; on `app`."""

    @app.post("/v1/refresh", response_model=None)
    async def refresh(body: dict[str, Any] | None = None) -> Response:
        """Retry, sample and probe `host` now; every host without one."""
        host = (body or {}).get("host")
        if host is not None and host not in watch.document.hosts:
            raise unknown_host(watch.document, str(host))
        watch.refresh(host)
        return as_json({"refreshed": host or "every host"})

    @app.post("/v1/reload", response_model=None)
    async def reload() -> Response:
        """Read the estate file again now; a wrong one is refused whole, with its reason."""
        await watch.reload()
        return as_json(watch.estate())

    @app.post("/v1/stop", response_model=None)
    async def stop(request: Request) -> Response:
        """End the watch once this was answered."""
        watch.stop(request.state.peer.name)
        return as_json({"stopping": os.getpid()})
