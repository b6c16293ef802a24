"""From what the vantages saw, round by round, to a service's state and its transitions.

One prober stands in each data centre: a vantage. A vantage that can't see its own canaries has no
data for that round; it never blames the service. A state is believed when it was seen often
enough, and is then dated back to the first round of its run. A service is not believed to be up
through rounds that served nobody, whatever they are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType


class Seen(StrEnum):
    """What one vantage saw in one round."""

    OK = "o"
    FAIL = "x"
    NOTHING = "-"


class State(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


#: Somebody was served.
SERVED = frozenset({State.UP, State.DEGRADED})

#: Rounds in a row before a state is believed. Leaving "unknown" takes one.
CONFIRMED_AFTER = MappingProxyType(
    {State.UP: 2, State.DEGRADED: 2, State.DOWN: 2, State.UNKNOWN: 3}
)

#: Samples further apart than this many cadences leave a hole in which nothing is known.
HOLE_CADENCES = 3


@dataclass(frozen=True, slots=True)
class Round:
    """What each vantage saw at `at`."""

    at: int
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """The service is in `state` since `at`, which was believed at `confirmed_at`."""

    at: int
    state: State
    previous: State
    confirmed_at: int
    last_good: int | None = None  # the last round before it in which a vantage was served
    first_bad: int | None = None  # for down: the round to which it is dated


@dataclass(frozen=True, slots=True)
class Outage:
    """One stretch of down, measured three ways, in the unit of the rounds; None: not known yet.

    `counted` runs from the first bad round to the first good one, `at_least` to the last bad one,
    `at_most` from the last good round before it.
    """

    at: int
    counted: int | None
    at_least: int
    at_most: int | None


def verdict(seen: Sequence[Seen]) -> State:
    """What one round says by itself.

    With one vantage configured its word is all there is. With more, one that fails alone, while
    the others have no data, proves nothing.
    """
    good, bad = seen.count(Seen.OK), seen.count(Seen.FAIL)
    if good:
        return State.DEGRADED if bad else State.UP
    if bad >= min(2, len(seen)):
        return State.DOWN
    return State.UNKNOWN


class Ledger:
    """Takes one service's rounds in the order of time, and says when its state changes.

    `cadence` is in the unit of the rounds' times. The state before the first round is unknown; one
    that goes on from a record begins with the `state` and the last round (`last_at`) that it has.
    """

    def __init__(
        self, cadence: int, state: State = State.UNKNOWN, last_at: int | None = None
    ) -> None:
        self.state = state
        self._cadence = cadence
        self._last_at = last_at
        self._candidate = state
        self._since = 0  # the first round of the candidate's run
        self._run = 0
        self._last_good: int | None = None  # before the candidate's run
        self._good_until = last_at if state in SERVED else None
        self._unserved_since = 0  # the first of the rounds in a row in which nobody was served
        self._unserved = 0

    def take(self, round_: Round) -> list[Transition]:
        """What changes by this round; nothing mostly, two things after a hole.

        Raises ValueError for a round that is not later than the last.
        """
        if self._last_at is not None and round_.at <= self._last_at:
            raise ValueError(f"a round at {round_.at} after one at {self._last_at}")
        changes = []
        if self._last_at is not None and round_.at - self._last_at > HOLE_CADENCES * self._cadence:
            changes += self._enter(State.UNKNOWN, self._last_at, round_.at)
            self._run = 0
        self._last_at = round_.at
        said = verdict(round_.seen)
        self._follow(said, round_.at)
        if said in SERVED:
            self._good_until = round_.at
            self._unserved = 0
        else:
            self._unserved_since = self._unserved_since if self._unserved else round_.at
            self._unserved += 1
        needed = 1 if self.state is State.UNKNOWN else CONFIRMED_AFTER[said]
        if said is not self.state and self._run >= needed:
            changes += self._enter(said, self._since, round_.at)
        elif self.state in SERVED and self._unserved >= CONFIRMED_AFTER[State.UNKNOWN]:
            # Bad and blind rounds in turn confirm nothing, and nobody was served: not up either.
            changes += self._enter(State.UNKNOWN, self._unserved_since, round_.at)
        return changes

    def _follow(self, said: State, at: int) -> None:
        """Lengthen the run of the state that was seen, or begin another."""
        if said is self._candidate and self._run:
            self._run += 1
            return
        self._candidate, self._since, self._run = said, at, 1
        self._last_good = self._good_until

    def _enter(self, state: State, at: int, confirmed_at: int) -> list[Transition]:
        if state is self.state:
            return []
        previous, self.state = self.state, state
        bad = at if state is State.DOWN else None
        return [Transition(at, state, previous, confirmed_at, self._last_good, bad)]


def replay(cadence: int, rounds: Iterable[Round]) -> list[Transition]:
    """All transitions of a service from its first round on."""
    ledger = Ledger(cadence)
    return [change for each in rounds for change in ledger.take(each)]


def outages(rounds: Sequence[Round], transitions: Sequence[Transition]) -> Iterator[Outage]:
    """Each stretch of down among `transitions`, measured on the rounds that they were made from."""
    said = [(each.at, verdict(each.seen)) for each in rounds]
    bad = [at for at, state in said if state is State.DOWN]
    good = [at for at, state in said if state in SERVED]
    for begun, ended in pairwise([*transitions, None]):
        if begun is None or begun.state is not State.DOWN:
            continue
        if ended and ended.at == begun.at:
            continue  # one bad round, and then a hole that begins with it
        last_bad = bad[bisect_left(bad, ended.at if ended else rounds[-1].at + 1) - 1]
        later = bisect_right(good, last_bad)
        first_good = good[later] if later < len(good) else None
        at_most = None
        if first_good is not None and begun.last_good is not None:
            at_most = first_good - begun.last_good
        yield Outage(
            begun.at,
            counted=ended.at - begun.at if ended else None,
            at_least=last_bad - begun.at,
            at_most=at_most,
        )
