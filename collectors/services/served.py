"""Certificates as they are served: asked from the watch, as a client would be shown them.

What is accepted or not is no matter here; what is shown is. A peer that hangs, floods or lies costs
its own certificate's reading, which then says why there is none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from collectors.certificates import NoCertificate, reading_of
from collectors.rounds import spread
from collectors.services import imap, smtp
from collectors.services.ask import Ask, ProbeFailed, endpoint_of
from collectors.services.conversation import Conversation, conversation
from collectors.services.names import Names
from estate.asked import Certificate
from estate.model import Estate, Host
from estate.samples import Probed, Reading

#: The name under which its readings come.
NAME = "served"
CADENCE_MS = 60_000
DEADLINE_SECONDS = 5.0
#: The first round comes this long after the first board.
_FIRST_SECONDS = 3.0

_log = logging.getLogger("collectors")


class FindsAddress(Protocol):
    """Where a host of the estate is."""

    def __call__(self, host: str, /) -> Awaitable[str]:
        """An address or a name that can be resolved. Raises ProbeFailed."""
        ...


class _Secures(Protocol):
    def __call__(self, talk: Conversation, ask: Ask) -> Awaitable[None]: ...


_STARTTLS: Mapping[str, _Secures] = {"smtp": smtp.secured, "imap": imap.secured}


class Served:
    """Asks each host that serves certificates once a minute; `observe` gets ("served") readings.

    `address_of` says where a host of the estate is; `clock` is UTC ms. All methods are for the
    event loop's thread.
    """

    def __init__(
        self,
        estate: Estate,
        observe: Callable[[Probed], None],
        *,
        address_of: FindsAddress,
        clock: Callable[[], int],
    ) -> None:
        self._hosts = _serving(estate)
        self._observe = observe
        self._address_of = address_of
        self._names = Names()
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._hurry: dict[str, asyncio.Event] = {}

    async def start(self) -> None:
        """Begin. Returns at once."""
        for host in self._hosts.values():
            self._begin(host)

    async def close(self) -> None:
        """End all that is under way."""
        tasks = [*self._tasks.values()]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reconfigure(self, estate: Estate) -> None:
        """Go on with a changed estate; hosts that did not change keep their pace."""
        before, self._hosts = self._hosts, _serving(estate)
        for name in before:
            if self._hosts.get(name) != before[name]:
                self._tasks.pop(name).cancel()
                del self._hurry[name]
        for name, host in self._hosts.items():
            if name not in self._tasks:
                self._begin(host)

    def refresh(self, host: str | None = None) -> None:
        """Ask now: one host, or all that serve any."""
        for name, hurry in self._hurry.items():
            if host in (None, name):
                hurry.set()

    async def ask(self, host: Host) -> tuple[Reading, ...]:
        """What `host` serves now, a reading a certificate."""
        asked = [each for each in host.asked.certificates if each.serves]
        return tuple(await asyncio.gather(*(self._one(host, each) for each in asked)))

    def _begin(self, host: Host) -> None:
        task = asyncio.create_task(self._rounds(host), name=f"certificates of {host.name}")
        self._tasks[host.name] = task
        self._hurry[host.name] = asyncio.Event()

    async def _rounds(self, host: Host) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + _FIRST_SECONDS + 5 * spread(host.name, NAME)
        while True:
            hurry = self._hurry[host.name]
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await hurry.wait()
            hurry.clear()
            try:
                readings = await self.ask(host)
                self._observe(Probed(host.name, self._clock(), NAME, readings))
            except Exception:
                _log.exception("a defect of twinwatch: what %s serves is not known", host.name)
            due = loop.time() + CADENCE_MS / 1000

    async def _one(self, host: Host, asked: Certificate) -> Reading:
        place = asked.serves if ":" in asked.serves else f"{host.name}:{asked.serves}"
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return reading_of(await self._shown(host, asked), asked.name, NAME, place)
        except TimeoutError:
            why = f"no answer within {DEADLINE_SECONDS:g} s"
        except (ProbeFailed, NoCertificate) as failed:
            why = str(failed) or "it failed without a reason"
        missed: dict[str, float | str] = {"source": NAME, "place": place, "gap": why}
        return Reading("certificate", asked.name, attributes=missed)

    async def _shown(self, host: Host, asked: Certificate) -> bytes:
        if ":" in asked.serves:
            where, port = endpoint_of(asked.serves)
            asked_for = asked.ask_for or where
        else:
            where, port = await self._address_of(host.name), int(asked.serves)
            asked_for = asked.ask_for or host.name
        ask = Ask(
            "tls",
            f"{asked_for}:{port}",
            # The name that is asked for is what the certificate is for, not where the peer is.
            resolve=partial(_resolved, self._names, where),
            verify=False,
        )
        secures = _STARTTLS.get(asked.starttls)
        async with conversation(ask, tls=secures is None) as talk:
            if secures is not None:
                await secures(talk, ask)
            return talk.certificate()


async def _resolved(names: Names, where: str, _asked_for: str) -> str:
    return await names.resolve(where)


def _serving(estate: Estate) -> dict[str, Host]:
    return {
        name: host
        for name, host in estate.hosts.items()
        if host.collected and any(each.serves for each in host.asked.certificates)
    }
