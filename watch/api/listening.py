"""The API on a socket. Only this file knows uvicorn, and h11's protocol class."""

from __future__ import annotations

import asyncio
import os
import socket

from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from watch.access import Door, peer_of
from watch.api.application import Services, application
from watch.api.guard import guarded


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
            guarded(application(services), services, door or Door(os.getuid())),
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
