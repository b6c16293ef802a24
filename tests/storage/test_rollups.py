"""Minutes and ten minutes against the plainest reckoning there is; gaps stay gaps."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.columns import NAN, numbers, pack_values
from storage.rollups import Rollup, minutes_of, roll_up

values = st.one_of(st.just(NAN), st.floats(-1000, 1000, width=32))
ticks = st.dictionaries(st.integers(0, 3_599_999), values, max_size=80)


def reckon(groups: dict[int, list[float]], slots: int) -> list[tuple[float, float, float] | None]:
    """Low, mean and high of each slot's known values; None where there are none."""
    slots_of = []
    for slot in range(slots):
        known = [v for v in groups.get(slot, []) if not math.isnan(v)]
        slots_of.append((min(known), sum(known) / len(known), max(known)) if known else None)
    return slots_of


def assert_same(rollup: Rollup, expected: list[tuple[float, float, float] | None]) -> None:
    for low, mean, high, slot in zip(*rollup, expected, strict=True):
        if slot is None:
            assert all(map(math.isnan, (low, mean, high)))
        else:
            assert (low, high) == (slot[0], slot[2])
            assert mean == pytest.approx(slot[1], rel=1e-6, abs=1e-4)


def hour(samples: dict[int, float]) -> Rollup:
    stamps = sorted(samples)
    column = numbers(pack_values([samples[stamp] for stamp in stamps]))
    return roll_up(minutes_of(stamps), column)


@given(ticks)
def test_an_hour_in_minutes(samples: dict[int, float]) -> None:
    groups: dict[int, list[float]] = {}
    for stamp, value in samples.items():
        groups.setdefault(stamp // 60_000, []).append(value)
    assert_same(hour(samples), reckon(groups, 60))


@given(ticks)
def test_ten_minutes_weigh_every_measured_minute_the_same(samples: dict[int, float]) -> None:
    minutes = hour(samples)
    means = [[m for m in minutes.mean[t * 10 : t * 10 + 10] if m == m] for t in range(6)]
    groups: dict[int, list[float]] = {}
    for stamp, value in samples.items():
        groups.setdefault(stamp // 600_000, []).append(value)
    expected = [
        slot and (slot[0], sum(mean) / len(mean), slot[2])
        for slot, mean in zip(reckon(groups, 6), means, strict=True)
    ]
    assert_same(minutes.coarser(10), expected)


@given(ticks)
def test_a_packed_rollup_keeps_lows_and_highs_exactly_and_means_to_13_bits(
    samples: dict[int, float],
) -> None:
    before = hour(samples)
    after = Rollup.unpack(before.pack())
    assert after.low.tobytes() == before.low.tobytes()
    assert after.high.tobytes() == before.high.tobytes()
    for exact, kept in zip(before.mean, after.mean, strict=True):
        assert math.isnan(exact) == math.isnan(kept)
        assert math.isnan(exact) or kept == pytest.approx(exact, rel=2**-13, abs=1e-30)


def test_a_newer_gap_takes_nothing_away() -> None:
    day = Rollup.empty(144)
    day.put(6, hour({0: 1.0, 3_000_000: 5.0}).coarser(10))
    day.put(6, hour({600_000: 3.0}).coarser(10))
    assert [(slot, mean) for slot, mean in enumerate(day.mean) if mean == mean] == [
        (6, 1.0),
        (7, 3.0),
        (11, 5.0),
    ]


def test_a_rollup_that_is_not_in_thirds_is_refused() -> None:
    from storage.columns import shrink

    with pytest.raises(ValueError, match="4 numbers, which is not low, mean, high"):
        Rollup.unpack(shrink(pack_values([1.0, 2.0, 3.0, 4.0])))
