"""A snapshot of a played estate: everything that one can hold, in any size, the same every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from estate.attention import Silence
from estate.availability import BudgetRow, DayRow, ServiceRow, TenantRow
from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.configuration import ConfigurationRow
from estate.document import Event, Problem, Severity, SiteRow
from estate.handover import Note, NoteKind
from estate.patches import PatchRow
from estate.queues import QueueRow
from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from estate.replication import ReplicationRow, Stream
from estate.runs import QuestionView, RunRow
from snapshots.snapshot import (
    FORMAT,
    ONE_VANTAGE,
    UNSEEN_THIS_MONTH,
    Before,
    Depths,
    Difference,
    Duty,
    HostState,
    Run,
    Snapshot,
    StepSpan,
    Unseen,
    Work,
)

#: Friday 20 November 2026, 14:30 in Hong Kong.
MADE_AT = 1_795_156_200_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_MONTH = (1_793_462_400_000, 1_796_054_400_000)
_LIMIT = 1_296_000
_SITES = (
    SiteRow("central", "Central data centre", "primary", 0, 0, names={"zh-Hant": "中環數據中心"}),
    SiteRow(
        "recovery", "Recovery data centre", "recovery", 0, 0, names={"zh-Hant": "備援數據中心"}
    ),
)
#: Groups, and how many of every 21 hosts of a site are in each.
_GROUPS = {"mta": 9, "mbx": 5, "im": 3, "mdb": 2, "lb": 1, "gw": 1}
_PLATFORMS = (
    ("Mail delivery", "郵件傳送"),
    ("Mailboxes", "郵箱"),
    ("Instant messages", "即時通訊"),
    ("Directory", "目錄"),
    ("Webmail", "網頁郵件"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; `days` is the length of the period."""

    hosts: int
    services: int
    tenants: int
    events: int
    days: int = 1


#: What has to be rendered within a second, and what is looked at in documentation and tests.
FULL = Size(hosts=80, services=218, tenants=30, events=2_000, days=30)
SMALL = Size(hosts=42, services=6, tenants=5, events=60)


def played_snapshot(size: Size) -> Snapshot:
    """An estate in an incident: a gateway is lost, a failover waits for a word, a queue fills."""
    hosts = tuple(_hosts(size.hosts))
    return Snapshot(
        format=FORMAT,
        id="h-20261120-063000",
        made_at=MADE_AT,
        starts=MADE_AT - (size.days * DAY if size.days > 1 else 8 * HOUR),
        estate="Messaging platform",
        timezone="Asia/Hong_Kong",
        watch="bastion-c",
        version="0.4.0",
        by="kfwong",
        duty=Duty("day", "night", MADE_AT + HOUR),
        every_ms=5_000,
        sites=_SITES,
        hosts=hosts,
        problems=tuple(_problems(hosts)),
        events=tuple(_events(size, hosts)),
        events_left_out=3 * size.events if size.days > 1 else 0,
        services=tuple(_services(size.services)),
        tenants=tuple(
            TenantRow(
                key=f"T{number:02}", name=f"Bureau {number}",
                names={"zh-Hant": f"第 {number} 局"}, down_ms=max(0, 9 - number) * MINUTE,
                unknown_ms=10 * MINUTE, best="21591/21600", worst="21581/21600",
            )
            for number in range(1, size.tenants + 1)
        ),
        runs=tuple(_runs()),
        work=(Work("group:mdb", MADE_AT + 3 * HOUR, MADE_AT + 5 * HOUR, "New kernel", "chan"),),
        unseen=tuple(_unseen(hosts)),
        notes=tuple(_notes()),
        silences=(Silence("s-3", "group:im kind:cpu", "chan", "load test of the new release",
                          MADE_AT - 3 * HOUR, MADE_AT + 5 * HOUR),),
        queues=tuple(_queues()),
        depths=(_depths(),),
        readiness=tuple(_readiness()),
        replication=tuple(_replication()),
        certificates=tuple(_certificates()),
        patches=tuple(_patches(hosts)),
        configuration=tuple(
            ConfigurationRow(
                host=host.name, site=host.site, at=MADE_AT - HOUR, every_ms=6 * HOUR,
                path="/etc/postfix/main.cf", there=True,
                sha256=("b2" if host.site == "recovery" else "a1") * 32,
            )
            for host in hosts
            if host.group == "mta"
        ),
        backups=(
            BackupRow(host="mdb-r01", site="recovery", name="mail store", at=MADE_AT - HOUR,
                      newest_at=MADE_AT - 26 * HOUR, size_bytes=84.0 * 2**30, copies=14,
                      objective_ms=24 * HOUR),
        ),
        before=_before(),
    )  # fmt: skip


def _hosts(many: int) -> Iterator[HostState]:
    for number in range(many):
        site = _SITES[number % 2].key
        place, group = number // 2 % 21, ""
        for name, share in _GROUPS.items():
            if place < share:
                group = name
                break
            place -= share
        name = f"{group}-{site[0]}{number // 42 * 9 + place + 1:02}"
        host = HostState(name, site, group, "live", since=MADE_AT - 4 * DAY, at=MADE_AT - 2_000)
        yield _troubled(host)


def _troubled(host: HostState) -> HostState:
    name, site, group = host.name, host.site, host.group
    lost_at = MADE_AT - 11 * MINUTE
    if name == "gw-c01":
        return HostState(name, site, group, "lost", Severity.CRITICAL, lost_at, lost_at - 5_000,
                         "no route to host")  # fmt: skip
    if group == "mdb" and site == "central":
        return HostState(name, site, group, "behind", Severity.CRITICAL, lost_at, lost_at - 5_000,
                         "its jump host gw-c01 does not answer", "gw-c01")  # fmt: skip
    if name == "im-r02":
        return HostState(name, site, group, "untrusted", Severity.WARNING, MADE_AT - DAY, None,
                         "host key differs from known_hosts:214")  # fmt: skip
    if name == "mta-c05":
        return HostState(name, site, group, "live", Severity.WARNING, MADE_AT - 4 * DAY,
                         MADE_AT - 2_000)  # fmt: skip
    return host


def _problems(hosts: Sequence[HostState]) -> Iterator[Problem]:
    lost_at = MADE_AT - 11 * MINUTE
    yield Problem("gw-c01/reach", "gw-c01", "lost: no route to host", "", Severity.CRITICAL,
                  lost_at, "reach", ("gw-c01",), "central")  # fmt: skip
    for host in hosts:
        if host.behind == "gw-c01":
            yield Problem(f"{host.name}/reach", host.name, "behind gw-c01", "", Severity.CRITICAL,
                          lost_at, "reach", (host.name,), "central", "gw-c01/reach")  # fmt: skip
    yield Problem("mta-c05/disk/var/spool", "mta-c05", "/var/spool 91% > 85%, full in 2 h 10",
                  "+0.4%/min: writes fail when it is full", Severity.WARNING, MADE_AT - 3 * HOUR,
                  "disk", ("mta-c05",), "central", owner="chan", until=MADE_AT + 2 * HOUR,
                  reason="old logs are being moved away")  # fmt: skip
    yield Problem("im-r02/reach", "im-r02", "host key differs from known_hosts:214", "",
                  Severity.WARNING, MADE_AT - DAY, "reach", ("im-r02",), "recovery")  # fmt: skip


def _events(size: Size, hosts: Sequence[HostState]) -> Iterator[Event]:
    step = size.days * DAY // max(1, size.events) if size.days > 1 else 8 * MINUTE
    said = (
        (Severity.WARNING, "cpu 94% > 90%"),
        (Severity.OK, "cleared after 12:40: cpu 94% > 90%"),
        (Severity.CRITICAL, "lost: no route to host"),
        (Severity.OK, "live again"),
    )
    for number in range(size.events):
        severity, what = said[number % len(said)]
        where = hosts[number * 7 % len(hosts)].name
        yield Event(90_000 - number, MADE_AT - number * step, severity, where, what)


def _services(many: int) -> Iterator[ServiceRow]:
    for number in range(many):
        english, chinese = _PLATFORMS[number % len(_PLATFORMS)]
        more = f" {number // len(_PLATFORMS) + 1}" if many > len(_PLATFORMS) else ""
        down = 11 * MINUTE if number == 0 else 90_000 * (number % 7 == 2)
        unknown = 10 * MINUTE if number % 9 == 1 else 0
        yield ServiceRow(
            f"service-{number:03}",
            f"{english}{more}",
            {"zh-Hant": f"{chinese}{more}"},
            tier=1 if number < 5 else 2,
            state="down" if number == 0 else "unknown" if number == 1 else "up",
            since=MADE_AT - 11 * MINUTE,
            at=MADE_AT - 5_000,
            cause="smtp: 421 no route to the mail store" if number == 0 else "",
            vantages=("bastion-c",),
            budget=_budget(number, down, unknown),
        )


def _budget(number: int, down: int, unknown: int) -> BudgetRow:
    before = 4 * MINUTE if number < 3 else 0
    days = [DayRow("up") for _ in range(19)]
    if before:
        days[6] = DayRow("down", before)
    if unknown:
        days[10] = DayRow("unknown", 0, unknown)
    if number % 4 == 3:
        days[13] = DayRow("degraded")
    days.append(DayRow("down" if down else "up", down))
    lost = down + before
    left = _LIMIT - lost
    return BudgetRow(
        month="2026-11", starts=_MONTH[0], ends=_MONTH[1], objective="99.95%", limit_ms=_LIMIT,
        flat_limit_ms=1_320_000, down_ms=lost, unknown_ms=unknown, degraded_ms=0, maintenance_ms=0,
        best=f"{1_693_800_000 - lost}/1693800000",
        worst=f"{1_693_800_000 - lost - unknown}/1693800000",
        verdict="breached" if left < 0 else "open", left_best_ms=left, left_worst_ms=left - unknown,
        burn={"5m": 40.0, "1h": 33.3, "6h": 6.1, "3d": 0.5} if down else {"1h": 0.0},
        at_month_pace_ms=lost * 30 // 20, at_day_pace_ms=lost,
        used_up_at=MADE_AT + left if number == 0 and left > 0 else None,
        failovers_left=max(0, left // 600_000),
        failovers_left_worst=max(0, (left - unknown) // 600_000),
        days=(*days, *(DayRow("") for _ in range(10))),
    )  # fmt: skip


def _runs() -> Iterator[Run]:
    began = MADE_AT - 9 * MINUTE
    yield Run(
        RunRow("r-20261120-0621-5f0c2a91", "postgresql-failover", "Fail the mail store over",
               "needs-decision", 41, began, MADE_AT - 2 * MINUTE, "kfwong", steps_done=3,
               steps_total=7, clock_started_at=began, target_ms=600_000, predicted_ms=410_000,
               question="Is mdb-r01 promoted?"),
        (
            StepSpan("Fence the old primary", "ok", began, began + 50_000),
            StepSpan("Wait until the standby has it all", "ok", began + 50_000, began + 95_000),
            StepSpan("Promote the standby", "unknown", began + 95_000, began + 420_000),
            StepSpan("Move the service address", "now", began + 420_000),
        ),
        (QuestionView("promote", "mdb-r01", "Is mdb-r01 promoted?", ("settle", "retry"),
                      until=MADE_AT + 20 * MINUTE),),
        ("Promote the standby @ mdb-r01",),
    )  # fmt: skip
    began = MADE_AT - 6 * HOUR
    yield Run(
        RunRow("r-20261120-0030-91be77d0", "rolling-patches", "Patch the mail relays",
               "succeeded", 88, began, began + 25 * MINUTE, "chan", ended_at=began + 25 * MINUTE,
               steps_done=4, steps_total=4),
        (
            StepSpan("Drain, patch, restart, one by one", "ok", began, began + 22 * MINUTE),
            StepSpan("See that mail flows", "ok", began + 22 * MINUTE, began + 25 * MINUTE),
        ),
    )  # fmt: skip


def _unseen(hosts: Sequence[HostState]) -> Iterator[Unseen]:
    yield Unseen("vantage", "bastion-c", ONE_VANTAGE)
    yield Unseen("watch", "bastion-c", "not watching 09:12:04–09:14:40 (2:36)", MADE_AT - 5 * HOUR)
    yield Unseen("service", "service-001", UNSEEN_THIS_MONTH, lost_ms=10 * MINUTE)
    for host in hosts:
        if host.state != "live":
            yield Unseen("host", host.name, f"{host.state}: {host.why}", host.at or host.since)
    yield Unseen("probe", "mbx-r02 clock", "chronyc: command not found")


def _notes() -> Iterator[Note]:
    yield Note(
        id="n-4a1f02", kind=NoteKind.INCIDENT, text="Mail is not delivered at the central site",
        by="kfwong", at=MADE_AT - 10 * MINUTE, severity="critical", tenants=("T01", "T04"),
        hypothesis="the switch of rack 4 lost its uplink", tried="rebooted gw-c01: no change",
        next_step="call the network desk, then decide on the failover", owner="kfwong",
        promised_until=MADE_AT + 30 * MINUTE,
    )  # fmt: skip
    yield Note(
        id="n-77c3e9", kind=NoteKind.NOTE, text="The auditors visit at 10:00 tomorrow",
        by="chan", at=MADE_AT - 5 * HOUR, next_step="have the ledger of October at hand",
        owner="chan",
    )  # fmt: skip
    yield Note(
        id="n-90d1ab", kind=NoteKind.WATCH, text="deferred mail passes 15,000", by="kfwong",
        at=MADE_AT - 8 * MINUTE, next_step="stop the bulk senders", call="mail desk, ext. 4711",
        owner="kfwong",
    )  # fmt: skip


def _queues() -> Iterator[QueueRow]:
    yield QueueRow(
        "postfix/mail/deferred", "mail deferred", "central", "postfix", "mta", state="critical",
        since=MADE_AT - 9 * MINUTE, at=MADE_AT, depth=5_123, at_least=True, oldest_seconds=3_960.0,
        net_per_minute=212.0, trend="rising", full_in_seconds=4_208.0, warn=1_000, critical=5_000,
        full=20_000, why="depth 5,123 > 5,000", hosts=9, missing=1,
        spark=(*range(400, 5_000, 200), None, 4_800, 4_900, 5_000, 5_060, 5_100, 5_123),
    )  # fmt: skip
    yield QueueRow(
        "postfix/mail/deferred", "mail deferred", "recovery", "postfix", "mta", state="ok",
        at=MADE_AT, depth=12, oldest_seconds=320.0, net_per_minute=-3.0, trend="falling",
        empty_in_seconds=240.0, hosts=9, spark=(40, 36, 30, 22, 18, 12),
    )  # fmt: skip


def _depths() -> Depths:
    """Eight hours, five minutes a point: quiet, a hole, then what the lost gateway holds up."""
    points: list[tuple[int, float | None]] = []
    for number in range(97):
        at = MADE_AT - (96 - number) * 5 * MINUTE
        deep = 300.0 + 60 * (number % 7) if number < 92 else 300.0 + (number - 91) * 960
        points.append((at, None if 62 <= number <= 64 else deep))
    return Depths("postfix/mail/deferred", "central", tuple(points))


def _readiness() -> Iterator[ReadinessRow]:
    yield ReadinessRow(
        key="service-000", name="Mail delivery", names={"zh-Hant": "郵件傳送"},
        verdict=Verdict.NOT_READY, runbook="postgresql-failover", version=3, to="recovery",
        at=MADE_AT - MINUTE,
        findings=(
            FindingRow(asked="replication streams", bearing=Bearing.STOPS,
                       said="mdb-r01 is 4:10 behind", source="replication", at=MADE_AT - MINUTE,
                       todo="see what holds it up"),
            FindingRow(asked="same packages", bearing=Bearing.UNKNOWN,
                       said="mdb-c01 does not answer", source="packages"),
        ),
        p50_ms=320_000, p90_ms=410_000, predicted_from="history", limit_ms=600_000,
        done_at=MADE_AT - 31 * DAY, took_ms=487_000,
    )  # fmt: skip
    yield ReadinessRow(key="service-001", name="Mailboxes", names={"zh-Hant": "郵箱"},
                       verdict=Verdict.NOT_KNOWN,
                       to="recovery", limit_ms=600_000)  # fmt: skip


def _replication() -> Iterator[ReplicationRow]:
    yield ReplicationRow(host="mdb-c01", site="central", at=MADE_AT - 12 * MINUTE, every_ms=30_000,
                         gap="no route to host", system="postgresql", role="primary")  # fmt: skip
    yield ReplicationRow(
        host="mdb-r01", site="recovery", at=MADE_AT - 10_000, every_ms=30_000, system="postgresql",
        role="standby", follows="mdb-c01",
        streams=(Stream("mdb-c01", "stopped", "async", 9_437_184.0, 250.0),),
    )  # fmt: skip


def _certificates() -> Iterator[CertificateRow]:
    for host, source, place, left, mark in (
        ("lb-c01", "file", "/etc/ssl/mail.pem", 80 * DAY, "b2"),
        ("lb-c01", "served", "lb-c01:443", 5 * DAY, "a1"),
        ("lb-r01", "served", "lb-r01:443", 5 * DAY, "a1"),
    ):
        yield CertificateRow(
            host=host, site="central" if host[3] == "c" else "recovery", at=MADE_AT - HOUR,
            name="mail", source=source, place=place, subject="CN=mail.example.net",
            fingerprint=mark * 32, not_after=MADE_AT + left,
        )  # fmt: skip


def _patches(hosts: Sequence[HostState]) -> Iterator[PatchRow]:
    for number, host in enumerate(hosts):
        unlike = host.group == "mta" and host.site == "recovery"
        yield PatchRow(
            host=host.name, site=host.site, at=MADE_AT - HOUR, every_ms=6 * HOUR, system="apt",
            gap="no route to host" if host.state == "lost" else "",
            pending=14 if unlike else 3, security=2 if unlike else 0, reboot=number % 11 == 0,
            installed=f"{host.group}{unlike}", packages=612,
        )  # fmt: skip


def _before() -> Before:
    return Before(
        "h-20261119-223000",
        MADE_AT - 8 * HOUR,
        "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
        (
            Difference("problem:gw-c01/reach", "problem", "new", "gw-c01",
                       "lost: no route to host", MADE_AT - 11 * MINUTE),
            Difference("problem:im-r02/reach", "problem", "unchanged", "im-r02",
                       "host key differs from known_hosts:214", MADE_AT - DAY),
            Difference("problem:mta-c05/disk/var/spool", "problem", "worse", "mta-c05",
                       "/var/spool 91% > 85%", MADE_AT - 3 * HOUR),
            Difference("problem:lb-r01/unit", "problem", "vanished", "lb-r01",
                       "keepalived failed", MADE_AT - 20 * HOUR),
            Difference("service:service-004", "service", "closed", "service-004", "degraded",
                       MADE_AT - 10 * HOUR),
        ),
    )  # fmt: skip
