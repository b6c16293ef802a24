"""One person at one console, key by key, without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import Change, Document
from tests.tui.console.person import Person
from tests.tui.paint.failover import RUN, row
from tui.console.keys import moves
from tui.console.keys.keymap import BINDINGS, Keymap
from tui.console.preferences.settings import Settings
from tui.console.preferences.written import Complaint
from tui.console.requests.board import Refresh, Revive
from tui.console.requests.console import Save
from tui.console.requests.facts import Advanced, WatchLost
from tui.console.session.session import LONGEST_PASTE, Session, Terminal
from tui.paint.screens import keys as rows_of

MakeBoard = Callable[..., Document]


def keys_of(person: Person) -> tuple[str, ...]:
    view = person.session.view()
    assert view is not None
    return rows_of(view)


def test_a_command_goes_to_a_screen_and_its_filter(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts cpu>50", "enter")
    assert person.place == ("hosts", "")
    assert person.session.attention.filter == "cpu>50"
    assert "1 of 12 match" in person.sees()


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
    assert "not written: no space left" in person.sees()
    person.types("j")
    session.tell("not written: no space left")  # once more: its time begins anew
    session.tick(start + 46_000)
    session.tick(start + 60_000)
    assert "not written: no space left" in person.sees()


def test_settings_are_chosen_and_kept(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "settings", "enter", "enter")
    assert person.asked == [Save("theme", "dark")]
    person.types(":", "low on", "enter")
    assert person.asked[-1] == Save("low_bandwidth", "on") and person.session.settings.low
    person.session.click("", ("open", "setting", "mouse"), False, person.at)
    assert person.session.message == "the mouse is turned on or off when a console starts"


def test_a_paste_is_text_and_never_a_row_of_keys(make_board: MakeBoard) -> None:
    person = Person(make_board())
    person.session.paste(":q\nq", person.at)
    person.session.paste("?S", person.at)
    assert person.place == ("home", "") and person.asked == []
    person.types(":", "hosts", "enter", "/")
    person.session.paste("site:central \x1b[2J\nq", person.at)
    assert person.session.attention.filter == "site:central [2J"
    person.types("escape", "/").session.paste("x" * 1_000, person.at)
    assert person.session.attention.filter == "x" * LONGEST_PASTE


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
    host = document.hosts["mta-c02"]
    busy = replace(document, seq=2, hosts={**document.hosts, host.name: replace(host, values={})})
    quiet = Change(2, busy.at, (busy.hosts[host.name],))
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
    person.types("q", ":", "hosts", "enter", "g")
    session.wheel(3)
    assert session.attention.cursor == "host:mta-c06"
    session.wheel(-1)
    assert session.attention.cursor == "host:mta-c04"


def test_a_key_takes_away_what_was_said(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "hosts", "enter", "9")
    assert "no preset 9" in person.session.message
    assert person.types("j").session.message == ""


def test_on_a_spared_link_the_clock_moves_with_the_screen_and_every_ten_seconds(
    make_board: MakeBoard,
) -> None:
    def now(person: Person) -> int:
        view = person.session.view()
        assert view is not None
        return view.now - make_board().at

    person = Person(make_board(), Settings(low_bandwidth="on")).waits(1_000)
    assert now(person) == 0
    assert now(person.types("?")) == 1_000  # a new screen is drawn whole anyway
    assert now(person.waits(10_000)) == 11_000
    assert now(person.types("p")) == 11_000
    person.at += 5_000
    assert now(person.types("q")) == 11_000  # held still
    person.session.learn(WatchLost("it ended"), person.at)
    assert now(person) == 16_000
    usual = Person(make_board())
    usual.at += 500
    assert now(usual.types("?")) == 0
    assert now(usual.waits(1_000)) == 1_500


def test_a_watch_that_is_back_is_shown_at_once_on_a_spared_link_too(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document, Settings(low_bandwidth="on"))
    person.session.learn(WatchLost("it ended"), person.at)
    host = document.hosts["mta-c02"]
    busy = replace(document, seq=2, hosts={**document.hosts, host.name: replace(host, values={})})
    quiet = Change(2, busy.at, (busy.hosts[host.name],))
    person.session.learn(Advanced(busy, quiet), person.at + 2_000)
    view = person.session.view()
    assert view is not None and view.document is busy


def test_the_footer_says_that_the_link_is_spared(make_board: MakeBoard) -> None:
    person = Person(make_board(), Settings(low_bandwidth="on"))
    assert "low bandwidth · read-only" in person.sees().splitlines()[-1]
    assert "low bandwidth · paused" in person.types("p").sees().splitlines()[-1]


def test_a_list_stays_where_it_was_scrolled(make_board: MakeBoard) -> None:
    person = Person(make_board(60)).types(":", "hosts", "enter", "G")
    last = person.sees().splitlines()[4:-2]
    person.types("k")
    assert [line[1:] for line in person.sees().splitlines()[4:-2]] == [line[1:] for line in last]
    assert person.session.attention.first > 0


def test_a_page_of_rows_is_less_than_the_screen(make_board: MakeBoard) -> None:
    person = Person(make_board(60)).types(":", "hosts", "enter", "pagedown")
    assert moves.position(person.session.attention, keys_of(person)) == 40 - 8 - 1
    person.types("g", "ctrl+d")
    assert moves.position(person.session.attention, keys_of(person)) == (40 - 8) // 2


def test_what_is_typed_stands_below_and_in_ascii_where_there_is_nothing_else(
    make_board: MakeBoard,
) -> None:
    person = Person(make_board(), Settings(ascii="on")).types(":")
    assert person.sees().isascii() and "the estate at a glance" in person.sees()
    person.types("escape", ":", "hosts", "enter", "/")
    assert "read-only" in person.sees().splitlines()[-1]  # a filter stands in its list
    assert len(person.session.lines()) == 40


def test_while_the_board_is_held_keys_speak_of_what_is_shown_but_runs_are_of_now(
    make_board: MakeBoard,
) -> None:
    document = make_board()
    person = Person(document).types("p")
    newer = replace(document, seq=2, problems=(), runs=(row(),))
    change = Change(2, newer.at, problems=(), runs=newer.runs)
    person.session.learn(Advanced(newer, change), person.at)
    assert "Take it: mta-c00" in person.types("a").sees()
    assert person.types("escape", "d").place == ("run", RUN)


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
