"""The API of acknowledgements and silences: HTTP to the desk, whoever asks by the kernel's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, Request, Response

from estate.wire import to_json
from watch.api.answers import as_json, as_rows

if TYPE_CHECKING:
    from watch.attention.desk import AttentionDesk


class HasAttention(Protocol):
    """What these routes need of the watch."""

    @property
    def attending(self) -> AttentionDesk: ...


def add_attention(app: FastAPI, watch: HasAttention) -> None:
    """Who has which problem, and what is silenced."""
    _acknowledging(app, watch)
    _silencing(app, watch)


def _acknowledging(app: FastAPI, watch: HasAttention) -> None:
    @app.get("/v1/acknowledgements", response_model=None)
    async def acknowledgements() -> Response:
        """Who has which problem, why and until when; the oldest first."""
        return as_rows(watch.attending.acknowledgements())

    @app.post("/v1/acknowledgements", response_model=None)
    async def acknowledge(request: Request, body: dict[str, Any]) -> Response:
        """Have `problem` (its id) for `for_ms` (1 minute to 31 days), with a `reason`."""
        desk = watch.attending
        return as_json(to_json(await desk.acknowledge(request.state.peer.name, body)))

    @app.post("/v1/acknowledgements/withdraw", response_model=None)
    async def unacknowledge(request: Request, body: dict[str, Any]) -> Response:
        """Take the acknowledgement of `problem` back: it returns as new."""
        desk = watch.attending
        said = desk.acknowledgement(str(body.get("problem", "")))
        await desk.withdraw(request.state.peer.name, said)
        return as_json(to_json(said))


def _silencing(app: FastAPI, watch: HasAttention) -> None:
    @app.get("/v1/silences", response_model=None)
    async def silences() -> Response:
        """What is silenced, by whom, why and until when; the oldest first."""
        return as_rows(watch.attending.silences())

    @app.post("/v1/silences", response_model=None)
    async def silence(request: Request, body: dict[str, Any]) -> Response:
        """Silence problems that `where` selects for `for_ms`, with a `reason`."""
        desk = watch.attending
        return as_json(to_json(await desk.silence(request.state.peer.name, body)))

    @app.post("/v1/silences/{name}/withdraw", response_model=None)
    async def unsilence(request: Request, name: str) -> Response:
        """End a silence: what it hid comes back as new."""
        desk = watch.attending
        said = desk.silence_called(name)
        await desk.withdraw(request.state.peer.name, said)
        return as_json(to_json(said))
