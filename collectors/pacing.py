"""How many connections are made at once: in all, to one server, and through one jump host.

sshd drops newcomers at random while too many are not yet authenticated (MaxStartups 10:30:100 by
default; measured: 12 of 40 parallel connects to one sshd), and a handshake costs this machine
some milliseconds of CPU. Waiting for the network costs nothing: whoever waits longer than a
second lends its place to the next, or a dead data centre would stand in the way of the living.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from estate.model import Ssh

#: Not authenticated at one address and port at the same time, far below MaxStartups.
AT_ONE_TARGET = 4

#: How many connections are under way for each handshake that may compute. A thousand at once
#: overrun the listen queue of what they have in common: a firewall, a jump host, one sshd.
UNDER_WAY = 4

#: What takes longer than this waits for the other end and does not compute.
COMPUTES_SECONDS = 1.0


class Pace:
    """The gates that every dial goes through."""

    def __init__(self, ssh: Ssh) -> None:
        self._all = asyncio.Semaphore(ssh.connect_at_once)
        self._under_way = asyncio.Semaphore(ssh.connect_at_once * UNDER_WAY)
        self._targets: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(AT_ONE_TARGET)
        )
        self._jumps: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(ssh.per_jump)
        )

    @asynccontextmanager
    async def arrival(self, target: str) -> AsyncIterator[None]:
        """From the first packet to `target` until it has authenticated us or turned us away."""
        async with self._targets[target], _lent(self._under_way):
            yield

    @asynccontextmanager
    async def handshake(self, jump: str) -> AsyncIterator[None]:
        """Key exchange and authentication, through `jump` if it is not ""."""
        async with AsyncExitStack() as stack:
            if jump:
                await stack.enter_async_context(self._jumps[jump])
            await stack.enter_async_context(_lent(self._all))
            yield


@asynccontextmanager
async def _lent(semaphore: asyncio.Semaphore) -> AsyncIterator[None]:
    await semaphore.acquire()
    held = True

    def give_back() -> None:
        nonlocal held
        if held:
            held = False
            semaphore.release()

    timer = asyncio.get_running_loop().call_later(COMPUTES_SECONDS, give_back)
    try:
        yield
    finally:
        timer.cancel()
        give_back()
