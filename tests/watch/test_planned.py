"""What was asked for is not loud while it is asked for: backends that runs and planned work empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.asked import Asked, Haproxy
from estate.document import Problem, Severity, WatchRow
from estate.metrics import METRICS
from estate.model import Estate, Host, Maintenance, Site
from estate.runs import ChangedHosts
from estate.samples import Gap, Probed, Reading, Sample
from estate.thresholds import DEFAULTS
from watch.board import Board

EVERY = 5_000
T0 = 1_000_000_000
PROXY = Asked(haproxy=Haproxy())
ESTATE = Estate(
    "E", "UTC", "en", EVERY, {"c": Site("c", {"en": "C"}, "primary")},
    {
        **{name: Host(name, "c", ("lb",), asked=PROXY) for name in ("lb1", "lb2", "lb3")},
        **{name: Host(name, "c", ("web",)) for name in ("web1", "web2")},
    },
    thresholds=DEFAULTS,
)  # fmt: skip
RUN = ChangedHosts("r-1", "site-evacuation", "kwong", T0, frozenset({"lb1"}))


class Bench:
    """A board whose balancers tell of the backend "web", at `now`, a sweep at a time."""

    def __init__(self, estate: Estate = ESTATE) -> None:
        self.now = T0
        self.board = Board(estate, WatchRow(), T0)
        self.events: list[tuple[str, Severity, str]] = []

    def sweeps(self, drained: str, down: str = "", *, many: int = 8, lbs: int = 1) -> None:
        """Every host answers, for long enough that what is wrong has lasted."""
        out = [name for name in drained.split(",") if name]
        attributes: dict[str, float | str] = {
            "servers": 2.0, "drained": float(len(out)), "out": drained, "down": down,
            "status": "UP" if len(out) < 2 and not down else "DOWN",
        }  # fmt: skip
        up = 2.0 - len(out) - len(down.split(",") if down else [])
        for _ in range(many):
            self.now += EVERY
            found = [Probed(f"lb{n}", self.now, "haproxy",
                            (Reading("backend", "web", up, attributes=attributes),))
                     for n in range(1, lbs + 1)]  # fmt: skip
            self.absorb(*found)

    def absorb(self, *found: Probed) -> None:
        nothing = (float("nan"),) * len(METRICS)
        alive = [Sample(name, self.now, nothing, 1e5, 2, 1e9) for name in ESTATE.hosts]
        change = self.board.absorb([*found, *alive], self.now)
        news = change.events if change is not None else ()
        self.events += [(each.where, each.severity, each.what) for each in news]

    @property
    def problem(self) -> Problem:
        [found] = self.board.document.problems
        return found


def changing(began: int = T0, *hosts: str) -> tuple[ChangedHosts, ...]:
    return (replace(RUN, began=began, hosts=frozenset(hosts or ("lb1",))),)


def test_all_servers_drained_is_critical_and_says_that_they_were_taken_out() -> None:
    bench = Bench()
    bench.sweeps("web1,web2")
    assert (bench.problem.what, bench.problem.severity) == (
        "backend web has no server that takes work", Severity.CRITICAL,
    )  # fmt: skip
    assert bench.problem.why == "every server was taken out: nobody serves until one is put back"
    bench.sweeps("", many=1)
    assert bench.problem.what == "backend web was beyond its limit, now 0%"
    assert bench.problem.why == "the others carry its work, while there are any"


def test_it_is_what_a_run_was_asked_for_until_the_run_has_ended() -> None:
    bench = Bench()
    bench.board.show_runs((), changing())
    bench.sweeps("web1,web2")
    assert bench.problem.severity is Severity.MAINTENANCE
    assert (bench.problem.owner, bench.problem.until) == ("kwong", None)
    assert bench.problem.why == (
        "taken out during site-evacuation: critical if run r-1 leaves it so"
    )
    assert bench.board.document.hosts["lb1"].severity is Severity.MAINTENANCE
    since = bench.problem.since
    bench.board.show_runs((), ())
    bench.sweeps("web1,web2", many=1)
    assert (bench.problem.severity, bench.problem.since) == (Severity.CRITICAL, since)
    assert (bench.problem.owner, bench.problem.glyph) == ("", "critical")
    assert bench.events[-1] == (
        "lb1", Severity.CRITICAL, "now critical: backend web has no server that takes work",
    )  # fmt: skip


def test_a_run_that_put_them_back_leaves_nothing() -> None:
    bench = Bench()
    bench.board.show_runs((), changing())
    bench.sweeps("web1,web2")
    bench.sweeps("", many=1)  # well again, and held for a while: still what was asked for
    assert bench.problem.what == "backend web was beyond its limit, now 0%"
    assert bench.problem.why.startswith("taken out during site-evacuation")
    bench.sweeps("")
    bench.board.show_runs((), ())
    bench.sweeps("", many=1)
    assert bench.board.document.problems == ()
    assert Severity.CRITICAL not in {severity for _, severity, _ in bench.events}


@pytest.mark.parametrize(
    ("run", "severity"),
    [
        (changing(T0, "web1", "web2"), Severity.MAINTENANCE),  # by an agent check of the servers
        (changing(T0, "web1"), Severity.CRITICAL),  # who took the other one out nobody knows
        (changing(T0, "lb2"), Severity.CRITICAL),
        (changing(T0 + 60_000, "lb1"), Severity.CRITICAL),  # it was so before the run began
        ((), Severity.CRITICAL),
    ],
)
def test_a_run_answers_for_what_it_changed_alone(
    run: tuple[ChangedHosts, ...], severity: Severity
) -> None:
    bench = Bench()
    bench.board.show_runs((), run)
    bench.sweeps("web1,web2")
    assert bench.problem.severity is severity


def test_a_server_that_fails_while_the_others_are_out_is_not_what_was_asked_for() -> None:
    bench = Bench()
    bench.board.show_runs((), changing())
    bench.sweeps("web1,web2")
    bench.sweeps("web1", "web2")
    assert bench.problem.severity is Severity.CRITICAL
    assert bench.problem.why == "the others carry its work, while there are any"


def test_a_proxy_that_says_nothing_more_stays_as_it_was_said_until_the_run_ends() -> None:
    bench = Bench()
    bench.board.show_runs((), changing())
    bench.sweeps("web1,web2")
    bench.now += EVERY
    bench.absorb(Probed("lb1", bench.now, "haproxy", (Gap("no socket"),)))
    assert bench.problem.severity is Severity.MAINTENANCE
    bench.board.show_runs((), ())
    bench.now += EVERY
    bench.absorb()
    assert bench.problem.severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("where", "severity"),
    [
        ("group:web", Severity.MAINTENANCE),
        ("host:lb1", Severity.MAINTENANCE),
        ("host:web1", Severity.CRITICAL),
    ],
)
def test_planned_work_on_every_server_or_on_the_proxy_is_a_reason_until_it_ends(
    where: str, severity: Severity
) -> None:
    ends = T0 + 60_000
    window = Maintenance(where, T0 - 1, ends, "kernels", "lee")
    bench = Bench(replace(ESTATE, maintenance=(window,)))
    bench.sweeps("web1,web2")
    assert bench.problem.severity is severity
    if severity is Severity.MAINTENANCE:
        assert (bench.problem.owner, bench.problem.until) == ("lee", ends)
    bench.now = ends
    bench.sweeps("web1,web2", many=1)
    assert bench.problem.severity is Severity.CRITICAL


def test_three_balancers_that_a_run_emptied_are_one_quiet_problem() -> None:
    bench = Bench()
    bench.board.show_runs((), changing(T0, "lb1", "lb2", "lb3"))
    bench.sweeps("web1,web2", lbs=3)
    assert {each.severity for each in bench.board.document.problems} == {Severity.MAINTENANCE}
    [fold] = [each for each in bench.board.document.problems if not each.parent]
    assert (fold.id, fold.owner) == ("group/c/lb/backend_down/web", "kwong")
    bench.board.show_runs((), changing(T0, "lb1", "lb2"))
    bench.sweeps("web1,web2", lbs=3, many=1)
    [fold] = [each for each in bench.board.document.problems if not each.parent]
    assert (fold.severity, fold.owner) == (Severity.CRITICAL, "")
