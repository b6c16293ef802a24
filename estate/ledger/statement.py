"""One month of one service: what was promised, what is proven, what is left.

What nobody saw is neither up nor down. So there are two shares, `best` (the unseen was up) and
`worst` (it was down), and a verdict that may be that nothing can be proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from estate.ledger.spans import NEVER, Interval, Spans, spans, union


class Verdict(StrEnum):
    """Against the stricter of the percentage and the flat limit."""

    MET = "met"
    OPEN = "open"  # the month is not over
    NOT_PROVABLE = "not provable"  # kept if the unseen was up, broken if it was down
    BREACHED = "breached"  # lost already, whatever comes


@dataclass(frozen=True, slots=True)
class Promise:
    """`available` is the promised share of agreed service time; `flat_limit_ms` a limit in words
    ("no more than 22 minutes a month") beside it. Maintenance counts as time promised, unless
    the estate says that it does not."""

    available: Fraction
    flat_limit_ms: int | None = None
    maintenance_counts: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """Maintenance `[starts, ends)`, and when it was declared."""

    starts: int
    ends: int
    declared_at: int

    @property
    def in_time(self) -> bool:
        """One declared after its start never excludes anything."""
        return self.declared_at <= self.starts


@dataclass(frozen=True, slots=True)
class Statement:
    """Milliseconds, and shares of one; what can't be divided is None.

    `period` is the month, `observed` what of it is over, `ast` the agreed service time of the
    whole month. `budget` is exact, and may have a fraction of a millisecond.
    """

    period_ms: int
    observed_ms: int
    ast_ms: int
    budget: Fraction
    down_ms: int
    unknown_ms: int
    down_in_maintenance_ms: int
    best: Fraction | None
    worst: Fraction | None
    flat_limit_ms: int | None
    verdict: Verdict

    @property
    def governing(self) -> Fraction:
        """The stricter limit of the two, in milliseconds."""
        flat = self.flat_limit_ms
        return self.budget if flat is None else min(self.budget, Fraction(flat))

    @property
    def remaining_best(self) -> Fraction:
        """Of the percentage budget, if the unseen was up. Negative when it is overspent."""
        return self.budget - self.down_ms

    @property
    def remaining_worst(self) -> Fraction:
        return self.budget - self.down_ms - self.unknown_ms

    @property
    def flat_remaining_ms(self) -> int | None:
        return None if self.flat_limit_ms is None else self.flat_limit_ms - self.down_ms

    def failovers_left(self, recovery_ms: int) -> tuple[int, int]:
        """How many more failovers of that length the stricter limit bears: if the unseen was up,
        and if it was down."""
        best = self.governing - self.down_ms
        worst = best - self.unknown_ms
        return max(0, int(best // recovery_ms)), max(0, int(worst // recovery_ms))


def state(
    promise: Promise,
    period: Interval,
    *,
    down: Spans,
    unknown: Spans,
    maintenance: Iterable[Planned] = (),
    until: int | None = None,
) -> Statement:
    """The statement for the month `period`; `until` is now, None when the month is over.

    Where down and unknown overlap, it was down.
    """
    planned = tuple(maintenance)
    whole = spans([period])
    observed = whole if until is None else whole.within(period[0], max(period[0], until))
    excluded = NEVER if promise.maintenance_counts else _windows(p for p in planned if p.in_time)
    agreed = whole - excluded
    counted = agreed & observed
    lost = down & counted
    unseen = (unknown - down) & counted
    budget = agreed.length * (1 - promise.available)
    lost_ms, unseen_ms = lost.length, unseen.length
    over = until is None or until >= period[1]
    return Statement(
        period_ms=whole.length,
        observed_ms=observed.length,
        ast_ms=agreed.length,
        budget=budget,
        down_ms=lost_ms,
        unknown_ms=unseen_ms,
        down_in_maintenance_ms=(down & observed & _windows(planned)).length,
        best=_share(lost_ms, counted.length),
        worst=_share(lost_ms + unseen_ms, counted.length),
        flat_limit_ms=promise.flat_limit_ms,
        verdict=_verdict(_stricter(budget, promise.flat_limit_ms), lost_ms, unseen_ms, over),
    )


def _windows(planned: Iterable[Planned]) -> Spans:
    return union(spans([(each.starts, each.ends)]) for each in planned)


def _share(lost_ms: int, of_ms: int) -> Fraction | None:
    return 1 - Fraction(lost_ms, of_ms) if of_ms else None


def _stricter(budget: Fraction, flat_limit_ms: int | None) -> Fraction:
    return budget if flat_limit_ms is None else min(budget, Fraction(flat_limit_ms))


def _verdict(limit: Fraction, lost_ms: int, unseen_ms: int, over: bool) -> Verdict:
    if lost_ms > limit:
        return Verdict.BREACHED
    if lost_ms + unseen_ms > limit:
        return Verdict.NOT_PROVABLE
    return Verdict.MET if over else Verdict.OPEN
