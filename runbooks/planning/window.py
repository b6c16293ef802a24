"""When a run may start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runbooks.reasons import Reason
from runbooks.runbook import Window

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY_MINUTES = 24 * 60


def is_open(window: Window, zone: str, now: int) -> bool:
    """Whether `now`, UTC ms, is within the window, on the clock of that `zone`."""
    local = _local(zone, now)
    minute = local.hour * 60 + local.minute
    if window.starts < window.ends:
        return local.weekday() in window.days and window.starts <= minute < window.ends
    if minute >= window.starts:
        return local.weekday() in window.days
    return minute < window.ends and (local.weekday() - 1) % 7 in window.days


def shut(window: Window, zone: str, now: int) -> Reason | None:
    """Why a run may not start `now`; None while the window is open."""
    if is_open(window, zone, now):
        return None
    local = _local(zone, now)
    what = f"the window is shut: it is {_DAYS[local.weekday()]} {local:%H:%M} in {zone}"
    opens = _opens(window, zone, now)
    return Reason("window", what, f"it opens on {_DAYS[opens.weekday()]} at {opens:%H:%M}", True)


def _opens(window: Window, zone: str, now: int) -> datetime:
    """The next time it does: within eight days, for a window has a day."""
    local = _local(zone, now)
    for ahead in range(8):
        day = local + timedelta(days=ahead)
        starts = day.replace(hour=window.starts // 60, minute=window.starts % 60, second=0)
        if day.weekday() in window.days and starts > local:
            return starts
    raise AssertionError("a window without days")


def _local(zone: str, now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone))
