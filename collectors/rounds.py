"""The slow probes of one host: each at its own cadence, on a second channel, one after the other.

A probe that hangs or floods costs its own Gap and nothing else: the host ends it at its deadline,
and if the host does not, the channel is closed here. Where the host allows one session only
(MaxSessions 1), the probe and the sampler take turns, and the board says so.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from collectors import runner
from collectors.probes import Probe
from collectors.ssh.connection import Channel, Connection
from collectors.ssh.failure import ChannelRefused
from estate.model import Host
from estate.samples import Gap, Observation, Probed, Reading

_log = logging.getLogger(__name__)

#: The first round starts this long after the first sample, so that a cold start is not slowed.
FIRST_AFTER_SECONDS = 2.0

#: For opening the second channel.
OPEN_SECONDS = 10.0

#: An answer is cut at 256 kB on the host; with the frames around it never more than this.
BYTES_AN_ANSWER = 1024 * 1024


class Sampling(Protocol):
    """The sampler of the same host, which gives way where the host allows one session only."""

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...


class Rounds:
    """Runs the probes of one host over one connection, until it is cancelled.

    `clock` is UTC ms; what the probes find goes to `observe`.
    """

    def __init__(
        self,
        host: Host,
        connection: Connection,
        sampling: Sampling,
        *,
        probes: Mapping[str, Probe],
        observe: Callable[[Observation], None],
        clock: Callable[[], int],
    ) -> None:
        self.host = host
        self._connection = connection
        self._sampling = sampling
        self._probes = probes
        self._observe = observe
        self._clock = clock
        self._hurry = asyncio.Event()
        self._takes_turns = False
        self._channel: Channel | None = None
        self._frames = runner.ProbeChannel()
        self._answer: asyncio.Future[runner.Answer] | None = None
        self._bytes = 0

    async def run(self) -> None:
        """Every probe, again and again, each when it is due."""
        if not self._probes:
            return
        loop = asyncio.get_running_loop()
        start = loop.time()
        due = {
            name: start
            + FIRST_AFTER_SECONDS
            + spread(self.host.name, name) * min(5.0, probe.cadence_ms / 1000)
            for name, probe in self._probes.items()
        }
        while True:
            name = min(due, key=lambda each: due[each])
            await self._sleep_until(due[name])
            if self._hurry.is_set():
                self._hurry.clear()
                # What was due before stays before: asked again and again, each still has its turn.
                due = {name: min(at, loop.time()) for name, at in due.items()}
            probe = self._probes[name]
            try:
                script = probe.command(self.host)
                readings = await self._ask(probe, script) if script else None
            except Exception as error:
                # Our mistake in one probe is a Gap of that probe, as any other failure to measure.
                _log.exception("probe %s of %s", name, self.host.name)
                readings = (Gap(f"the console failed in {name}: {type(error).__name__}"),)
            if readings is not None:
                self._observe(Probed(self.host.name, self._clock(), name, readings))
            due[name] = self._next(probe, loop.time())

    def hurry(self) -> None:
        """Run all probes now."""
        self._hurry.set()

    def _next(self, probe: Probe, now: float) -> float:
        """The probe's next moment: a fixed phase of its own for each host, so that a thousand
        hosts do not run the same probe in the same second."""
        cadence = probe.cadence_ms / 1000
        phase = spread(self.host.name, probe.name) * cadence
        turns = (now - phase) // cadence + 1
        at = phase + turns * cadence
        return at if at - now > cadence / 2 else at + cadence

    async def _sleep_until(self, moment: float) -> None:
        try:
            async with asyncio.timeout_at(moment):
                await self._hurry.wait()
        except TimeoutError:
            pass

    # -- one probe --

    async def _ask(self, probe: Probe, script: str) -> tuple[Reading | Gap, ...]:
        if self._takes_turns:
            return await self._ask_in_turn(probe, script)
        try:
            await self._open()
        except TimeoutError:
            return (Gap(f"no session for probes in {OPEN_SECONDS:.0f} s"),)
        except ChannelRefused:
            if not self._connection.alive:
                return (Gap("the connection was lost"),)
            self._takes_turns = True
            return await self._ask_in_turn(probe, script)
        return await self._request(probe, script)

    async def _ask_in_turn(self, probe: Probe, script: str) -> tuple[Reading | Gap, ...]:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._sampling.pause()
                await self._open_when_free()
            readings = await self._request(probe, script)
            await self._close()
        except TimeoutError:
            readings = (Gap(f"the host's only session was not free in {OPEN_SECONDS:.0f} s"),)
        except ChannelRefused as refused:
            readings = (Gap(f"the host opens no session for probes: {refused}"),)
        finally:
            # Cancelled or not: without this the host would stay without a sampler.
            if self._connection.alive:
                await self._sampling.resume()
        return readings

    async def _open_when_free(self) -> None:
        while True:
            try:
                return await self._open()
            except ChannelRefused:
                if not self._connection.alive:
                    raise
                await asyncio.sleep(0.05)

    async def _open(self) -> None:
        if self._channel is not None and self._channel.open:
            return
        self._frames = runner.ProbeChannel()
        async with asyncio.timeout(OPEN_SECONDS):
            self._channel = await self._connection.session(
                runner.command(), self._received, self._ended
            )

    async def _close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
            async with asyncio.timeout(OPEN_SECONDS):
                await channel.ended()

    async def _request(self, probe: Probe, script: str) -> tuple[Reading | Gap, ...]:
        assert self._channel is not None
        self._bytes = 0
        self._answer = asyncio.get_running_loop().create_future()
        seconds = probe.deadline_ms / 1000
        self._channel.write(self._frames.request(probe.name, script, seconds, self._clock()))
        try:
            # The host ends a probe at its deadline; after the grace we stop believing it will.
            async with asyncio.timeout(seconds + runner.GRACE_MS / 1000):
                return read_answer(probe, await self._answer)
        except TimeoutError:
            self._drop()
            return (Gap(f"{probe.name} did not end, nor could the host end it"),)
        except EOFError as gone:
            self._drop()
            return (Gap(f"{probe.name}: {gone}"),)
        finally:
            self._answer = None

    def _received(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > BYTES_AN_ANSWER:
            self._fail(f"flooded more than {BYTES_AN_ANSWER // 1024} kB")
            self._drop()
            return
        for answer in self._frames.feed(data, self._clock()):
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(answer)

    def _ended(self) -> None:
        self._channel = None
        self._fail("its session ended")

    def _fail(self, why: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(EOFError(why))

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def read_answer(probe: Probe, answer: runner.Answer) -> tuple[Reading | Gap, ...]:
    """The probe's reading of an answer; one that ran out of time is a Gap."""
    if answer.status is None:
        return (Gap(f"{probe.name} was ended after {probe.deadline_ms / 1000:g} s"),)
    return probe.parse(answer)


def spread(host: str, probe: str) -> float:
    """A number in [0, 1) that is always the same for this host and probe."""
    digest = hashlib.blake2s(f"{host}\0{probe}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
