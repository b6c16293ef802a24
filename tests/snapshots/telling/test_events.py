"""What happened: in its order, and what a page leaves out is counted with what the document did."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Event, Severity
from estate.language import ENGLISH
from snapshots.page import Paragraph, Table
from snapshots.snapshot import Kind, Snapshot
from snapshots.telling import tell


def told(made: Snapshot) -> tuple[list[str], str]:
    """The words of its events, and the sentence below them."""
    (section,) = (each for each in tell(made, ENGLISH).sections if each.key == "events")
    rows = [row[-1].text for each in section.blocks if isinstance(each, Table) for row in each.rows]
    below = [each.said.text for each in section.blocks if isinstance(each, Paragraph)]
    more = [each.more.text for each in section.blocks if isinstance(each, Table) if each.more.text]
    return rows, " ".join([*below, *more])


def events(empty: Snapshot, many: int, severity: Severity) -> tuple[Event, ...]:
    return tuple(
        Event(
            number, empty.made_at - 1_000 * (many - number), severity, "a", f"{severity} {number}"
        )
        for number in range(many, 0, -1)
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_left_out_is_counted(empty: Snapshot, kind: Kind) -> None:
    made = replace(empty, kind=kind, events=events(empty, 3, Severity.WARNING))
    assert "more events" not in told(made)[1]
    rows, below = told(replace(made, events_left_out=41))
    assert len(rows) == 3
    assert below == "41 more events are not shown; twinwatch events has them all"


def test_a_report_goes_forwards_and_good_news_gives_way(empty: Snapshot) -> None:
    bad = events(empty, 150, Severity.WARNING)
    good = tuple(replace(each, id=each.id + 150, severity=Severity.OK, what="live again")
                 for each in events(empty, 150, Severity.OK))  # fmt: skip
    made = replace(empty, kind=Kind.REPORT, events=(*good, *bad), events_left_out=7)
    rows, below = told(made)
    assert [each for each in rows if each != "live again"] == [
        f"{Severity.WARNING} {number}" for number in range(1, 151)
    ]
    assert (len(rows), below.split()[0]) == (200, "107")
