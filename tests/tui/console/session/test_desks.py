"""All desks as one: who is told, who is asked, whose form is open, what the past keeps quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estate.document import Document, HostDetail
from estate.language import ENGLISH
from tests.tui.console.person import Person
from tests.tui.paint.failover import RUN, RUNBOOKS, row, run
from tui.console.journey.places import Place
from tui.console.journey.standpoint import Standpoint
from tui.console.keys.keymap import BINDINGS, Binding
from tui.console.requests.attention import Acknowledge
from tui.console.requests.board import AskBoard, AskMoments, Detail
from tui.console.requests.handover import AskHandover, HandedOver
from tui.console.requests.request import Request
from tui.console.requests.runs import (
    AskOutput,
    AskPlan,
    AskRun,
    AskRunbooks,
    AskRuns,
    RunbooksTold,
    RunTold,
)
from tui.console.session.desks import Desks
from watch.error import WatchError

MakeBoard = Callable[..., Document]
REFUSED = WatchError("it was refused", "here", "because", "ask again")


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda each: each.id)
def test_every_binding_is_somebodys(make_board: MakeBoard, binding: Binding) -> None:
    """One that is nobody's would be a KeyError of the desk that is asked last."""
    for screen in binding.screens or ("home",):
        person = Person(replace(make_board(), runs=(row(),)))
        person.session.journey = person.session.journey.go(screen)
        for key in binding.keys:
            person.session.press(key, person.at)
    with pytest.raises(KeyError):
        Desks().act("nobodys", Standpoint(Place(), 0, 0, None, None, ENGLISH, str))


@pytest.mark.parametrize(
    ("request_", "screen"),
    [
        (Detail("mta-c00", "1h", 0), "host"),
        (AskMoments(1), "timeline"),
        (AskBoard(1), "timeline"),
        (AskHandover(), "handover"),
        (Acknowledge("p", "why", 1), "home"),
        (AskRuns(), "runs"),
        (AskPlan("mail-failover"), "plan"),
    ],
)
def test_whatever_was_not_answered_is_said_where_it_was_asked(
    make_board: MakeBoard, request_: Request, screen: str
) -> None:
    person = Person(make_board())
    person.session.journey = person.session.journey.go(screen)
    person.session.answered(request_, REFUSED, person.at)
    assert "it was refused — here — because" in person.sees()


def test_what_was_answered_leads_to_what_is_asked_next(make_board: MakeBoard) -> None:
    person = Person(replace(make_board(), runs=(row(),)))
    person.session.journey = person.session.journey.go("run", RUN)
    told = RunTold(run())
    asked = person.session.answered(AskRun(RUN), told, person.at)
    assert AskOutput(RUN, "fenced-c01", 47) in asked


def test_a_screen_asks_for_what_is_its_own_alone(make_board: MakeBoard) -> None:
    person = Person(make_board())
    kinds = {"host": Detail, "handover": AskHandover, "timeline": AskMoments}
    kinds |= {"runs": AskRuns, "runbooks": AskRunbooks}
    for screen, kind in kinds.items():
        person.session.journey = person.session.journey.go(screen)
        person.at += 100_000
        assert [type(each) for each in person.session.tick(person.at)] == [kind], screen
    person.session.journey = person.session.journey.go("home")
    assert person.session.tick(person.at + 100_000) == ()


def test_a_list_of_runs_is_asked_for_anew_when_it_is_shown_again(make_board: MakeBoard) -> None:
    told = {AskRunbooks: RunbooksTold(RUNBOOKS)}
    person = Person(make_board(), answers=told).types(":", "runbooks", "enter", "j", "k")
    assert person.many(AskRunbooks) == 1
    person.types(":", "events", "enter", "-")
    assert person.many(AskRunbooks) == 2


def test_a_list_that_is_shown_already_is_not_asked_for_anew(make_board: MakeBoard) -> None:
    told = {AskRunbooks: RunbooksTold(RUNBOOKS)}
    person = Person(make_board(), answers=told)
    person.types(":", "runbooks", "enter", ":", "runbooks", "enter")
    assert person.many(AskRunbooks) == 1


def test_nothing_of_now_is_shown_in_the_past(make_board: MakeBoard) -> None:
    document = make_board()
    past = replace(document, at=document.at - 60_000)
    person = Person(document).types(":", "host mta-c04", "enter")
    person.session.answered(Detail("mta-c04", "1h", 0), HostDetail("mta-c04"), person.at)
    person.session.answered(AskBoard(past.at), past, person.at)
    view = person.session.view()
    assert view is not None
    assert (view.document, view.detail, view.status) == (past, None, "the past")


def test_nothing_of_now_is_asked_from_the_past(make_board: MakeBoard) -> None:
    document = make_board()
    past = replace(document, at=document.at - 60_000)
    person = Person(document).types(":", "host mta-c04", "enter")
    person.session.answered(AskBoard(past.at), past, person.at)
    person.asked.clear()
    person.waits(60_000).types("?", "-", ":", "handover", "enter").waits(60_000)
    assert person.asked == []
    person.session.journey = person.session.journey.go("timeline")
    assert person.waits(60_000).many(AskMoments) == 1
    person.types(":", "host mta-c04", "enter", "L")
    assert person.many(Detail) == 1


def test_a_form_takes_the_keys_of_every_screen_until_it_is_left(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("a")
    person.types("?")
    assert person.place == ("home", "")
    assert "?▏" in person.sees()
    assert person.types("escape", "?").place == ("help", "")


def test_what_is_known_is_shown_on_its_screen(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter")
    person.session.answered(Detail("mta-c04", "1h", 0), HostDetail("mta-c04"), person.at)
    person.session.answered(AskHandover(), HandedOver(None, ()), person.at)
    view = person.session.view()
    assert view is not None
    assert (view.detail, view.notes) == (HostDetail("mta-c04"), None)
    view = person.types(":", "handover", "enter").session.view()
    assert view is not None
    assert (view.detail, view.notes) == (None, ())
