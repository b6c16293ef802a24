"""What a row of slow facts says of itself: whose it is, how old, and whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass

from estate.samples import STALE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A fact about one host. `at` is when its figures were measured, UTC ms; None for never.

    `gap` says why the last attempt failed, "" if it did not: then the figures are still those of
    `at`. `every_ms` is how often it is asked.
    """

    host: str
    site: str
    at: int | None = None
    every_ms: int = 0
    gap: str = ""

    def known(self, now: int) -> bool:
        """Whether its figures are of the present: measured, and not `STALE_AFTER` cadences ago."""
        if self.gap or self.at is None:
            return False
        return not self.every_ms or now - self.at <= STALE_AFTER * self.every_ms
