"""What one probe last told of one host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypedDict

from estate.model import Host
from estate.samples import Gap, Probed, Reading
from snapshots.snapshot import LARGEST

#: Figures by metric and subject ("/mail.example"); NaN is one that nobody knows now.
Figures = Mapping[str, Mapping[str, float]]
#: A host that tells of more streams, backends or certificates than this floods the board with them.
MOST_NAMED = 128
#: Not asked yet: since the start, or since the estate has it so.
NOT_YET = "not asked yet"


class Whose(TypedDict):
    """The fields that all rows share: see `estate.standing.Measured`."""

    host: str
    site: str
    at: int | None
    every_ms: int
    gap: str


@dataclass(frozen=True, slots=True)
class Told:
    """The readings of `probe`, which were taken at `at`; a later `gap` leaves them as they were.

    `names` are the estate's hosts by their addresses.
    """

    host: Host
    probe: str
    every_ms: int
    names: Mapping[str, str] = field(default_factory=dict)
    at: int | None = None
    gap: str = NOT_YET
    readings: tuple[Reading, ...] = ()

    def then(self, probed: Probed) -> Told:
        """After another answer."""
        readings = tuple(each for each in probed.readings if isinstance(each, Reading))
        gap = "; ".join(each.reason for each in probed.readings if isinstance(each, Gap))
        if gap and not readings:
            return replace(self, gap=gap)
        return replace(self, at=probed.at, gap=gap, readings=readings)

    @property
    def whose(self) -> Whose:
        """What every row says of itself first."""
        return {
            "host": self.host.name,
            "site": self.host.site,
            "at": self.at,
            "every_ms": self.every_ms,
            "gap": self.gap,
        }

    def named(self, name: str) -> Iterable[Reading]:
        """The readings of one name, in order, and no more of them than anybody could look at."""
        return islice((each for each in self.readings if each.name == name), MOST_NAMED)


def number(reading: Reading, key: str) -> float | None:
    """An attribute that is a number; None where it is not known."""
    return known(reading.attributes.get(key))


def known(value: object) -> float | None:
    """A number that is one, or None; so is one that is too large for any figure: a handover that
    had it could be read by nobody."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -LARGEST <= value <= LARGEST else None  # NaN is in no order


def milliseconds(seconds: float | None) -> int | None:
    """Seconds as ms; None where they are not known, or too many for any figure."""
    found = None if seconds is None else known(1000 * seconds)
    return None if found is None else int(found)


def whole(reading: Reading, key: str) -> int | None:
    """An attribute that counts something; None where it is not known."""
    value = number(reading, key)
    return None if value is None else int(value)


def text(reading: Reading, key: str) -> str:
    """An attribute that is text; "" where it is not known."""
    value = reading.attributes.get(key, "")
    return value if isinstance(value, str) else ""
