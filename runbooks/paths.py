"""How long a run can take at worst: every way through its steps, summed by their time-outs.

Ways fork where a failure jumps. Where only a person's decision goes on, a way has no bound. Steps
that are done meanwhile lie on no way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from runbooks.runbook import (
    ORACLE_MS,
    Act,
    Check,
    Copy,
    Do,
    Gate,
    OnFailure,
    OnHosts,
    Only,
    Playbook,
    Reboot,
    Rolling,
    Runbook,
    Step,
    WhenShell,
)
from runbooks.spare import turns

#: How many hosts a step is for; None where nobody knows yet.
Count = Callable[[Step], int | None]


@dataclass(frozen=True, slots=True)
class Way:
    """Steps in the order of time, which of them must fail for it to be gone, and how long at most.

    Its text reads "declared → fenced fails → fence-by-hand".
    """

    steps: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    ms: int = 0

    def __str__(self) -> str:
        return " → ".join(f"{name} fails" if name in self.fails else name for name in self.steps)

    def on(self, step: Step, ms: int, *, fails: bool) -> Way:
        """This way and one step more."""
        failing = (*self.fails, step.id) if fails else self.fails
        return Way((*self.steps, step.id), failing, self.ms + ms)


@dataclass(frozen=True, slots=True)
class Ways:
    """What can become of a run between its clock's start and stop; all of it without a clock.

    `worst` is the longest way that has a bound, None where none has. `endless` are ways to steps
    that have none, the likeliest way to each: a gate that waits for ever, a person who is asked,
    a rolling over nobody knows how many hosts.
    """

    worst: Way | None
    endless: tuple[Way, ...]


def ways(runbook: Runbook, count: Count) -> Ways:
    """Every way at once, from the first step on: jumps lead forward, so each is met once."""
    clock = runbook.clock
    names = [step.id for step in runbook.steps]
    start = names.index(clock.starts) + 1 if clock and clock.starts in names else 0
    stop = names.index(clock.stops) + 1 if clock and clock.stops in names else len(names)
    start = min(_next(runbook, start), stop)
    longest: dict[int, Way] = {start: Way()}  # that has a bound, by the place it leads to
    likeliest: dict[int, Way] = {start: Way()}
    endless: list[Way] = []
    for place in range(start, stop):
        if place not in likeliest:
            continue
        step = runbook.steps[place]
        took = bound_ms(step, count(step))
        if took is None:
            endless.append(likeliest[place].on(step, 0, fails=False))
        if any(each.act is Act.ASK for each in _reactions(step)):
            endless.append(likeliest[place].on(step, 0, fails=True))
        for target, fails in _exits(runbook, place, names):
            end = min(target, stop)
            way = likeliest[place].on(step, 0, fails=fails)
            if end not in likeliest or len(way.fails) < len(likeliest[end].fails):
                likeliest[end] = way
            if took is not None and place in longest:
                bounded = longest[place].on(step, took, fails=fails)
                if end not in longest or bounded.ms > longest[end].ms:
                    longest[end] = bounded
    return Ways(longest.get(stop), tuple(endless))


def bound_ms(step: Step, hosts: int | None) -> int | None:
    """How long `step` takes at most on `hosts` hosts; None if there is no bound to it."""
    match step:
        case Gate():
            return step.wait_ms
        case Rolling():
            return _rolling_ms(step, hosts)
        case OnHosts():
            tries, pause = 1, 0
            if isinstance(step, Do | Check) and step.until:
                tries, pause = step.until.tries, step.until.every_ms
            return tries * step.timeout_ms + (tries - 1) * pause + _asked_ms(step)
    return 0


def _asked_ms(step: OnHosts) -> int:
    """What the tests around a step take: `when`, and its oracle before and after."""
    oracle = isinstance(step, Do | Reboot | Playbook) and bool(step.done_when)
    own = isinstance(step, Copy)  # its oracle is the file's sha256
    return ORACLE_MS * (isinstance(step.when, WhenShell) + 2 * (oracle or own))


def _rolling_ms(step: Rolling, hosts: int | None) -> int | None:
    if hosts is None:
        return None
    each = 0
    for inner in (*step.each, *step.then_always):
        took = bound_ms(inner, None)
        if took is None:
            return None
        each += took
    return turns(step, hosts) * (each + step.soak_ms)


def _exits(runbook: Runbook, place: int, names: list[str]) -> Iterator[tuple[int, bool]]:
    """The places that a step leads to, and whether it must fail for that."""
    step = runbook.steps[place]
    yield _next(runbook, place + 1), False
    if any(each.act is Act.CONTINUE for each in _reactions(step)):
        yield _next(runbook, place + 1), True
    for reaction in _reactions(step):
        if reaction.act is Act.JUMP and reaction.to in names:
            yield names.index(reaction.to), True


def _next(runbook: Runbook, place: int) -> int:
    """The first step from `place` on that is reached without a jump, and that is waited for."""
    steps = runbook.steps
    while place < len(steps) and (steps[place].only is Only.BY_JUMP or steps[place].aside):
        place += 1
    return place


def _reactions(step: Step) -> tuple[OnFailure, ...]:
    late = (step.if_late,) if isinstance(step, Gate) else ()
    lost = (step.if_unreachable,) if isinstance(step, OnHosts) else ()
    return (step.if_fails, *late, *lost)
