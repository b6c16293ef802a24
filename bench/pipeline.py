"""What one sweep costs the watch: `python -m bench.pipeline [--sweeps N] [--json]`.

Every host's line goes all the way: bytes → `SamplerReader` → `Board` → `Records` → JSON for one
console that listens. SSH is not in it (bench.sweep measures that), and no process but this one.
The lines are what the sampler sends: counters that move, three interfaces and devices, four file
systems every twelfth tick. Beside it, in the same run, the same way with the records kept as a
row for each sample through sqlite-utils.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bench.report import Report, run
from bench.storage import RowASample
from collectors.sampler import SamplerReader
from estate.document import WatchRow
from estate.model import Estate, Host, Site
from estate.samples import Gap, Observation, Sample
from estate.thresholds import DEFAULTS
from storage.records import Records
from watch.board import Board
from watch.garbage import look_less
from watch.hub import event, packed

EVERY_MS = 2_000
T0 = 1_795_000_000_000
LOOK_TICKS = 12
STAGES = ("decode", "board", "storage", "stream")


class Keeps(Protocol):
    """Records, ours or a peer's."""

    def append(self, samples: list[Sample]) -> None: ...
    def close(self) -> None: ...


class Machine:
    """One synthetic host, as its sampler's lines. Its loads wander, so every figure changes."""

    def __init__(self, number: int) -> None:
        self._dice = random.Random(number)
        self._uptime = 8_000_000.0 + number
        self._cpu = [10_000_000, 3_000, 4_000_000, 90_000_000, 50_000, 0, 20_000, 0]
        self._rows = [[10**12, 10**11, 0] for _ in range(6)]
        self._used = 40_000_000
        self._tick = 0
        self.hello = f"twinwatch|1|host{number}|Linux 6.1.0|mawk\n".encode()

    def line(self) -> bytes:
        """What it answers to a tick; every twelfth time with a look at its file systems."""
        dice = self._dice
        self._tick += 1
        self._uptime += EVERY_MS / 1000
        busy = dice.randrange(1600)
        for state, jiffies in enumerate((busy // 2, 0, busy // 2, 1600 - busy, dice.randrange(9))):
            self._cpu[state] += jiffies
        for row in self._rows:
            row[0] += dice.randrange(10**7)
            row[1] += dice.randrange(10**7)
        names = ("eth0", "eth1", "bond0", "sda", "sdb", "nvme0n1")
        rows = [f"{name} {a} {b} {c}" for name, (a, b, c) in zip(names, self._rows, strict=True)]
        load = dice.random() * 8
        line = (
            f"t|{self._uptime:.2f}|{load:.2f} {load:.2f} {load:.2f} 3/412"
            f"|{' '.join(map(str, self._cpu))}|8"
            f"|16000000 {dice.randrange(4_000_000, 9_000_000)} 4000000 3900000"
            f"|{dice.random():.2f} 0.00 {dice.random():.2f}"
            f"|{';'.join(rows[:3])}|{';'.join(rows[3:])}\n"
        )
        return line.encode() + (self._look() if self._tick % LOOK_TICKS == 1 else b"")

    def _look(self) -> bytes:
        self._used += self._dice.randrange(20_000)
        size, used = 100_000_000, self._used
        mounts = ("/", "/var", "/var/log", "/var/spool")
        space = [f"/dev/sda {size} {used} {size - used} 40% {mount}" for mount in mounts]
        inodes = [f"/dev/sda 6553600 120000 6433600 2% {mount}" for mount in mounts]
        return f"f|212|{'|'.join(space)}|;|{'|'.join(inodes)}\n".encode()


class Pipeline:
    """The watch's way of a sweep, stage by stage, with the CPU time that each took."""

    def __init__(self, hosts: int, records: Keeps) -> None:
        self.machines = [Machine(number) for number in range(hosts)]
        estate = _estate(hosts)
        self._readers = [SamplerReader(name) for name in estate.hosts]
        self._board = Board(estate, WatchRow(name="bench"), T0)
        self._records = records
        self._now = T0
        for reader, machine in zip(self._readers, self.machines, strict=True):
            reader.feed(machine.hello, T0)

    def sweep(self) -> dict[str, float]:
        """One sweep of all hosts: milliseconds of CPU by stage."""
        lines = [machine.line() for machine in self.machines]
        self._now += EVERY_MS
        clock = [time.process_time()]

        def lap() -> None:
            clock.append(time.process_time())

        observed: list[Observation] = []
        for reader, line in zip(self._readers, lines, strict=True):
            facts = reader.feed(line, self._now)
            observed += [fact for fact in facts if not isinstance(fact, Gap)]
        lap()
        change = self._board.absorb(observed, self._now)
        lap()
        self._records.append([each for each in observed if isinstance(each, Sample)])
        lap()
        assert change is not None
        assert len(change.hosts) == len(self.machines)
        assert len(event("change", packed(change))) > 100 * len(self.machines)
        lap()
        return {
            stage: 1000 * (after - before)
            for stage, before, after in zip(STAGES, clock, clock[1:], strict=False)
        }


def _estate(hosts: int) -> Estate:
    sites = {"central": Site("central", {"en": "C"}), "recovery": Site("recovery", {"en": "R"})}
    names = [f"host{number:04}" for number in range(hosts)]
    return Estate(
        "bench",
        "UTC",
        "en",
        EVERY_MS,
        sites,
        {name: Host(name, "central" if n % 2 else "recovery") for n, name in enumerate(names)},
        thresholds=DEFAULTS,
    )


def measure(arguments: argparse.Namespace) -> Report:
    """80 hosts and 1,000 hosts our way, and 80 hosts with a row for each sample."""
    report = Report(
        f"one sweep from the sampler's bytes to a console's JSON, CPU of this process; "
        f"{arguments.sweeps} sweeps after {LOOK_TICKS} to warm up"
    )
    look_less()  # as the watch does
    _measured(report, "ours, 80 hosts", 80, arguments.sweeps, Records.open)
    _measured(report, "ours, 1000 hosts", 1000, max(5, arguments.sweeps // 5), Records.open)
    _measured(report, "row a sample, 80 hosts", 80, arguments.sweeps, RowASample)
    report.ratio("ours / row a sample", "ours, 80 hosts", "row a sample, 80 hosts")
    report.ratio(
        "ours / row a sample, storage alone",
        "ours, 80 hosts: storage",
        "row a sample, 80 hosts: storage",
    )
    total, many = report.median("ours, 80 hosts"), report.median("ours, 1000 hosts")
    report.at_most("80 hosts, ms of CPU a sweep", 25, total)
    per_host = None if not total or not many else round((many / 1000) / (total / 80), 2)
    report.at_most("cost of a host among 1000 / among 80", 1.3, per_host)
    return report


def _measured(
    report: Report, name: str, hosts: int, sweeps: int, keep: Callable[[Path], Keeps]
) -> None:
    with _scratch() as directory:
        records = keep(Path(directory) / "records.db")
        pipeline = Pipeline(hosts, records)
        for _ in range(LOOK_TICKS):
            pipeline.sweep()
        taken = [pipeline.sweep() for _ in range(sweeps)]
        records.close()
    report.figure(name, [sum(stages.values()) for stages in taken], "ms/sweep")
    for stage in STAGES:
        report.figure(f"{name}: {stage}", [stages[stage] for stages in taken], "ms/sweep")


def _scratch() -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(prefix="twinwatch-bench-")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.pipeline", description=__doc__)
    parser.add_argument("--sweeps", type=int, default=100, help="sweeps of 80 hosts to measure")
    run(measure, parser)


if __name__ == "__main__":
    main()
