"""Notices that this process did not run: it was stopped, or the machine it is on was.

Its clock went on meanwhile, so nothing else tells: what nobody watched would look as it was before.
Where the machine's clocks stood still with it, it is the time of day that jumps, and is told of as
that: see `watch.clock.JumpDetector`.
"""

from __future__ import annotations

#: The board is stepped every second or so; nobody watches while it is not for so long.
STILL_SECONDS = 15.0


class Stillness:
    """Is told of each step of the board, with the time of day (UTC ms) and a steady clock (s)."""

    def __init__(self, steady: float) -> None:
        self._steady = steady

    def ended(self, now: int, steady: float) -> tuple[int, int] | None:
        """The time without a step that ends `now`, UTC ms; None where there was no such time.

        Its beginning is counted back from `now`: the time of day may have been set within it.
        """
        still, self._steady = steady - self._steady, steady
        return (now - round(still * 1000), now) if still >= STILL_SECONDS else None
