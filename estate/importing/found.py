"""Hosts found in a foreign inventory, and the estate file they make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from estate.clean import clean
from estate.grammar.words import ADDRESS, HOST_NAME, JUMP, NAME, USER
from estate.ranges import MAX_HOSTS
from estate.shapes import Text
from estate.strict import Problem


@dataclass(slots=True)
class FoundHost:
    """What an inventory says of one host; "" and None where it says nothing."""

    name: str
    groups: list[str] = field(default_factory=list)
    address: str = ""
    port: int | None = None
    user: str = ""
    jump: str = ""
    identity: str = ""
    site: str = ""

    def join(self, group: str) -> None:
        """Add a group once, its name made fit for an estate."""
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", group).lstrip("-._")[:64]
        if name and name not in self.groups:
            self.groups.append(name)


@dataclass(slots=True)
class Found:
    """The hosts of one inventory by name, and notes on what was left out."""

    hosts: dict[str, FoundHost] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def host(self, name: str, line: int) -> FoundHost | None:
        """The host of that name, new or known; None, with a note, where it can be no host."""
        if name in self.hosts:
            return self.hosts[name]
        if not _fits(HOST_NAME, name) or "[" in name or "]" in name:
            self.note(f"host {name!r}, line {line}: the name holds characters a host's can't")
            return None
        if len(self.hosts) == MAX_HOSTS:
            self.refuse(line, f"more than {MAX_HOSTS:,} hosts", "import a part of them")
        return self.hosts.setdefault(name, FoundHost(name))

    def note(self, text: str) -> None:
        self.notes.append(clean(text, limit=160))

    def refuse(self, line: int, what: str, todo: str) -> None:
        self.problems.append(Problem(line, clean(what, limit=160), todo))


def written(found: Found, origin: str, ssh_config: str = "") -> str:
    """The text of an estate file with the hosts of `found`; `origin` is the inventory's name."""
    origin = clean(origin, limit=120).strip() or "an inventory"
    sited = all(host.site for host in found.hosts.values())
    sites = list(dict.fromkeys(host.site for host in found.hosts.values())) if sited else ["hosts"]
    lines = [
        f"# A first estate, made from {origin}. It could not know what is marked with <<.",
        f"estate: {_text(f'Estate of {origin}')}",
        "timezone: UTC  # << such as Asia/Hong_Kong",
        "every: 5s",
        "sites:  # << two or more: give each its name, and its role: primary, recovery or other",
        *(f"  {_text(site)}: {{name: {_text(site)}, role: other}}" for site in sites),
        "hosts:  # << say where each one stands (site, rack) and its partner there (pair)",
        *(f"  {_text(host.name)}: {_host(host, found, sited)}" for host in found.hosts.values()),
    ]
    if ssh_config.strip() and clean(ssh_config) == ssh_config:
        lines.append(f"ssh: {{config: {_text(ssh_config)}}}")
    lines += [
        "# << what the estate is for, what it promises, and how many hosts that takes:",
        "# services:",
        "#   web:",
        "#     name: Web site",
        "#     objective: {available: 99.95%, flat_limit: 22m, recover_within: 10m}",
        "#     needs: [{group: web, at: active site, k: 2}]",
        *(f"# left out: {note}" for note in dict.fromkeys(found.notes)),
    ]
    return "\n".join(lines) + "\n"


def _host(host: FoundHost, found: Found, sited: bool) -> str:
    parts = [f"site: {_text(host.site)}"] if sited else []
    if host.groups:
        parts.append(f"groups: [{', '.join(_text(group) for group in host.groups)}]")
    for key, value, shape in (
        ("address", host.address.strip("[]"), ADDRESS),
        ("user", host.user, USER),
        ("jump", host.jump, JUMP),
    ):
        if value and _fits(shape, value):
            parts.append(f"{key}: {_text(value)}")
        elif value:
            found.note(f"{key} of {host.name}: {value!r} does not fit")
    if host.port is not None:
        parts.append(f"port: {host.port}")
    if host.identity.strip() and clean(host.identity) == host.identity:
        parts.append(f"identity: {_text(host.identity)}")
    return "{" + ", ".join(parts) + "}"


def _text(text: str) -> str:
    """`text` as YAML: bare where it can't be taken for anything else, else quoted as in JSON."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*|(\d+\.){3}\d+", text, re.ASCII)
    if plain and text not in ("true", "false", "null"):
        return text
    return json.dumps(text, ensure_ascii=False)


def _fits(shape: Text[str], text: str) -> bool:
    return re.fullmatch(shape.pattern, text, re.ASCII) is not None


def site_of(labels: Iterable[tuple[str, str]]) -> str:
    """The site among labels or variables, under the names that people give it; "" if none."""
    known = dict(labels)
    for label in ("site", "datacenter", "datacentre", "dc"):
        if _fits(NAME, known.get(label, "")):
            return known[label]
    return ""
