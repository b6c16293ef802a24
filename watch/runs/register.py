"""Which runs there are: those at work, those that nobody can go on with, and those that ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

from estate.runs import ChangedHosts, RunRow, RunView
from runbooks.locks import Locks
from runbooks.planning.unsettled import Unsettled, unsettled
from watch.error import WatchError
from watch.runs.archive import Archive, newest_first, told
from watch.runs.atwork import AtWork
from watch.runs.rows import changed_hosts, footprint

#: Runs that ended stand on the board, the last so many.
ENDED_SHOWN = 20

_RUN = re.compile(r"r-\d{8}-\d{4}-[0-9a-f]{4,16}", re.ASCII)


class Register:
    """All runs of this watch. `stuck` are rows of runs that can't be gone on with, and say why."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.at_work: dict[str, AtWork] = {}
        self.stuck: dict[str, RunRow] = {}

    # --- asked for --------------------------------------------------------------------------------

    def check(self, run: str) -> None:
        """Raise WatchError unless there is such a run."""
        if not _RUN.fullmatch(run) or not self._has(run):
            why = "this watch has no run of that name"
            raise WatchError("no such run", run, why, "twinwatch runs lists them", status=404)

    def open_run(self, run: str) -> AtWork:
        """A run that has not ended. Raises WatchError."""
        self.check(run)
        if run not in self.at_work:
            why = self.stuck[run].trouble if run in self.stuck else "it has ended"
            raise WatchError("the run takes no more words", run, why, "see runs show", status=409)
        return self.at_work[run]

    def _has(self, run: str) -> bool:
        return run in self.at_work or run in self.stuck or run in self.archive

    # --- as rows ----------------------------------------------------------------------------------

    def rows(self) -> tuple[RunRow, ...]:
        """Every run that is open, and the last that ended; the newest first."""
        now_open = [each.row() for each in self.at_work.values()]
        ended = self.archive.rows()[:ENDED_SHOWN]
        known = {row.id: row for row in (*ended, *self.stuck.values(), *now_open)}
        return newest_first(known.values())

    def changed(self) -> tuple[ChangedHosts, ...]:
        """What those runs have changed so far that are at work, and not over."""
        going_on = (each.progress for each in self.at_work.values())
        return tuple(changed_hosts(each) for each in going_on if each.finished is None)

    def all_rows(self) -> tuple[RunRow, ...]:
        """Every run on record, the newest first."""
        known = {row.id: row for row in (*self.archive.rows(), *self.rows())}
        return newest_first(known.values())

    # --- as they were -----------------------------------------------------------------------------

    async def then(self, run: str, at: int) -> RunView:
        """Everything about a run as of `at`, UTC ms: what its journal said by then. What held it up
        and is in no journal, a silent host or a full disk, nobody knows of then.

        Raises WatchError, also where it had not begun.
        """
        self.check(run)
        opened = self.at_work.get(run)
        entries = opened.entries if opened is not None else await self.archive.entries(run)
        by_then = list(takewhile(lambda each: each.at <= at, entries))
        if not by_then:
            why, do = "it had not begun", "ask of a later moment"
            raise WatchError("no such run then", run, why, do, status=404)
        return told(run, by_then, at)

    async def rows_then(self, at: int) -> tuple[RunRow, ...]:
        """Every run that had begun at `at`, as it was, the newest first."""
        return tuple(
            [await self._row_then(row, at) for row in self.all_rows() if row.started_at <= at]
        )

    async def _row_then(self, row: RunRow, at: int) -> RunRow:
        if row.ended_at is not None and row.ended_at <= at:
            return row
        try:
            return (await self.then(row.id, at)).row
        except WatchError as error:  # what it is now says nothing of then
            why = str(error).splitlines()[0]
            return replace(row, state="unknown", ended_at=None, why="", trouble=why)

    # --- what is theirs ---------------------------------------------------------------------------

    def open_now(self) -> tuple[str, ...]:
        """Runs that are not put away: at work, still tidying their hosts, or stuck."""
        return (*self.at_work, *self.stuck)

    def has_ended(self, run: str) -> bool:
        """Whether the owner of a lock is a run of ours that is over."""
        opened = self.at_work.get(run)
        return run in self.archive or (opened is not None and opened.progress.finished is not None)

    def still_held(self, had: Mapping[str, str]) -> dict[str, str]:
        """Of locks and the runs that had them those whose run has not ended; of one that is stuck
        nobody knows."""
        going_on = [run for run in self.open_now() if not self.has_ended(run)]
        return {name: run for name, run in had.items() if run in going_on}

    def without_finished(self, locks: Locks) -> Locks:
        """The locks, without those of runs that have ended: tidying their hosts needs none."""
        for run, opened in self.at_work.items():
            progress = opened.progress
            if progress.finished is not None:
                locks = locks.released_since(run, progress.epoch)
        return locks

    def unsettled(self) -> tuple[Unsettled, ...]:
        """What runs left behind that have ended, those included that still tidy their hosts."""
        now_open = {run: footprint(each.progress) for run, each in self.at_work.items()}
        return unsettled({**self.archive.footprints(), **now_open}.values())
