"""The keeper: the watch's way to the records.

The watch puts samples and events and goes on; a thread commits them within a quarter of a second
(`recordsthread`). Nothing here ever raises into the watch: `status` says what is wrong. Only what
`saved_until` covers may be shown as saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from estate.attention import Kept
from estate.document import Event
from estate.ledger.book import Batch, KeptRound, Pages
from estate.ledger.sightings import Sighting
from estate.metrics import INDEX
from estate.model import Retention
from estate.past import Moment
from estate.queues import QueueFigures
from estate.samples import Sample
from estate.schedule import KeptSchedule
from storage.charts import Point, Span, sketch
from storage.keys import END_OF_TIME
from storage.queues import POSITIONS, queues_among, series_of, tick_of
from storage.records import Board, concerns
from storage.recordsthread import RecordsThread, Restored


class Keeper:
    """Keeps samples, events, the board and all else that has a date, at `path`.

    `clock` gives UTC milliseconds, `steady` seconds by a clock that is never set. Methods may be
    called from any thread; only `start` and `close` ever wait.
    """

    def __init__(
        self,
        path: Path | str,
        retention: Retention,
        clock: Callable[[], int],
        steady: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._thread = RecordsThread(Path(path), retention, clock, steady)

    # -- the start and the end

    def start(self) -> Restored:
        """Open the records and give what they remember; waits 5 s at most, and never raises."""
        return self._thread.start()

    def close(self) -> None:
        """Commit what waits, close the file, end the thread; waits 5 s at most."""
        self._thread.close()

    # -- how it is

    @property
    def retention(self) -> Retention:
        """For how long what is kept. Another counts from the next step of upkeep on."""
        return self._thread.upkeep.retention

    @retention.setter
    def retention(self, retention: Retention) -> None:
        self._thread.upkeep.retention = retention

    @property
    def saved_until(self) -> int | None:
        """When the last sample was taken that is on the disk; None before there is one."""
        return self._thread.saved_until

    @property
    def dropped(self) -> int:
        """How many samples and events were given up because there was no room in memory."""
        return self._thread.dropped

    @property
    def status(self) -> str:
        """What keeps the records from being kept, and what to do; "" while all is well."""
        return self._thread.status

    def take_notices(self) -> tuple[str, ...]:
        """What happened to the records since the last call, for the watch's events."""
        return self._thread.take_notices()

    async def check(self) -> tuple[str, ...]:
        """What is wrong with the file, as sentences; nothing is committed meanwhile."""
        return await self._thread.asked(lambda r: r.check(), (self.status,))

    async def tidy(self) -> int:
        """Compact and prune all there is to do now; how many steps it took.

        Step by step, so that samples go on being kept. Raises RecordsError where a step fails.
        """
        thread, steps = self._thread, 0
        while await thread.answer(lambda: thread.upkeep.step(thread.records)):
            steps += 1
        return steps

    # -- put, and committed soon

    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        """Take `samples` and `events` to be committed."""
        fit = [sample for sample in samples if 0 <= sample.at < END_OF_TIME]
        with self._thread.waiting() as backlog:
            backlog.dropped += len(samples) - len(fit)
            backlog.put(fit, events)

    def put_queues(self, figures: Iterable[QueueFigures]) -> None:
        """Take figures of queues to be committed."""
        ticks = [tick_of(each) for each in figures if 0 <= each.at < END_OF_TIME]
        if ticks:
            with self._thread.waiting() as backlog:
                backlog.put_ticks(ticks)

    def save_board(self, document: bytes) -> None:
        """Take the board as it is now (JSON), in place of one that still waits."""
        with self._thread.waiting() as backlog:
            backlog.put_board(Board(self._clock(), document))

    # -- samples and events, with what still waits in memory

    async def series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> list[Point]:
        """A chart as `Records.series` gives it, with what still waits in memory.

        Where the file can't be read it is made of that alone. An unknown metric raises KeyError.
        """
        position = INDEX[metric]
        return await self._thread.answer(lambda: self._chart(host, position, start, end, points))

    async def whole_series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> list[Point] | None:
        """As `series`, None where the file can't be read: for what is put down for good."""
        position = INDEX[metric]
        return await self._thread.answer(
            lambda: self._drawn(host, position, Span(start, end, points))
        )

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> list[Point]:
        """A chart of a queue, as `series` gives one of a host."""
        position, name = POSITIONS[metric], series_of(key)
        return await self._thread.answer(lambda: self._chart(name, position, start, end, points))

    async def queues(self) -> tuple[str, ...]:
        """The key of every queue that was ever looked at; none where that can't be read."""
        return await self._thread.asked(lambda r: queues_among(r.all_series()), ())

    def _chart(self, series: str, position: int, start: int, end: int, points: int) -> list[Point]:
        if end <= start or points < 1:
            return []
        span = Span(start, end, points)
        found = self._drawn(series, position, span)
        return sketch(self._unsaved(series, position), span) if found is None else found

    def _drawn(self, series: str, position: int, span: Span) -> list[Point] | None:
        unsaved = self._unsaved(series, position)
        nothing: list[Point] | None = None
        return self._thread.read(
            lambda r: r.drawn(series, position, *span, unsaved=unsaved), nothing
        )

    def _unsaved(self, series: str, position: int) -> list[tuple[int, float]]:
        with self._thread.waiting() as backlog:
            ticks = backlog.ticks(series)
        return [(tick.at, tick.value(position)) for tick in ticks]

    async def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """Events at or after `since` (UTC ms), newest first, of one host or of all."""
        return await self._thread.answer(lambda: self._recent_events(since, limit, host))

    def _recent_events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        with self._thread.waiting() as backlog:
            waiting = backlog.events()
        unsaved = {e.id: e for e in waiting if e.at >= since and concerns(e.where, host)}
        nothing: tuple[Event, ...] = ()
        kept = self._thread.read(lambda r: r.events(since, limit, host), nothing)
        saved = {e.id: e for e in kept}
        newest_first = sorted((saved | unsaved).items(), reverse=True)
        return tuple(event for _, event in newest_first[:limit])

    async def samples(self, host: str, start: int, end: int) -> list[tuple[int, tuple[float, ...]]]:
        """All samples in [start, end), for an export: ask for an hour or a few at a time."""
        return await self._thread.asked(lambda r: list(r.samples(host, start, end)), [])

    async def hosts(self) -> tuple[str, ...]:
        """Every host that was ever sampled, first seen first; none where that can't be read."""
        return await self._thread.asked(lambda r: r.hosts(), ())

    # -- the ledger

    async def keep_ledger(self, batch: Batch) -> bool:
        """Whether `batch` is on the disk, whole; if not, `status` says why, and it may be put down
        again: what was kept already stays as it is."""
        return await self._thread.asked(lambda r: r.append_ledger(batch), False)

    async def ledger(self, start: int, end: int) -> Pages | None:
        """The ledger of [start, end), UTC ms; None where the records can't be read."""
        return await self._thread.asked(lambda r: r.ledger(start, end), None)

    async def rounds(self, service: str, start: int, end: int, most: int) -> list[KeptRound]:
        """The kept rounds of a service, the oldest first, `most` at most."""
        return await self._thread.asked(lambda r: r.rounds(service, start, end, most), [])

    async def journal(self, vantage: str, since: int, most: int) -> list[Sighting]:
        """What a vantage saw, by the numbers of its journal; only what is on the disk."""
        return await self._thread.asked(lambda r: r.journal(vantage, since, most), [])

    # -- what people said of problems

    async def keep_attention(self, kept: Kept) -> bool:
        """Whether what people said of problems is on the disk, whole; may be put down again."""
        return await self._thread.asked(lambda r: r.put_attention(kept), False)

    async def attention(self) -> Kept | None:
        """What people said of problems and holds; None where the records can't be read."""
        return await self._thread.asked(lambda r: r.attention(), None)

    # -- boards of the past

    async def keep_picture(self, moment: Moment, document: bytes) -> bool:
        """Whether the board at `moment` (JSON) is kept beside those of other moments."""
        return await self._thread.asked(lambda r: r.keep_picture(moment, document), False)

    async def picture(self, at: int) -> bytes | None:
        """The last board that was kept at or before `at`, as JSON; None where there is none."""
        return await self._thread.asked(lambda r: r.picture(at), None)

    async def moments(self, start: int, end: int, most: int) -> list[Moment]:
        """Of which moments in [start, end) boards are kept, newest first, `most` at most."""
        return await self._thread.asked(lambda r: r.moments(start, end, most), [])

    async def keep_schedule(self, kept: KeptSchedule) -> bool:
        """Whether `kept` is on the disk; one that is the last one already is not written again."""
        return await self._thread.asked(lambda r: r.keep_schedule(kept), False)

    async def schedules(self, start: int, end: int) -> list[KeptSchedule]:
        """All that bear on [start, end), UTC ms, in the order in which they were put down."""
        return await self._thread.asked(lambda r: r.schedules(start, end), [])
