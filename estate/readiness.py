"""Whether a service could move to its other site now: yes, no, or nobody knows, and every reason.

Unknown is never ready. What was found too long ago is not known any more, and a service of which
nothing was found out is not known either. Times are UTC milliseconds, spans milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The answer to "can we fail over right now?"."""

    READY = "ready"
    NOT_READY = "not ready"
    NOT_KNOWN = "not known"


class Bearing(StrEnum):
    """What a finding means for the answer, the worst first."""

    STOPS = "stops"
    UNKNOWN = "unknown"  # it may stop it: nobody knows
    NOTE = "note"  # to be known beforehand; it stops nothing
    PASSES = "passes"


BEARINGS: tuple[Bearing, ...] = tuple(Bearing)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing that was looked at: what was `asked`, what was found, by whom and when.

    `at` is when that was true, None where nothing was found out; `todo` is the remedy. What is
    `waivable` an approver may pass over, with a reason.
    """

    asked: str
    bearing: Bearing
    said: str = ""
    source: str = ""
    at: int | None = None
    todo: str = ""
    waivable: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """What hosts answered to the checks of a runbook, all asked together at `at`.

    `sha256` is the runbook's: another version of it would have asked other things.
    """

    service: str
    runbook: str
    sha256: str
    at: int
    answers: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadinessRow:
    """One service: could `runbook` move it to the site `to` now, within `limit_ms`?

    `findings` have the worst first. `p50_ms` and `p90_ms` are how long it would take, as far as
    `predicted_from` ("history", "takes", "timeout", "people", "sum") can tell; None without a plan.
    The last time it was done, as a drill or `in_earnest`, was `done_at` and took `took_ms`.
    """

    key: str
    name: str
    verdict: Verdict
    names: Mapping[str, str] = field(default_factory=dict)
    runbook: str = ""
    version: int | None = None
    to: str = ""
    at: int | None = None
    findings: tuple[FindingRow, ...] = ()
    asked_at: int | None = None  # when hosts were asked the runbook's own checks
    p50_ms: int | None = None
    p90_ms: int | None = None
    predicted_from: str = ""
    limit_ms: int | None = None
    done_at: int | None = None
    took_ms: int | None = None
    done_run: str = ""
    in_earnest: bool = False

    def of(self, bearing: Bearing) -> tuple[FindingRow, ...]:
        """The findings of one bearing."""
        return tuple(each for each in self.findings if each.bearing is bearing)

    @property
    def against(self) -> tuple[FindingRow, ...]:
        """Why it is not ready, or not known to be."""
        return (*self.of(Bearing.STOPS), *self.of(Bearing.UNKNOWN))

    @property
    def passed(self) -> int:
        """How many findings stand in nobody's way."""
        return len(self.findings) - len(self.against)


def verdict_of(findings: Iterable[FindingRow]) -> Verdict:
    """What findings come to: one that stops it decides, then one that nobody knows."""
    bearings = {each.bearing for each in findings}
    if Bearing.STOPS in bearings:
        return Verdict.NOT_READY
    if Bearing.UNKNOWN in bearings or not bearings:
        return Verdict.NOT_KNOWN
    return Verdict.READY


def worst_first(findings: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
    """Findings by their bearing; those of one bearing keep their order."""
    return tuple(sorted(findings, key=lambda each: BEARINGS.index(each.bearing)))
