"""Canaries: only one that ever answered can testify, and a refusal is an answer."""

from __future__ import annotations

import asyncio
import socket

from collectors.services.canaries import Canaries, answers_at


def test_a_canary_that_was_never_heard_proves_nothing() -> None:
    canaries = Canaries((), steady=lambda: 0.0)
    assert asyncio.run(canaries.blind()) == ""
    assert canaries.count == 0


def test_a_refusal_is_an_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert asyncio.run(answers_at(*free.getsockname()))


def test_blind_when_all_that_ever_answered_are_silent() -> None:
    async def run() -> tuple[str, str, str]:
        now = [0.0]
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        name = listener.getsockname()
        canaries = Canaries((name,), steady=lambda: now[0])
        await canaries.look()
        well = await canaries.blind()
        # Nobody accepts: with the queue full the kernel drops whoever knocks, and says nothing.
        crowd = [socket.socket() for _ in range(8)]
        for each in crowd:
            each.setblocking(False)
            each.connect_ex(name)
        now[0] += 10
        blind = await canaries.blind()
        for each in (*crowd, listener):
            each.close()
        now[0] += 10
        return well, blind, await canaries.blind()

    well, blind, after = asyncio.run(run())
    assert (well, after) == ("", "")
    assert blind.startswith("blind: no canary answers (127.0.0.1:")
