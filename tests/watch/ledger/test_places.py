"""Vantages as the board shows them: here, heard, silent, and by whose clock."""

from __future__ import annotations

from estate.document import Severity
from estate.file import read_estate
from estate.ledger.observed import FellSilent, Spoke
from estate.model import Estate
from watch.ledger.places import PATIENCE_MS, Places

NOW = 1_790_000_000_000


def estate(vantages: str) -> Estate:
    return read_estate(
        "estate: E\nsites: {c: {name: C}}\nhosts: {bastion-c: {}, bastion-r: {}}\n"
        f"vantages: {vantages}\n",
        "estate.yaml",
    )


BOTH = estate("{central: {host: bastion-c}, recovery: {host: bastion-r}}")
OTHER = estate("{recovery: {host: bastion-r, command: /opt/twinwatch/bin/twinwatch}}")
NONE = estate("{}")


def test_one_file_serves_both_sites() -> None:
    assert Places("bastion-c").of(BOTH) == ("central", "recovery")
    assert Places("bastion-r.example").of(BOTH) == ("recovery", "central")
    assert Places("elsewhere").of(BOTH) == ("elsewhere", "central", "recovery")
    assert Places("elsewhere").of(OTHER) == ("elsewhere", "recovery")


def test_without_another_there_is_no_table_of_vantages() -> None:
    places = Places("bastion-c")
    places.follow(NONE, NOW)
    assert (places.of(NONE), places.picture(NOW)) == ((), ((), ()))
    assert places.own == "bastion-c"


def test_one_that_is_never_heard_is_a_problem_after_a_while() -> None:
    places = Places("bastion-c")
    places.follow(BOTH, NOW)
    rows, problems = places.picture(NOW)
    assert [(row.name, row.state) for row in rows] == [("central", "here"), ("recovery", "silent")]
    assert problems == ()
    places.fell_silent(FellSilent("recovery", "connection refused"), NOW + 1_000)
    _, problems = places.picture(NOW + PATIENCE_MS)
    assert [(p.id, p.severity, p.since) for p in problems] == [
        ("recovery/vantage", Severity.WARNING, NOW)
    ]
    assert problems[0].why.startswith("connection refused; ")
    assert problems[0].blames == ("bastion-r",)


def test_what_is_said_of_it_is_said_once() -> None:
    places = Places("bastion-c")
    places.follow(BOTH, NOW)
    assert places.spoke(Spoke("recovery", (), 20), NOW) is not None
    assert places.spoke(Spoke("recovery", (), 30), NOW + 1_000) is None
    lost = places.fell_silent(FellSilent("recovery", "silent for 15 s"), NOW + 20_000)
    assert lost == (Severity.UNKNOWN, "recovery", "this vantage is silent: silent for 15 s", "")
    assert places.fell_silent(FellSilent("recovery", "refused"), NOW + 21_000) is None
    row = places.picture(NOW + 22_000)[0][1]
    assert (row.since, row.at, row.why, row.ahead_ms) == (
        NOW + 20_000,
        NOW + 1_000,
        "refused",
        30,
    )
    again = places.spoke(Spoke("recovery"), NOW + 30_000)
    assert again == (Severity.OK, "recovery", "heard again", "recovery/vantage")


def test_clocks_that_are_apart_are_a_problem() -> None:
    places = Places("bastion-c")
    places.follow(BOTH, NOW)
    for ahead, wrong in (
        (0, False),
        (1_900, False),
        (-2_900, False),
        (4_100, True),
        (-9_000, True),
    ):
        places.spoke(Spoke("recovery", (), ahead), NOW)
        _, problems = places.picture(NOW)
        assert bool(problems) is wrong, ahead
    assert "vantage's clock is off by -9.0 s" in problems[0].what


def test_one_that_the_estate_drops_is_heard_no_more() -> None:
    places = Places("bastion-c")
    places.follow(BOTH, NOW)
    places.follow(NONE, NOW)
    assert places.spoke(Spoke("recovery"), NOW) is None
    assert places.fell_silent(FellSilent("recovery", "x"), NOW) is None
    assert places.picture(NOW) == ((), ())
