"""Queues in the records: a queue is a series beside those of hosts, with figures of its own.

It is compacted, rolled up and pruned as they are. Its name has a blank, which no host's has.
"""

from __future__ import annotations

from collections.abc import Iterable

from estate.queues import QUEUE_METRICS, QueueFigures
from storage.columns import pack_values
from storage.records import Tick

_PREFIX = "queue "

#: Position of each figure of a queue, by name.
POSITIONS: dict[str, int] = {name: position for position, name in enumerate(QUEUE_METRICS)}


def series_of(key: str) -> str:
    """The series of the queue `key`."""
    return _PREFIX + key.encode("utf-8", "backslashreplace").decode()


def queues_among(series: Iterable[str]) -> tuple[str, ...]:
    """The keys of those of `series` that are of queues."""
    return tuple(name.removeprefix(_PREFIX) for name in series if name.startswith(_PREFIX))


def tick_of(figures: QueueFigures) -> Tick:
    """What is kept of a look at a queue."""
    return Tick(series_of(figures.key), figures.at, pack_values(figures.values))
