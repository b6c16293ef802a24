"""What only people can say is asked: gates, what did not end well, what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from runbooks.progress import facts
from runbooks.progress.course import repeatable
from runbooks.progress.facts import Outcome
from runbooks.progress.known import KnownRun
from runbooks.progress.requests import Question, Record, Request
from runbooks.progress.states import StepState
from runbooks.progress.task import TaskProgress
from runbooks.progress.wayback import can_go_back
from runbooks.runbook import Act, Check, Gate, OnFailure, OnHosts, Step

_ASK = OnFailure(Act.ASK)


class Decision(StrEnum):
    """What a person may say; the verbs of `twinwatch runs decide`."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WAIVE = "waive"
    SETTLE = "settle"
    RETRY = "retry"
    ROLL_BACK = "roll-back"


def of_gate(step: Gate, gate: TaskProgress, run: KnownRun, opened_at: int, now: int) -> Request:
    """What an open gate asks; a record once it is decided."""
    missing = step.approvals - len(gate.approvals)
    if run.aborted is not None:
        return _judged(gate, Outcome.STOPPED, "aborted")
    if gate.refusal is not None:
        return _judged(gate, Outcome.FAILED, gate.refusal)
    if missing <= 0:
        return _judged(gate, Outcome.OK, f"approved by {' and '.join(gate.approvals)}")
    if step.wait_ms is not None and now >= opened_at + step.wait_ms:
        return _judged(gate, Outcome.TIMED_OUT, f"nobody approved within {step.wait_ms // 1000} s")
    return Question(gate.task, step.say, (Decision.APPROVE, Decision.REFUSE), missing)


def _judged(gate: TaskProgress, outcome: Outcome, why: str) -> Record:
    return Record((facts.Judged(gate.task, outcome, why),))


def reaction(step: Step, bad: Sequence[TaskProgress]) -> OnFailure:
    """What follows a step of which `bad` tasks did not end well.

    Nobody's word is taken for what is not known: that is asked, unless the runbook has a way for a
    host that does not answer.
    """
    if isinstance(step, OnHosts) and all(each.unreachable for each in bad):
        away = step.if_unreachable
        return _ASK if away.act is Act.WAIT else away
    if any(each.outcome is Outcome.UNKNOWN or each.unreachable for each in bad):
        return _ASK
    if isinstance(step, Gate) and bad[0].outcome is Outcome.TIMED_OUT:
        return step.if_late
    return step.if_fails


def of_tasks(step: Step, bad: Sequence[TaskProgress], run: KnownRun) -> Iterator[Question]:
    """The questions about tasks that did not end well, one each."""
    for each in bad:
        text = f"{step.say}: {each.task} is {each.outcome}: {each.why}"
        yield Question(each.task, text, tuple(_choices(each, run)))


def _choices(task: TaskProgress, run: KnownRun) -> Iterator[Decision]:
    step = run.course.step(task.task.step)
    unknown = task.state is StepState.UNKNOWN
    safe = isinstance(step, Check) or repeatable(step, task.task)
    if unknown:
        yield Decision.SETTLE
    if safe or not unknown:
        yield Decision.RETRY
    if not unknown or isinstance(step, Check):
        yield Decision.WAIVE
    preflight = any(step.id == each.id for each in run.course.before)
    if not (preflight or task.task.undo or unknown) and can_go_back(run, task.task):
        yield Decision.ROLL_BACK
    yield Decision.REFUSE
