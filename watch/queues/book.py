"""What each host last said of its queues, and how they have moved since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from estate.flow import Look, Pace, looked, pace
from estate.queues import QUEUE_KINDS, DeclaredQueue, Destination
from estate.samples import Gap, Probed, Reading


@dataclass(frozen=True, slots=True)
class Line:
    """One queue of one host: its last figures, and how it moves; `moves` is None at first."""

    depth: int
    oldest_seconds: float | None
    looks: tuple[Look, ...]
    moves: Pace | None
    destinations: tuple[Destination, ...] = ()
    seen: int = 0  # of how many messages the destinations were read


@dataclass(slots=True)
class Page:
    """What one probe of one host last said, at `at`, UTC ms: its queues, or why there are none.

    Queues of a declaration of its own stand under its key, those of a whole host under "". `before`
    are the lines of the last answer that had some, where this one has none: what moved then is
    part of the trend, if the next answer is not long in coming.
    """

    at: int
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    gap: str = ""
    before: dict[tuple[str, str], Line] = field(default_factory=dict)

    def of(self, declared: DeclaredQueue) -> Iterator[tuple[str, Line]]:
        """The queues that `declared` is about, by name, in the probe's order."""
        wanted = frozenset(declared.only)
        for (asked_by, name), line in self.lines.items():
            if asked_by == declared.key or (not asked_by and (not wanted or name in wanted)):
                yield name, line


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
    known = (before.lines or before.before) if before is not None else {}
    gaps = [each.reason for each in probed.readings if isinstance(each, Gap)]
    page = Page(probed.at, gap="; ".join(gaps))
    readings = [each for each in probed.readings if isinstance(each, Reading)]
    for reading in readings:
        if reading.name == "queue":
            key = str(reading.attributes.get("of", "")), reading.subject
            page.lines[key] = _line(known.get(key), reading, probed.at)
    for reading in readings:
        if reading.name == "destination" and ("", reading.subject) in page.lines:
            line = page.lines["", reading.subject]
            to = Destination(reading.text, int(reading.value))
            seen = reading.attributes.get("seen", 0.0)
            page.lines["", reading.subject] = replace(
                line, destinations=(*line.destinations, to), seen=int(seen)
            )
    page.before = {} if page.lines else known
    return page


def _line(before: Line | None, reading: Reading, at: int) -> Line:
    came, left = _number(reading, "came"), _number(reading, "left")
    looks = looked(before.looks if before else (), Look(at, reading.value, came, left))
    oldest = _number(reading, "oldest_seconds")
    return Line(int(reading.value), oldest, looks, pace(looks))


def _number(reading: Reading, name: str) -> float | None:
    value = reading.attributes.get(name)
    return float(value) if isinstance(value, (int, float)) else None
