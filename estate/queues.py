"""Queues: which the estate names, what a host says of one, and what the board shows of them.

Depths count what waits (messages, entries), ages are seconds, rates are per minute. None means "not
known", which an empty queue never does. How a queue moves is computed in `estate.flow`.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What can be asked of a host; each has a probe of the same name.
QUEUE_KINDS = ("postfix", "exim", "sendmail", "rabbitmq", "redis", "command")

#: What is kept of a queue at each look, in the order of storage: append, never move.
QUEUE_METRICS = ("depth", "oldest_seconds", "in_per_minute", "out_per_minute", "missing")


@dataclass(frozen=True, slots=True)
class DeclaredQueue:
    """Queues of one kind on the hosts of a group, and when they are a problem.

    `only` names some of what the host has ("deferred", a RabbitMQ queue, a Redis key); () is all.
    Limits hold for the hosts of a site together: `full` is how much fits, `oldest_ms` how old the
    oldest may be. A limit of None is not judged.
    """

    kind: str
    group: str
    name: str = ""
    service: str = ""
    only: tuple[str, ...] = ()
    run: str = ""  # of a command: shell text that prints figures
    api: str = ""  # of RabbitMQ: its management API as the host reaches it
    port: int | None = None  # of Redis
    password_file: str = ""  # on the host: of Redis, or for curl -K where there is an `api`
    warn: int | None = None
    critical: int | None = None
    full: int | None = None
    oldest_ms: int | None = None
    oldest_critical_ms: int | None = None
    hold_ms: int = 60_000

    @property
    def label(self) -> str:
        """What rows are called after: its name, else its group's."""
        return self.name or self.group

    @property
    def key(self) -> str:
        """Tells it from all others of an estate; one word."""
        return "_".join(f"{self.kind}/{self.label}".split())


@dataclass(frozen=True, slots=True)
class Destination:
    """Where `count` of a queue's messages want to go."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class QueuePart:
    """One host's part of a queue. `why` says why its depth is not known, "" where it is."""

    host: str
    depth: int | None = None
    oldest_seconds: float | None = None
    net_per_minute: float | None = None
    at: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue on the hosts of a group at one site, taken together.

    `depth` is the sum over the hosts that answered; with `at_least` there may be more, because
    hosts are `missing`: then it may be full sooner, and is never ok. `state` is ok, warning,
    critical or unknown; `trend` is rising, falling, steady, or "" while nobody can tell. Where
    `full_in_seconds` is 0 it is full now. `parts` are the deepest hosts and those that are not
    known, `hosts` how many there are. `spark` is the last hour in 30 cells of 2 min.
    """

    key: str
    name: str
    site: str
    kind: str = ""
    group: str = ""
    service: str = ""
    queue: str = ""  # as its host calls it
    state: str = "unknown"
    since: int | None = None  # when it left ok, None where it is
    at: int | None = None
    depth: int | None = None
    at_least: bool = False
    oldest_seconds: float | None = None
    in_per_minute: float | None = None
    out_per_minute: float | None = None
    net_per_minute: float | None = None
    trend: str = ""
    full_in_seconds: float | None = None
    empty_in_seconds: float | None = None
    warn: int | None = None
    critical: int | None = None
    full: int | None = None
    oldest_limit_seconds: float | None = None
    why: str = ""  # why it is not well, or not known
    hosts: int = 0
    missing: int = 0
    parts: tuple[QueuePart, ...] = ()
    destinations: tuple[Destination, ...] = ()
    sampled: bool = False  # the destinations are those of a part of what waits
    spark: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What is kept of the queue `key` at `at`, UTC ms: `values` follow `QUEUE_METRICS`, NaN where
    not known."""

    key: str
    at: int
    values: tuple[float, ...]
