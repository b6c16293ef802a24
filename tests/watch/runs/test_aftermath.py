"""What is put down of hosts before and after a run, when, and that it stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from estate.metrics import INDEX
from estate.model import Retention
from estate.runs import RunRow, RunView, ShiftRow
from estate.samples import Sample
from storage.keeper import Keeper
from storage.runs import RunFolder
from watch.clock import now_ms, steady_seconds
from watch.runs.aftermath import (
    LATEST_MS,
    METRICS,
    WINDOW_MS,
    Aftermath,
    is_due,
    mean,
    put_down,
)

BEGAN = 1_795_000_000_000
ENDED = BEGAN + 60_000
ROW = RunRow("r-1", "count", "Count", "succeeded", 9, BEGAN, ENDED, "op", ended_at=ENDED)
VIEW = RunView(ROW, hosts={"all": ("a", "b"), "first": ("a",)})


def sample(host: str, at: int, cpu: float) -> Sample:
    values = [float("nan")] * len(INDEX)
    values[INDEX["cpu"]] = cpu
    return Sample(host, at, tuple(values), 1.0, 1, 1.0)


def measured(directory: Path, samples: list[Sample], rows: list[RunRow]) -> RunFolder:
    """The folder after one look at `rows`, over records of `samples`."""

    async def look() -> RunFolder:
        keeper = Keeper(directory / "records.db", Retention(), now_ms, steady_seconds)
        keeper.start()
        keeper.put(samples)
        folder = RunFolder(directory / "runs")

        async def view(run: str) -> RunView:
            return replace(VIEW, row=replace(ROW, id=run))

        aftermath = Aftermath(folder, lambda: rows, view, keeper, lambda: ENDED + WINDOW_MS)
        await aftermath.look()
        await asyncio.to_thread(keeper.close)
        return folder

    return asyncio.run(look())


def test_means_of_ten_minutes_on_both_sides(tmp_path: Path) -> None:
    samples = [sample("a", BEGAN - 120_000 * n, 10.0 * n) for n in (1, 2, 3)]
    samples += [sample("a", ENDED + 120_000 * n, 80.0) for n in (1, 2, 3)]
    samples += [sample("a", BEGAN + 30_000, 99.0)]  # during the run: neither before nor after
    samples += [sample("a", BEGAN - WINDOW_MS - 60_000, 99.0)]  # too early
    folder = measured(tmp_path, samples, [ROW])
    shifts = {(each.host, each.metric): each for each in put_down(folder, "r-1")}
    assert shifts["a", "cpu"] == ShiftRow("a", "cpu", 20.0, 80.0)
    assert shifts["a", "mem"] == ShiftRow("a", "mem")
    assert shifts["b", "cpu"] == ShiftRow("b", "cpu"), "never measured is not zero"


def test_what_was_put_down_is_not_measured_again(tmp_path: Path) -> None:
    measured(tmp_path, [sample("a", BEGAN - 60_000, 10.0)], [ROW])
    folder = measured(tmp_path, [sample("a", BEGAN - 120_000, 90.0)], [ROW])
    (cpu,) = [e for e in put_down(folder, "r-1") if (e.host, e.metric) == ("a", "cpu")]
    assert cpu.before == 10.0


def test_nothing_is_put_down_while_the_records_cannot_be_read(tmp_path: Path) -> None:
    """That nobody measured, or the mean of what waits in memory, would stand for good."""
    records, folder = tmp_path / "records.db", RunFolder(tmp_path / "runs")
    measured(tmp_path, [sample("a", BEGAN - 60_000, 10.0)], [])  # of an earlier watch
    records.rename(tmp_path / "away")
    records.mkdir()

    async def view(run: str) -> RunView:
        return VIEW

    async def look() -> None:
        keeper = Keeper(records, Retention(), now_ms, steady_seconds)
        keeper.start()
        keeper.put([sample("a", BEGAN - 120_000, 90.0)])
        aftermath = Aftermath(folder, lambda: [ROW], view, keeper, lambda: ENDED + WINDOW_MS)
        await aftermath.look()
        assert keeper.status and not folder.note("r-1", "aftermath.json")
        records.rmdir()
        (tmp_path / "away").rename(records)
        async with asyncio.timeout(60):
            while not folder.note("r-1", "aftermath.json"):
                await aftermath.look()
        await asyncio.to_thread(keeper.close)

    asyncio.run(look())
    (cpu,) = [e for e in put_down(folder, "r-1") if (e.host, e.metric) == ("a", "cpu")]
    assert cpu.before == 50.0


@pytest.mark.parametrize(
    ("values", "found"),
    [([], None), ([0.0, 4.0], 2.0), ([1e18], 1e18), ([1e38, 1.0], None), ([1e308, 1e308], None)],
)
def test_a_mean_is_one_that_can_be(values: list[float], found: float | None) -> None:
    assert mean(values) == found


def test_what_is_asked_for_is_measured() -> None:
    assert set(METRICS) <= set(INDEX)


def test_a_run_that_fails_by_a_defect_holds_up_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [replace(ROW, id="r-bad"), ROW]

    async def view(run: str) -> RunView:
        if run == "r-bad":
            raise ZeroDivisionError("a defect")
        return VIEW

    async def look() -> RunFolder:
        keeper = Keeper(tmp_path / "records.db", Retention(), now_ms, steady_seconds)
        keeper.start()
        folder = RunFolder(tmp_path / "runs")
        aftermath = Aftermath(folder, lambda: rows, view, keeper, lambda: ENDED + WINDOW_MS)
        await aftermath.look()
        await asyncio.to_thread(keeper.close)
        return folder

    folder = asyncio.run(look())
    assert put_down(folder, "r-1") and not put_down(folder, "r-bad")
    assert "a defect of twinwatch, before and after run r-bad" in caplog.text


@pytest.mark.parametrize(
    ("ended_at", "now", "due"),
    [
        (None, ENDED, False),
        (ENDED, ENDED + WINDOW_MS - 1, False),
        (ENDED, ENDED + WINDOW_MS, True),
        (ENDED, ENDED + LATEST_MS, False),
    ],
)
def test_a_run_is_measured_once_its_time_has_come(
    ended_at: int | None, now: int, due: bool
) -> None:
    assert is_due(replace(ROW, ended_at=ended_at), now) is due


def test_what_is_damaged_is_nothing(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.keep_note("r-1", "aftermath.json", b'[{"host": 1')
    assert put_down(folder, "r-1") == put_down(folder, "r-2") == ()


def test_it_goes_with_its_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin("r-1", {"n": 1}).close()
    folder.keep_note("r-1", "aftermath.json", b"[]")
    assert list(folder.prune(10, lambda run: 1)) == ["r-1"]
    assert [path.name for path in tmp_path.iterdir()] == []
