"""A changed estate: followed whole, or refused and the old one kept."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from estate.model import Retention
from tests.watch.room import Room, asked
from tests.watch.test_board import ESTATE
from watch import estatefile, following


def test_a_refused_estate_leaves_the_old_one_and_says_why_once(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        def refuse() -> Any:
            raise ValueError("estate.yaml:3: no such site\nestate.yaml:9: no such group")

        room.watch.following.file.read = refuse
        for _ in range(2):
            problem = (await room.post("/v1/reload"))["problem"]
        assert problem == "estate.yaml:3: no such site (and 1 more)"
        room.observed()
        said = [each.what for each in room.watch.document.events]
        assert said.count(f"the changed file is refused: {problem}") == 1
        assert room.played.reconfigured == []

    asked(tmp_path, play)


def test_an_estate_on_a_dead_file_server_is_told_of_and_the_watch_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estatefile, "FILE_SECONDS", 0.2)
    come_back = threading.Event()

    async def play(room: Room) -> None:
        def hang() -> Any:
            come_back.wait(30)
            return room.estate

        room.watch.following.file.read = hang
        try:
            asked = asyncio.create_task(room.post("/v1/reload"))
            await asyncio.sleep(0)
            room.observed()  # the loop is free
            problem = (await asked)["problem"]
        finally:
            come_back.set()
        where = room.path.parent / "estate.yaml"
        assert problem.startswith(f"{where} was not read in 0.2 s. It does not answer: ")
        room.observed()
        said = [each.what for each in room.watch.document.events]
        assert f"the file hangs: {problem}" in said

    asked(tmp_path, play)


def test_a_hung_file_is_an_estate_problem_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estatefile, "FILE_SECONDS", 0.1)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.02)
    come_back = threading.Event()

    async def play(room: Room) -> None:
        def hang() -> Any:
            come_back.wait(30)
            return room.estate

        async def until(there: bool) -> str:
            async with asyncio.timeout(20):
                while bool(room.watch.board.watch.estate_problem) != there:
                    await asyncio.sleep(0.01)
            return room.watch.board.watch.estate_problem

        room.watch.following.file.read = hang
        following = asyncio.create_task(room.watch.following.follow())
        try:
            where = room.path.parent / "estate.yaml"
            assert (await until(there=True)).startswith(f"{where} was not read in 0.1 s. ")
        finally:
            come_back.set()
        await until(there=False)
        following.cancel()

    asked(tmp_path, play)


def test_what_a_changed_estate_brings_is_told_once_and_kept(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        room.estate = replace(
            ESTATE, left_out=("Host *.x",), retention=Retention(chunks_ms=86_400_000)
        )
        await room.post("/v1/reload")
        assert room.played.retention == room.estate.retention
        room.estate = replace(room.estate, name="Other")
        await room.post("/v1/reload")
        room.observed()
        said = [each.what for each in room.watch.document.events]
        assert said.count("left out: Host *.x") == 1
        assert [each.what for each in room.played.kept] == said[::-1], "each once, in order"

    asked(tmp_path, play)


@pytest.mark.parametrize("where", ["collection", "board"])
def test_one_that_a_defect_stops_half_way_is_a_problem_until_it_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.02)
    changed = replace(ESTATE, name="Other", retention=Retention(chunks_ms=86_400_000))

    async def run() -> None:
        room = Room(tmp_path / "w")
        at, name = {
            "collection": (room.played, "reconfigure"),
            "board": (room.watch.board._board, "reload"),
        }[where]
        effect, met = getattr(at, name), []

        def stumble(*given: Any) -> Any:
            met.append(None)
            if len(met) == 1:
                raise RuntimeError("half-way")
            return effect(*given)

        monkeypatch.setattr(at, name, stumble)
        assert await room.watch.following.file.changed(), "the first look"
        room.estate = changed
        with pytest.raises(RuntimeError, match="half-way"):
            await room.watch.reload()
        said = room.watch.board.watch.estate_problem
        assert said == "a defect of twinwatch, see its log: RuntimeError"
        assert room.watch.present_estate == ESTATE
        assert room.played.retention == Retention()
        follow = asyncio.create_task(room.watch.following.follow())
        async with asyncio.timeout(20):
            while room.watch.board.watch.estate_problem:
                await asyncio.sleep(0.01)
        follow.cancel()
        assert room.watch.document.estate == "Other"
        assert room.played.retention == changed.retention

    asyncio.run(run())


def test_consoles_start_over_from_a_changed_estate(tmp_path: Path) -> None:
    async def run() -> None:
        room = Room(tmp_path / "w")
        stream = room.watch.hub.listen()
        first = await anext(stream)
        assert b'"estate":"Test"' in first
        room.estate = replace(ESTATE, name="Other")
        await room.watch.reload()
        async with asyncio.timeout(20):
            again = await anext(stream)
        assert again.startswith(b"event: document")
        assert b'"estate":"Other"' in again
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(run())
