"""The page: textual-serve's, on loopback alone, and only for who was given its address.

Every account of a bastion reaches its loopback, and every page that somebody has open there may
ask for `localhost`. So the address holds a key, which the browser then keeps as a cookie; requests
that name another host, or come from a page of elsewhere, are refused; and nothing is loaded from
anywhere but here. Only this file knows textual-serve and aiohttp.
"""

from __future__ import annotations

import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from watch.error import SourceError

HOST = "127.0.0.1"
#: More consoles than this at a time are a mistake, or somebody who means ill.
MOST_CONSOLES = 8

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: The page's own script and style are written into it; its font is asked of a stranger, who is not
#: to know that we are here.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)


class Page(Server):
    """Consoles on the watch at `watch`, each in a process of its own, for browsers on loopback.

    `port` 0 takes a free one. Raises SourceError where the port is taken.
    """

    def __init__(self, watch: Path, port: int) -> None:
        self._listener = _listening(port)
        port = self._listener.getsockname()[1]
        console = [sys.executable, "-m", "tui.serve", "--socket", str(watch)]
        super().__init__(shlex.join(console), HOST, port, title="twinwatch")
        self._key = secrets.token_urlsafe(24)
        self._consoles = 0

    @property
    def address(self) -> str:
        """What is opened in the browser; whoever has it may look."""
        return f"{self.public_url}/?key={self._key}"

    def show(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        web.run_app(self._make_app(), sock=self._listener, print=None, access_log=None)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._at_the_door)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Its picture of letters is not ours; the verb says what is to be said."""

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One more console, if there is room."""
        if self._consoles >= MOST_CONSOLES:
            raise web.HTTPServiceUnavailable(text=f"{MOST_CONSOLES} consoles are open already")
        self._consoles += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._consoles -= 1

    async def _judge(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.headers.get("Host", "") != f"{HOST}:{self.port}":
            raise web.HTTPForbidden(text=f"ask for {HOST}:{self.port}")
        if request.headers.get("Origin", self.public_url) != self.public_url:
            raise web.HTTPForbidden(text="a page of elsewhere may not ask")
        given = request.query.get("key")
        # A browser's cookies are of a host, whatever the port: each server has its own by name.
        cookie = f"twinwatch-{self.port}"
        if not _same(given or request.cookies.get(cookie, ""), self._key):
            raise web.HTTPForbidden(text="open the whole address that `twinwatch serve` said")
        if given is not None:
            # Out of the address line, where a glance, a history and a referrer would keep it.
            answer: web.StreamResponse = web.HTTPSeeOther("/")
            answer.set_cookie(cookie, self._key, httponly=True, samesite="Strict", path="/")
            return answer
        return await handler(request)

    @property
    def _at_the_door(self) -> Any:
        @web.middleware
        async def judged(request: web.Request, handler: _Handler) -> web.StreamResponse:
            answer = await self._judge(request, handler)
            if not answer.prepared:
                answer.headers["Content-Security-Policy"] = _POLICY
                answer.headers["Referrer-Policy"] = "no-referrer"
                answer.headers["Cache-Control"] = "no-store"
            return answer

        return judged


def _same(given: str, key: str) -> bool:
    return secrets.compare_digest(given.encode(), key.encode())


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # the address is told before the page is up: who is quick waits
    except OSError as error:
        listener.close()
        why = error.strerror or str(error)
        todo = "name another, or none: twinwatch serve --port 0"
        raise SourceError("the port can't be taken", f"{HOST}:{port}", why, todo) from None
    return listener
