"""What is silenced stands with the silences and nowhere else; it is still wrong."""

from __future__ import annotations

from dataclasses import replace

from estate.attention import Silence
from estate.document import Problem, Severity
from estate.language import ENGLISH
from snapshots.page import Heading, Paragraph, Phrase, Table
from snapshots.snapshot import PROBES, PROBES_NOT_KEPT, Kind, Snapshot, Unseen
from snapshots.telling import tell

SILENCED = Problem("a/cpu", "a", "cpu 99% > 97%", "", Severity.CRITICAL, 5, "cpu", ("a",),
                   owner="chan", until=9, reason="load test", silence="s-3")  # fmt: skip
OWNED = replace(SILENCED, id="b/cpu", where="b", silence="", owner="lee")


def blocks(made: Snapshot, key: str) -> tuple[object, ...]:
    return next(each for each in tell(made, ENGLISH).sections if each.key == key).blocks


def test_a_silenced_problem_is_neither_wrong_now_nor_acknowledged(empty: Snapshot) -> None:
    silence = Silence("s-3", "host:a", "chan", "load test", 1, 9)
    made = replace(empty, problems=(SILENCED, OWNED), silences=(silence,))
    assert "a: cpu 99%" not in repr(blocks(made, "summary"))
    assert "b: cpu 99%" in repr(blocks(made, "summary"))
    (wrong,) = (each for each in blocks(made, "incidents") if isinstance(each, Table))
    assert [row[1].text for row in wrong.rows] == ["b"]
    acknowledged, silences, quiet = (
        each for each in blocks(made, "silences") if isinstance(each, Table)
    )
    assert [row[0].text for row in acknowledged.rows] == ["b"]
    assert [row[-1].text for row in silences.rows] == ["1"]
    assert [[cell.text for cell in row[:3]] for row in quiet.rows] == [
        ["critical", "a", "cpu 99% > 97%"]
    ]


def test_silence_is_not_calm(empty: Snapshot) -> None:
    made = replace(empty, problems=(SILENCED,))
    assert tell(made, ENGLISH).worry.text == "Keep an eye on it: 1 problem silenced."


def test_what_probes_could_not_measure_then_is_not_none(empty: Snapshot) -> None:
    mute = Heading(Phrase("Probes that can't measure"))
    found = blocks(empty, "silences")
    assert found[found.index(mute) + 1] == Paragraph(Phrase("None.", "dim"))
    unseen = (Unseen("records", PROBES, PROBES_NOT_KEPT),)
    found = blocks(replace(empty, kind=Kind.REPORT, unseen=unseen), "silences")
    said = Paragraph(Phrase("Not known: it is not on record of then.", "unk"))
    assert found[found.index(mute) + 1] == said


def test_the_age_of_what_is_acknowledged_is_that_of_the_problem(empty: Snapshot) -> None:
    since = empty.made_at - 3 * 3_600_000
    made = replace(empty, problems=(replace(OWNED, since=since, until=empty.made_at),))
    (table,) = (each for each in blocks(made, "silences") if isinstance(each, Table))
    titles = [each.title.text for each in table.columns]
    (row,) = table.rows
    assert row[titles.index("age")].text == "3 h"
    assert row[titles.index("until")].text == "20 Nov 06:30"


def test_who_owns_it_by_a_handover_has_acknowledged_nothing(empty: Snapshot) -> None:
    handed = replace(OWNED, id="c/cpu", where="c", owner="wong", until=None, handover="h-1")
    taken = replace(OWNED, owner="wong", handover="h-1", quieted_by="lee")
    made = replace(empty, problems=(handed, taken))
    (table,) = (each for each in blocks(made, "silences") if isinstance(each, Table))
    assert [(row[0].text, row[2].text) for row in table.rows] == [("b", "lee")]
    (wrong,) = (each for each in blocks(made, "incidents") if isinstance(each, Table))
    assert {row[1].text: row[6].text for row in wrong.rows} == {"b": "wong", "c": "wong"}
