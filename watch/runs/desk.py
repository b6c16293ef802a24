"""The desk of runs: planned, begun, told what people say, resumed after a crash, and put away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from estate.runs import ChangedHosts, RunRow, RunView
from estate.wire import WireError
from runbooks.planning.plan import Plan
from runbooks.progress import facts
from runbooks.progress.entries import JournalError
from runbooks.progress.facts import Fact
from runbooks.progress.run import RunProgress
from runbooks.progress.states import IllegalMove
from runbooks.reading.file import RunbookError
from runbooks.reasons import Reason
from runbooks.runbook import Runbook
from storage.database import RecordsError
from storage.journal import Journal
from watch.error import WatchError
from watch.runs.archive import Archive, unreadable
from watch.runs.atwork import AtWork, at_work
from watch.runs.beginning import Beginning, refused
from watch.runs.keys import FenceKeeper
from watch.runs.lockbook import LockBook
from watch.runs.means import RunMeans
from watch.runs.register import Register
from watch.runs.rows import view_of

#: What many hosts of a run say at once is shown at once.
SHOW_SECONDS = 0.1
#: A defect of ours ends no run: it is gone on with after so long.
DEFECT_REST_SECONDS = 30.0

#: Is given rows, and what runs have changed that go on.
ShowsRuns = Callable[[tuple[RunRow, ...], tuple[ChangedHosts, ...]], None]


class TellsRuns(Protocol):
    """Tells of what no row shows."""

    def refused(self, runbook: str, person: str, reasons: Iterable[Reason]) -> None: ...
    def taken_over(self, row: RunRow, reason: str) -> None: ...


_log = logging.getLogger("watch.runs")


class RunDesk:
    """All runs of a watch. Methods are for the event loop; `show` is given the rows to show, and
    what those runs have changed that go on. `tells` is told of what was refused, and taken over."""

    def __init__(
        self,
        means: RunMeans,
        show: ShowsRuns = lambda rows, changed: None,
        tells: TellsRuns | None = None,
    ) -> None:
        self._means = means
        self._tells = tells
        self._shown_to = show
        self._register = Register(Archive(means.folder))
        self._locks = LockBook(means.folder)
        self._fences = FenceKeeper(means.hosts)
        self._beginning = Beginning(means, self._register, self._locks, self._fences)
        self._showing = False

    # --- the start and the end --------------------------------------------------------------------

    async def resume_all(self) -> None:
        """Go on with every run that has not ended; what can't be gone on with is shown, and why."""
        archive = self._register.archive
        for load in (self._locks.load, archive.load):
            try:
                await load()
            except RecordsError as error:
                _log.error("runs: %s", error)
        for run in await archive.unfinished():
            await self._resume(run)
        open_now = self._register.open_now()
        await self._locks.change(lambda locks: locks.without_owners_but(open_now))
        try:
            await archive.prune(self._means.clocks.now())
        except RecordsError as error:
            _log.warning("runs: %s", error)
        self._show()

    async def _resume(self, run: str) -> None:
        folder = self._means.folder
        journal: Journal | None = None
        try:
            journal = await asyncio.to_thread(folder.open, run)
            if not journal.lines:
                journal.close()
                await asyncio.to_thread(folder.discard, run)
                _log.warning("run %s was never begun: its first entry is torn", run)
                return
            self._work(journal, await asyncio.to_thread(folder.pinned, run))
        except (RecordsError, JournalError, RunbookError, IllegalMove, WireError) as error:
            _log.error("run %s can't be gone on with: %s", run, error)
            self._show_stuck(run, str(error).splitlines()[0])
        except Exception as error:  # it costs this run, and no other
            _log.exception("a defect of twinwatch: run %s can't be gone on with", run)
            self._show_stuck(run, f"a defect of twinwatch, see its log: {_named(error)}")
        if journal is not None and run in self._register.stuck:
            journal.close()

    def _show_stuck(self, run: str, trouble: str) -> None:
        """Show a run that can't be gone on with, and why; its locks stay its own."""
        now = self._means.clocks.now()
        self._register.stuck[run] = RunRow(
            run, "", "", "needs-decision", 0, now, now, "", trouble=trouble
        )

    def _work(
        self, journal: Journal, files: Mapping[str, bytes], secrets: Mapping[str, str] | None = None
    ) -> AtWork:
        """Begin to carry out, or go on with, the run of a journal."""
        opened = at_work(
            self._means,
            journal,
            files,
            secrets or {},
            has_ended=self._register.has_ended,
            changed=self._show,
        )
        run = opened.progress.planned.run
        self._register.at_work[run] = opened
        opened.work = asyncio.create_task(self._carry(run, opened), name=run)
        return opened

    async def _carry(self, run: str, opened: AtWork) -> None:
        """Carry a run to its end, give its locks back, and put it away."""

        async def free_here() -> None:
            await self._locks.change(self._register.without_finished)

        async def free_there() -> None:
            await self._fences.free(opened.progress)

        async def put_away() -> None:
            await self._put_away(run, opened)

        for act in (opened.execution.run, free_there, free_here, put_away):
            await self._insist(run, opened, act)

    async def _insist(self, run: str, opened: AtWork, act: Callable[[], Awaitable[object]]) -> None:
        """Do what must be done to a run; a defect of ours puts it off, and is shown meanwhile."""
        trouble = opened.execution.trouble
        while True:
            try:
                await act()
                return
            except Exception as error:
                _log.exception("a defect of twinwatch, in run %s", run)
                trouble.defect = _named(error)
                self._show()
            await asyncio.sleep(DEFECT_REST_SECONDS)
            trouble.defect = ""

    async def _put_away(self, run: str, opened: AtWork) -> None:
        row = opened.row()
        await opened.execution.at_rest()
        opened.journal.close()
        await self._register.archive.put(row, opened.progress, self._means.clocks.now())
        del self._register.at_work[run]
        self._show()

    async def close(self) -> None:
        """Stop at once. Nothing is lost by it: the next watch goes on."""
        opened = self._register.at_work
        working = [each.work for each in opened.values() if each.work is not None]
        for work in working:
            work.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        for each in opened.values():
            await each.execution.at_rest()  # a person's word may be on its way to the disk
            each.journal.close()

    @property
    def unread(self) -> tuple[Reason, ...]:
        """Why no run can be begun, whatever its runbook says; () where runs can."""
        return self._locks.unread

    def now(self, run: str = "") -> int:
        """The watch's clock, UTC ms; the one that an open `run` goes by, which nobody can set."""
        opened = self._register.at_work.get(run)
        return opened.execution.now() if opened is not None else self._means.clocks.now()

    # --- what is shown ----------------------------------------------------------------------------

    def rows(self) -> tuple[RunRow, ...]:
        """Every run that is open, and the last that ended; the newest first."""
        return self._register.rows()

    def all_rows(self) -> tuple[RunRow, ...]:
        """Every run on record, the newest first."""
        return self._register.all_rows()

    def _show(self) -> None:
        """Show what changed in a moment, with what else changes until then."""
        if not self._showing:
            self._showing = True
            asyncio.get_running_loop().call_later(SHOW_SECONDS, self._show_now)

    def _show_now(self) -> None:
        self._showing = False
        self._shown_to(self.rows(), self._register.changed())

    async def view(self, run: str) -> RunView:
        """Everything about a run. Raises WatchError."""
        opened = self._register.at_work.get(run)
        now = self.now(run)
        if opened is not None:
            row, trouble = opened.row(), opened.execution.trouble
            return view_of(row, opened.progress, opened.entries, trouble, now)
        self._register.check(run)
        return await self._register.archive.view(run, now)

    async def then(self, run: str, at: int) -> RunView:
        """Everything about a run as it was at `at`, UTC ms. Raises WatchError."""
        return await self._register.then(run, at)

    async def rows_then(self, at: int) -> tuple[RunRow, ...]:
        """Every run that had begun at `at`, UTC ms, as it was then; the newest first."""
        return await self._register.rows_then(at)

    async def output(self, run: str, name: str, offset: int, limit: int) -> bytes:
        """What an attempt printed, from `offset` on, from its end for a negative one."""
        self._register.check(run)
        try:
            return await asyncio.to_thread(self._means.folder.output, run, name, offset, limit)
        except RecordsError as error:
            raise unreadable(run, error) from error

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
        made, files = await self._beginning.planned(name, given, drill=drill)
        if ask and may_ask(made.runbook):
            return await self._beginning.asked(made, files)
        return made, {}

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
        made, files = await self._beginning.planned(name, given, drill=drill)
        made = made.with_reasons(list(check(made)))
        if waive and reason:
            made = made.waived()
        against = [each for each in made.reasons if not (take_over and each.rule == "lock")]
        if (waive or take_over) and not reason:
            against.append(Reason("role", "no reason is given", "say why: --reason"))
        if against:
            if self._tells is not None:
                self._tells.refused(made.runbook.name, actor, against)
            raise refused(made.runbook, against)
        try:
            journal = await self._beginning.begun(
                made, files, actor, reason=reason, take_over=take_over
            )
        except WatchError as error:
            if self._tells is not None:
                self._tells.refused(made.runbook.name, actor, [Reason("", error.why, error.do)])
            raise
        opened = self._work(journal, files, made.inputs.secrets)
        row = opened.row()
        if take_over and self._tells is not None:
            self._tells.taken_over(row, reason)
        self._show()
        return row

    # --- what people say --------------------------------------------------------------------------

    def open_run(self, run: str) -> tuple[RunProgress, Runbook]:
        """A run that has not ended. Raises WatchError."""
        opened = self._register.open_run(run)
        return opened.progress, opened.runbook

    async def say(self, run: str, decide: Callable[[], Sequence[Fact]], actor: str) -> RunRow:
        """Put on record what `actor` says. Raises WatchError, and what `decide` raises."""
        opened = self._register.open_run(run)
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
        opened = self._register.open_run(run)

        def fit() -> Sequence[Fact]:
            if unfit := opened.unfit(secrets):
                raise refused(opened.runbook, unfit, "the secrets are refused")
            return [facts.Resumed(reason)]

        await self.say(run, fit, actor)
        opened.give(secrets)
        return opened.row()

    async def abort(self, run: str, actor: str, reason: str, *, now: bool) -> RunRow:
        """End after this step, or now."""
        return await self.say(run, lambda: [facts.Aborted(now, reason)], actor)


def _named(error: Exception) -> str:
    """A defect in a line."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
