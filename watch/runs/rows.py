"""A run's progress → what a console shows of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from estate.runs import ChangedHosts, LogLine, QuestionView, RunRow, RunView, StepView, TaskView
from runbooks.execution import Trouble
from runbooks.fingerprint import fingerprint
from runbooks.performance import attempt_of
from runbooks.planning.unsettled import Footprint
from runbooks.progress.entries import Entry
from runbooks.progress.facts import OutputKept, Task
from runbooks.progress.requests import Question
from runbooks.progress.run import RunProgress
from runbooks.progress.states import StepState
from runbooks.progress.task import TaskProgress
from runbooks.runbook import Gate, Rolling, Step
from watch.runs.decided import decided
from watch.runs.log import said

_NOTHING = Trouble()


def row_of(run: RunProgress, now: int, since: int, trouble: Trouble = _NOTHING) -> RunRow:
    """The run in a line; `since` is when its state changed last."""
    planned, course = run.planned, run.course
    asked = questions(run, now)
    steps = course.steps
    open_ = {_outer(run, each.task).id for each in asked}
    over = [each for each in steps if each.id not in open_ and run.ended(each)]
    waiting = [each for each in steps if each not in over]
    came = [_state(run.tasks(each)) for each in over]
    at = next(iter(sorted(waiting, key=lambda step: step.aside)), None)
    return RunRow(
        id=planned.run,
        runbook=planned.runbook,
        title=planned.title,
        state=run.state(now),
        seq=run.seq,
        started_at=run.planned_at,
        since=since,
        by=run.requester,
        drill=planned.drill,
        sensitive=course.runbook.sensitive,
        ended_at=run.finished_at,
        why=run.finished.why if run.finished else "",
        step="" if run.finished or at is None else at.say,
        steps_done=sum(word in ("ok", "") for word in came),  # "": on no host
        steps_total=len(steps),
        steps_passed=came.count("skipped"),
        waived=sum(_waived(run, each) for each in (*course.before, *steps)),
        unproven=_unproven(run),
        question=asked[0].text if asked else "",
        trouble=_in_words(trouble),
        clock_started_at=run.clock_started_at,
        clock_stopped_at=run.clock_stopped_at,
        target_ms=planned.target_ms,
        predicted_ms=planned.predicted_ms,
        ending=_ending(run),
    )


def _outer(run: RunProgress, task: Task) -> Step:
    """The step of the run that a task belongs to: a rolling step, for those of its hosts."""
    return run.course.rolling_of(task) or run.course.step(task.step)


def _waived(run: RunProgress, step: Step) -> bool:
    return any(task.waived for task in run.tasks(step))


def _unproven(run: RunProgress) -> bool:
    """Whether what stops its clock was waived: a step, or where none does what all come to."""
    clock, steps = run.course.runbook.clock, run.course.steps
    proofs = [each for each in steps if clock is not None and each.id == clock.stops]
    return any(_waived(run, each) for each in proofs or steps)


def _ending(run: RunProgress) -> str:
    if run.aborted is None or run.finished is not None:
        return ""
    return "now" if run.aborted.now else "step"


def view_of(
    row: RunRow,
    run: RunProgress,
    entries: Sequence[Entry],
    trouble: Trouble | None,
    now: int,
) -> RunView:
    """Everything about the run at the time of `row`."""
    planned, trouble = run.planned, trouble or _NOTHING
    clock, budget = run.course.runbook.clock, run.course.runbook.budget
    return RunView(
        row=row,
        before=tuple(_step(run, each, trouble) for each in run.course.before),
        steps=tuple(view for step in run.course.steps for view in _steps(run, step, trouble)),
        questions=tuple(_question(run, each) for each in questions(run, now)),
        log=tuple(
            LogLine(each.seq, each.at, each.actor, said(each.fact))
            for each in entries
            if not isinstance(each.fact, OutputKept)  # many a minute, and the output says it itself
        ),
        decisions=tuple(decided(entries)),
        hosts=planned.hosts,
        inputs=planned.inputs,
        secrets=planned.secrets,
        sha256=planned.sha256,
        epoch=run.epoch,
        reason=planned.reason,
        way_back=run.course.runbook.way_back,
        clock_starts=clock.starts if clock else "",
        clock_stops=clock.stops if clock else "",
        service=budget.service if budget else "",
    )


def questions(run: RunProgress, now: int) -> list[Question]:
    """What people must say, now."""
    return [each for each in run.requests(now) if isinstance(each, Question)]


def _question(run: RunProgress, asked: Question) -> QuestionView:
    task, step = asked.task, run.course.step(asked.task.step)
    begun = run.begun.get(task.step)
    late = begun + step.wait_ms if isinstance(step, Gate) and step.wait_ms and begun else None
    return QuestionView(
        task.step,
        task.host,
        asked.text,
        asked.choices,
        asked.needed,
        signed=tuple(run.task(task).approvals),
        until=late,
    )


def _in_words(trouble: Trouble) -> str:
    silent = (f"{host} does not answer: {each.cause}" for host, each in trouble.silent.items())
    record = f"the record can't be written: {trouble.record}" if trouble.record else ""
    defect = f"a defect of twinwatch, see its log: {trouble.defect}" if trouble.defect else ""
    return "; ".join(filter(None, (record, defect, *silent)))


def _steps(run: RunProgress, step: Step, trouble: Trouble) -> Iterator[StepView]:
    yield _step(run, step, trouble)
    if isinstance(step, Rolling):
        for inner in (*step.each, *step.then_always):
            hosts = run.course.rolled(step)
            tasks = [run.task(each) for host in hosts for each in run.course.inner(inner, host)]
            yield _view(run, inner, tasks, trouble, depth=1)


def _step(run: RunProgress, step: Step, trouble: Trouble) -> StepView:
    tasks = run.tasks(step)
    if isinstance(step, Rolling):
        view = StepView(
            step.id, step.kind, step.say, _state(tasks), begun_at=run.begun.get(step.id)
        )
    else:
        view = _view(run, step, tasks, trouble)
    p50_ms, p90_ms = run.planned.spans.get(step.id, (0, 0))
    return replace(view, p50_ms=p50_ms, p90_ms=p90_ms)


def _view(
    run: RunProgress,
    step: Step,
    tasks: Sequence[TaskProgress],
    trouble: Trouble,
    *,
    depth: int = 0,
) -> StepView:
    undone = [run.undoing(each.task) for each in tasks]
    shown = [*tasks, *(each for each in undone if each is not None)]
    return StepView(
        id=step.id,
        kind=step.kind,
        say=step.say,
        state=_state(tasks),
        depth=depth,
        begun_at=run.begun.get(step.id),
        tasks=tuple(_task(run, each, trouble) for each in shown),
    )


def _task(run: RunProgress, task: TaskProgress, trouble: Trouble) -> TaskView:
    silence = trouble.silent.get(task.task.host) if not task.ended else None
    name = attempt_of(run.planned.run, task.task, task.number).id if task.number else ""
    return TaskView(
        host=task.task.host,
        state=task.state,
        about=task.task.about if task.task.about != task.task.host else "",
        undo=task.task.undo,
        outcome=task.outcome or "",
        why=task.why,
        attempt=task.number,
        output=name,
        output_bytes=task.kept,
        started_at=task.started_at or None,
        ended_at=task.judged_at if task.ended else None,
        silent_since=silence.since if silence else None,
        silent_why=silence.cause if silence else "",
        waived=task.waived,
    )


def _state(tasks: Sequence[TaskProgress]) -> str:
    """A step in a word."""
    if any(each.state is StepState.UNKNOWN for each in tasks):
        return "unknown"
    if tasks and all(each.outcome == "skipped" for each in tasks):
        return "skipped"
    if any(each.decided and not each.good for each in tasks):
        return "failed"
    if tasks and all(each.good for each in tasks):
        return "waived" if any(each.waived for each in tasks) else "ok"
    return "now" if any(each.at is not None for each in tasks) else ""


def took(run: RunProgress) -> Mapping[str, list[int]]:
    """How long steps took that ended well, ms, by fingerprint: the history of later predictions."""
    found: dict[str, list[int]] = {}
    for task in run.course.all_tasks():
        done = run.task(task)
        if done.outcome == "ok" and done.intended_at and done.judged_at and not done.waived:
            step = run.course.step(task.step)
            found.setdefault(fingerprint(step), []).append(done.judged_at - done.intended_at)
    return found


def changed_hosts(run: RunProgress) -> ChangedHosts:
    """Where a step was started, done or not: a check starts none, nor what was done already."""
    planned = run.planned
    started = (each for each in run.course.all_tasks() if run.task(each).started_at)
    hosts = frozenset(each.host for each in started)
    return ChangedHosts(planned.run, planned.runbook, run.requester, run.planned_at, hosts)


def footprint(run: RunProgress) -> Footprint:
    """Where the run is, or was, and of what it changed, or did not, nobody knows."""
    hosts = (host for names in run.planned.hosts.values() for host in names)
    unknown = ((str(replace(each.task, host="")), each.task.host) for each in run.in_doubt())
    return Footprint(
        run.planned.run, frozenset(hosts), run.planned_at, run.finished_at, tuple(unknown)
    )
