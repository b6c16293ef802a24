"""The replication screen: never surer than what is known."""

from __future__ import annotations

from tui.paint import paint
from tui.paint.cells import joined

from .estates import shown


def test_what_is_old_is_shown_with_its_age_and_in_no_colour_of_now(boards, standing_estate) -> None:
    page = paint(shown("replication", boards, standing_estate, 120, 40))
    row = next(line for line in page.lines if line.key == "stream:mdb-c01:postgresql:mdb-c02")
    assert {
        span.role for span in row.spans if span.text.strip() in ("streaming", "0 B", "0.0 s")
    } == {"unk"}
    assert "8:32 old" in joined((row,))


def test_a_host_that_can_not_be_asked_says_why(boards, standing_estate) -> None:
    drawn = joined(paint(shown("replication", boards, standing_estate, 200, 50)).lines)
    assert "GRANT pg_monitor" in drawn
    assert "permission denied" in drawn
