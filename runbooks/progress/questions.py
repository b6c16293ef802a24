"""What only people can say: gates, what did not end well, what nobody knows; and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from runbooks.progress import facts
from runbooks.progress.course import repeatable
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.requests import Question, Record, Request
from runbooks.progress.states import StepState
from runbooks.progress.task import TaskProgress
from runbooks.runbook import Act, Check, Gate, OnFailure, OnHosts, Step

if TYPE_CHECKING:
    from runbooks.progress.run import RunProgress

_ASK = OnFailure(Act.ASK)


class Decision(StrEnum):
    """What a person may say; the verbs of `twinwatch runs decide`."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WAIVE = "waive"
    SETTLE = "settle"
    RETRY = "retry"
    ROLL_BACK = "roll-back"


class DecisionRefused(Exception):  # noqa: N818
    """A decision that nobody asked for, or without what it needs: `reasons` are all of them."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


# --- questions ------------------------------------------------------------------------------------


def of_gate(step: Gate, gate: TaskProgress, run: RunProgress, opened_at: int, now: int) -> Request:
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


def of_tasks(step: Step, bad: Sequence[TaskProgress], run: RunProgress) -> Iterator[Question]:
    """The questions about tasks that did not end well, one each."""
    for each in bad:
        text = f"{step.say}: {each.task} is {each.outcome}: {each.why}"
        yield Question(each.task, text, tuple(_choices(each, run)))


def _choices(task: TaskProgress, run: RunProgress) -> Iterator[Decision]:
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
    if not (preflight or task.task.undo or unknown) and run.can_go_back(task.task):
        yield Decision.ROLL_BACK
    yield Decision.REFUSE


# --- answers --------------------------------------------------------------------------------------


def decided(
    run: RunProgress,
    step: str,
    decision: Decision,
    reason: str,
    now: int,
    *,
    host: str = "",
    outcome: Outcome | None = None,
) -> tuple[Fact, ...]:
    """The facts that a person's decision on `step` makes, on one `host` or wherever it was asked.

    Raises DecisionRefused with all reasons. Who may decide is not asked here: see `watch.runs`.
    """
    asked = [each for each in run.requests(now) if isinstance(each, Question)]
    mine = [q for q in asked if q.task.step == step and host in ("", q.task.host, q.task.about)]
    reasons = []
    if not mine:
        open_now = ", ".join(str(each.task) for each in asked) or "nothing"
        reasons.append(
            f"nobody asks about {step}{f' on {host}' if host else ''}: open is {open_now}"
        )
    fitting = [each for each in mine if decision in each.choices]
    if mine and not fitting:
        reasons.append(f"{decision} is no answer here: {', '.join(mine[0].choices)}")
    if decision is not Decision.APPROVE and not reason.strip():
        reasons.append(f"to {decision} needs a reason")
    if decision is Decision.SETTLE and outcome not in (Outcome.OK, Outcome.FAILED):
        reasons.append("to settle needs what is true: ok or failed")
    if reasons:
        raise DecisionRefused(reasons)
    made = [fact for each in fitting for fact in _facts(run, each.task, decision, reason, outcome)]
    return tuple(dict.fromkeys(made))


def _facts(
    run: RunProgress, task: Task, decision: Decision, reason: str, outcome: Outcome | None
) -> Iterator[Fact]:
    match decision:
        case Decision.APPROVE:
            yield facts.Approved(task, reason)
        case Decision.REFUSE:
            yield facts.Refused(task, reason)
        case Decision.WAIVE:
            yield facts.Waived(task, reason)
        case Decision.SETTLE:
            assert outcome is not None
            yield facts.Settled(task, outcome, reason)
        case Decision.RETRY:
            yield from (facts.Retried(each, reason) for each in _reopened(run, task))
        case Decision.ROLL_BACK:
            yield facts.RollBackChosen(task, reason)


def _reopened(run: RunProgress, task: Task) -> Iterator[Task]:
    """What is done again with `task`: a rolled host as a whole, and the hosts that were spared.

    That way what is done always is done again too.
    """
    rolling = run.course.rolling_of(task)
    if rolling is None or (rolling.id, "") not in run.turned or task.undo:
        yield task
        return
    begun = {host for batch in run.batches.get(rolling.id, ()) for host in batch.hosts}
    for each in run.course.tasks(rolling):
        if run.task(each).ended and (each.about == task.about or each.about not in begun):
            yield each
            undoing = run.undoing(each)
            if undoing is not None and undoing.ended:
                yield undoing.task
