"""Hold times: a fact counts after it lasted, and is forgotten after it was gone as long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watch.latch import Latch


def after(facts: str, hold: int, step: int = 10) -> Latch:
    """The latch after one look every `step`: `+` the fact holds, `-` it does not, `?` unseen."""
    latch = Latch()
    for number, fact in enumerate(facts):
        latch = latch.seen({"+": True, "-": False, "?": None}[fact], number * step, hold)
    return latch


@pytest.mark.parametrize(
    ("facts", "hold", "on", "since"),
    [
        ("+", 0, True, 0),  # no hold time: at once
        ("+", 10, False, None),
        ("++", 10, True, 0),  # backdated to when it was first seen
        ("--++", 10, True, 20),
        ("+-+-+-+-", 10, False, None),  # flapping never rises
        ("++-+-+-+", 10, True, 0),  # ... nor clears
        ("++--", 10, False, None),
        ("++-", 10, True, 0),
        ("+?+", 10, False, None),  # time unseen does not count towards rising
        ("+?++", 10, True, 20),
        ("++-?-", 10, True, 0),  # ... nor towards clearing
        ("++-?--", 10, False, None),
        ("++????", 10, True, 0),  # what stands stays while nobody can look
    ],
)
def test_worked_examples(facts: str, hold: int, on: bool, since: int | None) -> None:
    latch = after(facts, hold)
    assert (latch.on, latch.since) == (on, since)


@given(st.text("+-?", max_size=40), st.integers(0, 60))
def test_it_stands_exactly_when_the_last_long_run_says_so(facts: str, hold: int) -> None:
    """Against the definition: of all unbroken runs that lasted the hold time, the last decides."""
    expected, since = False, None
    start = 0
    for number in range(len(facts)):
        if number == 0 or facts[number] != facts[number - 1]:
            start = number
        lasted = (number - start) * 10 >= hold
        if facts[number] == "+" and lasted and not expected:
            expected, since = True, start * 10
        elif facts[number] == "-" and lasted and expected:
            expected, since = False, None
    latch = after(facts, hold)
    assert (latch.on, latch.since) == (expected, since)


def test_an_idle_latch_is_as_good_as_none() -> None:
    assert after("--?-", 10).idle
    assert not after("-+", 10).idle
