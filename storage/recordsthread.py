"""The one thread that opens the records: it commits what waits, answers questions, and tidies.

What can't be committed waits in memory, the oldest given up (and counted) when there is no room
left, and is committed when the records can be written again. Nothing here ever raises into the
watch: `status` says what is wrong.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from estate.document import Event
from estate.model import Retention
from estate.wire import EVENTS_KEPT
from storage.aside import set_aside
from storage.backlog import Backlog
from storage.database import Fault, RecordsError
from storage.records import Board, Records
from storage.trouble import LASTING_SECONDS, UNREADABLE, Trouble
from storage.upkeep import Upkeep

T = TypeVar("T")

_LINGER_SECONDS = 0.25  # a sweep arrives in pieces: one commit for all of them
_PAUSE_SECONDS = 0.05  # between two steps of upkeep, so that the board has the machine
_BATCH = 4_000  # ticks in one go, so that a backlog never holds up a question
_MOST_TICKS = 200_000  # waiting in memory: 80 hosts at 10 s for seven hours, 50 MB
_MOST_EVENTS = 20_000
_START_SECONDS = 5.0
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Restored:
    """What the records knew when the watch started.

    `last_event_id` is what the watch counts on from. Where the records could not be read it is
    the time in seconds, which is more than any count reached, so that no id is ever used twice;
    `unread` is why then, which is another thing than that there is nothing to be read.
    """

    board: Board | None
    saved_until: int | None
    last_event_id: int
    events: tuple[Event, ...] = ()  # the last ones, newest first
    unread: str = ""


class RecordsThread:
    """Owns the records at `path`. `clock` gives UTC milliseconds, `steady` seconds by a clock that
    is never set."""

    def __init__(
        self,
        path: Path,
        retention: Retention,
        clock: Callable[[], int],
        steady: Callable[[], float],
    ) -> None:
        self._path = path
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
        # Written by the thread, read by any:
        self._trouble = Trouble(self._notice)
        self.saved_until: int | None = None
        # The thread's own:
        self.upkeep = Upkeep(retention, clock, steady, self._notice)
        self.records: Records | None = None
        self._restored: Restored | None = None
        self._silent = False  # the disk let the start pass without a word
        self._suspect = False  # SQLite found the file corrupt: set it aside before opening again

    # -- for the watch, from any thread; only `start` and `close` ever wait

    def start(self) -> Restored:
        """Open the records and give what they remember; waits 5 s at most, and never raises."""
        self.upkeep.believed_now()  # from here on a clock that is set is noticed
        opened = self._ask(lambda: (self._restored, self._trouble.fault))
        self._thread.start()
        wait((opened,), timeout=_START_SECONDS)
        if opened.cancel():  # a file system that hangs; the thread goes on trying
            self._silent, why = True, self._silence
        else:
            restored, fault = opened.result()
            if restored is not None:
                return restored
            why = str(fault)
        return Restored(None, None, self._clock() // 1000, unread=why)

    def close(self) -> None:
        """Commit what waits, close the file, end the thread; waits 5 s at most."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.ident is not None:  # it was started
            self._thread.join(_CLOSE_SECONDS)

    @contextmanager
    def waiting(self) -> Iterator[Backlog]:
        """What waits to be committed; nobody else has it meanwhile."""
        with self._wake:
            yield self._backlog
            self._wake.notify()

    async def asked(self, question: Callable[[Records], T], otherwise: T) -> T:
        """What the records say; `otherwise` where they can't be read."""
        return await self.answer(lambda: self.read(question, otherwise))

    async def answer(self, question: Callable[[], T]) -> T:
        """What `question` gives, or raises, in the thread. RuntimeError once that has ended."""
        return await asyncio.wrap_future(self._ask(question))

    @property
    def dropped(self) -> int:
        """How many samples and events were given up because there was no room in memory."""
        return self._backlog.dropped

    @property
    def status(self) -> str:
        """What keeps the records from being kept, and what to do; "" while all is well."""
        if self._silent and self._restored is None and self._trouble.fault is None:
            return f"not saved: {self._silence}"
        return self._trouble.status(self.dropped)

    @property
    def _silence(self) -> str:
        why = f"{self._path} can't be opened: no answer within {_START_SECONDS:g} s"
        return f"{why}; bring back the disk or the file server it lies on"

    def take_notices(self) -> tuple[str, ...]:
        """What happened to the records since the last call."""
        with self._wake:
            notices = tuple(self._notices)
            self._notices.clear()
        return notices

    def _ask(self, question: Callable[[], T]) -> Future[T]:
        answer: Future[T] = Future()
        with self._wake:
            if self._closed:
                answer.set_exception(RuntimeError("the records are closed"))
            else:
                self._questions.append((question, answer))  # type: ignore[arg-type]
            self._wake.notify()
        return answer

    def _notice(self, what: str) -> None:
        with self._wake:
            self._notices.append(what)

    # -- the thread, round by round

    def _run(self) -> None:
        self._attempt(self._open)
        while True:
            self._wait()
            self._answer_questions()
            fault = self._trouble.fault
            if fault is not None and fault.fault is Fault.BROKEN:
                self._shut()  # until now it may have answered questions; a fresh start may write
            if self.records is None:
                self._attempt(self._open)
            if self.records is not None:
                self._attempt(self._commit)
            if self._trouble.fault is None:
                self._trouble.lasting(self._steady(), self.dropped)
                self._attempt(lambda: self.upkeep.go_on(self.records))
            with self._wake:
                if self._closing and (self._trouble.fault is not None or not self._backlog):
                    break
        with self._wake:
            self._closed = True  # from here on no question comes in
        self._answer_questions()
        self._shut()

    def _wait(self) -> None:
        """Sleep until there is something to do; gather a sweep's pieces for a moment."""
        with self._wake:
            if self._trouble.fault is not None:
                self._wake.wait_for(self._urgent, timeout=self._trouble.retry_seconds)
                return
            pause = None
            if self.upkeep.untidy:
                pause = _PAUSE_SECONDS
            elif self._trouble.unfinished:
                pause = LASTING_SECONDS
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
        self._trouble.begun(fault)
        if fault.fault is Fault.CORRUPT:
            self._suspect = True
        if fault.fault in UNREADABLE:
            self._shut()

    # -- the file, opened and shut

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
        records = self.records = Records.open(self._path)
        self._restored = Restored(
            records.load_board(),
            records.saved_until(),
            records.last_event_id(),
            records.events(limit=EVENTS_KEPT),
        )
        self.saved_until = self._restored.saved_until

    def _shut(self) -> None:
        if self.records is not None:
            records, self.records = self.records, None
            with suppress(RecordsError):  # it is given up because it does not work
                records.close()

    def _set_aside(self) -> None:
        aside = set_aside(self._path, self._clock())
        self._suspect = False
        self._notice(f"records were corrupt and begin anew; what there was is kept as {aside}")

    # -- what waits, committed

    def _commit(self) -> None:
        """Write what waits, in bounded transactions; it leaves memory only when it is kept."""
        records = self.records
        assert records is not None
        while records is self.records:  # a question may find it corrupt and give it up
            with self._wake:
                batch = self._backlog.batch(_BATCH)
            if batch or self._trouble.fault is not None:
                # Events first: "not watching 02:10–02:14" must not be lost behind the first samples
                # after that gap, for it is then never told.
                records.append_events(batch.events)
                records.append_ticks(batch.ticks)
                if batch.board is not None:
                    records.save_board(*batch.board)
                records.sync()
            if batch.ticks:
                self.saved_until = batch.ticks[-1].at
            with self._wake:
                self._backlog.forget(batch)
            self._trouble.passed(self._steady())
            if not batch:
                return
            self._answer_questions()

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

    def read(self, question: Callable[[Records], T], otherwise: T) -> T:
        """As `asked`, for what runs in the thread already; `status` says why it can't be read."""
        if self.records is None:
            return otherwise
        try:
            return question(self.records)
        except RecordsError as fault:
            self._fail(fault)
            return otherwise
