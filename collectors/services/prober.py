"""The prober: every service of the estate, asked at its cadence, each in a task of its own.

A round asks all probes of a service at once. A peer that hangs, floods or lies costs its own round:
every probe has a deadline that is shorter than the cadence, and what a peer may say is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from collectors.services.ask import Ask, CannotAsk, Kind, ProbeFailed, ask_of, endpoint_of
from collectors.services.canaries import Canaries, gateway
from collectors.services.kinds import KINDS
from collectors.services.names import Names
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from estate.ledger.sightings import due_at
from estate.model import Estate, Service
from estate.quantities import duration_ms

#: Tier 1 is asked every 10 s, the rest every 30 s, unless a probe says otherwise.
FIRST_TIER_MS, OTHER_TIERS_MS = 10_000, 30_000
#: A probe that says nothing of a deadline has this one, and at most this share of its cadence.
DEADLINE_MS = 5_000
_MOST_OF_CADENCE = 0.8
#: While all is well the canaries are looked at this often, to know which of them ever answer.
_CANARY_SECONDS = 60.0

_log = logging.getLogger("collectors")


def cadence_ms(service: Service) -> int:
    """How often a service is asked: as its fastest probe wants it, else as its tier does."""
    usual = FIRST_TIER_MS if service.tier == 1 else OTHER_TIERS_MS
    named = [_span_ms(probe, "every") for probe in service.probes]
    return min((each for each in named if each is not None), default=usual)


def _span_ms(declared: Mapping[str, object], key: str) -> int | None:
    """A duration of a probe; the estate keeps probes as they are declared: "10s"."""
    said = declared.get(key)
    return None if said is None else duration_ms(str(said))


def asked(estate: Estate) -> dict[str, Service]:
    """The services that are asked: they run, and have probes."""
    return {key: service for key, service in estate.services.items() if service.asked}


class Prober:
    """Asks, and calls `observe` on the event loop's thread with every round.

    `clock` gives UTC milliseconds, `steady` seconds by a clock that is never set. `vantage` is what
    this place is called in the ledger. All methods are for the event loop's thread.
    """

    def __init__(
        self,
        estate: Estate,
        observe: Callable[[ServiceRound], None],
        *,
        vantage: str,
        clock: Callable[[], int],
        steady: Callable[[], float],
        canaries: Canaries | None = None,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        self._services = asked(estate)
        self._observe = observe
        self.vantage = vantage  # may be replaced: it counts from the next round on
        self._clock = clock
        self._steady = steady
        self._kinds = kinds
        self._names = Names()
        self._estate = estate
        self._canaries = canaries or self._canaries_of(estate)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin. Returns at once."""
        self._watching = asyncio.create_task(self._watch_canaries(), name="canaries")
        for service in self._services.values():
            self._begin(service)

    async def close(self) -> None:
        """End every round that is under way; what it would have said is not said."""
        tasks = [*self._tasks.values(), *([self._watching] if self._watching else [])]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._canaries.close()

    def reconfigure(self, estate: Estate) -> None:
        """Go on with a changed estate; services that did not change keep their pace."""
        before, self._services = self._services, asked(estate)
        if estate.canaries != self._estate.canaries:
            self._canaries = self._canaries_of(estate)
        self._estate = estate
        for key in before:
            if self._services.get(key) != before[key]:
                self._tasks.pop(key).cancel()
        for key, service in self._services.items():
            if key not in self._tasks:
                self._begin(service)

    def _canaries_of(self, estate: Estate) -> Canaries:
        """The gateway, and what the estate names."""
        named = tuple(endpoint_of(each) for each in estate.canaries)
        return Canaries((*gateway(), *named), self._steady, self._names.resolve)

    def _begin(self, service: Service) -> None:
        self._tasks[service.key] = asyncio.create_task(self._rounds(service), name=service.key)

    async def _rounds(self, service: Service) -> None:
        """A round at once, and then at the moments at which all vantages ask this service."""
        every = cadence_ms(service)
        due = last = self._clock()
        while True:
            try:
                self._observe(await self.round(service, due))
            except Exception:
                # A defect of ours leaves a hole in this service's coverage, and so is unknown.
                _log.exception("a defect of twinwatch: a round of %s is lost", service.key)
            # A round that was missed is not made up for; by the wall clock, for the other vantage
            # has no other, and whoever sets it moves the next round too.
            now = self._clock()
            due = due_at(service.key, every, now)
            while due <= now or 0 <= due - last < every // 2:
                due += every
            last = due
            await asyncio.sleep((due - now) / 1000)

    async def round(self, service: Service, due: int | None = None) -> ServiceRound:
        """One round of `service`, now; dated to the moment at which it was `due`, UTC ms.

        One that comes late by half a cadence is no longer that round, and has its own time.
        """
        at, steady_ms = self._clock(), int(1000 * self._steady())
        if due is not None and abs(late := at - due) <= cadence_ms(service) // 2:
            at, steady_ms = at - late, steady_ms - late
        results = await asyncio.gather(
            *(self._probe(each, cadence_ms(service)) for each in service.probes)
        )
        all_seen = {each.seen for each in results}
        failed = Seen.FAIL in all_seen
        blind = await self._canaries.blind() if failed else ""
        unknown = blind or (Seen.NOTHING in all_seen and not failed)
        seen = Seen.NOTHING if unknown else Seen.FAIL if failed else Seen.OK
        return ServiceRound(service.key, self.vantage, at, steady_ms, seen, tuple(results), blind)

    async def _probe(self, declared: Mapping[str, object], every_ms: int) -> Probed:
        kind = next(kind for kind in self._kinds if kind in declared)
        seconds = (
            min(_span_ms(declared, "timeout") or DEADLINE_MS, _MOST_OF_CADENCE * every_ms) / 1000
        )
        ask = ask_of(declared, kind, self._names.resolve, seconds)
        began = self._steady()
        seen, cause = await self._seen(ask, self._kinds[kind], seconds)
        spent = round(1000 * (self._steady() - began), 1)
        return Probed(ask.said, seen, spent, cause)

    async def _seen(self, ask: Ask, kind: Kind, seconds: float) -> tuple[Seen, str]:
        """What the probe saw, and why it did not see all well; "" if it did."""
        try:
            async with asyncio.timeout(seconds):
                await kind(ask)
        except TimeoutError:
            return Seen.FAIL, f"no answer within {seconds:g} s"
        except CannotAsk as why:
            return Seen.NOTHING, str(why)
        except ProbeFailed as failed:
            return Seen.FAIL, str(failed) or "it failed without a reason"
        return Seen.OK, ""

    async def _watch_canaries(self) -> None:
        while True:
            await self._canaries.look()
            await asyncio.sleep(_CANARY_SECONDS)
