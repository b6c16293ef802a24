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
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from estate.document import Event
from estate.model import Retention
from estate.samples import Sample
from storage.database import Fault, RecordsError
from storage.records import Board, Point, Records

T = TypeVar("T")

_LINGER_SECONDS = 0.25  # a sweep arrives in pieces: one transaction for all of them
_BATCH = 4_000  # samples in one transaction, so that a backlog never holds up a question
_MOST_SAMPLES = 200_000  # waiting in memory; 80 hosts at 10 s: seven hours, 60 MB
_MOST_EVENTS = 20_000
_FIRST_RETRY_SECONDS = 1.0
_LAST_RETRY_SECONDS = 30.0
_START_SECONDS = 5.0
_CLOSE_SECONDS = 5.0

#: Faults after which the file can still be read, so it stays open.
_STILL_READABLE = frozenset({Fault.FULL, Fault.READ_ONLY, Fault.LOCKED})


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
    """Keeps samples, events and the board at `path`; `clock` gives UTC milliseconds."""

    def __init__(
        self, path: Path | str | None, retention: Retention, clock: Callable[[], int]
    ) -> None:
        self.retention = retention
        self._path = Path(path) if path is not None else None
        self._clock = clock
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._wake = threading.Condition()
        # All below is guarded by _wake ...
        self._samples: deque[Sample] = deque()
        self._events: deque[Event] = deque()
        self._board: Board | None = None
        self._questions: deque[tuple[Callable[[], object], Future[object]]] = deque()
        self._notices: deque[str] = deque(maxlen=100)
        self._closing = False
        self._dropped = 0
        # ... these are written by the keeper's thread and read by any ...
        self._fault: RecordsError | None = None
        self._saved_until: int | None = None
        # ... and these are the thread's own.
        self._records: Records | None = None
        self._retry_seconds = 0.0

    # -- for the watch: none of these blocks, but `start` and `close`

    def start(self) -> Restored:
        """Open the records and give what they remember; waits 5 s at most, and never raises."""
        restored: Future[Restored] = Future()
        self._ask(self._restore, restored)
        self._thread.start()
        try:
            return restored.result(timeout=_START_SECONDS)
        except TimeoutError:
            return Restored(None, None, self._clock() // 1000)

    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        """Take `samples` and `events` to be committed."""
        with self._wake:
            self._samples.extend(samples)
            self._events.extend(events)
            while len(self._samples) > _MOST_SAMPLES:
                self._samples.popleft()
                self._dropped += 1
            while len(self._events) > _MOST_EVENTS:
                self._events.popleft()
                self._dropped += 1
            self._wake.notify()

    def save_board(self, document: bytes) -> None:
        """Take the board as it is now (JSON); only the newest one waits."""
        with self._wake:
            self._board = Board(self._clock(), document)
            self._wake.notify()

    async def series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> list[Point]:
        """A chart as `Records.series` gives it, and what still waits in memory besides."""
        return await self._answer(lambda: self._series(host, metric, start, end, points))

    async def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """Events at or after `since`, newest first, of one host or of all."""
        return await self._answer(lambda: self._recent_events(since, limit, host))

    def close(self) -> None:
        """Commit what waits, close the file, end the thread; waits 5 s at most."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(_CLOSE_SECONDS)

    @property
    def saved_until(self) -> int | None:
        """When the last sample was taken that is on the disk; None before there is one."""
        return self._saved_until

    @property
    def dropped(self) -> int:
        """How many samples and events were given up because memory for them ran out."""
        return self._dropped

    @property
    def status(self) -> str:
        """ "" while all is kept; else why it is not, and what to do."""
        fault = self._fault
        if fault is None:
            return ""
        dropped = f"; {self._dropped} samples are lost" if self._dropped else ""
        return f"not saved: {fault.what}; {fault.todo}{dropped}"

    def take_notices(self) -> tuple[str, ...]:
        """What happened to the records since the last call, for the watch's events."""
        with self._wake:
            notices = tuple(self._notices)
            self._notices.clear()
        return notices

    # -- between the two sides

    def _ask(self, question: Callable[[], T], answer: Future[T]) -> None:
        with self._wake:
            self._questions.append((question, answer))  # type: ignore[arg-type]
            self._wake.notify()

    async def _answer(self, question: Callable[[], T]) -> T:
        answer: Future[T] = Future()
        self._ask(question, answer)
        return await asyncio.wrap_future(answer)

    # -- the thread

    def _run(self) -> None:
        self._attempt(self._open)
        while True:
            self._wait()
            self._answer_questions()
            if self._fault is None or self._reopened():
                self._attempt(self._commit)
            if self._closing and (self._fault is not None or not self._waiting()):
                break
        self._shut()
        self._answer_questions()

    def _wait(self) -> None:
        """Sleep until there is something to do; gather a sweep's pieces for a moment."""
        with self._wake:
            if self._fault is not None:
                self._wake.wait_for(self._urgent, timeout=self._retry_seconds)
                return
            self._wake.wait_for(lambda: self._urgent() or self._waiting())
            self._wake.wait_for(self._urgent, timeout=_LINGER_SECONDS)

    def _urgent(self) -> bool:
        return bool(self._closing or self._questions)

    def _waiting(self) -> bool:
        return bool(self._samples or self._events or self._board)

    def _answer_questions(self) -> None:
        while True:
            with self._wake:
                if not self._questions:
                    return
                question, answer = self._questions.popleft()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question())
            except BaseException as error:
                answer.set_exception(error)

    def _attempt(self, effect: Callable[[], None]) -> None:
        """Do `effect`; where the records refuse, say why and come back later."""
        try:
            effect()
        except RecordsError as fault:
            self._fail(fault)
        else:
            if self._fault is not None:
                self._fault = None
                self._retry_seconds = 0.0
                self._notice("records are kept again")

    def _fail(self, fault: RecordsError) -> None:
        if self._fault is None or self._fault.fault is not fault.fault:
            self._notice(f"records are not kept: {fault.what}; {fault.todo}")
        self._fault = fault
        self._retry_seconds = min(
            max(self._retry_seconds * 2, _FIRST_RETRY_SECONDS), _LAST_RETRY_SECONDS
        )
        if fault.fault not in _STILL_READABLE:
            self._shut()
        if fault.fault is Fault.CORRUPT:
            self._set_aside()
            self._retry_seconds = 0.0

    def _reopened(self) -> bool:
        if self._records is None:
            try:
                self._open()
            except RecordsError as fault:
                self._fail(fault)
        return self._records is not None

    def _open(self) -> None:
        self._records = Records.open(self._path)
        self._saved_until = self._records.saved_until()

    def _shut(self) -> None:
        if self._records is not None:
            records, self._records = self._records, None
            try:
                records.close()
            except RecordsError:
                pass  # it is being given up because it does not work

    def _set_aside(self) -> None:
        """Give a corrupt file a name of its own, with its log; it is never deleted."""
        assert self._path is not None
        stamp = datetime.fromtimestamp(self._clock() / 1000, UTC).strftime("%Y%m%dT%H%M%S")
        for suffix in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + suffix)
            aside = self._path.with_name(f"{self._path.name}.corrupt-{stamp}{suffix}")
            try:
                part.rename(aside)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._notice(f"{part} could not be set aside: {error.strerror}")
        self._notice(f"{self._path} was corrupt: kept as {self._path.name}.corrupt-{stamp}")

    def _notice(self, what: str) -> None:
        with self._wake:
            self._notices.append(what)

    def _commit(self) -> None:
        """Write what waits, in bounded transactions; it leaves memory only when it is kept."""
        records = self._records
        assert records is not None
        while True:
            with self._wake:
                samples = [self._samples[i] for i in range(min(_BATCH, len(self._samples)))]
                events = list(self._events)
                board = self._board
            if not samples and not events and board is None:
                break
            records.append(samples)
            if events:
                records.append_events(events)
            if board is not None:
                records.save_board(*board)
            records.sync()
            if samples:
                self._saved_until = samples[-1].at
            with self._wake:
                _forget(self._samples, samples)
                _forget(self._events, events)
                if self._board is board:
                    self._board = None
            self._answer_questions()

    # -- questions, answered in the thread

    def _restore(self) -> Restored:
        if self._records is None:
            return Restored(None, None, self._clock() // 1000)
        records = self._records
        return Restored(records.load_board(), records.saved_until(), records.last_event_id())

    def _series(self, host: str, metric: str, start: int, end: int, points: int) -> list[Point]:
        if self._records is None:
            return []
        return self._records.series(host, metric, start, end, points)

    def _recent_events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        if self._records is None:
            return ()
        return self._records.events(since, limit, host)


def _forget(waiting: deque[T], written: Sequence[T]) -> None:
    """Take `written` from the front of `waiting`, less what was given up there meanwhile."""
    for item in written:
        if waiting and waiting[0] is item:
            waiting.popleft()
