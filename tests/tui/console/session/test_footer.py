"""The footer offers what leads somewhere from here, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estate.document import Document
from tests.tui.console.person import Person
from tests.tui.paint.failover import RUN, row
from tui.console.desks.runs import DEEDS
from tui.console.desks.time import OF_NOW, OF_THE_PAST
from tui.console.journey.places import Place
from tui.console.requests.board import AskBoard
from tui.console.session.footer import dead

MakeBoard = Callable[..., Document]


def test_the_footer_offers_no_key_that_is_dead(make_board: MakeBoard) -> None:
    assert Person(make_board(0)).footer() == {"command", "help", "filter"}
    assert "help" not in Person(make_board()).types("?").footer()
    one = Person(make_board(1)).types(":", "host mta-c00", "enter")
    assert "next host" not in one.footer()
    assert "next host" in Person(make_board()).types(":", "host mta-c00", "enter").footer()


def test_ack_is_offered_where_there_is_a_problem(make_board: MakeBoard) -> None:
    assert "ack" in Person(make_board()).footer()
    assert "ack" not in Person(replace(make_board(), problems=())).footer()


def test_decide_is_offered_but_for_the_run_that_asks(make_board: MakeBoard) -> None:
    asks = replace(make_board(), runs=(row(),))
    assert "runs.decide" in dead(Place("run", RUN), asks, past=False)
    assert "runs.decide" not in dead(Place("run", "another"), asks, past=False)
    assert "runs.decide" not in dead(Place("home", RUN), asks, past=False)
    assert "runs.decide" in dead(Place("home"), make_board(), past=False)


@pytest.mark.parametrize("screen", ["home", "run", "plan", "problems"])
def test_the_past_offers_its_own_keys_and_none_that_acts(
    make_board: MakeBoard, screen: str
) -> None:
    person = Person(make_board()).types(":", f"{screen}", "enter")
    assert not person.footer() & {"older", "newer", "now"}
    person.session.journey = person.session.journey.go(screen, RUN if screen == "run" else "")
    board = replace(make_board(), at=make_board().at - 60_000, runs=(row(),))
    person.session.answered(AskBoard(board.at), board, person.at)
    acting = {"ack", "decide", "arm", "start", "pause", "abort", "answer", "waive", "refresh"}
    assert not person.footer() & acting
    if screen in ("home", "problems"):
        assert {"older", "newer", "now"} <= person.footer()


def test_every_key_of_runs_is_of_now() -> None:
    assert set(DEEDS) <= OF_NOW
    assert not OF_NOW & OF_THE_PAST
