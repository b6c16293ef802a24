"""What work costs: wall time, and the processor time of a whole family of processes.

A peer such as multiplexed ssh leaves processes that outlive the command which started them, so a
child's own `times` are not enough: the family is read from /proc, masters included, and servers
under test excluded. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)
#: The clock of a whole process, as clock_getcpuclockid(3) makes it. What stands in /proc/PID/task
#: is that of the threads which still live, and a pool's come and go.
_SCHEDULED = 2


@dataclass
class Cost:
    """Seconds of wall clock and of processor (user and system)."""

    wall: float = 0.0
    cpu: float = 0.0


def adopt_orphans() -> None:
    """From now on, descendants whose parent died become our children, so none is lost count of."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@contextmanager
def family_cost(*, without: Collection[int] = ()) -> Iterator[Cost]:
    """Measure what all our descendants spend inside the block, ourselves not counted.

    `without` are processes (the servers under test) that are left out with all their children.
    """
    cost = Cost()
    cpu, wall = family_seconds(without), time.perf_counter()
    try:
        yield cost
    finally:
        cost.wall = time.perf_counter() - wall
        cost.cpu = family_seconds(without) - cpu


def family_seconds(without: Collection[int] = ()) -> float:
    """Processor seconds our descendants used so far: those that ended and those that live.

    An adopted orphan that ended is not waited for: until we end, its clock can still be read.

    A server in `without` must not end between two calls: the kernel would then add its time to
    that of our ended children.
    """
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        ended.ru_utime
        + ended.ru_stime
        + sum(process_seconds(pid) for pid in family(os.getpid(), without))
    )


def process_seconds(pid: int) -> float:
    """Processor seconds of one process: its threads, those that ended too, to the nanosecond, and
    its ended children to the clock tick. 0.0 when it is gone."""
    try:
        own = time.clock_gettime(~pid << 3 | _SCHEDULED)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return 0.0
    ended_children = int(fields[13]) + int(fields[14])  # cutime, cstime
    return own + ended_children / os.sysconf("SC_CLK_TCK")


def family(root: int, without: Collection[int]) -> list[int]:
    """All living descendants of `root`, but for those in `without` and their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [root]
    while queue:
        for child in children.get(queue.pop(), []):
            if child not in without:
                found.append(child)
                queue.append(child)
    return found
