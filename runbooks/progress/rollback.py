"""The way back: what was done is taken back, the last first."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.progress import facts, onward, rolling, wayback
from runbooks.progress.course import undo_of
from runbooks.progress.facts import Task
from runbooks.progress.known import KnownRun
from runbooks.progress.questions import of_tasks
from runbooks.progress.requests import Record, Request
from runbooks.progress.states import RunState
from runbooks.runbook import Gate


def requests(run: KnownRun, now: int) -> Iterator[Request]:
    """What was done is taken back, the last first; it halts where nothing takes it back.

    Before that what is still at work is stopped: a step that the run had gone past, or the one that
    it had come to meanwhile.
    """
    for step in run.course.steps:
        if step.id in run.begun and not rolling.ended(run, step) and not isinstance(step, Gate):
            yield from onward.within(run, step, now)
            return
    for group in wayback.done(run):
        step = run.course.step(group[0].step)
        if not undo_of(step):
            why = f"rolled back as far as {group[0]}: nothing takes that back"
            yield Record((facts.Finished(RunState.FAILED, why),))
            return
        undoing = [run.task(Task(t.step, t.host, t.about, undo=True)) for t in group]
        if run.aborted is not None and all(each.ended or not each.number for each in undoing):
            why = f"the roll-back was given up before {group[0]}: {run.aborted.reason}"
            yield Record((facts.Finished(RunState.ABORTED, why),))
            return
        if all(each.good for each in undoing):
            continue
        bad = [each for each in undoing if each.ended and not each.good]
        if bad and any(each.refusal is not None for each in bad):
            why = f"the roll-back was given up at {bad[0].task}: {bad[0].refusal}"
            yield Record((facts.Finished(RunState.FAILED, why),))
            return
        if bad and all(each.ended for each in undoing):
            yield from of_tasks(step, bad, run)
        yield from run.of_tasks(undoing, now)
        return
    yield Record((facts.Finished(RunState.ROLLED_BACK, f"after {run.rolling_back}"),))
