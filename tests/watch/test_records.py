"""The records as a whole, of a keeper at work and as they lie on the disk."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from estate.metrics import METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.keeper import Keeper
from tests.watch.conftest import until
from watch.clock import steady_seconds
from watch.error import WatchError
from watch.records import HOUR_MS, RecordsAtRest, RecordsInUse, Wanted

NOW = 1_793_145_600_000
SPAN = 3 * HOUR_MS


def sample(host: str, at: int, cpu: float) -> Sample:
    return Sample(host, at, (cpu, *(0.0,) * (len(METRICS) - 1)), 1.0, 1, 1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def keeper(path: Path) -> Iterator[Keeper]:
    """A keeper of an hour and a half of two hosts."""
    keeper = Keeper(path, Retention(), lambda: NOW, steady_seconds)
    keeper.start()
    for minute in range(90):
        at = NOW - minute * 60_000 - 1
        keeper.put([sample("mta-c01", at, minute), sample("mta-c02", at, 50.0)])
    until(lambda: len(asyncio.run(keeper.samples("mta-c02", 0, NOW))) == 90)
    yield keeper
    keeper.close()


def exported(records: RecordsInUse, wanted: Wanted) -> str:
    async def all_of_it() -> str:
        return "".join([piece async for piece in await records.export(wanted)])

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_watch_and_the_file_itself_export_the_same(keeper: Keeper, path: Path, form: str) -> None:
    wanted = Wanted(NOW - SPAN, NOW, form=form)
    text = exported(RecordsInUse(keeper, path), wanted)
    keeper.close()
    assert "".join(RecordsAtRest(path).export(wanted)) == text
    if form == "csv":
        rows = list(csv.DictReader(text.splitlines()))
    else:
        rows = [json.loads(line) for line in text.splitlines()]
    assert [row["host"] for row in rows] == ["mta-c01"] * 90 + ["mta-c02"] * 90
    assert [float(row["cpu"]) for row in rows[:90]] == [float(n) for n in reversed(range(90))]
    assert rows[89]["time"] == "2026-10-27T23:59:59.999Z"


def test_an_export_is_of_the_hosts_and_the_span_that_were_asked_for(
    keeper: Keeper, path: Path
) -> None:
    wanted = Wanted(NOW - 10 * 60_000, NOW, ("mta-c02",), "jsonl")
    rows = [json.loads(line) for line in exported(RecordsInUse(keeper, path), wanted).splitlines()]
    assert [row["host"] for row in rows] == ["mta-c02"] * 10
    with pytest.raises(WatchError) as caught:
        exported(RecordsInUse(keeper, path), Wanted(NOW - SPAN, NOW, ("mta-c2",)))
    assert str(caught.value) == (
        f"no such host — mta-c2 — {path} has nothing of it — did you mean mta-c02?"
    )
    assert caught.value.status == 404


def test_a_span_of_years_does_not_ask_for_every_hour_of_it(keeper: Keeper, path: Path) -> None:
    asked: list[int] = []
    samples = keeper.samples

    async def counted(host: str, start: int, end: int):
        asked.append(start)
        return await samples(host, start, end)

    keeper.samples = counted  # type: ignore[method-assign]
    text = exported(RecordsInUse(keeper, path), Wanted(0, NOW))
    assert len(text.splitlines()) == 1 + 180
    assert len(asked) < 2 * 24 * 10


def test_sound_records_are_said_to_be(keeper: Keeper, path: Path) -> None:
    said = asyncio.run(RecordsInUse(keeper, path).check())
    assert said["problems"] == []
    assert said["records"] == str(path)
    keeper.close()
    at_rest = RecordsAtRest(path).check()
    assert at_rest["problems"] == []
    assert at_rest["bytes"] == path.stat().st_size


def test_a_damaged_file_is_a_finding_and_stays_where_it_is(keeper: Keeper, path: Path) -> None:
    keeper.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert RecordsAtRest(path).check()["problems"] != []
    assert [each.name for each in path.parent.glob("*.db*")] == [path.name]
    path.write_bytes(b"not a database, and long enough to be told from one" * 10)
    with pytest.raises(WatchError) as caught:
        "".join(RecordsAtRest(path).export(Wanted(0, NOW)))
    assert caught.value.what == "the records can't be read"
    assert caught.value.do


def test_no_file_is_no_records_and_none_is_made(path: Path) -> None:
    for ask in (RecordsAtRest(path).check, lambda: list(RecordsAtRest(path).export(Wanted(0, 1)))):
        with pytest.raises(WatchError) as caught:
            ask()
        assert str(caught.value) == (
            f"there are no records — {path} — no watch has kept any there — "
            "start one: twinwatch watch"
        )
    assert not path.exists()


def test_pruning_deletes_what_is_too_old_and_says_how_much(keeper: Keeper, path: Path) -> None:
    keeper.retention = Retention(hot_ms=600_000, chunks_ms=1_200_000)
    said = asyncio.run(RecordsInUse(keeper, path).prune())
    assert said["records"] == str(path)
    assert isinstance(said["steps"], int)
    text = exported(RecordsInUse(keeper, path), Wanted(NOW - SPAN, NOW, ("mta-c01",)))
    assert 0 < len(text.splitlines()) - 1 < 90


def test_what_keeps_records_from_being_kept_keeps_them_from_being_pruned(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "records.db"
    path.parent.write_text("a file where the directory should be")
    keeper = Keeper(path, Retention(), lambda: NOW, steady_seconds)
    keeper.start()
    try:
        with pytest.raises(WatchError) as caught:
            asyncio.run(RecordsInUse(keeper, path).prune())
        assert caught.value.what == "the records can't be pruned"
        assert caught.value.why == keeper.status != ""
    finally:
        keeper.close()
