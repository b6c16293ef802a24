"""The keeper: the one thread that owns the records, and the watch's way to them.

The watch puts samples and events and goes on; the keeper commits them within a quarter of a
second. What can't be committed waits in memory, the oldest given up (and counted) when there is no
room left, and is committed when the records can be written again. Nothing here ever raises into
the watch: `status` says what is wrong. Only what `saved_until` covers may be shown as saved.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from estate.attention import Kept
from estate.document import Event
from estate.ledger.book import Batch, KeptRound, Pages
from estate.ledger.sightings import Sighting
from estate.metrics import INDEX
from estate.model import Retention
from estate.past import Moment
from estate.queues import QueueFigures
from estate.samples import Sample
from storage.aside import set_aside
from storage.backlog import Backlog
from storage.believed import BelievedTime
from storage.charts import Point, Span, sketch
from storage.database import Fault, RecordsError
from storage.keys import END_OF_TIME
from storage.queues import POSITIONS, series_of, tick_of
from storage.records import Board, Records, concerns

T = TypeVar("T")

_LINGER_SECONDS = 0.25  # a sweep arrives in pieces: one commit for all of them
_PAUSE_SECONDS = 0.05  # between two steps of upkeep, so that the board has the machine
_BATCH = 4_000  # ticks in one go, so that a backlog never holds up a question
_MOST_TICKS = 200_000  # waiting in memory: 80 hosts at 10 s for seven hours, 50 MB
_MOST_EVENTS = 20_000
_UPKEEP_RESTS_MS = 600_000  # after it failed, before it is tried (and reported) again
_FIRST_RETRY_SECONDS = 1.0
_LAST_RETRY_SECONDS = 30.0
#: A disk with almost no space takes a little now and then: only what went on so long is over.
_LASTING_SECONDS = 30.0
_START_SECONDS = 5.0
_CLOSE_SECONDS = 5.0

#: Faults that leave nothing to read: the file is closed at once.
_UNREADABLE = frozenset({Fault.CORRUPT, Fault.FOREIGN, Fault.GONE})


@dataclass(frozen=True, slots=True)
class Restored:
    """What the records knew when the watch started.

    `last_event_id` is what the watch counts on from. Where the records could not be read it is
    the time in seconds, which is more than any count reached, so that no id is ever used twice.
    """

    board: Board | None
    saved_until: int | None
    last_event_id: int


class Keeper:
    """Keeps samples, events and the board at `path`.

    `clock` gives UTC milliseconds, `steady` seconds by a clock that is never set.
    `retention` may be replaced at any time; it counts from the next step of upkeep on.
    """

    def __init__(
        self,
        path: Path | str,
        retention: Retention,
        clock: Callable[[], int],
        steady: Callable[[], float],
    ) -> None:
        self.retention = retention
        self._path = Path(path)
        self._clock = clock
        self._steady = steady
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        # Guarded by _wake:
        self._wake = threading.Condition()
        self._backlog = Backlog(_MOST_TICKS, _MOST_EVENTS)
        self._questions: deque[tuple[Callable[[], object], Future[object]]] = deque()
        self._notices: deque[str] = deque(maxlen=100)
        self._closing = False
        self._closed = False
        # Written by the keeper's thread, read by any:
        self._fault: RecordsError | None = None
        self._saved_until: int | None = None
        # The thread's own:
        self._records: Records | None = None
        self._restored: Restored | None = None
        self._believed = BelievedTime()
        self._suspect = False  # SQLite found the file corrupt: set it aside before opening again
        self._untidy = False  # upkeep has more to do
        self._upkeep_rests_until = 0
        self._retry_seconds = 0.0
        self._told: Fault | None = None  # what people were told of, and not yet that it is over
        self._kept_since = 0.0  # by the steady clock, since the last fault
        self._reported_dropped = 0

    # -- for the watch, from any thread; only `start` and `close` ever wait

    def start(self) -> Restored:
        """Open the records and give what they remember; waits 5 s at most, and never raises."""
        self._believed_now()  # from here on a clock that is set is noticed
        opened = self._ask(lambda: self._restored)
        self._thread.start()
        restored = None
        with suppress(TimeoutError):  # a file system that hangs; the thread goes on trying
            restored = opened.result(timeout=_START_SECONDS)
        return restored or Restored(None, None, self._clock() // 1000)

    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        """Take `samples` and `events` to be committed."""
        fit = [sample for sample in samples if 0 <= sample.at < END_OF_TIME]
        with self._wake:
            self._backlog.dropped += len(samples) - len(fit)
            self._backlog.put(fit, events)
            self._wake.notify()

    def save_board(self, document: bytes) -> None:
        """Take the board as it is now (JSON), in place of one that still waits."""
        with self._wake:
            self._backlog.put_board(Board(self._clock(), document))
            self._wake.notify()

    async def series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> list[Point]:
        """A chart as `Records.series` gives it, with what still waits in memory.

        Where the file can't be read it is made of that alone. An unknown metric raises KeyError.
        """
        position = INDEX[metric]
        return await self._answer(lambda: self._chart(host, position, start, end, points))

    def put_queues(self, figures: Iterable[QueueFigures]) -> None:
        """Take figures of queues to be committed."""
        ticks = [tick_of(each) for each in figures if 0 <= each.at < END_OF_TIME]
        if ticks:
            with self._wake:
                self._backlog.put_ticks(ticks)
                self._wake.notify()

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> list[Point]:
        """A chart of a queue, as `series` gives one of a host."""
        position = POSITIONS[metric]
        return await self._answer(lambda: self._chart(series_of(key), position, start, end, points))

    async def samples(self, host: str, start: int, end: int) -> list[tuple[int, tuple[float, ...]]]:
        """All samples in [start, end), for an export: ask for an hour or a few at a time."""
        return await self._answer(
            lambda: self._read(lambda records: list(records.samples(host, start, end)), [])
        )

    async def hosts(self) -> tuple[str, ...]:
        """Every host that was ever sampled, first seen first; none where that can't be read."""
        nothing: tuple[str, ...] = ()
        return await self._answer(lambda: self._read(lambda records: records.hosts(), nothing))

    async def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """Events at or after `since` (UTC ms), newest first, of one host or of all."""
        return await self._answer(lambda: self._recent_events(since, limit, host))

    async def keep_ledger(self, batch: Batch) -> bool:
        """Whether `batch` is on the disk, whole; if not, `status` says why, and it may be put down
        again: what was kept already stays as it is."""
        return await self._answer(lambda: self._read(lambda r: r.append_ledger(batch), False))

    async def ledger(self, start: int, end: int) -> Pages | None:
        """The ledger of [start, end), UTC ms; None where the records can't be read."""
        nothing: Pages | None = None
        return await self._answer(lambda: self._read(lambda r: r.ledger(start, end), nothing))

    async def rounds(self, service: str, start: int, end: int, most: int) -> list[KeptRound]:
        """The kept rounds of a service, the oldest first, `most` at most."""
        return await self._answer(
            lambda: self._read(lambda r: r.rounds(service, start, end, most), [])
        )

    async def journal(self, vantage: str, since: int, most: int) -> list[Sighting]:
        """What a vantage saw, by the numbers of its journal; only what is on the disk."""
        return await self._answer(lambda: self._read(lambda r: r.journal(vantage, since, most), []))

    async def keep_attention(self, kept: Kept) -> bool:
        """Whether what people said of problems is on the disk, whole; may be put down again."""
        return await self._answer(lambda: self._read(lambda r: r.put_attention(kept), False))

    async def attention(self) -> Kept | None:
        """What people said of problems and holds; None where the records can't be read."""
        nothing: Kept | None = None
        return await self._answer(lambda: self._read(lambda r: r.attention(), nothing))

    async def keep_picture(self, moment: Moment, document: bytes) -> bool:
        """Whether the board at `moment` (JSON) is kept beside those of other moments."""
        return await self._answer(
            lambda: self._read(lambda r: r.keep_picture(moment, document), False)
        )

    async def picture(self, at: int) -> bytes | None:
        """The last board that was kept at or before `at`, as JSON; None where there is none."""
        nothing: bytes | None = None
        return await self._answer(lambda: self._read(lambda r: r.picture(at), nothing))

    async def moments(self, start: int, end: int, most: int) -> list[Moment]:
        """Of which moments in [start, end) boards are kept, newest first, `most` at most."""
        return await self._answer(lambda: self._read(lambda r: r.moments(start, end, most), []))

    async def check(self) -> tuple[str, ...]:
        """What is wrong with the file, as sentences; nothing is committed meanwhile."""
        fault = (self.status,)
        return await self._answer(lambda: self._read(lambda records: records.check(), fault))

    async def tidy(self) -> int:
        """Compact and prune all there is to do now; how many steps it took.

        Step by step, so that samples go on being kept. Raises RecordsError where a step fails.
        """
        steps = 0
        while await self._answer(self._tidy_step):
            steps += 1
        return steps

    def close(self) -> None:
        """Commit what waits, close the file, end the thread; waits 5 s at most."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.ident is not None:  # it was started
            self._thread.join(_CLOSE_SECONDS)

    @property
    def saved_until(self) -> int | None:
        """When the last sample was taken that is on the disk; None before there is one."""
        return self._saved_until

    @property
    def dropped(self) -> int:
        """How many samples and events were given up because there was no room in memory."""
        return self._backlog.dropped

    @property
    def status(self) -> str:
        """What keeps the records from being kept, and what to do; "" while all is well."""
        fault = self._fault
        if fault is None:
            return ""
        lost = self.dropped - self._reported_dropped
        return f"not saved: {fault}" + (f"; {lost} samples and events lost so far" if lost else "")

    def take_notices(self) -> tuple[str, ...]:
        """What happened to the records since the last call, for the watch's events."""
        with self._wake:
            notices = tuple(self._notices)
            self._notices.clear()
        return notices

    # -- between the two sides

    def _ask(self, question: Callable[[], T]) -> Future[T]:
        answer: Future[T] = Future()
        with self._wake:
            if self._closed:
                answer.set_exception(RuntimeError("the records are closed"))
            else:
                self._questions.append((question, answer))  # type: ignore[arg-type]
            self._wake.notify()
        return answer

    async def _answer(self, question: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._ask(question))

    def _notice(self, what: str) -> None:
        with self._wake:
            self._notices.append(what)

    # -- the thread

    def _run(self) -> None:
        self._attempt(self._open)
        while True:
            self._wait()
            self._answer_questions()
            if self._fault is not None and self._fault.fault is Fault.BROKEN:
                self._shut()  # until now it may have answered questions; a fresh start may write
            if self._records is None:
                self._attempt(self._open)
            if self._records is not None:
                self._attempt(self._commit)
            if self._fault is None:
                self._tell_recovery()
                self._attempt(self._tidy)
            with self._wake:
                if self._closing and (self._fault is not None or not self._backlog):
                    break
        with self._wake:
            self._closed = True  # from here on no question comes in
        self._answer_questions()
        self._shut()

    def _wait(self) -> None:
        """Sleep until there is something to do; gather a sweep's pieces for a moment."""
        with self._wake:
            if self._fault is not None:
                self._wake.wait_for(self._urgent, timeout=self._retry_seconds)
                return
            pause = None
            if self._untidy:
                pause = _PAUSE_SECONDS
            elif self._told is not None:
                pause = _LASTING_SECONDS
            self._wake.wait_for(lambda: self._urgent() or bool(self._backlog), timeout=pause)
            if self._backlog:
                self._wake.wait_for(self._urgent, timeout=_LINGER_SECONDS)

    def _urgent(self) -> bool:
        return self._closing or bool(self._questions)

    def _attempt(self, effect: Callable[[], None]) -> None:
        """Do `effect`; where the records refuse, remember why, and when to come back."""
        try:
            effect()
        except RecordsError as fault:
            self._fail(fault)
        except Exception as error:
            # A mistake of ours must not end the thread, and with it all saving, in silence.
            what = f"unexpected {type(error).__name__}: {error}"
            self._fail(RecordsError(Fault.BROKEN, what, "report it, with the watch's log"))

    def _fail(self, fault: RecordsError) -> None:
        if self._told is not fault.fault:
            self._notice(f"records are not kept: {fault}")
            self._told = fault.fault
        self._fault = fault
        self._retry_seconds = min(
            max(2 * self._retry_seconds, _FIRST_RETRY_SECONDS), _LAST_RETRY_SECONDS
        )
        if fault.fault is Fault.CORRUPT:
            self._suspect = True
        if fault.fault in _UNREADABLE:
            self._shut()

    def _recover(self) -> None:
        if self._fault is not None:
            self._fault = None
            self._kept_since = self._steady()

    def _tell_recovery(self) -> None:
        """Say that it is over once it has lasted; until then a fault is still the same one."""
        if self._told is None or self._steady() - self._kept_since < _LASTING_SECONDS:
            return
        lost = self.dropped - self._reported_dropped
        self._reported_dropped = self.dropped
        self._told = None
        self._retry_seconds = 0.0
        self._notice("records are kept again" + (f"; {lost} samples and events lost" * bool(lost)))

    def _open(self) -> None:
        if self._suspect:
            self._set_aside()
        try:
            self._load()
        except RecordsError as fault:
            if fault.fault is not Fault.CORRUPT:
                raise
            self._shut()
            self._set_aside()
            self._load()

    def _load(self) -> None:
        records = self._records = Records.open(self._path)
        self._restored = Restored(
            records.load_board(), records.saved_until(), records.last_event_id()
        )
        self._saved_until = self._restored.saved_until

    def _shut(self) -> None:
        if self._records is not None:
            records, self._records = self._records, None
            with suppress(RecordsError):  # it is given up because it does not work
                records.close()

    def _set_aside(self) -> None:
        aside = set_aside(self._path, self._clock())
        self._suspect = False
        self._notice(f"records were corrupt and begin anew; what there was is kept as {aside}")

    def _commit(self) -> None:
        """Write what waits, in bounded transactions; it leaves memory only when it is kept."""
        records = self._records
        assert records is not None
        while records is self._records:  # a question may find it corrupt and give it up
            with self._wake:
                batch = self._backlog.batch(_BATCH)
            if batch or self._fault is not None:
                # Events first: "not watching 02:10–02:14" must not be lost behind the first samples
                # after that gap, for it is then never told.
                records.append_events(batch.events)
                records.append_ticks(batch.ticks)
                if batch.board is not None:
                    records.save_board(*batch.board)
                records.sync()
            if batch.ticks:
                self._saved_until = batch.ticks[-1].at
            with self._wake:
                self._backlog.forget(batch)
            self._recover()
            if not batch:
                return
            self._answer_questions()

    def _tidy(self) -> None:
        """One step of upkeep. Where it fails, what is new can still be kept, so that goes on."""
        now = self._clock()
        if now < self._upkeep_rests_until <= now + _UPKEEP_RESTS_MS:
            return
        self._untidy = False
        try:
            self._untidy = self._tidy_step()
        except RecordsError as fault:
            if fault.fault in _UNREADABLE:
                raise
            self._rest(now, str(fault))
        except Exception as error:
            self._rest(now, f"unexpected {type(error).__name__}: {error}; report it")

    def _tidy_step(self) -> bool:
        """Do the next piece of upkeep; False when there is nothing to do."""
        if self._records is None:
            return False
        now = self._clock()
        return self._records.compact(now, self.retention.hot_ms) or self._records.prune(
            self._believed_now(), self.retention
        )

    def _believed_now(self) -> int:
        return self._believed.now(self._clock(), int(1000 * self._steady()))

    def _rest(self, now: int, why: str) -> None:
        self._upkeep_rests_until = now + _UPKEEP_RESTS_MS
        self._notice(f"records are kept, but can't be compacted and pruned: {why}")

    # -- questions, answered in the thread

    def _answer_questions(self) -> None:
        while True:
            with self._wake:
                if not self._questions:
                    return
                question, answer = self._questions.popleft()
            if not answer.set_running_or_notify_cancel():
                continue  # whoever asked has left
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)

    def _read(self, question: Callable[[Records], T], otherwise: T) -> T:
        """Ask the records; where they can't be read, `otherwise`, and `status` says why."""
        if self._records is None:
            return otherwise
        try:
            return question(self._records)
        except RecordsError as fault:
            self._fail(fault)
            return otherwise

    def _chart(self, series: str, position: int, start: int, end: int, points: int) -> list[Point]:
        if end <= start or points < 1:
            return []
        with self._wake:
            ticks = self._backlog.ticks(series)
        unsaved = [(tick.at, tick.value(position)) for tick in ticks]
        return self._read(
            lambda r: r.drawn(series, position, start, end, points, unsaved=unsaved),
            sketch(unsaved, Span(start, end, points)),
        )

    def _recent_events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        with self._wake:
            waiting = self._backlog.events()
        unsaved = {e.id: e for e in waiting if e.at >= since and concerns(e.where, host)}
        nothing: tuple[Event, ...] = ()
        saved = {e.id: e for e in self._read(lambda r: r.events(since, limit, host), nothing)}
        newest_first = sorted((saved | unsaved).items(), reverse=True)
        return tuple(event for _, event in newest_first[:limit])
