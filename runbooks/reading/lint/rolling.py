"""A rolling leaves enough hosts alone."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.runbook import Rolling, Runbook


def leaves_enough(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """Where it is known how many hosts there are, some can be rolled and enough stay."""
    for step in runbook.steps:
        if not isinstance(step, Rolling):
            continue
        counts = [runbook.hosts[name].exactly for name in step.hosts if name in runbook.hosts]
        total = sum(count for count in counts if count is not None)
        if None in counts or not total:
            continue
        spare = total - step.keep_healthy.of(total)
        if spare < 1:
            what = f"keep_healthy leaves none of {total} hosts to be rolled"
            yield Problem(lines.key(step, "keep_healthy"), what, f"write {total - 1} or less")
        elif step.batch.of(total) > spare:
            what = f"a batch of {step.batch.of(total)} where only {spare} of {total} may be away"
            yield Problem(lines.key(step, "batch"), what, f"write {spare} or less")
