"""The plan of a run: what it would do where, how long it would take, and every reason not to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estate.model import Estate
from runbooks.inputs import Inputs, read_inputs, with_inputs
from runbooks.paths import Ways, bound_ms, ways
from runbooks.planning.budget import Left, over
from runbooks.planning.prediction import History, Source, Span, predicted, total
from runbooks.planning.selecting import select, traits
from runbooks.planning.unsettled import Unsettled, in_doubt
from runbooks.planning.window import shut
from runbooks.progress.facts import Planned
from runbooks.reasons import Reason
from runbooks.runbook import Check, OnHosts, Only, Probe, Rolling, Runbook, Step
from runbooks.scripts import pinned_files
from runbooks.spare import misfit


def _no_history(_fingerprint: str) -> Sequence[int]:
    return ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at the moment of planning.

    `held` are the locks that other runs hold, with the words for who does; `left` what is left of
    services' months, None where nobody knows; `files` those beside the runbook, by their names
    in it; `unsettled` what runs before left behind.
    """

    now: int  # UTC ms
    held: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    history: Callable[[str], Sequence[int]] = _no_history
    unsettled: Sequence[Unsettled] = ()


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step on its frozen hosts. `left_out` says why it will not be done, "" where it may be.

    `worst_ms` None: there is no bound to it.
    """

    step: Step
    hosts: tuple[str, ...]
    span: Span
    worst_ms: int | None
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a run before it is one; without `reasons` it may go.

    `span` is from the clock's start to its stop, `ways` likewise; of the whole run without a
    clock. `locks` are the runbook's, and every host.
    """

    runbook: Runbook
    inputs: Inputs
    hosts: Mapping[str, tuple[str, ...]]
    traits: Mapping[str, Mapping[str, str]]
    locks: tuple[str, ...]
    drill: bool
    steps: tuple[PlannedStep, ...]
    span: Span
    ways: Ways
    reasons: tuple[Reason, ...]

    def with_reasons(self, reasons: Sequence[Reason]) -> Plan:
        """The plan, and what else stands against it."""
        return replace(self, reasons=(*self.reasons, *reasons))

    def waived(self) -> Plan:
        """The plan once an approver has waived what may be."""
        return replace(self, reasons=tuple(each for each in self.reasons if not each.waivable))

    def pinned(self, run: str, *, epoch: int, reason: str = "") -> Planned:
        """The first fact of the run `run`, which pins all of this."""
        clock = self.runbook.clock
        return Planned(
            run=run,
            runbook=self.runbook.name,
            title=self.runbook.title,
            text=self.runbook.text,
            sha256=self.runbook.sha256,
            hosts=self.hosts,
            inputs=self.inputs.values,
            secrets=tuple(self.inputs.secrets),
            traits=self.traits,
            locks=self.locks,
            epoch=epoch,
            drill=self.drill,
            reason=reason,
            predicted_ms=self.span.p50_ms,
            target_ms=clock.target_ms if clock else None,
            spans={
                each.step.id: (each.span.p50_ms, each.span.p90_ms)
                for each in self.steps
                if not each.left_out
            },
        )


def plan(
    runbook: Runbook,
    given: Mapping[str, str],
    estate: Estate,
    situation: Situation,
    *,
    drill: bool = False,
) -> Plan:
    """What a run of `runbook` with the inputs `given` would be, and all reasons not to start it.

    What hosts say is not among them yet: see `runbooks.planning.questions`.
    """
    inputs, unfit = read_inputs(runbook, given, estate)
    hosts, missing = select(runbook, estate, inputs)
    every = tuple(dict.fromkeys(name for names in hosts.values() for name in names))
    locks = tuple(dict.fromkeys((*runbook.locks, *(f"host/{name}" for name in every))))
    filled = with_inputs(runbook, inputs.values)
    steps = tuple(
        _planned(step, hosts, situation.history, drill) for step in (*filled.before, *filled.steps)
    )
    counts = {each.step.id: len(each.hosts) for each in steps}
    found = ways(runbook, lambda step: counts.get(step.id, 0))
    return Plan(
        runbook=runbook,
        inputs=inputs,
        hosts=hosts,
        traits=traits(estate, iter(every)),
        locks=locks,
        drill=drill,
        steps=steps,
        span=_clocked(runbook, steps),
        ways=found,
        reasons=(
            *_without_a_drill(runbook, drill),
            *unfit,
            *missing,
            *_too_many_away(steps),
            *_too_slow(runbook, found),
            *_without_files(runbook, situation),
            *_without_probes(filled, estate),
            *_held(locks, situation),
            *in_doubt(situation.unsettled, every),
            *_at_this_time(runbook, estate, situation),
            *_too_dear(runbook, steps, situation),
        ),
    )


def _planned(
    step: Step, hosts: Mapping[str, tuple[str, ...]], history: History, drill: bool
) -> PlannedStep:
    names = step.hosts if isinstance(step, OnHosts | Rolling) else ()
    on = tuple(dict.fromkeys(host for name in names for host in hosts[name]))
    left_out = {
        Only.BY_JUMP: "unless a jump leads here",
        Only.REAL: "in a drill" if drill else "",
        Only.DRILL: "" if drill else "except in a drill",
    }.get(step.only, "")
    span = predicted(step, len(on), history)
    return PlannedStep(step, on, span, bound_ms(step, len(on)), left_out)


def _clocked(runbook: Runbook, steps: Sequence[PlannedStep]) -> Span:
    """How long from the clock's start to its stop, if nothing fails."""
    names = [step.id for step in runbook.steps]
    clock = runbook.clock
    start = names.index(clock.starts) + 1 if clock and clock.starts else 0
    stop = names.index(clock.stops) + 1 if clock and clock.stops else len(names)
    way = steps[len(runbook.before) :][start:stop]
    spans = [each.span for each in way if not (each.left_out or each.step.aside)]
    found = total(spans)
    waits = any(span.source is Source.PEOPLE for span in spans)
    return replace(found, source=Source.PEOPLE) if waits else found


# ── reasons not to ──


def _without_a_drill(runbook: Runbook, drill: bool) -> Iterator[Reason]:
    if drill and not runbook.drill:
        what = f"{runbook.name} has no drill: it would be done for real"
        yield Reason("drill", what, "add drill: and what is different in one to the runbook")


def _too_many_away(steps: Sequence[PlannedStep]) -> Iterator[Reason]:
    for each in steps:
        if isinstance(each.step, Rolling) and each.hosts:
            unfit = misfit(each.step, len(each.hosts))
            if unfit:
                yield Reason("hosts", f"{each.step.id}: {unfit.what}", unfit.todo)


def _too_slow(runbook: Runbook, found: Ways) -> Iterator[Reason]:
    """Lint knew this but for how many hosts there are to be rolled."""
    clock, worst = runbook.clock, found.worst
    if clock and worst and worst.ms > clock.target_ms:
        seconds, promised = worst.ms // 1000, clock.target_ms // 1000
        what = f"{worst} takes {seconds} s at worst, {promised} s are promised"
        yield Reason("clock", what, "roll more hosts at once, or have it waived", waivable=True)


def _without_files(runbook: Runbook, situation: Situation) -> Iterator[Reason]:
    for name in dict.fromkeys(pinned_files(runbook)):
        if name not in situation.files:
            yield Reason("file", f"{name!r} is not beside the runbook", "put it there")


def _without_probes(runbook: Runbook, estate: Estate) -> Iterator[Reason]:
    """A check that nobody could answer would hold the run up half way."""
    for step in runbook.all_steps():
        if isinstance(step, Check) and isinstance(step.ask, Probe):
            service = estate.services.get(step.ask.name)
            if service is None or not service.probes:
                what = f"{step.id}: the estate has no service {step.ask.name} with probes"
                yield Reason("probe", what, "name one in probe:, or give it probes in the estate")


def _held(locks: Sequence[str], situation: Situation) -> Iterator[Reason]:
    for lock in locks:
        if owner := situation.held.get(lock):
            yield Reason("lock", f"{lock} is held by {owner}", "wait for it, or abort that run")


def _at_this_time(runbook: Runbook, estate: Estate, situation: Situation) -> Iterator[Reason]:
    if runbook.window and (reason := shut(runbook.window, estate.timezone, situation.now)):
        yield reason


def _too_dear(
    runbook: Runbook, steps: Sequence[PlannedStep], situation: Situation
) -> Iterator[Reason]:
    if runbook.budget is None:
        return
    changed = {
        host
        for each in steps
        if not (each.left_out or isinstance(each.step, Check))
        for host in each.hosts
    }
    left = situation.left.get(runbook.budget.service)
    if reason := over(runbook.budget, len(changed), left):
        yield reason
