"""Before the first step: what must hold is asked all at once, and refused with all reasons."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.progress import facts
from runbooks.progress.known import KnownRun
from runbooks.progress.questions import of_tasks
from runbooks.progress.requests import Question, Record, Request
from runbooks.progress.states import RunState
from runbooks.runbook import Act


def requests(run: KnownRun, now: int) -> Iterator[Request]:
    """All checks at once, and all reasons not to start at once."""
    tasks = [each for step in run.course.before for each in run.tasks(step)]
    if run.aborted is not None:
        yield Record((facts.Finished(RunState.ABORTED, run.aborted.reason),))
    elif not all(each.ended for each in tasks):
        yield from run.of_tasks(tasks, now)
    else:
        yield from _ended(run)


def _ended(run: KnownRun) -> Iterator[Request]:
    reasons: list[str] = []
    asked: list[Question] = []
    for step in run.course.before:
        bad = [each for each in run.tasks(step) if not each.good]
        act = step.if_fails.act
        if not bad or act is Act.CONTINUE:
            continue
        refused = next((each.refusal for each in bad if each.refusal is not None), None)
        if act is Act.ASK and refused is None:
            asked += of_tasks(step, bad, run)
        else:
            said = refused or "; ".join(f"{each.task}: {each.why}" for each in bad)
            reasons.append(f"{step.say}: {said}")
    if reasons:
        yield Record((facts.Finished(RunState.FAILED, "; ".join(reasons)),))
    elif asked:
        yield from asked
    else:
        yield Record((facts.PreflightPassed(),))
