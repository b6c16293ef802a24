"""The real clocks: a wall clock that was set is noticed, one that drifts is not."""

from __future__ import annotations

import time

import pytest

from watch import clock
from watch.clock import JumpDetector


@pytest.mark.parametrize(
    ("moved_ms", "told"), [(0, 0), (1_900, 0), (-1_900, 0), (3_200, 3_200), (-60_000, -60_000)]
)
def test_a_clock_that_was_set(monkeypatch: pytest.MonkeyPatch, moved_ms: int, told: int) -> None:
    wall, steady = 10**18, 5 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: wall)
    monkeypatch.setattr(time, "monotonic_ns", lambda: steady)
    jumps = JumpDetector()
    steady += 10 * 10**9
    wall += 10 * 10**9 + moved_ms * 10**6
    assert jumps.jumped_ms() == told
    assert jumps.jumped_ms() == 0  # told once


def test_now_is_utc_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_795_140_715_123_456_789)
    assert clock.now_ms() == 1_795_140_715_123
