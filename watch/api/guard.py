"""The one check of who asks, before anything is answered; and of which moment it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from collectors.blocking import on_thread
from estate.document import Document
from watch.access import Door, looks_only, refusal, steers
from watch.api.answers import refused, refused_by
from watch.client import BOARD_AT
from watch.error import WatchError
from watch.past.asof import as_of, board_asked
from watch.past.keeping import Past

#: The group database may lie in a directory service: it is waited for no longer than this.
JUDGE_SECONDS = 5.0

Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class Guarded(Protocol):
    """What the guard needs of the watch."""

    @property
    def roles(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def document(self) -> Document: ...
    @property
    def past(self) -> Past: ...


def guarded(app: Asgi, watch: Guarded, door: Door) -> Asgi:
    """`app` behind the one check of who asks."""

    async def checked(scope: Scope, receive: Any, send: Any) -> None:
        if why := looks_only(scope.get("method", "GET"), scope.get("headers", ())):
            do = "do it in a terminal: twinwatch"
            await refused(403, "nothing was changed", _where(scope), why, do)(scope, receive, send)
        elif why := await _against(scope, watch, door):
            what, do = "you may not ask this watch", "start your own: twinwatch"
            if door.group:
                what, do = "you may not do that", "see `roles` in the estate, and your groups: id"
            await refused(403, what, _where(scope), why, do)(scope, receive, send)
        else:
            await _as_asked(app, watch, scope, receive, send)

    return checked


def _where(scope: Scope) -> str:
    """The socket that was asked, by its path where the server knows it."""
    path, *_ = scope.get("server") or ("",)
    return str(path) or "the watch’s socket"


async def _against(scope: Scope, watch: Guarded, door: Door) -> str:
    """Why whoever asks may not; "" where they may."""
    peer = scope.get("state", {}).get("peer")
    changes = steers(scope.get("method", "GET"), scope.get("path", ""))
    judge = partial(refusal, peer, door, watch.roles, steers=changes)
    if not door.group:
        return judge()
    try:
        async with asyncio.timeout(JUDGE_SECONDS):
            return await on_thread(judge)
    except TimeoutError:
        return f"which groups you are in was not found out in {JUDGE_SECONDS:g} s"


async def _as_asked(app: Asgi, watch: Guarded, scope: Scope, receive: Any, send: Any) -> None:
    """Answer from the board of the moment that a GET names."""
    then = None
    if b"at=" in (query := scope.get("query_string", b"")) and scope.get("method") == "GET":
        try:
            zone = watch.document.timezone
            then = await board_asked(watch.past, scope["path"], query.decode("latin-1"), zone)
        except WatchError as error:
            await refused_by(error)(scope, receive, send)
            return
    with as_of(then):
        await app(scope, receive, send if then is None else _of_moment(then.at, send))


def _of_moment(at: int, send: Any) -> Any:
    """`send`, with of which moment the board is that is answered from, UTC ms."""

    async def sends(message: Any) -> None:
        if message["type"] == "http.response.start":
            header = (BOARD_AT.lower().encode(), str(at).encode())
            message = {**message, "headers": [*message.get("headers", ()), header]}
        await send(message)

    return sends
