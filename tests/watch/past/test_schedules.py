"""The estate's schedule is put down when it is another, whatever the records and the clock do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from estate.model import Estate, Retention, Shift
from estate.schedule import KeptSchedule, Schedule, Stretch, schedule_of
from storage.keeper import Keeper
from tests.watch.handover.test_freezing import ESTATE
from watch.clock import steady_seconds
from watch.past import schedules
from watch.past.schedules import Schedules

T0 = 1_795_000_000_000
OTHER = replace(ESTATE, shifts=(Shift("long", 0, 0),))
WAS, IS = schedule_of(ESTATE), schedule_of(OTHER)


class World:
    """A clock, an estate, and records that may refuse."""

    def __init__(self) -> None:
        self.at = T0 + 5_000
        self.estate: Estate = ESTATE
        self.refuses = False
        self.offered: list[KeptSchedule] = []
        self.keeping = Schedules(self, lambda: self.estate, T0, lambda: self.at)

    async def keep_schedule(self, kept: KeptSchedule) -> bool:
        if self.refuses:
            return False
        if kept not in self.offered[-1:]:
            self.offered.append(kept)
        return True

    async def schedules(self, start: int, end: int) -> list[KeptSchedule]:
        return self.offered

    async def looks(self, at: int, estate: Estate) -> None:
        self.at, self.estate = at, estate
        await self.keeping.look()


def played(
    play: Callable[[World], Coroutine[None, None, None]],
) -> list[tuple[int, Schedule | None]]:
    world = World()
    asyncio.run(play(world))
    return [(each.at, each.schedule) for each in world.offered]


def test_it_is_put_down_from_the_start_and_when_it_is_another() -> None:
    async def play(world: World) -> None:
        await world.looks(T0 + 10_000, ESTATE)
        await world.looks(T0 + 20_000, replace(ESTATE, every_ms=9_000))  # no change of times
        await world.looks(T0 + 30_000, OTHER)
        await world.looks(T0 + 40_000, OTHER)

    assert played(play) == [(T0, WAS), (T0 + 30_000, IS)]


def test_what_the_records_refuse_is_put_down_later_with_its_own_moment() -> None:
    async def play(world: World) -> None:
        world.refuses = True
        await world.looks(T0 + 10_000, OTHER)
        await world.looks(T0 + 20_000, ESTATE)
        world.refuses = False
        await world.looks(T0 + 30_000, ESTATE)

    assert played(play) == [(T0, WAS), (T0 + 10_000, IS), (T0 + 20_000, WAS)]


def test_of_what_waits_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_WAITING", 3)

    async def play(world: World) -> None:
        world.refuses = True
        for number in range(1, 8):
            await world.looks(T0 + number * 10_000, (ESTATE, OTHER)[number % 2])
        world.refuses = False
        await world.looks(T0 + 80_000, OTHER)

    assert played(play) == [(T0 + 50_000, IS), (T0 + 60_000, WAS), (T0 + 70_000, IS)]


def test_a_clock_that_was_set_back_is_put_down_anew() -> None:
    async def play(world: World) -> None:
        await world.looks(T0 + 10_000, ESTATE)
        await world.looks(T0 - 90_000, ESTATE)

    assert played(play) == [(T0, WAS), (T0 - 90_000, WAS)]


def test_over_real_records_a_restart_goes_on_and_a_file_that_is_new_has_it_again(
    tmp_path: Path,
) -> None:
    async def watch(path: Path, started_at: int, *estates: Estate) -> tuple[Stretch, ...]:
        keeper = Keeper(path, Retention(), lambda: started_at, steady_seconds)
        await asyncio.to_thread(keeper.start)
        present, at = [ESTATE], [started_at]
        kept = Schedules(keeper, lambda: present[0], started_at, lambda: at[0])
        for present[0] in estates:
            at[0] += 10_000
            await kept.look()
        found = await kept.of(T0, T0 + 100_000)
        await asyncio.to_thread(keeper.close)
        return found

    first = tmp_path / "records.db"
    assert asyncio.run(watch(first, T0, ESTATE, OTHER)) == (
        Stretch(T0, T0 + 20_000, WAS),
        Stretch(T0 + 20_000, T0 + 100_000, IS),
    )
    assert asyncio.run(watch(first, T0 + 50_000, ESTATE)) == (
        Stretch(T0, T0 + 20_000, WAS),
        Stretch(T0 + 20_000, T0 + 50_000, IS),
        Stretch(T0 + 50_000, T0 + 100_000, WAS),
    )
    assert asyncio.run(watch(tmp_path / "new.db", T0 + 50_000, ESTATE)) == (
        Stretch(T0, T0 + 50_000, None),
        Stretch(T0 + 50_000, T0 + 100_000, WAS),
    )


def test_it_goes_on_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "LOOK_SECONDS", 0.0)

    async def play(world: World) -> None:
        keeping = asyncio.create_task(world.keeping.keep())
        async with asyncio.timeout(20):
            while not world.offered:
                await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    assert played(play) == [(T0, WAS)]
