"""The course of a run: which tasks each step of its runbook is, with its hosts frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from runbooks.inputs import with_inputs
from runbooks.progress.facts import Planned, Task
from runbooks.runbook import (
    UNDO_MS,
    Check,
    Copy,
    Do,
    Gate,
    OnHosts,
    Only,
    Playbook,
    Reboot,
    Rolling,
    Runbook,
    Step,
)

#: Until when a gate, which is no host's, is asked about: never.
_NO_TIMEOUT = 0


class Course:
    """A runbook on the hosts that a plan froze; `payload` gives the bytes that a task runs."""

    def __init__(
        self, runbook: Runbook, planned: Planned, payload: Callable[[Task], bytes]
    ) -> None:
        self.runbook = runbook = with_inputs(runbook, planned.inputs)
        self.planned = planned
        self.payload = payload
        self.before = tuple(each for each in runbook.before if self.included(each))
        self.steps = runbook.steps
        self._steps = {each.id: each for each in runbook.all_steps()}
        self.place = {each.id: place for place, each in enumerate(self.steps)}
        self._rolling = {
            inner.id: step
            for step in self.steps
            if isinstance(step, Rolling)
            for inner in (*step.each, *step.then_always)
        }
        self._tasks = {each.id: tuple(self._made(each)) for each in (*self.before, *self.steps)}
        self._about: dict[tuple[str, str], list[Task]] = {}
        for name, tasks in self._tasks.items():
            for task in tasks:
                self._about.setdefault((name, task.about), []).append(task)

    def included(self, step: Step) -> bool:
        """Whether the step belongs to this run: some are for drills only, some never."""
        unwanted = Only.REAL if self.planned.drill else Only.DRILL
        return step.only is not unwanted

    def step(self, name: str) -> Step:
        """The step with this id, wherever it stands."""
        return self._steps[name]

    def tasks(self, step: Step) -> tuple[Task, ...]:
        """All tasks of a step that stands on its own; of a rolling one those of every host."""
        return self._tasks[step.id]

    def tasks_about(self, step: Rolling, host: str) -> Sequence[Task]:
        """Those of a rolling step that are for one of its hosts."""
        return self._about.get((step.id, host), ())

    def all_tasks(self) -> Iterator[Task]:
        """Every task there may be, in order, undoing apart."""
        return chain.from_iterable(self._tasks.values())

    def rolled(self, step: Rolling) -> tuple[str, ...]:
        """The hosts that are rolled, in the order of the plan."""
        return self._selected(step.hosts)

    def rolling_of(self, task: Task) -> Rolling | None:
        """The rolling step that a task belongs to."""
        return self._rolling.get(task.step)

    def is_last_duty(self, task: Task) -> bool:
        """Whether it is done however its host's other steps ended, and if the run is aborted."""
        roll = self._rolling.get(task.step)
        return roll is not None and any(each.id == task.step for each in roll.then_always)

    def inner(self, step: Step, about: str) -> tuple[Task, ...]:
        """The tasks of a step within a rolling one, for the host `about`."""
        if not self.included(step):
            return ()
        if not isinstance(step, OnHosts) or _at_console(step):
            return (Task(step.id, "", about),)
        hosts = self._selected(step.hosts) if step.hosts else (about,)
        return tuple(Task(step.id, host, about) for host in hosts)

    def timeout_ms(self, task: Task) -> int:
        """How long the task may take once it runs, and how long its host is waited for."""
        step = self._steps[task.step]
        if task.undo:
            return UNDO_MS
        return step.timeout_ms if isinstance(step, OnHosts) else _NO_TIMEOUT

    def payload_sha256(self, task: Task) -> str:
        """What the host compares before it takes a task, hexadecimal."""
        return hashlib.sha256(self.payload(task)).hexdigest()

    def _made(self, step: Step) -> Iterator[Task]:
        if isinstance(step, Rolling):
            for host in self.rolled(step):
                for each in (*step.each, *step.then_always):
                    yield from self.inner(each, host)
        elif isinstance(step, OnHosts) and not _at_console(step):
            yield from (Task(step.id, host) for host in self._selected(step.hosts))
        else:
            yield Task(step.id)

    def _selected(self, names: Sequence[str]) -> tuple[str, ...]:
        hosts = chain.from_iterable(self.planned.hosts[name] for name in names)
        return tuple(dict.fromkeys(hosts))


def _at_console(step: OnHosts) -> bool:
    return isinstance(step, Check) and step.at_console


def done_when(step: Step, task: Task) -> str:
    """The oracle of a task, "" where it has none: a shell test, or `copied` of a file."""
    if task.undo:
        return ""
    if isinstance(step, Do | Playbook | Reboot):
        return step.done_when
    return COPIED if isinstance(step, Copy) else ""


#: A copy's oracle follows from what it is to be: see `runbooks.scripts`.
COPIED = "copied"


def looks_before(step: Step, task: Task) -> bool:
    """Whether `done_when` is asked before; a reboot's is true before, and says nothing."""
    return bool(done_when(step, task)) and not isinstance(step, Reboot)


def repeatable(step: Step, task: Task) -> bool:
    """Whether doing it twice is as doing it once."""
    return not task.undo and isinstance(step, Do | Playbook) and step.repeatable


def changes(step: Step) -> bool:
    """Whether the step changes hosts in a way that would have to be taken back."""
    return isinstance(step, Do | Copy | Playbook)


def undo_of(step: Step) -> str:
    """The script that takes a step back, "" where there is none."""
    return step.undo if isinstance(step, Do | Copy | Playbook) else ""


def is_gate(step: Step) -> bool:
    """Whether only people are asked."""
    return isinstance(step, Gate)


def batches(
    hosts: Sequence[str],
    step: Rolling,
    traits: Mapping[str, Mapping[str, str]],
) -> tuple[tuple[str, ...], ...]:
    """The hosts of a rolling step in the order they are taken: canaries alone, then batches.

    `traits` maps a host to its pair, rack and site; two hosts that share one of `never_together`
    are in different batches. Hosts keep their order as far as that allows.
    """
    single = [(host,) for host in hosts[: step.canary]]
    size = max(1, step.batch.of(len(hosts)))
    made: list[list[str]] = []
    for host in hosts[step.canary :]:
        fits = (each for each in made if len(each) < size and not _clash(host, each, step, traits))
        batch = next(fits, None)
        if batch is None:
            made.append([host])
        else:
            batch.append(host)
    return (*single, *map(tuple, made))


def _clash(
    host: str, batch: Sequence[str], step: Rolling, traits: Mapping[str, Mapping[str, str]]
) -> bool:
    mine = traits.get(host, {})
    return any(
        trait in mine and mine[trait] == traits.get(other, {}).get(trait)
        for other in batch
        for trait in step.never_together
    )
