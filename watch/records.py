"""The records as a whole: whether they are sound, what is in them, and tidying them now.

A watch that runs is asked (`RecordsInUse`, through its keeper, while samples go on being kept);
without one the file is read as it lies (`RecordsAtRest`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from estate.model import Retention
from watch.clock import steady_seconds
from watch.error import WatchError

if TYPE_CHECKING:
    from storage.export import Row
    from storage.records import Records

#: What an export may be: lines of CSV under a heading, or a JSON object a line.
FORMS: Mapping[str, str] = {"csv": "text/csv", "jsonl": "application/jsonl"}
#: Samples are read and written out an hour of a host at a time.
HOUR_MS = 3_600_000
#: Samples may be kept for so much longer than they have to be.
DAY_MS = 24 * HOUR_MS


class Keeps(Protocol):
    """What is needed of the keeper."""

    retention: Retention

    @property
    def status(self) -> str: ...
    async def check(self) -> tuple[str, ...]: ...
    async def tidy(self) -> int: ...
    async def hosts(self) -> tuple[str, ...]: ...
    async def samples(
        self, host: str, start: int, end: int
    ) -> Sequence[tuple[int, tuple[float, ...]]]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: samples in [start, end), UTC ms, of `hosts`, or of all if there are none."""

    start: int
    end: int
    hosts: tuple[str, ...] = ()
    form: str = "csv"


class RecordsInUse:
    """The records that a watch keeps at `path`."""

    def __init__(self, keeper: Keeps, path: Path) -> None:
        self._keeper = keeper
        self._path = path

    async def check(self) -> dict[str, object]:
        """Read everything and say what is wrong; nothing is saved meanwhile, nor lost."""
        return _checked(self._path, await self._keeper.check())

    async def prune(self) -> dict[str, object]:
        """Compact and prune all there is to do now; WatchError where that can't be done."""
        from storage.database import RecordsError

        what = "the records can't be pruned"
        if self._keeper.status:
            raise WatchError(what, str(self._path), self._keeper.status, "see twinwatch doctor")
        before = _bytes(self._path)
        try:
            steps = await self._keeper.tidy()
        except RecordsError as error:
            raise WatchError(what, str(self._path), error.what, error.todo) from error
        after = _bytes(self._path)
        said = {"steps": steps, "bytes_before": before, "bytes": after}
        return {"records": str(self._path), **said}

    async def export(self, wanted: Wanted) -> AsyncIterator[str]:
        """What is wanted, as text in pieces; raises WatchError for a host that has no records."""
        known = await self._keeper.hosts()
        return self._pieces(wanted, _chosen(wanted.hosts, known, self._path))

    async def _pieces(self, wanted: Wanted, hosts: tuple[str, ...]) -> AsyncIterator[str]:
        yield _heading(wanted.form)
        begin = max(wanted.start, wanted.end - self._keeper.retention.chunks_ms - DAY_MS)
        for host in hosts:
            for start in range(begin, wanted.end, HOUR_MS):
                end = min(start + HOUR_MS, wanted.end)
                found = await self._keeper.samples(host, start, end)
                if not found:
                    continue
                rows = [(host, at, values) for at, values in found]
                began = steady_seconds()
                text = await asyncio.to_thread(_text, rows, wanted.form)
                took = steady_seconds() - began
                yield text
                await asyncio.sleep(took)  # writing computes: the hosts have as long for themselves


class RecordsAtRest:
    """The records at `path` of a watch that does not run. Raises WatchError if they can't be read.

    They are not tidied here: the watch knows for how long they are to be kept, and whether its
    clock is to be believed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> dict[str, object]:
        """Read everything and say what is wrong."""
        from storage.database import Fault, RecordsError
        from storage.records import Records

        self._find()
        try:
            records = Records.open(self._path)
        except RecordsError as error:
            if error.fault is not Fault.CORRUPT:
                raise _unreadable(self._path, error) from error
            return _checked(self._path, (error.what,))
        with _reading(self._path, records):
            return _checked(self._path, records.check())

    def export(self, wanted: Wanted) -> Iterator[str]:
        """What is wanted, as text in pieces; raises WatchError for a host that has no records."""
        from storage.database import RecordsError
        from storage.records import Records

        self._find()
        try:
            records = Records.open(self._path)
        except RecordsError as error:
            raise _unreadable(self._path, error) from error
        with _reading(self._path, records):
            hosts = _chosen(wanted.hosts, records.hosts(), self._path)
            yield _heading(wanted.form)
            for host in hosts:
                found = records.samples(host, wanted.start, wanted.end)
                yield from _lines(((host, *each) for each in found), wanted.form)

    def _find(self) -> None:
        try:
            self._path.stat()
        except FileNotFoundError:
            what, why = "there are no records", "no watch has kept any there"
            raise WatchError(what, str(self._path), why, "start one: twinwatch watch") from None
        except OSError as error:
            what, why = "the records can't be read", error.strerror or str(error)
            do = "ask as the user whose they are, or start the watch"
            raise WatchError(what, str(self._path), why, do) from error


@contextmanager
def _reading(path: Path, records: Records) -> Iterator[None]:
    from storage.database import RecordsError

    try:
        yield
    except RecordsError as error:
        raise _unreadable(path, error) from error
    finally:
        records.close()


def _unreadable(path: Path, error: Exception) -> WatchError:
    what, _, todo = str(error).partition("; ")
    return WatchError("the records can't be read", str(path), what, todo)


def _checked(path: Path, problems: Sequence[str]) -> dict[str, object]:
    return {"records": str(path), "bytes": _bytes(path), "problems": list(problems)}


def _bytes(path: Path) -> int:
    """What the file and its log take on the disk."""
    parts = (path, path.with_name(path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _chosen(wanted: tuple[str, ...], known: tuple[str, ...], path: Path) -> tuple[str, ...]:
    for name in wanted:
        if name not in known:
            close = get_close_matches(name, known, 1)
            do = f"did you mean {close[0]}?" if close else "leave hosts out to export all"
            why = f"{path} has nothing of it"
            raise WatchError("no such host", name, why, do, status=404)
    return wanted or tuple(sorted(known))


def _heading(form: str) -> str:
    from storage.export import as_csv

    return next(as_csv(())) if form == "csv" else ""


def _lines(rows: Iterable[Row], form: str) -> Iterator[str]:
    """A line for each of `rows`."""
    from storage.export import as_csv, as_json_lines

    if form == "jsonl":
        yield from as_json_lines(rows)
        return
    lines = as_csv(rows)
    next(lines)  # the heading
    yield from lines


def _text(rows: Iterable[Row], form: str) -> str:
    return "".join(_lines(rows, form))
