"""`--at`: a moment as people write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from watch.error import SourceError

_AGO = re.compile(r"-?(\d{1,6}(?:ms|[smhd]))(?: ?ago)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_MILLISECONDS = re.compile(r"\d{12,14}")
_TODO = "write 02:10, 2026-11-20 02:10, 15m ago, or UTC milliseconds"


def moment(text: str, now: int, timezone: str, option: str = "--at") -> int:
    """The moment `text` means, UTC ms, at `now` in `timezone`; raises SourceError.

    A time without a day is the last such time; one that an autumn night has twice is its first.
    """
    text = text.strip()
    if ago := _AGO.fullmatch(text):
        from estate.quantities import duration_ms

        at = now - duration_ms(ago[1])
    elif _MILLISECONDS.fullmatch(text):
        at = int(text)
    elif clock := _CLOCK.fullmatch(text):
        at = _last(clock, now, ZoneInfo(timezone))
    else:
        at = _written(text, ZoneInfo(timezone), option)
    if not 0 <= at <= now:
        why = "it is still to come" if at > now else "it is before 1970"
        raise SourceError("the moment is refused", f"{option} {text}", why, _TODO)
    return at


def _last(clock: re.Match[str], now: int, zone: ZoneInfo) -> int:
    hour, minute, second = (int(part or 0) for part in clock.groups())
    here = datetime.fromtimestamp(now / 1000, zone)
    then = here.replace(hour=hour, minute=minute, second=second, microsecond=0, fold=0)
    if _ms(then) > now:
        then = (then.replace(tzinfo=None) - timedelta(days=1)).replace(tzinfo=zone)
    return _ms(then)


def _written(text: str, zone: ZoneInfo, option: str) -> int:
    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        where = f"{option} {text}"
        raise SourceError("the moment is refused", where, "it is no time", _TODO) from None
    return _ms(then if then.tzinfo is not None else then.replace(tzinfo=zone))


def _ms(then: datetime) -> int:
    """UTC ms. A calendar that ends at a year's edge there is no reason to convert (OverflowError):
    its zone moves such a day by hours at most, out of what is asked about either way."""
    if not 1 < then.year < 9999:
        then = then.replace(tzinfo=UTC)
    return (then.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
