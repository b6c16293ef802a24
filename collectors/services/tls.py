"""tls: a handshake, under a certificate that is accepted."""

from __future__ import annotations

from collectors.services.ask import Ask
from collectors.services.conversation import conversation


async def tls(ask: Ask) -> None:
    async with conversation(ask, tls=True):
        pass
