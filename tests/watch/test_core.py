"""The watch does all that goes on beside its board."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.watch.past.test_keeping import Pictures
from tests.watch.room import Room, asked
from watch.past import keeping
from watch.past.keeping import Past


def test_a_watch_at_work_keeps_boards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.01)
    records = Pictures()

    async def play(room: Room) -> None:
        room.watch.past = Past(records, lambda: room.watch.document)
        running = asyncio.create_task(room.watch.run())
        async with asyncio.timeout(20):
            while not records.kept:
                await asyncio.sleep(0.01)
        room.watch.stop("op")
        await running

    asked(tmp_path, play)
    _, board = records.kept[0]
    assert "gw" in board.hosts
