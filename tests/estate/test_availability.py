"""Shares as they are shown: cut, whatever the figure."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.availability import percent


@pytest.mark.parametrize(
    ("share", "places", "shown"),
    [
        ("1", 3, "100.000"),
        ("0", 3, "0.000"),
        ("9994999999/10000000000", 3, "99.949"),
        ("9994999999/10000000000", 2, "99.94"),
        ("1999/2000", 2, "99.95"),
        ("21589/21600", 4, "99.9490"),
        ("4729/4730", 0, "99"),
        (None, 3, "–"),
    ],
)
def test_a_share_as_a_percentage(share: str | None, places: int, shown: str) -> None:
    assert percent(share, places) == shown


@given(st.fractions(0, 1), st.integers(0, 6))
def test_it_is_never_rounded_up_and_never_cut_by_more_than_a_digit(
    share: Fraction, places: int
) -> None:
    shown = Fraction(percent(str(share), places)) / 100
    assert shown <= share < shown + Fraction(1, 100 * 10**places)
