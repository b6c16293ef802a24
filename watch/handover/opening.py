"""The desk of handovers, put together; imported once the first board stands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from secrets import token_hex
from typing import Protocol

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


class Works(Asked, Protocol):
    """What handovers ask of the watch."""

    async def notices(self) -> NoticeDesk: ...


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

    async def send(made: Snapshot) -> None:
        try:
            notices = await watch.notices()
        except WatchError as error:  # it was offered all the same
            board.say(Severity.WARNING, "handover", str(error).splitlines()[0])
            return
        if notices.hands_over:
            words = words_in(made.language)
            notices.hand_over(await asyncio.to_thread(letter, made, words))

    folder = HandoverFolder(records.parent / "handovers")
    return HandoverDesk(
        folder, board, freeze, send=send, now=now_ms, nonce=lambda: token_hex(3), alone=alone
    )
