"""What users felt of a run: whole outages that reach into it, and what nobody saw."""

from __future__ import annotations

from fractions import Fraction

import pytest

from estate.ledger.book import Coverage, Entry, Pages
from estate.ledger.rounds import State, Transition
from estate.model import Objective, Service
from estate.runs import FeltRow, RunRow, RunView
from watch.ledger.felt import concerned, felt

NOW = 1_000_000
MAIL = Service(
    "mail",
    {"en": "E-mail"},
    objective=Objective(Fraction(9995, 10_000), None, 600_000),
    probes=({"tcp": "mx:25"},),
    runbooks={"fails": "mail-failover"},
)


def pages(*changes: tuple[int, State], covered: tuple[tuple[int, int], ...] = ((0, NOW),)) -> Pages:
    entries = []
    previous = State.UNKNOWN
    for at, state in changes:
        entries.append(Entry("mail", Transition(at, state, previous, at + 1)))
        previous = state
    return Pages(tuple(entries), tuple(Coverage("mail", "here", a, b) for a, b in covered))


def row(said: Pages, start: int = 500_000, end: int = 700_000, now: int = NOW) -> FeltRow:
    return felt(MAIL, said, start, end, now=now, patience_ms=30_000)


def test_an_outage_that_the_run_found_is_counted_from_its_own_beginning() -> None:
    said = pages((0, State.UP), (400_000, State.DOWN), (650_000, State.UP))
    assert row(said) == FeltRow("mail", 400_000, 650_000, 250_000, 0, 600_000)


def test_one_that_outlasts_the_run_is_counted_to_its_end() -> None:
    said = pages((0, State.UP), (600_000, State.DOWN), (900_000, State.UP))
    assert row(said) == FeltRow("mail", 600_000, 900_000, 300_000, 0, 600_000)


def test_one_that_goes_on_has_no_end_yet() -> None:
    said = pages((0, State.UP), (600_000, State.DOWN))
    assert row(said) == FeltRow("mail", 600_000, None, NOW - 600_000, 0, 600_000)


@pytest.mark.parametrize("outage", [(100_000, 200_000), (700_000, 800_000), (400_000, 500_000)])
def test_outages_of_before_and_after_are_not_the_runs(outage: tuple[int, int]) -> None:
    said = pages((0, State.UP), (outage[0], State.DOWN), (outage[1], State.UP))
    assert row(said) == FeltRow("mail", None, None, 0, 0, 600_000)


def test_two_outages_are_one_stretch_and_what_lay_between_was_not_down() -> None:
    changes = (
        (0, State.UP), (520_000, State.DOWN), (550_000, State.UP),
        (600_000, State.DOWN), (650_000, State.UP),
    )  # fmt: skip
    assert row(pages(*changes)) == FeltRow("mail", 520_000, 650_000, 80_000, 0, 600_000)


def test_what_nobody_saw_is_said_and_not_added() -> None:
    said = pages((0, State.UP), covered=((0, 550_000), (600_000, NOW)))
    assert row(said) == FeltRow("mail", None, None, 0, 50_000, 600_000)


def test_an_outage_that_nobody_saw_end_ends_with_the_first_good_round() -> None:
    """The watch died in it, or the service was asked no more: its last bad round is no recovery."""
    changes = ((0, State.UP), (600_000, State.DOWN))
    never_again = row(pages(*changes, covered=((0, 650_000),)))
    assert never_again == FeltRow("mail", 600_000, None, 50_000, 350_000, 600_000)
    back = (*changes, (650_000, State.UNKNOWN), (800_000, State.UP))
    again = row(pages(*back, covered=((0, 650_000), (800_000, NOW))))
    assert again == FeltRow("mail", 600_000, 800_000, 50_000, 150_000, 600_000)


def test_degraded_is_no_outage() -> None:
    said = pages((0, State.UP), (550_000, State.DEGRADED), (600_000, State.UP))
    assert row(said).since is None


def test_a_run_is_for_the_services_that_name_its_runbook_and_the_one_it_costs() -> None:
    services = {
        "mail": MAIL,
        "files": Service("files", {}, probes=({"tcp": "a:1"},)),
        "voice": Service("voice", {}, runbooks={"back": "mail-failover"}),  # nobody asks it
    }
    began = RunRow("r-1", "mail-failover", "", "running", 1, 0, 0, "kfwong")
    assert [each.key for each in concerned(services, RunView(began))] == ["mail"]
    assert [each.key for each in concerned(services, RunView(began, service="files"))] == [
        "mail",
        "files",
    ]
