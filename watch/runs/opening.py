"""The runs of a watch, put together; imported once the board is on its way."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex

from collectors.calls import Calls, Ways
from estate.document import Document, Problem
from estate.model import Estate
from estate.runs import ChangedHosts, RunRow
from runbooks.execution import Clocks
from runbooks.recording import Point, no_point
from runbooks.runbook import Runbook
from storage.runs import RunFolder
from watch.clock import now_ms, steady_seconds
from watch.runbookfiles import files_beside, find, places
from watch.runs.aftermath import Aftermath, GivesSeries
from watch.runs.ansible import Ansible
from watch.runs.askers import ProbeFromHere, TlsFromHere
from watch.runs.desk import RunDesk
from watch.runs.means import RunMeans
from watch.runs.rooms import BoardSituation, CalledHosts, months_left
from watch.runs.telling import RunTelling, Says, no_run_begins
from watch.source import Source

#: Shows rows, what those runs have changed that go on, and what keeps any run from beginning.
ShowsRunsAndProblems = Callable[
    [tuple[RunRow, ...], tuple[ChangedHosts, ...], tuple[Problem, ...]], None
]

_log = logging.getLogger("watch.runs")


class OpenRuns:
    """The desk of runs, the calls that they are made with, and what is measured after each."""

    def __init__(
        self,
        source: Source,
        records: Path,
        *,
        ways: Ways,
        estate: Callable[[], Estate],
        document: Callable[[], Document],
        show: ShowsRunsAndProblems,
        say: Says,
        series: GivesSeries,
        at_point: Point | None = None,
    ) -> None:
        self._calls = Calls(ways)

        def library(name: str) -> tuple[Runbook, Mapping[str, bytes]]:
            where = places(os.environ, None if source.ssh else Path(source.path))
            runbook = find(name, where)
            return runbook, files_beside(runbook)

        clocks = Clocks(now_ms, steady_seconds)
        folder = RunFolder(records.parent / "runs")
        means = RunMeans(
            folder=folder,
            hosts=CalledHosts(self._calls),
            situation=BoardSituation(document, now_ms),
            clocks=clocks,
            estate=estate,
            library=library,
            nonce=lambda: token_hex(4),  # other watches begin runs on the same hosts in this minute
            askers={"tls": TlsFromHere(), "probe": ProbeFromHere(estate, clocks)},
            player=Ansible(ways),
            left=lambda: months_left(document(), now_ms()),
            at_point=at_point or no_point,
        )
        telling = self._telling = RunTelling(say, document)

        def shown(rows: tuple[RunRow, ...], changed: tuple[ChangedHosts, ...]) -> None:
            telling.look(rows)
            problems = no_run_begins(desk.unread, document().watch.started_at)
            show(rows, changed, tuple(problems))

        self.desk = desk = RunDesk(means, shown, telling)
        self._aftermath = Aftermath(folder, desk.all_rows, desk.view, series, now_ms)
        self._following: asyncio.Task[None] | None = None

    async def resume(self) -> None:
        """Go on with every run that has not ended; a defect of ours costs them, not the board."""
        self._following = asyncio.create_task(self._aftermath.follow(), name="aftermath")
        try:
            await self.desk.resume_all()
        except Exception:
            _log.exception("a defect of twinwatch: runs were not resumed")
        self._telling.open(self.desk.rows())

    async def close(self) -> None:
        """Stop every run where it is, for the next watch to go on with, and leave the hosts."""
        if self._following is not None:
            self._following.cancel()
        await self.desk.close()
        self._calls.close()
