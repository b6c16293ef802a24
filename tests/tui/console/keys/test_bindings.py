"""What keys come to, of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estate.document import Document
from estate.readiness import ReadinessRow, Verdict
from tests.tui.console.person import Person
from tui.console.preferences.settings import Settings
from tui.console.requests.board import AskReadiness, Refresh, Revive
from tui.console.requests.console import Copy, Export, Leave, Redraw, Suspend
from tui.console.requests.facts import Advanced, WatchLost
from tui.console.requests.request import Request

MakeBoard = Callable[..., Document]


def test_the_next_host_is_the_next_of_the_list_and_one_visit(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts site:central", "enter", "enter")
    first = person.place[1]
    person.types("]", "]")
    assert person.place[0] == "host" and person.place[1] != first
    person.types("[", "[")
    assert person.place[1] == first
    person.types("q")
    assert person.place == ("hosts", "")


def test_presets_are_saved_filters(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "2")
    assert person.session.attention.filter == "cpu>80"
    person.types("9")
    assert "no preset 9" in person.session.message


@pytest.mark.parametrize(
    ("key", "request_"),
    [
        ("ctrl+l", Redraw()),
        ("ctrl+c", Leave()),
        ("ctrl+z", Suspend()),
        ("e", Export()),
    ],
)
def test_keys_that_ask_for_something(make_board: MakeBoard, key: str, request_: Request) -> None:
    assert Person(make_board()).types(key).asked == [request_]


def test_refresh_and_copy_speak_of_the_row_under_the_cursor(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter")
    person.sees()
    person.types("R", "y")
    assert person.asked[0] == Refresh("mta-c00")
    copied = person.last(Copy).text
    assert "mta-c00" in copied and "▌" not in copied
    person.types("space", "space", "y")
    assert person.asked[-1] == Copy("mta-c00\nmta-c02")


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("?", "help"), ("t", "timeline"), ("S", "services"), ("b", "budget"), ("f", "readiness"),
        ("Q", "queues"), ("C", "certificates"), ("P", "patches"), ("H", "handover"),
    ],
)  # fmt: skip
def test_keys_that_go_to_a_screen(make_board: MakeBoard, key: str, screen: str) -> None:
    assert Person(make_board()).types(key).place == (screen, "")


def test_refresh_asks_the_host_that_is_shown_all_where_there_is_none_and_the_watch_where_it_is_lost(
    make_board: MakeBoard,
) -> None:
    shown = Person(make_board()).types(":", "host mta-c04", "enter", "R")
    assert shown.last(Refresh) == Refresh("mta-c04")
    events = Person(make_board()).types(":", "events", "enter", "R")
    assert events.asked == [Refresh(None)]
    assert Person(None).types("R").asked == [Refresh(None)]
    lost = Person(make_board())
    lost.session.learn(WatchLost("it was stopped"), lost.at)
    assert lost.types("R").asked == [Revive()]


def test_refresh_shows_the_newest_on_a_spared_link_too(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document, Settings(low_bandwidth="on"))
    row = document.hosts["mta-c02"]
    newer = replace(document, seq=2, hosts={**document.hosts, row.name: replace(row, values={})})
    change = Advanced(newer, None)
    person.session.held.advance(change.document, person.at)
    view = person.session.view()
    assert view is not None and view.document is document
    person.types("R")
    view = person.session.view()
    assert view is not None and view.document is newer


def test_what_is_copied_where_no_row_has_the_cursor_is_the_page(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("?")
    page = person.sees()
    copied = person.types("y").last(Copy)
    assert copied.text == page


def test_the_hosts_of_the_service_on_top_are_asked_again(make_board: MakeBoard) -> None:
    rows = (
        ReadinessRow("mail", "Mail", Verdict.NOT_READY),
        ReadinessRow("im", "IM", Verdict.READY),
    )
    person = Person(replace(make_board(), readiness=rows)).types("f", "R")
    assert person.asked == [AskReadiness("mail")]
    assert person.session.message == "asking the hosts of mail"
    none = Person(make_board()).types("f", "R")
    assert (none.asked, none.session.message) == ([], "")
