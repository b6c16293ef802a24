"""What runs before left behind: steps of which nobody knows whether they were done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from runbooks.reasons import Reason


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A `run` that has ended does not know what became of its `step` on `host`."""

    run: str
    step: str
    host: str


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a run was, from `began` to `ended` (UTC ms, None while it goes on), and what it left
    unsettled there: (step, host)."""

    run: str
    hosts: frozenset[str]
    began: int
    ended: int | None
    unknown: tuple[tuple[str, str], ...] = ()


def unsettled(runs: Collection[Footprint]) -> tuple[Unsettled, ...]:
    """What the runs left that have ended.

    Not where another was begun on the host since: whoever began it was told, and had it waived.
    """
    return tuple(
        Unsettled(left.run, step, host)
        for left in runs
        for step, host in left.unknown
        if left.ended is not None
        and not any(host in each.hosts and each.began >= left.ended for each in runs)
    )


def in_doubt(left: Iterable[Unsettled], hosts: Collection[str]) -> Iterator[Reason]:
    """Why nothing should be begun on `hosts` before a person has looked."""
    for each in left:
        if each.host in hosts:
            what = f"run {each.run} left {each.step} on {each.host} with outcome unknown"
            todo = f"find out on {each.host} whether it was done, and have this waived"
            yield Reason("unknown", what, todo, waivable=True)
