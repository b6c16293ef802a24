"""The desk where the ledger is kept: rounds come in, the record and the board are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol
from zoneinfo import ZoneInfo

from estate.availability import AllTenantsRow, ServiceRow, TenantRow, VantageRow
from estate.document import HostRow, Problem, Severity
from estate.ledger.book import Batch, Entry, KeptRound, Pages
from estate.ledger.months import Month, month_of
from estate.ledger.observed import FellSilent, Heard, ServiceRound
from estate.ledger.rounds import HOLE_CADENCES, State
from estate.ledger.sightings import Sighting
from estate.model import Estate, Service
from estate.runs import FeltRow, RunView
from estate.told import Told, told
from watch import words
from watch.ledger.accounts import Accounts, horizon
from watch.ledger.alarms import state_id
from watch.ledger.felt import concerned, felt
from watch.ledger.months import ServiceMonth, month_from
from watch.ledger.places import Places
from watch.surviving import Defects, surviving

#: The board's rows of services are made anew this often, and at once when a state changes.
SHOW_SECONDS = 5.0
#: What could not be put on record is tried again after so long.
RETRY_SECONDS = 5.0
#: Between two pieces of a long backfill: whatever else is to be done has its turn.
REST_SECONDS = 0.005
#: The records are waited for so long at the start and at the end.
RECORDS_SECONDS = 5.0
MOST_ROUNDS_ASKED = 5_000

_log = logging.getLogger("watch")


class KeepsLedger(Protocol):
    """What the ledger needs of the records."""

    async def keep_ledger(self, batch: Batch) -> bool: ...
    async def ledger(self, start: int, end: int) -> Pages | None: ...
    async def rounds(self, service: str, start: int, end: int, most: int) -> list[KeptRound]: ...
    async def journal(self, vantage: str, since: int, most: int) -> list[Sighting]: ...


class Shows(Protocol):
    """What the ledger needs of the watch's board."""

    def show_services(
        self,
        services: tuple[ServiceRow, ...],
        tenants: tuple[TenantRow, ...],
        problems: tuple[Problem, ...],
        all_tenants: tuple[AllTenantsRow, ...],
    ) -> None: ...
    def show_vantages(
        self, rows: tuple[VantageRow, ...], problems: tuple[Problem, ...]
    ) -> None: ...
    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None: ...


class Desk:
    """Takes rounds (`take`, on the event loop's thread) and works until it is closed.

    A round is shown before it is kept, and never waits for the disk; what is not kept yet is tried
    again until it is. `now` gives UTC milliseconds.
    """

    def __init__(
        self,
        keeper: KeepsLedger,
        board: Shows,
        *,
        estate: Callable[[], Estate],
        hosts: Callable[[], Mapping[str, HostRow]],
        cadence_ms: Callable[[Service], int],
        now: Callable[[], int],
        places: Places | None = None,
    ) -> None:
        self._keeper = keeper
        self._places = places or Places("")
        self._board = board
        self._estate = estate
        self._hosts = hosts
        self._cadence_ms = cadence_ms
        self._now = now
        self._accounts: Accounts | None = None
        self._early: list[ServiceRound] = []
        self._working: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._turned = asyncio.Event()
        self._behind = asyncio.Event()
        self._followed: Estate | None = None
        self._burning: dict[str, Problem] = {}
        self._askew: dict[tuple[str, str], int] = {}

    async def open(self) -> None:
        """Go on from the record; rounds that came meanwhile are taken now."""
        estate, now = self._estate(), self._now()
        zone = ZoneInfo(estate.timezone)
        start = horizon(month_of(now, zone), zone, now)
        # To the end of time: a clock that was wrong may have put things down for later than now.
        pages: Pages | None = None
        with suppress(TimeoutError):  # a disk that hangs holds up neither probes nor the end
            async with asyncio.timeout(RECORDS_SECONDS):
                pages = await self._keeper.ledger(start, 1 << 62)
        if pages is None:
            what = "the ledger begins without its records: what was before is unknown"
            self._board.say(Severity.WARNING, "ledger", what)
        self._places.follow(estate, now)
        self._accounts = Accounts(
            estate,
            self._cadence_ms,
            pages or Pages(),
            now,
            vantages=self._places.of,
            own=self._places.own,
        )
        self._followed = estate
        early, self._early = self._early, []
        for round_ in early:
            self.take(round_)
        confess = Defects(self._board.say).confess
        self._working = [
            asyncio.create_task(surviving(self._keep, confess), name="ledger"),
            asyncio.create_task(surviving(self._show, confess), name="services"),
            asyncio.create_task(surviving(self._catch_up, confess), name="what others saw"),
        ]

    def take(self, round_: ServiceRound) -> None:
        """Take a round in."""
        if self._accounts is None:
            self._early.append(round_)
            return
        self._follow(self._accounts)
        self._believed(self._accounts.take(round_, self._hosts()))

    def hear(self, heard: Heard) -> None:
        """Take in what another vantage says, or that it says nothing."""
        now = self._now()
        if isinstance(heard, FellSilent):
            self._say_of(self._places.fell_silent(heard, now))
            return
        self._say_of(self._places.spoke(heard, now))
        if self._accounts is not None and heard.sightings:
            self._follow(self._accounts)
            self._believed(self._accounts.hear(heard.vantage, heard.sightings, now))
            self._tell_askew(self._accounts)

    def heard_until(self, vantage: str) -> int:
        """The number of the last round that is known of another vantage's journal."""
        return 0 if self._accounts is None else self._accounts.heard_until(vantage)

    def _believed(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            self._tell(entry)
        if entries:
            self._turned.set()
        self._news.set()
        if self._accounts is None:
            return
        if self._accounts.behind:
            self._behind.set()
        defects, self._accounts.defects = self._accounts.defects, {}
        for service, defect in defects.items():
            what = "a defect of twinwatch: what was seen of %s can't be read, and is unknown"
            _log.error(what, service, exc_info=defect)

    def _say_of(self, said: tuple[Severity, str, str, str] | None) -> None:
        if said is not None:
            self._board.say(*said)
            self._turned.set()

    async def close(self) -> None:
        """Put down what waits, once, and end."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        if self._accounts is not None and (batch := self._accounts.waiting()):
            with suppress(TimeoutError):
                async with asyncio.timeout(RECORDS_SECONDS):
                    await self._keeper.keep_ledger(batch)

    # --- what the API asks ------------------------------------------------------------------------

    def service(self, key: str) -> Service | None:
        """A service of the estate as it is followed now."""
        return self._estate().services.get(key)

    @property
    def zone(self) -> ZoneInfo:
        """The estate's timezone, in which months begin."""
        return ZoneInfo(self._estate().timezone)

    async def month(self, service: Service, month: Month) -> ServiceMonth | None:
        """A service's month from the record, the present one too; None if it can't be read."""
        now, zone = self._now(), self.zone
        start, end = month.bounds(zone)
        pages = await self._keeper.ledger(start, end)
        if pages is None:
            return None
        return month_from(
            month,
            zone,
            service.objective,
            pages.of(service.key),
            now=now,
            patience_ms=HOLE_CADENCES * self._cadence_ms(service),
        )

    async def rounds(self, service: str, start: int, end: int) -> list[KeptRound]:
        """Rounds that were not good, and the first good one after each."""
        return await self._keeper.rounds(service, start, end, MOST_ROUNDS_ASKED)

    async def felt(self, view: RunView) -> tuple[FeltRow, ...]:
        """What users felt of a run, service by service; none where it can't be read."""
        services, now = concerned(self._estate().services, view), self._now()
        if not services:
            return ()
        start, end = view.row.started_at, view.row.ended_at or now
        pages = await self._keeper.ledger(start, 1 << 62)
        if pages is None:
            return ()
        return tuple(
            felt(
                each,
                pages.of(each.key),
                start,
                end,
                now=now,
                patience_ms=HOLE_CADENCES * self._cadence_ms(each),
            )
            for each in services
        )

    async def journal(self, since: int, most: int) -> list[Sighting]:
        """What was seen from here, by the numbers of our journal: for the watch at another site.

        Only what is on the disk: what is told to others is never taken back by a crash.
        """
        return await self._keeper.journal(self._places.own, since, most)

    # --- at work ----------------------------------------------------------------------------------

    def _follow(self, accounts: Accounts) -> None:
        estate = self._estate()
        if estate is not self._followed:
            self._followed = estate
            accounts.follow(estate, self._now())
            self._places.follow(estate, self._now())

    async def _keep(self) -> None:
        self._news.set()  # what a defect kept off the record still waits
        while True:
            await self._news.wait()
            self._news.clear()
            assert self._accounts is not None
            batch = self._accounts.waiting()
            if not batch:
                continue
            if await self._keeper.keep_ledger(batch):
                self._accounts.kept(batch)
            else:
                await asyncio.sleep(RETRY_SECONDS)
                self._news.set()

    async def _catch_up(self) -> None:
        """After a cut days of rounds may be read again: piece by piece, and others in between."""
        while True:
            await self._behind.wait()
            self._behind.clear()
            assert self._accounts is not None
            while self._accounts.behind:
                await asyncio.sleep(REST_SECONDS)
                try:
                    self._believed(self._accounts.go_on())
                except Exception:
                    _log.exception("a defect of twinwatch: what was heard is not told")
                    await asyncio.sleep(RETRY_SECONDS)

    async def _show(self) -> None:
        while True:
            assert self._accounts is not None
            self._follow(self._accounts)
            try:
                services, tenants, problems, together = self._accounts.picture(self._now())
                self._tell_budgets(problems)
                self._board.show_services(services, tenants, problems, together)
                self._board.show_vantages(*self._places.picture(self._now()))
            except Exception:
                # A defect of ours costs a picture, never the record.
                _log.exception("a defect of twinwatch: services are not shown")
            try:
                async with asyncio.timeout(SHOW_SECONDS):
                    await self._turned.wait()
            except TimeoutError:
                pass
            self._turned.clear()

    def _tell_budgets(self, problems: tuple[Problem, ...]) -> None:
        """A budget that begins to burn, or is gone, is an event; that it no longer burns, too."""
        now = {each.id: each for each in problems if each.kind == "budget"}
        for each in now.values():
            known = self._burning.get(each.id)
            if known is None or known.severity is not each.severity:
                self._board.say(
                    each.severity, each.where, told("{what}: {why}", what=each.what, why=each.why)
                )
        for gone in self._burning.keys() - now.keys():
            what = told("budget no longer burns")
            self._board.say(Severity.OK, self._burning[gone].where, what, gone)
        self._burning = now

    def _tell_askew(self, accounts: Accounts) -> None:
        """Rounds that are not paired count for nothing: said once, as long as it is so."""
        now = dict(accounts.askew)
        for (vantage, service), every_ms in now.items() - self._askew.items():
            its = words.duration(every_ms / 1000)
            what = told(
                "asks {service} every {its}, which is not our cadence: what it saw does not count",
                service=service,
                its=its,
            )
            self._board.say(Severity.WARNING, vantage, what)
        self._askew = now

    def _tell(self, entry: Entry) -> None:
        """A transition is an event: when it was, not when it was believed."""
        if entry.withdrawn:
            return  # what is said instead follows
        change, zone = entry.transition, self._estate().timezone
        if change.previous is State.UNKNOWN and change.state is State.UP and not entry.cause:
            severity = Severity.OK
        else:
            severity = _SEVERITIES[change.state]
        since = words.clock(change.at, zone)
        what = told("{state} since {time}", state=Told(str(change.state), {}), time=since)
        if entry.cause:
            what = told("{what}: {why}", what=what, why=entry.cause)
        cleared = state_id(entry.service) if change.state is State.UP else ""
        self._board.say(severity, entry.service, what, cleared)


_SEVERITIES = {
    State.UP: Severity.OK,
    State.DEGRADED: Severity.WARNING,
    State.DOWN: Severity.CRITICAL,
    State.UNKNOWN: Severity.UNKNOWN,
}
