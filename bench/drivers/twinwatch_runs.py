"""Ours: a run of one step on all hosts, at once or rolling, recorded as the watch records it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from bench.drivers import Result, Work, read_work
from bench.drivers.twinwatch import estate_of
from collectors.calls import Calls
from collectors.collection import Collection
from estate.runs import ChangedHosts, RunRow
from runbooks.execution import Clocks
from runbooks.progress.entries import entry_from_json
from runbooks.progress.facts import GoIntended, Judged
from runbooks.reading.file import read_runbook
from runbooks.runbook import Runbook
from storage.runs import RunFolder
from watch.error import WatchError
from watch.runs.desk import RunDesk
from watch.runs.means import RunMeans
from watch.runs.rooms import CalledHosts

RUNBOOK = """\
runbook: bench
title: Do nothing, on the record
version: 1
hosts:
  all: {site: here}
steps:
  - do: Nothing
    id: nothing
    hosts: all
    sh: "true"
    repeat: safe
    timeout: 60s
"""

ROLLING = """\
runbook: bench
title: Do nothing, a few hosts at a time, on the record
version: 1
hosts:
  all: {{site: here}}
steps:
  - rolling: Nothing
    id: rolled
    hosts: all
    batch: {batch}
    each:
      - do: Nothing
        id: nothing
        sh: "true"
        repeat: safe
        timeout: 60s
"""

ENDED = ("succeeded", "failed", "needs-decision")


class Well:
    """Every host is well."""

    def survey(
        self, hosts: Sequence[str], pause_when: Sequence[str]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        return frozenset(hosts), ()


class Bench:
    """A desk of runs, and what its rows say."""

    def __init__(self, work: Work, folder: Path) -> None:
        where = estate_of(work)
        self.collection = Collection(where, lambda seen: None, clock=now, probes={})
        self.calls = Calls(self.collection)
        self.folder = RunFolder(folder)
        self.changed = asyncio.Event()
        self.rows: dict[str, RunRow] = {}
        text = ROLLING.format(batch=work.batch) if work.batch else RUNBOOK
        book = read_runbook(text, "bench")

        def library(name: str) -> tuple[Runbook, Mapping[str, bytes]]:
            return book, {}

        means = RunMeans(
            folder=self.folder,
            hosts=CalledHosts(self.calls),
            situation=Well(),
            clocks=Clocks(now, time.monotonic),
            estate=lambda: where,
            library=library,
            nonce=lambda: token_hex(2),
        )
        self.desk = RunDesk(means, self._show)

    def _show(self, rows: tuple[RunRow, ...], _changed: tuple[ChangedHosts, ...]) -> None:
        self.rows = {row.id: row for row in rows}
        self.changed.set()

    async def run(self) -> str:
        """One run, to its last verdict."""
        run = (await self.desk.start("bench", {}, "bench")).id
        while (state := self._state(run)) not in ENDED:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 120)
        if state != "succeeded":
            raise SystemExit(f"the run {state}: {self.rows[run]}")
        return run

    async def tidied(self, run: str) -> None:
        """Until nothing of it is left on its hosts."""
        while self._state(run) not in ENDED or self._is_open(run):
            await asyncio.sleep(0.05)

    def _state(self, run: str) -> str:
        return self.rows[run].state if run in self.rows else ""

    def _is_open(self, run: str) -> bool:
        try:
            self.desk.open_run(run)
        except WatchError:
            return False
        return True

    def verdicts(self, run: str) -> list[float]:
        """Seconds from go to verdict, of each host, by the run's own record."""
        began: dict[object, int] = {}
        took: list[float] = []
        for entry in map(entry_from_json, self.folder.read(run)):
            if isinstance(entry.fact, GoIntended):
                began[entry.fact.task] = entry.at
            elif isinstance(entry.fact, Judged) and entry.fact.task in began:
                took.append((entry.at - began[entry.fact.task]) / 1000)
        return took


def now() -> int:
    return time.time_ns() // 1_000_000


async def main() -> None:
    work, result = read_work(), Result()
    verdicts: list[float] = []
    with TemporaryDirectory(prefix="runs-", dir=sys.argv[1]) as folder:
        bench = Bench(work, Path(folder))
        await bench.collection.start()
        with result.connecting():
            run = await bench.run()
        for _ in work.rounds():
            await bench.tidied(run)
            with result.sweep():
                run = await bench.run()
            verdicts += bench.verdicts(run)
        await bench.tidied(run)
        result.tell(work)
        (Path(sys.argv[1]) / "verdicts").write_text(json.dumps(verdicts))
        await bench.desk.close()
        bench.calls.close()
        await bench.collection.close()


if __name__ == "__main__":
    asyncio.run(main())
