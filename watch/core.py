"""The watch: a live board, what goes on beside it, and the answers to whoever asks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from collectors.blocking import REMEDY, Reads, Unread
from estate.document import Document, Event, HostDetail, Series
from estate.model import Estate
from estate.told import told
from watch import records
from watch.attention.desk import AttentionDesk
from watch.clock import now_ms
from watch.error import WatchError
from watch.estatefile import FILE_SECONDS, EstateFile
from watch.following import EstateFollower
from watch.itself import OwnLoad, own_figures, own_row
from watch.later import Later
from watch.liveboard import LiveBoard
from watch.means import Means, Remembers
from watch.past.keeping import Past
from watch.past.schedules import Schedules
from watch.process import Place
from watch.source import Source
from watch.status import estate_in_numbers, status
from watch.surviving import surviving

if TYPE_CHECKING:
    from watch.handover.desk import HandoverDesk
    from watch.ledger.desk import Desk
    from watch.notices.desk import NoticeDesk
    from watch.readiness.desk import ReadinessDesk
    from watch.runbookfiles import Shelved
    from watch.runs.desk import RunDesk


class Watch:
    """One estate, watched: `run` goes on until `stop`. It is the `Services` of
    `watch.api.application`."""

    def __init__(
        self,
        estate: Estate,
        source: Source,
        place: Place,
        means: Means,
        restored: Remembers,
        *,
        shared: bool = False,
    ) -> None:
        self._source = source
        self._place = place
        self._collection = means.collection
        self._keeper = means.keeper
        self._reads = Reads()
        #: What else is asked anew of a host, or of all, when a person wants it now.
        self.also_refreshed: list[Callable[[str | None], None]] = []
        self.board = LiveBoard(estate, own_row(means.started_at, shared=shared), means, restored)
        self.hub = self.board.hub
        file = EstateFile(source, means.read_estate)
        self.following = EstateFollower(file, means.collection, means.keeper, self.board)
        self._own_load = OwnLoad(means.load_bastion, self.board)
        self.past = Past(means.keeper, lambda: self.document)
        self.schedules = Schedules(
            means.keeper, lambda: self.present_estate, means.started_at, now_ms
        )
        self.records = records.RecordsInUse(means.keeper, place.records)
        self.attending = AttentionDesk(
            means.keeper, self.board, now=now_ms, nonce=lambda: token_hex(4)
        )
        # Opened a moment after the board; who calls one meanwhile waits. Each raises WatchError.
        self.runs: Later[RunDesk] = Later("runs")
        self.ledger: Later[Desk] = Later("ledger")
        self.readiness: Later[ReadinessDesk] = Later("readiness")
        self.handovers: Later[HandoverDesk] = Later("handovers")
        self.notices: Later[NoticeDesk] = Later("notices")

    async def run(self) -> None:
        """Watch until `stop`; whatever was observed is in the records when this returns."""
        chores = [
            asyncio.create_task(surviving(chore, self.board.confess))
            for chore in (
                self.following.follow,
                self._own_load.look,
                self.past.keep,
                self.schedules.keep,
            )
        ]
        try:
            await self.board.run()
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    # --- what people may do -----------------------------------------------------------------------

    @property
    def owner(self) -> int:
        """The uid whose watch this is."""
        return os.getuid()

    @property
    def roles(self) -> Mapping[str, Sequence[str]]:
        """Which Unix groups may do what, by the estate."""
        return self.present_estate.roles

    def refresh(self, host: str | None) -> None:
        """Retry, sample and probe a host now; every host for None."""
        self._collection.refresh(host)
        for refresh in self.also_refreshed:
            refresh(host)

    async def reload(self) -> None:
        """Read the estate file now."""
        await self.following.read()

    def stop(self, by: str) -> None:
        """End `run` soon, on the word of a person."""
        self.board.stop(told("stopped by {name}", name=by))

    # --- what the board knows ---------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The board."""
        return self.board.document

    @property
    def present_estate(self) -> Estate:
        """The estate as the watch follows it now."""
        return self.board.present_estate

    def detail(self, host: str) -> HostDetail | None:
        """What is known of a host besides its row."""
        return self.board.detail(host)

    def now(self) -> int:
        """The watch's clock, UTC ms."""
        return now_ms()

    def status(self) -> dict[str, object]:
        """The watch about itself, and the estate in numbers."""
        return status(
            self.document,
            self.present_estate,
            now_ms(),
            source=self._source,
            place=self._place,
            keeper=self._keeper,
            figures=self.figures(),
        )

    def estate(self) -> dict[str, object]:
        """Where the estate comes from and what is in it."""
        problem = self.board.watch.estate_problem
        return estate_in_numbers(self.present_estate, self._source, problem)

    def figures(self) -> Mapping[str, float]:
        """The watch's own figures, for status and for OpenMetrics."""
        return own_figures(self.hub.listeners, self._keeper.dropped)

    # --- what the records and the machine know ----------------------------------------------------

    async def series(self, host: str, metric: str, start: int, end: int, points: int) -> Series:
        """A chart from the records; what was never measured has no point."""
        found = await self._keeper.series(host, metric, start, end, points)
        return _series(metric, start, end, points, found)

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series:
        """A chart of a queue, as `series` gives one of a host."""
        found = await self._keeper.queue_series(key, metric, start, end, points)
        return _series(metric, start, end, points, found)

    async def queues(self) -> tuple[str, ...]:
        """The key of every queue that the records know."""
        return await self._keeper.queues()

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        """Events from the records, newest first."""
        return await self._keeper.events(since, limit, host)

    async def runbooks(self) -> Sequence[Shelved]:
        """Every runbook there is, wrong ones with what is wrong. Raises SourceError."""
        from watch.runbookfiles import places, shelf

        where = places(os.environ, None if self._source.ssh else Path(self._source.path))
        return await asyncio.to_thread(shelf, where)

    async def doctor(self) -> list[dict[str, str]]:
        """The set-up's problems as the watch sees them."""
        from watch.doctor import examine

        rows = tuple(self.document.hosts.values())
        try:
            findings = await self._reads.read(
                "doctor",
                lambda: examine(self._source, self._place, dict(os.environ), rows),
                FILE_SECONDS,
            )
        except Unread as unread:
            what = "the doctor is stuck"
            raise WatchError(what, unread.path, str(unread), REMEDY, status=504) from None
        return [finding.plain() for finding in findings]


def _series(
    metric: str,
    start: int,
    end: int,
    points: int,
    found: Sequence[tuple[int, float, float, float]],
) -> Series:
    step = max(1, (end - start) // points)
    return Series(metric, start, end, step, tuple((*each,) for each in found))
