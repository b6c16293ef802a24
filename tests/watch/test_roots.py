"""A site that is cut is one problem, whatever was running there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Document, HostRow, Problem, Severity, WatchRow
from estate.model import Estate, Host, Need, Service, Site
from estate.samples import Cause, Observation, Reach, Reached, Stage
from estate.thresholds import DEFAULTS
from tests.watch.test_board import sample
from tui.paint.states import ordered as as_painted
from watch.board import Board
from watch.ordering import ordered
from watch.roots import AFTER_MS, rooted

T0 = 1_793_145_600_000
CUT = T0 + 60_000


def estate() -> Estate:
    """80 hosts at two sites, half of them behind a gateway."""
    hosts: dict[str, Host] = {}
    for site, letter in (("central", "c"), ("recovery", "r")):
        hosts[f"gw-{letter}01"] = Host(f"gw-{letter}01", site, ("gw",))
        for n in range(1, 20):
            hosts[f"mta-{letter}{n:02}"] = Host(
                f"mta-{letter}{n:02}", site, ("mta",), jump=f"gw-{letter}01"
            )
        for n in range(1, 21):
            hosts[f"mdb-{letter}{n:02}"] = Host(f"mdb-{letter}{n:02}", site, ("mdb",))
    return Estate(
        "Test", "UTC", "en", 5_000,
        {key: Site(key, {"en": key.title()}) for key in ("central", "recovery")},
        hosts,
        services={
            "mail": Service("mail", {"en": "Mail"}, needs=(Need("mta", "active site", 1),)),
            "db": Service("db", {"en": "Database"}, needs=(Need("mdb", "central", 2),)),
            "web": Service("web", {"en": "Web"}, needs=(Need("mta", "any site", 1),)),
            "alone": Service("alone", {"en": "Alone"}),
        },
        thresholds=DEFAULTS,
    )  # fmt: skip


def service(key: str, since: int = CUT + 5_000, severity: Severity = Severity.CRITICAL) -> Problem:
    return Problem(f"{key}/service", key, "down", "", severity, since, kind="service", glyph="down")


def cut(board: Board, site: str, at: int) -> None:
    cause = Cause(Stage.CONNECT, "no answer in 10 s")
    rows = board.document.hosts.values()
    board.absorb(
        [
            Reached(row.name, at, Reach.UNREACHABLE, cause)
            if row.site == site
            else sample(row.name, at, cpu=10, mem=20)
            for row in rows
            if row.site == site or row.reach is Reach.LIVE
        ],
        at + 10,
    )


def live(board: Board, at: int, site: str = "") -> None:
    rows = [row for row in board.document.hosts.values() if site in ("", row.site)]
    board.absorb([sample(row.name, at, cpu=10, mem=20) for row in rows], at + 10)


def roots(document: Document) -> list[str]:
    return [each.id for each in document.problems if not each.parent]


def test_a_site_cut_of_40_hosts_and_all_that_ran_there_is_one_problem() -> None:
    board = Board(estate(), WatchRow(), T0)
    live(board, T0 + 1)
    assert len(board.document.hosts) == 80
    assert roots(board.document) == []
    budget = Problem(
        "db/budget", "db", "budget burns", "", Severity.CRITICAL, CUT, kind="budget",
        parent="db/service",
    )  # fmt: skip
    board.show_services((), (), (service("db"), service("mail"), budget))
    board.show(
        "queues",
        {},
        (
            Problem("mta-c01/queue/postfix", "mta-c01", "1,200 wait", "", Severity.WARNING, CUT,
                    kind="queue", hosts=("mta-c01",), site="central"),
            Problem("queue/outbound@central", "outbound", "not known", "", Severity.UNKNOWN, CUT,
                    kind="queue", site="central"),
            Problem("db/replication", "db", "broken", "", Severity.CRITICAL, CUT,
                    kind="replication", hosts=("mdb-c01", "mdb-r01")),
        ),
    )  # fmt: skip
    cut(board, "central", CUT)
    assert roots(board.document) == ["site/central"]
    below = {each.id for each in board.document.problems if each.parent == "site/central"}
    every = {each.id for each in board.document.problems}
    assert every - below == {"site/central", "db/budget"}  # which hangs on its service
    assert len(every) == 1 + 40 + 6
    assert len(board.document.problems) == len(every), "nothing is listed twice or left out"


def test_a_lost_gateway_takes_the_service_of_the_hosts_behind_it_with_it() -> None:
    board = Board(estate(), WatchRow(), T0)
    live(board, T0 + 1)
    board.show_services((), (), (service("mail"), service("alone")))
    cause = Cause(Stage.CONNECT, "no answer in 10 s")
    behind = Cause(Stage.JUMP, "jump host gw-c01: no answer in 10 s", hop="gw-c01")
    lost: list[Observation] = [Reached("gw-c01", CUT, Reach.UNREACHABLE, cause)]
    lost += [Reached(f"mta-c{n:02}", CUT, Reach.UNREACHABLE, behind) for n in range(1, 20)]
    names = {each.host for each in lost}
    lost += [sample(name, CUT, cpu=1) for name in board.document.hosts if name not in names]
    board.absorb(lost, CUT + 10)
    assert sorted(roots(board.document)) == ["alone/service", "gw-c01/reach"]
    mail = next(each for each in board.document.problems if each.id == "mail/service")
    assert mail.parent == "gw-c01/reach"


def test_a_service_that_goes_down_long_after_a_site_stands_for_itself() -> None:
    """It may have been carried by the other site since, and be down for its own reasons."""
    board = Board(estate(), WatchRow(), T0)
    live(board, T0 + 1)
    cut(board, "central", CUT)
    late = service("mail", since=CUT + AFTER_MS + 60_000)
    board.show_services((), (), (late, service("db", since=late.since)))
    live(board, late.since, "recovery")
    assert roots(board.document) == ["site/central", "mail/service"]  # db is bound to the site


def test_a_service_that_any_site_may_carry_is_not_explained_by_one() -> None:
    board = Board(estate(), WatchRow(), T0)
    live(board, T0 + 1)
    board.show_services((), (), (service("web"),))
    cut(board, "central", CUT)
    assert "web/service" in roots(board.document)
    cut(board, "recovery", CUT + 1_000)
    assert roots(board.document) == ["estate/bastion"]


def test_a_consequence_is_never_worse_than_its_cause() -> None:
    gone = HostRow("a", "c", ("mta",), reach=Reach.LATE)
    stale = Problem(
        "a/reach", "a", "stale", "", Severity.UNKNOWN, CUT, kind="reach", hosts=("a",), site="c"
    )
    worse = Problem("a/queue", "a", "full", "", Severity.CRITICAL, CUT, kind="queue", hosts=("a",))
    alike = replace(worse, id="a/log", severity=Severity.UNKNOWN)
    found = {e.id: e.parent for e in rooted((stale, worse, alike), estate(), {"a": gone})}
    assert found == {"a/reach": "", "a/queue": "", "a/log": "a/reach"}


def test_what_hangs_on_nothing_or_on_itself_is_listed_all_the_same() -> None:
    one = Problem("1", "a", "", "", Severity.WARNING, 1, parent="2")
    two = Problem("2", "b", "", "", Severity.WARNING, 2, parent="1")
    orphan = Problem("3", "c", "", "", Severity.CRITICAL, 3, parent="gone")
    listed = ordered((one, two, orphan))
    assert {each.id for each in listed} == {"1", "2", "3"}
    assert next(each for each in listed if each.id == "3").parent == ""
    assert [each.parent for each in listed if not each.parent]


def test_a_site_comes_before_a_host_that_is_as_bad_however_new() -> None:
    site = Problem("site/c", "c", "", "", Severity.CRITICAL, 1, kind="reach", hosts=("a", "b"))
    host = Problem("x/reach", "x", "", "", Severity.CRITICAL, 9, kind="reach", hosts=("x",))
    assert [each.id for each in ordered((host, site))] == ["site/c", "x/reach"]
    late = replace(site, severity=Severity.UNKNOWN)
    assert [each.id for each in ordered((late, host))] == ["x/reach", "site/c"]


def test_the_board_lists_causes_as_the_console_does() -> None:
    """What is old stays where it was, and what somebody has comes after what nobody has."""
    old = Problem("old", "a", "", "", Severity.CRITICAL, 1)
    new = Problem("new", "b", "", "", Severity.CRITICAL, 9)
    mine = Problem("mine", "c", "", "", Severity.CRITICAL, 0, owner="me", until=99)
    follows = Problem("after", "d", "", "", Severity.CRITICAL, 0, parent="old")
    every = (new, mine, follows, old)
    assert [each.id for each in ordered(every)] == ["old", "after", "new", "mine"]
    on_screen = as_painted(every)
    assert [each.id for each in on_screen] == ["old", "new", "mine"]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_all_that_follows_comes_right_after_its_first_cause(depth: int) -> None:
    chain = [Problem("0", "x", "", "", Severity.CRITICAL, 0)]
    chain += [
        Problem(str(n), "x", "", "", Severity.WARNING, n, parent=str(n - 1))
        for n in range(1, depth + 1)
    ]
    other = Problem("z", "z", "", "", Severity.CRITICAL, 1)
    listed = [each.id for each in ordered((other, *chain))]
    assert listed == [*(each.id for each in chain), "z"]


def test_what_blames_the_other_end_follows_from_its_loss_and_stands_alone_without() -> None:
    def stream(*blames: str) -> Problem:
        return Problem(
            "mdb-r01/replication_broken/x", "mdb-r01", "does not flow", "", Severity.CRITICAL, CUT,
            kind="replication_broken", hosts=("mdb-r01",), site="recovery", blames=blames,
        )  # fmt: skip

    board = Board(estate(), WatchRow(), T0)
    live(board, T0 + 1)
    cut(board, "central", CUT)
    document = board.document
    for blames, parent in (
        (("mdb-c01",), "site/central"),
        (("mdb-c01", "mdb-c02"), "site/central"),
        (("mdb-c01", "mdb-r02"), ""),  # one of them is well, and has a trouble of its own
        ((), ""),
    ):
        found = rooted((*document.problems, stream(*blames)), estate(), document.hosts)
        assert found[-1].parent == parent
