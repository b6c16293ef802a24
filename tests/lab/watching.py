"""The real watch, standing in the operations network, asked over its own socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from estate.document import Document, Event, HostDetail, HostRow, Problem
from estate.wire import document_from_json, from_json
from storage.database import RecordsError
from storage.runindex import RunIndex
from tests.lab import consoles
from tests.lab.consoles import Console
from tests.lab.rig import Lab
from watch.client import Client
from watch.error import WatchError
from watch.process import Place, place_in

SECONDS = 60.0
"""There is time for a busy machine; nothing here says how fast something has to be."""


class Watching:
    """A running watch. What is asked for is what its API says, and nothing else."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.client = Client(place.socket)

    def board(self) -> Document:
        return document_from_json(self.client.get("/v1/board"))

    def row(self, host: str) -> HostRow:
        return self.board().hosts[host]

    def detail(self, host: str) -> HostDetail:
        return from_json(HostDetail, self.client.get(f"/v1/hosts/{host}")["detail"])

    def problems(self) -> tuple[Problem, ...]:
        return self.board().problems

    def events(self) -> tuple[Event, ...]:
        return self.board().events

    def refresh(self, host: str | None = None) -> None:
        """Try, sample and probe now."""
        self.client.post("/v1/refresh", {"host": host})

    def until(
        self,
        names: Iterable[str],
        holds: Callable[[HostRow], bool],
        *,
        seconds: float = SECONDS,
        hurry: bool = False,
    ) -> Mapping[str, HostRow]:
        """Wait until `holds` for each of these hosts; their rows then. With `hurry`, hosts for
        which it does not hold yet are tried again every second, whatever their back-off."""
        wanted, deadline = list(names), time.monotonic() + seconds
        hurried = time.monotonic()
        while True:
            hosts = self.board().hosts
            left = [hosts[name] for name in wanted if not holds(hosts[name])]
            if not left:
                return {name: hosts[name] for name in wanted}
            assert time.monotonic() < deadline, "\n".join(map(_told, left))
            if hurry and time.monotonic() - hurried > 1:
                hurried = time.monotonic()
                for row in left:
                    self.refresh(row.name)
            time.sleep(0.1)

    def eventually(self, found: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        """Wait until `found()` is true; what it gave then."""
        deadline = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < deadline, f"{what}; there is\n" + "\n".join(
                f"{each.where}: {each.what}" for each in self.problems()
            )
            time.sleep(0.1)
        return value


@contextmanager
def watching_hosts(
    lab: Lab, names: Iterable[str], directory: Path, *, also: str = ""
) -> Iterator[Watching]:
    """A watch over these hosts only, all of them live; `also` is more of its estate file."""
    names = list(names)
    (directory / "console").mkdir(mode=0o700, parents=True)
    places = [lab.places[name] for name in names]
    console = consoles.write(directory / "console", places, lab.credentials, also=also)
    with watching(lab, console, directory / "watch") as watch:
        watch.until(names, lambda row: row.reach == "live")
        yield watch


@contextmanager
def watching(
    lab: Lab, console: Console, directory: Path, *, inside: Sequence[str] = ()
) -> Iterator[Watching]:
    """A watch over `console`'s estate, with everything of its own in `directory`.

    It stands in the operations network, or `inside` another (the words before its command).
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = place_in(directory)
    command = [sys.executable, "-m", "watch", "--estate", str(console.estate), *place.arguments()]
    with (directory / "stderr").open("w") as complaints:
        process = subprocess.Popen(
            [*(inside or lab.in_ops()), *command],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stderr=complaints,
            # No agent and no settings of whoever runs the tests.
            env={"PATH": os.environ["PATH"], "HOME": str(directory)},
        )
    try:
        watch = Watching(place)
        deadline = time.monotonic() + SECONDS
        while not _answers(watch):
            assert process.poll() is None, (directory / "stderr").read_text()
            assert time.monotonic() < deadline, "the watch did not answer"
            time.sleep(0.05)
        yield watch
        _until_put_away(watch)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_put_away(watch: Watching) -> None:
    """Until runs that ended have given their locks on hosts back, which they do right after: the
    next test's watch has never heard of them. Where a host is gone they can't: not for long."""
    index = RunIndex(watch.place.records.parent / "runs" / "index.db")
    deadline = time.monotonic() + 5
    with suppress(WatchError, RecordsError):  # a test may have ended it
        while time.monotonic() < deadline:
            rows = watch.client.get("/v1/runs")
            ended = {row["id"] for row in rows if row.get("ended_at") is not None}
            if not ended or ended <= index.rows().keys():
                return
            time.sleep(0.05)


def _answers(watch: Watching) -> bool:
    try:
        watch.client.get("/v1/status")
    except WatchError:
        return False
    return True


def _told(row: HostRow) -> str:
    cause = f": {row.cause.what}" if row.cause else ""
    return f"{row.name} is {row.reach}{cause}"
