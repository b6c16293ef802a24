"""The console's hold on its watch: follows the stream, and comes back when it breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from estate.document import Change, Document
from estate.language import later
from estate.wire import WireError, apply
from tui.console.facts import Advanced, Fact, WatchLost
from watch.error import WatchError

#: Between attempts to attach again: doubled from the first to the last, and a fifth of jitter.
FIRST_WAIT_SECONDS = 0.25
LAST_WAIT_SECONDS = 5.0


async def follow(
    stream: Callable[[], AsyncIterator[Document | Change]],
    tell: Callable[[Fact], None],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Tell every step of the board, for ever; attach again whenever the stream ends."""
    wait = FIRST_WAIT_SECONDS
    while True:
        document: Document | None = None
        try:
            async for fact in stream():
                if isinstance(fact, Document):
                    document = fact
                    tell(Advanced(document, None))
                elif document is not None:
                    document = apply(document, fact)
                    tell(Advanced(document, fact))
                wait = FIRST_WAIT_SECONDS
            tell(WatchLost(later("the stream ended")))
        except WireError:
            # A change was missed; the next stream begins with a whole board.
            continue
        except WatchError as error:
            tell(WatchLost(": ".join(part for part in (error.what, error.why) if part)))
        except OSError as error:
            tell(WatchLost(error.strerror or str(error)))
        await sleep(wait * (1 + 0.2 * jitter()))
        wait = min(2 * wait, LAST_WAIT_SECONDS)
