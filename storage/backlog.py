"""What waits in memory to be committed: bounded, and honest about what it gave up."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from estate.document import Event
from estate.samples import Sample
from storage.records import Board

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction takes: the oldest samples, events, and the newest board."""

    samples: tuple[Sample, ...]
    events: tuple[Event, ...]
    board: Board | None

    def __bool__(self) -> bool:
        return bool(self.samples or self.events or self.board)


class Backlog:
    """Samples and events in the order they came, and the newest board. Guard it with a lock."""

    def __init__(self, most_samples: int, most_events: int) -> None:
        self.dropped = 0  # samples and events given up for lack of room, ever
        self._most_samples = most_samples
        self._most_events = most_events
        self._samples: deque[Sample] = deque()
        self._events: deque[Event] = deque()
        self._board: Board | None = None

    def __bool__(self) -> bool:
        return bool(self._samples or self._events or self._board)

    def put(self, samples: Sequence[Sample], events: Sequence[Event]) -> None:
        """Add to the end; what no longer fits is given up from the front, and counted."""
        self._samples.extend(samples)
        self._events.extend(events)
        self.dropped += _shorten(self._samples, self._most_samples)
        self.dropped += _shorten(self._events, self._most_events)

    def put_board(self, board: Board) -> None:
        """Let `board` wait in place of an older one."""
        self._board = board

    def batch(self, most: int) -> Batch:
        """The oldest `most` samples and all else; it goes on waiting until it is forgotten."""
        samples = tuple(islice(self._samples, most))
        return Batch(samples, tuple(self._events), self._board)

    def forget(self, batch: Batch) -> None:
        """Let go of what was committed."""
        _take_off(self._samples, batch.samples)
        _take_off(self._events, batch.events)
        if self._board is batch.board:
            self._board = None

    def samples(self, host: str) -> tuple[Sample, ...]:
        """The samples of `host` that wait."""
        return tuple(sample for sample in self._samples if sample.host == host)

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
