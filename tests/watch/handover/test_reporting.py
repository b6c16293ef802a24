"""A report of a time that is over: the board of its end, its events and runs, and nothing later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from estate.document import Event, Problem, Severity
from estate.handover import Closed, Note, NoteKind
from estate.language import ENGLISH
from estate.model import Retention
from estate.past import moment_of
from estate.runs import FeltRow, RunRow, ShiftRow
from snapshots.reading import read_snapshot, snapshot_bytes, snapshot_from
from snapshots.rendering import render
from snapshots.snapshot import Kind, Run, Snapshot
from storage.keeper import Keeper
from tests.watch.room import Room, asked
from watch import later
from watch.clock import now_ms, steady_seconds
from watch.handover.opening import opened
from watch.handover.reporting import STALE_MS, overlapping, within
from watch.hub import packed
from watch.past.keeping import Past

MINUTE = 60_000


@pytest.fixture(autouse=True)
def _no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch of these tests has no desk of runs; nobody waits for it."""
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


async def remembering(room: Room, directory: Path, ago_ms: int) -> tuple[Keeper, int]:
    """Over real records, with the board of `ago_ms` ago kept: one problem, which is gone now."""
    keeper = Keeper(directory / "past.db", Retention(), now_ms, steady_seconds)
    keeper.start()
    room.watch.past = Past(keeper, lambda: room.watch.document)
    desk = opened(directory / "records.db", room.watch, room.watch.board, alone=True)
    await desk.open()
    room.watch.handovers.open(desk)
    at = room.watch.now() - ago_ms
    was = replace(
        room.watch.document,
        at=at,
        problems=(Problem("b/disk", "b", "disk full", "", Severity.CRITICAL, at - 5_000),),
    )
    assert await keeper.keep_picture(moment_of(was), packed(was))
    return keeper, at


def test_the_board_of_its_end_and_what_happened_until_then(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        room.played.kept = [
            Event(1, at - 90 * MINUTE, Severity.OK, "a", "long before"),
            Event(2, at - 9 * MINUTE, Severity.WARNING, "b", "it begins"),
            Event(3, at + MINUTE, Severity.OK, "a", "long after"),
        ]
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at + 1)
        made = snapshot_from(raw)
        assert (made.kind, made.starts, made.made_at) == (Kind.REPORT, at - 10 * MINUTE, at + 1)
        assert made.id.startswith("r-")
        assert [each.where for each in made.problems] == ["b"]
        assert [each.what for each in made.events] == ["it begins"]
        text = render(made, "text", ENGLISH).decode()
        assert "report of an incident" in text
        assert "it begins" in text
        assert "long" not in text
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_a_time_of_which_nobody_knows_is_refused(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 3 * STALE_MS)
        for start, end, status in (
            (at - 2, at - 1, 404),  # before anything was kept
            (at, at + STALE_MS + MINUTE, 404),  # its end is too long after the last board
            (at, at, 400),
            (at, room.watch.now() + MINUTE, 400),
        ):
            assert (await room.refused("/v1/report", start=start, end=end))[0] == status
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_runs_and_notes_of_the_time() -> None:
    def run(name: str, began: int, ended: int | None) -> RunRow:
        return RunRow(name, "count", "", "succeeded", 1, began, began, "op", ended_at=ended)

    runs = (run("before", 0, 9), run("into", 5, 10), run("open", 12, None), run("after", 20, 21))
    assert [each.id for each in overlapping(runs, 10, 20)] == ["into", "open"]
    note = Note("n", NoteKind.NOTE, "x", "op", 5)
    closed = replace(note, closed=Closed("n", "op", 9, "done"))
    late = replace(note, at=20)
    assert list(within((note, closed, late), 10, 20)) == [note]


def test_effects_are_told_and_the_bytes_are_the_same() -> None:
    row = RunRow("r-1", "failover", "Fail over", "succeeded", 9, 1_000, 61_000, "op",
                 ended_at=61_000)  # fmt: skip
    made = Snapshot(
        1, "r-19700101-000200", 120_000, 0, "Mail", "UTC", kind=Kind.REPORT,
        events=(Event(1, 500, Severity.CRITICAL, "db-c01", "lost"),),
        runs=(
            Run(
                row,
                felt=(FeltRow("mail", 500, 60_500, 60_000, 0, 30_000),),
                shifts=(ShiftRow("db-r01", "cpu", 12.0, 96.4), ShiftRow("db-r01", "net_in", None, 2048.0)),
            ),
        ),
    )  # fmt: skip
    assert read_snapshot(snapshot_bytes(made)) == made
    text = render(made, "text", ENGLISH).decode()
    for said in ("00:00:00", "op begins Fail over", "12% → 96%", "? → 2.0 KiB/s", "1:00", "mail"):
        assert said in text, said
    lines = text.splitlines()
    order = [
        next(n for n, line in enumerate(lines) if said in line)
        for said in ("lost", "op begins", "00:01:01")
    ]
    assert order == sorted(order), "the oldest first"
