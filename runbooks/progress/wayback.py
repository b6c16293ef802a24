"""What was done and may be taken back, the last first: by a run, or on one of its rolled hosts."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.progress.course import undo_of
from runbooks.progress.facts import Task
from runbooks.progress.known import KnownRun
from runbooks.progress.task import TaskProgress, takes_back
from runbooks.runbook import Rolling


def done(run: KnownRun) -> Iterator[list[Task]]:
    """What the run did, a step at a time; what it rolled over, a host at a time."""
    for step in reversed(run.course.steps):
        tasks = [each.task for each in run.tasks(step) if _counts(run, each)]
        if isinstance(step, Rolling):
            yield from ([task] for task in reversed(tasks))
        elif tasks:
            yield tasks


def done_on(run: KnownRun, step: Rolling, host: str) -> list[Task]:
    """What a rolling step did for one of its hosts, but for what is done always."""
    tasks = (run.task(each) for inner in step.each for each in run.course.inner(inner, host))
    return [each.task for each in tasks if _did(run, each)][::-1]


def can_go_back(run: KnownRun, task: Task) -> bool:
    """Whether a person who rolls back at `task` would have anything taken back by it."""
    roll = run.course.rolling_of(task)
    if roll is not None and (roll.id, "") not in run.turned:
        last = next(iter(done_on(run, roll, task.about)), None)
    else:
        last = next((group[0] for group in done(run)), None)
    return last is not None and bool(undo_of(run.course.step(last.step)))


def _counts(run: KnownRun, task: TaskProgress) -> bool:
    """Whether a roll-back has to take it back; what is done always is the way back itself."""
    return not run.course.is_last_duty(task.task) and _did(run, task)


def _did(run: KnownRun, task: TaskProgress) -> bool:
    return takes_back(task, run.course.step(task.task.step))
