"""The hub: one writing for all, and a slow console costs nobody anything."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from estate.document import Change, Document, WatchRow
from watch import hub as hub_module
from watch.hub import MOST_WAITING, Hub

CALM = Document(1, 1, "Test", "UTC", "en", 5000, WatchRow())


class Board:
    """A board that only counts."""

    def __init__(self) -> None:
        self.document = CALM
        self.hub = Hub(lambda: self.document)

    def step(self) -> None:
        seq = self.document.seq + 1
        self.document = replace(self.document, seq=seq, at=seq)
        self.hub.publish(Change(seq=seq, at=seq))


def read(written: bytes) -> tuple[str, int]:
    """An event as (name, seq)."""
    name, data = written.decode().strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))["seq"]


async def take(stream, many: int) -> list[tuple[str, int]]:
    taken = []
    while len(taken) < many:
        if written := await anext(stream):
            taken.append(read(written))
    return taken


def test_a_console_gets_the_board_and_then_every_change() -> None:
    async def run() -> list[tuple[str, int]]:
        board = Board()
        stream = board.hub.listen()
        first = await take(stream, 1)
        for _ in range(3):
            board.step()
        return first + await take(stream, 3)

    assert asyncio.run(run()) == [("document", 1), ("change", 2), ("change", 3), ("change", 4)]


def test_a_console_that_waits_is_let_go_at_once_when_the_hub_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 3600.0)

    async def run() -> list[bytes]:
        board = Board()
        stream = board.hub.listen()
        await anext(stream)
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        board.hub.close()
        return [await asyncio.wait_for(waiting, 10), *[each async for each in stream]]

    assert asyncio.run(run()) == [b""]


def test_a_slow_console_starts_over_and_its_memory_is_bounded() -> None:
    async def run() -> tuple[int, list[tuple[str, int]]]:
        board = Board()
        slow, quick = board.hub.listen(), board.hub.listen()
        await take(slow, 1)
        await take(quick, 1)
        most = 0
        for _ in range(5 * MOST_WAITING):
            board.step()
            most = max(most, *(len(each.waiting) for each in board.hub._listeners))
            assert (await take(quick, 1))[0][0] == "change"
        caught_up = await take(slow, 1)
        board.step()
        return most, caught_up + await take(slow, 1)

    most, caught_up = asyncio.run(run())
    assert most <= MOST_WAITING + 1
    assert caught_up == [("document", 81), ("change", 82)]


def test_a_new_picture_makes_everyone_start_over() -> None:
    async def run() -> list[tuple[str, int]]:
        board = Board()
        stream = board.hub.listen()
        await take(stream, 1)
        board.step()
        board.document = replace(board.document, seq=9)
        board.hub.replace()
        return await take(stream, 1)

    assert asyncio.run(run()) == [("document", 9)]


def test_a_quiet_watch_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.01)

    async def run() -> bytes:
        board = Board()
        stream = board.hub.listen()
        await take(stream, 1)
        return await anext(stream)

    assert asyncio.run(run()) == b": still here\n\n"


def test_closing_ends_every_stream_and_forgets_it() -> None:
    async def run() -> tuple[int, list[bytes], int]:
        board = Board()
        stream = board.hub.listen()
        await take(stream, 1)
        listening = board.hub.listeners
        board.hub.close()
        rest = [each async for each in stream if each]
        return listening, rest, board.hub.listeners

    assert asyncio.run(run()) == (1, [], 0)
