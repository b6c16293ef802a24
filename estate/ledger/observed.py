"""What a vantage saw of a service: the nouns in which probes speak to the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting


@dataclass(frozen=True, slots=True)
class Probed:
    """One probe in one round: `probe` as declared ("smtp mx.example:25"), and how long it took.

    `cause` says exactly why it failed; it was cleaned, and is empty where it did not.
    """

    probe: str
    seen: Seen
    milliseconds: float
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRound:
    """All probes of one service, asked at once by one vantage.

    `at` is when the round began, UTC milliseconds by the vantage's wall clock, and `steady_ms` the
    same moment by its clock that is never set: two rounds together tell when the wall clock was.
    """

    service: str
    vantage: str
    at: int
    steady_ms: int
    seen: Seen
    probes: tuple[Probed, ...] = ()
    blind: str = ""  # why the vantage believes that it is the one that can't see, "" if it can

    @property
    def cause(self) -> str:
        """Why it was not seen to be well, in a line; "" where it was."""
        if self.blind:
            return self.blind
        failed = [f"{each.probe}: {each.cause}" for each in self.probes if each.cause]
        return "; ".join(failed)

    @property
    def milliseconds(self) -> float | None:
        """The slowest of its probes; None where none was asked."""
        return max((each.milliseconds for each in self.probes), default=None)


@dataclass(frozen=True, slots=True)
class Spoke:
    """What came of another vantage's journal, in its order; `ahead_ms` is by how much its clock is
    ahead of ours, None where nothing was said of it."""

    vantage: str
    sightings: tuple[Sighting, ...] = ()
    ahead_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FellSilent:
    """Another vantage's journal can't be read now; `cause` says why, cleaned, in a line."""

    vantage: str
    cause: str


Heard = Spoke | FellSilent
