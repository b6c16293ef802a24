"""Charts across the tiers: whatever upkeep has done so far, the same picture; gaps are gaps."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

import storage.compaction
from estate.metrics import INDEX, METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.database import Connection
from storage.keys import DAY_MS, HOUR_MS, MINUTE_MS
from storage.records import Point, Records

T0 = 20_750 * DAY_MS  # a midnight, UTC
HOT = 2 * HOUR_MS
KEEP = Retention()
NAN = float("nan")


def sample(host: str, at: int, cpu: float, mem: float = 50.0) -> Sample:
    values = [NAN] * len(METRICS)
    values[INDEX["cpu"]], values[INDEX["mem"]] = cpu, mem
    return Sample(host, at, tuple(values), 1.0, 1, 1.0)


def history(hours: float, every_ms: int = 10_000, seed: int = 7) -> list[Sample]:
    """Two hosts with late ticks, a gap of 25 minutes in "a", and moments without a cpu reading."""
    dice = random.Random(seed)
    samples = []
    for at in range(T0, T0 + int(hours * HOUR_MS), every_ms):
        for host in ("a", "b"):
            if host == "a" and 95 * MINUTE_MS <= at - T0 < 120 * MINUTE_MS:
                continue
            cpu = NAN if dice.random() < 0.02 else float(dice.randrange(0, 6400)) / 64
            samples.append(sample(host, at + dice.randrange(900), cpu))
    return samples


@pytest.fixture
def records() -> Iterator[Records]:
    kept = Records.open(None)
    yield kept
    kept.close()


def reckon(samples: list[Sample], host: str, span: tuple[int, int], *widths: int) -> list[Point]:
    """The chart of `samples` in the plainest way: lows and highs, means of means of `widths`."""
    points = [
        Point(s.at, cpu, cpu, cpu)
        for s in samples
        if s.host == host and span[0] <= s.at < span[1] and (cpu := s.values[INDEX["cpu"]]) == cpu
    ]
    for width in widths:
        stretches: dict[int, list[Point]] = {}
        for point in points:
            stretches.setdefault(point.at // width * width, []).append(point)
        points = [
            Point(
                at, min(p.low for p in s), sum(p.mean for p in s) / len(s), max(p.high for p in s)
            )
            for at, s in sorted(stretches.items())
        ]
    return points


def assert_same(chart: list[Point], expected: list[Point], mean: float = 2**-12) -> None:
    assert [(p.at, p.low, p.high) for p in chart] == [(p.at, p.low, p.high) for p in expected]
    for point, exact in zip(chart, expected, strict=True):
        assert point.mean == pytest.approx(exact.mean, rel=mean)


@pytest.mark.parametrize(
    ("points", "widths"),
    [
        (600, (21_600,)),
        (60, (MINUTE_MS, 4 * MINUTE_MS)),
        (6, (MINUTE_MS, 10 * MINUTE_MS, 40 * MINUTE_MS)),
    ],
)
def test_every_step_of_upkeep_leaves_the_picture_as_it_was(
    records: Records, points: int, widths: tuple[int, ...]
) -> None:
    samples = history(3.6)
    span = (T0, T0 + int(3.6 * HOUR_MS))
    for start in range(0, len(samples), 200):
        records.append(samples[start : start + 200])
    expected = reckon(samples, "a", span, *widths)
    steps = 0
    now = span[1] + HOT
    assert_same(records.series("a", "cpu", *span, points), expected)
    while records.compact(now, HOT):
        steps += 1
        assert_same(records.series("a", "cpu", *span, points), expected)
    assert steps >= 3 * (1 + 2)  # three whole hours, each planned, and two hosts in each
    assert records.check() == ()


def test_a_gap_is_a_gap_in_every_tier(records: Records) -> None:
    records.append(history(3.0))
    span = (T0, T0 + 3 * HOUR_MS)
    while records.compact(span[1] + HOT, HOT):
        pass
    for points, gap in ((2000, (95, 120)), (180, (95, 120)), (18, (100, 120))):
        chart = records.series("a", "cpu", *span, points)
        width = -(-180 // points) if points <= 180 else 0.1
        inside = [p for p in chart if gap[0] <= (p.at - T0) / MINUTE_MS < gap[1] - width]
        before = [p for p in chart if (p.at - T0) / MINUTE_MS < gap[0]]
        assert inside == []
        assert before and all(p.low <= p.mean <= p.high for p in before)


def test_a_metric_that_was_never_measured_has_no_points(records: Records) -> None:
    records.append(history(3.0))
    while records.compact(T0 + DAY_MS, HOT):
        pass
    for points in (10, 100, 1000):
        assert records.series("a", "swap", T0, T0 + 3 * HOUR_MS, points) == []
        assert records.series("nobody", "cpu", T0, T0 + 3 * HOUR_MS, points) == []


def test_a_span_without_end_costs_no_more_than_what_there_is(records: Records) -> None:
    samples = history(3.0)
    records.append(samples)
    for _ in range(2):
        forever = records.series("b", "cpu", -(1 << 70), 1 << 70, 1)
        assert [(p.low, p.high) for p in forever] == [
            (p.low, p.high) for p in reckon(samples, "b", (T0, T0 + DAY_MS), 1 << 71)
        ]
        assert len(records.series("b", "cpu", T0, 1 << 70, 1 << 60)) > 1000
        assert len(list(records.samples("b", -(1 << 70), 1 << 70))) == 3 * 360
        while records.compact(T0 + DAY_MS, HOT):
            pass
    assert records.series("b", "cpu", T0, T0, 10) == []
    assert records.series("b", "cpu", T0, T0 + 1, 0) == []
    assert records.events(since=1 << 70, limit=1 << 70) == ()


def test_an_unknown_metric_is_refused(records: Records) -> None:
    with pytest.raises(KeyError, match="temperature"):
        records.series("a", "temperature", T0, T0 + 1, 1)


def test_older_samples_are_shown_at_the_resolution_that_is_left(records: Records) -> None:
    records.append(history(3.0))
    while records.compact(T0 + DAY_MS, HOT):
        pass
    while records.prune(T0 + 8 * DAY_MS, KEEP):
        pass
    span = (T0, T0 + 3 * HOUR_MS)
    minutes = records.series("a", "cpu", *span, 1000)
    assert {p.at % MINUTE_MS for p in minutes} == {0}
    assert len(minutes) == 180 - 25

    while records.prune(T0 + 91 * DAY_MS, KEEP):
        pass
    tens = records.series("a", "cpu", *span, 1000)
    assert {p.at % (10 * MINUTE_MS) for p in tens} == {0}
    assert len(tens) == 18 - 2

    while records.prune(T0 + 402 * DAY_MS, KEEP):
        pass
    assert records.series("a", "cpu", *span, 1000) == []


def test_a_chart_of_a_day_in_a_young_file_keeps_its_fine_resolution(records: Records) -> None:
    """Ten-minute rows begin at midnight, which is not the same as reaching back further."""
    samples = [replace(s, at=s.at + 9 * HOUR_MS) for s in history(4.0)]
    records.append(samples)
    end = T0 + 13 * HOUR_MS
    while records.compact(end, HOT):
        pass
    chart = records.series("b", "cpu", end - DAY_MS, end, 480)
    assert len(chart) == 4 * 20  # stretches of three minutes


def test_unsaved_samples_join_and_are_not_counted_twice(records: Records) -> None:
    records.append([sample("a", T0, 10.0)])
    chart = records.series(
        "a", "cpu", T0, T0 + 60_000, 1, unsaved=[(T0, 10.0), (T0 + 500, 40.0), (T0 + 900, NAN)]
    )
    assert chart == [Point(T0, 10.0, 25.0, 40.0)]


def test_samples_of_before_the_clock_was_set_back_are_shown_at_once_and_join_their_hour(
    records: Records,
) -> None:
    samples = [sample("a", T0 + n * 10_000, 20.0) for n in range(720)]
    records.append(samples)
    now = T0 + 4 * HOUR_MS
    while records.compact(now, HOT):
        pass
    late = [sample("a", T0 + n * 10_000 + 5_000, 80.0) for n in range(360)]
    span = (T0, T0 + HOUR_MS)
    for step, batch in enumerate((late[:180], late[180:])):
        records.append(batch)
        records.compact(now, HOT)
        records.compact(now, HOT)  # "a" is done, its ticks about to go, when the second half comes
        chart = records.series("a", "cpu", *span, 60)
        assert [(p.low, p.high) for p in chart[: 30 * (step + 1)]] == [(20.0, 80.0)] * 30 * (
            step + 1
        )
    while records.compact(now, HOT):
        pass
    assert len(list(records.samples("a", *span))) == 720
    assert records.series("a", "cpu", *span, 60) == [
        Point(T0 + n * MINUTE_MS, 20.0, 50.0, 80.0) for n in range(60)
    ]
    assert records.check() == ()


def test_a_step_that_failed_is_done_again_before_its_ticks_go(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = history(1.0)
    records.append(samples)
    compact = storage.compaction.compact

    def fail(connection: Connection, hour: int, host: int) -> None:
        compact(connection, hour, host)
        monkeypatch.setattr(storage.compaction, "compact", compact)
        raise ZeroDivisionError

    monkeypatch.setattr(storage.compaction, "compact", fail)
    assert records.compact(T0 + DAY_MS, HOT)
    with pytest.raises(ZeroDivisionError):
        records.compact(T0 + DAY_MS, HOT)
    while records.compact(T0 + DAY_MS, HOT):
        pass
    for host in ("a", "b"):
        expected = [s.at for s in samples if s.host == host]
        assert [at for at, _ in records.samples(host, T0, T0 + DAY_MS)] == expected


def test_a_catalogue_that_has_grown_reads_older_hours_as_gaps(records: Records) -> None:
    short = replace(sample("a", T0, 10.0), values=(10.0,))
    records.append([short, sample("a", T0 + 20 * MINUTE_MS, 20.0, 60.0)])
    for _ in range(2):
        chart = records.series("a", "mem", T0, T0 + HOUR_MS, 1)
        assert chart == [Point(T0, 60.0, 60.0, 60.0)]
        while records.compact(T0 + DAY_MS, HOT):
            pass
    assert [values[:9][-1] for _, values in records.samples("a", T0, T0 + HOUR_MS)] == [
        pytest.approx(NAN, nan_ok=True),
        60.0,
    ]


def test_an_export_has_every_sample_once_at_every_step(records: Records) -> None:
    samples = history(2.2)
    records.append(samples)
    expected = [s.at for s in samples if s.host == "b"]
    more = True
    while more:
        assert [at for at, _ in records.samples("b", T0, T0 + DAY_MS)] == expected
        more = records.compact(T0 + DAY_MS, HOT)
    start, end = expected[3], expected[9]
    assert [at for at, _ in records.samples("b", start, end)] == expected[3:9], "end left out"
    at, values = next(records.samples("b", T0, T0 + DAY_MS))
    original = next(s for s in samples if s.host == "b")
    assert at == original.at
    assert values == pytest.approx(original.values, nan_ok=True)
