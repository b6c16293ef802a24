"""A run at work, made from its journal: just begun, or found after a restart of the watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from estate.runs import RunRow
from runbooks.execution import Execution
from runbooks.inputs import Inputs, read_again
from runbooks.performance import Performer
from runbooks.progress.entries import Entry, JournalError, entry_from_json
from runbooks.progress.facts import Planned
from runbooks.progress.run import RunProgress, replay
from runbooks.reading.file import read_runbook
from runbooks.reasons import Reason
from runbooks.runbook import Runbook
from runbooks.scripts import Scripts
from storage.journal import Journal
from watch.runs.means import HasEnded, RunMeans
from watch.runs.rooms import RunJournal
from watch.runs.rows import row_of

_log = logging.getLogger("watch.runs")


@dataclass(slots=True)
class AtWork:
    """A run that is at work, or was a moment ago; its state is `state` since `since`, UTC ms."""

    execution: Execution
    performer: Performer
    journal: RunJournal
    runbook: Runbook
    entries: list[Entry]
    state: str = ""
    since: int = 0
    work: asyncio.Task[None] | None = None

    @property
    def progress(self) -> RunProgress:
        """How far it is."""
        return self.execution.progress

    def missing(self) -> tuple[str, ...]:
        """The secrets that a restart of the watch lost."""
        planned = self.progress.planned.secrets
        return tuple(name for name in planned if name not in self.performer.secrets)

    def unfit(self, secrets: Mapping[str, str]) -> tuple[Reason, ...]:
        """Why these secrets can't be given to the run now."""
        known = Inputs(self.progress.planned.inputs, self.performer.secrets)
        return read_again(self.runbook, known, self.missing(), secrets)

    def give(self, secrets: Mapping[str, str]) -> None:
        """Have it go on with these as well; what it has stays, whatever is given."""
        self.performer.secrets = {**secrets, **self.performer.secrets}
        self.progress.secrets = frozenset(self.performer.secrets)
        self.execution.wake()

    def row(self) -> RunRow:
        """The run in a line, as it is now."""
        now, execution = self.execution.now(), self.execution
        row = row_of(self.progress, now, self.since, execution.trouble)
        if row.state != self.state:
            self.state, self.since = row.state, now
            row = row_of(self.progress, now, now, execution.trouble)
        return row


def at_work(
    means: RunMeans,
    journal: Journal,
    files: Mapping[str, bytes],
    secrets: Mapping[str, str],
    *,
    has_ended: HasEnded,
    changed: Callable[[], None],
) -> AtWork:
    """The run of a journal, pinned to `files`; nothing is done yet. Raises JournalError,
    RunbookError and IllegalMove where it can't be gone on with."""
    entries = [entry_from_json(line) for line in journal.lines]
    planned = entries[0].fact if entries else None
    if not isinstance(planned, Planned):
        raise JournalError(f"{journal.path} does not begin with a plan")
    if journal.torn_bytes:
        _log.warning("%s: %d torn bytes were cut off", journal.path, journal.torn_bytes)
    runbook = read_runbook(planned.text, f"run {planned.run}")
    scripts = Scripts(runbook, planned, files)
    progress = replay(runbook, entries, scripts.payload, secrets)
    performer = means.performer(planned, scripts, entries[0].actor, secrets, has_ended)
    kept = RunJournal(journal, entries)
    execution = Execution(
        progress, kept, performer, means.clocks, changed=changed, at_point=means.at_point
    )
    return AtWork(execution, performer, kept, runbook, entries, since=entries[-1].at)
