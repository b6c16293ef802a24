"""What waits for the disk together goes there together, and nothing is decided on what is not true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from runbooks.ports import Unwritable
from runbooks.progress import facts
from runbooks.progress.entries import Entry
from runbooks.progress.facts import Fact, Task
from runbooks.progress.states import IllegalMove, StepState
from runbooks.recording import Recording
from tests.runbooks.progress.drive import Drive
from tests.runbooks.progress.test_run import book, do, drive, journal
from tests.runbooks.progress.world import T0

W1, W2, W3, W4 = (Task("a", f"w{number}") for number in (1, 2, 3, 4))


class Disk:
    """A journal that writes when it is let, one write at a time, and refuses where it is full."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.full = False
        self.begun = 0
        self.writes: list[list[Fact]] = []

    async def append(self, entries: Sequence[Entry], *, durable: bool) -> None:
        self.begun += 1
        await self.let.wait()
        if self.full:
            raise Unwritable("no room")
        self.writes.append([each.fact for each in entries])


def prepared(task: Task) -> Callable[[], Sequence[Fact]]:
    return lambda: (facts.Prepared(task, "boot-0", 1),)


def laid_down() -> Drive:
    """A run that is about to put `a` on its four hosts."""
    run = drive(book(do("a", "webs")))
    while journal(run)[-1] != "Intended":
        run._step()
    return run


def recording(use: Callable[[Recording, Disk, Drive], Awaitable[None]]) -> None:
    async def bounded() -> None:
        run, disk = laid_down(), Disk()
        async with asyncio.timeout(10):
            await use(Recording(run.run, disk, lambda: T0), disk, run)

    asyncio.run(bounded())


async def soon(put: Awaitable[tuple[Entry, ...]]) -> asyncio.Task[tuple[Entry, ...]]:
    """Begun, and come as far as it can."""
    task = asyncio.ensure_future(put)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task  # type: ignore[return-value]


def test_answers_of_different_hosts_that_wait_are_one_write() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        first = run.run.seq + 1
        puts = [await soon(record.put(prepared(w), "op", of=w)) for w in (W1, W2, W3, W4)]
        assert disk.begun == 1 and run.run.seq == first - 1, "nothing is true before it is written"
        disk.let.set()
        entries = [await each for each in puts]
        assert [[fact.task for fact in each] for each in disk.writes] == [[W1], [W2, W3, W4]]  # type: ignore[attr-defined]
        assert [[each.seq for each in mine] for mine in entries] == [[first + n] for n in range(4)]
        assert all(run.run.task(w).state is StepState.PREPARED for w in (W1, W2, W3, W4))

    recording(use)


@pytest.mark.parametrize(
    "word", [facts.Paused("lunch"), facts.TakenOver(8, "free"), facts.FencedOff(W2, 8, "free")]
)
def test_what_is_of_the_run_or_its_locks_is_decided_alone(word: Fact) -> None:
    """A host that would go on under a later epoch must see whether another has begun meanwhile."""

    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        seen: list[StepState] = []
        for w in (W2, W4):
            run.run.task(w).state = StepState.GOING

        def decide() -> Sequence[Fact]:
            seen.append(run.run.task(W1).state)
            return (word,)

        of = W2 if isinstance(word, facts.FencedOff) else None
        puts = [
            await soon(record.put(prepared(W3), "op", of=W3)),  # the disk is busy with it
            await soon(record.put(prepared(W1), "op", of=W1)),
            await soon(record.put(decide, "ann", of=of)),
            await soon(record.put(lambda: (facts.Started(W4, "boot-0"),), "op", of=W4)),
        ]
        disk.let.set()
        for each in puts:
            await each
        assert [len(each) for each in disk.writes] == [1, 1, 1, 1]
        assert disk.writes[2] == [word] and seen[-1] is StepState.PREPARED

    recording(use)


def test_two_of_one_host_are_decided_one_after_the_other() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        def once() -> Sequence[Fact]:
            state = run.run.task(W1).state
            return prepared(W1)() if state is StepState.INTENT else ()

        puts = [await soon(record.put(prepared(W3), "op", of=W3))]
        puts += [await soon(record.put(once, "op", of=W1)) for _ in range(3)]
        disk.let.set()
        assert [len(await each) for each in puts] == [1, 1, 0, 0]

    recording(use)


def test_what_cannot_follow_is_refused_alone() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        def broken() -> Sequence[Fact]:
            raise LookupError("a defect")

        puts = [
            await soon(record.put(prepared(W3), "op", of=W3)),
            await soon(record.put(lambda: (facts.Started(W1),), "op", of=W1)),
            await soon(record.put(broken, "op", of=W2)),
            await soon(record.put(prepared(W4), "op", of=W4)),
        ]
        disk.let.set()
        said = await asyncio.gather(*puts, return_exceptions=True)
        assert [type(each) for each in said] == [tuple, IllegalMove, LookupError, tuple]
        assert run.run.task(W1).state is StepState.INTENT

    recording(use)


def test_a_full_disk_refuses_all_of_a_write_and_takes_them_later() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        before, disk.full = run.run.seq, True
        puts = [await soon(record.put(prepared(w), "op", of=w)) for w in (W1, W2, W3)]
        disk.let.set()
        said = await asyncio.gather(*puts, return_exceptions=True)
        assert [str(each) for each in said] == ["no room"] * 3
        assert all(isinstance(each, Unwritable) for each in said) and run.run.seq == before
        disk.full = False
        assert len(await record.put(prepared(W2), "op", of=W2)) == 1

    recording(use)


def test_who_no_longer_waits_is_not_written() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        puts = [await soon(record.put(prepared(w), "op", of=w)) for w in (W1, W2, W3)]
        puts[1].cancel()
        await asyncio.sleep(0)
        disk.let.set()
        await asyncio.wait(puts)
        assert [[fact.task for fact in each] for each in disk.writes] == [[W1], [W3]]  # type: ignore[attr-defined]

    recording(use)


def test_who_is_cancelled_while_it_is_written_waits_and_those_with_it_are_told() -> None:
    async def use(record: Recording, disk: Disk, run: Drive) -> None:
        puts = [await soon(record.put(prepared(w), "op", of=w)) for w in (W1, W2)]
        puts[0].cancel()
        await asyncio.sleep(0)
        assert not puts[0].done()
        disk.let.set()
        await asyncio.wait(puts)
        assert puts[0].cancelled() and len(puts[1].result()) == 1
        assert run.run.task(W1).state is run.run.task(W2).state is StepState.PREPARED

    recording(use)
