"""Runs of a period; what nobody could read of them is never "none"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.language import ENGLISH
from estate.runs import DECISIONS, DecisionRow, RunRow
from snapshots.page import Heading, Paragraph, Phrase, Table, TimeLine
from snapshots.rendering import svg
from snapshots.rendering.strokes import strokes
from snapshots.snapshot import RUNS, Kind, Run, Snapshot, StepSpan, Unseen
from snapshots.telling import tell
from watch.languages import words_in

ENDED = Run(RunRow("r-1", "failover", "Fail over", "succeeded", 9, 5, 8, "op", ended_at=8))


def outcome_unknown(made: Snapshot) -> object:
    blocks = next(each for each in tell(made, ENGLISH).sections if each.key == "runs").blocks
    return blocks[blocks.index(Heading(Phrase("Outcome unknown"))) + 1]


def test_a_run_whose_record_can_t_be_read_is_of_unknown_outcome(empty: Snapshot) -> None:
    made = replace(empty, runs=(ENDED,))
    assert outcome_unknown(made) == Paragraph(Phrase("None.", "dim"))
    unread = replace(made, unseen=(Unseen("records", "r-1", "line 3 is damaged"),))
    told = outcome_unknown(unread)
    assert isinstance(told, Table)
    assert [[each.text for each in row] for row in told.rows] == [
        ["r-1", "its record could not be read"]
    ]


def test_no_runs_are_not_known_where_none_can_be_read(empty: Snapshot) -> None:
    made = replace(empty, unseen=(Unseen("records", RUNS, "the disk is gone"),))
    (section,) = (each for each in tell(made, ENGLISH).sections if each.key == "runs")
    assert section.blocks == (Paragraph(Phrase("not known: no run can be read", "unk")),)


# --- what people decided --------------------------------------------------------------------------


def cells(blocks: tuple[object, ...], under: str) -> list[list[str]]:
    table = blocks[blocks.index(Heading(Phrase(under))) + 1]
    assert isinstance(table, Table)
    return [[each.text for each in row] for row in table.rows]


def section(made: Snapshot, key: str) -> tuple[object, ...]:
    return next(each for each in tell(made, ENGLISH).sections if each.key == key).blocks


def test_every_decision_is_told_with_who_and_why(empty: Snapshot) -> None:
    at = empty.made_at - 60_000
    said = tuple(
        DecisionRow(at + number, "chan", what, "promote on mdb-r01", f"because {number}")
        for number, what in enumerate(DECISIONS)
    )
    late = DecisionRow(empty.made_at, "lee", "approved", "", "after the end")
    made = replace(empty, runs=(replace(ENDED, decisions=(*said, late)),))
    for language in ("en", "zh-Hant"):
        page = tell(made, words_in(language))
        told = next(each for each in page.sections if each.key == "runs")
        (table,) = (
            each for each in told.blocks if isinstance(each, Table) and len(each.columns) == 6
        )
        assert [row[5].text for row in table.rows] == [each.why for each in said]
        words = [row[3].text for row in table.rows]
        assert len(set(words)) == len(DECISIONS)
        assert not set(words) & {each for each in DECISIONS if "-" in each}
    rows = cells(section(made, "runs"), "What people decided")
    assert rows[2][1:] == ["r-1", "chan", "waived", "promote on mdb-r01", "because 2"]
    report = replace(made, kind=Kind.REPORT)
    chronicle = repr(section(report, "events"))
    assert "chan: waived · promote on mdb-r01 · because 2" in chronicle
    assert "after the end" not in repr(tell(report, ENGLISH))


# --- its clock ------------------------------------------------------------------------------------


def time_line(made: Snapshot) -> TimeLine:
    (line,) = (each for each in section(made, "runs") if isinstance(each, TimeLine))
    return line


def clocked(empty: Snapshot, *, took: int, ended: bool, last: int | None) -> Snapshot:
    """A run of a target of 3 min whose clock began with its first step, `took` s ago or long."""
    began = empty.made_at - took * 1_000
    row = replace(
        ENDED.row, started_at=began, clock_started_at=began, target_ms=180_000,
        state="succeeded" if ended else "running",
        ended_at=empty.made_at if ended else None,
    )  # fmt: skip
    ends = None if last is None else began + last * 1_000
    steps = (StepSpan("Stop", "ok", began, began + 10_000), StepSpan("Promote", "now", began + 10_000, ends))  # fmt: skip
    return replace(empty, runs=(Run(row, steps),))


def test_a_step_that_goes_on_is_drawn_to_now_and_not_to_the_target(empty: Snapshot) -> None:
    made = clocked(empty, took=60, ended=False, last=None)
    line = time_line(made)
    assert line.ends == empty.made_at + 120_000 == line.target
    assert line.end_of(line.bars[1]) == empty.made_at
    (stop, promote, _) = list(strokes(line, 100))[1:]
    assert stop.count("━") == 2
    assert promote.count("━") == 10, "60 s of 180 s, but for the first 10 s, in 36 cells"
    drawn = svg.bar(line, 1).find("rect")
    assert drawn is not None
    assert float(drawn.get("x", "")) + float(drawn.get("width", "")) == pytest.approx(333.3, abs=1)


def test_a_run_over_its_target_is_drawn_whole_and_its_time_is_red(empty: Snapshot) -> None:
    made = clocked(empty, took=195, ended=True, last=170)
    line = time_line(made)
    assert (line.target, line.ends) == (empty.made_at - 15_000, empty.made_at)
    table = section(made, "runs")[0]
    assert isinstance(table, Table)
    assert (table.rows[0][5].text, table.rows[0][5].role) == ("3 min 15 s", "crit")
    within = section(clocked(empty, took=100, ended=True, last=90), "runs")[0]
    assert isinstance(within, Table)
    assert within.rows[0][5].role == ""


def test_a_step_that_was_waived_is_not_done(empty: Snapshot) -> None:
    made = clocked(empty, took=60, ended=True, last=40)
    run = made.runs[0]
    steps = (replace(run.steps[0], state="waived"), *run.steps[1:])
    note = time_line(replace(made, runs=(replace(run, steps=steps),))).bars[0].note
    assert (note.text, note.role) == ("10 s waived", "warn")


# --- a run in its row -----------------------------------------------------------------------------


def in_the_table(made: Snapshot, run: RunRow) -> list[str]:
    table = section(replace(made, runs=(Run(run),)), "runs")[0]
    assert isinstance(table, Table)
    (row,) = table.rows
    return [each.text for each in row]


def test_what_was_passed_over_or_waived_is_not_done(empty: Snapshot) -> None:
    aborted = replace(ENDED.row, state="aborted", steps_total=4, steps_passed=4)
    row = in_the_table(empty, aborted)
    assert (row[2], row[7]) == ("aborted", "0/4, 4 passed over")
    row = in_the_table(empty, replace(ENDED.row, steps_done=3, steps_total=4, waived=1))
    assert (row[2], row[7]) == ("succeeded, 1 waived", "3/4")


def test_what_was_waived_is_in_the_chronicle_and_over_the_time_line_too(empty: Snapshot) -> None:
    steps = (StepSpan("Mail flows", "waived", empty.made_at - 9_000, empty.made_at - 1_000),)
    row = replace(ENDED.row, started_at=empty.made_at - 9_000, ended_at=empty.made_at - 1_000)
    made = replace(empty, runs=(Run(replace(row, waived=1), steps=steps),))
    (line,) = (each for each in section(made, "runs") if isinstance(each, TimeLine))
    assert line.note.text == "r-1 · succeeded, 1 waived"
    report = replace(made, kind=Kind.REPORT, starts=empty.made_at - 60_000)
    assert "text='succeeded, 1 waived', role='warn'" in repr(section(report, "events"))


def test_why_a_run_ended_is_told_beside_what_troubles_it_since(empty: Snapshot) -> None:
    silent = replace(ENDED.row, state="failed", why="promote failed", trouble="h1 is silent")
    assert in_the_table(empty, silent)[8] == "promote failed; h1 is silent"
