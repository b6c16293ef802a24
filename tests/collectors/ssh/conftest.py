"""What the tests of the transport share: one attempt to connect, and servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collectors.pacing import Pace
from collectors.ssh.config import Route, route_to, settings_for
from collectors.ssh.dial import Dialler
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import Transport
from estate.model import Host, Ssh


def clock() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def route() -> Callable[..., Route]:
    """`route(sshd, "web1", timeout_ms=1000, port=…)`: the way there by the server's ssh_config."""

    def make(sshd: Any, name: str = "web1", *, timeout_ms: int = 5000, **host: Any) -> Route:
        ssh = Ssh(config=str(sshd.ssh_config), connect_timeout_ms=timeout_ms)
        return route_to(Host(name, "a", **host), settings_for(ssh), ssh)

    return make


@pytest.fixture
def reach() -> Callable[..., Any]:
    """`reach(route, use)`: connect, run the coroutine function `use(connection)`, clean up.

    Afterwards no thread of a transport may be left.
    """

    def run(way: Route, use: Callable[..., Any] | None = None) -> Any:
        async def attempt() -> Any:
            jumps = Jumps(Dialler(clock, Pace(Ssh())))
            connection = None
            try:
                connection = await jumps.reach(way)
                return await use(connection) if use else None
            finally:
                if connection is not None:
                    connection.close()
                jumps.close()

        async def bounded() -> Any:
            async with asyncio.timeout(30):
                return await attempt()

        try:
            return asyncio.run(bounded())
        finally:
            deadline = time.monotonic() + 2
            while any(isinstance(t, Transport) for t in threading.enumerate()):
                assert time.monotonic() < deadline, "a transport's thread outlived its connection"
                time.sleep(0.01)

    return run


class HostileServer:
    """A paramiko server whose `interface` misbehaves; looks like an `Sshd` to `route`."""

    def __init__(self, folder: Path, port: int, host_key: paramiko.PKey) -> None:
        self.port = port
        self.ssh_config = folder / "ssh_config"
        key = folder / "client"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {host_key.get_name()} {host_key.get_base64()}\n")
        self.ssh_config.write_text(
            f"Host *\n  HostName 127.0.0.1\n  Port {port}\n  User me\n  IdentityFile {key}\n"
            f"  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {known}\n"
            "  GlobalKnownHostsFile /dev/null\n"
        )


@pytest.fixture
def serve_ssh(serve: Callable[..., int], tmp_path: Path) -> Iterator[Callable[..., HostileServer]]:
    """`serve_ssh(Interface, talk)`: an SSH server; `talk(transport)` runs once keys are agreed."""
    host_key = paramiko.ECDSAKey.generate()
    transports: list[paramiko.Transport] = []

    def start(
        interface: type[paramiko.ServerInterface],
        talk: Callable[[paramiko.Transport], None] = lambda transport: None,
    ) -> HostileServer:
        def converse(client: socket.socket) -> None:
            transport = paramiko.Transport(client)
            transports.append(transport)
            transport.add_server_key(host_key)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=interface())
                talk(transport)

        return HostileServer(tmp_path, serve(converse), host_key)

    yield start
    for each in transports:
        each.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """`serve(talk)`: a TCP server that runs `talk(socket)` for each client; returns its port."""
    listeners: list[socket.socket] = []
    clients: list[socket.socket] = []

    def start(talk: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def converse(client: socket.socket) -> None:
            with contextlib.suppress(OSError):
                talk(client)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    clients.append(client)
                    threading.Thread(target=converse, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for each in [*listeners, *clients]:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
