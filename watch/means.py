"""What a watch works with: the rooms below as it sees them, married in `watch.main`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from estate.document import Event
from estate.model import Estate
from estate.samples import Observation, Sample
from watch import records
from watch.attention.desk import KeepsAttention
from watch.past.keeping import KeepsPictures
from watch.past.schedules import KeepsSchedules
from watch.queues.desk import KeepsQueues


class Collects(Protocol):
    """What the watch needs of the collection."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def reconfigure(self, estate: Estate) -> None: ...
    def refresh(self, host: str | None) -> None: ...


class Keeps(records.Keeps, KeepsAttention, KeepsPictures, KeepsSchedules, KeepsQueues, Protocol):
    """What the watch needs of the records."""

    @property
    def saved_until(self) -> int | None: ...
    @property
    def dropped(self) -> int: ...
    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None: ...
    def save_board(self, document: bytes) -> None: ...
    def take_notices(self) -> tuple[str, ...]: ...
    async def series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> Sequence[tuple[int, float, float, float]]: ...
    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Sequence[tuple[int, float, float, float]]: ...
    async def queues(self) -> tuple[str, ...]: ...
    async def events(
        self, since: int = 0, limit: int = 200, host: str = ""
    ) -> tuple[Event, ...]: ...
    def close(self) -> None: ...


class Saved(Protocol):
    """A board as it was saved."""

    @property
    def at(self) -> int: ...
    @property
    def document(self) -> bytes: ...


class Remembers(Protocol):
    """What the records remember at the start."""

    @property
    def board(self) -> Saved | None: ...
    @property
    def saved_until(self) -> int | None: ...
    @property
    def last_event_id(self) -> int: ...
    @property
    def events(self) -> tuple[Event, ...]: ...
    @property
    def unread(self) -> str: ...


class MeasuresItself(Protocol):
    """What the watch needs to know of the machine that it runs on."""

    def measure(self) -> dict[str, float]: ...
    def disk(self) -> dict[str, float]: ...


class Inbox:
    """Observations that wait for the next step of the board. For the event loop's thread."""

    def __init__(self) -> None:
        self._observed: list[Observation] = []
        self.arrived = asyncio.Event()

    def put(self, observation: Observation) -> None:
        """Take in one observation."""
        self._observed.append(observation)
        self.arrived.set()

    def take(self) -> list[Observation]:
        """All that came since the last time, in order."""
        self.arrived.clear()
        observed, self._observed = self._observed, []
        return observed


@dataclass(frozen=True, slots=True)
class Means:
    """What `watch.main` gives the watch to work with."""

    inbox: Inbox
    collection: Collects
    keeper: Keeps
    read_estate: Callable[[], Estate]
    load_bastion: Callable[[], MeasuresItself]  # an import: off the loop
    stopping: asyncio.Event
    started_at: int  # UTC ms, before the first observation
