"""What the API says of the past besides `?at=`: of which moments boards are kept."""

from __future__ import annotations

from typing import Protocol

from fastapi import FastAPI, Query, Response

from watch.api.answers import as_rows
from watch.past.keeping import Past

MOST_MOMENTS = 5_000


class HasPast(Protocol):
    """What these routes need of the watch."""

    @property
    def past(self) -> Past: ...


def add_past(app: FastAPI, services: HasPast) -> None:
    """The moments that can be asked for."""

    @app.get("/v1/moments", response_model=None)
    async def moments(
        start: int = Query(0, ge=0),
        end: int = Query(1 << 62, ge=0),
        most: int = Query(500, ge=1, le=MOST_MOMENTS),
    ) -> Response:
        """Moments in [start, end), UTC ms, of which the board is kept, newest first."""
        found = await services.past.moments(start, end, most)
        return as_rows(found)
