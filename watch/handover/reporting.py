"""A report of a time that is over: what happened in it, and the board as it was at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from estate.handover import Note
from estate.runs import RunRow, RunView
from snapshots.snapshot import Kind, Snapshot
from watch.error import WatchError
from watch.handover.freezing import frozen
from watch.handover.gathering import MOST_RUNS_READ, Asked, gathered
from watch.past.keeping import Past

if TYPE_CHECKING:
    from watch.handover.desk import HandoverDesk
    from watch.ledger.desk import Desk

#: The board of its end may have been kept a while before it; of more than that nobody knows.
STALE_MS = 3_600_000


class Reports(Asked, Protocol):
    """What is needed of the watch."""

    @property
    def past(self) -> Past: ...
    def now(self) -> int: ...
    async def handovers(self) -> HandoverDesk: ...
    async def ledger(self) -> Desk: ...


async def reported(watch: Reports, starts: int, ends: int, by: str) -> Snapshot:
    """The report of [starts, ends), UTC ms. Raises WatchError where nobody knows of it."""
    if not 0 <= starts < ends <= watch.now():
        why, do = "it ends before it begins, or in the future", "give --from before --to"
        raise WatchError("no such period", f"{starts}–{ends}", why, do, status=400)
    board = await watch.past.board(ends)
    if board is None or ends - board.at > STALE_MS:
        why, do = "no board of its end was kept", "see what is kept: the console's timeline (t)"
        raise WatchError("no report of that time", f"{starts}–{ends}", why, do, status=404)
    known = await gathered(watch, starts, ends, by)
    runs = overlapping(known.runs, starts, ends)
    made = frozen(
        replace(
            known,
            document=replace(board, at=min(board.at, ends)),
            events=tuple(each for each in known.events if each.at < ends),
            runs=runs,
            views=await _views(watch, runs, known.views),
            gaps={},  # what probes can't measure now says nothing of then
        )
    )
    notes = tuple(within((await watch.handovers()).notes(), starts, ends))
    return replace(made, id=f"r-{made.id[2:]}", kind=Kind.REPORT, notes=notes)


async def _views(
    watch: Reports, runs: Iterable[RunRow], read: Mapping[str, RunView]
) -> dict[str, RunView]:
    """The runs that can be read, with what users felt of them as far as the ledger says it."""
    found: dict[str, RunView] = {}
    for row in list(runs)[:MOST_RUNS_READ]:
        with suppress(WatchError):  # its row is told all the same
            view = read.get(row.id) or await (await watch.runs()).view(row.id)
            found[row.id] = view
            found[row.id] = replace(view, felt=await (await watch.ledger()).felt(view))
    return found


def overlapping(runs: Iterable[RunRow], starts: int, ends: int) -> tuple[RunRow, ...]:
    """Runs that were at work in [starts, ends)."""
    return tuple(
        row
        for row in runs
        if row.started_at < ends and (row.ended_at is None or row.ended_at >= starts)
    )


def within(notes: Iterable[Note], starts: int, ends: int) -> Iterable[Note]:
    """Notes that stood in [starts, ends)."""
    return (
        each
        for each in notes
        if each.at < ends and (each.closed is None or each.closed.at >= starts)
    )
