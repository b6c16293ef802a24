"""Shifts on a wall clock: over midnight, over a change of the clocks, and where there are none."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from estate.model import Shift
from snapshots.snapshot import Duty
from watch.handover.duty import duty_at, period_start

DAY = Shift("day", 8 * 60, 20 * 60)
NIGHT = Shift("night", 20 * 60, 8 * 60)
HONG_KONG = "Asia/Hong_Kong"


def ms(text: str, zone: str = HONG_KONG) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@pytest.mark.parametrize(
    ("now", "on_duty", "next_", "changes"),
    [
        ("2026-11-20 14:30", "day", "night", "2026-11-20 20:00"),
        ("2026-11-20 19:59", "day", "night", "2026-11-20 20:00"),
        ("2026-11-20 20:00", "night", "day", "2026-11-21 08:00"),
        ("2026-11-21 00:00", "night", "day", "2026-11-21 08:00"),
        ("2026-11-21 07:59", "night", "day", "2026-11-21 08:00"),
    ],
)
def test_who_is_on_duty_and_who_is_next(now: str, on_duty: str, next_: str, changes: str) -> None:
    assert duty_at((DAY, NIGHT), HONG_KONG, ms(now)) == Duty(on_duty, next_, ms(changes))


def test_an_hour_that_no_shift_covers_is_nobody_s() -> None:
    office = Shift("office", 9 * 60, 18 * 60)
    said = duty_at((office,), HONG_KONG, ms("2026-11-20 19:00"))
    assert said == Duty("", "office", ms("2026-11-21 09:00"))


def test_without_shifts_there_is_no_duty_and_a_period_of_12_hours() -> None:
    now = ms("2026-11-20 19:00")
    assert duty_at((), HONG_KONG, now) == Duty()
    assert period_start((), HONG_KONG, now) == ms("2026-11-20 07:00")


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2026-11-20 19:50", "2026-11-20 08:00"),
        ("2026-11-20 20:10", "2026-11-20 08:00"),  # the shift that has just ended hands over
        ("2026-11-20 20:30", "2026-11-20 20:00"),
        ("2026-11-21 07:50", "2026-11-20 20:00"),
    ],
)
def test_a_handover_covers_the_shift_that_hands_over(now: str, starts: str) -> None:
    assert period_start((DAY, NIGHT), HONG_KONG, ms(now)) == ms(starts)


def test_a_night_in_which_the_clocks_are_set_back_has_an_hour_more() -> None:
    zone = "Europe/Berlin"
    now = ms("2026-10-25 07:00", zone)
    starts = period_start((DAY, NIGHT), zone, now)
    assert starts == ms("2026-10-24 20:00", zone)
    assert now - starts == 12 * 3_600_000
    assert duty_at((DAY, NIGHT), zone, now).changes_at == ms("2026-10-25 08:00", zone)


def test_a_shift_of_equal_ends_lasts_a_day() -> None:
    whole = Shift("whole", 0, 0)
    said = duty_at((whole,), HONG_KONG, ms("2026-11-20 14:30"))
    assert said == Duty("whole", "whole", ms("2026-11-21 00:00"))
