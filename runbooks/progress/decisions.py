"""What people answer: a decision on what was asked, and the facts that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runbooks.progress import facts
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Question
from runbooks.progress.run import RunProgress

#: Hosts named in a refusal; the rest are counted.
_NAMED = 5


class DecisionRefused(Exception):  # noqa: N818
    """A decision that nobody asked for, or without what it needs: `reasons` are all of them."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


def decided(
    run: RunProgress,
    step: str,
    decision: Decision,
    reason: str,
    now: int,
    *,
    host: str = "",
    outcome: Outcome | None = None,
    everywhere: bool = False,
) -> tuple[Fact, ...]:
    """The facts that a person's decision on `step` makes, on one `host` or `everywhere`.

    Where it is asked on one host alone, neither need be said. Raises DecisionRefused with all
    reasons. Who may decide is not asked here: see `watch.runs`.
    """
    asked = [each for each in run.requests(now) if isinstance(each, Question)]
    mine = [q for q in asked if q.task.step == step and host in ("", q.task.host, q.task.about)]
    reasons = []
    if not mine:
        about = f"{step}{f' on {host}' if host else ''}"
        others = ", ".join(str(each.task) for each in asked)
        now_asked = f"it asks about {others}" if others else "it asks nothing now"
        reasons.append(f"the run does not ask about {about}: {now_asked}")
    fitting = [each for each in mine if decision in each.choices]
    if mine and not fitting:
        reasons.append(f"{decision} is no answer here: {', '.join(mine[0].choices)}")
    hosts = tuple(dict.fromkeys(each.task.about or each.task.host for each in mine))
    if len(hosts) > 1 and not host and not everywhere:
        # Who read one question must not have answered seven more with it.
        few = ", ".join(hosts[:_NAMED]) + (" …" if len(hosts) > _NAMED else "")
        reasons.append(f"{step} is asked on {len(hosts)} hosts: name one of {few}, or all of them")
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
