"""tcp: somebody listens, and says `expect` if that is asked, in as many segments as it likes."""

from __future__ import annotations

import asyncio

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

#: A little before the deadline, so that what was said instead is told, and not that nothing came.
_SHARE_OF_DEADLINE = 0.9


async def tcp(ask: Ask) -> None:
    async with conversation(ask) as talk:
        if ask.expect:
            await _heard(talk, ask)


async def _heard(talk: Conversation, ask: Ask) -> None:
    heard = b""
    try:
        async with asyncio.timeout(ask.seconds * _SHARE_OF_DEADLINE):
            while ask.expect.encode() not in heard:
                piece = await talk.some()
                if not piece:
                    break
                heard += piece
            else:
                return
    except TimeoutError:
        if not heard:
            raise ProbeFailed("it says nothing") from None
    raise ProbeFailed(f"it says {quoted(heard)!r}, not {ask.expect!r}")
