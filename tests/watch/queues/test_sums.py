"""Sums of queues where some of it was not read: it is at least what was, and never well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Severity
from estate.queues import QueueRow
from estate.samples import Gap, Probed, Reach, Reading

from .test_desk import CENTRAL, DEFERRED, STEP, Bench, mail, storm

ESTATE = """
estate: T
sites: {a: {name: A, role: primary}}
hosts: {r1: {site: a, groups: [q]}, r2: {site: a, groups: [q]}}
services:
  s:
    queues:
      - {redis: q, only: [a, b], warn: 100, hold: 0s}
      - {rabbitmq: q, name: rabbits, hold: 0s}
      - {command: q, run: count, name: jobs, hold: 0s}
      - {command: q, run: other, name: more, hold: 0s}
"""
DENIED = "NOAUTH Authentication required."


def keys(host: str, a: int | None, b: int | None) -> Probed:
    """Two keys of Redis, None where it does not tell."""
    found = [
        Reading("queue", key, attributes={"of": "redis/q", "gap": DENIED})
        if depth is None
        else Reading("queue", key, float(depth), attributes={"of": "redis/q"})
        for key, depth in (("a", a), ("b", b))
    ]
    return Probed(host, 0, "redis", tuple(found))


def rabbits(host: str, gap: str = "", **depths: int) -> Probed:
    found = [Reading("queue", name, float(depth)) for name, depth in depths.items()]
    return Probed(host, 0, "rabbitmq", (*found, *([Gap(gap)] if gap else [])))


def counted(host: str, of: str, *depths: int, gap: str = "") -> Probed:
    found = [
        Reading("queue", f"n{number}", float(depth), attributes={"of": of})
        for number, depth in enumerate(depths)
    ]
    return Probed(host, 0, "command", (*found, *([Gap(gap, of)] if gap else [])))


def shown(bench: Bench, queue: str) -> tuple[int | None, bool, str, int]:
    row = bench.row(queue)
    return row.depth, row.at_least, row.state, row.missing


def test_a_key_that_one_host_does_not_tell_leaves_at_least_the_rest() -> None:
    bench = Bench(estate=ESTATE)
    bench.step(keys("r1", 1, 500), keys("r2", 1, 7))
    [problem] = bench.problems
    assert problem.what == "b 507 > 100"
    bench.step(keys("r1", 1, None), keys("r2", 1, 7))
    assert shown(bench, "redis/q@a/b") == (7, True, "warning", 1)
    assert bench.row("redis/q@a/b").why == f"1 of 2 hosts not known: {DENIED}"
    assert shown(bench, "redis/q@a/a") == (2, False, "ok", 0)
    [problem] = bench.problems  # where the 500 were nobody looked
    assert problem.what == "b was over 100, now ≥ 7"
    for _ in range(4):
        bench.step(keys("r1", 1, None), keys("r2", 1, None))
    assert shown(bench, "redis/q@a/b") == (None, False, "warning", 2)
    assert bench.problems[0].what == "b was over 100, now not known"


def test_a_part_that_a_host_refuses_is_a_problem_though_others_answer() -> None:
    bench = Bench(estate=ESTATE)
    bench.step(keys("r1", 1, None), keys("r2", 1, 7))
    [problem] = bench.problems
    assert (problem.severity, problem.what) == (
        Severity.UNKNOWN,
        f"b ≥ 7: 1 of 2 hosts not known: {DENIED}",
    )
    bench.reach("r1", Reach.UNREACHABLE)
    bench.step(keys("r2", 1, 7))
    assert shown(bench, "redis/q@a/b")[2] == "unknown"
    assert bench.problems == ()  # that the host is away is told of the host


def test_a_queue_that_was_there_stays_while_its_host_leaves_some_out() -> None:
    bench = Bench(estate=ESTATE)
    bench.step(rabbits("r1", orders=5, mail=90), rabbits("r2", orders=1))
    assert shown(bench, "rabbitmq/rabbits@a/mail") == (90, False, "ok", 0)
    bench.step(rabbits("r1", "only the 200 deepest queues are read", orders=5), rabbits("r2"))
    assert shown(bench, "rabbitmq/rabbits@a/mail") == (None, False, "unknown", 1)
    assert shown(bench, "rabbitmq/rabbits@a/orders") == (5, False, "ok", 0)
    bench.step(rabbits("r1", orders=5))
    assert [row.queue for row in bench.document.queues] == ["orders"]  # it was taken away


NOPERM = "NOPERM: not allowed"


def test_the_one_trouble_of_a_refusal_stays_with_the_queue_that_told_it_first() -> None:
    bench = Bench(estate=ESTATE)
    bench.step(rabbits("r1", zeta=5, mail=9), rabbits("r2", NOPERM))
    [told] = bench.problems
    assert (told.id, told.severity) == ("queue/rabbitmq/rabbits@a/mail", Severity.UNKNOWN)
    bench.step(rabbits("r1", beta=1, zeta=5, mail=9), rabbits("r2", NOPERM))
    assert bench.row("rabbitmq/rabbits@a/beta").state == "unknown"
    assert bench.problems == (told,)
    bench.step(rabbits("r1", zeta=5, mail=9), rabbits("r2", NOPERM))
    assert bench.problems == (told,)
    assert (len(bench.said), bench.cleared) == (1, [""])
    saved = replace(bench.document, problems=bench.problems, at=bench.now)
    again = Bench(saved, bench.now + 20_000, ESTATE)
    again.step(rabbits("r1", beta=1, zeta=5, mail=9), rabbits("r2", NOPERM))
    assert (again.problems, again.said) == ((told,), [])
    again.step(rabbits("r1", beta=1, zeta=5), rabbits("r2", NOPERM))
    assert [each.id for each in again.problems] == ["queue/rabbitmq/rabbits@a/beta"]


def test_a_queue_that_comes_does_not_begin_the_hold_of_a_refusal_anew() -> None:
    held = ESTATE.replace("name: rabbits, hold: 0s", "name: rabbits, hold: 1m")
    bench = Bench(estate=held)
    queues = {"mail": 9, "zeta": 5}
    for step in range(3):
        queues[f"b{9 - step}"] = 1  # each sorts before all others
        bench.step(rabbits("r1", **queues), rabbits("r2", NOPERM))
    began = bench.now - 2 * STEP
    assert [(each.id, each.since) for each in bench.problems] == [
        ("queue/rabbitmq/rabbits@a/b9", began)
    ]


def test_readers_of_a_stream_stay_while_its_key_is_refused() -> None:
    bench = Bench(estate=ESTATE)
    of = {"of": "redis/q"}
    bench.step(
        Probed("r1", 0, "redis", (Reading("queue", "a mail", 5.0, attributes=of),)),
        Probed("r2", 0, "redis", (Reading("queue", "a mail", 2.0, attributes=of),)),
    )
    refused = Reading("queue", "a", attributes={**of, "gap": DENIED})
    gap = Gap(f"redis/q: {DENIED}", "redis/q")
    bench.step(
        Probed("r1", 0, "redis", (refused, gap, gap)),
        Probed("r2", 0, "redis", (Reading("queue", "a mail", 2.0, attributes=of),)),
    )
    assert shown(bench, "redis/q@a/a mail") == (2, True, "unknown", 1)
    assert bench.row("redis/q@a/a mail").why == f"1 of 2 hosts not known: redis/q: {DENIED}"


def test_a_host_that_is_lost_takes_no_queue_with_it() -> None:
    bench = Bench(estate=ESTATE)
    bench.step(rabbits("r1", orders=5, mail=90), rabbits("r2", orders=1))
    bench.reach("r1", Reach.UNREACHABLE)
    bench.step(rabbits("r2", orders=1))
    assert shown(bench, "rabbitmq/rabbits@a/mail") == (None, False, "unknown", 1)
    assert shown(bench, "rabbitmq/rabbits@a/orders") == (1, True, "unknown", 1)


def test_a_command_that_fails_says_nothing_of_another() -> None:
    bench = Bench(estate=ESTATE)
    both = counted("r1", "command/more", 3)
    readings = (*counted("r1", "command/jobs", 4, 5).readings, *both.readings)
    bench.step(Probed("r1", 0, "command", readings), counted("r2", "command/more", 2))
    assert shown(bench, "command/more@a/n0") == (5, False, "ok", 0)
    failed = counted("r1", "command/jobs", gap="command/jobs: exit status 1, x")
    readings = (*failed.readings, *both.readings)
    bench.step(Probed("r1", 0, "command", readings), counted("r2", "command/more", 2))
    assert shown(bench, "command/more@a/n0") == (5, False, "ok", 0)
    assert shown(bench, "command/jobs@a/n1") == (None, False, "unknown", 1)


def test_what_was_missed_for_a_moment_keeps_its_trend() -> None:
    bench = Bench(estate=ESTATE)
    for step in range(4):
        bench.step(keys("r1", 1, 100 * step), keys("r2", 1, 0))
    bench.step(keys("r1", 1, None), keys("r2", 1, 0))
    bench.step(keys("r1", 1, 500), keys("r2", 1, 0))
    assert (bench.row("redis/q@a/b").trend, bench.row("redis/q@a/b").net_per_minute) == (
        "rising",
        200,
    )


def test_queues_that_come_and_go_do_not_fill_the_watch() -> None:
    bench = Bench(estate=ESTATE)
    for step in range(30):
        names = {f"q{step}-{number}": 1 for number in range(20)}
        bench.step(rabbits("r1", "only the 200 deepest queues are read", **names))
    assert len(bench.document.queues) <= 220


# --- how a part moves ----------------------------------------------------------------------------


def without_one(bench: Bench, *depths: int) -> QueueRow:
    """Two of three hosts, half a minute a step."""
    bench.reach("mta-c3", Reach.UNREACHABLE, behind="gw-c2")
    for depth in depths:
        bench.step(*(mail(host, depth) for host in CENTRAL[:2]))
    return bench.row(DEFERRED)


def test_what_rises_in_a_part_is_full_at_the_latest_then() -> None:
    bench = Bench()
    row = without_one(bench, *range(2000, 22_000, 4000))
    assert (row.trend, row.at_least) == ("rising", True)
    assert row.full_in_seconds == pytest.approx(60 * (50_000 - 36_000) / 16_000, abs=1)
    [problem] = bench.problems
    assert problem.what == "deferred ≥ 36,000 > 10,000, full in 52 s at most"


@pytest.mark.parametrize("depths", [[500] * 6, range(600, 0, -100)])
def test_of_a_part_that_stands_still_or_falls_no_trend_is_told(depths) -> None:
    row = without_one(Bench(), *depths)
    assert (row.trend, row.net_per_minute, row.empty_in_seconds) == ("", None, None)
    assert (row.in_per_minute, row.out_per_minute, row.state) == (None, None, "unknown")


@pytest.mark.parametrize("step", [0, 400, -400])
def test_what_is_over_its_size_is_full_however_it_moves(step: int) -> None:
    bench = Bench()
    storm(bench, 6, start=19_000, each=step)
    row = bench.row(DEFERRED)
    assert (row.full_in_seconds, row.empty_in_seconds) == (0, None)
    [problem] = bench.problems
    assert problem.what == f"deferred {57_000 + 15 * step:,} > 10,000, full"
