"""How hosts were before a run and after it, put down beside its journal when both are known.

What is put down stays when the figures themselves are thinned: ten minutes before the run began,
and ten minutes after it ended, as means.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import product
from math import nan
from typing import Protocol

from estate.runs import RunRow, RunView, ShiftRow
from estate.wire import WireError, from_json, to_json
from snapshots.snapshot import LARGEST
from storage.database import RecordsError
from storage.runs import RunFolder
from watch.error import WatchError

WINDOW_MS = 600_000
#: Ended runs are looked for this often. One that ended longer ago is not measured any more.
LOOK_SECONDS = 30.0
LATEST_MS = 24 * 3_600_000
#: What tells how a host is: what it does, what it holds, what passes through it.
METRICS = ("cpu", "load1", "mem", "disk", "net_in", "net_out", "psi_io")

_NAME = "aftermath.json"
_log = logging.getLogger(__name__)


class GivesSeries(Protocol):
    """What is needed of the keeper: a chart, whose points have their mean third; None where the
    records can't be read."""

    async def whole_series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> Sequence[tuple[int, float, float, float]] | None: ...


class Aftermath:
    """Puts down how hosts were before and after each run. `now` is UTC ms."""

    def __init__(
        self,
        folder: RunFolder,
        rows: Callable[[], Iterable[RunRow]],
        view: Callable[[str], Awaitable[RunView]],
        records: GivesSeries,
        now: Callable[[], int],
    ) -> None:
        self._folder = folder
        self._rows = rows
        self._view = view
        self._records = records
        self._now = now

    async def follow(self) -> None:
        """Measure every run once its time has come, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Measure every run whose time has come, and that was not; what fails is logged."""
        for row in [each for each in self._rows() if is_due(each, self._now())]:
            try:
                if not await asyncio.to_thread(self._folder.note, row.id, _NAME):
                    await self._measure(row)
            except (RecordsError, WatchError) as error:
                _log.warning("before and after run %s: %s", row.id, error)
            except Exception:
                _log.exception("a defect of twinwatch, before and after run %s", row.id)

    async def _measure(self, row: RunRow) -> None:
        """Not while the records can't be read: that nobody measured would stand for good."""
        view = await self._view(row.id)
        assert row.ended_at is not None
        hosts = sorted({host for hosts in view.hosts.values() for host in hosts})
        shifts: list[ShiftRow] = []
        for host, metric in product(hosts, METRICS):
            before = await self._measured(host, metric, row.started_at - WINDOW_MS)
            after = await self._measured(host, metric, row.ended_at)
            if before is None or after is None:
                return  # the watch says why; the next look tries again
            shifts.append(ShiftRow(host, metric, mean(before), mean(after)))
        body = json.dumps([to_json(each) for each in shifts], separators=(",", ":")).encode()
        await asyncio.to_thread(self._folder.keep_note, row.id, _NAME, body)

    async def _measured(self, host: str, metric: str, start: int) -> list[float] | None:
        found = await self._records.whole_series(host, metric, start, start + WINDOW_MS, points=10)
        return None if found is None else [each[2] for each in found]


def put_down(folder: RunFolder, run: str) -> tuple[ShiftRow, ...]:
    """What was put down of a run; nothing where it is not known yet, or damaged."""
    try:
        kept = folder.note(run, _NAME)
        return tuple(from_json(ShiftRow, row) for row in json.loads(kept or b"[]"))
    except (RecordsError, ValueError, WireError) as error:
        _log.warning("before and after run %s: %s", run, error)
        return ()


def mean(values: Sequence[float]) -> float | None:
    """The mean of what was measured; None where nothing was, or where no figure is so large: a
    document that had it could be read by nobody."""
    found = sum(values) / len(values) if values else nan
    return found if -LARGEST <= found <= LARGEST else None  # NaN is in no order


def is_due(row: RunRow, now: int) -> bool:
    """Whether what came after the run is over, and not too long ago."""
    if row.ended_at is None:
        return False
    return WINDOW_MS <= now - row.ended_at < LATEST_MS
