"""Calendar months anywhere on earth, against a count of hours, and outages over their ends."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.error import InputError
from estate.ledger.months import Month, month, month_of
from estate.ledger.spans import spans
from estate.ledger.statement import Promise, state

HOUR_MS = 3_600_000
#: Clocks that change by an hour, by half an hour, at midnight, on the first of a month, by a day.
ZONES = (
    "UTC", "Asia/Hong_Kong", "Asia/Kathmandu", "Europe/Berlin", "Europe/London",
    "America/New_York", "America/Havana", "America/Santiago", "America/Asuncion",
    "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut", "Pacific/Apia", "Pacific/Chatham",
)  # fmt: skip
MONTHS = st.builds(Month, st.integers(2005, 2037), st.integers(1, 12))


@pytest.mark.parametrize(
    ("of", "zone", "hours"),
    [
        (Month(2026, 2), "Europe/Berlin", 28 * 24),
        (Month(2028, 2), "Europe/Berlin", 29 * 24),
        (Month(2026, 3), "Europe/Berlin", 31 * 24 - 1),
        (Month(2026, 10), "Europe/Berlin", 31 * 24 + 1),
        (Month(2026, 11), "America/New_York", 30 * 24 + 1),
        (Month(2026, 3), "America/New_York", 31 * 24 - 1),
        (Month(2026, 11), "America/Havana", 30 * 24 + 1),  # its first hour comes twice
        (Month(2026, 4), "Australia/Lord_Howe", Fraction(30 * 24 * 2 + 1, 2)),
        (Month(2011, 12), "Pacific/Apia", 30 * 24),  # the 30th never was
    ],
)
def test_months_in_which_clocks_change(of: Month, zone: str, hours: Fraction | int) -> None:
    start, end = of.bounds(ZoneInfo(zone))
    assert Fraction(end - start, HOUR_MS) == hours
    promise = Promise(Fraction(9995, 10_000))
    said = state(promise, (start, end), down=spans([]), unknown=spans([]))
    assert said.budget == Fraction(end - start, 2_000) and said.period_ms == end - start


@given(MONTHS, st.sampled_from(ZONES))
def test_a_month_has_the_quarters_of_an_hour_that_a_calendar_shows(of: Month, name: str) -> None:
    zone = ZoneInfo(name)
    start, end = of.bounds(zone)
    assert of.next().bounds(zone)[0] == end, "no millisecond between two months, and none in both"
    assert month_of(start, zone) == month_of(end - 1, zone) == of
    assert month_of(start - 1, zone) != of and month_of(end, zone) == of.next()
    quarter = HOUR_MS // 4
    first = (start - 3 * 24 * HOUR_MS) // quarter
    last = (end + 3 * 24 * HOUR_MS) // quarter
    counted = 0
    for number in (*range(first, first + 7 * 96), *range(last - 7 * 96, last)):
        local = datetime.fromtimestamp(number * quarter / 1000, UTC).astimezone(zone)
        inside = (local.year, local.month) == (of.year, of.month)
        assert inside == (start <= number * quarter < end), local
        counted += inside
    assert counted > 0


@pytest.mark.parametrize("text", ["9999-12", "9999-01", "1970-12", "1969-12", "0001-01", "0000-01"])
def test_of_some_years_there_is_no_ledger(text: str) -> None:
    """Python's last month has no end, and what was before 1970 would be called seen, and up."""
    with pytest.raises(InputError) as caught:
        month(text)
    assert caught.value.what == f"of {text} there is no ledger"
    assert caught.value.todo == "write a month of the years 1971 to 9998"


@pytest.mark.parametrize("name", ZONES)
def test_the_first_and_the_last_month_have_their_ends(name: str) -> None:
    for text in ("1971-01", "9998-12"):
        start, end = month(text).bounds(ZoneInfo(name))
        assert 0 < start < end


@given(
    MONTHS,
    st.sampled_from(ZONES),
    st.lists(st.tuples(st.integers(-40 * 24, 80 * 24), st.integers(0, 30 * 24 * 60)), max_size=6),
)
def test_outages_over_month_ends_are_shared_to_the_millisecond(
    of: Month, name: str, outages: list[tuple[int, int]]
) -> None:
    """Each in whole milliseconds; nothing is lost between months, and nothing counted twice."""
    zone = ZoneInfo(name)
    begins = of.bounds(zone)[0]
    down = spans(
        (begins + hours * HOUR_MS + 1, begins + hours * HOUR_MS + 1 + minutes * 60_000 + 7)
        for hours, minutes in outages
    )
    months = [Month(of.year - 1, 12) if of.month == 1 else Month(of.year, of.month - 1), of]
    while months[-1].bounds(zone)[1] < begins + 120 * 24 * HOUR_MS:
        months.append(months[-1].next())
    months.insert(0, Month(months[0].year - 1, 12) if months[0].month == 1
                  else Month(months[0].year, months[0].month - 1))  # fmt: skip
    promise = Promise(Fraction(9995, 10_000), 1_320_000)
    said = [state(promise, m.bounds(zone), down=down, unknown=spans([])) for m in months]
    assert sum(each.down_ms for each in said) == down.length
    for each in said:
        assert type(each.down_ms) is int and type(each.period_ms) is int
        assert each.best == 1 - Fraction(each.down_ms, each.period_ms)
        assert (each.verdict == "breached") == (each.down_ms > min(each.budget, 1_320_000))
