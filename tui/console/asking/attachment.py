"""The console's hold on its watch: follows the stream, and comes back when it breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from estate.document import Change, Document
from estate.error import FileRefused, InputError
from estate.language import later
from estate.wire import WireError, apply
from tui.console.requests.facts import Advanced, Fact, WatchLost
from watch.error import NoWatch, WatchError

#: Between attempts to attach again: doubled from the first to the last, and a fifth of jitter.
FIRST_WAIT_SECONDS = 0.25
LAST_WAIT_SECONDS = 5.0
#: The last one, where the watch has to be started and does not start.
LAST_START_SECONDS = 60.0


class Revival:
    """A try to come back that a person may ask for, and starting the watch where it has ended.

    `start` blocks until it answers, and raises what keeps it from starting; None where it is not
    ours to start. One that was stopped stays so until somebody asks.
    """

    def __init__(self, start: Callable[[], object] | None = None) -> None:
        self._start = start
        self._asked = asyncio.Event()
        self._wanted = False  # somebody asked during the last rest

    def ask(self) -> None:
        """Try now."""
        self._asked.set()

    async def within(self, rest: Awaitable[None]) -> None:
        """Until `rest` is over, or somebody asks."""
        waits = [asyncio.ensure_future(each) for each in (rest, self._asked.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            self._wanted = self._asked.is_set()
            self._asked.clear()

    async def begin(
        self, nobody: NoWatch, last: Document | None, tell: Callable[[Fact], None]
    ) -> bool:
        """Start the watch for which `nobody` answers, and tell of it; whether it may be tried again
        soon. `last` is the board as it was seen last."""
        if self._start is None:
            tell(_lost(nobody))
            return True
        if _was_stopped(last) and not self._wanted:
            tell(WatchLost(later("it was stopped"), later("{key} starts it again")))
            return True
        tell(WatchLost(later("it has ended"), later("it is being started again")))
        try:
            await asyncio.to_thread(self._start)
        except WatchError as error:
            tell(_lost(error, error.do))
        except (FileRefused, InputError, OSError) as error:
            first, *_ = str(error).splitlines() or [""]
            tell(WatchLost(first, later("twinwatch doctor says more")))
        else:
            return True
        return False


async def follow(
    stream: Callable[[], AsyncIterator[Document | Change]],
    tell: Callable[[Fact], None],
    revival: Revival | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Tell every step of the board, for ever; attach again whenever the stream ends."""
    revival = revival or Revival()
    wait, last = FIRST_WAIT_SECONDS, None
    while True:
        document: Document | None = None
        longest = LAST_WAIT_SECONDS
        try:
            async for fact in stream():
                if isinstance(fact, Document):
                    document = fact
                    tell(Advanced(document, None))
                elif document is not None:
                    document = apply(document, fact)
                    tell(Advanced(document, fact))
                wait, last = FIRST_WAIT_SECONDS, document
            tell(WatchLost(later("the stream ended")))
        except WireError:
            # A change was missed; the next stream begins with a whole board.
            continue
        except NoWatch as nobody:
            if not await revival.begin(nobody, last, tell):
                longest = LAST_START_SECONDS
        except WatchError as error:
            tell(_lost(error))
        except OSError as error:
            tell(WatchLost(error.strerror or str(error)))
        await revival.within(sleep(wait * (1 + 0.2 * jitter())))
        wait = min(2 * wait, longest)


def _lost(error: WatchError, todo: str = "") -> WatchLost:
    return WatchLost(": ".join(part for part in (error.what, error.why) if part), todo)


def _was_stopped(last: Document | None) -> bool:
    """Whether the last word of the watch was that it was told to stop (see `watch.core`)."""
    said = (each.what for each in last.events if each.where == "watch") if last else iter(())
    return next(said, "").startswith("stopped")
