"""Trouble with the records: told of once, tried again ever later, over once it stays away."""

from __future__ import annotations

from storage.database import Fault, RecordsError
from storage.trouble import LASTING_SECONDS, Trouble

FULL = RecordsError(Fault.FULL, "no space for records.db", "free space")
LOCKED = RecordsError(Fault.LOCKED, "records.db is locked", "end that process")


def test_it_is_tried_again_ever_later_but_every_half_minute() -> None:
    trouble = Trouble(lambda what: None)
    waited = []
    for _ in range(7):
        trouble.begun(FULL)
        waited.append(trouble.retry_seconds)
    assert waited == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_people_are_told_once_and_again_when_it_is_another() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    for fault in (FULL, FULL, LOCKED):
        trouble.begun(fault)
    assert said == [f"records are not kept: {FULL}", f"records are not kept: {LOCKED}"]


def test_it_is_over_once_it_has_been_away_for_a_while_since_the_last_fault() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    trouble.begun(FULL)
    trouble.passed(100.0)
    trouble.lasting(110.0, 5)
    trouble.begun(FULL)  # a disk that takes a little now and then
    trouble.passed(120.0)
    trouble.lasting(120.0 + LASTING_SECONDS - 0.1, 5)
    assert len(said) == 1 and trouble.unfinished
    trouble.lasting(120.0 + LASTING_SECONDS, 5)
    assert said[1:] == ["records are kept again; 5 samples and events lost"]
    assert not trouble.unfinished


def test_what_was_lost_is_told_of_once() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    trouble.begun(FULL)
    assert trouble.status(5) == f"not saved: {FULL}; 5 samples and events lost so far"
    trouble.passed(0.0)
    assert trouble.status(5) == ""
    trouble.lasting(LASTING_SECONDS, 5)
    trouble.begun(FULL)
    assert trouble.status(7) == f"not saved: {FULL}; 2 samples and events lost so far"
    assert trouble.retry_seconds == 1.0, "it begins anew"
    trouble.passed(LASTING_SECONDS)
    trouble.lasting(2 * LASTING_SECONDS, 7)
    assert said[-1] == "records are kept again; 2 samples and events lost"
