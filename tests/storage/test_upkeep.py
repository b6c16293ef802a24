"""Upkeep that fails: rested from where what is new can still be kept, and else no secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from estate.model import Retention
from storage.database import Fault, RecordsError
from storage.records import Records
from storage.upkeep import Upkeep

T0 = 1_793_145_600_000


@pytest.fixture
def records() -> Iterator[Records]:
    opened = Records.open(None)
    yield opened
    opened.close()


def fails(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> list[int]:
    """Compacting fails from now on; gives the times at which it was tried."""
    tried: list[int] = []

    def stumble(records: Records, now: int, hot_ms: int) -> bool:
        tried.append(now)
        raise RecordsError(fault, "it can't", "do something")

    monkeypatch.setattr(Records, "compact", stumble)
    return tried


def test_after_a_full_disk_it_rests_for_ten_minutes_and_says_why(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, said = [T0], list[str]()
    tried = fails(monkeypatch, Fault.FULL)
    upkeep = Upkeep(Retention(), lambda: now[0], lambda: 0.0, said.append)
    for minutes in (0, 1, 9, 10):
        now[0] = T0 + minutes * 60_000
        upkeep.go_on(records)
    assert tried == [T0, T0 + 600_000]
    why = "it can't; do something"
    assert said == [f"records are kept, but can't be compacted and pruned: {why}"] * 2


def test_a_clock_that_is_set_back_does_not_prolong_the_rest(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [T0]
    tried = fails(monkeypatch, Fault.FULL)
    upkeep = Upkeep(Retention(), lambda: now[0], lambda: 0.0, lambda what: None)
    upkeep.go_on(records)
    now[0] = T0 - 86_400_000
    upkeep.go_on(records)
    assert len(tried) == 2


def test_a_file_that_can_not_be_read_is_for_the_thread_to_give_up(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, Fault.CORRUPT)
    said: list[str] = []
    upkeep = Upkeep(Retention(), lambda: T0, lambda: 0.0, said.append)
    with pytest.raises(RecordsError):
        upkeep.go_on(records)
    assert said == []


def test_without_records_there_is_nothing_to_do() -> None:
    assert not Upkeep(Retention(), lambda: T0, lambda: 0.0, lambda what: None).step(None)
