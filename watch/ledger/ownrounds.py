"""Our own rounds of one service, in a row: what they say of the clock, and which are kept."""

from __future__ import annotations

from estate.ledger.book import KeptRound
from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import Seen
from watch.clock import JUMP_MS


class OwnRounds:
    """The last of them was at `last_at`, by the record or since; None before there was one."""

    def __init__(self, last_at: int | None) -> None:
        self.last_at = last_at
        self._steady_ms: int | None = None
        self._was_good = True

    def clock_stepped(self, round_: ServiceRound) -> int:
        """How far the wall clock was set since the last round; 0 where it was not.

        Over a restart there is no steady clock to compare with: only a step back is seen.
        """
        if self.last_at is None:
            return 0
        if self._steady_ms is None:
            return min(0, round_.at - self.last_at - 1)
        step = (round_.at - self.last_at) - (round_.steady_ms - self._steady_ms)
        if round_.at <= self.last_at:
            return min(step, -1)
        return step if abs(step) > JUMP_MS else 0

    def take(self, round_: ServiceRound, proof: str) -> tuple[KeptRound, ...]:
        """Take the next one in; it, where it is kept: one that was not good, and the first good one
        after those. A blind one in which hosts give `proof` of a loss is a failure."""
        self.last_at, self._steady_ms = round_.at, round_.steady_ms
        lost = bool(proof) and round_.seen is Seen.NOTHING
        seen, cause = (Seen.FAIL, proof) if lost else (round_.seen, round_.cause)
        good = seen is Seen.OK
        kept = not good or not self._was_good
        self._was_good = good
        if not kept:
            return ()
        return (
            KeptRound(round_.service, round_.vantage, round_.at, seen, round_.milliseconds, cause),
        )
