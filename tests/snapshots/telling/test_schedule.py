"""A report says which shifts there were then, what was planned, and what of it is not on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.language import ENGLISH
from estate.model import Shift
from snapshots.page import Facts, Heading, Paragraph, Table
from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.snapshot import Duty, Kind, Rota, Snapshot, Turn, Work
from snapshots.telling import REPORT
from snapshots.telling.teller import Teller

HOUR = 3_600_000
TWO = (Shift("day", 480, 1200), Shift("night", 1200, 480))


@pytest.fixture
def report(empty: Snapshot) -> Snapshot:
    """A period of 8 h."""
    return replace(empty, id="r-1", kind=Kind.REPORT)


def rows(snapshot: Snapshot) -> list[list[str]]:
    blocks = REPORT["schedule"][1](Teller(snapshot, ENGLISH, ""))
    return [
        [*(cell.text for cell in row)]
        for each in blocks
        if isinstance(each, Table)
        for row in each.rows
    ]


def on_duty(snapshot: Snapshot) -> str:
    (facts,) = REPORT["header"][1](Teller(snapshot, ENGLISH, ""))
    assert isinstance(facts, Facts)
    return next(said.text for name, said in facts.pairs if name.text == "on duty")


def test_the_shifts_and_since_when_they_held(report: Snapshot) -> None:
    middle = report.starts + 2 * HOUR
    rotas = (
        Rota(report.starts, middle, "UTC", TWO, recorded=False),
        Rota(middle, report.made_at, "Asia/Hong_Kong", (Shift("all", 0, 0),)),
        Rota(middle, report.made_at, "UTC"),
    )
    made = replace(report, rotas=rotas)
    assert read_snapshot(snapshot_bytes(made)) == made
    assert rows(made) == [
        ["19 Nov 22:30", "20 Nov 00:30", "day 08:00-20:00, night 20:00-08:00", "not on record of then"],
        ["20 Nov 00:30", "20 Nov 06:30", "all 00:00-00:00 (Asia/Hong_Kong)", ""],
        ["20 Nov 00:30", "20 Nov 06:30", "none: the estate names no shifts", ""],
    ]  # fmt: skip


def test_planned_work_and_when_it_was_declared_late_or_withdrawn(report: Snapshot) -> None:
    start, end = report.starts, report.made_at
    plain = Work("host:a", start, end, "kernel", "chan")
    work = (
        plain,
        replace(plain, declared_at=start + HOUR, withdrawn_at=start + 2 * HOUR, owner=""),
        replace(plain, recorded=False),
        replace(plain, withdrawn_at=start + HOUR, recorded=False),
    )
    said = rows(replace(report, work=work))
    assert said[0] == ["19 Nov 22:30", "20 Nov 06:30", "host:a", "kernel", "chan", ""]
    assert [row[-1] for row in said[1:]] == [
        "declared 19 Nov 23:30 · withdrawn 20 Nov 00:30",
        "not on record of then",
        "withdrawn 19 Nov 23:30 · not on record of then",
    ]
    assert said[1][-2] == "–"


def test_rows_that_are_left_out_are_counted_and_nothing_is_told_as_such(report: Snapshot) -> None:
    rota = Rota(report.starts, report.made_at, "UTC", TWO)
    many = replace(
        report, rotas=(rota,) * 43, work=(Work("a", report.starts, report.made_at),) * 41
    )
    tables = [
        each for each in REPORT["schedule"][1](Teller(many, ENGLISH, "")) if isinstance(each, Table)
    ]
    assert [(len(each.rows), each.more.text) for each in tables] == [
        (40, "and 3 more"), (40, "and 1 more"),
    ]  # fmt: skip
    kinds = [type(each) for each in REPORT["schedule"][1](Teller(report, ENGLISH, ""))]
    assert kinds == [Heading, Paragraph, Heading, Paragraph]


def test_the_header_names_who_was_on_duty(report: Snapshot) -> None:
    start, middle, end = report.starts, report.starts + HOUR, report.made_at
    duty = Duty("day", "night", end + HOUR)
    assert on_duty(replace(report, duty=duty, turns=(Turn("night", start, end),))) == "night"
    turns = (Turn("night", start, middle), Turn("day", middle, end))
    made = replace(report, duty=duty, turns=turns)
    assert on_duty(made) == "night 22:30-23:30, day 23:30-06:30"
    made = replace(made, starts=start - 24 * HOUR)
    assert on_duty(made) == "night 19 Nov 22:30-19 Nov 23:30, day 19 Nov 23:30-20 Nov 06:30"
    assert on_duty(replace(report, duty=duty)) == "day; next is night at 20 Nov 07:30"
