"""The record of what was said at changes of shift: on the disk first, then in the book."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from estate.document import Problem, Severity
from estate.language import later
from estate.told import told
from estate.wire import WireError
from snapshots.snapshot import Unseen
from storage.database import Fault, RecordsError
from storage.handovers import HandoverFolder
from watch.error import WatchError
from watch.handover.book import Book, Fact, fact_from_json, fact_to_json

T = TypeVar("T")

CANT_BE_READ = later("notes and handovers can't be read")

_log = logging.getLogger("watch.handover")


class Record:
    """The journal in `folder`, and the `book` that its facts come to."""

    def __init__(self, folder: HandoverFolder) -> None:
        self._folder = folder
        self.book = Book()
        self._closed = ""  # why nothing can be put down, and what is there is not known
        self._turn = asyncio.Lock()

    async def open(self) -> str:
        """Go on from what is on the disk; gives why it can't be read, and then nothing is taken."""
        try:
            lines = await asyncio.to_thread(self._folder.open)
            facts = [fact_from_json(line) for line in lines]
        except (RecordsError, WireError) as error:
            self._closed = str(unreadable(self._folder.journal, error))
        else:
            self.book, self._closed = Book(each for each in facts if each is not None), ""
        try:
            await asyncio.to_thread(self._folder.sweep)
        except RecordsError as error:  # litter: nothing that was said hangs on it
            _log.warning("what a killed writer left of a handover stays: %s", error)
        return self._closed

    async def close(self) -> None:
        """Let go of the journal once nobody's word is on its way."""
        async with self._turn:
            await asyncio.to_thread(self._folder.close)

    async def in_turn(self, act: Callable[[], Awaitable[T]]) -> T:
        """One word after the other, each judged by what holds then; who asks and goes away does
        not stop one half way."""

        async def alone() -> T:
            async with self._turn:
                return await act()

        return await asyncio.shield(alone())

    async def word(self, act: Callable[[], Awaitable[T]]) -> T:
        """As `in_turn`, for what a person says. Raises WatchError where nothing can be put down."""

        async def once_open() -> T:
            await self._open_again()
            return await act()

        return await self.in_turn(once_open)

    async def must_be_open(self) -> None:
        """Raises WatchError where nothing can be put down: the record can't be read."""
        await self.in_turn(self._open_again)

    async def _open_again(self) -> None:
        """A record that could not be read may have been mended since: only a person's word has it
        tried again, for it may be large, or half restored from a backup."""
        if self._closed:
            await asyncio.to_thread(self._folder.close)
            await self.open()
        self._must_have_opened()

    def _must_have_opened(self) -> None:
        if self._closed:
            raise _unwritten(self._closed)

    def must_be_read(self) -> None:
        """Raises WatchError where it can't be read: that nothing was said would be untrue."""
        if self._closed:
            do = "see twinwatch doctor, then start the watch again"
            raise WatchError(CANT_BE_READ, "handovers", self._closed, do, status=500)

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """That it can't be read, for a report; () where it can."""
        return (Unseen("records", "handovers", self._closed),) if self._closed else ()

    def problems(self, since: int) -> Iterator[Problem]:
        """That it can't be read, since the start (UTC ms), for the board."""
        if self._closed:
            what, why = told(CANT_BE_READ), self._closed
            yield Problem("handover/record", "handover", what, why, Severity.WARNING, since,
                          "handover", glyph="warning")  # fmt: skip

    async def put_down(self, *facts: Fact) -> None:
        """All of them on the disk, then in the book. Raises WatchError, and none of them holds:
        who hears that a word was not written down must not find half of it."""
        if not facts:
            return
        self._must_have_opened()
        try:
            await asyncio.to_thread(self._folder.append, *map(fact_to_json, facts))
        except RecordsError as error:
            raise _unwritten(str(error)) from error
        for fact in facts:
            self.book.apply(fact)


def unreadable(path: Path, error: RecordsError | WireError) -> RecordsError:
    """What is said of a journal at `path` that can't be read, by whoever read it."""
    if isinstance(error, RecordsError):
        return error
    todo = "use the twinwatch that wrote it, or move it away: what was said is lost then"
    return RecordsError(Fault.CORRUPT, f"{path}: {error}", todo)


def _unwritten(why: str) -> WatchError:
    do = "see twinwatch doctor, then say it again"
    return WatchError("it was not written down", "handovers", why, do, status=507)
