"""What lasted over a step of the clock lasted no longer for it, and no shorter."""

from __future__ import annotations

import pytest

from watch.clocksteps import ClockSteps

HOUR = 3_600_000
AT = 1_795_140_715_000


def test_without_a_step_it_began_when_it_did() -> None:
    assert ClockSteps().began(AT, AT + 5) == AT
    assert ClockSteps().began(AT + 5, AT) is None  # from before the start: nobody knows


@pytest.mark.parametrize("by_ms", [2 * HOUR, -3 * HOUR])
def test_what_began_before_the_clock_was_set(by_ms: int) -> None:
    steps = ClockSteps()
    steps.stepped(AT + 2_000 + by_ms, by_ms)
    now = AT + 3_000 + by_ms
    began = steps.began(AT, now)
    assert began is not None and now - began == 3_000


@pytest.mark.parametrize("by_ms", [2 * HOUR, -3 * HOUR])
def test_what_began_afterwards(by_ms: int) -> None:
    steps = ClockSteps()
    steps.stepped(AT + by_ms, by_ms)
    assert steps.began(AT + by_ms + 1_000, AT + by_ms + 9_000) == AT + by_ms + 1_000


def test_there_and_back() -> None:
    steps = ClockSteps()
    steps.stepped(AT + 1_000 + HOUR, HOUR)
    steps.stepped(AT + 2_000, -HOUR)
    assert steps.began(AT, AT + 3_000) == AT
