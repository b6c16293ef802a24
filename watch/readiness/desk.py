"""The desk where readiness is kept up to date: plans are made, hosts asked by night, rows shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from estate.document import Document, Severity
from estate.model import Estate, Service
from estate.plans import PlanView
from estate.readiness import Asking, Bearing, ReadinessRow, Verdict
from estate.runs import RunRow
from estate.told import told
from runbooks.planning.plan import Plan
from storage.database import RecordsError
from watch.error import WatchError
from watch.readiness.judging import judged
from watch.readiness.nights import due
from watch.readiness.rehearsed import LOCKS, answers
from watch.readiness.subject import Members, Subject, given, members_of, moves, taking_over
from watch.runs.planrows import planned

#: Rows are made anew this often.
SHOW_SECONDS = 5.0
#: Rows in which nothing is new but the times of what was found are shown no more often than this.
TIMES_MS = 30_000
#: A verdict is told once it has lasted so long.
HOLD_MS = 15_000
#: A plan stands so long: a changed runbook, a lock, a shut window are seen within this time.
PLAN_MS = 60_000
#: What could not be asked is tried again after so long, while the window is open.
RETRY_MS = 600_000
#: Hosts that hang hold up one asking for so long, not the night.
ASKING_SECONDS = 300.0

_log = logging.getLogger("watch.readiness")


class MakesPlans(Protocol):
    """What the desk needs of the desk of runs."""

    async def plan(
        self, name: str, given: Mapping[str, str], *, drill: bool, ask: bool = True
    ) -> tuple[Plan, Mapping[Any, bool | None]]: ...
    def all_rows(self) -> tuple[RunRow, ...]: ...


class KeepsAskings(Protocol):
    """What the desk needs of the records; its methods wait for the disk, and raise RecordsError."""

    def latest(self) -> list[Asking]: ...
    def put(self, asking: Asking) -> None: ...


class Shows(Protocol):
    """What the desk needs of the watch."""

    @property
    def present_estate(self) -> Estate: ...
    @property
    def document(self) -> Document: ...
    def show_readiness(self, rows: tuple[ReadinessRow, ...]) -> None: ...
    def say(self, severity: Severity, where: str, what: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Made:
    """The plan of a runbook as it was made, or why there is none."""

    runbook: str
    at: int
    plan: PlanView | None = None
    why: str = ""
    going_on: frozenset[str] = frozenset()  # runs, by their ids

    @property
    def locked(self) -> bool:
        """Whether another run is in its way: what it holds is free the moment it ends."""
        return self.plan is not None and any(each.rule == "lock" for each in self.plan.reasons)


class ReadinessDesk:
    """Works from `open` to `close`. Nothing that it does changes a host. `now` gives UTC ms."""

    def __init__(
        self, plans: MakesPlans, records: KeepsAskings, watch: Shows, *, now: Callable[[], int]
    ) -> None:
        self._plans = plans
        self._records = records
        self._watch = watch
        self._now = now
        self._made: dict[str, _Made] = {}
        self._asked: dict[str, Asking] = {}
        self._tried: dict[str, int] = {}
        self._lags: dict[str, tuple[float, int]] = {}
        self._told: dict[str, Verdict] = {}
        self._turning: dict[str, tuple[Verdict, int]] = {}
        self._runs: tuple[RunRow, ...] | None = None
        self._done: dict[str, RunRow] = {}
        self._newer: dict[str, RunRow] = {}
        self._estate: Estate | None = None
        self._hosts: Members = {}
        self._shown: list[tuple[object, ...]] = []
        self._shown_at = 0
        self._asking = asyncio.Lock()
        self._working: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Go on from what hosts answered before."""
        try:
            kept = await asyncio.to_thread(self._records.latest)
        except RecordsError as error:
            what = told("begins without its records: {why}", why=str(error))
            self._watch.say(Severity.WARNING, "readiness", what)
            kept = []
        self._asked = {each.service: each for each in kept}
        self._working = [
            asyncio.create_task(self._show(), name="readiness"),
            asyncio.create_task(self._ask_by_night(), name="readiness by night"),
        ]

    async def close(self) -> None:
        """End; what is being asked is asked again another time."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    # --- asking hosts -----------------------------------------------------------------------------

    async def ask(self, key: str) -> ReadinessRow:
        """Ask the hosts of a service its runbook's checks, now. Raises WatchError."""
        service = self._watch.present_estate.services.get(key)
        if service is None or not moves(service):
            why, do = "it is none of those that are meant to move", "see twinwatch readiness"
            raise WatchError("no such service", key, why, do, status=404)
        if not _runbook(service):
            why, do = "the estate names no runbook that moves it", "name one: runbooks: fails:"
            raise WatchError("nobody was asked", key, why, do, status=409)
        await self._ask(service)
        await self._make(service)  # whoever asks now is not answered with locks of before
        row = judged(self._subject(service, self._now()))
        self._show_now()
        return row

    async def _ask_by_night(self) -> None:
        """One service after the other, while the window is open."""
        while True:
            for service in self._services():
                if self._is_due(service):
                    self._tried[service.key] = self._now()
                    await self._ask_anyway(service)
            await asyncio.sleep(SHOW_SECONDS)

    async def _ask_anyway(self, service: Service) -> None:
        """A service that can't be asked costs itself, not the others of the night."""
        try:
            await self._ask(service)
        except WatchError as error:
            _log.warning("readiness of %s: %s", service.key, error)
        except Exception:
            _log.exception("a defect of twinwatch: %s was not asked", service.key)

    def _is_due(self, service: Service) -> bool:
        estate, now = self._watch.present_estate, self._now()
        made, asked = self._plan_of(service), self._asked.get(service.key)
        if made is None or made.plan is None or any(each.missing for each in made.plan.reasons):
            return False  # there is nothing that could be asked
        if now - self._tried.get(service.key, -RETRY_MS) < RETRY_MS:
            return False
        zone = ZoneInfo(estate.timezone)
        return due(estate.rehearsal, zone, asked.at if asked else None, now)

    async def _ask(self, service: Service) -> None:
        """Raises WatchError where there is nothing to ask, or not in time."""
        async with self._asking:  # hosts are shared: one service's checks at a time
            try:
                async with asyncio.timeout(ASKING_SECONDS):
                    plan = await self._plan(service, ask=True)
            except TimeoutError:
                why = f"hosts did not answer within {ASKING_SECONDS:g} s"
                do = "see which hang: twinwatch hosts"
                raise WatchError("nobody was asked", service.key, why, do, status=504) from None
            missing = [each for each in plan.reasons if each.missing]
            if missing:
                why, do = "; ".join(each.what for each in missing), "say it in runbook_inputs:"
                raise WatchError("nobody was asked", service.key, why, do, status=409)
            asking = Asking(service.key, plan.runbook, plan.sha256, plan.asked_at, answers(plan))
            self._asked[service.key] = asking
            self._tell_asked(asking)
            try:
                await asyncio.to_thread(self._records.put, asking)
            except RecordsError as error:
                what = told("not kept: {why}", why=str(error))
                self._watch.say(Severity.WARNING, "readiness", what)

    def _tell_asked(self, asking: Asking) -> None:
        total = len(asking.answers)
        good = sum(each.bearing is Bearing.PASSES for each in asking.answers)
        severity = Severity.OK if good == total else Severity.WARNING
        what = told("{runbook}: {count} of {total} checks pass", runbook=asking.runbook,
                    count=str(good), total=str(total))  # fmt: skip
        self._watch.say(severity, asking.service, what)

    # --- plans ------------------------------------------------------------------------------------

    async def _plan(self, service: Service, *, ask: bool) -> PlanView:
        """The plan of what moves the service. Raises WatchError."""
        estate, runbook = self._watch.present_estate, _runbook(service)
        to = taking_over(service, estate)
        known = self._plan_of(service)
        inputs = known.plan.inputs if known is not None and known.plan is not None else ()
        while True:
            said = given(inputs, service, estate, to)
            made, done = await self._plans.plan(runbook, said, drill=False, ask=ask)
            view = planned(made, self._now(), said, done)
            if given(view.inputs, service, estate, to) == said:
                return view
            inputs = view.inputs  # the runbook asks for other things than it did

    async def _make(self, service: Service) -> None:
        at, runbook, going_on = self._now(), _runbook(service), self._going_on()
        try:
            made = _Made(runbook, at, await self._plan(service, ask=False), going_on=going_on)
        except WatchError as error:
            made = _Made(runbook, at, why=": ".join(filter(None, (error.what, error.why))))
        self._made[service.key] = made

    def _plan_of(self, service: Service) -> _Made | None:
        """The last plan, unless the estate names another runbook since."""
        made = self._made.get(service.key)
        return made if made is not None and made.runbook == _runbook(service) else None

    async def _make_what_is_old(self) -> None:
        """Plans that there are not yet, those of a lock whose run may have ended, and the oldest
        one: many services cost no more at once.
        """
        services = [each for each in self._services() if _runbook(each)]
        plans = [(each, self._plan_of(each)) for each in services]
        going_on = self._going_on()
        for service, made in plans:
            if made is not None and made.locked and made.going_on != going_on:
                await self._make(service)
        ages = [(made.at if made else 0, each.key, each) for each, made in plans]
        for number, (at, _, service) in enumerate(sorted(ages)):
            if at == 0 or (number == 0 and self._now() - at >= PLAN_MS):
                await self._make(service)

    def _going_on(self) -> frozenset[str]:
        return frozenset(row.id for row in self._watch.document.runs if row.ended_at is None)

    # --- rows -------------------------------------------------------------------------------------

    async def _show(self) -> None:
        while True:
            try:
                await self._make_what_is_old()
                self._show_now()
            except Exception:
                # A defect of ours costs a picture, never the watch.
                _log.exception("a defect of twinwatch: readiness is not shown")
            await asyncio.sleep(SHOW_SECONDS)

    def _show_now(self) -> None:
        now = self._now()
        self._remember_lags()
        rows = tuple(judged(self._subject(each, now)) for each in self._services())
        for row in rows:
            self._tell_turned(row)
        said = [_but_times(row) for row in rows]
        if said != self._shown or now - self._shown_at >= TIMES_MS:
            self._shown, self._shown_at = said, now
            self._watch.show_readiness(rows)

    def _services(self) -> list[Service]:
        return [each for each in self._watch.present_estate.services.values() if moves(each)]

    def _subject(self, service: Service, now: int) -> Subject:
        estate, runbook = self._watch.present_estate, _runbook(service)
        made = self._plan_of(service)
        self._look_back()
        return Subject(
            service,
            estate,
            self._watch.document,
            now,
            taking_over(service, estate),
            self._members(estate),
            runbook,
            plan=made.plan if made else None,
            planned_at=made.at if made else None,
            unplanned=made.why if made else "",
            asking=self._asked.get(service.key),
            done=self._done.get(runbook),
            newer=self._newer.get(runbook),
            lags=self._lags,
        )

    def _members(self, estate: Estate) -> Members:
        if self._estate is not estate:
            self._estate, self._hosts = estate, members_of(estate)
        return self._hosts

    def _look_back(self) -> None:
        """The newest run of each runbook, drill or not, that ended well and was measured, and the
        newest that ended since and was not: one that failed rather than one that was ended.

        All on record are read again only when those on the board have changed.
        """
        shown = self._watch.document.runs
        if self._runs is not None and shown == self._runs:
            return
        self._runs, self._done, self._newer = shown, {}, {}
        ended = [row for row in self._plans.all_rows() if row.ended_at is not None]
        for row in sorted(ended, key=lambda row: row.ended_at or 0, reverse=True):
            if row.runbook in self._done:
                continue
            newer = self._newer.get(row.runbook)
            if row.state == "succeeded" and not row.unproven:
                self._done[row.runbook] = row
            elif newer is None or (row.state == "failed" != newer.state):
                self._newer[row.runbook] = row

    def _remember_lags(self) -> None:
        for row in self._watch.document.replication:
            if row.role != "primary" and row.at is not None and row.lag_seconds is not None:
                self._lags[row.host] = row.lag_seconds, row.at

    def _tell_turned(self, row: ReadinessRow) -> None:
        """A verdict that has turned, and lasts, is an event; the first one after a start is none.

        A host that is late for a moment would fill the events otherwise, and so would every run:
        that it holds its locks is told by the run.
        """
        told, now = self._told.get(row.key), self._now()
        if told is row.verdict or (row.against and all(e.asked == LOCKS for e in row.against)):
            self._turning.pop(row.key, None)
            return
        verdict, since = self._turning.setdefault(row.key, (row.verdict, now))
        if verdict is not row.verdict:
            self._turning[row.key] = row.verdict, now
        elif told is None or now - since >= HOLD_MS:
            self._told[row.key] = row.verdict
            if told is not None:
                severity = Severity.OK if row.verdict is Verdict.READY else Severity.WARNING
                self._watch.say(severity, row.key, _turned(row))


def _runbook(service: Service) -> str:
    """What moves the service, by name; "" where the estate names none."""
    return service.runbooks.get("fails", "")


def _turned(row: ReadinessRow) -> str:
    """A verdict in a sentence, with the first reason."""
    if not row.against:
        return told("ready to move")
    first = row.against[0]
    why = told("{asked}: {said}", asked=first.asked, said=first.said)
    if row.verdict is Verdict.NOT_READY:
        return told("not ready to move: {why}", why=why)
    return told("not known whether it could move: {why}", why=why)


def _but_times(row: ReadinessRow) -> tuple[object, ...]:
    """What of a row is news: everything that was found, whenever it was."""
    found = tuple((each.asked, each.bearing, each.said) for each in row.findings)
    return row.key, row.verdict, row.to, found, row.asked_at, row.done_at, row.p50_ms, row.p90_ms
