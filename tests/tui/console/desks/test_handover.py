"""The handover at the console: asked for, answered item by item through keys and forms, signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Document, HostRow, WatchRow
from estate.handover import (
    Answer,
    Answered,
    Handover,
    Item,
    Note,
    NoteKind,
    Offered,
    Replied,
    Signed,
)
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.requests.board import AskBoard
from tui.console.requests.facts import Advanced
from tui.console.requests.handover import (
    AnswerItems,
    AskHandover,
    HandedOver,
    ReplyOf,
    SignHandover,
)
from tui.console.session.session import Session, Terminal
from watch.error import WatchError
from watch.languages import words_in

NOW = 1_795_000_000_000
MINUTE = 60_000
BOARD = Document(
    5, NOW, "Test", "UTC", "en", 2_000, WatchRow(),
    hosts={"now-c01": HostRow("now-c01", "central", at=NOW)},
)  # fmt: skip
ITEMS = (Item("problem:gw/reach", "problem", "gw-c01", "unreachable"),
         Item("run:r-1", "run", "failover", "outcome unknown"))  # fmt: skip
OFFERED = Handover(Offered("h-20261120", "day", NOW - 20 * MINUTE, "abc", ITEMS, NOW))
NOTE = Note("n-1", NoteKind.INCIDENT, "Mail is slow", "op", NOW, "critical", owner="op",
            promised_until=NOW - MINUTE)  # fmt: skip
TAKEN = AskHandover()


@pytest.fixture
def session() -> Session:
    made = Session(
        Settings(), Keymap(), Terminal({"TERM": "xterm", "LANG": "C.UTF-8"}, width=100, height=30),
        languages=words_in,
    )  # fmt: skip
    made.learn(Advanced(BOARD, None), 0)
    return made


def text(session: Session) -> str:
    return "\n".join(line.text for line in session.lines())


def opened(session: Session, handover: Handover | None, *notes: Note) -> Session:
    assert TAKEN in session.press("H", 0)
    session.answered(TAKEN, HandedOver(handover, notes), 0)
    return session


def test_it_is_asked_for_and_again_in_a_while(session: Session) -> None:
    assert TAKEN in session.press("H", 0)
    assert "Asking the watch what was handed over" in text(session)
    assert TAKEN not in session.tick(4_000)
    assert TAKEN in session.tick(5_000)


def test_items_answers_owner_and_what_is_overdue_are_shown(session: Session) -> None:
    said = Answered(
        OFFERED.offered.id, ITEMS[0].id, Answer.QUESTIONED, "chan", NOW, "since when, and why?"
    )
    shown = text(opened(session, replace(OFFERED, answers=(said,)), NOTE))
    assert "h-20261120 · 1 of 2 answered" in shown
    assert "day has it" in shown
    assert "not signed, overdue for 5:00" in shown
    assert "questioned · chan" in shown
    assert "since when, and why?" in shown
    assert "nothing said yet" in shown
    assert "Mail is slow" in shown


def test_nothing_yet_says_how_one_comes(session: Session) -> None:
    assert "twinwatch handover offer" in text(opened(session, None))
    assert session.press("s", 0) == ()
    assert session.message == "no handover waits for you"


def test_the_item_at_the_cursor_is_accepted(session: Session) -> None:
    opened(session, OFFERED).press("j", 0)
    asked = AnswerItems("h-20261120", ("run:r-1",), Answer.ACCEPTED)
    assert session.press("a", 0) == (asked,)
    session.answered(asked, HandedOver(OFFERED, ()), 0)
    assert session.message == "noted"


def test_all_that_are_left_are_accepted(session: Session) -> None:
    assert opened(session, OFFERED).press("A", 0) == (
        AnswerItems("h-20261120", (), Answer.ACCEPTED),
    )


@pytest.mark.parametrize(("key", "answer"), [("c", Answer.QUESTIONED), ("X", Answer.REFUSED)])
def test_a_question_and_a_refusal_say_why(session: Session, key: str, answer: Answer) -> None:
    opened(session, OFFERED).press(key, 0)
    assert "gw-c01: unreachable" in text(session)
    session.press("enter", 0)
    assert "something must stand here" in text(session)
    session.paste("since when, and why?", 0)
    asked = AnswerItems("h-20261120", (ITEMS[0].id,), answer, "since when, and why?")
    assert session.press("enter", 0) == (asked,)


def test_escape_asks_nothing(session: Session) -> None:
    opened(session, OFFERED).press("c", 0)
    assert session.press("escape", 0) == ()
    assert "since when" not in text(session)


def test_it_is_signed_once_everything_was_answered(session: Session) -> None:
    opened(session, OFFERED).press("s", 0)
    assert session.message == "nothing was said of 2 items yet"
    said = tuple(Answered("h", each.id, Answer.ACCEPTED, "chan", NOW) for each in ITEMS)
    session.answered(TAKEN, HandedOver(replace(OFFERED, answers=said), ()), 0)
    session.press("s", 0)
    assert "Take h-20261120 over from day" in text(session)
    assert "enter means yes; or type no" in text(session)
    assert session.press("enter", 0) == (SignHandover("h-20261120"),)
    signed = replace(OFFERED, answers=said, signed=Signed("h", "chan", NOW, "abc"))
    session.answered(SignHandover("h-20261120"), HandedOver(signed, ()), 0)
    assert "chan has it" in text(session)
    session.press("s", 0)
    assert session.message == "it is signed already"


def test_who_signs_is_told_what_was_questioned_and_refused(session: Session) -> None:
    said = tuple(
        Answered("h", each.id, answer, "chan", NOW, "why")
        for each, answer in zip(ITEMS, (Answer.QUESTIONED, Answer.REFUSED), strict=True)
    )
    opened(session, replace(OFFERED, answers=said)).press("s", 0)
    assert "yes, or no · 1 refused, 1 questioned" in text(session)
    assert session.press("enter", 0) == ()  # nothing is signed by enter alone
    session.paste("yes", 0)
    assert session.press("enter", 0) == (SignHandover("h-20261120"),)


def test_no_is_no_signature(session: Session) -> None:
    said = tuple(Answered("h", each.id, Answer.ACCEPTED, "chan", NOW) for each in ITEMS)
    opened(session, replace(OFFERED, answers=said)).press("s", 0)
    session.paste("no", 0)
    assert session.press("enter", 0) == ()


def test_what_the_watch_refuses_is_said(session: Session) -> None:
    opened(session, OFFERED)
    why = WatchError("it is not yours to take", "h", "you offered it yourself", "let them say it")
    session.answered(SignHandover("h-20261120"), why, 0)
    assert "you offered it yourself" in text(session)
    assert "gw-c01" in text(session)


def test_nothing_is_answered_from_the_past(session: Session) -> None:
    opened(session, OFFERED)
    session.answered(AskBoard(NOW - MINUTE), replace(BOARD, at=NOW - MINUTE), 0)
    assert session.press("a", 0) == ()
    assert session.message == "this is the past: L goes back to now"


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 12), (20, 6)])
def test_it_fits_and_scrolls_to_the_last_item(session: Session, width: int, height: int) -> None:
    session.terminal = replace(session.terminal, width=width, height=height)
    items = tuple(Item(f"run:{n}", "run", f"host-{n}\x1b[2J", "說明" * 60) for n in range(60))
    opened(session, replace(OFFERED, offered=replace(OFFERED.offered, items=items)), NOTE)
    session.press("G", 0)
    lines = session.lines()
    assert len(lines) == height
    assert "\x1b" not in text(session)
    if height > 8:
        assert "Mail is slow"[:10] in text(session) or width < 60
    session.press("k", 0)
    assert session.press("a", 0)[0].items == ("run:59",)  # type: ignore[union-attr]


FULL = replace(
    NOTE, text="Mail is slow " + "at central " * 30 + "indeed", hypothesis="uplink of rack 4",
    tried="rebooted gw-c01", next_step="call the network desk", call="+852 5555 0100",
    tenants=("T01", "T04"),
)  # fmt: skip


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 30)])
def test_enter_opens_an_item_and_a_note_in_full(session: Session, width: int, height: int) -> None:
    session.terminal = replace(session.terminal, width=width, height=height)
    item = Item("note:n-1", "note", "n-1", FULL.text)
    why = "who told them, and when? " * 8 + "please"
    said = Answered("h", item.id, Answer.QUESTIONED, "chan", NOW, why)
    offered = replace(OFFERED.offered, items=(*ITEMS, item))
    opened(session, replace(OFFERED, offered=offered, answers=(said,)), FULL)
    session.press("j", 0)
    session.press("j", 0)
    assert "indeed" not in text(session)
    session.press("enter", 0)
    shown = " ".join(text(session).split())
    told = ("at central indeed", "uplink of rack 4", "rebooted gw-c01", "call the network desk",
            "+852 5555 0100", "T01, T04", "questioned · chan", "please")  # fmt: skip
    for each in told if height >= 30 and width >= 80 else told[:1]:
        assert each in shown, each
    assert len(session.lines()) == height
    session.press("enter", 0)
    assert "indeed" not in text(session)
    session.press("G", 0)
    session.press("enter", 0)
    assert "+852 5555 0100" in text(session)


def test_a_narrow_page_has_room_for_what_it_is(session: Session) -> None:
    session.terminal = replace(session.terminal, width=40, height=10)
    shown = text(opened(session, OFFERED, NOTE))
    assert "unreachable" in shown
    assert "outcome unknown" in shown


def test_the_footer_has_all_that_signs_it_off_at_80_columns(session: Session) -> None:
    session.terminal = replace(session.terminal, width=80, height=24)
    foot = text(opened(session, OFFERED, NOTE)).splitlines()[-1]
    for word in ("accept", "all", "question", "refuse", "reply", "sign"):
        assert word in foot


def test_what_is_said_stands_while_the_watch_is_asked_again(session: Session) -> None:
    asked = AnswerItems("h-20261120", ("run:r-1",), Answer.ACCEPTED)
    opened(session, OFFERED)
    session.answered(asked, HandedOver(OFFERED, ()), 1_000)
    for at in range(1_000, 20_000, 250):
        for request in session.tick(at):
            session.answered(request, HandedOver(OFFERED, ()), at)
        assert session.message == "noted", at
    session.tick(21_250)
    assert session.message == ""


def test_it_speaks_the_person_s_language(session: Session) -> None:
    session.settings = session.settings.choosing("language", "zh-Hant")
    shown = text(opened(session, OFFERED, NOTE))
    assert "交班" in shown
    assert "has it" not in shown


def test_what_was_not_answered_is_said_on_its_own_screen_alone(session: Session) -> None:
    session.press("H", 0)
    session.answered(TAKEN, WatchError("no handovers yet", "", "the watch is starting", "wait"), 0)
    assert "the watch is starting" in text(session)
    session.message = ""
    assert "the watch is starting" in text(session)
    session.press("q", 0)
    assert session.journey.here.screen == "home"
    session.message = ""
    view = session.view()
    assert view is not None and view.unanswered == ""


def test_a_note_is_no_item_even_under_its_name(session: Session) -> None:
    opened(session, OFFERED, replace(NOTE, id=ITEMS[0].id))
    session.press("G", 0)
    assert session.press("a", 0) == ()
    assert session.message == "no item is here"


def test_all_is_accepted_by_each_who_wants_to_sign(session: Session) -> None:
    said = tuple(Answered("h", each.id, Answer.ACCEPTED, "wong", NOW) for each in ITEMS)
    opened(session, replace(OFFERED, answers=said))
    everything = AnswerItems("h-20261120", (), Answer.ACCEPTED)
    assert session.press("A", 0) == (everything,)


QUESTION = Answered("h-1", ITEMS[0].id, Answer.QUESTIONED, "chan", NOW, "since when?")
REPLIED = Replied("h-1", ITEMS[0].id, "op", NOW + MINUTE, "since the power cut")


def test_a_question_is_replied_to(session: Session) -> None:
    opened(session, replace(OFFERED, answers=(QUESTION,))).press("r", 0)
    assert "You reply to chan of gw-c01: since when?" in text(session)
    session.paste("since the power cut", 0)
    asked = ReplyOf("h-20261120", ITEMS[0].id, "since the power cut")
    assert session.press("enter", 0) == (asked,)
    session.answered(asked, HandedOver(replace(OFFERED, answers=(QUESTION,)), ()), 0)
    assert session.message == "noted"


@pytest.mark.parametrize("answers", [(), (replace(QUESTION, answer=Answer.ACCEPTED),)])
def test_there_is_no_reply_to_what_nobody_asked(
    session: Session, answers: tuple[Answered, ...]
) -> None:
    opened(session, replace(OFFERED, answers=answers)).press("r", 0)
    assert session.message == "nothing was questioned or refused here"
    assert not session.desks.typing


def test_what_was_asked_before_and_the_reply_stand_at_the_item(session: Session) -> None:
    shown = text(opened(session, replace(OFFERED, carried=(QUESTION,), replies=(REPLIED,))))
    assert "before: questioned · chan" in shown
    assert "since when?" in shown
    assert "op: since the power cut" in shown
    session.press("r", 0)
    assert "You reply to chan" in text(session)
    session.press("escape", 0)
    session.press("enter", 0)
    lines = text(session).splitlines()
    assert any("reply" in line and "since the power cut" in line for line in lines)


def test_what_was_refused_stays_where_it_was(session: Session) -> None:
    said = tuple(
        Answered("h-20261120", each.id, answer, "chan", NOW, "why")
        for each, answer in zip(ITEMS, (Answer.ACCEPTED, Answer.REFUSED), strict=True)
    )
    signed = Signed("h-20261120", "chan", NOW, "abc")
    shown = text(opened(session, replace(OFFERED, answers=said, signed=signed)))
    assert "1 refused, with day" in shown
