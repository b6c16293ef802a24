"""Jump hosts: connected once, shared by all hosts behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from collectors.ssh.config import Hop, Route
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.failure import Failure, JumpLost
from estate.samples import Reach, Stage
from estate.told import told


class Jumps:
    """Connections to jump hosts, by the way that leads there.

    A jump host that failed is not asked again for a moment by each of the forty hosts behind it:
    its failure is remembered for `REMEMBERED_SECONDS`. One that is connected may have died
    without a word (a cut network says nothing): before another host goes through it, it has to
    answer within `ANSWER_SECONDS`, unless it has done so just now. One that sends more than
    `BYTES_BESIDE` in a cadence beside what its hosts send is left.
    """

    REMEMBERED_SECONDS = 1.0
    ANSWER_SECONDS = 3.0
    BYTES_BESIDE = 4 * 1024 * 1024

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler
        self._connections: dict[tuple[Hop, ...], Connection] = {}
        self._locks: dict[tuple[Hop, ...], asyncio.Lock] = {}
        self._failures: dict[tuple[Hop, ...], tuple[float, Failure]] = {}
        self._answered_at: dict[tuple[Hop, ...], float] = {}
        self._beside: dict[tuple[Hop, ...], int] = {}  # bytes, at the last tick

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
            raise why_lost(jump, through) from failure
        connection.behind = (jump, through)
        return connection

    def tick(self) -> None:
        """Leave the ones that flood; called every cadence.

        What hosts send through them is theirs, with as much again for its wrapping: each has a
        budget of its own.
        """
        for way, connection in list(self._connections.items()):
            beside = connection.bytes_in - 2 * connection.bytes_taken
            before, self._beside[way] = self._beside[way], beside
            if connection.alive and beside - before > self.BYTES_BESIDE:
                self._failures[way] = (
                    asyncio.get_running_loop().time(),
                    connection.give_up(_flood(way[-1].name, self.BYTES_BESIDE)),
                )

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
            self._beside[way] = 0
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
        last = before[-1].name if before else ""
        try:
            connection = await self._dialler.dial(jump, through, last)
        except Failure as failure:
            raise failure.at_jump(jump.name) from failure
        if through is not None:
            connection.behind = (last, through)
        return connection


def why_lost(jump: str, connection: Connection) -> Failure:
    """Why hosts behind `jump` lost it, whose `connection` is over: the outermost loss explains."""
    while connection.behind is not None and not connection.behind[1].alive:
        jump, connection = connection.behind
    given_up = connection.given_up
    return JumpLost(jump) if given_up is None else given_up.again()


def _flood(jump: str, limit: int) -> Failure:
    return Failure(
        Reach.UNREACHABLE,
        Stage.JUMP,
        told(
            "jump host {jump}: floods: more than {limit} kB between two ticks",
            jump=jump,
            limit=str(limit // 1024),
        ),
        told(
            "It sends packets that say nothing, beside what the hosts behind it send: look at its "
            "sshd, or at what answers in its place."
        ),
        jump,
    )
