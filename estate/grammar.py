"""The estate file, key by key: which there are, what each may hold, which value it becomes.

Read it from the bottom: `ESTATE` is the whole file. docs/estate.md explains it to operators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estate import filter as filters
from estate.error import InputError
from estate.fields import HOST_FIELDS, PROBLEM_FIELDS
from estate.model import (
    Estate,
    Host,
    Label,
    Maintenance,
    Need,
    Objective,
    Platform,
    Pool,
    Retention,
    ServerGroup,
    Service,
    Shift,
    Site,
    Ssh,
    Tenant,
    Threshold,
)
from estate.quantities import ALLOWED, duration_ms, quantity, share
from estate.ranges import MAX_HOSTS, expand
from estate.shapes import (
    Built,
    Choice,
    Defines,
    Either,
    Key,
    ListOf,
    MapOf,
    Reading,
    Record,
    Refers,
    Refused,
    Schema,
    Shape,
    Text,
    Truth,
    Whole,
    declared,
    mapping,
)
from estate.strict import Entry, Node
from estate.thresholds import DEFAULTS, JUDGED, with_defaults

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000

# ── words ──

WORDS = Text(str, "a line of text")
NAME = Text(str, "letters, digits, . _ and -, a letter or digit first", r"[A-Za-z0-9][\w.-]{0,63}")
HOST_NAME = Text(
    str,
    "a host's name: letters, digits, . _ - and ranges [01:20]",
    r"[A-Za-z0-9\[][\w.:\[\]-]{0,252}",
)
# An address goes to ssh as it is: a leading "-" would be an option there.
ADDRESS = Text(str, "a name or an IP address", r"[A-Za-z0-9\[:][\w.:\[\]%-]{0,252}")
USER = Text(str, "a user name", r"[A-Za-z_][\w.@$-]{0,63}")
JUMP = Text(
    str,
    "[user@]host[:port], several from the outside in with commas, or none",
    r"[A-Za-z0-9_][\w.@:-]*(,[A-Za-z0-9_][\w.@:-]*)*",
)
LANGUAGE = Text(str, "a language tag such as en or zh-Hant", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PHASE = Choice(("planned", "migrating", "live", "retired"))

ROLES = ("viewer", "contractor", "operator", "approver", "auditor")


def duration(least_ms: int, most_ms: int) -> Text[int]:
    """A duration between two ends, as milliseconds."""

    def parse(text: str) -> int:
        milliseconds = duration_ms(text)
        if not least_ms <= milliseconds <= most_ms:
            least, most = _in_words(least_ms), _in_words(most_ms)
            raise InputError(f"{text!r} is out of range", f"write {least} to {most}")
        return milliseconds

    return Text(parse, ALLOWED["s"], r"([0-9.]+(ms|s|m|h|d))+")


def _in_words(milliseconds: int) -> str:
    for unit, size in (("d", 24 * _HOUR_MS), ("h", _HOUR_MS), ("m", _MINUTE_MS), ("s", 1000)):
        if milliseconds >= size and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def _zone(name: str, _node: Node, reading: Reading) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"no timezone {name!r}", "write one such as Asia/Hong_Kong") from None
    reading.zone = name
    return name


def _language(tag: str, _node: Node, reading: Reading) -> str:
    reading.language = tag
    return tag


@dataclass(frozen=True, slots=True)
class LabelShape:
    """A text in the estate's language, or in several: `{en: E-mail, zh-Hant: 電郵}`."""

    def read(self, node: Node, reading: Reading) -> Label:
        if not isinstance(node.value, Mapping):
            return {reading.language: WORDS.read(node, reading)}
        if not node.value:
            raise reading.refuse(node.line, "an empty label", "write {en: E-mail}")
        return {
            LANGUAGE.read(Node(entry.line, tag), reading): WORDS.read(entry.node, reading)
            for tag, entry in node.value.items()
        }

    def schema(self) -> Schema:
        tags = {"pattern": f"^(?:{LANGUAGE.pattern})$"}
        languages = {"type": "object", "propertyNames": tags, "minProperties": 1}
        return {"anyOf": [WORDS.schema(), {**languages, "additionalProperties": WORDS.schema()}]}


LABEL = LabelShape()


@dataclass(frozen=True, slots=True)
class FilterText:
    """A filter that can be read, kept as its text."""

    fields: Mapping[str, Any]

    def read(self, node: Node, reading: Reading) -> str:
        text = WORDS.read(node, reading)
        try:
            filters.parse(text, self.fields)
        except filters.FilterError as error:
            raise reading.refuse(node.line, f"filter, {error.what}", error.todo) from None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": filters.MAX_FILTER}


HOST_FILTER = FilterText(HOST_FIELDS)


@dataclass(frozen=True, slots=True)
class Declared:
    """Checked by a shape, kept as it was written, for the room that will run it."""

    shape: Shape[object]

    def read(self, node: Node, reading: Reading) -> Mapping[str, object]:
        self.shape.read(node, reading)
        return cast("Mapping[str, object]", declared(node))

    def schema(self) -> Schema:
        return self.shape.schema()


# ── sites, platforms, tenants ──


def _site(key: str, name: Label | None = None, role: str = "other") -> Site:
    return Site(key, name or {"en": key}, role)


SITE = Record(
    "a site", _site,
    (Key("name", LABEL), Key("role", Choice(("primary", "recovery", "other")))),
)  # fmt: skip


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


def _pool(
    key: str, size: int, unit: str, name: Label | None = None,
    allotted: tuple[tuple[str, int], ...] = (),
) -> Pool:  # fmt: skip
    return Pool(key, name or {"en": key}, unit, size, dict(allotted))


@dataclass(frozen=True, slots=True)
class Allotment:
    """How much of a pool each tenant has: `{lwb: 12, sb: 30}`."""

    def read(self, node: Node, reading: Reading) -> tuple[tuple[str, int], ...]:
        tenant = Refers("tenant", NAME)
        return tuple(
            (tenant.read(Node(entry.line, name), reading), SIZE.read(entry.node, reading))
            for name, entry in mapping(node, reading, "tenants and amounts").items()
        )

    def schema(self) -> Schema:
        return {"type": ["object", "null"], "additionalProperties": SIZE.schema()}


SIZE = Whole(0, 10**15)
POOL = Record(
    "a pool", _pool,
    (
        Key("name", LABEL),
        Key("size", SIZE, required=True),
        Key("unit", WORDS, required=True),
        Key("allotted", Allotment()),
    ),
)  # fmt: skip


def _server_group(
    key: str, carries: int, name: Label | None = None, phase: str = "live", group: str = ""
) -> ServerGroup:
    return ServerGroup(key, name or {"en": key}, carries, phase, group)


SERVER_GROUP = Record(
    "a server group", _server_group,
    (
        Key("name", LABEL),
        Key("carries", Whole(0, 100_000), required=True),
        Key("phase", PHASE),
        Key("group", Refers("group", NAME)),
    ),
)  # fmt: skip


def _platform(key: str, name: Label | None = None, **parts: Any) -> Platform:
    return Platform(key, name or {"en": key}, **parts)


PLATFORM = Record(
    "a platform", _platform,
    (
        Key("name", LABEL),
        Key("capacity", Whole(0, 100_000)),
        Key("pools", MapOf("pool", NAME, POOL)),
        Key("server_groups", MapOf("server group", NAME, SERVER_GROUP)),
    ),
)  # fmt: skip


# ── hosts ──


@dataclass(frozen=True, slots=True)
class Tags:
    """Free words about a host: `{owner: mail team, model: r740}`."""

    def read(self, node: Node, reading: Reading) -> Mapping[str, str]:
        return {
            NAME.read(Node(entry.line, name), reading): WORDS.read(entry.node, reading)
            for name, entry in mapping(node, reading, "tags").items()
        }

    def schema(self) -> Schema:
        return {"type": ["object", "null"], "additionalProperties": WORDS.schema()}


#: What a group can say for all its hosts, and a host for itself.
_SHARED = (
    Key("port", Whole(1, 65_535)),
    Key("user", USER),
    Key("jump", JUMP),
    Key("identity", WORDS),
    Key("platform", Refers("platform", NAME)),
    Key("phase", PHASE),
    Key("tags", Tags()),
)


def _parts(key: str = "", **parts: Any) -> Mapping[str, Any]:
    return parts


GROUP = Record("a group", _parts, _SHARED)
HOST = Record(
    "a host", _parts,
    (
        Key("site", Refers("site", NAME)),
        Key("groups", ListOf(Defines("group", NAME))),
        Key("address", ADDRESS),
        Key("pair", HOST_NAME),
        Key("rack", WORDS),
        *_SHARED,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts by name or range; a range in `address`, `pair` or `rack` runs along with the name's."""

    def read(self, node: Node, reading: Reading) -> dict[str, Host]:
        hosts: dict[str, Host] = {}
        for pattern, entry in mapping(node, reading, "hosts").items():
            try:
                for host in self._range(pattern, entry, MAX_HOSTS - len(hosts), reading):
                    first = reading.defined.get("host", {}).get(host.name)
                    if first is not None:
                        what = f"host {host.name!r} again, first on line {first}"
                        reading.refuse(entry.line, what, "name every host once")
                        break
                    reading.define("host", host.name, entry.line)
                    hosts[host.name] = host
            except Refused:
                pass  # noted
        return hosts

    def _range(self, pattern: str, entry: Entry, limit: int, reading: Reading) -> tuple[Host, ...]:
        try:
            names = expand(HOST_NAME.read(Node(entry.line, pattern), reading), limit)
        except InputError as error:
            raise reading.refuse(entry.line, error.what, error.todo) from None
        parts = HOST.read(entry.node, reading)
        sites = list(reading.defined.get("site", {}))
        if "site" not in parts and len(sites) != 1:
            said = isinstance(entry.node.value, Mapping) and "site" in entry.node.value
            todo = f"add site: {' or '.join(sites)}" if sites else "define sites first"
            if not said:
                reading.refuse(entry.line, f"host {pattern!r} has no site", todo)
        shared: dict[str, Any] = {"site": sites[0] if sites else "", **parts}
        along = {key: shared.pop(key) for key in ("address", "pair", "rack") if key in shared}
        try:
            columns = {key: _along(key, along[key], pattern, len(names)) for key in along}
        except InputError as error:
            raise reading.refuse(entry.line, error.what, error.todo) from None
        for name, pair in zip(names, columns.get("pair", ()), strict=False):
            reading.used.append(("host", pair, entry.line))
            if pair == name:
                reading.refuse(entry.line, f"{name!r} is its own pair", "name the other host")
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return tuple(
            Host(name=name, **{**shared, **row})
            for name, row in zip(names, rows or [{}] * len(names), strict=True)
        )

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": HOST.schema()}


def _along(key: str, pattern: str, names: str, count: int) -> tuple[str, ...]:
    """`pattern` for each of `count` hosts: a range of as many, or for a rack one for all."""
    values = expand(pattern)
    if key == "rack" and len(values) == 1:
        return values * count
    if len(values) != count:
        what = f"{key} {pattern!r} names {len(values)}, {names!r} names {count}"
        raise InputError(what, "give both the same range")
    return values


# ── services ──


def _enough_hosts(need: Need, estate: Estate) -> None:
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
        Key("flat_limit", duration(1_000, 31 * 24 * _HOUR_MS), "flat_limit_ms"),
        Key("recover_within", duration(1_000, 31 * 24 * _HOUR_MS), "recover_within_ms"),
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

ENDPOINT = Text(str, "host:port", r"\S+:[0-9]{1,5}")
URL = Text(str, "a URL: https://…", r"https?://\S+")
PROBE_KINDS: Mapping[str, Shape[Any]] = {
    "smtp": ENDPOINT, "imap": ENDPOINT, "pop3": ENDPOINT, "ldap": ENDPOINT, "xmpp": ENDPOINT,
    "tcp": ENDPOINT, "tls": ENDPOINT, "http": URL, "dns": WORDS, "ping": ADDRESS,
}  # fmt: skip
QUEUE_KINDS: Mapping[str, Shape[Any]] = {
    kind: Refers("group", NAME) for kind in ("postfix", "exim", "rabbitmq", "redis")
}


def _one_kind(kinds: Mapping[str, object], what: str, **parts: object) -> Mapping[str, object]:
    found = [kind for kind in kinds if kind in parts]
    if len(found) != 1:
        said = f"names {' and '.join(found)}" if found else "names no kind"
        raise InputError(f"{what} {said}", f"name one of {', '.join(kinds)}")
    return parts


PROBE = Record(
    "a probe", partial(_one_kind, PROBE_KINDS, "a probe"),
    (
        *(Key(kind, shape) for kind, shape in PROBE_KINDS.items()),
        Key("starttls", Truth()),
        Key("expect", WORDS),
        Key("at", Refers("site", NAME)),
        Key("every", duration(1_000, 24 * _HOUR_MS)),
        Key("timeout", duration(100, 5 * _MINUTE_MS)),
    ),
)  # fmt: skip


def _queue(**parts: Any) -> Mapping[str, object]:
    limits = [parts[key] for key in ("warn", "critical", "full") if key in parts]
    if limits != sorted(limits):
        raise InputError("limits of a queue out of order", "write warn ≤ critical ≤ full")
    return _one_kind(QUEUE_KINDS, "a queue", **parts)


QUEUE = Record(
    "a queue", _queue,
    (
        *(Key(kind, shape) for kind, shape in QUEUE_KINDS.items()),
        Key("name", WORDS),
        Key("warn", Whole(0, 10**12)),
        Key("critical", Whole(0, 10**12)),
        Key("full", Whole(1, 10**12)),
        Key("oldest", duration(1_000, 31 * 24 * _HOUR_MS)),
    ),
)  # fmt: skip


def _service(key: str, name: Label | None = None, **parts: Any) -> Service:
    return Service(key, name or {"en": key}, **parts)


def _on_its_platform(service: Service, estate: Estate) -> None:
    platform = estate.platforms.get(service.platform)
    groups = platform.server_groups if platform else {}
    if service.server_group and service.server_group not in groups:
        what = f"server group {service.server_group!r} is not on the platform of {service.key!r}"
        raise InputError(what, "name one of its platform's server_groups")


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
        Key("queues", ListOf(Declared(QUEUE))),
        Key("runbooks", Declared(Record("runbooks", dict, (
            Key("fails", NAME), Key("back", NAME),
        )))),
        Key("tenants", Either(
            text=Built(Choice(("all",)), lambda _all, _node, _reading: None),
            list=ListOf(Refers("tenant", NAME)),
        )),
    ),
    check=_on_its_platform,
)  # fmt: skip


# ── thresholds ──


def _threshold_shape(metric: str) -> Shape[tuple[Threshold, ...]]:
    """Thresholds of one metric: a record, a list of them for different hosts, or off."""
    default = next((each for each in DEFAULTS if each.metric == metric), None)
    unit = JUDGED[metric].unit
    limit: Text[float] = Text(lambda text: quantity(text, unit), ALLOWED[unit])

    def build(
        warn: float | None = None, critical: float | None = None, hold_ms: int | None = None,
        when: str = "", where: str = "",
    ) -> Threshold:  # fmt: skip
        above = when == "above" if when else (default.above if default else True)
        if warn is None and critical is None:
            raise InputError("a threshold without a limit", "add warn or critical, or write off")
        if (
            warn is not None
            and critical is not None
            and (warn > critical) == above != (warn == critical)
        ):
            raise InputError("critical comes before warn", "swap them")
        hold = hold_ms if hold_ms is not None else default.hold_ms if default else _MINUTE_MS
        return Threshold(metric, warn, critical, hold, above, where)

    record = Record(
        f"thresholds of {metric}", build,
        (
            Key("warn", limit),
            Key("critical", limit),
            Key("hold", duration(0, 24 * _HOUR_MS), "hold_ms"),
            Key("when", Choice(("above", "below"))),
            Key("where", HOST_FILTER),
        ),
    )  # fmt: skip
    one = Built(record, lambda threshold, _node, _reading: (threshold,))
    none = Built(
        Choice(("off",)), lambda _off, _node, _reading: (Threshold(metric, None, None, 0),)
    )
    return Either(text=none, mapping=one, list=ListOf(record))


def _thresholds(**by_metric: tuple[Threshold, ...]) -> tuple[Threshold, ...]:
    return tuple(threshold for each in by_metric.values() for threshold in each)


THRESHOLDS = Record(
    "thresholds", _thresholds, tuple(Key(metric, _threshold_shape(metric)) for metric in JUDGED)
)


# ── time ──


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if int(hours) * 60 + int(minutes) > 24 * 60 or int(minutes) > 59:
        raise InputError(f"{text!r} is no time of day", "write 00:00 to 24:00")
    return int(hours) * 60 + int(minutes)


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _minutes(start.strip()), _minutes(end.strip()) % (24 * 60)


SPAN = Text(_span, "a span of the day such as 20:00-08:00", r"\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Shifts:
    """Who is on duty when: `{day: 08:00-20:00, night: 20:00-08:00}`."""

    def read(self, node: Node, reading: Reading) -> tuple[Shift, ...]:
        shifts = []
        for name, entry in mapping(node, reading, "shifts").items():
            starts, ends = SPAN.read(entry.node, reading)
            shifts.append(Shift(NAME.read(Node(entry.line, name), reading), starts, ends))
        return tuple(shifts)

    def schema(self) -> Schema:
        return {"type": ["object", "null"], "additionalProperties": SPAN.schema()}


def _moment(text: str, _node: Node, reading: Reading) -> int:
    """A local time, or one with its offset, as UTC ms."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no time", "write 2026-11-21 22:00") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(reading.zone))
        offsets = {moment.replace(fold=fold).utcoffset() for fold in (0, 1)}
        if len(offsets) > 1:  # the clocks are set forward or back: that hour is missing or double
            raise InputError(
                f"{text!r} is missing or double in {reading.zone}",
                f"add the offset from UTC: {text}{_offset(max(o for o in offsets if o))}",
            )
    return int(moment.timestamp() * 1000)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


MOMENT = Built(Text(str, "a time such as 2026-11-21 22:00"), _moment)


def _maintenance(**parts: Any) -> Maintenance:
    window = Maintenance(**parts)
    if window.starts >= window.ends:
        raise InputError("maintenance ends before it starts", "swap starts and ends")
    return window


MAINTENANCE = Record(
    "maintenance", _maintenance,
    (
        Key("where", FilterText({**PROBLEM_FIELDS, **HOST_FIELDS}), required=True),
        Key("starts", MOMENT, required=True),
        Key("ends", MOMENT, required=True),
        Key("reason", WORDS),
        Key("owner", WORDS),
    ),
)  # fmt: skip


def _retention(**parts: Any) -> Retention:
    kept = Retention(**parts)
    tiers = (kept.hot_ms, kept.chunks_ms, kept.minutes_ms, kept.ten_minutes_ms)
    if list(tiers) != sorted(tiers):
        what = "a finer tier is kept longer than a coarser one"
        raise InputError(what, "keep hot ≤ samples ≤ minutes ≤ ten_minutes")
    return kept


_YEARS = 10 * 366 * 24 * _HOUR_MS
RETENTION = Record(
    "retention", _retention,
    (
        Key("hot", duration(_HOUR_MS, 48 * _HOUR_MS), "hot_ms"),
        Key("samples", duration(_HOUR_MS, _YEARS), "chunks_ms"),
        Key("minutes", duration(_HOUR_MS, _YEARS), "minutes_ms"),
        Key("ten_minutes", duration(_HOUR_MS, _YEARS), "ten_minutes_ms"),
        Key("events", duration(_HOUR_MS, _YEARS), "events_ms"),
    ),
)  # fmt: skip


# ── access ──

UNIX_GROUP = Text(str, "a Unix group", r"[A-Za-z_][\w.@$-]{0,63}")


def _some(value: str, _node: Node, _reading: Reading) -> tuple[str, ...]:
    return (value,)


def _one_or_several(shape: Text[str]) -> Shape[tuple[str, ...]]:
    return Either(text=Built(shape, _some), list=ListOf(shape))


ROLE_GROUPS: Record[Mapping[str, tuple[str, ...]]] = Record(
    "roles", dict, tuple(Key(r, _one_or_several(UNIX_GROUP)) for r in ROLES)
)
SSH = Record(
    "ssh", Ssh,
    (
        Key("config", WORDS),
        Key("known_hosts", _one_or_several(WORDS)),
        Key("connect_at_once", Whole(1, 1000)),
        Key("per_jump", Whole(1, 1000)),
        Key("connect_timeout", duration(100, 5 * _MINUTE_MS), "connect_timeout_ms"),
    ),
)  # fmt: skip


# ── the whole file ──


def _estate(
    *,
    name: str,
    sites: Mapping[str, Site],
    hosts: Mapping[str, Host],
    timezone: str = "UTC",
    language: str = "en",
    every_ms: int = 5_000,
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    thresholds: tuple[Threshold, ...] = (),
    **parts: Any,
) -> Estate:
    return Estate(
        name=name,
        timezone=timezone,
        language=language,
        every_ms=every_ms,
        sites=sites,
        hosts={key: _with_groups(host, groups or {}) for key, host in hosts.items()},
        thresholds=with_defaults(thresholds),
        **parts,
    )


def _with_groups(host: Host, groups: Mapping[str, Mapping[str, Any]]) -> Host:
    """`host` with what its groups say where it says nothing itself; its first group first."""
    blank = Host("", "")
    for group in host.groups:
        said = groups.get(group, {})
        new = {
            key: value for key, value in said.items() if getattr(host, key) == getattr(blank, key)
        }
        if "tags" in said:
            new["tags"] = {**said["tags"], **host.tags}
        host = replace(host, **new)
    return host


def _has_sites(estate: Estate, _whole: Estate) -> None:
    if not estate.sites:
        raise InputError("no sites", "add one: sites: {main: {name: Main room}}")


ESTATE: Record[Estate] = Record(
    "the estate", _estate,
    (
        # In the order of reading: zone and language first, definitions before their uses.
        Key("estate", WORDS, "name", required=True),
        Key("timezone", Built(WORDS, _zone)),
        Key("language", Built(LANGUAGE, _language)),
        Key("every", duration(1_000, _HOUR_MS), "every_ms"),
        Key("sites", MapOf("site", NAME, SITE), required=True),
        Key("groups", MapOf("group", NAME, GROUP)),
        Key("platforms", MapOf("platform", NAME, PLATFORM)),
        Key("tenants", MapOf("tenant", NAME, TENANT)),
        Key("hosts", Hosts(), required=True),
        Key("services", MapOf("service", NAME, SERVICE)),
        Key("thresholds", THRESHOLDS),
        Key("shifts", Shifts()),
        Key("roles", ROLE_GROUPS),
        Key("maintenance", ListOf(MAINTENANCE)),
        Key("retention", RETENTION),
        Key("ssh", SSH),
    ),
    check=_has_sites,
)  # fmt: skip
