"""The floor of a step: what it asks of each host, over our own connections, and nothing on record.

`shells` are two shells a host, one after the other, that do nothing; `agent` is a step laid down
and started, the two calls that a step is.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys

from bench.drivers import Result, Work, read_work
from bench.drivers.twinwatch import estate_of
from bench.drivers.twinwatch_runs import now
from collectors.calls import Calls
from collectors.collection import Collection
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent, Request
from runbooks.host.replies import Observed, State, read_reply

PAYLOAD = b"true\n"


class Floor:
    """All hosts, and the calls of one sweep."""

    def __init__(self, work: Work, what: str) -> None:
        self.hosts, self.what = work.hosts, what
        self.collection = Collection(estate_of(work), lambda seen: None, clock=now, probes={})
        self.calls = Calls(self.collection)
        self.number = 0
        self.agent = HostAgent()

    async def sweep(self) -> None:
        self.number += 1
        await asyncio.gather(
            *map(self._shells if self.what == "shells" else self._step, self.hosts)
        )

    async def tidied(self) -> None:
        """Nothing of the last sweep is left on its hosts."""
        if self.what == "agent" and self.number:
            await asyncio.gather(
                *(self._call(host, self.agent.gc(self._attempt(host))) for host in self.hosts)
            )

    def _attempt(self, host: str) -> Attempt:
        return Attempt("r-floor", "nothing", host, self.number)

    async def _shells(self, host: str) -> None:
        for _ in range(2):
            answer = await self.calls.call(
                host, "exec sh -c :", b"", deadline_seconds=60, output_limit=1024
            )
            if answer.status != 0:
                raise SystemExit(f"{host}: {answer}")

    async def _step(self, host: str) -> None:
        attempt, sha256 = self._attempt(host), hashlib.sha256(PAYLOAD).hexdigest()
        await self._call(host, self.agent.put(attempt, PAYLOAD))
        go = self.agent.go(attempt, sha256, timeout_seconds=60, actor="bench", wait_seconds=1)
        seen = await self._call(host, go)
        if not isinstance(seen, Observed) or seen.state not in (State.DONE, State.RUNNING):
            raise SystemExit(f"{host}: {seen}")

    async def _call(self, host: str, asked: Request) -> object:
        answer = await self.calls.call(
            host,
            asked.command,
            asked.stdin,
            deadline_seconds=60,
            output_limit=asked.output_limit,
        )
        return read_reply(asked, answer.output, answer.error, answer.status)


async def main() -> None:
    work, result = read_work(), Result()
    floor = Floor(work, sys.argv[1])
    await floor.collection.start()
    with result.connecting():
        await floor.sweep()
    for _ in work.rounds():
        await floor.tidied()
        with result.sweep():
            await floor.sweep()
    await floor.tidied()
    result.tell(work)
    floor.calls.close()
    await floor.collection.close()


if __name__ == "__main__":
    asyncio.run(main())
