"""What collectors observe: facts about one host at one moment.

Three kinds of observation travel from collectors to the watch: a host was sampled, a host's
reachability changed, a slow probe answered. Failure to measure is a value (`Gap`), and a number
that is not known is NaN, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: Values older than this many cadences are stale.
STALE_AFTER = 3


class Reach(StrEnum):
    """How far the watch gets on its way to a host."""

    CONNECTING = "connecting"
    LIVE = "live"
    LATE = "late"  # connected, but the sample is overdue
    UNREACHABLE = "unreachable"  # no resolution, route, answer, jump host or channel
    REFUSED = "refused"  # the host answers and does not accept us
    UNTRUSTED = "untrusted"  # its host key is unknown, changed or revoked
    FROZEN = "frozen"  # TCP answers, SSH does not


class Stage(StrEnum):
    """Where on the way it failed."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    JUMP = "jump"
    BANNER = "banner"
    KEX = "kex"
    HOST_KEY = "host key"
    AUTH = "auth"
    CHANNEL = "channel"
    SAMPLER = "sampler"
    TIMEOUT = "time-out"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a host is not live: the stage, what happened, and what a person can do about it.

    `what` is one clause without a full stop, fit for a row of the board ("host key differs from
    known_hosts:214"); `remedy` is a sentence; `hop` names the jump host that failed, if one did.
    """

    stage: Stage
    what: str
    remedy: str = ""
    hop: str = ""


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One local file system. Sizes in bytes; `inodes_used` in percent, NaN where it has none."""

    mount: str
    size: float
    used: float
    available: float
    inodes_used: float = float("nan")

    @property
    def used_percent(self) -> float:
        """Share of the space an ordinary user can have, as df counts it; NaN when empty."""
        reach = self.used + self.available
        return 100.0 * self.used / reach if reach > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Interface:
    """One network interface. Rates in bytes and events per second, NaN at the first tick."""

    name: str
    bytes_in: float
    bytes_out: float
    errors: float


@dataclass(frozen=True, slots=True)
class Device:
    """One block device. Rates in bytes per second, `busy` in percent of wall time."""

    name: str
    read: float
    write: float
    busy: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One tick of one host.

    `at` is the watch's clock at receipt, UTC milliseconds; `values` follow `METRICS`, NaN where
    not known. `filesystems` is None on ticks that did not look (most of them).
    """

    host: str
    at: int
    values: tuple[float, ...]
    uptime_seconds: float
    cores: int
    memory_bytes: float
    interfaces: tuple[Interface, ...] = ()
    devices: tuple[Device, ...] = ()
    filesystems: tuple[FileSystem, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact from a slow probe: `name` of what was read, about which `subject`.

    ("unit", "postfix.service", text="failed"), ("process", "qmgr", 71.0, {"memory": 9.0}).
    `value` is NaN where the fact is not a number. All text is already cleaned.
    """

    name: str
    subject: str = ""
    value: float = float("nan")
    text: str = ""
    attributes: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """A probe could not measure, and why; the reason quotes the host's words, cleaned.

    `of` is the part of what was asked that it is about, in the probe's words; "" is all of it.
    """

    reason: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a host said of itself when its sampler started. Cleaned text."""

    host: str
    at: int
    hostname: str
    kernel: str
    shell: str  # "mawk", "gawk", "busybox awk", "sh" ...: which sampler runs
    note: str = ""  # "slow login shell: 2.1 s", "MaxSessions 1: probes take turns"


@dataclass(frozen=True, slots=True)
class Reached:
    """A host's reachability changed (or its cause did)."""

    host: str
    at: int
    reach: Reach
    cause: Cause | None = None
    retry_at: int | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """A slow probe answered, or gave a Gap."""

    host: str
    at: int
    probe: str
    readings: tuple[Reading | Gap, ...]


Observation = Sample | Hello | Reached | Probed
