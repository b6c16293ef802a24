"""The watch list: everything that moves towards a limit, and nothing that is past one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.attention import Silence
from estate.availability import BudgetRow
from estate.certificates import CertificateRow
from estate.document import Problem, Severity
from estate.language import ENGLISH
from snapshots.page import Table
from snapshots.snapshot import Duty, Snapshot
from snapshots.telling import SECTIONS
from snapshots.telling.teller import Teller

DAY = 86_400_000


def listed(made: Snapshot) -> list[list[str]]:
    blocks = SECTIONS["watch-list"][1](Teller(made, ENGLISH, ""))
    return [
        [cell.text for cell in row]
        for each in blocks
        if isinstance(each, Table)
        for row in each.rows
    ]


@pytest.mark.parametrize(("left", "rows"), [(-1, 0), (0, 0), (1, 1), (DAY, 1), (DAY + 1, 0)])
def test_a_certificate_that_ends_in_the_coming_day(empty: Snapshot, left: int, rows: int) -> None:
    row = CertificateRow(host="lb", site="c", at=empty.made_at, name="mail", source="file",
                         place="/m.pem", not_after=empty.made_at + left)  # fmt: skip
    found = listed(replace(empty, certificates=(row,)))
    assert len(found) == rows
    for trigger, action, call in found:
        assert trigger.startswith("mail on lb is not renewed by ")
        assert (action, call) == ("renew it: twinwatch runbook list", "whoever is on duty")


@pytest.mark.parametrize(("left", "rows"), [(-1, 0), (0, 1), (DAY, 1), (DAY + 1, 0)])
def test_a_word_on_a_problem_and_a_silence_that_end(empty: Snapshot, left: int, rows: int) -> None:
    until = empty.made_at + left
    owned = Problem("a/cpu", "a", "cpu 99%", "", Severity.CRITICAL, 5, owner="lee", until=until)
    silence = Silence("s-3", "host:b", "chan", "load test", 1, until)
    found = listed(replace(empty, problems=(owned,), silences=(silence,)))
    told = [
        ["a is still so at {}, when lee’s word on it ends", "take it on, or ask its owner", "lee"],
        ["the silence on host:b ends at {}", "see what it kept quiet", "chan"],
    ]
    when = Teller(empty, ENGLISH, "").time(until)
    assert found == [[each[0].format(when), *each[1:]] for each in told[: 2 * rows]]
    nobody_s = replace(owned, owner="")
    assert listed(replace(empty, problems=(nobody_s,))) == []


def test_a_queue_that_fills_and_one_that_is_full(full: Snapshot, empty: Snapshot) -> None:
    filling = full.queues[0]
    brim = replace(filling, full_in_seconds=0.0)
    calm = replace(filling, full_in_seconds=None)
    found = listed(replace(empty, queues=(filling, brim, calm)))
    assert [row[0] for row in found] == [
        "mail deferred at central is full: in 1 h 10 min at this rate",
        "mail deferred at central is full",
    ]


def test_a_month_that_is_being_lost_and_not_one_that_is(full: Snapshot, empty: Snapshot) -> None:
    service = full.services[0]
    assert service.budget is not None

    def of(budget: BudgetRow) -> list[str]:
        made = replace(empty, services=(replace(service, budget=budget),))
        return [row[0] for row in listed(made)]

    calm = replace(service.budget, used_up_at=None, at_month_pace_ms=service.budget.limit_ms)
    away = replace(calm, used_up_at=empty.made_at)
    fast = replace(calm, at_month_pace_ms=calm.limit_ms + 1)
    assert of(calm) == []
    assert of(away) == ["Mail delivery 1 stays down until 20 Nov 06:30: its month is lost"]
    assert of(fast) == ["Mail delivery 1 goes on losing time as it did: its month is lost"]
    assert of(replace(away, verdict="breached")) == []


def test_who_is_called_is_the_next_on_duty(empty: Snapshot, full: Snapshot) -> None:
    made = replace(empty, queues=full.queues[:1])
    for duty, whom in (
        (Duty("day", "night", 9), "night"), (Duty("day"), "day"), (Duty(), "whoever is on duty"),
    ):  # fmt: skip
        assert [row[2] for row in listed(replace(made, duty=duty))] == [whom]
