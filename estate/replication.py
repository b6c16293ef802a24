"""Replication between database servers, as each end tells it.

A primary tells of every standby that streams from it, a standby of the one server that it follows.
Lag is known in bytes at the primary and in seconds at both; None is "not told", which 0 never is.
"""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured


@dataclass(frozen=True, slots=True)
class Stream:
    """Changes on their way to or from `peer`, in the server's own words.

    `state` is PostgreSQL's ("streaming", "catchup", "stopped" …) or for MySQL "running" or what
    stands still ("IO stopped: …"); `sync` is "sync", "async", "quorum", "potential" or "".
    `direction` is "in" for what the server lives on, "out" for what it sends on, which a standby
    may do too; "" where a record from before it was told does not say.
    """

    peer: str
    state: str
    sync: str = ""
    lag_bytes: float | None = None
    lag_seconds: float | None = None
    direction: str = ""

    @property
    def flowing(self) -> bool:
        """Whether changes arrive now, late or not."""
        return self.state in ("streaming", "catchup", "running")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that the primary keeps for a standby. `kept_bytes` of its log wait for it."""

    name: str
    active: bool
    kept_bytes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRow(Measured):
    """One database server. `role` is "primary", "standby" or "" for not known.

    `streams` are those that come in and those that go out. `follows` is the server that a standby
    is set up to follow, though it may not reach it.
    """

    system: str  # "postgresql" or "mysql"
    role: str = ""
    follows: str = ""
    streams: tuple[Stream, ...] = ()
    slots: tuple[Slot, ...] = ()

    @property
    def arriving(self) -> tuple[Stream, ...]:
        """The streams that a standby lives on. A primary has none."""
        said = "" if self.role == "primary" else "in"
        return tuple(each for each in self.streams if (each.direction or said) == "in")

    @property
    def lag_seconds(self) -> float | None:
        """How far the standby furthest behind is; None where that is not known of each.

        Of a standby that sends on it is how far itself is behind.
        """
        lags = [each.lag_seconds for each in self.arriving or self.streams]
        if not lags or any(lag is None for lag in lags):
            return None
        return max(lag for lag in lags if lag is not None)

    @property
    def lag_bytes(self) -> float | None:
        """As `lag_seconds`, in bytes of the log."""
        lags = [each.lag_bytes for each in self.arriving or self.streams]
        if not lags or any(lag is None for lag in lags):
            return None
        return max(lag for lag in lags if lag is not None)
