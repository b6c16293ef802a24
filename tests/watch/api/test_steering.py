"""What changes how the watch goes on."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tests.watch.room import Room, asked
from watch.access import peer_of
from watch.error import WatchError


def test_refresh_goes_to_the_collection(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        beside: list[str | None] = []
        room.watch.also_refreshed.append(beside.append)
        assert await room.post("/v1/refresh", host="a") == {"refreshed": "a"}
        assert await room.post("/v1/refresh") == {"refreshed": "every host"}
        assert room.played.refreshed == beside == ["a", None]
        with pytest.raises(WatchError, match="no such host — zz — the estate does not name it"):
            await room.post("/v1/refresh", host="zz")

    asked(tmp_path, play)


def test_it_ends_on_the_word_of_whoever_asks(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        person = peer_of(ours).name

    async def play(room: Room) -> None:
        running = asyncio.create_task(room.watch.run())
        assert await room.post("/v1/stop") == {"stopping": os.getpid()}
        await asyncio.wait_for(running, 20)
        assert room.watch.document.events[0].what == f"stopped by {person}"

    asked(tmp_path, play)
