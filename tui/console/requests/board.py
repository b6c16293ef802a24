"""What a session asks of its watch about the board, of now and of the past. Values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask a host now; None asks all of them."""

    host: str | None


@dataclass(frozen=True, slots=True)
class AskReadiness:
    """Ask the hosts of a service its runbook's checks, now."""

    service: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Fetch what the host screen shows beside the row; charts over `span` up to `now`, UTC ms."""

    host: str
    span: str
    now: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Fetch how deep a queue was over `span` up to `now`, UTC ms."""

    queue: str
    span: str
    now: int


@dataclass(frozen=True, slots=True)
class AskMoments:
    """Of which moments before `end`, UTC ms, boards are kept."""

    end: int


@dataclass(frozen=True, slots=True)
class AskBoard:
    """The board that was kept last at `at`, UTC ms; or the one before that (`step` -1), or after
    it (1)."""

    at: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class AskRunThen:
    """Everything about a run as it was at `at`, UTC ms."""

    run: str
    at: int


@dataclass(frozen=True, slots=True)
class Revive:
    """Try now to come back to the watch; start it, if it has ended."""
