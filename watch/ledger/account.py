"""One service's account: rounds go in, transitions and coverage come out. Pure.

An account goes on from what is on record. The time in which no watch ran is a hole like any other:
its coverage ends with the last round, and the service is unknown until the next.
"""

from __future__ import annotations

from estate.ledger.book import Batch, Coverage, Entry, KeptRound, Pages
from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import HOLE_CADENCES, Ledger, Round, Seen, State, Transition
from watch.clock import JUMP_MS


class Account:
    """`pages` are what the records have of the service, from the month's beginning at least."""

    def __init__(self, service: str, cadence_ms: int, pages: Pages) -> None:
        self.service = service
        self.cadence_ms = cadence_ms
        self.entries = list(pages.entries)
        self.coverage = list(pages.coverage)
        self.latest: ServiceRound | None = None
        self._last_at = max((each.to for each in self.coverage), default=None)
        self._steady_ms: int | None = None
        self._was_good = True
        self._ledger = Ledger(cadence_ms, self.state, self._last_at)

    @property
    def state(self) -> State:
        """As last confirmed."""
        return self.entries[-1].transition.state if self.entries else State.UNKNOWN

    @property
    def since(self) -> int | None:
        """Since when it is in that state; None before anything was confirmed."""
        return self.entries[-1].transition.at if self.entries else None

    @property
    def cause(self) -> str:
        """Why it is not up; "" if it is."""
        return self.entries[-1].cause if self.entries else ""

    @property
    def patience_ms(self) -> int:
        """So long after a round its word still stands."""
        return HOLE_CADENCES * self.cadence_ms

    def with_cadence(self, cadence_ms: int) -> None:
        """Count holes by another cadence from the next round on."""
        if cadence_ms != self.cadence_ms:
            self.cadence_ms = cadence_ms
            self._ledger = Ledger(cadence_ms, self.state, self._last_at)

    def take(self, round_: ServiceRound, proof: str = "") -> Batch:
        """Take a round in; what of it is to be put on record.

        `proof` is why hosts prove that the service is down, "" where they don't; it counts only
        where the vantage has no data.
        """
        stepped = self._clock_stepped(round_)
        shortened = self._set_back(round_.at) if stepped < 0 else ()
        seen = Seen.FAIL if proof and round_.seen is Seen.NOTHING else round_.seen
        cause = proof if proof and round_.seen is Seen.NOTHING else round_.cause
        changes = self._ledger.take(Round(round_.at, (seen,)))
        entries = tuple(self._entry(change, cause) for change in changes)
        if shortened:
            entries = (self._restart(round_.at), *entries)
        self.entries += entries
        row = self._cover(round_, split=bool(stepped))
        self.latest, self._last_at, self._steady_ms = round_, round_.at, round_.steady_ms
        return Batch(entries, (*shortened, row), rounds=self._kept(round_, seen, cause))

    def forget(self, before: int) -> None:
        """Let go of what bears on nothing from `before` on; the records keep it."""
        self.coverage = [each for each in self.coverage if each.to >= before]
        older = [n for n, each in enumerate(self.entries) if each.transition.at < before]
        del self.entries[: older[-1] if older else 0]

    def _clock_stepped(self, round_: ServiceRound) -> int:
        """How far the wall clock was set since the last round; 0 where it was not.

        Over a restart there is no steady clock to compare with: only a step back is seen.
        """
        if self._last_at is None:
            return 0
        if self._steady_ms is None:
            return min(0, round_.at - self._last_at - 1)
        step = (round_.at - self._last_at) - (round_.steady_ms - self._steady_ms)
        if round_.at <= self._last_at:
            return min(step, -1)
        return step if abs(step) > JUMP_MS else 0

    def _set_back(self, at: int) -> tuple[Coverage, ...]:
        """The clock was set back to `at`: what was put down for later is doubtful.

        It no longer counts as covered; what was down in it stays down. The service begins anew.
        """
        if self._last_at is None or at > self._last_at:
            return ()
        cut = tuple(
            Coverage(each.service, each.vantage, each.start, max(each.start, at))
            for each in self.coverage
            if each.to > at
        )
        kept = [each for each in self.coverage if each.to <= at]
        self.coverage = [*kept, *(each for each in cut if each.start < each.to)]
        self._ledger = Ledger(self.cadence_ms)
        return cut or (Coverage(self.service, "", at, at),)

    def _restart(self, at: int) -> Entry:
        change = Transition(at, State.UNKNOWN, self.state, at)
        return Entry(self.service, change, "this machine's clock was set back")

    def _cover(self, round_: ServiceRound, *, split: bool) -> Coverage:
        """The row of coverage that this round makes longer, or begins."""
        last = self.coverage[-1] if self.coverage else None
        goes_on = (
            last is not None
            and not split
            and last.vantage == round_.vantage
            and last.to < round_.at <= last.to + self.patience_ms
        )
        if goes_on and last is not None:
            row = Coverage(last.service, last.vantage, last.start, round_.at)
            self.coverage[-1] = row
        else:
            row = Coverage(self.service, round_.vantage, round_.at, round_.at)
            self.coverage.append(row)
        return row

    def _kept(self, round_: ServiceRound, seen: Seen, cause: str) -> tuple[KeptRound, ...]:
        """Rounds that were not good, and the first good one after them."""
        good = seen is Seen.OK
        kept = not good or not self._was_good
        self._was_good = good
        if not kept:
            return ()
        return (
            KeptRound(self.service, round_.vantage, round_.at, seen, round_.milliseconds, cause),
        )

    def _entry(self, change: Transition, cause: str) -> Entry:
        if change.state is State.UNKNOWN and change.confirmed_at - change.at > self.patience_ms:
            cause = "nobody asked"
        elif change.state is State.UP:
            cause = ""
        return Entry(self.service, change, cause)
