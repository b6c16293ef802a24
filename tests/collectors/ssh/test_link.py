"""A tunnel as paramiko's thread and the event loop see it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ssh.link import TcpLink, Tunnel


def tunnel(written: list[bytes] | None = None, ended: list[int] | None = None) -> Tunnel:
    sink = written if written is not None else []
    ends = ended if ended is not None else []
    return Tunnel(asyncio.get_running_loop(), sink.append, lambda: ends.append(1), lambda: True)


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=12), st.integers(1, 9))
def test_what_arrived_is_read_in_order_in_any_portions(pieces: list[bytes], size: int) -> None:
    async def run() -> bytes:
        link = tunnel()
        link.settimeout(0)
        for piece in pieces:
            link.arrive(piece)
        link.finish()
        got = b""
        while piece := link.recv(size):
            got += piece
        return got

    assert asyncio.run(run()) == b"".join(pieces)


def test_nothing_there_is_a_time_out() -> None:
    async def run() -> None:
        link = tunnel()
        link.settimeout(0)
        with pytest.raises(TimeoutError):
            link.recv(10)
        link.settimeout(0.01)
        with pytest.raises(TimeoutError):
            link.recv(10)

    asyncio.run(run())


def test_closing_wakes_a_thread_that_reads() -> None:
    async def run() -> float:
        link = tunnel()
        link.settimeout(60)
        got: list[bytes] = []
        thread = threading.Thread(target=lambda: got.append(link.recv(10)))
        thread.start()
        await asyncio.sleep(0.02)
        began = time.monotonic()
        link.close()
        await asyncio.to_thread(thread.join)
        assert got == [b""]
        return time.monotonic() - began

    assert asyncio.run(run()) < 5


def test_the_loop_is_called_until_nothing_is_left() -> None:
    async def run() -> bytes:
        link = tunnel()
        got = bytearray()

        def readable() -> None:
            got.extend(link.recv(2))

        link.arrive(b"before")
        link.watch(readable)
        await asyncio.sleep(0)
        link.arrive(b"after")
        await asyncio.sleep(0)
        link.unwatch()
        link.arrive(b"unseen")
        return bytes(got)

    assert asyncio.run(run()) == b"beforeafter"


def test_the_end_is_told_to_a_watcher() -> None:
    async def run() -> list[bytes]:
        link = tunnel()
        got: list[bytes] = []
        link.watch(lambda: got.append(link.recv(10)))
        link.finish()
        return got

    assert asyncio.run(run()) == [b""]


def test_a_thread_s_bytes_are_written_on_the_loop() -> None:
    async def run() -> list[bytes]:
        written: list[bytes] = []
        link = tunnel(written)
        assert await asyncio.to_thread(link.send, b"from a thread") == 13
        link.send(b"from the loop")
        await asyncio.sleep(0)
        return sorted(written)

    assert asyncio.run(run()) == [b"from a thread", b"from the loop"]


def test_a_closed_tunnel_takes_nothing_and_ends_its_channel_once() -> None:
    async def run() -> None:
        ended: list[int] = []
        link = tunnel(ended=ended)
        link.close()
        link.close()
        link.arrive(b"late")
        assert ended == [1]
        assert link.recv(10) == b""
        with pytest.raises(BrokenPipeError):
            link.send(b"x")

    asyncio.run(run())


def test_receive_waits_for_bytes_and_for_the_end() -> None:
    async def run() -> list[bytes]:
        link = tunnel()
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, link.arrive, b"hello")
        loop.call_later(0.02, link.finish)
        return [await link.receive(), await link.receive()]

    assert asyncio.run(run()) == [b"hello", b""]


# -- TCP --


def pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    return ours, theirs


def test_a_descriptor_is_not_closed_under_a_thread_that_reads_it() -> None:
    """Or the next connection gets its number, and the thread reads what is not its own."""

    async def run() -> None:
        ours, theirs = pair()
        link = TcpLink(ours, asyncio.get_running_loop())
        link.settimeout(60)
        link.lend()
        got: list[bytes] = []
        thread = threading.Thread(target=lambda: got.append(link.recv(10)))
        thread.start()
        link.close()
        assert ours.fileno() >= 0
        await asyncio.to_thread(thread.join, 10)
        assert got == [b""]
        link.give_back()
        assert ours.fileno() == -1
        theirs.close()

    asyncio.run(run())


def test_a_link_that_no_thread_has_is_closed_at_once() -> None:
    async def run() -> None:
        ours, theirs = pair()
        link = TcpLink(ours, asyncio.get_running_loop())
        link.close()
        link.close()
        assert ours.fileno() == -1
        theirs.close()

    asyncio.run(run())


def test_the_loop_does_not_wait_for_a_host_that_does_not_read() -> None:
    """Though the socket has the time-out of the thread that reads it."""

    async def run() -> None:
        ours, theirs = pair()
        link = TcpLink(ours, asyncio.get_running_loop())
        link.settimeout(5)
        with pytest.raises(BlockingIOError):
            while True:
                link.send(bytes(65536))
        link.close()
        theirs.close()

    asyncio.run(run())
