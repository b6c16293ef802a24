"""What is different between two handovers, item by item, by ids that are stable over both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from estate.document import SEVERITIES, Event, Severity
from estate.told import told
from snapshots.reading import sha256
from snapshots.runstates import STATES
from snapshots.snapshot import (
    ENDED,
    EVENTS,
    PROBES,
    RUNS,
    Before,
    Difference,
    Run,
    Snapshot,
    Unseen,
)

#: The kind of problems that are questions of a handover: they stand beside their items.
QUESTION = "question"

#: A figure that is so many times another is much higher, at the same severity.
_MUCH = 1.25

#: States of a service, the worst first.
_SERVICE_STATES = ("down", "unknown", "degraded", "up")


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that one shift hands to the next; a lower `rank` is worse, and so is a `figure`
    that is much higher: how much there is of it, None where it has none, or where there may be
    more. How bad it is that is not `known`, nobody can say."""

    kind: str
    where: str
    what: str
    rank: int
    since: int | None
    figure: float | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known to be over, by the ids of `items_of`. Of `not_known`, ids or whole kinds, the
    records do not tell."""

    items: frozenset[str]
    not_known: frozenset[str] = frozenset()


def ended_since(
    since: int,
    events: Iterable[Event],
    runs: Iterable[Run],
    unread: Iterable[Unseen],
    *,
    events_whole: bool,
) -> Ended:
    """What has ended since `since`, UTC ms, by the events and the runs of the time after it.

    A problem is over where an event says so of it; that all is well where it stood may be said of
    another problem there.
    """
    lost = {each.where for each in unread if each.kind == "records"} - {PROBES, EVENTS}
    over = {f"problem:{each.cleared}" for each in events if each.cleared and each.at >= since}
    over |= {
        f"run:{run.row.id}"
        for run in runs
        if run.row.state in ENDED and not run.unknown and run.row.id not in lost
    }
    not_known = {f"run:{name}" for name in lost}
    not_known |= {"run"} if RUNS in lost else set()
    not_known |= set() if events_whole else {"problem"}
    return Ended(frozenset(over), frozenset(not_known))


def ended_within(after: Snapshot, since: int) -> Ended:
    """What has ended since `since` as far as a document itself tells."""
    whole = after.starts <= since and not after.events_left_out
    return ended_since(since, after.events, after.runs, after.unseen, events_whole=whole)


def compared(before: Snapshot, after: Snapshot, ended: Ended | None = None) -> Before:
    """What a report says of the handover before it, every item once and in the order of ids;
    without `ended`, as far as `after` itself tells what is over."""
    ended = ended_within(after, before.made_at) if ended is None else ended
    closed = ended.items | {
        *(f"service:{row.key}" for row in after.services if row.state == "up"),
        *(f"note:{note.id}" for note in after.notes if note.closed is not None),
    }
    explained = {f"problem:{each.id}" for each in after.problems if each.parent}
    old, new = items_of(before), items_of(after)
    found = []
    for id_ in sorted(old.keys() | new.keys()):
        item = new.get(id_) or old[id_]
        what = item.what
        if id_ not in old:
            how = "new"
        elif id_ in new:
            how = _moved(old[id_], new[id_])
            if old[id_].what != what:
                what = told("{before} → {now}", before=old[id_].what, now=what)
        elif id_ in explained:
            how = "unchanged"  # it stands, as the consequence of something else by now
        elif id_ in closed:
            how = "closed"
        elif {id_, item.kind} & ended.not_known:
            how = "not-known"
        else:
            how = "vanished"
        found.append(Difference(id_, item.kind, how, item.where, what, item.since))
    return Before(before.id, before.made_at, sha256(before), tuple(found))


def _moved(old: OpenItem, new: OpenItem) -> str:
    if not new.known:
        return "unchanged" if not old.known and new.what == old.what else "changed"
    if new.rank != old.rank:
        return "worse" if new.rank < old.rank else "better"
    if old.figure is not None and new.figure is not None:
        if new.figure >= max(1.0, old.figure * _MUCH):
            return "worse"
        if new.figure < old.figure and new.figure * _MUCH <= old.figure:
            return "better"
    return "unchanged" if new.what == old.what else "changed"


def items_of(snapshot: Snapshot) -> Mapping[str, OpenItem]:
    """Everything open, by an id that is stable: root problems, services, runs and notes."""
    items: dict[str, OpenItem] = {}
    waiting = {f"queue/{row.key}": row.depth for row in snapshot.queues if not row.at_least}
    for each in snapshot.problems:
        if not each.parent and each.severity is not Severity.OK and each.kind != QUESTION:
            rank = SEVERITIES.index(each.severity)
            items[f"problem:{each.id}"] = OpenItem(
                "problem", each.where, each.what, rank, each.since, waiting.get(each.id),
                known=each.severity is not Severity.UNKNOWN,
            )  # fmt: skip
    for row in snapshot.services:
        if row.state != "up":
            states = _SERVICE_STATES
            rank = states.index(row.state) if row.state in states else 1
            items[f"service:{row.key}"] = OpenItem(
                "service", row.key, told(row.state), rank, row.since, known=row.state != "unknown"
            )
    unread = {each.where for each in snapshot.unseen if each.kind == "records"}
    for run in snapshot.runs:
        if run.row.state not in ENDED or run.unknown or run.row.id in unread:
            word, _ = STATES.get(run.row.state, (run.row.state, ""))
            what = told("{title}: {state}", title=run.row.title, state=told(word))
            items[f"run:{run.row.id}"] = OpenItem("run", run.row.id, what, 0, run.row.started_at)
    for note in snapshot.notes:
        if note.closed is None:
            rank = _rank(note.severity)
            items[f"note:{note.id}"] = OpenItem("note", note.id, note.text, rank, note.at)
    return items


def _rank(severity: str) -> int:
    return next((n for n, each in enumerate(SEVERITIES) if each.value == severity), 1)
