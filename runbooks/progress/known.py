"""A run as it is known: what the entries of its journal amount to. Nothing is decided here.

What decides which request is next (`preflight`, `onward`, `rolling`, `rollback`) is given one, and
changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from runbooks.progress import facts
from runbooks.progress.conclusions import again, pause_ms
from runbooks.progress.course import Course
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Ending, Fact, Outcome, Task
from runbooks.progress.forgotten import while_lost
from runbooks.progress.requests import Question, Request
from runbooks.progress.states import IllegalMove, StepState, moved
from runbooks.progress.task import Hold, TaskProgress, next_of
from runbooks.runbook import Act, Check, Gate, OnHosts, Runbook, Step

#: What may be on record behind the end: what hosts say then, and that they are tidy.
_AFTER_THE_END = facts.OutputKept | facts.Resulted | facts.Judged | facts.Cleaned


class KnownRun:
    """One run. `apply` moves it, and nothing else changes it.

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
        self.recorded_at = 0  # when its last entry was, UTC ms
        self.epoch = planned.epoch
        self.has_acted = False  # something was started under our epoch, or may have been
        self.requester = ""
        self.planned_at = 0
        self.preflight_at: int | None = None
        self.preflight_passed = False
        self.begun: dict[str, int] = {}  # step -> when it was last opened, UTC ms
        self.turned: dict[tuple[str, str], facts.Turned] = {}  # (step, rolled host) -> its way
        self.batches: dict[str, list[facts.BatchBegun]] = {}
        self.held: dict[str, str] = {}
        self.moved_at: dict[str, int] = {}  # rolled host -> when it last moved
        self.paused = False
        self.aborted: facts.Aborted | None = None
        self.stopped_at: int | None = None  # when it was aborted, or turned back
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

    def undoing(self, task: Task) -> TaskProgress | None:
        """How taking a task back is, None while nothing has taken it back."""
        return self._tasks.get(Task(task.step, task.host, task.about, undo=True))

    def unknown(self) -> list[TaskProgress]:
        """Of which tasks nobody knows how they ended, or whether they did."""
        return [t for t in self._tasks.values() if t.state is StepState.UNKNOWN]

    def in_doubt(self) -> list[TaskProgress]:
        """Of those the ones that may have changed a host: not checks that could not be asked."""
        return [t for t in self.unknown() if not isinstance(self.course.step(t.task.step), Check)]

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

    @property
    def stopping(self) -> str:
        """Why nothing of a step is begun any more; "" while it may be."""
        if self.aborted is not None:
            return "aborted before it began"
        return f"taken back after {self.rolling_back}" if self.rolling_back else ""

    def inherit(self) -> None:
        """What was begun was begun by a watch that is gone: nothing of it is taken for sure."""
        for task in self._tasks.values():
            task.fresh = False

    # --- what comes in ----------------------------------------------------------------------------

    def check(self, *made: Fact) -> None:
        """Raise IllegalMove unless these facts can be next, one after the other."""
        states: dict[Task, StepState] = {}
        finished = self.finished is not None
        for fact in made:
            if finished and not isinstance(fact, _AFTER_THE_END):
                raise IllegalMove(f"{type(fact).__name__} can't follow the end of the run")
            finished = finished or isinstance(fact, facts.Finished)
            if isinstance(fact, facts.TaskFact):
                known = states.get(fact.task, self.task(fact.task).state)
                states[fact.task] = moved(known, fact)

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
        self.seq, self.recorded_at = entry.seq, max(self.recorded_at, entry.at)

    def _apply_to_task(self, entry: Entry, fact: facts.TaskFact) -> None:
        task = self.task(fact.task)
        heard_at_last = task.unheard and isinstance(fact, facts.Resulted)
        if isinstance(fact, facts.Approved) and task.fenced_off is not None:
            self._go_on_above(task.fenced_off.epoch)
        task.apply(entry, fact)
        self.has_acted = self.has_acted or _has_acted(fact)
        self.moved_at[fact.task.about] = entry.at
        if isinstance(fact, facts.Retried | facts.Settled) or heard_at_last:
            self._reconsider(fact.task)
            gate = isinstance(self.course.step(fact.task.step), Gate)
            if gate and fact.task.step in self.begun:
                self.begun[fact.task.step] = entry.at  # its time to be approved in begins anew
        elif isinstance(fact, facts.RollBackChosen):
            self._choose_roll_back(fact, entry.at)
        engines = isinstance(fact, facts.Retried) and entry.actor == ENGINE
        if engines or isinstance(fact, facts.CheckTried):
            task.ready_at = entry.at + pause_ms(task, self.course)

    def _go_on_above(self, epoch: int) -> None:
        """A person has us go on after others had our locks; no host is asked about twice."""
        self.epoch = max(self.epoch, epoch + 1)
        for task in self._tasks.values():
            if task.fenced_off is not None and task.fenced_off.epoch < self.epoch:
                task.fenced_off = None

    def _choose_roll_back(self, fact: facts.RollBackChosen, at: int) -> None:
        """The run is taken back; or a rolled host alone, while its roll goes on."""
        step, about = fact.task.step, fact.task.about
        roll = self.course.rolling_of(fact.task)
        if roll is not None and (roll.id, "") in self.turned:
            step, about = roll.id, ""
        self._go(facts.Turned(step, Act.ROLL_BACK, "", fact.reason, about), at)

    def _go(self, turned: facts.Turned, at: int) -> None:
        self.turned[turned.step, turned.about] = turned
        if turned.act is Act.ROLL_BACK and not turned.about:
            self.stopped_at = at

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
            case facts.Turned():
                self._go(fact, entry.at)
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
                self.aborted, self.stopped_at = fact, entry.at
                self.paused = False
            case facts.ClockStarted():
                self.clock_started_at = entry.at
            case facts.ClockStopped():
                self.clock_stopped_at = entry.at
            case facts.TakenOver(epoch):
                self.epoch = epoch
            case facts.Finished():
                self.finished, self.finished_at = fact, entry.at

    # --- what its tasks ask for -------------------------------------------------------------------

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
        if self.course.is_last_duty(task.task):
            return Hold.NOTHING_HELD
        if self.aborted is not None and self.aborted.now:
            return Hold.STOPPED
        if self.rolling_back and not task.task.undo:
            return Hold.STOPPED  # it is at work beside the step that turned the run
        return Hold.PAUSED if self.paused else Hold.NOTHING_HELD


def _has_acted(fact: Fact) -> bool:
    """Whether an attempt began by this fact, or nobody knows that it did not."""
    never = (Ending.VOID, Ending.STILLBORN)
    return isinstance(fact, facts.Started) or (
        isinstance(fact, facts.Resulted) and fact.ending not in never
    )
