"""A defect of ours costs a task a turn, never all turns to come; and it is told of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from estate.attention import Acknowledgement, Ended, Ending, Kept
from estate.document import Severity
from estate.ledger.book import Batch
from tests.watch.handover.test_desk import Stand
from tests.watch.ledger.test_desk import CADENCE, START, Refusing, Shown, made, round_
from tests.watch.room import Room
from watch import surviving as rooms
from watch.attention import desk as attending
from watch.attention.standing import Attention
from watch.handover import desk as handovers
from watch.surviving import Defects, surviving


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "REST_SECONDS", 0.02)


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


def stumbling(effect: Callable[..., Any], *, times: int = 1) -> Callable[..., Any]:
    """`effect`, with a defect that its first calls meet."""
    met: list[None] = []

    def stumble(*given: Any, **named: Any) -> Any:
        if len(met) < times:
            met.append(None)
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return effect(*given, **named)

    return stumble


def test_a_chore_is_begun_again_however_often_it_fails() -> None:
    begun: list[int] = []
    confessed: list[str] = []

    async def chore() -> None:
        begun.append(len(begun))
        raise KeyError(len(begun))

    async def run() -> None:
        task = asyncio.create_task(surviving(chore, lambda e: confessed.append(repr(e))))
        await until(lambda: len(begun) >= 3)
        task.cancel()

    asyncio.run(run())
    assert confessed[:3] == ["KeyError(1)", "KeyError(2)", "KeyError(3)"]


def test_one_that_comes_back_is_an_event_once_and_a_log_never_full(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[Severity, str, str]] = []
    defects = Defects(lambda *event: said.append(event))
    monkeypatch.setattr(rooms, "_MOST_KNOWN", 2)
    for _ in range(1000):
        with defects.confessed("web-01"):
            raise ValueError("what it said: \x1b[2J")
        defects.confess(KeyError("x"))
    assert [(where, what) for _, where, what in said] == [
        ("web-01", "a defect of twinwatch, see its log: ValueError: what it said: \\x1b[2J"),
        ("watch", "a defect of twinwatch, see its log: KeyError: 'x'"),
    ]
    told = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(told) == 2 * 10, "the 1st, 2nd, 4th ... 512th of each"
    defects.confess(KeyError("y"))  # the oldest is forgotten over it
    defects.confess(KeyError("x"))
    assert [what[-3:] for _, _, what in said[2:]] == ["'y'"]


def test_what_goes_on_beside_the_board_is_begun_again(tmp_path: Path) -> None:
    async def run() -> None:
        room = Room(tmp_path / "w")
        looked: list[None] = []

        async def look() -> None:
            looked.append(None)
            raise RuntimeError("by the look")

        room.watch.following.follow = look  # type: ignore[method-assign]
        running = asyncio.create_task(room.watch.run())
        await until(lambda: len(looked) >= 3)
        room.watch.stop("")
        await running
        said = [each.what for each in room.watch.document.events]
        assert said.count("a defect of twinwatch, see its log: RuntimeError: by the look") == 1

    asyncio.run(run())


def test_the_ledger_keeps_what_a_defect_kept_off_the_record() -> None:
    keeper = Refusing(0)
    kept: list[Batch] = []

    async def keep(batch: Batch) -> bool:
        kept.append(batch)
        return True

    keeper.keep_ledger = stumbling(keep)  # type: ignore[method-assign]

    async def run() -> None:
        desk = made(keeper, Shown(), lambda: START + CADENCE)
        await desk.open()
        desk.take(round_(START))  # and no other comes
        await until(lambda: kept)
        await desk.close()

    asyncio.run(run())


def test_what_ended_is_put_on_record_after_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "KEEP_SECONDS", 0.01)
    said = Acknowledgement("gw/reach", "op1", "mine", 1, 2, "critical")

    class Board:
        document: Any = None
        attention = Attention()

        def say(self, severity: Severity, where: str, what: str) -> None: ...
        def wake(self) -> None: ...

    class Records:
        def __init__(self) -> None:
            self.kept: list[Kept] = []
            self.keep_attention = stumbling(self._keep)

        async def attention(self) -> Kept:
            return Kept()

        async def _keep(self, kept: Kept) -> bool:
            self.kept.append(kept)
            return True

    async def run() -> None:
        records = Records()
        desk = attending.AttentionDesk(records, Board(), now=lambda: 3, nonce=lambda: "a")
        await desk.open()
        ended = Ended(said, 3, Ending.WORSE)
        Board.attention.unkept.append(ended)
        await until(lambda: records.kept)
        await desk.close()
        assert records.kept == [Kept(ended=(ended,))]

    asyncio.run(run())


def test_a_handover_grows_overdue_after_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handovers, "LOOK_SECONDS", 0.01)

    async def run() -> None:
        stand = Stand(tmp_path)
        await stand.desk.open()
        shown: list[object] = []
        stand.show_handovers = stumbling(shown.append)  # type: ignore[method-assign]
        await until(lambda: shown)
        await stand.desk.close()

    asyncio.run(run())
