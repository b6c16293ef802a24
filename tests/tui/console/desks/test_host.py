"""When what the host screen shows is asked for, and of which host it is shown."""

from __future__ import annotations

from collections.abc import Callable

from estate.document import Document, HostDetail
from tests.tui.console.person import Person
from tui.console.preferences.settings import Settings
from tui.console.requests.board import Detail
from watch.error import WatchError

MakeBoard = Callable[..., Document]


def test_opening_a_host_asks_for_its_detail_and_shows_only_its_own(make_board: MakeBoard) -> None:
    document = make_board()
    person = Person(document).types(":", "host mta-c04", "enter")
    assert person.asked == [Detail("mta-c04", "1h", document.at)]
    person.session.answered(Detail("mta-c02", "1h", 0), HostDetail("mta-c02"), person.at)
    view = person.session.view()
    assert view is not None and view.detail is None
    person.session.answered(Detail("mta-c04", "1h", 0), HostDetail("mta-c04"), person.at)
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
    person.session.answered(Detail("mta-c04", "1h", 0), HostDetail("mta-c04"), person.at)
    assert person.session.tick(person.at + 11_900) == ()
    assert len(person.session.tick(person.at + 12_000)) == 1


def test_a_pause_holds_the_detail_too_once_it_is_there(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter", "p")
    assert len(person.session.tick(person.at + 1_000)) == 1
    person.session.answered(Detail("mta-c04", "1h", 0), HostDetail("mta-c04"), person.at)
    assert person.session.tick(person.at + 60_000) == ()


def test_spans_of_the_host_screen(make_board: MakeBoard) -> None:
    person = Person(make_board()).types(":", "host mta-c04", "enter", "3")
    assert person.session.attention.span == "7d"
    last = person.asked[-1]
    assert isinstance(last, Detail) and last.span == "7d"


def test_another_span_and_another_visit_are_asked_for_at_once(make_board: MakeBoard) -> None:
    person = Person(make_board(), answers={Detail: lambda asked: HostDetail(asked.host)})
    person.types(":", "host mta-c04", "enter", "3", "3").types(":", "events", "enter", "-")
    spans = [asked.span for asked in person.asked if isinstance(asked, Detail)]
    assert spans == ["1h", "7d", "7d"]


def test_why_a_detail_did_not_come_is_said(make_board: MakeBoard) -> None:
    refused = WatchError("no such host", "mta-c04", "this watch has none", "see :hosts")
    person = Person(make_board(), answers={Detail: refused})
    person.types(":", "host mta-c04", "enter")
    assert "no such host — mta-c04 — this watch has none" in person.sees()
    assert person.many(Detail) == 1
