"""How often a service is asked; what its probes do with that time is in test_kinds.py."""

from __future__ import annotations

import pytest

from collectors.services.prober import cadence_ms
from estate.model import Service


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
