"""Every run of this watch: planned, begun, told what people say, resumed after a crash."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from estate.error import FileRefused
from estate.runs import RunRow, RunView
from estate.wire import WireError
from runbooks.locks import Locks
from runbooks.planning.asking import ask as ask_hosts
from runbooks.planning.plan import Plan, Situation, plan
from runbooks.planning.unsettled import Unsettled, unsettled
from runbooks.progress import facts
from runbooks.progress.entries import Entry, JournalError
from runbooks.progress.entries import entry_to_json as written
from runbooks.progress.facts import Fact
from runbooks.progress.run import RunProgress
from runbooks.progress.states import IllegalMove
from runbooks.reading.file import RunbookError
from runbooks.reasons import Reason
from runbooks.runbook import Runbook
from runbooks.scripts import Scripts
from storage.database import RecordsError
from storage.journal import Journal
from watch.error import WatchError
from watch.runs.archive import Archive, newest_first, unreadable
from watch.runs.atwork import AtWork, Offices, at_work
from watch.runs.keys import FenceKeeper
from watch.runs.lockbook import LockBook, Taken
from watch.runs.rows import footprint, view_of

#: Runs that ended stand on the board, the last so many.
ENDED_SHOWN = 20
#: What many hosts of a run say at once is shown at once.
SHOW_SECONDS = 0.1
#: A defect of ours ends no run: it is gone on with after so long.
DEFECT_REST_SECONDS = 30.0

_RUN = re.compile(r"r-\d{8}-\d{4}-[0-9a-f]{4,16}", re.ASCII)
_log = logging.getLogger("watch.runs")


def run_id(now: int, nonce: str) -> str:
    """The name of a run that is begun `now` (UTC ms): r-YYYYMMDD-HHMM-xxxxxxxx, by its `nonce`."""
    return f"{datetime.fromtimestamp(now / 1000, UTC):r-%Y%m%d-%H%M}-{nonce}"


class Office:
    """All runs. Methods are for the event loop; `changed` is told the rows to be shown."""

    def __init__(
        self, offices: Offices, changed: Callable[[tuple[RunRow, ...]], None] = lambda rows: None
    ) -> None:
        self._o = offices
        self._changed = changed
        self._open: dict[str, AtWork] = {}
        self._stuck: dict[str, RunRow] = {}
        self._archive = Archive(offices.folder)
        self._locks = LockBook(offices.folder)
        self._keeper = FenceKeeper(offices.hosts)
        self._showing = False

    # --- the start and the end --------------------------------------------------------------------

    async def resume_all(self) -> None:
        """Go on with every run that has not ended; what can't be gone on with is shown, and why."""
        try:
            await self._locks.load()
        except RecordsError as error:
            _log.error("runs: %s", error)
        try:
            await self._archive.load()
        except RecordsError as error:
            _log.error("runs: %s", error)
        for run in await self._archive.unfinished():
            await self._resume(run)
        going_on = (*self._open, *self._stuck)
        await self._locks.change(lambda locks: locks.without_owners_but(going_on))
        try:
            await self._archive.prune(self._o.clocks.now())
        except RecordsError as error:
            _log.warning("runs: %s", error)
        self._show()

    async def _resume(self, run: str) -> None:
        try:
            journal = await asyncio.to_thread(self._o.folder.open, run)
            if not journal.lines:
                journal.close()
                await asyncio.to_thread(self._o.folder.discard, run)
                _log.warning("run %s was never begun: its first entry is torn", run)
                return
            pinned = await asyncio.to_thread(self._o.folder.pinned, run)
            self._work(journal, {unquote(name): text for name, text in pinned.items()})
        except (RecordsError, JournalError, RunbookError, IllegalMove, WireError) as error:
            _log.error("run %s can't be gone on with: %s", run, error)
            now = self._o.clocks.now()
            self._stuck[run] = RunRow(
                run, "", "", "needs-decision", 0, now, now, "", trouble=str(error).splitlines()[0]
            )

    def _work(
        self, journal: Journal, files: Mapping[str, bytes], secrets: Mapping[str, str] | None = None
    ) -> AtWork:
        """Begin, or go on with, the run of a journal."""
        opened = at_work(
            self._o, journal, files, secrets or {}, has_ended=self._has_ended, changed=self._show
        )
        run = opened.progress.planned.run
        self._open[run] = opened
        opened.work = asyncio.create_task(self._carry(run, opened), name=run)
        return opened

    def _has_ended(self, run: str) -> bool:
        """Whether the owner of a lock is a run of ours that is over."""
        opened = self._open.get(run)
        return run in self._archive or (opened is not None and opened.progress.finished is not None)

    def _go_on(self, had: Mapping[str, str]) -> dict[str, str]:
        """Of locks and the runs that had them those whose run has not ended; of one that is stuck
        nobody knows."""
        open_now = [run for run in (*self._open, *self._stuck) if not self._has_ended(run)]
        return {name: run for name, run in had.items() if run in open_now}

    async def _carry(self, run: str, opened: AtWork) -> None:
        """Carry a run to its end, and put it away."""
        progress = opened.progress
        while True:
            try:
                await opened.execution.run()
                break
            except Exception:
                _log.exception("a defect of twinwatch, in run %s", run)
                await asyncio.sleep(DEFECT_REST_SECONDS)
        await self._keeper.free(progress)
        await self._locks.change(self._without_finished)
        await self._put_away(run, opened)

    def _without_finished(self, locks: Locks) -> Locks:
        """The locks, without those of runs that have ended: tidying their hosts needs none."""
        for run, opened in self._open.items():
            progress = opened.progress
            if progress.finished is not None:
                locks = locks.released_since(run, progress.epoch)
        return locks

    async def _put_away(self, run: str, opened: AtWork) -> None:
        row = opened.row()
        await opened.execution.at_rest()
        opened.journal.close()
        await self._archive.put(row, opened.progress, self._o.clocks.now())
        del self._open[run]
        self._show()

    async def close(self) -> None:
        """Stop at once. Nothing is lost by it: the next watch goes on."""
        working = [each.work for each in self._open.values() if each.work is not None]
        for work in working:
            work.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        for each in self._open.values():
            await each.execution.at_rest()  # a person's word may be on its way to the disk
            each.journal.close()

    def now(self, run: str = "") -> int:
        """The watch's clock, UTC ms; the one that an open `run` goes by, which nobody can set."""
        opened = self._open.get(run)
        return opened.execution.now() if opened is not None else self._o.clocks.now()

    # --- what is shown ----------------------------------------------------------------------------

    def rows(self) -> tuple[RunRow, ...]:
        """Every run that is open, and the last that ended; the newest first."""
        now_open = [each.row() for run, each in self._open.items()]
        ended = self._archive.rows()[:ENDED_SHOWN]
        known = {row.id: row for row in (*ended, *self._stuck.values(), *now_open)}
        return newest_first(known.values())

    def all_rows(self) -> tuple[RunRow, ...]:
        """Every run on record, the newest first."""
        known = {row.id: row for row in (*self._archive.rows(), *self.rows())}
        return newest_first(known.values())

    def _show(self) -> None:
        """Show what changed in a moment, with what else changes until then."""
        if not self._showing:
            self._showing = True
            asyncio.get_running_loop().call_later(SHOW_SECONDS, self._show_now)

    def _show_now(self) -> None:
        self._showing = False
        self._changed(self.rows())

    async def view(self, run: str) -> RunView:
        """Everything about a run. Raises WatchError."""
        opened = self._open.get(run)
        now = self.now(run)
        if opened is not None:
            row, trouble = opened.row(), opened.execution.trouble
            return view_of(row, opened.progress, opened.entries, trouble, now)
        self._known(run)
        return await self._archive.view(run, now)

    async def output(self, run: str, name: str, offset: int, limit: int) -> bytes:
        """What an attempt printed, from `offset` on, from its end for a negative one."""
        self._known(run)
        try:
            return await asyncio.to_thread(self._o.folder.output, run, name, offset, limit)
        except RecordsError as error:
            raise unreadable(run, error) from error

    def _has(self, run: str) -> bool:
        return run in self._open or run in self._stuck or run in self._archive

    def _known(self, run: str) -> None:
        if not _RUN.fullmatch(run) or not self._has(run):
            why = "this watch has no run of that name"
            raise WatchError("no such run", run, why, "twinwatch runs lists them", status=404)

    # --- what is begun ----------------------------------------------------------------------------

    async def plan(
        self,
        name: str,
        given: Mapping[str, str],
        *,
        drill: bool,
        ask: bool = True,
        may_ask: Callable[[Runbook], bool] = lambda runbook: True,
    ) -> tuple[Plan, Mapping[Any, bool | None]]:
        """What a run would be, with all reasons not to; with `ask` hosts are asked as well.

        With it come the tasks that have an oracle: whether they are done, None if nobody knows.
        """
        made, files = await self._planned(name, given, drill)
        ask = ask and may_ask(made.runbook)
        if not ask or any(each.rule in ("input", "file") for each in made.reasons):
            return made, {}  # without its inputs and files a script would say something else
        planned = made.pinned(run_id(self._o.clocks.now(), "plan"), epoch=0)
        scripts = Scripts(made.runbook, planned, files)
        progress = RunProgress(made.runbook, planned, scripts.payload)
        performer = self._o.performer(planned, scripts, "plan", made.inputs.secrets)

        known = await ask_hosts(made, lambda look: performer.perform(look, progress))
        return made.with_reasons(known.reasons), known.done

    async def _planned(
        self, name: str, given: Mapping[str, str], drill: bool
    ) -> tuple[Plan, Mapping[str, bytes]]:
        try:
            runbook, files = await asyncio.to_thread(self._o.library, name)
        except FileRefused as error:
            problems = str(error).splitlines()
            why, do = "; ".join(problems), f"twinwatch runbook lint {error.source}"
            raise WatchError("the runbook is refused", name, why, do, status=422) from error
        await self._locks.change(self._without_finished)
        now = self._o.clocks.now()
        situation = Situation(
            now,
            self._locks.locks.held(),
            self._o.left(),
            files,
            self._archive.history,
            self._unsettled(),
        )
        made = plan(runbook, given, self._o.estate(), situation, drill=drill)
        return made.with_reasons(self._locks.unread), files

    def _unsettled(self) -> tuple[Unsettled, ...]:
        """What runs left behind that have ended, those included that still tidy their hosts."""
        now_open = {run: footprint(each.progress) for run, each in self._open.items()}
        return unsettled({**self._archive.footprints(), **now_open}.values())

    async def start(
        self,
        name: str,
        given: Mapping[str, str],
        actor: str,
        *,
        drill: bool = False,
        reason: str = "",
        waive: bool = False,
        take_over: bool = False,
        check: Callable[[Plan], Sequence[Reason]] = lambda made: (),
    ) -> RunRow:
        """Begin a run; what it must hold before is asked as its first act.

        With a `reason` an approver may `waive` what may be, and `take_over` locks of others.
        `check` gives the reasons why the person may not begin just this. Raises WatchError with
        every reason.
        """
        made, files = await self._planned(name, given, drill)
        made = made.with_reasons(list(check(made)))
        if waive and reason:
            made = made.waived()
        against = [each for each in made.reasons if not (take_over and each.rule == "lock")]
        if (waive or take_over) and not reason:
            against.append(Reason("role", "no reason is given", "say why: --reason"))
        if against:
            raise _refused(made.runbook, against)
        return await self._begin(made, files, actor, reason, take_over)

    async def _begin(
        self, made: Plan, files: Mapping[str, bytes], actor: str, reason: str, take_over: bool
    ) -> RunRow:
        now = self._o.clocks.now()
        run = run_id(now, self._o.nonce())
        try:
            await asyncio.to_thread(self._o.folder.claim, run)
        except RecordsError as error:
            raise _unwritable(run, error) from error
        taken, ours_on_hosts = Taken(), 0  # since which epoch
        try:
            taken = await self._locks.take(made.locks, run, over=take_over)
            if taken.reasons:
                raise _refused(made.runbook, taken.reasons)
            epoch = taken.epoch
            if take_over:
                epoch, refused = await self._keeper.take_over(run, made, epoch)
                if refused:
                    raise _refused(made.runbook, refused)
                ours_on_hosts = epoch
                await self._locks.change(lambda all_: all_.raised(made.locks, run, epoch))
            planned = made.pinned(run, epoch=epoch, reason=reason)
            for name, content in files.items():
                await asyncio.to_thread(self._o.folder.pin, run, quote(name, safe=""), content)
            first = written(Entry(1, now, actor, planned))
            (await asyncio.to_thread(self._o.folder.begin, run, first)).close()
            journal = await asyncio.to_thread(self._o.folder.open, run)
        except BaseException as error:
            if ours_on_hosts:
                await self._keeper.give_back(run, made, ours_on_hosts)
            await self._locks.change(lambda locks: locks.returned(run, self._go_on(taken.had)))
            if isinstance(error, RecordsError):
                raise _unwritable(run, error) from error
            raise
        opened = self._work(journal, files, made.inputs.secrets)
        self._show()
        return opened.row()

    # --- what people say --------------------------------------------------------------------------

    def open_run(self, run: str) -> tuple[RunProgress, Runbook]:
        """A run that has not ended. Raises WatchError."""
        opened = self._opened(run)
        return opened.progress, opened.runbook

    async def say(self, run: str, decide: Callable[[], Sequence[Fact]], actor: str) -> RunRow:
        """Put on record what `actor` says. Raises WatchError, and what `decide` raises."""
        opened = self._opened(run)
        try:
            await opened.execution.record(decide, actor)
        except IllegalMove as error:
            raise WatchError(
                "too late", run, str(error), "look again: runs show", status=409
            ) from error
        return opened.row()

    async def pause(self, run: str, actor: str, reason: str) -> RunRow:
        """Begin nothing new."""
        return await self.say(run, lambda: [facts.Paused(reason)], actor)

    async def go_on(self, run: str, actor: str, reason: str, secrets: Mapping[str, str]) -> RunRow:
        """No longer paused; `secrets` that a restart lost are given again, and no others.

        Raises WatchError with every reason, and then nothing has changed.
        """
        opened = self._opened(run)

        def fit() -> Sequence[Fact]:
            if unfit := opened.unfit(secrets):
                raise _refused(opened.runbook, unfit, "the secrets are refused")
            return [facts.Resumed(reason)]

        await self.say(run, fit, actor)
        opened.give(secrets)
        return opened.row()

    async def abort(self, run: str, actor: str, reason: str, *, now: bool) -> RunRow:
        """End after this step, or now."""
        return await self.say(run, lambda: [facts.Aborted(now, reason)], actor)

    def _opened(self, run: str) -> AtWork:
        self._known(run)
        if run not in self._open:
            why = self._stuck[run].trouble if run in self._stuck else "it has ended"
            raise WatchError("the run takes no more words", run, why, "see runs show", status=409)
        return self._open[run]


def _refused(
    runbook: Runbook, reasons: Sequence[Reason], what: str = "the run is refused"
) -> WatchError:
    why = "; ".join(each.what for each in reasons)
    todo = "; ".join(dict.fromkeys(each.todo for each in reasons))
    return WatchError(what, runbook.name, why, todo, status=409)


def _unwritable(run: str, error: RecordsError) -> WatchError:
    return WatchError("nothing was started", run, error.what, error.todo, status=507)
