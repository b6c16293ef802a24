"""The whole estate file: its keys, and the `Estate` they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estate.asked import NOTHING, together
from estate.error import InputError
from estate.grammar.places import GROUP, PLATFORM, SITE, Hosts, Said, ways_in
from estate.grammar.queues import with_queues
from estate.grammar.rules import (
    HANDOVER,
    MAINTENANCE,
    REHEARSAL,
    RETENTION,
    ROLE_GROUPS,
    SHIFTS,
    SSH,
    THRESHOLDS,
    VANTAGE,
)
from estate.grammar.services import SERVICE, TENANT
from estate.grammar.words import ENDPOINT, ESTATE_LANGUAGE, HOUR_MS, NAME, WORDS, ZONE, duration
from estate.model import Estate, Host, Service, Site, Threshold
from estate.shapes import Key, ListOf, MapOf, Reading, Record
from estate.thresholds import with_defaults


def _estate(
    *,
    name: str,
    sites: Mapping[str, Site],
    hosts: Mapping[str, Said],
    timezone: str = "UTC",
    language: str = "en",
    every_ms: int = 5_000,
    groups: Mapping[str, Said] | None = None,
    thresholds: tuple[Threshold, ...] = (),
    services: Mapping[str, Service] | None = None,
    **parts: Any,
) -> Estate:
    every_host = {name: _host(said, groups or {}) for name, said in hosts.items()}
    return Estate(
        name=name,
        timezone=timezone,
        language=language,
        every_ms=every_ms,
        sites=sites,
        hosts=with_queues(every_host, services or {}),
        services=services or {},
        thresholds=with_defaults(thresholds),
        **parts,
    )


def _host(said: Said, groups: Mapping[str, Said]) -> Host:
    """A host from what is said of it, then of its groups, the first group first."""
    parts = dict(said)
    for group in said.get("groups", ()):
        for key, value in groups.get(group, {}).items():
            if key == "tags":
                parts["tags"] = {**value, **parts.get("tags", {})}
            elif key == "asked":
                parts["asked"] = together(parts.get("asked", NOTHING), value)
            else:
                parts.setdefault(key, value)
    return Host(**parts)


def _is_sound(estate: Estate, _whole: Estate, reading: Reading) -> None:
    ways_in(estate.hosts, reading)
    if not estate.sites:
        raise InputError("no sites", "add one: sites: {main: {name: Main room}}")
    if estate.every_shift and not estate.shifts:
        do = "add them: shifts: {day: 08:00-20:00, night: 20:00-08:00}"
        raise InputError("a handover at every shift, and no shifts", do)


ESTATE: Record[Estate] = Record(
    "the estate", _estate,
    (
        # In the order of reading: zone and language first, definitions before their uses.
        Key("estate", WORDS, "name", required=True, words="Its name."),
        Key("timezone", ZONE, words="Where months, shifts and maintenance begin; UTC if not said."),
        Key("language", ESTATE_LANGUAGE, words="The language of names that are one text only."),
        Key("every", duration(1_000, HOUR_MS), "every_ms", words="How often hosts are sampled."),
        Key("sites", MapOf("site", NAME, SITE), required=True, words="The places, one or more."),
        Key("groups", MapOf("group", NAME, GROUP), words="What is true of a group's every host."),
        Key("platforms", MapOf("platform", NAME, PLATFORM), words="What carries services."),
        Key("tenants", MapOf("tenant", NAME, TENANT), words="Whom services serve."),
        Key("hosts", Hosts(), required=True, words="Machines, one by one or in ranges."),
        Key("services", MapOf("service", NAME, SERVICE), words="What is promised, and its needs."),
        Key("thresholds", THRESHOLDS, words="When a figure is a problem."),
        Key("shifts", SHIFTS, words="Who is on duty when."),
        Key("handover", HANDOVER, "every_shift", words="Offered at each change of shift, or not."),
        Key("roles", ROLE_GROUPS, words="Which Unix groups may do what."),
        Key("maintenance", ListOf(MAINTENANCE), words="Planned work: problems are not loud."),
        Key("rehearsal", REHEARSAL, words="When it is asked whether a site could take over."),
        Key("canaries", ListOf(ENDPOINT), words="What the watch sees unless it is blind."),
        Key("vantages", MapOf("vantage", NAME, VANTAGE), words="Watches that ask the same."),
        Key("retention", RETENTION, words="How long samples and events are kept."),
        Key("ssh", SSH, words="How hosts are reached, where ssh_config does not say."),
    ),
    check=_is_sound,
)  # fmt: skip
