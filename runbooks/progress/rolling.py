"""A rolling step: which hosts are next, when they may be taken, and what each still needs."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.progress import facts, wayback
from runbooks.progress.course import batches, undo_of
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.known import KnownRun
from runbooks.progress.questions import of_gate, of_tasks, reaction
from runbooks.progress.requests import Record, Request, Survey, Surveyed, Wait
from runbooks.progress.task import TaskProgress
from runbooks.runbook import Act, Gate, Rolling, Step, WhenStep


def requests(run: KnownRun, step: Rolling, now: int) -> Iterator[Request]:
    """What the roll asks for now; nothing once every task of it has ended."""
    taken = [host for batch in run.batches.get(step.id, ()) for host in batch.hosts]
    working = [request for host in taken for request in _of_host(run, step, host, now)]
    if working or not all(_host_ended(run, step, host) for host in taken):
        yield from working
        return
    begun = frozenset(taken)
    rest = [task for task in run.tasks(step) if task.task.about not in begun and not task.ended]
    if not rest:
        return
    away = {task.task.about for task in bad(run, step)}
    failed = [host for host in taken if host in away]
    soaked_at = max((run.moved_at.get(host, 0) for host in taken), default=0) + step.soak_ms
    if run.stopping:
        yield _skip(rest, run.stopping)
    elif len(failed) >= step.stop_after:
        yield _skip(rest, f"spared: {', '.join(failed)} failed")
    elif run.paused:
        return
    elif taken and now < soaked_at:
        yield Wait(soaked_at)
    else:
        yield Survey(step.id, run.course.rolled(step), step.pause_when)


def surveyed(run: KnownRun, request: Survey, answer: Surveyed) -> Iterator[Fact]:
    """The next batch, as many of it as leave enough hosts well; or why none may be taken."""
    step = run.course.step(request.step)
    assert isinstance(step, Rolling)
    hosts = run.course.rolled(step)
    taken = {host for batch in run.batches.get(step.id, ()) for host in batch.hosts}
    planned = batches(hosts, step, run.planned.traits)
    number, batch = next(
        (number, rest)
        for number, each in enumerate(planned)
        if (rest := tuple(host for host in each if host not in taken))
    )
    needed = step.keep_healthy.of(len(hosts))
    while batch and len(answer.healthy - set(batch)) < needed:
        batch = batch[:-1]
    held = run.held.get(step.id, "")
    why = "; ".join(answer.problems)
    if not batch:
        well = len(answer.healthy)
        why = why or f"{well} of {len(hosts)} hosts are well, and {needed} must stay so"
    if why:
        if why != held:
            yield facts.BatchHeld(step.id, why)
        return
    if held:
        yield facts.BatchHeld(step.id, "")
    yield facts.BatchBegun(step.id, number, batch)


def bad(run: KnownRun, step: Rolling) -> list[TaskProgress]:
    """The tasks that did not end well, but for those that the roll goes on after."""
    return [
        task
        for task in run.tasks(step)
        if not task.good and not _goes_on(run, task.task.step, task.task.about)
    ]


def _goes_on(run: KnownRun, step: str, host: str) -> bool:
    turned = run.turned.get((step, host))
    return turned is not None and turned.act is Act.CONTINUE


def _of_host(run: KnownRun, step: Rolling, host: str, now: int) -> Iterator[Request]:
    """What one host needs next: its steps until one fails, then what is done always."""
    why = run.stopping
    for inner in step.each:
        tasks = [run.task(each) for each in run.course.inner(inner, host)]
        if not all(task.ended for task in tasks):
            yield from _each(run, inner, tasks, why, now)
            return
        found = _reacted(run, inner, tasks, host, now)
        if found is None:
            why = why or f"spared: {inner.id} did not end well"
        elif found:
            yield from found
            return
    if not _taken_back(run, step, host):
        yield from _take_back(run, step, host, now)
        return
    for inner in step.then_always:
        tasks = [run.task(each) for each in run.course.inner(inner, host)]
        if not all(task.ended for task in tasks):
            yield from run.of_tasks(tasks, now)
            return
        if found := _reacted(run, inner, tasks, host, now):
            yield from found
            return


def ended(run: KnownRun, step: Step) -> bool:
    """Whether a step asks nothing more of hosts; a person may still have to say.

    Of a rolling one every task has ended, and what fails is taken back.
    """
    if isinstance(step, Rolling):
        return all(_host_ended(run, step, host) for host in run.course.rolled(step))
    return all(each.ended for each in run.tasks(step))


def _host_ended(run: KnownRun, step: Rolling, host: str) -> bool:
    tasks = map(run.task, run.course.tasks_about(step, host))
    return all(task.ended for task in tasks) and _taken_back(run, step, host)


def _rolls_back(run: KnownRun, step: Rolling, host: str) -> bool:
    turns = (run.turned.get((inner.id, host)) for inner in step.each)
    return any(turned is not None and turned.act is Act.ROLL_BACK for turned in turns)


def _undoing(run: KnownRun, step: Rolling, host: str) -> Iterator[TaskProgress]:
    """What takes a host's steps back, the last first, as far as there is a way."""
    for task in wayback.done_on(run, step, host):
        if not undo_of(run.course.step(task.step)):
            return
        undoing = run.task(Task(task.step, task.host, task.about, undo=True))
        yield undoing
        if undoing.refusal is not None:
            return  # given up there, by a person


def _taken_back(run: KnownRun, step: Rolling, host: str) -> bool:
    if not _rolls_back(run, step, host):
        return True
    return all(each.good or each.refusal is not None for each in _undoing(run, step, host))


def _take_back(run: KnownRun, step: Rolling, host: str, now: int) -> Iterator[Request]:
    """The steps of one host are taken back, before what is done always."""
    for undoing in _undoing(run, step, host):
        if undoing.good:
            continue
        if undoing.ended:
            yield from of_tasks(run.course.step(undoing.task.step), [undoing], run)
        else:
            yield from run.of_tasks([undoing], now)
        return


def _each(
    run: KnownRun, inner: Step, tasks: list[TaskProgress], why: str, now: int
) -> Iterator[Request]:
    untouched = not any(t.number or t.outcome not in (None, Outcome.SKIPPED) for t in tasks)
    why = why or _left_out(run, inner, tasks[0].task.about)
    if untouched and why:
        yield _skip(tasks, why)
    elif isinstance(inner, Gate):
        yield of_gate(inner, tasks[0], run, run.moved_at.get(tasks[0].task.about, 0), now)
    else:
        yield from run.of_tasks(tasks, now)


def _left_out(run: KnownRun, inner: Step, host: str) -> str:
    if not isinstance(inner.when, WhenStep):
        return ""
    other = run.course.step(inner.when.step)
    was = run.outcome(other, about=host)
    return "" if was == inner.when.outcome else f"only when {other.id} is {inner.when.outcome}"


def _reacted(
    run: KnownRun, inner: Step, tasks: list[TaskProgress], host: str, now: int
) -> list[Request] | None:
    """What follows from how a step ended on a host; [] to go on, None where the host failed."""
    wrong = [task for task in tasks if not task.good]
    if not wrong:
        return []
    turned = run.turned.get((inner.id, host))
    if not run.stopping and (retried := run.again(wrong)):
        return [Record(retried)]
    if turned is None:
        act = reaction(inner, wrong).act
        act = Act.STOP if act is Act.JUMP else act  # a host is no run: it can't jump
        why = "; ".join(f"{task.task}: {task.why}" for task in wrong)
        return [Record((facts.Turned(inner.id, act, "", why, host),))]
    if turned.act in (Act.STOP, Act.ROLL_BACK):
        return None
    if turned.act is not Act.ASK or run.stopping:
        return []
    refused = next((task.refusal for task in wrong if task.refusal is not None), None)
    if refused is not None:
        return [Record((facts.Turned(inner.id, Act.STOP, "", refused, host),))]
    return [*of_tasks(inner, wrong, run), *run.of_tasks(wrong, now)]


def _skip(tasks: list[TaskProgress], why: str) -> Record:
    waiting = [task for task in tasks if not task.ended]
    return Record(tuple(facts.Judged(t.task, Outcome.SKIPPED, why) for t in waiting))
