"""A watch at work in the test's own process, its API on a real Unix socket, and the real client.

Collection and records are played.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from estate.document import Event
from estate.model import Retention
from estate.queues import QUEUE_METRICS, QueueFigures
from estate.samples import Cause, Reach, Reached, Sample, Stage
from estate.schedule import KeptSchedule
from tests.watch.test_board import ESTATE, sample
from watch.api.listening import Listening
from watch.client import Client
from watch.clock import now_ms
from watch.core import Watch
from watch.error import WatchError
from watch.means import Inbox, Means
from watch.process import place_in
from watch.source import Source


class Played:
    """A collection and records that only remember what was asked of them."""

    def __init__(self) -> None:
        self.retention = Retention()
        self.refreshed: list[str | None] = []
        self.samples: list[Sample] = []
        self.kept: list[Event] = []
        self.boards: list[bytes] = []
        self.status = ""
        self.saved_until: int | None = None
        self.dropped = 0
        self.notices: tuple[str, ...] = ()
        self.reconfigured: list[object] = []
        self.queues_kept: list[QueueFigures] = []
        self.scheduled: list[KeptSchedule] = []

    # the collection
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def reconfigure(self, estate: object) -> None:
        self.reconfigured.append(estate)

    def refresh(self, host: str | None) -> None:
        self.refreshed.append(host)

    # the records
    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        self.samples += samples
        self.kept += reversed(events)
        self.saved_until = max((each.at for each in self.samples), default=None)

    def put_queues(self, figures: Iterable[QueueFigures]) -> None:
        self.queues_kept += figures

    async def queue_series(self, key: str, metric: str, start: int, end: int, points: int):
        figures = [
            (e.at, e.values[QUEUE_METRICS.index(metric)]) for e in self.queues_kept if e.key == key
        ]
        return [(at, value, value, value) for at, value in figures if start <= at < end]

    async def keep_schedule(self, kept: KeptSchedule) -> bool:
        self.scheduled.append(kept)
        return True

    async def schedules(self, start: int, end: int) -> Sequence[KeptSchedule]:
        return self.scheduled

    async def queues(self) -> tuple[str, ...]:
        return tuple({each.key: None for each in self.queues_kept})

    def save_board(self, document: bytes) -> None:
        self.boards.append(document)

    def take_notices(self) -> tuple[str, ...]:
        taken, self.notices = self.notices, ()
        return taken

    async def series(self, host: str, metric: str, start: int, end: int, points: int):
        return [(each.at, each.values[0], each.values[0], each.values[0]) for each in self.samples]

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        kept = [each for each in self.kept if each.at >= since and host in ("", each.where)]
        return tuple(reversed(kept))[:limit]


@dataclass
class Remembered:
    board: None = None
    saved_until: int | None = None
    last_event_id: int = 0
    events: tuple[Event, ...] = ()
    unread: str = ""


class Itself:
    """The machine that the watch runs on."""

    def measure(self) -> dict[str, float]:
        return {"cpu": 1.0}

    def disk(self) -> dict[str, float]:
        return {"disk": 2.0}


class Room:
    """A watch at work in this process, and a client of it."""

    def __init__(self, directory: Path, restored: Remembered | None = None) -> None:
        self.played = Played()
        self.inbox = Inbox()
        self.estate = ESTATE
        place = place_in(directory)
        place.prepare()
        (directory / "estate.yaml").write_text("")
        self.path = place.socket
        means = Means(
            self.inbox,
            self.played,
            self.played,
            read_estate=lambda: self.estate,
            load_bastion=Itself,
            stopping=asyncio.Event(),
            started_at=now_ms(),
        )
        source = Source(directory / "estate.yaml")
        self.watch = Watch(ESTATE, source, place, means, restored or Remembered())
        self.client = Client(self.path)

    async def get(self, path: str, **query: object) -> Any:
        return await asyncio.to_thread(self.client.get, path, query)

    async def post(self, path: str, **body: object) -> Any:
        return await asyncio.to_thread(self.client.post, path, body)

    async def refused(self, path: str, **query: object) -> tuple[int, str]:
        with pytest.raises(WatchError) as caught:
            await self.get(path, **query)
        return caught.value.status, str(caught.value)

    def observed(self, *observations: object) -> None:
        for each in observations:
            self.inbox.put(each)  # type: ignore[arg-type]
        self.watch.board.step()


def asked(directory: Path, play: Callable[[Room], Any]) -> Any:
    """Play `play` in a room whose API listens."""

    async def run() -> Any:
        room = Room(directory / "w")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(room.path))
            listener.listen()
            listener.setblocking(False)
            api = Listening(room.watch, listener)
            await api.start()
            now = now_ms()
            room.observed(
                *(
                    sample(name, now, cpu=10.0 + n, mem=30)
                    for n, name in enumerate(("a", "b", "r"))
                ),
                Reached("gw", now, Reach.UNTRUSTED, Cause(Stage.HOST_KEY, "host key differs")),
            )
            try:
                return await play(room)
            finally:
                room.watch.hub.close()
                await api.close()

    return asyncio.run(run())
