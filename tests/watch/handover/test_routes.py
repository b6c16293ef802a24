"""The snapshot, asked of a watch over its real socket by the real client."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.document import Event, Problem, Severity
from estate.handover import Offered
from snapshots.reading import sha256, snapshot_from
from storage.handovers import HandoverFolder
from tests.watch.room import Room, asked
from watch import later
from watch.clock import now_ms
from watch.error import WatchError
from watch.handover.book import fact_to_json
from watch.handover.opening import opened
from watch.languages import words_in
from watch.notices.desk import NoticeDesk


@pytest.fixture(autouse=True)
def _no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch of these tests has no desk of runs; nobody waits for it."""
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


async def at_work(room: Room, directory: Path) -> None:
    """The desk of handovers, over the watch of the room."""
    desk = opened(directory / "records.db", room.watch, room.watch.board, alone=True)
    await desk.open()
    room.watch.handovers.open(desk)


def test_a_watch_gives_the_snapshot_of_this_moment(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        made = snapshot_from(await room.get("/v1/snapshot"))
        assert made.estate == room.watch.document.estate
        assert {each.name: each.state for each in made.hosts}["gw"] == "untrusted"
        assert [each.where for each in made.problems] == ["gw"]
        assert made.by
        unseen = {(each.kind, each.where) for each in made.unseen}
        assert ("host", "gw") in unseen
        assert ("records", "runs") in unseen  # that runs can't be read is said, not passed over

    asked(tmp_path, play)


def test_it_covers_what_is_asked_for(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        now = room.watch.now()
        room.played.kept = [
            Event(number, now - (10 - number) * 60_000, Severity.OK, "a", "x")
            for number in range(8)
        ]
        made = snapshot_from(await room.get("/v1/snapshot", start=now - 5 * 60_000))
        assert made.starts == now - 5 * 60_000
        assert [each.id for each in made.events if each.where == "a"] == [7, 6, 5]

    asked(tmp_path, play)


@pytest.mark.parametrize("start", [-1, 1 << 60])
def test_a_period_that_is_none_is_refused(tmp_path: Path, start: int) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        status, said = await room.refused("/v1/snapshot", start=start)
        assert status == 400
        assert said.startswith(f"no such period — {start} — it begins in the future")

    asked(tmp_path, play)


def test_the_last_handovers_are_given_without_those_of_years(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        names = [f"h-{number}" for number in range(3)]
        folder = HandoverFolder(tmp_path / "handovers")
        offers = (Offered(each, "op", room.watch.now(), "0" * 64, ()) for each in names)
        folder.append(*map(fact_to_json, offers))
        folder.close()
        await at_work(room, tmp_path)
        for limit, known in ((None, names), (3, names), (2, names[1:]), (1, names[2:])):
            found = await room.get("/v1/handovers", limit=limit)
            assert [each["offered"]["id"] for each in found] == known[::-1]
        status, said = await room.refused("/v1/handovers", limit=0)
        assert (status, "limit" in said) == (400, True)

    asked(tmp_path, play)


def test_notes_and_a_change_of_shift_over_the_api(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        note = await room.post("/v1/notes", text="mail is slow", kind="incident", owner="chan")
        assert note["kind"] == "incident" and note["by"]
        offered = await room.post("/v1/handovers")
        name = offered["offered"]["id"]
        document = snapshot_from(await room.get(f"/v1/handovers/{name}"))
        assert sha256(document) == offered["offered"]["sha256"]
        assert [each.text for each in document.notes] == ["mail is slow"]
        items = {each["id"] for each in offered["offered"]["items"]}
        assert items == {f"note:{note['id']}", "problem:gw/reach"}
        await room.post(f"/v1/handovers/{name}/answer", answer="accepted")
        signed = await room.post(f"/v1/handovers/{name}/sign", sha256=offered["offered"]["sha256"])
        assert signed["signed"]["sha256"] == offered["offered"]["sha256"]
        closed = await room.post(f"/v1/notes/{note['id']}/close", why="it is fast again")
        assert closed["closed"]["why"] == "it is fast again"
        assert len(await room.get("/v1/notes")) == 1
        assert [each["offered"]["id"] for each in await room.get("/v1/handovers")] == [name]
        after = snapshot_from(await room.get("/v1/snapshot"))
        assert after.before is not None and after.before.sha256 == sha256(document)
        how = {each.id: each.how for each in after.before.differences}
        assert how == {f"note:{note['id']}": "closed", "problem:gw/reach": "unchanged"}

    asked(tmp_path, play)


def test_an_overdue_handover_stands_on_the_board(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        late = Problem("handover/h-1", "handover", "nobody has signed h-1 of op", "", Severity.WARNING,
                       1, "handover")  # fmt: skip
        room.watch.board.show_handovers((late,))
        room.observed()
        assert late.id in {each["id"] for each in await room.get("/v1/problems")}
        room.watch.board.show_handovers(())
        room.observed()
        assert late.id not in {each["id"] for each in await room.get("/v1/problems")}

    asked(tmp_path, play)


@pytest.mark.parametrize("start", ["soon", 1.5, True, -1])
def test_a_start_that_is_no_time_is_refused(tmp_path: Path, start: object) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        with pytest.raises(WatchError) as refused:
            await room.post("/v1/handovers", start=start)
        assert refused.value.status == 400
        assert await room.get("/v1/handovers") == []

    asked(tmp_path, play)


def test_who_signed_has_the_problem_on_the_board_and_in_the_next_snapshot(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)

        async def owner() -> tuple[str, str, object]:
            room.observed()
            (row,) = await room.get("/v1/problems", where="id=gw/reach")
            return row.get("owner", ""), row.get("handover", ""), row.get("until")

        assert await owner() == ("", "", None)
        offered = (await room.post("/v1/handovers"))["offered"]
        name = offered["id"]
        assert await owner() == (offered["by"], name, None)
        await room.post(f"/v1/handovers/{name}/answer", answer="accepted")
        signed = await room.post(f"/v1/handovers/{name}/sign", sha256=offered["sha256"])
        assert await owner() == (signed["signed"]["by"], name, None)
        made = snapshot_from(await room.get("/v1/snapshot"))
        (told,) = (each for each in made.problems if each.id == "gw/reach")
        assert (told.owner, told.handover) == (signed["signed"]["by"], name)

    asked(tmp_path, play)


def test_a_dry_run_of_an_offer_offers_nothing(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        await at_work(room, tmp_path)
        told = NoticeDesk(
            room.played,  # type: ignore[arg-type] # nothing is told, so nothing is kept
            room.watch.board,
            where=lambda: None,
            words=words_in,
            now=now_ms,
        )
        room.watch.notices.open(told)
        assert await room.post("/v1/handovers", dry_run=True) == []
        assert await room.get("/v1/handovers") == []
        with pytest.raises(WatchError) as refused:
            await room.post("/v1/handovers", dry_run=True, start=-1)
        assert refused.value.status == 400

    asked(tmp_path, play)
