"""Hosts that keep the agent's contract, in memory, with faults at will; and a driver for a run.

What a payload does is a `Deed`. `times` counts how often it was carried out: never twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from runbooks.progress import facts
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Ending, Fact, Task
from runbooks.progress.questions import Decision, decided
from runbooks.progress.requests import (
    Answer,
    Call,
    Collected,
    Finish,
    Found,
    Gc,
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
    Question,
    Record,
    Stop,
    Survey,
    Surveyed,
    Void,
    Voided,
    Wait,
    Went,
)
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import RunState
from runbooks.runbook import Runbook

T0 = 1_800_000_000_000
#: A run that asks for so much without an end has a loop.
MOST_STEPS = 20_000


class Killed(Exception):  # noqa: N818 - what happened to it
    """The watch was killed here."""


@dataclass
class Deed:
    """What a step does on a host: `polls` until it ends with `status`; and what befalls it."""

    status: int = 0
    polls: int = 1
    works: bool = True  # whether `done_when` holds afterwards
    befalls: Found | None = None  # LOST or ORPHAN or STILLBORN instead of an end
    reboots: bool = False
    hangs: bool = False


@dataclass
class Attempt:
    payload: str
    claimed: bool = False
    void: bool = False
    left: int = 0
    stopped: bool = False


@dataclass
class World:
    """Every host, as the agent on each would answer. `away` hosts do not answer."""

    deeds: Mapping[str, Deed] = field(default_factory=dict)  # by step, or "step@host"
    holds: dict[str, bool] = field(default_factory=dict)  # by step, "step@host", "when:step"
    away: set[str] = field(default_factory=set)
    healthy: set[str] | None = None
    problems: tuple[str, ...] = ()
    times: Counter[tuple[Task, int]] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    boots: Counter[str] = field(default_factory=Counter)
    ran_ms: int | None = None  # for so long what runs has run, where hosts can tell
    attempts: dict[tuple[Task, int], Attempt] = field(default_factory=dict)
    fault: Callable[[Call], str] = lambda call: ""  # "", "cut" before it arrives, "deaf" after

    def answer(self, request: Call, payload: Callable[[Task], bytes]) -> Answer:
        """What comes back for a request."""
        host = "" if isinstance(request, Survey) else request.task.host
        fault = self.fault(request)
        if host in self.away or fault == "cut":
            return NoAnswer("no route")
        answer = self._answer(request, payload)
        return NoAnswer("connection lost") if fault == "deaf" else answer

    def _answer(self, request: Call, payload: Callable[[Task], bytes]) -> Answer:
        match request:
            case Look():
                return Looked(self._looked(request), "said")
            case Put(task, number):
                digest = hashlib.sha256(payload(task)).hexdigest()
                found = self.attempts.setdefault((task, number), Attempt(digest))
                if found.payload != digest:
                    return PutDone(refusal="another payload stands under this id")
                return PutDone(self._boot(task.host))
            case Go(task, number):
                return self._go(task, number)
            case Poll(task, number, stop=stop, stop_after_ms=after):
                late = self.ran_ms is None or self.ran_ms >= after
                return self._poll(task, number, stop if late else Stop.NO)
            case Play(task, number):
                return self._play(task, number)
            case Void(task, number) if task.step.startswith("play"):
                return Polled(Found.DONE, ending=Ending.STOPPED)
            case Void(task, number, stop):
                attempt = self.attempts.setdefault((task, number), Attempt(""))
                attempt.void = attempt.void or not attempt.claimed
                attempt.stopped = attempt.stopped or stop is not Stop.NO
                runs = attempt.claimed and attempt.left > 0 and not attempt.stopped
                return Voided(attempt.void, runs)
            case Gc(task, number):
                self.attempts.pop((task, number), None)
                return Collected(True)
            case Survey(hosts=hosts):
                well = set(hosts) if self.healthy is None else self.healthy
                return Surveyed(frozenset(well), self.problems)
            case _:
                raise AssertionError(request)

    def _deed(self, task: Task) -> Deed:
        name = f"{task.step}!" if task.undo else task.step
        about = task.about or task.host
        return self.deeds.get(f"{name}@{about}", self.deeds.get(name, Deed()))

    def _boot(self, host: str) -> str:
        return f"boot-{self.boots[host]}"

    def _looked(self, look: Look) -> bool:
        task = look.task
        name = f"when:{task.step}" if look.purpose is Purpose.WHEN else task.step
        about = task.about or task.host
        missing = look.purpose in (Purpose.WHEN, Purpose.CHECK)
        if (
            look.purpose is Purpose.AFTER
            and name not in self.holds
            and f"{name}@{about}" not in self.holds
        ):
            missing = self._deed(task).reboots
        return self.holds.get(f"{name}@{about}", self.holds.get(name, missing))

    def _go(self, task: Task, number: int) -> Answer:
        attempt = self.attempts.get((task, number))
        if attempt is None:
            return Polled(Found.ABSENT, self._boot(task.host))
        deed = self._deed(task)
        if not attempt.claimed and not attempt.void:
            attempt.claimed, attempt.left = True, deed.polls
            if deed.befalls is not Found.STILLBORN:
                self.times[task, number] += 1
                self.order.append(str(task))
                if deed.works and not task.undo:
                    self.holds[f"{task.step}@{task.about or task.host}"] = True
                self.boots[task.host] += deed.reboots
        return Went(self._boot(task.host))

    def _play(self, task: Task, number: int) -> Answer:
        """A playbook that was begun before is lost to whoever asks for it again."""
        if self.times[task, number]:
            return Polled(Found.LOST)
        deed = self._deed(task)
        self.times[task, number] += 1
        self.order.append(str(task))
        if deed.works:
            self.holds[f"{task.step}@{task.host}"] = True
        return Polled(Found.DONE, offset=2, kept=2, sha256="bb", status=deed.status, size=2)

    def _poll(self, task: Task, number: int, stop: Stop) -> Answer:
        attempt, deed = self.attempts.get((task, number)), self._deed(task)
        boot = self._boot(task.host)
        if attempt is None:
            return Polled(Found.ABSENT, boot)
        if attempt.void:
            return Polled(Found.VOID, boot)
        if not attempt.claimed:
            return Polled(Found.PREPARED, boot)
        if deed.befalls is not None:
            return Polled(deed.befalls, boot)
        if attempt.left > 0 or deed.hangs:
            attempt.stopped = attempt.stopped or stop is not Stop.NO
        if attempt.stopped:
            return Polled(Found.DONE, boot, ending=Ending.STOPPED, status=143)
        attempt.left -= not deed.hangs
        if attempt.left > 0 or deed.hangs:
            return Polled(Found.RUNNING, boot, 1, kept=1, sha256="aa", ran_ms=self.ran_ms)
        return Polled(Found.DONE, boot, offset=2, kept=2, sha256="bb", status=deed.status, size=2)


def payload(task: Task) -> bytes:
    """What a task runs."""
    return f"run {task}".encode()


def planned(
    runbook: Runbook, hosts: Mapping[str, tuple[str, ...]], **more: object
) -> facts.Planned:
    """A plan of `runbook` on `hosts`."""
    pinned = {"text": runbook.text, "sha256": runbook.sha256, "hosts": hosts}
    return facts.Planned("r-1", runbook.name, runbook.title, **{**pinned, **more})  # type: ignore[arg-type]


Says = Callable[[RunProgress, Question, int], tuple[str, tuple[Fact, ...]]]


def nobody(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
    raise AssertionError(f"nobody was to be asked: {question}")


def saying(*said: tuple[Decision, dict[str, object]]) -> Says:
    """People who answer one question after the other, each from another mouth."""
    left = list(said)

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        decision, more = left.pop(0) if len(left) > 1 else left[0]
        made = decided(run, question.task.step, decision, "because", now, **more)  # type: ignore[arg-type]
        return f"person-{len(left)}-{run.seq}", made

    return says


class Drive:
    """A watch and its journal over a world, until the run has ended; it may be killed.

    `kill_at` is called with "act" after a call was made and before it is on record, "entry" after
    an entry is on the disk; it raises `Killed`.
    """

    def __init__(
        self, runbook: Runbook, plan: facts.Planned, world: World, says: Says = nobody
    ) -> None:
        self.runbook, self.world, self.says = runbook, world, says
        self.now = T0
        self.journal = [Entry(1, T0, "op", plan)]
        self.kill: Callable[[str], None] = lambda where: None
        self.meddle: Callable[[Drive], None] = lambda drive: None
        self.lives = 0
        self.run = self._reborn()

    def _reborn(self) -> RunProgress:
        self.lives += 1
        return replay(self.runbook, self.journal, payload)

    def record(self, made: tuple[Fact, ...], actor: str = ENGINE) -> None:
        for fact in made:
            entry = Entry(self.run.seq + 1, self.now, actor, fact)
            self.journal.append(entry)
            self.run.apply(entry)
            self.kill("entry")

    def to_the_end(self) -> RunState:
        for _ in range(MOST_STEPS):
            try:
                if self._step():
                    assert self.run.finished is not None
                    return RunState(self.run.finished.state)
            except Killed:
                self.now += 3_000
                self.run = self._reborn()
        raise AssertionError(f"no end: {self.run.requests(self.now)}")

    def _step(self) -> bool:
        """One round; True once nothing is left to do."""
        self.meddle(self)
        requests = self.run.requests(self.now)
        if len(requests) == 1 and isinstance(requests[0], Finish):
            return True
        calls = [r for r in requests if not isinstance(r, Record | Question | Wait | Finish)]
        for each in requests:
            if isinstance(each, Record):
                self.record(each.facts)
                return False
        before = self.run.seq
        for call in calls:
            self._fulfil(call)
        if self.run.finished is not None and self.run.seq == before:
            return True  # a silent host keeps what lies there: tried at the next start
        if self.run.seq == before:
            self._ask_or_wait(requests)
        self.now += 500
        return False

    def _fulfil(self, call: Call) -> None:
        answer = self.world.answer(call, payload)
        self.kill("act")
        self.record(self.run.conclude(call, answer, self.now))

    def _ask_or_wait(self, requests: tuple[object, ...]) -> None:
        questions = [each for each in requests if isinstance(each, Question)]
        waits = [each.until for each in requests if isinstance(each, Wait)]
        if questions:
            actor, made = self.says(self.run, questions[0], self.now)
            self.record(made, actor)
        elif waits:
            self.now = max(self.now, min(waits))
