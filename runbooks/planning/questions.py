"""What hosts are asked before a run: the checks `before`, and what is done already.

Nothing of it changes anything. The questions are calls of the engine, and are made as those are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runbooks.planning.plan import Plan
from runbooks.progress.course import Course, looks_before
from runbooks.progress.facts import Task
from runbooks.progress.requests import Look, Looked, NoAnswer, Purpose
from runbooks.reasons import Reason
from runbooks.runbook import ORACLE_MS, Act, Check, Rolling


@dataclass(frozen=True, slots=True)
class Found:
    """What the answers say: reasons not to start, and which tasks are `done`, None if unknown."""

    reasons: tuple[Reason, ...]
    done: Mapping[Task, bool | None]


def questions(plan: Plan) -> tuple[Look, ...]:
    """Every check `before` on its hosts, and the oracle of every step that has one.

    Steps within a rolling are not asked about: it asks for each host when its turn comes.
    """
    course = _course(plan)
    checks = (
        Look(task, Purpose.CHECK, step.timeout_ms)
        for step in course.before
        for task in course.tasks(step)
    )
    oracles = (
        Look(task, Purpose.BEFORE, ORACLE_MS)
        for step in course.steps
        if course.included(step) and not isinstance(step, Rolling)
        for task in course.tasks(step)
        if looks_before(step, task)
    )
    return (*checks, *oracles)


def found(plan: Plan, answers: Mapping[Look, Looked | NoAnswer]) -> Found:
    """What the answers to `questions` say; one that is missing counts as no answer."""
    reasons: list[Reason] = []
    done: dict[Task, bool | None] = {}
    checks = {step.id: step for step in plan.runbook.before}
    for question in questions(plan):
        answer = answers.get(question, NoAnswer("it was not asked"))
        if question.purpose is Purpose.CHECK:
            reasons += _against(checks[question.task.step], question.task, answer)
        else:
            done[question.task] = answer.holds if isinstance(answer, Looked) else None
    return Found(tuple(reasons), done)


def _against(check: Check, task: Task, answer: Looked | NoAnswer) -> Iterator[Reason]:
    where = f" on {task.host}" if task.host else ""
    if isinstance(answer, NoAnswer):
        what = f"{check.say}: nobody knows{where}: {answer.cause}"
        waivable = check.if_unreachable.act is Act.ASK
        todo = "have it answer, and plan again"
        yield Reason("check", what, todo, waivable, step=check.id, unknown=True)
    elif not answer.holds:
        said = f": {answer.said}" if answer.said else ""
        what = f"{check.say}: not so{where}{said}"
        waivable = check.if_fails.act is Act.ASK
        yield Reason("check", what, "mend it, and plan again", waivable, step=check.id)


def _course(plan: Plan) -> Course:
    return Course(plan.runbook, plan.pinned("plan", epoch=0), _nothing)


def _nothing(_task: Task) -> bytes:
    """The payload of what is not carried out."""
    raise AssertionError("a plan changes nothing")
