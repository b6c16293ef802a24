"""A watch that ends waits for a word that is on its way to the disk."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from storage.journal import Journal
from storage.runs import RunFolder
from tests.watch.runs.alone import until, within
from tests.watch.runs.test_stumbles import FIRST
from watch.runs.desk import RunDesk


def test_what_a_person_said_is_on_record_when_the_desk_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, writing, closed = Journal.append, threading.Event(), threading.Event()

    def slow(self: Journal, lines: Any, **more: Any) -> None:
        if lines[0]["fact"] == "paused":
            writing.set()
            closed.wait(0.5)  # a close that does not wait is over by then
        append(self, lines, **more)

    async def play(desk: RunDesk) -> None:
        run = (await desk.start("first", {}, "ann")).id
        await until(desk, run, lambda row: row.state == "waiting")
        monkeypatch.setattr(Journal, "append", slow)
        saying = asyncio.create_task(desk.pause(run, "ann", "wait"))
        await asyncio.to_thread(writing.wait, 20)
        await desk.close()
        closed.set()
        await saying
        assert RunFolder(tmp_path / "runs").read(run)[-1]["fact"] == "paused"

    within(tmp_path, play, FIRST)
