"""When the chart of a queue is asked for, and of which queue it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from estate.document import Document, Series, WatchRow
from estate.language import ENGLISH
from estate.queues import QueuePart, QueueRow
from tests.tui.console.person import Person
from tui.console.desks.queues import CHART_MS, FIRST_MS, QueueDesk, hosts_of
from tui.console.journey.places import Place
from tui.console.journey.standpoint import Standpoint
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.requests.board import AskBoard, Chart
from tui.console.requests.facts import Advanced
from tui.console.session.session import Session, Terminal
from tui.paint.screens import keys
from tui.paint.view import Attention, View

NOW = 1_795_114_800_000
HERE = Place("queues", attention=Attention())
ROWS = (
    QueueRow("k/a@central/x", "a x", "central", group="mta", state="ok", depth=5, hosts=2),
    QueueRow("k/a@central/y", "a y", "central", group="mta", state="critical", depth=9, hosts=2),
    QueueRow(
        "k/b@central/", "b", "central", group="mq", state="ok", depth=1, hosts=1,
        parts=(QueuePart("mta-c00", 1),),
    ),
)  # fmt: skip


def wanted(desk: QueueDesk, cursor: str, at: int, place: Place = HERE, **more: Any):
    return desk.wanted(Standpoint(place, at, NOW, None, None, ENGLISH, lambda: cursor, **more))


def tell(desk: QueueDesk, asked: Chart) -> None:
    here = Standpoint(HERE, 0, NOW, None, None, ENGLISH, str)
    assert desk.learn(asked, series(), here) == ()


def shown(desk: QueueDesk, screen: str = "queues", span: str = "1h") -> tuple[str, Series] | None:
    document = Document(1, NOW, "Test", "UTC", "en", 2_000, WatchRow())
    view = View(document, NOW, 80, 24, screen=screen, attention=Attention(span=span))
    return desk.dress(view).queue_series


def series() -> Series:
    return Series("depth", NOW - 3_600_000, NOW, 15_000, ((NOW - 60_000, 1.0, 1.0, 1.0),))


def test_a_chart_is_asked_for_at_once_and_again_after_a_while() -> None:
    desk = QueueDesk()
    asked = Chart("q", "1h", NOW)
    assert wanted(desk, "queue:q", 5_000) == (asked,)
    assert wanted(desk, "queue:q", 5_100) == ()  # the answer is on its way
    assert wanted(desk, "queue:q", 5_000 + FIRST_MS) == (asked,)
    tell(desk, asked)
    assert wanted(desk, "queue:q", 7_000) == ()
    assert wanted(desk, "queue:q", 6_000 + CHART_MS) == (asked,)
    assert wanted(desk, "queue:q", 18_000 + CHART_MS, low=True) == ()


def test_another_queue_or_span_is_asked_for_at_once_and_never_shown_as_this_one() -> None:
    desk = QueueDesk()
    wanted(desk, "queue:q", 5_000)
    tell(desk, Chart("q", "1h", NOW))
    assert shown(desk) == ("q", series())
    assert wanted(desk, "queue:other", 5_100) == (Chart("other", "1h", NOW),)
    day = replace(HERE, attention=Attention(span="24h"))
    assert wanted(desk, "queue:other", 5_200, day) == (Chart("other", "24h", NOW),)
    assert shown(desk, span="24h") is None
    assert shown(desk, "home") is None


def test_nothing_is_asked_for_elsewhere_without_a_queue_or_while_it_is_held() -> None:
    desk = QueueDesk()
    assert wanted(desk, "queue:q", 5_000, Place("home")) == ()
    assert wanted(desk, "", 5_000) == ()
    assert wanted(desk, "queue:q", 5_000, paused=True) != ()  # there is nothing to hold yet
    tell(desk, Chart("q", "1h", NOW))
    assert wanted(desk, "queue:q", 99_000, paused=True) == ()


def test_the_session_follows_the_cursor(make_board: Any) -> None:
    session = Session(Settings(), Keymap(), Terminal({}, width=100, height=30))
    document = replace(make_board(), queues=ROWS, at=NOW)
    session.learn(Advanced(document, None), 0)
    asked = session.press("Q", 1_000)
    assert session.journey.here.screen == "queues"
    assert [each for each in asked if isinstance(each, Chart)] == [
        Chart("k/a@central/y", "1h", NOW + 1_000)  # the worst stands first
    ]
    assert Chart("k/a@central/x", "1h", NOW + 1_100) in session.press("j", 1_100)
    assert Chart("k/a@central/x", "24h", NOW + 1_200) in session.press("2", 1_200)
    session.answered(Chart("k/a@central/x", "24h", NOW), series(), 1_200)
    view = session.view()
    assert view is not None
    assert view.queue_series == ("k/a@central/x", series())
    assert any("a x" in line.text for line in session.lines())


def test_a_filter_speaks_of_queues_here_and_of_hosts_elsewhere(make_board: Any) -> None:
    session = Session(Settings(), Keymap(), Terminal({}, width=100, height=30))
    session.learn(Advanced(replace(make_board(), queues=ROWS), None), 0)
    session.press("Q", 1_000)
    for key in "/depth>4":
        session.press(key, 1_100)
    assert session.attention.filter_error == ""
    view = session.view()
    assert view is not None
    assert len(keys(view)) == 2
    session.press("enter", 1_200)
    session.press("escape", 1_300)
    for key in "/cpu>4":
        session.press(key, 1_400)
    assert "no field 'cpu'" in session.attention.filter_error


def test_enter_leads_to_the_hosts_that_hold_it(make_board: Any) -> None:
    document = replace(make_board(), queues=ROWS)
    found = hosts_of("queue:k/a@central/y", document)
    assert found is not None
    assert (found.screen, found.filter) == ("hosts", "group:mta site:central")
    alone = hosts_of("queue:k/b@central/", document)
    assert alone is not None
    assert (alone.screen, alone.subject) == ("host", "mta-c00")
    assert hosts_of("queue:gone", document) is None
    session = Session(Settings(), Keymap(), Terminal({}, width=100, height=30))
    session.learn(Advanced(document, None), 0)
    session.press("Q", 1_000)
    session.press("enter", 1_100)
    assert session.journey.here.screen == "hosts"
    assert session.attention.filter == "group:mta site:central"


def test_enter_leads_to_hosts_of_the_moment_that_is_looked_at(make_board: Any) -> None:
    then = replace(make_board(), queues=ROWS, at=NOW - 60_000)
    person = Person(replace(then, queues=(), at=NOW)).types("Q")
    person.session.answered(AskBoard(then.at), then, person.at)
    assert person.types("enter").place == ("hosts", "")
    assert person.session.attention.filter == "group:mta site:central"
