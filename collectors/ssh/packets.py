"""Packets off a link and onto it (RFC 4253, section 6), for a thread or for the event loop.

paramiko's packetizer blocks until a packet is whole and reads it in three small portions. This one
keeps what was read too far, so that whoever reads next goes on exactly there, and can be asked
whether a packet is whole without waiting for it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import paramiko
from paramiko.packet import NeedRekeyException, Packetizer

from collectors.ssh.link import Link

#: OpenSSH's own limit on a packet is 256 KiB; a length over it is noise or an attack.
PACKET_LIMIT = 256 * 1024


class Incoming(Packetizer):
    """Packets off the link, for the transport's thread or, when it is parked, the event loop."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)  # type: ignore[arg-type]  # a link looks like a socket
        self._link = link
        self._unread = bytearray()
        self.bytes_in = 0
        self._loop_thread = threading.get_ident()
        self._inbox: queue.SimpleQueue[tuple[int, paramiko.Message] | BaseException] = (
            queue.SimpleQueue()
        )
        self.park: Callable[[], bool] = lambda: False  # asked by the thread between two packets
        self._opener: Any = None  # AES-GCM, once it is agreed
        self._tail = 0
        self._nonce = b""
        self._opened = 0
        self._opened_bytes = 0

    def start_handshake(self, timeout: float) -> None:
        """No timer: paramiko's would be one more thread a connection; `dial` has deadlines."""

    def preload(self, head: bytes) -> None:
        """What was already read off the link."""
        self._unread += head

    def set_inbound_cipher(  # noqa: PLR0917 - as paramiko calls it
        self,
        block_engine: Any,
        block_size: int,
        mac_engine: Any,
        mac_size: int,
        mac_key: Any,
        etm: bool = False,
        aead: bool = False,
        iv_in: bytes | None = None,
    ) -> None:
        super().set_inbound_cipher(
            block_engine, block_size, mac_engine, mac_size, mac_key, etm, aead, iv_in
        )
        self._opener = block_engine if aead else None
        self._tail = mac_size  # or the tag's: what follows the bytes that the length counts
        self._nonce = (iv_in or b"")[:4]
        self._opened = int.from_bytes((iv_in or b"")[4:], "big")
        self._opened_bytes = 0

    # -- the transport's thread --

    def readline(self, timeout: float) -> str:
        """One line of the greeting; `dial` has already read it whole and bounded it."""
        end = self._unread.index(b"\n")
        line = bytes(self._unread[:end]).rstrip(b"\r")
        del self._unread[: end + 1]
        return line.decode("latin-1")

    def read_message(self) -> tuple[int, Any]:
        if threading.get_ident() != self._loop_thread and self.park():
            item = self._inbox.get()
            if isinstance(item, BaseException):
                raise item
            return item
        if self._opener is None:
            return super().read_message()
        self._fill(4, check_rekey=True)
        self._fill(self._length() + 4 + self._tail)
        return _message(self._open())

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        self._fill(n, check_rekey)
        head = bytes(self._unread[:n])
        del self._unread[:n]
        return head

    def _fill(self, n: int, check_rekey: bool = False) -> None:
        """Wait until `n` bytes are unread."""
        if not 0 <= n <= PACKET_LIMIT:
            raise paramiko.SSHException(f"a packet of {n} bytes: the stream is corrupt")
        unread = self._unread
        while len(unread) < n:
            if self.closed:
                raise EOFError
            try:
                piece = self._link.recv(65536)
            except (TimeoutError, BlockingIOError):
                if check_rekey and not unread and self.need_rekey():
                    raise NeedRekeyException from None
                continue
            if not piece:
                raise EOFError
            unread += piece
            self.bytes_in += len(piece)

    # -- the event loop, while the thread is parked --

    def feed(self, data: bytes) -> None:
        """Bytes that the event loop read."""
        self._unread += data
        self.bytes_in += len(data)

    def next_payload(self) -> bytes | None:
        """The next packet, decrypted, if it is whole; only with lengths in clear."""
        if len(self._unread) < 4 or len(self._unread) < 4 + self._length() + self._tail:
            return None
        if self._opener is not None:
            return self._open()
        kind, message = super().read_message()
        return bytes([kind]) + message.asbytes()

    def resume(self, item: bytes | BaseException) -> None:
        """Wake the parked thread with a packet to handle, or an exception to end on."""
        self._inbox.put(_message(item) if isinstance(item, bytes) else item)

    def _length(self) -> int:
        length = int.from_bytes(self._unread[:4], "big")
        if not 0 < length <= PACKET_LIMIT:
            raise paramiko.SSHException(f"a packet of {length} bytes: the stream is corrupt")
        return length

    def _open(self) -> bytes:
        """Decrypt the packet at the head (RFC 5647, GCM): what paramiko does, in a third of the
        time, for it is done a thousand times a sweep."""
        unread = self._unread
        length = int.from_bytes(unread[:4], "big")
        end = 4 + length + self._tail
        nonce = self._nonce + self._opened.to_bytes(8, "big")
        plain = self._opener.decrypt(nonce, bytes(unread[4:end]), bytes(unread[:4]))
        del unread[:end]
        self._opened += 1
        self._opened_bytes += end
        if self._opened_bytes >= self.REKEY_BYTES and not self.need_rekey():
            self._trigger_rekey()  # type: ignore[attr-defined]
        payload: bytes = plain[1 : length - plain[0]]
        if not payload:
            raise paramiko.SSHException("an empty packet: the stream is corrupt")
        return payload

    # -- both --

    def write_all(self, out: bytes) -> None:  # type: ignore[override]
        while out:
            try:
                sent = self._link.send(out)
            except (TimeoutError, BlockingIOError):
                # A host takes a few hundred bytes a tick. When its window and our socket buffer
                # are full it has been silent for minutes: the event loop must not wait for it.
                if self.closed or threading.get_ident() == self._loop_thread:
                    raise EOFError from None
                continue
            except OSError:
                raise EOFError from None
            out = out[sent:]


def _message(payload: bytes) -> tuple[int, paramiko.Message]:
    message = paramiko.Message(payload[1:])
    message.seqno = 0  # asked for in "unimplemented" only
    return payload[0], message
