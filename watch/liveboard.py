"""The live board: what is observed comes in, what changed goes to the records and every console."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from estate.availability import AllTenantsRow, ServiceRow, TenantRow, VantageRow
from estate.document import Document, HostDetail, Problem, Severity, WatchRow
from estate.handover import Ownership
from estate.model import Estate
from estate.readiness import ReadinessRow
from estate.runs import ChangedHosts, RunRow
from estate.samples import Observation, Sample
from estate.told import told
from estate.unwatched import unread, unwatched
from estate.wire import WireError, document_from_json
from watch import words
from watch.attention.standing import Attention
from watch.board import Board
from watch.clock import JumpDetector, now_ms, steady_seconds
from watch.clocksteps import ClockSteps
from watch.hub import Hub, packed
from watch.means import Means, Remembers
from watch.queues.desk import QueueDesk
from watch.stillness import Stillness
from watch.surviving import Defects

#: A sweep's samples arrive in pieces: the board waits so long for the rest ...
GATHER_SECONDS = 0.06
#: ... and once complete it is not made anew more often than this, whatever arrives.
SHORTEST_STEP_SECONDS = 0.25
#: Between two steps the loop is left to the hosts this many times as long as a step took: while a
#: thousand of them connect, showing each arrival at once would hold up the next.
REST = 4
#: The board is put into the records this often, and at the end.
SAVE_SECONDS = 10.0

_log = logging.getLogger("watch")


class LiveBoard:
    """The board of an estate, at work from `run` to `stop`. The desks of the watch show on it what
    they know, and say on it what happened."""

    def __init__(
        self,
        estate: Estate,
        watch: WatchRow,
        means: Means,
        restored: Remembers,
    ) -> None:
        self._estate = estate
        self._inbox = means.inbox
        self._keeper = means.keeper
        self._stopping = means.stopping
        self._ending = told("stopped")
        self._looked = asyncio.Event()
        remembered = _document(restored.board.document) if restored.board else None
        self._jumps, self._clock_steps = JumpDetector(), ClockSteps()
        self._queues = QueueDesk(estate, now_ms(), remembered, self._clock_steps)
        self._board = Board(
            estate,
            watch,
            now_ms(),
            restored=remembered,
            events=restored.events,
            last_event_id=restored.last_event_id,
            steps=self._clock_steps,
        )
        self._defects = Defects(self._board.say)
        self.hub = Hub(lambda: self._board.document)
        self._say_start(restored)
        self._say_left_out(estate)

    def _say_start(self, restored: Remembers) -> None:
        """The first event: since when nobody watched, as far as the records tell."""
        known = [restored.saved_until, restored.board.at if restored.board else None]
        last = max((at for at in known if at is not None), default=None)
        if restored.unread:
            what = unread(restored.unread, self._board.watch.started_at)
            self._board.say(Severity.WARNING, "watch", what)
        elif last is None:
            self._board.say(Severity.OK, "watch", told("started, with no records from before"))
        else:
            self._say_unwatched(last, self._board.watch.started_at)

    def _say_unwatched(self, starts: int, ends: int) -> None:
        zone = self._estate.timezone
        span = f"{words.clock(starts, zone)}–{words.clock(ends, zone)}"
        gap = words.duration(max(0, ends - starts) / 1000)
        self._board.say(Severity.WARNING, "watch", unwatched(starts, ends, span, gap))

    def _say_left_out(self, estate: Estate) -> None:
        if estate.left_out:
            self._board.say(Severity.WARNING, "estate", words.left_out(estate.left_out))

    # --- from step to step ------------------------------------------------------------------------

    async def run(self) -> None:
        """Go on until `stop`; whatever was observed is in the records when this returns."""
        last_step, took = steady_seconds(), 0.0
        last_save = last_step - SAVE_SECONDS  # the first board is saved at once
        stillness = Stillness(last_step)
        while not self._stopping.is_set():
            await self._something()
            shortest = SHORTEST_STEP_SECONDS if self._board.complete else GATHER_SECONDS
            due = last_step + max(shortest, REST * took)
            await _either(self._stopping, max(GATHER_SECONDS, due - steady_seconds()))
            last_step = steady_seconds()
            try:
                if still := stillness.ended(now_ms(), last_step):
                    self._say_unwatched(*still)
                self.step()
                if last_step - last_save >= SAVE_SECONDS:
                    last_save = last_step
                    self._save()
            except Exception as error:
                self.confess(error)
            took = steady_seconds() - last_step
        self._board.say(Severity.OK, "watch", self._ending)
        self.step()
        self._save()

    def stop(self, ending: str) -> None:
        """End `run` soon; `ending` is its last event."""
        self._ending = ending
        self._stopping.set()
        self.wake()

    async def first_look(self, seconds: float) -> None:
        """Wait for the first complete board; `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._looked.wait()

    async def _something(self) -> None:
        """Until something was observed; a cadence at most, for hosts grow late by silence."""
        longest = min(self._board.document.every_ms / 1000, 1.0)
        await _either(self._inbox.arrived, longest)

    def step(self) -> None:
        """Keep what was observed, and show it; that it is kept hangs on no picture."""
        observed = self._inbox.take()
        if jump := self._jumps.jumped_ms():
            self._clock_steps.stepped(now_ms(), jump)
        with self._defects.confessed():
            self._keep(observed)
        for notice in self._keeper.take_notices():
            _log.warning("%s", notice)
            self._board.say(Severity.WARNING, "records", notice)
        self._describe_records()
        with self._defects.confessed():
            self._queues.step(observed, self._board, self._keeper, now_ms())
        change = self._board.absorb(observed, now_ms())
        self._confess_by_host()
        if change is not None:
            if change.events:
                self._keeper.put((), change.events)
            self.hub.publish(change)
        if self._board.complete:
            self._looked.set()

    def _describe_records(self) -> None:
        row = self._board.watch
        if row.records != self._keeper.status:
            self._board.describe(replace(row, records=self._keeper.status))

    def _keep(self, observed: Iterable[Observation]) -> None:
        samples = [each for each in observed if isinstance(each, Sample)]
        if samples:
            self._keeper.put(samples)

    def _confess_by_host(self) -> None:
        for defects in (self._board.defects, self._queues.defects):
            for host, error in defects.items():
                self._defects.confess(error, host)
            defects.clear()

    def _save(self) -> None:
        self._keeper.save_board(packed(self._board.document))

    def confess(self, error: Exception) -> None:
        """A defect of ours costs what it was about to do, never the watch over all the rest."""
        self._defects.confess(error)

    # --- what is on it ----------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The board as it is now."""
        return self._board.document

    @property
    def watch(self) -> WatchRow:
        """What it says of the watch itself."""
        return self._board.watch

    @property
    def complete(self) -> bool:
        """Whether every host was reached, or was found not to be, since the start."""
        return self._board.complete

    @property
    def attention(self) -> Attention:
        """What people said of problems."""
        return self._board.attention

    @property
    def present_estate(self) -> Estate:
        """The estate as it is followed now."""
        return self._estate

    def detail(self, host: str) -> HostDetail | None:
        """What is known of a host besides its row."""
        return self._board.detail(host)

    # --- what is put on it ------------------------------------------------------------------------

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        """Something happened, and problem `cleared` is over; it is an event of the next change."""
        self._board.say(severity, where, what, cleared)

    def wake(self) -> None:
        """Something is to be shown soon."""
        self._inbox.arrived.set()

    def describe(self, watch: WatchRow) -> None:
        """This is how the watch itself is."""
        self._board.describe(watch)

    def follow(self, estate: Estate) -> None:
        """The estate is another from now on; what is known of hosts that stay, stays."""
        if estate.left_out != self._estate.left_out:
            self._say_left_out(estate)
        self._queues.follow(estate)
        before = self._board.document.events
        document = self._board.reload(estate, now_ms())
        self._estate = estate  # only now: one that is not shown is not followed
        known = before[0].id if before else 0
        self._keeper.put((), [each for each in document.events if each.id > known])
        self.hub.replace()

    def show_runs(
        self,
        rows: tuple[RunRow, ...],
        changed: tuple[ChangedHosts, ...],
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """These are the runs there are, newest first; `changed` is what they did that go on, and
        `problems` keep any from beginning."""
        self._board.show_runs(rows, changed)
        self._board.show("runs", {}, problems)
        self.wake()

    def show_services(
        self,
        services: tuple[ServiceRow, ...],
        tenants: tuple[TenantRow, ...],
        problems: tuple[Problem, ...],
        all_tenants: tuple[AllTenantsRow, ...],
    ) -> None:
        """These are the services, the tenants, and what is wrong with them."""
        self._board.show_services(services, tenants, problems, all_tenants)
        self.wake()

    def show_vantages(self, rows: tuple[VantageRow, ...], problems: tuple[Problem, ...]) -> None:
        """These are the places from which services are asked, and which of them are silent."""
        self._board.show("vantages", {"vantages": rows}, problems)

    def show_readiness(self, rows: tuple[ReadinessRow, ...]) -> None:
        """These are the services that could move to another site, and what stands against it."""
        self._board.show("readiness", {"readiness": rows})
        self.wake()

    def show_handovers(self, problems: tuple[Problem, ...]) -> None:
        """These handovers are overdue, and these questions of them are open."""
        self._board.show("handover", {}, problems)

    def show_owners(self, owners: Mapping[str, Ownership]) -> None:
        """Whose problems are by the handovers, by problem."""
        self._board.attention.own(owners)
        self.wake()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, or for `seconds`."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass


def _document(saved: bytes) -> Document | None:
    """The board as the records have it; None where it is of a form that we can't read."""
    try:
        return document_from_json(json.loads(saved))
    except (WireError, ValueError):
        return None
