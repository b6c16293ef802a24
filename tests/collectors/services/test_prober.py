"""How often a service is asked, and to when a round is dated; what its probes do with their time is
in test_kinds.py."""

from __future__ import annotations

import asyncio

import pytest

from collectors.services.ask import Ask
from collectors.services.prober import Prober, cadence_ms
from estate.model import Estate, Service

TEN_SECONDS = 10_000  # a service of tier 1


@pytest.mark.parametrize(
    ("tier", "probes", "cadence"),
    [
        (1, ({"tcp": "a:1"},), 10_000),
        (2, ({"tcp": "a:1"},), 30_000),
        (3, ({"tcp": "a:1"},), 30_000),
        (1, ({"tcp": "a:1", "every": "1m"},), 60_000),
        (2, ({"tcp": "a:1", "every": "1m"}, {"tcp": "a:2", "every": "5s"}, {"tcp": "a:3"}), 5_000),
    ],
)
def test_a_service_is_asked_as_its_tier_says_unless_a_probe_says_otherwise(
    tier: int, probes: tuple[dict[str, object], ...], cadence: int
) -> None:
    assert cadence_ms(Service("s", {"en": "S"}, tier, probes=probes)) == cadence


def prober(now: int, asked: list[Ask]) -> Prober:
    """One whose only kind of probe is well at once, and notes what it was asked."""

    async def well(ask: Ask) -> None:
        asked.append(ask)

    return Prober(
        Estate("E", "UTC", "en", 1000, {}, {}), lambda _: None,
        vantage="here", clock=lambda: now, steady=lambda: 500.0, kinds={"tcp": well},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("late_ms", "dated_ms", "steady_ms"),
    [
        (0, 0, 500_000),
        (-3, 0, 500_003),  # a timer may be early
        (TEN_SECONDS // 2, 0, 495_000),
        (TEN_SECONDS // 2 + 1, TEN_SECONDS // 2 + 1, 500_000),  # it is no longer that round
    ],
)
def test_a_round_that_comes_late_by_half_a_cadence_has_its_own_time(
    late_ms: int, dated_ms: int, steady_ms: int
) -> None:
    due = 1_790_000_000_000
    service = Service("mail", {"en": "M"}, 1, probes=({"tcp": "a:1"},))
    round_ = asyncio.run(prober(due + late_ms, []).round(service, due))
    assert (round_.at - due, round_.steady_ms) == (dated_ms, steady_ms)


def test_a_probe_ends_before_its_next_round_whatever_it_asks_for() -> None:
    asked: list[Ask] = []
    probes = ({"tcp": "a:1", "timeout": "60s"}, {"tcp": "a:2", "timeout": "3s"}, {"tcp": "a:3"})
    asyncio.run(prober(0, asked).round(Service("mail", {"en": "M"}, 1, probes=probes)))
    assert [each.seconds for each in asked] == [8.0, 3.0, 5.0]
