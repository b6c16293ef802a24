"""Who was without a service: each tenant's share, the worst, the mean, and any of them at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from estate.ledger.composition import States, all_of
from estate.ledger.spans import Interval, Spans, spans


@dataclass(frozen=True, slots=True)
class TenantShare:
    """Best and worst case of one tenant; None where nothing of the period was agreed."""

    tenant: str
    down_ms: int
    unknown_ms: int
    best: Fraction | None
    worst: Fraction | None


@dataclass(frozen=True, slots=True)
class Tenants:
    """All tenants of a service over a period, the worst first.

    `lost_ms` adds up tenants (two tenants without mail for a minute lost two tenant-minutes);
    `any_down` is the time in which at least one of them was without, `any_unknown` what of the rest
    nobody saw of one of them.
    """

    shares: tuple[TenantShare, ...]
    mean: Fraction | None
    lost_ms: int
    any_down: Spans
    any_unknown: Spans


def tenants(states: Mapping[str, States], period: Interval) -> Tenants:
    """What each tenant's `states` come to within `period`."""
    whole = spans([period])
    shares = [_share(name, each, whole) for name, each in states.items()]
    shares.sort(key=lambda share: (-share.down_ms, -share.unknown_ms, share.tenant))
    known = [share.best for share in shares if share.best is not None]
    together = all_of(list(set(states.values())))  # most tenants have the same services
    return Tenants(
        tuple(shares),
        mean=sum(known, Fraction(0)) / len(known) if known else None,
        lost_ms=sum(share.down_ms for share in shares),
        any_down=together.down & whole,
        any_unknown=together.unknown & whole,
    )


def _share(name: str, states: States, whole: Spans) -> TenantShare:
    down = (states.down & whole).length
    unknown = ((states.unknown - states.down) & whole).length
    length = whole.length
    best = 1 - Fraction(down, length) if length else None
    worst = 1 - Fraction(down + unknown, length) if length else None
    return TenantShare(name, down, unknown, best, worst)
