"""When the chart of a queue is asked for, and of which queue it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from estate.document import Series
from estate.queues import QueuePart, QueueRow
from tui.console.facts import Advanced
from tui.console.keys import Keymap
from tui.console.places import Place
from tui.console.queuedesk import CHART_MS, FIRST_MS, QueueDesk, hosts_of
from tui.console.requests import Chart
from tui.console.session import Session, Terminal
from tui.console.settings import Settings
from tui.paint.view import Attention

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
    return desk.wanted(place, cursor, at, NOW, **{"low": False, "paused": False, **more})


def series() -> Series:
    return Series("depth", NOW - 3_600_000, NOW, 15_000, ((NOW - 60_000, 1.0, 1.0, 1.0),))


def test_a_chart_is_asked_for_at_once_and_again_after_a_while() -> None:
    desk = QueueDesk()
    asked = Chart("q", "1h", NOW)
    assert wanted(desk, "queue:q", 5_000) == (asked,)
    assert wanted(desk, "queue:q", 5_100) == ()  # the answer is on its way
    assert wanted(desk, "queue:q", 5_000 + FIRST_MS) == (asked,)
    desk.learn(asked, series())
    assert wanted(desk, "queue:q", 7_000) == ()
    assert wanted(desk, "queue:q", 6_000 + CHART_MS) == (asked,)
    assert wanted(desk, "queue:q", 18_000 + CHART_MS, low=True) == ()


def test_another_queue_or_span_is_asked_for_at_once_and_never_shown_as_this_one() -> None:
    desk = QueueDesk()
    wanted(desk, "queue:q", 5_000)
    desk.learn(Chart("q", "1h", NOW), series())
    assert desk.shown(HERE) == ("q", series())
    assert wanted(desk, "queue:other", 5_100) == (Chart("other", "1h", NOW),)
    day = replace(HERE, attention=Attention(span="24h"))
    assert wanted(desk, "queue:other", 5_200, day) == (Chart("other", "24h", NOW),)
    assert desk.shown(day) is None
    assert desk.shown(Place("home")) is None


def test_nothing_is_asked_for_elsewhere_without_a_queue_or_while_it_is_held() -> None:
    desk = QueueDesk()
    assert wanted(desk, "queue:q", 5_000, Place("home")) == ()
    assert wanted(desk, "", 5_000) == ()
    assert wanted(desk, "queue:q", 5_000, paused=True) != ()  # there is nothing to hold yet
    desk.learn(Chart("q", "1h", NOW), series())
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
    session.charted(Chart("k/a@central/x", "24h", NOW), series())
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
    assert len(session._rows()) == 2
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
