"""tcp: what a peer says comes in as many segments as the network likes."""

from __future__ import annotations

import asyncio

from estate.ledger.rounds import Seen

from .test_kinds import Talk, ask, floods, hangs, hangs_up


def in_pieces(*pieces: bytes) -> Talk:
    """A server that says these, each in a segment of its own, and then listens."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        await reader.read()

    return talk


def test_a_greeting_in_two_segments_is_one_greeting() -> None:
    assert ask(in_pieces(b"22", b"0 mx ready\r\n"), "tcp", expect="220 mx").seen is Seen.OK
    assert ask(in_pieces(b"* hello\r\n", b"220 mx\r\n"), "tcp", expect="220 mx").seen is Seen.OK


def test_what_is_said_instead_is_told() -> None:
    found = ask(in_pieces(b"421 ", b"busy\r\n"), "tcp", expect="220", timeout="2s")
    assert found.cause == "it says '421 busy', not '220'"

    async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 busy\r\n")
        await writer.drain()

    found = ask(ends, "tcp", expect="220", timeout="20s")
    assert found.cause == "it says '421 busy', not '220'"


def test_who_says_nothing_or_too_much_is_no_service() -> None:
    assert ask(hangs, "tcp", expect="220", timeout="2s").cause == "it says nothing"
    assert ask(hangs_up, "tcp", expect="220").cause == "it says '', not '220'"
    assert ask(floods, "tcp", expect="220").cause == "it said more than 65536 bytes"
