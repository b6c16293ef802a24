"""`--at` as people write it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tui.commands.moment import moment
from watch.error import SourceError

HK = ZoneInfo("Asia/Hong_Kong")
NOW = int(datetime(2026, 11, 20, 3, 15, tzinfo=HK).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("02:10", datetime(2026, 11, 20, 2, 10, tzinfo=HK)),
        ("2:10:30", datetime(2026, 11, 20, 2, 10, 30, tzinfo=HK)),
        ("23:50", datetime(2026, 11, 19, 23, 50, tzinfo=HK)),
        ("2026-11-18 02:10", datetime(2026, 11, 18, 2, 10, tzinfo=HK)),
        ("2026-11-19T18:10:00+00:00", datetime(2026, 11, 20, 2, 10, tzinfo=HK)),
        ("15m", datetime(2026, 11, 20, 3, 0, tzinfo=HK)),
        ("15m ago", datetime(2026, 11, 20, 3, 0, tzinfo=HK)),
        ("-2h", datetime(2026, 11, 20, 1, 15, tzinfo=HK)),
        (str(NOW), datetime(2026, 11, 20, 3, 15, tzinfo=HK)),
    ],
)
def test_a_moment_is_read(text: str, when: datetime) -> None:
    assert moment(text, NOW, "Asia/Hong_Kong") == int(when.timestamp() * 1000)


def test_a_time_that_a_night_has_twice_is_its_first() -> None:
    zone = "Europe/Berlin"
    now = int(datetime(2026, 10, 25, 12, 0, tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    assert moment("02:30", now, zone) == int(
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(zone), fold=0).timestamp() * 1000
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "25:00", "2026-13-01", "2027-01-01", "99999999999999", "9999w ago"),
        *("0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "999999d ago"),
    ],
)
def test_what_is_no_moment_of_the_past_is_refused(text: str) -> None:
    with pytest.raises(SourceError) as refused:
        moment(text, NOW, "Asia/Hong_Kong")
    assert "--at" in str(refused.value)
    assert "15m ago" in str(refused.value)


@pytest.mark.parametrize("text", ["1970-01-01", "0001-01-01", "1066-10-14 09:00", "999999d"])
def test_what_is_too_early_is_not_said_to_be_still_to_come(text: str) -> None:
    with pytest.raises(SourceError, match="it is before 1970"):
        moment(text, NOW, "Asia/Hong_Kong")
