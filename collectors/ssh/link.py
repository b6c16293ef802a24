"""The bytes under an SSH connection: a TCP socket, or a channel through a jump host.

A link has two readers, never at the same time. During key exchange and authentication it is the
transport's thread, which blocks in `recv`; the rest of the time it is the event loop, which asked
to be called back by `watch`. To paramiko a link looks like a socket.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Link(Protocol):
    """A duplex stream of bytes that both a thread and the event loop can read."""

    def recv(self, size: int, /) -> bytes:
        """Up to `size` bytes, b"" at the end; TimeoutError or BlockingIOError when none came."""

    def send(self, data: bytes, /) -> int:
        """Number of bytes taken; may be less than all."""

    def settimeout(self, seconds: float | None, /) -> None:
        """How long `recv` waits; 0 for not at all."""

    def close(self) -> None:
        """End it now, and wake a thread that waits in `recv`. Closing twice is fine."""

    def lend(self) -> None:
        """From now on a thread may be in `recv` at any moment, until it calls `give_back`."""

    def give_back(self) -> None:
        """The thread is done with it; this ends the link, too."""

    async def receive(self) -> bytes:
        """The next bytes, awaited on the event loop; b"" at the end."""

    def watch(self, readable: Callable[[], None]) -> None:
        """Call `readable` on the event loop whenever `recv` would give something."""

    def unwatch(self) -> None:
        """Stop calling back."""

    @property
    def settled(self) -> bool:
        """Whether `send` on the event loop returns without waiting for a key exchange below."""


class TcpLink:
    """A connected TCP socket.

    While it is lent to a thread, closing only shuts it down, and the thread closes it. A
    descriptor closed under a thread that is just about to wait on it is given to the next
    connection, and the thread would wait there, or read what is not its own.
    """

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._sock = sock
        self._loop = loop
        self._watched = False
        self._closed = False
        self._lent = False
        self._loop_thread = threading.get_ident()
        self.recv = sock.recv
        self.settimeout = sock.settimeout

    def send(self, data: bytes, /) -> int:
        if threading.get_ident() == self._loop_thread:
            # Not sock.send: while the thread reads, the socket has the thread's time-out, and the
            # event loop would wait that long for a host that does not read.
            return os.write(self._sock.fileno(), data)
        return self._sock.send(data)

    async def receive(self) -> bytes:
        return await self._loop.sock_recv(self._sock, 4096)

    def watch(self, readable: Callable[[], None]) -> None:
        self._sock.setblocking(False)
        self._watched = True
        self._loop.add_reader(self._sock.fileno(), readable)

    def unwatch(self) -> None:
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._sock.fileno())

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # Without the shutdown a thread in recv sleeps on until its time-out: close() alone does
        # not wake it.
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other end was first
        if not self._lent:
            self._sock.close()

    def lend(self) -> None:
        self._lent = True

    def give_back(self) -> None:
        self._lent = False
        self._closed = True
        self._sock.close()

    @property
    def settled(self) -> bool:
        return True


class Tunnel:
    """A channel through a jump host, as a link.

    `write`, `end` and `ready` are the channel's; the channel calls `arrive` and `finish` on the
    event loop.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        write: Callable[[bytes], None],
        end: Callable[[], None],
        ready: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._loop_thread = threading.get_ident()
        self._write = write
        self._end = end
        self._ready = ready
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._arrived = threading.Condition()
        self._timeout: float | None = None
        self._readable: Callable[[], None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._finished = False
        self._closed = False

    def arrive(self, data: bytes) -> None:
        """Bytes came through the channel."""
        if self._closed:
            return
        with self._arrived:
            self._pieces.append(data)
            self._size += len(data)
            self._arrived.notify()
        self._notify_loop()

    def finish(self) -> None:
        """The channel has ended; what arrived before can still be read."""
        with self._arrived:
            self._finished = True
            self._arrived.notify()
        self._notify_loop()

    def recv(self, size: int, /) -> bytes:
        with self._arrived:
            if not self._pieces and not self._finished and self._timeout != 0:
                self._arrived.wait(self._timeout)
            if self._pieces:
                piece = self._pieces.popleft()
                if len(piece) > size:
                    self._pieces.appendleft(piece[size:])
                    piece = piece[:size]
                self._size -= len(piece)
                return piece
            if self._finished:
                return b""
            raise TimeoutError

    def send(self, data: bytes, /) -> int:
        if self._finished:
            raise BrokenPipeError("the channel through the jump host is closed")
        if threading.get_ident() == self._loop_thread:
            self._write(bytes(data))
        else:
            self._loop.call_soon_threadsafe(self._write, bytes(data))
        return len(data)

    def settimeout(self, seconds: float | None, /) -> None:
        self._timeout = seconds

    async def receive(self) -> bytes:
        if not self._pieces and not self._finished:
            self._waiter = self._loop.create_future()
            await self._waiter
        return self.recv(4096) if self._pieces or self._finished else b""

    def watch(self, readable: Callable[[], None]) -> None:
        self._timeout = 0
        self._readable = readable
        if self._pieces or self._finished:
            self._loop.call_soon(self._notify_loop)

    def unwatch(self) -> None:
        self._readable = None

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.finish()
        if threading.get_ident() == self._loop_thread:
            self._end()
        else:
            self._loop.call_soon_threadsafe(self._end)

    def lend(self) -> None:
        """Nothing to do: what a thread waits on here is not a descriptor."""

    def give_back(self) -> None:
        self.close()

    @property
    def settled(self) -> bool:
        return self._ready()

    def _notify_loop(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        while self._readable is not None and (before := self._size):
            self._readable()
            if self._size >= before:
                break  # it was called and did not read
        if self._readable is not None and self._finished and not self._pieces:
            self._readable()
