"""The watch about itself: who it is, and what it costs; shown on the board as it goes on."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.watch.room import Room, asked
from watch import itself
from watch.itself import own_figures, own_row


def test_a_watch_of_one_s_own_says_so() -> None:
    row = own_row(1_795_156_200_000, shared=False)
    assert (row.pid, row.started_at, row.standalone) == (os.getpid(), 1_795_156_200_000, True)
    assert not own_row(0, shared=True).standalone


def test_its_load_its_machine_and_a_clock_that_was_set_are_on_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(itself, "OWN_SECONDS", 0.01)
    monkeypatch.setattr(itself.JumpDetector, "jumped_ms", lambda self: -2_500)

    async def play(room: Room) -> None:
        looking = asyncio.create_task(room.watch._own_load.look())
        async with asyncio.timeout(20):
            while room.watch.board.watch.cpu_percent is None:
                await asyncio.sleep(0.01)
        looking.cancel()
        room.observed()
        watch = room.watch.document.watch
        assert watch.bastion == {"cpu": 1.0, "disk": 2.0}
        assert watch.cpu_percent is not None and watch.cpu_percent >= 0
        said = {each.what for each in room.watch.document.events}
        assert "this machine's clock was set by -2.5 s" in said

    asked(tmp_path, play)


def test_its_figures() -> None:
    figures = own_figures(consoles=3, dropped=7)
    assert (figures["consoles"], figures["dropped"]) == (3, 7)
    assert figures["rss_bytes"] > 1e6 and figures["file_descriptors"] > 2
