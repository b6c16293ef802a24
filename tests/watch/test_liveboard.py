"""The live board: what came in is kept and shown, whatever goes wrong beside it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from estate.samples import Probed
from estate.unwatched import bounds_of, is_unwatched
from estate.wire import document_from_json
from tests.watch.room import Played, Remembered, Room, asked
from tests.watch.test_board import sample
from watch import liveboard, words
from watch.clock import now_ms
from watch.core import Watch
from watch.queues.book import QueueBook
from watch.state import HostState


def test_trouble_with_the_records_is_on_the_board(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        room.played.status = "not saved: the disk is full; make room"
        room.played.notices = ("the disk is full",)
        room.observed()
        board = await room.get("/v1/board")
        assert board["watch"]["records"] == "not saved: the disk is full; make room"
        assert board["events"][0]["what"] == "the disk is full"
        assert (await room.get("/v1/status"))["records_problem"] == room.played.status

    asked(tmp_path, play)


def test_a_defect_costs_one_step_and_not_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Watch:
        room = Room(tmp_path / "w")
        absorb = room.watch.board._board.absorb

        def stumble(observations: Any, now: int) -> Any:
            if any(each.host == "a" for each in observations):
                raise ZeroDivisionError("by a")
            return absorb(observations, now)

        monkeypatch.setattr(room.watch.board._board, "absorb", stumble)
        running = asyncio.create_task(room.watch.run())
        room.inbox.put(sample("a", now_ms()))
        while room.inbox._observed:
            await asyncio.sleep(0.01)
        room.inbox.put(sample("b", now_ms()))
        while room.watch.document.hosts["b"].at is None:
            await asyncio.sleep(0.01)
        room.watch.stop("")
        await running
        return room.watch

    watch = asyncio.run(run())
    said = [each.what for each in watch.document.events]
    assert "a defect of twinwatch, see its log: ZeroDivisionError: by a" in said
    assert "by a" in caplog.text


def test_a_host_that_trips_a_defect_costs_no_other_its_row_or_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe = HostState.observe

    def stumble(state: HostState, observation: Any) -> None:
        if observation.host == "a":
            raise ZeroDivisionError("by a")
        observe(state, observation)

    monkeypatch.setattr(HostState, "observe", stumble)
    taken: list[Probed] = []

    def stumble_too(_: QueueBook, probed: Probed) -> bool:
        if probed.host == "a":
            raise ZeroDivisionError("by a")
        taken.append(probed)
        return False

    monkeypatch.setattr(QueueBook, "take", stumble_too)

    async def run() -> None:
        room = Room(tmp_path / "w")
        for sweep in range(3):
            at = now_ms() + sweep
            asked = [Probed(name, at, "rabbitmq", ()) for name in ("a", "b")]
            room.observed(*asked, sample("a", at), sample("b", at, cpu=7.0))
            assert taken[-1:] == asked[1:]
            assert room.watch.document.hosts["b"].at == at
            assert [each.host for each in room.played.samples[-2:]] == ["a", "b"]
        room.observed()
        said = [(each.where, each.what) for each in room.watch.document.events]
        confessed = ("a", "a defect of twinwatch, see its log: ZeroDivisionError: by a")
        assert said.count(confessed) == 1

    asyncio.run(run())


def test_what_no_picture_can_be_made_of_is_on_record_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        room = Room(tmp_path / "w")

        def stumble(*_: Any) -> None:
            raise ZeroDivisionError("by the picture")

        monkeypatch.setattr(room.watch.board._board, "absorb", stumble)
        with pytest.raises(ZeroDivisionError):
            room.observed(sample("b", now_ms()))
        assert [each.host for each in room.played.samples] == ["b"]

    asyncio.run(run())


def test_running_saves_and_stops(tmp_path: Path) -> None:
    async def run() -> Played:
        room = Room(tmp_path / "w")
        running = asyncio.create_task(room.watch.run())
        room.inbox.put(sample("a", now_ms(), cpu=1))
        while not room.played.samples:
            await asyncio.sleep(0.01)
        assert room.played.boards, "the first board is saved at once"
        room.watch.stop("kfwong")
        await asyncio.wait_for(running, 5)
        return room.played

    played = asyncio.run(run())
    assert [each.what for each in played.kept] == [
        "started, with no records from before",
        "stopped by kfwong",
    ]
    saved = document_from_json(json.loads(played.boards[-1]))
    assert saved.hosts["a"].values == {"cpu": 1.0}
    assert saved.events[0].what == "stopped by kfwong"


def test_the_time_in_which_nobody_watched_is_its_first_event(tmp_path: Path) -> None:
    async def run() -> Room:
        return Room(tmp_path / "w", Remembered(saved_until=now_ms() - 150_000))

    room = asyncio.run(run())
    room.watch.board.step()
    (first,) = room.watch.document.events
    assert re.fullmatch(r"not watching [\d:]{8}–[\d:]{8} \(2:3\d\)", first.what)


def test_a_watch_that_stood_still_says_that_nobody_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a SIGSTOP, or a pause of the machine, does: the clock goes on without us."""

    async def run() -> Room:
        room = Room(tmp_path / "w")
        running = asyncio.create_task(room.watch.run())
        room.inbox.put(sample("a", now_ms()))
        while not room.played.boards:
            await asyncio.sleep(0.01)
        gone = liveboard.steady_seconds() + 98.0 - time.monotonic()
        monkeypatch.setattr(liveboard, "steady_seconds", lambda: gone + time.monotonic())
        room.inbox.put(sample("b", now_ms()))
        while room.watch.document.hosts["b"].at is None:
            await asyncio.sleep(0.01)
        room.watch.stop("")
        await asyncio.wait_for(running, 5)
        return room

    events = asyncio.run(run()).watch.document.events
    (still,) = [each for each in events if is_unwatched(each)]
    starts, ends = bounds_of(still)
    assert starts is not None and 98_000 <= ends - starts < 110_000
    assert still.what.endswith(f"({words.duration((ends - starts) / 1000)})")


def test_records_that_could_not_be_read_are_not_called_empty(tmp_path: Path) -> None:
    why = "r.db can't be opened: Is a directory; check the path and its file system"

    async def run() -> Room:
        room = Room(tmp_path / "w", Remembered(unread=why))
        room.watch.board.step()
        return room

    room = asyncio.run(run())
    (first,) = room.watch.document.events
    assert first.what == f"started; what was before can't be read: {why}"
    assert is_unwatched(first)
    assert bounds_of(first) == (None, room.watch.document.watch.started_at)


def test_what_lasted_over_a_step_of_the_clock_lasted_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        room = Room(tmp_path / "w")
        began, real = now_ms(), time.time_ns
        room.watch.board.step()
        monkeypatch.setattr(time, "time_ns", lambda: real() + 7_200 * 10**9)
        room.watch.board.step()
        by_now = room.watch.board._clock_steps.began(began, now_ms())
        assert by_now is not None and 0 <= now_ms() - by_now < 60_000
        assert room.watch.board._clock_steps is room.watch.board._board._telling._steps
        assert room.watch.board._clock_steps is room.watch.board._queues._steps

    asyncio.run(run())


def test_who_waits_for_the_first_look_goes_on_once_every_host_was_looked_at(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        assert room.watch.board.complete
        await asyncio.wait_for(room.watch.board.first_look(60), 5)

    asked(tmp_path, play)
