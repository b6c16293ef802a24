"""Keeping boards: one a minute, and one soon after something changed that people act on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from estate.document import Document
from estate.past import Moment, moment_of
from estate.wire import WireError, document_from_json
from watch.hub import packed

#: The board is looked at this often, so what changed is kept so soon.
LOOK_SECONDS = 10.0
#: One is kept this often even if nothing but figures moved.
LONGEST_MS = 60_000

_log = logging.getLogger(__name__)


class KeepsPictures(Protocol):
    """What is needed of the records."""

    async def keep_picture(self, moment: Moment, document: bytes) -> bool: ...
    async def picture(self, at: int) -> bytes | None: ...
    async def moments(self, start: int, end: int, most: int) -> Sequence[Moment]: ...


class Past:
    """Boards of the past, in the records. `present` gives the board of now."""

    def __init__(self, records: KeepsPictures, present: Callable[[], Document]) -> None:
        self._records = records
        self._present = present

    async def keep(self) -> None:
        """Keep boards, for ever."""
        kept_at, kept_state = 0, None
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            document = self._present()
            state = _state(document)
            if not due(document.at - kept_at, changed=state != kept_state):
                continue
            if await self._records.keep_picture(moment_of(document), packed(document)):
                kept_at, kept_state = document.at, state

    async def board(self, at: int) -> Document | None:
        """The last board that was kept at or before `at`, UTC ms; None where there is none."""
        kept = await self._records.picture(at)
        if kept is None:
            return None
        try:
            return document_from_json(json.loads(kept))
        except (ValueError, WireError) as error:
            _log.warning("a board of the past makes no sense: %s", error)
            return None

    async def moments(self, start: int, end: int, most: int) -> Sequence[Moment]:
        """Of which moments in [start, end) boards are kept, newest first, `most` at most."""
        return await self._records.moments(start, end, most)


def due(age_ms: int, *, changed: bool) -> bool:
    """Whether a board is to be kept `age_ms` after the last; a clock that was set back is news."""
    return changed or not 0 <= age_ms < LONGEST_MS


def _state(document: Document) -> Hashable:
    """What people act on: problems and whose they are, runs, services. Not figures."""
    return (
        tuple((each.id, each.severity, each.owner, each.parent) for each in document.problems),
        tuple((each.id, each.state, each.question) for each in document.runs),
        tuple((each.key, each.state) for each in document.services),
    )
