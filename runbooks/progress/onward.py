"""The way of a run: its steps from the top to the bottom, where it turns, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.progress import facts, rolling
from runbooks.progress.facts import Outcome
from runbooks.progress.known import KnownRun
from runbooks.progress.questions import of_gate, of_tasks, reaction
from runbooks.progress.requests import Record, Request, Wait
from runbooks.progress.states import RunState
from runbooks.progress.task import TaskProgress
from runbooks.runbook import Act, Gate, OnFailure, Rolling, Step, WhenStep


def requests(run: KnownRun, now: int) -> Iterator[Request]:
    """The steps from the top to the bottom: the first that asks for something is it.

    A step that is done meanwhile asks for what it wants beside that one. The run ends after both.
    """
    clock = run.course.runbook.clock
    if clock is not None and not clock.starts and run.clock_started_at is None:
        yield Record((facts.ClockStarted(),))
        return
    landing = ""  # where a jump leads to: what lies before it is passed over
    waits = False  # for a step that the run has gone past
    failed = ""  # why the run will have
    for step in run.course.steps:
        if landing == step.id:
            landing = ""
        found = list(_at(run, step, landing, now))
        if found or not rolling.ended(run, step):
            yield from found
            if not step.aside or step.id not in run.begun:
                return
            waits = True
        turned = run.turned.get((step.id, ""))
        if turned is not None and turned.act is Act.STOP:
            failed = failed or turned.why
            if not step.aside:
                break
        if turned is not None and turned.act is Act.JUMP:
            landing = turned.to
    if not waits:
        yield from _end(run, failed)


def _end(run: KnownRun, failed: str) -> Iterator[Request]:
    if failed:
        yield Record((facts.Finished(RunState.FAILED, failed),))
        return
    if run.aborted is not None:
        why = "; ".join(filter(None, (run.aborted.reason, _open_ends(run))))
        yield Record((facts.Finished(RunState.ABORTED, why),))
        return
    clock = run.course.runbook.clock
    ticking = run.clock_started_at is not None and run.clock_stopped_at is None
    ends = (facts.ClockStopped(),) if clock is not None and not clock.stops and ticking else ()
    yield Record((*ends, facts.Finished(RunState.SUCCEEDED)))


def _open_ends(run: KnownRun) -> str:
    return ", ".join(f"unknown: {each.task}" for each in run.unknown())


def _at(run: KnownRun, step: Step, landing: str, now: int) -> Iterator[Request]:
    """What a step asks for; nothing once the run may go past it."""
    tasks = run.tasks(step)
    if not rolling.ended(run, step):
        if step.id in run.begun:
            yield from within(run, step, now)
        else:
            yield from _come_to(run, step, tasks, landing)
        return
    bad = [each for each in tasks if not each.good]
    if isinstance(step, Rolling):
        bad = rolling.bad(run, step)
    if not bad:
        yield from _clock_facts(run, step, tasks)
    elif run.aborted is not None:
        return
    elif retried := run.again(bad):
        yield Record(retried)
    elif (step.id, "") not in run.turned:
        yield Record((_turn(run, step, bad),))
    elif run.turned[step.id, ""].act is Act.ASK:
        yield from _ask(run, step, bad, now)


def _come_to(
    run: KnownRun, step: Step, tasks: list[TaskProgress], landing: str
) -> Iterator[Request]:
    why = _passed_over(run, step, landing)
    if why:
        yield Record(tuple(_skipped(each, why) for each in tasks if not each.decided))
    elif run.paused:
        return
    elif missing := _missing(run, step):
        waiting = (each for each in tasks if not each.decided)
        yield Record(tuple(_skipped(each, missing, bad=True) for each in waiting))
    else:
        yield Record((facts.Begun(step.id),))


def _passed_over(run: KnownRun, step: Step, landing: str) -> str:
    """Why the run does not come to a step; "" when it does."""
    if run.aborted is not None:
        return "aborted before it began"
    if landing:
        return f"passed over: the run goes on at {landing}"
    if not run.course.included(step):
        return "only in drills" if not run.planned.drill else "not in drills"
    led = any(t.act is Act.JUMP and t.to == step.id for t in run.turned.values())
    if step.only is step.only.BY_JUMP and not led:
        return "nothing jumped to it"
    if isinstance(step.when, WhenStep):
        was = run.outcome(run.course.step(step.when.step))
        if was != step.when.outcome:
            return f"only when {step.when.step} is {step.when.outcome}"
    return ""


def _missing(run: KnownRun, step: Step) -> str:
    """Which of the step's needs are not met."""
    unmet = [
        " or ".join(names)
        for names in step.needs
        if not any(run.outcome(run.course.step(name)) == "ok" for name in names)
    ]
    return f"it needs {' and '.join(unmet)}" if unmet else ""


def within(run: KnownRun, step: Step, now: int) -> Iterator[Request]:
    """What a step asks for that the run has come to, and that has not ended."""
    tasks = run.tasks(step)
    if isinstance(step, Gate):
        yield of_gate(step, tasks[0], run, run.begun[step.id], now)
        if step.wait_ms is not None:
            yield Wait(run.begun[step.id] + step.wait_ms)
    elif isinstance(step, Rolling):
        yield from rolling.requests(run, step, now)
    else:
        yield from run.of_tasks(tasks, now)


def _turn(run: KnownRun, step: Step, bad: list[TaskProgress]) -> facts.Turned:
    way: OnFailure = reaction(step, bad)
    why = f"{step.id}: " + "; ".join(f"{each.task}: {each.why}" for each in bad)
    return facts.Turned(step.id, way.act, way.to, why)


def _ask(run: KnownRun, step: Step, bad: list[TaskProgress], now: int) -> Iterator[Request]:
    refused = next((each.refusal for each in bad if each.refusal is not None), None)
    if refused is not None:
        yield Record((facts.Turned(step.id, Act.STOP, why=f"{step.id}: {refused}"),))
    else:
        yield from of_tasks(step, bad, run)
        yield from run.of_tasks(bad, now)


def _clock_facts(run: KnownRun, step: Step, tasks: list[TaskProgress]) -> Iterator[Request]:
    clock = run.course.runbook.clock
    if clock is None or all(each.outcome is Outcome.SKIPPED for each in tasks):
        return
    if clock.starts == step.id and run.clock_started_at is None:
        yield Record((facts.ClockStarted(),))
    elif clock.stops == step.id and run.clock_stopped_at is None and run.clock_started_at:
        yield Record((facts.ClockStopped(),))


def _skipped(task: TaskProgress, why: str, *, bad: bool = False) -> facts.Judged:
    return facts.Judged(task.task, Outcome.FAILED if bad else Outcome.SKIPPED, why)
