"""Loads what no first board needs, before an upgrade can replace it on disk.

A watch lives for weeks. What it would load with its first report, scrape or step on a host might be
of another version by then, or gone; a watch that is half of each fails when it is needed most.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module

from estate.loading import modules_within

#: After the first board and the runs; one by one, with room for whatever comes between.
LATER_SECONDS = 5.0
BETWEEN_SECONDS = 0.05

_PACKAGES = ("estate", "collectors", "runbooks", "storage", "snapshots", "watch")

_log = logging.getLogger("watch")


async def load_the_rest(
    later_seconds: float = LATER_SECONDS, between_seconds: float = BETWEEN_SECONDS
) -> None:
    """Import every module of the watch, and read every program that it sends to hosts. What can't
    be loaded is logged and passed over: it is missed when it is needed, as it would have been."""
    await asyncio.sleep(later_seconds)
    for name in modules_within(*_PACKAGES, but="collectors.demo"):
        try:
            import_module(name)
        except Exception:
            _log.exception("%s can't be loaded; was twinwatch upgraded? Restart the watch", name)
        await asyncio.sleep(between_seconds)
    await asyncio.to_thread(_read_programs)


def _read_programs() -> None:
    """Whoever sends one has it from the same cache."""
    from collectors.programs import read_all
    from runbooks.host.protocol import Verb, program

    read_all()
    for verb in Verb:
        program(verb)
