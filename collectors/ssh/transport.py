"""paramiko's part: key exchange, ciphers and authentication, and how its thread is parked.

A paramiko transport is a thread that reads packets. Eighty of those, each woken for each tick,
cost more than everything else the collection does. So after authentication the thread is parked:
it waits in `read_message`, and the event loop reads the link, decrypts, and keeps every packet of
the connection protocol (80 and up) for itself. KEXINIT, when the host wants fresh keys, hands
reading back to the thread, with whatever bytes were read too far; when the new keys are in use the
thread parks again. Only one of the two ever reads.

    HANDSHAKE --settle()--> thread parks at the next packet border --> PARKED
    PARKED --KEXINIT or own rekey limit--> THREAD --NEWKEYS--> PARKED

Parking needs ciphers whose packet length is readable before decryption (AES-GCM, or a MAC with
encrypt-then-mac). With others the thread goes on reading and posts packets to the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import paramiko
from cryptography.exceptions import InvalidTag
from paramiko.kex_gex import KexGexSHA256
from paramiko.packet import NeedRekeyException

from collectors.ssh.algorithms import CIPHERS, KEY_EXCHANGES, MACS, Nothing, nothing_in_common
from collectors.ssh.failure import Failure
from collectors.ssh.link import Link
from collectors.ssh.packets import Incoming
from estate.clean import clean

#: paramiko's thread needs little; the default of 8 MiB each is address space for nothing.
STACK_BYTES = 256 * 1024

#: A safety net only: every wait has a deadline of its own, which closes the link and so wakes
#: the thread. Never short: the thread would wake up that often for nothing.
THREAD_WAKES_SECONDS = 30.0

FIRST_OF_CONNECTION_PROTOCOL = 80
DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO = 1, 2, 3, 4, 7
SERVICE_ACCEPT, KEXINIT = 6, 20

#: Read off a link at once. What a host sends in tiny packets costs most: the others wait for
#: no more of them than fit in this.
READ_BYTES = 16 * 1024

#: RFC 8308 and OpenSSH together know fewer than ten.
EXTENSIONS_AT_MOST = 100


class _GroupExchange(KexGexSHA256):
    """A group of the host's choice, within bounds: raising to powers in one of 8192 bits, which
    paramiko allows, stops every thread of Python for seconds."""

    min_bits, preferred_bits, max_bits = 3072, 3072, 4096

    def _parse_kexdh_gex_group(self, m: paramiko.Message) -> None:
        bits = paramiko.Message(m.asbytes()).get_mpint().bit_length()
        if not self.min_bits <= bits <= self.max_bits:
            raise paramiko.SSHException(f"the host proposes a group of {bits} bits")
        super()._parse_kexdh_gex_group(m)  # type: ignore[misc]


# Everything paramiko would log is a Cause on the board already.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class Distrusted(paramiko.SSHException):
    """Carries a `Failure` about the host key out of paramiko's thread."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the host says of a key. `methods` could go on; `enough_for_now` tells that the key was
    right and something else is wanted beside it (RFC 4252, section 5.1: partial success)."""

    accepted: bool
    methods: tuple[str, ...] = ()
    enough_for_now: bool = False


class Transport(paramiko.Transport):
    """One SSH transport: handshake on its thread, then packets on the event loop.

    `received(payload)` gets each packet of the connection protocol, and `ended(why)` is
    called once; both on the event loop.
    """

    _active_check_timeout = THREAD_WAKES_SECONDS
    _preferred_kex = tuple(
        name
        for name in KEY_EXCHANGES
        if name in paramiko.Transport._kex_info  # type: ignore[attr-defined]
    )
    _kex_info = {  # noqa: RUF012 - paramiko's own way
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]
        KexGexSHA256.name: _GroupExchange,
    }
    _preferred_ciphers = CIPHERS
    _preferred_macs = MACS
    _channel_handler_table: dict[int, Any] = {}  # noqa: RUF012 - paramiko's own way

    # What of paramiko's inside this file relies on, beside its documented methods.
    _handler_table: dict[int, Callable[[paramiko.Message], None]]
    _cipher_info: dict[str, dict[str, Any]]
    remote_cipher: str
    remote_mac: str

    def __init__(
        self,
        link: Link,
        loop: asyncio.AbstractEventLoop,
        *,
        greeting: bytes,
        host_key_types: tuple[str, ...],
        trust: Callable[[bytes], None],
    ) -> None:
        super().__init__(link, packetizer_class=Incoming)  # type: ignore[arg-type]
        self.link = link
        self.received: Callable[[bytes], None] = lambda payload: None
        self.ended: Callable[[str], None] = lambda why: None
        self.loop = loop
        self._trust = trust
        self._trusted = b""
        self._host_key_types = host_key_types
        self._settled = False  # may the thread park?
        self._parked = False
        self._over = False
        self._said_goodbye = ""
        self._proposed: dict[str, list[str]] = {}  # by the host, in its KEXINIT
        self._unsent: list[bytes] = []
        self.packetizer: Incoming
        self.packetizer.preload(greeting)
        self.packetizer.park = self._park
        # paramiko would answer what it does not know on its thread, and wait there, holding its
        # lock for writing, until the host has read enough. The event loop would wait for the lock.
        for kind in range(FIRST_OF_CONNECTION_PROTOCOL):
            self._handler_table.setdefault(kind, partial(self._about_us, kind))
        for kind in range(FIRST_OF_CONNECTION_PROTOCOL, 256):
            self._handler_table[kind] = partial(self._post, kind)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        return self._host_key_types

    # -- the handshake --

    async def exchange_keys(self) -> None:
        """Start the thread and wait until keys are agreed and the host key is trusted.

        Raises whatever ended the thread, EOFError included.
        """
        agreed = _Fact(self.loop)
        before = threading.stack_size(STACK_BYTES)
        self.link.lend()
        try:
            self.start_client(event=agreed)  # type: ignore[arg-type]
        except BaseException:
            self.link.give_back()  # no thread, no one else will
            raise
        finally:
            threading.stack_size(before)
        await agreed.wait()
        self.completion_event = None
        if not self.initial_kex_done or not self.active:
            raise self._why()

    async def authenticate(self, user: str, key: Any) -> Verdict:
        """Offer one key, or None to ask for the methods."""
        answered = _Fact(self.loop)
        self.saved_exception = None
        handler: Any = paramiko.auth_handler.AuthHandler(self)
        self.auth_handler = handler
        # paramiko's handler drops the list of methods on an ordinary refusal: keep it.
        refusals: list[Verdict] = []
        refused = handler._parse_userauth_failure
        served = handler._parse_service_accept

        def note_methods(message: paramiko.Message) -> None:
            said = paramiko.Message(message.asbytes())
            refusals.append(Verdict(False, tuple(said.get_list()), said.get_boolean()))
            refused(message)

        def accept_once(message: paramiko.Message) -> None:
            # Each is answered with a signature, on the thread: see `__init__`.
            handler._parse_service_accept = partial(_unexpected, SERVICE_ACCEPT)
            served(message)

        handler._parse_userauth_failure = note_methods
        handler._parse_service_accept = accept_once
        if key is None:
            handler.auth_none(user, answered)
        else:
            handler.auth_publickey(user, key, answered)
        await answered.wait()
        if not self.active:
            raise self._why()
        if handler.is_authenticated():
            return Verdict(True)
        return refusals[-1] if refusals else Verdict(False)

    @property
    def nothing_in_common(self) -> Nothing | None:
        """After IncompatiblePeer: what both ends would have to have."""
        return nothing_in_common(str(self.saved_exception), self._proposed)

    def _why(self) -> Exception:
        """What ended the thread: an SSHException, EOFError or OSError."""
        error = self.saved_exception or EOFError()
        if isinstance(error, (paramiko.SSHException, EOFError, OSError)):
            return error
        return paramiko.SSHException(f"a malformed packet ({type(error).__name__})")

    def settle(self) -> None:
        """We are let in. From now on the thread may park, if the ciphers allow it."""
        self.auth_handler: Any = None
        aead = self._cipher_info[self.remote_cipher].get("is_aead", False)
        self._settled = aead or "etm@" in self.remote_mac

    # -- after it --

    @property
    def ready(self) -> bool:
        """Whether a packet sent now leaves now: no key exchange here or in a jump host below."""
        return self.clear_to_send.is_set() and self.link.settled

    @property
    def goodbye(self) -> str:
        """What the host said when it disconnected, cleaned; "" if it said nothing."""
        return clean(self._said_goodbye[:200])

    def post(self, payload: bytes) -> None:
        """Send one packet of the connection protocol, on the event loop, without waiting.

        While keys are exchanged it is kept and goes out right after.
        """
        if self._over:
            return
        self._unsent.append(payload)
        self._flush()

    def hang_up(self) -> None:
        """End it now: link, thread and all. Nothing is called back afterwards."""
        if self._over:
            return
        self._over = True
        self._release()

    # -- inside --

    def run(self) -> None:
        super().run()
        error = self.saved_exception
        why = str(error) if error is not None and not isinstance(error, EOFError) else ""
        try:
            self.loop.call_soon_threadsafe(self._thread_ended, why)
        except RuntimeError:  # the loop is gone, and with it everybody else
            self.link.give_back()

    def _thread_ended(self, why: str) -> None:
        self._finish(why)
        self.link.give_back()

    def stop_thread(self) -> None:
        # paramiko's own waits for the thread, at exit, one after the other.
        self.active = False
        self.packetizer.close()
        self.packetizer.resume(EOFError())

    def _verify_key(self, host_key: bytes, sig: bytes) -> None:
        super()._verify_key(host_key, sig)  # type: ignore[misc]
        if host_key == self._trusted:
            return
        if self._trusted:
            raise paramiko.SSHException("the host key changed during the session")
        try:
            self._trust(host_key)
        except Failure as failure:
            raise Distrusted(failure) from None
        self._trusted = host_key

    def _parse_kex_init(self, m: paramiko.Message) -> None:
        self._proposed = self._really_parse_kex_init(paramiko.Message(m.asbytes()))  # type: ignore[attr-defined]
        super()._parse_kex_init(m)  # type: ignore[misc]

    def _parse_ext_info(self, msg: paramiko.Message) -> None:
        # paramiko reads as many as the host says there are: four billion, out of nothing, if it
        # says so, on a thread that nobody can stop.
        if int.from_bytes(msg.asbytes()[:4], "big") > EXTENSIONS_AT_MOST:
            raise paramiko.SSHException("more extensions than there can be")
        super()._parse_ext_info(msg)  # type: ignore[misc]

    def _about_us(self, kind: int, message: paramiko.Message) -> None:
        """Authentication, while that is going on."""
        table = {} if self.auth_handler is None else self.auth_handler._handler_table
        if kind in table:
            table[kind](message)
        elif kind != UNIMPLEMENTED:
            _unexpected(kind)

    def _parse_newkeys(self, m: paramiko.Message) -> None:
        super()._parse_newkeys(m)  # type: ignore[misc]
        self.loop.call_soon_threadsafe(self._flush)

    def _parse_disconnect(self, m: paramiko.Message) -> None:
        m.get_int()
        self._said_goodbye = m.get_string().decode("utf-8", "replace")

    def _post(self, kind: int, message: paramiko.Message) -> None:
        self.loop.call_soon_threadsafe(self._deliver, bytes([kind]) + message.asbytes())

    def _park(self) -> bool:
        """Asked by the thread between two packets: hand reading to the event loop?"""
        # paramiko calls the exchange over when NEWKEYS is still to come; only then it lets us send.
        if not self._settled or not self.clear_to_send.is_set() or not self.active:
            return False
        self.loop.call_soon_threadsafe(self._take_over)
        return True

    def _take_over(self) -> None:
        if self._over:
            return
        self._parked = True
        self.link.watch(self._readable)
        self._drain()
        self._flush()

    def _hand_back(self, item: bytes | BaseException) -> None:
        self._parked = False
        self.link.unwatch()
        self.link.settimeout(THREAD_WAKES_SECONDS)
        self.packetizer.resume(item)

    def _readable(self) -> None:
        try:
            data = self.link.recv(READ_BYTES)
        except (BlockingIOError, TimeoutError):
            return
        except OSError as error:
            self._finish((error.strerror or str(error)).removeprefix("Connection "))
            return
        if not data:
            self._finish("")
            return
        self.packetizer.feed(data)
        self._drain()

    def _drain(self) -> None:
        """Handle every whole packet that is here, until one is the thread's."""
        incoming = self.packetizer
        try:
            while self._parked and (payload := incoming.next_payload()) is not None:
                kind = payload[0]
                if kind >= FIRST_OF_CONNECTION_PROTOCOL:
                    self.received(payload)
                elif kind == DISCONNECT:
                    self._parse_disconnect(paramiko.Message(payload[1:]))
                    self._finish("")
                elif kind == KEXINIT:
                    self._hand_back(payload)
                elif kind not in (IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO):
                    _unexpected(kind)
        except InvalidTag:
            self._finish("a packet failed its integrity check")
        except (struct.error, IndexError, ValueError) as error:
            self._finish(f"a malformed packet: {error}")
        except (paramiko.SSHException, EOFError) as error:
            self._finish(str(error))
        else:
            if self._parked and incoming.need_rekey():
                self._hand_back(NeedRekeyException())

    def _deliver(self, payload: bytes) -> None:
        if self._over:
            return
        try:
            self.received(payload)
        except (struct.error, IndexError, ValueError) as error:
            self._finish(f"a malformed packet: {error}")

    def _flush(self) -> None:
        while self._unsent and not self._over and self.ready:
            # The thread clears the flag under this lock, and holds it only for an instant.
            with self.clear_to_send_lock:
                if not self.clear_to_send.is_set():
                    return
                payload = self._unsent.pop(0)
                try:
                    self.packetizer.send_message(paramiko.Message(payload))
                except EOFError:
                    if self.active:  # else the thread has ended it, and is about to say why
                        self.loop.call_soon(self._finish, "it takes no more bytes")
                    return
        if self._unsent and not self._over and self.clear_to_send.is_set():
            # A jump host below is exchanging keys, and does not call us when it is done.
            self.loop.call_later(0.05, self._flush)

    def _finish(self, why: str) -> None:
        if self._over:
            return
        self._over = True
        self._release()
        self.ended(self.goodbye or why or "closed by the host")

    def _release(self) -> None:
        if self._parked:
            self._parked = False
            self.link.unwatch()
        self.active = False
        self.link.close()
        self.packetizer.resume(EOFError())


async def threads_gone(seconds: float) -> None:
    """Wait until no transport of this event loop has a thread, for at most `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline and any(
        isinstance(each, Transport) and each.loop is loop for each in threading.enumerate()
    ):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0)  # their last words are callbacks


def _unexpected(kind: int, message: paramiko.Message | None = None) -> None:
    """RFC 4253 asks for an answer; OpenSSH sends nothing of the kind, and who does may wait."""
    raise paramiko.SSHException(f"a message of kind {kind} out of the blue")


class _Fact:
    """What paramiko takes for a threading.Event, awaited on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._future: asyncio.Future[None] = loop.create_future()

    async def wait(self) -> None:
        await self._future

    def set(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone
            self._loop.call_soon_threadsafe(self._resolve)

    def clear(self) -> None:
        """paramiko clears before it waits; ours is set once."""

    def is_set(self) -> bool:
        return self._future.done()

    def _resolve(self) -> None:
        if not self._future.done():
            self._future.set_result(None)
