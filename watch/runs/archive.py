"""Runs that have ended: their rows, how long their steps took, and how long they are kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from estate.runs import RunRow, RunView
from estate.wire import WireError, from_json, to_json
from runbooks.planning.unsettled import Footprint
from runbooks.progress.entries import Entry, JournalError, entry_from_json
from runbooks.progress.facts import Planned
from runbooks.progress.requests import Gc
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import IllegalMove
from runbooks.reading.file import RunbookError, read_runbook
from runbooks.scripts import Scripts
from storage.database import RecordsError
from storage.runindex import Indexed, RunIndex
from storage.runs import RunFolder
from watch.error import WatchError
from watch.runs.aftermath import put_down
from watch.runs.rows import footprint, row_of, took, view_of

#: Runs are kept so long after their end.
KEPT_MS = 730 * 86_400_000

_log = logging.getLogger("watch.runs")


class Archive:
    """The runs in `folder` that have ended. The journals are the record, the index is a help."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._index = RunIndex(folder.directory / "index.db")
        self._ended: dict[str, Indexed] = {}

    def __contains__(self, run: str) -> bool:
        return run in self._ended

    async def load(self) -> None:
        """What the index knows of runs that there is a journal of. RecordsError."""

        def load() -> dict[str, Indexed]:
            on_record = frozenset(self._folder.ids())
            return {run: each for run, each in self._index.rows().items() if run in on_record}

        self._ended = await asyncio.to_thread(load)

    async def unfinished(self) -> tuple[str, ...]:
        """Runs that must be looked at: not known to have ended, or not all tidied up behind."""
        runs = await asyncio.to_thread(self._folder.ids)
        return tuple(run for run in runs if not self._is_whole(run))

    def _is_whole(self, run: str) -> bool:
        known = self._ended.get(run)
        return (
            known is not None
            and known.ended_at is not None
            and known.size == self._folder.size(run)
        )

    async def put(self, row: RunRow, progress: RunProgress, now: int) -> None:
        """Put a run away that has ended. While something of it lies on a host that could not be
        asked, the next watch tries again."""
        left = any(isinstance(each, Gc) for each in progress.requests(now))
        was = footprint(progress)
        kept = {
            "row": to_json(row),
            "took": took(progress),
            "hosts": sorted(was.hosts),
            "unknown": [[step, host] for step, host in was.unknown],
        }
        size = self._folder.size(row.id)
        indexed = Indexed(row.id, size, None if left else row.ended_at, kept)
        self._ended[row.id] = indexed
        try:
            await asyncio.to_thread(self._index.put, indexed)
        except RecordsError as error:
            _log.warning("the index of runs: %s", error)  # it is made anew at the next start

    async def prune(self, now: int) -> None:
        """Let go of what was kept long enough; never of a run that has not ended. RecordsError."""

        def ended_at(run: str) -> int | None:
            return self._ended[run].ended_at if self._is_whole(run) else None

        gone: list[str] = []

        def prune() -> None:
            for run in self._folder.prune(now - KEPT_MS, ended_at):
                gone.append(run)
                self._index.forget(run)
            self._folder.sweep(now - KEPT_MS)

        try:
            await asyncio.to_thread(prune)
        finally:  # one that can't be removed keeps none of those before it
            for run in gone:
                self._ended.pop(run, None)

    def rows(self) -> tuple[RunRow, ...]:
        """Every run that has ended, newest first."""
        return newest_first(row for row in map(_row, self._ended.values()) if row is not None)

    def history(self, fingerprint: str) -> Sequence[int]:
        """How long a step took each time it ended well, ms, by what it does."""
        every = (each.row.get("took", {}).get(fingerprint, ()) for each in self._ended.values())
        return [ms for times in every for ms in times]

    def footprints(self) -> dict[str, Footprint]:
        """Where each run was, and what it left unsettled there."""
        every = map(_footprint, self._ended.values())
        return {each.run: each for each in every if each is not None}

    async def view(self, run: str, now: int) -> RunView:
        """Everything about a run, read from its journal. Raises WatchError."""
        view = told(run, await self.entries(run), now)
        return replace(view, shifts=await asyncio.to_thread(put_down, self._folder, run))

    async def entries(self, run: str) -> Sequence[Entry]:
        """The journal of a run. Raises WatchError."""
        try:
            lines = await asyncio.to_thread(self._folder.read, run)
            return [entry_from_json(line) for line in lines]
        except (RecordsError, JournalError) as error:
            raise unreadable(run, error) from error


def told(run: str, entries: Sequence[Entry], now: int) -> RunView:
    """Everything about a run that `entries` tell, from its plan on. Raises WatchError."""
    try:
        planned = entries[0].fact
        assert isinstance(planned, Planned)
        runbook = read_runbook(planned.text, f"run {run}")
        progress = replay(runbook, entries, Scripts(runbook, planned).payload)
    except (JournalError, RunbookError, IllegalMove) as error:
        raise unreadable(run, error) from error
    return view_of(row_of(progress, now, entries[-1].at), progress, entries, None, now)


def newest_first(rows: Iterable[RunRow]) -> tuple[RunRow, ...]:
    """Rows in the order of a list of runs."""
    return tuple(sorted(rows, key=lambda row: (row.started_at, row.id), reverse=True))


def unreadable(run: str, error: Exception) -> WatchError:
    """The record of a run can't be read, and why."""
    first = str(error).splitlines()[0]
    what, do = "the run's record can't be read", "see the watch's log"
    return WatchError(what, run, first, do, status=500)


def _footprint(indexed: Indexed) -> Footprint | None:
    row = _row(indexed)
    if row is None:
        return None
    hosts, unknown = indexed.row.get("hosts", ()), indexed.row.get("unknown", ())
    left = tuple((step, host) for step, host in unknown)
    return Footprint(row.id, frozenset(hosts), row.started_at, row.ended_at, left)


def _row(indexed: Indexed) -> RunRow | None:
    try:
        return from_json(RunRow, indexed.row["row"])
    except (WireError, KeyError):
        return None  # of another version: `view` reads the journal itself
