"""The estate: sites, hosts, services, tenants and the rules that hold for them, as one value.

An `Estate` is made from text by `estate.file`, compared, and thrown away when the file
changes; nothing in it is ever mutated. Durations are integer milliseconds, times of day are
minutes after midnight in the estate's timezone, shares are `Fraction`s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from estate.asked import NOTHING, Asked
from estate.queues import DeclaredQueue

#: One text in several languages: {"en": "E-mail", "zh-Hant": "電郵"}. Never empty.
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    key: str
    name: Label
    role: str = "other"  # "primary", "recovery" or "other"


@dataclass(frozen=True, slots=True)
class Host:
    """One machine. What is empty or None here is left to ssh_config, as the ssh command would."""

    name: str
    site: str
    groups: tuple[str, ...] = ()
    address: str = ""
    port: int | None = None
    user: str = ""
    jump: str = ""  # ProxyJump, "a,b" from the outside in; "none" for no jump
    identity: str = ""  # path of a key
    pair: str = ""
    rack: str = ""
    platform: str = ""
    phase: str = (
        "live"  # planned, migrating, live or retired; only live and migrating are collected
    )
    tags: Mapping[str, str] = field(default_factory=dict)
    queues: tuple[DeclaredQueue, ...] = ()  # of the services that name one of its groups
    asked: Asked = NOTHING  # besides what every host is asked

    @property
    def collected(self) -> bool:
        return self.phase in ("live", "migrating")


@dataclass(frozen=True, slots=True)
class Objective:
    available: Fraction
    flat_limit_ms: int | None = None
    recover_within_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A service needs `k` hosts of `group` at `at` ("active site", "any site" or a site's key)."""

    group: str
    at: str
    k: int


@dataclass(frozen=True, slots=True)
class Service:
    """`probes` are kept as declared; the room that runs them reads them."""

    key: str
    name: Label
    tier: int = 2
    platform: str = ""
    phase: str = "live"
    objective: Objective | None = None
    needs: tuple[Need, ...] = ()
    probes: tuple[Mapping[str, object], ...] = ()
    queues: tuple[DeclaredQueue, ...] = ()
    runbooks: Mapping[str, str] = field(default_factory=dict)
    tenants: tuple[str, ...] | None = None  # None means all
    server_group: str = ""  # which of its platform's server groups carries it
    runbook_inputs: Mapping[str, str] = field(default_factory=dict)  # what its runbooks ask for

    @property
    def asked(self) -> bool:
        """It runs, and there is a way to ask it: the prober does, and the ledger follows."""
        return bool(self.probes) and self.phase in ("live", "migrating")


@dataclass(frozen=True, slots=True)
class Tenant:
    key: str
    name: Label
    phase: str = "live"


@dataclass(frozen=True, slots=True)
class Pool:
    """Something handed out by demand: servers, terabytes, bandwidth. `size` is counted in `unit`.

    `allotted` is what each tenant has of it, by tenant key.
    """

    key: str
    name: Label
    unit: str
    size: int
    allotted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """Servers bought together: a host group that can carry `carries` services."""

    key: str
    name: Label
    carries: int
    phase: str = "live"
    group: str = ""  # the host group, "" before there are hosts


@dataclass(frozen=True, slots=True)
class Platform:
    key: str
    name: Label
    capacity: int | None = None  # services it can carry
    pools: Mapping[str, Pool] = field(default_factory=dict)
    server_groups: Mapping[str, ServerGroup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Threshold:
    """`metric` over (or under) a limit for `hold_ms` is a problem, on hosts that match `where`.

    `metric` is a name of `estate.thresholds.JUDGED`: sampled ("cpu"), or derived by the watch
    ("disk_full_in_seconds", "unit_failed"). A limit of None is not judged.
    """

    metric: str
    warn: float | None
    critical: float | None
    hold_ms: int
    above: bool = True
    where: str = ""  # filter grammar


@dataclass(frozen=True, slots=True)
class Retention:
    hot_ms: int = 2 * 3_600_000
    chunks_ms: int = 7 * 86_400_000
    minutes_ms: int = 90 * 86_400_000
    ten_minutes_ms: int = 400 * 86_400_000
    events_ms: int = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class Shift:
    name: str
    starts: int  # minutes after midnight
    ends: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """When hosts are asked, once a night, whether they could take over; how often to drill it.

    `starts` and `ends` are minutes after midnight; equal, they are the whole day.
    """

    starts: int = 60
    ends: int = 300
    drill_every_ms: int = 92 * 86_400_000


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work on the hosts or services that `where` selects, UTC milliseconds, half-open."""

    where: str
    starts: int
    ends: int
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Ssh:
    """How the watch reaches hosts. Empty means what the ssh command would use."""

    config: str = ""
    known_hosts: tuple[str, ...] = ()
    connect_at_once: int = 16
    per_jump: int = 6
    connect_timeout_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class Vantage:
    """Another watch that asks the same services: `command` is twinwatch on `host`, which prints
    what that watch saw."""

    key: str
    host: str
    command: str = "twinwatch"


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything the estate file says, checked. `hosts` keeps the file's order."""

    name: str
    timezone: str
    language: str
    every_ms: int
    sites: Mapping[str, Site]
    hosts: Mapping[str, Host]
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    retention: Retention = Retention()
    shifts: tuple[Shift, ...] = ()
    every_shift: bool = False  # a handover is offered at each change of shift
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # role -> Unix groups
    maintenance: tuple[Maintenance, ...] = ()
    rehearsal: Rehearsal = Rehearsal()
    canaries: tuple[str, ...] = ()  # host:port; what the watch must see to believe its own eyes
    vantages: Mapping[str, Vantage] = field(default_factory=dict)
    ssh: Ssh = Ssh()
    source: str = ""  # path of the file, for messages
    left_out: tuple[str, ...] = ()  # what a foreign file names and an estate can't, and why

    def groups(self) -> tuple[str, ...]:
        """All groups, in the order in which hosts first name them."""
        seen: dict[str, None] = {}
        for host in self.hosts.values():
            for group in host.groups:
                seen.setdefault(group)
        return tuple(seen)
