"""Figures: the zone that is given, nothing rounded in its own favour, nothing made up."""

from __future__ import annotations

import pytest

from estate.language import ENGLISH
from snapshots.telling import figures
from watch.languages import words_in

AT = 1_795_156_200_000


def test_a_moment_is_that_of_the_estate_s_zone() -> None:
    assert figures.moment(AT, "Asia/Hong_Kong", ENGLISH) == "20 Nov 14:30"
    assert figures.full_moment(AT, "Asia/Hong_Kong", ENGLISH) == "Fri 20 Nov 2026 14:30 HKT"
    assert figures.full_moment(AT, "UTC", ENGLISH) == "Fri 20 Nov 2026 06:30 UTC"
    said = figures.full_moment(AT, "Asia/Hong_Kong", words_in("zh-Hant"))
    assert said == "2026年11月20日（五） 14:30 HKT"


def test_a_zone_that_nobody_knows_is_utc_and_says_so() -> None:
    assert figures.full_moment(AT, "Mars/Olympus", ENGLISH).endswith("06:30 UTC")


@pytest.mark.parametrize("at", [10**30, -(10**30), 253_402_300_800_000, -62_135_596_800_001])
def test_a_moment_that_no_calendar_has_is_unknown(at: int) -> None:
    assert figures.moment(at, "Asia/Hong_Kong", ENGLISH) == "?"
    assert figures.full_moment(at, "Asia/Hong_Kong", ENGLISH) == "?"
    assert figures.clock(at, "Asia/Hong_Kong") == "?"


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 s"), (59_999, "59 s"), (660_000, "11 min"), (195_000, "3 min 15 s"),
        (3_600_000, "1 h"), (3_605_000, "1 h"), (7_859_999, "2 h 10 min"),
        (86_400_000, "1 d"), (90_000_000, "1 d 1 h"), (86_460_000, "1 d"), (-24_000, "−24 s"),
        (None, "?"), (float("nan"), "?"), (float("inf"), "?"), (-float("inf"), "?"),
        (10 * 86_400_000 + 3_600_000, "10 d"), (10**400, "?"), (-(10**400), "?"), (1e308, "?"),
    ],
)  # fmt: skip
def test_spans(milliseconds: float | None, said: str) -> None:
    assert figures.span(milliseconds, ENGLISH) == said


def test_a_span_is_said_in_the_language_of_the_report() -> None:
    chinese = words_in("zh-Hant")
    assert [figures.span(each, chinese) for each in (24_000, 195_000, 7_859_999, 90_000_000)] == [
        "24 秒", "3 分 15 秒", "2 小時 10 分", "1 日 1 小時",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308, float("inf"), float("nan")])
def test_what_is_no_figure_of_anything_is_not_known(value: float) -> None:
    for said in (figures.count, figures.size, figures.pace, figures.times):
        assert said(value) == "–"


def test_rates_are_told_in_decimal_units_as_the_console_does() -> None:
    assert [figures.pace(each) for each in (None, 999, 2048, 15_690_000, 3e9)] == [
        "–", "999 B/s", "2.0 kB/s", "15.6 MB/s", "3.0 GB/s",
    ]  # fmt: skip


def test_sizes_rates_and_counts() -> None:
    assert [figures.size(each) for each in (None, 0, 1023, 1 << 20, 9.99 * 2**30)] == [
        "–", "0 B", "1023 B", "1.0 MiB", "9.9 GiB",
    ]  # fmt: skip
    assert [figures.times(each) for each in (None, 0.04, 9.96, 284.2)] == [
        "–",
        "0.0×",
        "10.0×",
        "284×",
    ]
    assert [figures.count(each) for each in (None, float("nan"), 16767.9)] == ["–", "–", "16,767"]
