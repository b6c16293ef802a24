"""What a vantage saw, run by run, and how the runs of several vantages become rounds. Pure.

All vantages ask a service at the same moments of the wall clock: multiples of its cadence, shifted
by a phase that is its own, so that not everything is asked at once. A round is dated to the moment
at which it was due. So what two watches saw belongs together when it has the same time, and a run
of equal rounds is told in one line, however long it was.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from zlib import crc32

from estate.ledger.rounds import Seen

#: A witness that is no vantage: hosts that prove that a service can't work. No estate calls a
#: vantage so, for its brackets.
HOSTS = "(hosts)"
#: A journal counts its rounds on from the time at which it began (UTC ms), and slower than time
#: goes. So a number is later than now only as far as a clock was wrong once: ten years at most.
MOST_AHEAD_MS = 10 * 366 * 86_400_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """`vantage` saw `seen` in each round of `service` from `at` to `until`, every `every_ms`.

    `seq` is the number of its last round in the vantage's journal, which counts the rounds of all
    services; it grows when the run does. `cause` is its first round's, cleaned, "" where it was
    good; `milliseconds` are its last round's.
    """

    service: str
    vantage: str
    at: int
    until: int
    every_ms: int
    seen: Seen
    seq: int = 0
    milliseconds: float | None = None
    cause: str = ""

    def can_be_numbered(self, now: int) -> bool:
        """Whether a journal can have come to its number by `now` (UTC ms).

        Who believes one that is far later asks for what follows it, and hears nothing any more.
        """
        return self.seq <= now + MOST_AHEAD_MS

    def moments(self, after: int) -> range:
        """When its rounds were that are later than `after`."""
        first = self.at
        if after >= first:
            first += ((after - first) // self.every_ms + 1) * self.every_ms
        return range(first, self.until + 1, self.every_ms)

    def before(self, end: int) -> Sighting | None:
        """What of it was before `end`; None where nothing was."""
        if self.at >= end:
            return None
        last = self.at + ((end - 1 - self.at) // self.every_ms) * self.every_ms
        return self if self.until <= last else replace(self, until=last)

    def goes_on(self, other: Sighting) -> bool:
        """Whether `other` is a single round that makes this run longer by one."""
        return (
            other.at == self.until + self.every_ms
            and (other.seen, other.every_ms) == (self.seen, self.every_ms)
            and other.cause == self.cause
        )

    def with_round(self, other: Sighting) -> Sighting:
        """This run with the round `other`, by which it goes on."""
        return replace(self, until=other.at, seq=other.seq, milliseconds=other.milliseconds)


def phase_ms(service: str, cadence_ms: int) -> int:
    """By how much a service's rounds are shifted, the same in every watch."""
    return crc32(service.encode()) % cadence_ms


def due_at(service: str, cadence_ms: int, at: int) -> int:
    """The moment nearest to `at` at which a round of `service` is due."""
    phase = phase_ms(service, cadence_ms)
    return (at - phase + cadence_ms // 2) // cadence_ms * cadence_ms + phase


def paired(
    runs: Mapping[str, Sequence[Sighting]], after: int
) -> Iterator[tuple[int, Mapping[str, Sighting]]]:
    """Each moment after `after` at which anybody asked, and what each who did saw then.

    The runs of one vantage are in the order of time and do not overlap.
    """
    streams = (_told(number, each, after) for number, each in enumerate(runs.values()))
    for at, told in groupby(heapq.merge(*streams, key=lambda one: one[:2]), lambda one: one[0]):
        yield at, {sighting.vantage: sighting for _, _, sighting in told}


def marks(seen: Mapping[str, Sighting], vantages: Sequence[str]) -> tuple[Seen, ...]:
    """One round as the verdict reads it: a mark for each of `vantages`, or for whoever spoke where
    none are named. Who did not speak has no data.

    Hosts turn what is unknown into down, and never anything into up.
    """
    said = tuple(seen[name].seen if name in seen else Seen.NOTHING for name in vantages)
    if not vantages:
        said = tuple(each.seen for name, each in seen.items() if name != HOSTS)
    if HOSTS in seen and Seen.OK not in said:
        return (Seen.FAIL,)
    return said


def _told(number: int, runs: Sequence[Sighting], after: int) -> Iterator[tuple[int, int, Sighting]]:
    for place in range(bisect_right(runs, after, key=lambda run: run.until), len(runs)):
        for at in runs[place].moments(after):
            yield at, number, runs[place]
