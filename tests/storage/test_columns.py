"""Numbers as bytes: nothing lost but what is said to be."""

import math
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.columns import NAN, grow, known, numbers, pack_values, raw, rounded, shrink

floats = st.floats(width=32, allow_infinity=False)


@given(st.lists(floats))
def test_values_come_back_as_they_were_to_the_bit(values: list[float]) -> None:
    packed = pack_values(values)
    assert len(packed) == 4 * len(values)
    assert raw(numbers(packed)) == packed
    assert grow(shrink(packed)) == packed


@given(st.binary().map(lambda b: b[: len(b) // 4 * 4]))
def test_any_column_grows_back(column: bytes) -> None:
    assert grow(shrink(column)) == column


@given(st.binary(max_size=64))
def test_foreign_bytes_are_refused_with_a_value_error(packed: bytes) -> None:
    try:
        grow(packed)
    except ValueError:
        pass


def test_a_flipped_bit_is_noticed() -> None:
    packed = bytearray(shrink(pack_values([float(v) for v in range(360)])))
    packed[len(packed) // 2] ^= 1
    with pytest.raises(ValueError, match="a column does not inflate"):
        grow(bytes(packed))
    with pytest.raises(ValueError, match="packed in an unknown way"):
        grow(b"\7" + packed[1:0] + shrink(b"\0" * 8)[1:])


def test_repeating_and_wandering_columns_both_shrink() -> None:
    constant = pack_values([41.25] * 360)
    wandering = pack_values([1e6 + 977.0 * v + (v * 7919 % 83) for v in range(360)])
    assert len(shrink(constant)) < 30
    assert len(shrink(wandering)) < len(wandering) * 0.65


@pytest.mark.parametrize("value", [1e39, -1e300, math.inf, -math.inf, 3.40282357e38])
def test_what_float32_can_not_hold_is_not_known(value: float) -> None:
    kept = numbers(pack_values([1.5, value, 2.5]))
    assert kept[0] == 1.5
    assert math.isnan(kept[1])
    assert kept[2] == 2.5


@given(st.lists(floats, min_size=1))
def test_rounding_keeps_13_significant_bits_and_gaps(values: list[float]) -> None:
    before = numbers(pack_values(values))
    after = numbers(rounded(raw(before)))
    for exact, kept in zip(before, after, strict=True):
        if math.isnan(exact):
            assert math.isnan(kept)
        elif math.isfinite(kept):
            assert abs(kept - exact) <= max(abs(exact) * 2**-13, 2**-138)
        else:  # the last step before infinity
            assert abs(exact) > 3.4e38


@given(st.lists(st.floats(0, 2.0**100, width=32), min_size=2).map(sorted))
def test_rounding_keeps_order(values: list[float]) -> None:
    kept = numbers(rounded(pack_values(values)))
    assert all(a <= b for a, b in pairwise(kept))


def test_rounding_never_carries_into_the_neighbour() -> None:
    patterns = (0x7F7FFFFF, 0x00000000, 0x3FFFFFFF, 0x00000000, 0x7FC00000, 0x00000000)
    kept = struct.unpack("<6I", rounded(struct.pack("<6I", *patterns)))
    assert kept[1::2] == (0, 0, 0)


def test_a_column_of_gaps_is_not_known() -> None:
    assert not known([NAN, NAN])
    assert not known([])
    assert known([NAN, 0.0])
