"""Figures and moments as a report says them. Nothing is rounded in its own favour.

No locale, no clock and no timezone of the machine: a moment is told in the zone it is given.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estate.language import Words, later
from snapshots.snapshot import LARGEST

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
_DAY = 86_400
#: Seconds of each unit; two of them are said.
_UNITS = (
    (_DAY, later("{count:,} d")), (3_600, later("{count} h")), (60, later("{count} min")),
    (1, later("{count} s")),
)  # fmt: skip
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


def span(milliseconds: float | None, words: Words) -> str:
    """A length of time: `48 s`, `3 min 15 s`, from an hour `2 h 3 min`, from a day `6 d 4 h`;
    `−24 s` is over. Units stand behind every figure: a time of day has none."""
    if milliseconds is None or not _is_sound(milliseconds):
        return UNKNOWN
    if milliseconds < 0:
        return f"−{span(-milliseconds, words)}"
    whole = int(milliseconds // 1000)
    place = next((n for n, (size, _) in enumerate(_UNITS) if whole >= size), len(_UNITS) - 1)
    said: list[str] = []
    left = whole
    for size, unit in _UNITS[place : place + 2]:
        many, left = divmod(left, size)
        if many or not said:
            said.append(words.say(unit, count=many))
        if size == _DAY and many >= 10:
            break  # hours say nothing any more
    return " ".join(said)


def _is_sound(value: float) -> bool:
    """Whether a figure can be one of something: no float of a host's, no number of a file is."""
    return -LARGEST <= value <= LARGEST  # an int may be too large for isfinite; NaN is in no order


def count(value: float | None) -> str:
    """A whole number, thousands by comma; "–" where there is none."""
    if value is None or not _is_sound(value):
        return NONE
    return f"{int(value):,}"


def size(bytes_: float | None) -> str:
    """Bytes in binary units, cut: "15.6 GiB"."""
    if bytes_ is None or not _is_sound(bytes_):
        return NONE
    for unit, scale in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if abs(bytes_) >= scale:
            return f"{int(bytes_ * 10 / scale) / 10:.1f} {unit}"
    return f"{int(bytes_)} B"


def pace(bytes_per_second: float | None) -> str:
    """A rate in decimal units, as networks and disks are sold, cut: "15.6 MB/s"."""
    if bytes_per_second is None or not _is_sound(bytes_per_second):
        return NONE
    for unit, scale in (("GB/s", 10**9), ("MB/s", 10**6), ("kB/s", 10**3)):
        if abs(bytes_per_second) >= scale:
            return f"{int(bytes_per_second * 10 / scale) / 10:.1f} {unit}"
    return f"{int(bytes_per_second)} B/s"


def times(rate: float | None) -> str:
    """A burn rate: 284×, 4.0×."""
    if rate is None or not _is_sound(rate):
        return NONE
    return f"{rate:.0f}×" if rate >= 10 else f"{rate:.1f}×"


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    """A zone that this machine does not know is shown as UTC, and says so by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
