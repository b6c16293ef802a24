"""The estate's file as a running watch follows it: looked at off the loop, and judged in a line.

It may lie on a file server that is gone, and it may have been saved half-way through a thought:
neither may stop the watch over what is known already.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from collectors.blocking import REMEDY, Reads, Unread
from estate.model import Estate
from watch.error import WatchError
from watch.source import Source, fingerprint

#: So long a file may take; a console waits ten seconds for an answer.
FILE_SECONDS = 8.0


class Unusable(Exception):  # noqa: N818 - a fact about the file
    """The file can't be used: `what` is the matter with it, and `why`, in a line."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


class EstateFile:
    """What `read` makes of the file at `source`. `read` blocks; it raises WatchError or ValueError
    with what is wrong, a problem a line."""

    def __init__(self, source: Source, read: Callable[[], Estate]) -> None:
        self.read = read
        self._source = source
        self._reads = Reads()
        self._seen: tuple[int, int, int] | None = None

    async def changed(self) -> bool:
        """Whether it is another than at the last look; the first look says so. Raises Unusable."""
        before, self._seen = self._seen, None  # what hangs is looked at afresh when it is back
        try:
            look = partial(fingerprint, self._source.path)
            seen = await self._reads.read("look", look, FILE_SECONDS)
        except Unread as unread:
            raise self._hangs(unread) from None
        self._seen = seen
        return seen != before

    def forget(self) -> None:
        """Take it for another at the next look: what it says was not followed."""
        self._seen = None

    async def estate(self) -> Estate:
        """What it says now. Raises Unusable."""
        try:
            return await self._reads.read("estate", self.read, FILE_SECONDS)
        except Unread as unread:
            self._seen = None
            raise self._hangs(unread) from None
        except (WatchError, ValueError) as error:
            first, *more = str(error).splitlines() or ["?"]
            why = f"{first} (and {len(more)} more)" if more else first
            raise Unusable("the changed file is refused", why) from error

    def _hangs(self, unread: Unread) -> Unusable:
        why = f"{self._source.path} was not read in {unread.seconds:g} s. {REMEDY}"
        return Unusable("the file hangs", why)
