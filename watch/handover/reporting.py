"""A report of a time that is over: what happened in it, and the board as it was at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from estate.document import Document, Event
from estate.handover import Note
from estate.language import ENGLISH
from estate.past import apart_ms
from estate.runs import RunRow, RunView
from estate.schedule import schedule_of
from snapshots.snapshot import PROBES, PROBES_NOT_KEPT, WITHOUT_RECORDS, Kind, Snapshot, Unseen
from snapshots.telling.figures import full_moment
from watch.error import WatchError
from watch.handover.freezing import frozen
from watch.handover.gathering import MOST_RUNS_READ, Asked, gathered
from watch.handover.scheduled import scheduled
from watch.handover.unseen import unwatched_of
from watch.past.asof import STALE_MS
from watch.past.keeping import Past
from watch.past.schedules import Schedules

if TYPE_CHECKING:
    from watch.handover.desk import HandoverDesk
    from watch.ledger.desk import Desk


class Reports(Asked, Protocol):
    """What is needed of the watch."""

    @property
    def past(self) -> Past: ...
    @property
    def schedules(self) -> Schedules: ...
    def now(self) -> int: ...
    async def handovers(self) -> HandoverDesk: ...
    async def ledger(self) -> Desk: ...


async def reported(watch: Reports, starts: int, ends: int, by: str) -> Snapshot:
    """The report of [starts, ends), UTC ms. Raises WatchError where nobody knows of it."""
    zone = watch.document.timezone
    if not 0 <= starts < ends <= watch.now():
        why = "it begins before 1970, ends before it begins, or in the future"
        do = "give --from before --to"
        raise WatchError("no such period", _period(starts, ends, zone), why, do, status=400)
    board = await watch.past.board(ends)
    if board is None or ends - board.at > STALE_MS:
        why, do = "no board of its end was kept", "see what is kept: the console's timeline (t)"
        where = _period(starts, ends, zone)
        raise WatchError("no report of that time", where, why, do, status=404)
    known = await gathered(watch, starts, ends, by, kept=board)
    runs = overlapping(known.runs, starts, ends)
    then = scheduled(await watch.schedules.of(starts, ends), schedule_of(watch.present_estate))
    made = frozen(
        replace(
            known,
            document=board,
            board_at=board.at,
            events=tuple(each for each in known.events if each.at < ends),
            runs=runs,
            views=await _views(watch, runs, known.views),
            gaps={},  # what probes can't measure now says nothing of then
            unread=(
                *_unwatched_to_the_end(board, known.events, ends, watch.now()),
                *known.unread,
                *then.unseen,
                Unseen("records", PROBES, PROBES_NOT_KEPT),
            ),
        )
    )
    notes, lost = await _notes(watch, starts, ends)
    return replace(
        made,
        unseen=(*made.unseen, *lost),
        id=f"r-{made.id[2:]}",
        kind=Kind.REPORT,
        notes=notes,
        duty=then.duty,
        rotas=then.rotas,
        turns=then.turns,
        work=then.work,
    )


async def _notes(
    watch: Reports, starts: int, ends: int
) -> tuple[tuple[Note, ...], tuple[Unseen, ...]]:
    """Notes that stood in [starts, ends), and why they can't be read where they can't."""
    desk = await watch.handovers()
    try:
        return tuple(within(desk.notes(), starts, ends)), ()
    except WatchError as error:
        return (), (Unseen("records", "handovers", error.why),)


def _period(starts: int, ends: int, zone: str) -> str:
    return " – ".join(full_moment(each, zone, ENGLISH) for each in (starts, ends))


def _unwatched_to_the_end(
    board: Document, events: Sequence[Event], ends: int, now: int
) -> tuple[Unseen, ...]:
    """Times that nobody watched and that were told of after the end alone, for they went on then;
    else the stretch behind `board` where that is longer than a watch at work leaves."""
    later = [each for each in events if each.at >= ends]
    told_of = unwatched_of(board.watch.name, later)
    open_ = tuple(each for each in told_of if each.since is not None and each.since < ends)
    if open_ or ends - board.at <= apart_ms(now - ends):
        return open_
    lost = ends - board.at
    return (Unseen("watch", board.watch.name, WITHOUT_RECORDS, board.at, ends, lost),)


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
