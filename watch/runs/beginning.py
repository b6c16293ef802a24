"""How a run begins: planned, asked, its locks taken here and on its hosts, its first entry kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from estate.error import FileRefused
from runbooks.planning.asking import ask
from runbooks.planning.plan import Plan, Situation, plan
from runbooks.progress.entries import Entry
from runbooks.progress.entries import entry_to_json as written
from runbooks.progress.run import RunProgress
from runbooks.reasons import Reason
from runbooks.runbook import Runbook
from runbooks.scripts import Scripts
from storage.database import RecordsError
from storage.journal import Journal
from watch.error import WatchError
from watch.runs.keys import FenceKeeper
from watch.runs.lockbook import LockBook, Taken
from watch.runs.means import RunMeans
from watch.runs.register import Register


def run_id(now: int, nonce: str) -> str:
    """The name of a run that is begun `now` (UTC ms): r-YYYYMMDD-HHMM-xxxxxxxx, by its `nonce`."""
    return f"{datetime.fromtimestamp(now / 1000, UTC):r-%Y%m%d-%H%M}-{nonce}"


class Beginning:
    """Plans runs, and begins them, among those of the `register`. Nothing is carried out here."""

    def __init__(
        self, means: RunMeans, register: Register, locks: LockBook, fences: FenceKeeper
    ) -> None:
        self._means = means
        self._register = register
        self._locks = locks
        self._fences = fences

    async def planned(
        self, name: str, given: Mapping[str, str], *, drill: bool
    ) -> tuple[Plan, Mapping[str, bytes]]:
        """What a run of the runbook would be, with all reasons not to that are known here; and the
        files that it is pinned to. Raises WatchError where the runbook can't be read."""
        try:
            runbook, files = await asyncio.to_thread(self._means.library, name)
        except FileRefused as error:
            problems = str(error).splitlines()
            why, do = "; ".join(problems), f"twinwatch runbook lint {error.source}"
            raise WatchError("the runbook is refused", name, why, do, status=422) from error
        await self._locks.change(self._register.without_finished)
        now = self._means.clocks.now()
        situation = Situation(
            now,
            self._locks.locks.held(),
            self._means.left(),
            files,
            self._register.archive.history,
            self._register.unsettled(),
        )
        made = plan(runbook, given, self._means.estate(), situation, drill=drill)
        return made.with_reasons(self._locks.unread), files

    async def asked(
        self, made: Plan, files: Mapping[str, bytes]
    ) -> tuple[Plan, Mapping[Any, bool | None]]:
        """The plan with what hosts say to it; and the tasks that have an oracle: whether they are
        done, None if nobody knows."""
        if any(each.rule in ("input", "file") for each in made.reasons):
            return made, {}  # without its inputs and files a script would say something else
        planned = made.pinned(run_id(self._means.clocks.now(), "plan"), epoch=0)
        scripts = Scripts(made.runbook, planned, files)
        progress = RunProgress(made.runbook, planned, scripts.payload)
        performer = self._means.performer(planned, scripts, "plan", made.inputs.secrets)

        known = await ask(made, lambda look: performer.perform(look, progress))
        return made.with_reasons(known.reasons), known.done

    async def begun(
        self,
        made: Plan,
        files: Mapping[str, bytes],
        actor: str,
        *,
        reason: str = "",
        take_over: bool = False,
    ) -> Journal:
        """The journal of a run that has begun, on the disk with the plan as its first entry.

        Raises WatchError with every reason; then no lock is held for it, here or on a host.
        """
        now = self._means.clocks.now()
        run = run_id(now, self._means.nonce())
        folder = self._means.folder
        try:
            await asyncio.to_thread(folder.claim, run)
        except RecordsError as error:
            raise _unwritable(run, error) from error
        taken, ours_on_hosts = Taken(), 0  # since which epoch
        try:
            taken = await self._locks.take(made.locks, run, over=take_over)
            if taken.reasons:
                raise refused(made.runbook, taken.reasons)
            epoch = taken.epoch
            if take_over:
                epoch, against = await self._fences.take_over(run, made, epoch)
                if against:
                    raise refused(made.runbook, against)
                ours_on_hosts = epoch
                await self._locks.change(lambda all_: all_.raised(made.locks, run, epoch))
            planned = made.pinned(run, epoch=epoch, reason=reason)
            for name, content in files.items():
                await asyncio.to_thread(folder.pin, run, name, content)
            first = written(Entry(1, now, actor, planned))
            (await asyncio.to_thread(folder.begin, run, first)).close()
            return await asyncio.to_thread(folder.open, run)
        except BaseException as error:
            if ours_on_hosts:
                await self._fences.give_back(run, made, ours_on_hosts)
            still_held = self._register.still_held
            await self._locks.change(lambda locks: locks.returned(run, still_held(taken.had)))
            await asyncio.to_thread(folder.give_back, run)
            if isinstance(error, RecordsError):
                raise _unwritable(run, error) from error
            raise


def refused(
    runbook: Runbook, reasons: Sequence[Reason], what: str = "the run is refused"
) -> WatchError:
    """Why a run of the runbook does not begin, or go on: every reason, and what to do."""
    why = "; ".join(each.what for each in reasons)
    todo = "; ".join(dict.fromkeys(each.todo for each in reasons))
    return WatchError(what, runbook.name, why, todo, status=409)


def _unwritable(run: str, error: RecordsError) -> WatchError:
    return WatchError("nothing was started", run, error.what, error.todo, status=507)
