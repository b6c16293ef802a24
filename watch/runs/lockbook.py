"""The watch's own record of locks: one change after the other, on the disk before it counts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from runbooks.locks import Locks, locks_from_json, locks_to_json
from runbooks.reasons import Reason
from storage.database import RecordsError
from storage.runs import RunFolder

_log = logging.getLogger("watch.runs")


class LockBook:
    """All locks of this watch. For the event loop."""

    def __init__(self, folder: RunFolder) -> None:
        self.locks = Locks()
        self._folder = folder
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """What was kept. RecordsError."""
        self.locks = locks_from_json(await asyncio.to_thread(self._folder.load_locks))

    async def take(
        self, names: Sequence[str], run: str, now: int, *, over: bool
    ) -> tuple[int, tuple[Reason, ...]]:
        """Take locks for `run`, whoever has them if `over`: its epoch.

        With reasons nothing was taken. RecordsError, and then nothing was taken either.
        """
        async with self._changing:
            before = self.locks
            reasons = () if over else before.reasons(names, run, now)
            if reasons:
                return 0, reasons
            locks, epoch = before.taken(names, run, now)
            await self._save(locks)
            self.locks = locks
            return epoch, ()

    async def change(self, update: Callable[[Locks], Locks]) -> None:
        """Give locks back. Where that can't be kept it holds until the watch ends, and is said."""
        async with self._changing:
            locks = update(self.locks)
            if locks == self.locks:
                return
            self.locks = locks
            try:
                await self._save(locks)
            except RecordsError as error:
                _log.warning("the locks: %s", error)

    async def _save(self, locks: Locks) -> None:
        await asyncio.to_thread(self._folder.save_locks, locks_to_json(locks))
