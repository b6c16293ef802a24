"""The board, the records and the estate → one snapshot. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from estate.document import Document, Event, HostRow
from estate.model import Estate
from estate.runs import RunRow, RunView, StepView
from estate.states import host_word
from snapshots.difference import Ended, ended_since
from snapshots.snapshot import (
    ENDED,
    FORMAT,
    Depths,
    HostState,
    Run,
    Snapshot,
    StepSpan,
    Unseen,
    Work,
)
from watch.handover.duty import duty_at
from watch.handover.unseen import unseen_of

#: Events that a snapshot holds; of more it has the newest, and says how many it has not.
EVENTS_HELD = 2_000
#: Planned work is told of so long ahead.
AHEAD_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Left:
    """What a handover left to the next: when, UTC ms, and the ids of runs among it."""

    at: int
    runs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What a snapshot is made from. `events` are those since `starts`, newest first; `views` has
    the runs that could be read whole, `unread` is what could not; `gaps` has why probes can't
    measure, by host. `board_at` is the moment of a `document` that was kept; None for `now`.

    `left` is what the handover before left open. A period may begin long after that: then
    `events_before` are those in between. `events_whole` says whether these and `events` are all.
    """

    document: Document
    estate: Estate
    starts: int
    now: int
    by: str = ""
    events: tuple[Event, ...] = ()
    runs: tuple[RunRow, ...] = ()
    views: Mapping[str, RunView] = field(default_factory=dict)
    unread: tuple[Unseen, ...] = ()
    gaps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    depths: tuple[Depths, ...] = ()
    board_at: int | None = None
    left: Left | None = None
    events_before: tuple[Event, ...] = ()
    events_whole: bool = True


def frozen(known: Known) -> Snapshot:
    """The snapshot of `known.now`, and of the period before it."""
    document, estate, now = known.document, known.estate, known.now
    seen_at = now if known.board_at is None else known.board_at
    events = known.events[:EVENTS_HELD]
    return Snapshot(
        format=FORMAT,
        id=snapshot_id(now),
        made_at=now,
        starts=known.starts,
        estate=document.estate,
        timezone=document.timezone,
        language=document.language,
        watch=document.watch.name,
        version=document.watch.version,
        by=known.by,
        duty=duty_at(estate.shifts, estate.timezone, now),
        every_ms=document.every_ms,
        sites=document.sites,
        hosts=tuple(_host(row, seen_at, document.every_ms) for row in document.hosts.values()),
        problems=document.problems,
        events=events,
        events_left_out=len(known.events) - len(events),
        services=document.services,
        tenants=document.tenants,
        runs=_runs(known, known.starts),
        work=tuple(_work(estate, now)),
        unseen=(
            *unseen_of(document, known.gaps, known.events, known.starts, seen_at),
            *known.unread,
        ),
        silences=document.silences,
        queues=document.queues,
        depths=known.depths,
        readiness=document.readiness,
        replication=document.replication,
        certificates=document.certificates,
        patches=document.patches,
        configuration=document.configuration,
        backups=document.backups,
        board_at=known.board_at,
    )


def snapshot_id(now: int) -> str:
    """The name of a snapshot that is made `now` (UTC ms): h-YYYYMMDD-HHMMSS."""
    return f"{datetime.fromtimestamp(now / 1000, UTC):h-%Y%m%d-%H%M%S}"


def ended(known: Known) -> Ended:
    """What of that which `known.left` holds is known to be over."""
    since = known.starts if known.left is None else known.left.at
    return ended_since(
        since,
        (*known.events, *known.events_before),
        _runs(known, min(known.starts, since)),
        known.unread,
        events_whole=known.events_whole,
    )


def of_period(
    runs: tuple[RunRow, ...], starts: int, left: Container[str] = ()
) -> tuple[RunRow, ...]:
    """Runs that are open, have ended since `starts`, or were `left` by the handover before."""
    return tuple(
        row
        for row in runs
        if row.state not in ENDED
        or row.ended_at is None
        or row.ended_at >= starts
        or row.id in left
    )


def _runs(known: Known, starts: int) -> tuple[Run, ...]:
    """The runs since `starts`, and those from before of which still nobody knows what they did."""
    unread = {each.where for each in known.unread}
    early = known.left.runs if known.left is not None else frozenset()
    rows = of_period(known.runs, starts)
    told_of = {row.id for row in rows}
    found = [_run(row, known.views.get(row.id)) for row in of_period(known.runs, starts, early)]
    return tuple(
        run for run in found if run.row.id in told_of or run.unknown or run.row.id in unread
    )


def _host(row: HostRow, now: int, every_ms: int) -> HostState:
    return HostState(
        name=row.name,
        site=row.site,
        group=row.groups[0] if row.groups else "",
        state=host_word(row, now, every_ms),
        severity=row.severity,
        since=row.since,
        at=row.at,
        why=row.cause.what if row.cause is not None else row.why,
        behind=row.behind,
    )


def _run(row: RunRow, view: RunView | None) -> Run:
    if view is None:
        return Run(row)
    return Run(
        row,
        steps=tuple(_spans(view)),
        questions=view.questions,
        unknown=tuple(
            f"{step.say} @ {task.host}"
            for step in view.steps
            for task in step.tasks
            if "unknown" in (task.outcome, task.state)
        ),
        felt=view.felt,
        shifts=view.shifts,
        decisions=view.decisions,
    )


def _spans(view: RunView) -> Iterator[StepSpan]:
    """Steps that were begun, in their order; one ends when it has ended on every host."""
    for step in view.steps:
        starts = _begun(step)
        if starts is None:
            continue
        ends = [task.ended_at for task in step.tasks]
        known = [at for at in ends if at is not None]
        whole = len(known) == len(ends) and known
        yield StepSpan(step.say, step.state, starts, max(known) if whole else None)


def _begun(step: StepView) -> int | None:
    known = [task.started_at for task in step.tasks if task.started_at is not None]
    if step.begun_at is not None:
        return step.begun_at
    return min(known, default=None)


def _work(estate: Estate, now: int) -> Iterator[Work]:
    for window in sorted(estate.maintenance, key=lambda each: (each.starts, each.where)):
        if window.ends > now and window.starts < now + AHEAD_MS:
            yield Work(window.where, window.starts, window.ends, window.reason, window.owner)
