"""The SSH side of the demo's hosts: unprivileged servers on loopback that run real commands.

Each host listens on a port of its own. Only the key made for the run is let in; commands run as
/bin/sh -c with the host's prefix in TWINWATCH_ROOT; a gateway also forwards connections to the
hosts behind it (direct-tcpip), so that ProxyJump works as it does elsewhere. The only importer of
paramiko on this side.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import IO

import paramiko
from paramiko import common
from paramiko.message import Message
from paramiko.packet import Packetizer

#: One exchange that every client knows and that costs least: eighty logins come at once.
_EXCHANGE = ("curve25519-sha256@libssh.org",)
_IDLE_SECONDS = 30.0
_CHUNK = 32_768
#: What paramiko raises, wherever it happens to be, once the other side has left.
_GONE = (OSError, EOFError, paramiko.SSHException)


@dataclass
class Server:
    """One host's SSH server.

    `accepted` is the public key (SSH wire format) that may log in; `environment` is what commands
    get beside PATH; `reaches` answers whether this host forwards to a port on loopback.
    """

    name: str
    host_key: str  # OpenSSH PEM
    accepted: bytes
    directory: Path
    environment: Mapping[str, str]
    reaches: Callable[[int], bool] = lambda port: False
    visited: threading.Event = field(default_factory=threading.Event)
    refuses: bool = False
    gone: bool = False

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.listener.getsockname()[1]
        self._sockets: set[socket.socket] = set()
        self._fillers: list[socket.socket] = []

    def vanish(self) -> None:
        """Die as a machine does that lost its power: no answer to anything, from now on.

        A closed port would refuse, which is an answer. So the port stays, its queue of waiting
        connections is filled and never emptied: the kernel then drops what arrives.
        """
        self.gone = True
        self.listener.listen(0)
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)
        self.hang_up()

    def change_host_key(self, host_key: str) -> None:
        """Answer with another host key from now on; open connections end."""
        self.host_key = host_key
        self.hang_up()

    def refuse_keys(self) -> None:
        """Let nobody in from now on; open connections end."""
        self.refuses = True
        self.hang_up()

    def hang_up(self) -> None:
        """End every open connection."""
        for sock in tuple(self._sockets):
            # shutdown, because paramiko's thread sits in a read that close would not wake.
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening and end every connection."""
        self.gone = True
        self.listener.close()
        for filler in self._fillers:
            filler.close()
        self.hang_up()

    def serve(self, sock: socket.socket) -> None:
        """Serve one accepted connection until it ends. Runs in a thread of its own."""
        self._sockets.add(sock)
        transport = paramiko.Transport(sock, packetizer_class=_InOrder)
        visit = _Visit(self, transport)
        try:
            if self.gone:
                return
            transport.get_security_options().kex = _EXCHANGE
            transport.add_server_key(paramiko.Ed25519Key(file_obj=StringIO(self.host_key)))
            transport.start_server(server=visit)
            opened: list[paramiko.Channel] = []
            while transport.is_active():
                channel = transport.accept(timeout=_IDLE_SECONDS)
                if channel is None:
                    continue
                # paramiko itself holds channels weakly: one that has not been asked for anything
                # yet would be gone as soon as the next is opened.
                opened = [*(each for each in opened if not each.closed), channel]
                # Until here paramiko polls ten times a second for its own time-outs; eighty idle
                # connections would cost more than all the work.
                sock.settimeout(_IDLE_SECONDS)
                target = visit.forwards.pop(channel.get_id(), None)
                if target is not None:
                    _join(channel, target)
        except _GONE:
            pass  # the client left, or never spoke SSH: a server shrugs
        finally:
            self._sockets.discard(sock)
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            transport.close()
            sock.close()


class Porter:
    """The thread that accepts connections for all servers."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._stop, self._wake = socket.socketpair()
        self._selector.register(self._stop, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._watch, name="porter", daemon=True)

    def open(self, servers: tuple[Server, ...]) -> None:
        """Accept for `servers` from now on."""
        for server in servers:
            self._selector.register(server.listener, selectors.EVENT_READ, server)
        self._thread.start()

    def close(self) -> None:
        """Accept nothing more."""
        self._wake.send(b"x")
        self._thread.join()
        self._selector.close()
        self._stop.close()
        self._wake.close()

    def _watch(self) -> None:
        while True:
            for key, _ in self._selector.select():
                server: Server | None = key.data
                if server is None:
                    return
                if server.gone:
                    self._selector.unregister(server.listener)
                    continue
                with suppress(OSError):
                    sock, _address = server.listener.accept()
                    _thread(f"{server.name} connection", server.serve, sock)


class _InOrder(Packetizer):
    """Runs what a request began only after the request was answered, as sshd does.

    paramiko answers after it asked us; a quick command could speak before that. Its thread reads
    the next message only once the answer is out.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.once_answered: deque[Callable[[], None]] = deque()

    def read_message(self) -> tuple[int, Message]:
        while self.once_answered:
            self.once_answered.popleft()()
        return super().read_message()


class _Visit(paramiko.ServerInterface):
    """What one connection may do. Called on paramiko's thread."""

    def __init__(self, server: Server, transport: paramiko.Transport) -> None:
        assert isinstance(transport.packetizer, _InOrder)
        self.server = server
        self.once_answered = transport.packetizer.once_answered
        self.forwards: dict[int, socket.socket] = {}

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        if self.server.refuses or key.asbytes() != self.server.accepted:
            return common.AUTH_FAILED
        return common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if kind == "session":
            return common.OPEN_SUCCEEDED
        return common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.server.visited.set()
        try:
            process = subprocess.Popen(  # noqa: S603  (running commands is what sshd is for)
                ["/bin/sh", "-c", os.fsdecode(command)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.server.directory,
                env={"PATH": os.defpath, **os.environ, **self.server.environment},
                start_new_session=True,
            )
        except OSError:
            return False
        self.once_answered.append(lambda: _thread("stdin", _feed, channel, process))
        self.once_answered.append(lambda: _thread("stdout", _drain, channel, process))
        return True

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        if not self.server.reaches(destination[1]):
            return common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        try:
            self.forwards[chanid] = socket.create_connection(("127.0.0.1", destination[1]), 5)
        except OSError:
            return common.OPEN_FAILED_CONNECT_FAILED
        return common.OPEN_SUCCEEDED


def _feed(channel: paramiko.Channel, process: subprocess.Popen[bytes]) -> None:
    """Client → command. A client that hangs up takes its command with it."""
    assert process.stdin is not None
    with suppress(OSError):  # the command closed its end first
        while received := channel.recv(_CHUNK):
            process.stdin.write(received)
            process.stdin.flush()
    with suppress(OSError):
        process.stdin.close()
    if channel.closed:
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _drain(channel: paramiko.Channel, process: subprocess.Popen[bytes]) -> None:
    """Command → client, both streams together, and only then the exit status."""
    assert process.stdout is not None
    assert process.stderr is not None
    streams: dict[IO[bytes], Callable[[bytes], object]] = {
        process.stdout: channel.sendall,
        process.stderr: channel.sendall_stderr,
    }
    with selectors.DefaultSelector() as selector, suppress(*_GONE):
        for stream, send in streams.items():
            selector.register(stream, selectors.EVENT_READ, send)
        while selector.get_map():
            for key, _ in selector.select():
                if sent := os.read(key.fd, _CHUNK):
                    key.data(sent)
                else:
                    selector.unregister(key.fileobj)
    for stream in streams:
        stream.close()
    with suppress(*_GONE):
        channel.send_exit_status(process.wait() % 256)
        channel.close()


def _join(channel: paramiko.Channel, target: socket.socket) -> None:
    """Carry bytes both ways between a forwarded channel and its target until either ends."""

    def outwards() -> None:
        with suppress(OSError):
            while received := channel.recv(_CHUNK):
                target.sendall(received)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def inwards() -> None:
        target.settimeout(None)
        with target, suppress(*_GONE):
            while received := target.recv(_CHUNK):
                channel.sendall(received)
        with suppress(*_GONE):
            channel.close()

    _thread("forward out", outwards)
    _thread("forward in", inwards)


def _thread(name: str, target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()
