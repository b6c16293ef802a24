"""Windows, on the estate's clock: over midnight, and where clocks are set back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from runbooks.planning.window import is_open, shut
from runbooks.runbook import Window

HKT = "Asia/Hong_Kong"
NIGHT = Window((5, 6), 22 * 60, 4 * 60)  # Saturday and Sunday, 22:00 to 04:00


def at(text: str, zone: str = HKT) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20 23:00", False),  # Friday
        ("2026-11-21 03:59", False),  # the night of Friday
        ("2026-11-21 21:59", False),
        ("2026-11-21 22:00", True),
        ("2026-11-22 03:59", True),
        ("2026-11-22 04:00", False),
        ("2026-11-23 03:00", True),  # the night of Sunday
        ("2026-11-23 22:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(moment: str, open_: bool) -> None:
    assert is_open(NIGHT, HKT, at(moment)) is open_


def test_a_whole_day() -> None:
    assert is_open(Window((4,), 0, 24 * 60), HKT, at("2026-11-20 23:59"))
    assert not is_open(Window((4,), 0, 24 * 60), HKT, at("2026-11-21 00:00"))


def test_the_reason_says_when_it_opens() -> None:
    assert str(shut(NIGHT, HKT, at("2026-11-20 14:05"))) == (
        "the window is shut: it is Friday 14:05 in Asia/Hong_Kong — it opens on Saturday at 22:00"
    )
    assert str(shut(Window((0,), 60, 120), HKT, at("2026-11-23 02:00"))) == (
        "the window is shut: it is Monday 02:00 in Asia/Hong_Kong — it opens on Monday at 01:00"
    )
    assert shut(NIGHT, HKT, at("2026-11-21 22:00")) is None


def test_the_hour_that_comes_twice_is_in_the_window_twice() -> None:
    window = Window((6,), 60, 120)
    first = at("2026-10-25 01:30", "Europe/London")
    assert [is_open(window, "Europe/London", first + hour * 3_600_000) for hour in (0, 1, 2)] == [
        True, True, False,
    ]  # fmt: skip
