"""Peer: asyncssh with our way of working: one connection and one resident sampler a host."""

from __future__ import annotations

import asyncio

import asyncssh

from bench.drivers import Result, Work, read_work, spent
from collectors.sampler import TICK, SamplerReader
from estate.samples import Sample

_AT_ONCE = 16


class Host:
    def __init__(self, name: str) -> None:
        self.name = name
        self.reader = SamplerReader(name)

    async def connect(
        self, work: Work, key: asyncssh.SSHKey, trusted: asyncssh.SSHKnownHosts
    ) -> None:
        connection = await asyncssh.connect(
            self.name,
            work.port,
            username=work.user,
            client_keys=[key],
            known_hosts=trusted,
            agent_path=None,
            config=None,
            login_timeout=120,
        )
        self.process = await connection.create_process(work.sampler, encoding=None)

    async def ask(self) -> None:
        self.process.stdin.write(TICK)
        while data := await self.process.stdout.read(65_536):
            if any(isinstance(fact, Sample) for fact in self.reader.feed(data, 0)):
                return
        raise SystemExit(f"{self.name} hung up")


async def main() -> None:
    work, result = read_work(), Result()
    key = asyncssh.read_private_key(work.key)
    trusted = asyncssh.read_known_hosts(work.known_hosts)  # once, as ours reads it
    hosts = [Host(name) for name in work.hosts]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def connect(host: Host) -> None:
        async with slots:
            await host.connect(work, key, trusted)
        await host.ask()

    with result.connecting():
        await asyncio.gather(*(connect(host) for host in hosts))
    for _ in work.rounds():
        await asyncio.sleep(0.2)
        with result.sweep():
            await asyncio.gather(*(host.ask() for host in hosts))
    if work.idle_seconds:
        before = spent()
        await asyncio.sleep(work.idle_seconds)
        result.idle = (spent() - before) / work.idle_seconds
    result.tell(work)


if __name__ == "__main__":
    asyncio.run(main())
