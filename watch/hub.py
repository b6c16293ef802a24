"""The stream of changes to any number of consoles, each at its own pace.

A change is written once for all. A console that reads too slowly to follow is not waited for and
costs no memory: what it missed is thrown away, and it gets a new document instead.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable

from estate.document import Change, Document
from estate.wire import to_json

#: Changes that wait for one console; at 2 s a cadence this is half a minute behind.
MOST_WAITING = 16
#: Something is said this often, so that a console can tell a quiet watch from a hung one.
HEARTBEAT_SECONDS = 5.0
_HEARTBEAT = b": still here\n\n"


def packed(value: Document | Change) -> bytes:
    """`value` as JSON without blanks."""
    return json.dumps(
        to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def event(name: str, body: bytes) -> bytes:
    """A server-sent event."""
    return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"


class Hub:
    """Publishes the board. `document` gives the present one whenever a console needs it whole."""

    def __init__(self, document: Callable[[], Document]) -> None:
        self._document = document
        self._listeners: set[_Listener] = set()
        self._closed = False

    @property
    def listeners(self) -> int:
        """Consoles that listen now."""
        return len(self._listeners)

    def publish(self, change: Change) -> None:
        """Send `change`, which led to the present document, to everyone."""
        if self._listeners:
            written = event("change", packed(change))
            for listener in self._listeners:
                listener.put(written)

    def replace(self) -> None:
        """The picture was made anew: everyone starts over from the present document."""
        for listener in self._listeners:
            listener.start_over()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        for listener in self._listeners:
            listener.wake.set()

    async def listen(self) -> AsyncIterator[bytes]:
        """The stream for one console: a document, then changes, until the hub is closed."""
        listener = _Listener()
        self._listeners.add(listener)
        try:
            while not self._closed:
                if listener.behind:
                    listener.behind = False
                    yield event("document", packed(self._document()))
                elif listener.waiting:
                    yield listener.waiting.popleft()
                else:
                    yield await self._next(listener)
        finally:
            self._listeners.discard(listener)

    async def _next(self, listener: _Listener) -> bytes:
        listener.wake.clear()
        try:
            await asyncio.wait_for(listener.wake.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return _HEARTBEAT
        return b""


class _Listener:
    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.behind = True  # it needs a whole document
        self.wake = asyncio.Event()

    def put(self, written: bytes) -> None:
        if not self.behind:
            self.waiting.append(written)
            if len(self.waiting) > MOST_WAITING:
                self.start_over()
        self.wake.set()

    def start_over(self) -> None:
        self.waiting.clear()
        self.behind = True
        self.wake.set()
