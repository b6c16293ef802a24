"""Whose the items of a handover are, and when somebody should have signed."""

from __future__ import annotations

from dataclasses import replace

from estate.handover import (
    OVERDUE_MS,
    Answer,
    Answered,
    Handover,
    Item,
    Offered,
    Signed,
)

ITEMS = (Item("problem:a", "problem", "a", "x"), Item("note:1", "note", "n-1", "y"))
OFFERED = Handover(Offered("h-1", "op", 1_000, "0" * 64, ITEMS))


def test_who_offers_owns_it_until_somebody_has_signed() -> None:
    assert OFFERED.owner == "op"
    assert replace(OFFERED, signed=Signed("h-1", "chan", 2_000, "0" * 64)).owner == "chan"


def test_an_item_is_unanswered_until_something_was_said_of_it() -> None:
    assert OFFERED.unanswered == ITEMS
    said = Answered("h-1", "note:1", Answer.REFUSED, "chan", 2_000, "why me?")
    assert replace(OFFERED, answers=(said,)).unanswered == ITEMS[:1]


def test_it_is_overdue_after_a_quarter_of_an_hour_unless_it_is_signed_or_superseded() -> None:
    assert not OFFERED.overdue(1_000 + OVERDUE_MS - 1)
    assert OFFERED.overdue(1_000 + OVERDUE_MS)
    assert not replace(OFFERED, superseded="h-2").overdue(1_000 + OVERDUE_MS)
    signed = Signed("h-1", "chan", 1_000 + 2 * OVERDUE_MS, "0" * 64)
    assert not replace(OFFERED, signed=signed).overdue(1_000 + 3 * OVERDUE_MS)


def test_what_is_of_the_future_or_was_told_of_is_overdue() -> None:
    assert not OFFERED.overdue(1_000 - OVERDUE_MS + 1)  # a clock that was put back a little
    assert OFFERED.overdue(1_000 - OVERDUE_MS)
    assert replace(OFFERED, told_at=5).overdue(1_000)
    assert not replace(OFFERED, told_at=5, superseded="h-2").overdue(1_000)


def test_a_question_is_open_until_it_is_settled_or_another_word_is_said_here() -> None:
    asked = Answered("h-1", "note:1", Answer.QUESTIONED, "chan", 2_000, "since when?")
    known = replace(OFFERED, answers=(asked,))
    assert known.questions == (asked,)
    assert replace(known, settled=("problem:a",)).questions == (asked,)
    assert replace(known, settled=("note:1",)).questions == ()
    before = replace(asked, handover="h-0")
    carried = replace(OFFERED, carried=(before,))
    assert carried.questions == (before,)
    assert replace(carried, answers=(asked,)).questions == (asked,)
    accepted = replace(asked, answer=Answer.ACCEPTED, at=1_000)  # by a clock that was set back
    assert replace(carried, answers=(accepted,)).questions == ()
