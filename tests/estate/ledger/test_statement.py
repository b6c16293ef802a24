"""The worked cases of a month's statement, and a reading second by second that must agree."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.months import Month, month, month_of
from estate.ledger.spans import NEVER, Spans, spans
from estate.ledger.statement import Planned, Promise, Statement, Verdict, state

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
MAIL = Promise(Fraction(9995, 10000), flat_limit_ms=1_320_000)
MINUTE = 60_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=HONG_KONG).timestamp() * 1000)


def time(*pairs: str) -> Spans:
    return spans((at(a), at(b)) for a, b in zip(pairs[::2], pairs[1::2], strict=True))


def minutes(of: str, count: float, start: str = "03:00") -> Spans:
    begun = at(f"{of}-10T{start}")
    return spans([(begun, begun + int(count * MINUTE))])


def stated(of: str, down: Spans = NEVER, unknown: Spans = NEVER, **more: object) -> Statement:
    period = month(of).bounds(HONG_KONG)
    return state(MAIL, period, down=down, unknown=unknown, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "bounds", "budget_ms"),
    [
        ("2026-02", (1769875200000, 1772294400000), 1_209_600),
        ("2028-02", (1832947200000, 1835452800000), 1_252_800),
        ("2026-11", (1793462400000, 1796054400000), 1_296_000),
        ("2026-12", (1796054400000, 1798732800000), 1_339_200),
    ],
)
def test_a_month_is_as_long_as_the_calendar_says(
    of: str, bounds: tuple[int, int], budget_ms: int
) -> None:
    assert month(of).bounds(HONG_KONG) == bounds
    assert stated(of).budget == budget_ms


def test_a_month_in_which_clocks_change_has_an_hour_more_or_less() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = [
        (lambda ends: (ends[1] - ends[0]) // 3_600_000)(Month(2026, m).bounds(berlin))
        for m in (3, 10, 12)
    ]
    assert hours == [31 * 24 - 1, 31 * 24 + 1, 31 * 24]
    assert month_of(Month(2026, 12).bounds(berlin)[0], berlin) == Month(2026, 12)
    assert month_of(Month(2026, 12).bounds(berlin)[0] - 1, berlin) == Month(2026, 11)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-11", "2026-00", "2026-11-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no month — write year and month: 2026-11"):
        month(text)


def test_in_december_the_flat_limit_governs() -> None:
    said = stated("2026-12", minutes("2026-12", 22))
    assert (said.best, said.remaining_best) == (Fraction(22309, 22320), 19_200)
    assert (said.flat_remaining_ms, said.governing) == (0, 1_320_000)
    assert said.verdict is Verdict.MET


def test_in_november_twenty_two_minutes_are_too_much() -> None:
    said = stated("2026-11", minutes("2026-11", 22))
    assert (said.best, said.remaining_best) == (Fraction(21589, 21600), -24_000)
    assert said.verdict is Verdict.BREACHED


def test_an_outage_over_the_end_of_a_month_is_shared() -> None:
    down = time("2026-11-30T23:50", "2026-12-01T00:25")
    november, december = stated("2026-11", down), stated("2026-12", down)
    assert (november.down_ms, november.best) == (600_000, Fraction(4319, 4320))
    assert november.remaining_best == 696_000
    assert (december.down_ms, december.best) == (1_500_000, Fraction(8923, 8928))
    assert december.remaining_best == -160_800


def test_outages_that_overlap_or_touch_are_one() -> None:
    down = time(
        "2026-11-05T10:00", "2026-11-05T10:08", "2026-11-05T10:05", "2026-11-05T10:12:30",
        "2026-11-05T10:12:30", "2026-11-05T10:13",
    )  # fmt: skip
    said = stated("2026-11", down)
    assert len(down.intervals) == 1
    assert (said.down_ms, said.best) == (780_000, Fraction(43187, 43200))
    assert said.remaining_best == 516_000


def test_maintenance_counts_unless_the_estate_says_otherwise() -> None:
    down = time("2026-11-14T01:50", "2026-11-14T02:20")
    planned = [Planned(at("2026-11-14T02:00"), at("2026-11-14T04:00"), at("2026-11-01T00:00"))]
    counts = stated("2026-11", down, maintenance=planned)
    assert (counts.down_ms, counts.best) == (1_800_000, Fraction(1439, 1440))
    assert counts.remaining_best == -504_000
    assert counts.down_in_maintenance_ms == 1_200_000
    period = month("2026-11").bounds(HONG_KONG)
    lenient = Promise(MAIL.available, MAIL.flat_limit_ms, maintenance_counts=False)
    said = state(lenient, period, down=down, unknown=NEVER, maintenance=planned)
    assert (said.down_ms, said.ast_ms) == (600_000, 2_592_000_000 - 7_200_000)
    assert said.down_in_maintenance_ms == 1_200_000


def test_maintenance_declared_after_its_start_excludes_nothing() -> None:
    down = time("2026-11-14T01:50", "2026-11-14T02:20")
    late = [Planned(at("2026-11-14T02:00"), at("2026-11-14T04:00"), at("2026-11-14T02:00:01"))]
    lenient = Promise(MAIL.available, None, maintenance_counts=False)
    said = state(
        lenient, month("2026-11").bounds(HONG_KONG), down=down, unknown=NEVER, maintenance=late
    )
    assert (said.down_ms, said.ast_ms, said.down_in_maintenance_ms) == (
        1_800_000, 2_592_000_000, 1_200_000,
    )  # fmt: skip


def test_what_nobody_saw_may_make_it_unprovable() -> None:
    said = stated("2026-11", minutes("2026-11", 4), minutes("2026-11", 30, "03:04"))
    assert (said.best, said.worst) == (Fraction(10799, 10800), Fraction(21583, 21600))
    assert said.verdict is Verdict.NOT_PROVABLE
    said = stated("2026-12", minutes("2026-12", 12), minutes("2026-12", 9, "05:00"))
    assert (said.best, said.worst) == (Fraction(3719, 3720), Fraction(14873, 14880))
    assert said.verdict is Verdict.MET


def test_down_wins_over_unknown() -> None:
    said = stated("2026-11", minutes("2026-11", 10), minutes("2026-11", 15, "03:05"))
    assert (said.down_ms, said.unknown_ms) == (600_000, 600_000)
    assert said.worst == Fraction(2159, 2160)


def test_a_month_that_is_not_over_divides_by_what_is() -> None:
    said = stated("2026-11", minutes("2026-11", 6), until=at("2026-11-20T17:00"))
    assert said.best == Fraction(4729, 4730)
    assert said.remaining_best == 936_000
    assert said.verdict is Verdict.OPEN


def test_a_month_that_has_not_begun_has_no_share() -> None:
    said = stated("2026-12", until=at("2026-11-20T17:00"))
    assert (said.best, said.worst, said.observed_ms) == (None, None, 0)
    assert said.verdict is Verdict.OPEN


def test_one_failover_costs_nearly_half_a_month_and_three_do_not_fit() -> None:
    months = [stated("2026-11", minutes("2026-11", 10 * n)) for n in (0, 1, 2, 3)]
    assert [each.failovers_left(600_000) for each in months] == [(2, 2), (1, 1), (0, 0), (0, 0)]


def test_failovers_are_left_in_two_cases() -> None:
    unseen = minutes("2026-11", 10, "05:00")
    assert stated("2026-11", unknown=unseen).failovers_left(600_000) == (2, 1)
    said = stated("2026-11", minutes("2026-11", 10), unseen)
    assert said.failovers_left(600_000) == (1, 0)
    # What was down and unseen at once was down: it is not taken off twice.
    said = stated("2026-11", minutes("2026-11", 10), minutes("2026-11", 10))
    assert said.failovers_left(600_000) == (1, 1)


SECONDS = st.lists(st.tuples(st.integers(-5, 65), st.integers(-5, 65)), max_size=5)


@given(SECONDS, SECONDS, SECONDS, st.booleans(), st.booleans(), st.none() | st.integers(-3, 70))
def test_a_statement_agrees_with_a_reading_second_by_second(
    down: list[tuple[int, int]],
    unknown: list[tuple[int, int]],
    planned: list[tuple[int, int]],
    in_time: bool,
    counts: bool,
    until: int | None,
) -> None:
    """A "month" of sixty units, each looked at by itself."""
    windows = [Planned(a, b, a if in_time else a + 1) for a, b in planned if a < b]
    promise = Promise(Fraction(9, 10), 5, maintenance_counts=counts)
    said = state(
        promise, (0, 60), down=spans(down), unknown=spans(unknown), maintenance=windows, until=until
    )

    def within(moment: int, intervals: list[tuple[int, int]]) -> bool:
        return any(a <= moment < b for a, b in intervals)

    def agreed(moment: int) -> bool:
        return counts or not in_time or not within(moment, planned)

    seen = [m for m in range(60) if until is None or m < until]
    lost = [m for m in seen if within(m, down)]
    counted = [m for m in seen if agreed(m)]
    d = sum(within(m, down) for m in counted)
    u = sum(within(m, unknown) and not within(m, down) for m in counted)
    assert (said.observed_ms, said.ast_ms) == (len(seen), sum(agreed(m) for m in range(60)))
    assert (said.down_ms, said.unknown_ms) == (d, u)
    assert said.down_in_maintenance_ms == sum(within(m, planned) for m in lost)
    if counted:
        assert said.best == Fraction(len(counted) - d, len(counted))
        assert said.worst == Fraction(len(counted) - d - u, len(counted))
    limit = min(Fraction(said.ast_ms, 10), 5)
    over = until is None or until >= 60
    expected = (
        "breached" if d > limit else "not provable" if d + u > limit else "met" if over else "open"
    )
    assert said.verdict == expected
