"""The watch about itself: who it is, what it costs, and how the machine is that it runs on."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from collectors.blocking import Reads, Unread
from estate.document import Severity, WatchRow
from estate.told import told
from estate.version import VERSION
from watch.access import this_user
from watch.clock import JumpDetector, cpu_seconds, steady_seconds
from watch.estatefile import FILE_SECONDS
from watch.liveboard import LiveBoard
from watch.means import MeasuresItself

#: The watch's own load is measured this often.
OWN_SECONDS = 5.0


def own_row(started_at: int, *, shared: bool) -> WatchRow:
    """This process as the board shows it; `started_at` is UTC ms."""
    return WatchRow(
        name=os.uname().nodename,
        version=VERSION,
        pid=os.getpid(),
        started_at=started_at,
        user=this_user(),
        standalone=not shared,
    )


class OwnLoad:
    """Watches what the watch costs, and its machine. `load_bastion` is an import: it is called off
    the loop."""

    def __init__(self, load_bastion: Callable[[], MeasuresItself], board: LiveBoard) -> None:
        self._load_bastion = load_bastion
        self._board = board
        self._reads = Reads()

    async def look(self) -> None:
        """Show it on the board, and say there if somebody set the machine's clock; for ever."""
        jumps = JumpDetector()
        await asyncio.sleep(OWN_SECONDS)  # the first board comes first
        bastion = await asyncio.to_thread(self._load_bastion)
        spent, since = cpu_seconds(), steady_seconds()
        while True:
            await asyncio.sleep(OWN_SECONDS)
            now_spent, now = cpu_seconds(), steady_seconds()
            percent = 100.0 * (now_spent - spent) / (now - since)
            spent, since = now_spent, now
            known = bastion.measure()
            with suppress(Unread):  # the disk of the records hangs: how full it is nobody knows
                known |= await self._reads.read("disk", bastion.disk, FILE_SECONDS)
            figures = {name: round(value, 1) for name, value in known.items()}
            row = replace(self._board.watch, cpu_percent=round(percent, 1), bastion=figures)
            self._board.describe(row)
            if jump := jumps.jumped_ms():
                by = f"{jump / 1000:+.1f}"
                what = told("this machine's clock was set by {seconds} s", seconds=by)
                self._board.say(Severity.WARNING, "watch", what)


def own_figures(consoles: int, dropped: int) -> Mapping[str, float]:
    """What this process takes, for status and for OpenMetrics; `consoles` listen to it, and so many
    samples and events had to be `dropped`."""
    return {
        "cpu_seconds": round(cpu_seconds(), 3),
        "rss_bytes": _rss_bytes(),
        "consoles": consoles,
        "dropped": dropped,
        "file_descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a count
    }


def _rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
