"""http: what is expected may stand at the foot of a long page, in pieces."""

from __future__ import annotations

import asyncio

import pytest

from collectors.services.http import MOST_BYTES

from .test_kinds import Talk, ask


def page(*pieces: bytes) -> Talk:
    """A server that answers with a body in these pieces."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = sum(map(len, pieces))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    return talk


@pytest.mark.parametrize("before", [0, 8_190, 80_000, MOST_BYTES // 2])
def test_what_is_expected_is_found_wherever_it_stands(before: int) -> None:
    assert ask(page(b"x" * before, b"all o", b"k\n"), "http", expect="all ok").cause == ""


def test_a_page_without_it_and_one_without_end() -> None:
    missing = ask(page(b"x" * 80_000, b"all o"), "http", expect="all ok")
    assert missing.cause == "its answer does not hold 'all ok'"
    endless = ask(page(*[b"x" * 65_536] * 20), "http", expect="all ok")
    assert endless.cause == f"it said more than {MOST_BYTES} bytes"
