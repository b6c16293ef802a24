"""A real watch over hosts that nobody can reach: enough for everything but samples."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watch.client import Client
from watch.process import Place, ensure, place_in
from watch.source import Source

ESTATE = """\
estate: Test
every: 1s
sites:
  central: {name: Central, role: primary}
hosts:
  "h[1:3]": {site: central, groups: [mta], address: "127.0.0.[1:3]", port: 1}
"""


def until(what: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for `what` to be true; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it may go while it is read
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def started(place: Place, source: Source) -> Client:
    """A client of the watch at `place`; there is time for a busy machine to start it."""
    return ensure(place, source, wait_seconds=60.0)


@pytest.fixture
def estate_file(tmp_path: Path) -> Path:
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE)
    path.chmod(0o600)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place for one watch; whatever watch is left there is ended."""
    found = place_in(tmp_path / "place")
    yield found
    if found.lock.exists() and (pid := found.lock.read_text().strip()) and alive(int(pid)):
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: not alive(int(pid)))
