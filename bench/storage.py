"""What it costs to keep a week: `python -m bench.storage [--quick] [--json]`.

Seven days of 80 hosts × 25 metrics every 10 s go through `storage.records` as the watch's keeper
drives it: a tick appended, upkeep in between, charts at the end. Beside it, in the same run, the
layouts that come to mind first: a row for each sample, and a row for each host and tick, through
sqlite-utils. The peers get fewer ticks, and what they cost is reckoned per sample and per tick.

The machines are synthetic and not kind to a compressor: loads wander, rates are noisy counters,
percentages are fractions of clock ticks as /proc counts them; some metrics hardly move, as in any
estate. 16 different ones stand for all hosts: no two hosts are ever compressed together.
"""

from __future__ import annotations

import argparse
import math
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlite_utils

from bench.report import Report, UnableError, run
from estate.metrics import METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.database import RecordsError, sqlite_version
from storage.keys import DAY_MS, HOUR_MS
from storage.records import Records

T0 = 20_750 * DAY_MS  # a midnight
EVERY_MS = 10_000
MACHINES = 16
CHARTS = 40
Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of the work is done."""

    days: float
    hosts: int
    month_days: int  # days that two of the hosts have in all, for the chart of 30 days
    peer_ticks: int  # ticks of all hosts, for the cost of a tick
    peer_hosts: int  # hosts of the peers' file for size and charts
    peer_days: float  # and what they have of the day that is charted


FULL = Scale(days=7, hosts=80, month_days=30, peer_ticks=60, peer_hosts=8, peer_days=1)
#: To see that it runs; its figures mean little.
QUICK = Scale(days=0.25, hosts=4, month_days=2, peer_ticks=5, peer_hosts=1, peer_days=0.1)
MONTH_HOSTS = 2


def machine(seed: int) -> Iterator[Values]:
    """The readings of one synthetic machine, tick by tick, in the order of `METRICS`."""
    dice = random.Random(seed)
    seconds = EVERY_MS / 1000
    cores = dice.choice((2, 4, 8, 16))
    jiffies = 100 * cores * seconds
    memory = cores * 4 * 1024**2  # KiB
    cpu, load1 = dice.uniform(3, 40), 0.5
    load5 = load15 = load1
    used, swap = memory * dice.uniform(0.3, 0.8), dice.choice((0.0, 0.0, dice.uniform(1, 20)))
    net, disk_rate = 10 ** dice.uniform(4, 7), 10 ** dice.uniform(3, 6)
    disk, inodes, processes = dice.uniform(20, 90), dice.uniform(1, 30), dice.randint(120, 400)

    def share(percent: float) -> float:
        """A percentage as jiffies of /proc/stat give it."""
        return round(max(0.0, percent) / 100 * jiffies) / jiffies * 100

    def pressure(quiet: float) -> float:
        return 0.0 if dice.random() < quiet else round(dice.expovariate(2), 2)

    while True:
        cpu = min(98.0, max(0.5, cpu + dice.gauss(0, 0.8) + (15 - cpu) * 0.01))
        net *= math.exp(dice.gauss(0, 0.05) + (5.5 - math.log10(net)) * 0.01)
        disk_rate *= math.exp(dice.gauss(0, 0.1) + (4.5 - math.log10(disk_rate)) * 0.01)
        load1 += (cpu / 100 * cores + dice.gauss(0, 0.1) - load1) / 6
        load5 += (load1 - load5) / 30
        load15 += (load1 - load15) / 90
        used = min(memory * 0.95, max(memory * 0.1, used + dice.gauss(0, 300)))
        disk = min(97.0, disk + (0.003 if dice.random() < 0.02 else 0.0))
        processes = max(100, processes + dice.choice((-2, -1, 0, 0, 0, 1, 2)))
        user, system = share(cpu * 0.7 * dice.uniform(0.9, 1.1)), share(cpu * 0.3)
        yield (
            user + system,
            user,
            system,
            share(dice.gauss(0.3, 0.4)),
            share(dice.random() if dice.random() < 0.1 else 0.0),
            round(max(0.0, load1), 2),
            round(max(0.0, load5), 2),
            round(max(0.0, load15), 2),
            100 * round(used) / memory,
            round(used) * 1024.0,
            swap,
            swap / 100 * 2**31,
            round(net * dice.uniform(0.9, 1.1) * seconds) / seconds,
            round(net * 0.6 * dice.uniform(0.9, 1.1) * seconds) / seconds,
            0.1 if dice.random() < 0.01 else 0.0,
            0.0 if dice.random() < 0.5 else round(disk_rate) // 4096 * 4096 / seconds,
            round(disk_rate * dice.uniform(0.5, 1.5)) // 4096 * 4096 / seconds,
            round(max(0.0, dice.gauss(2, 1.5)) * seconds * 10) / (seconds * 10),
            disk,
            inodes,
            float(processes),
            float(dice.choice((1, 1, 1, 2, 3, 4))),
            pressure(0.4),
            pressure(0.97),
            pressure(0.7),
        )


def noise(seed: int) -> Iterator[Values]:
    """A machine on which nothing repeats: the worst that could be kept."""
    dice = random.Random(seed)
    while True:
        yield tuple(dice.random() * 10**6 for _ in METRICS)


def ticks(
    hosts: int, first: int, count: int, kind: Callable[[int], Iterator[Values]] = machine
) -> Iterator[list[Sample]]:
    """`count` ticks of `hosts` hosts, the first at `first`."""
    machines = [kind(seed) for seed in range(min(hosts, MACHINES))]
    for at in range(first, first + count * EVERY_MS, EVERY_MS):
        readings = [next(each) for each in machines]
        yield [
            Sample(f"host{n:03}", at + n, readings[n % len(readings)], 1.0, 1, 1.0)
            for n in range(hosts)
        ]


def measure(arguments: argparse.Namespace) -> Report:
    """Keep a week three ways."""
    scale = QUICK if arguments.quick else FULL
    report = Report(
        f"{scale.days:g} days of {scale.hosts} hosts × {len(METRICS)} metrics every"
        f" {EVERY_MS // 1000} s, SQLite {sqlite_version()}; peers with {scale.peer_ticks} ticks of"
        f" {scale.hosts} hosts for the cost of a tick, and with {scale.peer_days:g} days of"
        f" {scale.peer_hosts} hosts for size and charts",
    )
    try:
        with tempfile.TemporaryDirectory(prefix="twinwatch-bench-") as directory:
            keep_a_week(report, scale, Path(directory) / "records.db")
            keep_noise(report, scale, Path(directory) / "noise.db")
            for name, peer in (("row a sample", RowASample), ("row a host", RowAHost)):
                keep_with_peer(report, scale, name, peer, Path(directory))
    except (OSError, sqlite3.Error, RecordsError) as error:
        raise UnableError(f"the records could not be written: {error}") from error
    report.ratio("tick: row a sample / ours", "row a sample: tick", "ours: tick")
    report.ratio("size: row a sample / ours", "row a sample: size", "ours: size")
    report.ratio("24 h chart: row a sample / ours", "row a sample: 24 h chart", "ours: 24 h chart")
    report.at_most("bytes a sample", 3.0, report.median("ours: size"))
    report.at_most("ms a tick", 1.0, report.median("ours: tick"))
    report.at_most("ms for a 24 h chart", 5.0, report.median("ours: 24 h chart"))
    report.at_most("ms for a 30 d chart", 20.0, report.median("ours: 30 d chart"))
    return report


def keep_a_week(report: Report, scale: Scale, path: Path) -> None:
    """Ours, through the calls that the keeper makes."""
    records = Records.open(path)
    retention = Retention()
    appends: list[float] = []
    steps: list[float] = []
    count = int(scale.days * DAY_MS) // EVERY_MS
    now = T0 + count * EVERY_MS
    for tick in ticks(scale.hosts, T0, count):
        appends.append(timed(partial(records.append, tick)))
        keep_up(records, tick[0].at, retention, steps)
    records.close()
    report.figure("ours: tick", appends, "ms")
    report.figure("ours: step of upkeep", steps, "ms")
    report.figure("ours: size", [path.stat().st_size / samples(count, scale.hosts)], "B/sample")

    records = Records.open(path)
    month = scale.month_days - math.ceil(scale.days)
    for day in range(month):
        first = T0 - (month - day) * DAY_MS
        for tick in ticks(MONTH_HOSTS, first, DAY_MS // EVERY_MS):
            records.append(tick)
        keep_up(records, now, retention, [])
    dice = random.Random(1)
    for name, span, points, hosts in (
        ("1 h chart", HOUR_MS, 120, scale.hosts),
        ("24 h chart", DAY_MS, 288, scale.hosts),
        ("7 d chart", 7 * DAY_MS, 336, scale.hosts),
        ("30 d chart", 30 * DAY_MS, 360, MONTH_HOSTS),
    ):
        charts = []
        for _ in range(CHARTS):
            host, metric = f"host{dice.randrange(hosts):03}", dice.choice(METRICS).name
            chart = partial(records.series, host, metric, now - span, now, points)
            charts.append(timed(chart))
        report.figure(f"ours: {name}", charts, "ms")
    records.close()


def keep_noise(report: Report, scale: Scale, path: Path) -> None:
    """How much a sample costs where nothing can be compressed."""
    records = Records.open(path)
    hosts, count = min(scale.hosts, 8), 6 * HOUR_MS // EVERY_MS
    for tick in ticks(hosts, T0, count, noise):
        records.append(tick)
    while records.compact(T0 + DAY_MS, 0):
        pass
    records.close()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("VACUUM")  # of the ticks' room, which a week makes negligible
    connection.close()
    size = path.stat().st_size / samples(count, hosts)
    report.figure("ours: size if all were noise", [size], "B/sample")


def keep_up(records: Records, now: int, retention: Retention, steps: list[float]) -> None:
    """All the upkeep there is to do at `now`; how long each step took joins `steps`."""
    more = True
    while more:
        start = time.perf_counter()
        more = records.compact(now, retention.hot_ms) or records.prune(now, retention)
        if more:
            steps.append((time.perf_counter() - start) * 1000)


class RowASample:
    """The layout that comes to mind first: (at, host, metric, value), and an index for charts."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite_utils.Database(path)
        self._database.enable_wal()
        self._database.conn.execute("PRAGMA synchronous = NORMAL")
        self._table = self._database.table("samples")
        self._table.create({"at": int, "host": str, "metric": str, "value": float})
        self._table.create_index(["host", "metric", "at"])

    def append(self, tick: list[Sample]) -> None:
        """One transaction, as ours."""
        self._table.insert_all(
            {"at": sample.at, "host": sample.host, "metric": metric.name, "value": value}
            for sample in tick
            for metric, value in zip(METRICS, sample.values, strict=True)
        )

    def chart(self, host: str, metric: str, start: int, end: int, width: int) -> list[object]:
        """The same points, reckoned by SQLite."""
        return self._database.conn.execute(
            "SELECT at / ?, min(value), avg(value), max(value) FROM samples"
            " WHERE host = ? AND metric = ? AND at >= ? AND at < ? GROUP BY 1",
            (width, host, metric, start, end),
        ).fetchall()

    def close(self) -> None:
        """Everything into the one file."""
        self._database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.close()


class RowAHost(RowASample):
    """The better one: a row for each host and tick, a column for each metric."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite_utils.Database(path)
        self._database.enable_wal()
        self._database.conn.execute("PRAGMA synchronous = NORMAL")
        self._table = self._database.table("ticks")
        columns = {metric.name: float for metric in METRICS}
        self._table.create({"host": str, "at": int, **columns}, pk=("host", "at"))

    def append(self, tick: list[Sample]) -> None:
        names = [metric.name for metric in METRICS]
        self._table.insert_all(
            {"host": sample.host, "at": sample.at, **dict(zip(names, sample.values, strict=True))}
            for sample in tick
        )

    def chart(self, host: str, metric: str, start: int, end: int, width: int) -> list[object]:
        return self._database.conn.execute(
            f"SELECT at / ?, min({metric}), avg({metric}), max({metric}) FROM ticks"
            " WHERE host = ? AND at >= ? AND at < ? GROUP BY 1",
            (width, host, start, end),
        ).fetchall()


def keep_with_peer(
    report: Report, scale: Scale, name: str, peer: type[RowASample], directory: Path
) -> None:
    """The same ticks the peer's way: some of all hosts for time, a day of some for the rest."""
    store = peer(directory / f"{name} tick.db")
    appends = [
        timed(partial(store.append, tick)) for tick in ticks(scale.hosts, T0, scale.peer_ticks)
    ]
    store.close()
    report.figure(f"{name}: tick", appends, "ms")

    path = directory / f"{name} day.db"
    store = peer(path)
    count = int(scale.peer_days * DAY_MS) // EVERY_MS
    for tick in ticks(scale.peer_hosts, T0, count):
        store.append(tick)
    dice = random.Random(1)
    charts = []
    for _ in range(CHARTS):
        host, metric = f"host{dice.randrange(scale.peer_hosts):03}", dice.choice(METRICS).name
        charts.append(timed(partial(store.chart, host, metric, T0, T0 + DAY_MS, DAY_MS // 288)))
    store.close()
    report.figure(f"{name}: 24 h chart", charts, "ms")
    size = path.stat().st_size / samples(count, scale.peer_hosts)
    report.figure(f"{name}: size", [size], "B/sample")


def samples(count: int, hosts: int) -> int:
    """How many numbers `count` ticks of `hosts` hosts are."""
    return count * hosts * len(METRICS)


def timed(effect: Callable[[], object]) -> float:
    """Milliseconds that `effect` took."""
    start = time.perf_counter()
    effect()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storage", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="see that it runs: a few hours of few hosts"
    )
    run(measure, parser)


if __name__ == "__main__":
    main()
