"""Backups: how old the newest copy is, and how big."""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRow(Measured):
    """One backup as the estate names it. Times are UTC ms, sizes bytes; None is "not known".

    `copies` are how many there are; 0 means that somebody looked and found none. `objective_ms` is
    how old the newest may be, by the estate; None where it does not say.
    """

    name: str
    newest_at: int | None = None
    size_bytes: float | None = None
    place: str = ""  # the newest copy
    copies: int | None = None
    objective_ms: int | None = None
    least_bytes: float | None = None

    @property
    def small(self) -> bool:
        """Whether it is known to be smaller than it should be."""
        if self.size_bytes is None or self.least_bytes is None:
            return False
        return self.size_bytes < self.least_bytes

    def age_ms(self, now: int) -> int | None:
        """How old the newest copy is; never negative, though clocks differ."""
        return None if self.newest_at is None else max(0, now - self.newest_at)
