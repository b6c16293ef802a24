"""A desk of runs without a watch around it: hosts are folders, and time is what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from estate.file import read_estate
from estate.model import Estate
from estate.runs import RunRow
from runbooks.execution import Clocks
from runbooks.reading.file import read_runbook
from runbooks.runbook import Runbook
from storage.runs import RunFolder
from tests.runbooks.local import Calm, LocalHosts
from watch.runs.desk import RunDesk, ShowsRuns
from watch.runs.means import RunMeans

T0 = 1_800_000_000_000


def estate(**groups: str) -> Estate:
    """Hosts at one site, and the group that each is in."""
    hosts = "".join(f"  {host}: {{site: a, groups: [{group}]}}\n" for host, group in groups.items())
    text = f"estate: x\ntimezone: UTC\nsites: {{a: {{role: primary}}}}\nhosts:\n{hosts}"
    return read_estate(text, "estate.yaml")


def _one_host() -> Estate:
    return estate(h1="g")


def _nonces() -> Iterator[str]:
    while True:
        yield uuid4().hex[:8]


def within(
    tmp_path: Path,
    play: Callable[[RunDesk], Awaitable[None]],
    *books: str,
    estate: Callable[[], Estate] = _one_host,
    nonces: Iterator[str] | None = None,
    now: Callable[[], int] = lambda: T0,
    away: Collection[str] = (),
    show: ShowsRuns = lambda rows, changed: None,
    files: Mapping[str, bytes] = MappingProxyType({"site.yml": b"mine"}),
) -> None:
    """Play at a desk over the folder of runs there, with these runbooks and the files beside."""
    nonces = nonces or _nonces()
    known = {book.name: book for book in (read_runbook(text, "a.yaml") for text in books)}

    def library(name: str) -> tuple[Runbook, Mapping[str, bytes]]:
        return known[name], files

    async def opened() -> None:
        means = RunMeans(
            RunFolder(tmp_path / "runs"),
            LocalHosts(tmp_path / "hosts", away=set(away)),
            Calm(),
            Clocks(now, asyncio.get_running_loop().time),
            estate,
            library,
            lambda: next(nonces),
        )
        desk = RunDesk(means, show)
        await desk.resume_all()
        try:
            await play(desk)
        finally:
            await desk.close()

    asyncio.run(opened())


async def until(desk: RunDesk, run: str, holds: Callable[[RunRow], bool]) -> RunRow:
    """The row of a run once it is so; 30 s at most."""
    async with asyncio.timeout(30):
        while not holds(row := (await desk.view(run)).row):
            await asyncio.sleep(0.02)
    return row
