"""The console's requests about handovers, taken by a watch behind its real socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from estate.handover import Answer
from tests.watch.room import Room, asked
from tui.console.asking.attention import AttentionOverSocket
from tui.console.requests.handover import (
    AnswerItems,
    AskHandover,
    HandedOver,
    HandoverRequest,
    ReplyOf,
    SignHandover,
)
from watch import later
from watch.error import WatchError
from watch.handover.opening import opened


@pytest.fixture(autouse=True)
def _no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch of these tests has no desk of runs; nobody waits for it."""
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


def test_it_is_read_answered_and_signed_by_the_hash_of_what_was_read(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        heeded = AttentionOverSocket(room.client)

        async def says(request: HandoverRequest) -> HandedOver:
            said = await asyncio.to_thread(heeded.answer, request)
            assert isinstance(said, HandedOver)
            return said

        assert await says(AskHandover()) == HandedOver(None, ())
        over = await desk.add_note("op", {"text": "over"})
        await desk.close_note("op", over.id, {"why": "it is"})
        note = await desk.add_note("op", {"text": "mail is slow"})
        offered = (await desk.offer("op", None)).offered
        known = await says(AskHandover())
        assert known.handover is not None and known.handover.offered == offered
        assert [each.id for each in known.notes] == [note.id]

        with pytest.raises(WatchError, match="you said nothing of 2"):
            await says(SignHandover(offered.id))
        item = f"note:{note.id}"
        known = await says(AnswerItems(offered.id, (item,), Answer.QUESTIONED, "since when?"))
        assert known.handover is not None
        assert [(each.item, each.why) for each in known.handover.answers] == [(item, "since when?")]
        known = await says(ReplyOf(offered.id, item, "since noon"))
        assert known.handover is not None
        assert [(each.item, each.text) for each in known.handover.replies] == [(item, "since noon")]
        await says(AnswerItems(offered.id, (), Answer.ACCEPTED))
        signed = (await says(SignHandover(offered.id))).handover
        assert signed is not None and signed.signed is not None
        assert signed.signed.sha256 == offered.sha256

    asked(tmp_path, play)
