"""What is kept of services, and what a period comes to by it.

A `Batch` is what the watch has to put on record; `Pages` are what the records give back. The state
of a service is proven only where it was covered: a stretch in which nobody asked is unknown,
however well or badly the service was before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from estate.ledger.composition import States
from estate.ledger.rounds import Seen, State, Transition
from estate.ledger.sightings import Sighting
from estate.ledger.spans import Interval, Spans, spans


@dataclass(frozen=True, slots=True)
class Entry:
    """A transition of `service`, and what caused it, cleaned; "" where nothing needs a cause.

    One that is `withdrawn` takes back its equal, which was said before another vantage's rounds
    came: they are kept beside the record, and count no longer.
    """

    service: str
    transition: Transition
    cause: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """`vantage` asked `service` in every cadence from `start` to `to` (its last round)."""

    service: str
    vantage: str
    start: int
    to: int


@dataclass(frozen=True, slots=True)
class Declared:
    """Maintenance of a service, as it was first seen in the estate at `declared_at`."""

    service: str
    starts: int
    ends: int
    declared_at: int
    reason: str = ""
    declared_by: str = ""


@dataclass(frozen=True, slots=True)
class KeptRound:
    """A round that may be asked for: one that was not good, or the first good one after it."""

    service: str
    vantage: str
    at: int
    seen: Seen
    milliseconds: float | None
    cause: str


_OfService = TypeVar("_OfService", Entry, Coverage, Declared, Sighting)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be put on record, all of it or nothing.

    Entries are in the order in which they were said and withdrawn. Coverage replaces the row that
    begins when it does: mostly it makes it longer, and shorter where the clock was set back. So
    does a sighting.
    """

    entries: tuple[Entry, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    maintenance: tuple[Declared, ...] = ()
    rounds: tuple[KeptRound, ...] = ()
    sightings: tuple[Sighting, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.entries or self.coverage or self.maintenance or self.rounds or self.sightings
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """What the records have: entries in the order in which they were confirmed, sightings of a
    vantage in the order of time."""

    entries: tuple[Entry, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    maintenance: tuple[Declared, ...] = ()
    sightings: tuple[Sighting, ...] = ()

    def of(self, service: str) -> Pages:
        """Those of one service."""
        return Pages(
            tuple(each for each in self.entries if each.service == service),
            tuple(each for each in self.coverage if each.service == service),
            tuple(each for each in self.maintenance if each.service == service),
            tuple(each for each in self.sightings if each.service == service),
        )

    def by_service(self) -> dict[str, Pages]:
        """Those of each service that has any; read once, for there may be hundreds of services."""
        entries, coverage = _by_service(self.entries), _by_service(self.coverage)
        maintenance, sightings = _by_service(self.maintenance), _by_service(self.sightings)
        return {
            service: Pages(
                tuple(entries.get(service, ())),
                tuple(coverage.get(service, ())),
                tuple(maintenance.get(service, ())),
                tuple(sightings.get(service, ())),
            )
            for service in {**entries, **coverage, **maintenance, **sightings}
        }


def _by_service(rows: Iterable[_OfService]) -> dict[str, list[_OfService]]:
    found: dict[str, list[_OfService]] = {}
    for row in rows:
        found.setdefault(row.service, []).append(row)
    return found


def history(transitions: Sequence[Transition], covered: Iterable[Interval], until: int) -> States:
    """What is proven of one service from the first millisecond to `until`.

    `transitions` are in the order of their confirmation. One that is dated before its predecessor
    begins anew, after a clock that was set back; what was down before is down whatever came later.
    A stretch of down that another transition ends was followed round by round up to there. One that
    none ends yet is down as far as anybody asked: where the asking has ended, nobody knows more.
    """
    seen = spans(covered).within(0, until)
    seen_last = seen.intervals[-1][1] if seen else 0
    stretches: dict[State, list[Interval]] = {state: [] for state in State}
    for this, following in pairwise([*transitions, None]):
        assert this is not None
        if following is not None:
            end = following.at
        else:
            end = seen_last if this.state is State.DOWN else until
        if this.at < end:
            stretches[this.state].append((this.at, end))
    down = spans(stretches[State.DOWN]).within(0, until)
    served = spans((*stretches[State.UP], *stretches[State.DEGRADED])) & seen
    unknown = spans([(0, until)]) - served - down
    degraded = (spans(stretches[State.DEGRADED]) & served) - down
    return States(down, unknown, degraded)


def seen_until(coverage: Iterable[Coverage], now: int, patience_ms: int) -> Spans:
    """When the service was asked; its last round is good for `patience_ms`, if that is now."""
    rows = sorted((each.to, each.start) for each in coverage)
    if rows and rows[-1][0] <= now <= rows[-1][0] + patience_ms:
        rows[-1] = (now, rows[-1][1])
    return spans((start, to) for to, start in rows)
