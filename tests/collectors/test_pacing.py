"""The gates in front of connecting."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from collectors import pacing
from collectors.pacing import AT_ONE_TARGET, UNDER_WAY, Pace
from estate.model import Ssh


class Turnstile:
    """Counts how many are inside at once."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0

    async def go(self, gate: AbstractAsyncContextManager[None], stay: float = 0.001) -> None:
        async with gate:
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(stay)
            self.inside -= 1


def most(*gates_of, stay: float = 0.001) -> int:
    async def run() -> int:
        turnstile = Turnstile()
        gates = [gate for gates in gates_of for gate in gates()]
        await asyncio.gather(*(turnstile.go(gate, stay) for gate in gates))
        return turnstile.most

    return asyncio.run(run())


def test_few_at_one_target_and_more_at_many() -> None:
    pace = Pace(Ssh())
    assert most(lambda: [pace.arrival("a") for _ in range(20)]) == AT_ONE_TARGET
    pace = Pace(Ssh(connect_at_once=10))
    assert most(lambda: [pace.arrival(f"host{n}") for n in range(200)]) == 10 * UNDER_WAY


def test_hosts_that_are_dead_do_not_stand_in_the_way(monkeypatch) -> None:
    monkeypatch.setattr(pacing, "COMPUTES_SECONDS", 0.02)
    pace = Pace(Ssh(connect_at_once=1))

    async def run() -> None:
        dead = [
            asyncio.create_task(Turnstile().go(pace.arrival(f"dead{n}"), 60)) for n in range(30)
        ]
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await Turnstile().go(pace.arrival("living"))
        for each in dead:
            each.cancel()

    asyncio.run(run())


def test_so_many_handshakes_at_once() -> None:
    pace = Pace(Ssh(connect_at_once=7))
    assert most(lambda: [pace.handshake("") for _ in range(50)]) == 7


def test_a_jump_host_s_share_leaves_room_for_the_others() -> None:
    pace = Pace(Ssh(connect_at_once=10, per_jump=3))
    assert most(lambda: [pace.handshake("jump") for _ in range(30)]) == 3
    pace = Pace(Ssh(connect_at_once=10, per_jump=3))
    assert (
        most(
            lambda: [pace.handshake("jump") for _ in range(30)],
            lambda: [pace.handshake("") for _ in range(30)],
        )
        == 10
    )


def test_one_that_takes_long_gives_its_place_back(monkeypatch) -> None:
    monkeypatch.setattr(pacing, "COMPUTES_SECONDS", 0.02)
    pace = Pace(Ssh(connect_at_once=1))

    async def run() -> None:
        frozen = asyncio.create_task(Turnstile().go(pace.handshake(""), 60))
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await Turnstile().go(pace.handshake(""))
        frozen.cancel()

    asyncio.run(run())


def test_a_cancelled_handshake_gives_its_place_back_once() -> None:
    pace = Pace(Ssh(connect_at_once=1))

    async def run() -> int:
        for _ in range(3):
            task = asyncio.create_task(Turnstile().go(pace.handshake(""), 60))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        turnstile = Turnstile()
        await asyncio.gather(*(turnstile.go(pace.handshake("")) for _ in range(5)))
        return turnstile.most

    assert asyncio.run(run()) == 1


def test_a_place_that_was_lent_is_given_back_once(monkeypatch) -> None:
    monkeypatch.setattr(pacing, "COMPUTES_SECONDS", 0.01)
    pace = Pace(Ssh(connect_at_once=1))
    assert most(lambda: [pace.handshake("")], stay=0.1) == 1
    monkeypatch.setattr(pacing, "COMPUTES_SECONDS", 60)
    assert most(lambda: [pace.handshake("") for _ in range(5)]) == 1
