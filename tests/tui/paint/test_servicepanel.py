"""Services on home: what the watch said too long ago is nothing of now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.availability import ServiceRow
from tui.paint.cells import joined
from tui.paint.queuetable import queue_columns, queue_line
from tui.paint.servicepanel import services_panel
from tui.paint.services import paint

from .test_queues import storm

UP = ServiceRow("email", "email", state="up"), ServiceRow("im", "im", state="up")


@pytest.fixture(scope="module")
def stale(boards):
    """A board of which nothing was heard for 12 s, and its view at 80 cells."""
    document = replace(boards.calm(), services=UP, queues=storm(boards.NOW))

    def view(seconds: int, screen: str = "home"):
        heard = replace(document, at=boards.NOW - seconds * 1_000)
        return boards.view(heard, 80, 24, screen=screen, trail=("home",))

    return view


def test_a_stale_board_does_not_say_that_all_are_up(stale) -> None:
    assert "2 · all up" in joined(services_panel(stale(0), 80, 2, "")[:1])
    old = services_panel(stale(40), 80, 2, "")
    assert "2 · 40 s old" in joined(old[:1]) and "all up" not in joined(old)
    assert all(joined((line,))[1:2] == "?" for line in old[1:])
    assert {span.role for line in old for span in line.spans if span.text.strip() == "up"} == {
        "unk"
    }
    drawn = joined(paint(stale(40, "services")).lines)
    assert "? email" in drawn and "· email" not in drawn


def test_a_stale_board_foresees_nothing(stale) -> None:
    full = next(row for row in storm(0) if row.full_in_seconds)
    columns = queue_columns(80)
    assert "full" in joined((queue_line(stale(0), columns, full, cursor=False),))
    old = joined((queue_line(stale(40), columns, full, cursor=False),))
    assert old[1:2] == "?" and "40 s old" in old and "full" not in old
