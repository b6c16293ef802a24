"""Queues of a service: which hosts hold them, how they are asked, and when they are a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from estate.error import InputError
from estate.grammar.words import HOUR_MS, NAME, WORDS, duration
from estate.model import Estate, Host, Service
from estate.queues import QUEUE_KINDS, DeclaredQueue
from estate.shapes import Key, ListOf, Record, Refers, Text, Whole

#: Keys that only some kinds understand, and those that need them.
_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "run": ("command",),
    "api": ("rabbitmq",),
    "port": ("redis",),
    "password_file": ("redis", "rabbitmq"),
}
_NEEDED: Mapping[str, tuple[str, str]] = {
    "command": ("run", "add run: the shell text that prints figures"),
    "redis": ("only", "add only: [KEY, …], the lists and streams that are queues"),
}
#: Limits that must not come one before the other.
_IN_ORDER = (("warn", "critical", "full"), ("oldest_ms", "oldest_critical_ms"))

#: A host's probe asks so many at the most, so that its answer stays small.
MOST_NAMED = 32

ANY_COUNT = Whole(0, 10**12)
AGE = duration(1_000, 31 * 24 * HOUR_MS)


def _queue(**parts: Any) -> DeclaredQueue:
    kinds = [kind for kind in QUEUE_KINDS if kind in parts]
    if len(kinds) != 1:
        said = f"names {' and '.join(kinds)}" if kinds else "names no kind"
        raise InputError(f"a queue {said}", f"name one of {', '.join(QUEUE_KINDS)}")
    kind = kinds[0]
    for key, understood in _OF_KINDS.items():
        if key in parts and kind not in understood:
            raise InputError(f"{key} of a {kind} queue", f"{key} is for {' and '.join(understood)}")
    if kind in _NEEDED and not parts.get(_NEEDED[kind][0]):
        needed, todo = _NEEDED[kind]
        raise InputError(f"a {kind} queue without {needed}", todo)
    if len(parts.get("only", ())) > MOST_NAMED:
        raise InputError(f"more than {MOST_NAMED} names of one queue", "write several of them")
    for names in _IN_ORDER:
        limits = [parts[key] for key in names if key in parts]
        if limits != sorted(limits):
            todo = " ≤ ".join(name.removesuffix("_ms") for name in names)
            raise InputError("limits of a queue out of order", f"write {todo}")
    return DeclaredQueue(kind, parts.pop(kind), **parts)


QUEUE = Record(
    "a queue", _queue,
    (
        *(Key(kind, Refers("group", NAME)) for kind in QUEUE_KINDS),
        Key("name", WORDS, words="What rows are called after, where not after the group."),
        Key("only", ListOf(WORDS), words="Some of what the hosts have: deferred, a key, a name."),
        Key("run", WORDS, words="Of a command: shell text that prints figures."),
        Key("api", Text(str, "http://127.0.0.1:15672", r"https?://\S+"),
            words="Of RabbitMQ: its management API, which knows rates, as the host reaches it."),
        Key("port", Whole(1, 65_535)),
        Key("password_file", Text(str, "an absolute path on the host", r"/\S+"),
            words="On the host: the password for redis-cli, or a file for curl -K."),
        Key("warn", ANY_COUNT),
        Key("critical", ANY_COUNT),
        Key("full", Whole(1, 10**12), words="How much fits, on the hosts of a site together."),
        Key("oldest", AGE, "oldest_ms"),
        Key("oldest_critical", AGE, "oldest_critical_ms"),
        Key("hold", duration(0, HOUR_MS), "hold_ms", words="How long it must last; 1m."),
    ),
)  # fmt: skip


def told_apart(service: Service, estate: Estate) -> None:
    """Raises InputError where a queue is called what another one of the estate is called."""
    others: dict[str, str] = {}
    for other in estate.services.values():
        for queue in other.queues:
            before = others.setdefault(queue.key, other.key)
            if other.key == service.key and (
                before != service.key or service.queues.count(queue) > 1
            ):
                what = f"{queue.kind} queues {queue.label!r} again, first of service {before!r}"
                raise InputError(what, "declare them once, or give these a name")
        if other.key == service.key:
            return


def with_queues(hosts: Mapping[str, Host], services: Mapping[str, Service]) -> dict[str, Host]:
    """The hosts, each with the queues that services name for its groups."""
    declared = [queue for service in services.values() for queue in service.queues]
    groups = {queue.group for queue in declared}
    return {
        name: host
        if groups.isdisjoint(host.groups)
        else replace(host, queues=tuple(each for each in declared if each.group in host.groups))
        for name, host in hosts.items()
    }
