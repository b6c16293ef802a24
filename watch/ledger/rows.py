"""Services, budgets and tenants as the board shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from estate.availability import (
    AllTenantsRow,
    BudgetRow,
    DayRow,
    ProbeRow,
    ServiceRow,
    SightRow,
    TenantRow,
)
from estate.ledger.burn import DAY_MS, HOUR_MS, MINUTE_MS, WINDOWS_MS, forecast, rate_at
from estate.ledger.composition import States, all_of
from estate.ledger.months import Month
from estate.ledger.rounds import Seen, State
from estate.ledger.spans import Interval, spans
from estate.ledger.tenants import Tenants, tenants
from estate.ledger.writing import percentage
from estate.model import Estate, Label, Service
from watch.ledger.account import Account
from watch.ledger.months import ServiceMonth, net_of

#: Windows of burn rates as people write them.
WINDOW_NAMES: Mapping[int, str] = {
    5 * MINUTE_MS: "5m",
    HOUR_MS: "1h",
    6 * HOUR_MS: "6h",
    3 * DAY_MS: "3d",
}
#: Why nothing is known of a service without probes.
NOT_ASKED = "the estate declares no probe for it"


def service_row(
    service: Service,
    account: Account | None,
    month: ServiceMonth,
    *,
    language: str,
    now: int,
    zone: ZoneInfo,
) -> ServiceRow:
    """One service at `now`. Without an account it is asked by nobody, and unknown."""
    plain = ServiceRow(
        service.key,
        label(service.name, language),
        service.name,
        service.tier,
        cause=NOT_ASKED,
        planned=any(each.starts <= now < each.ends for each in month.planned),
    )
    if account is None:
        budget = budget_row(month, service, State.UNKNOWN, now, zone)
        return replace(plain, budget=budget)
    state, since, cause = _present(account, now)
    latest = account.latest
    return replace(
        plain,
        state=str(state),
        since=since,
        at=account.last_at,
        cause=cause,
        milliseconds=latest.milliseconds if latest else None,
        vantages=tuple(dict.fromkeys(each.vantage for each in account.coverage)),
        probes=tuple(
            ProbeRow(each.probe, not each.cause, each.milliseconds, each.cause)
            for each in (latest.probes if latest else ())
        ),
        sights=_sights(account, month, now),
        budget=budget_row(month, service, state, now, zone),
    )


def _sights(account: Account, month: ServiceMonth, now: int) -> tuple[SightRow, ...]:
    """What each vantage saw last; one that is late has no data. None where there is but one."""
    if len(account.vantages) < 2:
        return ()
    found = []
    for name in account.vantages:
        covered = spans((e.start, e.to) for e in account.coverage if e.vantage == name)
        runs = account.heard.get(name, ())
        last = runs[-1] if runs else None
        stands = last is not None and now - last.until <= account.patience_ms
        found.append(
            SightRow(
                name,
                str(last.seen) if last is not None and stands else str(Seen.NOTHING),
                last.until if last is not None else None,
                last.cause if last is not None and stands else "",
                covered.within(*month.period).length,
            )
        )
    return tuple(found)


def budget_row(
    month: ServiceMonth, service: Service, present: State, now: int, zone: ZoneInfo
) -> BudgetRow | None:
    """What is left of the month; None where nothing is promised."""
    said, objective = month.statement, service.objective
    if said is None or objective is None:
        return None
    ahead = forecast(said, month.states, month.period, now, down_now=present is State.DOWN)
    recovery = objective.recover_within_ms
    failovers = said.failovers_left(recovery) if recovery else (None, None)
    net = net_of(month, objective)
    return BudgetRow(
        month=str(month.month),
        starts=month.period[0],
        ends=month.period[1],
        objective=percentage(objective.available),
        limit_ms=int(said.governing),
        flat_limit_ms=said.flat_limit_ms,
        down_ms=said.down_ms,
        unknown_ms=said.unknown_ms,
        degraded_ms=month.states.degraded.within(*month.period).length,
        maintenance_ms=said.down_in_maintenance_ms,
        best=_text(said.best),
        worst=_text(said.worst),
        verdict=str(said.verdict),
        left_best_ms=(said.governing - said.down_ms).__floor__(),
        left_worst_ms=(said.governing - said.down_ms - said.unknown_ms).__floor__(),
        burn=_burn(month, objective.available, now),
        at_month_pace_ms=_floor(ahead.at_month_pace_ms),
        at_day_pace_ms=_floor(ahead.at_day_pace_ms),
        used_up_at=ahead.used_up_at,
        failovers_left=failovers[0],
        days=_days(month, zone),
        net_best=_text(net.best) if net else None,
        net_worst=_text(net.worst) if net else None,
        failovers_left_worst=failovers[1],
    )


def tenant_rows(
    estate: Estate, months: Mapping[str, ServiceMonth], month: Month, now: int
) -> tuple[tuple[TenantRow, ...], tuple[AllTenantsRow, ...]]:
    """Each tenant over all services that serve it and are asked, the worst off first; and all of
    them together, in the `month` until `now`. Nothing of either where there are none."""
    states: dict[str, States] = {}
    together: dict[tuple[str, ...], States] = {}  # most tenants have the same services
    served_by: dict[str, tuple[str, ...]] = {}
    for key in estate.tenants:
        served = tuple(
            service.key
            for service in estate.services.values()
            if service.key in months and (service.tenants is None or key in service.tenants)
        )
        if served:
            if served not in together:
                together[served] = all_of([months[each].states for each in served])
            states[key], served_by[key] = together[served], served
    start, end = month.bounds(ZoneInfo(estate.timezone))
    period = start, max(start, min(now, end))
    found = tenants(states, period)
    rows = tuple(
        TenantRow(
            share.tenant,
            label(estate.tenants[share.tenant].name, estate.language),
            estate.tenants[share.tenant].name,
            share.down_ms,
            share.unknown_ms,
            _text(share.best),
            _text(share.worst),
            served_by[share.tenant],
            _groups(estate, served_by[share.tenant]),
        )
        for share in found.shares
    )
    return rows, (_together(found, month, period),) if rows else ()


def _together(found: Tenants, month: Month, period: Interval) -> AllTenantsRow:
    start, end = period
    down, unknown = found.any_down.length, found.any_unknown.length
    whole = end - start
    return AllTenantsRow(
        str(month),
        start,
        len(found.shares),
        down,
        unknown,
        best=str(1 - Fraction(down, whole)) if whole else None,
        worst=str(1 - Fraction(down + unknown, whole)) if whole else None,
        mean=_text(found.mean),
        lost_ms=found.lost_ms,
    )


def _groups(estate: Estate, services: Sequence[str]) -> tuple[str, ...]:
    needs = (need for key in services for need in estate.services[key].needs)
    return tuple(dict.fromkeys(need.group for need in needs))


def label(names: Label, language: str) -> str:
    """A name in `language`, or in English, or in whatever it has."""
    return names.get(language) or names.get("en") or next(iter(names.values()))


def _present(account: Account, now: int) -> tuple[State, int | None, str]:
    """How the service is now: a round's word does not stand for ever."""
    last = account.last_at
    if last is not None and now - last > account.patience_ms:
        return State.UNKNOWN, last, "nobody asks it"
    latest = account.latest
    if account.state is State.UNKNOWN and not account.cause and latest is not None:
        return account.state, account.since, latest.cause  # it was never known: nothing turned
    return account.state, account.since, account.cause


def _burn(month: ServiceMonth, available: Fraction, now: int) -> dict[str, float]:
    rates = {
        WINDOW_NAMES[window]: rate_at(month.states.down, now, window, available)
        for window in WINDOWS_MS
    }
    return {name: round(float(rate), 2) for name, rate in rates.items() if rate is not None}


def _days(month: ServiceMonth, zone: ZoneInfo) -> tuple[DayRow, ...]:
    until = month.period[1] if month.until is None else month.until
    bounds = _midnights(month.period, zone)
    return tuple(
        _day(month.states, start, min(end, until)) if start < until else DayRow("")
        for start, end in pairwise(bounds)
    )


def _day(states: States, start: int, end: int) -> DayRow:
    down = states.down.within(start, end).length
    unknown = states.unknown.within(start, end).length
    worst = State.UP
    if down:
        worst = State.DOWN
    elif unknown:
        worst = State.UNKNOWN
    elif states.degraded.within(start, end):
        worst = State.DEGRADED
    return DayRow(str(worst), down, unknown)


def _midnights(period: Interval, zone: ZoneInfo) -> Sequence[int]:
    """Every local midnight of the month, and the next month's first; a day may have 23 hours."""
    day = datetime.fromtimestamp(period[0] // 1000, UTC).astimezone(zone).date()
    found = [period[0]]
    while found[-1] < period[1]:
        day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        found.append(int(midnight.timestamp()) * 1000)
    return found


def _text(share: Fraction | None) -> str | None:
    return None if share is None else str(share)


def _floor(value: Fraction | None) -> int | None:
    return None if value is None else value.__floor__()
