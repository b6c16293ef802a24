"""How many hosts may be away."""

from __future__ import annotations

from fractions import Fraction

import pytest

from runbooks.runbook import Amount, Rolling
from runbooks.spare import misfit, turns


def rolling(batch: Amount, keep: Amount, canary: int = 0) -> Rolling:
    return Rolling(
        id="r", say="r", hosts=("h",), each=(), batch=batch, keep_healthy=keep, canary=canary
    )


HALF = Amount(share=Fraction(1, 2))


@pytest.mark.parametrize(
    ("step", "hosts", "said"),
    [
        (rolling(Amount(1), Amount(3)), 4, ""),
        (rolling(Amount(2), HALF), 4, ""),
        (rolling(HALF, HALF), 5, ""),
        (rolling(Amount(1), Amount(4)), 4, "keep_healthy leaves none of 4 hosts to be rolled"),
        (rolling(Amount(3), HALF), 4, "a batch of 3 where only 2 of 4 may be away"),
    ],
)
def test_misfit(step: Rolling, hosts: int, said: str) -> None:
    found = misfit(step, hosts)
    assert (found.what if found else "") == said


def test_turns() -> None:
    assert turns(rolling(Amount(2), Amount(0), canary=1), 6) == 4
    assert turns(rolling(Amount(2), Amount(0), canary=9), 6) == 6
    assert turns(rolling(Amount(share=Fraction(1, 10)), Amount(0)), 5) == 5
    assert turns(rolling(Amount(1), Amount(0)), 0) == 0
