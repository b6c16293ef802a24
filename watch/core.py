"""The watch at work: observations to the board, the board to the records and to every console."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from collectors.blocking import REMEDY, Reads, Unread
from estate.availability import AllTenantsRow, ServiceRow, TenantRow, VantageRow
from estate.document import Document, Event, HostDetail, Problem, Series, Severity, WatchRow
from estate.model import Estate
from estate.readiness import ReadinessRow
from estate.runs import RunRow
from estate.samples import Sample
from estate.told import told
from estate.version import VERSION
from estate.wire import WireError, document_from_json
from watch import records, words
from watch.access import this_user
from watch.attention.desk import AttentionDesk
from watch.attention.standing import Attention
from watch.board import Board
from watch.clock import JumpDetector, cpu_seconds, now_ms, steady_seconds
from watch.error import WatchError
from watch.estatefile import FILE_SECONDS, EstateFile, Unusable
from watch.hub import Hub, packed
from watch.later import Later
from watch.means import Means, Remembers
from watch.past.keeping import Past
from watch.process import Place
from watch.queues.desk import QueueDesk
from watch.source import Source

#: A sweep's samples arrive in pieces: the board waits so long for the rest ...
GATHER_SECONDS = 0.06
#: ... and once complete it is not made anew more often than this, whatever arrives.
SHORTEST_STEP_SECONDS = 0.25
#: Between two steps the loop is left to the hosts this many times as long as a step took: while a
#: thousand of them connect, showing each arrival at once would hold up the next.
REST = 4
#: The board is put into the records this often, and at the end.
SAVE_SECONDS = 10.0
#: The watch's own load is measured, and the estate file looked at, this often.
OWN_SECONDS = 5.0
ESTATE_SECONDS = 2.0
CHORE_RETRY_SECONDS = 30.0

if TYPE_CHECKING:
    from watch.handover.desk import HandoverDesk
    from watch.ledger.desk import Desk
    from watch.notices.desk import NoticeDesk
    from watch.readiness.desk import ReadinessDesk
    from watch.runbookfiles import Shelved
    from watch.runs.office import Office

_log = logging.getLogger("watch")


class Watch:
    """One estate, watched: `run` goes on until `stop`. The API asks it (`watch.api.Services`)."""

    def __init__(
        self,
        estate: Estate,
        source: Source,
        place: Place,
        means: Means,
        restored: Remembers,
        *,
        events: tuple[Event, ...] = (),
        shared: bool = False,
    ) -> None:
        self._estate = estate
        self._shared = shared
        self._source = source
        self._place = place
        self._inbox = means.inbox
        self._collection = means.collection
        self._keeper = means.keeper
        self._estate_file = EstateFile(source, means.read_estate)
        self._load_bastion = means.load_bastion
        self._stopping = means.stopping
        self._ending = told("stopped")
        self._confessed = ""
        self._reads = Reads()
        #: What else is asked anew of a host, or of all, when a person wants it now.
        self.also_refreshed: list[Callable[[str | None], None]] = []
        self._office: Later[Office] = Later("runs")
        self._ledger: Later[Desk] = Later("ledger")
        self._readiness: Later[ReadinessDesk] = Later("readiness")
        self._handovers: Later[HandoverDesk] = Later("handovers")
        self._looked = asyncio.Event()
        self._started_at = means.started_at
        remembered = _document(restored.board.document) if restored.board else None
        self._queues = QueueDesk(estate, now_ms(), remembered)
        self._board = Board(
            estate,
            self._row(),
            now_ms(),
            restored=remembered,
            events=events,
            last_event_id=restored.last_event_id,
        )
        self.hub = Hub(lambda: self._board.document)
        self.attending = AttentionDesk(means.keeper, self, now=now_ms, nonce=lambda: token_hex(4))
        self._notices: Later[NoticeDesk] = Later("notices")
        self.past = Past(means.keeper, lambda: self._board.document)
        self.records = records.RecordsInUse(means.keeper, place.records)
        self._say_start(restored)
        self._say_left_out()

    def _row(self) -> WatchRow:
        return WatchRow(
            name=os.uname().nodename,
            version=VERSION,
            pid=os.getpid(),
            started_at=self._started_at,
            user=this_user(),
            standalone=not self._shared,
        )

    def _say_start(self, restored: Remembers) -> None:
        """The first event: since when nobody watched, as far as the records tell."""
        known = [restored.saved_until, restored.board.at if restored.board else None]
        last = max((at for at in known if at is not None), default=None)
        if last is None:
            self._board.say(Severity.OK, "watch", told("started, with no records from before"))
            return
        zone = self._estate.timezone
        span = f"{words.clock(last, zone)}–{words.clock(self._started_at, zone)}"
        gap = words.duration(max(0, self._started_at - last) / 1000)
        what = told("not watching {span} ({time})", span=span, time=gap)
        self._board.say(Severity.WARNING, "watch", what)

    def _say_left_out(self) -> None:
        if self._estate.left_out:
            self._board.say(Severity.WARNING, "estate", words.left_out(self._estate.left_out))

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch until `stop`; whatever was observed is in the records when this returns."""
        chores = [
            asyncio.create_task(self._surviving(chore))
            for chore in (self._follow_estate, self._look_at_ourselves, self.past.keep)
        ]
        try:
            await self._absorb_until_stopped()
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    async def first_look(self, seconds: float) -> None:
        """Wait for the first complete board; `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._looked.wait()

    async def _absorb_until_stopped(self) -> None:
        last_step, took = steady_seconds(), 0.0
        last_save = last_step - SAVE_SECONDS  # the first board is saved at once
        while not self._stopping.is_set():
            await self._something()
            shortest = SHORTEST_STEP_SECONDS if self._board.complete else GATHER_SECONDS
            due = last_step + max(shortest, REST * took)
            await _either(self._stopping, max(GATHER_SECONDS, due - steady_seconds()))
            last_step = steady_seconds()
            try:
                self.step()
                if last_step - last_save >= SAVE_SECONDS:
                    last_save = last_step
                    self._save()
            except Exception as error:
                self._confess(error)
            took = steady_seconds() - last_step
        self._board.say(Severity.OK, "watch", self._ending)
        self.step()
        self._save()

    async def _something(self) -> None:
        """Until something was observed; a cadence at most, for hosts grow late by silence."""
        longest = min(self._board.document.every_ms / 1000, 1.0)
        await _either(self._inbox.arrived, longest)

    def step(self) -> None:
        """Absorb what was observed; keep it, and show it."""
        observed = self._inbox.take()
        for notice in self._keeper.take_notices():
            _log.warning("%s", notice)
            self._board.say(Severity.WARNING, "records", notice)
        self._describe()
        self._queues.step(observed, self._board, self._keeper, now_ms())
        change = self._board.absorb(observed, now_ms())
        samples = [each for each in observed if isinstance(each, Sample)]
        if samples or (change is not None and change.events):
            self._keeper.put(samples, change.events if change is not None else ())
        if change is not None:
            self.hub.publish(change)
        if self._board.complete:
            self._looked.set()

    def _describe(self) -> None:
        row = self._board.watch
        if row.records != self._keeper.status:
            self._board.describe(replace(row, records=self._keeper.status))

    def _save(self) -> None:
        self._keeper.save_board(packed(self._board.document))

    async def _surviving(self, chore: Callable[[], Awaitable[None]]) -> None:
        """Run `chore` again a while after it failed."""
        while True:
            try:
                await chore()
            except Exception as error:
                self._confess(error)
                await asyncio.sleep(CHORE_RETRY_SECONDS)

    def _confess(self, error: Exception) -> None:
        """A defect of ours costs what it was about to do, never the watch over all the rest."""
        _log.error("a defect of twinwatch", exc_info=error)
        what = f"a defect of twinwatch, see its log: {type(error).__name__}: {error}"
        if what != self._confessed:
            self._confessed = what
            self._board.say(Severity.WARNING, "watch", what)

    # --- chores -----------------------------------------------------------------------------------

    async def _look_at_ourselves(self) -> None:
        """Our own load and this machine's, and whether somebody set its clock."""
        jumps = JumpDetector()
        await asyncio.sleep(OWN_SECONDS)  # the first board comes first
        bastion = await asyncio.to_thread(self._load_bastion)
        spent, since = cpu_seconds(), steady_seconds()
        while True:
            await asyncio.sleep(OWN_SECONDS)
            now_spent, now = cpu_seconds(), steady_seconds()
            percent = 100.0 * (now_spent - spent) / (now - since)
            spent, since = now_spent, now
            known = bastion.measure()
            with suppress(Unread):  # the disk of the records hangs: how full it is nobody knows
                known |= await self._reads.read("disk", bastion.disk, FILE_SECONDS)
            figures = {name: round(value, 1) for name, value in known.items()}
            self._board.describe(
                replace(self._board.watch, cpu_percent=round(percent, 1), bastion=figures)
            )
            if jump := jumps.jumped_ms():
                by = f"{jump / 1000:+.1f}"
                what = told("this machine's clock was set by {seconds} s", seconds=by)
                self._board.say(Severity.WARNING, "watch", what)

    async def _follow_estate(self) -> None:
        """Apply a changed estate file whole, or refuse it whole and say why on the board."""
        while True:
            await asyncio.sleep(ESTATE_SECONDS)
            try:
                if await self._estate_file.changed():
                    await self._try_estate()
            except Unusable as error:
                self._complain_of_estate(error)

    async def _try_estate(self) -> None:
        try:
            estate = await self._estate_file.estate()
        except Unusable as error:
            self._complain_of_estate(error)
        else:
            self._apply(estate)

    def _complain_of_estate(self, error: Unusable) -> None:
        if error.why != self._board.watch.estate_problem:
            self._board.describe(replace(self._board.watch, estate_problem=error.why))
            self._board.say(Severity.WARNING, "estate", str(error))

    def _apply(self, estate: Estate) -> None:
        self._board.describe(replace(self._board.watch, estate_problem=""))
        if estate == self._estate:
            return
        news = estate.left_out != self._estate.left_out
        self._estate = estate
        if news:
            self._say_left_out()
        self._keeper.retention = estate.retention
        self._collection.reconfigure(estate)
        self._queues.follow(estate)
        before = self._board.document.events
        document = self._board.reload(estate, now_ms())
        known = before[0].id if before else 0
        self._keeper.put((), [each for each in document.events if each.id > known])
        self.hub.replace()

    # --- runs -------------------------------------------------------------------------------------

    def staff(self, office: Office) -> None:
        """Runs are begun and resumed by `office`; who asks for it meanwhile has waited."""
        self._office.open(office)

    async def office(self) -> Office:
        """The office of runs, opened a moment after the board. Raises WatchError."""
        return await self._office.get()

    async def runbooks(self) -> Sequence[Shelved]:
        """Every runbook there is, wrong ones with what is wrong. Raises SourceError."""
        from watch.runbookfiles import places, shelf

        where = places(os.environ, None if self._source.ssh else Path(self._source.path))
        return await asyncio.to_thread(shelf, where)

    def show_runs(self, rows: tuple[RunRow, ...]) -> None:
        """These are the runs there are, newest first."""
        self._board.show_runs(rows)
        self._inbox.arrived.set()

    # --- services ---------------------------------------------------------------------------------

    def keep_ledger(self, desk: Desk) -> None:
        """The ledger is kept by `desk`; who asks for it meanwhile has waited."""
        self._ledger.open(desk)

    async def ledger(self) -> Desk:
        """The ledger's desk, opened a moment after the board. Raises WatchError."""
        return await self._ledger.get()

    def show_services(
        self,
        services: tuple[ServiceRow, ...],
        tenants: tuple[TenantRow, ...],
        problems: tuple[Problem, ...],
        all_tenants: tuple[AllTenantsRow, ...],
    ) -> None:
        """These are the services, the tenants, and what is wrong with them."""
        self._board.show_services(services, tenants, problems, all_tenants)
        self._inbox.arrived.set()

    def show_vantages(self, rows: tuple[VantageRow, ...], problems: tuple[Problem, ...]) -> None:
        """These are the places from which services are asked, and which of them are silent."""
        self._board.show("vantages", {"vantages": rows}, problems)

    def keep_readiness(self, desk: ReadinessDesk) -> None:
        """Readiness is kept by `desk`; who asks for it meanwhile has waited."""
        self._readiness.open(desk)

    async def readiness(self) -> ReadinessDesk:
        """The desk of readiness, opened when runs and the ledger are. Raises WatchError."""
        return await self._readiness.get()

    def keep_handovers(self, desk: HandoverDesk) -> None:
        """Notes and changes of shift are kept by `desk`; who asks for it meanwhile has waited."""
        self._handovers.open(desk)

    async def handovers(self) -> HandoverDesk:
        """The desk of handovers, opened when runs are. Raises WatchError."""
        return await self._handovers.get()

    def show_handovers(self, problems: tuple[Problem, ...]) -> None:
        """These handovers are overdue."""
        self._board.show("handover", {}, problems)

    def show_readiness(self, rows: tuple[ReadinessRow, ...]) -> None:
        """These are the services that could move to another site, and what stands against it."""
        self._board.show("readiness", {"readiness": rows})
        self._inbox.arrived.set()

    def say(self, severity: Severity, where: str, what: str) -> None:
        """Something happened; it is an event of the next change."""
        self._board.say(severity, where, what)

    def wake(self) -> None:
        """Something is to be shown soon."""
        self._inbox.arrived.set()

    @property
    def complete(self) -> bool:
        """Whether every host was reached, or was found not to be, since the start."""
        return self._board.complete

    def notify_by(self, notices: NoticeDesk) -> None:
        """People are told of problems by `notices`."""
        self._notices.open(notices)

    async def notices(self) -> NoticeDesk:
        """Who is told of problems; opened a moment after the board. Raises WatchError."""
        return await self._notices.get()

    @property
    def attention(self) -> Attention:
        """What people said of problems."""
        return self._board.attention

    @property
    def present_estate(self) -> Estate:
        """The estate as the watch follows it now."""
        return self._estate

    # --- what the API asks (watch.api.Services) ---------------------------------------------------

    @property
    def owner(self) -> int:
        """The uid whose watch this is."""
        return os.getuid()

    @property
    def roles(self) -> Mapping[str, Sequence[str]]:
        """Which Unix groups may do what, by the estate."""
        return self._estate.roles

    @property
    def document(self) -> Document:
        """The board."""
        return self._board.document

    def now(self) -> int:
        """The watch's clock, UTC ms."""
        return now_ms()

    def detail(self, host: str) -> HostDetail | None:
        """What is known of a host besides its row."""
        return self._board.detail(host)

    async def series(self, host: str, metric: str, start: int, end: int, points: int) -> Series:
        """A chart from the records; what was never measured has no point."""
        found = await self._keeper.series(host, metric, start, end, points)
        step = max(1, (end - start) // points)
        return Series(metric, start, end, step, tuple((*each,) for each in found))

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series:
        """A chart of a queue, as `series` gives one of a host."""
        found = await self._keeper.queue_series(key, metric, start, end, points)
        step = max(1, (end - start) // points)
        return Series(metric, start, end, step, tuple((*each,) for each in found))

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        """Events from the records, newest first."""
        return await self._keeper.events(since, limit, host)

    async def doctor(self) -> list[dict[str, str]]:
        """The set-up's problems as the watch sees them."""
        from watch.doctor import examine

        rows = tuple(self._board.document.hosts.values())
        try:
            findings = await self._reads.read(
                "doctor",
                lambda: examine(self._source, self._place, dict(os.environ), rows),
                FILE_SECONDS,
            )
        except Unread as unread:
            what = "the doctor is stuck"
            raise WatchError(what, unread.path, str(unread), REMEDY, status=504) from None
        return [finding.plain() for finding in findings]

    def status(self) -> dict[str, object]:
        """The watch about itself, and the estate in numbers."""
        document, now = self._board.document, now_ms()
        reaches: dict[str, int] = {}
        for row in document.hosts.values():
            reaches[row.reach.value] = reaches.get(row.reach.value, 0) + 1
        severities: dict[str, int] = {}
        for problem in document.problems:
            if not problem.parent:
                severities[problem.severity.value] = severities.get(problem.severity.value, 0) + 1
        watch = document.watch
        return {
            "watch": watch.name,
            "version": watch.version,
            "pid": watch.pid,
            "user": watch.user,
            "started_at": watch.started_at,
            "now": now,
            "board_at": document.at,
            "seq": document.seq,
            "estate": document.estate,
            "estate_problem": watch.estate_problem,
            "left_out": list(self._estate.left_out),
            "source": str(self._source.path),
            "socket": str(self._place.socket),
            "records": str(self._place.records),
            "records_problem": self._keeper.status,
            "saved_until": self._keeper.saved_until,
            "restored_until": watch.restored_until,
            "hosts": {"total": len(document.hosts), **reaches},
            "problems": {"total": sum(severities.values()), **severities},
            "in_hand": _in_hand(document.problems),
            **self.figures(),
        }

    def estate(self) -> dict[str, object]:
        """Where the estate comes from and what is in it."""
        estate = self._estate
        return {
            "name": estate.name,
            "source": str(self._source.path),
            "timezone": estate.timezone,
            "language": estate.language,
            "every_ms": estate.every_ms,
            "problem": self._board.watch.estate_problem,
            "sites": list(estate.sites),
            "groups": list(estate.groups()),
            "hosts": len(estate.hosts),
            "services": len(estate.services),
            "tenants": len(estate.tenants),
        }

    def figures(self) -> Mapping[str, float]:
        """The watch's own figures, for status and for OpenMetrics."""
        return {
            "cpu_seconds": round(cpu_seconds(), 3),
            "rss_bytes": _rss_bytes(),
            "consoles": self.hub.listeners,
            "dropped": self._keeper.dropped,
            "file_descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a count
        }

    def refresh(self, host: str | None) -> None:
        """Retry, sample and probe a host now; every host for None."""
        self._collection.refresh(host)
        for refresh in self.also_refreshed:
            refresh(host)

    async def reload(self) -> None:
        """Read the estate file now."""
        await self._try_estate()

    def stop(self, by: str) -> None:
        """End `run` soon, on the word of a person."""
        self._ending = told("stopped by {name}", name=by)
        self._stopping.set()
        self._inbox.arrived.set()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, or for `seconds`."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass


def _document(saved: bytes | None) -> Document | None:
    """The board as the records have it; None where it is of a form that we can't read."""
    import json

    if saved is None:
        return None
    try:
        return document_from_json(json.loads(saved))
    except (WireError, ValueError):
        return None


def _in_hand(problems: Iterable[Problem]) -> dict[str, int]:
    """How many causes somebody has, and how many are silenced; they are among the problems."""
    causes = [each for each in problems if not each.parent and each.until is not None]
    silenced = sum(bool(each.silence) for each in causes)
    return {"acknowledged": len(causes) - silenced, "silenced": silenced}


def _rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
