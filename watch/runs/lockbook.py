"""The watch's own record of locks: one change after the other, on the disk before it counts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from runbooks.locks import Locks, locks_from_json, locks_to_json
from runbooks.reasons import Reason
from storage.database import RecordsError
from storage.runs import RunFolder, damaged_locks

_log = logging.getLogger("watch.runs")


def _unread(error: RecordsError) -> Reason:
    return Reason("records", error.what, error.todo)


@dataclass(frozen=True, slots=True)
class Taken:
    """Locks that are a run's since `epoch`; `had` are those that another run had, and which run.

    With `reasons` nothing was taken.
    """

    epoch: int = 0
    had: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


class LockBook:
    """All locks of this watch. For the event loop."""

    def __init__(self, folder: RunFolder) -> None:
        self.locks = Locks()
        self._folder = folder
        self._changing = asyncio.Lock()
        self.unread: tuple[Reason, ...] = ()  # why nothing may be begun: epochs are not known

    async def load(self) -> None:
        """What was kept. RecordsError, and then nothing is taken, and the file is left alone."""
        try:
            self.locks = locks_from_json(await asyncio.to_thread(self._folder.load_locks))
        except ValueError as error:
            damaged = damaged_locks(self._folder.locks_path, error)
            self.unread = (_unread(damaged),)
            raise damaged from error
        except RecordsError as error:
            self.unread = (_unread(error),)
            raise

    async def take(self, names: Sequence[str], run: str, *, over: bool) -> Taken:
        """Take locks for `run`, whoever has them if `over`.

        RecordsError, and then nothing was taken.
        """
        async with self._changing:
            before = self.locks
            reasons = self.unread or (() if over else before.reasons(names, run))
            if reasons:
                return Taken(reasons=reasons)
            locks, epoch = before.taken(names, run)
            await self._save(locks)
            self.locks = locks
            held = before.held()
            return Taken(epoch, {name: held[name] for name in names if name in held})

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
        if self.unread:
            return  # what can't be read may still be restored
        await asyncio.to_thread(self._folder.save_locks, locks_to_json(locks))
