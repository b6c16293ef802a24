"""The board, asked for whole, in parts, and as it moves."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import replace
from pathlib import Path

from estate.document import Change, Document
from estate.wire import document_from_json
from tests.watch.room import Room, asked
from tests.watch.test_board import ESTATE, sample
from watch.client import stream
from watch.clock import now_ms
from watch.hub import MOST_WAITING


def test_the_board_whole_and_in_parts(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        board = document_from_json(await room.get("/v1/board"))
        assert board == room.watch.document
        hosts = await room.get("/v1/hosts", where="cpu>10.5")
        assert [each["name"] for each in hosts] == ["b", "r"]
        problems = await room.get("/v1/problems", where="state:untrusted")
        assert [each["where"] for each in problems] == ["gw"]
        assert await room.get("/v1/problems", where="severity:warning") == []
        one = await room.get("/v1/hosts/a")
        assert one["row"]["values"]["cpu"] == 10.0
        assert one["detail"]["thresholds"]["cpu"] == [90, 97]
        assert (await room.get("/v1/estate"))["hosts"] == 5

    asked(tmp_path, play)


def test_status_counts(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        status = await room.get("/v1/status")
        assert status["hosts"] == {"total": 4, "untrusted": 1, "live": 3}
        assert status["problems"] == {"total": 1, "critical": 1}
        assert status["pid"] == os.getpid()
        assert status["saved_until"] == room.played.saved_until
        assert status["rss_bytes"] > 1e6

    asked(tmp_path, play)


def test_the_stream_follows_and_starts_over_after_a_reload(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        told: list[Document | Change] = []
        following = stream(room.path)
        told.append(await anext(following))
        room.observed(sample("a", now_ms(), cpu=50))
        told.append(await anext(following))
        room.estate = replace(ESTATE, name="Other", hosts={"a": ESTATE.hosts["a"]})
        assert (await room.post("/v1/reload"))["name"] == "Other"
        told.append(await anext(following))
        await following.aclose()
        first, change, second = told
        assert isinstance(first, Document)
        assert isinstance(change, Change)
        assert isinstance(second, Document)
        assert [row.name for row in change.hosts] == ["a"]
        assert change.seq == first.seq + 1
        assert (second.estate, list(second.hosts)) == ("Other", ["a"])
        assert room.played.reconfigured == [room.estate]

    asked(tmp_path, play)


def test_a_console_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        following = stream(room.path)
        await anext(following)
        assert room.watch.hub.listeners == 1
        await following.aclose()
        while room.watch.hub.listeners:
            room.observed(sample("a", now_ms(), cpu=50))
            await asyncio.sleep(0.01)

    asked(tmp_path, play)


def test_a_console_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        deaf = socket.socket(socket.AF_UNIX)
        with deaf:
            await asyncio.to_thread(deaf.connect, str(room.path))
            deaf.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: watch\r\n\r\n")
            following = stream(room.path)
            await anext(following)
            seen = 0
            for step in range(400):
                room.observed(*(sample(host, now_ms(), cpu=step % 90) for host in ("a", "b", "r")))
                assert isinstance(await anext(following), Change)
                seen += 1
            assert seen == 400
            assert max(len(each.waiting) for each in room.watch.hub._listeners) <= MOST_WAITING
            await following.aclose()

    asked(tmp_path, play)
