"""Figures as people read them. Nothing is rounded in its own favour, and nothing is made up.

`NONE` stands where there is no value, `UNKNOWN` where there is one and it is not known; zero is 0.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TypeGuard
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estate.language import ENGLISH, Words, later

NONE = "–"
UNKNOWN = "?"

_DAYS = (
    *(later("Mon"), later("Tue"), later("Wed"), later("Thu")),
    *(later("Fri"), later("Sat"), later("Sun")),
)
_MONTHS = (
    *(later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun")),
    *(later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec")),
)


def known(value: float | None) -> TypeGuard[float]:
    """Whether `value` was measured: neither None nor NaN nor infinite."""
    return value is not None and math.isfinite(value)


def count(value: float | None) -> str:
    """16767.4 as "16,767": whole, thousands by comma."""
    return f"{math.floor(value):,}" if known(value) else UNKNOWN


def percent(value: float | None, digits: int = 0) -> str:
    """Rounded down, so that 99.957 never reads as 99.96: "94" without its sign."""
    if not known(value):
        return UNKNOWN
    if digits == 0:
        return str(math.floor(value + 1e-6))  # float32 storage: 94.0 may arrive as 93.9999998
    scale = 10**digits
    return f"{math.floor(value * scale + 1e-6) / scale:.{digits}f}"


def decimal(value: float | None, digits: int = 1) -> str:
    """A load or a size with its decimals; whole from 100 on, where they stop mattering."""
    if not known(value):
        return UNKNOWN
    return f"{value:.{digits}f}" if abs(round(value, digits)) < 100 else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """`8:32`, from an hour `2 h 03`, from a day `6 d`."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 86400:
        return f"{whole // 3600} h {whole // 60 % 60:02d}"
    return f"{whole // 86400:,} d"


def age(milliseconds: float) -> str:
    """`2 s` under a minute, then as a duration."""
    seconds = max(0, int(milliseconds // 1000))
    return f"{seconds} s" if seconds < 60 else duration(seconds)


def oldness(milliseconds: float) -> str:
    """An age of hours or days, in hours while these matter: "5 h", "31 h", "6 d"."""
    hours = max(0, int(milliseconds // 3_600_000))
    if hours < 1:
        return age(milliseconds)
    return f"{hours} h" if hours < 72 else f"{hours // 24:,} d"


def remaining(seconds: float) -> str:
    """Time left in words: "17 min", "2 h 03", "6 d"; under a minute "48 s"."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 3600 else duration(whole)


_RATES = ((1e9, "GB/s"), (1e6, "MB/s"), (1e3, "kB/s"))
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def rate(bytes_per_second: float | None) -> str:
    """Network and disk rates in decimal units, as links are sold: "3.4 MB/s"."""
    return _scaled(bytes_per_second, _RATES, "B/s")


def size(bytes_: float | None) -> str:
    """Memory and file systems in binary units, as the kernel counts them: "15.6 GiB"."""
    return _scaled(bytes_, _SIZES, "B")


def kilobytes(bytes_per_second: float | None) -> str:
    """A rate for a column whose heading says kB/s."""
    return count(None if bytes_per_second is None else bytes_per_second / 1000)


def gibibytes(bytes_: float | None) -> str:
    """A size for a column whose heading says GiB."""
    return decimal(None if bytes_ is None else bytes_ / (1 << 30))


def clock(at: int, timezone: str) -> str:
    """The time of day of `at` (UTC ms) in `timezone`: "03:07:12"."""
    return _local(at, timezone).strftime("%H:%M:%S")


def minute(at: int, timezone: str) -> str:
    """The time of day without its seconds, for the feet of charts: "03:07"."""
    return _local(at, timezone).strftime("%H:%M")


def day(at: int, timezone: str, words: Words = ENGLISH, *, weekday: bool = True) -> str:
    """The date of `at`: "Fri 20 Nov", whatever locale the process runs in."""
    local = _local(at, timezone)
    month = words.say(_MONTHS[local.month - 1])
    if not weekday:
        return words.say("{day} {month}", day=local.day, month=month)
    name = words.say(_DAYS[local.weekday()])
    return words.say("{weekday} {day} {month}", weekday=name, day=local.day, month=month)


def month(at: int, timezone: str, words: Words = ENGLISH) -> str:
    """The month of `at`: "Nov"."""
    return words.say(_MONTHS[_local(at, timezone).month - 1])


def moment(at: int, now: int, timezone: str, words: Words = ENGLISH) -> str:
    """A clock time, with its date where that is not today's."""
    date = day(at, timezone, words, weekday=False)
    time = clock(at, timezone)
    return time if date == day(now, timezone, words, weekday=False) else f"{date} {time}"


def zone_name(at: int, timezone: str) -> str:
    """The short name of the zone: "HKT", "UTC"."""
    return _local(at, timezone).tzname() or "UTC"


def _scaled(value: float | None, scales: tuple[tuple[float, str], ...], least: str) -> str:
    if not known(value):
        return UNKNOWN
    for scale, unit in scales:
        if abs(value) >= scale:
            return f"{decimal(value / scale)} {unit}"
    return f"{value:.0f} {least}"


def _local(at: int, timezone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, _zone(timezone))


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    """A zone that this machine does not know is shown as UTC, and says so by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
