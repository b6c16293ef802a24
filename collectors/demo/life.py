"""How one host of the demo lives: the state behind its /proc, moved on second by second.

No I/O and no clock: `Life.advance(seconds, demand)` moves the state, `Life.proc()` and `Life.etc()`
say what its files read now. Counters only ever grow, as a kernel's do; a host's figures hang
together (busy disks wait, waiting raises load, load raises pressure), and all hosts breathe with
the same `demand`, so that the estate looks like one platform at work.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

#: Where a processor's time goes, in the order of /proc/stat.
_STATES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
TICKS = 100  # USER_HZ: a kernel counts processor time in hundredths, whatever its own rate
MB = 1_000_000
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs `count` times and takes `share` of the host's busy time."""

    name: str
    share: float
    memory: float  # of all memory, all copies together
    count: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """What a group's hosts are like at full demand. Rates in MB/s, sizes in GB, cpu in percent."""

    cores: int
    memory: int
    cpu: float
    used: float  # memory, percent
    net_in: float
    net_out: float
    write: float
    volumes: tuple[tuple[str, int, float], ...]  # mount, size, percent used
    programs: tuple[Program, ...]
    units: tuple[str, ...]


_SYSTEM = (
    Program("systemd", 0.01, 0.002),
    Program("sshd", 0.01, 0.002, 2),
    Program("rsyslogd", 0.06, 0.008),
    Program("chronyd", 0.0, 0.001),
    Program("dbus-daemon", 0.0, 0.001),
)
_UNITS = ("chrony.service", "cron.service", "rsyslog.service", "ssh.service")


def _profile(
    shape: tuple[int, int, float, float, float, float, float],
    volumes: tuple[tuple[str, int, float], ...],
    programs: tuple[Program, ...],
    units: tuple[str, ...],
) -> Profile:
    root = (("/", 30, 33.0), ("/var", 40, 47.0))
    return Profile(*shape, (*root, *volumes), (*_SYSTEM, *programs), (*_UNITS, *units))


#: cores, memory GB, cpu %, memory %, in, out, written MB/s; then volumes, programs, units.
PROFILES: dict[str, Profile] = {
    "mta": _profile(
        (8, 16, 46, 58, 3.1, 3.0, 9.0),
        (("/var/spool", 60, 31.0),),
        (
            Program("qmgr", 0.16, 0.09),
            Program("smtpd", 0.34, 0.16, 12),
            Program("smtp", 0.12, 0.05, 6),
            Program("rspamd", 0.26, 0.11, 4),
            Program("opendkim", 0.04, 0.02),
        ),
        ("postfix@-.service", "rspamd.service", "opendkim.service", "postfix-policy.service"),
    ),
    "mbx": _profile(
        (16, 64, 38, 66, 5.2, 7.4, 16.0),
        (("/srv/mail", 4000, 61.0),),
        (
            Program("imap", 0.5, 0.3, 14),
            Program("dovecot", 0.1, 0.02),
            Program("lmtp", 0.3, 0.1, 4),
        ),
        ("dovecot.service",),
    ),
    "mdb": _profile(
        (16, 128, 31, 71, 2.2, 2.8, 14.0),
        (("/var/lib/postgresql", 1200, 54.0),),
        (Program("postgres", 0.88, 0.6, 14),),
        ("postgresql@15-main.service",),
    ),
    "im": _profile(
        (8, 32, 34, 52, 1.9, 2.1, 1.2),
        (("/var/lib/ejabberd", 100, 22.0),),
        (Program("beam.smp", 0.9, 0.45),),
        ("ejabberd.service",),
    ),
    "lb": _profile(
        (4, 8, 22, 31, 14.0, 14.0, 0.2),
        (),
        (Program("haproxy", 0.8, 0.12, 2), Program("keepalived", 0.02, 0.01)),
        ("haproxy.service", "keepalived.service"),
    ),
    "dir": _profile(
        (4, 16, 19, 48, 0.9, 1.4, 0.6),
        (("/var/lib/ldap", 40, 27.0),),
        (Program("slapd", 0.9, 0.3),),
        ("slapd.service",),
    ),
    "mq": _profile(
        (8, 32, 27, 41, 2.4, 2.4, 6.0),
        (("/var/lib/rabbitmq", 200, 18.0),),
        (Program("beam.smp", 0.9, 0.3),),
        ("rabbitmq-server.service",),
    ),
    "gw": _profile(
        (4, 8, 14, 26, 9.0, 9.0, 0.2),
        (),
        (Program("nft", 0.1, 0.01), Program("frr", 0.5, 0.05)),
        ("frr.service", "nftables.service"),
    ),
    "ops": _profile(
        (4, 16, 12, 44, 0.6, 0.5, 1.8),
        (("/srv/backup", 8000, 68.0),),
        (Program("borg", 0.5, 0.1), Program("python3", 0.3, 0.08, 2)),
        ("borg-nightly.timer",),
    ),
}


@dataclass
class Strain:
    """What an incident adds to a host. `cpu` in points, `net` and `write` as factors."""

    cpu: float = 0.0
    memory: float = 0.0
    net: float = 1.0
    write: float = 1.0


@dataclass
class Volume:
    """A file system that fills (or empties) by `per_minute` percent points."""

    mount: str
    gigabytes: int
    percent: float
    per_minute: float = 0.0


@dataclass
class Task:
    """One process: its number, name, share of the host's busy time, memory and time used."""

    pid: int
    name: str
    share: float
    pages: int
    ticks: float


@dataclass
class Queue:
    """Messages that wait, of which there are never more than fit."""

    deferred: float
    per_minute: float = 0.0
    most: float = 30_000.0


@dataclass
class Life:
    """One host's state. `seed` makes it repeatable; `share` is its site's part of the demand."""

    name: str
    profile: Profile
    seed: int
    share: float = 1.0
    strain: Strain = field(default_factory=Strain)
    goal: Strain = field(default_factory=Strain)
    failed: dict[str, float] = field(default_factory=dict)  # unit -> uptime when it failed

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  (weather, not secrets)
        profile = self.profile
        self.volumes = {
            mount: Volume(mount, size, used + self.chance.uniform(-4, 4))
            for mount, size, used in profile.volumes
        }
        holds = {"/var/spool", "/var/lib/rabbitmq"} & self.volumes.keys()
        self.queue = Queue(self.chance.uniform(4, 20)) if holds else None
        self.uptime = self.chance.uniform(9, 230) * 86_400
        self.cpu = profile.cpu * self.share
        self.memory = profile.used * (0.6 + 0.4 * self.share)
        self.mood = 0.0  # this host's own deviation from the platform's demand
        self.loads = [profile.cores * self.cpu / 100] * 3
        self.ticks = dict.fromkeys(_STATES, 0.0)
        self.counts = dict.fromkeys(("in", "out", "read", "written", "io_ms"), 0.0)
        self.stall_us = dict.fromkeys(("cpu", "memory", "io"), 0.0)
        self.tasks = [
            Task(
                pid=pid,
                name=program.name,
                share=program.share / program.count,
                pages=int(program.memory / program.count * profile.memory * 2**30 / PAGE),
                ticks=0.0,
            )
            for pid, program in enumerate(
                (program for program in profile.programs for _ in range(program.count)), start=1
            )
        ]
        self._drift(0.0, 1.0)
        self._count(self.uptime)  # as if it had always been like this

    def advance(self, seconds: float, demand: float) -> None:
        """Live for `seconds` while the platform carries `demand` (1.0 is a full working day)."""
        self._drift(seconds, demand)
        self._count(seconds)
        self.uptime += seconds
        for volume in self.volumes.values():
            volume.percent = min(max(volume.percent + volume.per_minute * seconds / 60, 0.0), 100.0)
        if self.queue:
            deferred = self.queue.deferred + self.queue.per_minute * seconds / 60
            self.queue.deferred = min(max(deferred, 0.0), self.queue.most)

    def _drift(self, seconds: float, demand: float) -> None:
        keep = math.exp(-seconds / 8)  # an incident is felt within some 20 seconds
        for name in ("cpu", "memory", "net", "write"):
            now, goal = getattr(self.strain, name), getattr(self.goal, name)
            setattr(self.strain, name, goal + (now - goal) * keep)
        # A mean-reverting walk: quiet hosts wander, and come back.
        self.mood += -self.mood * seconds / 45 + self.chance.gauss(0, 0.035) * math.sqrt(seconds)
        profile, load = self.profile, max(demand * self.share * (1 + self.mood), 0.02)
        jitter = self.chance.gauss(0, 0.6)
        self.cpu = min(max(profile.cpu * load + self.strain.cpu + jitter, 0.3), 97.0)
        self.write = profile.write * load * self.strain.write
        self.busy = min(self.write * 2.1 + abs(self.chance.gauss(0, 0.5)), 100.0)
        self.wait = min(self.busy * self.busy / 300, 35.0, 99.0 - self.cpu)
        self.memory = min(profile.used * (0.6 + 0.4 * load) + self.strain.memory, 97.0)
        self.traffic = load * self.strain.net
        wanted = profile.cores * (self.cpu + self.wait) / 100 + max(self.strain.cpu - 25, 0) / 10
        for position, minutes in enumerate((1, 5, 15)):
            keep = math.exp(-seconds / (60 * minutes))
            self.loads[position] = wanted + (self.loads[position] - wanted) * keep
        self.running = max(1, round(profile.cores * self.cpu / 100))
        self.stalls = {
            "cpu": max(0.0, (self.cpu - 55) * 0.6),
            "memory": max(0.0, (self.memory - 88) * 1.5),
            "io": self.wait * 0.8,
        }

    def _count(self, seconds: float) -> None:
        profile, jiffies = self.profile, seconds * TICKS * self.profile.cores
        cpu, wait = self.cpu / 100, self.wait / 100
        for name, part in (
            ("user", cpu * 0.74),
            ("nice", cpu * 0.01),
            ("system", cpu * 0.19),
            ("softirq", cpu * 0.05),
            ("steal", cpu * 0.01),
            ("iowait", wait),
            ("idle", max(1 - cpu - wait, 0.0)),
        ):
            self.ticks[name] += jiffies * part
        self.counts["in"] += profile.net_in * self.traffic * MB * seconds
        self.counts["out"] += profile.net_out * self.traffic * MB * seconds
        self.counts["read"] += self.write * 0.3 * MB * seconds
        self.counts["written"] += self.write * MB * seconds
        self.counts["io_ms"] += self.busy * 10 * seconds
        for name, percent in self.stalls.items():
            self.stall_us[name] += percent * 10_000 * seconds
        for task in self.tasks:
            task.ticks += jiffies * cpu * task.share

    def proc(self) -> dict[str, str]:
        """What /proc reads now, by path below /proc: all that changes by itself."""
        return {
            "uptime": f"{self.uptime:.2f} {self.ticks['idle'] / TICKS:.2f}\n",
            "loadavg": "{:.2f} {:.2f} {:.2f} ".format(*self.loads)
            + f"{self.running}/{len(self.tasks) * 3} {self.tasks[-1].pid}\n",
            "stat": self._stat(),
            "meminfo": self._meminfo(),
            "net/dev": self._net_dev(),
            "diskstats": self._diskstats(),
            **{f"pressure/{name}": self._pressure(name) for name in self.stalls},
            **{f"{task.pid}/stat": self._task(task) for task in self.tasks},
        }

    def etc(self) -> dict[str, str]:
        """What the host's commands print, by file name: see the scripts in bin/."""
        space = ["Filesystem 1024-blocks Used Available Capacity Mounted on"]
        inodes = ["Filesystem Inodes IUsed IFree IUse% Mounted on"]
        for number, volume in enumerate(self.volumes.values(), start=1):
            for table, total, percent in (
                (space, volume.gigabytes * 10**6, volume.percent),
                (inodes, volume.gigabytes * 65_536, volume.percent / 4),
            ):
                used = int(total * percent / 100)
                share = math.ceil(percent)  # df rounds up
                table.append(
                    f"/dev/vda{number} {total} {used} {total - used} {share}% {volume.mount}"
                )
        files = {"df.space": "\n".join(space) + "\n", "df.inodes": "\n".join(inodes) + "\n"}
        if self.queue:
            files |= self._queues(int(self.queue.deferred))
        return files

    def _queues(self, waiting: int) -> dict[str, str]:
        """What postqueue and find print of mail, rabbitmqctl of messages."""
        if "/var/lib/rabbitmq" in self.volumes:
            depths = {"fan-out": int(90 * self.traffic), "offline": 128, "push": waiting}
            lines = (f"{depth}\t2\t{name}\n" for name, depth in depths.items())
            return {"rabbitmq.queues": "".join(lines)}
        depths = {
            "incoming": int(40 * self.traffic),
            "active": int(60 * self.traffic),
            "deferred": waiting,
            "hold": 3,
        }
        return {f"queue.{name}": f"{depth}\n" for name, depth in depths.items()}

    def _stat(self) -> str:
        total = [int(self.ticks[name]) for name in _STATES]
        core = " ".join(str(each // self.profile.cores) for each in total)
        lines = [f"cpu  {' '.join(map(str, total))} 0 0"]
        lines += [f"cpu{number} {core} 0 0" for number in range(self.profile.cores)]
        lines += [f"procs_running {self.running}", "procs_blocked 0"]
        return "\n".join(lines) + "\n"

    def _meminfo(self) -> str:
        total = self.profile.memory * 2**20
        available = int(total * (1 - self.memory / 100))
        swapped = int(max(self.memory - 80, 0) / 100 * 2**22)
        figures = {
            "MemTotal": total,
            "MemFree": available // 4,
            "MemAvailable": available,
            "Buffers": available // 20,
            "Cached": available * 7 // 10,
            "SwapCached": 0,
            "SwapTotal": 2**22,
            "SwapFree": 2**22 - swapped,
            "Dirty": int(self.write * 900),
            "Slab": total // 40,
        }
        return "".join(f"{name + ':':<16}{value:>8} kB\n" for name, value in figures.items())

    def _net_dev(self) -> str:
        got, sent = int(self.counts["in"]), int(self.counts["out"])
        return (
            "Inter-|   Receive                                                |  Transmit\n"
            " face |bytes    packets errs drop fifo frame compressed multicast"
            "|bytes    packets errs drop fifo colls carrier compressed\n"
            f"    lo: {got // 9} {got // 4000} 0 0 0 0 0 0 {got // 9} {got // 4000} 0 0 0 0 0 0\n"
            f"  eth0: {got} {got // 900} 0 0 0 0 0 0 {sent} {sent // 900} 0 0 0 0 0 0\n"
        )

    def _diskstats(self) -> str:
        read, written = int(self.counts["read"]), int(self.counts["written"])
        busy = int(self.counts["io_ms"])
        return (
            f" 252       0 vda {read // 16384} 0 {read // 512} {busy // 5} "
            f"{written // 16384} 0 {written // 512} {busy} 0 {busy} {busy * 6 // 5}\n"
        )

    def _task(self, task: Task) -> str:
        return (
            f"{task.pid} ({task.name}) S 1 {task.pid} {task.pid} 0 -1 4194560 0 0 0 0 "
            f"{int(task.ticks * 0.8)} {int(task.ticks * 0.2)} 0 0 20 0 1 0 900 "
            f"{task.pages * PAGE * 2} {task.pages} 18446744073709551615 "
            "1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        )

    def _pressure(self, name: str) -> str:
        now, total = self.stalls[name], int(self.stall_us[name])
        line = f"avg10={now:.2f} avg60={now * 0.9:.2f} avg300={now * 0.7:.2f} total="
        return f"some {line}{total}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total={total // 9}\n"


def demand(hour: float) -> float:
    """The platform's demand at a local `hour` of day: offices come at nine and leave by seven.

    1.0 at the peaks before and after lunch, 0.32 in the small hours.
    """
    morning = math.exp(-(((hour - 10.5) / 2.2) ** 2))
    afternoon = math.exp(-(((hour - 15.5) / 2.6) ** 2))
    return 0.32 + 0.68 * min(morning + afternoon, 1.0)
