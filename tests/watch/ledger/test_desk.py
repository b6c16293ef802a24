"""The desk: what can't be kept waits and is tried again; a disk that hangs holds up nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from estate.document import Severity
from estate.file import read_estate
from estate.ledger.book import Batch, KeptRound, Pages
from estate.ledger.months import Month
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.model import Estate, Retention
from storage.keeper import Keeper
from watch.ledger import desk as rooms
from watch.ledger.desk import Desk, KeepsLedger
from watch.ledger.places import Places

ESTATE = read_estate(
    """
estate: E
timezone: UTC
sites: {c: {name: C, role: primary}}
hosts: {gw: {site: c}}
services:
  mail: {objective: {available: 99.95%}, probes: [{tcp: "mx:25"}]}
""",
    "estate.yaml",
)
START = Month(2026, 11).bounds(ZoneInfo("UTC"))[0]
CADENCE = 10_000


class Shown:
    """A board that remembers what it was told."""

    def __init__(self) -> None:
        self.rows: tuple[object, ...] = ()
        self.said: list[str] = []
        self.cleared: list[str] = []

    def show_services(self, services, tenants, problems, all_tenants) -> None:
        self.rows = services

    def show_vantages(self, rows, problems) -> None:
        self.vantages = rows

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        self.said.append(f"{where}: {what}")
        self.cleared.append(cleared)


class Refusing:
    """Records on a full disk, as the keeper gives them: it never raises, it says no."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.kept: list[Batch] = []

    async def keep_ledger(self, batch: Batch) -> bool:
        self.refusals -= 1
        if self.refusals >= 0:
            return False
        self.kept.append(batch)
        return True

    async def ledger(self, start: int, end: int) -> Pages | None:
        return None

    async def rounds(self, service: str, start: int, end: int, most: int) -> list[KeptRound]:
        return []

    async def journal(self, vantage: str, since: int, most: int) -> list[Sighting]:
        return []


class Hanging(Refusing):
    """Records whose disk does not come back."""

    async def keep_ledger(self, batch: Batch) -> bool:
        await asyncio.sleep(3600)
        return False

    async def ledger(self, start: int, end: int) -> Pages | None:
        await asyncio.sleep(3600)
        return None


def made(keeper: KeepsLedger, board: Shown, now: Callable[[], int]) -> Desk:
    estate: Estate = ESTATE
    return Desk(
        keeper, board, estate=lambda: estate, hosts=dict, cadence_ms=lambda _: CADENCE, now=now,
        places=Places("here"),
    )  # fmt: skip


def round_(at: int, mark: str = "o") -> ServiceRound:
    probed = Probed("tcp mx:25", Seen(mark), 1.0, "" if mark == "o" else "connection refused")
    return ServiceRound("mail", "here", at, at, Seen(mark), (probed,))


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(rooms, "RECORDS_SECONDS", 0.1)


def test_what_was_refused_is_put_down_later_whole() -> None:
    async def play() -> list[Batch]:
        keeper, board = Refusing(3), Shown()
        desk = made(keeper, board, lambda: START + 60_000)
        await desk.open()
        for number, mark in enumerate("ooxx"):
            desk.take(round_(START + number * CADENCE, mark))
        await until(lambda: keeper.kept)
        await desk.close()
        assert "mail: down since 00:00:20: tcp mx:25: connection refused" in board.said
        assert any("begins without its records" in each for each in board.said)
        return keeper.kept

    kept = asyncio.run(play())
    assert [each.transition.state for each in kept[0].entries] == ["up", "down"]
    assert len(kept) == 1


def test_a_disk_that_hangs_holds_up_neither_the_board_nor_the_end() -> None:
    async def play() -> None:
        board = Shown()
        desk = made(Hanging(0), board, lambda: START + 60_000)
        async with asyncio.timeout(20):
            await desk.open()
            desk.take(round_(START))
            await until(lambda: board.rows)
            await desk.close()

    asyncio.run(play())


def test_rounds_that_came_before_the_record_was_read_count(tmp_path: Path) -> None:
    async def play() -> Pages | None:
        keeper = Keeper(tmp_path / "records.db", Retention(), lambda: START, lambda: 0.0)
        await asyncio.to_thread(keeper.start)
        try:
            desk = made(keeper, Shown(), lambda: START + 60_000)
            desk.take(round_(START))
            await desk.open()
            desk.take(round_(START + CADENCE))
            await desk.close()
            return await keeper.ledger(START, START + 60_000)
        finally:
            await asyncio.to_thread(keeper.close)

    pages = asyncio.run(play())
    assert pages is not None
    assert [(each.start, each.to) for each in pages.coverage] == [(START, START + CADENCE)]
    assert [each.transition.state for each in pages.entries] == ["up"]


def test_what_was_put_down_for_later_than_now_is_gone_on_from(tmp_path: Path) -> None:
    """The clock was an hour ahead once: what was seen then is known, and our journal's numbers,
    from which others hear us, only grow."""
    hour = 3_600_000

    async def play() -> tuple[list[str], list[int]]:
        keeper = Keeper(tmp_path / "records.db", Retention(), lambda: START, lambda: 0.0)
        await asyncio.to_thread(keeper.start)
        board = Shown()
        try:
            states = []
            for now, marks in ((START + hour, "xxx"), (START + 60_000, "o")):
                desk = made(keeper, board, lambda now=now: now)
                await desk.open()
                await until(lambda: board.rows)
                states.append(board.rows[0].state)
                for number, mark in enumerate(marks):
                    desk.take(round_(now + number * CADENCE, mark))
                await desk.close()
                board.rows = ()
            return states, [each.seq for each in await keeper.journal("here", 0, 9)]
        finally:
            await asyncio.to_thread(keeper.close)

    began = START + hour
    assert asyncio.run(play()) == (["unknown", "down"], [began + 3, began + 4])


def test_a_service_that_is_up_again_says_which_problem_is_over() -> None:
    """A handover calls no problem closed of which nothing says so."""

    async def play() -> Shown:
        board = Shown()
        desk = made(Refusing(0), board, lambda: START + 120_000)
        await desk.open()
        for number, mark in enumerate("ooxxxooo"):
            desk.take(round_(START + number * CADENCE, mark))
        await until(lambda: len([each for each in board.said if each.startswith("mail: up")]) > 1)
        await desk.close()
        return board

    board = asyncio.run(play())
    told = [*zip(board.said, board.cleared, strict=True)]
    assert [cleared for what, cleared in told if what.startswith("mail: down")] == [""]
    up = [cleared for what, cleared in told if what.startswith("mail: up")]
    assert set(up) == {"mail/service"}
