"""A run: entries of its journal go in, and out come its state and what is to be done next.

Sans I/O. Everything known is made from entries, so that `replay` of a journal, cut off anywhere,
asks for what is missing and for nothing that was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from runbooks.progress import facts, preflight, rollback, rolling
from runbooks.progress.conclusions import Moment, again, conclude, pause_ms
from runbooks.progress.course import Course
from runbooks.progress.facts import ENGINE, Entry, Fact, JournalError, Outcome, Task
from runbooks.progress.forgotten import while_lost
from runbooks.progress.questions import of_gate, of_tasks, reaction
from runbooks.progress.requests import (
    Answer,
    Call,
    Finish,
    Question,
    Record,
    Request,
    Survey,
    Surveyed,
    Wait,
    Went,
)
from runbooks.progress.states import IllegalMove, RunState, StepState, moved
from runbooks.progress.task import Hold, TaskProgress, leftovers, next_of
from runbooks.runbook import Act, Gate, OnFailure, OnHosts, Rolling, Runbook, Step, WhenStep


class RunProgress:
    """One run. `apply` moves it; `requests` says what is next; nothing else changes it.

    `payload` gives the bytes that a task runs on its host. `secrets` names those that are at hand:
    they are in no journal, so that after a restart they are not.
    """

    def __init__(
        self,
        runbook: Runbook,
        planned: facts.Planned,
        payload: Callable[[Task], bytes],
        secrets: Iterable[str] = (),
    ) -> None:
        self.course = Course(runbook, planned, payload)
        self.planned = planned
        self.secrets = frozenset(secrets)
        self.seq = 0
        self.epoch = planned.epoch
        self.requester = ""
        self.planned_at = 0
        self.preflight_at: int | None = None
        self.preflight_passed = False
        self.begun: dict[str, int] = {}  # step -> when, UTC ms
        self.turned: dict[tuple[str, str], facts.Turned] = {}  # (step, rolled host) -> its way
        self.batches: dict[str, list[facts.BatchBegun]] = {}
        self.held: dict[str, str] = {}
        self.moved_at: dict[str, int] = {}  # rolled host -> when it last moved
        self.paused = False
        self.aborted: facts.Aborted | None = None
        self.aborted_at: int | None = None
        self.clock_started_at: int | None = None
        self.clock_stopped_at: int | None = None
        self.resumed_at = 0
        self.finished: facts.Finished | None = None
        self.finished_at: int | None = None
        self._tasks: dict[Task, TaskProgress] = {}

    # --- what is known ----------------------------------------------------------------------------

    def task(self, task: Task) -> TaskProgress:
        """How a task is."""
        if task not in self._tasks:
            self._tasks[task] = TaskProgress(task)
        return self._tasks[task]

    def ended(self, step: Step) -> bool:
        """Whether a step asks nothing more of hosts; a person may still have to say."""
        if isinstance(step, Rolling):
            return rolling.ended(self, step)
        return all(each.ended for each in self.tasks(step))

    def undoing(self, task: Task) -> TaskProgress | None:
        """How taking a task back is, None while nothing has taken it back."""
        return self._tasks.get(Task(task.step, task.host, task.about, undo=True))

    def unknown(self) -> list[TaskProgress]:
        """Of which tasks nobody knows how they ended, or whether they did."""
        return [t for t in self._tasks.values() if t.state is StepState.UNKNOWN]

    def tasks(self, step: Step) -> list[TaskProgress]:
        """How the tasks of a step are."""
        return [self.task(each) for each in self.course.tasks(step)]

    @property
    def rolling_back(self) -> str:
        """Which step made the run take everything back, "" while none did."""
        return next(
            (t.step for t in self.turned.values() if t.act is Act.ROLL_BACK and not t.about), ""
        )

    def outcome(self, step: Step, about: str = "") -> str:
        """How a step ended, in the words of `when`: "ok", "failed", "unknown"; "" if it did not.

        One that was passed over did not end. `about` is the rolled host whose step it is.
        """
        inner = step.id not in self.course.place
        tasks = [*map(self.task, self.course.inner(step, about))] if inner else self.tasks(step)
        if not all(each.ended for each in tasks):
            return ""
        if any(each.outcome is Outcome.UNKNOWN for each in tasks):
            return "unknown"
        if not all(each.good for each in tasks):
            return "failed"
        passed_over = all(each.outcome is Outcome.SKIPPED for each in tasks)
        return "" if passed_over else "ok"

    def state(self, now: int) -> RunState:
        """The state of the run as a person is told it."""
        if self.finished is not None:
            return RunState(self.finished.state)
        if self.preflight_at is None:
            return RunState.PLANNED
        asked = [each for each in self.requests(now) if isinstance(each, Question)]
        if any(set(each.choices) & {"settle", "retry", "waive"} for each in asked):
            return RunState.NEEDS_DECISION
        if self.paused:
            return RunState.PAUSED
        if asked:
            return RunState.WAITING
        return RunState.RUNNING if self.preflight_passed else RunState.PREFLIGHT

    def inherit(self) -> None:
        """What was begun was begun by a watch that is gone: nothing of it is taken for sure."""
        for task in self._tasks.values():
            task.fresh = False

    # --- what comes in ----------------------------------------------------------------------------

    def check(self, fact: Fact) -> None:
        """Raise IllegalMove if `fact` can't be next."""
        if self.finished is not None and not isinstance(fact, facts.Cleaned):
            raise IllegalMove(f"{type(fact).__name__} can't follow the end of the run")
        if isinstance(fact, facts.TaskFact):
            moved(self.task(fact.task).state, fact)

    def apply(self, entry: Entry) -> None:
        """Move by the next entry; raises IllegalMove where it can't follow."""
        if entry.seq != self.seq + 1:
            raise IllegalMove(f"entry {entry.seq} does not follow entry {self.seq}")
        fact = entry.fact
        self.check(fact)
        if isinstance(fact, facts.TaskFact):
            self._apply_to_task(entry, fact)
        else:
            self._apply_to_run(entry, fact)
        self.seq = entry.seq

    def _apply_to_task(self, entry: Entry, fact: facts.TaskFact) -> None:
        task = self.task(fact.task)
        task.apply(entry, fact)
        self.moved_at[fact.task.about] = entry.at
        if isinstance(fact, facts.Retried | facts.Settled):
            self._reconsider(fact.task)
        elif isinstance(fact, facts.RollBackChosen):
            self._choose_roll_back(fact)
        engines = isinstance(fact, facts.Retried) and entry.actor == ENGINE
        if engines or isinstance(fact, facts.CheckTried):
            task.ready_at = entry.at + pause_ms(task, self.course)

    def _choose_roll_back(self, fact: facts.RollBackChosen) -> None:
        """The run is taken back; or a rolled host alone, while its roll goes on."""
        step, about = fact.task.step, fact.task.about
        roll = self.course.rolling_of(fact.task)
        if roll is not None and (roll.id, "") in self.turned:
            step, about = roll.id, ""
        self.turned[step, about] = facts.Turned(step, Act.ROLL_BACK, "", fact.reason, about)

    def _reconsider(self, task: Task) -> None:
        """Which way the run went after the step is open again."""
        self.turned.pop((task.step, task.about), None)
        if not task.undo and (step := self.course.rolling_of(task)) is not None:
            self.turned.pop((step.id, ""), None)

    def _apply_to_run(self, entry: Entry, fact: facts.RunFact) -> None:
        match fact:
            case facts.Planned():
                self.planned_at, self.requester = entry.at, entry.actor
            case facts.PreflightBegun():
                self.preflight_at = entry.at
            case facts.PreflightPassed():
                self.preflight_passed = True
            case facts.Begun(step):
                self.begun[step] = entry.at
            case facts.Turned(step, about=about):
                self.turned[step, about] = fact
            case facts.BatchBegun(step, hosts=hosts):
                self.batches.setdefault(step, []).append(fact)
                self.moved_at.update(dict.fromkeys(hosts, entry.at))
            case facts.BatchHeld(step, why):
                self.held[step] = why
            case facts.Paused():
                self.paused = True
            case facts.Resumed():
                self.paused, self.resumed_at = False, entry.at
            case facts.Aborted():
                self.aborted, self.aborted_at = fact, entry.at
                self.paused = False
            case facts.ClockStarted():
                self.clock_started_at = entry.at
            case facts.ClockStopped():
                self.clock_stopped_at = entry.at
            case facts.TakenOver(epoch):
                self.epoch = epoch
            case facts.Finished():
                self.finished, self.finished_at = fact, entry.at

    # --- what is next -----------------------------------------------------------------------------

    def requests(self, now: int) -> tuple[Request, ...]:
        """All that is to be done, asked or waited for now.

        A `Record` stands alone: what follows it depends on it. Those of several tasks are one,
        which is on the disk with one write.
        """
        found = list(self._next(now))
        facts_first = [fact for each in found if isinstance(each, Record) for fact in each.facts]
        return (Record(tuple(facts_first)),) if facts_first else tuple(dict.fromkeys(found))

    def _next(self, now: int) -> Iterator[Request]:
        if self.finished is not None:
            yield from self._last_things()
        elif self.preflight_at is None:
            yield Record((facts.PreflightBegun(),))
        elif not self.preflight_passed:
            yield from preflight.requests(self, now)
        elif self.rolling_back:
            yield from rollback.requests(self, now)
        else:
            yield from self._go_on(now)

    def _last_things(self) -> Iterator[Request]:
        assert self.finished is not None
        for task in self._tasks.values():
            yield from leftovers(task, self.course.step(task.task.step))
        yield Finish(RunState(self.finished.state))

    def _go_on(self, now: int) -> Iterator[Request]:
        """The steps from the top to the bottom: the first that asks for something is it."""
        clock = self.course.runbook.clock
        if clock is not None and not clock.starts and self.clock_started_at is None:
            yield Record((facts.ClockStarted(),))
            return
        landing = ""  # where a jump leads to: what lies before it is passed over
        for step in self.course.steps:
            if landing == step.id:
                landing = ""
            found = list(self._at(step, landing, now))
            if found or not self.ended(step):
                yield from found
                return
            turned = self.turned.get((step.id, ""))
            if turned is not None and turned.act is Act.STOP:
                yield Record((facts.Finished(RunState.FAILED, turned.why),))
                return
            if turned is not None and turned.act is Act.JUMP:
                landing = turned.to
        yield from self._end()

    def _end(self) -> Iterator[Request]:
        if self.aborted is not None:
            why = "; ".join(filter(None, (self.aborted.reason, self._open_ends())))
            yield Record((facts.Finished(RunState.ABORTED, why),))
            return
        clock = self.course.runbook.clock
        ticking = self.clock_started_at is not None and self.clock_stopped_at is None
        ends = (facts.ClockStopped(),) if clock is not None and not clock.stops and ticking else ()
        yield Record((*ends, facts.Finished(RunState.SUCCEEDED)))

    def _open_ends(self) -> str:
        return ", ".join(f"unknown: {each.task}" for each in self.unknown())

    def _at(self, step: Step, landing: str, now: int) -> Iterator[Request]:
        """What a step asks for; nothing once the run may go past it."""
        tasks = self.tasks(step)
        if not self.ended(step):
            if step.id in self.begun:
                yield from self._within(step, tasks, now)
            else:
                yield from self._come_to(step, tasks, landing)
            return
        bad = [each for each in tasks if not each.good]
        if isinstance(step, Rolling):
            bad = rolling.bad(self, step)
        if not bad:
            yield from self._clock_facts(step, tasks)
        elif self.aborted is not None:
            return
        elif retried := self.again(bad):
            yield Record(retried)
        elif (step.id, "") not in self.turned:
            yield Record((self._turn(step, bad),))
        elif self.turned[step.id, ""].act is Act.ASK:
            yield from self._ask(step, bad, now)

    def _come_to(self, step: Step, tasks: list[TaskProgress], landing: str) -> Iterator[Request]:
        why = self._passed_over(step, landing)
        if why:
            yield Record(tuple(_skipped(each, why) for each in tasks if not each.decided))
        elif self.paused:
            return
        elif missing := self._missing(step):
            waiting = (each for each in tasks if not each.decided)
            yield Record(tuple(_skipped(each, missing, bad=True) for each in waiting))
        else:
            yield Record((facts.Begun(step.id),))

    def _passed_over(self, step: Step, landing: str) -> str:
        """Why the run does not come to a step; "" when it does."""
        if self.aborted is not None:
            return "aborted before it began"
        if landing:
            return f"passed over: the run goes on at {landing}"
        if not self.course.included(step):
            return "only in drills" if not self.planned.drill else "not in drills"
        led = any(t.act is Act.JUMP and t.to == step.id for t in self.turned.values())
        if step.only is step.only.BY_JUMP and not led:
            return "nothing jumped to it"
        if isinstance(step.when, WhenStep):
            was = self.outcome(self.course.step(step.when.step))
            if was != step.when.outcome:
                return f"only when {step.when.step} is {step.when.outcome}"
        return ""

    def _missing(self, step: Step) -> str:
        """Which of the step's needs are not met."""
        unmet = [
            " or ".join(names)
            for names in step.needs
            if not any(self.outcome(self.course.step(name)) == "ok" for name in names)
        ]
        return f"it needs {' and '.join(unmet)}" if unmet else ""

    def _within(self, step: Step, tasks: list[TaskProgress], now: int) -> Iterator[Request]:
        if isinstance(step, Gate):
            yield of_gate(step, tasks[0], self, self.begun[step.id], now)
            if step.wait_ms is not None:
                yield Wait(self.begun[step.id] + step.wait_ms)
        elif isinstance(step, Rolling):
            yield from rolling.requests(self, step, now)
        else:
            for task in tasks:
                yield from self._of(task, now)

    def _turn(self, step: Step, bad: list[TaskProgress]) -> facts.Turned:
        way: OnFailure = reaction(step, bad)
        why = f"{step.id}: " + "; ".join(f"{each.task}: {each.why}" for each in bad)
        return facts.Turned(step.id, way.act, way.to, why)

    def _ask(self, step: Step, bad: list[TaskProgress], now: int) -> Iterator[Request]:
        refused = next((each.refusal for each in bad if each.refusal is not None), None)
        if refused is not None:
            yield Record((facts.Turned(step.id, Act.STOP, why=f"{step.id}: {refused}"),))
        else:
            yield from of_tasks(step, bad, self.course)
            yield from self.of_tasks(bad, now)

    def _clock_facts(self, step: Step, tasks: list[TaskProgress]) -> Iterator[Request]:
        clock = self.course.runbook.clock
        if clock is None or all(each.outcome is Outcome.SKIPPED for each in tasks):
            return
        if clock.starts == step.id and self.clock_started_at is None:
            yield Record((facts.ClockStarted(),))
        elif clock.stops == step.id and self.clock_stopped_at is None and self.clock_started_at:
            yield Record((facts.ClockStopped(),))

    # --- tasks ------------------------------------------------------------------------------------

    def of_tasks(self, tasks: Iterable[TaskProgress], now: int) -> Iterator[Request]:
        """What these tasks ask for now."""
        return chain.from_iterable(self._of(task, now) for task in tasks)

    def _of(self, task: TaskProgress, now: int) -> Iterator[Request]:
        step = self.course.step(task.task.step)
        hold = self._hold(task)
        request = next_of(task, self.course, now, hold)
        if request is None:
            return
        if lost := self._lost_secrets(step):
            todo = f"twinwatch runs resume {self.planned.run} --secrets FILE"
            text = f"{task.task} needs {lost} again, which is kept nowhere: {todo}"
            question = Question(task.task, text, ("refuse",))
            yield from while_lost(task, request, question, stopped=hold is Hold.STOPPED)
        else:
            yield request

    def again(self, bad: Iterable[TaskProgress]) -> tuple[facts.Retried, ...]:
        """The attempts that the runbook itself allows after those that did not end well."""
        return tuple(chain.from_iterable(again(task, self.course) for task in bad))

    def _lost_secrets(self, step: Step) -> str:
        needed = step.secrets if isinstance(step, OnHosts) else ()
        return " and ".join(name for name in needed if name not in self.secrets)

    def _hold(self, task: TaskProgress) -> Hold:
        if rolling.is_last_duty(self, task):
            return Hold.NOTHING_HELD
        if self.aborted is not None and self.aborted.now:
            return Hold.STOPPED
        return Hold.PAUSED if self.paused else Hold.NOTHING_HELD

    def conclude(self, request: Call, answer: Answer, now: int) -> tuple[Fact, ...]:
        """The facts that `answer` to `request` makes now; none when it has to be asked again."""
        if isinstance(request, Survey):
            if isinstance(answer, Surveyed):
                return tuple(rolling.surveyed(self, request, answer))
            return ()
        if isinstance(answer, Went) and answer.free_epoch:
            if answer.free_epoch < self.epoch:
                return ()  # asked before another host raised our epoch: free, and below it now
            why = f"the locks on {request.task.host} are free since epoch {answer.free_epoch}"
            return (facts.TakenOver(answer.free_epoch + 1, why),)
        task = self.task(request.task)
        stopped = self._hold(task) is Hold.STOPPED
        moment = Moment(now, self._ready_at(task), self.aborted_at if stopped else None)
        return tuple(conclude(task, self.course, request, answer, moment))

    def _ready_at(self, task: TaskProgress) -> int:
        """Since when a task could be done: its host is waited for from here on."""
        name = task.task
        came = self.begun.get(name.step, self.preflight_at or 0)
        rolled = self.moved_at.get(name.about, 0) if name.about else 0
        return max(came, rolled, task.at or 0, self.resumed_at)


def _skipped(task: TaskProgress, why: str, *, bad: bool = False) -> facts.Judged:
    return facts.Judged(task.task, Outcome.FAILED if bad else Outcome.SKIPPED, why)


def replay(
    runbook: Runbook,
    entries: Iterable[Entry],
    payload: Callable[[Task], bytes],
    secrets: Iterable[str] = (),
) -> RunProgress:
    """The run that `entries` tell of, from the first on; `runbook` is the one it is pinned to.

    Raises JournalError where they don't begin with a plan, or are of another runbook, and
    IllegalMove where one can't follow.
    """
    every = iter(entries)
    first = next(every, None)
    if first is None or not isinstance(first.fact, facts.Planned):
        raise JournalError("the journal does not begin with a plan: nothing was started by it")
    if runbook.sha256 != first.fact.sha256:
        raise JournalError(f"the run is pinned to another text of {first.fact.runbook}")
    progress = RunProgress(runbook, first.fact, payload, secrets)
    for entry in chain((first,), every):
        progress.apply(entry)
    progress.inherit()
    return progress
