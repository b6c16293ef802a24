"""`twinwatch note` and `twinwatch handover`, against a watch that keeps what is said."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from snapshots.reading import read_snapshot, sha256
from tests.watch.room import Room, asked
from watch import later
from watch.handover.opening import opened

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Done = subprocess.CompletedProcess[str]


def played(
    directory: Path, run: Run, play: Callable[[Callable[..., Awaitable[Done]]], Awaitable[Any]]
) -> None:
    """Play commands against a watch of one person."""

    async def in_room(room: Room) -> None:
        desk = opened(directory / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)

        async def twinwatch(*words: object) -> Done:
            return await asyncio.to_thread(run, "--socket", room.path, *words)

        await play(twinwatch)
        await desk.close()

    asked(directory, in_room)


@pytest.fixture(autouse=True)
def _no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


def test_a_shift_is_handed_over_from_the_command_line(tmp_path: Path, run: Run) -> None:
    async def play(twinwatch: Callable[..., Awaitable[Done]]) -> None:
        done = await twinwatch(
            "note", "add", "mail is slow", "--kind", "incident", "--severity", "critical",
            "--tenants", "T01, T02", "--next", "call the network desk", "--promised", "30m",
            "--json",
        )  # fmt: skip
        note = json.loads(done.stdout)
        assert note["tenants"] == ["T01", "T02"]
        assert "mail is slow" in (await twinwatch("note", "list")).stdout
        done = await twinwatch("handover", "offer", "--json")
        offered = json.loads(done.stdout)["offered"]
        done = await twinwatch("handover", "show", "--document")
        assert sha256(read_snapshot(done.stdout.encode())) == offered["sha256"]
        done = await twinwatch("handover", "sign")
        assert done.returncode == 1
        assert "nothing was said of 2 of its items" in done.stderr
        item = f"note:{note['id']}"
        done = await twinwatch("handover", "question", "--item", item)
        assert (done.returncode, "why" in done.stderr) == (2, True)
        done = await twinwatch("handover", "question", "--item", item, "--reason", "since when?")
        assert done.stdout.endswith("questioned; 1 are left\n")
        done = await twinwatch("handover", "accept", offered["id"])
        assert done.stdout.endswith("accepted; all are answered: twinwatch handover sign\n")
        done = await twinwatch("handover", "show")
        assert "since when?" in done.stdout and offered["sha256"] in done.stdout
        done = await twinwatch("handover", "sign")
        assert done.stdout.strip().endswith(f"sha256 {offered['sha256']}")
        (row,) = json.loads((await twinwatch("handover", "list", "--json")).stdout)
        assert row["signed"]["sha256"] == offered["sha256"]
        done = await twinwatch("note", "close", note["id"], "--reason", "fast again")
        assert done.stdout == f"{note['id']}: closed\n"
        assert json.loads((await twinwatch("note", "list", "--json")).stdout) == []
        assert len(json.loads((await twinwatch("note", "list", "--all", "--json")).stdout)) == 1

    played(tmp_path, run, play)


def test_what_is_missing_or_unknown_is_told(tmp_path: Path, run: Run) -> None:
    async def play(twinwatch: Callable[..., Awaitable[Done]]) -> None:
        for words, said in (
            (("note", "add", " "), "TEXT"),
            (("note", "add", "x", "--kind", "song"), "it is not one of incident, note, watch"),
            (("note", "add", "x", "--promised", "soon"), "--promised"),
            (("note", "close", "n-none", "--reason", "x"), "there is none of that id"),
            (("handover", "show", "h-none"), "there is none of that id"),
            (("handover", "sign"), "there is none of that id"),
        ):
            done = await twinwatch(*words)
            assert (done.returncode, done.stdout) == (2, ""), words
            assert said in done.stderr, words
        assert (await twinwatch("handover", "list")).returncode == 0

    played(tmp_path, run, play)
