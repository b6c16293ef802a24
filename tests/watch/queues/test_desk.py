"""Queues from what hosts said to what the board shows: sums, limits with hold times, gaps, restarts."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import Document, HostRow, Problem, Severity, WatchRow
from estate.file import read_estate
from estate.queues import QUEUE_METRICS, QueueRow
from estate.samples import Cause, Gap, Probed, Reach, Reading, Stage
from estate.wire import from_json, to_json
from watch.queues.desk import KEPT_EVERY_MS, QueueDesk

NOW = 1_795_115_232_000
STEP = 30_000
ESTATE = """
estate: Test
sites:
  central: {name: Central, role: primary}
  recovery: {name: Recovery, role: recovery}
hosts:
  "mta-c[1:3]": {site: central, groups: [mta]}
  mta-r1: {site: recovery, groups: [mta]}
  mq-c1: {site: central, groups: [mq]}
services:
  email:
    queues:
      - {postfix: mta, only: [deferred, hold], warn: 2000, critical: 10000, full: 50000,
         oldest: 15m, hold: 1m}
  jobs:
    queues:
      - {command: mq, run: count, name: jobs, warn: 10, hold: 0s}
"""


class Bench:
    """A desk with a board and a keeper that only remember."""

    def __init__(
        self, restored: Document | None = None, at: int = NOW, estate: str = ESTATE
    ) -> None:
        self.estate = read_estate(estate, "estate.yaml")
        self.desk = QueueDesk(self.estate, at, restored)
        self.now = at
        rows = {
            name: HostRow(name, host.site, host.groups, Reach.LIVE)
            for name, host in self.estate.hosts.items()
        }
        self.document = Document(0, at, "Test", "UTC", "en", 2000, WatchRow(), hosts=rows)
        self.problems: tuple[Problem, ...] = ()
        self.said: list[tuple[Severity, str, str]] = []
        self.cleared: list[str] = []
        self.kept: list = []

    def show(self, whose, parts, problems=()) -> None:
        assert whose == "queues"
        self.document = replace(self.document, **parts)
        self.problems = problems

    def say(self, severity, where, what, cleared="") -> None:
        self.said.append((severity, where, what))
        self.cleared.append(cleared)

    def put_queues(self, figures) -> None:
        self.kept += figures

    def step(self, *observed: Probed, after: int = STEP) -> None:
        self.now += after
        answers = [replace(each, at=self.now) for each in observed]
        self.desk.step(answers, self, self, self.now)

    def row(self, key: str) -> QueueRow:
        return next(row for row in self.document.queues if row.key == key)

    def reach(self, host: str, reach: Reach, **more) -> None:
        rows = dict(self.document.hosts)
        rows[host] = replace(rows[host], reach=reach, **more)
        self.document = replace(self.document, hosts=rows)


def mail(host: str, deferred: int, *, oldest: float | None = None, hold: int = 0) -> Probed:
    ages = {} if oldest is None else {"oldest_seconds": oldest}
    return Probed(
        host,
        0,
        "postfix",
        (
            Reading("queue", "active", value=9.0),
            Reading("queue", "deferred", value=float(deferred), attributes=ages),
            Reading("destination", "deferred", deferred / 2, "mbx-c5", {"seen": 100.0}),
            Reading("queue", "hold", value=float(hold), attributes={"oldest_seconds": 1e6}),
        ),
    )


def refused(host: str, why: str) -> Probed:
    return Probed(host, 0, "postfix", (Gap(why),))


CENTRAL = ("mta-c1", "mta-c2", "mta-c3")
DEFERRED = "postfix/mta@central/deferred"


def storm(bench: Bench, steps: int, start: int = 400, each: int = 400) -> None:
    """Three hosts, each growing by `each` in half a minute."""
    for step in range(steps):
        bench.step(*(mail(host, start + each * step, oldest=30.0 * step) for host in CENTRAL))


# --- sums ----------------------------------------------------------------------------------------


def test_hosts_of_a_site_are_one_row_and_sites_are_apart() -> None:
    bench = Bench()
    bench.step(*(mail(host, 100) for host in CENTRAL), mail("mta-r1", 7))
    rows = bench.document.queues
    assert [(row.key, row.depth, row.hosts) for row in rows] == [
        (DEFERRED, 300, 3),
        ("postfix/mta@central/hold", 0, 3),
        ("postfix/mta@recovery/deferred", 7, 1),
        ("postfix/mta@recovery/hold", 0, 1),
    ]
    row = bench.row(DEFERRED)
    assert (row.name, row.service, row.state, row.at_least) == (
        "mta deferred",
        "email",
        "ok",
        False,
    )
    assert [(to.name, to.count) for to in row.destinations] == [("mbx-c5", 150)]
    assert not row.sampled  # every one of a hundred was looked at
    assert from_json(QueueRow, to_json(row)) == row


def test_a_host_that_is_not_reached_is_missing_and_never_counted_as_empty() -> None:
    bench = Bench()
    bench.step(*(mail(host, 100) for host in CENTRAL))
    bench.reach("mta-c3", Reach.UNREACHABLE, behind="gw-c2")
    bench.step(mail("mta-c1", 110), mail("mta-c2", 110))
    row = bench.row(DEFERRED)
    assert (row.depth, row.at_least, row.missing, row.state) == (220, True, 1, "unknown")
    assert row.why == "1 of 3 hosts not known: behind gw-c2"
    assert [(part.host, part.depth, part.why) for part in row.parts] == [
        ("mta-c1", 110, ""),
        ("mta-c2", 110, ""),
        ("mta-c3", None, "behind gw-c2"),
    ]


def test_an_old_answer_is_not_believed() -> None:
    bench = Bench()
    bench.step(*(mail(host, 100) for host in CENTRAL))
    bench.step(mail("mta-c1", 100), mail("mta-c2", 100), after=120_000)
    assert bench.row(DEFERRED).missing == 1
    assert bench.row(DEFERRED).parts[-1].why == "not heard of for 120 s"
    bench.step(after=200_000)
    row = bench.row(DEFERRED)
    assert (row.depth, row.state) == (None, "unknown")


def test_every_host_gone_leaves_the_row_unknown_without_a_problem_of_its_own() -> None:
    bench = Bench()
    bench.step(*(mail(host, 100) for host in CENTRAL))
    for host in CENTRAL:
        cause = Cause(Stage.CONNECT, "no answer in 10 s")
        bench.reach(host, Reach.UNREACHABLE, cause=cause)
    bench.step()
    row = bench.row(DEFERRED)
    assert (row.depth, row.state, row.why) == (
        None,
        "unknown",
        "3 of 3 hosts not known: no answer in 10 s",
    )
    assert bench.problems == ()


@pytest.mark.parametrize("by_ms", [2 * 3_600_000, -3 * 3_600_000])
@pytest.mark.parametrize("noticed", [True, False])
def test_how_long_it_lasted_is_not_what_a_clock_that_was_set_says(by_ms, noticed) -> None:
    bench = Bench()
    for _ in range(3):
        bench.step(*(refused(host, "Queue report unavailable") for host in CENTRAL))
    assert bench.problems
    if noticed:
        bench.desk._steps.stepped(bench.now + by_ms, by_ms)
    bench.step(*(mail(host, 1) for host in CENTRAL), after=STEP + by_ms)
    said = str(bench.said[-1][2])
    if noticed:
        assert said.endswith(": known again after 1:30")
    elif by_ms < 0:
        assert said.endswith(": known again")


def test_a_probe_that_is_refused_is_one_problem_however_many_queues_there_are() -> None:
    bench = Bench()
    bench.step(*(refused(host, "Queue report unavailable") for host in CENTRAL))
    assert bench.problems == ()  # one answer that fails is no trouble yet
    for _ in range(2):
        bench.step(*(refused(host, "Queue report unavailable") for host in CENTRAL))
    assert [row.state for row in bench.document.queues] == ["unknown", "unknown"]
    [problem] = bench.problems
    assert (problem.severity, problem.where) == (Severity.UNKNOWN, "mta")
    assert problem.what == "deferred not known: 3 of 3 hosts not known: Queue report unavailable"
    bench.step(*(mail(host, 1) for host in CENTRAL))
    assert bench.problems == ()
    assert bench.said[-1][0] is Severity.OK
    assert bench.cleared[-1].startswith("queue/") and not any(bench.cleared[:-1])


def test_nothing_is_shown_of_hosts_that_were_not_asked_yet() -> None:
    bench = Bench()
    bench.step()
    assert bench.document.queues == ()


# --- how it moves --------------------------------------------------------------------------------


def test_a_storm_has_a_rate_and_a_time_to_full() -> None:
    bench = Bench()
    storm(bench, 6)  # 3 × 800 a minute; 3 × 2,400 wait
    row = bench.row(DEFERRED)
    assert (row.depth, row.trend, row.net_per_minute) == (7200, "rising", 2400)
    assert row.full_in_seconds == pytest.approx((50_000 - 7200) / 40, abs=1)
    assert row.empty_in_seconds is None
    assert (row.in_per_minute, row.out_per_minute) == (None, None)  # nobody counts them


def test_a_trend_of_a_part_is_not_told_as_that_of_the_whole() -> None:
    bench = Bench()
    storm(bench, 3)
    bench.step(mail("mta-c1", 1600), mail("mta-c2", 1600))  # c3 is a step behind
    assert bench.row(DEFERRED).trend == ""
    assert bench.row(DEFERRED).net_per_minute is None


def test_one_answer_that_fails_does_not_begin_the_trend_anew() -> None:
    bench = Bench()
    storm(bench, 4)
    bench.step(*(refused(host, "ended after 20 s") for host in CENTRAL))
    assert bench.row(DEFERRED).depth is None
    bench.step(*(mail(host, 400 + 400 * 5) for host in CENTRAL))
    row = bench.row(DEFERRED)
    assert (row.trend, row.net_per_minute) == ("rising", 2400)


def test_counters_tell_what_came_and_what_left() -> None:
    bench = Bench()
    for step in range(6):
        figures = {"came": 600.0 * step, "of": "command/jobs"}
        reading = Reading("queue", "", 5.0 + 10 * step, attributes=figures)
        bench.step(Probed("mq-c1", 0, "command", (reading,)))
    row = bench.row("command/jobs@central/")
    assert (row.name, row.depth) == ("jobs", 55)
    assert (row.in_per_minute, row.out_per_minute, row.net_per_minute) == (1200, 1180, 20)


# --- limits --------------------------------------------------------------------------------------


def test_a_limit_counts_once_it_was_passed_for_the_hold_time() -> None:
    bench = Bench()
    bench.step(*(mail(host, 1000) for host in CENTRAL))  # 3,000 > 2,000
    assert bench.problems == ()
    bench.step(*(mail(host, 1000) for host in CENTRAL))
    assert bench.problems == ()
    bench.step(*(mail(host, 1000) for host in CENTRAL))
    [problem] = bench.problems
    assert (problem.id, problem.kind, problem.where, problem.what) == (
        f"queue/{DEFERRED}",
        "queue",
        "mta",
        "deferred 3,000 > 2,000",
    )
    assert problem.since == NOW + STEP  # when it was first seen, not when it was believed
    row = bench.row(DEFERRED)
    assert (row.state, row.since) == ("warning", problem.since)
    assert bench.said == [(Severity.WARNING, "mta", "deferred 3,000 > 2,000")]


def test_time_without_a_look_counts_for_nothing() -> None:
    bench = Bench()
    bench.step(*(mail(host, 1000) for host in CENTRAL))
    for _ in range(8):
        bench.step(after=10_000)  # nobody answered
    assert bench.problems == ()


def test_it_clears_as_slowly_as_it_rose() -> None:
    bench = Bench()
    for _ in range(3):
        bench.step(*(mail(host, 1000) for host in CENTRAL))
    bench.step(*(mail(host, 100) for host in CENTRAL))
    assert bench.problems[0].what == "deferred was over 2,000, now 300"
    for _ in range(2):
        bench.step(*(mail(host, 100) for host in CENTRAL))
    assert bench.problems == ()
    assert bench.said[-1] == (
        Severity.OK,
        "mta",
        "deferred 300: back within limits after 2:30",
    )


def test_the_worst_has_the_word_and_an_escalation_is_told() -> None:
    bench = Bench()
    storm(bench, 14)
    [problem] = bench.problems
    assert problem.severity is Severity.CRITICAL
    assert problem.what.startswith("deferred 16,800 > 10,000, full in ")
    assert problem.why.startswith("+2,400/min, oldest 6:30, ")
    told = [severity for severity, _, _ in bench.said]
    assert told == [Severity.WARNING, Severity.CRITICAL]


def test_a_queue_that_fills_is_a_problem_before_it_is_deep() -> None:
    bench = Bench()
    storm(bench, 8, start=10, each=60)  # 360 a minute: full in two hours
    assert bench.row(DEFERRED).depth < 2000
    [problem] = bench.problems
    assert problem.what.startswith("deferred full in 2 h")


def test_the_oldest_is_judged_except_where_mail_waits_for_a_person() -> None:
    bench = Bench()
    for _ in range(4):
        bench.step(*(mail(host, 5, oldest=1000.0, hold=4) for host in CENTRAL))
    [problem] = bench.problems  # hold's oldest is a million seconds
    assert problem.what == "deferred oldest 16:40 > 15:00"


def test_a_sum_without_some_hosts_raises_and_does_not_clear() -> None:
    bench = Bench()
    for _ in range(3):
        bench.step(*(mail(host, 1000) for host in CENTRAL))
    bench.reach("mta-c3", Reach.UNREACHABLE, behind="gw-c2")
    for _ in range(5):
        bench.step(mail("mta-c1", 10), mail("mta-c2", 10))
    [problem] = bench.problems  # c3 may hold all that there was
    assert problem.what == "deferred was over 2,000, now ≥ 20"


# --- what is kept --------------------------------------------------------------------------------


def test_figures_are_kept_in_the_order_of_storage_and_not_too_often() -> None:
    bench = Bench()
    storm(bench, 6)
    mine = [each for each in bench.kept if each.key == DEFERRED]
    assert [each.at for each in mine] == [NOW + STEP * n for n in range(1, 7)]
    figures = dict(zip(QUEUE_METRICS, mine[-1].values, strict=True))
    assert (figures["depth"], figures["oldest_seconds"], figures["missing"]) == (7200, 150, 0)
    assert isnan(figures["in_per_minute"])
    before = len(bench.kept)
    for _ in range(4):
        bench.step(mail("mta-c1", 5), after=2_000)
    assert len(bench.kept) - before <= len(bench.document.queues)
    assert KEPT_EVERY_MS > 4 * 2_000


def test_the_last_hour_is_drawn_in_cells_of_two_minutes() -> None:
    bench = Bench()
    storm(bench, 20)
    cells = bench.row(DEFERRED).spark
    assert len(cells) == 30
    known = [cell for cell in cells if cell is not None]
    assert known == sorted(known)
    assert 5 <= len(known) <= 7
    assert cells[0] is None


# --- restarts and changed estates ----------------------------------------------------------------


def test_after_a_restart_what_stood_goes_on_and_is_not_told_again() -> None:
    first = Bench()
    for _ in range(4):
        first.step(*(mail(host, 1000) for host in CENTRAL))
    saved = replace(first.document, problems=first.problems, at=first.now)
    bench = Bench(saved, first.now + 20_000)
    bench.step(after=5_000)
    assert bench.row(DEFERRED).depth == 3000  # of the records, with its age
    assert bench.row(DEFERRED).at == first.now
    assert [each.id for each in bench.problems] == [f"queue/{DEFERRED}"]
    bench.step(*(mail(host, 1000) for host in CENTRAL))
    assert [each.since for each in bench.problems] == [NOW + STEP]
    assert bench.said == []


def test_a_queue_that_was_filling_is_not_told_again_after_a_restart() -> None:
    first = Bench()
    storm(first, 8, start=10, each=60)
    assert "full in" in first.problems[0].what
    saved = replace(first.document, problems=first.problems, at=first.now)
    bench = Bench(saved, first.now + 20_000)
    storm(bench, 5, start=600, each=60)
    assert [each.since for each in bench.problems] == [first.problems[0].since]
    assert bench.said == []


def test_what_nobody_asks_any_more_is_forgotten() -> None:
    bench = Bench()
    bench.step(*(mail(host, 1000) for host in CENTRAL))
    without = ESTATE.replace("command: mq", "command: mta").replace("  mq-c1", "  other-c1")
    bench.desk.follow(read_estate(without.replace("[mq]", "[new]"), "estate.yaml"))
    bench.step(mail("mta-c1", 5))
    assert bench.row(DEFERRED).depth == 2005
    none = read_estate("estate: T\nsites: {a: {name: A}}\nhosts: {h: {}}", "estate.yaml")
    bench.desk.follow(none)
    bench.step()
    assert bench.document.queues == ()


# --- whatever hosts say --------------------------------------------------------------------------

readings = st.one_of(
    st.builds(
        Reading,
        st.just("queue"),
        st.sampled_from(["deferred", "hold", "active", "x\\x1b"]),
        st.integers(0, 10**15).map(float),
        attributes=st.dictionaries(
            st.sampled_from(["oldest_seconds", "came", "left", "of"]),
            st.floats(0, 1e15) | st.just("command/jobs"),
        ),
    ),
    st.builds(
        Reading,
        st.just("destination"),
        st.sampled_from(["deferred", "none"]),
        st.integers(0, 99).map(float),
        st.text(max_size=8),
        st.just({"seen": 5.0}),
    ),
    st.builds(Gap, st.text(max_size=20)),
)
answers = st.builds(
    Probed,
    st.sampled_from([*CENTRAL, "mta-r1", "mq-c1", "stranger"]),
    st.just(0),
    st.sampled_from(["postfix", "command", "units"]),
    st.lists(readings, max_size=4).map(tuple),
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(answers, max_size=5), st.sampled_from(CENTRAL), st.sampled_from(Reach)),
        max_size=12,
    )
)
def test_a_sum_is_of_those_who_answered_and_of_nobody_else(steps) -> None:
    bench = Bench()
    reached = dict.fromkeys(bench.estate.hosts, True)
    for observed, host, reach in steps:
        bench.reach(host, reach)
        reached[host] = reach in (Reach.LIVE, Reach.LATE, Reach.CONNECTING)
        bench.step(*observed)
        # Who just gave a figure, and is there, is a part of the sum; nobody else is missing.
        last = {(each.host, each.probe): each for each in observed if reached.get(each.host)}
        told = {
            (*asked, reading.subject): True
            for asked, each in last.items()
            for reading in each.readings
            if isinstance(reading, Reading)
            and reading.name == "queue"
            and "of" not in reading.attributes
        }
        assert len({row.key for row in bench.document.queues}) == len(bench.document.queues)
        for row in bench.document.queues:
            known = [part.depth for part in row.parts if part.depth is not None]
            assert row.depth == (sum(known) if known else None)
            assert row.at_least == (row.depth is not None and row.missing > 0)
            gone = [part.host for part in row.parts if part.depth is None]
            assert len(gone) == row.missing <= row.hosts
            assert row.state != "ok" or (row.depth is not None and not row.missing)
            assert not row.missing or row.trend in ("", "rising")
            for name in gone:
                assert not told.get((name, row.kind, row.queue))
            assert row.full_in_seconds is None or row.empty_in_seconds is None
            assert from_json(QueueRow, to_json(row)) == row
        assert all(problem.kind == "queue" for problem in bench.problems)
