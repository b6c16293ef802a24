"""Shifts on a wall clock: who is on duty, who is next, and which period a handover covers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from estate.model import Shift
from snapshots.snapshot import Duty

#: A handover made so soon after a change of shift is that of the shift which has just ended.
GRACE_MS = 30 * 60_000
#: What a handover covers where the estate names no shifts.
WITHOUT_SHIFTS_MS = 12 * 3_600_000
_DAY_MS = 86_400_000


class Turn(NamedTuple):
    """One shift on one day, UTC ms, half-open."""

    starts: int
    ends: int
    name: str


def duty_at(shifts: Sequence[Shift], zone: str, now: int) -> Duty:
    """Who is on duty `now`, and who begins next; nobody in an hour that no shift covers."""
    turns = _turns(shifts, zone, now)
    present = [turn for turn in turns if turn.starts <= now < turn.ends]
    coming = [turn for turn in turns if turn.starts > now]
    if not turns:
        return Duty()
    return Duty(
        now=present[-1].name if present else "",
        next=coming[0].name if coming else "",
        changes_at=coming[0].starts if coming else None,
    )


def period_start(shifts: Sequence[Shift], zone: str, now: int) -> int:
    """When the shift began that hands over `now`."""
    begun = [turn.starts for turn in _turns(shifts, zone, now) if turn.starts <= now - GRACE_MS]
    return begun[-1] if begun else now - WITHOUT_SHIFTS_MS


class Change(NamedTuple):
    """A change of shift: when the next began, and the shift before it; UTC ms.

    It is the start of a shift, for nobody can take over at an end that nobody follows.
    """

    at: int
    began: int
    by: str


def turns_within(
    shifts: Sequence[Shift], zone: str, starts: int, ends: int
) -> tuple[tuple[str, int, int], ...]:
    """Whose shift it was when in [starts, ends), cut to that: (name, from, to), in order."""
    days = range(0, ends - starts + _DAY_MS, _DAY_MS)
    turns = {turn for day in days for turn in _turns(shifts, zone, starts + day)}
    return tuple(
        (turn.name, max(turn.starts, starts), min(turn.ends, ends))
        for turn in sorted(turns)
        if turn.starts < ends and turn.ends > starts
    )


def changes_until(shifts: Sequence[Shift], zone: str, now: int) -> tuple[Change, ...]:
    """The changes of shift of some two days until `now`, in order."""
    turns = _turns(shifts, zone, now)
    return tuple(
        Change(turn.starts, before.starts, before.name)
        for before, turn in pairwise(turns)
        if before.starts < turn.starts <= now
    )


def _turns(shifts: Sequence[Shift], zone: str, now: int) -> list[Turn]:
    """Every turn of the days around `now`, in order."""
    return sorted(turn for shift in shifts for turn in _days(shift, ZoneInfo(zone), now))


def _days(shift: Shift, zone: ZoneInfo, now: int) -> Iterator[Turn]:
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    for offset in range(-2, 3):
        day = today + timedelta(days=offset)
        # A shift over midnight ends on the morning after; one of equal ends lasts a day.
        ends = day + timedelta(days=shift.ends <= shift.starts)
        begin, end = (
            datetime(each.year, each.month, each.day, minutes // 60, minutes % 60, tzinfo=zone)
            for each, minutes in ((day, shift.starts), (ends, shift.ends))
        )
        yield Turn(int(begin.timestamp()) * 1000, int(end.timestamp()) * 1000, shift.name)
