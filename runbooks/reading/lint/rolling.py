"""A rolling leaves enough hosts alone."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.runbook import Rolling, Runbook
from runbooks.spare import misfit


def leaves_enough(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """Where it is known how many hosts there are, some can be rolled and enough stay."""
    for step in runbook.steps:
        if not isinstance(step, Rolling):
            continue
        counts = [runbook.hosts[name].exactly for name in step.hosts if name in runbook.hosts]
        total = sum(count for count in counts if count is not None)
        if None not in counts and total and (unfit := misfit(step, total)):
            yield Problem(lines.key(step, unfit.key), unfit.what, unfit.todo)
