"""Queues in the records: kept, charted over any span, compacted and pruned beside hosts."""

from __future__ import annotations

import asyncio
from math import nan
from pathlib import Path

from estate.metrics import METRICS
from estate.model import Retention
from estate.queues import QUEUE_METRICS, QueueFigures
from estate.samples import Sample
from storage.keeper import Keeper
from storage.queues import POSITIONS, series_of, tick_of
from storage.records import Records

T0 = 1_793_145_600_000
HOUR = 3_600_000
KEY = "postfix/mta@central/deferred"


def figures(at: int, depth: float, key: str = KEY) -> QueueFigures:
    return QueueFigures(key, at, (depth, 90.0, nan, 12.5, 0.0))


def test_the_order_of_figures_is_append_only() -> None:
    assert tuple(POSITIONS) == QUEUE_METRICS
    assert QUEUE_METRICS[:5] == (
        "depth",
        "oldest_seconds",
        "in_per_minute",
        "out_per_minute",
        "missing",
    )


def test_a_queue_is_a_series_of_its_own_and_no_host() -> None:
    records = Records.open(None)
    records.append([Sample("mta-c1", T0, (1.0,) * len(METRICS), 1.0, 1, 1.0)])
    records.append_ticks([tick_of(figures(T0 + n * 10_000, 100.0 * n)) for n in range(6)])
    assert records.hosts() == ("mta-c1",)
    points = records.drawn(series_of(KEY), POSITIONS["depth"], T0, T0 + 60_000, 6)
    assert [point.mean for point in points] == [0, 100, 200, 300, 400, 500]
    assert records.drawn(series_of(KEY), POSITIONS["in_per_minute"], T0, T0 + 60_000, 6) == []
    assert records.drawn(series_of("other"), 0, T0, T0 + 60_000, 6) == []
    assert records.check() == ()
    records.close()


def test_a_week_of_it_is_compacted_rolled_up_and_pruned(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.db")
    records.append_ticks([tick_of(figures(T0 + n * 60_000, float(n % 60))) for n in range(26 * 60)])
    while records.compact(T0 + 26 * HOUR, HOUR):
        pass
    day = records.drawn(series_of(KEY), 0, T0, T0 + 24 * HOUR, 24)
    assert [(point.low, point.high) for point in day] == [(0, 59)] * 24
    assert records.check() == ()
    now = T0 + 402 * 24 * HOUR
    while records.prune(now, Retention()):
        pass
    assert records.drawn(series_of(KEY), 0, T0, T0 + HOUR, 4) == []
    records.close()


def test_the_keeper_charts_what_is_kept_and_what_still_waits(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "records.db", Retention(), lambda: T0 + HOUR, lambda: 0.0)
    keeper.start()
    try:
        keeper.put_queues([figures(T0 + n * 10_000, float(n)) for n in range(12)])
        found = asyncio.run(keeper.queue_series(KEY, "depth", T0, T0 + 120_000, 12))
        assert [point.mean for point in found] == list(range(12))
        assert asyncio.run(keeper.hosts()) == ()
    finally:
        keeper.close()
    again = Records.open(tmp_path / "records.db")
    assert len(again.drawn(series_of(KEY), 0, T0, T0 + 120_000, 12)) == 12
    again.close()


def test_times_that_no_key_holds_are_left_out(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "records.db", Retention(), lambda: T0, lambda: 0.0)
    keeper.start()
    try:
        keeper.put_queues([figures(-5, 1.0), figures(1 << 60, 2.0), figures(T0, 3.0)])
        found = asyncio.run(keeper.queue_series(KEY, "depth", 0, T0 + 1, 10))
        assert [point.mean for point in found] == [3.0]
    finally:
        keeper.close()
