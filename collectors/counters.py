"""From the kernel's counters to rates: what one tick line says, and what two of them mean.

A rate is the difference of two readings over the host's own uptime clock. A counter that ran
backwards was reset (or wrapped at 32 bits): its rate is NaN for that tick, never huge. What the
host could not read is NaN, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isnan

from estate.clean import clean
from estate.samples import Device, Interface

NAN = float("nan")

_N = r"\d{1,20}"
_D = r"\d{1,12}(?:\.\d{1,2})?"
_ROW = rf"[^\x00-\x20;|]{{1,64}} {_N} {_N} {_N}"
_ROWS = rf"(-|(?:{_ROW}(?:;{_ROW}){{0,511}})?)"
#: The whole grammar of a tick line; what passes it can be converted without a second look.
_TICK = re.compile(
    (
        rf"t\|({_D})"  # uptime, seconds
        rf"\|({_D}) ({_D}) ({_D}) ({_N})/{_N}"  # load averages, runnable/all threads
        rf"\| ?({_N}(?: {_N}){{3,11}})"  # processor time by state, jiffies
        rf"\|(\d{{1,5}})"  # cores
        rf"\|({_N}) ({_N}) ({_N}) ({_N})"  # memory, kB
        rf"\|(-|{_D}) (-|{_D}) (-|{_D})"  # pressure: cpu, memory, io
        rf"\|{_ROWS}"  # interfaces: bytes in, bytes out, errors and drops
        rf"\|{_ROWS}"  # devices: sectors read, sectors written, milliseconds busy
    ).encode()
)

_SECTOR = 512  # the unit of /proc/diskstats, whatever the device's own sector is
#: idle and iowait may step back a little on a busy machine (proc(5)); more than this is a reset.
_STEP_BACK_JIFFIES = 300.0
#: Bonds, bridges, VLANs and tunnels carry what the interfaces under them carry: not counted twice.
_STACKED = re.compile(
    r"bond|team|br\d|br-|bridge|docker|virbr|vnet|vmbr|fw(br|pr|ln)|tap|tun|wg|vxlan|flannel|cni"
    r"|cilium|vlan|macv|ovs|.*[.:@]"
)

Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Counters:
    """One tick line, converted. Rows are by raw name; None where the host has no such counters."""

    uptime: float  # seconds
    loads: tuple[float, float, float]
    running: float
    cpu: tuple[float, ...]  # user, nice, system, idle, iowait, irq, softirq, steal; jiffies
    cores: int
    memory: tuple[float, float, float, float]  # bytes: total, available, swap, free swap
    pressure: tuple[float, float, float]  # percent: cpu, memory, io
    interfaces: Mapping[bytes, Row] | None
    devices: Mapping[bytes, Row] | None


def parse_counters(line: bytes) -> Counters | None:
    """What a tick line says; None when it is not one, in any part."""
    match = _TICK.fullmatch(line)
    if match is None:
        return None
    (
        uptime, load1, load5, load15, running, cpu, cores, total, available, swap, swap_free,
        some_cpu, some_memory, some_io, interfaces, devices,
    ) = match.groups()  # fmt: skip
    states = [float(each) for each in cpu.split(b" ", 8)[:8]]
    return Counters(
        float(uptime),
        (float(load1), float(load5), float(load15)),
        float(running),
        tuple(states) if len(states) == 8 else (*states, *[0.0] * (8 - len(states))),
        int(cores),
        (float(total) * 1024, float(available) * 1024, float(swap) * 1024, float(swap_free) * 1024),
        (_known(some_cpu), _known(some_memory), _known(some_io)),
        _rows(interfaces),
        _rows(devices),
    )


def cpu_shares(old: Counters, new: Counters) -> tuple[float, float, float, float, float]:
    """Percent of all cores' time: busy, user, system, waiting on disk, stolen. NaN on a reset."""
    user, nice, system, idle, iowait, irq, softirq, steal = (
        after - before for before, after in zip(old.cpu, new.cpu, strict=True)
    )
    if -_STEP_BACK_JIFFIES < idle < 0:
        idle = 0.0
    if -_STEP_BACK_JIFFIES < iowait < 0:
        iowait = 0.0
    total = user + nice + system + idle + iowait + irq + softirq + steal
    if total <= 0 or min(user, nice, system, idle, iowait, irq, softirq, steal) < 0:
        return NAN, NAN, NAN, NAN, NAN
    share = 100.0 / total
    return (
        (total - idle - iowait) * share,
        (user + nice) * share,
        (system + irq + softirq) * share,
        iowait * share,
        steal * share,
    )


def interface_rates(
    old: Mapping[bytes, Row] | None, new: Mapping[bytes, Row] | None, seconds: float
) -> tuple[tuple[Interface, ...], Row]:
    """Each interface, and the sums of (bytes in, bytes out, errors) a second over those that count.

    An interface that is new has no rate yet and is left out of the sums; one that was reset makes
    them NaN. Stacked interfaces count only where there is nothing beneath them.
    """
    interfaces = []
    plain: list[Interface] = []
    stacked: list[Interface] = []
    for raw, row in (new or {}).items():
        name, carried_by_others = _interface_name(raw)
        before = old.get(raw) if old else None
        if before is None:
            interfaces.append(Interface(name, NAN, NAN, NAN))
            continue
        interface = Interface(name, *_rate(before, row, seconds))
        interfaces.append(interface)
        (stacked if carried_by_others else plain).append(interface)
    counted = plain or stacked
    if not counted:
        return tuple(interfaces), (NAN, NAN, NAN)
    return tuple(interfaces), (
        sum([each.bytes_in for each in counted]),
        sum([each.bytes_out for each in counted]),
        sum([each.errors for each in counted]),
    )


def device_rates(
    old: Mapping[bytes, Row] | None, new: Mapping[bytes, Row] | None, seconds: float
) -> tuple[tuple[Device, ...], Row]:
    """Each block device, and (bytes read, bytes written, busy percent): two sums and the busiest.

    A new device is left out until it has a rate; one that was reset makes the sums NaN.
    """
    devices = []
    measured = []
    for raw, row in (new or {}).items():
        before = old.get(raw) if old else None
        if before is None:
            devices.append(Device(_name(raw), NAN, NAN, NAN))
            continue
        read, written, busy_ms = _rate(before, row, seconds)
        # The kernel counts busy time by its own tick, so that it can pass 100%. NaN stays NaN.
        device = Device(_name(raw), read * _SECTOR, written * _SECTOR, min(busy_ms / 10, 100.0))
        devices.append(device)
        measured.append(device)
    if not measured:
        return tuple(devices), (NAN, NAN, NAN)
    return tuple(devices), (
        sum([each.read for each in measured]),
        sum([each.write for each in measured]),
        highest([each.busy for each in measured]),
    )


def highest(values: Iterable[float]) -> float:
    """The largest number that is known; NaN where none is."""
    return max([value for value in values if not isnan(value)], default=NAN)


def _rate(before: Row, after: Row, seconds: float) -> Row:
    first, second, third = after[0] - before[0], after[1] - before[1], after[2] - before[2]
    return (
        first / seconds if first >= 0 else NAN,
        second / seconds if second >= 0 else NAN,
        third / seconds if third >= 0 else NAN,
    )


def _rows(text: bytes) -> dict[bytes, Row] | None:
    if text == b"-":
        return None
    rows = {}
    for row in text.split(b";") if text else ():
        name, first, second, third = row.split(b" ")
        rows[name] = (float(first), float(second), float(third))
    return rows


def _known(text: bytes) -> float:
    return NAN if text == b"-" else float(text)


@lru_cache(maxsize=4096)
def _name(raw: bytes) -> str:
    return clean(raw, limit=64)


@lru_cache(maxsize=4096)
def _interface_name(raw: bytes) -> tuple[str, bool]:
    name = clean(raw, limit=64)
    return name, _STACKED.match(name) is not None
