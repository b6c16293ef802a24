"""Channels over one SSH connection (RFC 4254), all on the event loop.

The half of SSH that carries a session is small: open, data, window, close. Written here rather
than taken from paramiko, whose channels are made for threads that wait.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from collectors.ssh.failure import ChannelRefused, Failure
from collectors.ssh.link import Tunnel
from collectors.ssh.transport import Transport
from estate.clean import clean

GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
OPEN, OPENED, OPEN_FAILED = 90, 91, 92
WINDOW, DATA, EXTENDED_DATA, END_OF_FILE, CLOSE = 93, 94, 95, 96, 97
REQUEST, SUCCESS, FAILURE = 98, 99, 100

_INT = struct.Struct(">I")

#: What a host may send ahead of us: small, so that a flood is felt after 128 KiB, not 2 MiB.
WINDOW_BYTES = 128 * 1024
PACKET_BYTES = 32 * 1024

#: How much of what a command says on stderr is kept, to quote it.
STDERR_BYTES = 500


class Channel:
    """One channel. `received(bytes)` and `closed()` are called on the event loop.

    After `closed` (called once, whoever ended it) `stderr` holds the last words on stderr and
    `status` the exit status, None if the host did not say.
    """

    def __init__(
        self,
        connection: Connection,
        number: int,
        received: Callable[[bytes], None],
        closed: Callable[[], None],
    ) -> None:
        self.stderr = b""
        self.status: int | None = None
        self._connection = connection
        self.number = number
        self._received = received
        self._closed = closed
        self._remote = -1
        self._window_out = 0
        self._packet_out = PACKET_BYTES
        self._taken = 0  # bytes received since the window was last opened
        self._pending = bytearray()
        self._finishing = False
        self._closing = False
        self._over = False
        self._waiter: asyncio.Future[None] | None = None
        self.opened: asyncio.Future[None] = connection.loop.create_future()
        self.accepted: asyncio.Future[bool] = connection.loop.create_future()

    @property
    def open(self) -> bool:
        """Whether bytes can still be written."""
        return self._remote >= 0 and not self._closing and not self._over

    def execute(self, command: str) -> None:
        """Ask for `command`; `accepted` tells. Input may be written without waiting for it."""
        text = command.encode()
        self._connection.post(
            struct.pack(">BI", REQUEST, self._remote) + _string(b"exec") + b"\x01" + _string(text)
        )

    def write(self, data: bytes) -> None:
        """Send `data` as far as the host's window allows; the rest follows as it opens."""
        if not self.open:
            return
        if not self._pending and len(data) <= self._window_out and len(data) <= self._packet_out:
            self._window_out -= len(data)
            self._connection.post(struct.pack(">BII", DATA, self._remote, len(data)) + data)
            return
        self._pending += data
        self._send_pending()

    def finish(self) -> None:
        """No more input follows: the command reads end-of-file after all that was written."""
        self._finishing = True
        self._send_pending()

    def close(self) -> None:
        """End the channel. `closed` is called when the host has agreed, or the connection ends."""
        if self._remote >= 0 and not self._closing and not self._over:
            self._closing = True
            self._connection.post(struct.pack(">BI", CLOSE, self._remote))

    async def ended(self) -> None:
        """Wait until the host has agreed that it is closed; the deadline is the caller's."""
        if not self._over:
            self._waiter = self._connection.loop.create_future()
            await self._waiter

    # -- what the host says --

    def opened_as(self, remote: int, window: int, packet: int) -> None:
        self._remote, self._window_out = remote, window
        self._packet_out = max(1, min(packet, PACKET_BYTES))
        if not self.opened.done():
            self.opened.set_result(None)
        else:  # the wait for it was given up
            self.close()

    def refused(self, code: int, text: str) -> None:
        self._over = True
        if not self.opened.done():
            self.opened.set_exception(ChannelRefused(code, text))

    def window_opened(self, size: int) -> None:
        self._window_out += size
        self._send_pending()

    def arrived(self, data: bytes) -> None:
        self._open_window(len(data))
        if not self._closing:
            self._connection.bytes_taken += len(data)
            self._received(data)

    def complained(self, data: bytes) -> None:
        # No new window for it: a command that complains without end is stopped by its host when
        # it has used up what it was given, and its complaints cost us nothing more.
        self.stderr = (self.stderr + data)[-STDERR_BYTES:]

    def answered(self, accepted: bool) -> None:
        if not self.accepted.done():
            self.accepted.set_result(accepted)

    def refuse_request(self) -> None:
        self._connection.post(struct.pack(">BI", FAILURE, self._remote))

    def end(self) -> None:
        """The host closed it, or the connection ended."""
        if self._over:
            return
        self.close()
        self._over = True
        if not self.opened.done():
            self.opened.set_exception(ChannelRefused(0, "the connection ended"))
            self.opened.exception()  # retrieved: nobody may be waiting
        self.answered(False)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._closed()

    def _open_window(self, size: int) -> None:
        self._taken += size
        if self._taken >= WINDOW_BYTES // 8 and self.open:
            self._connection.post(struct.pack(">BII", WINDOW, self._remote, self._taken))
            self._taken = 0

    def _send_pending(self) -> None:
        while self._pending and self._window_out > 0 and self.open:
            size = min(len(self._pending), self._window_out, self._packet_out)
            self._window_out -= size
            head = bytes(self._pending[:size])
            del self._pending[:size]
            self._connection.post(struct.pack(">BII", DATA, self._remote, size) + head)
        if self._finishing and not self._pending and self.open:
            self._finishing = False
            self._connection.post(struct.pack(">BI", END_OF_FILE, self._remote))


class Connection:
    """An authenticated connection. `ended(why)` is called once, if the host or network ends it.

    All its methods are for the event loop's thread.
    """

    def __init__(self, transport: Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.ended: Callable[[str], None] = lambda why: None
        self.behind: tuple[str, Connection] | None = None  # the jump host it goes through
        self.given_up: Failure | None = None  # why it was ended from this side, if it was
        self.bytes_taken = 0  # of what came: data that a channel was there for
        self._transport = transport
        self._channels: dict[int, Channel] = {}
        self._next = 0
        self._alive = True
        self._answers: list[asyncio.Future[None]] = []
        transport.received = self._packet
        transport.ended = self._end
        transport.settle()

    @property
    def alive(self) -> bool:
        return self._alive

    @property
    def bytes_in(self) -> int:
        """What came over it in all, padding and packets that say nothing included."""
        return self._transport.packetizer.bytes_in

    @property
    def ready(self) -> bool:
        """Whether what is written now leaves now (no key exchange is under way)."""
        return self._transport.ready

    async def session(
        self, command: str, received: Callable[[bytes], None], closed: Callable[[], None]
    ) -> Channel:
        """Open a session and ask for `command`.

        Returns as soon as the session is open: whether the command was accepted is in the
        channel's `accepted`. Raises ChannelRefused; the deadline is the caller's.
        """
        channel = await self._open(b"session", b"", received, closed)
        channel.execute(command)
        return channel

    async def tunnel(self, address: str, port: int) -> Tunnel:
        """A link through this host to `address`:`port`. Raises ChannelRefused."""
        where = _string(address.encode()) + struct.pack(">I", port)
        whence = _string(b"127.0.0.1") + struct.pack(">I", 0)
        tunnel: Tunnel | None = None
        early: list[bytes] = []

        def received(data: bytes) -> None:
            if tunnel is None:
                early.append(data)
            else:
                tunnel.arrive(data)

        def closed() -> None:
            if tunnel is not None:
                tunnel.finish()

        channel = await self._open(b"direct-tcpip", where + whence, received, closed)
        tunnel = Tunnel(self.loop, channel.write, channel.close, lambda: self.ready)
        for data in early:
            tunnel.arrive(data)
        if not channel.open:
            tunnel.finish()
        return tunnel

    async def answer(self) -> None:
        """Ask the host for a sign of life and wait for it; the deadline is the caller's.

        Raises EOFError if the connection ends meanwhile.
        """
        waiter: asyncio.Future[None] = self.loop.create_future()
        self._answers.append(waiter)
        self.post(bytes([GLOBAL_REQUEST]) + _string(b"keepalive@openssh.com") + b"\x01")
        await waiter

    def close(self) -> None:
        """End it now. Channels are told that they closed; `ended` is not called."""
        if self._alive:
            self._alive = False
            self._transport.hang_up()
            self._end_channels()

    def give_up(self, why: Failure) -> Failure:
        """End it as `close` does, and remember why for those who went through it; gives `why`."""
        self.given_up = why
        self.close()
        return why

    def post(self, payload: bytes) -> None:
        self._transport.post(payload)

    async def _open(
        self,
        kind: bytes,
        more: bytes,
        received: Callable[[bytes], None],
        closed: Callable[[], None],
    ) -> Channel:
        if not self._alive:
            raise ChannelRefused(0, "the connection ended")
        number, self._next = self._next, self._next + 1
        channel = Channel(self, number, received, closed)
        self._channels[number] = channel
        self.post(
            bytes([OPEN])
            + _string(kind)
            + struct.pack(">III", number, WINDOW_BYTES, PACKET_BYTES)
            + more
        )
        await channel.opened
        return channel

    # -- packets: each is a number, then fields; a malformed one raises struct.error --

    def _packet(self, payload: bytes) -> None:
        kind = payload[0]
        if kind < OPEN:
            self._global(kind, payload)
        elif kind == OPEN:
            self._refuse_open(payload)
        else:
            (number,) = _INT.unpack_from(payload, 1)
            channel = self._channels.get(number)
            if channel is not None:
                self._for_channel(channel, kind, payload)

    def _for_channel(self, channel: Channel, kind: int, payload: bytes) -> None:
        if kind == DATA:
            channel.arrived(_take(payload, 5)[0])
        elif kind == WINDOW:
            channel.window_opened(_INT.unpack_from(payload, 5)[0])
        elif kind == EXTENDED_DATA:
            channel.complained(_take(payload, 9)[0])
        elif kind == OPENED:
            channel.opened_as(*struct.unpack_from(">III", payload, 5))
        elif kind == OPEN_FAILED:
            self._channels.pop(channel.number, None)
            (code,) = _INT.unpack_from(payload, 5)
            channel.refused(code, clean(_take(payload, 9)[0], limit=200))
        elif kind == CLOSE:
            self._channels.pop(channel.number, None)
            channel.end()
        elif kind == REQUEST:
            self._channel_request(channel, payload)
        elif kind in (SUCCESS, FAILURE):
            channel.answered(kind == SUCCESS)

    def _channel_request(self, channel: Channel, payload: bytes) -> None:
        name, at = _take(payload, 5)
        if name == b"exit-status":
            (channel.status,) = _INT.unpack_from(payload, at + 1)
        if payload[at]:
            channel.refuse_request()

    def _global(self, kind: int, payload: bytes) -> None:
        if kind == GLOBAL_REQUEST:
            _, at = _take(payload, 1)
            if payload[at]:
                self.post(bytes([REQUEST_FAILURE]))
        elif self._answers:
            waiter = self._answers.pop(0)
            if not waiter.done():
                waiter.set_result(None)

    def _refuse_open(self, payload: bytes) -> None:
        # Nothing on a host may open a channel towards the console: no agent, no X11, no forwards.
        _, at = _take(payload, 1)
        (remote,) = _INT.unpack_from(payload, at)
        self.post(
            struct.pack(">BII", OPEN_FAILED, remote, ChannelRefused.PROHIBITED)
            + _string(b"")
            + _string(b"")
        )

    def _end(self, why: str) -> None:
        if self._alive:
            self._alive = False
            self._end_channels()
            self.ended(why)

    def _end_channels(self) -> None:
        channels = list(self._channels.values())
        self._channels.clear()
        for channel in channels:
            channel.end()
        for waiter in self._answers:
            if not waiter.done():
                waiter.set_exception(EOFError("the connection ended"))
                waiter.exception()  # retrieved: the one who waited may have given up


def _take(payload: bytes, at: int) -> tuple[bytes, int]:
    """The string at `at`, and where the next field begins."""
    (length,) = _INT.unpack_from(payload, at)
    end = at + 4 + length
    if end > len(payload):
        raise struct.error(f"a string of {length} bytes in a packet of {len(payload)}")
    return payload[at + 4 : end], end


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
