"""The board as one value: what the watch publishes, and consoles, reports and commands show.

`Document` is a picture of the estate at one moment; `Change` takes one picture to the next.
Both cross the watch's socket as JSON: `to_json` gives plain dicts, `from_json` reads them back,
and `apply` is the only way a console's picture moves forward. Times are UTC milliseconds by the
watch's clock; None means "not known", which is never the same as zero. Every text in here was
cleaned where it entered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from estate.attention import Silence
from estate.availability import AllTenantsRow, ServiceRow, TenantRow, VantageRow
from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.configuration import ConfigurationRow
from estate.patches import PatchRow
from estate.proxies import AddressRow, ProxyRow
from estate.queues import QueueRow
from estate.readiness import ReadinessRow
from estate.replication import ReplicationRow
from estate.runs import RunRow
from estate.samples import Cause, FileSystem, Interface, Reach, Reading


class Severity(StrEnum):
    """How bad, worst first in `SEVERITIES`."""

    CRITICAL = "critical"
    WARNING = "warning"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    OK = "ok"


SEVERITIES: tuple[Severity, ...] = tuple(Severity)


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host as a row: state, last values, and how old they are.

    `values` holds the metrics of `estate.metrics` that are known, by name, plus derived ones
    ("disk_full_in_seconds"). `at` is the time of the last sample. `spark` holds 12 cells of 75 s
    (15 minutes) for "cpu" and "net", oldest first, None where nothing was measured. `behind` names
    the jump host or site whose loss explains this one's.
    """

    name: str
    site: str
    groups: tuple[str, ...] = ()
    reach: Reach = Reach.CONNECTING
    cause: Cause | None = None
    since: int = 0  # when `reach` last changed
    at: int | None = None
    retry_at: int | None = None
    severity: Severity = Severity.OK
    why: str = ""  # the worst problem in a few words, "" when there is none
    behind: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    spark: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    cores: int | None = None
    memory_bytes: float | None = None
    uptime_seconds: float | None = None
    kernel: str = ""
    note: str = ""  # "slow login shell: 2.1 s"
    rack: str = ""
    tenants: tuple[str, ...] = ()

    @property
    def without_swap(self) -> bool:
        """Whether it said that it has no swap: nothing of it used, and no share of nothing."""
        return "swap" not in self.values and self.values.get("swap_used") == 0


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site in the band: `up` of `total` collected hosts are live, and their means.

    `name` is in the estate's language, `names` in every one that the estate file has it in.
    """

    key: str
    name: str
    role: str
    total: int
    up: int
    severity: Severity = Severity.OK
    cpu: float | None = None
    memory: float | None = None
    spark: tuple[float | None, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is wrong: where, what, why, since when, whose.

    `id` is stable while the problem lasts ("mta-c03/disk/var/spool"). `parent` is the id of the
    problem that explains this one; consequences count once, under their cause. `owner` is empty
    when nobody has it. With `until` they said so themselves, by an acknowledgement or a silence,
    and it is quiet until then; an owner by a `handover` alone has no end, and quiets nothing.
    """

    id: str
    where: str
    what: str
    why: str
    severity: Severity
    since: int
    kind: str = ""  # the metric or fact: "reach", "cpu", "disk", "unit", ...
    hosts: tuple[str, ...] = ()
    site: str = ""
    parent: str = ""
    owner: str = ""
    until: int | None = None
    glyph: str = ""  # state word for the glyph: "down", "lost", "untrusted", "stale", ...
    blames: tuple[str, ...] = ()  # hosts at the other end whose loss would explain it
    reason: str = ""  # why its owner has it
    silence: str = ""  # the id of the silence that keeps it quiet
    returned: int | None = None  # when it came back to everybody: nobody has acknowledged it since
    handover: str = ""  # the id of the handover by which its owner has it
    quieted_by: str = ""  # who acknowledged or silenced it before its owner took it over

    @property
    def of_a_site(self) -> bool:
        """Whether it is the loss of a whole site, or of all of them, not of one host."""
        return self.kind == "reach" and self.where not in self.hosts

    @property
    def whose_word(self) -> str:
        """Who said that it is to be quiet `until` then."""
        return self.quieted_by or self.owner


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `id` grows by one for each event the watch ever recorded.

    `cleared` is the id of the problem that is over with it.
    """

    id: int
    at: int
    severity: Severity
    where: str
    what: str
    cleared: str = ""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """The watch about itself."""

    name: str = ""
    version: str = ""
    pid: int = 0
    started_at: int = 0
    user: str = ""
    standalone: bool = True
    records: str = ""  # "" when records are kept; else why they are not
    estate_problem: str = ""  # why the changed estate file was refused, "" when it was not
    restored_until: int | None = None  # the board came from records up to here
    cpu_percent: float | None = None
    bastion: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """The whole board. `seq` grows by one for each `Change`."""

    seq: int
    at: int
    estate: str
    timezone: str
    language: str
    every_ms: int
    watch: WatchRow
    sites: tuple[SiteRow, ...] = ()
    groups: tuple[str, ...] = ()
    hosts: Mapping[str, HostRow] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    events: tuple[Event, ...] = ()  # newest first, the last 200
    runs: tuple[RunRow, ...] = ()  # newest first: all that are open, and the last that ended
    services: tuple[ServiceRow, ...] = ()  # in the estate's order
    tenants: tuple[TenantRow, ...] = ()  # the worst off first
    all_tenants: tuple[AllTenantsRow, ...] = ()  # one, where there are any
    vantages: tuple[VantageRow, ...] = ()  # this watch first; empty where it is the only one
    silences: tuple[Silence, ...] = ()  # that hold, the oldest first
    readiness: tuple[ReadinessRow, ...] = ()  # services that could move, in the estate's order
    replication: tuple[ReplicationRow, ...] = ()  # these six in the order of the estate's hosts
    proxies: tuple[ProxyRow, ...] = ()
    addresses: tuple[AddressRow, ...] = ()
    certificates: tuple[CertificateRow, ...] = ()
    patches: tuple[PatchRow, ...] = ()
    backups: tuple[BackupRow, ...] = ()
    configuration: tuple[ConfigurationRow, ...] = ()
    queues: tuple[QueueRow, ...] = ()  # as the estate declares them, site by site


@dataclass(frozen=True, slots=True)
class Change:
    """From `seq - 1` to `seq`: whole rows that changed; None where nothing did.

    `events` are the new ones, newest first.
    """

    seq: int
    at: int
    hosts: tuple[HostRow, ...] = ()
    sites: tuple[SiteRow, ...] | None = None
    problems: tuple[Problem, ...] | None = None
    events: tuple[Event, ...] = ()
    watch: WatchRow | None = None
    runs: tuple[RunRow, ...] | None = None
    services: tuple[ServiceRow, ...] | None = None
    tenants: tuple[TenantRow, ...] | None = None
    all_tenants: tuple[AllTenantsRow, ...] | None = None
    vantages: tuple[VantageRow, ...] | None = None
    silences: tuple[Silence, ...] | None = None
    readiness: tuple[ReadinessRow, ...] | None = None
    replication: tuple[ReplicationRow, ...] | None = None
    proxies: tuple[ProxyRow, ...] | None = None
    addresses: tuple[AddressRow, ...] | None = None
    certificates: tuple[CertificateRow, ...] | None = None
    patches: tuple[PatchRow, ...] | None = None
    backups: tuple[BackupRow, ...] | None = None
    configuration: tuple[ConfigurationRow, ...] | None = None
    queues: tuple[QueueRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One metric over time for a chart: `points` of (from ms, low, mean, high), gaps absent."""

    metric: str
    start: int
    end: int
    step: int
    points: tuple[tuple[int, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class HostDetail:
    """What the host screen adds to the host's row."""

    name: str
    filesystems: tuple[FileSystem, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)  # by probe
    gaps: Mapping[str, str] = field(default_factory=dict)  # probe -> why it could not measure
    probed_at: Mapping[str, int] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)  # by metric
    events: tuple[Event, ...] = ()
    thresholds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    # metric -> (warn, critical), the faint dashes of its chart
