"""Runs of a period; what nobody could read of them is never "none"."""

from __future__ import annotations

from dataclasses import replace

from estate.language import ENGLISH
from estate.runs import RunRow
from snapshots.page import Heading, Paragraph, Phrase, Table
from snapshots.snapshot import RUNS, Run, Snapshot, Unseen
from snapshots.telling import tell

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
