"""What is typed at the foot of the screen, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from estate.document import Document
from tests.tui.console.person import Person

MakeBoard = Callable[..., Document]


def test_a_filter_narrows_while_it_is_typed_and_escape_restores_it(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "/", "r0")
    assert person.session.attention.filter_open and person.session.attention.filter == "r0"
    person.types("escape")
    assert person.session.attention.filter == "" and not person.session.attention.filter_open
    assert person.place == ("hosts", "")


def test_a_wrong_filter_is_said_where_it_is_typed(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "/", "nosuchfield>3")
    assert "column" in person.session.attention.filter_error
    assert "column" in person.sees()


def test_the_palette_finds_and_goes(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("ctrl+p", "r05")
    assert "host mta-r05" in person.sees()
    assert person.types("enter").place == ("host", "mta-r05")
    person.types("ctrl+p", "xyzzy", "enter")
    assert person.session.message == "nothing here is called 'xyzzy'"


def test_a_filter_goes_on_from_the_one_that_holds(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts cpu>4", "enter", "/", "5", "left", "0")
    assert person.session.attention.filter == "cpu>450"  # its cursor stays at the end
    person.types("escape")
    assert person.session.attention.filter == "cpu>4"
    assert person.types("/", "5", "enter").session.attention.filter == "cpu>45"
    assert person.session.message == ""  # it is no command


@pytest.mark.parametrize("way_out", ["escape", "ctrl+c", "backspace"])
def test_a_line_that_is_left_does_nothing(make_board: MakeBoard, way_out: str) -> None:
    person = Person(make_board()).types(":", way_out)
    assert person.session.lines() and ":▏" not in person.sees()
    assert person.types("?").place == ("help", "")


def test_a_line_without_a_word_does_nothing(make_board: MakeBoard) -> None:
    for keys in ((":", "  ", "enter"), (":", "enter")):
        person = Person(make_board()).types(*keys)
        assert (person.place, person.session.message) == (("home", ""), "")


def test_tab_completes_and_candidates_follow_what_is_typed(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-r")
    assert "host mta-r11" in person.sees() and "host mta-c00" not in person.sees()
    person.types("0", "5", "tab")
    assert ":host mta-r05" in person.sees().replace(": host", ":host")
    assert person.types("enter").place == ("host", "mta-r05")


def test_a_click_elsewhere_leaves_the_line(make_board: MakeBoard) -> None:
    """A filter that was left open caught the keys of screens that do not show it, and stood open
    in its own list when the person came back."""
    person = Person(make_board()).types(":", "hosts", "enter", "/", "r0")
    person.session.click("", ("screen", "help"), False, person.at)
    assert person.types("-").place == ("hosts", "")
    assert person.session.attention.filter == "r0"
    assert not person.session.attention.filter_open
    assert "r0▏" not in person.sees()
