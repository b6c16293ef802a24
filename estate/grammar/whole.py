"""The whole estate file: its keys, and the `Estate` they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from estate.error import InputError
from estate.grammar.places import GROUP, PLATFORM, SITE, Hosts
from estate.grammar.rules import MAINTENANCE, RETENTION, ROLE_GROUPS, SSH, THRESHOLDS, Shifts
from estate.grammar.services import SERVICE, TENANT
from estate.grammar.words import ESTATE_LANGUAGE, HOUR_MS, NAME, WORDS, ZONE, duration
from estate.model import Estate, Host, Site, Threshold
from estate.shapes import Key, ListOf, MapOf, Record
from estate.thresholds import with_defaults


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
        Key("timezone", ZONE),
        Key("language", ESTATE_LANGUAGE),
        Key("every", duration(1_000, HOUR_MS), "every_ms"),
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
