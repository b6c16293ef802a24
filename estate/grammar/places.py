"""Where things stand: sites, platforms with what they can carry, hosts and their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estate.error import InputError
from estate.grammar.probes import PROBES
from estate.grammar.words import ADDRESS, HOST_NAME, JUMP, LABEL, NAME, PHASE, USER, WORDS
from estate.model import Host, Label, Platform, Pool, ServerGroup, Site
from estate.ranges import MAX_HOSTS, expand
from estate.shapes import (
    Choice,
    Defines,
    DictOf,
    Key,
    ListOf,
    MapOf,
    Reading,
    Record,
    Refers,
    Refused,
    Schema,
    Whole,
    mapping,
)
from estate.strict import Entry, Node

# ── sites and platforms ──


def _site(key: str, name: Label | None = None, role: str = "other") -> Site:
    return Site(key, name or {"en": key}, role)


SITE = Record(
    "a site", _site,
    (Key("name", LABEL), Key("role", Choice(("primary", "recovery", "other")))),
)  # fmt: skip


def _pool(key: str, name: Label | None = None, **parts: Any) -> Pool:
    return Pool(key, name or {"en": key}, **parts)


SIZE = Whole(0, 10**15)
#: How much of a pool each tenant has: `{lwb: 12, sb: 30}`.
ALLOTTED = DictOf(Refers("tenant", NAME), SIZE, "tenants and amounts")
POOL = Record(
    "a pool", _pool,
    (
        Key("name", LABEL),
        Key("size", SIZE, required=True),
        Key("unit", WORDS, required=True),
        Key("allotted", ALLOTTED),
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


#: Free words about a host: `{owner: mail team, model: r740}`.
TAGS = DictOf(NAME, WORDS, "tags")

#: What a group can say for all its hosts, and a host for itself.
_SHARED = (
    Key("port", Whole(1, 65_535)),
    Key("user", USER),
    Key("jump", JUMP),
    Key("identity", WORDS),
    Key("platform", Refers("platform", NAME)),
    Key("phase", PHASE),
    Key("tags", TAGS),
    Key("probes", PROBES, "asked"),
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


#: What the file says of one host: arguments of `Host`. Its groups may say the rest.
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts by name or range; a range in `address`, `pair` or `rack` runs along with the name's."""

    def read(self, node: Node, reading: Reading) -> dict[str, Said]:
        hosts: dict[str, Said] = {}
        before = len(reading.problems)
        for pattern, entry in mapping(node, reading, "hosts").items():
            try:
                for said in self._range(pattern, entry, MAX_HOSTS - len(hosts), reading):
                    name = said["name"]
                    first = reading.defined.get("host", {}).get(name)
                    if first is not None:
                        what = f"host {name!r} again, first on line {first}"
                        reading.refuse(entry.line, what, "name every host once")
                        break
                    reading.define("host", name, entry.line)
                    hosts[name] = said
            except Refused:
                pass  # noted
        reading.incomplete |= len(reading.problems) > before
        return hosts

    def _range(
        self, pattern: str, entry: Entry, limit: int, reading: Reading
    ) -> Iterator[dict[str, Any]]:
        """What is said of each host of a range."""
        try:
            names = expand(HOST_NAME.read(Node(entry.line, pattern), reading), limit)
            shared = {"site": self._only_site(pattern, entry, reading)}
            shared.update(HOST.read(entry.node, reading))
            columns = {
                key: _along(key, shared.pop(key), pattern, len(names))
                for key in ("address", "pair", "rack")
                if key in shared
            }
        except InputError as error:
            raise reading.refuse(entry.line, error.what, error.todo) from None
        for place, name in enumerate(names):
            own: dict[str, Any] = {key: values[place] for key, values in columns.items()}
            if "pair" in own:
                self._check_pair(name, own["pair"], entry.line, reading)
            yield {"name": name, **shared, **own}

    def _only_site(self, pattern: str, entry: Entry, reading: Reading) -> str:
        """The site of a host that names none: the only one there is."""
        sites = list(reading.defined.get("site", {}))
        named = isinstance(entry.node.value, Mapping) and "site" in entry.node.value
        if len(sites) != 1 and not named:
            todo = f"add site: {' or '.join(sites)}" if sites else "define sites first"
            reading.refuse(entry.line, f"host {pattern!r} has no site", todo)
        return sites[0] if sites else ""

    def _check_pair(self, name: str, pair: str, line: int, reading: Reading) -> None:
        reading.used.append(("host", pair, line))
        if pair == name:
            reading.refuse(line, f"{name!r} is its own pair", "name the other host")

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


# ── ways in ──


def ways_in(hosts: Mapping[str, Host], reading: Reading) -> None:
    """Note each circle of jumps, once, at its first host: nothing in it can ever be reached."""
    told: set[frozenset[str]] = set()
    for name in hosts:
        way = _circle(name, hosts)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            line = reading.defined.get("host", {}).get(name, 1)
            what = f"jumps go round in a circle: {' → '.join((*way, name))}"
            reading.refuse(line, what, "give one of them another way in, or jump: none")


def _circle(name: str, hosts: Mapping[str, Host]) -> tuple[str, ...]:
    """The hosts from `name` back to itself; none where its way in ends, or goes round elsewhere.

    Of `a,b` b is reached through a, whatever its own jump says, as with `ssh -J a,b`.
    """
    way: list[str] = []
    here = name
    while here in hosts and here not in way:
        way.append(here)
        hops = [_host_of(hop) for hop in hosts[here].jump.split(",")]
        if name in hops:
            return tuple(way)
        here = hops[0]
    return ()


def _host_of(hop: str) -> str:
    """The name in `[user@]host[:port]`."""
    named = hop.rpartition("@")[2]
    return named.partition(":")[0] if named.count(":") == 1 else named
