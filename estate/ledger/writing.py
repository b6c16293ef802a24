"""The file that `ledger compute` reads, written: a month for somebody else to compute again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from estate.ledger.reading import Computation
from estate.ledger.spans import Interval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def computation_row(said: Computation) -> dict[str, Any]:
    """`said` as one JSON object, times in its own timezone; reading it gives `said` back.

    A flat limit is written in whole seconds: one with a fraction of a second is cut, never longer.
    """
    flat = said.promise.flat_limit_ms
    return {
        "timezone": said.zone.key,
        "month": str(said.month),
        "objective": percentage(said.promise.available),
        "flat_limit_s": None if flat is None else flat // 1000,
        "until": None if said.until is None else moment(said.until, said.zone),
        "maintenance_counts": said.promise.maintenance_counts,
        "down": [_pair(each, said.zone) for each in said.down],
        "unknown": [_pair(each, said.zone) for each in said.unknown],
        "maintenance": [
            {
                "from": moment(each.starts, said.zone),
                "to": moment(each.ends, said.zone),
                "declared_at": moment(each.declared_at, said.zone),
            }
            for each in said.maintenance
        ],
    }


def moment(at: int, zone: ZoneInfo) -> str:
    """UTC milliseconds as a local time with its offset, exactly."""
    whole = at % 1000 == 0
    local = (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)
    return local.isoformat(timespec="seconds" if whole else "milliseconds")


def percentage(share: Fraction) -> str:
    """A share that was written as a percentage, as it was written: `99.95%`."""
    value, places = share * 100, 0
    while value.denominator != 1 and places < 30:
        value, places = value * 10, places + 1
    digits = f"{value.__floor__():0{places + 1}}"
    return f"{digits[:-places]}.{digits[-places:]}%" if places else f"{digits}%"


def _pair(interval: Interval, zone: ZoneInfo) -> list[str]:
    return [moment(each, zone) for each in interval]
