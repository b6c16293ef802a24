"""What a run may cost: kept, exactly kept, too dear, and nobody knows."""

from __future__ import annotations

from fractions import Fraction

from runbooks.planning.budget import Left, cost_ms, over
from runbooks.runbook import Budget

BUDGET = Budget("mail", 30_000, 120_000, Fraction(1, 4))


def test_the_cost_is_that_of_a_run_that_fails() -> None:
    assert cost_ms(BUDGET, 4) == 240_000


def test_what_is_to_be_kept_is_kept_to_the_millisecond() -> None:
    assert over(BUDGET, 4, Left(1_200_000, 540_000)) is None
    assert str(over(BUDGET, 4, Left(1_200_000, 539_999))) == (
        "it may cost mail 4.0 min of the 9.0 min left this month, and 5.0 min are to be kept"
        " — wait for the next month, or have it waived"
    )


def test_a_month_that_is_overspent_is_no_reason_to_go_on() -> None:
    reason = over(BUDGET, 0, Left(1_200_000, -60_000))
    assert reason
    assert reason.waivable


def test_unknown_is_not_enough() -> None:
    assert str(over(BUDGET, 1, None)) == (
        "nobody knows what is left of mail's month — wait until it is measured, or have it waived"
    )
