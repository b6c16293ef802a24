"""The board, the records and the estate as one snapshot; what nobody saw is always in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.availability import BudgetRow, ServiceRow
from estate.document import Document, Event, HostRow, Series, Severity, WatchRow
from estate.file import read_estate
from estate.model import Maintenance
from estate.runs import DecisionRow, QuestionView, RunRow, RunView, StepView, TaskView
from estate.samples import Cause, Reach, Stage
from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.snapshot import ONE_VANTAGE, UNSEEN_THIS_MONTH, WITHOUT_RECORDS, StepSpan, Unseen
from watch.handover.depths import with_gaps
from watch.handover.freezing import EVENTS_HELD, Known, frozen

NOW = 1_795_156_200_000
HOUR = 3_600_000
ESTATE = read_estate(
    """
estate: Mail
timezone: Asia/Hong_Kong
sites: {central: {role: primary}}
hosts: {a: {site: central}, b: {site: central}}
shifts: {day: 08:00-20:00, night: 20:00-08:00}
""",
    "estate.yaml",
)


def host(name: str, reach: Reach = Reach.LIVE, **more: object) -> HostRow:
    row = HostRow(name, "central", ("mta",), reach, since=NOW - HOUR, at=NOW - 1_000)
    return replace(row, **more)  # type: ignore[arg-type]


def board(*hosts: HostRow, **more: object) -> Document:
    watch = WatchRow("bastion", "0.4", 7, NOW - 9 * HOUR, "op")
    rows = {row.name: row for row in hosts}
    made = Document(1, NOW, "Mail", "Asia/Hong_Kong", "en", 5_000, watch, hosts=rows)
    return replace(made, **more)  # type: ignore[arg-type]


def known(document: Document, **more: object) -> Known:
    return replace(Known(document, ESTATE, NOW - 8 * HOUR, NOW), **more)  # type: ignore[arg-type]


def event(at: int, where: str = "a", severity: Severity = Severity.WARNING) -> Event:
    return Event(at - NOW + 10**9, at, severity, where, "something")


BEFORE = event(NOW - 20 * HOUR)


def test_a_snapshot_names_itself_its_period_and_who_is_on_duty() -> None:
    made = frozen(known(board(host("a")), by="op", events=(BEFORE,)))
    assert (made.id, made.made_at, made.starts, made.by) == (
        "h-20261120-063000", NOW, NOW - 8 * HOUR, "op",
    )  # fmt: skip
    assert (made.duty.now, made.duty.next) == ("day", "night")
    assert (made.watch, made.version, made.estate) == ("bastion", "0.4", "Mail")
    assert read_snapshot(snapshot_bytes(made)) == made


def test_all_is_seen_where_all_is_seen() -> None:
    made = frozen(known(board(host("a"), host("b")), events=(BEFORE,)))
    assert made.unseen == ()
    assert {each.state for each in made.hosts} == {"live"}


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (host("a", at=NOW - 60_000), "stale"),
        (host("a", Reach.UNREACHABLE, cause=Cause(Stage.CONNECT, "no route")), "lost: no route"),
        (
            host("a", Reach.UNTRUSTED, cause=Cause(Stage.HOST_KEY, "key differs")),
            "untrusted: key differs",
        ),
        (host("a", Reach.UNREACHABLE, behind="gw", why="x"), "behind gw: x"),
        (host("a", Reach.CONNECTING, at=None), "connecting"),
    ],
)
def test_a_host_that_is_not_live_could_not_be_seen(row: HostRow, word: str) -> None:
    made = frozen(known(board(row, host("b")), events=(BEFORE,)))
    assert [(each.kind, each.where, each.why) for each in made.unseen] == [("host", "a", word)]


def test_a_probe_that_can_t_measure_could_not_see() -> None:
    gaps = {"a": {"units": "no systemctl", "clock": "no chronyc"}}
    made = frozen(known(board(host("a")), gaps=gaps, events=(BEFORE,)))
    assert made.unseen == (
        Unseen("probe", "a clock", "no chronyc"),
        Unseen("probe", "a units", "no systemctl"),
    )


def budget(unknown_ms: int) -> BudgetRow:
    return BudgetRow(
        "2026-11", 0, 1, "99.95%", 1, None, 0, unknown_ms, 0, 0, "1", "1", "open", 1, 1
    )


def test_services_unknown_now_or_this_month_and_a_single_vantage() -> None:
    services = (
        ServiceRow(key="x", name="X", state="unknown", since=5, cause="nobody asks it"),
        ServiceRow(key="y", name="Y", state="up", vantages=("here",), budget=budget(7_000)),
        ServiceRow(key="z", name="Z", state="up", vantages=("here",), budget=budget(0)),
    )
    made = frozen(known(board(host("a"), services=services), events=(BEFORE,)))
    assert made.unseen == (
        Unseen("vantage", "here", ONE_VANTAGE),
        Unseen("service", "x", "nobody asks it", 5),
        Unseen("service", "y", UNSEEN_THIS_MONTH, lost_ms=7_000),
    )
    two = tuple(replace(each, vantages=("here", "there")) for each in services)
    made = frozen(known(board(host("a"), services=two), events=(BEFORE,)))
    assert "vantage" not in {each.kind for each in made.unseen}


def test_when_nobody_watched_and_what_the_watch_says_of_itself() -> None:
    young = WatchRow("bastion", started_at=NOW - HOUR, records="disk full", estate_problem="line 3")
    said = event(NOW - HOUR, "watch")
    made = frozen(known(board(host("a"), watch=young), events=(said,)))
    assert made.unseen == (
        Unseen("watch", "bastion", WITHOUT_RECORDS, NOW - 8 * HOUR, NOW - HOUR, 7 * HOUR),
        Unseen("watch", "bastion", "something", NOW - HOUR, NOW - HOUR),
        Unseen("records", "bastion", "disk full"),
        Unseen("records", "estate", "line 3"),
    )


def test_events_beyond_what_a_snapshot_holds_are_counted() -> None:
    events = tuple(event(NOW - number) for number in range(EVENTS_HELD + 5))
    made = frozen(known(board(host("a")), events=events))
    assert (len(made.events), made.events_left_out) == (EVENTS_HELD, 5)
    assert made.events[0] == events[0]


def run_row(id_: str, state: str, ended_at: int | None = None) -> RunRow:
    return RunRow(
        id_, "failover", "Fail over", state, 1, NOW - 2 * HOUR, NOW, "op", ended_at=ended_at
    )


def test_runs_of_the_period_with_their_steps_and_what_nobody_knows() -> None:
    rows = (
        run_row("open", "needs-decision"),
        run_row("late", "succeeded", NOW - HOUR),
        run_row("early", "succeeded", NOW - 9 * HOUR),
    )
    steps = (
        StepView("a", "script", "Stop", "ok", begun_at=10, tasks=(
            TaskView("h1", "done", outcome="ok", started_at=11, ended_at=20),
            TaskView("h2", "done", outcome="ok", started_at=12, ended_at=30))),
        StepView("b", "script", "Promote", "unknown", tasks=(
            TaskView("h1", "unknown", started_at=31),)),
        StepView("c", "script", "Later", ""),
    )  # fmt: skip
    question = QuestionView("b", "h1", "Is it promoted?", ("settle",))
    views = {"open": RunView(rows[0], steps=steps, questions=(question,))}
    made = frozen(known(board(host("a")), runs=rows, views=views, events=(BEFORE,)))
    assert [each.row.id for each in made.runs] == ["open", "late"]
    assert made.runs[0].steps == (
        StepSpan("Stop", "ok", 10, 30), StepSpan("Promote", "unknown", 31),
    )  # fmt: skip
    assert made.runs[0].unknown == ("Promote @ h1",)
    assert made.runs[0].questions == (question,)


def test_a_waived_step_is_told_as_such_and_what_people_decided_is_kept() -> None:
    row = run_row("late", "succeeded", NOW - HOUR)
    passed = TaskView("h1", "done", outcome="failed", started_at=11, ended_at=20, waived=True)
    steps = (
        StepView("a", "check", "Mail flows", "waived", begun_at=10, tasks=(passed,)),
        StepView("b", "check", "Again", "failed", begun_at=30, tasks=(passed,)),
    )
    said = DecisionRow(19, "chan", "waived", "a on h1", "known, see n-1")
    views = {"late": RunView(row, steps=steps, decisions=(said,))}
    (run,) = frozen(known(board(host("a")), runs=(row,), views=views)).runs
    assert [each.state for each in run.steps] == ["waived", "failed"]
    assert run.decisions == (said,)


def test_a_gap_in_a_queue_s_depth_is_no_zero() -> None:
    points = ((0, 1.0, 1.0, 2.0), (10, 1.0, 1.0, 3.0), (50, 1.0, 1.0, 4.0))
    series = Series("depth", 0, 60, 10, points)
    assert with_gaps(series) == ((0, 2.0), (10, 3.0), (20, None), (50, 4.0))
    late = Series("depth", 0, 60, 10, ((50, 1.0, 1.0, 4.0),))
    assert with_gaps(late) == ((0, None), (50, 4.0))
    assert with_gaps(Series("depth", 0, 60, 10)) == ()


def test_planned_work_is_told_a_day_ahead() -> None:
    windows = tuple(
        Maintenance(f"w{hours}", NOW + hours * HOUR, NOW + (hours + 1) * HOUR)
        for hours in (-5, -1, 0, 23, 25)
    )
    made = frozen(replace(known(board(host("a"))), estate=replace(ESTATE, maintenance=windows)))
    assert [each.where for each in made.work] == ["w0", "w23"]
