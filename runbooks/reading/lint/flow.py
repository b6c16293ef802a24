"""Steps run from the top to the bottom: what one waits for or leads to must lie the right way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.runbook import Act, Gate, OnFailure, OnHosts, Only, Runbook, Step, WhenStep


def leads_forward(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """What is needed has been, jumps lead on, and to steps that are only there for it."""
    places = {step.id: place for place, step in enumerate(runbook.steps)}
    known = {step.id for step in runbook.all_steps()}
    steps = {step.id: step for step in runbook.steps}
    for place, step in enumerate(runbook.steps):
        for key, name in waits(step):
            if name in known:
                yield from _waited(steps, places, place, name, lines.key(step, key))
        for key, jump in jumps(step):
            if jump.to in known:
                yield from _jumped(steps, places, place, jump.to, lines.key(step, key))
    for inner in _inside(runbook):
        for key, name in waits(inner):
            what = f"{name!r} is awaited by a step within rolling"
            todo = "let the rolling itself wait for it, or write a shell test"
            yield Problem(lines.key(inner, key), what, todo)


def _waited(
    steps: Mapping[str, Step], places: Mapping[str, int], place: int, name: str, line: int
) -> Iterator[Problem]:
    if name not in places:
        yield Problem(line, f"{name!r} is no step of the run itself", "name one under steps")
    elif places[name] == place:
        yield Problem(line, f"{name!r} waits for itself", "name an earlier step")
    elif places[name] > place:
        this = next(each for each, where in places.items() if where == place)
        if cycle := _cycle(steps, this, name):
            what = f"a cycle, none can begin: {' waits for '.join(cycle)}"
            yield Problem(line, what, "let the later wait for the earlier only")
        else:
            what = f"{name!r} comes only after it, on line {steps[name].line}"
            yield Problem(line, what, "wait for an earlier step, or move that one up")


def _cycle(steps: Mapping[str, Step], this: str, awaited: str) -> tuple[str, ...]:
    """The way from `awaited` back to `this` along what steps wait for; empty if there is none."""
    ways: list[tuple[str, ...]] = [(this, awaited)]
    seen = {awaited}
    while ways:
        way = ways.pop()
        for _, name in waits(steps[way[-1]]):
            if name == this:
                return (*way, this)
            if name in steps and name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()


def _jumped(
    steps: Mapping[str, Step], places: Mapping[str, int], place: int, name: str, line: int
) -> Iterator[Problem]:
    if name not in places:
        yield Problem(line, f"a jump to {name!r}, within another step", "name one under steps")
    elif places[name] <= place:
        what = f"a jump back to {name!r}, on line {steps[name].line}"
        yield Problem(line, what, "jump to a later step; until: is how to try again")
    elif steps[name].only is not Only.BY_JUMP:
        what = f"a jump to {name!r}, which is also reached without"
        yield Problem(line, what, f"add only: by-jump to {name}")


def reaches_every_step(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """A step that only a jump leads to has a jump that does."""
    targets = {jump.to for step in runbook.steps for _, jump in jumps(step)}
    for step in runbook.steps:
        if step.only is Only.BY_JUMP and step.id not in targets:
            what = f"nothing jumps to {step.id!r}"
            todo = f"write if_fails: {step.id} in a step before it, or remove only"
            yield Problem(lines.key(step, "only"), what, todo)
    for inner in _inside(runbook):
        if inner.only is Only.BY_JUMP:
            what = f"{inner.id!r} waits for a jump within rolling, where there are none"
            yield Problem(lines.key(inner, "only"), what, "remove only, or write when:")


def clock_runs_forward(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """The clock starts before it stops, both at steps of the run itself."""
    clock = runbook.clock
    if clock is None:
        return
    places = {step.id: place for place, step in enumerate(runbook.steps)}
    line = lines.top("clock")
    for name in (clock.starts, clock.stops):
        if name and name not in places and any(name == each.id for each in runbook.all_steps()):
            yield Problem(line, f"the clock waits for {name!r}, which is no step of the run itself",
                          "name one under steps")  # fmt: skip
    starts, stops = places.get(clock.starts), places.get(clock.stops)
    if starts is not None and stops is not None and starts >= stops:
        yield Problem(line, "the clock stops before it starts", "swap starts and stops")


def jumps(step: Step) -> Iterator[tuple[str, OnFailure]]:
    """The jumps of a step, by the key that makes them."""
    reactions = {"if_fails": step.if_fails}
    if isinstance(step, OnHosts):
        reactions["if_unreachable"] = step.if_unreachable
    if isinstance(step, Gate):
        reactions["if_late"] = step.if_late
    for key, reaction in reactions.items():
        if reaction.act is Act.JUMP:
            yield key, reaction


def waits(step: Step) -> Iterator[tuple[str, str]]:
    """The steps that a step waits for or asks about, by the key that does."""
    for alternatives in step.needs:
        for name in alternatives:
            yield "needs", name
    if isinstance(step.when, WhenStep):
        yield "when", step.when.step


def _inside(runbook: Runbook) -> Iterator[Step]:
    """Steps within other steps."""
    top = {step.id for step in (*runbook.before, *runbook.steps)}
    return (step for step in runbook.all_steps() if step.id not in top)
