"""A report of a time that is over: the board of its end, its events and runs, and nothing later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from estate.document import Document, Event, Problem, Severity
from estate.handover import Closed, Note, NoteKind
from estate.language import ENGLISH
from estate.model import Maintenance, Retention, Shift
from estate.past import moment_of
from estate.patches import PatchRow
from estate.queues import QUEUE_METRICS, QueueFigures, QueueRow
from estate.runs import FeltRow, RunRow, RunView, ShiftRow
from estate.samples import Reach
from estate.schedule import KeptSchedule, Stretch, schedule_of
from estate.unwatched import unwatched
from snapshots.reading import read_snapshot, snapshot_bytes, snapshot_from
from snapshots.rendering import render
from snapshots.snapshot import (
    ESTATE,
    PROBES,
    PROBES_NOT_KEPT,
    SCHEDULE_FIRST_KEPT,
    SCHEDULE_OF_TODAY,
    WITHOUT_RECORDS,
    Kind,
    Run,
    Snapshot,
    Unseen,
)
from storage.keeper import Keeper
from tests.watch.handover.test_gathering import HOUR, NOW, Stand, run_row
from tests.watch.room import Room, asked
from watch import later
from watch.clock import now_ms, steady_seconds
from watch.handover import gathering
from watch.handover.depths import highest
from watch.handover.opening import opened
from watch.handover.reporting import overlapping, reported, within
from watch.hub import packed
from watch.languages import words_in
from watch.past.asof import STALE_MS
from watch.past.keeping import Past
from watch.past.schedules import Schedules

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
        watch=replace(room.watch.document.watch, started_at=at - 60 * MINUTE),
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


def test_the_board_is_judged_by_its_own_moment_and_says_so(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        hosts = {
            name: replace(row, reach=Reach.LIVE, at=at - 1_000)
            for name, row in room.watch.document.hosts.items()
        }
        patched = PatchRow(host="a", site="central", at=at - MINUTE, every_ms=MINUTE)
        was = replace(room.watch.document, at=at, hosts=hosts, patches=(patched,))
        assert await keeper.keep_picture(moment_of(was), packed(was))
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at + 59_000)
        made = snapshot_from(raw)
        assert (made.board_at, made.seen_at, made.made_at) == (at, at, at + 59_000)
        assert {each.state for each in made.hosts} == {"live"}
        assert not {"host", "patches"} & {each.kind for each in made.unseen}
        text = render(made, "text", ENGLISH).decode()
        assert "Not known: it is not on record of then." in text
        assert f"hosts {len(hosts)} of {len(hosts)} live" in text
        assert "59 s before the end; how things stood is told as of then" in text
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_what_nobody_can_know_of_then_is_told_as_unseen(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        until = at + 5 * MINUTE
        gap = unwatched(at + 10_000, until, "…", "4:50")
        room.played.kept = [Event(1, until + 300, Severity.WARNING, "watch", gap)]
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at + 3 * MINUTE)
        seen = snapshot_from(raw).unseen
        assert Unseen("records", PROBES, PROBES_NOT_KEPT) in seen
        watch = [each for each in seen if each.kind == "watch"]
        assert [(each.since, each.until) for each in watch] == [(at + 10_000, until)]
        assert not snapshot_from(raw).events, "it was told after the end"

        room.played.kept = []  # where that event is not there the boards themselves tell it
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at + 3 * MINUTE)
        watch = [each for each in snapshot_from(raw).unseen if each.kind == "watch"]
        assert (
            Unseen("watch", watch[0].where, WITHOUT_RECORDS, at, at + 3 * MINUTE, 3 * MINUTE)
            in watch
        )
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at + MINUTE)
        watch = [each for each in snapshot_from(raw).unseen if each.kind == "watch"]
        assert at not in [each.since for each in watch], "so far apart boards are kept"
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_shifts_and_planned_work_are_those_of_then_whatever_the_estate_is_today(
    tmp_path: Path,
) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        starts, ends = at - 10 * MINUTE, at + 1
        window = Maintenance("host:b", at - 20 * MINUTE, ends + MINUTE, "kernel", "chan")
        was = replace(room.estate, shifts=(Shift("nights", 0, 0),), maintenance=(window,))
        now = [at - 40 * MINUTE]
        present = [was]
        room.watch.schedules = Schedules(keeper, lambda: present[0], now[0], lambda: now[0])
        for now[0], present[0] in ((at - 39 * MINUTE, was), (at + 5 * MINUTE, room.estate)):
            await room.watch.schedules.look()

        made = snapshot_from(await room.get("/v1/report", start=starts, end=ends))
        assert made.duty.now == "nights"
        assert [(each.starts, each.ends) for each in made.rotas] == [(starts, ends)]
        assert {each.shift for each in made.turns} == {"nights"}
        (work,) = made.work
        assert (work.where, work.reason, work.recorded) == ("host:b", "kernel", True)
        assert not [each for each in made.unseen if each.where == ESTATE]
        text = render(made, "text", ENGLISH).decode()
        assert "nights 00:00-00:00" in text
        assert "kernel" in text

        made = snapshot_from(await room.get("/v1/report", start=at - 50 * MINUTE, end=ends))
        (gap,) = [each for each in made.unseen if each.where == ESTATE]
        assert gap == Unseen(
            "records", ESTATE, SCHEDULE_FIRST_KEPT, at - 50 * MINUTE, at - 40 * MINUTE, 10 * MINUTE
        )
        assert "not on record of then" in render(made, "text", ENGLISH).decode()
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_what_was_never_put_on_record_is_of_the_estate_as_it_is_today_and_says_so(
    tmp_path: Path,
) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        late = KeptSchedule(at + MINUTE, schedule_of(replace(room.estate, shifts=())))
        assert await keeper.keep_schedule(late)
        room.watch.schedules = Schedules(keeper, lambda: room.estate, at, room.watch.now)
        made = snapshot_from(await room.get("/v1/report", start=at - MINUTE, end=at + 1))
        assert Unseen("records", ESTATE, SCHEDULE_OF_TODAY, at - MINUTE, at + 1, MINUTE + 1) in (
            made.unseen
        )
        assert not made.rotas[0].recorded
        words = words_in("zh-Hant")
        assert words.say(SCHEDULE_OF_TODAY) != SCHEDULE_OF_TODAY
        assert words.say(SCHEDULE_OF_TODAY)[:8] in render(made, "text", words).decode()
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_the_queues_that_were_deepest_then_are_drawn_though_they_are_empty_or_gone_since(
    tmp_path: Path,
) -> None:
    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        row = QueueRow("postfix/mail@central/deferred", "mail deferred", "central", depth=0, at=at)
        busy = replace(row, key="postfix/mail@central/active", name="mail active", depth=40)
        was = replace(room.watch.document, at=at, queues=(row, busy))
        assert await keeper.keep_picture(moment_of(was), packed(was))
        for minute in range(10):
            then = at - minute * MINUTE
            deep = {row.key: 9_000.0 if minute == 5 else 0.0, busy.key: 40.0, "gone@x/q": 700.0}
            rest = (nan,) * (len(QUEUE_METRICS) - 1)
            keeper.put_queues(QueueFigures(key, then, (d, *rest)) for key, d in deep.items())
        keeper.put_queues([QueueFigures("later@x/q", at + 5 * MINUTE, (1e6, *rest))])
        room.watch._keeper = keeper
        async with asyncio.timeout(20):
            while "later@x/q" not in await keeper.queues():
                await asyncio.sleep(0.05)
        made = snapshot_from(await room.get("/v1/report", start=at - 10 * MINUTE, end=at + 1))
        assert [each.key for each in made.depths] == [row.key, "gone@x/q", busy.key]
        assert highest(made.depths[0]) == 9_000
        text = render(made, "text", ENGLISH).decode()
        said = [text.index(each) for each in ("up to 9,000 waiting", "gone@x/q", "40 waiting")]
        assert said == sorted(said)
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


def test_events_that_were_not_read_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_EVENTS_READ", 2)

    async def play(room: Room) -> None:
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        room.played.kept = [
            Event(number, at - 9 * MINUTE + number, Severity.OK, "a", "x") for number in range(3)
        ]
        raw = await room.get("/v1/report", start=at - 10 * MINUTE, end=at)
        (gap,) = [each for each in snapshot_from(raw).unseen if each.where == "events"]
        assert (gap.since, gap.until) == (at - 10 * MINUTE, at - 9 * MINUTE + 1)
        await asyncio.to_thread(keeper.close)

    asked(tmp_path, play)


INCIDENT = Note(
    "n-1", NoteKind.INCIDENT, "mail is down", "op", 60_000, "critical", call="mail desk"
)
ENDED = Closed("n-1", "chan", 100_000, "uplink is back")


def told_of(*notes: Note, form: str = "text") -> str:
    made = Snapshot(1, "r-1", 120_000, 0, "Mail", "UTC", kind=Kind.REPORT, notes=notes)
    return render(made, form, ENGLISH).decode()


def test_an_incident_that_was_closed_since_is_told_with_who_closed_it_and_why() -> None:
    text = told_of(replace(INCIDENT, closed=ENDED))
    for said in ("Incident n-1: mail is down", "1 Jan 00:01 by chan: uplink is back", "mail desk"):
        assert said in text, said
    assert "incident open" not in text, "it was closed before the end"
    late = replace(INCIDENT, closed=replace(ENDED, at=200_000))
    assert "At its end: 1 incident open" in told_of(late)
    plain = replace(INCIDENT, kind=NoteKind.NOTE, closed=ENDED)
    assert "Note n-1: mail is down" in told_of(plain)
    assert "uplink is back" in told_of(plain)
    assert "mail is down" in told_of(replace(INCIDENT, kind=NoteKind.WATCH))


def test_a_report_tells_nobody_to_act() -> None:
    assert "Act now" not in told_of(INCIDENT)
    assert "At its end nothing was wrong, and everything was seen." in told_of()


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
    for said in ("00:00:00", "op begins Fail over", "12% → 96%", "? → 2.0 kB/s", "1 min", "mail"):
        assert said in text, said
    lines = text.splitlines()
    order = [
        next(n for n, line in enumerate(lines) if said in line)
        for said in ("lost", "op begins", "00:01:01")
    ]
    assert order == sorted(order), "the oldest first"


class Then(Stand):
    """A watch that was at work then, with what people said and what users felt."""

    def __init__(self, noted: tuple[Note, ...]) -> None:
        super().__init__()
        self.noted = noted
        self.felt_by = (FeltRow("mail", 500, 60_500, 60_000, 0, 30_000),)

    @property
    def past(self) -> Then:
        return self

    def now(self) -> int:
        return NOW

    async def board(self, at: int) -> Document:
        return replace(self.document, at=at - 1)

    @property
    def schedules(self) -> Then:
        return self

    async def of(self, starts: int, ends: int) -> tuple[Stretch, ...]:
        return (Stretch(starts, ends, None),)

    async def handovers(self) -> Then:
        return self

    def notes(self) -> tuple[Note, ...]:
        return self.noted

    async def ledger(self) -> Then:
        return self

    async def felt(self, view: RunView) -> tuple[FeltRow, ...]:
        return self.felt_by


def test_a_report_has_the_runs_and_notes_of_its_time_what_was_felt_and_no_probes_of_now() -> None:
    def run(name: str, began: int, ended: int) -> RunRow:
        row = run_row(name, "succeeded", NOW - ended * HOUR)
        return replace(row, started_at=NOW - began * HOUR)

    note = Note("n-1", NoteKind.NOTE, "x", "op", NOW - 9 * HOUR)
    old = replace(note, id="n-0", closed=Closed("n-0", "op", NOW - 8 * HOUR, "done"))
    watch = Then((old, note, replace(note, id="n-2", at=NOW - HOUR)))
    watch.rows = (run("early", 9, 8), run("of it", 5, 4), run("late", 2, 1))
    watch.views = {row.id: RunView(row) for row in watch.rows}
    starts, ends = NOW - 6 * HOUR, NOW - 3 * HOUR
    made = asyncio.run(reported(watch, starts, ends, "op"))  # type: ignore[arg-type]
    assert [(each.row.id, each.felt) for each in made.runs] == [("of it", watch.felt_by)]
    assert [each.id for each in made.notes] == ["n-1"]
    assert watch.known().gaps, "now there are some"
    assert not [each for each in made.unseen if each.kind == "probe"]


def test_notes_that_cant_be_read_are_not_none(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        damaged = tmp_path / "handovers" / "said.jsonl"
        damaged.parent.mkdir()
        damaged.write_text("not a line\n")
        keeper, at = await remembering(room, tmp_path, 30 * MINUTE)
        made = await reported(room.watch, at - MINUTE, at + MINUTE, "op")
        why = {each.where: each.why for each in made.unseen if each.kind == "records"}
        assert f"{damaged}:1" in why["handovers"]
        keeper.close()

    asked(tmp_path, play)
