"""Acknowledging and silencing at a console, key by key, without a terminal or a watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estate.attention import Silence
from estate.document import Change, Document, Problem, Severity
from tests.tui.console.person import Person
from tui.console.desks.attention import problem_at
from tui.console.preferences.settings import Settings
from tui.console.requests.attention import (
    Acknowledge,
    AskSuggestions,
    SilenceThem,
    Suggested,
    Suggestion,
    TakenDown,
    Unacknowledge,
    Unsilence,
)
from tui.console.requests.console import Ring
from tui.console.requests.facts import Advanced
from tui.console.requests.request import Request
from tui.console.requests.runs import AskPlan, AskRunbooks
from watch.error import WatchError

MakeBoard = Callable[..., Document]

SITE = Problem(
    "site/central", "central", "site lost: none of 8 hosts answers", "its link",
    Severity.CRITICAL, 1, kind="reach", hosts=("mta-c01",), site="central", glyph="lost",
)  # fmt: skip
BELOW = replace(SITE, id="mta-c01/reach", where="mta-c01", parent=SITE.id, glyph="behind")
DISK = Problem(
    "mta-c02/disk/var", "mta-c02", "/var 91% > 85%", "writes fail", Severity.WARNING, 2,
    kind="disk", hosts=("mta-c02",), site="central",
)  # fmt: skip


KEEPS = (Acknowledge, Unacknowledge, SilenceThem, Unsilence)


class Owner(Person):
    """A person with problems, whose word the watch takes down."""

    def __init__(self, board: Document, *problems: Problem) -> None:
        self.board = replace(board, problems=problems)
        said = {kind: TakenDown() for kind in KEEPS}
        super().__init__(self.board, Settings(bell="on"), said, size=(80, 24))

    def moves_on(self, *problems: Problem) -> tuple[Request, ...]:
        self.board = replace(self.board, seq=self.board.seq + 1, problems=problems)
        change = Change(self.board.seq, self.board.at, problems=problems)
        return self.session.learn(Advanced(self.board, change), self.at)


def test_a_says_that_you_have_it_why_and_for_how_long(make_board: MakeBoard) -> None:
    person = Owner(make_board(), SITE, BELOW, DISK).types("a")
    assert "Take it: central: site lost" in person.sees()
    person.types("calling the site", "enter", "90m", "enter")
    assert person.asked == [Acknowledge("site/central", "calling the site", 5_400_000)]
    assert "noted: it is yours" in person.sees()


def test_a_reason_must_stand_there_and_two_hours_are_usual(make_board: MakeBoard) -> None:
    person = Owner(make_board(), DISK).types("a", "enter")
    assert "something must stand here" in person.sees()
    person.types("x", "enter", "soon", "enter")
    assert "a number and m, h or d: 90m" in person.sees()
    person.types("ctrl+u", "enter")
    assert person.asked == [Acknowledge(DISK.id, "x", 7_200_000)]


def test_a_consequence_is_acknowledged_by_its_cause(make_board: MakeBoard) -> None:
    board = make_board()
    document = replace(board, problems=(SITE, BELOW, DISK))
    assert problem_at("problem:mta-c01/reach", document) == SITE
    assert problem_at("fold:problem:site/central", document) == SITE
    assert problem_at("host:mta-c01", document) == SITE
    assert problem_at("host:mta-c02", document) == DISK
    assert problem_at("host:nobody", document) is None
    assert problem_at("event:3", document) is None


def test_what_somebody_has_is_renewed_or_given_back(make_board: MakeBoard) -> None:
    had = replace(DISK, owner="op1", until=1 << 50, reason="on it")
    person = Owner(make_board(), had).types("a")
    assert "op1 has mta-c02: /var 91% > 85%" in person.sees()
    person.types("back", "enter")
    assert person.asked == [Unacknowledge(DISK.id)]
    person = Owner(make_board(), had).types("a", "enter", "mine now", "enter", "enter")
    assert person.asked == [Acknowledge(DISK.id, "mine now", 7_200_000)]


def test_s_silences_what_the_cursor_is_on_and_the_filter_can_be_changed(
    make_board: MakeBoard,
) -> None:
    person = Owner(make_board(), DISK).types("s")
    assert "host:mta-c02 kind:disk" in person.sees()
    person.types("enter", "new disks", "enter", "1d", "enter")
    assert person.asked == [SilenceThem("host:mta-c02 kind:disk", "new disks", 86_400_000)]
    person = Owner(make_board(), SITE).types("s", "ctrl+u", "no:such", "enter")
    assert "no field 'no'" in person.sees()
    assert person.asked == []


def test_a_silence_is_ended_where_it_is_seen(make_board: MakeBoard) -> None:
    hushed = replace(DISK, owner="op2", until=1 << 50, reason="new disks", silence="s-1")
    board = replace(make_board(), silences=(Silence("s-1", "kind:disk", "op2", "x", 1, 1 << 50),))
    person = Owner(board, hushed)
    assert "1 silenced" in person.sees()
    assert Owner(board, hushed).types("s", "enter").asked == []
    assert Owner(board, hushed).types("s", *"end", "enter").asked == [Unsilence("s-1")]


def test_escape_leaves_it_and_a_refusal_is_said(make_board: MakeBoard) -> None:
    assert Owner(make_board(), DISK).types("a", "why", "escape").asked == []
    person = Owner(make_board(), DISK)
    person.answers[Acknowledge] = WatchError("you may not do that", "its socket", "only op may")
    person.types("a", "why", "enter", "enter")
    assert "only op may" in person.sees()


def test_with_no_problem_a_says_so(make_board: MakeBoard) -> None:
    person = Owner(make_board()).types("a")
    assert "no problem is here to acknowledge" in person.sees()


def test_r_opens_the_plan_of_what_is_suggested_with_its_inputs(make_board: MakeBoard) -> None:
    person = Owner(make_board(), SITE)
    only = Suggestion("site-evacuation", {"from": "central"})
    person.answers[AskSuggestions] = Suggested((only,))
    person.types("r")
    assert AskSuggestions("site/central") in person.asked
    assert AskPlan("site-evacuation", (("from", "central"),)) in person.asked
    assert person.session.journey.here.subject == "site-evacuation"


@pytest.mark.parametrize(
    ("typed", "plan"),
    [
        (("enter",), AskPlan("site-evacuation", (("from", "central"),))),
        (("tab", "enter"), AskPlan("mail-failover", (("to", "recovery"),))),
        (("ctrl+u", "mail-failover", "enter"), AskPlan("mail-failover", (("to", "recovery"),))),
        (("escape",), None),
    ],
)
def test_r_asks_which_of_several(
    make_board: MakeBoard, typed: tuple[str, ...], plan: AskPlan | None
) -> None:
    person = Owner(make_board(), SITE)
    first = Suggestion("site-evacuation", {"from": "central"})
    second = Suggestion("mail-failover", {"to": "recovery"})
    person.answers[AskSuggestions] = Suggested((first, second))
    person.types("r")
    assert "2 runbooks are for this: site-evacuation, mail-failover" in person.sees()
    person.types(*typed)
    assert [each for each in person.asked if isinstance(each, AskPlan)] == ([plan] if plan else [])


def test_r_shows_all_runbooks_where_none_suggests_itself(make_board: MakeBoard) -> None:
    person = Owner(make_board(), SITE)
    person.answers[AskSuggestions] = Suggested(())
    person.types("r")
    assert AskRunbooks() in person.asked
    assert "no runbook suggests itself here" in person.sees()


@pytest.mark.parametrize("kept", ["returned", "new"])
def test_what_comes_back_rings_as_what_is_new_does(make_board: MakeBoard, kept: str) -> None:
    had = replace(SITE, owner="op1", until=1 << 50)
    person = Owner(make_board(), had) if kept == "returned" else Owner(make_board())
    back = replace(SITE, returned=9) if kept == "returned" else SITE
    assert Ring() in person.moves_on(back)
    assert Ring() not in person.moves_on(back)
    assert Ring() not in person.moves_on(replace(had, returned=None))


def test_r_on_anything_else_shows_all_runbooks(make_board: MakeBoard) -> None:
    person = Owner(make_board(), DISK).types(":", "hosts", "enter")
    person.session.click("host:mta-c02", (), False, person.at)  # it has a problem
    assert person.types("r").place == ("runbooks", "")
    assert person.many(AskSuggestions) == 0
    person = Owner(make_board(), DISK).types("G", "r")  # on an event
    assert (person.place, person.many(AskSuggestions)) == (("runbooks", ""), 0)
