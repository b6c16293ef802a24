"""Ours: the collection as the watch runs it, swept on demand."""

from __future__ import annotations

import asyncio
import time

from bench.drivers import Result, Work, read_work, spent
from collectors.collection import Collection
from estate.model import Estate, Host, Site, Ssh
from estate.samples import Observation, Reach, Reached, Sample

_NEVER_MS = 3_600_000  # sweeps come when we ask for them, and only then


async def main() -> None:
    work, result = read_work(), Result()
    missing: set[str] = set()
    complete = asyncio.Event()
    trouble: dict[str, str] = {}

    def observe(seen: Observation) -> None:
        if isinstance(seen, Sample):
            missing.discard(seen.host)
            if not missing:
                complete.set()
        elif isinstance(seen, Reached) and seen.reach not in (Reach.CONNECTING, Reach.LIVE):
            trouble[seen.host] = str(seen.cause)

    async def answered() -> None:
        try:
            # A thousand handshakes take their time; an sshd that was too slow is asked again.
            await asyncio.wait_for(complete.wait(), 60 + len(work.hosts) / 5)
        except TimeoutError:
            raise SystemExit(f"{len(missing)} hosts silent: {list(trouble.items())[:2]}") from None

    def expect() -> None:
        complete.clear()
        missing.update(work.hosts)

    collection = Collection(
        estate_of(work), observe, clock=lambda: time.time_ns() // 1_000_000, probes={}
    )
    expect()
    with result.connecting():
        await collection.start()
        await answered()
    for _ in work.rounds():
        await asyncio.sleep(0.2)  # file systems of the last sweep may still come in
        expect()
        with result.sweep():
            collection.refresh()
            await answered()
    if work.idle_seconds:
        before = spent()
        await asyncio.sleep(work.idle_seconds)
        result.idle = (spent() - before) / work.idle_seconds
    result.tell(work)
    await collection.close()


def estate_of(work: Work) -> Estate:
    """The estate of these hosts, at one site, with nothing due by itself."""
    return Estate(
        name="bench",
        timezone="UTC",
        language="en",
        every_ms=_NEVER_MS,
        sites={"here": Site("here", {"en": "Here"})},
        hosts={name: Host(name, "here") for name in work.hosts},
        ssh=Ssh(config=work.ssh_config, known_hosts=(work.known_hosts,)),
    )


if __name__ == "__main__":
    asyncio.run(main())
