"""One step on one host: what its facts amount to, and what it asks for next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from runbooks.progress import facts
from runbooks.progress.course import (
    Course,
    changes,
    done_when,
    is_gate,
    looks_before,
)
from runbooks.progress.entries import Entry
from runbooks.progress.facts import Ending, Outcome, Task, TaskFact
from runbooks.progress.requests import (
    Gc,
    Go,
    Look,
    Play,
    Poll,
    Purpose,
    Put,
    Question,
    Record,
    Request,
    Stop,
    Void,
    Wait,
)
from runbooks.progress.states import DECIDED, StepState, moved
from runbooks.runbook import ORACLE_MS, Check, Playbook, Step, WhenShell

#: What was put on a host and not started for so long is started only if a person says so.
STALE_MS = 600_000
#: The host's own clock stops a step first; so much later we do it.
GRACE_MS = 5_000
#: A step that was asked to end is killed after this, and given up after twice as long.
KILL_MS = 10_000


class Hold(Enum):
    """What may be begun."""

    NOTHING_HELD = auto()
    PAUSED = auto()  # what runs goes on
    STOPPED = auto()  # what runs is stopped


@dataclass(slots=True)
class TaskProgress:
    """One task as its facts have it; times are UTC ms."""

    task: Task
    state: StepState = StepState.PENDING
    number: int = 0  # of attempts
    touched: bool = False  # something may lie on the host
    fresh: bool = False  # what was begun was begun by this life of the watch
    tries: int = 0  # of a check
    boot: str = ""
    uptime_ms: int | None = None  # of the host, when it was prepared
    prepared_at: int = 0
    offset: int = 0  # of the output, as the host counts it
    kept: int = 0  # bytes of it that are kept
    at: int | None = None  # of the last fact
    judged_at: int | None = (
        None  # when its outcome was known: what is tidied later is no part of it
    )
    intended_at: int = 0
    started_at: int = 0
    confirmed_at: int = 0
    ready_at: int = 0  # not before: a retry's pause
    ending: Ending | None = None
    status: int | None = None
    outcome: Outcome | None = None
    why: str = ""
    unreachable: bool = False
    when_held: bool = False
    waived: bool = False
    refusal: str | None = None
    fenced_off: facts.FencedOff | None = None  # until a person says to go on
    approvals: list[str] = field(default_factory=list)
    collected: set[int] = field(default_factory=set)
    restless: int = 0  # the last attempt that may still run, or start; 0 where none may

    @property
    def decided(self) -> bool:
        """Whether it asks nothing more of anybody."""
        return self.state in DECIDED

    @property
    def ended(self) -> bool:
        """Whether it will not go on by itself: decided, or a person must say."""
        return self.decided or self.state is StepState.UNKNOWN

    @property
    def unheard(self) -> bool:
        """Whether nobody knows how it ended, and its host was never heard: it may know."""
        return self.state is StepState.UNKNOWN and self.ending is Ending.UNREACHABLE

    @property
    def good(self) -> bool:
        """Whether the run may go on from it."""
        return self.decided and (self.waived or self.outcome in facts.GOOD)

    def apply(self, entry: Entry, fact: TaskFact) -> None:
        """Move by a fact about this task; raises IllegalMove."""
        self.state = moved(self.state, fact)
        self.at = entry.at
        match fact:
            case facts.Intended(number=number):
                self.number, self.intended_at = number, entry.at
                self.confirmed_at = entry.at
                self.offset, self.kept, self.boot = 0, 0, ""
                self.fenced_off = None
            case facts.Prepared(boot=boot, uptime_seconds=uptime):
                self.boot, self.touched = boot, True
                self.prepared_at = entry.at
                self.uptime_ms = None if uptime is None else uptime * 1000
            case facts.GoIntended():
                self.started_at, self.touched, self.fresh = entry.at, True, True
            case facts.Started():
                self.started_at = entry.at
            case facts.OutputKept(offset=offset, size=size):
                self.offset, self.kept = offset, size
            case facts.Resulted(ending=ending, status=status):
                self.ending, self.status = ending, status
                self._unjudge()  # what was unknown is asked anew
            case facts.Judged():
                self.outcome, self.why, self.judged_at = fact.outcome, fact.why, entry.at
                self.unreachable = fact.unreachable
            case facts.Settled():
                self.outcome, self.why = fact.outcome, f"settled: {fact.reason}"
                self.unreachable = False  # what is known now does not hang on the host's silence
                self.judged_at = entry.at
            case facts.Retried():
                self._reopen(entry)
            case facts.Waived(reason=reason):
                self.waived, self.why = True, f"waived: {reason}"
            case facts.FencedOff():
                self.fenced_off = fact
            case facts.Approved():
                self.confirmed_at, self.fenced_off = entry.at, None
                if entry.actor not in self.approvals:
                    self.approvals.append(entry.actor)
            case facts.Refused(reason=reason):
                self.refusal = f"refused by {entry.actor}: {reason}"
            case facts.CheckTried(number=number):
                self.tries = number
            case facts.Rested():
                self.restless = 0
            case facts.WhenHeld():
                self.when_held = True
            case facts.Cleaned(number=number):
                self.collected.add(number)

    def _reopen(self, entry: Entry) -> None:
        if self.ending in _UNDECIDABLE:
            self.restless = self.number
        self._unjudge()
        self.ending = self.status = self.refusal = None
        self.waived = self.when_held = False
        self.tries = 0
        self.approvals.clear()

    def _unjudge(self) -> None:
        self.outcome, self.why, self.unreachable, self.judged_at = None, "", False, None


def next_of(task: TaskProgress, course: Course, now: int, hold: Hold) -> Request | None:
    """What the task asks for now; None when it is decided, or held.

    `begun_at` is when the run came to it (UTC ms).
    """
    step = course.step(task.task.step)
    match task.state:
        case StepState.PENDING:
            return _begin(task, step, course, now, hold)
        case StepState.INTENT:
            if hold is Hold.STOPPED:
                return _given_up(task, "aborted before it was put on the host")
            if isinstance(step, Playbook):
                return Record((facts.GoIntended(task.task),))
            return Put(task.task, task.number)
        case StepState.PREPARED:
            return _go_ahead(task, now, hold)
        case StepState.GOING:
            timeout_ms = course.timeout_ms(task.task)
            if hold is Hold.STOPPED:
                return Void(task.task, task.number)
            if isinstance(step, Playbook) and not task.task.undo:
                return Play(task.task, task.number, timeout_ms)
            return Go(task.task, task.number, timeout_ms, task.boot, _not_after(task, timeout_ms))
        case StepState.RUNNING:
            return _poll(task, course, now, hold)
        case StepState.DONE:
            return _verify(task, step)
        # A person is asked; but a host that comes back may know it before they do.
        case StepState.UNKNOWN if hold is Hold.STOPPED:
            return None
        case StepState.UNKNOWN if task.unheard:
            return _poll(task, course, now, hold)
        case StepState.UNKNOWN if task.unreachable and done_when(step, task.task):
            return Look(task.task, Purpose.AFTER, ORACLE_MS)
        case _:
            return None


def _begin(task: TaskProgress, step: Step, course: Course, now: int, hold: Hold) -> Request | None:
    if is_gate(step):
        return None  # the run asks: see `questions`
    if hold is Hold.STOPPED:
        return Record((_never_begun(task),))
    if hold is Hold.PAUSED:
        return None
    if now < task.ready_at:
        return Wait(task.ready_at)
    if task.restless:
        patient = now < (task.at or now) + KILL_MS
        return Void(task.task, task.restless, Stop.TERM if patient else Stop.KILL)
    if isinstance(step.when, WhenShell) and not task.when_held and not task.task.undo:
        return Look(task.task, Purpose.WHEN, ORACLE_MS)
    if isinstance(step, Check):
        return Look(task.task, Purpose.CHECK, step.timeout_ms)
    if looks_before(step, task.task):
        return Look(task.task, Purpose.BEFORE, ORACLE_MS)
    return Record((intended(task, course),))


def _never_begun(task: TaskProgress) -> facts.Judged:
    if task.restless:
        why = f"aborted while attempt {task.restless} may still run"
        return facts.Judged(task.task, Outcome.UNKNOWN, why)
    return facts.Judged(task.task, Outcome.SKIPPED, "aborted before it began")


def intended(task: TaskProgress, course: Course) -> facts.Intended:
    """The intent of the next attempt (J1)."""
    digest = course.payload_sha256(task.task)
    return facts.Intended(task.task, task.number + 1, digest, course.timeout_ms(task.task))


def _given_up(task: TaskProgress, why: str) -> Record:
    return Record((facts.Judged(task.task, Outcome.STOPPED, why),))


def _go_ahead(task: TaskProgress, now: int, hold: Hold) -> Request | None:
    if hold is Hold.STOPPED:
        return _given_up(task, "aborted before it was started")
    if task.refusal is not None:
        return _given_up(task, task.refusal)
    if hold is Hold.PAUSED:
        return None
    if task.fenced_off is not None:
        why = f"others had its lock since, and gave it back ({task.fenced_off.why})"
        text = f"{task.task} was not started, {why}: is it still to be done?"
        return Question(task.task, text, ("approve", "refuse"))
    if now - task.confirmed_at > STALE_MS:
        minutes = (now - task.intended_at) // 60_000
        text = f"{task.task} was prepared {minutes} minutes ago and not started: start it now?"
        return Question(task.task, text, ("approve", "refuse"))
    return Record((facts.GoIntended(task.task),))


def _poll(task: TaskProgress, course: Course, now: int, hold: Hold) -> Poll:
    stop, after = _stop(task, course.timeout_ms(task.task), now, hold)
    poll = Poll(task.task, task.number, task.offset, task.kept, stop)
    return replace(poll, stop_after_ms=after)


def _stop(task: TaskProgress, timeout_ms: int, now: int, hold: Hold) -> tuple[Stop, int]:
    """Whether what runs is stopped, and for how long it must have run for that by its host's own
    time, in ms: our clock may have been set while the watch was down. By its time it has been
    GRACE_MS late."""
    if hold is Hold.STOPPED:
        return Stop.KILL, 0
    allowed = timeout_ms + GRACE_MS
    late = now - task.started_at - allowed
    if late < 0:
        return Stop.NO, 0
    return (Stop.TERM, allowed) if late < KILL_MS else (Stop.KILL, allowed + KILL_MS)


def given_up_at(task: TaskProgress, timeout_ms: int) -> int:
    """From when on nothing more is expected of a running attempt, UTC ms."""
    return task.started_at + longest_ms(timeout_ms)


def longest_ms(timeout_ms: int) -> int:
    """For how long an attempt may be at work, until the last way to stop it has failed."""
    return timeout_ms + GRACE_MS + 2 * KILL_MS


def _not_after(task: TaskProgress, timeout_ms: int) -> int | None:
    """The host's uptime, in seconds, from which on we will have given up: it must not start then.

    None where its uptime is not known.
    """
    if task.uptime_ms is None:
        return None
    left = given_up_at(task, timeout_ms) - task.prepared_at
    return (task.uptime_ms + left) // 1000


def _verify(task: TaskProgress, step: Step) -> Request:
    """After an attempt has ended: `done_when` says, where it can tell more than we know."""
    verdict = plain_verdict(task, step)
    if verdict is not None:
        return Record((verdict,))
    return Look(task.task, Purpose.AFTER, ORACLE_MS)


def plain_verdict(task: TaskProgress, step: Step) -> facts.Judged | None:
    """The verdict where no oracle is needed, or none is there; None where it must be asked."""
    oracle = bool(done_when(step, task.task))
    match task.ending:
        case Ending.EXITED if task.status != 0:
            return facts.Judged(task.task, Outcome.FAILED, f"exit status {task.status}")
        case Ending.EXITED if not oracle:
            return facts.Judged(task.task, Outcome.OK)
        case Ending.TIMED_OUT:
            return facts.Judged(task.task, Outcome.TIMED_OUT, "its time was up")
        case Ending.STOPPED:
            return facts.Judged(task.task, Outcome.STOPPED, "stopped by us")
        case Ending.VOID:
            return facts.Judged(task.task, Outcome.STOPPED, "never started: its gate was shut")
        case Ending.STILLBORN:
            why = "it never began: is the host's disk full?"
            return facts.Judged(task.task, Outcome.FAILED, why)
        case Ending.UNREACHABLE:
            return undecidable(task)  # its own word first, once it answers; `done_when` after it
        case ending if ending in _UNDECIDABLE and not oracle:
            return undecidable(task)
        case _:
            return None


#: What is known when nobody knows how an attempt ended.
_UNDECIDABLE = {
    Ending.LOST: "it began, and ended without a result",
    Ending.ORPHAN: "it did not end when told to, and may still run",
    Ending.ABSENT: "its directory is gone from the host, after it may have been started",
    Ending.UNSTARTED: "it was told to start, and had not when its time was over",
    Ending.UNREACHABLE: "the host did not answer, after it may have been started",
}


def undecidable(task: TaskProgress, more: str = "") -> facts.Judged:
    """The verdict that a person must give, and why."""
    assert task.ending is not None
    why = _UNDECIDABLE.get(task.ending, f"it ended ({task.ending})")
    if more:
        why = f"{why}; {more}"
    unreachable = task.ending is Ending.UNREACHABLE
    return facts.Judged(task.task, Outcome.UNKNOWN, why, unreachable)


def last_things(task: TaskProgress, step: Step) -> Iterator[Poll | Record | Gc]:
    """What is to be heard of its host, and removed there, once the run has ended.

    How an attempt ended that nobody knows of is put on record before it is removed.
    """
    if not task.touched or (isinstance(step, Playbook) and not task.task.undo):
        return
    missing = set(range(1, task.number + 1)) - task.collected
    if task.state is StepState.DONE:
        why = "`done_when` was not asked: the run had ended"
        yield Record((plain_verdict(task, step) or undecidable(task, why),))
    elif task.unheard:
        missing.discard(task.number)
        yield Poll(task.task, task.number, task.offset, task.kept)
    yield from (Gc(task.task, number) for number in sorted(missing))


def takes_back(task: TaskProgress, step: Step) -> bool:
    """Whether the task did something that a roll-back has to undo."""
    return changes(step) and task.decided and task.outcome is Outcome.OK and task.number > 0
