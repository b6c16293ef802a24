"""Calls: one command on a host and its answer, for what must be known rather than sampled.

They go over a connection of their own, dialled as the collection dials: a host's sampler neither
waits for a call nor takes it along when it is lost. The connection is kept for the next call, and
left when nobody has called for a while.

The one question that matters when a call fails is whether the command may have run. Until the host
has opened a session nothing was sent: such a call is `Unreachable`, and another connection is
tried by itself while there is time. From then on it is `Lost`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from collectors.ssh.config import Route
from collectors.ssh.connection import Channel, Connection
from collectors.ssh.failure import ChannelRefused, Failure
from collectors.ssh.jumps import why_lost
from estate.clean import clean
from estate.samples import Cause, Reach, Stage
from estate.told import told

#: Sessions at once over one connection; sshd allows 10 by default. Where a host refuses one, it
#: tells us how many it allows, and calls take turns from then on.
SESSIONS_AT_ONCE = 8

#: A connection that was used before may have died without a word: it has so long to open a session.
OPEN_SECONDS = 5.0

#: sshd frees a session a moment after it said that it closed it.
REOPEN_TRIES, REOPEN_SECONDS = 10, 0.05

#: A connection that nobody uses is left after so long.
IDLE_SECONDS = 60.0

#: What may come in a second, beside what calls take and its wrapping.
BYTES_BESIDE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command did: its exit status, None where it was killed or its output cut; all of its
    output, raw; and the last of what it said on stderr, raw."""

    status: int | None
    output: bytes = field(repr=False)
    error: bytes = field(repr=False)


class Unreachable(Exception):  # noqa: N818 - a fact about a host, not an error of the program
    """The command was not sent: it did not run, and will not."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.what)
        self.cause = cause


class Lost(Exception):  # noqa: N818
    """The command was sent, and there is no whole answer: it may have run, or be running."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.what)
        self.cause = cause


class Ways(Protocol):
    """How to get to hosts; the collection knows. Both raise Failure."""

    async def route(self, host: str) -> Route: ...

    async def reach(self, route: Route) -> Connection: ...


class Calls:
    """Calls to any number of hosts. All methods are for the event loop's thread."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._lines: dict[str, _Line] = {}

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        """Run `command`, text for the login shell, with `stdin` as all of its input.

        The deadline covers everything, connecting included. Of a command that says more than
        `output_limit` bytes the beginning is given, and its session is closed. Raises Unreachable
        and Lost. Cancelling closes the session too; a command that ignores that is not ended.
        """
        line = self._lines.setdefault(host, _Line(host, self._ways))
        deadline = asyncio.get_running_loop().time() + deadline_seconds
        try:
            async with asyncio.timeout_at(deadline):
                channel, lane, hearing = await line.open(command, output_limit)
        except TimeoutError:
            raise Unreachable(_late("not reached", deadline_seconds)) from None
        except Failure as failure:
            raise Unreachable(failure.cause) from None
        channel.accepted.add_done_callback(partial(hearing.accepted, channel))
        try:
            channel.write(stdin)
            channel.finish()
            async with asyncio.timeout_at(deadline):
                await hearing.over
            return _answer(channel, lane, hearing)
        except TimeoutError:
            raise Lost(_late("no answer", deadline_seconds)) from None
        finally:
            channel.close()
            lane.give_turn()

    def close(self) -> None:
        """End all connections, now; calls that are under way are lost."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()


def _answer(channel: Channel, lane: _Lane, hearing: _Hearing) -> Answer:
    if hearing.overrun:
        return Answer(None, bytes(hearing.output), channel.stderr)
    if not lane.connection.alive:
        raise Lost(lane.why_lost())
    if hearing.refused:
        raise Unreachable(_NOT_RUN)
    return Answer(channel.status, bytes(hearing.output), channel.stderr)


_NOT_RUN = Cause(
    Stage.CHANNEL,
    told("logged in, and the host does not run commands for us"),
    told("Look at ForceCommand, the key's restrictions (authorized_keys) and the shell."),
)


def _late(what: str, seconds: float) -> Cause:
    remedy = "The host or the network to it hangs, or what is asked takes longer there."
    return Cause(
        Stage.TIMEOUT, told("{what} within {seconds} s", what=what, seconds=f"{seconds:g}"), remedy
    )


class _Hearing:
    """What one session says, up to a limit; `over` is done when it has ended or said too much."""

    def __init__(self, limit: int) -> None:
        self.output = bytearray()
        self.overrun = False
        self.refused = False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._limit = limit

    def received(self, data: bytes) -> None:
        self.output += data
        if len(self.output) > self._limit:
            del self.output[self._limit :]
            self.overrun = True
            self.closed()

    def accepted(self, channel: Channel, answer: asyncio.Future[bool]) -> None:
        # A channel that ends says no, too; only of one that is still open is it the host's word.
        if not answer.result() and channel.open:
            self.refused = True
            self.closed()

    def closed(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class _Lane:
    """One connection, and the sessions on it."""

    def __init__(self, connection: Connection, route: Route) -> None:
        self.connection = connection
        self.route = route
        self.sessions = 0
        self.at_once = SESSIONS_AT_ONCE
        self.proven = False  # it has opened a session
        self.left = False  # nothing more is begun on it
        self._why = "closed by the watch"
        self._freed = asyncio.Event()
        self._idle_since = connection.loop.time()
        self._bytes_beside = 0
        connection.ended = self._ended
        connection.loop.call_later(1.0, self._look_after)

    async def take_turn(self) -> None:
        """Wait until one more session may be asked for, and count it."""
        while self.sessions >= self.at_once:
            self._freed.clear()
            await self._freed.wait()
        self.sessions += 1

    def give_turn(self) -> None:
        self.sessions -= 1
        self._idle_since = self.connection.loop.time()
        self._freed.set()
        if self.left and not self.sessions:
            self.connection.close()

    def leave(self) -> None:
        """Begin nothing more on it; it is closed when the last session on it has ended."""
        self.left = True
        if not self.sessions:
            self.connection.close()

    def why_lost(self) -> Cause:
        """Why the connection ended under its sessions."""
        behind = self.connection.behind
        if behind is not None and not behind[1].alive:
            return why_lost(*behind).cause
        what = told("connection lost: {why}", why=clean(self._why, limit=60))
        return Cause(Stage.CHANNEL, what, told("Look at the host and at the network to it."))

    def _ended(self, why: str) -> None:
        self._why = why

    def _look_after(self) -> None:
        """Every second: leave it if it floods, or if nobody uses it."""
        if not self.connection.alive:
            return
        before = self._bytes_beside
        self._bytes_beside = self.connection.bytes_in - 2 * self.connection.bytes_taken
        if self._bytes_beside - before > BYTES_BESIDE:
            self._why = "it sends more than anybody asked for"
            self.connection.close()
            return
        loop = self.connection.loop
        if not self.sessions and loop.time() - self._idle_since >= IDLE_SECONDS:
            self.leave()
            return
        loop.call_later(1.0, self._look_after)


class _Line:
    """The way to one host: the connection in use, or the next one."""

    def __init__(self, host: str, ways: Ways) -> None:
        self._host = host
        self._ways = ways
        self._dialling = asyncio.Lock()
        self._lane: _Lane | None = None

    async def open(self, command: str, output_limit: int) -> tuple[Channel, _Lane, _Hearing]:
        """A session in which `command` was asked for. Raises Failure; nothing was sent then.

        The lane is to be given its turn back. The deadline is the caller's.
        """
        refused = 0
        while True:
            lane = await self._dialled()
            await lane.take_turn()
            hearing = _Hearing(output_limit)
            try:
                async with asyncio.timeout(OPEN_SECONDS if lane.proven else None):
                    channel = await lane.connection.session(
                        command, hearing.received, hearing.closed
                    )
            except ChannelRefused as error:
                lane.give_turn()
                refused += 1
                await self._make_way(lane, error, refused)
            except TimeoutError:
                lane.leave()  # it died without a word: that is what the next one is for
                lane.give_turn()
            except BaseException:
                lane.leave()  # the host may open that session yet, and nobody would close it
                lane.give_turn()
                raise
            else:
                lane.proven = True
                return channel, lane, hearing

    def close(self) -> None:
        if self._lane is not None:
            self._lane.connection.close()

    async def _dialled(self) -> _Lane:
        """The lane in use if it still leads there, else a new one."""
        async with self._dialling:
            lane = self._lane
            if lane is not None and (lane.left or not lane.connection.alive):
                lane = None
            try:
                route = await self._ways.route(self._host)
            except Failure:
                if lane is None:
                    raise
                return lane  # whatever befell the configuration, here is a way
            if lane is None or lane.route != route:
                if lane is not None:
                    lane.leave()
                lane = self._lane = _Lane(await self._ways.reach(route), route)
            return lane

    async def _make_way(self, lane: _Lane, error: ChannelRefused, refused: int) -> None:
        """After the host refused a session: have fewer at once, wait a little, or dial again."""
        if not lane.connection.alive:
            if not lane.proven:
                raise Failure(Reach.UNREACHABLE, Stage.CHANNEL, lane.why_lost().what)
        elif lane.sessions:
            lane.at_once = lane.sessions
        elif refused <= REOPEN_TRIES:
            await asyncio.sleep(REOPEN_SECONDS)
        elif lane.proven:
            lane.leave()  # a command that was given up may hold the session
        else:
            raise Failure(
                Reach.UNREACHABLE,
                Stage.CHANNEL,
                told(
                    "logged in, and the host opens no session: {why}",
                    why=clean(str(error), limit=200),
                ),
                told("Look at MaxSessions, ForceCommand and the limit on processes there."),
            )
