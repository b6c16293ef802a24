"""A run: entries of its journal go in, and out come its state and what is to be done next.

Sans I/O. Everything known is made from entries (`known`), so that `replay` of a journal, cut off
anywhere, asks for what is missing and for nothing that was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from runbooks.progress import facts, onward, preflight, rollback, rolling
from runbooks.progress.conclusions import Moment, conclude
from runbooks.progress.entries import Entry, JournalError
from runbooks.progress.facts import Fact, Task
from runbooks.progress.known import KnownRun
from runbooks.progress.requests import (
    Answer,
    Call,
    Finish,
    Look,
    Poll,
    Prints,
    Question,
    Record,
    Request,
    Survey,
    Surveyed,
    Went,
)
from runbooks.progress.states import RunState
from runbooks.progress.task import Hold, TaskProgress, last_things
from runbooks.runbook import Runbook, Step


class RunProgress(KnownRun):
    """One run, which says what is next. `requests` and `conclude` change nothing of it; the facts
    that they give move it once they are on record."""

    # --- what is next -----------------------------------------------------------------------------

    def requests(self, now: int) -> tuple[Request, ...]:
        """All that is to be done, asked or waited for now.

        A `Record` stands alone: what follows it depends on it. Those of several tasks are one,
        which is on the disk with one write.
        """
        found = list(self._next(now))
        facts_first = [fact for each in found if isinstance(each, Record) for fact in each.facts]
        return (Record(tuple(facts_first)),) if facts_first else tuple(dict.fromkeys(found))

    def _next(self, now: int) -> Iterator[Request]:
        if self.finished is not None:
            yield from self._last_things()
        elif self.preflight_at is None:
            yield Record((facts.PreflightBegun(),))
        elif not self.preflight_passed:
            yield from preflight.requests(self, now)
        elif self.rolling_back:
            yield from rollback.requests(self, now)
        else:
            yield from onward.requests(self, now)

    def _last_things(self) -> Iterator[Request]:
        assert self.finished is not None
        for task in self._tasks.values():
            step = self.course.step(task.task.step)
            for each in last_things(task, step):
                if isinstance(each, Poll) and self._lost_secrets(step):
                    yield replace(each, prints=Prints.GIVEN_UP)
                else:
                    yield each
        yield Finish(RunState(self.finished.state))

    def state(self, now: int) -> RunState:
        """The state of the run as a person is told it."""
        if self.finished is not None:
            return RunState(self.finished.state)
        if self.preflight_at is None:
            return RunState.PLANNED
        asked = [each for each in self.requests(now) if isinstance(each, Question)]
        if any(set(each.choices) & {"settle", "retry", "waive"} for each in asked):
            return RunState.NEEDS_DECISION
        if self.paused:
            return RunState.PAUSED
        if asked:
            return RunState.WAITING
        return RunState.RUNNING if self.preflight_passed else RunState.PREFLIGHT

    def ended(self, step: Step) -> bool:
        """Whether a step asks nothing more of hosts; a person may still have to say."""
        return rolling.ended(self, step)

    # --- what answers mean ------------------------------------------------------------------------

    def conclude(self, request: Call, answer: Answer, now: int) -> tuple[Fact, ...]:
        """The facts that `answer` to `request` makes now; none when it has to be asked again."""
        if isinstance(request, Survey):
            if isinstance(answer, Surveyed):
                return tuple(rolling.surveyed(self, request, answer))
            return ()
        if self.finished is not None and isinstance(request, Look):
            return ()  # the run ended meanwhile, by a person's word
        if isinstance(answer, Went) and answer.free_epoch:
            if answer.free_epoch < self.epoch:
                return ()  # asked before another host raised our epoch: free, and below it now
            # Whoever took ours over stands above us, and may have done the work another way. Of the
            # same epoch it is somebody who never met us, and has gone.
            if self.has_acted and answer.free_epoch > self.epoch:
                return (facts.FencedOff(request.task, answer.free_epoch, answer.refusal),)
            why = f"the locks on {request.task.host} are free since epoch {answer.free_epoch}"
            return (facts.TakenOver(answer.free_epoch + 1, why),)
        task = self.task(request.task)
        stopped = self._hold(task) is Hold.STOPPED
        moment = Moment(now, self._ready_at(task), self.stopped_at if stopped else None)
        return tuple(conclude(task, self.course, request, answer, moment))

    def _ready_at(self, task: TaskProgress) -> int:
        """Since when a task could be done: its host is waited for from here on."""
        name = task.task
        came = self.begun.get(name.step, self.preflight_at or 0)
        rolled = self.moved_at.get(name.about, 0) if name.about else 0
        return max(came, rolled, task.at or 0, self.resumed_at)


def replay(
    runbook: Runbook,
    entries: Iterable[Entry],
    payload: Callable[[Task], bytes],
    secrets: Iterable[str] = (),
) -> RunProgress:
    """The run that `entries` tell of, from the first on; `runbook` is the one it is pinned to.

    Raises JournalError where they don't begin with a plan, or are of another runbook, and
    IllegalMove where one can't follow.
    """
    every = iter(entries)
    first = next(every, None)
    if first is None or not isinstance(first.fact, facts.Planned):
        raise JournalError("the journal does not begin with a plan: nothing was started by it")
    if runbook.sha256 != first.fact.sha256:
        raise JournalError(f"the run is pinned to another text of {first.fact.runbook}")
    progress = RunProgress(runbook, first.fact, payload, secrets)
    for entry in chain((first,), every):
        progress.apply(entry)
    progress.inherit()
    return progress
