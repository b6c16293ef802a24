"""Facts on their way to a run's record: one write at a time, and what waits meanwhile is the next.

Facts are made of the run as it is, written down, and only then true. Answers about different tasks
say nothing of one another: those that wait for the disk together go there with one write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runbooks.ports import Journal, Unwritable
from runbooks.progress.entries import DURABLE, Entry
from runbooks.progress.facts import Fact, FencedOff, Task, TaskFact
from runbooks.progress.run import RunProgress

#: Called with "before" and "after" each fact is put on record; tests are killed there.
Point = Callable[[str, Fact], None]


def no_point(when: str, fact: Fact) -> None:
    """Nothing happens between the lines."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """Somebody's facts that are to be made and put on record; what came of it."""

    decide: Callable[[], Sequence[Fact]]
    actor: str
    of: Task | None
    entries: tuple[Entry, ...] | None = None
    error: Exception | None = None


class Recording:
    """Puts facts about `progress` on record in `journal`; `now` gives the run's time, UTC ms."""

    def __init__(
        self,
        progress: RunProgress,
        journal: Journal,
        now: Callable[[], int],
        at_point: Point = no_point,
    ) -> None:
        self._progress = progress
        self._journal = journal
        self._now = now
        self._at_point = at_point
        self._writing = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    async def put(
        self, decide: Callable[[], Sequence[Fact]], actor: str, *, of: Task | None = None
    ) -> tuple[Entry, ...]:
        """Put on record, by `actor`, what `decide` makes of the run as it is then; it is on the
        disk, and true, when this returns.

        With `of`, whose facts these are, it may be written together with those of other tasks.
        Raises Unwritable, IllegalMove where the facts can't follow, and whatever `decide` raises;
        nothing is recorded then.
        """
        mine = _Waiting(decide, actor, of)
        self._waiting.append(mine)
        try:
            async with self._writing:
                while mine.entries is None and mine.error is None:
                    await self._write()
        finally:
            if mine in self._waiting:  # we were cancelled before it was its turn
                self._waiting.remove(mine)
        if mine.error is not None:
            raise mine.error
        return mine.entries or ()

    async def at_rest(self) -> None:
        """Wait until nothing is being put on record; the journal may be closed then."""
        async with self._writing:
            pass

    async def _write(self) -> None:
        """Write what the first of all that wait decides, and others with it."""
        together = self._decided()
        if not together:
            return
        now, seq = self._now(), self._progress.seq
        entries: list[Entry] = []
        ends: list[int] = []
        for each, facts in together:
            entries += (
                Entry(seq + number, now, each.actor, fact)
                for number, fact in enumerate(facts, len(entries) + 1)
            )
            ends.append(len(entries))
        for entry in entries:
            self._at_point("before", entry.fact)
        durable = any(type(entry.fact) in DURABLE for entry in entries)
        writing = asyncio.ensure_future(self._journal.append(entries, durable=durable))
        cancelled = await _to_its_end(writing)
        start = 0
        try:
            writing.result()
            for entry in entries:
                self._progress.apply(entry)
            for (each, _), end in zip(together, ends, strict=True):
                each.entries, start = tuple(entries[start:end]), end
        except Unwritable as error:
            for each, _ in together:
                each.error = Unwritable(str(error))
        for each, _ in together:
            self._waiting.remove(each)
        if all(each.error is None for each, _ in together):
            for entry in entries:
                self._at_point("after", entry.fact)
        if cancelled is not None:
            raise cancelled

    def _decided(self) -> list[tuple[_Waiting, tuple[Fact, ...]]]:
        """Who is written down together, and with what. In their order: nobody is overtaken."""
        together: list[tuple[_Waiting, tuple[Fact, ...]]] = []
        of: set[Task | None] = {None}
        for each in tuple(self._waiting):
            if together and each.of in of:
                break
            try:
                facts = tuple(each.decide())
                self._progress.check(*facts)  # what can't follow must never stand in the journal
            except Exception as error:
                each.error = error
                self._waiting.remove(each)
                continue
            if not facts:
                each.entries = ()
                self._waiting.remove(each)
                continue
            alone = not _are_of(facts, each.of)
            if together and alone:
                break  # it is decided anew, once those before it are true
            together.append((each, facts))
            if alone:
                break
            of.add(each.of)
        return together


def _are_of(facts: Sequence[Fact], task: Task | None) -> bool:
    """Whether these say something of this task, and nothing of the run or its locks."""
    return all(
        isinstance(fact, TaskFact) and not isinstance(fact, FencedOff) and fact.task == task
        for fact in facts
    )


async def _to_its_end(writing: asyncio.Future[None]) -> asyncio.CancelledError | None:
    """Wait for it, come what may: what is written must be known. A cancellation waits as long."""
    cancelled: asyncio.CancelledError | None = None
    while not writing.done():
        try:
            await asyncio.wait((writing,))
        except asyncio.CancelledError as error:
            cancelled = error
    return cancelled
