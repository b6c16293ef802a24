"""Quantities as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.quantities import ALLOWED, QuantityError, duration_ms, quantity, share


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("5s", 5_000),
        ("22m", 1_320_000),
        ("1h", 3_600_000),
        ("7d", 604_800_000),
        ("250ms", 250),
        ("1h30m", 5_400_000),
        ("1.5h", 5_400_000),
        ("0.001s", 1),
        ("0s", 0),
    ],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert duration_ms(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "5 s", "-5s", "5S", "s", "1h30", "5sx", "1e3s", "５s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(QuantityError) as raised:
        duration_ms(text)
    assert str(raised.value) == (
        f"{text!r} is no duration — write a number and ms, s, m, h or d: 90s"
    )


def test_a_share_is_exact() -> None:
    assert share("99.95%") == Fraction(9995, 10000)
    assert share("100%") == 1


@pytest.mark.parametrize("text", ["99.95", "0%", "100.1%", "%", "-1%", "9 9%"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(QuantityError):
        share(text)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("80", "%", 80),
        ("80%", "%", 80),
        ("1.5", "", 1.5),
        ("-3", "", -3),
        ("5k", "", 5_000),
        ("10M", "B/s", 10_000_000),
        ("10MB/s", "B/s", 10_000_000),
        ("10MB", "B/s", 10_000_000),
        ("4Gi", "B", 4 * 2**30),
        ("4GiB", "B", 4 * 2**30),
        ("5/s", "/s", 5),
        ("30", "s", 30),
        ("4h", "s", 14_400),
        ("2s", "ms", 2_000),
        ("700", "ms", 700),
    ],
)
def test_quantities_in_their_unit(text: str, unit: str, value: float) -> None:
    assert quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("30s", "%"),
        ("5%", "s"),
        ("5M", "s"),
        ("10m", "B"),
        ("x", ""),
        ("", "B"),
        ("1e9", ""),
        ("nan", ""),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(text: str, unit: str) -> None:
    with pytest.raises(QuantityError) as raised:
        quantity(text, unit)
    assert str(raised.value) == f"{text!r} does not fit — write {ALLOWED[unit]}"


@given(st.integers(0, 10**9 - 1), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_and_its_quantity_agree(number: int, unit: str) -> None:
    text = f"{number}{unit}"
    assert quantity(text, "ms") == duration_ms(text)


@given(st.text(max_size=20), st.sampled_from(sorted(ALLOWED)))
def test_any_text_is_a_finite_number_or_refused(text: str, unit: str) -> None:
    try:
        value = quantity(text, unit)
    except QuantityError:
        return
    assert abs(value) < float("inf")
