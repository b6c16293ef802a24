"""One person at one console, key by key, without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import Change, Document, HostDetail, Severity
from tui.console.facts import Advanced, WatchLost
from tui.console.keys import BINDINGS, Keymap
from tui.console.requests import (
    Copy,
    Detail,
    Export,
    Leave,
    Redraw,
    Refresh,
    Request,
    Revive,
    Ring,
    Save,
    Suspend,
)
from tui.console.session import Session, Terminal
from tui.console.settings import Settings
from tui.console.written import Complaint

MakeBoard = Callable[..., Document]


class Person:
    """Types, and remembers what the session asked for."""

    def __init__(self, document: Document | None, chosen: Settings | None = None) -> None:
        terminal = Terminal({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "utf-8", 120, 40)
        self.session = Session(chosen or Settings(), Keymap(), terminal)
        self.at = 10_000
        self.asked: list[Request] = []
        if document is not None:
            self.session.learn(Advanced(document, None), self.at)

    def types(self, *keys: str) -> Person:
        for key in keys:
            for each in [key] if len(key) == 1 or key in NAMED else list(key):
                self.asked += self.session.press("space" if each == " " else each, self.at)
        return self

    def sees(self) -> str:
        return "\n".join(line.text for line in self.session.lines())

    @property
    def place(self) -> tuple[str, str]:
        here = self.session.journey.here
        return here.screen, here.subject


NAMED = {"enter", "escape", "space", "tab", "down", "up", "backspace", "left", "ctrl+d"}
NAMED |= {"ctrl+p", "ctrl+l", "ctrl+c", "ctrl+z", "ctrl+u", "home", "end", "pagedown", "pageup"}


def test_a_command_goes_to_a_screen_and_its_filter(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts cpu>50", "enter")
    assert person.place == ("hosts", "")
    assert person.session.attention.filter == "cpu>50"
    assert "1 of 12 match" in person.sees()


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


def test_opening_a_host_asks_for_its_detail_and_shows_only_its_own(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document).types(":", "host mta-c04", "enter")
    assert person.asked == [Detail("mta-c04", "1h", document.at)]
    person.session.detailed(HostDetail("mta-c02"))
    view = person.session.view()
    assert view is not None and view.detail is None
    person.session.detailed(HostDetail("mta-c04"))
    view = person.session.view()
    assert view is not None and view.detail == HostDetail("mta-c04")
    assert person.session.tick(person.at + 1_000) == ()
    assert len(person.session.tick(person.at + 4_500)) == 1


def test_a_detail_that_is_slow_to_come_is_asked_for_once_a_second(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter")
    assert person.session.tick(person.at + 900) == ()
    assert len(person.session.tick(person.at + 1_000)) == 1
    assert person.session.tick(person.at + 1_900) == ()


def test_a_detail_is_asked_for_less_often_on_a_spared_link(make_board: MakeBoard) -> None:
    chosen = Settings(low_bandwidth="on")
    person = Person(make_board(), chosen).types(":", "host mta-c04", "enter")
    person.session.detailed(HostDetail("mta-c04"))
    assert person.session.tick(person.at + 11_900) == ()
    assert len(person.session.tick(person.at + 12_000)) == 1


def test_a_pause_holds_the_detail_too_once_it_is_there(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter", "p")
    assert len(person.session.tick(person.at + 1_000)) == 1
    person.session.detailed(HostDetail("mta-c04"))
    assert person.session.tick(person.at + 60_000) == ()


def test_the_next_host_is_the_next_of_the_list_and_one_visit(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts site:central", "enter", "enter")
    first = person.place[1]
    person.types("]", "]")
    assert person.place[0] == "host" and person.place[1] != first
    person.types("[", "[")
    assert person.place[1] == first
    person.types("q")
    assert person.place == ("hosts", "")


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


def test_the_footer_offers_no_key_that_is_dead(make_board: MakeBoard) -> None:
    def offered(person: Person) -> set[str]:
        view = person.session.view()
        assert view is not None
        return {word for _, word in view.keys}

    assert offered(Person(make_board(0))) == {"command", "help", "filter"}
    assert "help" not in offered(Person(make_board()).types("?"))
    one = Person(make_board(1)).types(":", "host mta-c00", "enter")
    assert "next host" not in offered(one)
    assert "next host" in offered(Person(make_board()).types(":", "host mta-c00", "enter"))


def test_complaints_about_a_persons_files_stay_on_the_settings_screen(
    make_board: MakeBoard, tmp_path: Path
) -> None:
    wrong = [
        Complaint(tmp_path / "settings.yaml", 3, "theme: 'pink' is no choice", "choose auto, dark"),
        Complaint(tmp_path / "keys.yaml", 1, "no binding is called 'paws'", "ids are in help (?)"),
    ]
    terminal = Terminal({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "utf-8", 120, 40)
    person = Person(make_board())
    person.session = Session(Settings(), Keymap(), terminal, complaints=wrong)
    person.session.learn(Advanced(make_board(), None), person.at)
    assert "settings.yaml:3: theme: 'pink' is no choice (+1 more, :settings)" in person.sees()
    person.types("j", ":", "settings", "enter", "j", "k")
    said = " ".join(person.sees().split())
    assert "theme: 'pink' is no choice" in said and "no binding is called 'paws'" in said


def test_spans_of_the_host_screen(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter", "3")
    assert person.session.attention.span == "7d"
    last = person.asked[-1]
    assert isinstance(last, Detail) and last.span == "7d"


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


def test_what_was_said_does_not_stand_for_ever(make_board: MakeBoard) -> None:
    person = Person(make_board())
    session, start = person.session, person.at
    session.tell("not written: no space left")
    for second in range(20):
        session.tick(start + second * 1_000)
        assert "not written: no space left" in person.sees()
    session.tick(start + 20_000)
    assert "not written" not in person.sees()
    session.tell("not written: no space left")
    session.tick(start + 30_000)
    session.tick(start + 45_000)
    person.types("j")
    session.tell("not written: no space left")  # once more: its time begins anew
    session.tick(start + 46_000)
    session.tick(start + 60_000)
    assert "not written: no space left" in person.sees()


def test_one_q_too_many_says_how_to_leave(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("q")
    assert person.asked == []
    assert person.session.message == ":q leaves; the watch goes on"


def test_refresh_and_copy_speak_of_the_row_under_the_cursor(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter")
    person.sees()
    person.types("R", "y")
    assert person.asked[0] == Refresh("mta-c00")
    assert isinstance(person.asked[1], Copy) and "mta-c00" in person.asked[1].text
    person.types("space", "space", "y")
    assert person.asked[-1] == Copy("mta-c00\nmta-c02")


def test_settings_are_chosen_and_kept(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "settings", "enter", "enter")
    assert person.asked == [Save("theme", "dark")]
    person.types(":", "low on", "enter")
    assert person.asked[-1] == Save("low_bandwidth", "on") and person.session.settings.low


def test_the_palette_finds_and_goes(make_board: MakeBoard) -> None:
    person = Person(make_board()).types("ctrl+p", "r05")
    assert "host mta-r05" in person.sees()
    assert person.types("enter").place == ("host", "mta-r05")
    person.types("ctrl+p", "xyzzy", "enter")
    assert person.session.message == "nothing here is called 'xyzzy'"


def test_a_paste_is_text_and_never_a_row_of_keys(make_board: MakeBoard) -> None:
    person = Person(make_board())
    person.session.paste(":q\nq", person.at)
    assert person.place == ("home", "") and person.asked == []
    person.types(":", "hosts", "enter", "/")
    person.session.paste("site:central \x1b[2J\nq", person.at)
    assert person.session.attention.filter == "site:central [2J"


def test_a_lost_watch_keeps_the_board_and_its_age_grows(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document)
    person.session.learn(WatchLost("the watch stopped"), person.at + 5_000)
    person.session.learn(WatchLost("nobody listens there"), person.at + 9_000)
    view = person.session.view()
    assert view is not None and view.document is document
    assert (view.link.attached, view.link.lost_at) == (False, document.at + 5_000)
    assert view.link.why == "nobody listens there"
    assert "STALE" in person.sees() and "LIVE" not in person.sees()
    person.session.learn(Advanced(document, None), person.at + 10_000)
    assert person.session.link.attached


def test_a_watch_that_was_stopped_is_started_by_the_key_that_is_shown(
    make_board: MakeBoard,
) -> None:
    person = Person(make_board())
    person.types("R")
    assert isinstance(person.asked.pop(), Refresh)
    person.session.learn(WatchLost("it was stopped", "{key} starts it again"), person.at)
    assert "WATCH UNREACHABLE 0:00 · R starts it again · it was stopped" in person.sees()
    person.types("R")
    assert person.asked.pop() == Revive()
    person.session.learn(WatchLost("no", "make room in {a} place"), person.at)
    assert "make room in {a} place" in person.sees()


def test_before_the_first_board_it_says_what_it_waits_for() -> None:
    person = Person(None)
    assert "Asking the watch" in person.sees()
    person.session.learn(WatchLost("nobody listens there"), 0)
    assert "nobody listens there" in person.sees()
    assert person.types("j", ":", "host", "enter", "R", "?").place[0] == "help"


def test_a_pause_holds_the_board_still(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document).types("p")
    later = replace(document, seq=2, at=document.at + 60_000, problems=())
    person.session.learn(Advanced(later, Change(2, later.at, problems=())), person.at + 60_000)
    person.session.tick(person.at + 61_000)
    view = person.session.view()
    assert view is not None and view.document is document and view.status == "paused"
    band = person.sees().splitlines()[0]
    assert "PAUSED 1:01" in band and "LIVE" not in band and "STALE" not in band
    assert "WATCH SILENT" not in person.sees()  # it speaks; the person holds the board
    person.types("p")
    view = person.session.view()
    assert view is not None and view.document is later


def test_on_a_spared_link_figures_wait_and_states_do_not(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document, Settings(low_bandwidth="on"))
    row = document.hosts["mta-c02"]
    busy = replace(document, seq=2, hosts={**document.hosts, row.name: replace(row, values={})})
    quiet = Change(2, busy.at, (busy.hosts[row.name],))
    person.session.learn(Advanced(busy, quiet), person.at + 2_000)
    view = person.session.view()
    assert view is not None and view.document is document
    person.types("?")
    view = person.session.view()
    assert view is not None and view.document is busy, "a new screen is drawn whole anyway"
    down = replace(busy, seq=3, problems=())
    person.session.learn(Advanced(down, Change(3, down.at, problems=())), person.at + 4_000)
    view = person.session.view()
    assert view is not None and view.document is down


def test_the_bell_is_for_new_critical_causes_alone(make_board: MakeBoard) -> None:
    document = make_board()
    old = document.problems[0]
    new = replace(old, id="new")
    cases: list[tuple[str, Any, tuple[Request, ...]]] = [
        ("on", (old, new), (Ring(),)),
        ("off", (old, new), ()),
        ("on", (old,), ()),
        ("on", (old, replace(new, parent=old.id)), ()),
        ("on", (old, replace(new, severity=Severity.WARNING)), ()),
    ]
    for bell, problems, expected in cases:
        person = Person(document, Settings(bell=bell))
        after = replace(document, seq=2, problems=problems)
        change = Change(2, after.at, problems=problems)
        assert person.session.learn(Advanced(after, change), person.at) == expected


def test_clicks(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter")
    session = person.session
    assert session.click("host:mta-c04", (), False, person.at) == ()
    assert session.attention.cursor == "host:mta-c04" and person.place[0] == "hosts"
    session.click("", ("sort", "cpu"), False, person.at)
    assert (session.attention.sort, session.attention.descending) == ("cpu", True)
    session.click("", ("sort", "cpu"), False, person.at)
    assert not session.attention.descending
    session.click("", ("screen", "events"), False, person.at)
    assert person.place[0] == "events"
    session.click("", ("key", "esc"), False, person.at)
    assert person.place[0] == "home"
    session.click("", ("key", "?"), False, person.at)
    assert person.place[0] == "help"
    session.click("host:mta-c04", (), True, person.at)
    assert person.place == ("host", "mta-c04")
    session.wheel(3)


KEYS = sorted({key for binding in BINDINGS for key in binding.keys} - {"ctrl+c", "ctrl+z"})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*KEYS, "a", "0", "backspace", "left"]), max_size=30))
def test_no_row_of_keys_breaks_the_page(keys: list[str]) -> None:
    from tests.tui.console.conftest import board

    person = Person(board())
    for key in keys:
        person.session.press(key, person.at)
        lines = person.session.lines()
        assert len(lines) == 40 and all(line.width <= 120 for line in lines)
