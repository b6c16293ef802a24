"""A watch that did not run for a while knows it, and how long."""

from __future__ import annotations

import pytest

from watch.stillness import STILL_SECONDS, Stillness

NOW = 1_795_140_715_000


@pytest.mark.parametrize("seconds", [0.0, 1.0, STILL_SECONDS - 0.001])
def test_a_step_that_was_late_is_none(seconds: float) -> None:
    assert Stillness(100.0).ended(NOW, 100.0 + seconds) is None


def test_how_long_nobody_watched_is_told_once() -> None:
    still = Stillness(100.0)
    assert still.ended(NOW, 198.0) == (NOW - 98_000, NOW)
    assert still.ended(NOW + 1_000, 199.0) is None


def test_a_clock_that_was_set_meanwhile_makes_it_no_longer() -> None:
    assert Stillness(0.0).ended(NOW - 3_600_000, 20.0) == (NOW - 3_620_000, NOW - 3_600_000)
