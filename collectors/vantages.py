"""Other vantages, listened to: each one's journal, over SSH, from where it was last heard.

A watch at the other site asks the same services; `twinwatch vantage` there prints what it saw, line
by line. We keep a session with that command open, come back when it is lost, and ask for what came
since the last line that was taken in. What the other side says is bounded, and checked whole.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
from collections.abc import Callable, Mapping

from collectors.backoff import Backoff
from collectors.calls import Ways
from collectors.ssh.connection import Channel, Connection
from collectors.ssh.failure import ChannelRefused, Failure
from estate.clean import clean
from estate.ledger.observed import FellSilent, Heard, Spoke
from estate.ledger.sightings import Sighting
from estate.ledger.telling import LONGEST_LINE, Present, Untold, read_line
from estate.model import Vantage
from estate.samples import Reach, Stage

#: A vantage that is there says so at least every two seconds (`twinwatch vantage --follow`).
SILENCE_SECONDS = 15.0
#: From the login to the first line: the other side starts a Python.
FIRST_SECONDS = 30.0
#: What may wait to be taken in. A backfill after a cut comes in pieces; more at once is a flood.
MOST_WAITING_BYTES = 8 * 1024 * 1024
#: A login shell may talk before the journal begins; so many lines of that are passed over.
MOST_NOISE_LINES = 100
#: Whatever it was, a vantage is asked again within this time: its word is half of a verdict.
LONGEST_REST_MS = 10_000
#: Lines that are taken in at once, so that a long backfill does not hold up the board.
_PIECE = 500

_log = logging.getLogger(__name__)


class Vantages:
    """Listens to `vantages`, and calls `observe` on the event loop's thread with what they say.

    `since` gives the number of the last round that is known of a vantage. `clock` gives UTC ms.
    `us` is which watch we are: one that is named as its own second vantage is not listened to.
    """

    def __init__(
        self,
        ways: Ways,
        observe: Callable[[Heard], None],
        *,
        since: Callable[[str], int],
        clock: Callable[[], int],
        us: str = "",
    ) -> None:
        self._us = us
        self._ways = ways
        self._observe = observe
        self._since = since
        self._clock = clock
        self._listening: dict[str, tuple[Vantage, asyncio.Task[None]]] = {}

    def follow(self, vantages: Mapping[str, Vantage]) -> None:
        """Listen to these from now on; those that did not change are not interrupted."""
        for name in list(self._listening):
            known, task = self._listening[name]
            if vantages.get(name) != known:
                task.cancel()
                del self._listening[name]
        for name, vantage in vantages.items():
            if name not in self._listening:
                task = asyncio.create_task(self._listen(vantage), name=f"vantage {name}")
                self._listening[name] = (vantage, task)

    async def close(self) -> None:
        """Listen no more."""
        tasks = [task for _, task in self._listening.values()]
        self._listening.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, vantage: Vantage) -> None:
        backoff, loop = Backoff(), asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                failure = await self._session(vantage)
            except Failure as error:
                failure = error
            except Exception as error:
                # A defect of ours costs this vantage, and is said; the rest goes on.
                _log.exception("a defect of twinwatch: vantage %s", vantage.key)
                failure = _failed(f"a defect of twinwatch: {type(error).__name__}")
            self._observe(FellSilent(vantage.key, clean(failure.cause.what, limit=200)))
            backoff.forgive(int(1000 * (loop.time() - began)))
            rest_ms = backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT)
            await asyncio.sleep(min(rest_ms, LONGEST_REST_MS) / 1000)

    async def _session(self, vantage: Vantage) -> Failure:
        """Listen until it ends; why it ended. Raises Failure where it did not begin."""
        route = await self._ways.route(vantage.host)
        connection = await self._ways.reach(route)
        try:
            session = _Session(vantage, connection, self._observe, self._clock, self._us)
            return await session.run(self._since(vantage.key))
        finally:
            connection.close()


class _Session:
    """One session with a vantage's journal."""

    def __init__(
        self,
        vantage: Vantage,
        connection: Connection,
        observe: Callable[[Heard], None],
        clock: Callable[[], int],
        us: str,
    ) -> None:
        self._us = us
        self._vantage = vantage
        self._connection = connection
        self._observe = observe
        self._clock = clock
        self._waiting = bytearray()
        self._said = asyncio.Event()
        self._over = False
        self._why = ""
        self._greeted = False
        self._noise = 0

    async def run(self, since: int) -> Failure:
        """Ask for all that came after `since`, and take it in; why it ended."""
        command = f"{self._vantage.command} vantage --follow --since {shlex.quote(str(since))}"
        self._connection.ended = self._lost
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                channel = await self._connection.session(command, self._received, self._closed)
        except TimeoutError:
            return _failed(f"logged in, and no session for {FIRST_SECONDS:.0f} s")
        except ChannelRefused as refused:
            return _failed(f"logged in, and it opens no session: {clean(str(refused), limit=120)}")
        try:
            return await self._take_in(channel)
        finally:
            channel.close()

    async def _take_in(self, channel: Channel) -> Failure:
        patience = FIRST_SECONDS
        while True:
            try:
                async with asyncio.timeout(patience):
                    await self._said.wait()
            except TimeoutError:
                return _failed(f"silent for {patience:g} s")
            self._said.clear()
            try:
                while await self._take_piece():
                    patience = SILENCE_SECONDS
            except Untold as untold:
                return _failed(f"its journal can't be read: {untold}")
            if self._over:
                return _failed(self._why or _last_words(channel))

    async def _take_piece(self) -> bool:
        """Take in the next lines that are whole; False when there are none."""
        end = -1
        lines: list[bytes] = []
        while len(lines) < _PIECE and (found := self._waiting.find(b"\n", end + 1)) >= 0:
            lines.append(bytes(self._waiting[end + 1 : found]))
            end = found
        del self._waiting[: end + 1]
        if not lines:
            if len(self._waiting) > LONGEST_LINE:
                raise Untold(f"a line of more than {LONGEST_LINE} bytes")
            return False
        sightings: list[Sighting] = []
        ahead: int | None = None
        for line in lines:
            said = self._read(line)
            if said is None:
                continue
            if isinstance(said, Present):
                ahead = said.now - self._clock()
            else:
                sightings.append(said)
        self._observe(Spoke(self._vantage.key, tuple(sightings), ahead))
        await asyncio.sleep(0)  # a backfill of days comes in many pieces
        return True

    def _read(self, line: bytes) -> Sighting | Present | None:
        """What a line says; None for a login shell's talk. Raises Untold."""
        try:
            said = read_line(line, self._vantage.key)
        except Untold:
            self._noise += 1
            if self._greeted or self._noise > MOST_NOISE_LINES:
                raise
            return None
        if isinstance(said, Present) and said.watch and said.watch == self._us:
            raise Untold("it is this very watch: name the one at the other site")
        if isinstance(said, Sighting) and not said.can_be_numbered(self._clock()):
            raise Untold(f"a round is number {said.seq}, and none can be yet")
        self._greeted = True
        return said

    def _received(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) > MOST_WAITING_BYTES:
            self._why = "it floods"
            self._over = True
            self._waiting.clear()
            self._connection.close()
        self._said.set()

    def _lost(self, why: str) -> None:
        self._why = f"connection lost: {clean(why, limit=60)}"
        self._over = True
        self._said.set()

    def _closed(self) -> None:
        self._over = True
        self._said.set()


def _last_words(channel: Channel) -> str:
    """Why the command ended, as far as it said."""
    lines = channel.stderr.strip().rsplit(b"\n", 1)
    said = clean(lines[-1], limit=160)
    status = "" if channel.status is None else f" with status {channel.status}"
    return f"twinwatch vantage ended there{status}" + (f": {said}" if said else "")


def _failed(what: str) -> Failure:
    return Failure(Reach.UNREACHABLE, Stage.CHANNEL, what, "")
