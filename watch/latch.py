"""A fact that must last before it counts, and be gone as long before it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latch:
    """Whether a fact stands, given how long it, or its contrary, was seen without a break.

    `since` is when a standing fact was first seen (not when it had lasted long enough), UTC ms;
    `turning` is when its contrary was first seen, while that lasts. What flaps faster than the
    hold time neither rises nor clears.
    """

    on: bool = False
    since: int | None = None
    turning: int | None = None

    @property
    def idle(self) -> bool:
        """Off, and nothing points the other way: the same as never looked at."""
        return not self.on and self.turning is None

    def seen(self, fact: bool | None, at: int, hold_ms: int) -> Latch:
        """The latch after the fact was seen to hold or not at `at`; None is "could not look".

        Time in which nobody could look counts for neither side.
        """
        if fact is None or fact is self.on:
            return self if self.turning is None else Latch(self.on, self.since)
        turning = at if self.turning is None else self.turning
        if at - turning < hold_ms:
            return Latch(self.on, self.since, turning)
        return Latch(fact, turning if fact else None)
