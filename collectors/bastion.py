"""The machine that the watch itself runs on, through psutil: the bastion and our own process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import psutil

from collectors.blocking import opening


class Bastion:
    """Measures this machine, and this process on it.

    `records` is where the watch keeps its records: the disk that must not fill up.
    """

    def __init__(self, records: Path | None = None) -> None:
        self._records = records
        self._process = psutil.Process()
        psutil.cpu_percent()  # its first answer covers no time: it only starts the count

    def measure(self) -> dict[str, float]:
        """What is known now, never waiting; what can't be measured is absent, never zero.

        "cpu" (percent of all cores since the last call), "mem" and "swap" (percent), "load1",
        "fds" (open descriptors of this process) and "rss_bytes". Always from the same thread:
        psutil counts "cpu" for each by itself.
        """
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        known = {
            "cpu": psutil.cpu_percent(),
            "mem": 100.0 * (memory.total - memory.available) / memory.total,
            "load1": psutil.getloadavg()[0],
            "fds": float(self._process.num_fds()),
            "rss_bytes": float(self._process.memory_info().rss),
        }
        if swap.total:
            known["swap"] = swap.percent
        return known

    def disk(self) -> dict[str, float]:
        """ "disk" (percent), where it is known. May wait for a file server: call it on a thread."""
        if self._records is None:
            return {}
        opening(str(self._records))
        try:
            return {"disk": psutil.disk_usage(str(self._records)).percent}
        except OSError:
            return {}  # not there yet, or no longer: not known


def measure(records: Path | None = None) -> dict[str, float]:
    """What `Bastion` says of this machine; "disk" only where `records` is given."""
    found = _bastion(records)
    return {**found.measure(), **found.disk()}


@cache
def _bastion(records: Path | None) -> Bastion:
    return Bastion(records)
