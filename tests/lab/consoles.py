"""What the console needs to know of the lab: an estate file, an ssh_config and known_hosts.

Every host of the lab is in it, and every SSH server of pri-odd as a host of its own. One host shows
another key than the one written here, one key is revoked, and one is not written at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.credentials import Credentials
from tests.lab.layout import Place
from tests.lab.roles.odd import CERTIFIED, JUMPS, VARIETIES, Variety

#: Seconds between two samples of a host, unless a console is asked for another pace.
EVERY = "1s"

ODD_HOST = "pri-odd"


@dataclass(frozen=True, slots=True)
class Console:
    """The files, in the lab's directory."""

    directory: Path

    @property
    def estate(self) -> Path:
        return self.directory / "estate.yaml"

    @property
    def ssh_config(self) -> Path:
        return self.directory / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"


def write(
    directory: Path,
    places: Iterable[Place],
    credentials: Credentials,
    *,
    every: str = EVERY,
    also: str = "",
) -> Console:
    """Describe these hosts in `directory`. Nothing has to run yet: keys are made before hosts.

    `also` is more of the estate file, as it is written there.
    """
    console = Console(directory)
    standing = {place.name: place for place in places}
    odd = _odd(standing)
    _keep(console.ssh_config, _ssh_config(console, standing, odd, credentials))
    _keep(console.known_hosts, _known_hosts(standing, odd, credentials))
    _keep(console.estate, _estate(console, standing, odd, every) + also)
    return console


def _odd(standing: dict[str, Place]) -> list[Variety]:
    """Without those that are reached through a host that is not there."""
    if ODD_HOST not in standing:
        return []
    return [v for v in VARIETIES.values() if JUMPS.get(v.name, ODD_HOST) in standing]


def _keep(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)  # an estate that others may write is refused


def _ssh_config(
    console: Console, standing: dict[str, Place], odd: list[Variety], credentials: Credentials
) -> str:
    blocks = []
    for variety in odd:
        lines = [
            f"HostName {standing[ODD_HOST].address}",
            f"Port {variety.port}",
            f"User {variety.user}",
        ]
        if variety.name in JUMPS:
            lines.append(f"ProxyJump {JUMPS[variety.name]}")
        if variety.name == "odd-user-authority":
            lines.append(f"IdentityFile {credentials.certified_key}")
            lines.append(f"CertificateFile {credentials.certified_key}-cert.pub")
        blocks.append((variety.name, lines))
    blocks += [(place.name, [f"HostName {place.address}"]) for place in standing.values()]
    common = [
        "User root",
        f"IdentityFile {credentials.key}",
        "IdentitiesOnly yes",
        "IdentityAgent none",
        f"UserKnownHostsFile {console.known_hosts}",
        "GlobalKnownHostsFile /dev/null",
    ]
    # Each alias has lines of its own in known_hosts, whatever its address and port.
    text = "".join(_block(name, [*lines, f"HostKeyAlias {name}"]) for name, lines in blocks)
    return text + _block("*", common)


def _block(name: str, lines: list[str]) -> str:
    return f"Host {name}\n" + "".join(f"  {line}\n" for line in lines) + "\n"


def _known_hosts(standing: dict[str, Place], odd: list[Variety], credentials: Credentials) -> str:
    lines = [f"{name} {_key(credentials.host_key(name), credentials)}" for name in standing]
    if not odd:
        return "\n".join(lines) + "\n"
    real = _key(credentials.host_key(ODD_HOST), credentials)
    authority = _key(credentials.host_authority, credentials)
    other = _key(credentials.key, credentials)  # any key that is not the host's
    for variety in odd:
        match variety.name:
            case "odd-stranger":
                continue
            case "odd-changed":
                lines.append(f"{variety.name} {other}")
            case "odd-revoked":
                lines.append(f"@revoked {variety.name} {real}")
            case name if name == CERTIFIED:
                lines.append(f"@cert-authority {name} {authority}")
            case name:
                lines.append(f"{name} {real}")
    return "\n".join(lines) + "\n"


def _key(path: Path, credentials: Credentials) -> str:
    """Type and key, without its comment."""
    return " ".join(credentials.public(path).split()[:2])


def _estate(console: Console, standing: dict[str, Place], odd: list[Variety], every: str) -> str:
    lines = [
        "estate: Lab",
        "timezone: Asia/Hong_Kong",
        f"every: {every}",
        f"ssh: {{config: {console.ssh_config}, known_hosts: [{console.known_hosts}]}}",
        "sites:",
    ]
    for site in {place.site.key: place.site for place in standing.values()}.values():
        lines.append(f"  {site.key}: {{name: {site.name}, role: {site.role}}}")
    lines.append("hosts:")
    for place in standing.values():
        groups = ", ".join(place.groups)
        lines.append(
            f"  {place.name}: {{site: {place.site.key}, groups: [{groups}], address: {place.address}}}"
        )
    for variety in odd:
        jump = f", jump: {JUMPS[variety.name]}" if variety.name in JUMPS else ""
        lines.append(
            f"  {variety.name}: {{site: {standing[ODD_HOST].site.key}, groups: [odd]{jump}}}"
        )
    return "\n".join(lines) + "\n"
