"""What changes how the watch goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watch.room import Room, asked
from watch.error import WatchError


def test_refresh_goes_to_the_collection(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        assert await room.post("/v1/refresh", host="a") == {"refreshed": "a"}
        assert await room.post("/v1/refresh") == {"refreshed": "every host"}
        assert room.played.refreshed == ["a", None]
        with pytest.raises(WatchError, match="no such host — zz — the estate does not name it"):
            await room.post("/v1/refresh", host="zz")

    asked(tmp_path, play)
