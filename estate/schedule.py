"""What the estate says of times: its shifts, and its planned work. The watch puts it on record
whenever it is another, for a report of the past tells what was so then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from estate.model import Estate, Maintenance, Shift


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shifts on the wall clock of `timezone`, and planned work."""

    timezone: str
    shifts: tuple[Shift, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """The schedule that held from `at` (UTC ms) on; None where what was kept can't be read."""

    at: int
    schedule: Schedule | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """[starts, ends), UTC ms, and the schedule that held in it; None where it is not on record."""

    starts: int
    ends: int
    schedule: Schedule | None


def schedule_of(estate: Estate) -> Schedule:
    """What `estate` says."""
    return Schedule(estate.timezone, estate.shifts, estate.maintenance)


def stretches(kept: Iterable[KeptSchedule], starts: int, ends: int) -> tuple[Stretch, ...]:
    """[starts, ends), not empty, cut where another schedule began to hold; `kept` is in the order
    in which it was put down.

    What was put down later holds from its moment on, also over what was dated after it before the
    clock was set back.
    """
    held: list[KeptSchedule] = []
    for each in kept:
        while held and held[-1].at >= each.at:
            held.pop()
        held.append(each)
    pieces: list[Stretch] = []
    begin, schedule = starts, None
    for each in held:
        if each.at >= ends:
            break
        if each.at > begin and each.schedule != schedule:
            pieces.append(Stretch(begin, each.at, schedule))
            begin = each.at
        schedule = each.schedule
    return (*pieces, Stretch(begin, ends, schedule))
