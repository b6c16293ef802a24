"""A watch that drives a run over hosts in memory, and may be killed anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Fact, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Call, Finish, Question, Record, Wait
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import RunState
from runbooks.runbook import Runbook
from tests.runbooks.progress.world import T0, World

#: A run that asks for so much without an end has a loop.
MOST_STEPS = 20_000


class Killed(Exception):  # noqa: N818 - what happened to it
    """The watch was killed here."""


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
        self.world.watch = self.run
        answer = self.world.answer(call, payload, self.now)
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
