"""Canaries: what a vantage must see to believe its own eyes.

When a service fails, its vantage looks at its own gateway and at whatever else the estate names
(the peer's bastion). If none of them answers, it is the vantage that is blind, and it says nothing
of the service. A canary that never answered since the start testifies to nothing: many gateways are
silent by policy. With no canary that ever answered, the vantage is believed.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from socket import inet_ntoa

from collectors.services.ask import ProbeFailed, Resolves

_ROUTES = Path("/proc/net/route")
#: Any answer will do, and a refusal is one.
_GATEWAY_PORT = 22
_SECONDS = 2.0
#: One look serves all services that fail within this time.
_FRESH_SECONDS = 2.0


class Canaries:
    """Those of one vantage. `endpoints` are (host, port); `steady` gives seconds; `resolve` turns
    names into addresses, for a resolver that hangs must cost nobody else anything."""

    def __init__(
        self,
        endpoints: Sequence[tuple[str, int]],
        steady: Callable[[], float],
        resolve: Resolves | None = None,
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._steady = steady
        self._resolve = resolve
        self._testified: set[tuple[str, int]] = set()
        self._looking: asyncio.Task[frozenset[tuple[str, int]]] | None = None
        self._looked_at: float | None = None
        self._seen: frozenset[tuple[str, int]] = frozenset()

    @property
    def count(self) -> int:
        """How many ever answered."""
        return len(self._testified)

    async def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Learn who answers, now; at the start and from time to time, while all is well."""
        await self._look()

    async def blind(self) -> str:
        """Why the vantage can't be believed now; "" if it can."""
        before = frozenset(self._testified)
        if not before or before & await self._look():
            return ""
        names = ", ".join(sorted(f"{host}:{port}" for host, port in before))
        return f"blind: no canary answers ({names})"

    async def _look(self) -> frozenset[tuple[str, int]]:
        if self._looked_at is not None and self._steady() - self._looked_at < _FRESH_SECONDS:
            return self._seen
        if self._looking is None:
            self._looking = asyncio.create_task(self._ask_all())
            self._looking.add_done_callback(self._looked)
        return await asyncio.shield(self._looking)

    def _looked(self, _done: asyncio.Task[frozenset[tuple[str, int]]]) -> None:
        self._looking = None

    async def _ask_all(self) -> frozenset[tuple[str, int]]:
        answers = await asyncio.gather(*(self._answers(*each) for each in self._endpoints))
        self._seen = frozenset(
            each for each, answer in zip(self._endpoints, answers, strict=True) if answer
        )
        self._testified |= self._seen
        self._looked_at = self._steady()
        return self._seen

    async def _answers(self, host: str, port: int) -> bool:
        try:
            address = host if self._resolve is None else await self._resolve(host)
        except ProbeFailed:
            return False
        return await answers_at(address, port)


async def answers_at(host: str, port: int) -> bool:
    """Whether anything answers there; a refused connection is an answer."""
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return True
    except (OSError, OverflowError):  # a time-out is one too; and 99999 is no port
        return False
    writer.transport.abort()
    return True


def gateway() -> tuple[tuple[str, int], ...]:
    """This machine's way out, by its IPv4 routes; none where it has none."""
    try:
        lines = _ROUTES.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return ()
    return tuple(
        (inet_ntoa(struct.pack("<L", int(fields[2], 16))), _GATEWAY_PORT)
        for fields in map(str.split, lines)
        if len(fields) > 3 and fields[1] == "00000000" and fields[2] != "00000000"
    )[:1]
