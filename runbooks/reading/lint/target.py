"""The recovery time that is promised can be kept, even if every step takes as long as it may."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.paths import ways
from runbooks.reading.lines import Lines
from runbooks.reading.lint.remark import Remark
from runbooks.runbook import Gate, Rolling, Runbook, Step


def can_be_met(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """The worst bounded way fits into the target, and the way without failures has a bound."""
    clock = runbook.clock
    if clock is None:
        return
    found = ways(runbook, lambda step: hosts_of(step, runbook))
    steps = {step.id: step for step in runbook.steps}
    for way in found.endless:
        last = steps[way.steps[-1]]
        if isinstance(last, Gate) and not way.fails:
            what = f"no bound to {way}: this gate waits for ever while the clock runs"
            yield Problem(lines.key(last, "gate"), what, "add wait: and if_late:")
    if found.worst and found.worst.ms > clock.target_ms:
        worst, target = (ms // 1000 for ms in (found.worst.ms, clock.target_ms))
        what = f"{found.worst} takes {worst} s at worst, {target} s are promised"
        yield Problem(lines.top("clock"), what, "shorten time-outs and tries, or promise less")


def remarks(runbook: Runbook) -> Iterator[Remark]:
    """Ways without a bound."""
    if runbook.clock is None:
        return
    steps = {step.id: step for step in runbook.steps}
    for way in ways(runbook, lambda step: hosts_of(step, runbook)).endless:
        last = steps[way.steps[-1]]
        why = (
            "a person decides" if last.id in way.fails
            else "it waits for people" if isinstance(last, Gate)
            else "how many hosts is known when it is planned"
        )  # fmt: skip
        yield Remark(last.line, f"no bound to {way}: {why}")


def hosts_of(step: Step, runbook: Runbook) -> int | None:
    """How many hosts a rolling is for, where the file says so."""
    if not isinstance(step, Rolling):
        return 0
    most = [
        selector.exactly or selector.at_most
        for name in step.hosts
        if (selector := runbook.hosts.get(name))
    ]
    return None if None in most else sum(count or 0 for count in most)
