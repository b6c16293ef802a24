"""Figures and moments as a report says them. Nothing is rounded in its own favour.

No locale, no clock and no timezone of the machine: a moment is told in the zone it is given.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from math import isfinite
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estate.language import Words, later

NONE = "–"
UNKNOWN = "?"

_MONTHS = (
    *(later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun")),
    *(later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec")),
)
_DAYS = (
    *(later("Mon"), later("Tue"), later("Wed"), later("Thu")),
    *(later("Fri"), later("Sat"), later("Sun")),
)
#: Times that the calendar has, years 1 to 9998: a file from elsewhere may name any number.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_370_764_800_000


def local(at: int, zone: str) -> datetime | None:
    """The moment `at` (UTC ms) in `zone`; None where no calendar has it."""
    if not _FIRST_MS + 86_400_000 <= at <= _LAST_MS:
        return None
    return datetime.fromtimestamp(at // 1000, UTC).astimezone(_zone(zone))


def moment(at: int | None, zone: str, words: Words) -> str:
    """A date and a time of day: "20 Nov 14:30"."""
    here = None if at is None else local(at, zone)
    if here is None:
        return UNKNOWN
    month = words.say(_MONTHS[here.month - 1])
    date = words.say("{day} {month}", day=here.day, month=month)
    return f"{date} {here:%H:%M}"


def full_moment(at: int, zone: str, words: Words) -> str:
    """With its weekday, year and zone: "Fri 20 Nov 2026 14:30 HKT"."""
    here = local(at, zone)
    if here is None:
        return UNKNOWN
    said = words.say(
        "{weekday} {day} {month} {year}",
        weekday=words.say(_DAYS[here.weekday()]),
        day=here.day,
        month=words.say(_MONTHS[here.month - 1]),
        year=here.year,
    )
    return f"{said} {here:%H:%M} {here.tzname() or 'UTC'}"


def clock(at: int, zone: str) -> str:
    """The time of day: "14:30"."""
    here = local(at, zone)
    return UNKNOWN if here is None else f"{here:%H:%M}"


def second(at: int, zone: str) -> str:
    """The time of day to the second: "14:30:05"."""
    here = local(at, zone)
    return UNKNOWN if here is None else f"{here:%H:%M:%S}"


def span(milliseconds: float | None) -> str:
    """A length of time: `0:48`, from an hour `2 h 03`, from a day `6 d 4 h`; `−0:24` is over."""
    if milliseconds is None or not isfinite(milliseconds):
        return UNKNOWN
    if milliseconds < 0:
        return f"−{span(-milliseconds)}"
    whole = int(milliseconds // 1000)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 86400:
        return f"{whole // 3600} h {whole // 60 % 60:02d}"
    days, hours = whole // 86400, whole // 3600 % 24
    return f"{days:,} d {hours} h" if hours and days < 10 else f"{days:,} d"


def count(value: float | None) -> str:
    """A whole number, thousands by comma; "–" where there is none."""
    if value is None or not isfinite(value):
        return NONE
    return f"{int(value):,}"


def size(bytes_: float | None) -> str:
    """Bytes in binary units, cut: "15.6 GiB"."""
    if bytes_ is None or not isfinite(bytes_):
        return NONE
    for unit, scale in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if abs(bytes_) >= scale:
            return f"{int(bytes_ * 10 / scale) / 10:.1f} {unit}"
    return f"{int(bytes_)} B"


def times(rate: float | None) -> str:
    """A burn rate: 284×, 4.0×."""
    if rate is None or not isfinite(rate):
        return NONE
    return f"{rate:.0f}×" if rate >= 10 else f"{rate:.1f}×"


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    """A zone that this machine does not know is shown as UTC, and says so by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
