"""What waits in memory to be committed: bounded, and honest about what it gave up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from estate.document import Event
from estate.samples import Sample
from storage.records import Board, Tick

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is committed in one go: the oldest ticks, events, and the newest board."""

    ticks: tuple[Tick, ...]
    events: tuple[Event, ...]
    board: Board | None

    def __bool__(self) -> bool:
        return bool(self.ticks or self.events or self.board)


class Backlog:
    """Ticks and events in the order they came, and the newest board. Guard it with a lock."""

    def __init__(self, most_ticks: int, most_events: int) -> None:
        self.dropped = 0  # samples and events given up for lack of room, ever
        self._most_ticks = most_ticks
        self._most_events = most_events
        self._ticks: deque[Tick] = deque()
        self._events: deque[Event] = deque()
        self._board: Board | None = None

    def __bool__(self) -> bool:
        return bool(self._ticks or self._events or self._board)

    def put(self, samples: Sequence[Sample], events: Sequence[Event]) -> None:
        """Add to the end; what no longer fits is given up from the front, and counted."""
        self._events.extend(events)
        self.dropped += _shorten(self._events, self._most_events)
        self.put_ticks(map(Tick.of, samples))

    def put_ticks(self, ticks: Iterable[Tick]) -> None:
        """As `put`, what is in the form of the records already."""
        self._ticks.extend(ticks)
        self.dropped += _shorten(self._ticks, self._most_ticks)

    def put_board(self, board: Board) -> None:
        """Let `board` wait in place of an older one."""
        self._board = board

    def batch(self, most: int) -> Batch:
        """The oldest `most` ticks and all else; they go on waiting until they are forgotten."""
        return Batch(tuple(islice(self._ticks, most)), tuple(self._events), self._board)

    def forget(self, batch: Batch) -> None:
        """Let go of what was committed."""
        _take_off(self._ticks, batch.ticks)
        _take_off(self._events, batch.events)
        if self._board is batch.board:
            self._board = None

    def ticks(self, host: str) -> tuple[Tick, ...]:
        """The ticks of `host` that wait."""
        return tuple(tick for tick in self._ticks if tick.host == host)

    def events(self) -> tuple[Event, ...]:
        """The events that wait, oldest first."""
        return tuple(self._events)


def _shorten(waiting: deque[T], most: int) -> int:
    surplus = max(0, len(waiting) - most)
    for _ in range(surplus):
        waiting.popleft()
    return surplus


def _take_off(waiting: deque[T], written: Sequence[T]) -> None:
    """Take `written` off the front, of which some may have been given up meanwhile."""
    for item in written:
        if waiting and waiting[0] is item:
            waiting.popleft()
