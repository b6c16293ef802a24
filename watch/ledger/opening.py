"""The ledger of a watch, put together; imported once the board is on its way."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Protocol

from collectors.calls import Ways
from collectors.services.prober import Prober, cadence_ms
from collectors.vantages import Vantages
from estate.document import Document, HostRow
from estate.ledger.observed import ServiceRound
from estate.model import Estate
from watch.clock import now_ms, steady_seconds
from watch.ledger.desk import Desk, KeepsLedger, Shows
from watch.ledger.places import Places, identity

#: The prober follows a changed estate within this time.
FOLLOW_SECONDS = 2.0


class Watches(Shows, Protocol):
    """What the ledger needs of the watch."""

    @property
    def present_estate(self) -> Estate: ...
    @property
    def document(self) -> Document: ...


class OpenLedger:
    """A prober and the desk that its rounds come to, and the vantages that are listened to over
    the collection's `ways`."""

    def __init__(self, keeper: KeepsLedger, watch: Watches, ways: Ways) -> None:
        self._watch = watch
        self._places = Places(os.uname().nodename)
        self.desk = Desk(
            keeper,
            watch,
            estate=lambda: watch.present_estate,
            hosts=self._hosts,
            cadence_ms=cadence_ms,
            now=now_ms,
            places=self._places,
        )
        self._vantages = Vantages(
            ways,
            self.desk.hear,
            since=self.desk.heard_until,
            clock=now_ms,
            us=identity(watch.document),
        )
        self._prober = Prober(
            watch.present_estate,
            self._observe,
            vantage=self._places.own,
            clock=now_ms,
            steady=steady_seconds,
        )
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Go on from the record, and begin to ask."""
        await self.desk.open()
        self._prober.vantage = self._places.own
        await self._prober.start()
        self._vantages.follow(self._places.others(self._watch.present_estate))
        self._following = asyncio.create_task(self._follow(), name="services of the estate")

    async def close(self) -> None:
        """Ask no more, and put down what waits."""
        if self._following is not None:
            self._following.cancel()
        await self._vantages.close()
        await self._prober.close()
        await self.desk.close()

    def _observe(self, round_: ServiceRound) -> None:
        self.desk.take(round_)

    def _hosts(self) -> Mapping[str, HostRow]:
        return self._watch.document.hosts

    async def _follow(self) -> None:
        followed = self._watch.present_estate
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self._watch.present_estate is not followed:
                followed = self._watch.present_estate
                self._places.follow(followed, now_ms())
                self._prober.vantage = self._places.own
                self._prober.reconfigure(followed)
                self._vantages.follow(self._places.others(followed))
