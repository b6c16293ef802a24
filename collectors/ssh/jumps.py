"""Jump hosts: connected once, shared by all hosts behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from collectors.ssh.config import Hop, Route
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.failure import Failure, JumpLost


class Jumps:
    """Connections to jump hosts, by the way that leads there.

    A jump host that failed is not asked again for a moment by each of the forty hosts behind it:
    its failure is remembered for `REMEMBERED_SECONDS`. One that is connected may have died
    without a word (a cut network says nothing): before another host goes through it, it has to
    answer within `ANSWER_SECONDS`, unless it has done so just now.
    """

    REMEMBERED_SECONDS = 1.0
    ANSWER_SECONDS = 3.0

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler
        self._connections: dict[tuple[Hop, ...], Connection] = {}
        self._locks: dict[tuple[Hop, ...], asyncio.Lock] = {}
        self._failures: dict[tuple[Hop, ...], tuple[float, Failure]] = {}
        self._answered_at: dict[tuple[Hop, ...], float] = {}

    async def reach(self, route: Route) -> Connection:
        """A new connection to the last hop of `route`, through its jump hosts.

        Raises Failure; one at a jump host names it.
        """
        if not route.jumps:
            return await self._dialler.dial(route.last)
        through = await self._through(route.jumps)
        jump = route.jumps[-1].name
        try:
            connection = await self._dialler.dial(route.last, through, jump)
        except Failure as failure:
            if through.alive:
                raise
            raise JumpLost(jump) from failure
        connection.behind = (jump, through)
        return connection

    def close(self) -> None:
        """Close all of them, now."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def keep_only(self, routes: Iterable[Route]) -> None:
        """Close the ones that no route leads through any more."""
        needed = {route.hops[:depth] for route in routes for depth in range(1, len(route.hops))}
        for way in set(self._connections) - needed:
            self._connections.pop(way).close()

    async def _through(self, way: tuple[Hop, ...]) -> Connection:
        lock = self._locks.setdefault(way, asyncio.Lock())
        async with lock:
            connection = self._connections.get(way)
            if connection is not None and await self._answers(way, connection):
                return connection
            loop = asyncio.get_running_loop()
            failed_at, failure = self._failures.get(way, (0.0, None))
            if failure is not None and loop.time() - failed_at < self.REMEMBERED_SECONDS:
                raise failure.again()
            try:
                connection = await self._dial_jump(way)
            except Failure as failed:
                self._failures[way] = (loop.time(), failed)
                raise
            self._failures.pop(way, None)
            self._connections[way] = connection
            self._answered_at[way] = loop.time()
            return connection

    async def _answers(self, way: tuple[Hop, ...], connection: Connection) -> bool:
        now = asyncio.get_running_loop().time()
        if not connection.alive:
            return False
        if now - self._answered_at[way] < self.ANSWER_SECONDS:
            return True
        try:
            async with asyncio.timeout(self.ANSWER_SECONDS):
                await connection.answer()
        except (TimeoutError, EOFError):
            connection.close()
            return False
        self._answered_at[way] = now
        return True

    async def _dial_jump(self, way: tuple[Hop, ...]) -> Connection:
        before, jump = way[:-1], way[-1]
        through = await self._through(before) if before else None
        try:
            return await self._dialler.dial(jump, through, before[-1].name if before else "")
        except Failure as failure:
            raise failure.at_jump(jump.name) from failure
