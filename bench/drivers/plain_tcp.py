"""The floor: the same sampler, ticks and decoding over plain TCP, no SSH at all.

A server process gives each connection to a sampler as its stdin and stdout, so that even the
bytes come from the same place. `--bytes` leaves the decoding out.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import subprocess
import sys
from collections.abc import Callable

from bench.drivers import Result, read_work, spent
from collectors.sampler import TICK, SamplerReader
from estate.samples import Sample


class Client(asyncio.Protocol):
    """One connection; calls `answered` for each tick that was answered."""

    def __init__(self, host: str, answered: Callable[[str], None], *, decode: bool) -> None:
        self._host, self._answered = host, answered
        self._reader = SamplerReader(host) if decode else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._reader is None:
            if data.startswith(b"t|") or b"\nt|" in data:
                self._answered(self._host)
        elif any(isinstance(fact, Sample) for fact in self._reader.feed(data, 0)):
            self._answered(self._host)


def serve(listener: socket.socket, command: str) -> None:
    """Give every connection to a sampler of its own, for ever."""
    while True:
        connection, _ = listener.accept()
        with connection:
            both = connection.fileno()
            subprocess.Popen(["/bin/sh", "-c", command], stdin=both, stdout=both)


async def main() -> None:
    work, result = read_work(), Result()
    missing: set[str] = set()
    complete = asyncio.Event()

    def answered(host: str) -> None:
        missing.discard(host)
        if not missing:
            complete.set()

    async def sweep() -> None:
        complete.clear()
        missing.update(work.hosts)
        for each in clients:
            each.transport.write(TICK)
        await asyncio.wait_for(complete.wait(), 60)

    listener = socket.create_server(("127.0.0.1", 0), backlog=2000)
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(listener, work.sampler), daemon=True
    )
    server.start()
    port = listener.getsockname()[1]
    loop = asyncio.get_running_loop()
    clients = [Client(host, answered, decode="--bytes" not in sys.argv) for host in work.hosts]
    with result.connecting():
        for each in clients:
            await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]
        await sweep()
    for _ in work.rounds():
        await asyncio.sleep(0.2)
        with result.sweep():
            await sweep()
    if work.idle_seconds:
        before = spent()
        await asyncio.sleep(work.idle_seconds)
        result.idle = (spent() - before) / work.idle_seconds
    result.tell(work)
    for each in clients:
        each.transport.close()
    server.terminate()


if __name__ == "__main__":
    asyncio.run(main())
