"""Upkeep of the records: compacted and pruned in small steps, between all else."""

from __future__ import annotations

from collections.abc import Callable

from estate.model import Retention
from storage.believed import BelievedTime
from storage.database import RecordsError
from storage.records import Records
from storage.trouble import UNREADABLE

#: After it failed, before it is tried (and reported) again.
_RESTS_MS = 600_000


class Upkeep:
    """What is due of it by `retention`. `clock` gives UTC ms, `steady` seconds that are never set;
    `notice` is told what people should know."""

    def __init__(
        self,
        retention: Retention,
        clock: Callable[[], int],
        steady: Callable[[], float],
        notice: Callable[[str], None],
    ) -> None:
        self.retention = retention
        self.untidy = False  # there is more to do
        self._clock = clock
        self._steady = steady
        self._notice = notice
        self._believed = BelievedTime()
        self._rests_until = 0

    def believed_now(self) -> int:
        """The time of day that deleting may rely on, UTC ms. The first call is where it begins."""
        return self._believed.now(self._clock(), int(1000 * self._steady()))

    def step(self, records: Records | None) -> bool:
        """Do the next piece; False when there is nothing to do. Raises RecordsError."""
        if records is None:
            return False
        return records.compact(self._clock(), self.retention.hot_ms) or records.prune(
            self.believed_now(), self.retention
        )

    def go_on(self, records: Records | None) -> None:
        """One step. Where it fails, what is new can still be kept, so that goes on: RecordsError
        only where nothing can be read."""
        now = self._clock()
        if now < self._rests_until <= now + _RESTS_MS:
            return
        self.untidy = False
        try:
            self.untidy = self.step(records)
        except RecordsError as fault:
            if fault.fault in UNREADABLE:
                raise
            self._rest(now, str(fault))
        except Exception as error:
            self._rest(now, f"unexpected {type(error).__name__}: {error}; report it")

    def _rest(self, now: int, why: str) -> None:
        self._rests_until = now + _RESTS_MS
        self._notice(f"records are kept, but can't be compacted and pruned: {why}")
