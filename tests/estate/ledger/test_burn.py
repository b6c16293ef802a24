"""Burn rates, alerts whose factor follows the month, and forecasts."""

from __future__ import annotations

from fractions import Fraction

import pytest

from estate.ledger.burn import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    RULES,
    Forecast,
    Urgency,
    alerts,
    forecast,
    rate,
)
from estate.ledger.composition import States
from estate.ledger.spans import NEVER, Spans, spans
from estate.ledger.statement import Promise, state

MAIL = Fraction(9995, 10000)


def test_a_minute_down_in_an_hour_and_in_five_minutes() -> None:
    assert rate(MINUTE_MS, HOUR_MS, MAIL) == Fraction(100, 3)
    assert rate(MINUTE_MS, 5 * MINUTE_MS, MAIL) == 400
    assert rate(MINUTE_MS, HOUR_MS, Fraction(1)) is None


@pytest.mark.parametrize(
    ("days", "fast", "slow"),
    [(28, "13.44", "5.6"), (29, "13.92", "5.8"), (30, "14.4", "6"), (31, "14.88", "6.2")],
)
def test_the_factor_follows_the_month(days: int, fast: str, slow: str) -> None:
    factors = [rule.factor(days * DAY_MS) for rule in RULES]
    assert factors[:2] == [Fraction(fast), Fraction(slow)]
    assert factors[2] == Fraction(days, 30)


NOW = 10 * DAY_MS
MONTH_MS = 30 * DAY_MS


def _rules(
    down: list[tuple[int, int]], unknown: list[tuple[int, int]]
) -> list[tuple[int, str, bool]]:
    held = alerts(spans(down), spans(unknown), NOW, MONTH_MS, MAIL)
    return [(alert.rule.long_ms, str(alert.urgency), alert.proven) for alert in held]


def test_two_percent_in_an_hour_pages_while_it_lasts() -> None:
    lost = 26 * 1000  # of 1296 s, 25.92 s are two percent
    assert (HOUR_MS, "page", True) in _rules([(NOW - lost, NOW)], [])
    assert _rules([(NOW - 25 * 1000, NOW)], []) == []
    gone_by = NOW - 10 * MINUTE_MS  # an hour's share is spent, and it is over
    assert (HOUR_MS, "page", True) not in _rules([(gone_by - lost, gone_by)], [])


@pytest.mark.parametrize(
    ("long_ms", "short_ms", "share_ms", "urgency"),
    [
        (6 * HOUR_MS, 30 * MINUTE_MS, 64_800, "page"),  # 5% of 1296 s
        (3 * DAY_MS, 6 * HOUR_MS, 129_600, "ticket"),  # 10%
    ],
)
def test_slow_burns_need_their_share_and_to_go_on(
    long_ms: int, short_ms: int, share_ms: int, urgency: str
) -> None:
    """Most of it was lost early, and just as much lately as the short window asks for."""
    lately = -(-share_ms * short_ms // long_ms)  # at the same rate, rounded up
    early = NOW - long_ms + 1

    def held(lost_ms: int, at: int) -> bool:
        first = (early, early + lost_ms - lately)
        return (long_ms, urgency, True) in _rules([first, (at, at + lately)], [])

    assert held(share_ms, NOW - lately)
    assert not held(share_ms - 1, NOW - lately)
    assert not held(share_ms, NOW - short_ms - lately)  # it is over
    assert (long_ms, "ticket", False) in _rules(
        [], [(early, early + share_ms), (NOW - lately, NOW)]
    )


def test_what_is_not_proven_makes_a_ticket_only() -> None:
    assert _rules([], [(NOW - 60_000, NOW)]) == [(HOUR_MS, Urgency.TICKET, False)]


def test_forecasts_side_by_side() -> None:
    period = (0, MONTH_MS)
    down = spans([(DAY_MS, DAY_MS + 60_000), (NOW - 30_000, NOW)])
    said = state(Promise(MAIL, 1_320_000), period, down=down, unknown=NEVER, until=NOW)
    states = States(down)
    told = forecast(said, states, period, NOW, down_now=True)
    assert told.at_month_pace_ms == 270_000
    assert told.at_day_pace_ms == 90_000 + 20 * 30_000
    assert told.used_up_at == NOW + 1_296_000 - 90_000
    assert forecast(said, states, period, NOW, down_now=False).used_up_at is None


def ahead(down: Spans, unknown: Spans, now: int) -> Forecast:
    period = (0, MONTH_MS)
    said = state(Promise(MAIL), period, down=down, unknown=unknown, until=now)
    return forecast(said, States(down, unknown), period, now, down_now=False)


def test_what_nobody_saw_was_not_up_for_a_pace() -> None:
    """20 days over of which one was seen, and a minute of that was down: it is lost at that pace."""
    now = 20 * DAY_MS
    down, unknown = spans([(now - 60_000, now)]), spans([(0, now - DAY_MS)])
    told = ahead(down, unknown, now)
    assert told.at_month_pace_ms == told.at_day_pace_ms == 60_000 + 10 * 60_000
    half_a_day = ahead(down, spans([(0, now - DAY_MS // 2)]), now)
    assert half_a_day.at_day_pace_ms == half_a_day.at_month_pace_ms == 60_000 + 20 * 60_000


def test_from_less_than_an_hour_nobody_foresees_a_month() -> None:
    now = 20 * DAY_MS
    down = spans([(now - 60_000, now)])
    for seen_ms, known in ((120_000, False), (HOUR_MS - 1, False), (HOUR_MS, True)):
        told = ahead(down, spans([(0, now - seen_ms)]), now)
        assert (told.at_month_pace_ms is not None) is (told.at_day_pace_ms is not None) is known
    yesterday = ahead(spans([(0, DAY_MS)]), spans([(now - DAY_MS, now)]), now)
    assert yesterday.at_month_pace_ms is not None and yesterday.at_day_pace_ms is None


def test_in_a_months_first_day_the_last_24_hours_are_what_there_is_of_it() -> None:
    """Six hours of it are over; what was down the evening before is of another month."""
    six = 6 * HOUR_MS
    told = ahead(spans([(-HOUR_MS, 60_000)]), NEVER, six)
    assert told.at_day_pace_ms == told.at_month_pace_ms == Fraction(60_000 * MONTH_MS, six)
