"""The catalogue of what is sampled on every host at every tick.

The order of `METRICS` is the layout of `Sample.values` and of the float32 records in storage, so
it is append-only: a metric may be added at the end, never moved, renamed or taken away.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity, sampled here or derived in `estate.thresholds`.

    `name` is what filters, history and thresholds call it; `unit` is a key of
    `estate.quantities.ALLOWED`, "" for a bare number; `title` is what a chart's row says.
    """

    name: str
    unit: str
    title: str


METRICS: tuple[Metric, ...] = (
    Metric("cpu", "%", "cpu"),  # 100 minus idle and waiting on disk, of all cores
    Metric("cpu_user", "%", "user"),  # user and nice
    Metric("cpu_system", "%", "system"),  # system, irq and softirq
    Metric("cpu_iowait", "%", "waiting on disk"),
    Metric("cpu_steal", "%", "stolen"),
    Metric("load1", "", "load 1 min"),
    Metric("load5", "", "load 5 min"),
    Metric("load15", "", "load 15 min"),
    Metric("mem", "%", "memory"),  # (MemTotal - MemAvailable) / MemTotal
    Metric("mem_used", "B", "used"),
    Metric("swap", "%", "swap"),
    Metric("swap_used", "B", "swap used"),
    Metric("net_in", "B/s", "in"),  # all but lo and what is stacked on others (bonds, bridges ...)
    Metric("net_out", "B/s", "out"),
    Metric("net_errors", "/s", "errors and drops"),
    Metric("disk_read", "B/s", "read"),
    Metric("disk_write", "B/s", "write"),
    Metric("disk_busy", "%", "busy"),  # the busiest block device
    Metric("disk", "%", "fullest file system"),
    Metric("inodes", "%", "fullest inode table"),
    Metric("processes", "", "processes"),
    Metric("running", "", "runnable"),
    Metric("psi_cpu", "%", "pressure, cpu"),  # "some avg10" of /proc/pressure
    Metric("psi_memory", "%", "pressure, memory"),
    Metric("psi_io", "%", "pressure, disk"),
)

#: Position of each metric in `METRICS`, by name.
INDEX: dict[str, int] = {metric.name: position for position, metric in enumerate(METRICS)}
