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
        (0, "0:00"), (59_999, "0:59"), (3_600_000, "1 h 00"), (7_859_999, "2 h 10"),
        (86_400_000, "1 d"), (90_000_000, "1 d 1 h"), (-24_000, "−0:24"), (None, "?"),
        (float("nan"), "?"), (float("inf"), "?"), (10 * 86_400_000 + 3_600_000, "10 d"),
    ],
)  # fmt: skip
def test_spans(milliseconds: float | None, said: str) -> None:
    assert figures.span(milliseconds) == said


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
