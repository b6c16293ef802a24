"""One invented estate, 02:41 calm and 03:07 in an incident, and everything that can be odd about it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from estate.document import (
    Document,
    Event,
    HostDetail,
    HostRow,
    Problem,
    Series,
    Severity,
    SiteRow,
    WatchRow,
)
from estate.samples import Cause, FileSystem, Interface, Reach, Reading, Stage
from tests.tui.paint.estates import standing
from tui.paint.view import Attention, Link, View

#: Fri 20 Nov 2026, 03:07:12 in Hong Kong.
NOW = 1_795_115_232_000
GROUPS = {"mta": (16, 16), "mbx": (8, 8), "mdb": (2, 2), "im": (6, 4), "lb": (2, 2), "dir": (2, 2)}
GROUPS |= {"mq": (2, 1), "gw": (2, 2), "ops": (2, 1)}
KEYS = (
    ("enter", "open"),
    ("a", "ack"),
    ("s", "silence"),
    ("/", "filter"),
    ("!", "faults only"),
    (":", "command"),
    ("?", "help"),
)


def ago(clock: str) -> int:
    """Seconds or m:ss or h:mm:ss before NOW, as UTC ms."""
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return NOW - seconds * 1000


def wave(seed: int, middle: float, swing: float, count: int = 12) -> tuple[float, ...]:
    """A repeatable wobble around `middle`."""
    return tuple(
        max(0.0, middle + swing * (((seed * 7919 + i * 104_729) % 1000) / 500 - 1))
        for i in range(count)
    )


def host(name: str, site: str, group: str, number: int) -> HostRow:
    seed = sum(map(ord, name)) + number
    busy = 12 + seed * 37 % 50 if site == "central" else 4 + seed * 31 % 14
    net = 200_000 + seed * 7_331 % 1_800_000
    cpu = wave(seed, busy, 6)
    return HostRow(
        name=name,
        site=site,
        groups=(group,),
        reach=Reach.LIVE,
        since=ago("212:00:00"),
        at=NOW - 1000 - seed % 2 * 1000,
        values={
            "cpu": cpu[-1],
            "cpu_iowait": seed % 4,
            "load1": busy / 12,
            "mem": 40 + seed * 13 % 35,
            "swap": seed % 3,
            "net_in": net * 0.6,
            "net_out": net * 0.4,
            "disk": 25 + seed * 17 % 35,
            "disk_busy": seed % 20,
            "disk_write": net * 2,
            "cpu_user": busy * 0.7,
            "cpu_system": busy * 0.3,
            "cpu_steal": 0.0,
            "mem_used": (40 + seed * 13 % 35) / 100 * 16 * 2**30,
            "swap_used": seed % 3 * 2**28,
        },
        spark={"cpu": cpu, "net": wave(seed + 5, net, net / 3)},
        cores=8,
        memory_bytes=16 * 2**30,
        uptime_seconds=212 * 86400.0,
        kernel="6.1.0-28-amd64",
        rack="B1",
    )


def hosts() -> dict[str, HostRow]:
    rows = {}
    for site, letter, which in (("central", "c", 0), ("recovery", "r", 1)):
        for group, counts in GROUPS.items():
            for number in range(1, counts[which] + 1):
                name = f"{group}-{letter}{number:02d}"
                rows[name] = host(name, site, group, number)
    return rows


def document(
    rows: dict[str, HostRow], problems: tuple[Problem, ...], events: tuple[Event, ...]
) -> Document:
    return Document(
        seq=7,
        at=NOW - 2000,
        estate="Central messaging",
        timezone="Asia/Hong_Kong",
        language="en",
        every_ms=5000,
        watch=WatchRow(
            name="watch",
            version="0.1.0",
            pid=4711,
            started_at=ago("50:00:00"),
            user="kfwong",
            cpu_percent=0.8,
            bastion={"cpu": 3.0, "mem": 41.0, "disk": 22.0},
        ),
        sites=(site(rows, "central", "primary"), site(rows, "recovery", "recovery")),
        groups=tuple(GROUPS),
        hosts=rows,
        problems=problems,
        events=events,
    )


def site(rows: dict[str, HostRow], key: str, role: str) -> SiteRow:
    mine = [row for row in rows.values() if row.site == key]
    live = [row for row in mine if row.reach is Reach.LIVE]
    order = list(Severity)
    worst = min(
        (row.severity for row in mine if row.severity is not Severity.MAINTENANCE),
        key=order.index,
        default=Severity.OK,
    )
    return SiteRow(
        key=key,
        name={"central": "中央數據中心", "recovery": "復原數據中心"}.get(key, key),
        role=role,
        total=len(mine),
        up=len(live),
        severity=worst,
        cpu=sum(row.values["cpu"] for row in live) / len(live) if live else None,
        memory=sum(row.values["mem"] for row in live) / len(live) if live else None,
        spark=wave(len(key), 34 if key == "central" else 11, 4),
    )


def changed(
    rows: dict[str, HostRow], name: str, values: dict[str, float] | None = None, **parts: object
) -> None:
    row = rows[name]
    rows[name] = replace(row, values={**row.values, **(values or {})}, **parts)


def calm() -> Document:
    rows = hosts()
    key = Cause(
        Stage.HOST_KEY,
        "host key differs from known_hosts:214",
        "Rebuilt? Check, then trust the new key.",
    )
    changed(
        rows,
        "mta-r11",
        reach=Reach.UNTRUSTED,
        cause=key,
        since=ago("29:03"),
        at=ago("29:08"),
        severity=Severity.UNKNOWN,
        why="host key differs",
    )
    changed(rows, "mta-r07", {"disk": 86.4}, severity=Severity.WARNING, why="/var 86% full")
    changed(rows, "im-c04", severity=Severity.MAINTENANCE, why="maintenance until 04:00")
    problems = (
        Problem(
            "mta-r11/reach",
            "mta-r11",
            "host key differs from known_hosts:214",
            "rebuilt? check, then trust the new key",
            Severity.UNKNOWN,
            ago("29:03"),
            "reach",
            ("mta-r11",),
            "recovery",
            owner="vlam",
            glyph="untrusted",
            until=NOW + 3_600_000,
        ),
        Problem(
            "mta-r07/disk/var",
            "mta-r07",
            "/var 86% full, +0.4%/h, full in 35 h",
            "acknowledged until 09:00: ticket C-1187",
            Severity.WARNING,
            ago("2:03:00"),
            "disk",
            ("mta-r07",),
            "recovery",
            owner="tylee",
            glyph="acknowledged",
            until=NOW + 20_000_000,
        ),
        Problem(
            "im-c04/maintenance",
            "im-c04",
            "maintenance until 04:00",
            "kernel patch, declared 19 Nov 17:20",
            Severity.MAINTENANCE,
            ago("41:07"),
            "maintenance",
            ("im-c04",),
            "central",
            owner="vlam",
            glyph="maintenance",
        ),
    )
    events = (
        Event(903, ago("28:00"), Severity.OK, "ops-r01", "live again after 0:12"),
        Event(902, ago("29:03"), Severity.UNKNOWN, "mta-r11", "live → untrusted: host key differs"),
        Event(
            901,
            ago("41:07"),
            Severity.MAINTENANCE,
            "im-c04",
            "maintenance begins, until 04:00 (vlam)",
        ),
        Event(900, ago("2:03:00"), Severity.WARNING, "mta-r07", "/var over 85%"),
        Event(899, ago("27:10:00"), Severity.OK, "watch", "started 0.1.0"),
    )
    return document(rows, problems, events)


BEHIND = (
    "mdb-c01",
    "mbx-c05",
    "mbx-c06",
    "mbx-c07",
    "mbx-c08",
    "mta-c13",
    "mta-c14",
    "mta-c15",
    "mta-c16",
)


def incident() -> Document:
    board = calm()
    rows = dict(board.hosts)
    lost = Cause(Stage.TIMEOUT, "no answer in 10 s", "Is it switched on? Try its console.")
    changed(
        rows,
        "gw-c02",
        reach=Reach.UNREACHABLE,
        cause=lost,
        since=ago("8:32"),
        at=ago("8:37"),
        retry_at=NOW + 12_000,
        severity=Severity.CRITICAL,
        why="no answer in 10 s",
    )
    for name in BEHIND:
        jump = Cause(Stage.JUMP, "jump host gw-c02 is lost", hop="gw-c02")
        changed(
            rows,
            name,
            reach=Reach.UNREACHABLE,
            cause=jump,
            behind="gw-c02",
            since=ago("8:32"),
            at=ago("8:37"),
            severity=Severity.CRITICAL,
            why="behind gw-c02",
        )
    changed(
        rows,
        "mta-c03",
        {
            "disk": 91.2,
            "cpu": 94.1,
            "cpu_iowait": 33.0,
            "disk_full_in_seconds": 660.0,
            "cpu_user": 46.2,
            "cpu_system": 14.0,
            "load1": 11.4,
            "net_in": 3.1e6,
            "net_out": 1.6e6,
            "disk_write": 28e6,
            "mem_used": 13.3 * 2**30,
            "swap_used": 0.6 * 2**30,
        },
        severity=Severity.CRITICAL,
        why="/var/spool full in 11 min",
        spark={"cpu": (50, 52, 55, 54, 60, 70, 72, 80, 84, 88, 93, 94.1), "net": wave(3, 3e6, 8e5)},
    )
    changed(
        rows,
        "mta-c04",
        {"disk": 84.0, "cpu": 81.0},
        severity=Severity.WARNING,
        why="/var/spool full in 22 min",
    )
    changed(
        rows,
        "mbx-r03",
        reach=Reach.LATE,
        at=ago("0:48"),
        since=ago("0:38"),
        severity=Severity.UNKNOWN,
        why="no sample for 48 s",
        cause=Cause(Stage.SAMPLER, "channel late, TCP alive"),
    )
    changed(
        rows,
        "lb-r02",
        reach=Reach.REFUSED,
        at=None,
        since=ago("3:10"),
        severity=Severity.UNKNOWN,
        why="no key accepted",
        cause=Cause(
            Stage.AUTH,
            "no key accepted: publickey",
            "Add the watch's key to authorized_keys of ops.",
        ),
    )
    reach = Problem(
        "gw-c02/reach",
        "gw-c02",
        "lost: no answer in 10 s",
        "seen 02:58:35, load normal: power or kernel",
        Severity.CRITICAL,
        ago("8:32"),
        "reach",
        ("gw-c02",),
        "central",
        owner="kfwong",
        glyph="lost",
    )
    behind = tuple(
        Problem(
            f"{name}/reach",
            name,
            "unreachable: behind gw-c02",
            "no other path",
            Severity.CRITICAL,
            ago("8:32"),
            "reach",
            (name,),
            "central",
            parent="gw-c02/reach",
            glyph="behind",
        )
        for name in BEHIND
    )
    problems = (
        reach,
        *behind,
        Problem(
            "mta-c03/disk/var/spool",
            "mta-c03",
            "/var/spool 91% > 90%, full in 11 min",
            "+0.8%/min since 02:59",
            Severity.CRITICAL,
            ago("3:29"),
            "disk",
            ("mta-c03",),
            "central",
            glyph="critical",
        ),
        Problem(
            "mta-c03/cpu",
            "mta-c03",
            "cpu 94% > 90% for 2 min",
            "33% of it waits for the disk",
            Severity.WARNING,
            ago("2:10"),
            "cpu",
            ("mta-c03",),
            "central",
        ),
        Problem(
            "mta-c04/disk/var/spool",
            "mta-c04",
            "/var/spool 84% > 80%, full in 22 min",
            "",
            Severity.WARNING,
            ago("3:02"),
            "disk",
            ("mta-c04",),
            "central",
        ),
        Problem(
            "mbx-r03/stale",
            "mbx-r03",
            "stale: last sample 48 s ago",
            "channel late, TCP alive",
            Severity.UNKNOWN,
            ago("0:48"),
            "stale",
            ("mbx-r03",),
            "recovery",
            glyph="stale",
        ),
        Problem(
            "lb-r02/reach",
            "lb-r02",
            "refused: no key accepted",
            "add the watch's key to authorized_keys of ops",
            Severity.UNKNOWN,
            ago("3:10"),
            "reach",
            ("lb-r02",),
            "recovery",
            glyph="refused",
        ),
        *board.problems,
    )
    events = (
        Event(910, ago("0:10"), Severity.UNKNOWN, "mbx-r03", "live → late: no sample for 38 s"),
        Event(909, ago("3:29"), Severity.CRITICAL, "mta-c03", "/var/spool over 90% (critical)"),
        Event(
            908, ago("3:10"), Severity.UNKNOWN, "lb-r02", "connecting → refused: no key accepted"
        ),
        Event(
            907,
            ago("8:32"),
            Severity.CRITICAL,
            "gw-c02",
            "live → lost: no answer in 10 s; 9 hosts behind it",
        ),
        *board.events,
    )
    return document(rows, problems, events)


def empty() -> Document:
    board = document({}, (), ())
    return replace(board, sites=(), groups=())


def connecting() -> Document:
    rows = {
        name: replace(
            row,
            reach=Reach.LIVE if index % 3 == 0 else Reach.CONNECTING,
            at=NOW if index % 3 == 0 else None,
            values=row.values if index % 3 == 0 else {},
            spark={},
            since=NOW - 600,
            uptime_seconds=None,
        )
        for index, (name, row) in enumerate(hosts().items())
    }
    board = document(rows, (), ())
    return replace(board, at=NOW)


def restored() -> Document:
    rows = {
        name: replace(row, reach=Reach.CONNECTING, at=row.at - 3_600_000, since=NOW - 400)
        for name, row in hosts().items()
    }
    board = document(rows, (), ())
    watch = replace(
        board.watch, restored_until=NOW - 3_590_000, records="no space left on /var/lib/twinwatch"
    )
    return replace(board, watch=watch, at=NOW)


def wide_names() -> Document:
    rows = {}
    for index, name in enumerate(
        ("資料庫主機-01", "a-very-long-host-name.with.its.domain.example.org", "mta-c01", "é-host")
    ):
        rows[name] = replace(
            host(name, "central", "郵件伺服器", index),
            why="磁碟將滿" if index == 0 else "",
            severity=Severity.WARNING if index == 0 else Severity.OK,
        )
    return replace(document(rows, (), ()), groups=("郵件伺服器",))


def big(count: int, sites: int = 3) -> Document:
    rows = {}
    for number in range(count):
        name = f"node-{number:04d}"
        rows[name] = host(name, f"site-{number % sites}", f"g{number % 7}", number)
    board = document(rows, (), ())
    rooms = tuple(site(rows, f"site-{index}", "other") for index in range(sites))
    return replace(board, sites=rooms, groups=tuple(f"g{index}" for index in range(7)))


def detail(name: str = "mta-c03") -> HostDetail:
    hour = 3_600_000
    start, step = NOW - hour, 60_000

    def series(
        metric: str, middle: float, swing: float, rise: float = 0.0, gap: bool = False
    ) -> Series:
        values = wave(len(metric), middle, swing, 60)
        points = tuple(
            (start + i * step, v, v + max(0, i - 51) * rise, v + max(0, i - 51) * rise + swing)
            for i, v in enumerate(values)
            if not (gap and 20 <= i < 26)
        )
        return Series(metric, start, NOW, step, points)

    return HostDetail(
        name=name,
        filesystems=(
            FileSystem("/", 30 * 2**30, 10 * 2**30, 20 * 2**30, 12.0),
            FileSystem("/var/spool", 60 * 2**30, 54.7 * 2**30, 5.3 * 2**30, 3.0),
            FileSystem("/var/log", 40 * 2**30, 19 * 2**30, 21 * 2**30),
        ),
        interfaces=(Interface("eth0", 3.1e6, 3e5, 0.0), Interface("eth1", 1000.0, 900.0, 2.0)),
        readings={
            "units": (
                Reading(
                    "unit",
                    "postfix-policy.service",
                    text="failed",
                    attributes={"since_seconds": 186.0},
                ),
                Reading("unit", "rsyslog.service", text="inactive"),
                Reading(
                    "unit",
                    "postfix@-.service",
                    text="active",
                    attributes={"since_seconds": 212 * 86400.0},
                ),
            ),
            "processes": (
                Reading("process", "qmgr", 71.0, attributes={"memory": 9.0, "count": 1.0}),
                Reading("process", "smtpd", 118.0, attributes={"memory": 22.0, "count": 212.0}),
                Reading(
                    "process", "kworker", 0.4, attributes={"memory": float("nan"), "count": 8.0}
                ),
            ),
            "clock": (
                Reading("offset_ms", "", 0.0, "", {"lowest_ms": -2.0, "highest_ms": 11.0}),
                Reading("clock_synchronised", "chrony", 0.4, "yes", {"stratum": 3.0}),
            ),
            "disks": (
                Reading("mount", "/var/log", text="ro", attributes={"device": "/dev/sdb1"}),
                Reading("smart", "sda", text="PASSED"),
                Reading("smart", "sdb", text="FAILED!"),
            ),
        },
        gaps={"packages": "no package manager found"},
        probed_at={"units": NOW - 20_000, "processes": NOW - 9_000},
        series={
            each.metric: each
            for each in (
                series("cpu_user", 46, 5),
                series("cpu_system", 14, 3, gap=True),
                series("cpu_iowait", 3, 1, 3.5),
                series("cpu_steal", 0, 0),
                series("mem_used", 12.5 * 2**30, 1e8, 1e8),
                series("swap_used", 0.6 * 2**30, 0),
                series("net_in", 3.1e6, 4e5),
                series("net_out", 2.9e6, 4e5, -2e5),
                series("disk_write", 12e6, 2e6, 2e6),
                series("disk", 80, 0, 1.2),
                series("load1", 6, 1, 0.5),
            )
        },
        events=(
            Event(909, ago("3:29"), Severity.CRITICAL, name, "/var/spool over 90% (critical)"),
            Event(905, ago("8:02"), Severity.WARNING, name, "/var/spool over 80%"),
        ),
        thresholds={"disk": (80.0, 90.0), "cpu_iowait": (20.0, 40.0)},
    )


def view(board: Document, width: int = 120, height: int = 40, **parts: object) -> View:
    return View(board, NOW, width, height, **{"keys": KEYS, **parts})


@pytest.fixture(scope="session")
def boards() -> SimpleNamespace:
    """Builders of boards and views; see the functions of this file."""
    return SimpleNamespace(
        **{
            each.__name__: each
            for each in (calm, incident, empty, connecting, restored, wide_names, big, detail, view)
        },
        NOW=NOW,
        Attention=Attention,
        Link=Link,
    )


@pytest.fixture(scope="session")
def standing_estate() -> Document:
    """An incident, and everything odd that can stand on hosts."""
    return standing(incident(), NOW)
