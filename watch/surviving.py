"""Tasks for the life of the watch: a defect of ours costs them a turn, never all turns to come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from estate.clean import clean
from estate.document import Severity

#: What ended by a defect is begun again so long after it.
REST_SECONDS = 30.0

_MOST_KNOWN = 1_000

_log = logging.getLogger("watch")


class Defects:
    """Tells of defects of ours: what went wrong is an event, with `say`, and in the log, whole.

    One that comes back is no event again, and in the log for the 2nd, 4th, 8th ... time: four a
    second, for a week, must not fill the disk.
    """

    def __init__(self, say: Callable[[Severity, str, str], None]) -> None:
        self._say = say
        self._times: dict[tuple[str, str], int] = {}  # by where, and what it was

    def confess(self, error: Exception, where: str = "watch") -> None:
        """It cost what it was about to do; `where` is a host, or the watch itself."""
        said = clean(f"{type(error).__name__}: {error}")  # it may quote what a host said
        what = f"a defect of twinwatch, see its log: {said}"
        times = self._times.pop((where, what), 0) + 1
        while len(self._times) >= _MOST_KNOWN:
            self._times.pop(next(iter(self._times)))  # the one that is longest ago
        self._times[where, what] = times
        if times & (times - 1) == 0:
            _log.error("a defect of twinwatch: %s (%d times)", where, times, exc_info=error)
        if times == 1:
            self._say(Severity.WARNING, where, what)

    @contextmanager
    def confessed(self, where: str = "watch") -> Iterator[None]:
        """What is done within may fail: it is told of, and what comes after is done."""
        try:
            yield
        except Exception as error:
            self.confess(error, where)


async def surviving(
    chore: Callable[[], Awaitable[None]], confess: Callable[[Exception], None]
) -> NoReturn:
    """Do `chore` for ever: it is begun again a while after it failed, and `confess` told why."""
    while True:
        try:
            await chore()
        except Exception as error:
            confess(error)
        await asyncio.sleep(REST_SECONDS)
