"""The desk of handovers, put together; imported once the first board stands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

from estate.document import Severity
from snapshots.snapshot import Snapshot
from storage.handovers import HandoverFolder
from watch.clock import now_ms
from watch.error import WatchError
from watch.handover.desk import Frozen, HandoverDesk, Shows
from watch.handover.duty import period_start
from watch.handover.freezing import Left, ended, frozen
from watch.handover.gathering import Asked, gathered
from watch.handover.letter import letter
from watch.languages import words_in
from watch.notices.desk import NoticeDesk
from watch.notices.messages import Message


class Works(Asked, Protocol):
    """What handovers ask of the watch."""

    async def notices(self) -> NoticeDesk: ...


class Delivery:
    """Handovers as letters, by the desk of notices of `watch`."""

    def __init__(self, watch: Works, board: Shows) -> None:
        self._watch = watch
        self._board = board

    async def send(self, made: Snapshot) -> None:
        """Send it to whoever is named for it; returns at once."""
        try:
            notices = await self._watch.notices()
        except WatchError as error:  # it was offered all the same
            self._board.say(Severity.WARNING, "handover", str(error).splitlines()[0])
            return
        if notices.hands_over:
            notices.hand_over(await _letter(made))

    async def rehearsed(self, made: Snapshot) -> list[dict[str, Any]]:
        """What `send` would send, to whom, as what; nothing is. Raises WatchError."""
        notices = await self._watch.notices()
        return notices.rehearsed_letter(await _letter(made))


async def _letter(made: Snapshot) -> Message:
    return await asyncio.to_thread(letter, made, words_in(made.language))


def opened(records: Path, watch: Works, board: Shows, *, alone: bool) -> HandoverDesk:
    """The desk of `watch` and its `board`, which keeps what is said beside `records`."""

    async def freeze(person: str, start: int | None, left: Left | None) -> Frozen:
        now, estate = now_ms(), watch.present_estate
        starts = period_start(estate.shifts, estate.timezone, now) if start is None else start
        if not 0 <= starts <= now:
            why, do = "it begins in the future, or before 1970", "give the start in UTC ms"
            raise WatchError("no such period", str(starts), why, do, status=400)
        known = await gathered(watch, starts, now, person, left)
        return Frozen(frozen(known), ended(known))

    folder, delivery = HandoverFolder(records.parent / "handovers"), Delivery(watch, board)
    return HandoverDesk(
        folder,
        board,
        freeze,
        delivery=delivery,
        now=now_ms,
        nonce=lambda: token_hex(3),
        alone=alone,
    )
