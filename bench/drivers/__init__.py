"""Clients under measurement, each a process of its own: `python -m bench.drivers.NAME`.

A driver reads its `Work` as JSON on stdin, does it, and tells its `Result` as JSON on stdout. It
measures itself: only what the client spends counts, not the servers. Drivers of peers run in the
peers' environment, so this file needs the standard library alone.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Work:
    """What is to be done: connect to `hosts` and get a first answer from each; then `warm_up`
    sweeps that do not count (caches fill), `sweeps` that do, and `idle_seconds` of nothing. A
    `batch` of hosts is taken at once, and the next when all of it is done; 0: all are.

    `once` is the command of peers that start one each time; `sampler` is the resident one.
    """

    hosts: list[str]
    port: int
    user: str
    key: str
    known_hosts: str
    ssh_config: str
    once: str
    sampler: str
    warm_up: int = 3
    sweeps: int = 0
    idle_seconds: float = 0.0
    batch: int = 0

    def rounds(self) -> range:
        """All sweeps, the uncounted ones first."""
        return range(self.warm_up + self.sweeps)


@dataclass
class Result:
    """Seconds of each measured sweep, of connecting, and processor seconds a second of idling."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    connect_wall: float = 0.0
    connect_cpu: float = 0.0
    idle: float | None = None

    @contextmanager
    def connecting(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), spent()
        yield
        self.connect_wall, self.connect_cpu = time.perf_counter() - wall, spent() - cpu

    @contextmanager
    def sweep(self) -> Iterator[None]:
        """Measure one sweep."""
        wall, cpu = time.perf_counter(), spent()
        yield
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(spent() - cpu)

    def tell(self, work: Work) -> None:
        """Print the result, the warm-up left out."""
        self.wall, self.cpu = self.wall[work.warm_up :], self.cpu[work.warm_up :]
        print(json.dumps(asdict(self)))


def spent() -> float:
    """Processor seconds of this process, all its threads, to the microsecond."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read_work() -> Work:
    """The work that was sent on stdin."""
    return Work(**json.load(sys.stdin))


def drive(interpreter: Path, name: str, work: Work, *options: str, seconds: float) -> Result:
    """Run driver `name` with `options` on `work` and return what it measured.

    Raises RuntimeError with the driver's last words when it fails or takes over `seconds`.
    """
    try:
        done = subprocess.run(
            [interpreter, "-m", f"bench.drivers.{name}", *options],
            input=json.dumps(asdict(work)),
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"not done after {seconds:g} s") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise RuntimeError(said[-1] if said else f"ended with status {done.returncode}")
    return Result(**json.loads(done.stdout))
