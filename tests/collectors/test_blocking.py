"""Reading files off the event loop: a FIFO that nobody writes to hangs as a dead file server does."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from collectors.blocking import Reads, Unread, on_thread, opening


def read(path: Path) -> str:
    opening(str(path))
    return path.read_text()


def test_what_hangs_is_named_after_the_deadline_and_the_loop_goes_on(hung_file: Path) -> None:
    async def run() -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        turning = asyncio.create_task(turn())
        with pytest.raises(Unread) as caught:
            await Reads().read("it", lambda: read(hung_file), 0.3)
        turning.cancel()
        assert caught.value.path == str(hung_file)
        assert str(caught.value) == f"{hung_file} was not read in 0.3 s"
        return turns

    assert asyncio.run(run()) > 3


def test_however_many_ask_one_thread_waits(hung_file: Path) -> None:
    threads: set[int] = set()

    def read_here() -> str:
        threads.add(threading.get_ident())
        return read(hung_file)

    async def run() -> None:
        reads = Reads()
        for _ in range(3):
            asked = (reads.read("it", read_here, 0.05) for _ in range(20))
            for unread in await asyncio.gather(*asked, return_exceptions=True):
                assert isinstance(unread, Unread)
        assert len(threads) == 1

    asyncio.run(run())


def test_it_is_read_again_once_it_has_answered(tmp_path: Path) -> None:
    path = tmp_path / "file"

    async def run() -> list[object]:
        reads = Reads()
        path.write_text("one")
        found: list[object] = [await reads.read("it", lambda: read(path), 5)]
        path.write_text("two")
        found.append(await reads.read("it", lambda: read(path), 5))
        path.unlink()
        with pytest.raises(FileNotFoundError):
            await reads.read("it", lambda: read(path), 5)
        return found

    assert asyncio.run(run()) == ["one", "two"]


def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    async def run() -> str:
        reads, go_on = Reads(), threading.Event()

        def slow() -> str:
            go_on.wait(10)
            return "read"

        leaver = asyncio.create_task(reads.read("it", slow, 10))
        stayer = asyncio.create_task(reads.read("it", slow, 10))
        await asyncio.sleep(0)
        leaver.cancel()
        await asyncio.sleep(0)
        go_on.set()
        return await stayer

    assert asyncio.run(run()) == "read"


def test_what_a_call_raises_is_raised_where_it_was_asked_for() -> None:
    def fails() -> None:
        raise LookupError("nothing there")

    async def run() -> None:
        with pytest.raises(LookupError, match="nothing there"):
            await on_thread(fails)

    asyncio.run(run())
