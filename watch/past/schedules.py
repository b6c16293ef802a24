"""Putting the estate's schedule on record: as it was when the watch began, and whenever it is
another. While nothing changes, nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from estate.model import Estate
from estate.schedule import KeptSchedule, Stretch, schedule_of, stretches

#: The estate is looked at this often, so what changed is put down so soon.
LOOK_SECONDS = 10.0
#: While the records refuse, so many wait, the newest: hours of an estate that never rests.
MOST_WAITING = 1_000


class KeepsSchedules(Protocol):
    """What is needed of the records."""

    async def keep_schedule(self, kept: KeptSchedule) -> bool: ...
    async def schedules(self, start: int, end: int) -> Sequence[KeptSchedule]: ...


class Schedules:
    """The estate's schedules, in the records. `present` gives the estate of now, which is that of
    `started_at` (UTC ms) at first; `now` is UTC ms."""

    def __init__(
        self,
        records: KeepsSchedules,
        present: Callable[[], Estate],
        started_at: int,
        now: Callable[[], int],
    ) -> None:
        self._records = records
        self._present = present
        self._now = now
        #: Those to be put down, in order. The last stays, for the records may be begun anew.
        self._seen = [KeptSchedule(started_at, schedule_of(present()))]

    async def keep(self) -> None:
        """Put schedules down, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Put down what is not on record yet; what is refused is tried again at the next look."""
        seen, last = KeptSchedule(self._now(), schedule_of(self._present())), self._seen[-1]
        if seen.schedule != last.schedule or seen.at < last.at:
            self._seen = [*self._seen[1 - MOST_WAITING :], seen]
        while await self._records.keep_schedule(self._seen[0]) and len(self._seen) > 1:
            del self._seen[0]

    async def of(self, starts: int, ends: int) -> tuple[Stretch, ...]:
        """[starts, ends), UTC ms, not empty, cut where another schedule began to hold."""
        return stretches(await self._records.schedules(starts, ends), starts, ends)
