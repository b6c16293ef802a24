"""All that a snapshot is made from is asked for, and what can't be had is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from estate.document import Document, Event, HostDetail, Series, Severity, WatchRow
from estate.model import Estate
from estate.queues import QueueRow
from estate.runs import QuestionView, RunRow, RunView, StepView, TaskView
from snapshots.difference import items_of
from snapshots.snapshot import RUNS, StepSpan, Unseen
from tests.watch.handover.test_freezing import ESTATE, HOUR, NOW, board, host
from watch.error import WatchError
from watch.handover import gathering
from watch.handover.depths import MOST_QUEUES_READ, POINTS
from watch.handover.freezing import Known, Left, ended, frozen
from watch.handover.gathering import gathered


def run_row(name: str, state: str, ended_at: int | None = None) -> RunRow:
    return RunRow(name, "count", name, state, 9, NOW - 2 * HOUR, NOW, "op", ended_at=ended_at)


def unsure(row: RunRow) -> RunView:
    """A run of which nobody knows what its one step did."""
    task = TaskView("a", "unknown", started_at=row.started_at)
    step = StepView("s", "script", "Promote", "unknown", tasks=(task,))
    return RunView(row, steps=(step,), questions=(QuestionView("s", "a", "Is it?", ("settle",)),))


class Stand:
    """A watch that gives what it is told to."""

    def __init__(self) -> None:
        self.document: Document = board(host("a"), host("b"))
        self.rows: tuple[RunRow, ...] = ()
        self.views: dict[str, RunView] = {}
        self.kept: tuple[Event, ...] = ()
        self.office = True
        self.read: list[str] = []
        self.drawn: list[tuple[Any, ...]] = []
        self.asked_since: list[int] = []
        self.measured: tuple[str, ...] = ()

    @property
    def present_estate(self) -> Estate:
        return ESTATE

    async def runs(self) -> Any:
        if not self.office:
            raise WatchError("not yet", RUNS, "the disk is gone", "look")
        return self

    def all_rows(self) -> tuple[RunRow, ...]:
        return self.rows

    async def view(self, run: str) -> RunView:
        self.read.append(run)
        if run not in self.views:
            raise WatchError("the run can't be read", run, "line 3 is damaged", "look")
        return self.views[run]

    def detail(self, name: str) -> HostDetail | None:
        return HostDetail(name, gaps={"units": "no systemctl"}) if name == "b" else None

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        self.asked_since.append(since)
        return tuple(each for each in self.kept if each.at >= since)[:limit]

    async def queues(self) -> tuple[str, ...]:
        return self.measured

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series:
        self.drawn.append((key, metric, start, end, points))
        return Series(metric, start, end, 60_000, ((start, 1.0, 2.0, 3.0),))

    def known(self, starts: int = NOW - HOUR, left: Left | None = None) -> Known:
        return asyncio.run(gathered(self, starts, NOW, "op", left))  # type: ignore[arg-type]


def test_why_probes_can_t_measure_is_asked_of_every_host() -> None:
    known = Stand().known()
    assert known.gaps == {"b": {"units": "no systemctl"}}
    assert Unseen("probe", "b units", "no systemctl") in frozen(known).unseen


def test_the_deepest_queues_are_drawn_over_the_period() -> None:
    stand = Stand()
    rows = tuple(
        QueueRow(f"q{n}", "mta", "central", "deferred", depth=n)
        for n in range(MOST_QUEUES_READ + 2)
    )
    stand.document = board(host("a"), queues=rows)
    known = stand.known()
    wanted = [f"q{n}" for n in range(MOST_QUEUES_READ + 1, 1, -1)]
    assert stand.drawn == [(key, "depth", NOW - HOUR, NOW, POINTS) for key in wanted]
    assert [(each.key, each.site) for each in known.depths] == [(key, "central") for key in wanted]
    assert known.depths[0].points == ((NOW - HOUR, 3.0),)


def test_open_runs_are_read_first_and_all_and_what_is_not_read_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "MOST_RUNS_READ", 2)
    stand = Stand()
    over = tuple(run_row(f"e{n}", "succeeded", NOW - n) for n in range(3))
    stand.rows = (*over, *(run_row(f"o{n}", "running") for n in range(4)))
    stand.views = {row.id: RunView(row, steps=(StepView("s", "script", "Stop", "ok", begun_at=10),))
                   for row in stand.rows if row.id != "o3"}  # fmt: skip
    made = frozen(stand.known())
    assert stand.read == ["o0", "o1", "o2", "o3", "e0", "e1"]
    assert {run.row.id for run in made.runs if run.steps} == {"o0", "o1", "o2", "e0", "e1"}
    assert made.runs[0].steps == (StepSpan("Stop", "ok", 10),)
    unseen = {each.where: each.why for each in made.unseen if each.kind == "records"}
    assert unseen["o3"].startswith("the run can't be read")
    assert unseen["e2"] == "its record was not read: it is one of 3 runs"
    # Whether it did what it should nobody knows, so the next shift must.
    assert {"run:e2", "run:o3"} < {*items_of(made)}
    assert "run:e0" not in items_of(made)


def test_without_the_desk_of_runs_nothing_is_claimed_of_any() -> None:
    stand = Stand()
    stand.office = False
    known = stand.known(left=Left(NOW - 2 * HOUR, frozenset({"r-1"})))
    (unseen,) = known.unread
    assert (unseen.kind, unseen.where) == ("records", RUNS)
    assert "the disk is gone" in unseen.why
    assert "run" in ended(known).not_known


def test_an_ended_run_of_unknown_outcome_stays_an_item_however_long_ago_it_ended() -> None:
    stand = Stand()
    doubted, settled = (run_row(name, "aborted", NOW - 9 * HOUR) for name in ("r-1", "r-2"))
    stand.rows = (doubted, settled)
    stand.views = {"r-1": unsure(doubted), "r-2": RunView(settled)}
    left = Left(NOW - 8 * HOUR, frozenset({"r-1", "r-2"}))
    known = stand.known(left=left)
    made = frozen(known)
    assert [run.row.id for run in made.runs] == ["r-1"]
    assert list(items_of(made)) == ["run:r-1"]
    assert "run:r-1" not in ended(known).items
    assert frozen(stand.known()).runs == ()  # nobody handed it over


def test_what_ended_between_the_handover_before_and_the_period_is_known() -> None:
    stand = Stand()
    between, within = NOW - 3 * HOUR, NOW - HOUR // 2
    stand.kept = (
        Event(3, within, Severity.OK, "b", "cleared", "b/cpu"),
        Event(2, between, Severity.OK, "a", "cleared", "a/cpu"),
        Event(1, NOW - 5 * HOUR, Severity.OK, "c", "cleared", "c/cpu"),
    )
    over = run_row("r-1", "succeeded", between)
    stand.rows, stand.views = (over,), {"r-1": RunView(over)}
    known = stand.known(left=Left(NOW - 4 * HOUR, frozenset({"r-1"})))
    assert stand.asked_since == [NOW - 4 * HOUR]
    made = frozen(known)
    assert [each.id for each in made.events] == [3]  # the document is of its period
    assert made.runs == ()
    said = ended(known)
    assert said.items == {"problem:a/cpu", "problem:b/cpu", "run:r-1"}
    assert said.not_known == frozenset()


def test_where_events_were_left_out_or_not_kept_it_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand = Stand()
    stand.kept = tuple(Event(n, NOW - n, Severity.OK, "a", "x") for n in range(3))
    left = Left(NOW - 2 * HOUR)
    assert ended(stand.known(left=left)).not_known == frozenset()
    monkeypatch.setattr(gathering, "MOST_EVENTS_READ", 3)
    assert ended(stand.known(left=left)).not_known == {"problem"}
    monkeypatch.undo()
    stand.document = replace(stand.document, watch=WatchRow("w", records="not saved: full"))
    assert ended(stand.known(left=left)).not_known == {"problem"}
