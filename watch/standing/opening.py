"""Certificates that are served, asked beside the collection; imported once the board is on its
way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from collectors.services.ask import ProbeFailed
from collectors.services.served import Served
from collectors.ssh.config import Route
from collectors.ssh.failure import Failure
from estate.model import Estate
from estate.samples import Observation
from watch.clock import now_ms

#: A changed estate is followed within this time.
FOLLOW_SECONDS = 2.0


class Watches(Protocol):
    """What is needed of the watch."""

    @property
    def present_estate(self) -> Estate: ...
    @property
    def also_refreshed(self) -> list[Callable[[str | None], None]]: ...


class OpenServed:
    """Asks what hosts serve, where `route` says that they are, and tells `observe`."""

    def __init__(
        self,
        watch: Watches,
        observe: Callable[[Observation], None],
        route: Callable[[str], Awaitable[Route]],
    ) -> None:
        self._watch = watch
        self._route = route
        self._served = Served(
            watch.present_estate, observe, address_of=self._address_of, clock=now_ms
        )
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to ask."""
        await self._served.start()
        self._watch.also_refreshed.append(self._served.refresh)
        self._following = asyncio.create_task(self._follow(), name="served certificates")

    async def close(self) -> None:
        """Ask no more."""
        if self._following is not None:
            self._following.cancel()
        await self._served.close()

    async def _address_of(self, host: str) -> str:
        try:
            return (await self._route(host)).last.address
        except Failure as failure:
            raise ProbeFailed(failure.cause.what) from failure

    async def _follow(self) -> None:
        followed = self._watch.present_estate
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self._watch.present_estate is not followed:
                followed = self._watch.present_estate
                self._served.reconfigure(followed)
