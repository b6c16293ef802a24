"""Services and budgets for other monitors: what is proven and what is not, side by side.

A service that nobody has asked for a while is in state unknown, and has no probe time; a share that
can't be divided is left out. Shares are cut, never rounded up to what was promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from prometheus_client.core import GaugeMetricFamily, Metric, StateSetMetricFamily

from estate.availability import BudgetRow
from estate.document import Document
from estate.ledger.rounds import State
from estate.ledger.statement import Verdict

#: Figures of a budget: name, what it says, and the value; None is left out.
_FIGURES: tuple[tuple[str, str, Callable[[BudgetRow], float | None]], ...] = (
    ("down_seconds", "Seen down in this month.", lambda row: row.down_ms / 1000),
    ("unknown_seconds", "Seen by nobody in this month.", lambda row: row.unknown_ms / 1000),
    ("limit_seconds", "The stricter limit of the month.", lambda row: row.limit_ms / 1000),
    ("left_best_seconds", "Left if the unseen was up.", lambda row: row.left_best_ms / 1000),
    ("left_worst_seconds", "Left if the unseen was down.", lambda row: row.left_worst_ms / 1000),
    ("best_ratio", "Available if the unseen was up.", lambda row: _ratio(row.best)),
    ("worst_ratio", "Available if the unseen was down.", lambda row: _ratio(row.worst)),
)


def services(document: Document) -> Iterator[Metric]:
    """Metrics of every service, its budget and the vantages; none where the estate has none."""
    if not document.services:
        return
    yield _states(document)
    yield _probe_seconds(document)
    yield from _budgets(document)
    yield _vantages(document)


def _states(document: Document) -> Metric:
    family = StateSetMetricFamily(
        "twinwatch_service_state", "How a service is, as confirmed.", labels=["service"]
    )
    for row in document.services:
        family.add_metric([row.key], {str(each): row.state == each for each in State})
    return family


def _probe_seconds(document: Document) -> Metric:
    family = GaugeMetricFamily(
        "twinwatch_service_probe_seconds", "The slowest probe of the last round.",
        labels=["service"],
    )  # fmt: skip
    for row in document.services:
        if row.milliseconds is not None and row.at is not None and row.state != State.UNKNOWN:
            family.add_metric([row.key], row.milliseconds / 1000, timestamp=row.at / 1000)
    return family


def _budgets(document: Document) -> Iterator[Metric]:
    budgets = [(row.key, row.budget) for row in document.services if row.budget is not None]
    for name, said, value in _FIGURES:
        family = GaugeMetricFamily(
            f"twinwatch_service_month_{name}", said, labels=["service", "month"]
        )
        for key, budget in budgets:
            figure = value(budget)
            if figure is not None:
                family.add_metric([key, budget.month], figure)
        yield family
    burn = GaugeMetricFamily(
        "twinwatch_service_burn_rate", "How fast the budget goes: 1 lasts exactly the month.",
        labels=["service", "window"],
    )  # fmt: skip
    for key, budget in budgets:
        for window, rate in budget.burn.items():
            burn.add_metric([key, window], rate)
    yield burn
    verdicts = StateSetMetricFamily(
        "twinwatch_service_verdict", "What the month comes to so far.", labels=["service", "month"]
    )
    for key, budget in budgets:
        states = {str(each): budget.verdict == each for each in Verdict}
        verdicts.add_metric([key, budget.month], states)
    yield verdicts


def _vantages(document: Document) -> Metric:
    family = GaugeMetricFamily(
        "twinwatch_vantage_heard", "Whether a place from which services are asked speaks.",
        labels=["vantage"],
    )  # fmt: skip
    for row in document.vantages:
        family.add_metric([row.name], float(row.state != "silent"))
    return family


def _ratio(share: str | None) -> float | None:
    """A share as a number that is never more than it: cut after nine digits."""
    if share is None:
        return None
    return (Fraction(share) * 10**9).__floor__() / 10**9
