"""Charts tell what is known: a day nobody saw is no full budget, a gap is no empty queue."""

from __future__ import annotations

from dataclasses import replace

from estate.availability import DayRow
from estate.language import ENGLISH
from estate.queues import QueueRow
from snapshots.page import Curve, Curves, Table
from snapshots.snapshot import Before, Depths, Difference, Kind, Snapshot
from snapshots.telling import SECTIONS
from snapshots.telling.teller import Teller

DAY = 86_400_000


def curves(snapshot: Snapshot, key: str) -> dict[str, Curve]:
    blocks = SECTIONS[key][1](Teller(snapshot, ENGLISH, ""))
    return {
        curve.title.text: curve
        for each in blocks
        if isinstance(each, Curves)
        for curve in each.curves
    }


def test_a_burn_down_goes_from_the_limit_by_what_each_day_lost(full: Snapshot) -> None:
    curve = curves(full, "budgets")["Mail delivery 1"]
    limit = 1_296_000.0
    values = [value for _, value in curve.points]
    assert values[:7] == [limit] * 7
    assert values[7] == limit - 240_000
    assert values[-1] == limit - 240_000 - 660_000
    assert len(values) == 1 + 20  # what is to come has no point
    assert curve.points[0][0] == curve.starts


def test_no_burn_down_is_drawn_through_days_that_nobody_saw(full: Snapshot) -> None:
    service = full.services[0]
    assert service.budget is not None
    days = (
        DayRow("unknown", 0, DAY),
        DayRow("down", 60_000, DAY // 2),
        DayRow("unknown", 0, DAY // 2 + 1),
        DayRow("up"),
    )
    budget = replace(service.budget, days=days)
    snapshot = replace(full, services=(replace(service, budget=budget),))
    (curve,) = curves(snapshot, "budgets").values()
    limit = float(budget.limit_ms)
    assert [value for _, value in curve.points] == [
        None, None, limit - 60_000, None, limit - 60_000,
    ]  # fmt: skip


def queue(**more: object) -> QueueRow:
    row = QueueRow(key="q", name="mail", site="central", state="ok", depth=7, at=10 * DAY)
    return replace(row, **more)  # type: ignore[arg-type]


def test_a_queue_is_drawn_over_the_period_where_the_records_have_it(empty: Snapshot) -> None:
    points = tuple((number, float(number)) for number in range(20))
    kept = (Depths("q", "central", points), Depths("q", "other", points[:3]))
    snapshot = replace(empty, queues=(queue(spark=(1, None, 3)),), depths=kept)
    (curve,) = curves(snapshot, "queues").values()
    assert curve.points == points


def test_else_over_its_last_hour_with_its_gaps(empty: Snapshot) -> None:
    kept = (Depths("q", "central", ((5, 7.0),)),)
    snapshot = replace(empty, queues=(queue(spark=(1, None, 3)),), depths=kept)
    (curve,) = curves(snapshot, "queues").values()
    assert [value for _, value in curve.points] == [1.0, None, 3.0]
    assert curve.points[-1][0] == 10 * DAY


def test_a_queue_of_which_nothing_is_known_has_no_drawing(empty: Snapshot) -> None:
    assert curves(replace(empty, queues=(queue(spark=(None, None)),)), "queues") == {}
    assert curves(replace(empty, queues=(queue(depth=None),)), "queues") == {}


def test_what_stands_unchanged_gives_way_to_what_moved(full: Snapshot) -> None:
    moved = tuple(Difference(f"m{n}", "problem", "new", f"m{n}", "x", n) for n in range(9))
    stood = tuple(
        Difference(f"s{n}", "problem", "unchanged", f"s{n}", "x", 50 - n) for n in range(9)
    )
    before = Before("h-0", 0, "0" * 64, (*stood, *moved))
    blocks = SECTIONS["summary"][1](Teller(replace(full, before=before), ENGLISH, ""))
    (table,) = [each for each in blocks if isinstance(each, Table)]
    told = [row[1].text for row in table.rows]
    assert told == [*(f"m{n}" for n in range(9)), "s8", "s7", "s6", "s5"]
    assert table.more.text == "and 5 more"


def test_the_axis_of_a_queue_is_the_period_of_the_report(empty: Snapshot) -> None:
    hour, made_at = 3_600_000, 10 * DAY
    made = replace(empty, starts=made_at - 8 * hour, made_at=made_at,
                   queues=(queue(spark=(1, None, 3, 4)),))  # fmt: skip
    (curve,) = curves(made, "queues").values()
    assert (curve.starts, curve.ends) == (made.starts, made_at)
    assert [at for at, _ in curve.ticks] == [made.starts, made_at - 4 * hour, made_at]
    assert len(curve.points) == 4
    short = replace(made, starts=made_at - 3 * 60_000)
    (curve,) = curves(short, "queues").values()
    assert curve.starts == short.starts
    assert [value for _, value in curve.points] == [3.0, 4.0]
    of_another_time = replace(made, starts=20 * DAY, made_at=21 * DAY)
    (curve,) = curves(of_another_time, "queues").values()
    assert curve.ends == 10 * DAY, "its own axis, for nothing of it is of the period"


def test_a_report_draws_the_queues_that_were_deepest_then(empty: Snapshot) -> None:
    begin = empty.starts + 60_000
    drained = queue(depth=0)
    depths = (
        Depths("gone@x/q", "", ((begin, 900.0), (begin + 1, None), (begin + 2, 5.0))),
        Depths("q", "central", ((begin, 0.0), (begin + 1, 40.0), (begin + 2, 0.0))),
    )
    made = replace(empty, kind=Kind.REPORT, queues=(drained,), depths=depths)
    found = curves(made, "queues")
    assert [(title, each.note.text, each.top) for title, each in found.items()] == [
        ("gone@x/q", "up to 900 waiting", 900.0),
        ("mail · central", "up to 40 waiting", 40.0),
    ]
    assert curves(replace(made, queues=()), "queues").keys() == {"gone@x/q", "q"}
    assert "mail · central" not in curves(replace(made, kind=Kind.HANDOVER), "queues")
