"""Once a night in the estate's own window, over midnight, through changes of the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from estate.model import Rehearsal
from watch.readiness.nights import due, opened_at

HK = ZoneInfo("Asia/Hong_Kong")
BERLIN = ZoneInfo("Europe/Berlin")


def ms(text: str, zone: ZoneInfo = HK) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


@pytest.mark.parametrize(
    ("now", "asked", "answer"),
    [
        ("2026-11-20 00:59:59", None, False),
        ("2026-11-20 01:00:00", None, True),
        ("2026-11-20 04:59:59", None, True),
        ("2026-11-20 05:00:00", None, False),
        ("2026-11-20 03:00:00", "2026-11-20 01:00:00", False),  # it was asked this night
        ("2026-11-20 03:00:00", "2026-11-20 00:30:00", True),  # before the window opened
        ("2026-11-20 03:00:00", "2026-11-19 03:00:00", True),
    ],
)
def test_once_while_the_window_is_open(now, asked, answer):
    assert due(Rehearsal(), HK, ms(asked) if asked else None, ms(now)) is answer


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        ("2026-11-20 22:00:00", "2026-11-20 22:00:00"),
        ("2026-11-21 01:59:59", "2026-11-20 22:00:00"),
        ("2026-11-21 02:00:00", None),
        ("2026-11-20 21:59:59", None),
    ],
)
def test_a_window_over_midnight_began_yesterday(now, opened):
    found = opened_at(Rehearsal(22 * 60, 2 * 60), HK, ms(now))
    assert found == (ms(opened) if opened else None)


def test_a_window_of_the_whole_day_opens_at_midnight():
    found = opened_at(Rehearsal(0, 0), HK, ms("2026-11-20 17:00:00"))
    assert found == ms("2026-11-20 00:00:00")


def test_the_night_in_which_the_clock_is_set_has_one_window():
    window = Rehearsal(60, 300)
    spring = ms("2026-03-29 04:30:00", BERLIN)  # 02:00 to 03:00 is missing
    assert opened_at(window, BERLIN, spring) == ms("2026-03-29 01:00:00", BERLIN)
    asked = ms("2026-10-25 01:10:00", BERLIN)
    for hour in ("02:30:00", "04:59:00"):  # 02:00 to 03:00 comes twice
        assert not due(window, BERLIN, asked, ms(f"2026-10-25 {hour}", BERLIN))
