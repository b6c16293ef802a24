"""When hosts are asked whether they could take over: once a night, in the estate's own window."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from estate.model import Rehearsal


def due(rehearsal: Rehearsal, zone: ZoneInfo, asked_at: int | None, now: int) -> bool:
    """Whether the window is open at `now` (UTC ms), and nobody asked since it opened."""
    opened = opened_at(rehearsal, zone, now)
    return opened is not None and (asked_at is None or asked_at < opened)


def opened_at(rehearsal: Rehearsal, zone: ZoneInfo, now: int) -> int | None:
    """When the window that is open at `now` opened; None while it is shut.

    A window over midnight began yesterday. One whose beginning or end falls into the hour that a
    change of the clock leaves out begins or ends with the next minute that there is.
    """
    today = datetime.fromtimestamp(now // 1000, UTC).astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):
        over_midnight = timedelta(days=rehearsal.ends <= rehearsal.starts)
        starts = _at(day, rehearsal.starts, zone)
        if starts <= now < _at(day + over_midnight, rehearsal.ends, zone):
            return starts
    return None


def _at(day: date, minutes: int, zone: ZoneInfo) -> int:
    """UTC ms of so many minutes after midnight by the clock on the wall."""
    local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    return int(local.timestamp()) * 1000
