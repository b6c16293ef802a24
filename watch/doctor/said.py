"""Checks of what people said and what runs did: what no crash damages, a disk may."""

from __future__ import annotations

from collections.abc import Iterator

from estate.wire import WireError
from runbooks.locks import locks_from_json
from storage.database import RecordsError
from storage.handovers import HandoverFolder
from storage.runs import RunFolder, damaged_locks
from watch.doctor.finding import Finding, fail, ok
from watch.handover.book import fact_from_json
from watch.handover.record import unreadable
from watch.process import Place
from watch.words import count

#: The watch reads what people said, and the locks, at its start alone.
RESTART = "then start the watch again"


def handovers(place: Place) -> Iterator[Finding]:
    """Whether notes and handovers can be read."""
    if place.shared:
        return  # not ours to see, as its records
    folder = HandoverFolder(place.records.parent / "handovers")
    try:
        facts = [fact_from_json(line) for line in folder.look()]
    except (RecordsError, WireError) as error:
        found = unreadable(folder.journal, error)
        yield fail("handovers", found.what, f"{found.todo}; {RESTART}")
        return
    if facts:
        yield ok("handovers", f"{folder.journal} can be read")


def runs(place: Place) -> Iterator[Finding]:
    """Whether the locks and the journals of runs can be read."""
    if place.shared:
        return
    folder = RunFolder(place.records.parent / "runs")
    names = folder.ids()
    damaged = [*_of_locks(folder)]
    for name in names:
        try:
            folder.read(name)
        except RecordsError as error:
            damaged.append(fail("runs", error.what, error.todo))
    yield from damaged
    if names and not damaged:
        yield ok("runs", f"{folder.directory}: {count(len(names), 'run')}")


def _of_locks(folder: RunFolder) -> Iterator[Finding]:
    try:
        locks_from_json(folder.load_locks())
    except RecordsError as error:
        yield fail("runs", f"no run can be started: {error.what}", error.todo)
    except ValueError as error:
        found = damaged_locks(folder.locks_path, error)
        yield fail("runs", f"no run can be started: {found.what}", found.todo)
