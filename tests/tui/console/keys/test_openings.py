"""Where enter goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estate.availability import ServiceRow
from estate.document import Document
from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from tests.tui.console.person import Person
from tui.console.journey.orders import Choose, Go, Look, Say
from tui.console.keys.openings import opened, opening
from tui.console.requests.board import AskBoard


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("host:mta-c00", Go("host", "mta-c00")),
        ("host:gone", None),
        ("site:central", Go("hosts", filter="site:central")),
        ("group:mta", Go("hosts", filter="group:mta")),
        ("problem:mta-c00/disk/var", Go("host", "mta-c00")),
        ("problem:gone", None),
        ("run:r-20261119-1901-9f3c", Go("run", "r-20261119-1901-9f3c")),
        ("runbook:mail-failover", Go("plan", "mail-failover")),
        ("refused:/etc/x.yaml", None),
        ("service:email", Go("services")),
        ("readiness:email", Go("readiness", "email")),
        ("finding:email:0", None),
        ("event:1", Go("host", "mta-c00")),
        ("event:2", None),
        ("", None),
    ],
)
def test_what_a_row_opens(key: str, order: Go | None, make_board: Callable[..., Document]) -> None:
    assert opened(key, make_board()) == order


def test_an_event_of_the_watch_opens_what_is_known_of_it(
    make_board: Callable[..., Document],
) -> None:
    document = make_board()
    event = replace(document.events[0], where="estate", what="the changed file is refused: …")
    assert opened("event:1", replace(document, events=(event,))) == Go("settings")


def test_a_problem_of_several_hosts_opens_their_list(make_board: Callable[..., Document]) -> None:
    document = make_board()
    problem = replace(document.problems[0], hosts=("mta-c00", "mta-r01", "gone"))
    document = replace(document, problems=(problem,))
    assert opened(f"problem:{problem.id}", document) == Go("hosts", filter="host:mta-c00,mta-r01")


@pytest.mark.parametrize("kind", ["service", "budget"])
def test_a_problem_of_a_service_opens_what_tells_more_of_it(
    kind: str, make_board: Callable[..., Document]
) -> None:
    document = make_board()
    screen = {"service": "services", "budget": "budget"}[kind]
    found = replace(document.problems[0], id=f"mail/{kind}", where="mail", kind=kind, hosts=())
    assert opened(f"problem:mail/{kind}", replace(document, problems=(found,))) == Go(screen)


def test_an_event_of_a_service_opens_the_services(make_board: Callable[..., Document]) -> None:
    document = make_board()
    event = replace(document.events[0], where="mail", what="down since 03:00:00")
    services = (ServiceRow("mail", "Mail"),)
    document = replace(document, events=(event,), services=services)
    assert opened("event:1", document) == Go("services")


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("mta-c00", Go("host", "mta-c00")),
        ("hosts", Go("hosts", filter="site:recovery")),
        ("plan", Go("plan", "mail-failover")),
        ("runs", Go("run", "r-1")),
        ("ledger", Go("budget")),
        ("watch", Go("settings")),
        ("estate", None),
        ("gone", None),
    ],
)
def test_a_finding_opens_what_said_it(
    source: str, order: Go | None, make_board: Callable[..., Document]
) -> None:
    findings = (FindingRow("asked", Bearing.STOPS, source=source),)
    row = ReadinessRow(
        "a:b", "A", Verdict.NOT_READY, runbook="mail-failover", to="recovery", findings=findings,
        done_run="r-1",
    )  # fmt: skip
    document = replace(make_board(), readiness=(row,))
    assert opened("finding:a:b:0", document) == order
    assert opened("finding:a:b:1", document) is None
    assert opened("finding:a:b:x", document) is None


def test_enter_opens_what_the_cursor_is_on_whatever_it_is(
    make_board: Callable[..., Document],
) -> None:
    view = Person(make_board()).session.view()
    assert view is not None
    assert opening("setting:bell", view) == Choose("bell", "on")
    assert opening("moment:5", view) == AskBoard(5)
    assert opening("host:mta-c00", view) == Go("host", "mta-c00")
    refused = Say("it is refused: twinwatch runbook lint /etc/x.yaml")
    assert opening("refused:/etc/x.yaml", view) == refused
    assert opening("host:gone", view) == Say("nothing to open here")
    folded = opening("fold:problem:a", view)
    assert isinstance(folded, Look)
    assert folded.attention.unfolded == {"problem:a"}


def test_nothing_is_opened_in_an_empty_list(make_board: Callable[..., Document]) -> None:
    person = Person(make_board()).types(":", "hosts nosuchhost", "enter", "enter")
    assert (person.place, person.asked, person.session.message) == (("hosts", ""), [], "")
