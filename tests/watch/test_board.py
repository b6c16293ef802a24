"""The board: what was observed is what is shown, with honest ages, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import Change, Document, Severity, WatchRow
from estate.metrics import INDEX, METRICS
from estate.model import Estate, Host, Maintenance, Need, Service, Site, Tenant, Threshold
from estate.samples import (
    Cause,
    FileSystem,
    Gap,
    Hello,
    Observation,
    Probed,
    Reach,
    Reached,
    Reading,
    Sample,
    Stage,
)
from estate.thresholds import DEFAULTS
from estate.wire import apply, change_from_json, document_from_json, to_json
from watch.board import Board
from watch.clocksteps import ClockSteps
from watch.spark import CELL_MS

EVERY = 5_000
T0 = 1_000 * CELL_MS
CPU = Threshold("cpu", 90, 97, 10_000)

ESTATE = Estate(
    name="Test",
    timezone="UTC",
    language="zh-Hant",
    every_ms=EVERY,
    sites={
        "central": Site("central", {"en": "Central", "zh-Hant": "中央"}, "primary"),
        "recovery": Site("recovery", {"en": "Recovery"}, "recovery"),
    },
    hosts={
        "gw": Host("gw", "central", ("gw",)),
        "a": Host("a", "central", ("mta",), jump="gw", rack="B1"),
        "b": Host("b", "central", ("mta",), jump="gw"),
        "r": Host("r", "recovery", ("mta", "db")),
        "old": Host("old", "recovery", ("mta",), phase="retired"),
    },
    services={"mail": Service("mail", {"en": "Mail"}, needs=(Need("db", "any site", 1),))},
    tenants={"sb": Tenant("sb", {"en": "Security"})},
    thresholds=(CPU, Threshold("unit_failed", 0, None, 0)),
)


def sample(host: str, at: int, **values: float) -> Sample:
    given_values = [nan] * len(METRICS)
    for name, value in values.items():
        given_values[INDEX[name]] = value
    return Sample(host, at, tuple(given_values), 1000.0, 8, 16e9)


def reached(host: str, at: int, reach: Reach, what: str = "no answer", hop: str = "") -> Reached:
    cause = None if reach is Reach.LIVE else Cause(Stage.CONNECT, what, hop=hop)
    return Reached(host, at, reach, cause)


def board(estate: Estate = ESTATE, **more) -> Board:
    return Board(estate, WatchRow(name="w"), T0, **more)


def live_board(estate: Estate = ESTATE) -> Board:
    live = board(estate)
    names = [name for name, host in estate.hosts.items() if host.collected]
    live.absorb([sample(name, T0 + 1, cpu=10, mem=20) for name in names], T0 + 10)
    return live


def events(change: Change | None) -> list[tuple[str, str]]:
    return [(each.where, each.what) for each in (change.events if change else ())]


def test_before_anything_is_known_nothing_is_claimed() -> None:
    document = board().document
    assert list(document.hosts) == ["gw", "a", "b", "r"]  # a retired host is not watched
    assert {row.reach for row in document.hosts.values()} == {Reach.CONNECTING}
    assert {row.severity for row in document.hosts.values()} == {Severity.UNKNOWN}
    assert all(row.at is None and row.values == {} for row in document.hosts.values())
    assert [(site.name, site.up, site.total, site.cpu) for site in document.sites] == [
        ("中央", 0, 3, None),
        ("Recovery", 0, 1, None),
    ]
    assert document.sites[0].names["zh-Hant"] == "中央"
    assert document.groups == ("gw", "mta", "db")
    assert document.hosts["r"].tenants == ("sb",)
    assert document.hosts["a"].tenants == ()


def test_a_sample_is_shown_with_its_age_and_without_what_was_not_measured() -> None:
    one = board()
    one.absorb([sample("a", T0 + 3, cpu=12.345, load5=4.0, net_in=nan)], T0 + 10)
    row = one.document.hosts["a"]
    assert (row.reach, row.at, row.severity, row.since) == (Reach.LIVE, T0 + 3, Severity.OK, T0 + 3)
    assert row.values == {"cpu": 12.35, "load5": 4.0, "load_per_core": 0.5}
    assert row.spark["cpu"][-1] == 12.3
    assert row.spark["net"] == (None,) * 12
    assert (row.cores, row.memory_bytes, row.rack) == (8, 16e9, "B1")


def test_a_silent_host_grows_late_and_comes_back() -> None:
    one = live_board()
    assert one.absorb([], T0 + 1 + 3 * EVERY) is not None
    assert one.document.hosts["a"].reach is Reach.LIVE
    change = one.absorb([sample("r", T0 + 3 * EVERY, cpu=1)], T0 + 2 + 3 * EVERY)
    row = one.document.hosts["a"]
    assert (row.reach, row.severity) == (Reach.LATE, Severity.UNKNOWN)
    assert row.at == T0 + 1
    assert one.document.hosts["r"].reach is Reach.LIVE
    (site,) = (each for each in one.document.problems if not each.parent)
    assert (site.id, site.severity) == ("site/central", Severity.UNKNOWN)
    assert ("central", "3 hosts live → stale behind it: gw a b") in events(change)
    change = one.absorb([sample("a", T0 + 4 * EVERY, cpu=1)], T0 + 4 * EVERY)
    assert one.document.hosts["a"].reach is Reach.LIVE
    assert ("a", "stale → live") in events(change)


def test_a_host_that_is_back_is_not_late_by_its_last_sample_from_before() -> None:
    one = live_board()
    one.absorb([reached("r", T0 + 20, Reach.UNREACHABLE)], T0 + 30)
    back = one.absorb([reached("r", T0 + 600_000, Reach.LIVE)], T0 + 600_010)
    assert one.document.hosts["r"].reach is Reach.LIVE
    assert ("r", "unreachable → live") in events(back)
    one.absorb([], T0 + 600_001 + 3 * EVERY)  # ... but it is, if it then says nothing
    assert one.document.hosts["r"].reach is Reach.LATE


def test_what_was_left_in_the_buffer_of_a_lost_host_does_not_revive_it() -> None:
    one = live_board()
    one.absorb([reached("a", T0 + 20, Reach.UNREACHABLE), sample("a", T0 + 21)], T0 + 30)
    assert one.document.hosts["a"].reach is Reach.UNREACHABLE


def test_retrying_a_lost_host_does_not_make_it_look_better() -> None:
    one = live_board()
    one.absorb([reached("a", T0 + 20, Reach.UNREACHABLE, "no route")], T0 + 30)
    one.absorb([reached("a", T0 + 40, Reach.CONNECTING)], T0 + 50)
    row = one.document.hosts["a"]
    assert (row.reach, row.since) == (Reach.UNREACHABLE, T0 + 20)
    assert row.cause is not None
    assert row.cause.what == "no route"


def test_a_lost_gateway_is_one_problem_and_one_event_each_for_it_and_what_is_behind() -> None:
    one = live_board()
    change = one.absorb(
        [
            reached("gw", T0 + 20, Reach.UNREACHABLE, "no answer on 3 paths"),
            reached("a", T0 + 21, Reach.UNREACHABLE, hop="gw"),
            reached("b", T0 + 22, Reach.UNREACHABLE, hop="gw"),
        ],
        T0 + 30,
    )
    problems = one.document.problems
    assert [(each.id, each.parent) for each in problems] == [
        ("gw/reach", ""),
        ("a/reach", "gw/reach"),
        ("b/reach", "gw/reach"),
    ]
    assert events(change) == [
        ("gw", "2 hosts live → unreachable behind it: a b"),
        ("gw", "live → unreachable: no answer on 3 paths"),
    ]
    assert one.document.hosts["a"].behind == "gw"
    assert one.document.sites[0].up == 0
    assert one.document.sites[0].severity is Severity.CRITICAL


def test_a_site_that_fell_silent_and_is_lost_is_told_of_twice_and_is_one_problem() -> None:
    central = [f"c{n}" for n in range(3)]
    hosts = {name: Host(name, "central") for name in central} | {"r": Host("r", "recovery")}
    one = Board(replace(ESTATE, hosts=hosts), WatchRow(), T0)
    one.absorb([sample(name, T0 + 1, cpu=1) for name in hosts], T0 + 2)
    hung, at = Cause(Stage.TIMEOUT, "connected, and no sample for 8 s"), T0 + 9_000
    silent = one.absorb([Reached(each, at, Reach.FROZEN, hung) for each in central], at)
    assert ("central", "site silent: none of 3 hosts is heard") in events(silent)
    at += 10_000
    gone = [reached(each, at, Reach.UNREACHABLE) for each in central]
    lost = one.absorb([*gone, sample("r", at, cpu=1)], at)
    assert ("central", "site lost: none of 3 hosts answers") in events(lost)
    (site,) = (each for each in one.document.problems if not each.parent)
    assert (site.id, site.since) == ("site/central", T0 + 1)  # the last that was heard of it


def test_a_problem_lasted_no_longer_for_a_clock_that_was_set_meanwhile() -> None:
    steps = ClockSteps()
    one = Board(ESTATE, WatchRow(), T0, steps=steps)
    said, ahead = [], 0
    for tick, value in enumerate([99, 99, 99, 10, 10, 10], 1):
        if tick == 4:
            ahead = 7_200_000
            steps.stepped(T0 + tick * EVERY + ahead, ahead)
        at = T0 + tick * EVERY + ahead
        said += events(one.absorb([sample("r", at, cpu=value, mem=1)], at))
    assert ("r", "cleared after 0:25: cpu was over 97%, now 10%") in said


def test_a_problem_rises_escalates_and_clears_with_events() -> None:
    one = live_board()
    said, cleared = [], []
    values = [95, 95, 95, 99, 99, 99, 10, 10, 10]
    for tick, value in enumerate(values, 1):
        at = T0 + tick * EVERY
        change = one.absorb([sample("r", at, cpu=value, mem=1)], at)
        said += events(change)
        cleared += [each.cleared for each in change.events if each.where == "r"] if change else []
        if tick == 6:
            (problem,) = (each for each in one.document.problems if each.where == "r")
            assert (problem.id, problem.since) == ("r/cpu", T0 + EVERY)
            assert one.document.hosts["r"].why == "cpu 99% > 97%"
            assert one.document.hosts["r"].severity is Severity.CRITICAL
    assert [each for each in said if each[0] == "r"] == [
        ("r", "cpu 95% > 90%"),
        ("r", "now critical: cpu 99% > 97%"),
        ("r", "cleared after 0:40: cpu was over 97%, now 10%"),
    ]
    assert cleared == ["", "", "r/cpu"]  # a handover calls no other problem of r closed


def test_a_lost_host_keeps_its_problem_for_its_return() -> None:
    one = live_board()
    for tick in range(1, 5):
        one.absorb([sample("r", T0 + tick * EVERY, cpu=95)], T0 + tick * EVERY)
    lost = one.absorb([reached("r", T0 + 21_000, Reach.UNREACHABLE)], T0 + 21_000)
    assert [each.id for each in one.document.problems if each.where == "r"] == ["r/reach"]
    assert not any("cleared" in what for _, what in events(lost))
    back = [reached("r", T0 + 60_000, Reach.LIVE), sample("r", T0 + 60_001, cpu=95)]
    change = one.absorb(back, T0 + 60_002)
    (problem,) = (each for each in one.document.problems if each.where == "r")
    assert (problem.id, problem.since) == ("r/cpu", T0 + EVERY)
    assert [what for where, what in events(change) if where == "r"] == ["unreachable → live"]


def test_planned_work_is_not_a_fault_while_it_lasts() -> None:
    window = Maintenance("host:r", T0 + 15_000, T0 + 60_000, "new disks", "tylee")
    one = live_board(replace(ESTATE, maintenance=(window,)))
    one.absorb([reached("r", T0 + 16_000, Reach.UNREACHABLE)], T0 + 16_000)
    (problem,) = (each for each in one.document.problems if each.where == "r")
    assert (problem.severity, problem.owner) == (Severity.MAINTENANCE, "tylee")
    assert problem.until == T0 + 60_000
    assert one.document.hosts["r"].severity is Severity.MAINTENANCE
    one.absorb([], T0 + 60_000)
    (problem,) = (each for each in one.document.problems if each.where == "r")
    assert problem.severity is Severity.CRITICAL


def test_probes_are_kept_as_detail_and_judged() -> None:
    one = live_board()
    readings = (Reading("unit", "x.service", text="failed"), Gap("one line was no unit"))
    one.absorb([Probed("r", T0 + 20, "units", (readings[0],))], T0 + 30)
    one.absorb([sample("r", T0 + 40, cpu=1)], T0 + 50)
    assert one.document.hosts["r"].values["unit_failed"] == 1.0
    assert [each.what for each in one.document.problems if each.where == "r"] == ["x failed"]
    one.absorb([Probed("r", T0 + 60, "units", readings)], T0 + 70)
    detail = one.detail("r")
    assert detail is not None
    assert detail.readings["units"] == readings[:1]
    assert detail.gaps == {"units": "one line was no unit"}
    assert detail.probed_at == {"units": T0 + 60}
    assert detail.thresholds["cpu"] == (90, 97)
    assert one.detail("nobody") is None


def test_a_unit_that_is_wanted_and_does_not_run_is_a_warning_of_its_own() -> None:
    one = live_board(replace(ESTATE, thresholds=DEFAULTS))
    units = (
        Reading("unit", "x.service", text="failed"),
        Reading("unit", "cron.service", text="inactive"),
        Reading("unit", "ssh.service", text="active"),
    )
    one.absorb([Probed("r", T0 + 20, "units", units)], T0 + 30)
    for tick in range(25):  # longer than a restart takes
        one.absorb([sample("r", T0 + tick * EVERY)], T0 + tick * EVERY)
        (first, *more) = [each for each in one.document.problems if each.where == "r"]
        assert (first.what, len(more)) == ("x failed", int(tick == 24))
    assert [(each.id, each.what, each.severity) for each in more] == [
        ("r/unit_inactive", "cron is enabled and not running", Severity.WARNING)
    ]
    assert one.document.hosts["r"].values["unit_inactive"] == 1.0


def test_a_probe_that_could_not_measure_takes_its_figure_away() -> None:
    one = live_board()
    one.absorb([Probed("r", T0 + 20, "units", (Reading("unit", "x", text="failed"),))], T0 + 30)
    one.absorb([sample("r", T0 + 40)], T0 + 50)
    one.absorb([Probed("r", T0 + 60, "units", (Gap("no systemd"),))], T0 + 70)
    one.absorb([sample("r", T0 + 80)], T0 + 90)
    assert "unit_failed" not in one.document.hosts["r"].values


def test_hello_says_what_the_host_is() -> None:
    one = live_board()
    hello = Hello("r", T0 + 20, "r.example", "Linux 6.1", "mawk", "slow login shell: 2.1 s")
    one.absorb([hello], T0 + 30)
    assert one.document.hosts["r"].kernel == "Linux 6.1"
    assert one.document.hosts["r"].note == "slow login shell: 2.1 s"


def test_a_host_that_is_up_for_less_than_before_has_rebooted_and_that_is_told_once() -> None:
    one = live_board()
    up = replace(sample("r", T0 + 40), uptime_seconds=42.0)
    told = [
        *events(one.absorb([sample("r", T0 + 20)], T0 + 30)),
        *events(one.absorb([up], T0 + 50)),
        *events(one.absorb([replace(up, at=T0 + 60, uptime_seconds=47.0)], T0 + 70)),
        *events(one.absorb([replace(up, at=T0 + 80, uptime_seconds=nan)], T0 + 90)),
    ]
    assert told == [("r", "rebooted, up for 42 s")]


def test_forecasts_reach_the_row() -> None:
    one = live_board()
    for minute in range(8):
        at = T0 + minute * 60_000
        used = 80e9 + minute * 1e9
        spool = FileSystem("/var/spool", 100e9, used, 100e9 - used)
        one.absorb([replace(sample("r", at, disk=80 + minute), filesystems=(spool,))], at)
    assert one.document.hosts["r"].values["disk_full_in_seconds"] == pytest.approx(13 * 60, rel=0.1)


def test_a_quiet_board_still_says_once_a_cadence_that_it_is_up_to_date() -> None:
    one = board()
    assert one.absorb([], T0 + EVERY - 1) is None
    change = one.absorb([], T0 + EVERY)
    assert change == Change(seq=2, at=T0 + EVERY)
    assert one.absorb([], T0 + EVERY + 1) is None


def test_the_first_answers_are_no_news_but_the_first_failures_are() -> None:
    change = board().absorb([sample("a", T0 + 1), reached("r", T0 + 2, Reach.REFUSED)], T0 + 10)
    assert events(change) == [("r", "refused: no answer")]


def test_a_crowd_that_turns_at_once_is_one_event() -> None:
    hosts = {f"h{n}": Host(f"h{n}", "central") for n in range(6)}
    one = live_board(replace(ESTATE, hosts={**hosts, "r": ESTATE.hosts["r"]}))
    lost = [reached(f"h{n}", T0 + 20, Reach.REFUSED) for n in range(5)]
    change = one.absorb(lost, T0 + 30)
    assert events(change) == [("estate", "5 hosts live → refused: h0 h1 h2 h3 h4")]


def test_observations_of_hosts_that_are_gone_are_dropped() -> None:
    one = live_board()
    assert one.absorb([sample("nobody", T0 + 20)], T0 + 30) is None


# --- reload and restart -------------------------------------------------------------------------


def test_a_reloaded_estate_keeps_what_was_observed() -> None:
    one = live_board()
    hosts = {"a": replace(ESTATE.hosts["a"], rack="C9"), "new": Host("new", "recovery")}
    document = one.reload(replace(ESTATE, name="Other", hosts=hosts), T0 + 20)
    assert list(document.hosts) == ["a", "new"]
    assert (document.estate, document.seq) == ("Other", 3)
    assert (document.hosts["a"].rack, document.hosts["a"].reach) == ("C9", Reach.LIVE)
    assert document.hosts["new"].reach is Reach.CONNECTING
    assert [each.what for each in document.events] == ["reloaded: 1 host added, 3 hosts gone"]
    assert one.absorb([sample("new", T0 + 30, cpu=1)], T0 + 40) is not None


def test_a_restart_brings_the_board_back_with_honest_ages() -> None:
    before = live_board()
    for tick in range(1, 5):
        before.absorb([sample("r", T0 + tick * EVERY, cpu=95)], T0 + tick * EVERY)
    saved = document_from_json(json.loads(json.dumps(to_json(before.document))))
    later = T0 + 600_000
    one = Board(ESTATE, WatchRow(), later, restored=saved, events=saved.events, last_event_id=3)
    row = one.document.hosts["r"]
    assert (row.reach, row.at, row.values["cpu"]) == (Reach.CONNECTING, T0 + 20_000, 95.0)
    assert one.document.watch.restored_until == saved.at
    assert one.document.events == saved.events
    # Its problem is still there, since it began, once the host says so again.
    one.absorb([sample(name, later + 5, cpu=95) for name in ("r", "gw", "a", "b")], later + 10)
    (problem,) = (each for each in one.document.problems if each.where == "r")
    assert problem.since == T0 + EVERY
    assert one.document.watch.restored_until is None
    said = [each.what for each in one.document.events[: -len(saved.events)]]
    assert said == [
        "cleared after 9:45: site stale: all 3 hosts are late",
        "stale → live",
        "stale → live",
        "stale → live",
    ]


def restarted(saved: Document, later: int, estate: Estate = ESTATE) -> Board:
    read = document_from_json(json.loads(json.dumps(to_json(saved))))
    return Board(estate, WatchRow(), later, restored=read, events=read.events, last_event_id=99)


def test_a_full_disk_is_full_since_before_a_restart_though_first_samples_have_no_disks() -> None:
    estate = replace(ESTATE, thresholds=DEFAULTS)
    before, var = live_board(estate), FileSystem("/var", 100e9, 96e9, 4e9)
    for minute in range(1, 4):
        at = T0 + minute * 60_000
        full = replace(sample("r", at, disk=96), filesystems=(var,))
        before.absorb([full], at)
    (problem,) = (each for each in before.document.problems if each.kind == "disk")
    later = T0 + 600_000
    one = restarted(before.document, later, estate)
    one.absorb([sample("r", later + 5, disk=96)], later + 10)
    (found,) = (each for each in one.document.problems if each.kind == "disk")
    assert (found.id, found.since) == ("r/disk/var", T0 + 60_000)
    assert found.what == "/var 96% > 95%, not measured again yet"
    again = restarted(one.document, later + 20, estate)
    again.absorb([sample("r", later + 30, disk=96)], later + 40)
    assert found in again.document.problems
    one.absorb([replace(full, at=later + 60_000)], later + 60_010)
    assert problem in one.document.problems


def test_a_failed_unit_keeps_its_name_over_a_restart_until_units_are_asked_again() -> None:
    before, failed = live_board(), Reading("unit", "x.service", text="failed")
    before.absorb([Probed("r", T0 + 20, "units", (failed,))], T0 + 30)
    before.absorb([sample("r", T0 + 40, cpu=1)], T0 + 50)
    later = T0 + 600_000
    one = restarted(before.document, later)
    for asked, what in (
        ([], "x failed, not measured again yet"),
        ([Probed("r", later + 20, "units", (failed,))], "x failed"),
        ([Probed("r", later + 40, "units", (Gap("no systemd"),))], "failed units: now unknown"),
    ):
        later += 20
        one.absorb([*asked, sample("r", later, cpu=1)], later + 5)
        assert [p.what for p in one.document.problems if p.kind == "unit_failed"] == [what]


def test_hosts_that_were_down_before_a_restart_are_down_since_then_and_no_news() -> None:
    before = live_board()
    lost = [reached(name, T0 + 20, Reach.UNREACHABLE, hop="gw") for name in ("gw", "a", "b")]
    before.absorb([*lost, reached("r", T0 + 30, Reach.REFUSED)], T0 + 40)
    later = T0 + 600_000
    one = restarted(before.document, later)
    for name in ("a", "r", "gw", "b"):
        found = Reach.REFUSED if name == "r" else Reach.UNREACHABLE
        connecting = Reached(name, later + 1, Reach.CONNECTING)
        change = one.absorb([connecting, reached(name, later + 2, found, hop="gw")], later + 3)
        assert events(change) == []
    since = {each.id: each.since for each in one.document.problems}
    assert since == {each.id: each.since for each in before.document.problems}
    # Once it was found, it is as any host: it comes back, and goes anew.
    said = events(one.absorb([reached("r", later + 9, Reach.LIVE)], later + 10))
    assert said == [("r", "refused → live")]
    one.absorb([reached("r", later + 11, Reach.REFUSED)], later + 12)
    assert one.document.hosts["r"].since == later + 11


def test_a_restart_finds_what_changed_meanwhile() -> None:
    before = live_board()
    before.absorb([reached("r", T0 + 20, Reach.UNREACHABLE)], T0 + 30)
    later = T0 + 600_000
    one = restarted(before.document, later)
    key = Cause(Stage.RESOLVE, "no such name")
    change = one.absorb(
        [
            Reached("r", later + 1, Reach.UNREACHABLE, key),
            reached("gw", later + 2, Reach.UNREACHABLE),
            sample("a", later + 3, cpu=1),
        ],
        later + 5,
    )
    assert one.document.hosts["r"].since == later + 1  # not the same trouble as before
    assert one.document.hosts["a"].since == later + 3  # nobody looked meanwhile
    assert events(change) == [("gw", "live → unreachable: no answer")]


def test_a_lost_site_is_told_of_once_and_ends_once_over_a_restart() -> None:
    apart = {name: replace(host, jump="") for name, host in ESTATE.hosts.items()}
    estate = replace(ESTATE, hosts=apart)
    before = live_board(estate)
    names = ("gw", "a", "b")
    before.absorb([reached(name, T0 + 20, Reach.UNREACHABLE) for name in names], T0 + 30)
    (root,) = (each for each in before.document.problems if each.site == each.where)
    later = T0 + 600_000
    one = restarted(before.document, later, estate)
    said = []
    for name in names:
        said += events(one.absorb([reached(name, later, Reach.UNREACHABLE)], later))
    assert said == []
    assert root in one.document.problems
    said = events(one.absorb([reached("a", later + 5_000, Reach.LIVE)], later + 5_000))
    assert ("central", "cleared after 10:04: site lost: none of 3 hosts answers") in said


def test_a_lost_site_that_becomes_a_lost_estate_is_not_told_as_cleared() -> None:
    hosts = {name: replace(host, jump="") for name, host in ESTATE.hosts.items()}
    one = live_board(replace(ESTATE, hosts=hosts))
    gone = [reached(name, T0 + 10_000, Reach.UNREACHABLE) for name in ("gw", "a", "b")]
    said = events(one.absorb(gone, T0 + 10_000))
    assert ("central", "site lost: none of 3 hosts answers") in said
    said = events(one.absorb([reached("r", T0 + 40_000, Reach.UNREACHABLE)], T0 + 40_000))
    assert ("bastion", "all 2 sites lost: none of 4 hosts answers") in said
    assert not any("cleared" in what for _, what in said)


def test_a_new_fault_stands_after_old_ones_that_are_as_bad_and_none_moves() -> None:
    """As the console has them, which names a new one beside the list (`hidden_news`)."""
    since = {"gw": 1, "a": 2, "b": 20, "r": 21}  # minutes
    hosts = {name: Host(name, "recovery" if name in ("b", "r") else "central") for name in since}
    one = live_board(replace(ESTATE, hosts={**hosts, "well": Host("well", "central")}))
    at = {name: T0 + 60_000 * minute for name, minute in since.items()}
    for name, moment in at.items():
        one.absorb([reached(name, moment, Reach.FROZEN), sample("well", moment, cpu=1)], moment)

    def order(minute: int) -> list[str]:
        moment = T0 + 60_000 * minute
        one.absorb([sample("well", moment, cpu=1)], moment)
        assert {each.severity for each in one.document.problems} == {Severity.CRITICAL}
        return [each.where for each in one.document.problems if not each.parent]

    assert [order(minute) for minute in (22, 25, 30)] == [["gw", "a", "b", "r"]] * 3


def test_event_ids_go_on_after_a_restart() -> None:
    one = board(last_event_id=41)
    one.say(Severity.OK, "watch", "started")
    change = one.absorb([], T0 + 1)
    assert change is not None
    assert [each.id for each in change.events] == [42]


# --- as a whole ---------------------------------------------------------------------------------

NAMES = ("gw", "a", "b", "r", "gone")
observations = st.one_of(
    st.builds(
        lambda host, cpu: ("sample", host, cpu),
        st.sampled_from(NAMES),
        st.one_of(st.just(nan), st.floats(0, 100)),
    ),
    st.builds(
        lambda host, reach, hop: ("reached", host, reach, hop),
        st.sampled_from(NAMES),
        st.sampled_from(Reach),
        st.sampled_from(["", "gw", "elsewhere"]),
    ),
)


def made(what: tuple, at: int) -> Observation:
    if what[0] == "sample":
        return sample(what[1], at, cpu=what[2])
    return reached(what[1], at, what[2], hop=what[3])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(observations, max_size=6), st.integers(1, 20_000)), max_size=12))
def test_a_console_that_follows_the_changes_sees_what_the_watch_sees(
    steps: list[tuple[list[tuple], int]],
) -> None:
    one, now = board(), T0
    followed: Document = one.document
    for batch, pause in steps:
        now += pause
        change = one.absorb([made(what, now) for what in batch], now)
        if change is not None:
            followed = apply(followed, change_from_json(json.loads(json.dumps(to_json(change)))))
        assert followed == one.document
    ids = [each.id for each in one.document.events]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids))
    assert len({each.id for each in one.document.problems}) == len(one.document.problems)
    for row in one.document.hosts.values():
        assert row.reach is not Reach.LIVE or (now - max(row.at or 0, row.since) <= 3 * EVERY)


# --- the same trouble on many hosts -------------------------------------------------------------

FARM = replace(
    ESTATE,
    hosts={f"m{n}": Host(f"m{n}", "central", ("mta",)) for n in range(1, 9)},
    thresholds=(Threshold("cpu", 55, 97, 0),),
)


class Farm:
    """Eight mail hosts, each as busy as it is told to be."""

    def __init__(self, one: Board | None = None) -> None:
        self.board = one or board(FARM)
        self.now = self.board.document.at

    def tick(self, *cpu: float) -> list[tuple[str, str]]:
        """The next tick, with `cpu` of each host in turn (None is no word); what it told."""
        self.now += EVERY
        busy = [*cpu, *[10.0] * (8 - len(cpu))]
        samples = [
            sample(f"m{n}", self.now, cpu=value)
            for n, value in enumerate(busy, 1)
            if value is not None
        ]
        return events(self.board.absorb(samples, self.now))

    @property
    def causes(self) -> list[str]:
        return [each.id for each in self.board.document.problems if not each.parent]


FOLD = "group/central/mta/cpu"


def test_the_same_trouble_on_many_hosts_is_one_problem_and_few_events() -> None:
    farm = Farm()
    assert farm.tick(60) == [("m1", "cpu 60% > 55%")]
    assert farm.tick(60, 61, 64) == [("mta", "cpu 60–64% > 55% on 3 of 8 hosts: m1 m2 m3")]
    assert farm.causes == [FOLD]
    assert farm.board.document.hosts["m2"].why == "cpu 61% > 55%"
    assert farm.tick(60, 61, 64, 58, 58) == []
    ((where, what),) = farm.tick(*[60] * 6)
    assert (where, what) == ("mta", "cpu 60% > 55% on 6 of 8 hosts: m1 m2 m3 m4 m5 m6")
    assert farm.tick(98, *[60] * 5) == [("mta", "now critical: cpu 60–98% > 55% on 6 of 8 hosts")]
    assert farm.tick(*[60] * 6) == [("mta", "now warning: cpu 60% > 55% on 6 of 8 hosts")]
    assert farm.tick(60, 60) == []
    assert farm.causes == [FOLD]  # two keep it
    assert farm.tick(60) == [("mta", "now only m1: cpu 60% > 55%")]
    assert farm.causes == ["m1/cpu"]
    assert farm.tick(10) == [("m1", "cleared after 0:40: cpu 60% > 55%")]
    assert farm.causes == []


def test_a_fold_that_ends_at_once_is_one_event() -> None:
    farm = Farm()
    farm.tick(60, 60, 60, 60)
    assert farm.tick() == [("mta", "cleared after 0:05: cpu 60% > 55% on 4 of 8 hosts")]


def test_a_fold_out_of_sight_is_not_over_and_comes_back_without_a_word() -> None:
    farm = Farm()
    farm.tick(60, 60, 60)
    gone = [reached(f"m{n}", farm.now + 1, Reach.UNREACHABLE) for n in (1, 2, 3)]
    farm.board.absorb(gone, farm.now + 2)
    assert FOLD not in farm.causes
    assert [each for each in farm.tick(None, None, None) if each[0] == "mta"] == []
    back = [reached(f"m{n}", farm.now + 1, Reach.LIVE) for n in (1, 2, 3)]
    farm.board.absorb(back, farm.now + 2)
    assert farm.tick(60, None, None) == []
    assert farm.tick(60, 60, 60) == []
    assert farm.causes == [FOLD]
    assert farm.tick() == [("mta", "cleared after 0:20: cpu 60% > 55% on 3 of 8 hosts")]


def test_a_fold_goes_on_over_a_restart() -> None:
    farm = Farm()
    farm.tick(60, 60, 60)
    saved = document_from_json(json.loads(json.dumps(to_json(farm.board.document))))
    more = {"restored": saved, "events": saved.events, "last_event_id": 1}
    again = Farm(Board(FARM, WatchRow(), farm.now + 60_000, **more))
    assert again.tick(None, None, None) == []
    assert again.tick(60, 60) == []
    assert again.causes == [FOLD]
    assert again.tick() == [("mta", "cleared after 1:15: cpu 60% > 55% on 2 of 8 hosts")]


def test_a_fold_under_planned_work_counts_as_the_rest_does() -> None:
    planned = Maintenance("host:m1", T0, T0 + 10**9, "patches", "me")
    farm = Farm(board(replace(FARM, maintenance=(planned,))))
    farm.tick(98, 60, 60)
    (fold,) = (each for each in farm.board.document.problems if not each.parent)
    assert (fold.severity, fold.hosts) == (Severity.WARNING, ("m1", "m2", "m3"))
    farm = Farm(board(replace(FARM, maintenance=(replace(planned, where=""),))))
    farm.tick(98, 60, 60)
    (fold,) = (each for each in farm.board.document.problems if not each.parent)
    assert (fold.severity, fold.owner) == (Severity.MAINTENANCE, "me")


def test_a_host_called_like_its_group_is_not_told_of_its_fold() -> None:
    hosts = {name: Host(name, "central", ("mta",)) for name in ("mta", "a", "b", "c")}
    one = board(replace(FARM, hosts=hosts))
    one.absorb([sample(name, T0 + 1, cpu=60) for name in "abc"], T0 + 2)
    one.absorb([sample("mta", T0 + 1, cpu=1)], T0 + 3)
    assert one.document.hosts["mta"].why == ""
    assert one.document.hosts["mta"].severity is Severity.OK


def test_a_fold_whose_hosts_went_over_to_another_is_over() -> None:
    groups = [("a",), ("a", "b"), ("a", "b"), ("b",), ("b",), ("b",)]
    hosts = {f"m{n}": Host(f"m{n}", "central", g) for n, g in enumerate(groups, 1)}
    hosts |= {f"m{n}": Host(f"m{n}", "central") for n in (7, 8)}
    farm = Farm(board(replace(FARM, hosts=hosts)))
    farm.tick(60, 60, 60)
    assert farm.causes == ["group/central/a/cpu"]
    gone = [reached(f"m{n}", farm.now + 1, Reach.UNREACHABLE) for n in (1, 2, 3)]
    farm.board.absorb(gone, farm.now + 2)
    farm.board.absorb([reached("m2", farm.now + 3, Reach.LIVE)], farm.now + 4)
    farm.tick(None, 60, None, 60, 60, 60)
    farm.tick(None, 60, None, 60, 60, 60)
    farm.board.absorb([reached("m3", farm.now + 3, Reach.LIVE)], farm.now + 4)
    told = farm.tick(None, 60, 60, 60, 60, 60) + farm.tick(None, 60, 60, 60, 60, 60)
    farm.board.absorb([reached("m1", farm.now + 3, Reach.LIVE)], farm.now + 4)
    told += farm.tick(10, 60, 60, 60, 60, 60)
    assert [each for each in told if each[0] == "a"] == [("a", "now only m1: cpu 60% > 55%")]
    assert farm.causes == ["group/central/b/cpu"]
    assert farm.tick()[0][0] == "b"
