"""What each host last said of its queues, and how they have moved since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TypeVar

from estate.flow import Look, Pace, looked, pace
from estate.queues import QUEUE_KINDS, DeclaredQueue, Destination
from estate.samples import Gap, Probed, Reading

#: Of queues that a host told of once and does not any more, no more than these are missed.
MOST_LOST = 200

#: The declaration that asked, "" for a whole host; and the queue.
_Key = tuple[str, str]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Line:
    """One queue of one host: its last figures, and how it moves; `moves` is None at first."""

    depth: int
    oldest_seconds: float | None
    looks: tuple[Look, ...]
    moves: Pace | None
    destinations: tuple[Destination, ...] = ()
    seen: int = 0  # of how many messages the destinations were read


@dataclass(frozen=True, slots=True)
class Share:
    """What one host said of one declaration: its queues by name, in the probe's order.

    `lost` are those that were not read, and why; with a `gap` there may be more than both name.
    """

    lines: Mapping[str, Line]
    lost: Mapping[str, str]
    gap: str

    def why_unread(self, queue: str) -> str:
        """Why its depth is not known; "" where it is, and where the host has no such queue."""
        return "" if queue in self.lines else self.lost.get(queue, self.gap)


@dataclass(slots=True)
class Page:
    """What one probe of one host last said, at `at`, UTC ms: its queues, and what it left out.

    Queues of a declaration of its own stand under its key, those of a whole host under "". `gaps`
    say by declaration why there is no more. `lost` are queues that were not read: the probe says
    so, or they were there before and it has a gap now. `before` are their last lines: what moved
    then is part of the trend, if the next answer is not long in coming.
    """

    at: int
    lines: dict[_Key, Line] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)
    lost: dict[_Key, str] = field(default_factory=dict)
    before: dict[_Key, Line] = field(default_factory=dict)

    def share(self, declared: DeclaredQueue) -> Share:
        """What was said of the queues that `declared` is about."""
        gap = self.gap(declared.key)
        return Share(dict(_asked(declared, self.lines)), dict(_asked(declared, self.lost)), gap)

    def gap(self, declaration: str) -> str:
        """Why there may be more of it than was said; "" where that is all."""
        return self.gaps.get(declaration) or self.gaps.get("", "")


class QueueBook:
    """The last answer of every probe of queues, by host and kind."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str], Page] = {}

    def take(self, probed: Probed) -> bool:
        """Take in what a probe said; False where it is none of queues."""
        if probed.probe not in QUEUE_KINDS:
            return False
        key = probed.host, probed.probe
        self._pages[key] = _turned(self._pages.get(key), probed)
        return True

    def page(self, host: str, kind: str) -> Page | None:
        """What the probe of `kind` last said of `host`; None before it said anything."""
        return self._pages.get((host, kind))

    def keep_only(self, hosts: Mapping[str, object]) -> None:
        """Forget hosts that the estate has no more."""
        self._pages = {key: page for key, page in self._pages.items() if key[0] in hosts}


def _turned(before: Page | None, probed: Probed) -> Page:
    """The page after `before`: new figures behind the looks that are known."""
    known = {**before.before, **before.lines} if before is not None else {}
    page = Page(probed.at)
    for gap in (each for each in probed.readings if isinstance(each, Gap)):
        said = page.gaps.get(gap.of, "")
        if gap.reason not in said:
            page.gaps[gap.of] = f"{said}; {gap.reason}" if said else gap.reason
    readings = [each for each in probed.readings if isinstance(each, Reading)]
    for reading in readings:
        if reading.name == "queue":
            key = str(reading.attributes.get("of", "")), reading.subject
            if isnan(reading.value):
                page.lost[key] = str(reading.attributes.get("gap", ""))
            else:
                page.lines[key] = _line(known.get(key), reading, probed.at)
    for reading in readings:
        if reading.name == "destination" and ("", reading.subject) in page.lines:
            line = page.lines["", reading.subject]
            to = Destination(reading.text, int(reading.value))
            seen = reading.attributes.get("seen", 0.0)
            page.lines["", reading.subject] = replace(
                line, destinations=(*line.destinations, to), seen=int(seen)
            )
    for key in (*known, *(before.lost if before is not None else ())):
        why = page.gap(key[0])
        if why and key not in page.lines and len(page.lost) < MOST_LOST:
            page.lost.setdefault(key, why)
    page.before = {key: line for key, line in known.items() if key in page.lost}
    return page


def _asked(declared: DeclaredQueue, by_key: Mapping[_Key, _T]) -> Iterator[tuple[str, _T]]:
    """What is about the queues of `declared`, by their names."""
    wanted = frozenset(declared.only)
    for (asked_by, name), found in by_key.items():
        if asked_by == declared.key or (not asked_by and (not wanted or name in wanted)):
            yield name, found


def _line(before: Line | None, reading: Reading, at: int) -> Line:
    came, left = _number(reading, "came"), _number(reading, "left")
    looks = looked(before.looks if before else (), Look(at, reading.value, came, left))
    oldest = _number(reading, "oldest_seconds")
    return Line(int(reading.value), oldest, looks, pace(looks))


def _number(reading: Reading, name: str) -> float | None:
    value = reading.attributes.get(name)
    return float(value) if isinstance(value, (int, float)) else None
