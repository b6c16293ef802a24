"""Which board is shown, and when it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from estate.document import Change, Document, HostRow, Severity
from estate.samples import Reach
from tui.console.session.held import HeldBoard

MakeBoard = Callable[..., Document]


def held_at(document: Document, at: int) -> HeldBoard:
    held = HeldBoard()
    held.advance(document, at)
    held.step(at)
    return held


def test_before_the_first_board_there_is_none() -> None:
    held = HeldBoard()
    assert held.document is None and not held.step(5) and held.clock(5) == 0


def test_the_watchs_clock_goes_on_between_boards(make_board: MakeBoard) -> None:
    document = make_board()
    held = held_at(document, 1_000)
    assert held.now == document.at
    held.step(4_500)
    assert held.now == document.at + 3_500
    assert held.clock(10_000) == document.at + 9_000


def test_a_pause_holds_the_board_while_the_clock_goes_on(make_board: MakeBoard) -> None:
    first = make_board()
    held = held_at(first, 0)
    held.pause(500)
    held.advance(replace(first, seq=2, at=first.at + 2_000), 2_000)
    assert not held.step(3_000)
    assert (held.document, held.now) == (first, first.at + 3_000)
    assert (held.held_at, held.heard_at) == (first.at + 500, first.at + 2_000)
    held.resume(4_000)
    assert not held.paused and held.document is not first
    assert held.now == first.at + 4_000


def test_the_clock_alone_moves_it_each_second_or_each_ten(make_board: MakeBoard) -> None:
    held = held_at(make_board(), 0)
    assert next(at for at in range(0, 2_000, 250) if held.due(at, low=False)) == 750
    assert next(at for at in range(0, 12_000, 250) if held.due(at, low=True)) == 9_750


def test_on_a_spared_link_only_states_matter(
    make_board: MakeBoard, make_host: Callable[..., HostRow]
) -> None:
    held = held_at(make_board(), 0)
    row = make_host(2)
    busier = replace(row, values={**row.values, "cpu": 99.0})
    assert not held.differs_in_state(Change(2, 0, (busier,)))
    assert held.differs_in_state(Change(2, 0, (replace(row, reach=Reach.LATE),)))
    assert held.differs_in_state(Change(2, 0, (replace(row, severity=Severity.WARNING),)))
    assert held.differs_in_state(Change(2, 0, (make_host(99),)))
    assert held.differs_in_state(Change(2, 0, problems=()))
    assert held.differs_in_state(None)
