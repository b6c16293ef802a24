"""Services on the board: how they are, and what is left of what was promised of them.

Shares are exact: reduced fractions as text ("21589/21600"), never a rounded number. Times and spans
are UTC milliseconds; None means "not known" or "nothing promised", which zero never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day of the month by its worst: down, unknown, degraded, up; "" is still to come."""

    worst: str
    down_ms: int = 0
    unknown_ms: int = 0


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A month of one service against its objective.

    `limit_ms` is the stricter of the percentage and the flat limit, which governs. `left_best_ms`
    is what is left of it if the unseen was up, `left_worst_ms` if it was down; negative when it is
    overspent. `burn` is the rate of each window that ends now ("5m", "1h", "6h", "3d"): at 1 the
    budget lasts exactly the month. The paces are what will be down at the month's end.
    `failovers_left` is how many more of the promised length the limit bears if the unseen was up,
    `failovers_left_worst` if it was down; older watches told the first alone.

    All that is gross: planned work counts. `net_best` and `net_worst` are what the month comes to
    without the planned work that was declared before it began; None where there was none.
    """

    month: str  # "2026-11", in the estate's timezone
    starts: int
    ends: int
    objective: str
    limit_ms: int
    flat_limit_ms: int | None
    down_ms: int
    unknown_ms: int
    degraded_ms: int
    maintenance_ms: int  # down within planned work; counted all the same
    best: str | None
    worst: str | None
    verdict: str
    left_best_ms: int
    left_worst_ms: int
    burn: Mapping[str, float] = field(default_factory=dict)
    at_month_pace_ms: int | None = None
    at_day_pace_ms: int | None = None
    used_up_at: int | None = None  # if the present state lasts; None: not within the month
    failovers_left: int | None = None
    days: tuple[DayRow, ...] = ()
    net_best: str | None = None
    net_worst: str | None = None
    failovers_left_worst: int | None = None

    @property
    def failovers_at_worst(self) -> int | None:
        """As `failovers_left_worst`; None where an older watch leaves it open."""
        if self.failovers_left_worst is None and not self.unknown_ms:
            return self.failovers_left
        return self.failovers_left_worst


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One probe as it last answered."""

    probe: str
    ok: bool
    milliseconds: float
    cause: str = ""


@dataclass(frozen=True, slots=True)
class SightRow:
    """What one vantage saw of a service last: `seen` is "o", "x" or "-" (no data), at `at`.

    `covered_ms` is for how much of the month so far it was asked from there.
    """

    vantage: str
    seen: str
    at: int | None = None
    cause: str = ""
    covered_ms: int = 0


@dataclass(frozen=True, slots=True)
class VantageRow:
    """A place from which services are asked: this watch ("here"), or another one that is "heard",
    or "silent" since `since`, and `why`. `at` is when it last spoke.

    `ahead_ms` is by how much its clock is ahead of ours, None where it did not say.
    """

    name: str
    state: str
    host: str = ""
    since: int | None = None
    at: int | None = None
    why: str = ""
    ahead_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service: `state` is up, degraded, down or unknown, since `since`.

    `at` is its last round, None before there was one. `cause` is why it is not well or not known.
    `sights` are what each vantage says of it, where there are several.
    """

    key: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    tier: int = 2
    state: str = "unknown"
    since: int | None = None
    at: int | None = None
    cause: str = ""
    milliseconds: float | None = None
    vantages: tuple[str, ...] = ()
    probes: tuple[ProbeRow, ...] = ()
    planned: bool = False  # under planned work now
    sights: tuple[SightRow, ...] = ()
    budget: BudgetRow | None = None


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant's month over all `services` that serve it: down while any of them is.

    `groups` are those of the hosts that these services need.
    """

    key: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    down_ms: int = 0
    unknown_ms: int = 0
    best: str | None = None
    worst: str | None = None
    services: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllTenantsRow:
    """A month of all tenants together, so far: down while any of the `tenants` is, which no sum of
    theirs tells.

    `best` and `worst` are of that union. `mean` is the tenants' mean best case, `lost_ms` what all
    of them lost: two tenants without a service for a minute lost two tenant-minutes.
    """

    month: str  # "2026-11", in the estate's timezone
    starts: int
    tenants: int
    down_ms: int
    unknown_ms: int
    best: str | None
    worst: str | None
    mean: str | None
    lost_ms: int


def both_cases(best: str, worst: str) -> str:
    """The best and, where it is another, the worst case: "2 … 0"."""
    return best if best == worst else f"{best} … {worst}"


def percent(share: str | None, places: int = 3) -> str:
    """A share as a percentage, cut and never rounded up: 99.9499…% is not 99.95%. "–" for None."""
    if share is None:
        return "–"
    from fractions import Fraction  # with decimal and re behind it, too much for a first page

    scale = 10**places
    cut = (Fraction(share) * 100 * scale).__floor__()
    return f"{cut // scale}.{cut % scale:0{places}}" if places else str(cut)
