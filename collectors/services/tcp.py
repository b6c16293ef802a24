"""tcp: somebody listens, and says `expect` if that is asked."""

from __future__ import annotations

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import conversation


async def tcp(ask: Ask) -> None:
    async with conversation(ask) as talk:
        if not ask.expect:
            return
        heard = await talk.some()
        if ask.expect.encode() not in heard:
            raise ProbeFailed(f"it says {quoted(heard)!r}, not {ask.expect!r}")
