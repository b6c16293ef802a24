"""The sampler: a resident program on the host that answers each line with one line of counters.

`command()` is what one SSH exec runs: a POSIX shell script that hands over to awk where there is
one. It installs nothing, leaves nothing, and ends with its stdin. The console paces it: `TICK`
asks for one line, `QUIT` ends it. Lines, by their first field (fields are split by `|`):

    twinwatch|1|HOSTNAME|KERNEL|SAMPLER             hello: protocol 1, who answers, and with what
    t|UPTIME|LOADS|CPU|CORES|MEMORY|PRESSURE|INTERFACES|DEVICES    one tick, see counters.py
    f|PROCESSES|DF ROW|...[|;|DF INODE ROW|...]     file systems, beside the ticks, every twelfth;
                                                    inodes every fifth time
    e|WHAT IS MISSING                               the sampler cannot go on, or not in full

df may hang on a dead mount, so it never runs on the tick's path: it answers when it can, and its
row goes out with the next sample. Only local file systems are looked at.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from collectors.counters import (
    NAN,
    Counters,
    cpu_shares,
    device_rates,
    highest,
    interface_rates,
    parse_counters,
)
from collectors.programs import exec_text, program
from estate.clean import clean
from estate.metrics import INDEX
from estate.samples import FileSystem, Gap, Hello, Sample

TICK = b"t\n"
QUIT = b"q\n"

LINE_LIMIT = 64 * 1024
LINES_LIMIT = 64  # read out of one feed; a host that answers each tick never comes near
#: The host looks at its file systems every 12 ticks; after three missed looks they are unknown.
STALE_LOOK_TICKS = 36
#: Rates over less than this would be the clock's grain, not the host: the older reading is kept.
SHORTEST_SECONDS = 0.5

_DF_ROW = re.compile(
    rb"\S{1,1024} +(\d{1,20}|-) +(-?\d{1,20}|-) +(-?\d{1,20}|-) +(?:-?\d{1,9}%|-) +(/.{0,1024})"
)
_FILE_SYSTEMS_LIMIT = 256


@cache
def command() -> str:
    """Text for one SSH exec, whatever the login shell; see `collectors.programs.exec_text`."""
    return exec_text(program("sampler.sh"), *arguments())


def arguments(awk: bool = True) -> tuple[str, str]:
    """What `sampler.sh` takes as $1 and $2; without awk it stays in the shell."""
    return program("look.sh"), program("sampler.awk") if awk else ""


class SamplerReader:
    """Turns the bytes of one sampler channel into observations. Does no I/O, never raises.

    Memory is bounded by `LINE_LIMIT`. What a login shell prints before the hello is kept in
    `said`, the last line of it, to name the cause when no hello comes.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._buffer = bytearray()
        self._overlong = False  # in the middle of a line that passed the limit
        self._base: Counters | None = None  # what rates are measured against
        self._last: Counters | None = None
        self._sample: Sample | None = None
        self._look: tuple[FileSystem, ...] | None = None  # not yet in a sample
        self._looked = False
        self._ticks_since_look = 0
        self._disk = self._inodes = self._processes = NAN
        self._inodes_used: dict[str, float] = {}  # percent by mount, as last looked
        self.hello: Hello | None = None
        self.said = ""

    def feed(self, data: bytes, at: int) -> list[Hello | Sample | Gap]:
        """Observations that `data`, received at `at` (UTC ms), completes."""
        lines, cut = self._lines(data)
        facts: list[Hello | Sample | Gap] = []
        for line in lines[:LINES_LIMIT]:
            facts += self._read(line, at)
        if cut:
            facts.append(Gap(f"sampler sent a line of more than {LINE_LIMIT // 1024} kB"))
        if len(lines) > LINES_LIMIT:
            facts.append(Gap(f"sampler sent {len(lines)} lines at once; {LINES_LIMIT} were read"))
        return facts

    def _lines(self, data: bytes) -> tuple[list[bytes], bool]:
        """Whole lines that are not empty, and whether one was thrown away for its length."""
        if b"\n" not in data:
            return [], self._keep(data)
        head, _, tail = data.rpartition(b"\n")
        cut = False
        if self._overlong:
            _, _, head = head.partition(b"\n")
            self._overlong = False
        elif self._buffer:
            head = bytes(self._buffer) + head
            self._buffer.clear()
        lines = [line.removesuffix(b"\r") for line in head.split(b"\n") if line]
        if len(head) > LINE_LIMIT:
            kept = [line for line in lines if len(line) <= LINE_LIMIT]
            cut = len(kept) < len(lines)
            lines = kept
        return lines, self._keep(tail) or cut

    def _keep(self, part: bytes) -> bool:
        """Remembers the beginning of a line; True when it has just grown too long."""
        if self._overlong:
            return False
        self._buffer += part
        if len(self._buffer) <= LINE_LIMIT:
            return False
        self._buffer.clear()
        self._overlong = True
        return True

    def _read(self, line: bytes, at: int) -> list[Hello | Sample | Gap]:
        if line.startswith(b"e|"):
            return [Gap(clean(line[2:], limit=300))]
        if self.hello is None:
            return self._greet(line, at)
        if line.startswith(b"t|"):
            return self._tick(line, at)
        if line.startswith(b"f|"):
            return self._take_look(line, at)
        return [_unreadable(line)]

    def _greet(self, line: bytes, at: int) -> list[Hello | Sample | Gap]:
        mark, _, rest = line.partition(b"|")
        if mark != b"twinwatch":
            self.said = clean(line, limit=200)
            return []
        match rest.split(b"|"):
            case [b"1", hostname, kernel, sampler]:
                self.hello = Hello(
                    self._host,
                    at,
                    *(clean(each, limit=128) for each in (hostname, kernel, sampler)),
                )
                return [self.hello]
            case _:
                return [Gap(f"sampler does not speak protocol 1: {clean(line, limit=120)!r}")]

    def _tick(self, line: bytes, at: int) -> list[Hello | Sample | Gap]:
        now = parse_counters(line)
        if now is None:
            return [_unreadable(line)]
        facts: list[Hello | Sample | Gap] = []
        self._ticks_since_look += 1
        if self._ticks_since_look == STALE_LOOK_TICKS:
            self._disk = self._inodes = self._processes = NAN
            self._inodes_used = {}
            facts.append(
                Gap(f"df has not answered for {STALE_LOOK_TICKS} ticks; a file system may hang")
            )
        self._sample = self._measure(now, at)
        facts.append(self._sample)
        self._look = None
        return facts

    def _measure(self, now: Counters, at: int) -> Sample:
        base = self._move_base(now)
        if base is None:
            seconds, shares = NAN, (NAN, NAN, NAN, NAN, NAN)
            interfaces, net = interface_rates(None, now.interfaces, NAN)
            devices, disk = device_rates(None, now.devices, NAN)
        else:
            seconds, shares = now.uptime - base.uptime, cpu_shares(base, now)
            interfaces, net = interface_rates(base.interfaces, now.interfaces, seconds)
            devices, disk = device_rates(base.devices, now.devices, seconds)
        total, available, swap, swap_free = now.memory
        values = (
            *shares,
            *now.loads,
            100.0 * (total - available) / total if total else NAN,
            total - available,
            100.0 * (swap - swap_free) / swap if swap else NAN,
            swap - swap_free,
            *net,
            *disk,
            self._disk,
            self._inodes,
            self._processes,
            now.running,
            *now.pressure,
        )
        return Sample(
            self._host, at, values, now.uptime, now.cores, total, interfaces, devices, self._look
        )

    def _move_base(self, now: Counters) -> Counters | None:
        """The reading to measure `now` against: the last one that is old enough, or None."""
        if self._last is None or now.uptime < self._last.uptime:
            self._base, self._last = None, now
        elif now.uptime - self._last.uptime >= SHORTEST_SECONDS:
            self._base, self._last = self._last, now
        return self._base

    def _take_look(self, line: bytes, at: int) -> list[Hello | Sample | Gap]:
        _, processes, *rows = line.split(b"|")
        spaces, inodes, bad = _file_systems(rows)
        if inodes is not None:
            self._inodes_used = inodes
        self._look = tuple(
            replace(each, inodes_used=self._inodes_used.get(each.mount, NAN)) for each in spaces
        )
        self._disk = highest(each.used_percent for each in self._look)
        self._inodes = highest(each.inodes_used for each in self._look)
        self._processes = float(processes) if processes.isdigit() and len(processes) < 10 else NAN
        self._ticks_since_look = 0
        first, self._looked = not self._looked, True
        facts: list[Hello | Sample | Gap] = [_unreadable(bad)] if bad else []
        if first and self._sample is not None:
            # The first tick outran the first look: say it again, now with the file systems.
            values = list(self._sample.values)
            values[INDEX["disk"]] = self._disk
            values[INDEX["inodes"]] = self._inodes
            values[INDEX["processes"]] = self._processes
            facts.append(replace(self._sample, at=at, values=tuple(values), filesystems=self._look))
            self._look = None
        return facts


def _unreadable(line: bytes) -> Gap:
    return Gap(f"sampler sent what it should not: {clean(line, limit=120)!r}")


def _file_systems(rows: list[bytes]) -> tuple[list[FileSystem], dict[str, float] | None, bytes]:
    """File systems, percent of inodes by mount where asked, and the first row that is not df's."""
    spaces: list[FileSystem] = []
    inodes: dict[str, float] | None = None
    bad = b""
    for row in rows[: 2 * _FILE_SYSTEMS_LIMIT]:
        if row == b";":
            inodes = {}
            continue
        match = _DF_ROW.fullmatch(row)
        if match is None:
            bad = bad or row
            continue
        size, used, available = (NAN if n == b"-" else float(n) for n in match.groups()[:3])
        mount = clean(match[4], limit=256)
        if inodes is not None:
            inodes[mount] = 100.0 * used / size if size > 0 else NAN
        else:
            spaces.append(FileSystem(mount, size * 1024, used * 1024, available * 1024))
    return spaces, inodes, bad
