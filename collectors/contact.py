"""Keeping in contact with one host: connect, sample, notice a loss, back off, come back.

    CONNECTING -> LIVE <-> LATE -> (lost) -> back-off -> LIVE
                    \\-> UNREACHABLE | REFUSED | UNTRUSTED | FROZEN -> back-off -/

Whatever one host does, stays here: it has a task, a channel, a deadline for each answer and a
budget of bytes of its own, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collectors import sampler
from collectors.backoff import Backoff
from collectors.blocking import REMEDY, Unread
from collectors.probes import Probe
from collectors.rounds import Rounds
from collectors.ssh.config import ConfigError, Route
from collectors.ssh.connection import Channel, Connection
from collectors.ssh.failure import ChannelRefused, Failure
from collectors.ssh.jumps import Jumps, why_lost
from estate.clean import clean
from estate.model import Host
from estate.samples import (
    STALE_AFTER,
    Cause,
    Gap,
    Hello,
    Observation,
    Probed,
    Reach,
    Reached,
    Sample,
    Stage,
)
from estate.told import told

_log = logging.getLogger(__name__)

#: After `STALE_AFTER` cadences a sample is overdue; after this many the connection is given up.
LOST_CADENCES = 5
LOST_AT_LEAST_MS = 4_000

#: What a host may send for one tick. A line is 64 kB at most; more is a flood.
BYTES_A_TICK = 256 * 1024

#: All that may come in one cadence: probes, and packets that say nothing but cost time.
BYTES_ON_THE_WIRE = 4 * 1024 * 1024

#: What of it reaches the board. The sampler says one sample twice when its first look at the file
#: systems is ready.
SAMPLES_A_TICK, GAPS_A_TICK = 2, 2

#: From the command to the sampler's first line. Some login shells take seconds; see `SLOW_MS`.
HELLO_SECONDS = 30.0
SLOW_MS = 1_500

#: A host with MaxSessions 1 frees the session a moment after it closed it.
REOPEN_TRIES, REOPEN_SECONDS = 20, 0.05


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all contacts share. `clock` is UTC ms; `route` may raise ConfigError and Unread."""

    observe: Callable[[Observation], None]
    clock: Callable[[], int]
    route: Callable[[Host], Awaitable[Route]]
    jumps: Jumps
    probes: Mapping[str, Probe]


class Contact:
    """One host. `run` keeps in contact until it is cancelled; `tick` is called every cadence."""

    def __init__(self, host: Host, every_ms: int, shared: Surroundings) -> None:
        self.host = host
        self.every_ms = every_ms
        self._shared = shared
        self._loop = asyncio.get_running_loop()
        self._backoff = Backoff()
        self._reader = sampler.SamplerReader(host.name)
        self._connection: Connection | None = None
        self._channel: Channel | None = None
        self._over: asyncio.Future[Failure] = self._loop.create_future()
        self._greeted: asyncio.Future[None] = self._loop.create_future()
        self._hurry = asyncio.Event()
        self._rounds: Rounds | None = None
        self._reach: Reach | None = None
        self._live_since: float | None = None  # the loop's clock, like the two below
        self._asked_at: float | None = None  # an answer is outstanding since then
        self._executed_at = 0.0
        self._bytes_in = 0  # of the connection, at the last tick
        self._bytes = 0  # since the last tick, like the two below
        self._samples = 0
        self._gaps = 0
        self._complaint = ""  # of the sampler, before its hello
        self._notes: dict[str, str] = {}

    async def run(self) -> None:
        """Connect, attend, back off, and again. Ends only by being cancelled."""
        self._report(Reach.CONNECTING)
        while True:
            failure = await self._contact()
            if self._live_since is not None:
                self._backoff.forgive(int((self._loop.time() - self._live_since) * 1000))
                self._live_since = None
            delay = self._backoff.delay_ms(failure.reach, failure.cause.stage)
            self._report(failure.reach, failure.cause, self._shared.clock() + delay)
            self._hurry.clear()
            try:
                async with asyncio.timeout(delay / 1000):
                    await self._hurry.wait()
            except TimeoutError:
                pass

    def tick(self) -> None:
        """Ask for a sample, unless one is outstanding; then see whether it is overdue."""
        if self._connection is not None:
            before, self._bytes_in = self._bytes_in, self._connection.bytes_in
            if self._bytes_in - before > BYTES_ON_THE_WIRE:
                self._end(_flood(BYTES_ON_THE_WIRE, "between two ticks"))
        if self._channel is None:
            return
        now = self._loop.time()
        self._bytes = self._samples = self._gaps = 0
        if self._asked_at is None:
            self._asked_at = now
            self._channel.write(sampler.TICK)
            return
        overdue_ms = (now - self._asked_at) * 1000
        if self._reach is None or self._live_since is None:
            return  # not greeted yet: that has a deadline of its own
        if overdue_ms >= max(LOST_CADENCES * self.every_ms, LOST_AT_LEAST_MS):
            self._end(
                Failure(
                    Reach.FROZEN,
                    Stage.TIMEOUT,
                    told(
                        "connected, and no sample for {seconds} s",
                        seconds=f"{overdue_ms / 1000:.0f}",
                    ),
                    told(
                        "The host hangs, is starved of CPU or memory, or its network is cut; "
                        "the console connects again by itself."
                    ),
                )
            )
        elif overdue_ms >= STALE_AFTER * self.every_ms and self._reach is Reach.LIVE:
            what = told("no sample for {seconds} s", seconds=f"{overdue_ms / 1000:.0f}")
            self._report(Reach.LATE, Cause(Stage.SAMPLER, what, told("Wait, or look at its load.")))

    def follow(self, host: Host, every_ms: int) -> None:
        """What the estate says of the host now; the way to it is the same."""
        self.host, self.every_ms = host, every_ms
        if self._rounds is not None:
            self._rounds.host = host

    def hurry(self) -> None:
        """Do now what would be done later: retry, tick, probe."""
        self._hurry.set()
        self.tick()
        if self._rounds is not None:
            self._rounds.hurry()

    # -- one connection --

    async def _contact(self) -> Failure:
        """Connect and attend until it ends; returns why."""
        try:
            route = await self._shared.route(self.host)
            connection = await self._shared.jumps.reach(route)
            try:
                return await self._attend(connection)
            finally:
                self._rounds = self._connection = self._channel = None
                connection.close()
        except ConfigError as error:
            return Failure(Reach.UNREACHABLE, Stage.RESOLVE, str(error), error.remedy)
        except Unread as unread:
            return Failure(Reach.UNREACHABLE, Stage.RESOLVE, str(unread), REMEDY)
        except Failure as failure:
            return failure
        except Exception as error:
            # A mistake of ours must not make the host vanish from the board: it is shown there.
            _log.exception("contact with %s", self.host.name)
            what = f"the console failed: {type(error).__name__}: {clean(str(error), limit=200)}"
            remedy = "This is a defect of twinwatch: please report it with the watch's log."
            return Failure(Reach.UNREACHABLE, Stage.SAMPLER, what, remedy)

    async def _attend(self, connection: Connection) -> Failure:
        """Sample and probe over `connection` until that ends; returns, or raises, why."""
        self._over = self._loop.create_future()
        self._greeted = self._loop.create_future()
        self._reader = sampler.SamplerReader(self.host.name)
        self._complaint = ""
        connection.ended = lambda why: self._connection_ended(connection, why)
        self._connection = connection
        self._bytes_in = 0
        self._rounds = Rounds(
            self.host,
            connection,
            self,
            probes=self._shared.probes,
            observe=self._shared.observe,
            clock=self._shared.clock,
        )
        await self._open_sampler(connection)
        await self._wait_for_hello()
        async with asyncio.TaskGroup() as group:
            probing = group.create_task(self._rounds.run())
            try:
                return await self._over
            finally:
                probing.cancel()

    async def _open_sampler(self, connection: Connection) -> None:
        """Start the sampler and ask for the first sample in the same breath."""
        for attempt in range(REOPEN_TRIES):
            try:
                async with asyncio.timeout(HELLO_SECONDS):
                    channel = await connection.session(
                        sampler.command(), self._received, lambda: self._closed(connection)
                    )
                break
            except TimeoutError:
                raise Failure(
                    Reach.FROZEN,
                    Stage.CHANNEL,
                    told(
                        "logged in, and no session for {seconds} s",
                        seconds=f"{HELLO_SECONDS:.0f}",
                    ),
                    told(
                        "The host cannot start a process: out of memory or processes, or a dead "
                        "disk."
                    ),
                ) from None
            except ChannelRefused as refused:
                if not connection.alive:
                    raise await self._over from None
                if self._live_since is None or attempt == REOPEN_TRIES - 1:
                    raise _no_session(refused) from None
                await asyncio.sleep(REOPEN_SECONDS)
        self._executed_at = self._asked_at = self._loop.time()
        self._bytes = 0
        self._channel = channel
        channel.write(sampler.TICK)

    async def _wait_for_hello(self) -> None:
        """Raises Failure if there is none."""
        first: set[asyncio.Future[Any]] = {self._greeted, self._over}
        await asyncio.wait(first, timeout=HELLO_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self._over.done():
            raise self._over.result()
        if not self._greeted.done():
            raise Failure(
                Reach.FROZEN,
                Stage.SAMPLER,
                f"logged in, and the sampler has not started for {HELLO_SECONDS:.0f} s"
                + self._last_words(),
                told("Something in the login shell waits: look at ~/.bashrc and ~/.ssh/rc there."),
            )

    # -- what the sampler says --

    def _received(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > BYTES_A_TICK:
            self._end(_flood(BYTES_A_TICK, "where one line was asked for" + self._last_words()))
            return
        if self._over.done():
            return
        for fact in self._reader.feed(data, self._shared.clock()):
            if isinstance(fact, Sample):
                self._sampled(fact)
            elif isinstance(fact, Hello):
                self._greet(fact)
            else:
                self._missed(fact)

    def _greet(self, hello: Hello) -> None:
        took_ms = (self._loop.time() - self._executed_at) * 1000
        if self._live_since is None:
            self._live_since = self._loop.time()
            self._greeted.set_result(None)
            if took_ms >= SLOW_MS:
                self._notes["shell"] = f"slow login shell: {took_ms / 1000:.1f} s"
            else:
                self._notes.pop("shell", None)
        self._say_hello(hello)
        self._report(Reach.LIVE)

    def _say_hello(self, hello: Hello) -> None:
        self._shared.observe(replace(hello, note=" · ".join(self._notes.values())))

    def _sampled(self, sample: Sample) -> None:
        self._samples += 1
        if self._samples > SAMPLES_A_TICK:
            self._missed(Gap("the sampler talks without being asked"))
            return
        self._asked_at = None
        self._shared.observe(sample)
        if self._reach is Reach.LATE:
            self._report(Reach.LIVE)

    def _missed(self, gap: Gap) -> None:
        """The sampler says that it cannot measure, or says something else altogether."""
        if self._reader.hello is None:
            self._complaint = gap.reason  # the cause, if no hello follows
            return
        self._asked_at = None  # an answer, if not the one that was hoped for
        self._gaps += 1
        if self._gaps > GAPS_A_TICK:
            return
        self._shared.observe(Probed(self.host.name, self._shared.clock(), "sampler", (gap,)))

    def _closed(self, connection: Connection) -> None:
        channel, self._channel = self._channel, None
        if channel is None or not connection.alive:
            return  # closed by us, to take turns, or along with everything else
        self._end(Failure(Reach.UNREACHABLE, Stage.SAMPLER, *self._why_ended(channel)))

    def _why_ended(self, channel: Channel) -> tuple[str, str]:
        """What to say about a sampler that ended, and the remedy."""
        if channel.accepted.done() and not channel.accepted.result():
            return (
                told("logged in, and the host does not run commands for us"),
                told(
                    "Look at ForceCommand, the key's restrictions (authorized_keys) and the shell."
                ),
            )
        if self._complaint and self._reader.hello is None:
            return (
                told("the sampler cannot run: {why}", why=self._complaint),
                told("A host needs a POSIX shell and /proc (Linux)."),
            )
        status = "" if channel.status is None else f" with status {channel.status}"
        stderr = clean(channel.stderr.strip().rsplit(b"\n", 1)[-1], limit=200)
        saying = f", saying “{stderr}”" if stderr else self._last_words()
        if self._reader.hello is None:
            remedy = told(
                "The account can't run commands: give it a login shell that runs `sh`, and look at "
                "ForceCommand (sshd_config) and command= (authorized_keys) there."
            )
        else:
            remedy = told("Look at what kills processes there: the OOM killer, limits, a person.")
        return told("the sampler ended{how}", how=f"{status}{saying}"), remedy

    def _connection_ended(self, connection: Connection, why: str) -> None:
        if connection.behind is not None and not connection.behind[1].alive:
            self._end(why_lost(*connection.behind))
            return
        self._end(
            Failure(
                Reach.UNREACHABLE,
                Stage.CHANNEL,
                told("connection lost: {why}", why=clean(why, limit=60)),
                told("The watch connects again by itself; if it stays lost, look at the host."),
            )
        )

    def _last_words(self) -> str:
        said = self._reader.said
        return f", saying “{clean(said, limit=120)}”" if said else ""

    # -- turns with the probes, where the host allows one session only --

    async def pause(self) -> None:
        """End the sampler's channel, so that a probe can have the host's only session."""
        channel, self._channel = self._channel, None
        self._asked_at = None
        if channel is not None:
            channel.write(sampler.QUIT)
            channel.close()
            await channel.ended()

    async def resume(self) -> None:
        """Start the sampler again after `pause`; rates go on from where they were."""
        if "turns" not in self._notes:
            self._notes["turns"] = "MaxSessions 1: probes take turns"
        self._reader.feed(b"\n", self._shared.clock())  # forget half a line
        self._reader.hello = None
        assert self._connection is not None
        try:
            await self._open_sampler(self._connection)
        except Failure as failure:
            self._end(failure)

    # -- what the board is told --

    def _report(self, reach: Reach, cause: Cause | None = None, retry: int | None = None) -> None:
        if reach is self._reach and cause is None:
            return
        self._reach = reach
        self._shared.observe(Reached(self.host.name, self._shared.clock(), reach, cause, retry))

    def _end(self, failure: Failure) -> None:
        if not self._over.done():
            self._over.set_result(failure)


def _flood(limit: int, where: str) -> Failure:
    return Failure(
        Reach.UNREACHABLE,
        Stage.SAMPLER,
        told("floods: more than {limit} kB {where}", limit=str(limit // 1024), where=where),
        told("Find what writes to the session there: ~/.bashrc, ForceCommand, a broken awk."),
    )


def _no_session(refused: ChannelRefused) -> Failure:
    return Failure(
        Reach.UNREACHABLE,
        Stage.CHANNEL,
        told(
            "logged in, and the host opens no session: {why}",
            why=clean(str(refused), limit=200),
        ),
        told("Look at MaxSessions, ForceCommand and the limit on processes there."),
    )
