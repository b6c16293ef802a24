"""What is different between two handovers, item by item, by ids that are stable over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estate.document import SEVERITIES, Severity
from snapshots.reading import sha256
from snapshots.snapshot import ENDED, Before, Difference, Snapshot

#: States of a service, the worst first.
_SERVICE_STATES = ("down", "unknown", "degraded", "up")


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that one shift hands to the next; a lower `rank` is worse."""

    kind: str
    where: str
    what: str
    rank: int
    since: int | None


def compared(before: Snapshot, after: Snapshot) -> Before:
    """What a report says of the handover before it, every item once and in the order of ids."""
    old, new = items_of(before), items_of(after)
    found = []
    for id_ in sorted(old.keys() | new.keys()):
        item = new.get(id_) or old[id_]
        how = _how(id_, old.get(id_), new.get(id_), after, before.made_at)
        found.append(Difference(id_, item.kind, how, item.where, item.what, item.since))
    return Before(before.id, before.made_at, sha256(before), tuple(found))


def _how(id_: str, old: OpenItem | None, new: OpenItem | None, after: Snapshot, since: int) -> str:
    if old is None:
        return "new"
    if new is None:
        return "closed" if _was_closed(id_, old, after, since) else "vanished"
    if new.rank != old.rank:
        return "worse" if new.rank < old.rank else "better"
    return "unchanged"


def _was_closed(id_: str, item: OpenItem, after: Snapshot, since: int) -> bool:
    """Whether something says that it is over; that it is no longer told of says nothing."""
    if item.kind == "service":
        return any(f"service:{row.key}" == id_ and row.state == "up" for row in after.services)
    if item.kind == "run":
        return any(
            f"run:{run.row.id}" == id_ and run.row.state in ENDED and not run.unknown
            for run in after.runs
        )
    if item.kind == "note":
        return any(f"note:{note.id}" == id_ and note.closed is not None for note in after.notes)
    return any(
        event.where == item.where and event.severity is Severity.OK and event.at >= since
        for event in after.events
    )


def items_of(snapshot: Snapshot) -> Mapping[str, OpenItem]:
    """Everything open, by an id that is stable: root problems, services, runs and notes."""
    items: dict[str, OpenItem] = {}
    for each in snapshot.problems:
        if not each.parent and each.severity is not Severity.OK:
            rank = SEVERITIES.index(each.severity)
            items[f"problem:{each.id}"] = OpenItem(
                "problem", each.where, each.what, rank, each.since
            )
    for row in snapshot.services:
        if row.state != "up":
            states = _SERVICE_STATES
            rank = states.index(row.state) if row.state in states else 1
            items[f"service:{row.key}"] = OpenItem("service", row.key, row.state, rank, row.since)
    for run in snapshot.runs:
        if run.row.state not in ENDED or run.unknown:
            what = f"{run.row.title}: {run.row.state}"
            items[f"run:{run.row.id}"] = OpenItem("run", run.row.id, what, 0, run.row.started_at)
    for note in snapshot.notes:
        if note.closed is None:
            rank = _rank(note.severity)
            items[f"note:{note.id}"] = OpenItem("note", note.id, note.text, rank, note.at)
    return items


def _rank(severity: str) -> int:
    return next((n for n, each in enumerate(SEVERITIES) if each.value == severity), 1)
