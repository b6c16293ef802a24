"""What of the ledger is a problem: a service that is down, a budget that burns or is gone."""

from __future__ import annotations

from collections.abc import Iterator

from estate.availability import BudgetRow, ServiceRow, percent
from estate.document import Problem, Severity
from estate.ledger.burn import Alert, Urgency, alerts
from estate.ledger.rounds import State
from estate.ledger.statement import Verdict
from estate.model import Service
from estate.told import Told, told
from watch import words
from watch.ledger.months import ServiceMonth
from watch.ledger.rows import WINDOW_NAMES

#: Problems of these kinds are the ledger's.
KINDS = frozenset({"service", "budget"})
_SEVERITY = {State.DOWN: Severity.CRITICAL, State.DEGRADED: Severity.WARNING}


def state_id(service: str) -> str:
    """The id of the problem that a service is not up."""
    return f"{service}/service"


def problems_of(
    row: ServiceRow, service: Service, month: ServiceMonth, now: int
) -> Iterator[Problem]:
    """The problems of one service, at most one of its state and one of its budget."""
    # What nobody asks is no problem of tonight; what is asked and can't be seen is one.
    if row.probes and row.state != State.UP and row.since is not None:
        severity = _SEVERITY.get(State(row.state), Severity.UNKNOWN)
        if row.planned:
            severity = Severity.MAINTENANCE
        yield Problem(
            state_id(row.key),
            row.key,
            Told(row.state, {}),
            row.cause,
            severity,
            row.since,
            kind="service",
            glyph=row.state,
        )
    if row.budget is not None and service.objective is not None:
        yield from _budget(row, row.budget, service, month, now)


def _budget(
    row: ServiceRow, budget: BudgetRow, service: Service, month: ServiceMonth, now: int
) -> Iterator[Problem]:
    assert service.objective is not None
    plain = (f"{row.key}/budget", row.key)
    limit = words.duration(budget.limit_ms / 1000)
    if budget.verdict == Verdict.BREACHED:
        over = words.duration(-budget.left_best_ms / 1000)
        why = told(
            "{over} over {limit}, {best}% of {objective}",
            over=over,
            limit=limit,
            best=percent(budget.best),
            objective=budget.objective,
        )
        since = month.states.down.intervals[-1][0]
        what = told("budget of {month} is gone", month=budget.month)
        yield Problem(*plain, what, why, Severity.WARNING, since, kind="budget", glyph="down")
        return
    period = month.period[1] - month.period[0]
    available = service.objective.available
    if month.asked_since is None:
        return
    # Before it was first asked all of it is unknown, and that wakes nobody.
    unseen = month.states.unknown.within(month.asked_since, now)
    found = alerts(month.states.down, unseen, now, period, available)
    if found:
        worst = min(found, key=lambda each: (each.urgency is not Urgency.PAGE, not each.proven))
        left = words.duration(max(0, budget.left_best_ms) / 1000)
        severity = Severity.CRITICAL if worst.urgency is Urgency.PAGE else Severity.WARNING
        what = _said(worst)
        why = told("{left} of {limit} left", left=left, limit=limit)
        lost = month.states.down if worst.proven else month.states.down | unseen
        since = lost.within(now - worst.rule.long_ms, now).intervals[0][0]
        # While it is down its budget burns because of that, and while it is unknown, if the unseen
        # was down: one problem, not two, whatever that one has for a cause.
        because = State.DOWN if worst.proven else State.UNKNOWN
        stands = row.state in (State.DOWN, because) and row.since is not None
        parent = f"{row.key}/service" if stands else ""
        yield Problem(*plain, what, why, severity, since, kind="budget", parent=parent)


def _said(alert: Alert) -> str:
    window = WINDOW_NAMES[alert.rule.long_ms]
    rate = f"{float(alert.rate):.0f}" if alert.rate >= 10 else f"{float(alert.rate):.1f}"
    if alert.proven:
        return told("budget burns {rate}× over {window}", rate=rate, window=window)
    return told(
        "budget burns {rate}× over {window}, if the unseen was down", rate=rate, window=window
    )
