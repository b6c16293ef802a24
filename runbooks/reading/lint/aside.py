"""A step that the run goes past decides nothing about those that it does not wait for."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.reading.lint.flow import waits
from runbooks.runbook import Act, OnFailure, OnHosts, Runbook, Step

_FITTING = (Act.ASK, Act.CONTINUE, Act.WAIT)


def decides_nothing(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """It asks or is passed over where it fails, and neither steps nor the clock wait for it."""
    aside = {step.id: step for step in runbook.steps if step.aside}
    for step in aside.values():
        for key, reaction in _reactions(step):
            if reaction.act not in _FITTING:
                what = f"{step.id} would {reaction.act} a run that has gone past it"
                yield Problem(lines.key(step, key), what, f"write {key}: ask, or continue")
    for step in runbook.steps:
        for key, name in waits(step):
            if name in aside:
                what = f"{name!r} is awaited, and the run goes on meanwhile"
                todo = f"remove meanwhile from {name}, or do not wait for it"
                yield Problem(lines.key(step, key), what, todo)
    clock = runbook.clock
    for name in (clock.starts, clock.stops) if clock else ():
        if name in aside:
            what = f"the clock waits for {name!r}, and the run goes on meanwhile"
            yield Problem(lines.top("clock"), what, f"remove meanwhile from {name}")


def _reactions(step: Step) -> Iterator[tuple[str, OnFailure]]:
    yield "if_fails", step.if_fails
    if isinstance(step, OnHosts):
        yield "if_unreachable", step.if_unreachable
