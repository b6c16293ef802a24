"""All of the watch, and every program that it sends to hosts, soon after its start."""

from __future__ import annotations

import asyncio
import logging

from watch.loading import BETWEEN_SECONDS, LATER_SECONDS, load

#: All of ours that a watch will ever need; the demo is another process.
LOADED = ("estate", "collectors", "runbooks", "storage", "snapshots", "watch")

_log = logging.getLogger("watch")


async def load_the_rest(
    later_seconds: float = LATER_SECONDS, between_seconds: float = BETWEEN_SECONDS
) -> None:
    """See `watch.loading`. What can't be loaded is logged and passed over."""
    failed = await load(
        *LOADED,
        but="collectors.demo",
        later_seconds=later_seconds,
        between_seconds=between_seconds,
    )
    for name, error in failed.items():
        _log.error("%s is not loaded, was twinwatch upgraded? Restart the watch: %s", name, error)
    await asyncio.to_thread(_read_programs)


def _read_programs() -> None:
    """Whoever sends one has it from the same cache."""
    from collectors.programs import read_all
    from runbooks.host.protocol import Verb, program

    read_all()
    for verb in Verb:
        program(verb)
