"""What becomes of runs, as events: begun, ended and how, refused, and that one took locks over.

A run is its journal, and an event is in the records: what was told is read out of the events there,
so that each is told once whatever is killed in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from estate.document import Document, Problem, Severity
from estate.runs import RunRow
from estate.told import Told, told
from runbooks.reasons import Reason

#: Events wait no longer than this for the records, so that what is missing there from before was
#: nothing to tell: of a watch that told of no runs, or of records that were lost.
UNTOLD_MS = 60_000
_WHERE = "runs"


class Says(Protocol):
    """Takes an event down."""

    def __call__(self, severity: Severity, where: str, what: str, /) -> None: ...


class RunTelling:
    """Tells with `say`. `document` gives the board, with the last events on record."""

    def __init__(self, say: Says, document: Callable[[], Document]) -> None:
        self._say = say
        self._document = document
        self._told: set[tuple[str, str]] | None = None  # run and what, once it is known

    def open(self, rows: Sequence[RunRow]) -> None:
        """Go on from what the events tell of `rows`, which are all that were gone on with."""
        document = self._document()
        self._told = set(_told_of(document))
        started_at = document.watch.started_at
        before = (each.at for each in document.events if each.at < started_at)
        since = max(before, default=started_at) - UNTOLD_MS
        self._told |= {(row.id, about) for row in rows for about, at in _known(row) if at < since}
        self.look(rows)

    def look(self, rows: Sequence[RunRow]) -> None:
        """Tell what is new of `rows`, the newest of which comes first."""
        if self._told is None:
            return
        for row in reversed(rows):
            for about, _ in _known(row):
                if (row.id, about) not in self._told:
                    self._told.add((row.id, about))
                    self._say(*(_began(row) if about == "began" else _ended(row)))

    def refused(self, runbook: str, person: str, reasons: Iterable[Reason]) -> None:
        """A run was not begun; what is wrong with its inputs may quote one that is nobody's."""
        known = [each.what for each in reasons if each.rule != "input"]
        why: str = "; ".join(known) if known else told("its inputs are refused")
        said = told("{runbook} was refused to {person}: {why}",
                    runbook=runbook, person=person, why=why)  # fmt: skip
        self._say(Severity.WARNING, _WHERE, said)

    def taken_over(self, row: RunRow, reason: str) -> None:
        """A run began with locks that others had."""
        said = told("{runbook} took over the locks of others, by {person} ({run}): {why}",
                    runbook=row.runbook, person=row.by, run=row.id, why=reason)  # fmt: skip
        self._say(Severity.WARNING, _WHERE, said)


def no_run_begins(unread: Iterable[Reason], since: int) -> Iterator[Problem]:
    """That locks can't be read, for the board: nothing can be started `since` then, UTC ms."""
    for each in unread:
        what = told("no run can be started")
        yield Problem("runs/locks", _WHERE, what, each.what, Severity.WARNING, since, "runs",
                      glyph="warning")  # fmt: skip


def _known(row: RunRow) -> Iterator[tuple[str, int]]:
    """What there is to tell of a run, and since when; nothing of one that can't be read."""
    if row.runbook:
        yield "began", row.started_at
        if row.ended_at is not None:
            yield "ended", row.ended_at


def _told_of(document: Document) -> Iterator[tuple[str, str]]:
    for each in document.events:
        if each.where == _WHERE and isinstance(each.what, Told):
            yield each.what.parts.get("run", ""), each.what.parts.get("about", "")


def _began(row: RunRow) -> tuple[Severity, str, str]:
    said = {"runbook": row.runbook, "person": row.by, "run": row.id, "about": "began"}
    what = told("{runbook} began, by {person} ({run})", **said)
    if row.drill:
        what = told("drill of {runbook} began, by {person} ({run})", **said)
    return Severity.OK, _WHERE, what


def _ended(row: RunRow) -> tuple[Severity, str, str]:
    state = told("taken back") if row.state == "rolled-back" else Told(row.state, {})
    said = {"runbook": row.runbook, "state": state, "run": row.id, "about": "ended"}
    what = told("{runbook} {state} ({run})", **said)
    if row.why:
        what = told("{runbook} {state} ({run}): {why}", **said, why=row.why)
    well = row.state == "succeeded"
    return Severity.OK if well else Severity.WARNING, _WHERE, what
