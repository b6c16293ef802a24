"""Where users of a demo service come in: a real listener that says what such a server says first.

Closed, it takes the connection and hangs up, as a load balancer does that has nobody behind it.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import socket

_SECONDS = 5.0
_ANONYMOUS_BIND = 14
_BOUND = bytes.fromhex("300c02010161070a010004000400")
_STREAM = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>"
_FEATURES = b"<stream:features></stream:features>"


class FrontDoor:
    """One service's listener on loopback; `open` may be changed at any time."""

    def __init__(self, kind: str) -> None:
        self.open = True
        self._server = _Listener(("127.0.0.1", 0), partial(_Visit, self, _MANNERS[kind]))
        threading.Thread(target=self._server.serve_forever, daemon=True, name=kind).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


class _Visit(socketserver.BaseRequestHandler):
    request: socket

    def __init__(self, door: FrontDoor, manners: Callable[[socket], None], *rest: object) -> None:
        self._door, self._manners = door, manners
        super().__init__(*rest)  # type: ignore[arg-type]

    def handle(self) -> None:
        if self._door.open:
            self.request.settimeout(_SECONDS)
            with suppress(OSError):
                self._manners(self.request)


def _smtp(visitor: socket) -> None:
    visitor.sendall(b"220 mail.demo ESMTP\r\n")
    visitor.recv(512)
    visitor.sendall(b"250-mail.demo\r\n250 SIZE 52428800\r\n")
    visitor.recv(512)


def _xmpp(visitor: socket) -> None:
    visitor.recv(1024)
    visitor.sendall(_STREAM + _FEATURES)


def _ldap(visitor: socket) -> None:
    visitor.recv(_ANONYMOUS_BIND)
    visitor.sendall(_BOUND)


_MANNERS: dict[str, Callable[[socket], None]] = {"smtp": _smtp, "xmpp": _xmpp, "ldap": _ldap}
