"""A service's month, computed from what is on record: the same arithmetic live and years later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from estate.ledger.book import Pages, history, seen_until
from estate.ledger.composition import States
from estate.ledger.months import Month
from estate.ledger.reading import Computation
from estate.ledger.spans import Interval
from estate.ledger.statement import Planned, Promise, Statement, state
from estate.model import Objective


@dataclass(frozen=True, slots=True)
class ServiceMonth:
    """`states` reach back before the month, as far as the record does: burn looks over its edge.

    `until` is now, or None when the month is over.
    """

    month: Month
    period: Interval
    until: int | None
    states: States
    planned: tuple[Planned, ...]
    statement: Statement | None  # None where nothing is promised
    asked_since: int | None = None  # the first round that bears on it; None: it was never asked


def computation(said: ServiceMonth, zone: ZoneInfo, objective: Objective) -> Computation:
    """The month as a file for `ledger compute` has it: what was down and unknown, and no more."""
    end = said.period[1] if said.until is None else max(said.period[0], said.until)
    return Computation(
        zone,
        said.month,
        promise_of(objective),
        down=said.states.down.within(said.period[0], end).intervals,
        unknown=said.states.unknown.within(said.period[0], end).intervals,
        maintenance=said.planned,
        until=said.until,
    )


def promise_of(objective: Objective) -> Promise:
    """What an objective promises; planned work counts, for no estate says that it does not."""
    return Promise(objective.available, objective.flat_limit_ms)


def net_of(said: ServiceMonth, objective: Objective) -> Statement | None:
    """The month without its planned work, where there was any that was declared in time."""
    starts, ends = said.period
    in_time = [each for each in said.planned if each.in_time]
    if not any(each.starts < ends and each.ends > starts for each in in_time):
        return None
    return state(
        replace(promise_of(objective), maintenance_counts=False),
        said.period,
        down=said.states.down,
        unknown=said.states.unknown,
        maintenance=in_time,
        until=said.until,
    )


def month_from(
    month: Month,
    zone: ZoneInfo,
    objective: Objective | None,
    pages: Pages,
    *,
    now: int,
    patience_ms: int,
) -> ServiceMonth:
    """The month as the records have it at `now`. A service that was never asked is all unknown."""
    period = month.bounds(zone)
    until = now if now < period[1] else None
    end = period[1] if until is None else until
    covered = seen_until(pages.coverage, now, patience_ms)
    states = history([each.transition for each in pages.entries], covered, max(0, end))
    planned = tuple(Planned(each.starts, each.ends, each.declared_at) for each in pages.maintenance)
    statement = None
    if objective is not None:
        statement = state(
            promise_of(objective),
            period,
            down=states.down,
            unknown=states.unknown,
            maintenance=planned,
            until=until,
        )
    asked_since = min((each.start for each in pages.coverage), default=None)
    return ServiceMonth(month, period, until, states, planned, statement, asked_since)
