"""How fast a month's budget goes, when that wakes somebody, and what will be left.

A burn rate of 1 spends exactly the budget in exactly the month. Alerts hold the *share* of the
budget constant, so their factor follows the length of the month (28 to 31 days).
Source: Google, The Site Reliability Workbook, chapter 5, "multiwindow, multi-burn-rate alerts".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from estate.ledger.composition import States
from estate.ledger.spans import Interval, Spans
from estate.ledger.statement import Statement

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Urgency(StrEnum):
    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Rule:
    """`share` of the budget gone within `long_ms`, and still going in the last `short_ms`."""

    share: Fraction
    long_ms: int
    short_ms: int
    urgency: Urgency

    def factor(self, period_ms: int) -> Fraction:
        """The burn rate that this is, in a month of that length: 14.4 for 2% in 1 h of 30 days."""
        return self.share * period_ms / self.long_ms


RULES = (
    Rule(Fraction(2, 100), HOUR_MS, 5 * MINUTE_MS, Urgency.PAGE),
    Rule(Fraction(5, 100), 6 * HOUR_MS, 30 * MINUTE_MS, Urgency.PAGE),
    Rule(Fraction(10, 100), 3 * DAY_MS, 6 * HOUR_MS, Urgency.TICKET),
)

#: From less than this nobody foresees a month: what was seen of it is no pace.
LEAST_SEEN_MS = HOUR_MS

#: The windows that screens show.
WINDOWS_MS = (5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 3 * DAY_MS)


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that holds; `proven` is False where only down and unknown together cross it."""

    rule: Rule
    urgency: Urgency
    proven: bool
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Forecast:
    """Down milliseconds at the month's end at the month's pace and at the last day's pace, None
    where too little was seen to know one; and when the stricter limit is used up if the present
    state lasts (None: it never is)."""

    at_month_pace_ms: Fraction | None
    at_day_pace_ms: Fraction | None
    used_up_at: int | None


def rate(lost_ms: int, window_ms: int, available: Fraction) -> Fraction | None:
    """The burn rate of a window with `lost_ms` in it; None where nothing may be lost at all."""
    if available == 1:
        return None
    return Fraction(lost_ms, window_ms) / (1 - available)


def rate_at(lost: Spans, now: int, window_ms: int, available: Fraction) -> Fraction | None:
    """The burn rate of the window that ends now."""
    return rate(lost.within(now - window_ms, now).length, window_ms, available)


def alerts(
    down: Spans, unknown: Spans, now: int, period_ms: int, available: Fraction
) -> tuple[Alert, ...]:
    """Every rule that holds. What is not proven makes a ticket, never a page."""
    if available == 1:
        return ()
    found = []
    for rule in RULES:
        factor = rule.factor(period_ms)
        for lost, proven in ((down, True), (down | unknown, False)):
            rates = [rate_at(lost, now, w, available) for w in (rule.long_ms, rule.short_ms)]
            held = [each for each in rates if each is not None and each >= factor]
            if len(held) == len(rates):
                urgency = rule.urgency if proven else Urgency.TICKET
                found.append(Alert(rule, urgency, proven, held[0]))
                break
    return tuple(found)


def forecast(
    statement: Statement,
    states: States,
    period: Interval,
    now: int,
    *,
    down_now: bool,
) -> Forecast:
    """Three readings side by side; none is better than the others.

    A pace is what was seen down of what was seen at all: what nobody saw was not up. What is
    to come goes on at that pace; the unseen of the past is not added to what was down.
    """
    until = min(now, period[1])
    left_ms = max(0, period[1] - now)

    def at_pace_since(start: int) -> Fraction | None:
        down = states.down.within(start, until).length
        seen = until - start - states.unknown.within(start, until).length
        if seen < LEAST_SEEN_MS:
            return None
        return statement.down_ms + Fraction(down * left_ms, seen)

    remaining = statement.governing - statement.down_ms
    used_up_at = None
    if down_now:
        used_up_at = now + max(0, int(remaining))
    return Forecast(
        at_month_pace_ms=at_pace_since(period[0]),
        at_day_pace_ms=at_pace_since(max(period[0], until - DAY_MS)),
        used_up_at=used_up_at if used_up_at is None or used_up_at < period[1] else None,
    )
