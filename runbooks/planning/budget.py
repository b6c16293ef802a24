"""What a run may cost the service it is for."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.reasons import Reason
from runbooks.runbook import Budget


@dataclass(frozen=True, slots=True)
class Left:
    """Of a service's month: the `whole_ms` it may be out, and what is left of that for certain.

    Time in which nobody looked counts as spent: it could have been.
    """

    whole_ms: int
    left_ms: int


def cost_ms(budget: Budget, hosts: int) -> int:
    """What a run on so many hosts costs, if it fails too."""
    return budget.outage_per_host_ms * hosts + budget.if_it_fails_ms


def over(budget: Budget, hosts: int, left: Left | None) -> Reason | None:
    """Why the run would cost too much; None if enough is kept."""
    cost = cost_ms(budget, hosts)
    if left is None:
        what = f"nobody knows what is left of {budget.service}'s month"
        todo = "wait until it is measured, or have it waived"
        return Reason("budget", what, todo, waivable=True, unknown=True)
    keep = budget.keep * left.whole_ms
    if left.left_ms - cost >= keep:
        return None
    what = (
        f"it may cost {budget.service} {_minutes(cost)} of the {_minutes(left.left_ms)} left this "
        f"month, and {_minutes(int(keep))} are to be kept"
    )
    return Reason("budget", what, "wait for the next month, or have it waived", True)


def _minutes(milliseconds: int) -> str:
    return f"{milliseconds / 60_000:.1f} min"
