"""What an answer means: a request, what came back, and the facts that follow from both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from runbooks.progress import facts
from runbooks.progress.course import Course, repeatable
from runbooks.progress.facts import Ending, Outcome, TaskFact
from runbooks.progress.requests import (
    Answer,
    Call,
    Collected,
    Found,
    Go,
    Look,
    Looked,
    NoAnswer,
    Play,
    Poll,
    Polled,
    Purpose,
    Put,
    PutDone,
    Stop,
    Void,
    Voided,
    Went,
)
from runbooks.progress.states import StepState
from runbooks.progress.task import (
    KILL_MS,
    TaskProgress,
    given_up_at,
    intended,
    longest_ms,
    undecidable,
)
from runbooks.runbook import Check, Do, OnHosts, Reboot, Until

_ENDINGS = {
    Found.LOST: Ending.LOST,
    Found.VOID: Ending.VOID,
    Found.STILLBORN: Ending.STILLBORN,
    Found.ABSENT: Ending.ABSENT,
}
_BEGUN = frozenset({Found.RUNNING, Found.ORPHAN, Found.DONE, Found.LOST})

#: What tells a host to restart ends well, or is ended by the restart itself: SIGHUP, KILL or TERM.
_RESTARTING = frozenset({0, 129, 137, 143})


@dataclass(frozen=True, slots=True)
class Moment:
    """When an answer is judged: since when the task could be done, when it was told to stop."""

    now: int
    ready_at: int
    stopped_at: int | None = None


def conclude(
    task: TaskProgress, course: Course, request: Call, answer: Answer, moment: Moment
) -> list[TaskFact]:
    """The facts that `answer` to `request` makes, in order; none when it has to be asked again."""
    match request, answer:
        case Look(purpose=Purpose.AFTER), (Looked() | NoAnswer()):
            return _after(task, course, answer, moment)
        case Look(), (Looked() | NoAnswer()):
            return _looked(task, course, request, answer, moment)
        case Put(), PutDone(boot, "", uptime):
            return [facts.Prepared(task.task, boot, uptime)]
        case Put(), PutDone(_, refusal):
            return [facts.Judged(task.task, Outcome.FAILED, refusal)]
        case Put(), NoAnswer():
            return _not_begun(task, course, answer, task.intended_at, moment)
        case Go(), Went(boot, ""):
            return [facts.Started(task.task, boot)]
        case Go(), Went(_, refusal):
            return [facts.Judged(task.task, Outcome.STOPPED, refusal)]
        case Poll(stop=Stop.NO), Polled(Found.RUNNING | Found.ORPHAN) if task.unheard:
            return _printed(task, answer)  # it is at work still, and nobody told it to end
        case Play(), NoAnswer():
            return _not_begun(task, course, answer, task.started_at, moment)
        case ((Go() | Poll() | Play() | Void()), Polled()):
            return _polled(task, course, answer, moment)
        case Void(), (Voided() | NoAnswer()) if task.state is StepState.PENDING:
            return _put_to_rest(task, course, answer, moment)
        case Void(), Voided(shut):
            if shut:
                return [facts.Resulted(task.task, Ending.VOID)]
            return [facts.Started(task.task)]  # it was claimed before: now it is stopped
        case Poll(), NoAnswer() if task.state is StepState.UNKNOWN:
            return []  # it was given up before: a person must say
        case ((Go() | Poll() | Void()), NoAnswer()):
            return _silent(task, course, moment)
        case _, Collected(gone=True):
            return [facts.Cleaned(task.task, request.number)] if hasattr(request, "number") else []
        case _:
            return []


def _looked(
    task: TaskProgress, course: Course, request: Look, answer: Looked | NoAnswer, moment: Moment
) -> list[TaskFact]:
    if isinstance(answer, NoAnswer):
        since = max(moment.ready_at, task.ready_at)
        if request.purpose is Purpose.CHECK:
            return _unasked(task, course, answer, since, moment)
        return _not_begun(task, course, answer, since, moment)
    match request.purpose, answer.holds:
        case Purpose.WHEN, True:
            return [facts.WhenHeld(task.task)]
        case Purpose.WHEN, False:
            return [facts.Judged(task.task, Outcome.SKIPPED, "its condition does not hold")]
        case Purpose.BEFORE, True:
            return [facts.Judged(task.task, Outcome.ALREADY_DONE)]
        case Purpose.BEFORE, False:
            return [intended(task, course)]
        case _, True:
            return [facts.Judged(task.task, Outcome.OK, answer.said)]
        case _:
            return _did_not_hold(task, course, answer.said)


def _did_not_hold(task: TaskProgress, course: Course, said: str) -> list[TaskFact]:
    until = _until(task, course)
    if until is not None and task.tries + 1 < until.tries:
        return [facts.CheckTried(task.task, task.tries + 1, said)]
    return [facts.Judged(task.task, Outcome.FAILED, said or "it does not hold")]


def _unasked(
    task: TaskProgress, course: Course, answer: NoAnswer, since: int, moment: Moment
) -> list[TaskFact]:
    """A check that can't be asked: until its deadline, with all its tries, it is asked again."""
    until = _until(task, course)
    longest = course.timeout_ms(task.task)
    if until is not None:
        longest = max(longest, until.tries * until.every_ms)
    if moment.now < since + longest:
        return []
    why = f"it could not be asked: {answer.cause}"
    return [facts.Judged(task.task, Outcome.UNKNOWN, why, unreachable=True)]


def _not_begun(
    task: TaskProgress, course: Course, answer: NoAnswer, since: int, moment: Moment
) -> list[TaskFact]:
    """The host does not answer, and nothing was started: given up at the step's deadline."""
    if moment.now < since + course.timeout_ms(task.task):
        return []
    why = f"not started: {answer.cause}"
    return [facts.Judged(task.task, Outcome.STOPPED, why, unreachable=True)]


def _put_to_rest(
    task: TaskProgress, course: Course, answer: Voided | NoAnswer, moment: Moment
) -> list[TaskFact]:
    """Whether there may be another attempt: never while one before it may run."""
    if isinstance(answer, Voided) and not answer.running:
        return [facts.Rested(task.task, task.restless)]
    since = max(moment.ready_at, task.ready_at)
    if moment.now < since + max(course.timeout_ms(task.task), 2 * KILL_MS):
        return []
    silent = isinstance(answer, NoAnswer)
    cause = answer.cause if isinstance(answer, NoAnswer) else "it did not end when told to"
    why = f"attempt {task.restless} may still run: {cause}"
    return [facts.Judged(task.task, Outcome.UNKNOWN, why, unreachable=silent)]


def _silent(task: TaskProgress, course: Course, moment: Moment) -> list[TaskFact]:
    """The host does not answer, and it may have been started: polled to the deadline."""
    if moment.now < _last_moment(task, course, moment):
        return []
    return [facts.Resulted(task.task, Ending.UNREACHABLE, whole=False)]


def _last_moment(task: TaskProgress, course: Course, moment: Moment) -> int:
    last = given_up_at(task, course.timeout_ms(task.task))
    if moment.stopped_at is not None:
        last = min(last, moment.stopped_at + 2 * KILL_MS)
    return last


def _polled(task: TaskProgress, course: Course, answer: Polled, moment: Moment) -> list[TaskFact]:
    made: list[TaskFact] = []
    if task.state is StepState.GOING and answer.found in _BEGUN:
        made.append(facts.Started(task.task, answer.boot))
    made += _printed(task, answer)
    ending = _ending(task, course, answer, moment)
    if ending is not None:
        status = answer.status if ending in (Ending.EXITED, Ending.TIMED_OUT) else None
        kept = (answer.size, answer.digest, answer.whole and answer.drained)
        made.append(facts.Resulted(task.task, ending, status, *kept))
    return made


def _printed(task: TaskProgress, answer: Polled) -> list[TaskFact]:
    if answer.offset <= task.offset or answer.found not in _BEGUN:
        return []
    return [facts.OutputKept(task.task, answer.offset, answer.kept, answer.sha256)]


def _ending(task: TaskProgress, course: Course, answer: Polled, moment: Moment) -> Ending | None:
    """How it ended, None while it has not."""
    late = moment.now >= _last_moment(task, course, moment)
    if answer.ran_ms is not None and moment.stopped_at is None:
        # The host's own time tells: our clock may have been set while the watch was down.
        late = answer.ran_ms >= longest_ms(course.timeout_ms(task.task))
    if isinstance(course.step(task.task.step), Reboot) and not task.task.undo:
        if task.boot and answer.boot and answer.boot != task.boot:
            return Ending.REBOOTED
        told = answer.found is Found.DONE and answer.ending is Ending.EXITED
        if told and answer.status in _RESTARTING:
            return Ending.TIMED_OUT if late else None  # told to restart: it will, or is late
    match answer.found:
        case Found.DONE if not answer.drained:
            return None
        case Found.DONE if answer.ending is Ending.STOPPED and moment.stopped_at is None:
            return Ending.TIMED_OUT  # nobody else stops it
        case Found.DONE:
            return answer.ending
        case Found.RUNNING | Found.ORPHAN:
            return Ending.ORPHAN if late else None
        case Found.PREPARED:
            return Ending.UNSTARTED if late else None  # it was told to go, and never did
        case other:
            return _ENDINGS[other]


def _after(
    task: TaskProgress, course: Course, answer: Looked | NoAnswer, moment: Moment
) -> list[TaskFact]:
    """The oracle's word on an attempt that has ended."""
    if task.state is StepState.UNKNOWN:
        if isinstance(answer, NoAnswer) or not answer.holds:
            return []  # a person must say
        why = "`done_when` holds, now that the host answers"
        return [facts.Settled(task.task, Outcome.OK, why)]
    assert task.ending is not None
    deadline = _last_moment(task, course, moment)
    if isinstance(answer, NoAnswer):
        if moment.now < deadline:
            return []
        verdict = undecidable(task, f"`done_when` could not be asked: {answer.cause}")
        return [replace(verdict, unreachable=True)]
    if task.ending is Ending.REBOOTED and not answer.holds and moment.now < deadline:
        return []  # it is still coming up
    if task.ending in (Ending.EXITED, Ending.REBOOTED):
        if answer.holds:
            return [facts.Judged(task.task, Outcome.OK)]
        why = f"it ended ({task.ending}), but `done_when` does not hold"
        return [facts.Judged(task.task, Outcome.FAILED, _with(why, answer.said))]
    if answer.holds:
        return [facts.Judged(task.task, Outcome.OK, "`done_when` holds, so it was done")]
    return [undecidable(task, _with("`done_when` does not hold", answer.said))]


def _with(why: str, said: str) -> str:
    return f"{why}: {said}" if said else why


def again(task: TaskProgress, course: Course) -> list[facts.Retried]:
    """Another attempt, where the runbook allows one after this did not end well."""
    step, until = course.step(task.task.step), _until(task, course)
    if isinstance(step, OnHosts) and step.secrets and task.ending is Ending.VOID:
        return [facts.Retried(task.task, "its secret was lost before it was started")]
    if task.good or task.unreachable or until is None or task.state is StepState.SETTLED:
        return []
    if task.restless:
        return []  # nothing that we can do ends the one before it: a person must say
    if not isinstance(step, Do) or not repeatable(step, task.task) or task.number >= until.tries:
        return []
    return [facts.Retried(task.task, f"attempt {task.number} of {until.tries}: {task.why}")]


def _until(task: TaskProgress, course: Course) -> Until | None:
    step = course.step(task.task.step)
    return step.until if isinstance(step, Check | Do) and not task.task.undo else None


def pause_ms(task: TaskProgress, course: Course) -> int:
    """How long the next try of a check, or attempt, is waited with."""
    until = _until(task, course)
    return until.every_ms if until is not None else 0
