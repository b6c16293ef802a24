"""What goes wrong on the demo's platform, and when.

A scenario is a table of acts: seconds after somebody first connected, whom it befalls, and what.
Acts at 0 hold from the start. Targets are written as `roster.select` reads them; a `Door` names
its service.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vanish:
    """Gone: open connections end, and nothing answers any more, not even a refusal."""


@dataclass(frozen=True, slots=True)
class ChangeHostKey:
    """Rebuilt, or somebody else: connections end, the next ones meet a new host key."""


@dataclass(frozen=True, slots=True)
class RefuseKeys:
    """Connections end, and the key that was good is not accepted any more."""


@dataclass(frozen=True, slots=True)
class Burden:
    """More work: `cpu` and `memory` in percent points, `net` and `write` as factors."""

    cpu: float = 0.0
    memory: float = 0.0
    net: float = 1.0
    write: float = 1.0


@dataclass(frozen=True, slots=True)
class Fill:
    """A file system stands at `percent` and fills by `per_minute` points."""

    mount: str
    percent: float
    per_minute: float = 0.0


@dataclass(frozen=True, slots=True)
class Delay:
    """Messages wait: `deferred` of them now, and `per_minute` more."""

    deferred: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class FailUnit:
    """A systemd unit fails, or failed `minutes_ago`."""

    unit: str
    minutes_ago: float = 0.0


@dataclass(frozen=True, slots=True)
class Door:
    """A service takes its users in, or hangs up on them. Befalls a service, not a host."""

    open: bool


Fate = Vanish | ChangeHostKey | RefuseKeys | Burden | Fill | Delay | FailUnit | Door


@dataclass(frozen=True, slots=True)
class Act:
    at: float
    whom: str
    what: Fate


_EVERY_DAY = (
    Act(0, "mbx-r01", Fill("/var", 86.3, 0.005)),
    Act(0, "im-c01", FailUnit("borg-nightly.service", minutes_ago=412)),
)

SCENARIOS: dict[str, tuple[Act, ...]] = {
    # A night without news: a disk to keep an eye on, a backup to look at.
    "calm": _EVERY_DAY,
    # Central's gateway dies and takes a rack with it; the recovery site takes over the mail.
    "primary-down": (
        *_EVERY_DAY,
        Act(8, "gw-c02", Vanish()),
        Act(8, "email", Door(open=False)),
        Act(8, "im", Door(open=False)),
        Act(50, "im", Door(open=True)),
        Act(150, "email", Door(open=True)),
        Act(8, "mta@recovery", Burden(cpu=58, memory=14, net=2.6, write=1.9)),
        Act(8, "mbx@recovery", Burden(cpu=22, net=1.8, write=1.6)),
        Act(8, "mta@central", Burden(write=1.8, net=0.6)),
        Act(8, "mta@central", Delay(240, 1940)),
        Act(9, "dir-r01", ChangeHostKey()),
        Act(10, "ops-r01", RefuseKeys()),
        Act(20, "mta-c01", FailUnit("postfix-policy.service")),
    ),
    # A flood of mail: hubs at their limit, spools that fill. A forecast needs three minutes of
    # looking; by then they are full in eleven.
    "queue-storm": (
        *_EVERY_DAY,
        Act(0, "mta@central", Fill("/var/spool", 84.0, 1.11)),
        Act(0, "mta@recovery", Fill("/var/spool", 41.0, 0.6)),
        Act(0, "mta", Delay(2400, 1940)),
        Act(4, "mta@central", Burden(cpu=44, memory=22, net=3.2, write=2.6)),
        Act(4, "mta@recovery", Burden(cpu=31, memory=9, net=2.1, write=1.7)),
        Act(4, "mbx", Burden(cpu=12, net=1.7, write=1.5)),
        Act(4, "lb", Burden(cpu=18, net=2.4)),
        Act(4, "mq", Burden(cpu=16, net=1.6)),
        Act(4, "mq", Delay(700, 240)),
        Act(25, "mta-c01", FailUnit("postfix-policy.service")),
    ),
}
