import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.paint import numbers

AT = 1_795_115_232_000  # Fri 20 Nov 2026, 03:07:12 in Hong Kong


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0:00"),
        (48, "0:48"),
        (512, "8:32"),
        (3599.9, "59:59"),
        (3600, "1 h 00"),
        (7380, "2 h 03"),
        (86_399, "23 h 59"),
        (86_400, "1 d"),
        (6.9 * 86_400, "6 d"),
        (-5, "0:00"),  # a host's clock ahead of ours is no negative age
    ],
)
def test_durations(seconds, words):
    assert numbers.duration(seconds) == words


@pytest.mark.parametrize(
    ("ms", "words"), [(0, "0 s"), (1_999, "1 s"), (59_999, "59 s"), (60_000, "1:00"), (-9, "0 s")]
)
def test_ages(ms, words):
    assert numbers.age(ms) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(48, "48 s"), (660, "11 min"), (3599, "59 min"), (7380, "2 h 03"), (-1, "0 s")],
)
def test_what_remains_is_said_in_words(seconds, words):
    assert numbers.remaining(seconds) == words


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (99.9579, 3, "99.957"),
        (99.9999, 3, "99.999"),
        (94.999, 0, "94"),
        (100.0, 0, "100"),
        (0.0, 0, "0"),
        (None, 0, "?"),
        (math.nan, 0, "?"),
        (93.99999999, 0, "94"),  # 94 that went through a float32
    ],
)
def test_percentages_are_rounded_down(value, digits, words):
    assert numbers.percent(value, digits) == words


@given(st.floats(0, 100))
def test_no_percentage_is_rounded_up_to_the_objective(value):
    assert float(numbers.percent(value, 3)) <= value + 2e-6


def test_counts_have_commas_and_unknown_is_not_zero():
    assert numbers.count(16_767.4) == "16,767"
    assert numbers.count(0) == "0"
    assert numbers.count(None) == "?"
    assert numbers.count(math.inf) == "?"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 B/s"),
        (999, "999 B/s"),
        (1000, "1.0 kB/s"),
        (3_140_000, "3.1 MB/s"),
        (125e6, "125 MB/s"),
        (2.5e9, "2.5 GB/s"),
        (None, "?"),
    ],
)
def test_rates_are_decimal(value, words):
    assert numbers.rate(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(512, "512 B"), (16 * 2**30, "16.0 GiB"), (2**40, "1.0 TiB"), (1536, "1.5 KiB"), (None, "?")],
)
def test_sizes_are_binary(value, words):
    assert numbers.size(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0.0"), (9.96, "10.0"), (99.94, "99.9"), (99.96, "100"), (100, "100"), (-99.96, "-100"), (1234.5, "1,234"), (math.nan, "?")],
)  # fmt: skip
def test_decimals_end_at_a_hundred_also_where_rounding_gets_there(value, words):
    assert numbers.decimal(value) == words


def test_columns_whose_heading_has_the_unit():
    assert numbers.kilobytes(3_400_000) == "3,400"
    assert numbers.gibibytes(13.3 * 2**30) == "13.3"
    assert numbers.kilobytes(None) == numbers.gibibytes(None) == "?"


def test_times_are_the_estates_own():
    assert numbers.clock(AT, "Asia/Hong_Kong") == "03:07:12"
    assert numbers.clock(AT, "UTC") == "19:07:12"
    assert numbers.zone_name(AT, "Asia/Hong_Kong") == "HKT"
    assert numbers.day(AT, "Asia/Hong_Kong") == "Fri 20 Nov"
    assert numbers.day(AT, "UTC", weekday=False) == "19 Nov"


def test_a_zone_nobody_knows_is_shown_as_utc_and_says_so():
    assert numbers.clock(AT, "Mars/Olympus") == "19:07:12"
    assert numbers.zone_name(AT, "Mars/Olympus") == "UTC"


def test_a_moment_of_another_day_says_which():
    assert numbers.moment(AT, AT, "Asia/Hong_Kong") == "03:07:12"
    assert numbers.moment(AT - 86_400_000, AT, "Asia/Hong_Kong") == "19 Nov 03:07:12"
