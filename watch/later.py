"""A part of the watch that is opened a moment after the board, and waited for until then."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from watch.error import WatchError

#: A part is waited for so long before it is said not to be there.
LATER_SECONDS = 10.0

T = TypeVar("T")


class Later(Generic[T]):
    """Gives what it was `open`ed with to whoever calls it; they wait until it is there. `name` is
    for messages."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open = asyncio.Event()
        self._part: T | None = None

    def open(self, part: T) -> None:
        """It is there."""
        self._part = part
        self._open.set()

    async def __call__(self) -> T:
        """The part, once it is open. Raises WatchError while the watch is still starting."""
        try:
            async with asyncio.timeout(LATER_SECONDS):
                await self._open.wait()
        except TimeoutError:
            what, why = f"no {self._name} yet", "the watch is still starting"
            raise WatchError(what, "", why, "ask again in a moment", status=503) from None
        assert self._part is not None
        return self._part
