"""What the estate is for: services, what they promise and need, and whom they serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from estate.error import InputError
from estate.grammar.queues import QUEUE, told_apart
from estate.grammar.words import (
    ADDRESS,
    ENDPOINT,
    HOUR_MS,
    LABEL,
    MINUTE_MS,
    NAME,
    PHASE,
    WORDS,
    Declared,
    duration,
)
from estate.model import Estate, Label, Need, Objective, Service, Tenant
from estate.quantities import share
from estate.queues import DeclaredQueue
from estate.ranges import MAX_HOSTS
from estate.shapes import (
    Built,
    Choice,
    DictOf,
    Either,
    Key,
    ListOf,
    Reading,
    Record,
    Refers,
    Schema,
    Shape,
    Text,
    Truth,
    Whole,
)
from estate.strict import Node

# ── tenants ──


def _tenant(key: str, name: Label | None = None, phase: str = "live") -> Tenant:
    return Tenant(key, name or {"en": key}, phase)


@dataclass(frozen=True, slots=True)
class TenantRecord(Record[Tenant]):
    """A tenant's label alone, or a record: no key of the record looks like a language tag."""

    def read_named(self, node: Node, reading: Reading, given: Mapping[str, object]) -> Tenant:
        keys = {key.name for key in self.keys}
        if node.value is None or (isinstance(node.value, Mapping) and keys & node.value.keys()):
            return Record.read_named(self, node, reading, given)
        return _tenant(str(given["key"]), LABEL.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [LABEL.schema(), Record.schema(self)]}


TENANT = TenantRecord("a tenant", _tenant, (Key("name", LABEL), Key("phase", PHASE)))


# ── services ──


def _enough_hosts(need: Need, estate: Estate, _reading: Reading) -> None:
    """Some site must have the k hosts, those still planned included; retired ones don't count."""
    counts: dict[str, int] = dict.fromkeys(estate.sites, 0)
    for host in estate.hosts.values():
        if need.group in host.groups and host.phase != "retired" and host.site in counts:
            counts[host.site] += 1
    total = sum(counts.values())
    there = {"any site": total, "active site": max(counts.values(), default=0)}
    count = there.get(need.at, counts.get(need.at, 0))
    if need.k > count and total:
        what = f"needs {need.k} of group {need.group!r} at {need.at}, where there are {count}"
        raise InputError(what, f"lower k to {count} or less, or add hosts")


OBJECTIVE = Record(
    "an objective", Objective,
    (
        Key("available", Text(share, "a percentage such as 99.95%", r"[0-9.]+%"), required=True),
        Key("flat_limit", duration(1_000, 31 * 24 * HOUR_MS), "flat_limit_ms"),
        Key("recover_within", duration(1_000, 31 * 24 * HOUR_MS), "recover_within_ms"),
    ),
)  # fmt: skip

NEED = Record(
    "a need", Need,
    (
        Key("group", Refers("group", NAME), required=True),
        Key("at", Refers("site", NAME, also=("active site", "any site")), required=True),
        Key("k", Whole(1, MAX_HOSTS), required=True),
    ),
    check=_enough_hosts,
)  # fmt: skip

MAILBOX = Text(str, "an address: canary@example.org", r"[^\s<>@]+@[^\s<>@]+")


def _url(text: str) -> str:
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError as error:
        raise InputError(f"{text!r} is no URL: {error}", "write https://host:port/path") from None
    if not split.hostname or port == 0:
        what = "port 0" if split.hostname else "no host"
        raise InputError(f"{text!r} names {what}", "write https://host:port/path")
    return text


URL = Text(_url, "a URL: https://…", r"https?://\S+")
PROBE_KINDS: Mapping[str, Shape[Any]] = {
    "smtp": ENDPOINT, "imap": ENDPOINT, "pop3": ENDPOINT, "ldap": ENDPOINT, "xmpp": ENDPOINT,
    "tcp": ENDPOINT, "tls": ENDPOINT, "http": URL, "dns": WORDS, "ping": ADDRESS,
    "postgres": ENDPOINT, "command": WORDS, "mail": MAILBOX,
}  # fmt: skip


def _one_kind(kinds: Mapping[str, object], what: str, **parts: object) -> Mapping[str, object]:
    found = [kind for kind in kinds if kind in parts]
    if len(found) != 1:
        said = f"names {' and '.join(found)}" if found else "names no kind"
        raise InputError(f"{what} {said}", f"name one of {', '.join(kinds)}")
    return parts


#: What only a mail round trip has: how its message goes in, and how it is fetched.
MAIL_KEYS = (
    Key("submit", ENDPOINT), Key("sender", MAILBOX), Key("fetch", ENDPOINT), Key("user", WORDS),
    Key("password_file", WORDS), Key("spool", WORDS),
)  # fmt: skip


def _probe(**parts: object) -> Mapping[str, object]:
    declared = _one_kind(PROBE_KINDS, "a probe", **parts)
    theirs = [key.name for key in MAIL_KEYS if key.name in parts]
    if "mail" not in parts:
        if theirs:
            raise InputError(f"{theirs[0]} without mail", "write it with mail: ADDRESS")
        return declared
    fetched = {"fetch", "user", "password_file"}
    if "submit" not in parts or not ("spool" in parts) ^ (fetched <= parts.keys()):
        what = "mail without a way in and a way out"
        todo = "write submit, and fetch with user and password_file, or spool"
        raise InputError(what, todo)
    return declared


PROBE = Record(
    "a probe", _probe,
    (
        *(Key(kind, shape) for kind, shape in PROBE_KINDS.items()),
        *MAIL_KEYS,
        Key("starttls", Truth()),
        Key("verify", Truth()),
        Key("expect", WORDS),
        Key("at", Refers("site", NAME)),
        Key("every", duration(1_000, 24 * HOUR_MS)),
        Key("timeout", duration(100, 5 * MINUTE_MS)),
    ),
)  # fmt: skip


def _service(
    key: str, name: Label | None = None, queues: tuple[DeclaredQueue, ...] = (), **parts: Any
) -> Service:
    named = tuple(replace(each, service=key) for each in queues)
    return Service(key, name or {"en": key}, queues=named, **parts)


def _can_be_carried(service: Service, estate: Estate, reading: Reading) -> None:
    """What runs has hosts to run on, its platform carries it, and its queues are its own."""
    told_apart(service, estate)
    platform = estate.platforms.get(service.platform)
    groups = platform.server_groups if platform else {}
    if service.server_group and service.server_group not in groups:
        what = f"server group {service.server_group!r} is not on the platform of {service.key!r}"
        raise InputError(what, "name one of its platform's server_groups")
    empty = reading.defined.get("group", {}).keys() - set(estate.groups())
    for need in service.needs:
        if service.phase in ("live", "migrating") and need.group in empty:
            what = f"{service.key!r} is {service.phase} and group {need.group!r} has no hosts"
            raise InputError(what, "add hosts, or write phase: planned")


SERVICE = Record(
    "a service", _service,
    (
        Key("name", LABEL),
        Key("tier", Whole(1, 5)),
        Key("platform", Refers("platform", NAME)),
        Key("server_group", Refers("server group", NAME)),
        Key("phase", PHASE),
        Key("objective", OBJECTIVE),
        Key("needs", ListOf(NEED)),
        Key("probes", ListOf(Declared(PROBE))),
        Key("queues", ListOf(QUEUE)),
        Key("runbooks", Declared(Record("runbooks", dict, (
            Key("fails", NAME), Key("back", NAME),
        )))),
        Key("runbook_inputs", DictOf(NAME, WORDS, "inputs of its runbooks")),
        Key("tenants", Either(
            text=Built(Choice(("all",)), lambda _all, _node, _reading: None),
            list=ListOf(Refers("tenant", NAME)),
        )),
    ),
    check=_can_be_carried,
)  # fmt: skip
