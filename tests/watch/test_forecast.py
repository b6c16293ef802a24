"""When a file system will be full: trends are found, bursts and noise are not taken for trends."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.samples import FileSystem
from watch.forecast import FARTHEST_SECONDS, MOST, Filling

GB = 1e9


def filled(used: list[float], *, size: float = 100 * GB, every_ms: int = 60_000) -> Filling:
    filling = Filling()
    for number, now_used in enumerate(used):
        space = FileSystem("/var/spool", size, now_used, size - now_used)
        filling.measured(number * every_ms, space)
    return filling


@pytest.mark.parametrize(
    ("used", "seconds"),
    [
        ([80 * GB + n * GB for n in range(10)], 11 * 60),  # 89 GB used, +1 GB a minute
        ([50 * GB] * 10, None),  # still
        ([90 * GB - n * GB for n in range(10)], None),  # emptying
        ([80 * GB + n * GB for n in range(4)], None),  # too few
        ([50 * GB] * 9 + [60 * GB], None),  # one burst is no trend
        ([50 * GB + n for n in range(10)], None),  # full in centuries
        ([n * GB for n in (50, 58, 49, 59, 50, 60, 51, 61)], None),  # to and fro: who could tell
        ([80 * GB, 81 * GB, 82 * GB, 70 * GB, 84 * GB, 85 * GB, 86 * GB], 14 * 60),  # one outlier
    ],
)
def test_worked_examples(used: list[float], seconds: float | None) -> None:
    found = filled(used).full_in_seconds()
    assert found == (pytest.approx(seconds, rel=0.05) if seconds is not None else None)


def test_too_short_a_span_says_nothing() -> None:
    rising = [80 * GB + n * GB for n in range(MOST)]
    assert filled(rising, every_ms=5_000).full_in_seconds() is None


def test_a_resized_file_system_starts_over() -> None:
    filling = filled([80 * GB + n * GB for n in range(10)])
    filling.measured(600_000, FileSystem("/var/spool", 200 * GB, 90 * GB, 110 * GB))
    assert filling.full_in_seconds() is None


def test_a_clock_that_was_set_back_starts_over() -> None:
    filling = filled([80 * GB + n * GB for n in range(10)], every_ms=600_000)
    for minute in range(8):
        used = 50 * GB + minute * GB
        filling.measured(minute * 60_000, FileSystem("/var/spool", 100 * GB, used, 100 * GB - used))
    assert filling.full_in_seconds() == pytest.approx(43 * 60, rel=0.01)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    filling = filled([80 * GB + n * GB for n in range(10)])
    filling.measured(10**8, FileSystem("/var/spool", 100 * GB, 89 * GB, 11 * GB))
    assert filling.full_in_seconds() is None


def test_a_trend_that_ended_a_window_ago_is_over() -> None:
    rising = [50 * GB + n * GB for n in range(25)]
    assert filled([*rising, *[75 * GB] * 6]).full_in_seconds() is not None
    assert filled([*rising, *[75 * GB] * 13]).full_in_seconds() is None


def test_measurements_close_together_are_thinned_out_not_the_window_shortened() -> None:
    every_second = [80 * GB + n * GB / 60 for n in range(301)]  # +1 GB a minute, 85 GB used
    found = filled(every_second, every_ms=1_000).full_in_seconds()
    assert found == pytest.approx(15 * 60, rel=0.01)


def test_an_unknown_size_is_no_measurement() -> None:
    filling = filled([80 * GB + n * GB for n in range(10)])
    filling.measured(600_000, FileSystem("/var/spool", nan, nan, nan))
    assert filling.full_in_seconds() == pytest.approx(11 * 60, rel=0.01)


@given(st.lists(st.floats(0, 100 * GB), max_size=60))
def test_a_forecast_is_a_time_ahead_or_none(used: list[float]) -> None:
    found = filled(used).full_in_seconds()
    assert found is None or 0 <= found <= FARTHEST_SECONDS
