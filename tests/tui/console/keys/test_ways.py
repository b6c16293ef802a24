"""Out of what is open, and back and forward through what was visited."""

from __future__ import annotations

from collections.abc import Callable

from estate.document import Document
from estate.language import ENGLISH
from tests.tui.console.person import Person
from tui.console.journey.orders import Say, Walk
from tui.console.journey.places import Journey, Place
from tui.console.keys.ways import back

MakeBoard = Callable[..., Document]


def test_escape_goes_out_of_what_is_open_innermost_first(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "space", "/", "mta", "enter")
    person.types("escape")
    assert person.session.attention.filter == "" and person.session.attention.marks
    person.types("escape")
    assert not person.session.attention.marks and person.place == ("hosts", "")
    person.types("escape")
    assert person.place == ("home", "")


def test_escape_shows_all_hosts_again_before_it_leaves(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "!")
    assert person.session.attention.faults_only
    person.types("escape")
    assert not person.session.attention.faults_only and person.place == ("hosts", "")
    person.types("/", "nosuchfield>3", "enter", "escape")
    assert not person.session.attention.filter_error and person.place == ("hosts", "")


def test_keys_that_lead_nowhere_say_why(make_board: MakeBoard) -> None:
    person = Person(make_board())
    for key, why in (
        ("[", "nothing to go back to"),
        ("]", "nothing to go forward to"),
        ("-", "no view before this one"),
    ):
        assert why in person.types(key).session.message
    person.types(":", "hosts mta-c00", "enter", "enter", "]")
    assert person.session.message == (
        "mta-c00 is the only one on the hosts screen under its filter 'mta-c00': there is no other"
    )
    person.types(":", "host mta-r01", "enter", "]")
    assert "mta-r01 is not on the hosts screen under its filter" in person.session.message


def test_one_q_too_many_says_how_to_leave(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("q")
    assert person.asked == []
    assert person.session.message == ":q leaves; the watch goes on"


def test_back_forward_and_the_last_view(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", ":", "events", "enter")
    assert person.types("[").place == ("hosts", "")
    assert person.types("]").place == ("events", "")
    assert person.types("-").place == ("hosts", "")
    assert person.types("-").place == ("events", "")
    assert person.types("q").place == ("hosts", "")
    assert person.session.message == ""


def test_home_is_not_left_by_q_wherever_the_person_came_from(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", ":", *"home", "enter", "q")
    assert (person.place, person.session.message) == (
        ("home", ""),
        ":q leaves; the watch goes on",
    )


def test_the_oldest_visit_that_is_remembered_is_not_left_by_q_either() -> None:
    oldest = Journey((Place("hosts"), Place("events")), 0)
    assert back(oldest, ENGLISH) == Say(":q leaves; the watch goes on")
    assert back(Journey(oldest.visited, 1), ENGLISH) == Walk(oldest)
