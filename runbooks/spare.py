"""How many hosts a rolling may take away at once, and how often it must."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from runbooks.runbook import Rolling


@dataclass(frozen=True, slots=True)
class Misfit:
    """A number that does not fit the hosts there are, by its `key`; what, and what to do."""

    key: str
    what: str
    todo: str


def misfit(step: Rolling, hosts: int) -> Misfit | None:
    """Why `step` can't be done on so many hosts; None if some can go and enough stay."""
    spare = hosts - step.keep_healthy.of(hosts)
    if spare < 1:
        what = f"keep_healthy leaves none of {hosts} hosts to be rolled"
        return Misfit("keep_healthy", what, f"write {hosts - 1} or less")
    if step.batch.of(hosts) > spare:
        what = f"a batch of {step.batch.of(hosts)} where only {spare} of {hosts} may be away"
        return Misfit("batch", what, f"write {spare} or less")
    return None


def turns(step: Rolling, hosts: int) -> int:
    """How many batches there are at most: canaries alone, then as many as `batch` says.

    Where hosts may not go together, each may have to go alone.
    """
    canaries = min(step.canary, hosts)
    size = 1 if step.never_together else max(1, step.batch.of(hosts))
    return canaries + ceil((hosts - canaries) / size)
