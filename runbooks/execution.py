"""The loop that does what a run asks for, and records what came of it. It decides nothing.

Every fact is on record before what it announces is done, and every answer is understood by
`RunProgress`. Being killed between any two lines costs nothing but time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runbooks.performance import Performer, Silence
from runbooks.ports import Journal, Unwritable
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Fact, OutputKept, Task
from runbooks.progress.requests import (
    Call,
    Finish,
    Gc,
    Look,
    NoAnswer,
    Play,
    Poll,
    Question,
    Record,
    Request,
    Survey,
    Void,
    Wait,
)
from runbooks.progress.run import RunProgress
from runbooks.progress.states import RunState, StepState
from runbooks.recording import Point, Recording, no_point

#: A host that does not answer is asked again after so long, doubled each time, up to the last.
FIRST_REST_SECONDS = 0.25
LAST_REST_SECONDS = 2.0
#: What has not changed is looked at again after so long.
LOOK_AGAIN_SECONDS = 0.5
#: A host that did not answer when it mattered is asked so often whether it knows now.
UNKNOWN_REST_SECONDS = 10.0
#: The record is tried again so long after it could not be written.
RECORD_AGAIN_SECONDS = 2.0
#: What failed by a defect of ours is tried again after so long.
DEFECT_REST_SECONDS = 30.0
#: What is left on a host that can't be tidied is left there after so many tries, until next time.
TIDY_TRIES = 3

#: What is waited for, or put down, rather than asked of anybody.
_NO_CALL = Question | Wait | Finish | Record

_log = logging.getLogger("watch.runs")


@dataclass(slots=True)
class _Pace:
    """When something may be asked again, by the steady clock, and how often it was silent."""

    not_before: float = 0.0
    silences: int = 0
    tries: int = 0  # since the run has ended


@dataclass(frozen=True, slots=True)
class _Making:
    """A call that is under way."""

    request: Call
    work: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class Clocks:
    """`now` is the wall clock in UTC ms, `steady` seconds that never jump."""

    now: Callable[[], int]
    steady: Callable[[], float]

    def unset(self, since: int) -> Clocks:
        """The same from here on, though somebody sets the wall clock: it ticks steadily.

        It goes on from `since` (UTC ms) where the wall clock is behind that.
        """
        ahead = max(self.now(), since) - self.steady() * 1000
        return Clocks(lambda: round(ahead + self.steady() * 1000), self.steady)


@dataclass(slots=True)
class Trouble:
    """What holds the run up and is not the runbook's: shown, never decided by."""

    record: str = ""  # why the record can't be written
    defect: str = ""  # of ours, see the log
    silent: dict[str, Silence] = field(default_factory=dict)  # host -> since when, and why


class Execution:
    """One run at work. `run` goes on until it has ended; `record` takes what people say."""

    def __init__(
        self,
        progress: RunProgress,
        journal: Journal,
        performer: Performer,
        clocks: Clocks,
        *,
        changed: Callable[[], None] = lambda: None,
        at_point: Point = no_point,
    ) -> None:
        self.progress = progress
        self.trouble = Trouble()
        self._performer = performer
        # A wall clock that is set an hour ahead would have every step be late, and stopped; one
        # that was set back while no watch ran would have every pause be longer by an hour.
        self._clocks = clocks.unset(progress.recorded_at)
        self._changed = changed
        self._recording = Recording(progress, journal, self._clocks.now, at_point)
        self._news = asyncio.Event()
        self._under_way: dict[Task | str, _Making] = {}
        self._paces: dict[Task | str, _Pace] = {}
        self._defects: dict[Task | str, str] = {}  # of what is still to be asked

    # --- people -----------------------------------------------------------------------------------

    async def record(self, decide: Callable[[], Sequence[Fact]], actor: str) -> tuple[Entry, ...]:
        """Put on record, by `actor`, the facts that `decide` makes of the run as it is then.

        They are on the disk when this returns. Raises Unwritable, IllegalMove where the run has
        moved on, and whatever `decide` raises; nothing is recorded then.
        """
        entries = await self._put_on_record(decide, actor)
        self.wake()
        return entries

    def now(self) -> int:
        """The time that the run goes by, UTC ms."""
        return self._clocks.now()

    def wake(self) -> None:
        """Look again at what is next."""
        self._news.set()

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self) -> RunState:
        """Go on until the run has ended and its hosts are tidy, or could not be tidied."""
        try:
            while True:
                self._news.clear()
                requests = self.progress.requests(self._clocks.now())
                if requests and isinstance(requests[0], Record):
                    await self._follow(requests[0], self.progress.seq)
                    continue
                self._begin(requests)
                finish = next((each for each in requests if isinstance(each, Finish)), None)
                if finish is not None and not self._under_way and not self._tidying(requests):
                    return finish.state
                await self._wait(requests)
        finally:
            await self._let_go()

    async def _follow(self, record: Record, seq: int) -> None:
        """Put on record what follows from what is known, unless more is known by now."""

        def decide() -> Sequence[Fact]:
            return record.facts if self.progress.seq == seq else ()

        try:
            await self._put_on_record(decide, ENGINE)
        except Unwritable:
            await self._pause(RECORD_AGAIN_SECONDS)

    def _begin(self, requests: Sequence[Request]) -> None:
        """Make every call that is not under way and not resting."""
        now = self._clocks.steady()
        asked = {_key(each) for each in requests if not isinstance(each, _NO_CALL)}
        self._defects = {key: what for key, what in self._defects.items() if key in asked}
        self._tell_of_defects()
        for request in requests:
            if isinstance(request, _NO_CALL):
                continue
            key = _key(request)
            pace = self._paces.setdefault(key, _Pace())
            making = self._under_way.get(key)
            if making is not None:
                if isinstance(making.request, Play) and isinstance(request, Void):
                    making.work.cancel()  # a playbook runs as long as it is waited for
                continue
            if now < pace.not_before:
                continue
            if self._has_ended and pace.tries >= TIDY_TRIES:
                continue
            work = asyncio.create_task(self._make(request, pace))
            self._under_way[key] = _Making(request, work)

    def _tidying(self, requests: Sequence[Request]) -> bool:
        return any(
            isinstance(each, Gc | Poll) and self._paces[_key(each)].tries < TIDY_TRIES
            for each in requests
        )

    @property
    def _has_ended(self) -> bool:
        """Whether all that is left is to hear of hosts what they know, and to tidy them."""
        return self.progress.finished is not None

    async def _wait(self, requests: Sequence[Request]) -> None:
        """Until something came of a call or of a person, or the time of something has come."""
        steady, now = self._clocks.steady(), self._clocks.now()
        waits = [(each.until - now) / 1000 for each in requests if isinstance(each, Wait)]
        waits += [
            pace.not_before - steady
            for each in requests
            if not isinstance(each, _NO_CALL)
            and _key(each) not in self._under_way
            and (pace := self._paces[_key(each)]).not_before > steady
        ]
        # Questions grow stale and gates late by the clock: look at least once a second.
        await self._pause(max(0.01, min([1.0, *waits])))

    async def _pause(self, seconds: float) -> None:
        try:
            # Not wait_for: Python 3.11's forgets a cancellation that comes together with the news.
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _make(self, request: Call, pace: _Pace) -> None:
        """Make a call, and record what its answer means, unless the task has moved meanwhile."""
        key = _key(request)
        token = self._token(request)
        pace.tries += self._has_ended
        try:
            answer = await self._performer.perform(request, self.progress)
            self._note(request, answer)

            def decide() -> Sequence[Fact]:
                if self._token(request) != token:
                    return ()
                return self.progress.conclude(request, answer, self._clocks.now())

            of = None if isinstance(request, Survey) else request.task
            entries = await self._put_on_record(decide, ENGINE, of=of)
            self._defects.pop(key, None)
            self._rest(request, pace, [each.fact for each in entries], answer)
        except Unwritable as error:
            self.trouble.record = str(error)
            pace.not_before = self._clocks.steady() + RECORD_AGAIN_SECONDS
        except Exception as error:
            _log.exception("a defect of twinwatch, in %s", request)
            self._defects[key] = f"{type(error).__name__}: {error}"
            pace.not_before = self._clocks.steady() + DEFECT_REST_SECONDS
        finally:
            self._under_way.pop(key, None)
            self._tell_of_defects()
            self._news.set()

    def _tell_of_defects(self) -> None:
        """The first defect that still holds something up, until it no longer does."""
        defect = next(iter(self._defects.values()), "")
        if defect != self.trouble.defect:
            self.trouble.defect = defect
            self._changed()

    def _token(self, request: Call) -> object:
        """What must not have changed for an answer to mean anything."""
        if isinstance(request, Survey):
            return len(self.progress.batches.get(request.step, ()))
        task = self.progress.task(request.task)
        return task.state, task.number

    def _rest(self, request: Call, pace: _Pace, made: Sequence[Fact], answer: object) -> None:
        """How long the same is not asked again: a silent host ever longer, news not at all."""
        if isinstance(answer, NoAnswer):
            rest = min(LAST_REST_SECONDS, FIRST_REST_SECONDS * 2**pace.silences)
            pace.silences += 1
        else:
            pace.silences = 0
            moved = any(not isinstance(each, OutputKept) for each in made)
            more = isinstance(request, Poll) and any(isinstance(e, OutputKept) for e in made)
            rest = 0.0 if moved or more else LOOK_AGAIN_SECONDS
        again = isinstance(request, Look) or (isinstance(request, Poll) and not made)
        if again and not self._has_ended and self._is_unknown(request):
            rest = UNKNOWN_REST_SECONDS
        if made and not isinstance(request, Gc):
            pace.tries = 0
        pace.not_before = self._clocks.steady() + rest

    def _is_unknown(self, request: Call) -> bool:
        if isinstance(request, Survey):
            return False
        return self.progress.task(request.task).state is StepState.UNKNOWN

    def _note(self, request: Call, answer: object) -> None:
        """Which hosts are silent, for whoever looks."""
        if isinstance(request, Survey):
            return
        host = request.task.host
        if isinstance(answer, NoAnswer):
            known = self.trouble.silent.get(host)
            since = known.since if known else self._clocks.now()
            self.trouble.silent[host] = Silence(since, answer.cause)
            self._changed()
        elif self.trouble.silent.pop(host, None):
            self._changed()

    # --- the record -------------------------------------------------------------------------------

    async def _put_on_record(
        self, decide: Callable[[], Sequence[Fact]], actor: str, *, of: Task | None = None
    ) -> tuple[Entry, ...]:
        """As `Recording.put`, and say how that went to whoever looks."""
        try:
            entries = await self._recording.put(decide, actor, of=of)
        except Unwritable as error:
            self.trouble.record = str(error)
            self._changed()
            raise
        if entries:
            self.trouble.record = ""
            self._changed()
        return entries

    async def at_rest(self) -> None:
        """Wait until nothing is being put on record; the journal may be closed then."""
        await self._recording.at_rest()

    async def _let_go(self) -> None:
        under_way = [making.work for making in self._under_way.values()]
        for work in under_way:
            work.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _key(request: Call) -> Task | str:
    return request.step if isinstance(request, Survey) else request.task
