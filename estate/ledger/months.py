"""Calendar months in an estate's timezone, as UTC milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from estate.error import InputError

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


#: Before these milliseconds are below zero, and after them Python has no month to end one with.
_FIRST_YEAR, _LAST_YEAR = 1971, 9998


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year, wherever on earth."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def next(self) -> Month:
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def bounds(self, zone: ZoneInfo) -> tuple[int, int]:
        """From its first midnight to the next month's, in UTC milliseconds.

        A month in which clocks change has an hour more or less; that is meant.
        """
        return _first_ms(self, zone), _first_ms(self.next(), zone)


def month(text: str) -> Month:
    """`2026-11`. Raises `InputError`, also for years of which no ledger can be."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r} is no month", "write year and month: 2026-11")
    year = int(found[1])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        todo = f"write a month of the years {_FIRST_YEAR} to {_LAST_YEAR}"
        raise InputError(f"of {text} there is no ledger", todo)
    return Month(year, int(found[2]))


def month_of(at: int, zone: ZoneInfo) -> Month:
    """The month in which the millisecond `at` falls."""
    local = datetime.fromtimestamp(at // 1000, UTC).astimezone(zone)
    return Month(local.year, local.month)


def _first_ms(month: Month, zone: ZoneInfo) -> int:
    first = datetime(month.year, month.month, 1, tzinfo=zone)
    return int(first.timestamp()) * 1000
